//! Diagnostics for clients that ask for them.
//!
//! A result id is a fingerprint of the findings, so that it is right across files, changes and restarts.

use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};

use den_ide::{Cancellable, Name};
use lsp_types::*;
use rustc_hash::FxHasher;

use crate::protocol::{from_lsp, to_lsp};
use crate::server::publish;
use crate::server::snapshot::Snapshot;

/// `textDocument/diagnostic`. Where nothing true can be said now, the client keeps what it has.
pub(crate) fn document_diagnostics(
    snapshot: &Snapshot,
    params: &DocumentDiagnosticParams,
) -> Cancellable<DocumentDiagnosticReport> {
    let path = from_lsp::path(&params.text_document.uri);
    let found = match &path {
        Some(path) => publish::diagnostics(snapshot, path)?,
        None => Some(Vec::new()),
    };
    let previous = params.previous_result_id.as_ref();
    let id = found.as_ref().map(|it| fingerprint(it)).or_else(|| previous.cloned());
    Ok(match id.filter(|id| previous == Some(id)) {
        Some(result_id) => DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        }),
        None => DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: found.as_ref().map(|it| fingerprint(it)),
                items: found.unwrap_or_default(),
            },
        }),
    })
}

/// `workspace/diagnostic`: every file that has findings, or had some when the client last asked.
pub(crate) fn workspace_diagnostics(
    snapshot: &Snapshot,
    params: &WorkspaceDiagnosticParams,
) -> Cancellable<WorkspaceDiagnosticReport> {
    let previous = params.previous_result_ids.iter().filter_map(|it| Some((from_lsp::path(&it.uri)?, it)));
    let mut previous: BTreeMap<Name, &PreviousResultId> = previous.collect();
    let mut items = Vec::new();
    for (path, _) in snapshot.analysis()?.nix_files()? {
        let before = previous.remove(&path);
        let Some(found) = publish::diagnostics(snapshot, &path)? else { continue };
        items.extend(report(snapshot, &path, before, found));
    }
    // What is left was deleted, or is no longer in the workspace.
    for (path, before) in previous {
        items.extend(report(snapshot, &path, Some(before), Vec::new()));
    }
    Ok(WorkspaceDiagnosticReport { items })
}

fn report(
    snapshot: &Snapshot,
    path: &str,
    before: Option<&PreviousResultId>,
    items: Vec<Diagnostic>,
) -> Option<WorkspaceDocumentDiagnosticReport> {
    if before.is_none() && items.is_empty() {
        return None;
    }
    let open = snapshot.view.open.get(path);
    let version = open.map(|it| i64::from(it.version));
    let uri =
        open.map(|it| it.uri.clone()).or_else(|| before.map(|it| it.uri.clone())).or_else(|| to_lsp::uri(path))?;
    let id = fingerprint(&items);
    Some(match before.is_some_and(|it| it.value == id) {
        true => WorkspaceDocumentDiagnosticReport::Unchanged(WorkspaceUnchangedDocumentDiagnosticReport {
            uri,
            version,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
        }),
        false => WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(id), items },
        }),
    })
}

fn fingerprint(items: &[Diagnostic]) -> String {
    let mut hasher = FxHasher::default();
    // The serialized form is what the client compares in the end.
    serde_json::to_string(items).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
