//! Which path every expression of a file names, without evaluating anything.
//!
//! `host.settings.a.b` is a path from the argument `host`; so are `cfg.b` behind
//! `cfg = host.settings.a`, the names of `inherit (host.settings.a) b`, members of
//! `(host.settings.a or { })` and names under `with host.settings;`. Rules, navigation and completion
//! read paths; what a path means is the model's business.

use den_code::{
    AttrKey, Bindings, Code, Definition, EntryValue, Expr, ExprId, ItemKey, ItemRef, Meaning, Name, Site, references_in,
};
use den_db::{Db, File, lowered};
use rustc_hash::FxHashMap;

/// All paths that a file names.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FilePaths {
    /// In order of item and expression.
    pub uses: Vec<PathUse>,
}

/// An expression that names a path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathUse {
    /// The expression, or the name in an `inherit`.
    pub site: Site,
    /// What the path starts at.
    pub root: PathRoot,
    /// The names behind the root.
    pub segments: Vec<PathSegment>,
    /// How many of the names are written elsewhere: behind the alias, or in front of `inherit`.
    pub inherited: usize,
    /// Whether the expression asks instead of insisting: `or`, `?`, `attrByPath`.
    pub guarded: bool,
    /// Whether further names follow that are computed.
    pub computed: bool,
}

/// What a path starts at.
#[derive(Clone, Debug, PartialEq)]
pub struct PathRoot {
    /// The name.
    pub name: Name,
    /// The variable; for paths through an alias, the one in the alias.
    pub site: Site,
    /// The function whose argument it is; `None` for a name that nothing in the file binds.
    pub function: Option<Site>,
}

/// A name in a path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathSegment {
    /// The name.
    pub name: Name,
    /// Where it is written.
    pub site: Site,
}

impl PathUse {
    /// The names behind the root.
    pub fn names(&self) -> Vec<Name> {
        self.segments.iter().map(|it| it.name.clone()).collect()
    }

    /// The names with the root in front.
    pub fn full(&self) -> Vec<Name> {
        std::iter::once(self.root.name.clone()).chain(self.segments.iter().map(|it| it.name.clone())).collect()
    }
}

/// All paths that a file names.
#[salsa::tracked]
pub fn file_paths(db: &dyn Db, file: File) -> FilePaths {
    let items = lowered(db, file);
    let code_of = |key: ItemKey| -> Option<&Code> { Some(&**items.get(key)?.code(db)) };
    let references = references_in(&code_of, &den_eval::is_global);
    let mut meanings = FxHashMap::default();
    for it in references {
        meanings.insert((it.item, it.at), it.meaning);
    }
    let mut finder = Finder { file: file.id(db), code_of: &code_of, meanings, known: FxHashMap::default() };
    let mut paths = FilePaths::default();
    for item in &items.list {
        let key = item.key(db);
        for index in 0..item.code(db).exprs.len() {
            finder.collect(key, ExprId(index as u32), &mut paths.uses);
        }
    }
    paths
}

type Key = (ItemKey, ExprId);

struct Finder<'a> {
    file: den_code::FileId,
    code_of: &'a dyn Fn(ItemKey) -> Option<&'a Code>,
    meanings: FxHashMap<Key, Meaning>,
    /// `Some(None)` while an expression is looked at, and where it names no path.
    known: FxHashMap<Key, Option<Found>>,
}

/// A path on the way to becoming a [`PathUse`].
#[derive(Clone, Debug)]
struct Found {
    root: PathRoot,
    segments: Vec<PathSegment>,
    guarded: bool,
    computed: bool,
    /// How many names come from somewhere else.
    inherited: usize,
}

impl<'a> Finder<'a> {
    fn site(&self, (item, expr): Key) -> Site {
        ItemRef { file: self.file, item }.site(expr)
    }

