//! A world of a few texts, for evaluating an expression on its own.

use std::sync::Arc;

use den_code::{Code, FileId, ItemRef, LoweredFile, Name, Site};
use den_syntax::{LineIndex, Parse};

use crate::budget::Budget;
use crate::rejection::{FileForms, Rejection};
use crate::session::Session;
use crate::symbol::Symbol;
use crate::unknown::Reason;
use crate::value::{Attr, Attrs};
use crate::world::{EntryKind, Found, Resolution, World};
use crate::{ErrorKind, Eval, Stop, paths};

/// Texts by absolute path.
pub struct MemoryWorld {
    files: Vec<MemoryFile>,
    features: Vec<String>,
}

struct MemoryFile {
    path: Name,
    text: Arc<str>,
    parsed: std::sync::OnceLock<Parsed>,
}

struct Parsed {
    parse: Parse,
    lowered: LoweredFile,
    lines: LineIndex,
}

/// What to evaluate.
pub struct Source<'a> {
    /// The text of the file `/base/case.nix`.
    pub text: &'a str,
    /// Further files: path below `/base` and text.
    pub files: &'a [(String, String)],
    /// Names of experimental features that are on, such as `pipe-operators`.
    pub features: &'a [String],
}

/// What to ask of the value.
pub enum Query<'a> {
    /// The value as JSON.
    Value,
    /// Where the attribute at this path is defined.
    Position(&'a [String]),
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// JSON text of the value.
    Value(String),
    /// Line and column in bytes, from 1, or nothing.
    Position(Option<(u32, u32)>),
    /// Nix rejects the text or fails.
    Error {
        /// Whether it is rejected before anything is evaluated.
        parse: bool,
        /// The class.
        kind: ErrorKind,
        /// Nix's message.
        message: String,
        /// Names that may have been meant, best first.
        suggestions: Vec<Name>,
    },
    /// We cannot tell.
    Unknown(Reason),
}

impl MemoryWorld {
    /// Evaluates a text, with `lib` in scope.
    pub fn evaluate(source: &Source<'_>, query: &Query<'_>) -> Outcome {
        MemoryWorld::evaluate_within(source, query, Budget::COMMAND)
    }

    /// Like [`MemoryWorld::evaluate`], with another budget.
    pub fn evaluate_within(source: &Source<'_>, query: &Query<'_>, budget: Budget) -> Outcome {
        let mut files = vec![MemoryFile::new(CASE, source.text)];
        for (path, text) in source.files {
            files.push(MemoryFile::new(&paths::normalize(&format!("{BASE}/{path}")), text));
        }
        let world = MemoryWorld { files, features: source.features.to_vec() };
        if let Some(it) = world.rejection(FileId(0), &|name| name == "lib") {
            return Outcome::Error { parse: true, kind: it.kind, message: it.message, suggestions: Vec::new() };
        }
        let mut session = Session::new(&world, budget);
        match world.answer(&mut session, query) {
            Ok(outcome) => outcome,
            Err(Stop::Unknown(why)) => Outcome::Unknown(why.reason.clone()),
            Err(Stop::Error(error)) => Outcome::Error {
                parse: false,
                kind: error.kind,
                message: error.message.clone(),
                suggestions: error.suggestions.clone(),
            },
        }
    }

    fn answer(&self, session: &mut Session<'_>, query: &Query<'_>) -> Eval<Outcome> {
        let lib = session.lib();
        let scope = Attrs::from_entries(vec![("lib".into(), Attr::unplaced(lib))]);
        let thunk = session.file_in_scope(FileId(0), scope.into())?;
        match query {
            Query::Value => Ok(Outcome::Value(session.to_json(thunk, true)?)),
            Query::Position(path) => {
                let Some((last, parents)) = path.split_last() else { return Ok(Outcome::Position(None)) };
                let mut base = thunk;
                for name in parents {
                    let value = session.select(base, &Name::new(name))?;
                    base = session.done(value);
                }
                let attrs = session.attrs(base)?;
                let Some(attr) = attrs.get(last) else { return Ok(Outcome::Position(None)) };
                let site = session.attr_site(attr.key);
                Ok(Outcome::Position(site.and_then(|it| self.line_col(it))))
            }
        }
    }

    fn parsed(&self, index: usize) -> &Parsed {
        let file = &self.files[index];
        file.parsed.get_or_init(|| {
            let parse = den_syntax::parse(&file.text);
            let lowered = den_code::lower(&parse);
            Parsed { parse, lowered, lines: LineIndex::new(&file.text) }
        })
    }

    fn forms(&self, file: FileId) -> Option<FileForms<'_>> {
        let path = &self.files.get(file.0 as usize)?.path;
        let Parsed { parse, lowered, lines } = self.parsed(file.0 as usize);
        Some(FileForms { path, parse, lowered, lines })
    }
}

const BASE: &str = "/base";
const CASE: &str = "/base/case.nix";

impl MemoryFile {
    fn new(path: &str, text: &str) -> MemoryFile {
        MemoryFile { path: Name::new(path), text: text.into(), parsed: std::sync::OnceLock::new() }
    }
}

impl World for MemoryWorld {
    fn code(&self, item: ItemRef) -> Option<Arc<Code>> {
        let index = item.file.0 as usize;
        self.files.get(index)?;
        Some(self.parsed(index).lowered.get(item.item)?.code.clone())
    }

    fn path(&self, file: FileId) -> Name {
        self.files.get(file.0 as usize).map_or(Name::default(), |it| it.path.clone())
    }

    fn find(&self, path: &str) -> Found {
        if let Some(index) = self.files.iter().position(|it| it.path == path) {
            return Found::File(FileId(index as u32));
        }
        let below = |it: &MemoryFile| it.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        if path == "/" || self.files.iter().any(below) {
            return Found::Directory;
        }
        if path.strip_prefix(BASE).is_some_and(|rest| rest.starts_with('/')) {
            return Found::Missing;
        }
        Found::Unknown(Reason::OutsideWorkspace(Name::new(path)))
    }

    fn read(&self, path: &str) -> Result<Arc<str>, Reason> {
        let file = self.files.iter().find(|it| it.path == path);
        file.map(|it| it.text.clone()).ok_or_else(|| Reason::MissingFile(Name::new(path)))
    }

    fn list(&self, path: &str) -> Result<Vec<(Name, EntryKind)>, Reason> {
        let mut entries = Vec::new();
        for file in &self.files {
            let Some(rest) = file.path.strip_prefix(path).and_then(|it| it.strip_prefix('/')) else { continue };
            entries.push(match rest.split_once('/') {
                Some((folder, _)) => (Name::new(folder), EntryKind::Directory),
                None => (Name::new(rest), EntryKind::Regular),
            });
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|a, b| a.0 == b.0);
        Ok(entries)
    }

    fn resolve(&self, _session: &mut Session<'_>, _symbol: &Symbol) -> Eval<Resolution> {
        Ok(Resolution::Stuck)
    }

    fn line_col(&self, site: Site) -> Option<(u32, u32)> {
        self.forms(site.file)?.line_col(site)
    }

    fn rejection(&self, file: FileId, in_scope: &dyn Fn(&str) -> bool) -> Option<Rejection> {
        self.forms(file)?.rejection(&self.features, in_scope)
    }

    /// An expression that belongs to no project has no search path.
    fn search_path(&self) -> Option<Vec<(Name, Name)>> {
        Some(Vec::new())
    }
}
