//! What a worker sees: the analysis as it was at one moment, and the editor's side of the same moment.
//!
//! Both are taken together by the owner. An answer never mixes the text of one moment with the document
//! versions of another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use den_ide::{Analysis, Cancellable, Cancelled, Column, FileId, FilePosition, LineIndex, Name};
use lsp_types::{TextDocumentPositionParams, Url};

use super::cancel::Cancel;
use crate::config::Config;
use crate::protocol::capabilities::Client;
use crate::protocol::from_lsp;

/// A moment.
pub(crate) struct Snapshot {
    analysis: Analysis,
    /// The editor.
    pub(crate) view: Arc<View>,
    cancel: Cancel,
}

/// The editor's side.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// In which unit columns count.
    pub(crate) encoding: Column,
    /// What the client can do.
    pub(crate) client: Arc<Client>,
    /// What the user chose.
    pub(crate) config: Arc<Config>,
    /// Open documents by path.
    pub(crate) open: BTreeMap<Name, OpenDocument>,
    /// Files at which the analysis crashed twice; nothing is asked about them until they change.
    pub(crate) quarantined: BTreeSet<Name>,
}

/// An open document.
#[derive(Clone, Debug)]
pub(crate) struct OpenDocument {
    /// As the client writes it.
    pub(crate) uri: Url,
    /// The version whose text the analysis has.
    pub(crate) version: i32,
    /// The text may not be the editor's.
    pub(crate) in_doubt: bool,
}

impl Snapshot {
    /// A moment, for a question that may be cancelled.
    pub(crate) fn new(analysis: Analysis, view: Arc<View>, cancel: Cancel) -> Snapshot {
        Snapshot { analysis, view, cancel }
    }

    /// The fleet, if somebody still wants to know. The analysis forgets a cancellation when a query ends,
    /// so one that comes between two of them is only seen here.
    pub(crate) fn analysis(&self) -> Cancellable<&Analysis> {
        if self.cancel.is_cancelled() { Err(Cancelled::Local) } else { Ok(&self.analysis) }
    }

    /// Lets the cancellation of the question reach the query that runs.
    pub(crate) fn attach(&self) {
        self.cancel.attach(self.analysis.cancellation_token());
    }

    /// The file of a document that may be asked about, and its lines.
    pub(crate) fn file(&self, uri: &Url) -> Cancellable<Option<(FileId, LineIndex)>> {
        let Some(path) = from_lsp::path(uri).filter(|it| self.view.may_ask(it)) else { return Ok(None) };
        let Some(file) = self.analysis()?.file_id(&path)? else { return Ok(None) };
        Ok(self.analysis()?.line_index(file)?.map(|index| (file, index)))
    }

    /// The place that a request is about.
    pub(crate) fn position(&self, at: &TextDocumentPositionParams) -> Cancellable<Option<FilePosition>> {
        let file = self.file(&at.text_document.uri)?;
        Ok(file.map(|(file, index)| FilePosition {
            file,
            offset: from_lsp::offset(&index, at.position, self.view.encoding),
        }))
    }
}

impl View {
    /// Whether answers about a file would be true.
    pub(crate) fn may_ask(&self, path: &str) -> bool {
        !self.quarantined.contains(path) && !self.open.get(path).is_some_and(|it| it.in_doubt)
    }
}
