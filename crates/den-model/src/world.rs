//! The evaluator's outside, over the database.

use std::sync::Arc;

use den_code::{Code, FileId, ItemRef, Name};
use den_db::{Db, Entry, Lookup, PathKey, folder, lookup, lowered};
use den_eval::{EntryKind, Eval, Found, NativeFn, Reason, Resolution, Session, Symbol, Thunk, Value, World};

/// What symbols stand for.
pub trait Resolver {
    /// See [`World::resolve`].
    fn resolve(&self, session: &mut Session<'_>, symbol: &Symbol) -> Eval<Resolution>;

    /// See [`World::intercept`].
    fn intercept(&self, _session: &mut Session<'_>, _func: &'static NativeFn, _args: &[Thunk]) -> Option<Eval<Value>> {
        None
    }
}

/// Nothing outside the code itself is known.
pub struct Alone;

impl Resolver for Alone {
    fn resolve(&self, _session: &mut Session<'_>, _symbol: &Symbol) -> Eval<Resolution> {
        Ok(Resolution::Stuck)
    }

    fn intercept(&self, session: &mut Session<'_>, func: &'static NativeFn, args: &[Thunk]) -> Option<Eval<Value>> {
        crate::facts::intercept_alias(session, func, args)
    }
}

/// The database as the evaluator sees it.
///
/// It knows no lines and columns: a value that held one would depend on every edit above it.
pub struct ModelWorld<'db, R> {
    db: &'db dyn Db,
    /// What symbols stand for.
    pub resolver: R,
}

impl<'db, R: Resolver> ModelWorld<'db, R> {
    /// A world over the files of `db`.
    pub fn new(db: &'db dyn Db, resolver: R) -> ModelWorld<'db, R> {
        ModelWorld { db, resolver }
    }

    fn lookup(&self, path: &str) -> Lookup {
        lookup(self.db, PathKey::new(self.db, Name::new(path)))
    }
}

impl<R: Resolver> World for ModelWorld<'_, R> {
    fn code(&self, item: ItemRef) -> Option<Arc<Code>> {
        let file = self.db.file(item.file)?;
        Some(lowered(self.db, file).get(item.item)?.code(self.db).clone())
    }

    fn path(&self, file: FileId) -> Name {
        self.db.file(file).map_or(Name::default(), |it| it.path(self.db).clone())
    }

    fn find(&self, path: &str) -> Found {
        match self.lookup(path) {
            Lookup::File(file) if path.ends_with(".nix") => Found::File(file.id(self.db)),
            Lookup::File(_) | Lookup::Other => Found::Other,
            Lookup::Link => Found::Unknown(Reason::MissingFile(Name::new(path))),
            Lookup::Folder => Found::Directory,
            Lookup::Absent => Found::Unknown(Reason::MissingFile(Name::new(path))),
            Lookup::Missing => Found::Missing,
            Lookup::Outside => Found::Unknown(Reason::OutsideWorkspace(Name::new(path))),
        }
    }

    fn read(&self, path: &str) -> Result<Arc<str>, Reason> {
        match self.lookup(path) {
            Lookup::File(file) => Ok(file.text(self.db).clone()),
            Lookup::Outside => Err(Reason::OutsideWorkspace(Name::new(path))),
            _ => Err(Reason::MissingFile(Name::new(path))),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<(Name, EntryKind)>, Reason> {
        match self.lookup(path) {
            Lookup::Folder => (),
            Lookup::Outside => return Err(Reason::OutsideWorkspace(Name::new(path))),
            _ => return Err(Reason::MissingFile(Name::new(path))),
        }
        let prefix = if path == "/" { 1 } else { path.len() + 1 };
        let mut entries: Vec<(Name, EntryKind)> = Vec::new();
        for (inside, entry) in folder(self.db, PathKey::new(self.db, Name::new(path))) {
            let (name, kind) = match inside[prefix..].split_once('/') {
                Some((name, _)) => (name, EntryKind::Directory),
                None if *entry == Entry::Link => (&inside[prefix..], EntryKind::Symlink),
                None => (&inside[prefix..], EntryKind::Regular),
            };
            if entries.last().is_none_or(|it| it.0 != name) {
                entries.push((Name::new(name), kind));
            }
        }
        // `a/b` sorts before `a-b` as a path, but `a-b` before `a` as a name.
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|a, b| a.0 == b.0);
        Ok(entries)
    }

    fn resolve(&self, session: &mut Session<'_>, symbol: &Symbol) -> Eval<Resolution> {
        self.resolver.resolve(session, symbol)
    }

    fn checkpoint(&self) {
        self.db.unwind_if_revision_cancelled();
    }

    fn free_variable(&self, name: &Name) -> Option<Value> {
        Some(Value::Symbol(Symbol::root(name.clone()).into()))
    }

    fn intercept(&self, session: &mut Session<'_>, func: &'static NativeFn, args: &[Thunk]) -> Option<Eval<Value>> {
        self.resolver.intercept(session, func, args)
    }
}
