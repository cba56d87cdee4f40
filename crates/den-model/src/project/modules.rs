//! From the modules that an entry names to all modules.
//!
//! Source: nixpkgs `lib/modules.nix`, `collectModules`: breadth first (`genericClosure`), each file
//! once, in the order of `imports`.

use std::collections::VecDeque;

use den_code::{FileId, Name, Site};
use den_db::{Db, Lookup, PathKey, lookup};
use den_eval::{Node, Reason, StepNode, SymbolNode};
use rustc_hash::FxHashSet;

use super::discover::{ProjectKey, projects};
use super::{Limit, Module, ModuleGraph, ModuleSource, Namespace, import_tree};
use crate::facts::{Import, ModulePart, module_facts};

/// All modules of a fleet.
#[salsa::tracked]
pub fn project_modules<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> ModuleGraph {
    let root = project.root(db);
    let Some(found) = projects(db).iter().find(|it| it.root == *root) else { return ModuleGraph::default() };
    let mut collect = Collect { db, graph: ModuleGraph::default(), queue: VecDeque::new(), seen: FxHashSet::default() };
    collect.enqueue(ModuleSource::Entry(0), true);
    while let Some(module) = collect.queue.pop_front() {
        collect.graph.modules.push(module);
        let part = match module.source {
            ModuleSource::Entry(part) => &found.parts[part as usize],
            ModuleSource::File(file, part) => {
                let Some(file) = db.file(file) else { continue };
                &module_facts(db, file).parts[part as usize]
            }
        };
        collect.part(module, part);
    }
    let mut graph = collect.graph;
    let loaded: FxHashSet<FileId> = graph.modules.iter().filter_map(|it| it.source.file()).collect();
    graph.skipped.retain(|it| !loaded.contains(it));
    graph.skipped.sort();
    graph.skipped.dedup();
    graph
}

impl ModuleSource {
    /// The file, unless the module is written in the entry.
    pub fn file(self) -> Option<FileId> {
        match self {
            ModuleSource::File(file, _) => Some(file),
            ModuleSource::Entry(_) => None,
        }
    }

    fn part(self, part: u32) -> ModuleSource {
        match self {
            ModuleSource::File(file, _) => ModuleSource::File(file, part),
            ModuleSource::Entry(_) => ModuleSource::Entry(part),
        }
    }
}

struct Collect<'db> {
    db: &'db dyn Db,
    graph: ModuleGraph,
    queue: VecDeque<Module>,
    seen: FxHashSet<ModuleSource>,
}

impl Collect<'_> {
    fn enqueue(&mut self, source: ModuleSource, certain: bool) {
        if self.seen.insert(source) {
            self.queue.push_back(Module { source, certain });
        } else if certain && let Some(queued) = self.queue.iter_mut().find(|it| it.source == source) {
            queued.certain = true;
        }
    }

    fn part(&mut self, module: Module, part: &ModulePart) {
        if let Some(reason) = &part.imports_open {
            self.limit(reason.clone(), part.site, "modules");
        }
        self.graph.aliases.extend(part.aliases.iter().cloned());
        for import in &part.imports {
            let certain = module.certain && import.certain;
            match import.inline {
                Some(inline) => self.enqueue(module.source.part(inline), certain),
                None => self.import(import, &import.node, certain),
            }
        }
    }

    fn import(&mut self, import: &Import, node: &Node, certain: bool) {
        match node {
            Node::Path(path) | Node::Str(path) => self.path(path, import.site, certain),
            Node::Symbol(symbol) => self.symbol(symbol, import.site, certain),
            Node::Unknown(unknown) if !unknown.candidates.is_empty() => {
                // `inputs.x.flakeModule or { }`: a module of another flake, or nothing.
                for candidate in &unknown.candidates {
                    self.import(import, candidate, certain);
                }
            }
            Node::Unknown(unknown) => self.limit(unknown.reason.clone(), import.site, "modules"),
            Node::List(list) => {
                for element in &list.elements {
                    self.import(import, &element.node, certain && element.certain);
                }
            }
            _ => (),
        }
    }

    fn path(&mut self, path: &Name, site: Option<Site>, certain: bool) {
        let at = |path: &str| lookup(self.db, PathKey::new(self.db, Name::new(path)));
        let found = match at(path) {
            Lookup::Folder => at(&format!("{path}/default.nix")),
            found => found,
        };
        match found {
            Lookup::File(file) => self.enqueue(ModuleSource::File(file.id(self.db), 0), certain),
            Lookup::Absent => self.graph.absent.push(path.clone()),
            Lookup::Outside => self.limit(Reason::OutsideWorkspace(path.clone()), site, "modules"),
            _ => self.limit(Reason::MissingFile(path.clone()), site, "modules"),
        }
    }

    fn symbol(&mut self, symbol: &SymbolNode, site: Option<Site>, certain: bool) {
        if let Some(steps) = import_tree::steps(symbol) {
            return self.tree(steps, site, certain);
        }
        let head = symbol.head();
        let path: Vec<&str> = head.iter().map(Name::as_str).collect();
        match path[..] {
            ["inputs", "den", "namespace"] => self.namespace(symbol, site),
            ["inputs", "den", "flakeModules", "strict"] => {
                self.graph.strict = true;
            }
            ["inputs", "den", ..] => self.graph.imports_den = true,
            _ => self.graph.foreign.push((head, site)),
        }
    }

    fn tree(&mut self, steps: &[StepNode], site: Option<Site>, certain: bool) {
        let tree = import_tree::expand(self.db, steps);
        for (file, kept) in tree.files {
            self.enqueue(ModuleSource::File(file, 0), certain && kept);
        }
        self.graph.skipped.extend(tree.skipped);
        self.graph.absent.extend(tree.absent);
        if let Some(reason) = tree.open {
            self.limit(reason, site, "modules");
        }
    }

    /// `inputs.den.namespace NAME SOURCES` (den-model 1.5)
    fn namespace(&mut self, symbol: &SymbolNode, site: Option<Site>) {
        let calls: Vec<&Node> = symbol
            .spine
            .iter()
            .filter_map(|it| match it {
                StepNode::Call(arg) => Some(arg),
                StepNode::Attr(..) => None,
            })
            .collect();
        match calls[..] {
            [Node::Str(name), ref sources @ ..] => {
                let foreign = sources.iter().any(|it| !is_local(it));
                self.graph.namespaces.push(Namespace { name: name.clone(), foreign, site });
            }
            _ => self.limit(Reason::Stuck("a namespace's name".into()), site, "namespaces"),
        }
    }

    fn limit(&mut self, reason: Reason, site: Option<Site>, hides: &'static str) {
        let limit = Limit { reason, site, hides };
        if !self.graph.limits.contains(&limit) {
            self.graph.limits.push(limit);
        }
    }
}

/// Whether the sources of a namespace hold no other flake.
fn is_local(sources: &Node) -> bool {
    match sources {
        Node::Bool(_) => true,
        Node::List(list) => list.open.is_none() && list.elements.iter().all(|it| is_local(&it.node)),
        _ => false,
    }
}
