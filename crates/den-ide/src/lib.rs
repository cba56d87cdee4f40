//! Every question that an editor or the command line asks about a workspace, in plain structs.
//!
//! Positions are byte offsets into the text of a file; no protocol type occurs here. An
//! [`AnalysisHost`] owns the database and takes [`Change`]s; an [`Analysis`] is a snapshot that
//! answers. An answer is [`Cancellable`]: a change that comes in meanwhile cancels it.

mod analysis;
mod answers;
mod diagnostics;
mod edits;
mod playground;
mod workspace;

pub use analysis::{Analysis, AnalysisHost, Cancellable, FilePosition};
pub use answers::{
    Completion, CompletionKind, Diagnostic, FileEdit, FileRange, Fix, Hover, NavigationTarget, Related, Severity,
    Symbol, SymbolKind,
};
pub use den_code::{FileId, Name};
pub use den_db::{Change, Entry, FileTable, Options, Untracked};
pub use den_syntax::{BIG_STACK, Column, LineCol, LineIndex, MAX_FILE_BYTES, TextEdit, TextRange, TextSize};
pub use diagnostics::{rule_codes, rule_document};
pub use playground::{EvalAnswer, EvalRequest, evaluate};
pub use salsa::{CancellationToken, Cancelled};
