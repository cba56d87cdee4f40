//! What every name in a file refers to, without evaluating anything.
//!
//! Source of the rules: nix `Expr::bindVars`. A name means the nearest enclosing `let`, `rec` or
//! function argument that binds it, then a name of Nix itself; only then the innermost `with`. Nix
//! does this for a whole file before it evaluates any of it, so that a name that means nothing is an
//! error even in a branch that is never taken.
//!
//! The walk keeps its own stack: code nests as deep as chains of operators are long.

use rustc_hash::FxHashMap;

use crate::{AttrKey, Bindings, Code, EntryValue, Expr, ExprId, ItemKey, LoweredFile, Name, Param, StrPart};

/// One use of a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The item that the use is in.
    pub item: ItemKey,
    /// The variable, the name in an `inherit` without a source, or `<…>`, which uses `__findFile`.
    pub at: ExprId,
    /// The name.
    pub name: Name,
    /// What it refers to.
    pub meaning: Meaning,
}

/// What a name refers to.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// A binding of this file.
    Local(Definition),
    /// A name of Nix itself.
    Global,
    /// An attribute of the scope of a `with`: this one, the innermost, or one around it.
    With {
        /// The item that the `with` is in.
        item: ItemKey,
        /// The `with` expression.
        at: ExprId,
    },
    /// Nothing: Nix rejects the file.
    Undefined,
}

/// Where a name of this file is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Definition {
    /// The item that the binding is in.
    pub item: ItemKey,
    /// The `let`, recursive set or function that binds it.
    pub scope: ExprId,
    /// The name.
    pub name: ExprId,
}

/// Every use of a name in a file, in the order in which Nix looks at them (for several bindings: of
/// their names). `is_global` tells the names that are bound without any code binding them.
pub fn references(file: &LoweredFile, is_global: &dyn Fn(&str) -> bool) -> Vec<Reference> {
    references_in(&|key| Some(&*file.get(key)?.code), is_global)
}

/// Like [`references`], for a file whose items are found by a function.
pub fn references_in<'a>(
    code_of: &dyn Fn(ItemKey) -> Option<&'a Code>,
    is_global: &dyn Fn(&str) -> bool,
) -> Vec<Reference> {
    let mut walk = Walk { code_of, is_global, scopes: Vec::new(), found: Vec::new(), work: Vec::new() };
    walk.work.push(Work::Item(ItemKey::ROOT, None));
    walk.run();
    walk.found
}

/// An index into [`Walk::scopes`]; `None` outside every scope of the file.
type ScopeId = Option<u32>;

struct Scope {
    parent: ScopeId,
    item: ItemKey,
    at: ExprId,
    /// `None` for a `with`.
    names: Option<FxHashMap<Name, ExprId>>,
}

