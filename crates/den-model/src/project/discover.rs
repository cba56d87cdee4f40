//! Finding fleets: entry files are evaluated until they name their modules.
//!
//! `flake-parts.lib.mkFlake { … } MODULE` and `lib.evalModules { modules = …; }` are the two places
//! where modules enter; both are caught on the way, whatever the code around them looks like. Where
//! evaluation does not get there (inputs that are fetched, wrappers of other flakes), the code is
//! searched for calls of `import-tree`.

#![allow(missing_docs, reason = "salsa writes accessors without documentation")]

use std::cell::RefCell;

use den_code::{Expr, ExprId, FileId, Name};
use den_db::{Db, Entry as TableEntry, File, Lookup, PathKey, lookup, lowered};
use den_eval::{Budget, Eval, NativeFn, Node, Pos, Resolution, Session, Step, Symbol, Thunk, Value, paths};

use super::{Entry, EntryKind, Project};
use crate::facts::{Import, ModulePart, Reader};
use crate::walk::Definition;
use crate::world::{ModelWorld, Resolver};

impl Project {
    /// Whether only the text of a `default.nix` suggests a fleet.
    fn is_doubtful(&self) -> bool {
        self.entry.kind == EntryKind::Default && self.entry.guessed
    }
}

/// A fleet as a query key: the absolute path of its folder.
#[salsa::interned(debug)]
pub struct ProjectKey<'db> {
    pub root: Name,
}

