//! What the server sends without being asked.
//!
//! The owner never waits for the client: it leaves messages here, and a task of the runtime sends them in
//! order. Of several sets of diagnostics for one file that wait for a slow client only the newest is
//! kept, so the queue is never longer than the list of files. Answers to requests of ours come back as
//! events.

use std::collections::HashMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use lsp_types::notification::{Notification, Progress, PublishDiagnostics};
use lsp_types::request::{
    RegisterCapability, WorkDoneProgressCreate, WorkspaceConfiguration, WorkspaceDiagnosticRefresh,
};
use lsp_types::*;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tower_lsp::Client;

use super::event::Event;

/// The owner's end of the queue.
#[derive(Clone)]
pub(crate) struct Outgoing {
    queue: mpsc::UnboundedSender<Message>,
    diagnostics: Latest,
}

type Latest = Arc<Mutex<HashMap<Url, PublishDiagnosticsParams>>>;

enum Message {
    /// The newest diagnostics for this address.
    Publish(Url),
    Log(MessageType, String),
    Show(MessageType, String),
    Status(StatusParams),
    Register(Vec<Registration>),
    AskConfiguration,
    RefreshDiagnostics,
    Progress {
        title: &'static str,
        ends: oneshot::Receiver<String>,
    },
}

/// `den/status`: how the server is doing, for a status bar.
pub(crate) enum Status {}

impl Notification for Status {
    type Params = StatusParams;
    const METHOD: &'static str = "den/status";
}

/// Parameters of `den/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusParams {
    /// `ok`, `warning` or `error`.
    pub(crate) health: String,
    /// Whether everything that is known was looked at.
    pub(crate) quiescent: bool,
    /// How many Nix files there are.
    pub(crate) files: usize,
    /// What is wrong, for people.
    pub(crate) message: Option<String>,
}

/// Progress that is shown until it is dropped.
pub(crate) struct ProgressGuard(Option<oneshot::Sender<String>>);

impl ProgressGuard {
    /// Ends it with a word.
    pub(crate) fn end(mut self, message: String) {
        let _ = self.0.take().map(|it| it.send(message));
    }
}

impl Outgoing {
    /// The queue and the task that empties it.
    pub(crate) fn new() -> (Outgoing, Postman) {
        let (queue, messages) = mpsc::unbounded_channel();
        let diagnostics = Latest::default();
        (Outgoing { queue, diagnostics: diagnostics.clone() }, Postman { messages, diagnostics })
    }

    fn send(&self, message: Message) {
        // Without a postman the process is about to end.
        let _ = self.queue.send(message);
    }

    /// Sends diagnostics, instead of any that wait for the same file.
    pub(crate) fn publish(&self, params: PublishDiagnosticsParams) {
        let uri = params.uri.clone();
        let waiting = self.diagnostics.lock().unwrap_or_else(PoisonError::into_inner).insert(uri.clone(), params);
        if waiting.is_none() {
            self.send(Message::Publish(uri));
        }
    }

    /// The diagnostics that wait to be sent, by address; they wait no more.
    #[cfg(test)]
    pub(crate) fn take_diagnostics(&self) -> Vec<PublishDiagnosticsParams> {
        let waiting = std::mem::take(&mut *self.diagnostics.lock().unwrap_or_else(PoisonError::into_inner));
        let mut waiting: Vec<_> = waiting.into_values().collect();
        waiting.sort_by(|a, b| a.uri.cmp(&b.uri));
        waiting
    }

    /// Tells an error in the client's log and in ours.
    pub(crate) fn log_error(&self, text: String) {
        tracing::error!("{text}");
        self.send(Message::Log(MessageType::ERROR, text));
    }

    /// Tells something in the client's log.
    pub(crate) fn log(&self, text: String) {
        tracing::info!("{text}");
        self.send(Message::Log(MessageType::INFO, text));
    }

