//! Folders and files: those that the client names, and those that change under it.

use den_tests::{Client, Options, Workspace};
use serde_json::{Value, json};

fn files(changes: &[(&Workspace, &str)]) -> Value {
    let changes: Vec<Value> =
        changes.iter().map(|(workspace, path)| json!({ "uri": workspace.uri(path), "type": 2 })).collect();
    json!({ "changes": changes })
}

/// A server that does not watch files itself.
fn without_watcher(workspace: &Workspace) -> Client {
    Client::start(workspace, &Options { settings: json!({ "files": { "watch": false } }), ..Options::default() })
}

#[test]
fn all_files_are_found() {
    let workspace = Workspace::new(&[("flake.nix", "{ }"), ("a/b.nix", "{ }"), ("a/c.txt", "")]);
    Client::start(&workspace, &Options::default()).wait_for_files(2);
}

#[test]
fn folders_come_and_go() {
    let one = Workspace::new(&[("a.nix", "{ }")]);
    let two = Workspace::new(&[("b.nix", "{ }"), ("c.nix", "{ }")]);
    let mut client = Client::start(&one, &Options::default());
    client.wait_for_files(1);
    let folder = |it: &Workspace| json!([{ "uri": it.uri(""), "name": "x" }]);
    let change = |added: Value, removed: Value| json!({ "event": { "added": added, "removed": removed } });
    client.notify("workspace/didChangeWorkspaceFolders", change(folder(&two), json!([])));
    client.wait_for_files(3);
    client.notify("workspace/didChangeWorkspaceFolders", change(json!([]), folder(&one)));
    client.wait_for_files(2);
}

#[test]
fn a_folder_that_does_not_exist_is_no_reason_to_fail() {
    let mut client = Client::spawn();
    let params = json!({ "capabilities": {}, "rootUri": "file:///no/such/folder" });
    assert!(client.request("initialize", params)["error"].is_null());
    client.notify("initialized", json!({}));
    client.settle();
    client.end();
}

#[test]
fn a_client_without_a_folder_gets_the_project_of_its_file() {
    let workspace = Workspace::new(&[("flake.nix", "{ }"), ("hosts/a.nix", "{ }"), ("b.nix", "{ }")]);
    let mut client = Client::start(&workspace, &Options { folder: false, ..Options::default() });
    client.open(&workspace.uri("hosts/a.nix"), "{ }");
    client.wait_for_files(3);
}

#[test]
fn changes_that_the_client_reports() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    let mut client = without_watcher(&workspace);
    client.wait_for_files(1);
    workspace.write("b.nix", "{ }");
    workspace.write("deep/c.nix", "{ }");
    client.notify("workspace/didChangeWatchedFiles", files(&[(&workspace, "b.nix"), (&workspace, "deep/c.nix")]));
    client.wait_for_files(3);
    workspace.remove("a.nix");
    client.notify("workspace/didChangeWatchedFiles", files(&[(&workspace, "a.nix")]));
    client.wait_for_files(2);
}

/// A client that reports nothing, like Neovim on Linux.
#[test]
fn changes_that_nobody_reports() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    let mut client = Client::start(&workspace, &Options::default());
    client.wait_for_files(1);
    workspace.write("b.nix", "{ }");
    client.wait_for_files(2);
    // A folder that was not there at the start is watched as well.
    workspace.write("deep/deeper/c.nix", "{ }");
    client.wait_for_files(3);
    workspace.write("deep/deeper/d.nix", "{ }");
    client.wait_for_files(4);
    workspace.remove("deep/deeper/c.nix");
    client.wait_for_files(3);
}

#[test]
fn saving_is_a_reason_to_look() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    let mut client = without_watcher(&workspace);
    client.wait_for_files(1);
    client.open(&workspace.uri("new.nix"), "{ }");
    workspace.write("new.nix", "{ }");
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": workspace.uri("new.nix") } }));
    client.wait_for_files(2);
}

#[test]
fn a_client_that_watches_is_asked_to() {
    let workspace = Workspace::new(&[]);
    let offers = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let mut client = Client::start(&workspace, &Options { capabilities: offers, ..Options::default() });
    let asked = client.wait_for("client/registerCapability", |_| true);
    let registration = &asked["params"]["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    let globs = registration["registerOptions"]["watchers"].to_string();
    assert!(globs.contains("**/*.nix") && globs.contains("**/.git/index"), "{globs}");
}

#[test]
fn a_client_that_does_not_watch_is_not_asked() {
    let mut client = Client::start(&Workspace::new(&[]), &Options::default());
    client.wait_for_files(0);
    assert!(client.said("client/registerCapability").is_empty());
}

#[test]
fn files_that_are_left_out_are_told_once() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    workspace.write("latin.nix", [b'"', 0xe9, b'"']);
    let mut client = Client::start(&workspace, &Options::default());
    let told = client.wait_for("window/showMessage", |_| true);
    assert!(told["params"]["message"].as_str().is_some_and(|it| it.contains("1 not UTF-8")), "{told}");
    client.wait_for("den/status", |it| it["health"] == "warning" && it["quiescent"] == true);
    workspace.write("b.nix", "{ }");
    client.wait_for_files(2);
    assert!(client.said("window/showMessage").is_empty());
}

#[test]
fn the_first_index_shows_progress() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    let capabilities = json!({ "window": { "workDoneProgress": true } });
    let mut client = Client::start(&workspace, &Options { capabilities, ..Options::default() });
    let token = client.wait_for("window/workDoneProgress/create", |_| true)["params"]["token"].clone();
    client.wait_for("$/progress", |it| it["token"] == token && it["value"]["kind"] == "begin");
    client.wait_for("$/progress", |it| it["token"] == token && it["value"]["kind"] == "end");
}
