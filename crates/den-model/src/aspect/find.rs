//! What a reference below `den` means.

use den_code::Name;
use den_db::Db;
use den_eval::Reason;

use super::key::KeyKind;
use super::tree::{AspectKey, AspectNode, CONTAINER_KEYS, aspect_tree};
use super::{AspectPath, battery};
use crate::fleet::defined_names;
use crate::project::{ProjectKey, project_modules};

/// What a path leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum AspectRef {
    /// An aspect or a container of aspects, by its canonical path.
    Aspect(AspectPath),
    /// `x._` or `x.provides` as a value: everything below an aspect.
    Aggregate(AspectPath),
    /// A key of an aspect that is no aspect: content of a class, data of a quirk, a structural key.
    Key {
        /// The aspect.
        aspect: AspectPath,
        /// The key.
        key: Name,
        /// What it is.
        kind: KeyKind,
    },
    /// A policy of an aspect.
    Policy {
        /// The aspect.
        aspect: AspectPath,
        /// The policy's name.
        name: Name,
    },
    /// An aspect that Den ships, and what follows its name.
    Battery(Name, Vec<Name>),
    /// An aspect that exists because an entity has its name.
    Entity(Name),
    /// There is none: the index of the first name of the path that is wrong, and the names that are
    /// right there.
    Missing {
        /// Index in the path.
        at: usize,
        /// Names in order.
        known: Vec<Name>,
    },
    /// Nobody can tell.
    Unknown(Reason),
}

/// What a canonical path (see [`crate::aliases`]) leads to. `entities` are the names whose aspects
/// exist without being written.
pub fn find_aspect<'db>(db: &'db dyn Db, project: ProjectKey<'db>, path: &[Name], entities: &[Name]) -> AspectRef {
    let names: Vec<&str> = path.iter().map(Name::as_str).collect();
    match &names[..] {
        ["den", "batteries" | "provides" | "_", name, ..] => match battery(name) {
            Some(found) => AspectRef::Battery(Name::new_static(found.name), path[3..].to_vec()),
            None => Finder { db, project, entities }.battery(path),
        },
        ["den", "aspects", _, ..] => Finder { db, project, entities }.top(path, 2),
        ["den", "ful", _, "_"] => AspectRef::Aggregate(path[..3].to_vec()),
        ["den", "ful", _, _, ..] => Finder { db, project, entities }.top(path, 3),
        ["den", "default", ..] => Finder { db, project, entities }.below(path, 2),
        _ => AspectRef::Unknown(Reason::Stuck(path.join(".").into())),
    }
}

struct Finder<'db, 'a> {
    db: &'db dyn Db,
    project: ProjectKey<'db>,
    entities: &'a [Name],
}

impl Finder<'_, '_> {
    fn battery(&self, path: &[Name]) -> AspectRef {
        // A project may define batteries of its own.
        let container = vec!["den".into(), path[1].clone()];
        let level = defined_names(self.db, self.project, container);
        if level.names.contains(&path[2]) {
            return AspectRef::Unknown(Reason::Stuck(path.join(".").into()));
        }
        match &level.open {
            Some(why) => AspectRef::Unknown(why.clone()),
            None => {
                let mut known: Vec<Name> = super::battery_names().map(Name::new_static).collect();
                known.extend(level.names.iter().cloned());
                known.sort();
                AspectRef::Missing { at: 2, known }
            }
        }
    }

