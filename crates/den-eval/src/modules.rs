//! The module system of nixpkgs, native: collect, declare, define, merge.

pub mod types;
