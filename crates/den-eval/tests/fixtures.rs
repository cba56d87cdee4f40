//! The cases of `fixtures/eval`: expressions of ours, results of real Nix (`cargo xtask eval-oracle`
//! recomputes them). Format and strictness are described in `fixtures/eval/README.md`.

use std::fs;
use std::path::{Path, PathBuf};

use den_eval::{MemoryWorld, Outcome, Query, Source};
use serde_json::Value;

/// Shortest number of cases that are really there: a wrong path must not pass for success.
const AT_LEAST: usize = 1_500;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/eval")
}

fn cases(folder: &Path) -> Vec<Value> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder is there").flatten().map(|it| it.path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "jsonl"));
    files.sort();
    let texts = files.iter().map(|it| fs::read_to_string(it).expect("a text"));
    let lines = texts.flat_map(|it| it.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.map(|it| serde_json::from_str(&it).unwrap_or_else(|error| panic!("{error} in {it}"))).collect()
}

fn evaluate(case: &Value) -> Outcome {
    let files = case["files"].as_object().into_iter().flatten();
    let files: Vec<(String, String)> =
        files.map(|(path, text)| (path.clone(), text.as_str().unwrap_or_default().to_owned())).collect();
    let features = case["features"].as_array().into_iter().flatten();
    let features: Vec<String> = features.filter_map(|it| it.as_str().map(str::to_owned)).collect();
    let text = case["expr"].as_str().expect("every case has an expression");
    let source = Source { text, files: &files, features: &features };
    den_syntax::with_big_stack(|| MemoryWorld::evaluate(&source, &Query::Value)).expect("a thread")
}

/// What is wrong with an answer, if anything is.
fn fault(case: &Value, outcome: &Outcome) -> Option<String> {
    let loose = case["loose"] == true || case["kind"] == "syntax";
    let want = if case["ok"] == true { &case["value"] } else { &case["error"] };
    let wrong = |got: String| Some(format!("{}\n  {}\n  want {want}\n  got  {got}", case["name"], case["expr"]));
    match outcome {
        Outcome::Value(json) => {
            let value: Value = serde_json::from_str(json).expect("values are JSON");
            (case["ok"] == false || value != *want).then(|| wrong(json.clone())).flatten()
        }
        Outcome::Error { parse, kind, message, .. } => {
            let first = message.lines().next().unwrap_or_default();
            let same = case["ok"] == false
                && case["phase"] == if *parse { "parse" } else { "eval" }
                && case["kind"] == kind.name()
                && case["catchable"] == (!parse && kind.is_catchable())
                && (loose || *want == first);
            (!same).then(|| wrong(format!("{} {message}", kind.name()))).flatten()
        }
        other => wrong(format!("{other:?}")),
    }
}

#[test]
fn agrees_with_nix() {
    let cases = cases(&folder());
    assert!(cases.len() >= AT_LEAST, "only {} cases", cases.len());
    let faults: Vec<String> = cases.iter().filter_map(|it| fault(it, &evaluate(it))).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Known gaps are unknown, never wrong. One that is closed moves to the other cases.
#[test]
fn gaps_are_unknown() {
    for case in cases(&folder().join("not-yet")) {
        let outcome = evaluate(&case);
        assert!(matches!(outcome, Outcome::Unknown(_)), "{}: {outcome:?}", case["name"]);
    }
}
