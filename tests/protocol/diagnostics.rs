//! Who gets diagnostics, when, and for which version.

use den_tests::{Client, Options, Workspace};
use serde_json::{Value, json};

use crate::opened;

fn pulls() -> Value {
    json!({
        "textDocument": { "diagnostic": { "dynamicRegistration": false } },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    })
}

#[test]
fn every_version_of_an_open_document_gets_its_diagnostics() {
    let (_workspace, mut client, uri) = opened("{ }", json!({}));
    client.wait_for("textDocument/publishDiagnostics", |it| it["uri"] == uri && it["version"] == 0);
    for version in 1..=20 {
        client.edit(&uri, version, [0, 1, 0, 1], " ");
        client.wait_for("textDocument/publishDiagnostics", |it| it["uri"] == uri && it["version"] == version);
    }
}

#[test]
fn diagnostics_are_sent_to_the_address_that_the_client_uses() {
    let workspace = Workspace::new(&[("a b.nix", "{ }")]);
    let mut client = Client::start(&workspace, &Options::default());
    let spelled = workspace.uri("a%20b.nix").replace(".nix", "%2Enix");
    client.open(&spelled, "{ }");
    client.wait_for("textDocument/publishDiagnostics", |it| it["uri"] == spelled);
}

#[test]
fn a_client_that_pulls_gets_nothing_pushed() {
    let (_workspace, mut client, uri) = opened("{ }", pulls());
    client.edit(&uri, 1, [0, 1, 0, 1], " ");
    let answer = client.request("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(answer["result"]["kind"], "full", "{answer}");
    client.wait_for("den/status", |it| it["quiescent"] == true);
    assert!(client.said("textDocument/publishDiagnostics").is_empty());
}

#[test]
fn only_a_client_that_pulls_is_offered_it() {
    let offered = |capabilities: Value| {
        let mut client = Client::spawn();
        let answer = client.request("initialize", json!({ "capabilities": capabilities }));
        answer["result"]["capabilities"]["diagnosticProvider"].clone()
    };
    assert_eq!(offered(json!({})), Value::Null);
    let provider = offered(pulls());
    assert_eq!(provider["interFileDependencies"], true);
    assert_eq!(provider["workspaceDiagnostics"], true);
}

#[test]
fn the_same_result_is_not_sent_twice() {
    let (_workspace, mut client, uri) = opened("{ }", pulls());
    let document = json!({ "uri": uri });
    let first = client.request("textDocument/diagnostic", json!({ "textDocument": document }));
    let id = first["result"]["resultId"].clone();
    assert!(id.is_string(), "{first}");
    let params = json!({ "textDocument": document, "previousResultId": id });
    let second = client.request("textDocument/diagnostic", params);
    assert_eq!(second["result"], json!({ "kind": "unchanged", "resultId": id }));
    let params = json!({ "textDocument": document, "previousResultId": "something else" });
    assert_eq!(client.request("textDocument/diagnostic", params)["result"]["kind"], "full");
}

#[test]
fn the_workspace_can_be_pulled() {
    let (workspace, mut client, uri) = opened("{ }", pulls());
    let one = client.request("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
    let gone = workspace.uri("gone.nix");
    let previous = json!([
        { "uri": uri, "value": one["result"]["resultId"] },
        { "uri": gone, "value": "what it had" },
    ]);
    let answer = client.request("workspace/diagnostic", json!({ "previousResultIds": previous }));
    let items = answer["result"]["items"].as_array().cloned().unwrap_or_default();
    let kind = |uri: &str| items.iter().find(|it| it["uri"] == uri).map(|it| it["kind"].clone());
    assert_eq!(kind(&uri), Some(json!("unchanged")), "{answer}");
    assert_eq!(kind(&gone), Some(json!("full")), "{answer}");
}

#[test]
fn a_client_that_pulls_is_told_when_the_disk_changed() {
    let (workspace, mut client, _) = opened("{ }", pulls());
    client.wait_for_files(2);
    let _ = client.said("workspace/diagnostic/refresh");
    workspace.write("b.nix", "{ }");
    let uri = workspace.uri("b.nix");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 1 }] }));
    client.wait_for("workspace/diagnostic/refresh", |_| true);
}

#[test]
fn nothing_is_said_about_a_closed_document_without_findings() {
    let (_workspace, mut client, uri) = opened("{ }", json!({}));
    client.wait_for("textDocument/publishDiagnostics", |it| it["version"] == 0);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    let last = client.wait_for("textDocument/publishDiagnostics", |it| it["version"].is_null());
    assert_eq!(last["params"]["diagnostics"], json!([]));
    client.wait_for("den/status", |it| it["quiescent"] == true);
    assert!(client.said("textDocument/publishDiagnostics").is_empty());
}
