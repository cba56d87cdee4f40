//! Names: which module defines which option of Den.

use std::collections::BTreeMap;

use den_code::{FileId, Name};
use den_db::{Db, File};
use den_eval::Reason;

use crate::facts::{ModulePart, module_facts};
use crate::project::{ModuleSource, ProjectKey, project_modules, projects};
use crate::walk::{Definition, definitions};

/// The names that one module defines, two levels below `den` and below each other root.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct PartNames {
    /// By path from the root: `["den"]` has the options, `["den", "aspects"]` the aspects, `["my"]`
    /// what is in a namespace. The empty path has the roots.
    levels: BTreeMap<Vec<Name>, Level>,
    /// Classes that its aspects declare (`den.aspects.x.classes.c`).
    pub(super) aspect_classes: Vec<Name>,
}

/// What is defined at one level.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Level {
    /// Names in order.
    pub names: Vec<Name>,
    /// Set if there may be others.
    pub open: Option<Reason>,
}

/// Roots whose contents nobody asks for, and which can be large.
const OPAQUE_ROOTS: &[&str] = &["perSystem", "flake", "flake-file", "systems", "nixpkgs", "services", "environment"];

#[salsa::tracked]
pub(super) fn part_names(db: &dyn Db, file: File) -> Vec<PartNames> {
    module_facts(db, file).parts.iter().map(names_of).collect()
}

fn names_of(part: &ModulePart) -> PartNames {
    let mut names = PartNames::default();
    let roots = level(&part.config);
    for root in &roots.names {
        if OPAQUE_ROOTS.contains(&root.as_str()) {
            continue;
        }
        let below = part.config.descend(root);
        add(&mut names, vec![root.clone()], &below, usize::from(root == "den"));
    }
    names.levels.insert(Vec::new(), roots);
    for aspects in definitions(&part.config, &["den", "aspects"]) {
        for name in aspects.names().0 {
            for classes in aspects.descend(&name).iter().flat_map(|it| it.descend("classes")) {
                names.aspect_classes.extend(classes.names().0);
            }
        }
    }
    names.aspect_classes.sort();
    names.aspect_classes.dedup();
    names
}

fn add(names: &mut PartNames, path: Vec<Name>, found: &[Definition], deeper: usize) {
    let mut all = Level::default();
    for it in found {
        let one = level(it);
        all.names.extend(one.names);
        all.open = all.open.or(one.open);
    }
    all.names.sort();
    all.names.dedup();
    if deeper > 0 {
        for name in &all.names {
            let mut path = path.clone();
            path.push(name.clone());
            let below: Vec<Definition> = found.iter().flat_map(|it| it.descend(name)).collect();
            // Hosts and homes are one level further down, below their system.
            let further = usize::from(matches!(name.as_str(), "hosts" | "homes" | "ful") && path.len() == 2);
            add(names, path, &below, further);
        }
    }
    names.levels.insert(path, all);
}

fn level(definition: &Definition) -> Level {
    let (names, open) = definition.names();
    Level { names, open: open.or_else(|| definition.open.clone()) }
}

/// Which modules define what, by names alone.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FleetIndex {
    /// By path, the indices (in import order) of the modules that define it.
    modules: BTreeMap<Vec<Name>, Vec<u32>>,
    /// By path, the modules that may define further names below it, and why.
    open: BTreeMap<Vec<Name>, Vec<(u32, Reason)>>,
    /// Classes that aspects declare.
    pub(super) aspect_classes: Vec<Name>,
}

