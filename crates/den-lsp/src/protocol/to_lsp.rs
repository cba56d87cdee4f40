//! From our types to the protocol's.

use std::cell::RefCell;
use std::rc::Rc;

use den_ide::{
    Cancellable, Column, Completion, CompletionKind, FileEdit, FileId, FileRange, LineIndex, NavigationTarget,
    Severity, Symbol, SymbolKind, TextRange,
};
use lsp_types as lsp;
use lsp_types::Url;
use rustc_hash::FxHashMap;
use serde_json::json;

use crate::server::Snapshot;

/// Where the documents of the rules are.
const RULE_DOCUMENTS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/crates/den-rules/src/rules/");

/// The address of an absolute path.
pub(crate) fn uri(path: &str) -> Option<Url> {
    Url::from_file_path(path).ok()
}

/// A range in lines and columns.
pub(crate) fn range(index: &LineIndex, it: TextRange, unit: Column) -> lsp::Range {
    let position = |offset| {
        let at = index.line_col(offset, unit);
        lsp::Position::new(at.line, at.col)
    };
    lsp::Range::new(position(it.start()), position(it.end()))
}

/// Turns places in any file into addresses and lines; remembers what it needs for each file.
pub(crate) struct Places<'a> {
    snapshot: &'a Snapshot,
    files: RefCell<FxHashMap<FileId, Option<Rc<Place>>>>,
}

struct Place {
    uri: Url,
    version: Option<i32>,
    index: LineIndex,
}

impl<'a> Places<'a> {
    /// Places of a snapshot.
    pub(crate) fn new(snapshot: &'a Snapshot) -> Places<'a> {
        Places { snapshot, files: RefCell::default() }
    }

    fn file(&self, file: FileId) -> Cancellable<Option<Rc<Place>>> {
        if let Some(known) = self.files.borrow().get(&file) {
            return Ok(known.clone());
        }
        let (path, index) = (self.snapshot.analysis()?.path(file)?, self.snapshot.analysis()?.line_index(file)?);
        let place = path.zip(index).and_then(|(path, index)| {
            let open = self.snapshot.view.open.get(&path);
            let uri = open.map_or_else(|| uri(&path), |it| Some(it.uri.clone()))?;
            Some(Rc::new(Place { uri, version: open.map(|it| it.version), index }))
        });
        self.files.borrow_mut().insert(file, place.clone());
        Ok(place)
    }

    fn unit(&self) -> Column {
        self.snapshot.view.encoding
    }

    /// A range of a file that is known to be there.
    pub(crate) fn range(&self, it: FileRange) -> Cancellable<Option<lsp::Range>> {
        Ok(self.file(it.file)?.map(|place| range(&place.index, it.range, self.unit())))
    }

    /// A place in any file.
    pub(crate) fn location(&self, it: FileRange) -> Cancellable<Option<lsp::Location>> {
        Ok(self
            .file(it.file)?
            .map(|place| lsp::Location { uri: place.uri.clone(), range: range(&place.index, it.range, self.unit()) }))
    }

    /// A definition with its surroundings.
    pub(crate) fn link(&self, it: &NavigationTarget) -> Cancellable<Option<lsp::LocationLink>> {
        Ok(self.file(it.file)?.map(|place| lsp::LocationLink {
            origin_selection_range: None,
            target_uri: place.uri.clone(),
            target_range: range(&place.index, it.full_range, self.unit()),
            target_selection_range: range(&place.index, it.focus_range, self.unit()),
        }))
    }

    /// A finding in `file`.
    pub(crate) fn diagnostic(&self, it: &den_ide::Diagnostic) -> Cancellable<Option<lsp::Diagnostic>> {
        let client = &self.snapshot.view.client;
        let Some(range) = self.range(it.place)? else { return Ok(None) };
        let mut related = Vec::new();
        for it in it.related.iter().filter(|_| client.related) {
            let location = self.location(it.place)?;
            let message = it.message.clone();
            related.extend(location.map(|location| lsp::DiagnosticRelatedInformation { location, message }));
        }
        let tags = [(it.unnecessary, lsp::DiagnosticTag::UNNECESSARY), (it.deprecated, lsp::DiagnosticTag::DEPRECATED)];
        let tags: Vec<_> = tags.into_iter().filter(|(on, _)| *on && client.tags).map(|(_, tag)| tag).collect();
        Ok(Some(lsp::Diagnostic {
            range,
            severity: Some(severity(it.severity)),
            code: Some(lsp::NumberOrString::String(it.code.to_owned())),
            code_description: rule_document(it.code).filter(|_| client.code_description),
            source: Some("den".to_owned()),
            message: it.message.clone(),
            related_information: (!related.is_empty()).then_some(related),
            tags: (!tags.is_empty()).then_some(tags),
            data: None,
        }))
    }

    /// Edits of any files.
    pub(crate) fn workspace_edit(&self, edits: &[FileEdit]) -> Cancellable<lsp::WorkspaceEdit> {
        let mut by_file: Vec<(Rc<Place>, Vec<lsp::TextEdit>)> = Vec::new();
        for it in edits {
            let Some(place) = self.file(it.file)? else { continue };
            let edit = self.text_edit(&place, it);
            match by_file.iter_mut().find(|(known, _)| known.uri == place.uri) {
                Some((_, edits)) => edits.push(edit),
                None => by_file.push((place, vec![edit])),
            }
        }
        if !self.snapshot.view.client.document_changes {
            let changes = by_file.into_iter().map(|(place, edits)| (place.uri.clone(), edits)).collect();
            return Ok(lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() });
        }
        let document = |(place, edits): (Rc<Place>, Vec<lsp::TextEdit>)| lsp::TextDocumentEdit {
            text_document: lsp::OptionalVersionedTextDocumentIdentifier {
                uri: place.uri.clone(),
                version: place.version,
            },
            edits: edits.into_iter().map(lsp::OneOf::Left).collect(),
        };
        let documents = by_file.into_iter().map(document).collect();
        let documents = Some(lsp::DocumentChanges::Edits(documents));
        Ok(lsp::WorkspaceEdit { document_changes: documents, ..lsp::WorkspaceEdit::default() })
    }

