//! What is wrong with a text, and where.

use crate::TextRange;

/// One place where the text is not Nix. The tree around it is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte range of the offending token, empty where something is missing.
    pub range: TextRange,
    /// One line without a full stop.
    pub message: &'static str,
}
