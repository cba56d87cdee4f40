//! The life of a server, from the first message to the last.

use den_tests::{Client, Options, Workspace, frame};
use serde_json::{Value, json};

use crate::opened;

#[test]
fn initialize_tells_what_the_server_can_do_and_no_more() {
    let workspace = Workspace::new(&[]);
    let mut client = Client::spawn();
    let params = json!({ "capabilities": {}, "rootUri": workspace.uri(""), "processId": null });
    let answer = client.request("initialize", params);
    let result = &answer["result"];
    assert_eq!(result["serverInfo"]["name"], "den-lsp");
    let mut offered: Vec<&str> =
        result["capabilities"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    offered.sort_unstable();
    let want = [
        "completionProvider",
        "declarationProvider",
        "definitionProvider",
        "documentSymbolProvider",
        "hoverProvider",
        "positionEncoding",
        "referencesProvider",
        "textDocumentSync",
        "workspace",
        "workspaceSymbolProvider",
    ];
    assert_eq!(offered, want);
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
}

#[test]
fn utf_8_is_taken_if_it_is_offered() {
    let encoding = |offered: Value| {
        let mut client = Client::spawn();
        let capabilities = json!({ "general": { "positionEncodings": offered } });
        let answer = client.request("initialize", json!({ "capabilities": capabilities }));
        answer["result"]["capabilities"]["positionEncoding"].clone()
    };
    assert_eq!(encoding(json!(["utf-8", "utf-32", "utf-16"])), "utf-8");
    assert_eq!(encoding(json!(["utf-16", "utf-8"])), "utf-8");
    assert_eq!(encoding(json!(["utf-32"])), "utf-16");
}

#[test]
fn messages_behind_initialize_are_not_lost() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    let mut client = Client::spawn();
    let uri = workspace.uri("a.nix");
    let message = |method: &str, id: Option<i64>, params: Value| {
        let mut message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        if let Some(id) = id {
            message["id"] = json!(id);
        }
        frame(&message)
    };
    let document = json!({ "uri": uri, "languageId": "nix", "version": 7, "text": "seven" });
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
    let mut all = message("initialize", Some(1), json!({ "capabilities": {}, "rootUri": workspace.uri("") }));
    all.extend(message("initialized", None, json!({})));
    all.extend(message("textDocument/didOpen", None, json!({ "textDocument": document })));
    all.extend(message("textDocument/hover", Some(2), at));
    client.send_bytes(&all);
    assert!(client.answer(1)["error"].is_null());
    assert!(client.answer(2)["error"].is_null());
    client.wait_for("textDocument/publishDiagnostics", |it| it["uri"] == uri && it["version"] == 7);
}

