//! Random expressions, evaluated by real Nix and by us.

use den_eval::{MemoryWorld, Outcome, Query, Source};

use super::generate::{Generator, Part, Tree};
use super::nix::{Answer, Nix, Question, same_json};

/// Shows a value with all its parts, functions and caught errors as text: laziness becomes visible.
const SHOW: &str = r#"let
  show = value:
    let tried = builtins.tryEval value; it = tried.value;
    in if !tried.success then "<caught>"
    else if builtins.isFunction it then "<function>"
    else if builtins.isPath it then "<path ${toString it}>"
    else if builtins.isList it then map show it
    else if builtins.isAttrs it then map (name: [ name (show it.${name}) ]) (builtins.attrNames it)
    else it;
in "#;

/// Expressions that Nix evaluates in one go.
const BATCH: usize = 250;

#[derive(Default)]
struct Counts {
    same: u64,
    unknown: u64,
    differing: u64,
}

pub(crate) fn run(nix: &Nix, count: u64, seed: u64, syntax: bool) -> bool {
    let mut counts = Counts::default();
    let mut generator = Generator::new(seed);
    let mut batch: Vec<(Tree, String)> = Vec::new();
    for index in 0..count {
        let tree = generator.expression();
        if syntax {
            let text = damaged(&mut generator, &tree.text());
            check_syntax(nix, &text, &mut counts);
            continue;
        }
        match ours(&tree.text()) {
            Outcome::Value(json) => batch.push((tree, json)),
            Outcome::Unknown(_) | Outcome::Position(_) => counts.unknown += 1,
            other => check(nix, &tree, &other, &mut counts),
        }
        if batch.len() >= BATCH || index + 1 == count {
            check_batch(nix, &std::mem::take(&mut batch), &mut counts);
        }
        if index % 5000 == 4999 {
            println!("… {} of {count}, {} differing", index + 1, counts.differing);
        }
    }
    let Counts { same, unknown, differing } = counts;
    println!("{count} expressions (seed {seed}): {same} same, {unknown} unknown, {differing} differing");
    differing == 0
}

fn ours(expr: &str) -> Outcome {
    let text = format!("{SHOW}show ({expr})");
    let source = Source { text: &text, files: &[], features: &[] };
    den_syntax::with_big_stack(|| MemoryWorld::evaluate(&source, &Query::Value)).expect("a thread can be started")
}

/// One call of Nix for many expressions; one after the other if that fails.
fn check_batch(nix: &Nix, batch: &[(Tree, String)], counts: &mut Counts) {
    if batch.is_empty() {
        return;
    }
    let all: Vec<String> = batch.iter().map(|it| format!("(show ({}))", it.0.text())).collect();
    let text = format!("{SHOW}[\n{}\n]", all.join("\n"));
    let theirs = nix.eval_text(&text).ok().and_then(Result::ok);
    let theirs = theirs.and_then(|it| serde_json::from_str::<Vec<serde_json::Value>>(&it).ok());
    match theirs {
        Some(theirs) if theirs.len() == batch.len() => {
            for ((tree, json), value) in batch.iter().zip(theirs) {
                if same_json(json, &value.to_string()) {
                    counts.same += 1;
                } else {
                    check(nix, tree, &Outcome::Value(json.clone()), counts);
                }
            }
        }
        _ if batch.len() == 1 => check(nix, &batch[0].0, &Outcome::Value(batch[0].1.clone()), counts),
        _ => {
            let (left, right) = batch.split_at(batch.len() / 2);
            check_batch(nix, left, counts);
            check_batch(nix, right, counts);
        }
    }
}

/// Asks Nix for one expression and says how the answers differ.
fn difference(nix: &Nix, expr: &str, ours: &Outcome) -> Option<String> {
    let text = format!("{SHOW}show ({expr})");
    let theirs = nix.ask(&Question { expr: &text, ..Question::default() }).ok()?;
    let same = match (&theirs, ours) {
        (_, Outcome::Unknown(_) | Outcome::Position(_)) => true,
        (Answer::Value(a), Outcome::Value(b)) => same_json(a, b),
        (Answer::Error { parse, kind, message, .. }, Outcome::Error { parse: p, kind: k, message: m, .. }) => {
            parse == p && *kind == k.name() && same_message(kind, message, m)
        }
        _ => false,
    };
    (!same).then(|| format!("nix  {theirs:?}\n  ours {ours:?}"))
}

