//! Nothing panics, hangs or grows without bound, whatever the text.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use den_eval::{Budget, MemoryWorld, Outcome, Query, Source};

const SMALL: Budget = Budget { steps: 20_000, thunks: 100_000 };

fn evaluate(text: &str, budget: Budget) -> Outcome {
    let source = Source { text, files: &[], features: &[] };
    den_syntax::with_big_stack(|| MemoryWorld::evaluate_within(&source, &Query::Value, budget)).expect("a thread")
}

/// SplitMix64: the same texts each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

#[test]
fn arbitrary_bytes() {
    let mut random = Random(1);
    for _ in 0..800 {
        let length = random.below(60);
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        evaluate(&String::from_utf8_lossy(&bytes), SMALL);
    }
}

#[test]
fn arbitrary_characters_of_nix() {
    const CHARACTERS: &[u8] = b"{}[]()<>;:,.?@=!+-*/&|$\"'\\#~ \nab0_1";
    let mut random = Random(2);
    for _ in 0..3_000 {
        let length = random.below(40);
        let text: String = (0..length).map(|_| char::from(CHARACTERS[random.below(CHARACTERS.len())])).collect();
        evaluate(&text, SMALL);
    }
}

/// The expressions of the fixtures with characters taken out, doubled, exchanged or put in.
#[test]
fn damaged_expressions() {
    let texts = fixture_texts();
    let mut random = Random(3);
    for round in 0..4_000 {
        let mut text: Vec<char> = texts[round % texts.len()].chars().collect();
        for _ in 0..1 + random.below(3) {
            if text.is_empty() {
                break;
            }
            let at = random.below(text.len());
            let other = random.below(text.len());
            match random.below(4) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, text[other]),
                2 => text.swap(at, other),
                _ => text.truncate(at),
            }
        }
        evaluate(&text.into_iter().collect::<String>(), SMALL);
    }
}

fn fixture_texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/eval");
    let mut files: Vec<_> = fs::read_dir(folder).expect("the folder is there").flatten().map(|it| it.path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "jsonl"));
    files.sort();
    let lines = files.iter().map(|it| fs::read_to_string(it).expect("a text"));
    let lines = lines.flat_map(|it| it.lines().map(str::to_owned).collect::<Vec<_>>());
    let cases = lines.map(|it| serde_json::from_str::<serde_json::Value>(&it).expect("a case"));
    cases.map(|it| it["expr"].as_str().expect("an expression").to_owned()).collect()
}

/// An answer in time, of the kind that `want` says: a value, or the start of what is printed of
/// anything else.
#[track_caller]
fn quick(text: &str, want: &str) {
    quick_within(text, want, Budget::COMMAND);
}

#[track_caller]
fn quick_within(text: &str, want: &str, budget: Budget) {
    let start = Instant::now();
    let outcome = evaluate(text, budget);
    let took = start.elapsed();
    let got = match outcome {
        Outcome::Value(json) => json,
        other => format!("{other:?}"),
    };
    let (shown, name): (String, String) = (got.chars().take(120).collect(), text.chars().take(60).collect());
    assert!(got.starts_with(want), "{name} …: want {want}, got {shown}");
    // Generous: other tests run beside this one, on machines of any speed. Quadratic work takes longer.
    assert!(took < Duration::from_secs(20), "{name} … took {took:?}");
}

fn repeat(text: &str, count: usize, between: &str) -> String {
    vec![text; count].join(between)
}

const MANY: usize = 100_000;
/// As many operators as the parser takes.
const CHAIN: usize = 49_000;

#[test]
fn long_chains() {
    quick(&repeat("1", CHAIN, " + "), "49000");
    quick(&repeat("\"a\"", 20_000, " + ").replace("\"a\" + \"a\"", "\"\" + \"\""), "\"");
    quick(&format!("builtins.length ({})", repeat("[ 1 ]", CHAIN, " ++ ")), "49000");
    quick(&format!("builtins.length ({})", repeat("[ ]", CHAIN, " ++ ")), "0");
    let sets: Vec<String> = (0..CHAIN).map(|it| format!("{{ a{it} = 1; }}")).collect();
    quick(&format!("builtins.length (builtins.attrNames ({}))", sets.join(" // ")), "49000");
    quick(&repeat("true", CHAIN, " && "), "true");
    quick(&repeat("false", CHAIN, " || "), "false");
    quick(&repeat("false", CHAIN, " -> "), "true");
    quick(&repeat("1", CHAIN, " - "), "Error { parse: false, kind: StackOverflow");
    quick(&repeat("1", MANY, " + "), "Error { parse: true, kind: Syntax");
}

