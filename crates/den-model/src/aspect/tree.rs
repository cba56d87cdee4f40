//! The merged tree below one top-level aspect.

use den_code::{FileId, Name, Site};
use den_db::Db;
use den_eval::{Attr, Attrs, Budget, Node, Reason, Session, Symbol, Value};

use super::AspectPath;
use super::key::{KeyKind, classify};
use crate::fleet::{FleetDefinition, Registry, defined_names, definitions_of, registry};
use crate::project::{ProjectKey, project_modules};
use crate::walk::{Definition, reason_of};
use crate::world::{Alone, ModelWorld};

/// An aspect, or a container of aspects.
#[derive(Clone, Debug, PartialEq)]
pub struct AspectNode {
    /// Where it is.
    pub path: AspectPath,
    /// What defines it, in import order.
    pub definitions: Vec<AspectDefinition>,
    /// Its keys, in order of name.
    pub keys: Vec<AspectKey>,
    /// The children of `provides`, in order of name.
    pub provides: Vec<AspectKey>,
    /// Set if there may be other keys.
    pub open: Option<Reason>,
}

/// One definition of an aspect.
#[derive(Clone, Debug, PartialEq)]
pub struct AspectDefinition {
    /// Index of the module, which is import order.
    pub module: u32,
    /// Its file.
    pub file: Option<FileId>,
    /// Where the name is written.
    pub key: Option<Site>,
    /// Where the value is written.
    pub value: Option<Site>,
    /// Whether it certainly applies; `Some(false)` is left out of the tree.
    pub certain: bool,
    /// What kind of value it is.
    pub shape: AspectShape,
}

/// Kinds of values that define aspects.
#[derive(Clone, Debug, PartialEq)]
pub enum AspectShape {
    /// A set of keys.
    Keys,
    /// A function of the context: `{ host, … }: …`. It acts as an include of the aspect.
    Parametric(Node),
    /// A function with one plain argument, or a set with `__functor`: something to be called.
    Factory(Node),
    /// A reference to something else.
    Reference(Node),
    /// A value that is no aspect.
    Other(Node),
    /// Not known.
    Unknown(Reason),
}

/// A key of an aspect.
#[derive(Clone, Debug, PartialEq)]
pub struct AspectKey {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub kind: KeyKind,
    /// What defines it, in import order.
    pub definitions: Vec<FleetDefinition>,
    /// Its own keys, if it is an aspect or a container of aspects.
    pub child: Option<Box<AspectNode>>,
}

impl AspectNode {
    /// The key with this name.
    pub fn key(&self, name: &str) -> Option<&AspectKey> {
        let at = self.keys.binary_search_by(|it| it.name.as_str().cmp(name)).ok()?;
        Some(&self.keys[at])
    }

    /// The child of `provides` with this name.
    pub fn provided(&self, name: &str) -> Option<&AspectKey> {
        let at = self.provides.binary_search_by(|it| it.name.as_str().cmp(name)).ok()?;
        Some(&self.provides[at])
    }

    /// The aspect itself and everything below it, containers included.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a AspectNode)) {
        visit(self);
        for child in self.keys.iter().chain(&self.provides).filter_map(|it| it.child.as_deref()) {
            child.walk(visit);
        }
    }

    /// Whether any definition is a function of the context.
    pub fn is_parametric(&self) -> bool {
        self.definitions.iter().any(|it| matches!(it.shape, AspectShape::Parametric(_)))
    }
}

/// The canonical paths of all top-level aspects: below `den.aspects`, in each namespace, and
/// `den.default`.
#[salsa::tracked]
pub fn aspect_roots<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> Vec<AspectPath> {
    let mut roots = Vec::new();
    let aspects = vec!["den".into(), "aspects".into()];
    let mut add = |container: &[Name], names: &[Name]| {
        roots.extend(names.iter().map(|it| [container, std::slice::from_ref(it)].concat()));
    };
    add(&aspects, &defined_names(db, project, aspects.clone()).names);
    for namespace in &project_modules(db, project).namespaces {
        let container = vec!["den".into(), "ful".into(), namespace.name.clone()];
        for path in [container.clone(), vec![namespace.name.clone()]] {
            let names = &defined_names(db, project, path).names;
            let names: Vec<Name> = names.iter().filter(|it| !CONTAINER_KEYS.contains(&it.as_str())).cloned().collect();
            add(&container, &names);
        }
    }
    if !definitions_of(db, project, vec!["den".into(), "default".into()]).is_empty() {
        roots.push(vec!["den".into(), "default".into()]);
    }
    roots.sort();
    roots.dedup();
    roots
}