enum Work<'a> {
    Item(ItemKey, ScopeId),
    Expr(&'a Code, ItemKey, ExprId, ScopeId),
    Inherit(ItemKey, ExprId, &'a Name, ScopeId),
}

struct Walk<'a, 'f> {
    code_of: &'f dyn Fn(ItemKey) -> Option<&'a Code>,
    is_global: &'f dyn Fn(&str) -> bool,
    scopes: Vec<Scope>,
    found: Vec<Reference>,
    /// Last in, first out.
    work: Vec<Work<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn run(&mut self) {
        while let Some(work) = self.work.pop() {
            match work {
                Work::Item(key, scope) => {
                    if let Some(code) = (self.code_of)(key) {
                        self.work.push(Work::Expr(code, key, code.root, scope));
                    }
                }
                Work::Inherit(item, at, name, scope) => self.reference(item, at, name, scope),
                Work::Expr(code, item, at, scope) => self.expr(code, item, at, scope),
            }
        }
    }

    fn reference(&mut self, item: ItemKey, at: ExprId, name: &Name, scope: ScopeId) {
        let meaning = self.meaning(name, scope);
        self.found.push(Reference { item, at, name: name.clone(), meaning });
    }

    fn meaning(&self, name: &Name, scope: ScopeId) -> Meaning {
        let mut with = None;
        let mut next = scope;
        while let Some(scope) = next.and_then(|it| self.scopes.get(it as usize)) {
            next = scope.parent;
            match &scope.names {
                None => with = with.or(Some((scope.item, scope.at))),
                Some(names) => {
                    if let Some(&name) = names.get(name) {
                        return Meaning::Local(Definition { item: scope.item, scope: scope.at, name });
                    }
                }
            }
        }
        match with {
            _ if (self.is_global)(name) => Meaning::Global,
            Some((item, at)) => Meaning::With { item, at },
            None => Meaning::Undefined,
        }
    }

    fn expr(&mut self, code: &'a Code, item: ItemKey, at: ExprId, scope: ScopeId) {
        // Parts are pushed in order and then turned around: the stack gives the last one first.
        let mark = self.work.len();
        let push = |work: &mut Vec<Work<'a>>, part: ExprId| work.push(Work::Expr(code, item, part, scope));
        let keys = |work: &mut Vec<Work<'a>>, path: &[AttrKey]| {
            for key in path {
                if let AttrKey::Dynamic(part) = key {
                    work.push(Work::Expr(code, item, *part, scope));
                }
            }
        };
        let work = &mut self.work;
        match code.expr(at) {
            Expr::Missing
            | Expr::Name
            | Expr::Key { .. }
            | Expr::Int(_)
            | Expr::Float(_)
            | Expr::Text(_)
            | Expr::CurPos => (),
            Expr::SearchPath(_) => self.reference(item, at, &Name::new_static("__findFile"), scope),
            Expr::Item(key) => work.push(Work::Item(*key, scope)),
            Expr::Var(name) => self.reference(item, at, name, scope),
            Expr::Str(parts) => interpolations(parts).for_each(|it| push(work, it)),
            Expr::Path(path) => interpolations(&path.parts).for_each(|it| push(work, it)),
            Expr::Select { base, path, default } => {
                push(work, *base);
                default.iter().for_each(|it| push(work, *it));
                keys(work, path);
            }
            Expr::HasAttr { base, path } => {
                push(work, *base);
                keys(work, path);
            }
            Expr::Apply { func, args } => {
                push(work, *func);
                args.iter().for_each(|it| push(work, *it));
            }
            Expr::Lambda { param, body, .. } => {
                let inner = self.open(scope, item, at, Some(param_names(param)));
                if let Param::Pattern { formals, .. } = &**param {
                    let defaults = formals.iter().filter_map(|it| it.default);
                    self.work.extend(defaults.map(|it| Work::Expr(code, item, it, inner)));
                }
                self.work.push(Work::Expr(code, item, *body, inner));
            }
            Expr::Let { bindings, body } => {
                let inner = self.open(scope, item, at, Some(binding_names(bindings)));
                self.bindings(code, item, bindings, inner, scope);
                self.work.push(Work::Expr(code, item, *body, inner));
            }
            Expr::AttrSet { recursive: true, bindings } => {
                let inner = self.open(scope, item, at, Some(binding_names(bindings)));
                self.bindings(code, item, bindings, inner, scope);
            }
            Expr::AttrSet { recursive: false, bindings } => self.bindings(code, item, bindings, scope, scope),
            Expr::With { scope: attrs, body } => {
                push(work, *attrs);
                let inner = self.open(scope, item, at, None);
                self.work.push(Work::Expr(code, item, *body, inner));
            }
            Expr::Assert { condition, body } => [condition, body].into_iter().for_each(|it| push(work, *it)),
            Expr::If { condition, yes, no } => [condition, yes, no].into_iter().for_each(|it| push(work, *it)),
            Expr::List(elements) => elements.iter().for_each(|it| push(work, *it)),
            Expr::Unary(_, operand) => push(work, *operand),
            Expr::Binary(_, left, right) => [left, right].into_iter().for_each(|it| push(work, *it)),
        }
        self.work[mark..].reverse();
    }

    fn open(&mut self, parent: ScopeId, item: ItemKey, at: ExprId, names: Option<FxHashMap<Name, ExprId>>) -> ScopeId {
        self.scopes.push(Scope { parent, item, at, names });
        Some(self.scopes.len() as u32 - 1)
    }

    /// `inner` is where values are, `outer` where a plain `inherit` looks.
    fn bindings(&mut self, code: &'a Code, item: ItemKey, bindings: &'a Bindings, inner: ScopeId, outer: ScopeId) {
        // In the order in which they are written: names of attributes have growing ids.
        let mut entries: Vec<_> = bindings.entries.iter().collect();
        entries.sort_by_key(|it| it.key);
        let work = &mut self.work;
        work.extend(bindings.sources.iter().map(|it| Work::Expr(code, item, *it, inner)));
        work.extend(entries.into_iter().filter_map(|entry| match entry.value {
            EntryValue::Expr(value) => Some(Work::Expr(code, item, value, inner)),
            EntryValue::Inherit => Some(Work::Inherit(item, entry.key, &entry.name, outer)),
            EntryValue::InheritFrom(_) => None,
        }));
        for it in &bindings.dynamic {
            work.push(Work::Expr(code, item, it.key, inner));
            work.push(Work::Expr(code, item, it.value, inner));
        }
    }
}

fn interpolations(parts: &[StrPart]) -> impl Iterator<Item = ExprId> {
    parts.iter().filter_map(|it| match it {
        StrPart::Interpolation(part) => Some(*part),
        StrPart::Text(_) => None,
    })
}

fn binding_names(bindings: &Bindings) -> FxHashMap<Name, ExprId> {
    bindings.entries.iter().map(|it| (it.name.clone(), it.key)).collect()
}

fn param_names(param: &Param) -> FxHashMap<Name, ExprId> {
    match param {
        Param::Ident(name, at) => [(name.clone(), *at)].into_iter().collect(),
        Param::Pattern { formals, bind, .. } => {
            let formals = formals.iter().map(|it| (it.name.clone(), it.id));
            formals.chain(bind.clone()).collect()
        }
    }
}
