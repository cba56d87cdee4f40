//! Aspects as values.

use std::sync::Arc;

use den_code::Name;
use den_eval::{
    Attr, AttrNode, Attrs, AttrsNode, ElementNode, Eval, ListNode, Node, Pos, Reason, Session, Step, Unknown, Value,
};

use super::{FleetResolver, stuck, symbol_of};
use crate::aspect::{AspectKey, AspectNode, AspectShape, KeyKind, aspect_tree};
use crate::entity::entity_names;
use crate::fleet::{FleetDefinition, defined_names};

impl FleetResolver<'_> {
    /// `den.aspects…` and `den.ful.<ns>…`; `at`: the index of the top-level aspect's name.
    pub(super) fn aspects(&self, session: &mut Session<'_>, path: &[Name], at: usize) -> Eval<Option<(usize, Value)>> {
        let mut levels = vec![defined_names(self.db, self.project, path[..at].to_vec())];
        if at == 3 {
            levels.push(defined_names(self.db, self.project, vec![path[2].clone()]));
        }
        let Some(name) = path.get(at) else {
            let mut names: Vec<Name> = levels.iter().flat_map(|it| it.names.iter().cloned()).collect();
            let open = levels.iter().find_map(|it| it.open.clone());
            if at == 2 {
                names.extend(entity_names(self.db, self.project).iter().cloned());
            }
            names.sort();
            names.dedup();
            return Ok(Some((at, self.members(session, path, names, open))));
        };
        if levels.iter().any(|it| it.names.contains(name)) {
            return self.aspect_at(session, path, at + 1);
        }
        if at == 2 && entity_names(self.db, self.project).contains(name) {
            let empty = AspectNode::empty(path[..3].to_vec());
            return Ok(Some((3, self.aspect_value(session, &empty, path, true))));
        }
        match levels.iter().find_map(|it| it.open.clone()) {
            Some(_) => Err(stuck(path)),
            None => Ok(Some((at, self.members(session, &path[..at], levels[0].names.clone(), None)))),
        }
    }

    /// The aspect that a path leads through; `length`: how many names the top-level aspect's path has.
    pub(super) fn aspect_at(
        &self,
        session: &mut Session<'_>,
        path: &[Name],
        length: usize,
    ) -> Eval<Option<(usize, Value)>> {
        let mut node = aspect_tree(self.db, self.project, path[..length].to_vec());
        let mut used = length;
        while let Some(name) = path.get(used) {
            let step = match name.as_str() {
                "_" | "provides" => {
                    let Some(next) = path.get(used + 1) else { break };
                    (node.provided(next), 2)
                }
                _ => (node.key(name).filter(|it| it.child.is_some()).or_else(|| node.provided(name)), 1),
            };
            let (Some(AspectKey { child: Some(child), .. }), names) = step else { break };
            node = child;
            used += names;
        }
        Ok(Some((used, self.aspect_value(session, node, &path[..used], used == length))))
    }

    /// The value of an aspect: its keys, and what Den adds to a top-level one.
    fn aspect_value(&self, session: &mut Session<'_>, node: &AspectNode, path: &[Name], top: bool) -> Value {
        let symbol = symbol_of(path);
        let mut entries: Vec<(Name, Attr)> = Vec::new();
        for key in node.keys.iter().chain(node.provides.iter().filter(|it| node.key(&it.name).is_none())) {
            let site = key.definitions.first();
            let pos = site.and_then(|it| it.definition.key).map_or(Pos::NONE, |it| session.pos(it));
            let value_pos = site.and_then(|it| it.definition.value).map_or(Pos::NONE, |it| session.pos(it));
            let thunk = match &key.child {
                Some(_) => {
                    let value = Value::Symbol(symbol.step(Step::Attr(key.name.clone(), Pos::NONE)).into());
                    session.done(value)
                }
                None => session.frozen(key_value(key, top)),
            };
            entries.push((key.name.clone(), Attr { thunk, key: pos, value: value_pos }));
        }
        if top {
            let mut add = |name: &'static str, value: Value, session: &mut Session<'_>| {
                if entries.iter().all(|it| it.0 != name) {
                    entries.push((Name::new_static(name), Attr::unplaced(session.done(value))));
                }
            };
            let own = path.last().cloned().unwrap_or_default();
            add("description", Value::Str(Name::from(format!("Aspect {own}"))), session);
            add("name", Value::Str(own), session);
            for name in ["includes", "excludes"] {
                add(name, Value::list([]), session);
            }
            for name in ["meta", "provides", "_", "policies", "classes"] {
                add(name, Value::attrs(Vec::new()), session);
            }
        }
        // Functions among the definitions add nothing to the set that others may look into.
        let unseen = |it: &AspectShape| matches!(it, AspectShape::Reference(_) | AspectShape::Unknown(_));
        let open = node.open.clone().or_else(|| {
            let unseen = node.definitions.iter().any(|it| unseen(&it.shape));
            unseen.then(|| Reason::Stuck(path.join(".").into()))
        });
        let open = open.map(|reason| Unknown::new(reason, Pos::NONE));
        Value::Attrs(Attrs::from_entries(entries).opened(open).standing_for(&symbol).into())
    }
}

