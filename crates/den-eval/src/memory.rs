//! A world of a few texts, for evaluating an expression on its own.

use std::sync::Arc;

use den_code::{Code, FileId, ItemRef, LoweredFile, Name, Problem, Site};
use den_syntax::{Column, LineIndex, Parse};

use crate::budget::Budget;
use crate::session::Session;
use crate::symbol::Symbol;
use crate::unknown::Reason;
use crate::value::{Attr, Attrs};
use crate::world::{EntryKind, Found, Resolution, World};
use crate::{ErrorKind, Eval, Stop, paths};

/// Texts by absolute path.
pub struct MemoryWorld {
    files: Vec<MemoryFile>,
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
    },
    /// We cannot tell.
    Unknown(Reason),
}

impl MemoryWorld {
    /// Evaluates a text, with `lib` in scope.
    pub fn evaluate(source: &Source<'_>, query: &Query<'_>) -> Outcome {
        let mut files = vec![MemoryFile::new(CASE, source.text)];
        for (path, text) in source.files {
            files.push(MemoryFile::new(&paths::normalize(&format!("{BASE}/{path}")), text));
        }
        let world = MemoryWorld { files };
        let parsed = world.parsed(0);
        if let Some((kind, message)) = rejection(parsed, source.features) {
            return Outcome::Error { parse: true, kind, message };
        }
        let mut session = Session::new(&world, Budget::COMMAND);
        match world.answer(&mut session, query) {
            Ok(outcome) => outcome,
            Err(Stop::Unknown(why)) => Outcome::Unknown(why.reason.clone()),
            Err(Stop::Error(error)) => {
                Outcome::Error { parse: false, kind: error.kind, message: error.message.clone() }
            }
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
                let attr = attrs.get(last);
                Ok(Outcome::Position(attr.and_then(|it| session.attr_line_col(it.key))))
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
}

const BASE: &str = "/base";
const CASE: &str = "/base/case.nix";

impl MemoryFile {
    fn new(path: &str, text: &str) -> MemoryFile {
        MemoryFile { path: Name::new(path), text: text.into(), parsed: std::sync::OnceLock::new() }
    }
}

/// Why Nix rejects a file before evaluating it.
fn rejection(parsed: &Parsed, features: &[String]) -> Option<(ErrorKind, String)> {
    if let Some(error) = parsed.parse.errors().first() {
        return Some((ErrorKind::Syntax, format!("syntax error, {}", error.message)));
    }
    let _ = features;
    for item in &parsed.lowered.items {
        if let Some(problem) = item.code.problems.first() {
            return Some(match problem {
                Problem::DuplicateAttribute { path, .. } => {
                    let path: Vec<String> = path.iter().map(|it| crate::attr_name(it)).collect();
                    (ErrorKind::DuplicateAttribute, format!("attribute '{}' already defined", path.join(".")))
                }
                Problem::DuplicateFormal { name, .. } => {
                    (ErrorKind::Syntax, format!("duplicate formal function argument '{name}'"))
                }
                Problem::Rejected { message, .. } => (ErrorKind::Syntax, (*message).to_owned()),
            });
        }
    }
    None
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
        let parsed = self.parsed(site.file.0 as usize);
        let range = parsed.lowered.get(site.item)?.source_map.range(site.expr);
        let at = parsed.lines.line_col(range.start(), Column::Utf8);
        Some((at.line + 1, at.col + 1))
    }
}

impl Session<'_> {
    /// Line and column in bytes, from 1, of an attribute whose name is at `key`: where its whole
    /// attribute path starts, as Nix has it.
    pub(crate) fn attr_line_col(&mut self, key: crate::Pos) -> Option<(u32, u32)> {
        let code = self.code_of(key)?;
        let start = code.exprs.iter().find_map(|expr| match expr {
            den_code::Expr::AttrSet { bindings, .. } | den_code::Expr::Let { bindings, .. } => {
                bindings.entries.iter().find(|it| it.key == key.expr).map(|it| it.start)
            }
            _ => None,
        });
        let at = self.sub(key, start.unwrap_or(key.expr));
        self.world().line_col(self.site(at)?)
    }
}
