//! Every question that an editor or the command line asks, in plain structs: byte offsets and
//! ranges in, no protocol types out.

mod playground;

pub use playground::{EvalAnswer, EvalRequest, evaluate};
