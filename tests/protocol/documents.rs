//! Texts: the server's must be the editor's, whatever the editor does.

use den_tests::Client;
use serde_json::{Value, json};

use crate::opened;

const UTF_8: &str = "utf-8";
const UTF_16: &str = "utf-16";

#[track_caller]
fn check(encoding: &str, before: &str, edits: &[([u32; 4], &str)], after: &str) {
    let capabilities = json!({ "general": { "positionEncodings": [encoding] } });
    let (_workspace, mut client, uri) = opened(before, capabilities);
    for (version, (range, text)) in edits.iter().enumerate() {
        client.edit(&uri, version as i32 + 1, *range, text);
    }
    client.check_text(&uri, after);
}

#[test]
fn edits_in_both_units() {
    check(UTF_16, "a\u{1f600}b", &[([0, 3, 0, 4], "c")], "a\u{1f600}c");
    check(UTF_8, "a\u{1f600}b", &[([0, 5, 0, 6], "c")], "a\u{1f600}c");
    check(UTF_16, "\u{e9}\u{20ac}b", &[([0, 2, 0, 3], "c")], "\u{e9}\u{20ac}c");
    check(UTF_8, "\u{e9}\u{20ac}b", &[([0, 5, 0, 6], "c")], "\u{e9}\u{20ac}c");
}

#[test]
fn line_ends_of_all_kinds() {
    check(UTF_16, "a\r\nb\r\nc", &[([1, 0, 1, 1], "x"), ([2, 1, 2, 1], "y")], "a\r\nx\r\ncy");
    check(UTF_16, "a\rb\nc", &[([1, 0, 1, 1], "x"), ([2, 0, 2, 1], "y")], "a\rx\ny");
    check(UTF_16, "a\r\nb", &[([0, 1, 1, 0], "")], "ab");
    check(UTF_16, "\u{feff}a\n", &[([0, 1, 0, 2], "b")], "\u{feff}b\n");
    check(UTF_16, "a", &[([0, 1, 0, 1], "\r\n"), ([1, 0, 1, 0], "b")], "a\r\nb");
}

#[test]
fn typing_and_deleting() {
    check(UTF_16, "", &[([0, 0, 0, 0], "a"), ([0, 1, 0, 1], "b"), ([0, 0, 0, 2], ""), ([0, 0, 0, 0], "c")], "c");
    check(UTF_16, "one\ntwo\nthree\n", &[([0, 0, 3, 0], "")], "");
}

#[test]
fn the_check_of_texts_can_fail() {
    let (_workspace, mut client, uri) = opened("a", json!({}));
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri }, "text": "b" }));
    client.wait_for("window/logMessage", |it| it["message"].as_str().is_some_and(|it| it.contains("took over")));
    client.check_text(&uri, "b");
}

/// Helix sends the changes of keys that come in one burst in any order.
#[test]
fn changes_out_of_order() {
    let text: String = ('a'..='z').cycle().take(200).collect();
    let mut versions: Vec<u32> = (0..200).collect();
    let mut seed = 5u64;
    for i in 0..198 {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        versions.swap(i, i + (seed >> 33) as usize % 3);
    }
    let (_workspace, mut client, uri) = opened("", json!({}));
    for column in versions {
        let letter = &text[column as usize..][..1];
        client.edit(&uri, column as i32 + 1, [0, column, 0, column], letter);
    }
    client.check_text(&uri, &text);
    let answer = client.request("textDocument/hover", at(&uri, 0, 0));
    assert!(answer["error"].is_null());
}

#[test]
fn a_change_that_comes_too_late_is_told_and_mended_by_saving() {
    let (_workspace, mut client, uri) = opened("", json!({}));
    for version in 2..400 {
        client.edit(&uri, version, [0, 0, 0, 0], "x");
    }
    client.edit(&uri, 1, [0, 0, 0, 0], "y");
    let told = client.wait_for("window/showMessage", |it| it["type"] == 2);
    assert!(told["params"]["message"].as_str().is_some_and(|it| it.contains("save")), "{told}");
    let _ = client.said("textDocument/publishDiagnostics");
    client.edit(&uri, 400, [0, 0, 0, 0], "x");
    assert!(client.said("textDocument/publishDiagnostics").is_empty(), "nothing is said about a text in doubt");
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri }, "text": "mended" }));
    client.wait_for("textDocument/publishDiagnostics", |it| it["version"] == 400);
    client.check_text(&uri, "mended");
    assert!(client.said("window/showMessage").is_empty(), "it is told once");
}

