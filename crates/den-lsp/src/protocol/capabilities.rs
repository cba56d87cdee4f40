//! What the two sides can do.
//!
//! The server offers what it knows about Den and nothing that nil or nixd do for plain Nix: no
//! formatting, folding, selection ranges or highlights.

use den_ide::{Column, Name};
use lsp_types::*;
use serde_json::Value;

use super::from_lsp;

/// What a client told about itself.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// In which unit columns count.
    pub(crate) encoding: Column,
    /// The folders it opened, absolute and normalized.
    pub(crate) folders: Vec<Name>,
    /// The process that started us, if it said so.
    pub(crate) parent: Option<u32>,
    /// Its settings, not looked at yet.
    pub(crate) settings: Value,
    /// What it can do.
    pub(crate) client: Client,
}

/// What a client can do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    /// Asks for diagnostics itself.
    pub(crate) pulls: bool,
    /// Can be told to ask again.
    pub(crate) refreshes_diagnostics: bool,
    /// Watches files for us.
    pub(crate) watches: bool,
    /// Answers `workspace/configuration`.
    pub(crate) configuration: bool,
    /// Tells of changed settings if it was asked to.
    pub(crate) registers_configuration: bool,
    /// Shows progress.
    pub(crate) progress: bool,
    /// Understands `den/status`.
    pub(crate) status: bool,
    /// Takes edits with the version of the document.
    pub(crate) document_changes: bool,
    /// Takes code actions, not only commands.
    pub(crate) code_actions: bool,
    /// Expands snippets.
    pub(crate) snippets: bool,
    /// Shows details beside a label.
    pub(crate) label_details: bool,
    /// Renders Markdown in hovers.
    pub(crate) hover_markdown: bool,
    /// Renders Markdown beside completions.
    pub(crate) completion_markdown: bool,
    /// Takes a tree of symbols.
    pub(crate) symbol_tree: bool,
    /// Takes links with ranges, for definitions and declarations.
    pub(crate) definition_links: bool,
    /// The same for declarations.
    pub(crate) declaration_links: bool,
    /// Shows related places of a diagnostic.
    pub(crate) related: bool,
    /// Shows code as unnecessary or deprecated.
    pub(crate) tags: bool,
    /// Links the code of a diagnostic to its document.
    pub(crate) code_description: bool,
}

