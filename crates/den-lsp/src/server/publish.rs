//! When which file is looked at for findings, and what is sent of it.
//!
//! The file under the cursor goes first and at once, the other open files follow, the rest of the
//! workspace after a moment of quiet and in chunks. A change starts all of this over; results of an older
//! generation are dropped. A client that pulls gets nothing pushed, ever.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use den_ide::{Cancellable, Name};
use lsp_types::{Diagnostic, PublishDiagnosticsParams, Url};

use super::outgoing::Outgoing;
use super::snapshot::{Snapshot, View};
use super::worker_pool::Lane;
use crate::crash;
use crate::protocol::to_lsp::{self, Places};

/// How long it must be quiet before closed files are looked at.
const QUIET: Duration = Duration::from_millis(100);
/// How many closed files are looked at in one go.
const CHUNK: usize = 64;

/// The state of publishing.
#[derive(Default)]
pub(crate) struct Publisher {
    generation: u64,
    /// Files that somebody types in.
    edited: VecDeque<Name>,
    /// Other files that somebody looks at.
    open: VecDeque<Name>,
    /// All files; those from `next` on are still to be done if they are closed, and from when on.
    all: Arc<[Name]>,
    next: usize,
    rest_from: Option<Instant>,
    /// How many batches are with workers.
    running: usize,
    /// What the client has, where that is not nothing.
    published: BTreeMap<Name, Published>,
}

struct Published {
    uri: Url,
    diagnostics: Arc<[Diagnostic]>,
    version: Option<i32>,
}

/// A batch of files for a worker.
pub(crate) struct Batch {
    pub(crate) lane: Lane,
    pub(crate) generation: u64,
    pub(crate) files: Vec<Name>,
}

/// What a worker found.
pub(crate) struct Diagnosed {
    generation: u64,
    done: Vec<Found>,
    /// Files that were not looked at because the snapshot was cancelled.
    rest: Vec<Name>,
    /// Files at which the analysis panicked.
    pub(crate) panics: Vec<(Name, String)>,
}

/// What it found in one file.
struct Found {
    path: Name,
    /// The version that the worker saw, if the file was open.
    version: Option<i32>,
    diagnostics: Vec<Diagnostic>,
}

impl Publisher {
    /// Everything may be different now. `edited` files are looked at first, then the other `open` ones,
    /// then whatever of `all` is closed.
    pub(crate) fn restart(&mut self, edited: &BTreeSet<Name>, open: Vec<Name>, all: Arc<[Name]>) {
        self.generation += 1;
        (self.edited, self.open) = open.into_iter().partition(|it| edited.contains(it));
        self.all = all;
        self.next = 0;
        self.rest_from = Some(Instant::now() + QUIET);
    }

    /// The next batch, if there is one to start now. `most` batches may run at once.
    pub(crate) fn next(&mut self, most: usize, view: &View) -> Option<Batch> {
        let (lane, files) = if let Some(first) = self.edited.pop_front() {
            (Lane::Now, vec![first])
        } else if self.running >= most {
            return None;
        } else if let Some(first) = self.open.pop_front() {
            (Lane::Later, vec![first])
        } else if self.rest_from.is_some_and(|it| it <= Instant::now()) {
            (Lane::Later, self.closed_files(view))
        } else {
            return None;
        };
        if files.is_empty() {
            self.rest_from = None;
            return None;
        }
        self.running += 1;
        Some(Batch { lane, generation: self.generation, files })
    }

    fn closed_files(&mut self, view: &View) -> Vec<Name> {
        let rest = self.all[self.next..].iter();
        let closed = rest.enumerate().filter(|(_, it)| !view.open.contains_key(*it)).take(CHUNK);
        let (indexes, files): (Vec<usize>, Vec<Name>) = closed.map(|(index, it)| (index, it.clone())).unzip();
        self.next = indexes.last().map_or(self.all.len(), |it| self.next + it + 1);
        files
    }

    /// When to ask for the next batch at the latest.
    pub(crate) fn wakes_at(&self) -> Option<Instant> {
        self.rest_from.filter(|it| *it > Instant::now())
    }

