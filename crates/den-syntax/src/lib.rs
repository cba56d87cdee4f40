//! Nix source text to syntax trees, for files that are broken most of the time.
//!
//! The tokenizer, the syntax kinds and the typed tree are rnix's; the parser is ours, because rnix's
//! skips tokens until it finds the one it wants and so loses the bindings after the cursor exactly
//! while completion is asked for. On input that rnix accepts the two trees are identical
//! (`tests/differential.rs`); on any other input the damage stays inside one binding.
//!
//! Nothing here fails: [`parse`] takes any text and returns a lossless tree beside its errors.
//! Offsets and ranges are in bytes; [`LineIndex`] turns them into lines and columns.

mod cursor;
mod guard;
mod line_index;
mod parser;
mod syntax_error;
mod text_edit;

pub use cursor::{NameAt, name_at, token_before};
pub use guard::{MAX_APPLICATION_ARGUMENTS, MAX_ATTRPATH_SEGMENTS, MAX_FILE_BYTES, MAX_NESTING, MAX_OPERATORS};
pub use line_index::{Column, LineCol, LineIndex};
pub use parser::{Parse, parse};
pub use rnix::{NixLanguage, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken, T, ast};
pub use rowan::Language;
pub use rowan::ast::AstNode;
pub use rowan::{GreenNodeData, GreenTokenData, NodeOrToken, TextRange, TextSize, TokenAtOffset, WalkEvent};
pub use syntax_error::SyntaxError;
pub use text_edit::TextEdit;

/// Runs `work` on a thread whose stack is large enough for every input that the guards let through.
///
/// Trees nest as deep as their text does, and dropping or walking one recurses. Returns `None` if
/// the operating system cannot start the thread; a panic inside `work` continues in the caller.
pub fn with_big_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("den-stack".into()).stack_size(BIG_STACK);
        match builder.spawn_scoped(scope, work).ok()?.join() {
            Ok(value) => Some(value),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Stack size in bytes of every thread that parses or evaluates; reserved, touched lazily.
pub const BIG_STACK: usize = 64 << 20;
