//! Fixes of findings, as actions.
//!
//! Their edits are computed with them: a fix is a few bytes at known places, and resolving it later would
//! have to find the same finding again in a newer text.

use den_ide::{Cancellable, Diagnostic, FileEdit, FileId, LineIndex};
use lsp_types::*;

use crate::protocol::capabilities::FIX_ALL;
use crate::protocol::from_lsp;
use crate::protocol::to_lsp::Places;
use crate::server::snapshot::Snapshot;

/// `textDocument/codeAction`
pub(crate) fn code_actions(snapshot: &Snapshot, params: &CodeActionParams) -> Cancellable<Option<CodeActionResponse>> {
    let view = &snapshot.view;
    let Some((file, index)) = snapshot.file(&params.text_document.uri)?.filter(|_| view.config.code_actions) else {
        return Ok(None);
    };
    let only = params.context.only.as_deref();
    let findings = snapshot.analysis()?.diagnostics(file)?;
    let places = Places::new(snapshot);
    let mut actions = Vec::new();
    if wants(only, CodeActionKind::QUICKFIX.as_str()) {
        quick_fixes(snapshot, &places, &index, params.range, &findings, &mut actions)?;
    }
    // Fixing everything is something to ask for, or to run on saving; in a menu of a place it disturbs.
    if only.is_some() && wants(only, FIX_ALL) {
        let edits = safe_edits(file, &findings);
        if !edits.is_empty() {
            let edit = Some(places.workspace_edit(&edits)?);
            let (title, kind) = ("Apply every safe fix of Den's rules".to_owned(), Some(CodeActionKind::new(FIX_ALL)));
            actions.push(CodeAction { title, kind, edit, ..CodeAction::default() }.into());
        }
    }
    Ok((!actions.is_empty()).then_some(actions))
}

fn quick_fixes(
    snapshot: &Snapshot,
    places: &Places<'_>,
    index: &LineIndex,
    range: Range,
    findings: &[Diagnostic],
    actions: &mut CodeActionResponse,
) -> Cancellable<()> {
    let asked = from_lsp::range(index, range, snapshot.view.encoding);
    for finding in findings.iter().filter(|it| it.place.range.intersect(asked).is_some()) {
        let Some(diagnostic) = places.diagnostic(finding)? else { continue };
        let is_only_one = finding.fixes.len() == 1;
        for fix in &finding.fixes {
            let action = CodeAction {
                title: fix.title.clone(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![diagnostic.clone()]),
                edit: Some(places.workspace_edit(&fix.edits)?),
                is_preferred: (is_only_one && fix.safe).then_some(true),
                ..CodeAction::default()
            };
            actions.push(action.into());
        }
    }
    Ok(())
}

/// The edits of the first safe fix of each finding, as far as they touch this file alone and not the
/// same place.
fn safe_edits(file: FileId, findings: &[Diagnostic]) -> Vec<FileEdit> {
    let mut chosen: Vec<FileEdit> = Vec::new();
    let fixes = findings.iter().filter_map(|it| it.fixes.iter().find(|fix| fix.safe));
    for fix in fixes {
        let clashes = |it: &FileEdit| {
            it.file != file || chosen.iter().any(|other| other.edit.range.intersect(it.edit.range).is_some())
        };
        if !fix.edits.iter().any(clashes) {
            chosen.extend(fix.edits.iter().cloned());
        }
    }
    chosen
}

/// Whether an action of `kind` was asked for: kinds are dotted, and a longer one is a special case.
fn wants(only: Option<&[CodeActionKind]>, kind: &str) -> bool {
    let is_case_of = |asked: &CodeActionKind| {
        kind.strip_prefix(asked.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    only.is_none_or(|only| only.iter().any(is_case_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let check = |only: &[&'static str], kind: &str, want: bool| {
            let only: Vec<_> = only.iter().map(|it| CodeActionKind::new(it)).collect();
            assert_eq!(wants(Some(&only), kind), want, "{only:?} {kind}");
        };
        check(&["source"], FIX_ALL, true);
        check(&["source.fixAll"], FIX_ALL, true);
        check(&["source.fixAll.den"], FIX_ALL, true);
        check(&["source.fixAll.denial"], FIX_ALL, false);
        check(&["refactor", "quickfix"], "quickfix", true);
        check(&[], "quickfix", false);
        assert!(wants(None, "quickfix"));
    }
}
