//! `den-lsp eval`

use std::io::{BufRead, Write};
use std::process::ExitCode;

use clap::Args as ClapArgs;
use den_ide::{EvalAnswer, EvalRequest, evaluate};
use serde_json::{Map, Value, json};

/// Arguments of `eval`.
#[derive(ClapArgs)]
#[group(required = true, multiple = false)]
pub(crate) struct Args {
    /// Evaluate this expression and print JSON
    #[arg(long, value_name = "EXPR")]
    expr: Option<String>,
    /// Read cases as lines of JSON from standard input and answer each with one line
    #[arg(long)]
    jsonl: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match &args.expr {
        Some(expr) => one(expr),
        None => lines(),
    }
}

fn one(expr: &str) -> ExitCode {
    let features = vec!["pipe-operators".to_owned()];
    let answer = evaluate(&EvalRequest { text: expr.to_owned(), features, ..EvalRequest::default() });
    let mut out = std::io::stdout().lock();
    let (line, code) = match answer {
        EvalAnswer::Value(json) => (json, ExitCode::SUCCESS),
        other => (entry("", &other).to_string(), ExitCode::FAILURE),
    };
    // A reader that went away is not an error of ours.
    let _ = writeln!(out, "{line}");
    code
}

fn lines() -> ExitCode {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return ExitCode::from(2) };
        if line.trim().is_empty() {
            continue;
        }
        let Ok(case) = serde_json::from_str::<Value>(&line) else { return ExitCode::from(2) };
        let name = case["name"].as_str().unwrap_or_default();
        let answer = evaluate(&request(&case));
        let written = match &answer {
            // The value is JSON text already, with its numbers as Nix prints them.
            EvalAnswer::Value(json) => writeln!(out, "{{\"name\":{},\"ok\":true,\"value\":{json}}}", json!(name)),
            other => writeln!(out, "{}", entry(name, other)),
        };
        if written.is_err() {
            return ExitCode::SUCCESS;
        }
    }
    ExitCode::SUCCESS
}

fn request(case: &Value) -> EvalRequest {
    let strings =
        |it: &Value| it.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect();
    let files = case["files"].as_object().into_iter().flatten();
    let text = case["file"].as_str().or(case["expr"].as_str()).unwrap_or_default();
    EvalRequest {
        text: text.to_owned(),
        files: files.filter_map(|(path, text)| Some((path.clone(), text.as_str()?.to_owned()))).collect(),
        features: strings(&case["features"]),
        position_of: case["query"].as_str().map(attr_path),
    }
}

/// Splits `a."b c".d`.
fn attr_path(text: &str) -> Vec<String> {
    let mut path = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => path.push(String::new()),
            c => path.last_mut().expect("starts with one segment").push(c),
        }
    }
    path
}

fn entry(name: &str, answer: &EvalAnswer) -> Value {
    let mut entry = Map::new();
    if !name.is_empty() {
        entry.insert("name".into(), json!(name));
    }
    match answer {
        EvalAnswer::Value(json) => {
            entry.insert("ok".into(), json!(true));
            entry.insert("value".into(), serde_json::from_str(json).unwrap_or(Value::Null));
        }
        EvalAnswer::Position(at) => {
            let at = at.map(|(line, column)| json!({ "line": line, "column": column }));
            entry.insert("pos".into(), at.unwrap_or(Value::Null));
        }
        EvalAnswer::Error { parse, catchable, kind, message, suggestions } => {
            entry.insert("ok".into(), json!(false));
            entry.insert("phase".into(), json!(if *parse { "parse" } else { "eval" }));
            entry.insert("catchable".into(), json!(catchable));
            entry.insert("kind".into(), json!(kind));
            entry.insert("error".into(), json!(message.lines().next().unwrap_or_default()));
            if message.lines().count() > 1 {
                entry.insert("message".into(), json!(message));
            }
            if let Some(suggestion) = suggestion(suggestions) {
                entry.insert("suggestion".into(), json!(suggestion));
            }
        }
        EvalAnswer::Unknown(reason) => {
            entry.insert("unknown".into(), json!(reason));
        }
    }
    Value::Object(entry)
}

/// What follows "Did you mean".
fn suggestion(names: &[String]) -> Option<String> {
    let (last, others) = names.split_last()?;
    Some(match others {
        [] => last.clone(),
        others => format!("one of {} or {last}", others.join(", ")),
    })
}