#[test]
fn long_literals() {
    quick(&format!("builtins.length [ {} ]", repeat("1", MANY, " ")), "100000");
    quick(&format!("builtins.length [ {} ]", repeat("(x: x)", MANY, " ")), "100000");
    let bindings: String = (0..MANY).map(|it| format!("a{it} = {it};")).collect();
    quick(&format!("{{ {bindings} }}.a500"), "500");
    quick(&format!("rec {{ {bindings} b = a99999; }}.b"), "99999");
    quick(&format!("let {bindings} in a7"), "7");
    let dynamic: String = (0..MANY).map(|it| format!("${{\"a\" + \"{it}\"}} = {it};")).collect();
    quick(&format!("{{ {dynamic} }}.a500"), "500");
    let paths: String = (0..MANY).map(|it| format!("a.b.c{it} = {it};")).collect();
    quick(&format!("{{ {paths} }}.a.b.c3"), "3");
    let formals: String = (0..MANY).map(|it| format!("a{it} ? {it}, ")).collect();
    quick(&format!("({{ {formals} ... }}: a9) {{ }}"), "9");
    let inherits: String = (0..MANY / 10).map(|it| format!("inherit (s) a{it}; ")).collect();
    quick(&format!("let s = {{ }}; in builtins.length (builtins.attrNames {{ {inherits} }})"), "10000");
    quick(&format!("builtins.stringLength \"{}\"", "x".repeat(5_000_000)), "5000000");
    quick(&format!("builtins.stringLength \"{}\"", "${\"x\"}".repeat(MANY)), "100000");
    quick(&format!("builtins.stringLength ''{}''", "\n  x".repeat(MANY)), "");
    quick(&format!("{{ {} }}", "a = 1; ".repeat(MANY)), "Error { parse: true, kind: DuplicateAttribute");
    quick(&format!("{{ {} }}: 1", repeat("a", MANY, ", ")), "Error { parse: true, kind: Syntax");
}

#[test]
fn deep_nesting() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{ a = ", "; }"), ("(x: ", ")"), ("\"${", "}\"")] {
        for depth in [100, 390, 5_000, MANY] {
            let text = format!("builtins.seq ({}1{}) 2", open.repeat(depth), close.repeat(depth));
            evaluate(&text, Budget::COMMAND);
        }
    }
    for prefix in ["!", "- ", "x: ", "let a = 1; in ", "with { }; ", "if true then 1 else ", "assert true; ", "a."] {
        for depth in [100, 390, 5_000] {
            evaluate(&format!("{}1", prefix.repeat(depth)), Budget::COMMAND);
        }
    }
    quick(&format!("{}true", "!".repeat(390)), "true");
    quick(&format!("{}1", "if true then ".repeat(1) + &"if false then 1 else ".repeat(300) + "2 else "), "2");
    quick(&format!("({}1{})", "((x: x) ".repeat(190), ")".repeat(190)), "1");
}

#[test]
fn recursion() {
    quick("let f = x: f x; in f 1", "Error { parse: false, kind: StackOverflow");
    quick("let f = x: 1 + f x; in f 1", "Error { parse: false, kind: StackOverflow");
    quick("let f = x: { a = f x; }; in f 1", "Unknown");
    quick("let f = x: [ (f x) ]; in builtins.deepSeq (f 1) 1", "Unknown");
    quick("let f = x: [ (f x) ]; in f 1 == f 1", "Unknown");
    quick("let x = { y = x; }; in x", "");
    quick("(x: x x) (x: x x)", "Error { parse: false, kind: StackOverflow");
    quick("let l = n: if n == 0 then [ ] else [ (l (n - 1)) ]; in builtins.deepSeq (l 50000) 1", "1");
    quick("(builtins.foldl' (a: b: { x = a.x + b; }) { x = 0; } (builtins.genList (x: x) 50000)).x", "1249975000");
}

