//! Real findings on a small fleet, all the way to the client and to the command line.

use std::process::Command;

use den_tests::{Client, Options, Workspace, binary};
use serde_json::{Value, json};

const FLAKE: &str =
    "{ outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } (inputs.import-tree ./modules); }\n";
const EDITOR: &str = "{ den, ... }:\n{\n  den.aspects.editor.nixos = { };\n}\n";
pub(crate) const DESKTOP: &str = "{ den, ... }:\n{\n  den.aspects.desktop.includes = [ den.aspects.editr ];\n}\n";
/// Where `den.aspects.editr` stands.
const PLACE: [u64; 4] = [2, 35, 2, 52];
const CODE: &str = "aspect/unknown-ref";

/// A fleet with one fault, in `modules/desktop.nix`.
pub(crate) fn fleet() -> Workspace {
    Workspace::new(&[("flake.nix", FLAKE), ("modules/editor.nix", EDITOR), ("modules/desktop.nix", DESKTOP)])
}

fn start(workspace: &Workspace, capabilities: Value) -> Client {
    Client::start(workspace, &Options { capabilities, ..Options::default() })
}

fn range(it: &Value) -> [u64; 4] {
    let number = |path: &str| it.pointer(path).and_then(Value::as_u64).unwrap_or(u64::MAX);
    [number("/start/line"), number("/start/character"), number("/end/line"), number("/end/character")]
}