/// Messages that show values or places in C++'s own ways need not be the same.
fn same_message(kind: &str, a: &str, b: &str) -> bool {
    matches!(kind, "syntax" | "bad-input" | "io") || a.lines().next() == b.lines().next()
}

fn check(nix: &Nix, tree: &Tree, outcome: &Outcome, counts: &mut Counts) {
    let Some(first) = difference(nix, &tree.text(), outcome) else {
        counts.same += 1;
        return;
    };
    counts.differing += 1;
    let (smaller, said) = minimize(nix, tree.clone(), first);
    println!("differs: {}\n  {said}", smaller.text());
}

/// Replaces parts by their own parts or by something simple while the answers still differ.
fn minimize(nix: &Nix, tree: Tree, said: String) -> (Tree, String) {
    let (mut best, mut said) = (tree, said);
    let mut tries = 150;
    'again: loop {
        for candidate in smaller(&best) {
            if tries == 0 {
                return (best, said);
            }
            tries -= 1;
            let text = candidate.text();
            let outcome = ours(&text);
            if let Some(difference) = difference(nix, &text, &outcome) {
                (best, said) = (candidate, difference);
                continue 'again;
            }
        }
        return (best, said);
    }
}

/// Every tree with one part less.
fn smaller(tree: &Tree) -> Vec<Tree> {
    let mut out: Vec<Tree> = tree.children().cloned().collect();
    for (index, part) in tree.parts.iter().enumerate() {
        let Part::Tree(inner) = part else { continue };
        let text = inner.text();
        let simple = ["1", "\"a\"", "[ ]", "{ }"].iter().filter(|it| text.len() > it.len() + 2);
        let simple = simple.map(|it| Tree { parts: vec![Part::Text((*it).to_owned())] });
        for replacement in simple.chain(smaller(inner)) {
            let mut copy = tree.clone();
            copy.parts[index] = Part::Tree(replacement);
            out.push(copy);
        }
    }
    out.sort_by_key(|it| it.text().len());
    out
}

// --- Syntax ---------------------------------------------------------------------------------

/// The text with a few tokens taken out, doubled, exchanged or put in.
fn damaged(generator: &mut Generator, text: &str) -> String {
    const WORDS: [&str; 48] = [
        "let", "in", "rec", "with", "inherit", "if", "then", "else", "assert", "or", "{", "}", "(", ")", "[", "]", ";",
        ":", "@", "?", ".", ",", "=", "==", "!", "-", "+", "++", "//", "->", "&&", "||", "<", "<=", "...", "${", "\"",
        "''", "a", "1", "1.", ".5", "./a", "a/b", "<n>", "x:y", "__curPos", "/",
    ];
    let mut tokens: Vec<String> = Vec::new();
    for (_, token) in rnix::tokenize(text) {
        tokens.push(token.to_owned());
    }
    for _ in 0..1 + generator.random().below(2) {
        let at = generator.random().below(tokens.len());
        match generator.random().below(4) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at].clone()),
            2 => {
                let other = generator.random().below(tokens.len());
                tokens.swap(at, other);
            }
            _ => {
                let word = generator.random().pick(&WORDS);
                tokens.insert(at, format!(" {word} "));
            }
        }
        if tokens.is_empty() {
            break;
        }
    }
    tokens.concat()
}

fn check_syntax(nix: &Nix, text: &str, counts: &mut Counts) {
    let source = Source { text, files: &[], features: &[] };
    let budget = den_eval::Budget { steps: 0, thunks: 1000 };
    let ours = den_syntax::with_big_stack(|| MemoryWorld::evaluate_within(&source, &Query::Value, budget));
    let rejected = matches!(ours, Some(Outcome::Error { parse: true, .. }));
    let Ok(accepted) = nix.accepts(&Question { expr: text, ..Question::default() }) else { return };
    if accepted == rejected {
        counts.differing += 1;
        println!("nix {}: {text}\n  ours {ours:?}", if accepted { "accepts" } else { "rejects" });
    } else {
        counts.same += 1;
    }
}
