//! What the client tells, and what it is told of itself: documents, folders, settings, status.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use den_ide::{Change, Name, Options};

use super::documents::Outcome;
use super::event::Notification;
use super::main_loop::Owner;
use super::outgoing::StatusParams;
use super::snapshot::OpenDocument;
use super::{lifetime, registration};
use crate::config::Config;
use crate::protocol::capabilities::Session;
use crate::protocol::from_lsp;
use crate::workspace::normalize;

impl Owner {
    pub(super) fn initialize(&mut self, session: Session) {
        if let Some(parent) = session.parent {
            lifetime::end_with(parent);
        }
        let view = Arc::make_mut(&mut self.view);
        view.encoding = session.encoding;
        view.client = Arc::new(session.client);
        self.folders = (!session.folders.is_empty()).then_some(session.folders);
        self.first_settings = session.settings;
        self.configure(&serde_json::Value::Null);
        self.loader.watch(self.view.config.watch);
        self.loader.set_roots(self.folders.clone().unwrap_or_default());
    }

    pub(super) fn initialized(&mut self) {
        let client = self.view.client.clone();
        let registrations = registration::registrations(&client);
        if !registrations.is_empty() {
            self.outgoing.register(registrations);
        }
        if client.configuration {
            self.outgoing.ask_configuration();
        }
        if client.progress && self.progress.is_none() && !(self.loaded && self.publisher.is_idle()) {
            self.progress = Some(self.outgoing.progress("Reading the fleet"));
        }
        self.tell_status();
    }

    pub(super) fn notification(&mut self, notification: Notification) {
        match notification {
            Notification::Initialized => self.initialized(),
            Notification::Opened(it) => {
                let it = it.text_document;
                let Some(path) = from_lsp::path(&it.uri) else { return };
                self.adopt_project(&path);
                self.documents.open(path.clone(), it.uri, it.version, it.text);
                self.touched(path);
            }
            Notification::Changed(it) => {
                let Some(path) = from_lsp::path(&it.text_document.uri) else { return };
                let version = it.text_document.version;
                let outcome = self.documents.change(&path, version, it.content_changes, self.view.encoding);
                self.changed(path, version, &outcome);
            }
            Notification::Saved(it) => {
                let Some(path) = from_lsp::path(&it.text_document.uri) else { return };
                if self.documents.saved(&path, it.text) {
                    self.outgoing.log(format!("took over the saved text of {path}"));
                    self.touched(path.clone());
                }
                self.look(std::iter::once(path));
            }
            Notification::Closed(it) => {
                let Some(path) = from_lsp::path(&it.text_document.uri) else { return };
                if self.documents.close(&path) {
                    self.dirty.remove(&path);
                    self.table_is_old = true;
                    Arc::make_mut(&mut self.view).open.remove(&path);
                    self.look(std::iter::once(path));
                }
            }
            Notification::FilesChanged(it) => self.look(it.changes.iter().filter_map(|it| from_lsp::path(&it.uri))),
            Notification::Configured(_) if self.view.client.configuration => self.outgoing.ask_configuration(),
            Notification::Configured(it) => self.configure(&it.settings),
            Notification::FoldersChanged(it) => {
                let paths = |it: &[lsp_types::WorkspaceFolder]| -> Vec<Name> {
                    it.iter().filter_map(|it| from_lsp::path(&it.uri)).collect()
                };
                let removed = paths(&it.event.removed);
                let mut folders = self.folders.take().unwrap_or_default();
                folders.retain(|it| !removed.contains(it));
                folders.extend(paths(&it.event.added));
                self.loader.set_roots(folders.clone());
                self.folders = Some(folders);
            }
        }
    }