#[test]
fn a_whole_text_needs_no_order() {
    let (_workspace, mut client, uri) = opened("old", json!({}));
    client.edit(&uri, 5, [0, 0, 0, 0], "x");
    let params = json!({ "textDocument": { "uri": uri, "version": 6 }, "contentChanges": [{ "text": "new" }] });
    client.notify("textDocument/didChange", params);
    client.edit(&uri, 4, [0, 0, 0, 0], "late");
    client.check_text(&uri, "new");
}

#[test]
fn many_edits_in_one_change() {
    let (_workspace, mut client, uri) = opened("abc", json!({}));
    let edit = |column: u32, text: &str| {
        let at = json!({ "line": 0, "character": column });
        json!({ "range": { "start": at, "end": at }, "text": text })
    };
    let changes = [edit(0, "1"), edit(2, "2"), edit(4, "3")];
    let params = json!({ "textDocument": { "uri": uri, "version": 1 }, "contentChanges": changes });
    client.notify("textDocument/didChange", params);
    client.check_text(&uri, "1a2b3c");
}

#[test]
fn documents_that_are_no_files_of_ours() {
    let (workspace, mut client, _) = opened("", json!({}));
    let outside = format!("file://{}/elsewhere.nix", workspace.root().parent().expect("not the root").display());
    for uri in ["untitled:Untitled-1", "vscode-notebook-cell:/a.nix#1", "file:///proc/self/mem", &outside] {
        client.open(uri, "{ }");
        client.edit(uri, 1, [0, 0, 0, 0], " ");
        let answer = client.request("textDocument/hover", at(uri, 0, 0));
        assert!(answer["error"].is_null() && answer["result"].is_null(), "{uri}: {answer}");
        client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }
    client.settle();
}

#[test]
fn changes_and_ends_of_documents_that_are_not_open() {
    let (workspace, mut client, _) = opened("", json!({}));
    let uri = workspace.uri("closed.nix");
    client.edit(&uri, 3, [0, 0, 0, 0], "x");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    client.wait_for("window/logMessage", |it| it["type"] == 1);
    client.settle();
}

#[test]
fn positions_outside_the_text_are_harmless() {
    let (_workspace, mut client, uri) = opened("{ }", json!({}));
    for (line, column) in [(0, 99), (99, 0), (u32::MAX >> 1, u32::MAX >> 1)] {
        for method in ["textDocument/hover", "textDocument/definition", "textDocument/completion"] {
            let answer = client.request(method, at(&uri, line, column));
            assert!(answer["error"].is_null(), "{method} {line}:{column}: {answer}");
        }
    }
}

/// The whole text again and again, as clients do that know no ranges.
#[test]
fn full_texts_only() {
    let (_workspace, mut client, uri) = opened("0", json!({}));
    for version in 1..100 {
        let change = json!({ "text": version.to_string() });
        let params = json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [change] });
        client.notify("textDocument/didChange", params);
    }
    client.check_text(&uri, "99");
}

/// Changes and questions in one stream: no question is answered from a text before its change, and the
/// server lives.
#[test]
fn changes_and_questions_in_one_stream() {
    let (_workspace, mut client, uri) = opened("", json!({}));
    let mut ids = Vec::new();
    for version in 1..=500 {
        client.edit(&uri, version, [0, 0, 0, 0], "y");
        ids.push(client.ask("textDocument/hover", at(&uri, 0, 0)));
    }
    for id in ids {
        let answer = client.answer(id);
        assert!(answer["error"].is_null() || answer["error"]["code"] == -32801, "{answer}");
    }
    client.check_text(&uri, &"y".repeat(500));
}

fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

/// Half an emoji, as JavaScript clients send it.
#[test]
fn half_a_surrogate_pair() {
    let (_workspace, mut client, uri): (_, Client, _) = opened("", json!({}));
    let edit = |version: i32, column: u32, end: u32, text: &str| {
        let body = format!(
            r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{"textDocument":{{"uri":"{uri}","version":{version}}},"contentChanges":[{{"range":{{"start":{{"line":0,"character":{column}}},"end":{{"line":0,"character":{end}}}}},"text":"{text}"}}]}}}}"#
        );
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    };
    client.send_bytes(edit(1, 0, 0, r"\ud83d").as_bytes());
    client.send_bytes(edit(2, 0, 1, "done").as_bytes());
    client.check_text(&uri, "done");
}
