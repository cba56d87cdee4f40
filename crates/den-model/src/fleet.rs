//! The merged fleet: which module defines what.
//!
//! The index holds names only, so that a change of a value does not touch it; definitions are read
//! from the facts of the modules that the index names.

mod alias;
mod index;
mod known_names;

pub use alias::{aliases, Aliases};
pub use index::{defined_names, definitions_of, fleet_index, FleetDefinition, FleetIndex, Level};
pub use known_names::{registry, Registry, BUILT_IN_CLASSES, BUILT_IN_KINDS};