    fn expr(&self, (item, expr): Key) -> &'a Expr {
        (self.code_of)(item).map_or(&Expr::Missing, |code| code.expr(expr))
    }

    /// The path that an expression names.
    fn path(&mut self, at: Key) -> Option<Found> {
        if let Some(known) = self.known.get(&at) {
            return known.clone();
        }
        // A binding that refers to itself names no path.
        self.known.insert(at, None);
        let found = self.path_of(at);
        self.known.insert(at, found.clone());
        found
    }

    fn path_of(&mut self, at: Key) -> Option<Found> {
        let item = at.0;
        match self.expr(at) {
            Expr::Item(key) => {
                let root = (self.code_of)(*key)?.root;
                self.path((*key, root))
            }
            Expr::Var(name) => self.variable(at, name),
            Expr::Select { base, path, default } => {
                let mut found = self.path((item, *base))?;
                for key in path {
                    match key {
                        AttrKey::Static(name, id) if !found.computed => {
                            found.segments.push(PathSegment { name: name.clone(), site: self.site((item, *id)) });
                        }
                        _ => found.computed = true,
                    }
                }
                found.guarded |= default.is_some();
                Some(found)
            }
            // `lib.getAttrFromPath [ "a" "b" ] x`
            Expr::Apply { func, args } => self.path_function(item, *func, args),
            _ => None,
        }
    }

    fn variable(&mut self, at: Key, name: &Name) -> Option<Found> {
        match self.meanings.get(&at).cloned()? {
            Meaning::Local(definition) => self.definition(at, name, definition),
            Meaning::With { item, at: with } => {
                let Expr::With { scope, .. } = self.expr((item, with)) else { return None };
                let mut found = self.path((item, *scope))?;
                found.inherited = found.segments.len();
                found.segments.push(PathSegment { name: name.clone(), site: self.site(at) });
                Some(found)
            }
            Meaning::Undefined => {
                let root = PathRoot { name: name.clone(), site: self.site(at), function: None };
                Some(Found { root, segments: Vec::new(), guarded: false, computed: false, inherited: 0 })
            }
            Meaning::Global => None,
        }
    }

    fn definition(&mut self, at: Key, name: &Name, definition: Definition) -> Option<Found> {
        let scope = (definition.item, definition.scope);
        match self.expr(scope) {
            Expr::Lambda { .. } => {
                let function = Some(self.site(scope));
                let root = PathRoot { name: name.clone(), site: self.site(at), function };
                Some(Found { root, segments: Vec::new(), guarded: false, computed: false, inherited: 0 })
            }
            Expr::Let { bindings, .. } | Expr::AttrSet { bindings, .. } => {
                let mut found = self.binding(definition.item, bindings, name)?;
                found.inherited = found.segments.len();
                Some(found)
            }
            _ => None,
        }
    }

    /// The path that a binding is an alias for.
    fn binding(&mut self, item: ItemKey, bindings: &'a Bindings, name: &Name) -> Option<Found> {
        let entry = bindings.get(name)?;
        match entry.value {
            EntryValue::Expr(value) => self.path((item, value)),
            EntryValue::Inherit => self.variable((item, entry.key), name),
            EntryValue::InheritFrom(index) => {
                let mut found = self.path((item, *bindings.sources.get(index as usize)?))?;
                found.inherited = found.segments.len();
                found.segments.push(PathSegment { name: name.clone(), site: self.site((item, entry.key)) });
                Some(found)
            }
        }
    }

    /// `lib.attrByPath PATH DEFAULT SET`, `getAttrFromPath PATH SET`, `hasAttrByPath PATH SET`.
    fn path_function(&mut self, item: ItemKey, func: ExprId, args: &[ExprId]) -> Option<Found> {
        let name = match self.expr((item, func)) {
            Expr::Select { path, .. } => match path.last()? {
                AttrKey::Static(name, _) => name,
                AttrKey::Dynamic(_) => return None,
            },
            Expr::Var(name) => name,
            _ => return None,
        };
        let (names, set, guarded) = match (name.as_str(), args) {
            ("attrByPath", [names, _, set]) => (*names, *set, true),
            ("hasAttrByPath", [names, set]) => (*names, *set, true),
            ("getAttrFromPath", [names, set]) => (*names, *set, false),
            _ => return None,
        };
        let Expr::List(names) = self.expr((item, names)) else { return None };
        let mut found = self.path((item, set))?;
        for element in names {
            match self.expr((item, *element)) {
                Expr::Text(name) if !found.computed => {
                    found.segments.push(PathSegment { name: name.clone(), site: self.site((item, *element)) });
                }
                _ => found.computed = true,
            }
        }
        found.guarded |= guarded;
        Some(found)
    }

    /// Notes what one expression names, unless a larger one around it says more.
    fn collect(&mut self, item: ItemKey, id: ExprId, uses: &mut Vec<PathUse>) {
        let at = (item, id);
        match self.expr(at) {
            Expr::Select { .. } | Expr::Var(_) | Expr::Apply { .. } => self.note(at, uses),
            Expr::HasAttr { base, path } => {
                let Some(mut found) = self.path((item, *base)) else { return };
                for key in path {
                    match key {
                        AttrKey::Static(name, id) if !found.computed => {
                            found.segments.push(PathSegment { name: name.clone(), site: self.site((item, *id)) });
                        }
                        _ => found.computed = true,
                    }
                }
                found.guarded = true;
                self.push(at, found, uses);
            }
            Expr::Let { bindings, .. } | Expr::AttrSet { bindings, .. } => self.inherits(item, bindings, uses),
            _ => (),
        }
    }

    fn inherits(&mut self, item: ItemKey, bindings: &'a Bindings, uses: &mut Vec<PathUse>) {
        for entry in &bindings.entries {
            if !matches!(entry.value, EntryValue::Expr(_))
                && let Some(found) = self.binding(item, bindings, &entry.name)
            {
                self.push((item, entry.key), found, uses);
            }
        }
    }

    fn note(&mut self, at: Key, uses: &mut Vec<PathUse>) {
        if let Some(found) = self.path(at) {
            self.push(at, found, uses);
        }
    }

    fn push(&mut self, at: Key, found: Found, uses: &mut Vec<PathUse>) {
        let Found { root, segments, guarded, computed, inherited } = found;
        uses.push(PathUse { site: self.site(at), root, segments, inherited, guarded, computed });
    }
}
