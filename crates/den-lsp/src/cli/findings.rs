//! The findings of a whole folder, at lines and columns, in a stable order.
//!
//! The serialized form is a contract with programs: fields may be added, none may change meaning. Lines
//! and characters count from zero, characters in UTF-16 units, paths are relative to the root.

use std::sync::atomic::{AtomicUsize, Ordering};

use den_ide::{Analysis, Cancellable, Column, Diagnostic, FileId, FileRange, LineIndex, Name, Severity, TextRange};
use serde::Serialize;

use super::project::{Project, relative};
use crate::crash;

/// How many snapshots check files at the same time.
const WORKERS: usize = 2;

/// The result of `check`.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) version: u32,
    pub(crate) root: String,
    pub(crate) files: usize,
    pub(crate) hosts: usize,
    pub(crate) diagnostics: Vec<Finding>,
}

/// One finding.
#[derive(Serialize)]
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    pub(crate) severity: &'static str,
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) host: Option<String>,
    pub(crate) related: Vec<Related>,
    pub(crate) fixes: Vec<Fix>,
}

/// A place that explains a finding.
#[derive(Serialize)]
pub(crate) struct Related {
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// A change that mends a finding.
#[derive(Serialize)]
pub(crate) struct Fix {
    pub(crate) title: String,
    pub(crate) safe: bool,
    pub(crate) edits: Vec<Edit>,
}

/// A replacement.
#[derive(Serialize)]
pub(crate) struct Edit {
    #[serde(flatten)]
    pub(crate) place: Place,
    #[serde(rename = "newText")]
    pub(crate) new_text: String,
}

/// A range of a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) range: Range,
    /// For those who show the text.
    #[serde(skip)]
    pub(crate) bytes: (u32, u32),
}

/// Lines and columns of a range.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Range {
    pub(crate) start: Position,
    pub(crate) end: Position,
}

/// A line and a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) character: u32,
}

/// Why there is no report.
pub(crate) enum Failure {
    /// A bug of ours: the file at which it showed, and the panic.
    Crash { file: String, panic: String },
    /// No host has this name.
    UnknownHost,
}

/// Checks every file of a project. With `host`, only findings about this host and those that are about
/// no single host.
pub(crate) fn check(project: &Project, host: Option<&str>) -> Result<Report, Failure> {
    let analysis = project.host.snapshot();
    let crash = |file: &str, panic| Failure::Crash { file: project.relative(file).to_owned(), panic };
    let first = crash::catch(|| (analysis.nix_files(), analysis.hosts()));
    let (files, hosts) = match first {
        Ok((Ok(files), Ok(hosts))) => (files, hosts),
        Ok(_) => return Err(crash(&project.root, "cancelled without a cause".to_owned())),
        Err(panic) => return Err(crash(&project.root, panic)),
    };
    if host.is_some_and(|host| !hosts.iter().any(|it| it == host)) {
        return Err(Failure::UnknownHost);
    }
    drop(analysis);
    let mut diagnostics = Vec::new();
    let mut cancelled = None;
    let results = check_all(project, &files);
    let done = results.len();
    for (path, result) in results {
        match result {
            Ok(found) => diagnostics.extend(found),
            Err(Trouble::Panic(panic)) => return Err(crash(&path, panic)),
            Err(Trouble::Cancelled) => cancelled = Some(path),
        }
    }
    if let Some(path) = cancelled {
        return Err(crash(&path, "cancelled without a cause".to_owned()));
    }
    if done < files.len() {
        return Err(crash(&project.root, "no thread could be started".to_owned()));
    }
    diagnostics.retain(|it| host.is_none() || it.host.is_none() || it.host.as_deref() == host);
    diagnostics.sort_by(|a, b| (&a.place, a.code, &a.message).cmp(&(&b.place, b.code, &b.message)));
    Ok(Report { version: 1, root: project.root.to_string(), files: files.len(), hosts: hosts.len(), diagnostics })
}

type Checked = Vec<(Name, Result<Vec<Finding>, Trouble>)>;

enum Trouble {
    Panic(String),
    /// Nobody writes here, so this is the panic of another thread that computes the same thing.
    Cancelled,
}

fn check_all(project: &Project, files: &[(Name, FileId)]) -> Checked {
    let next = AtomicUsize::new(0);
    let next = &next;
    std::thread::scope(|scope| {
        let spawn = |index| {
            let thread = std::thread::Builder::new().name(format!("check-{index}")).stack_size(den_ide::BIG_STACK);
            let (analysis, root) = (project.host.snapshot(), &project.root);
            thread.spawn_scoped(scope, move || check_next(root, &analysis, files, next)).ok()
        };
        let threads: Vec<_> = (0..WORKERS).filter_map(spawn).collect();
        threads.into_iter().flat_map(|it| it.join().unwrap_or_default()).collect()
    })
}

fn check_next(root: &Name, analysis: &Analysis, files: &[(Name, FileId)], next: &AtomicUsize) -> Checked {
    let places = Places { root, analysis };
    let mut done = Vec::new();
    while let Some((path, file)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let found = match crash::catch(|| places.findings(*file)) {
            Ok(found) => found.map_err(|_| Trouble::Cancelled),
            Err(panic) => Err(Trouble::Panic(panic)),
        };
        done.push((path.clone(), found));
    }
    done
}

/// Turns places of the analysis into lines and columns.
struct Places<'a> {
    root: &'a Name,
    analysis: &'a Analysis,
}

impl Places<'_> {
    fn findings(&self, file: FileId) -> Cancellable<Vec<Finding>> {
        self.analysis.diagnostics(file)?.into_iter().filter_map(|it| self.finding(it).transpose()).collect()
    }

    fn finding(&self, it: Diagnostic) -> Cancellable<Option<Finding>> {
        let Some(place) = self.place(it.place)? else { return Ok(None) };
        let mut related = Vec::new();
        for it in it.related {
            related.extend(self.place(it.place)?.map(|place| Related { place, message: it.message }));
        }
        let mut fixes = Vec::new();
        for fix in it.fixes {
            let mut edits = Vec::new();
            for it in fix.edits {
                let place = self.place(FileRange { file: it.file, range: it.edit.range })?;
                edits.extend(place.map(|place| Edit { place, new_text: it.edit.insert }));
            }
            fixes.push(Fix { title: fix.title, safe: fix.safe, edits });
        }
        let severity = severity(it.severity);
        Ok(Some(Finding { code: it.code, severity, place, message: it.message, host: it.host, related, fixes }))
    }

    fn place(&self, it: FileRange) -> Cancellable<Option<Place>> {
        let (Some(path), Some(index)) = (self.analysis.path(it.file)?, self.analysis.line_index(it.file)?) else {
            return Ok(None);
        };
        let bytes = (it.range.start().into(), it.range.end().into());
        Ok(Some(Place { file: relative(self.root, &path).to_owned(), range: range(&index, it.range), bytes }))
    }
}

fn range(index: &LineIndex, range: TextRange) -> Range {
    let position = |offset| {
        let at = index.line_col(offset, Column::Utf16);
        Position { line: at.line, character: at.col }
    };
    Range { start: position(range.start()), end: position(range.end()) }
}

fn severity(it: Severity) -> &'static str {
    match it {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
        Severity::Hint => "hint",
    }
}
