//! Settings, from all the places that clients put them.

use den_tests::{Client, Options, Workspace};
use serde_json::{Value, json};

use crate::findings::{DESKTOP, fleet};

fn warnings(client: &mut Client) -> Vec<String> {
    let said = client.said("window/showMessage");
    said.iter().filter_map(|it| it["params"]["message"].as_str().map(str::to_owned)).collect()
}

#[test]
fn settings_at_the_start() {
    let workspace = Workspace::new(&[]);
    let settings = json!({ "hover": { "enable": false }, "hovr": { "enable": true } });
    let mut client = Client::start(&workspace, &Options { settings, ..Options::default() });
    let want = "den-lsp: there is no setting `hovr.enable`, did you mean `hover.enable`?";
    assert_eq!(warnings(&mut client), [want]);
}

#[test]
fn settings_that_are_asked_for() {
    let workspace = Workspace::new(&[]);
    let capabilities = json!({ "workspace": { "configuration": true } });
    let configuration = json!({ "nonsense": 1, "server": { "path": "/x" } });
    let mut client = Client::start(&workspace, &Options { capabilities, configuration, ..Options::default() });
    let asked = client.wait_for("workspace/configuration", |_| true);
    assert_eq!(asked["params"]["items"], json!([{ "section": "den" }]));
    client.wait_for("window/showMessage", |it| it["message"] == "den-lsp: there is no setting `nonsense`");
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.wait_for("workspace/configuration", |_| true);
    client.settle();
    assert!(warnings(&mut client).is_empty(), "a wrong setting is told once");
}

#[test]
fn settings_of_the_start_stay_if_the_client_has_no_others() {
    let workspace = fleet();
    let capabilities = json!({ "workspace": { "configuration": true } });
    let settings = json!({ "diagnostics": { "enable": false } });
    let mut client = Client::start(&workspace, &Options { capabilities, settings, ..Options::default() });
    client.wait_for("workspace/configuration", |_| true);
    client.wait_for_files(3);
    let uri = workspace.uri("modules/desktop.nix");
    client.open(&uri, DESKTOP);
    let sent = client.wait_for("textDocument/publishDiagnostics", |it| it["uri"] == uri);
    assert_eq!(sent["params"]["diagnostics"], Value::Array(Vec::new()));
}

#[test]
fn settings_that_are_sent() {
    let mut client = Client::start(&Workspace::new(&[]), &Options::default());
    let settings = json!({ "den": { "settings": { "cascade": "sometimes" } } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
    let want = "den-lsp: the setting `settings.cascade` must be `auto`, `on` or `off`";
    client.wait_for("window/showMessage", |it| it["message"] == want);
}

#[test]
fn diagnostics_can_be_switched_off_while_running() {
    let (_workspace, mut client, uri) = crate::opened("{ }", json!({}));
    client.notify("workspace/didChangeConfiguration", json!({ "settings": { "diagnostics": { "enable": false } } }));
    client.edit(&uri, 1, [0, 0, 0, 0], " ");
    let sent = client.wait_for("textDocument/publishDiagnostics", |it| it["version"] == 1);
    assert_eq!(sent["params"]["diagnostics"], Value::Array(Vec::new()));
}
