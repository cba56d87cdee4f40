//! The merged fleet: which module defines what.
//!
//! The index holds names only, so that a change of a value does not touch it; definitions are read
//! from the facts of the modules that the index names.

mod alias;
mod index;
mod known_names;

pub use alias::{Aliases, aliases};
pub use index::{FleetDefinition, FleetIndex, Level, defined_names, definitions_of, fleet_index};
pub use known_names::{BUILT_IN_CLASSES, BUILT_IN_KINDS, Registry, registry};
