//! The owner of the database and its snapshots.

use std::panic::AssertUnwindSafe;

use den_code::{FileId, Name};
use den_db::{Change, Db as _, RootDatabase};
use den_syntax::{LineIndex, TextSize};

use crate::{Completion, Diagnostic, FileRange, Hover, NavigationTarget, Symbol};

/// An answer, or the news that a change came in or the caller cancelled.
pub type Cancellable<T> = Result<T, salsa::Cancelled>;

/// A byte offset in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePosition {
    /// The file.
    pub file: FileId,
    /// The offset in bytes.
    pub offset: TextSize,
}

/// Owns the database. One thread holds it and is the only writer.
#[derive(Default)]
pub struct AnalysisHost {
    db: RootDatabase,
}

impl AnalysisHost {
    /// Applies a change. Snapshots that are still read are cancelled and waited for, so the calling
    /// thread must not hold one.
    pub fn apply(&mut self, change: Change) {
        change.apply(&mut self.db);
    }

    /// A snapshot for reading, cheap to make, to be used on another thread.
    pub fn snapshot(&self) -> Analysis {
        Analysis { db: self.db.clone() }
    }

    /// The number of the file at an absolute path.
    pub fn file_id(&self, path: &str) -> Option<FileId> {
        Some(self.db.file_at(path)?.id(&self.db))
    }

    /// The text of the file at an absolute path.
    pub fn text(&self, path: &str) -> Option<std::sync::Arc<str>> {
        Some(self.db.file_at(path)?.text(&self.db).clone())
    }
}

/// A snapshot of the workspace.
pub struct Analysis {
    pub(crate) db: RootDatabase,
}

impl Analysis {
    /// Runs `read`; a change that comes in meanwhile unwinds it.
    pub(crate) fn cancellable<T>(&self, read: impl FnOnce(&RootDatabase) -> T) -> Cancellable<T> {
        salsa::Cancelled::catch(AssertUnwindSafe(|| read(&self.db)))
    }

    /// Cancels whatever this snapshot is being asked, from another thread.
    pub fn cancellation_token(&self) -> salsa::CancellationToken {
        use salsa::Database as _;
        self.db.cancellation_token()
    }

    /// Line starts of a file.
    pub fn line_index(&self, file: FileId) -> Cancellable<Option<LineIndex>> {
        self.cancellable(|db| Some(den_db::line_index(db, db.file(file)?).clone()))
    }

    /// The absolute path of a file.
    pub fn path(&self, file: FileId) -> Cancellable<Option<Name>> {
        self.cancellable(|db| Some(db.file(file)?.path(db).clone()))
    }

    /// The text of a file.
    pub fn text(&self, file: FileId) -> Cancellable<Option<std::sync::Arc<str>>> {
        self.cancellable(|db| Some(db.file(file)?.text(db).clone()))
    }

    /// Every finding at places in a file, in order of position and code.
    pub fn diagnostics(&self, file: FileId) -> Cancellable<Vec<Diagnostic>> {
        self.cancellable(|db| crate::diagnostics::in_file(db, file))
    }

    /// Every finding of the workspace, in order of path, position and code.
    pub fn all_diagnostics(&self) -> Cancellable<Vec<Diagnostic>> {
        self.cancellable(|db| crate::diagnostics::everywhere(db))
    }

    /// What to show for a position; nothing where it is not on a thing of Den's.
    pub fn hover(&self, _at: FilePosition) -> Cancellable<Option<Hover>> {
        self.cancellable(|_db| None)
    }

    /// Where the thing at a position is defined.
    pub fn goto_definition(&self, _at: FilePosition) -> Cancellable<Vec<NavigationTarget>> {
        self.cancellable(|_db| Vec::new())
    }

    /// Where the thing at a position is declared: for a setting, its option.
    pub fn goto_declaration(&self, _at: FilePosition) -> Cancellable<Vec<NavigationTarget>> {
        self.cancellable(|_db| Vec::new())
    }

    /// What can be typed at a position.
    pub fn completions(&self, _at: FilePosition) -> Cancellable<Vec<Completion>> {
        self.cancellable(|_db| Vec::new())
    }

    /// The documentation of a completion, as Markdown.
    pub fn resolve_completion(&self, _key: &str) -> Cancellable<Option<String>> {
        self.cancellable(|_db| None)
    }

    /// The named things of Den in a file.
    pub fn document_symbols(&self, _file: FileId) -> Cancellable<Vec<Symbol>> {
        self.cancellable(|_db| Vec::new())
    }

    /// The named things of all fleets whose name matches `query`, best first.
    pub fn workspace_symbols(&self, _query: &str, _limit: usize) -> Cancellable<Vec<Symbol>> {
        self.cancellable(|_db| Vec::new())
    }

    /// Every place where the thing at a position is named.
    pub fn references(&self, _at: FilePosition) -> Cancellable<Vec<FileRange>> {
        self.cancellable(|_db| Vec::new())
    }
}
