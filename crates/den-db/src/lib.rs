//! The incremental database: which files there are and what they say goes in through a [`Change`];
//! parsed and lowered files come out of queries, recomputed only where something changed.
//!
//! No IO here: whoever holds the database reads the disk. Queries learn about files only through
//! [`lookup`] and [`folder`], so that a file that appears or vanishes invalidates exactly those who
//! asked for its path.

mod change;
mod database;
mod files;
mod queries;

pub use change::Change;
pub use database::{Db, RootDatabase};
pub use files::{Entry, File, FileTable, Options, Untracked, Workspace};
pub use queries::{Item, Items, Lookup, PathKey, folder, line_index, lookup, lowered, parse};