    pub(super) fn changed(&mut self, path: Name, version: i32, outcome: &Outcome) {
        match outcome {
            Outcome::Applied => (),
            Outcome::InDoubt => self.outgoing.log(format!("change {version} of {path} waits for an earlier one")),
            Outcome::Stale => self.outgoing.log(format!("change {version} of {path} came after the whole text")),
            Outcome::NotOpen => self.outgoing.log_error(format!("change {version} of {path}, which is not open")),
            Outcome::Lost => {
                let was_told = self.view.open.get(&path).is_some_and(|it| it.in_doubt);
                self.outgoing.log_error(format!("change {version} of {path} came too late to be placed"));
                if !was_told {
                    let ask = "the editor sent its changes in an order that cannot be followed";
                    self.outgoing.warn_user(format!("den-lsp: {ask}; save {path} to bring both together again"));
                }
            }
        }
        self.touched(path);
    }

    /// The text of a document is another, or its state is.
    pub(super) fn touched(&mut self, path: Name) {
        let Some(document) = self.documents.get(&path) else { return };
        let (uri, version, in_doubt) = (document.uri.clone(), document.version, document.is_in_doubt());
        let view = Arc::make_mut(&mut self.view);
        view.open.insert(path.clone(), OpenDocument { uri, version, in_doubt });
        view.quarantined.remove(&path);
        self.panics.remove(&path);
        self.dirty.insert(path);
    }

    /// A client that opens a file without a folder gets the project that the file belongs to.
    pub(super) fn adopt_project(&mut self, path: &Name) {
        if self.folders.is_none()
            && let Some(folder) = project_of(path)
        {
            self.loader.set_roots(vec![folder.clone()]);
            self.folders = Some(vec![folder]);
        }
    }

    pub(super) fn look(&mut self, paths: impl Iterator<Item = Name>) {
        self.loader.look(paths.collect());
    }

    /// Takes settings over. Those from the start stay where nothing else is said: clients that were
    /// started with settings often answer later that they have none.
    pub(super) fn configure(&mut self, settings: &serde_json::Value) {
        let (config, problems) = Config::parse(&[&self.first_settings, settings]);
        for problem in problems {
            if self.complaints.insert(problem.clone()) {
                self.outgoing.warn_user(format!("den-lsp: {problem}"));
            }
        }
        if *self.view.config == config {
            return;
        }
        if self.view.config.watch != config.watch {
            self.loader.watch(config.watch);
            self.loader.look(BTreeSet::new());
        }
        let options = Options { cascade: config.cascade };
        self.host.apply(Change { options: Some(options), ..Change::default() });
        Arc::make_mut(&mut self.view).config = Arc::new(config);
        self.restart(&BTreeSet::new());
        self.ask_to_pull();
    }

    pub(super) fn ask_to_pull(&self) {
        if self.view.client.refreshes_diagnostics {
            self.outgoing.refresh_diagnostics();
        }
    }

    /// Tells how the server is doing, if that is news.
    pub(super) fn tell_status(&mut self) {
        // Typing is not worth telling.
        self.settling &= !(self.loaded && self.publisher.is_idle());
        let quiescent = !self.settling;
        self.indexed |= quiescent;
        if quiescent && let Some(progress) = self.progress.take() {
            progress.end(format!("{} files", self.nix_files.len()));
        }
        let crashed = self.view.quarantined.iter().next().map(|it| format!("den-lsp has a bug with {it}"));
        let health = match (&crashed, &self.notice) {
            (Some(_), _) => "error",
            (None, Some(_)) => "warning",
            (None, None) => "ok",
        };
        let files = self.nix_files.len();
        let message = crashed.or_else(|| self.notice.clone());
        let status = StatusParams { health: health.to_owned(), quiescent, files, message };
        if self.status.as_ref() != Some(&status) {
            if self.view.client.status {
                self.outgoing.status(status.clone());
            }
            self.status = Some(status);
        }
    }
}

/// The folder of the project that a file belongs to: the nearest one with a flake or a repository. Home
/// and the root of the file system are nobody's project.
fn project_of(path: &Name) -> Option<Name> {
    let home = std::env::var_os("HOME");
    let is_project = |it: &&Path| {
        it.parent().is_some()
            && home.as_deref().is_none_or(|home| it.as_os_str() != home)
            && (it.join("flake.nix").is_file() || it.join(".git").exists())
    };
    Path::new(path.as_str()).ancestors().skip(1).find(is_project).and_then(normalize)
}
