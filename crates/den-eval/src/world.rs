//! What an evaluation may ask of the outside. Everything it learns goes through here, so that
//! whoever implements it over a database records every dependency.

use std::sync::Arc;

use den_code::{Code, FileId, ItemRef, Name, Site};

use crate::Eval;
use crate::native::NativeFn;
use crate::rejection::Rejection;
use crate::session::Session;
use crate::symbol::Symbol;
use crate::unknown::Reason;
use crate::value::{Thunk, Value};

/// The outside of an evaluation.
pub trait World {
    /// The code of an item, or `None` if there is no such item (any more).
    fn code(&self, item: ItemRef) -> Option<Arc<Code>>;

    /// The absolute path of a file, `/`-separated.
    fn path(&self, file: FileId) -> Name;

    /// What is at an absolute, normalized path.
    fn find(&self, path: &str) -> Found;

    /// The text of the file at a path for which [`World::find`] answered [`Found::File`] or
    /// [`Found::Other`].
    fn read(&self, path: &str) -> Result<Arc<str>, Reason>;

    /// Names and kinds of what is in the folder at a path, in order of name.
    fn list(&self, path: &str) -> Result<Vec<(Name, EntryKind)>, Reason>;

    /// What a symbol stands for.
    fn resolve(&self, session: &mut Session<'_>, symbol: &Symbol) -> Eval<Resolution>;

    /// Line and column in bytes, both from 1, as Nix counts them.
    fn line_col(&self, _site: Site) -> Option<(u32, u32)> {
        None
    }

    /// Why Nix would reject a file before evaluating it. By default a broken file is evaluated as far
    /// as it goes, which is what editors want. `in_scope` tells the names that the file may use
    /// besides Nix's own.
    fn rejection(&self, _file: FileId, _in_scope: &dyn Fn(&str) -> bool) -> Option<Rejection> {
        None
    }

    /// The entries of `builtins.nixPath` as prefixes and paths; `None` where nobody knows.
    fn search_path(&self) -> Option<Vec<(Name, Name)>> {
        None
    }

    /// Called every 1,024 steps; may unwind to cancel the evaluation.
    fn checkpoint(&self) {}

    /// What a name means that nothing binds. Real Nix rejects such a file; an editor goes on.
    fn free_variable(&self, _name: &Name) -> Option<Value> {
        None
    }

    /// May answer a call of a function of ours in its place: looking for the modules of a project,
    /// `lib.evalModules` is asked for its arguments and not run.
    fn intercept(&self, _session: &mut Session<'_>, _func: &'static NativeFn, _args: &[Thunk]) -> Option<Eval<Value>> {
        None
    }
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A Nix file.
    File(FileId),
    /// A file whose text can be read.
    Other,
    /// A folder.
    Directory,
    /// Nothing, and that is certain.
    Missing,
    /// Nobody here can tell.
    Unknown(Reason),
}

/// Kind of a folder entry, as `builtins.readDir` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    Regular,
    /// A folder.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Something else.
    Unknown,
}

/// What a symbol stands for.
pub enum Resolution {
    /// This value. It must not be the symbol itself.
    Value(Value),
    /// There is no such attribute: the index of the step (from 0) that fails.
    Missing(usize),
    /// Not known to this world.
    Stuck,
}
