//! Recomputes the expected results of the fixtures.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::Mode;
use super::nix::{Answer, Nix, Question, case_files, same_json};

pub(crate) fn run(nix: &Nix, folder: &Path, mode: Mode) -> bool {
    let write = mode != Mode::Compare;
    let files = case_files(folder);
    let (mut cases, mut differing, mut skipped) = (0, 0, 0);
    for path in files {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let mut out = String::new();
        for line in text.lines().filter(|it| !it.trim().is_empty()) {
            cases += 1;
            let Ok(Value::Object(case)) = serde_json::from_str(line) else {
                println!("{}: not a case: {line}", path.display());
                differing += 1;
                continue;
            };
            let uses_lib = case.get("expr").and_then(Value::as_str).is_some_and(|it| it.contains("lib"));
            let old = mode == Mode::New && case.contains_key("ok");
            if old || uses_lib && !nix.has_lib() || case.contains_key("query") {
                skipped += 1;
                out.push_str(line);
                out.push('\n');
                continue;
            }
            match recompute(nix, &case) {
                Ok(new) => {
                    if !same_json(line, &new) {
                        differing += 1;
                        if !write {
                            println!("{}:\n  have {line}\n  nix  {new}", path.display());
                        }
                    }
                    out.push_str(&new);
                    out.push('\n');
                }
                Err(error) => {
                    println!("{}: {error}", path.display());
                    return false;
                }
            }
        }
        if write && out != text && fs::write(&path, out).is_err() {
            println!("cannot write {}", path.display());
        }
    }
    println!("{cases} cases, {differing} differing, {skipped} skipped (they need lib, or are about places)");
    write || differing == 0
}

/// The case with Nix's results, keys in the order of the README.
fn recompute(nix: &Nix, case: &Map<String, Value>) -> std::io::Result<String> {
    let strings = |key: &str| {
        let list = case.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|it| it.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let files = case.get("files").and_then(Value::as_object).into_iter().flatten();
    let question = Question {
        expr: case.get("expr").and_then(Value::as_str).unwrap_or_default(),
        files: files.filter_map(|(path, text)| Some((path.clone(), text.as_str()?.to_owned()))).collect(),
        features: strings("features"),
    };
    let mut fields: Vec<String> = Vec::new();
    for key in ["name", "expr", "files", "features", "loose"] {
        if let Some(value) = case.get(key) {
            fields.push(format!("{}: {value}", json!(key)));
        }
    }
    match nix.ask(&question)? {
        Answer::Value(json) => fields.push(format!("\"ok\": true, \"value\": {json}")),
        Answer::Error { parse, catchable, kind, message } => {
            let phase = if parse { "parse" } else { "eval" };
            let first = message.lines().next().unwrap_or_default();
            fields.push(format!(
                "\"ok\": false, \"phase\": \"{phase}\", \"catchable\": {catchable}, \"kind\": \"{kind}\", \"error\": {}",
                json!(first)
            ));
            if message.lines().count() > 1 {
                fields.push(format!("\"message\": {}", json!(message)));
            }
        }
    }
    Ok(format!("{{{}}}", fields.join(", ")))
}