#[test]
fn big_data() {
    quick("builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 100000)", "4999950000");
    quick("builtins.length (builtins.sort builtins.lessThan (builtins.genList (x: 100000 - x) 100000))", "100000");
    quick(
        "builtins.length (builtins.attrNames (builtins.listToAttrs (builtins.genList (x: { name = toString x; value = x; }) 100000)))",
        "100000",
    );
    quick(
        "builtins.length (builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x: if x.key < 50000 then [ { key = x.key + 1; } ] else [ ]; })",
        "50001",
    );
    quick(
        "builtins.stringLength (builtins.concatStringsSep \",\" (map toString (builtins.genList (x: x) 100000)))",
        "588889",
    );
    quick(
        "builtins.length (builtins.split \",\" (builtins.concatStringsSep \",\" (map toString (builtins.genList (x: x) 100000))))",
        "199999",
    );
    quick(
        "builtins.stringLength (builtins.replaceStrings [ \"1\" \"22\" ] [ \"one\" \"\" ] (builtins.concatStringsSep \",\" (map toString (builtins.genList (x: x) 100000))))",
        "",
    );
    quick("builtins.length (builtins.fromJSON (builtins.toJSON (builtins.genList (x: { a = x; }) 50000)))", "50000");
    quick("builtins.stringLength (builtins.toXML (builtins.genList (x: { a = x; }) 50000))", "");
    quick(
        "let s = builtins.mapAttrs (n: v: v + 1) (builtins.listToAttrs (builtins.genList (x: { name = toString x; value = x; }) 100000)); in s == s",
        "true",
    );
    quick("builtins.length (builtins.concatMap (x: [ x x ]) (builtins.genList (x: x) 100000))", "200000");
    quick(
        "builtins.length (builtins.attrNames (builtins.groupBy (x: toString (x / 7)) (builtins.genList (x: x) 100000)))",
        "",
    );
}

/// What would be endless is given up, in little time and memory.
#[test]
fn explosions() {
    let quick = |text: &str, want: &str| quick_within(text, want, Budget { steps: 2_000_000, ..Budget::COMMAND });
    let doubling = |start: &str, step: &str| {
        let lines: String =
            (1..60).map(|it| format!("x{it} = {}; ", step.replace('@', &format!("x{}", it - 1)))).collect();
        format!("let x0 = {start}; {lines} in ")
    };
    quick(&format!("{} x59", doubling("1", "[ @ @ ]")), "Unknown");
    quick(&format!("{} builtins.deepSeq x59 1", doubling("1", "[ @ @ ]")), "1");
    quick(&format!("{} builtins.toXML x59", doubling("1", "[ @ @ ]")), "Unknown");
    quick(&format!("{} toString x59", doubling("1", "[ @ @ ]")), "Unknown");
    quick(&format!("{} builtins.stringLength x59", doubling("\"a\"", "@ + @")), "Unknown");
    quick(&format!("{} builtins.stringLength x59", doubling("\"a\"", "\"${@}${@}\"")), "Unknown");
    quick(&format!("{} builtins.length x59", doubling("[ 1 ]", "@ ++ @")), "Unknown");
    quick("builtins.length (builtins.genList (x: x) 1000000000000)", "Unknown");
    quick("builtins.foldl' (a: b: a + a) \"ab\" (builtins.genList (x: x) 1000)", "Unknown");
    quick(
        "let s = builtins.concatStringsSep \"\" (builtins.genList (x: \"0123456789\") 100000); in builtins.length (map (x: s + toString x) (builtins.genList (x: x) 1000))",
        "1000",
    );
    quick(
        "let s = builtins.concatStringsSep \"\" (builtins.genList (x: \"0123456789\") 100000); in builtins.foldl' (a: b: builtins.stringLength (s + toString b)) 0 (builtins.genList (x: x) 100000)",
        "Unknown",
    );
    quick("builtins.length (builtins.foldl' (a: b: a ++ [ b ]) [ ] (builtins.genList (x: x) 100000))", "Unknown");
    quick("builtins.match \"(a*)*b\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "Unknown");
    quick("builtins.match \"(a|aa)+b\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "null");
    quick(&format!("builtins.match \"{}\" \"a\"", "(".repeat(MANY)), "Unknown");
    quick(&format!("builtins.match \"a{}\" \"a\"", "*".repeat(MANY)), "Unknown");
    quick("builtins.match \"((a{999}){999}){999}\" \"a\"", "Unknown");
    quick(&format!("builtins.fromJSON \"{}\"", "[".repeat(MANY)), "");
    quick(&format!("builtins.fromTOML \"a = {}\"", "[".repeat(10_000)), "");
}