    /// Whether everything was looked at.
    pub(crate) fn is_idle(&self) -> bool {
        self.edited.is_empty() && self.open.is_empty() && self.rest_from.is_none() && self.running == 0
    }

    /// Takes in what a worker found, and sends it if there is somebody to send it to.
    pub(crate) fn finished(&mut self, result: Diagnosed, view: &View, outgoing: Option<&Outgoing>) {
        self.running -= 1;
        if result.generation != self.generation {
            return;
        }
        for file in result.rest.into_iter().rev() {
            self.open.push_front(file);
        }
        let Some(outgoing) = outgoing else { return };
        for found in result.done {
            self.publish(found, view, outgoing);
        }
    }

    /// Sends diagnostics if the client does not have them. Those of an open document are sent again with
    /// every version: some clients drop what is about an older one, and would be left with nothing. If the
    /// document went on meanwhile, what was found is about a text that is no more.
    fn publish(&mut self, found: Found, view: &View, outgoing: &Outgoing) {
        let Found { path, version, diagnostics } = found;
        let open = view.open.get(&path);
        if open.map(|it| it.version) != version || open.is_some_and(|it| it.in_doubt) {
            return;
        }
        let is_known = match self.published.get(&path) {
            Some(old) => *old.diagnostics == *diagnostics && old.version == version,
            None => diagnostics.is_empty() && version.is_none(),
        };
        if is_known {
            return;
        }
        // A client knows a file by one spelling of its address.
        let known = open.map(|it| &it.uri).or_else(|| self.published.get(&path).map(|it| &it.uri));
        let Some(uri) = known.cloned().or_else(|| to_lsp::uri(&path)) else { return };
        outgoing.publish(PublishDiagnosticsParams { uri: uri.clone(), diagnostics: diagnostics.clone(), version });
        match diagnostics.is_empty() && version.is_none() {
            true => drop(self.published.remove(&path)),
            false => drop(self.published.insert(path, Published { uri, diagnostics: diagnostics.into(), version })),
        }
    }

    /// Takes back what was sent about files that `keep` does not know.
    pub(crate) fn retract(&mut self, keep: impl Fn(&str) -> bool, outgoing: &Outgoing) {
        self.published.retain(|path, it| {
            let stays = keep(path);
            if !stays {
                let uri = it.uri.clone();
                outgoing.publish(PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None });
            }
            stays
        });
    }
}

impl Batch {
    /// Looks at the files on a worker.
    pub(crate) fn run(self, snapshot: &Snapshot) -> Diagnosed {
        let mut result =
            Diagnosed { generation: self.generation, done: Vec::new(), rest: Vec::new(), panics: Vec::new() };
        let mut files = self.files.into_iter();
        while let Some(path) = files.next() {
            match crash::catch(|| diagnostics(snapshot, &path)) {
                Ok(Ok(Some(diagnostics))) => {
                    let version = snapshot.view.open.get(&path).map(|it| it.version);
                    result.done.push(Found { path, version, diagnostics });
                }
                Ok(Ok(None)) => (),
                Ok(Err(_)) => {
                    result.rest = std::iter::once(path).chain(files).collect();
                    break;
                }
                Err(panic) => result.panics.push((path, panic)),
            }
        }
        result
    }
}

/// The findings in a file; `None` if nothing true can be said about it now.
pub(crate) fn diagnostics(snapshot: &Snapshot, path: &str) -> Cancellable<Option<Vec<Diagnostic>>> {
    if !snapshot.view.may_ask(path) {
        return Ok(None);
    }
    if !snapshot.view.config.diagnostics {
        return Ok(Some(Vec::new()));
    }
    let Some(file) = snapshot.analysis()?.file_id(path)? else { return Ok(Some(Vec::new())) };
    let places = Places::new(snapshot);
    let mut found = Vec::new();
    for it in snapshot.analysis()?.diagnostics(file)? {
        found.extend(places.diagnostic(&it)?);
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests;
