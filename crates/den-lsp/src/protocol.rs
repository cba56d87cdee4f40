//! Between the protocol's types and ours. Nothing below this crate knows the protocol.

pub(crate) mod capabilities;
pub(crate) mod from_lsp;
pub(crate) mod to_lsp;