/// Agrees with a client.
pub(crate) fn negotiate(params: InitializeParams) -> (Session, InitializeResult) {
    let client = client(&params.capabilities);
    let encoding = encoding(&params.capabilities);
    let capabilities = server(&client, encoding);
    let session = Session {
        encoding,
        folders: folders(&params),
        parent: params.process_id,
        settings: params.initialization_options.unwrap_or_default(),
        client,
    };
    let info = ServerInfo { name: "den-lsp".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
    (session, InitializeResult { capabilities, server_info: Some(info) })
}

fn encoding(capabilities: &ClientCapabilities) -> Column {
    let offered = capabilities.general.as_ref().and_then(|it| it.position_encodings.as_ref());
    match offered.is_some_and(|it| it.contains(&PositionEncodingKind::UTF8)) {
        true => Column::Utf8,
        false => Column::Utf16,
    }
}

#[allow(deprecated, reason = "old clients name their folder in the old way")]
fn folders(params: &InitializeParams) -> Vec<Name> {
    let folders = params.workspace_folders.iter().flatten().filter_map(|it| from_lsp::path(&it.uri));
    let folders: Vec<Name> = folders.collect();
    if !folders.is_empty() {
        return folders;
    }
    let by_uri = params.root_uri.as_ref().and_then(from_lsp::path);
    let by_path = || crate::workspace::normalize(std::path::Path::new(params.root_path.as_ref()?));
    by_uri.or_else(by_path).into_iter().collect()
}

fn client(it: &ClientCapabilities) -> Client {
    let document = it.text_document.as_ref();
    let workspace = it.workspace.as_ref();
    let window = it.window.as_ref();
    let completion = document.and_then(|it| it.completion.as_ref()?.completion_item.as_ref());
    let published = document.and_then(|it| it.publish_diagnostics.as_ref());
    let markdown = |it: Option<&Vec<MarkupKind>>| it.is_some_and(|it| it.contains(&MarkupKind::Markdown));
    let yes = |it: Option<bool>| it == Some(true);
    Client {
        pulls: document.is_some_and(|it| it.diagnostic.is_some()),
        refreshes_diagnostics: yes(workspace.and_then(|it| it.diagnostic.as_ref()?.refresh_support)),
        watches: yes(workspace.and_then(|it| it.did_change_watched_files.as_ref()?.dynamic_registration)),
        configuration: yes(workspace.and_then(|it| it.configuration)),
        registers_configuration: yes(
            workspace.and_then(|it| it.did_change_configuration.as_ref()?.dynamic_registration)
        ),
        progress: yes(window.and_then(|it| it.work_done_progress)),
        status: it.experimental.as_ref().is_some_and(|it| it["denStatus"] == Value::Bool(true)),
        document_changes: yes(workspace.and_then(|it| it.workspace_edit.as_ref()?.document_changes)),
        code_actions: document.and_then(|it| it.code_action.as_ref()?.code_action_literal_support.as_ref()).is_some(),
        snippets: yes(completion.and_then(|it| it.snippet_support)),
        label_details: yes(completion.and_then(|it| it.label_details_support)),
        hover_markdown: markdown(document.and_then(|it| it.hover.as_ref()?.content_format.as_ref())),
        completion_markdown: markdown(completion.and_then(|it| it.documentation_format.as_ref())),
        symbol_tree: yes(document.and_then(|it| it.document_symbol.as_ref()?.hierarchical_document_symbol_support)),
        definition_links: yes(document.and_then(|it| it.definition.as_ref()?.link_support)),
        declaration_links: yes(document.and_then(|it| it.declaration.as_ref()?.link_support)),
        related: yes(published.and_then(|it| it.related_information)),
        tags: published.is_some_and(|it| it.tag_support.is_some()),
        code_description: yes(published.and_then(|it| it.code_description_support)),
    }
}

fn server(client: &Client, encoding: Column) -> ServerCapabilities {
    let utf8 = encoding == Column::Utf8;
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        // The text that comes with a save mends documents in doubt.
        save: Some(SaveOptions { include_text: Some(true) }.into()),
        ..TextDocumentSyncOptions::default()
    };
    let completion = CompletionOptions {
        trigger_characters: Some([".", "\"", "<", "/", "="].map(str::to_owned).to_vec()),
        resolve_provider: Some(true),
        completion_item: Some(CompletionOptionsCompletionItem { label_details_support: Some(true) }),
        ..CompletionOptions::default()
    };
    let diagnostics = DiagnosticOptions {
        identifier: Some("den".to_owned()),
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        work_done_progress_options: WorkDoneProgressOptions::default(),
    };
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::new(FIX_ALL)]),
        ..CodeActionOptions::default()
    };
    let folders =
        WorkspaceFoldersServerCapabilities { supported: Some(true), change_notifications: Some(OneOf::Left(true)) };
    ServerCapabilities {
        position_encoding: Some(if utf8 { PositionEncodingKind::UTF8 } else { PositionEncodingKind::UTF16 }),
        text_document_sync: Some(sync.into()),
        completion_provider: Some(completion),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        declaration_provider: Some(DeclarationCapability::Simple(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: client.code_actions.then_some(CodeActionProviderCapability::Options(actions)),
        diagnostic_provider: client.pulls.then_some(DiagnosticServerCapabilities::Options(diagnostics)),
        workspace: Some(WorkspaceServerCapabilities { workspace_folders: Some(folders), file_operations: None }),
        ..ServerCapabilities::default()
    }
}

/// The kind of the action that applies every safe fix of a file.
pub(crate) const FIX_ALL: &str = "source.fixAll.den";
