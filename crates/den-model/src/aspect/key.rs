//! What a key of an aspect is.
//!
//! Source: den `nix/lib/aspects/fx/key-classification.nix` (den-model 4.3).

use den_code::Name;
use den_eval::Node;

use crate::fleet::{FleetDefinition, Registry};

/// Keys that Den handles itself and people write.
pub const STRUCTURAL_KEYS: &[&str] =
    &["name", "description", "meta", "includes", "excludes", "provides", "policies", "into", "classes", "_"];

/// Keys that Den handles itself and nobody writes.
pub const INTERNAL_KEYS: &[&str] = &[
    "_module",
    "__fn",
    "__args",
    "__functor",
    "__functionArgs",
    "__scopeHandlers",
    "__ctxId",
    "__entityKind",
    "__parametricResolvedArgs",
    "__contentValues",
    "__provider",
    "__providesForwarded",
];

/// What a key of an aspect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// A key of Den's.
    Structural,
    /// Kept for the user by `den.reservedKeys`.
    Reserved,
    /// The name of a child of `provides`; not looked at itself.
    Forwarded,
    /// Data for a quirk.
    Quirk,
    /// Content for a class.
    Class,
    /// An aspect of its own, applied only where it is included.
    Nested,
    /// None of these: Den keeps it as data and never emits it.
    Unregistered,
}

/// Whether Den handles the key itself.
pub(super) fn is_structural(name: &str) -> bool {
    STRUCTURAL_KEYS.contains(&name) || INTERNAL_KEYS.contains(&name)
}

/// Classifies a key by its name and, where that does not decide, by its value.
pub(super) fn classify(registry: &Registry, name: &Name, forwarded: bool, definitions: &[FleetDefinition]) -> KeyKind {
    if is_structural(name) {
        KeyKind::Structural
    } else if registry.reserved.contains(name) {
        KeyKind::Reserved
    } else if forwarded {
        KeyKind::Forwarded
    } else if registry.is_quirk(name) {
        KeyKind::Quirk
    } else if registry.is_class(name) {
        KeyKind::Class
    } else if is_nested(registry, definitions) {
        KeyKind::Nested
    } else {
        KeyKind::Unregistered
    }
}

/// Whether a value has a key of an aspect at its own top level. Definitions are merged shallowly.
fn is_nested(registry: &Registry, definitions: &[FleetDefinition]) -> bool {
    definitions.iter().any(|it| {
        let Node::Attrs(attrs) = &it.definition.node else { return false };
        attrs.entries.iter().any(|(name, attr)| {
            is_structural(name)
                || registry.reserved.contains(name)
                || registry.is_quirk(name)
                || registry.is_class(name) && looks_like_class_content(&attr.node)
        })
    })
}

/// Whether a value looks like a module rather than plain data. What is unknown is given the benefit
/// of the doubt.
pub(super) fn looks_like_class_content(node: &Node) -> bool {
    let is_function = |node: &Node| matches!(node, Node::Function(_) | Node::Native(_));
    match node {
        Node::Attrs(attrs) => {
            attrs.open.is_some()
                || attrs.entries.iter().any(|(_, attr)| match &attr.node {
                    Node::Attrs(_) | Node::Unknown(_) | Node::Symbol(_) => true,
                    other => is_function(other),
                })
        }
        Node::Unknown(_) | Node::Symbol(_) => true,
        other => is_function(other),
    }
}
