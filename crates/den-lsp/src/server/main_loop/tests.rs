//! The owner with workers, without a client: jobs that are slow, panic, or are not wanted any more.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;

use den_ide::Cancellable;
use lsp_types::*;
use tokio::sync::oneshot;
use tower_lsp::jsonrpc;

use super::*;
use crate::protocol::capabilities;
use crate::server::cancel::CancelOnDrop;
use crate::server::event::Notification;
use crate::server::job::Manner;
use crate::server::worker_pool::Lane;

/// An owner of a folder that does not exist, with one document open, version 1.
struct Server {
    events: Sender<Event>,
    uri: Url,
}

impl Server {
    fn start() -> Server {
        crash::install();
        let (events, received) = channel();
        let (outgoing, postman) = Outgoing::new();
        // Nobody reads what the server says.
        drop(postman);
        let loader = Loader::start(events.clone()).unwrap();
        let owner = Owner::new(events.clone(), outgoing, loader);
        std::thread::Builder::new().stack_size(den_ide::BIG_STACK).spawn(move || owner.run(&received)).unwrap();
        let root = Url::parse("file:///no/such/folder").unwrap();
        let params = InitializeParams {
            workspace_folders: Some(vec![WorkspaceFolder { uri: root, name: String::new() }]),
            initialization_options: Some(serde_json::json!({ "files": { "watch": false } })),
            ..InitializeParams::default()
        };
        let (session, _) = capabilities::negotiate(params);
        events.send(Event::Initialize(Box::new(session))).unwrap();
        let server = Server { events, uri: Url::parse("file:///no/such/folder/a.nix").unwrap() };
        let document = TextDocumentItem::new(server.uri.clone(), "nix".to_owned(), 1, "{ }".to_owned());
        server.tell(Notification::Opened(DidOpenTextDocumentParams { text_document: document }));
        server
    }

    fn tell(&self, notification: Notification) {
        self.events.send(Event::Notification(notification)).unwrap();
    }

    fn change(&self, version: i32, text: &str) {
        let text_document = VersionedTextDocumentIdentifier { uri: self.uri.clone(), version };
        let change = TextDocumentContentChangeEvent { range: None, range_length: None, text: text.to_owned() };
        self.tell(Notification::Changed(DidChangeTextDocumentParams { text_document, content_changes: vec![change] }));
    }

    fn ask<P: Send + 'static, T: Send + 'static>(
        &self,
        repeats: bool,
        params: P,
        answer: fn(&Snapshot, &P) -> Cancellable<T>,
    ) -> (oneshot::Receiver<jsonrpc::Result<T>>, CancelOnDrop) {
        let manner = Manner { method: "test", lane: Lane::Now, repeats, deadline: Duration::MAX };
        let file = crate::protocol::from_lsp::path(&self.uri);
        let (job, waiting) = Job::new(manner, file, params, answer);
        let guard = CancelOnDrop(job.cancel.clone());
        self.events.send(Event::Read(job)).unwrap();
        (waiting, guard)
    }

    /// Asks for the text that the analysis has.
    fn text(&self) -> String {
        let (waiting, _guard) = self.ask(true, self.uri.clone(), text);
        waiting.blocking_recv().unwrap().unwrap()
    }
}

fn text(snapshot: &Snapshot, uri: &Url) -> Cancellable<String> {
    let Some((file, _)) = snapshot.file(uri)? else { return Ok("nothing".to_owned()) };
    Ok(snapshot.analysis()?.text(file)?.unwrap_or_default().to_string())
}

/// What a slow job shares with its test.
#[derive(Clone)]
struct Slow {
    uri: Url,
    started: Sender<()>,
    runs: Arc<AtomicU32>,
}

/// Computes until it is cancelled or the text says `fast`.
fn slow(snapshot: &Snapshot, it: &Slow) -> Cancellable<String> {
    it.runs.fetch_add(1, Ordering::SeqCst);
    let _ = it.started.send(());
    loop {
        let text = text(snapshot, &it.uri)?;
        if text.contains("fast") {
            return Ok(text);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

impl Server {
    fn slow(&self) -> (Slow, Receiver<()>) {
        let (started, starts) = channel();
        (Slow { uri: self.uri.clone(), started, runs: Arc::default() }, starts)
    }
}

#[test]
fn a_change_ends_questions_about_the_text_before() {
    let server = Server::start();
    let (slow_job, starts) = server.slow();
    let (waiting, _guard) = server.ask(false, slow_job, slow);
    starts.recv().unwrap();
    server.change(2, "other");
    let error = waiting.blocking_recv().unwrap().unwrap_err();
    assert_eq!(error.code.code(), -32801);
    assert_eq!(server.text(), "other");
}

#[test]
fn a_change_repeats_questions_that_are_not_about_a_place() {
    let server = Server::start();
    let (slow_job, starts) = server.slow();
    let runs = slow_job.runs.clone();
    let (waiting, _guard) = server.ask(true, slow_job, slow);
    starts.recv().unwrap();
    server.change(2, "fast");
    assert_eq!(waiting.blocking_recv().unwrap().unwrap(), "fast");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

/// More questions than there are workers, all cancelled: the workers are free again.
#[test]
fn cancelled_questions_free_their_workers() {
    let server = Server::start();
    let (slow_job, starts) = server.slow();
    let running: Vec<_> = (0..16).map(|_| server.ask(false, slow_job.clone(), slow)).collect();
    starts.recv().unwrap();
    starts.recv().unwrap();
    for (waiting, guard) in running {
        drop(guard);
        // Whoever was computing says so; whoever had not begun says nothing.
        assert!(waiting.blocking_recv().map_or(true, |it| it.is_err()));
    }
    assert_eq!(server.text(), "{ }");
}

fn panics(_: &Snapshot, _: &()) -> Cancellable<()> {
    panic!("a bug in the analysis")
}

#[test]
fn a_panic_fails_one_question_and_two_put_the_file_aside_until_it_changes() {
    let server = Server::start();
    for _ in 0..2 {
        let (waiting, _guard) = server.ask(false, (), panics);
        assert_eq!(waiting.blocking_recv().unwrap().unwrap_err().code.code(), -32603);
        // The news of the panic is behind this question or before it.
        server.text();
    }
    let is_aside = (0..10_000).any(|_| server.text() == "nothing");
    assert!(is_aside);
    server.change(2, "new");
    assert_eq!(server.text(), "new");
}

#[test]
fn every_question_sees_the_changes_before_it() {
    let server = Server::start();
    for version in 2..200 {
        let text = version.to_string();
        server.change(version, &text);
        assert_eq!(server.text(), text);
    }
}
