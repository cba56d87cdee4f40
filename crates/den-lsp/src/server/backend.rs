//! The routes: each request becomes a job before its handler first waits, and the handler waits for the
//! answer and for nothing else.

use std::sync::mpsc::Sender;
use std::time::Duration;

use den_ide::Cancellable;
use lsp_types::request::{GotoDeclarationParams, GotoDeclarationResponse};
use lsp_types::*;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::{LanguageServer, async_trait};

use super::cancel::CancelOnDrop;
use super::event::Event;
use super::job::{Job, Manner};
use super::requests;
use super::snapshot::Snapshot;
use super::worker_pool::Lane;
use crate::protocol::{capabilities, from_lsp};

/// How long somebody who looks at the screen waits; an empty answer is better than a later one.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long questions about everything may take.
const LONG_PATIENCE: Duration = Duration::from_secs(30);

/// tower-lsp's server.
pub(crate) struct Backend {
    events: Sender<Event>,
}

/// Why there is no answer.
enum Missing {
    /// It took too long.
    Late,
    /// The client is told.
    Failed(Error),
}

impl Backend {
    /// A backend that hands everything to the owner.
    pub(crate) fn new(events: Sender<Event>) -> Backend {
        Backend { events }
    }

    /// Asks the owner. Everything before the first `await` happens in order of arrival.
    async fn answer<P, T>(
        &self,
        manner: Manner,
        document: Option<&Url>,
        params: P,
        answer: fn(&Snapshot, &P) -> Cancellable<T>,
    ) -> std::result::Result<T, Missing>
    where
        P: Send + 'static,
        T: Send + 'static,
    {
        let file = document.and_then(from_lsp::path);
        let (job, waiting) = Job::new(manner, file, params, answer);
        let _guard = CancelOnDrop(job.cancel.clone());
        let gone = |_| Missing::Failed(Error::internal_error());
        self.events.send(Event::Read(job)).map_err(|_| Missing::Failed(Error::internal_error()))?;
        match tokio::time::timeout(manner.deadline, waiting).await {
            Ok(answer) => answer.map_err(gone)?.map_err(Missing::Failed),
            Err(_) => {
                tracing::warn!("`{}` took longer than {:?}", manner.method, manner.deadline);
                Err(Missing::Late)
            }
        }
    }

    /// Asks something whose answer may be "nothing".
    async fn ask<P, T>(
        &self,
        manner: Manner,
        document: Option<Url>,
        params: P,
        answer: fn(&Snapshot, &P) -> Cancellable<Option<T>>,
    ) -> Result<Option<T>>
    where
        P: Send + 'static,
        T: Send + 'static,
    {
        match self.answer(manner, document.as_ref(), params, answer).await {
            Ok(answer) => Ok(answer),
            Err(Missing::Late) => Ok(None),
            Err(Missing::Failed(error)) => Err(error),
        }
    }
}

/// About a position: worthless once the text changed.
fn at_cursor(method: &'static str) -> Manner {
    Manner { method, lane: Lane::Now, repeats: false, deadline: PATIENCE }
}

/// About a whole file or the whole workspace: asked again if the text changes meanwhile.
fn overview(method: &'static str, lane: Lane, deadline: Duration) -> Manner {
    Manner { method, lane, repeats: true, deadline }
}

/// The server gave up; the client may ask again.
fn server_cancelled() -> Error {
    let code = ErrorCode::ServerError(error_codes::SERVER_CANCELLED);
    Error { code, message: "the answer is not there yet".into(), data: Some(json!({ "retriggerRequest": true })) }
}

#[async_trait]
impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let (session, result) = capabilities::negotiate(params);
        self.events.send(Event::Initialize(Box::new(session))).map_err(|_| Error::internal_error())?;
        Ok(result)
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let uri = params.text_document_position_params.text_document.uri.clone();
        self.ask(at_cursor("textDocument/hover"), Some(uri), params, requests::hover).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let uri = params.text_document_position.text_document.uri.clone();
        self.ask(at_cursor("textDocument/completion"), Some(uri), params, requests::completion).await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        let manner = overview("completionItem/resolve", Lane::Now, PATIENCE);
        // An item without its documentation is better than an error.
        Ok(self.answer(manner, None, item.clone(), requests::resolve_completion).await.unwrap_or(item))
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        let uri = params.text_document_position_params.text_document.uri.clone();
        self.ask(at_cursor("textDocument/definition"), Some(uri), params, requests::definition).await
    }

    async fn goto_declaration(&self, params: GotoDeclarationParams) -> Result<Option<GotoDeclarationResponse>> {
        let uri = params.text_document_position_params.text_document.uri.clone();
        self.ask(at_cursor("textDocument/declaration"), Some(uri), params, requests::declaration).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let uri = params.text_document_position.text_document.uri.clone();
        let manner = Manner { deadline: LONG_PATIENCE, ..at_cursor("textDocument/references") };
        self.ask(manner, Some(uri), params, requests::references).await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        let uri = params.text_document.uri.clone();
        let manner = overview("textDocument/documentSymbol", Lane::Now, PATIENCE);
        self.ask(manner, Some(uri), params, requests::document_symbols).await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<Vec<SymbolInformation>>> {
        let manner = overview("workspace/symbol", Lane::Later, LONG_PATIENCE);
        self.ask(manner, None, params, requests::workspace_symbols).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let uri = params.text_document.uri.clone();
        self.ask(at_cursor("textDocument/codeAction"), Some(uri), params, requests::code_actions).await
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let uri = params.text_document.uri.clone();
        let manner = overview("textDocument/diagnostic", Lane::Now, LONG_PATIENCE);
        match self.answer(manner, Some(&uri), params, requests::document_diagnostics).await {
            Ok(report) => Ok(DocumentDiagnosticReportResult::Report(report)),
            Err(Missing::Late) => Err(server_cancelled()),
            Err(Missing::Failed(error)) => Err(error),
        }
    }

    async fn workspace_diagnostic(&self, params: WorkspaceDiagnosticParams) -> Result<WorkspaceDiagnosticReportResult> {
        let manner = overview("workspace/diagnostic", Lane::Later, LONG_PATIENCE);
        match self.answer(manner, None, params, requests::workspace_diagnostics).await {
            Ok(report) => Ok(WorkspaceDiagnosticReportResult::Report(report)),
            Err(Missing::Late) => Err(server_cancelled()),
            Err(Missing::Failed(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