impl AspectNode {
    /// An aspect that nobody defines: every entity has one.
    fn empty(path: Vec<Name>) -> AspectNode {
        AspectNode { path, definitions: Vec::new(), keys: Vec::new(), provides: Vec::new(), open: None }
    }
}

/// The value of a key that is no aspect, as Den's merge leaves it.
///
/// Source: den `nix/lib/aspects/types.nix`, `aspectKeyType` and `aspectContentType`: reserved keys of
/// a top-level aspect keep their last definition; below, several definitions are joined, and at the
/// second level the list of definitions is left among the attributes.
fn key_value(key: &AspectKey, top: bool) -> Node {
    let nodes: Vec<&FleetDefinition> = key.definitions.iter().collect();
    let Some(last) = nodes.last() else { return Node::Null };
    if nodes.len() == 1 {
        return last.definition.node.clone();
    }
    if key.kind == KeyKind::Structural && matches!(key.name.as_str(), "includes" | "excludes") {
        return concat(&nodes);
    }
    if top {
        return last.definition.node.clone();
    }
    join(&nodes)
}

fn concat(nodes: &[&FleetDefinition]) -> Node {
    let mut all = ListNode { elements: Vec::new(), open: None };
    for it in nodes {
        match &it.definition.node {
            Node::List(list) => {
                all.elements.extend(list.elements.iter().map(|element| ElementNode {
                    certain: element.certain && it.definition.applies() == Some(true),
                    ..element.clone()
                }));
                all.open = all.open.take().or_else(|| list.open.clone());
            }
            other => all.open = Some(crate::walk::reason_of(other)),
        }
    }
    Node::List(Arc::new(all))
}

/// Several definitions of one key below a nested aspect.
fn join(nodes: &[&FleetDefinition]) -> Node {
    let sets: Vec<&AttrsNode> = nodes.iter().filter_map(|it| it.definition.node.as_attrs()).collect();
    let merged = sets.iter().fold(AttrsNode::default(), |acc, it| deep_merge(&acc, it));
    Node::Attrs(Arc::new(merged))
}

/// Colliding sets are merged, colliding lists joined; anything else keeps the later value.
fn deep_merge(a: &AttrsNode, b: &AttrsNode) -> AttrsNode {
    let mut entries: Vec<(Name, AttrNode)> = a.entries.clone();
    for (name, right) in &b.entries {
        match entries.binary_search_by(|it| it.0.cmp(name)) {
            Ok(at) => {
                let node = match (&entries[at].1.node, &right.node) {
                    (Node::Attrs(x), Node::Attrs(y)) => Node::Attrs(Arc::new(deep_merge(x, y))),
                    (Node::List(x), Node::List(y)) => {
                        let elements = [&x.elements[..], &y.elements[..]].concat();
                        Node::List(Arc::new(ListNode { elements, open: x.open.clone().or_else(|| y.open.clone()) }))
                    }
                    _ => right.node.clone(),
                };
                entries[at].1 = AttrNode { node, ..right.clone() };
            }
            Err(at) => entries.insert(at, (name.clone(), right.clone())),
        }
    }
    AttrsNode { entries, open: a.open.clone().or_else(|| b.open.clone()) }
}
