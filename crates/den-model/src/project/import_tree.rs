//! `inputs.import-tree ./modules` and its builder calls, as files.
//!
//! Source: vic/import-tree. A file is kept if its path relative to the tree's root ends in `.nix`
//! and does not contain `/_`, unless `initFilter` says otherwise, and if every `filter`, `filterNot`,
//! `match` and `matchNot` agrees. The predicates are the user's and are run by the evaluator.

use std::sync::Arc;

use den_code::{FileId, Name};
use den_db::{Db, Entry, PathKey, folder};
use den_eval::{Budget, Node, Reason, Session, StepNode, SymbolNode, Value};

use crate::world::{Alone, ModelWorld};

/// What an `import-tree` call loads.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Files in import order, and whether each is certainly kept.
    pub(super) files: Vec<(FileId, bool)>,
    /// Nix files below the roots that are left out.
    pub(super) skipped: Vec<FileId>,
    /// Why something is not known.
    pub(super) open: Option<Reason>,
    /// Roots that are submodules which were not checked out.
    pub(super) absent: Vec<Name>,
}

/// The reference `inputs.import-tree ROOT`.
pub(super) fn tree_of(root: Node) -> Node {
    let spine = vec![StepNode::Attr("import-tree".into(), None), StepNode::Call(root)];
    Node::Symbol(Arc::new(SymbolNode { root: "inputs".into(), spine }))
}

/// The steps behind `import-tree` if a reference is to it, in any input of that name.
pub(super) fn steps(symbol: &SymbolNode) -> Option<&[StepNode]> {
    let is_tree = |step: &StepNode| matches!(step, StepNode::Attr(name, _) if name == "import-tree");
    match (symbol.root.as_str(), &symbol.spine[..]) {
        ("inputs", [first, rest @ ..]) if is_tree(first) => Some(rest),
        ("import-tree", rest) => Some(rest),
        _ => None,
    }
}

struct Filter {
    kind: FilterKind,
    arg: Node,
    keep: bool,
}

#[derive(PartialEq)]
enum FilterKind {
    Predicate,
    Regex,
}

#[derive(Default)]
struct Builder {
    filters: Vec<Filter>,
    /// Replaces the rule about `.nix` and `/_`.
    initial: Option<Node>,
    roots: Vec<Name>,
    open: Option<Reason>,
}

/// Follows the builder calls and lists the files.
pub(super) fn expand(db: &dyn Db, steps: &[StepNode]) -> Tree {
    let mut builder = Builder::default();
    let mut at = steps.iter().peekable();
    while let Some(step) = at.next() {
        match step {
            StepNode::Call(root) => builder.add_root(root),
            StepNode::Attr(name, _) => {
                let takes_argument = !matches!(name.as_str(), "leafs" | "files" | "result" | "new");
                let arg = if takes_argument { at.next() } else { None };
                let arg = match arg {
                    Some(StepNode::Call(arg)) => arg.clone(),
                    _ => Node::Null,
                };
                builder.option(name, arg);
            }
        }
    }
    builder.files(db)
}

impl Builder {
    fn add_root(&mut self, root: &Node) {
        match root {
            Node::Path(path) | Node::Str(path) if path.starts_with('/') => self.roots.push(path.clone()),
            Node::List(list) => {
                for element in &list.elements {
                    self.add_root(&element.node);
                }
                self.open = self.open.take().or_else(|| list.open.clone());
            }
            other => self.open = Some(crate::walk::reason_of(other)),
        }
    }

    fn option(&mut self, name: &str, arg: Node) {
        let predicate = |keep| Filter { kind: FilterKind::Predicate, arg: arg.clone(), keep };
        let regex = |keep| Filter { kind: FilterKind::Regex, arg: arg.clone(), keep };
        match name {
            "filter" => self.filters.push(predicate(true)),
            "filterNot" => self.filters.push(predicate(false)),
            "match" => self.filters.push(regex(true)),
            "matchNot" => self.filters.push(regex(false)),
            "initFilter" => self.initial = Some(arg),
            "addPath" => self.add_root(&arg),
            "withLib" | "addAPI" | "addScoped" | "leafs" | "files" | "result" => (),
            "new" => *self = Builder::default(),
            // `map` wraps every file into something of the user's; `pipeTo` replaces the result.
            other => self.open = Some(Reason::Unsupported(Name::from(format!("import-tree.{other}")))),
        }
    }

    fn files(self, db: &dyn Db) -> Tree {
        let mut tree = Tree { open: self.open.clone(), ..Tree::default() };
        let world = ModelWorld::new(db, Alone);
        let mut session = Session::new(&world, Budget::FILE);
        for root in &self.roots {
            let key = PathKey::new(db, root.clone());
            match den_db::lookup(db, key) {
                den_db::Lookup::File(file) => {
                    tree.files.push((file.id(db), true));
                    continue;
                }
                den_db::Lookup::Absent => {
                    tree.absent.push(root.clone());
                    continue;
                }
                _ => (),
            }
            let mut inside: Vec<(&Name, FileId)> = Vec::new();
            for (path, entry) in folder(db, key) {
                if let Entry::Loaded(id) = entry {
                    inside.push((path, *id));
                }
            }
            // Folders are read one by one, each in order of name.
            inside.sort_by(|a, b| a.0.split('/').cmp(b.0.split('/')));
            for (path, file) in inside {
                match self.keeps(&mut session, &path[root.len()..]) {
                    Some(true) => tree.files.push((file, true)),
                    Some(false) if path.ends_with(".nix") => tree.skipped.push(file),
                    Some(false) => (),
                    None => tree.files.push((file, false)),
                }
            }
        }
        tree
    }

    /// Whether a path relative to its root (starting with `/`) is kept; `None` if a predicate cannot
    /// be evaluated.
    fn keeps(&self, session: &mut Session<'_>, path: &str) -> Option<bool> {
        let mut known = true;
        match &self.initial {
            None if !path.ends_with(".nix") || path.contains("/_") => return Some(false),
            None => (),
            Some(predicate) => match ask(session, predicate, path) {
                Some(false) => return Some(false),
                Some(true) => (),
                None => known = false,
            },
        }
        for filter in &self.filters {
            let answer = match filter.kind {
                FilterKind::Predicate => ask(session, &filter.arg, path),
                FilterKind::Regex => matches(session, &filter.arg, path),
            };
            match answer {
                Some(answer) if answer != filter.keep => return Some(false),
                Some(_) => (),
                None => known = false,
            }
        }
        known.then_some(true)
    }
}

fn ask(session: &mut Session<'_>, predicate: &Node, path: &str) -> Option<bool> {
    let func = session.thaw(predicate).ok()?;
    let arg = session.done(Value::str(path));
    let answer = session.call(func, &[arg]).ok()?;
    let answer = session.done(answer);
    session.bool(answer).ok()
}

/// `builtins.match regex path != null`
fn matches(session: &mut Session<'_>, regex: &Node, path: &str) -> Option<bool> {
    let builtins = session.builtins();
    let func = session.select(builtins, &"match".into()).ok()?;
    let (regex, path) = (session.frozen(regex.clone()), session.done(Value::str(path)));
    let found = session.call(func, &[regex, path]).ok()?;
    Some(!matches!(found, Value::Null))
}
