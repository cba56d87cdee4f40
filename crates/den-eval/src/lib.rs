//! A lazy evaluator for Nix that knows where every value comes from and says what it does not know.
//!
//! A [`Session`] evaluates the code of items in a [`World`]. Inside it, values are lazy and shared;
//! what leaves it is a [`Node`]: finished, immutable, comparable data. Real Nix is the judge of every
//! answer: where this evaluator cannot be right, it says [`Unknown`] with a [`Reason`].

mod asserting;
mod budget;
mod builtins;
mod call;
mod compare;
mod env;
mod error;
mod eval;
mod freeze;
mod json;
mod memory;
mod merge;
pub mod modules;
mod native;
mod nixlib;
mod node;
mod operators;
pub mod paths;
mod places;
mod print;
mod references;
mod rejection;
mod session;
mod strings;
mod symbol;
mod thaw;
mod typed;
mod unknown;
mod value;
mod world;

pub use budget::*;
pub use builtins::is_global;
pub use error::{ErrorKind, Eval, NixError, Stop};
pub use freeze::Freezer;
pub use memory::{MemoryWorld, Outcome, Query, Source};
pub use native::{NativeEntry, NativeFn};
pub use node::{
    AttrNode, AttrsNode, ElementNode, ErrorNode, FormalNode, Formals, FunctionNode, ListNode, NativeNode, Node,
    StepNode, SymbolNode, UnknownNode,
};
pub use print::{attr_name, float_text, is_identifier, quote};
pub use rejection::{FileForms, Rejection};
pub use session::Session;
pub use strings::Coerce;
pub use symbol::{Step, Symbol};
pub use unknown::{Reason, Unknown};
pub use value::{Attr, Attrs, Closure, Element, List, NativeCall, Origin, Pos, Thunk, Value, attrs_of};
pub use world::{EntryKind, Found, Resolution, World};
