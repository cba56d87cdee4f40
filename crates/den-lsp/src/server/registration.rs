//! What the client is asked to tell us about.

use lsp_types::*;
use serde_json::json;

use crate::protocol::capabilities::Client;

/// The files whose changes matter, as globs. The index of git is among them: adding a file to it makes
/// the file part of the flake.
const WATCHED: [&str; 5] = ["**/*.nix", "**/flake.lock", "**/*.json", "**/*.toml", "**/.git/index"];

/// Registrations for what a client offers.
pub(crate) fn registrations(client: &Client) -> Vec<Registration> {
    let mut all = Vec::new();
    if client.watches {
        let watchers: Vec<_> = WATCHED.iter().map(|glob| json!({ "globPattern": glob })).collect();
        all.push(registration("workspace/didChangeWatchedFiles", Some(json!({ "watchers": watchers }))));
    }
    if client.registers_configuration {
        all.push(registration("workspace/didChangeConfiguration", Some(json!({ "section": "den" }))));
    }
    all
}

fn registration(method: &str, register_options: Option<serde_json::Value>) -> Registration {
    Registration { id: format!("den-lsp/{method}"), method: method.to_owned(), register_options }
}
