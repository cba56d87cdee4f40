//! What a Den fleet means: aspects, entities, schema, settings, policies.
//!
//! Everything here is a query over finished data. [`module_facts`] says what one file declares,
//! looked at alone; [`projects`] finds the fleets of a workspace and [`project_modules`] their
//! modules in order; everything merged is private to its module and read through projections, so that
//! a change of one thing re-runs what depends on that thing.

mod aspect;
mod facts;
mod fleet;
mod project;
mod walk;
mod world;

pub use aspect::{
    aspect_roots, aspect_tree, battery, battery_names, display_path, find_aspect, join, AspectDefinition, AspectKey,
    AspectNode, AspectPath, AspectRef, AspectShape, Battery, KeyKind, BATTERIES, INTERNAL_KEYS, STRUCTURAL_KEYS,
};
pub use facts::{module_facts, Import, ModuleFacts, ModulePart};
pub use fleet::{
    aliases, defined_names, definitions_of, fleet_index, registry, Aliases, FleetDefinition, FleetIndex, Level, Registry,
    BUILT_IN_CLASSES, BUILT_IN_KINDS,
};
pub use project::{
    project_modules, projects, Entry, EntryKind, Limit, Module, ModuleGraph, ModuleSource, Namespace, Project, ProjectKey,
};
pub use walk::{definitions, Condition, Definition};
pub use world::{Alone, ModelWorld, Resolver};
