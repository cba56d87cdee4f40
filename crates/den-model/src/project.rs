//! The fleets of a workspace and their modules.

mod discover;
mod import_tree;
mod modules;

use den_code::{FileId, Name, Site};
use den_eval::Reason;

pub use discover::{ProjectKey, projects};
pub use modules::project_modules;

use crate::facts::ModulePart;

/// A fleet: where it starts and which modules it names itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Absolute path of its folder.
    pub root: Name,
    /// How it was found.
    pub entry: Entry,
    /// The first part imports what the entry names; the others are written in the entry.
    pub parts: Vec<ModulePart>,
}

/// How a fleet was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file that it starts from; none if only the folder's layout says that it is a fleet.
    pub file: Option<FileId>,
    /// What kind of start that is.
    pub kind: EntryKind,
    /// Set if the modules were found by looking at the text, because evaluating it did not reach
    /// them.
    pub guessed: bool,
}

/// Kinds of starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// `flake.nix`
    Flake,
    /// `default.nix`
    Default,
    /// Neither: every module below `modules`, or every file that speaks of `den`.
    Folder,
}

/// The modules of a fleet, in the order in which the module system collects them.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ModuleGraph {
    /// All modules.
    pub modules: Vec<Module>,
    /// Namespaces made by `inputs.den.namespace`.
    pub namespaces: Vec<Namespace>,
    /// Modules of other flakes: the reference as text and where it is imported.
    pub foreign: Vec<(Vec<Name>, Option<Site>)>,
    /// Files that an `import-tree` leaves out and nobody imports.
    pub skipped: Vec<FileId>,
    /// Aliases of option paths: from a path to a path.
    pub aliases: Vec<(Vec<Name>, Vec<Name>)>,
    /// Where something about the modules is not known.
    pub limits: Vec<Limit>,
    /// Whether Den itself is imported.
    pub imports_den: bool,
    /// Whether Den's strict module is imported.
    pub strict: bool,
    /// Absolute paths of submodule folders that are not checked out and would be imported.
    pub absent: Vec<Name>,
}

/// One module of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    /// Where it is.
    pub source: ModuleSource,
    /// Whether it is certainly imported.
    pub certain: bool,
}

/// Where a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModuleSource {
    /// This part of a file.
    File(FileId, u32),
    /// This part of the project's entry.
    Entry(u32),
}

/// A namespace of aspects.
#[derive(Clone, Debug, PartialEq)]
pub struct Namespace {
    /// Its name.
    pub name: Name,
    /// Whether aspects may come from other flakes.
    pub foreign: bool,
    /// Where it is made.
    pub site: Option<Site>,
}

/// Something that limits what is known of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Why.
    pub reason: Reason,
    /// Where.
    pub site: Option<Site>,
    /// What may be hidden by it, for people: `modules`, `a namespace's name`.
    pub hides: &'static str,
}
