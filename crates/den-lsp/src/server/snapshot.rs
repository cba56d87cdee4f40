//! What a worker sees: the analysis as it was at one moment, and the editor's side of the same moment.
//!
//! Both are taken together by the owner. An answer never mixes the text of one moment with the document
//! versions of another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use den_ide::{Analysis, Cancellable, Column, FileId, FilePosition, LineIndex, Name};
use lsp_types::{TextDocumentPositionParams, Url};

use crate::config::Config;
use crate::protocol::capabilities::Client;
use crate::protocol::from_lsp;

/// A moment.
pub(crate) struct Snapshot {
    /// The fleet.
    pub(crate) analysis: Analysis,
    /// The editor.
    pub(crate) view: Arc<View>,
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
    /// The file of a document that may be asked about, and its lines.
    pub(crate) fn file(&self, uri: &Url) -> Cancellable<Option<(FileId, LineIndex)>> {
        let Some(path) = from_lsp::path(uri).filter(|it| self.view.may_ask(it)) else { return Ok(None) };
        let Some(file) = self.analysis.file_id(&path)? else { return Ok(None) };
        Ok(self.analysis.line_index(file)?.map(|index| (file, index)))
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
