//! Nix code without positions: what a file says, apart from where it says it.
//!
//! A file is lowered into *items*: its top-level bindings and the bodies of its outer functions,
//! each with an arena of its own. Typing inside one function body changes one item; a comment
//! changes none, because byte ranges live beside the code in [`SourceMap`]s. Everything that
//! outlives one look at a file names places as [`Site`]s.

mod code;
mod ids;
mod item;
mod lower;
mod scope;

pub use code::{
    AttrKey, BinaryOp, Bindings, Code, Dynamic, Entry, EntryValue, Expr, Formal, Param, PathBase, PathLiteral, Problem,
    StrPart, UnaryOp,
};
pub use ids::{ExprId, FileId, ItemKey, ItemRef, Name, Site};
pub use item::{LoweredFile, LoweredItem, SourceMap};
pub use lower::lower;
pub use scope::{Definition, Meaning, Reference, references, references_in};