#[test]
fn requests_before_and_after_the_session_are_refused() {
    let workspace = Workspace::new(&[]);
    let mut client = Client::spawn();
    assert_eq!(client.request("workspace/symbol", json!({ "query": "" }))["error"]["code"], -32002);
    client.notify("initialized", json!({}));
    client.open(&workspace.uri("a.nix"), "early");
    assert!(client.request("initialize", json!({ "capabilities": {} }))["error"].is_null());
    assert_eq!(client.request("initialize", json!({ "capabilities": {} }))["error"]["code"], -32600);
    assert!(client.request("shutdown", Value::Null)["error"].is_null());
    assert_eq!(client.request("workspace/symbol", json!({ "query": "" }))["error"]["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn a_refused_initialize_can_be_repeated() {
    let mut client = Client::spawn();
    assert_eq!(client.request("initialize", json!({ "capabilities": 7 }))["error"]["code"], -32602);
    assert!(client.request("initialize", json!({ "capabilities": {} }))["error"].is_null());
}

#[test]
fn shutdown_takes_null_no_parameters_and_none() {
    for shutdown in [json!({ "params": null }), json!({}), json!({ "params": {} })] {
        let mut client = Client::start(&Workspace::new(&[]), &Options::default());
        let mut message = json!({ "jsonrpc": "2.0", "id": 99, "method": "shutdown" });
        if let Some(params) = shutdown.get("params").filter(|it| it.is_null()) {
            message["params"] = params.clone();
        }
        client.send(&message);
        assert!(client.answer(99)["error"].is_null(), "{shutdown}");
    }
}

#[test]
fn exit_ends_the_process_although_the_input_stays_open() {
    Client::start(&Workspace::new(&[]), &Options::default()).end();
}

#[test]
fn exit_without_shutdown_is_a_failure() {
    let mut client = Client::start(&Workspace::new(&[]), &Options::default());
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn the_answer_to_shutdown_comes_before_the_end() {
    let mut client = Client::start(&Workspace::new(&[]), &Options::default());
    let mut both = frame(&json!({ "jsonrpc": "2.0", "id": 50, "method": "shutdown" }));
    both.extend(frame(&json!({ "jsonrpc": "2.0", "method": "exit" })));
    client.send_bytes(&both);
    assert!(client.answer(50)["error"].is_null());
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn the_end_of_the_input_ends_the_process() {
    let (_workspace, mut client, uri) = opened("{ }", json!({}));
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
    for _ in 0..50 {
        client.ask("textDocument/hover", at.clone());
    }
    client.close_input();
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn the_end_of_the_input_before_initialize_ends_the_process() {
    let mut client = Client::spawn();
    client.close_input();
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn the_end_of_the_parent_ends_the_process() {
    let mut parent = std::process::Command::new("sleep").arg("1000").spawn().expect("sleep is everywhere");
    let options = Options { parent: Some(parent.id()), ..Options::default() };
    let mut client = Client::start(&Workspace::new(&[]), &options);
    client.settle();
    assert!(client.is_running());
    // It is dead but not buried until `wait`, as under an editor that never waits for its children.
    parent.kill().expect("it is ours");
    assert_eq!(client.exit_code(), Some(1));
    let _ = parent.wait();
}

#[test]
fn a_parent_that_is_not_to_be_seen_is_no_reason_to_end() {
    let options = Options { parent: Some(0x7fff_fff0), ..Options::default() };
    let mut client = Client::start(&Workspace::new(&[]), &options);
    client.settle();
    client.end();
}

#[test]
fn unknown_requests_are_refused_at_once() {
    let mut client = Client::start(&Workspace::new(&[]), &Options::default());
    for method in ["textDocument/formatting", "textDocument/rename", "no/such/thing", "$/noSuchThing", ""] {
        assert_eq!(client.request(method, json!({}))["error"]["code"], -32601, "{method}");
    }
    client.notify("$/noSuchThing", json!({}));
    client.notify("no/such/thing", json!({}));
    client.settle();
}

#[test]
fn wrong_parameters_are_refused() {
    let mut client = Client::start(&Workspace::new(&[]), &Options::default());
    assert_eq!(client.request("textDocument/hover", json!({ "position": 7 }))["error"]["code"], -32602);
    client.settle();
}

#[test]
fn a_notification_that_does_not_decode_is_told() {
    let mut client = Client::start(&Workspace::new(&[]), &Options::default());
    let document = json!({ "uri": "not an address", "version": 1 });
    client.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [] }));
    let told = client.wait_for("window/logMessage", |it| it["type"] == 1);
    let told = told["params"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(told.starts_with("cannot decode the notification `textDocument/didChange`: "), "{told}");
}

#[test]
fn numbers_of_requests_may_be_text_and_must_be_new() {
    let mut client = Client::start(&Workspace::new(&[]), &Options::default());
    client.send(&json!({ "jsonrpc": "2.0", "id": "seven", "method": "workspace/symbol", "params": { "query": "" } }));
    client.settle();
    let said = client.request("workspace/symbol", json!({ "query": "" }));
    assert!(said["error"].is_null());
}

#[test]
fn a_cancelled_request_is_answered_once() {
    let (_workspace, mut client, uri) = opened("{ }", json!({}));
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
    for _ in 0..20 {
        let id = client.ask("textDocument/hover", at.clone());
        client.notify("$/cancelRequest", json!({ "id": id }));
        let answer = client.answer(id);
        assert!(answer["error"].is_null() || answer["error"]["code"] == -32800, "{answer}");
    }
    client.notify("$/cancelRequest", json!({ "id": 12345 }));
    client.settle();
}

#[test]
#[cfg(unix)]
fn an_output_that_nobody_reads_any_more_is_the_end() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    let mut process = std::process::Command::new(den_tests::binary())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(process.stdout.take());
    let mut input = process.stdin.take().expect("it is piped");
    use std::io::Write as _;
    let params = json!({ "capabilities": {}, "rootUri": workspace.uri("") });
    let _ = input.write_all(&frame(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params })));
    let _ = input.write_all(b"Content-Length: 2\r\n\r\n{]");
    drop(input);
    let output = process.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr).matches("internal error").count(), 0);
}