    /// Shows a warning that a person has to know.
    pub(crate) fn warn_user(&self, text: String) {
        self.send(Message::Show(MessageType::WARNING, text));
    }

    /// Sends `den/status`.
    pub(crate) fn status(&self, params: StatusParams) {
        self.send(Message::Status(params));
    }

    /// Registers for something.
    pub(crate) fn register(&self, registrations: Vec<Registration>) {
        self.send(Message::Register(registrations));
    }

    /// Asks for the settings; they come as an event.
    pub(crate) fn ask_configuration(&self) {
        self.send(Message::AskConfiguration);
    }

    /// Asks the client to pull diagnostics again.
    pub(crate) fn refresh_diagnostics(&self) {
        self.send(Message::RefreshDiagnostics);
    }

    /// Shows progress.
    pub(crate) fn progress(&self, title: &'static str) -> ProgressGuard {
        let (end, ends) = oneshot::channel();
        self.send(Message::Progress { title, ends });
        ProgressGuard(Some(end))
    }
}

/// The other end of the queue.
pub(crate) struct Postman {
    messages: mpsc::UnboundedReceiver<Message>,
    diagnostics: Latest,
}

impl Postman {
    /// Sends everything that is queued, as long as the server lives. Requests do not hold others up.
    pub(crate) async fn run(mut self, client: Client, events: Sender<Event>) {
        while let Some(message) = self.messages.recv().await {
            match message {
                Message::Publish(uri) => {
                    let newest = self.diagnostics.lock().unwrap_or_else(PoisonError::into_inner).remove(&uri);
                    if let Some(params) = newest {
                        client.send_notification::<PublishDiagnostics>(params).await;
                    }
                }
                Message::Log(kind, text) => client.log_message(kind, text).await,
                Message::Show(kind, text) => client.show_message(kind, text).await,
                Message::Status(params) => client.send_notification::<Status>(params).await,
                Message::Register(registrations) => {
                    let client = client.clone();
                    tokio::spawn(async move {
                        let params = RegistrationParams { registrations };
                        if let Err(error) = client.send_request::<RegisterCapability>(params).await {
                            tracing::warn!("the client refused a registration: {error}");
                        }
                    });
                }
                Message::AskConfiguration => drop(tokio::spawn(ask_configuration(client.clone(), events.clone()))),
                Message::RefreshDiagnostics => {
                    let client = client.clone();
                    tokio::spawn(async move { client.send_request::<WorkspaceDiagnosticRefresh>(()).await });
                }
                Message::Progress { title, ends } => drop(tokio::spawn(show_progress(client.clone(), title, ends))),
            }
        }
    }
}

async fn ask_configuration(client: Client, events: Sender<Event>) {
    let item = ConfigurationItem { scope_uri: None, section: Some("den".to_owned()) };
    let params = ConfigurationParams { items: vec![item] };
    match client.send_request::<WorkspaceConfiguration>(params).await {
        Ok(mut values) if !values.is_empty() => drop(events.send(Event::Configuration(values.swap_remove(0)))),
        Ok(_) => (),
        Err(error) => tracing::warn!("the client did not tell its settings: {error}"),
    }
}

async fn show_progress(client: Client, title: &'static str, ends: oneshot::Receiver<String>) {
    let token = NumberOrString::String(format!("den-lsp/{title}"));
    let create = WorkDoneProgressCreateParams { token: token.clone() };
    if client.send_request::<WorkDoneProgressCreate>(create).await.is_err() {
        return;
    }
    let send = async |value: WorkDoneProgress| {
        let value = ProgressParamsValue::WorkDone(value);
        client.send_notification::<Progress>(ProgressParams { token: token.clone(), value }).await;
    };
    let begin =
        WorkDoneProgressBegin { title: title.to_owned(), cancellable: Some(false), message: None, percentage: None };
    send(WorkDoneProgress::Begin(begin)).await;
    let message = ends.await.ok();
    send(WorkDoneProgress::End(WorkDoneProgressEnd { message })).await;
}