/// Waits until the client is told exactly this about a file: codes and places.
fn wait_for(client: &mut Client, uri: &str, want: &[(&str, [u64; 4])]) -> Value {
    client.wait_for("textDocument/publishDiagnostics", |it| {
        let found = it["diagnostics"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found: Vec<_> =
            found.iter().map(|it| (it["code"].as_str().unwrap_or_default(), range(&it["range"]))).collect();
        it["uri"] == uri && found == want
    })
}

#[test]
fn a_closed_file_gets_its_findings() {
    let workspace = fleet();
    let mut client = start(&workspace, json!({}));
    let told = wait_for(&mut client, &workspace.uri("modules/desktop.nix"), &[(CODE, PLACE)]);
    let finding = &told["params"]["diagnostics"][0];
    assert_eq!((&finding["source"], &finding["severity"]), (&json!("den"), &json!(1)));
    assert!(finding.get("codeDescription").is_none() && told["params"].get("version").is_none());
}

#[test]
fn a_client_that_shows_links_gets_the_document_of_the_rule() {
    let workspace = fleet();
    let capabilities = json!({ "textDocument": { "publishDiagnostics": { "codeDescriptionSupport": true } } });
    let mut client = start(&workspace, capabilities);
    let told = wait_for(&mut client, &workspace.uri("modules/desktop.nix"), &[(CODE, PLACE)]);
    let link = told["params"]["diagnostics"][0]["codeDescription"]["href"].as_str().map(str::to_owned);
    assert!(link.as_deref().is_some_and(|it| it.ends_with("/rules/aspect/unknown_ref.md")), "{link:?}");
}

#[test]
fn typing_in_one_file_mends_another() {
    let workspace = fleet();
    let mut client = start(&workspace, json!({}));
    let (desktop, editor) = (workspace.uri("modules/desktop.nix"), workspace.uri("modules/editor.nix"));
    wait_for(&mut client, &desktop, &[(CODE, PLACE)]);
    client.open(&editor, EDITOR);
    client.edit(&editor, 1, [2, 14, 2, 20], "editr");
    wait_for(&mut client, &desktop, &[]);
    client.edit(&editor, 2, [2, 14, 2, 19], "editor");
    wait_for(&mut client, &desktop, &[(CODE, PLACE)]);
    // What was typed and not saved is gone with the document.
    client.edit(&editor, 3, [2, 14, 2, 20], "editr");
    wait_for(&mut client, &desktop, &[]);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": editor } }));
    wait_for(&mut client, &desktop, &[(CODE, PLACE)]);
}

#[test]
fn the_disk_changes() {
    let workspace = fleet();
    let mut client = start(&workspace, json!({}));
    let desktop = workspace.uri("modules/desktop.nix");
    wait_for(&mut client, &desktop, &[(CODE, PLACE)]);
    workspace.write("modules/desktop.nix", DESKTOP.replace("editr", "editor"));
    wait_for(&mut client, &desktop, &[]);
    workspace.write("modules/desktop.nix", DESKTOP);
    wait_for(&mut client, &desktop, &[(CODE, PLACE)]);
    workspace.remove("modules/desktop.nix");
    wait_for(&mut client, &desktop, &[]);
}

#[test]
fn what_is_open_counts_and_not_what_is_on_the_disk() {
    let workspace = fleet();
    let mut client = start(&workspace, json!({}));
    let desktop = workspace.uri("modules/desktop.nix");
    client.open(&desktop, &DESKTOP.replace("editr", "editor"));
    wait_for(&mut client, &desktop, &[]);
    workspace.write("modules/desktop.nix", DESKTOP.replace("editr", "nothing"));
    workspace.write("modules/another.nix", DESKTOP.replace("editr", "another"));
    wait_for(&mut client, &workspace.uri("modules/another.nix"), &[(CODE, [2, 35, 2, 54])]);
    client.edit(&desktop, 1, [3, 0, 3, 0], "\n");
    wait_for(&mut client, &desktop, &[]);
}

#[test]
fn a_file_that_is_only_in_the_editor() {
    let workspace = fleet();
    let mut client = start(&workspace, json!({}));
    let new = workspace.uri("modules/new.nix");
    client.open(&new, DESKTOP);
    wait_for(&mut client, &new, &[(CODE, PLACE)]);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": new } }));
    wait_for(&mut client, &new, &[]);
}

#[test]
fn columns_count_in_the_agreed_unit() {
    let text = DESKTOP.replace("[ den", "[ /* \u{1f600}\u{e9} */ den");
    for (encoding, shift) in [("utf-16", 10), ("utf-8", 13)] {
        let workspace = fleet();
        let capabilities = json!({ "general": { "positionEncodings": [encoding] } });
        let mut client = start(&workspace, capabilities);
        let desktop = workspace.uri("modules/desktop.nix");
        client.open(&desktop, &text);
        wait_for(&mut client, &desktop, &[(CODE, [2, 35 + shift, 2, 52 + shift])]);
    }
}

#[test]
fn a_fix_is_offered_where_the_finding_is() {
    let workspace = fleet();
    let actions = json!({ "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } });
    let capabilities = json!({
        "textDocument": { "codeAction": actions },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    });
    let mut client = start(&workspace, capabilities);
    let desktop = workspace.uri("modules/desktop.nix");
    client.open(&desktop, DESKTOP);
    let mut ask = |line: u64, only: Value| {
        let at = json!({ "line": line, "character": 40 });
        let context = json!({ "diagnostics": [], "only": only });
        let params =
            json!({ "textDocument": { "uri": desktop }, "range": { "start": at, "end": at }, "context": context });
        client.request("textDocument/codeAction", params)["result"].clone()
    };
    let found = ask(2, Value::Null);
    assert_eq!((&found[0]["title"], &found[0]["kind"]), (&json!("Rename to `editor`"), &json!("quickfix")));
    let change = &found[0]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": desktop, "version": 0 }));
    assert_eq!(
        (range(&change["edits"][0]["range"]), &change["edits"][0]["newText"]),
        ([2, 47, 2, 52], &json!("editor"))
    );
    assert_eq!(found[0]["diagnostics"][0]["code"], CODE);
    assert_eq!(ask(0, Value::Null), Value::Null);
    assert_eq!(ask(2, json!(["refactor"])), Value::Null);
    assert_eq!(ask(2, json!(["source.fixAll"])), Value::Null, "an unsafe fix is not applied unseen");
}

#[test]
fn a_client_that_takes_no_versions_gets_plain_edits() {
    let workspace = fleet();
    let actions = json!({ "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } });
    let mut client = start(&workspace, json!({ "textDocument": { "codeAction": actions } }));
    let desktop = workspace.uri("modules/desktop.nix");
    let at = json!({ "line": 2, "character": 40 });
    let params = json!({
        "textDocument": { "uri": desktop },
        "range": { "start": at, "end": at },
        "context": { "diagnostics": [] },
    });
    let found = client.request("textDocument/codeAction", params)["result"].clone();
    assert_eq!(found[0]["edit"]["changes"][&desktop][0]["newText"], "editor");
}

#[test]
fn findings_can_be_pulled() {
    let workspace = fleet();
    let mut client = start(&workspace, json!({ "textDocument": { "diagnostic": {} } }));
    let (desktop, editor) = (workspace.uri("modules/desktop.nix"), workspace.uri("modules/editor.nix"));
    client.open(&editor, EDITOR);
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }))["result"]["items"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    assert_eq!((&all[0]["uri"], &all[0]["kind"]), (&json!(desktop), &json!("full")));
    assert_eq!((range(&all[0]["items"][0]["range"]), &all[0]["items"][0]["code"]), (PLACE, &json!(CODE)));
    let previous = json!([{ "uri": desktop, "value": all[0]["resultId"] }]);
    let again = client.request("workspace/diagnostic", json!({ "previousResultIds": previous }));
    assert_eq!(again["result"]["items"][0]["kind"], "unchanged");
    client.edit(&editor, 1, [2, 14, 2, 20], "editr");
    let mended = client.request("workspace/diagnostic", json!({ "previousResultIds": previous }));
    assert_eq!(mended["result"]["items"][0]["items"], json!([]), "{mended}");
    let one = client.request("textDocument/diagnostic", json!({ "textDocument": { "uri": desktop } }));
    assert_eq!(one["result"]["items"], json!([]));
}

/// The same loader and the same questions: the command line says what the server says.
#[test]
fn check_says_what_the_server_says() {
    let workspace = fleet();
    let run = |args: &[&str]| Command::new(binary()).args(args).arg(workspace.root()).output().expect("it starts");
    let output = run(&["check", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let finding = &report["diagnostics"][0];
    let mut client = start(&workspace, json!({}));
    let told = wait_for(&mut client, &workspace.uri("modules/desktop.nix"), &[(CODE, PLACE)]);
    let published = &told["params"]["diagnostics"][0];
    assert_eq!(finding["file"], "modules/desktop.nix");
    for field in ["code", "range", "message"] {
        assert_eq!(finding[field], published[field]);
    }
    let fix = json!([{
        "title": "Rename to `editor`",
        "safe": false,
        "edits": [{
            "file": "modules/desktop.nix",
            "range": { "start": { "line": 2, "character": 47 }, "end": { "line": 2, "character": 52 } },
            "newText": "editor",
        }],
    }]);
    assert_eq!(finding["fixes"], fix);
    let text = String::from_utf8(run(&["check"]).stdout).expect("it is text");
    assert!(text.starts_with("error[aspect/unknown-ref]: aspect `editr` does not exist"), "{text}");
    assert!(text.ends_with("1 error in 3 files, 0 hosts\n"), "{text}");
}

#[test]
fn every_rule_is_explained() {
    let explain = |args: &[&str]| {
        let output = Command::new(binary()).arg("explain").args(args).output().expect("it starts");
        String::from_utf8(output.stdout).expect("it is text")
    };
    let rules = explain(&[]);
    assert!(rules.lines().any(|it| it.starts_with(CODE)), "{rules}");
    for rule in rules.lines().filter_map(|it| it.split_whitespace().next()) {
        assert!(explain(&[rule]).starts_with(&format!("# {rule}\n")), "{rule}");
    }
}
