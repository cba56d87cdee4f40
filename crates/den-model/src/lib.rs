//! What a Den fleet means: aspects, entities, schema, settings, policies.
//!
//! Everything here is a query over finished data. [`module_facts`] says what one file declares,
//! looked at alone; [`projects`] finds the fleets of a workspace and [`project_modules`] their
//! modules in order; everything merged is private to its module and read through projections, so that
//! a change of one thing re-runs what depends on that thing.

mod aspect;
mod entity;
mod facts;
mod fleet;
mod paths;
mod project;
mod resolve;
mod walk;
mod world;

pub use aspect::{
    AspectDefinition, AspectKey, AspectNode, AspectPath, AspectRef, AspectShape, BATTERIES, Battery, INTERNAL_KEYS,
    KeyKind, STRUCTURAL_KEYS, aspect_roots, aspect_tree, battery, battery_names, display_path, find_aspect, join,
};
pub use entity::{
    DeclaredEntity, Duplicate, EntityPlace, EntityProblem, FLAKE_EXPOSED, Merged, declared_homes, declared_hosts,
    entity_names, raw_merge,
};
pub use facts::{Import, ModuleFacts, ModulePart, module_facts};
pub use fleet::{
    Aliases, BUILT_IN_CLASSES, BUILT_IN_KINDS, FleetDefinition, FleetIndex, Level, Registry, aliases, defined_names,
    definitions_of, fleet_index, registry,
};
pub use paths::{FilePaths, PathRoot, PathSegment, PathUse, file_paths};
pub use project::{
    Entry, EntryKind, Limit, Module, ModuleGraph, ModuleSource, Namespace, Project, ProjectKey, project_modules,
    projects,
};
pub use resolve::FleetResolver;
pub use walk::{Condition, Definition, definitions};
pub use world::{Alone, ModelWorld, Resolver};

/// The options below `den` (den-model 1.3).
pub const DEN_OPTIONS: &[&str] = &[
    "aspects",
    "batteries",
    "provides",
    "_",
    "classes",
    "config",
    "ctx",
    "default",
    "ful",
    "homes",
    "hosts",
    "lib",
    "policies",
    "quirks",
    "reservedKeys",
    "schema",
    "stages",
    "systems",
];
