//! The answers, one function for each request: convert, ask the analysis, convert back.
//!
//! They run on workers with a snapshot and touch nothing else. `None` is the answer to everything that is
//! not about Den, and it must be fast: other servers answer there.

mod actions;
mod diagnostics;
mod symbols;

use den_ide::{Cancellable, FilePosition, NavigationTarget};
use lsp_types::*;

pub(crate) use actions::code_actions;
pub(crate) use diagnostics::{document_diagnostics, workspace_diagnostics};
pub(crate) use symbols::{document_symbols, workspace_symbols};

use super::snapshot::Snapshot;
use crate::protocol::to_lsp::{self, Places};

/// Most completions in one answer. A list that was cut says so, and the client asks again.
const MOST_COMPLETIONS: usize = 500;

/// `textDocument/hover`
pub(crate) fn hover(snapshot: &Snapshot, params: &HoverParams) -> Cancellable<Option<Hover>> {
    let view = &snapshot.view;
    let Some(at) = snapshot.position(&params.text_document_position_params)?.filter(|_| view.config.hover) else {
        return Ok(None);
    };
    let Some(hover) = snapshot.analysis()?.hover(at)? else { return Ok(None) };
    let range = Places::new(snapshot).range(den_ide::FileRange { file: at.file, range: hover.range })?;
    let contents = to_lsp::markup(hover.markdown, view.client.hover_markdown);
    Ok(Some(Hover { contents: HoverContents::Markup(contents), range }))
}

/// `textDocument/completion`
pub(crate) fn completion(snapshot: &Snapshot, params: &CompletionParams) -> Cancellable<Option<CompletionResponse>> {
    let view = &snapshot.view;
    let Some(at) = snapshot.position(&params.text_document_position)?.filter(|_| view.config.completion) else {
        return Ok(None);
    };
    let mut found = snapshot.analysis()?.completions(at)?;
    if found.is_empty() {
        return Ok(None);
    }
    let is_incomplete = found.len() > MOST_COMPLETIONS;
    found.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    found.truncate(MOST_COMPLETIONS);
    let places = Places::new(snapshot);
    let mut items = Vec::with_capacity(found.len());
    for it in &found {
        items.extend(places.completion(at.file, it)?);
    }
    Ok(Some(CompletionResponse::List(CompletionList { is_incomplete, items })))
}

/// `completionItem/resolve`: the documentation.
pub(crate) fn resolve_completion(snapshot: &Snapshot, item: &CompletionItem) -> Cancellable<CompletionItem> {
    let mut item = item.clone();
    let key = item.data.as_ref().and_then(|it| it["resolve"].as_str());
    if let Some(key) = key
        && let Some(markdown) = snapshot.analysis()?.resolve_completion(key)?
    {
        let markup = to_lsp::markup(markdown, snapshot.view.client.completion_markdown);
        item.documentation = Some(Documentation::MarkupContent(markup));
    }
    Ok(item)
}

/// `textDocument/definition`
pub(crate) fn definition(
    snapshot: &Snapshot,
    params: &GotoDefinitionParams,
) -> Cancellable<Option<GotoDefinitionResponse>> {
    let links = snapshot.view.client.definition_links;
    go_to(snapshot, &params.text_document_position_params, links, |at| snapshot.analysis()?.goto_definition(at))
}

/// `textDocument/declaration`
pub(crate) fn declaration(
    snapshot: &Snapshot,
    params: &GotoDefinitionParams,
) -> Cancellable<Option<GotoDefinitionResponse>> {
    let links = snapshot.view.client.declaration_links;
    go_to(snapshot, &params.text_document_position_params, links, |at| snapshot.analysis()?.goto_declaration(at))
}

fn go_to(
    snapshot: &Snapshot,
    at: &TextDocumentPositionParams,
    links: bool,
    find: impl Fn(FilePosition) -> Cancellable<Vec<NavigationTarget>>,
) -> Cancellable<Option<GotoDefinitionResponse>> {
    let Some(at) = snapshot.position(at)?.filter(|_| snapshot.view.config.definition) else { return Ok(None) };
    let targets = find(at)?;
    if targets.is_empty() {
        return Ok(None);
    }
    let places = Places::new(snapshot);
    let mut found = Vec::new();
    for it in &targets {
        found.extend(places.link(it)?);
    }
    if links {
        return Ok(Some(GotoDefinitionResponse::Link(found)));
    }
    let location = |it: LocationLink| Location { uri: it.target_uri, range: it.target_selection_range };
    Ok(Some(GotoDefinitionResponse::Array(found.into_iter().map(location).collect())))
}

/// `textDocument/references`
pub(crate) fn references(snapshot: &Snapshot, params: &ReferenceParams) -> Cancellable<Option<Vec<Location>>> {
    let view = &snapshot.view;
    let Some(at) = snapshot.position(&params.text_document_position)?.filter(|_| view.config.references) else {
        return Ok(None);
    };
    let mut places_named = snapshot.analysis()?.references(at)?;
    if !params.context.include_declaration {
        let declared = snapshot.analysis()?.goto_declaration(at)?;
        places_named.retain(|it| !declared.iter().any(|d| d.file == it.file && d.focus_range == it.range));
    }
    let places = Places::new(snapshot);
    let mut found = Vec::new();
    for it in places_named {
        found.extend(places.location(it)?);
    }
    Ok((!found.is_empty()).then_some(found))
}
