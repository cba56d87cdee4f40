//! Aspects: their keys, their includes, what they reach.

pub(crate) mod unknown_ref;
