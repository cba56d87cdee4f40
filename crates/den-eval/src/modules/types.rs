//! Option types.

/// An option type.
#[derive(Debug)]
pub struct Type;
