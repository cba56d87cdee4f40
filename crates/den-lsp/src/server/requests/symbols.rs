//! The named things of one file and of all.

use den_ide::{Cancellable, Symbol};
use lsp_types::*;

use crate::protocol::to_lsp::Places;
use crate::server::snapshot::Snapshot;

/// Most symbols in one answer.
const MOST_SYMBOLS: usize = 200;

/// `textDocument/documentSymbol`
pub(crate) fn document_symbols(
    snapshot: &Snapshot,
    params: &DocumentSymbolParams,
) -> Cancellable<Option<DocumentSymbolResponse>> {
    let Some((file, _)) = snapshot.file(&params.text_document.uri)?.filter(|_| snapshot.view.config.symbols) else {
        return Ok(None);
    };
    let symbols = snapshot.analysis()?.document_symbols(file)?;
    let places = Places::new(snapshot);
    if snapshot.view.client.symbol_tree {
        let mut tree = Vec::new();
        for it in &symbols {
            tree.extend(places.symbol_tree(it)?);
        }
        return Ok(Some(DocumentSymbolResponse::Nested(tree)));
    }
    let mut flat = Vec::new();
    flatten(&places, &symbols, &mut flat)?;
    Ok(Some(DocumentSymbolResponse::Flat(flat)))
}

fn flatten(places: &Places<'_>, symbols: &[Symbol], out: &mut Vec<SymbolInformation>) -> Cancellable<()> {
    for it in symbols {
        out.extend(places.symbol(it)?);
        flatten(places, &it.children, out)?;
    }
    Ok(())
}

/// `workspace/symbol`
pub(crate) fn workspace_symbols(
    snapshot: &Snapshot,
    params: &WorkspaceSymbolParams,
) -> Cancellable<Option<Vec<SymbolInformation>>> {
    if !snapshot.view.config.symbols {
        return Ok(None);
    }
    let places = Places::new(snapshot);
    let mut found = Vec::new();
    for it in snapshot.analysis()?.workspace_symbols(&params.query, MOST_SYMBOLS)? {
        found.extend(places.symbol(&it)?);
    }
    Ok(Some(found))
}
