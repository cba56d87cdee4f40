//! Inputs: files and which of them there are.

#![allow(missing_docs, reason = "salsa writes accessors without documentation")]

use std::collections::BTreeMap;
use std::sync::Arc;

use den_code::{FileId, Name};

/// A file whose text is known. The handle stays the same for the life of the database.
#[salsa::input(debug)]
pub struct File {
    /// Its number.
    #[returns(copy)]
    pub id: FileId,
    /// Its absolute path, `/`-separated.
    pub path: Name,
    /// Its text.
    pub text: Arc<str>,
}

/// What there is in the workspace, and how to look at it.
#[salsa::input(debug)]
pub struct Workspace {
    /// All paths.
    pub table: Arc<FileTable>,
    /// The user's options.
    pub options: Options,
}

/// Every path below the workspace's folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTable {
    /// Absolute paths of the workspace's folders.
    pub roots: Vec<Name>,
    /// By absolute path; folders are not listed.
    pub entries: BTreeMap<Name, Entry>,
    /// Absolute paths of folders that are there although nothing is in them: submodules that were
    /// not checked out.
    pub empty_folders: Vec<Name>,
    /// For every folder that is a git repository, what git does not know.
    pub untracked: Vec<Untracked>,
}

/// One path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file whose text is known.
    Loaded(FileId),
    /// A file whose text nobody loaded: too large, not text, or of no interest.
    Other,
    /// A symbolic link; it is not followed.
    Link,
}

/// The files of a git repository that its index does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untracked {
    /// Absolute path of the repository's work tree.
    pub root: Name,
    /// Absolute paths, sorted.
    pub paths: Vec<Name>,
}

/// Choices of the user that change what is reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether environments fill in settings: `Some(true)` on, `Some(false)` off, `None` automatic.
    pub cascade: Option<bool>,
}
