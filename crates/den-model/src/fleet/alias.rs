//! One name for every path: namespaces, module arguments and alias modules lead to the same trees.

use std::collections::BTreeMap;

use den_code::Name;
use den_db::Db;
use den_eval::{Node, StepNode};

use super::index::{defined_names, definitions_of};
use crate::project::{ProjectKey, project_modules};

/// Names that stand for a path below `den`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Aliases {
    /// Module argument or option root: the path that it stands for, starting with `den`.
    roots: BTreeMap<Name, Vec<Name>>,
}

/// The aliases of a fleet.
#[salsa::tracked]
pub fn aliases<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> Aliases {
    let mut aliases = Aliases::default();
    let graph = project_modules(db, project);
    for namespace in &graph.namespaces {
        let path = vec!["den".into(), "ful".into(), namespace.name.clone()];
        aliases.roots.insert(namespace.name.clone(), path);
    }
    for (from, to) in &graph.aliases {
        if let ([root], ["den", ..]) = (&from[..], &to.iter().map(Name::as_str).collect::<Vec<_>>()[..]) {
            aliases.roots.insert(root.clone(), to.clone());
        }
    }
    // `_module.args.x = config.den.aspects.y;`
    let args = vec!["_module".into(), "args".into()];
    for name in &defined_names(db, project, args.clone()).names {
        let mut path = args.clone();
        path.push(name.clone());
        for it in definitions_of(db, project, path) {
            if let Node::Symbol(symbol) = &it.definition.node
                && symbol.root == "den"
                && let Some(path) = symbol.path()
            {
                aliases.roots.insert(name.clone(), path);
            }
        }
    }
    aliases
}

impl Aliases {
    /// A path with its root replaced by what it stands for.
    pub fn canonical(&self, path: &[Name]) -> Vec<Name> {
        match path.split_first().and_then(|(root, rest)| Some((self.roots.get(root)?, rest))) {
            Some((target, rest)) => [target, rest].concat(),
            None => path.to_vec(),
        }
    }

    /// The names that stand for something, and what.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &[Name])> {
        self.roots.iter().map(|(name, path)| (name, path.as_slice()))
    }

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<&[Name]> {
        self.roots.get(name).map(Vec::as_slice)
    }

    /// The steps of a reference with its root replaced, up to the first call.
    pub fn head(&self, root: &Name, spine: &[StepNode]) -> Vec<Name> {
        let names = spine.iter().map_while(|it| match it {
            StepNode::Attr(name, _) => Some(name.clone()),
            StepNode::Call(_) => None,
        });
        let path: Vec<Name> = std::iter::once(root.clone()).chain(names).collect();
        self.canonical(&path)
    }
}