    fn text_edit(&self, place: &Place, it: &FileEdit) -> lsp::TextEdit {
        lsp::TextEdit { range: range(&place.index, it.edit.range, self.unit()), new_text: it.edit.insert.clone() }
    }

    /// A completion in `file`. Edits elsewhere in the same file are sent with it.
    pub(crate) fn completion(&self, file: FileId, it: &Completion) -> Cancellable<Option<lsp::CompletionItem>> {
        let client = &self.snapshot.view.client;
        let Some(place) = self.file(file)? else { return Ok(None) };
        let is_snippet = it.is_snippet && client.snippets;
        let plain = if it.is_snippet { without_placeholders(&it.insert) } else { it.insert.clone() };
        let edit = lsp::TextEdit {
            range: range(&place.index, it.replace, self.unit()),
            new_text: if is_snippet { it.insert.clone() } else { plain.clone() },
        };
        let additional: Vec<_> =
            it.additional.iter().filter(|edit| edit.file == file).map(|it| self.text_edit(&place, it)).collect();
        let details =
            it.detail.clone().map(|detail| lsp::CompletionItemLabelDetails { detail: None, description: Some(detail) });
        Ok(Some(lsp::CompletionItem {
            label: it.label.clone(),
            label_details: details.filter(|_| client.label_details),
            detail: it.detail.clone().filter(|_| !client.label_details),
            kind: Some(completion_kind(it.kind)),
            sort_text: Some(format!("{:05}", it.rank)),
            // Clients match this against the text in the range of the edit, quotes included.
            filter_text: (plain != it.label).then_some(plain),
            insert_text_format: is_snippet.then_some(lsp::InsertTextFormat::SNIPPET),
            text_edit: Some(edit.into()),
            additional_text_edits: (!additional.is_empty()).then_some(additional),
            data: it.resolve.as_ref().map(|key| json!({ "resolve": key })),
            ..lsp::CompletionItem::default()
        }))
    }

    /// A symbol with everything in it.
    #[allow(deprecated, reason = "the type has a deprecated field that must be named")]
    pub(crate) fn symbol_tree(&self, it: &Symbol) -> Cancellable<Option<lsp::DocumentSymbol>> {
        let Some(place) = self.file(it.target.file)? else { return Ok(None) };
        let mut children = Vec::new();
        for child in &it.children {
            children.extend(self.symbol_tree(child)?);
        }
        Ok(Some(lsp::DocumentSymbol {
            name: it.name.clone(),
            detail: it.container.clone(),
            kind: symbol_kind(it.kind),
            tags: None,
            deprecated: None,
            range: range(&place.index, it.target.full_range.cover(it.target.focus_range), self.unit()),
            selection_range: range(&place.index, it.target.focus_range, self.unit()),
            children: (!children.is_empty()).then_some(children),
        }))
    }