/// Keys of a namespace that are not aspects (den `modules/aspect-schema.nix`).
pub(super) const CONTAINER_KEYS: &[&str] = &["stages", "schema", "classes", "_module", "_"];

/// The merged tree of a top-level aspect.
#[salsa::tracked]
pub fn aspect_tree<'db>(db: &'db dyn Db, project: ProjectKey<'db>, root: AspectPath) -> AspectNode {
    let mut found = definitions_of(db, project, root.clone()).clone();
    if let [den, ful, namespace, rest @ ..] = &root[..]
        && den == "den"
        && ful == "ful"
    {
        // A namespace is written below its own name as well.
        let alias = [std::slice::from_ref(namespace), rest].concat();
        found.extend(definitions_of(db, project, alias).iter().cloned());
        found.sort_by_key(|it| it.module);
    }
    Builder { db, registry: registry(db, project) }.node(root, found)
}

struct Builder<'db> {
    db: &'db dyn Db,
    registry: &'db Registry,
}

impl Builder<'_> {
    fn node(&self, path: AspectPath, found: Vec<FleetDefinition>) -> AspectNode {
        let mut node = AspectNode { path, definitions: Vec::new(), keys: Vec::new(), provides: Vec::new(), open: None };
        let mut sets: Vec<FleetDefinition> = Vec::new();
        for it in found.iter().flat_map(unwrapped) {
            self.add(&mut node, it, &mut sets);
        }
        let below = |name: &str| -> Vec<FleetDefinition> { sets.iter().flat_map(|it| descend(it, name)).collect() };
        let provided: Vec<FleetDefinition> = ["provides", "_"].iter().flat_map(|it| below(it)).collect();
        let provided_names = names_below(&provided, &mut node.open);
        for name in &provided_names {
            let definitions: Vec<_> = provided.iter().flat_map(|it| descend(it, name)).collect();
            node.provides.push(self.provided(&node.path, name, definitions));
        }
        for name in names_below(&sets, &mut node.open) {
            let definitions = below(&name);
            let forwarded = provided_names.binary_search(&name).is_ok();
            let kind = classify(self.registry, &name, forwarded, &definitions);
            let child = match kind {
                KeyKind::Nested | KeyKind::Unregistered if is_tree(&definitions) => {
                    let path = [&node.path[..], std::slice::from_ref(&name)].concat();
                    Some(Box::new(self.node(path, definitions.clone())))
                }
                _ => None,
            };
            node.keys.push(AspectKey { name, kind, definitions, child });
        }
        // A direct key hides the child of `provides` with its name.
        for it in &mut node.provides {
            if node.keys.binary_search_by(|key| key.name.cmp(&it.name)).is_ok()
                && let Some(child) = &mut it.child
            {
                let at = child.path.len() - 1;
                child.path.insert(at, "provides".into());
            }
        }
        node
    }

    fn provided(&self, parent: &[Name], name: &Name, definitions: Vec<FleetDefinition>) -> AspectKey {
        let path = [parent, std::slice::from_ref(name)].concat();
        let child = Some(Box::new(self.node(path, definitions.clone())));
        AspectKey { name: name.clone(), kind: KeyKind::Nested, definitions, child }
    }

    /// Notes a definition; what has keys goes to `sets`.
    fn add(&self, node: &mut AspectNode, it: FleetDefinition, sets: &mut Vec<FleetDefinition>) {
        let applies = it.definition.applies();
        if applies == Some(false) {
            return;
        }
        let shape = match &it.definition.node {
            Node::Attrs(attrs) if attrs.get("__functor").is_some() => {
                sets.push(it.clone());
                AspectShape::Factory(it.definition.node.clone())
            }
            Node::Attrs(_) => {
                sets.push(it.clone());
                AspectShape::Keys
            }
            Node::Function(function) => match &function.formals {
                Some(formals) if is_module_function(formals) => {
                    let body = self.call_module(&it.definition.node);
                    let definition = Definition { node: body, ..it.definition.clone() };
                    let inner = FleetDefinition { definition, ..it.clone() };
                    return self.add_body(node, inner, sets);
                }
                Some(formals) if !formals.names.is_empty() => AspectShape::Parametric(it.definition.node.clone()),
                _ => AspectShape::Factory(it.definition.node.clone()),
            },
            Node::Symbol(_) => AspectShape::Reference(it.definition.node.clone()),
            Node::Native(_) => AspectShape::Factory(it.definition.node.clone()),
            Node::Unknown(unknown) => {
                node.open.get_or_insert(unknown.reason.clone());
                AspectShape::Unknown(unknown.reason.clone())
            }
            other => AspectShape::Other(other.clone()),
        };
        if let AspectShape::Reference(reference) = &shape {
            node.open.get_or_insert(reason_of(reference));
        }
        node.definitions.push(AspectDefinition {
            module: it.module,
            file: it.file,
            key: it.definition.key,
            value: it.definition.value,
            certain: applies == Some(true),
            shape,
        });
    }

    /// The body of an aspect that is written as a module: it must be a set.
    fn add_body(&self, node: &mut AspectNode, it: FleetDefinition, sets: &mut Vec<FleetDefinition>) {
        match it.definition.node {
            Node::Function(_) => {
                node.open.get_or_insert(Reason::TypeConfusion);
            }
            _ => self.add(node, it, sets),
        }
    }

    /// Calls `{ config, lib, … }: { … }` with itself unknown.
    fn call_module(&self, function: &Node) -> Node {
        let world = ModelWorld::new(self.db, Alone);
        let mut session = Session::new(&world, Budget::FILE);
        let Ok(func) = session.thaw(function) else { return Node::unknown(Reason::Syntax) };
        let mut entries = vec![(Name::new_static("lib"), Attr::unplaced(session.lib()))];
        for name in ["config", "options"] {
            let value = Value::Symbol(Symbol::root(Name::from(format!("aspect {name}"))).into());
            entries.push((Name::new_static(name), Attr::unplaced(session.done(value))));
        }
        let args = session.done(Value::Attrs(Attrs::from_entries(entries).into()));
        let func = session.done(func);
        let body = session.apply(func, [args]);
        session.freeze(body)
    }
}