    /// `at`: the index of the top-level aspect's name.
    fn top(&self, path: &[Name], at: usize) -> AspectRef {
        let namespace = (at == 3).then(|| &path[2]);
        let mut containers = vec![path[..at].to_vec()];
        containers.extend(namespace.map(|it| vec![it.clone()]));
        let levels: Vec<_> = containers.iter().map(|it| defined_names(self.db, self.project, it.clone())).collect();
        let name = &path[at];
        let defined = levels.iter().any(|it| it.names.contains(name));
        if defined && !(namespace.is_some() && CONTAINER_KEYS.contains(&name.as_str())) {
            return self.below(path, at + 1);
        }
        if namespace.is_none() && self.entities.contains(name) {
            return match path.len() {
                3 => AspectRef::Entity(name.clone()),
                _ => AspectRef::Unknown(Reason::Stuck(path.join(".").into())),
            };
        }
        if let Some(why) = levels.iter().find_map(|it| it.open.clone()) {
            return AspectRef::Unknown(why);
        }
        let graph = project_modules(self.db, self.project);
        match namespace {
            Some(name) => {
                let known = graph.namespaces.iter().find(|it| it.name == *name);
                if known.is_none_or(|it| it.foreign) {
                    return AspectRef::Unknown(Reason::Stuck(name.clone()));
                }
            }
            None => {
                if let Some(why) = unseen_modules(self.db, self.project) {
                    return AspectRef::Unknown(why);
                }
            }
        }
        let mut known: Vec<Name> = levels.iter().flat_map(|it| it.names.iter().cloned()).collect();
        if namespace.is_none() {
            known.extend(self.entities.iter().cloned());
        }
        known.sort();
        known.dedup();
        AspectRef::Missing { at, known }
    }

    /// Walks down from a top-level aspect whose path has `length` names.
    fn below(&self, path: &[Name], length: usize) -> AspectRef {
        let mut node = aspect_tree(self.db, self.project, path[..length].to_vec());
        let mut at = length;
        while let Some(name) = path.get(at) {
            match name.as_str() {
                "_" | "provides" => {
                    let Some(next) = path.get(at + 1) else { return AspectRef::Aggregate(node.path.clone()) };
                    match node.provided(next).and_then(|it| it.child.as_deref()) {
                        Some(child) => node = child,
                        None => return self.missing(node, at + 1, node.provides.iter()),
                    }
                    at += 2;
                    continue;
                }
                "policies" if path.len() == at + 2 => {
                    return AspectRef::Policy { aspect: node.path.clone(), name: path[at + 1].clone() };
                }
                _ => (),
            }
            let next = match (node.key(name), node.provided(name)) {
                (Some(AspectKey { child: Some(child), .. }), _) => child,
                (None, Some(AspectKey { child: Some(child), .. })) => child,
                (Some(key), _) if path.len() == at + 1 => {
                    return AspectRef::Key { aspect: node.path.clone(), key: name.clone(), kind: key.kind };
                }
                (Some(_), _) => return AspectRef::Unknown(Reason::Stuck(path.join(".").into())),
                (None, _) => return self.missing(node, at, node.keys.iter().chain(&node.provides)),
            };
            node = next;
            at += 1;
        }
        AspectRef::Aspect(node.path.clone())
    }

    fn missing<'k>(&self, node: &AspectNode, at: usize, keys: impl Iterator<Item = &'k AspectKey>) -> AspectRef {
        if let Some(why) = &node.open {
            return AspectRef::Unknown(why.clone());
        }
        // A function may make anything when it is called.
        let called = node.definitions.iter().any(|it| !matches!(it.shape, super::AspectShape::Keys));
        if called {
            return AspectRef::Unknown(Reason::Stuck("a function aspect".into()));
        }
        let aspects = keys.filter(|it| it.child.is_some() || matches!(it.kind, KeyKind::Nested));
        let mut known: Vec<Name> = aspects.map(|it| it.name.clone()).collect();
        known.sort();
        known.dedup();
        AspectRef::Missing { at, known }
    }
}

/// Why a fleet may have aspects that nobody here can see, if it may.
pub(crate) fn unseen_modules<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> Option<Reason> {
    let graph = project_modules(db, project);
    if let Some(limit) = graph.limits.iter().find(|it| it.hides == "modules") {
        return Some(limit.reason.clone());
    }
    if let Some(path) = graph.absent.first() {
        return Some(Reason::MissingFile(path.clone()));
    }
    None
}
