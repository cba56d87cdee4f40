//! Bytes that no editor should send. None of them may end the server.

use den_tests::{Client, Options, Workspace, frame};
use serde_json::{Value, json};

use crate::opened;

fn started() -> (Workspace, Client) {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    let client = Client::start(&workspace, &Options::default());
    (workspace, client)
}

/// Sends a body as it is and returns the error that it is answered with.
fn error_of(client: &mut Client, body: &[u8]) -> Value {
    let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    client.send_bytes(&bytes);
    let id = client.ask("workspace/symbol", json!({ "query": "" }));
    assert!(client.answer(id)["error"].is_null());
    client.answer_to_nobody()
}

trait ToNobody {
    fn answer_to_nobody(&mut self) -> Value;
}

impl ToNobody for Client {
    /// The error that has no number, because the server could not read one.
    fn answer_to_nobody(&mut self) -> Value {
        self.wait_for_error(|it| it["id"].is_null())["error"]["code"].clone()
    }
}

#[test]
fn what_is_not_json_is_answered_with_an_error() {
    let (_workspace, mut client) = started();
    for body in ["{", "", "null x", "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"method\":\"x\"}"] {
        let code = error_of(&mut client, body.as_bytes());
        assert!(code == -32700 || code == -32600, "{body}: {code}");
    }
    assert_eq!(error_of(&mut client, b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\xfe\"}"), -32700);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(error_of(&mut client, deep.as_bytes()), -32700);
    client.end();
}

#[test]
fn what_is_json_but_no_message_is_answered_with_another() {
    let (_workspace, mut client) = started();
    for body in ["[]", "7", "{\"jsonrpc\":\"1.0\",\"method\":\"x\"}", "{\"method\":\"x\"}"] {
        assert_eq!(error_of(&mut client, body.as_bytes()), -32600, "{body}");
    }
    client.send(&json!({ "jsonrpc": "2.0", "id": 500, "method": 7 }));
    assert_eq!(client.answer(500)["error"]["code"], -32600);
    client.end();
}

#[test]
fn headers_may_be_strange() {
    let (_workspace, mut client) = started();
    let body =
        json!({ "jsonrpc": "2.0", "id": 700, "method": "workspace/symbol", "params": { "query": "" } }).to_string();
    let length = body.len();
    let headers = [
        format!("content-length: {length}\r\n\r\n"),
        format!("Content-Type: application/vscode-jsonrpc\r\nContent-Length: {length}\r\n\r\n"),
        format!("A: 1\r\nB: 2\r\nC: 3\r\nContent-Length: {length}\r\n\r\n"),
        format!("Content-Length:{length}\n\n"),
        format!("some tool printed this\r\n\r\nContent-Length: {length}\r\n\r\n"),
        format!("Content-Length: many\r\n\r\nContent-Length: {length}\r\n\r\n"),
    ];
    for header in headers {
        client.send_bytes(format!("{header}{body}").as_bytes());
        assert!(client.answer(700)["error"].is_null(), "{header:?}");
    }
    client.end();
}

#[test]
fn a_message_may_come_in_pieces() {
    let (_workspace, mut client) = started();
    let message =
        frame(&json!({ "jsonrpc": "2.0", "id": 700, "method": "workspace/symbol", "params": { "query": "" } }));
    for byte in message {
        client.send_bytes(&[byte]);
    }
    assert!(client.answer(700)["error"].is_null());
}

#[test]
fn a_huge_message_is_read() {
    let (_workspace, mut client, uri) = opened("{ }", json!({}));
    let huge = "x".repeat(64 << 20);
    let change = json!({ "text": huge });
    let params = json!({ "textDocument": { "uri": uri, "version": 1 }, "contentChanges": [change] });
    client.notify("textDocument/didChange", params);
    let params = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": "{ }" }] });
    client.notify("textDocument/didChange", params);
    client.check_text(&uri, "{ }");
    client.end();
}

#[test]
fn a_message_beyond_all_bounds_is_skipped() {
    let (_workspace, mut client) = started();
    let length = 130 << 20;
    client.send_bytes(format!("Content-Length: {length}\r\n\r\n").as_bytes());
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..130 {
        client.send_bytes(&chunk);
    }
    assert_eq!(client.answer_to_nobody(), -32700);
    client.end();
}

#[test]
fn a_client_that_dies_in_the_middle_of_a_message() {
    for part in ["Content-Len", "Content-Length: 100\r\n", "Content-Length: 100\r\n\r\n{\"jsonrpc\""] {
        let (_workspace, mut client) = started();
        client.send_bytes(part.as_bytes());
        client.close_input();
        assert_eq!(client.exit_code(), Some(1), "{part:?}");
    }
}

#[test]
fn answers_to_questions_that_nobody_asked() {
    let (_workspace, mut client) = started();
    client.send(&json!({ "jsonrpc": "2.0", "id": 4711, "result": null }));
    client.send(&json!({ "jsonrpc": "2.0", "id": null, "error": { "code": 1, "message": "?" } }));
    client.send(&json!({ "jsonrpc": "2.0", "id": "x", "error": "?" }));
    client.settle();
    client.end();
}
