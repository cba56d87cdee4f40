//! The owner: one thread that holds the documents and the analysis, and is the only one to write.
//!
//! Everything that happens comes as an event, in the order in which the client sent it. Changes of texts
//! are collected and written before the next question is answered, or when nothing else is waiting; so
//! a burst costs one write, and no answer is older than the change before its question. Writing waits
//! for readers, which unwind at once; the owner never holds a snapshot itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use den_ide::{AnalysisHost, Change, Column, Entry, FileId, FileTable, Name};

use super::cancel::Cancel;
use super::documents::Documents;
use super::event::Event;
use super::job::{self, Job};
use super::loader::Loader;
use super::outgoing::{Outgoing, ProgressGuard, StatusParams};
use super::publish::{Diagnosed, Publisher};
use super::snapshot::{Snapshot, View};
use super::worker_pool::WorkerPool;
use crate::config::Config;
use crate::crash;
use crate::protocol::capabilities::Client;
use crate::workspace::{Sweep, is_below, normalize};

/// A turn of the loop that takes longer is told in the log.
const SLOW_TURN: Duration = Duration::from_millis(100);
/// After how many panics a file is left alone until it changes.
const PANICS_ALLOWED: u32 = 2;

/// The owner.
pub(crate) struct Owner {
    pub(super) events: Sender<Event>,
    pub(super) outgoing: Outgoing,
    pub(super) pool: WorkerPool,
    pub(super) loader: Loader,
    pub(super) host: AnalysisHost,
    pub(super) documents: Documents,
    /// Documents whose text the analysis does not have yet.
    pub(super) dirty: BTreeSet<Name>,
    /// What the disk has, without open documents.
    pub(super) table: FileTable,
    /// Whether the analysis may still have a document that was closed and never saved.
    pub(super) table_is_old: bool,
    /// The Nix files in it.
    pub(super) nix_files: Arc<[Name]>,
    pub(super) view: Arc<View>,
    /// The client's folders; `None` if it named none, then a project is looked for.
    pub(super) folders: Option<Vec<Name>>,
    /// Questions from before the workspace was known.
    pub(super) held: Vec<Job>,
    pub(super) loaded: bool,
    /// Whether news of the disk are not everywhere yet.
    pub(super) settling: bool,
    /// Whether everything was looked at once.
    pub(super) indexed: bool,
    pub(super) publisher: Publisher,
    pub(super) progress: Option<ProgressGuard>,
    pub(super) panics: BTreeMap<Name, u32>,
    /// What the client said of its settings when it started us.
    pub(super) first_settings: serde_json::Value,
    /// Complaints about settings that were made already.
    pub(super) complaints: BTreeSet<String>,
    pub(super) notice: Option<String>,
    pub(super) status: Option<StatusParams>,
}

impl Owner {
    /// An owner that knows nothing yet.
    pub(crate) fn new(events: Sender<Event>, outgoing: Outgoing, loader: Loader) -> Owner {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let view = View {
            encoding: Column::Utf16,
            client: Arc::new(Client::default()),
            config: Arc::new(Config::default()),
            open: BTreeMap::new(),
            quarantined: BTreeSet::new(),
        };
        Owner {
            events,
            outgoing,
            pool: WorkerPool::new(cores.clamp(2, 4)),
            loader,
            host: AnalysisHost::default(),
            documents: Documents::default(),
            dirty: BTreeSet::new(),
            table: FileTable::default(),
            table_is_old: false,
            nix_files: Arc::default(),
            view: Arc::new(view),
            folders: Some(Vec::new()),
            held: Vec::new(),
            loaded: false,
            settling: true,
            indexed: false,
            publisher: Publisher::default(),
            progress: None,
            panics: BTreeMap::new(),
            first_settings: serde_json::Value::Null,
            complaints: BTreeSet::new(),
            notice: None,
            status: None,
        }
    }

