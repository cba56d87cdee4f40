//! Which hosts, users and homes are declared, and where.
//!
//! Source: den `nix/lib/entities/_types.nix`, `preprocessHosts`: keys that are known systems group
//! hosts; any other key is a host itself and must carry `system` (den-model 2.1).

use den_code::{FileId, Name, Site};
use den_db::Db;
use den_eval::{AttrNode, Node, Reason};

use super::raw_merge::{Merged, raw_merge};
use crate::fleet::{FleetDefinition, defined_names, definitions_of};
use crate::project::ProjectKey;

/// The systems that Den takes for groups of hosts: nixpkgs `lib.systems.flakeExposed`.
pub const FLAKE_EXPOSED: &[&str] = &[
    "x86_64-linux",
    "aarch64-linux",
    "x86_64-darwin",
    "armv6l-linux",
    "armv7l-linux",
    "i686-linux",
    "aarch64-darwin",
    "powerpc64le-linux",
    "riscv64-linux",
    "x86_64-freebsd",
];

/// A host or home as it is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredEntity {
    /// The key that names it.
    pub name: Name,
    /// Its system, from its group or its own `system`.
    pub system: Option<Name>,
    /// Whether it stands outside a group.
    pub flat: bool,
    /// What all definitions together say, before the schema is applied.
    pub merged: Merged,
    /// Each definition: file, name and value, in import order.
    pub places: Vec<EntityPlace>,
    /// Set if the entity may not exist.
    pub open: Option<Reason>,
}

/// One definition of an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityPlace {
    /// Index of the module, which is import order.
    pub module: u32,
    /// Its file.
    pub file: Option<FileId>,
    /// Where the entity's name is written.
    pub key: Option<Site>,
    /// Where its value is written.
    pub value: Option<Site>,
    /// The value.
    pub node: Node,
}

/// Something wrong with a declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum EntityProblem {
    /// A key that is neither a known system nor a host with a `system`.
    BadSystem {
        /// The key.
        name: Name,
        /// Where it is written.
        site: Option<Site>,
        /// Whether what is below it looks like hosts rather than like the attributes of one.
        like_group: bool,
    },
}

/// All hosts of a fleet, in order of system and name, and what is wrong with their declarations.
#[salsa::tracked]
pub fn declared_hosts<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> (Vec<DeclaredEntity>, Vec<EntityProblem>) {
    declared(db, project, "hosts")
}

/// All homes of a fleet, in order of system and name.
#[salsa::tracked]
pub fn declared_homes<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> (Vec<DeclaredEntity>, Vec<EntityProblem>) {
    declared(db, project, "homes")
}

fn declared<'db>(
    db: &'db dyn Db,
    project: ProjectKey<'db>,
    option: &'static str,
) -> (Vec<DeclaredEntity>, Vec<EntityProblem>) {
    let root: Vec<Name> = vec!["den".into(), Name::new_static(option)];
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for key in &defined_names(db, project, root.clone()).names {
        let path = [&root[..], std::slice::from_ref(key)].concat();
        if FLAKE_EXPOSED.contains(&key.as_str()) {
            for name in &defined_names(db, project, path.clone()).names {
                let path = [&path[..], std::slice::from_ref(name)].concat();
                let definitions = definitions_of(db, project, path);
                found.extend(entity(name, Some(key.clone()), false, definitions));
            }
            continue;
        }
        let Some(host) = entity(key, None, true, definitions_of(db, project, path)) else { continue };
        match system_of(&host.merged.node) {
            Some(system) => found.push(DeclaredEntity { system, ..host }),
            None => problems.push(EntityProblem::BadSystem {
                name: key.clone(),
                site: host.places.first().and_then(|it| it.key),
                like_group: looks_like_group(&host.merged.node),
            }),
        }
    }
    found.sort_by(|a, b| (&a.system, &a.name).cmp(&(&b.system, &b.name)));
    (found, problems)
}

fn entity(name: &Name, system: Option<Name>, flat: bool, definitions: &[FleetDefinition]) -> Option<DeclaredEntity> {
    let applying: Vec<&FleetDefinition> =
        definitions.iter().filter(|it| it.definition.applies() != Some(false)).collect();
    let values: Vec<AttrNode> = applying
        .iter()
        .map(|it| AttrNode { node: it.definition.node.clone(), key: it.definition.key, value: it.definition.value })
        .collect();
    let sure = applying.iter().any(|it| it.definition.applies() == Some(true));
    let open =
        (!sure).then(|| applying.first().and_then(|it| it.definition.open.clone()).unwrap_or(Reason::TypeConfusion));
    let places = applying.iter().map(|it| EntityPlace {
        module: it.module,
        file: it.file,
        key: it.definition.key,
        value: it.definition.value,
        node: it.definition.node.clone(),
    });
    let places: Vec<EntityPlace> = places.collect();
    if places.is_empty() {
        return None;
    }
    Some(DeclaredEntity { name: name.clone(), system, flat, merged: raw_merge(&values), places, open })
}

/// The system of a flat host: `Some(None)` if it has one that is not known, `None` if it has none.
fn system_of(node: &Node) -> Option<Option<Name>> {
    match node {
        Node::Attrs(attrs) => match attrs.get("system") {
            Some(it) => Some(it.node.as_str().map(Name::new)),
            None => attrs.open.is_some().then_some(None),
        },
        Node::Unknown(_) | Node::Symbol(_) => Some(None),
        _ => None,
    }
}

/// Whether every value is a set, as in `den.hosts.x86-64-linux.igloo = { … }`.
fn looks_like_group(node: &Node) -> bool {
    let Node::Attrs(attrs) = node else { return false };
    !attrs.entries.is_empty() && attrs.entries.iter().all(|it| matches!(it.1.node, Node::Attrs(_)))
}

/// Names of all hosts, homes and users, whose aspects exist without being written (den-model 2.7).
#[salsa::tracked]
pub fn entity_names<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> Vec<Name> {
    let mut names = Vec::new();
    let hosts = &declared_hosts(db, project).0;
    for host in hosts.iter().chain(&declared_homes(db, project).0) {
        // A home is `user` or `user@host`; its aspect has the user's name.
        let own = host.merged.node.get("name").and_then(|it| it.node.as_str()).unwrap_or(&host.name);
        names.push(Name::new(own.split('@').next().unwrap_or(own)));
        names.push(Name::new(own));
        if let Some(Node::Attrs(users)) = host.merged.node.get("users").map(|it| &it.node) {
            for (user, attr) in &users.entries {
                let own = attr.node.get("name").and_then(|it| it.node.as_str()).unwrap_or(user);
                names.push(Name::new(own));
            }
        }
    }
    names.sort();
    names.dedup();
    names
}
