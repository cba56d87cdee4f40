//! Aspects: their tree, what each key of one is, and what a reference to one means.

mod batteries;
mod find;
mod key;
mod tree;

pub use batteries::{BATTERIES, Battery, battery, battery_names};
pub use find::{AspectRef, find_aspect};
pub use key::{INTERNAL_KEYS, KeyKind, STRUCTURAL_KEYS};
pub use tree::{AspectDefinition, AspectKey, AspectNode, AspectShape, aspect_roots, aspect_tree};

use den_code::Name;

/// The canonical path of an aspect: `["den", "aspects", "disk", "zfs"]`, `["den", "ful", "my", "vim"]`,
/// `["den", "default"]`, `["den", "batteries", "hostname"]`. A child of `provides` is addressed as a
/// direct child, unless a direct child has the same name.
pub type AspectPath = Vec<Name>;

/// The path as people write it and programs read it: `disk.zfs`, `my.vim`, `den.default`,
/// `den.batteries.hostname`.
pub fn display_path(path: &[Name]) -> String {
    let names: Vec<&str> = path.iter().map(Name::as_str).collect();
    match &names[..] {
        ["den", "aspects", rest @ ..] | ["den", "ful", rest @ ..] if !rest.is_empty() => join(rest),
        all => join(all),
    }
}

/// Joins names with dots, quoting those that need it.
pub fn join(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|it| den_eval::attr_name(it)).collect();
    quoted.join(".")
}
