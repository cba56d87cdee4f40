//! The diagnostics. One rule, one `.rs` and one `.md` below `rules/`; `registry.rs` lists them.
//!
//! A rule sees the model only. It reports [`Finding`]s, which name places and fixes as
//! [`den_code::Site`]s; turning those into ranges and edits is `den-ide`'s work. No rule reports on
//! something unknown: a false error costs more trust than ten missing hints.

mod check;
mod finding;
mod fix;
mod registry;
mod rules;
mod suggest;

pub use check::{
    AspectContext, Check, FileContext, FleetContext, HostContext, Rule, Sink, all_findings, file_findings,
};
pub use finding::{Finding, Place, Related, Severity};
pub use fix::{Edit, Fix};
pub use registry::{RULES, rule};
pub use suggest::nearest;
