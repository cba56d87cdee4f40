//! Entities: hosts, users, homes, and the kinds that projects declare themselves.

mod declare;
mod raw_merge;

pub use declare::{
    DeclaredEntity, EntityPlace, EntityProblem, FLAKE_EXPOSED, declared_homes, declared_hosts, entity_names,
};
pub use raw_merge::{Duplicate, Merged, raw_merge};
