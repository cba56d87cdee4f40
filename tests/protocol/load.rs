//! Many messages at once, and a client that does not listen.

use den_tests::{Client, Options, Workspace};
use serde_json::json;

use crate::opened;

#[test]
fn a_client_that_reads_late_gets_everything() {
    let (_workspace, mut client, uri) = opened("{ }", json!({}));
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
    let ids: Vec<i64> = (0..2000).map(|_| client.ask("textDocument/hover", at.clone())).collect();
    for id in ids {
        assert!(client.answer(id)["error"].is_null());
    }
}

#[test]
fn a_storm_of_cancellations() {
    let (_workspace, mut client, uri) = opened("{ }", json!({}));
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
    let ids: Vec<i64> = (0..500)
        .map(|_| {
            let id = client.ask("textDocument/completion", at.clone());
            client.notify("$/cancelRequest", json!({ "id": id }));
            id
        })
        .collect();
    for id in ids {
        client.answer(id);
    }
    client.settle();
}

#[test]
fn many_open_documents() {
    let files: Vec<(String, &str)> = (0..100).map(|it| (format!("{it}.nix"), "{ }")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let workspace = Workspace::new(&files);
    let mut client = Client::start(&workspace, &Options::default());
    for (path, _) in &files {
        client.open(&workspace.uri(path), "{ }");
    }
    for (path, _) in &files {
        let uri = workspace.uri(path);
        client.edit(&uri, 1, [0, 0, 0, 0], " ");
        client.wait_for("textDocument/publishDiagnostics", |it| it["uri"] == uri && it["version"] == 1);
    }
    client.end();
}