impl FleetIndex {
    /// The names defined directly below a path, in order.
    pub fn names<'a>(&'a self, path: &[Name]) -> impl Iterator<Item = &'a Name> {
        let depth = path.len();
        let from = path.to_vec();
        let below = self.modules.range(from.clone()..).map(|it| it.0);
        let below = below.take_while(move |it| it.starts_with(&from));
        below.filter(move |it| it.len() == depth + 1).filter_map(|it| it.last())
    }

    /// The modules that may define further names below a path.
    pub fn open(&self, path: &[Name]) -> &[(u32, Reason)] {
        self.open.get(path).map_or(&[], Vec::as_slice)
    }

    /// The modules that define something at a path or may, in import order.
    pub fn modules(&self, path: &[Name]) -> Vec<u32> {
        let mut found = self.modules.get(path).cloned().unwrap_or_default();
        // What an unknown part of a module defines may be anything below it.
        for length in 0..path.len() {
            found.extend(self.open(&path[..length]).iter().map(|it| it.0));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Which modules of a fleet define what.
#[salsa::tracked]
pub fn fleet_index<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> FleetIndex {
    let graph = project_modules(db, project);
    let entry = projects(db).iter().find(|it| it.root == *project.root(db));
    let mut index = FleetIndex::default();
    for (number, module) in graph.modules.iter().enumerate() {
        let number = number as u32;
        match module.source {
            ModuleSource::File(file, part) => {
                let Some(file) = db.file(file) else { continue };
                index.add(number, &part_names(db, file)[part as usize]);
            }
            ModuleSource::Entry(part) => {
                if let Some(part) = entry.and_then(|it| it.parts.get(part as usize)) {
                    index.add(number, &names_of(part));
                }
            }
        }
    }
    index.aspect_classes.sort();
    index.aspect_classes.dedup();
    index
}

impl FleetIndex {
    fn add(&mut self, module: u32, names: &PartNames) {
        for (path, level) in &names.levels {
            for name in &level.names {
                let mut path = path.clone();
                path.push(name.clone());
                self.modules.entry(path).or_default().push(module);
            }
            if let Some(why) = &level.open {
                self.open.entry(path.clone()).or_default().push((module, why.clone()));
            }
        }
        self.aspect_classes.extend(names.aspect_classes.iter().cloned());
    }
}

/// A definition and the module that makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetDefinition {
    /// Index of the module in [`crate::ModuleGraph::modules`], which is import order.
    pub module: u32,
    /// The module's file, unless it is written in the project's entry.
    pub file: Option<FileId>,
    /// What it defines. Its `open` is set if the module is not certainly imported.
    pub definition: Definition,
}

/// The names defined directly below an option path. A projection of the index.
#[salsa::tracked]
pub fn defined_names<'db>(db: &'db dyn Db, project: ProjectKey<'db>, path: Vec<Name>) -> Level {
    let index = fleet_index(db, project);
    let mut names: Vec<Name> = index.names(&path).cloned().collect();
    names.sort();
    let open = index.open(&path).first().map(|it| it.1.clone());
    Level { names, open }
}

/// The definitions at an option path such as `den.aspects.disk`, in import order; later ones come
/// first where the module system merges (nixpkgs reverses its modules).
///
/// Below what the index lists the definitions of the nearest listed path are searched.
#[salsa::tracked]
pub fn definitions_of<'db>(db: &'db dyn Db, project: ProjectKey<'db>, path: Vec<Name>) -> Vec<FleetDefinition> {
    let graph = project_modules(db, project);
    let entry = projects(db).iter().find(|it| it.root == *project.root(db));
    let names: Vec<&str> = path.iter().map(Name::as_str).collect();
    let mut found = Vec::new();
    for number in modules_at(db, project, path.clone()) {
        let module = graph.modules[*number as usize];
        let part = match module.source {
            ModuleSource::File(file, part) => db.file(file).map(|it| &module_facts(db, it).parts[part as usize]),
            ModuleSource::Entry(part) => entry.and_then(|it| it.parts.get(part as usize)),
        };
        let Some(part) = part else { continue };
        for mut definition in definitions(&part.config, &names) {
            if !module.certain {
                definition.open.get_or_insert(Reason::Stuck("a condition on an import".into()));
            }
            found.push(FleetDefinition { module: *number, file: module.source.file(), definition });
        }
    }
    found
}

/// A projection of the index: the modules that matter for a path.
#[salsa::tracked]
fn modules_at<'db>(db: &'db dyn Db, project: ProjectKey<'db>, path: Vec<Name>) -> Vec<u32> {
    let index = fleet_index(db, project);
    // `den.hosts.x.y.settings` is not listed, `den.hosts.x.y` is.
    let listed = (1..=path.len()).rev().find(|length| index.modules.contains_key(&path[..*length]));
    index.modules(&path[..listed.unwrap_or(path.len())])
}