    /// A symbol by itself.
    #[allow(deprecated, reason = "the type has a deprecated field that must be named")]
    pub(crate) fn symbol(&self, it: &Symbol) -> Cancellable<Option<lsp::SymbolInformation>> {
        let place = FileRange { file: it.target.file, range: it.target.focus_range };
        Ok(self.location(place)?.map(|location| lsp::SymbolInformation {
            name: it.name.clone(),
            kind: symbol_kind(it.kind),
            tags: None,
            deprecated: None,
            location,
            container_name: it.container.clone(),
        }))
    }
}

/// Markdown for a client that may not render it.
pub(crate) fn markup(text: String, markdown: bool) -> lsp::MarkupContent {
    let kind = if markdown { lsp::MarkupKind::Markdown } else { lsp::MarkupKind::PlainText };
    lsp::MarkupContent { kind, value: text }
}

fn severity(it: Severity) -> lsp::DiagnosticSeverity {
    match it {
        Severity::Error => lsp::DiagnosticSeverity::ERROR,
        Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        Severity::Information => lsp::DiagnosticSeverity::INFORMATION,
        Severity::Hint => lsp::DiagnosticSeverity::HINT,
    }
}

fn rule_document(code: &str) -> Option<lsp::CodeDescription> {
    let href = Url::parse(&format!("{RULE_DOCUMENTS}{}.md", code.replace('-', "_"))).ok()?;
    Some(lsp::CodeDescription { href })
}

fn symbol_kind(it: SymbolKind) -> lsp::SymbolKind {
    match it {
        SymbolKind::Aspect => lsp::SymbolKind::MODULE,
        SymbolKind::Setting => lsp::SymbolKind::PROPERTY,
        SymbolKind::Host => lsp::SymbolKind::OBJECT,
        SymbolKind::User | SymbolKind::Home | SymbolKind::Entity => lsp::SymbolKind::STRUCT,
        SymbolKind::Environment => lsp::SymbolKind::ENUM,
        SymbolKind::Policy => lsp::SymbolKind::FUNCTION,
        SymbolKind::Quirk => lsp::SymbolKind::EVENT,
        SymbolKind::Class | SymbolKind::SchemaKind => lsp::SymbolKind::CLASS,
        SymbolKind::Namespace => lsp::SymbolKind::NAMESPACE,
        SymbolKind::Option => lsp::SymbolKind::FIELD,
    }
}

fn completion_kind(it: CompletionKind) -> lsp::CompletionItemKind {
    match it {
        CompletionKind::Aspect | CompletionKind::Battery | CompletionKind::SettingGroup => {
            lsp::CompletionItemKind::MODULE
        }
        CompletionKind::Policy | CompletionKind::Function => lsp::CompletionItemKind::FUNCTION,
        CompletionKind::Quirk => lsp::CompletionItemKind::EVENT,
        CompletionKind::Class | CompletionKind::Type => lsp::CompletionItemKind::CLASS,
        CompletionKind::Setting => lsp::CompletionItemKind::PROPERTY,
        CompletionKind::Option | CompletionKind::Key => lsp::CompletionItemKind::FIELD,
        CompletionKind::Value => lsp::CompletionItemKind::VALUE,
        CompletionKind::Argument => lsp::CompletionItemKind::VARIABLE,
        CompletionKind::Entity => lsp::CompletionItemKind::STRUCT,
    }
}

/// A snippet as plain text: tab stops vanish, placeholders stay as their text, escapes are undone.
fn without_placeholders(snippet: &str) -> String {
    let mut out = String::with_capacity(snippet.len());
    let mut open = 0usize;
    let mut chars = snippet.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '}' if open > 0 => open -= 1,
            '$' if chars.peek() == Some(&'{') => {
                chars.next();
                while chars.next_if(char::is_ascii_digit).is_some() {}
                // `${1}` has no text of its own.
                let _ = chars.next_if_eq(&':');
                open += 1;
            }
            '$' if chars.peek().is_some_and(char::is_ascii_digit) => {
                while chars.next_if(char::is_ascii_digit).is_some() {}
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_as_plain_text() {
        let check = |snippet: &str, want: &str| assert_eq!(without_placeholders(snippet), want, "{snippet}");
        check("a = $1;$0", "a = ;");
        check("a = ${1:value};", "a = value;");
        check("{ ${1:a} = ${2}; }$0", "{ a = ; }");
        check("\\$x \\} \\\\", "$x } \\");
        check("${1:a ${2:b} c}", "a b c");
        check("${pkgs}", "pkgs");
    }

    #[test]
    fn every_rule_has_an_address() {
        let href = rule_document("settings/not-reserved").map(|it| it.href.to_string());
        assert!(href.is_some_and(|it| it.ends_with("/rules/settings/not_reserved.md")));
    }
}