/// Den's `isSubmoduleFn`: nothing required but `lib`, `config`, `options`, and one of them named.
pub(crate) fn is_module_function(formals: &den_eval::Formals) -> bool {
    let of_module = |name: &str| matches!(name, "lib" | "config" | "options");
    let required = formals.names.iter().filter(|it| !it.optional);
    required.clone().all(|it| of_module(&it.name)) && formals.names.iter().any(|it| of_module(&it.name))
}

fn unwrapped(it: &FleetDefinition) -> Vec<FleetDefinition> {
    let all = it.definition.clone().unwrap();
    all.into_iter().map(|definition| FleetDefinition { definition, ..it.clone() }).collect()
}

/// The definitions of a name below a definition, wrappers taken off.
pub(crate) fn descend(it: &FleetDefinition, name: &str) -> Vec<FleetDefinition> {
    let below = it.definition.descend(name).into_iter().flat_map(Definition::unwrap);
    below.map(|definition| FleetDefinition { definition, ..it.clone() }).collect()
}

fn names_below(found: &[FleetDefinition], open: &mut Option<Reason>) -> Vec<Name> {
    let mut names = Vec::new();
    for it in found {
        let (some, why) = it.definition.names();
        names.extend(some);
        if open.is_none() {
            *open = why;
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Whether a value can hold aspects.
fn is_tree(definitions: &[FleetDefinition]) -> bool {
    definitions
        .iter()
        .any(|it| matches!(it.definition.node, Node::Attrs(_) | Node::Function(_) | Node::Symbol(_) | Node::Unknown(_)))
}
