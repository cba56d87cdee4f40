//! How Den merges several definitions of one host, before the module system sees them.
//!
//! Source: den `nix/lib/entities/_types.nix`, `deepMergeAttrs`: a recursive update over the raw
//! values in the module system's order, so the file that is imported *first* wins, lists are
//! replaced, and `mkIf`, `mkMerge` or `mkForce` are merged as the records that they are
//! (den-model 2.2).

use std::sync::Arc;

use den_code::{Name, Site};
use den_eval::{AttrNode, AttrsNode, Node};

/// The result of a merge.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The merged value.
    pub node: Node,
    /// Leaves that more than one definition sets.
    pub duplicates: Vec<Duplicate>,
    /// Wrappers (`mkIf`, `mkMerge`, `mkOverride`, `mkOrder`) that met another definition and lost
    /// their meaning: path and place.
    pub garbled: Vec<(Vec<Name>, Option<Site>)>,
}

/// A leaf that more than one definition sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Duplicate {
    /// Its path.
    pub path: Vec<Name>,
    /// The name in the definition that wins.
    pub winner: Option<Site>,
    /// The name in the definition that is ignored.
    pub loser: Option<Site>,
    /// Whether both set the same value.
    pub equal: bool,
}

/// Merges definitions given in import order.
pub fn raw_merge(definitions: &[AttrNode]) -> Merged {
    let mut merged = Merged { node: Node::Attrs(Arc::default()), duplicates: Vec::new(), garbled: Vec::new() };
    // The module system hands them over in reverse, and the last update wins.
    let Some((last, rest)) = definitions.split_last() else { return merged };
    let mut acc = last.clone();
    for it in rest.iter().rev() {
        acc = merged.update(&acc, it, &mut Vec::new());
    }
    merged.node = acc.node;
    merged
}

impl Merged {
    /// `recursiveUpdate lower upper`
    fn update(&mut self, lower: &AttrNode, upper: &AttrNode, path: &mut Vec<Name>) -> AttrNode {
        let (Node::Attrs(a), Node::Attrs(b)) = (&lower.node, &upper.node) else {
            let equal = lower.node == upper.node;
            self.duplicates.push(Duplicate { path: path.clone(), winner: upper.key, loser: lower.key, equal });
            return upper.clone();
        };
        for side in [lower, upper] {
            if is_wrapper(&side.node) {
                self.garbled.push((path.clone(), side.value.or(side.key)));
            }
        }
        let mut entries: Vec<(Name, AttrNode)> = Vec::with_capacity(a.entries.len() + b.entries.len());
        for (name, low) in &a.entries {
            entries.push(match b.get(name) {
                Some(high) => {
                    path.push(name.clone());
                    let both = self.update(low, high, path);
                    path.pop();
                    (name.clone(), both)
                }
                None => (name.clone(), low.clone()),
            });
        }
        let only_upper = b.entries.iter().filter(|(name, _)| a.get(name).is_none());
        entries.extend(only_upper.cloned());
        entries.sort_by(|x, y| x.0.cmp(&y.0));
        let open = a.open.clone().or_else(|| b.open.clone());
        AttrNode { node: Node::Attrs(Arc::new(AttrsNode { entries, open })), key: upper.key, value: upper.value }
    }
}

/// Whether a value is a record of the module system rather than data.
pub(crate) fn is_wrapper(node: &Node) -> bool {
    matches!(node.record_type(), Some("if" | "merge" | "override" | "order"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(value: i64) -> AttrNode {
        AttrNode { node: Node::Int(value), key: None, value: None }
    }

    fn set(entries: &[(&str, AttrNode)]) -> AttrNode {
        let mut entries: Vec<(Name, AttrNode)> =
            entries.iter().map(|(name, it)| (Name::new(name), it.clone())).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        AttrNode { node: Node::Attrs(Arc::new(AttrsNode { entries, open: None })), key: None, value: None }
    }

    #[test]
    fn the_first_import_wins_and_the_rest_is_joined() {
        let first = set(&[("a", leaf(1)), ("deep", set(&[("x", leaf(1))]))]);
        let second = set(&[("a", leaf(2)), ("b", leaf(3)), ("deep", set(&[("y", leaf(2))]))]);
        let merged = raw_merge(&[first, second]);
        let get = |path: &[&str]| {
            path.iter().fold(merged.node.clone(), |node, name| node.get(name).map_or(Node::Null, |it| it.node.clone()))
        };
        assert_eq!(get(&["a"]), Node::Int(1));
        assert_eq!(get(&["b"]), Node::Int(3));
        assert_eq!(get(&["deep", "y"]), Node::Int(2));
        assert_eq!(merged.duplicates.len(), 1);
        assert_eq!(merged.duplicates[0].path, ["a"]);
    }
}
