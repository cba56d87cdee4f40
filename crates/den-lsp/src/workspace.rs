//! The workspace on the disk: which files there are below its folders, and what they say.
//!
//! This is the only part of the project that reads files. It reads below the workspace's folders and
//! nowhere else, with one exception: the index of the git repository that a folder belongs to, which
//! may lie above it or, for a worktree, somewhere else. It starts no process, follows no symbolic link
//! out of its folder, opens regular files only, and stops at fixed caps with one notice.
//!
//! Paths are absolute, normalized and separated by `/`. On Windows a path begins with its drive, in
//! upper case (`C:/fleet/flake.nix`), as editors write it there in either case.

mod discover;
mod git;
mod load;
mod paths;
mod watch;

pub(crate) use discover::Limits;
pub(crate) use load::{Disk, Sweep};
pub(crate) use paths::{absolute, is_below, normalize};
pub(crate) use watch::Watcher;
