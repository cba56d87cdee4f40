//! Everything that can happen to the owner, in one list.

use std::path::PathBuf;

use lsp_types::*;
use serde_json::Value;

use super::job::{Job, Outcome};
use super::publish::Diagnosed;
use crate::protocol::capabilities::Session;
use crate::workspace::Sweep;

/// An event. Its order in the channel is the order in which the client sent it.
pub(crate) enum Event {
    /// A client says who it is.
    Initialize(Box<Session>),
    /// The client is ready for requests of ours.
    Initialized,
    /// The client tells something.
    Notification(Notification),
    /// The client asks something.
    Read(Job),
    /// A worker is through with a job.
    Finished(Outcome),
    /// A worker is through with a batch of files.
    Diagnosed(Diagnosed),
    /// The loader looked at the disk.
    Swept(Box<Sweep>),
    /// Our own watcher saw something at these paths; without paths, anywhere.
    Disk(Vec<PathBuf>),
    /// The client answered what its settings are.
    Configuration(Value),
}

/// A notification with its parameters.
pub(crate) enum Notification {
    Opened(DidOpenTextDocumentParams),
    Changed(DidChangeTextDocumentParams),
    Saved(DidSaveTextDocumentParams),
    Closed(DidCloseTextDocumentParams),
    FilesChanged(DidChangeWatchedFilesParams),
    Configured(DidChangeConfigurationParams),
    FoldersChanged(DidChangeWorkspaceFoldersParams),
    Initialized,
}

impl Notification {
    /// Decodes a notification that the server listens to; `None` for any other, whose parameters stay.
    pub(crate) fn decode(method: &str, params: &mut Option<Value>) -> Option<Result<Notification, serde_json::Error>> {
        fn params_as<T: serde::de::DeserializeOwned>(params: &mut Option<Value>) -> Result<T, serde_json::Error> {
            serde_json::from_value(params.take().unwrap_or_default())
        }
        Some(match method {
            "textDocument/didOpen" => params_as(params).map(Notification::Opened),
            "textDocument/didChange" => params_as(params).map(Notification::Changed),
            "textDocument/didSave" => params_as(params).map(Notification::Saved),
            "textDocument/didClose" => params_as(params).map(Notification::Closed),
            "workspace/didChangeWatchedFiles" => params_as(params).map(Notification::FilesChanged),
            "workspace/didChangeConfiguration" => params_as(params).map(Notification::Configured),
            "workspace/didChangeWorkspaceFolders" => params_as(params).map(Notification::FoldersChanged),
            "initialized" => Ok(Notification::Initialized),
            _ => return None,
        })
    }
}