/// Every fleet of the workspace, in order of path.
#[salsa::tracked]
pub fn projects(db: &dyn Db) -> Vec<Project> {
    let mut found: Vec<Project> = Vec::new();
    for (file, kind) in entry_files(db) {
        if let Some(project) = entry_project(db, *file, *kind) {
            found.push(project.clone());
        }
    }
    // An ordinary `default.nix` may call `import-tree` too, inside a fleet or beside one.
    let sure: Vec<Name> = found.iter().filter(|it| !it.is_doubtful()).map(|it| it.root.clone()).collect();
    found.retain(|it| !it.is_doubtful() || !sure.iter().any(|root| is_below(&it.root, root)));
    for root in &db.workspace().table(db).roots {
        if !found.iter().any(|it| is_below(&it.root, root)) {
            found.extend(folder_project(db, root));
        }
    }
    found.sort_by(|a, b| a.root.cmp(&b.root));
    found.dedup_by(|b, a| a.root == b.root);
    found
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Files that a fleet may start from.
#[salsa::tracked]
fn entry_files(db: &dyn Db) -> Vec<(File, EntryKind)> {
    let table = db.workspace().table(db);
    let mut found = Vec::new();
    for (path, entry) in &table.entries {
        let kind = match paths::file_name(path) {
            "flake.nix" => EntryKind::Flake,
            "default.nix" => EntryKind::Default,
            _ => continue,
        };
        let TableEntry::Loaded(id) = entry else { continue };
        let beside = |name: &str| Name::from(format!("{}/{name}", paths::parent(path)));
        // Most files of this name are ordinary modules; a flake beside it is the better start.
        if kind == EntryKind::Default && table.entries.contains_key(&beside("flake.nix")) {
            continue;
        }
        if let Some(file) = db.file(*id) {
            found.push((file, kind));
        }
    }
    found
}

/// The fleet that starts from a file, if one does.
#[salsa::tracked]
fn entry_project(db: &dyn Db, file: File, kind: EntryKind) -> Option<Project> {
    const MARKS: [&str; 4] = ["import-tree", "evalModules", "mkFlake", "den"];
    let text = file.text(db);
    let speaks = |mark: &&str| text.contains(*mark);
    if kind == EntryKind::Default && !MARKS[..3].iter().any(speaks) {
        return None;
    }
    let root = Name::new(paths::parent(file.path(db)));
    let world = ModelWorld::new(db, Capture::default());
    let mut session = Session::new(&world, Budget::FILE);
    run_entry(&mut session, file.id(db), kind);
    if world.resolver.modules.borrow().is_empty() {
        // `with-inputs outputs` and the like: call the function ourselves.
        for candidate in [Some(file), beside(db, &root, "default.nix")].into_iter().flatten() {
            if let Some(outputs) = session.root_binding(candidate.id(db), "outputs") {
                run_outputs(&mut session, outputs);
            }
        }
    }
    let mut reader = Reader::default();
    reader.empty_part(None);
    let captured = world.resolver.modules.take();
    for modules in &captured {
        match *modules {
            Captured::One(thunk) => reader.import(&mut session, 0, thunk, Pos::NONE, true),
            Captured::List(thunk) => reader.imports(&mut session, 0, thunk),
        }
    }
    let guessed = captured.is_empty();
    if guessed {
        reader.parts[0].imports = guess_roots(db, file).into_iter().map(Import::certain).collect();
    }
    let nothing = reader
        .parts
        .iter()
        .all(|it| it.imports.is_empty() && it.imports_open.is_none() && it.config.node == Node::Null);
    if nothing {
        return None;
    }
    let entry = Entry { file: Some(file.id(db)), kind, guessed };
    Some(Project { root, entry, parts: reader.parts })
}

fn beside(db: &dyn Db, root: &str, name: &str) -> Option<File> {
    match lookup(db, PathKey::new(db, Name::from(format!("{root}/{name}")))) {
        Lookup::File(file) => Some(file),
        _ => None,
    }
}

/// Evaluates an entry as deep as it takes to meet the modules.
fn run_entry(session: &mut Session<'_>, file: FileId, kind: EntryKind) {
    let value = session.file(file);
    match kind {
        EntryKind::Flake => {
            let outputs = session.select_thunk(value, "outputs");
            run_outputs(session, outputs);
        }
        _ => run_outputs(session, value),
    }
}

/// Calls `outputs` (or a whole `default.nix`) with unknown inputs and looks at the result.
fn run_outputs(session: &mut Session<'_>, outputs: Thunk) {
    let Ok(mut value) = session.force(outputs) else { return };
    if let Value::Lambda(_) = &value {
        let inputs = Value::Symbol(Symbol::root("inputs").into());
        let arg = match session.formals(&value) {
            // `{ inputs, strict ? false }:` names its arguments; `{ self, nixpkgs, ... }:` names
            // inputs.
            Some((formals, ellipsis)) if formals.iter().any(|it| it.0 == "inputs") && !ellipsis => {
                let required = formals.iter().filter(|it| !it.1);
                let entries = required.map(|(name, ..)| {
                    let value = Value::Symbol(Symbol::root(name.clone()).into());
                    (name.clone(), den_eval::Attr::unplaced(session.done(value)))
                });
                let entries = entries.collect();
                session.done(Value::attrs(entries))
            }
            _ => session.done(inputs),
        };
        match session.call(value, &[arg]) {
            Ok(result) => value = result,
            Err(_) => return,
        }
    }
    // Whatever refuses to be looked at, the modules were met on the way or not at all.
    let _ = session.resolve(value.clone());
    let thunk = session.done(value);
    let _ = session.freeze(thunk);
}

/// Catches the modules of a fleet where they enter the module system.
#[derive(Default)]
struct Capture {
    modules: RefCell<Vec<Captured>>,
}

#[derive(Clone, Copy)]
enum Captured {
    One(Thunk),
    List(Thunk),
}

impl Capture {
    fn add(&self, it: Captured) {
        let mut modules = self.modules.borrow_mut();
        let thunk = |it: &Captured| match *it {
            Captured::One(thunk) | Captured::List(thunk) => thunk,
        };
        if !modules.iter().any(|known| thunk(known) == thunk(&it)) {
            modules.push(it);
        }
    }
}

impl Resolver for Capture {
    fn resolve(&self, _session: &mut Session<'_>, symbol: &Symbol) -> Eval<Resolution> {
        // `inputs.flake-parts.lib.mkFlake ARGS MODULE`
        let called = symbol.spine.windows(3).find_map(|it| match it {
            [Step::Attr(name, _), Step::Call(_), Step::Call(module)] if name == "mkFlake" => Some(*module),
            _ => None,
        });
        if let Some(module) = called {
            self.add(Captured::One(module));
        }
        Ok(Resolution::Stuck)
    }

    fn intercept(&self, session: &mut Session<'_>, func: &'static NativeFn, args: &[Thunk]) -> Option<Eval<Value>> {
        if func.name != "lib.evalModules" {
            return crate::facts::intercept_alias(session, func, args);
        }
        let modules = session.select_thunk(args[0], "modules");
        self.add(Captured::List(modules));
        Some(Ok(Value::Symbol(Symbol::root("evalModules").into())))
    }
}

/// Path literals given to `import-tree` anywhere in a file.
fn guess_roots(db: &dyn Db, file: File) -> Vec<Node> {
    let folder = Name::new(paths::parent(file.path(db)));
    let mut found = Vec::new();
    for item in &lowered(db, file).list {
        let code = item.code(db);
        for expr in &code.exprs {
            let Expr::Apply { func, args } = expr else { continue };
            let named = match code.expr(*func) {
                Expr::Var(name) => name == "import-tree",
                Expr::Select { path, .. } => {
                    matches!(path.last(), Some(den_code::AttrKey::Static(name, _)) if name == "import-tree")
                }
                _ => false,
            };
            if named {
                for arg in args {
                    path_literals(code, *arg, &folder, &mut found);
                }
            }
        }
    }
    found
}

fn path_literals(code: &den_code::Code, expr: ExprId, folder: &str, found: &mut Vec<Node>) {
    match code.expr(expr) {
        Expr::List(elements) => {
            for element in elements {
                path_literals(code, *element, folder, found);
            }
        }
        Expr::Path(path) if path.base == den_code::PathBase::Relative => {
            if let [den_code::StrPart::Text(text)] = &path.parts[..] {
                let root = Node::Path(paths::normalize(&format!("{folder}/{text}")));
                found.push(super::import_tree::tree_of(root));
            }
        }
        _ => (),
    }
}

/// A folder without an entry, as somebody may open it: `modules` if it is there, else every file
/// that declares something of Den's.
fn folder_project(db: &dyn Db, root: &Name) -> Option<Project> {
    let modules = Name::from(format!("{root}/modules"));
    let folder = match lookup(db, PathKey::new(db, modules.clone())) {
        Lookup::Folder => modules,
        _ => root.clone(),
    };
    let files = den_db::folder(db, PathKey::new(db, folder.clone()));
    let speaks = |entry: &TableEntry| match entry {
        TableEntry::Loaded(id) => db.file(*id).is_some_and(|it| it.text(db).contains("den.")),
        _ => false,
    };
    if !files.iter().any(|(path, entry)| path.ends_with(".nix") && speaks(entry)) {
        return None;
    }
    let import = Import::certain(super::import_tree::tree_of(Node::Path(folder)));
    let part = ModulePart {
        site: None,
        formals: None,
        imports: vec![import],
        imports_open: None,
        aliases: Vec::new(),
        options: Node::Null,
        config: Definition::plain(Node::Null, None, None),
    };
    let entry = Entry { file: None, kind: EntryKind::Folder, guessed: true };
    Some(Project { root: root.clone(), entry, parts: vec![part] })
}