    /// Handles events until nobody can send any more.
    pub(crate) fn run(mut self, events: &Receiver<Event>) {
        loop {
            let event = match self.publisher.wakes_at() {
                Some(at) => events.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let start = Instant::now();
            match event {
                Ok(event) => {
                    self.guarded(event);
                    while let Ok(event) = events.try_recv() {
                        self.guarded(event);
                    }
                }
                Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.flush();
            self.start_batches();
            if start.elapsed() > SLOW_TURN {
                tracing::warn!("a turn of the main loop took {:?}", start.elapsed());
            }
        }
    }

    /// A bug in one event must not end the server.
    fn guarded(&mut self, event: Event) {
        if let Err(panic) = crash::catch(|| self.handle(event)) {
            self.outgoing.log_error(format!("internal error: {panic}; {}", crash::PLEA));
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Initialize(session) => self.initialize(*session),
            Event::Initialized => self.initialized(),
            Event::Notification(notification) => self.notification(notification),
            Event::Read(job) => self.read(job),
            Event::Finished(outcome) => self.finished(outcome),
            Event::Diagnosed(result) => self.diagnosed(result),
            Event::Swept(sweep) => self.swept(*sweep),
            Event::Disk(paths) => self.look(paths.iter().filter_map(|it| normalize(it))),
            Event::Configuration(settings) => self.configure(&settings),
        }
    }

    fn swept(&mut self, sweep: Sweep) {
        let notice = sweep.skipped.notice();
        if let Some(text) = notice.as_ref().filter(|it| self.notice.as_ref() != Some(*it)) {
            self.outgoing.warn_user(format!("den-lsp: {text}"));
        }
        self.notice = notice;
        let is_first = !self.loaded;
        let is_news = is_first || self.table_is_old || !sweep.texts.is_empty() || sweep.table != self.table;
        self.table_is_old = false;
        self.table = sweep.table;
        self.loaded = true;
        if is_news {
            self.settling = true;
            let loaded = self.table.entries.iter().filter(|(_, it)| matches!(it, Entry::Loaded(_)));
            self.nix_files = loaded.map(|(path, _)| path).filter(|it| it.ends_with(".nix")).cloned().collect();
            let exists = |path: &str| {
                self.documents.get(path).is_some() || matches!(self.table.entries.get(path), Some(Entry::Loaded(_)))
            };
            self.publisher.retract(exists, &self.outgoing);
            for (path, _) in &sweep.texts {
                Arc::make_mut(&mut self.view).quarantined.remove(path);
                self.panics.remove(path);
            }
            let closed = sweep.texts.into_iter().filter(|(path, _)| self.documents.get(path).is_none());
            let texts = closed.map(|(path, text)| (path, text, false)).collect();
            // Documents that are only in the editor belong to the table as well.
            self.dirty.extend(self.documents.iter().map(|(path, _)| path.clone()));
            self.write(Change { texts, table: Some(self.table.clone()), ..Change::default() });
            self.ask_to_pull();
        }
        if is_first {
            for job in std::mem::take(&mut self.held) {
                self.read(job);
            }
        }
    }

    /// Writes what was typed.
    fn flush(&mut self) {
        if self.loaded && !self.dirty.is_empty() {
            self.write(Change::default());
        }
    }

    /// Writes a change together with what was typed.
    pub(super) fn write(&mut self, mut change: Change) {
        let edited = std::mem::take(&mut self.dirty);
        for path in &edited {
            let Some(document) = self.documents.get(path) else { continue };
            if self.belongs(path) && !document.is_in_doubt() {
                change.texts.push((path.clone(), document.text.clone(), true));
                if let Some(table) = &mut change.table {
                    table.entries.insert(path.clone(), Entry::Loaded(FileId(0)));
                }
            }
        }
        self.host.apply(change);
        self.restart(&edited);
    }

    /// Whether a file is below one of the workspace's folders. No other file is looked at.
    pub(super) fn belongs(&self, path: &str) -> bool {
        self.table.roots.iter().any(|root| is_below(path, root))
    }

    /// Looks at everything again, at `edited` first.
    pub(super) fn restart(&mut self, edited: &BTreeSet<Name>) {
        // A client that pulls asks itself, but the first time somebody has to do the work ahead.
        if !self.loaded || self.view.client.pulls && self.indexed {
            return;
        }
        let open = self.documents.iter().map(|(path, _)| path.clone()).filter(|it| self.belongs(it)).collect();
        self.publisher.restart(edited, open, self.nix_files.clone());
    }

    fn snapshot(&self, cancel: Cancel) -> Snapshot {
        Snapshot::new(self.host.snapshot(), self.view.clone(), cancel)
    }

    fn start_batches(&mut self) {
        while let Some(batch) = self.publisher.next(self.pool.threads().saturating_sub(1).max(1), &self.view) {
            let (snapshot, events) = (self.snapshot(Cancel::default()), self.events.clone());
            let lane = batch.lane;
            let run = move || {
                let result = batch.run(&snapshot);
                // A snapshot that lives longer than its work would hold up the next change.
                drop(snapshot);
                let _ = events.send(Event::Diagnosed(result));
            };
            self.pool.spawn(lane, Box::new(run));
        }
        self.tell_status();
    }

    fn diagnosed(&mut self, mut result: Diagnosed) {
        for (path, panic) in std::mem::take(&mut result.panics) {
            self.panicked(Some(path), &panic);
        }
        let outgoing = (!self.view.client.pulls).then_some(&self.outgoing);
        self.publisher.finished(result, &self.view, outgoing);
    }

    pub(super) fn read(&mut self, job: Job) {
        if !self.loaded {
            self.held.push(job);
            return;
        }
        self.flush();
        let (snapshot, events) = (self.snapshot(job.cancel.clone()), self.events.clone());
        let lane = job.manner.lane;
        let run = move || match job.run(snapshot) {
            job::Outcome::Done => (),
            outcome => drop(events.send(Event::Finished(outcome))),
        };
        self.pool.spawn(lane, Box::new(run));
    }

    fn finished(&mut self, outcome: job::Outcome) {
        match outcome {
            job::Outcome::Done => (),
            job::Outcome::Again(job) => self.read(job),
            job::Outcome::Panicked { file, panic } => self.panicked(file, &panic),
        }
    }

    fn panicked(&mut self, file: Option<Name>, panic: &str) {
        let at = file.as_deref().unwrap_or("the workspace");
        self.outgoing.log_error(format!("internal error while looking at {at}: {panic}; {}", crash::PLEA));
        let Some(file) = file else { return };
        let count = self.panics.entry(file.clone()).or_default();
        *count += 1;
        if *count >= PANICS_ALLOWED {
            Arc::make_mut(&mut self.view).quarantined.insert(file);
        } else {
            // Once more: the panic may have been somebody else's, met on the way.
            self.restart(&BTreeSet::from([file]));
        }
    }
}

#[cfg(test)]
mod tests;
