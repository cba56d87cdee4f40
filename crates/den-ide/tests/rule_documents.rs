//! Every example in every rule's document does what the document says: a *Wrong* block gives exactly
//! its annotations, a *Right* block nothing at error or warning level, and each *Fix* that the first
//! finding of a wrong block carries leaves that finding gone.

use den_fixture::Fixture;
use den_ide::{Analysis, AnalysisHost, Change, Entry, FileTable, Severity, rule_codes, rule_document};

struct Block {
    wrong: bool,
    text: String,
    line: usize,
}

/// The ```nix blocks below `## Wrong` and `## Right`.
fn blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut section = "";
    let mut open: Option<(String, usize)> = None;
    for (number, line) in document.lines().enumerate() {
        match &mut open {
            Some((text, start)) if line.starts_with("```") => {
                if matches!(section, "Wrong" | "Right") {
                    found.push(Block { wrong: section == "Wrong", text: std::mem::take(text), line: *start });
                }
                open = None;
            }
            Some((text, _)) => {
                text.push_str(line);
                text.push('\n');
            }
            None if line.starts_with("```nix") => open = Some((String::new(), number + 1)),
            None => {
                if let Some(title) = line.strip_prefix("## ") {
                    section = title.trim();
                }
            }
        }
    }
    found
}

fn analysis(fixture: &Fixture) -> Analysis {
    let mut host = AnalysisHost::default();
    let mut table = FileTable { roots: vec![den_fixture::ROOT.into()], ..FileTable::default() };
    let mut texts = Vec::new();
    for file in &fixture.files {
        table.entries.insert(file.path.as_str().into(), Entry::Other);
        texts.push((file.path.as_str().into(), file.text.as_str().into(), true));
    }
    host.apply(Change { texts, table: Some(table), ..Change::default() });
    host.snapshot()
}

/// The findings of a rule, as annotations are written. Other rules may have more to say about an
/// example, but nothing at error level.
fn found(fixture: &Fixture, code: &str) -> Vec<String> {
    let analysis = analysis(fixture);
    let all = analysis.all_diagnostics().expect("nobody cancels");
    let mut lines = Vec::new();
    for it in all {
        if it.code == code {
            let file = it.place.file.0 as usize;
            lines.push(fixture.describe(file, it.place.range, &format!("{}: {}", it.code, it.message)));
        } else if it.severity == Severity::Error {
            lines.push(format!("another error: {}: {}", it.code, it.message));
        }
    }
    lines.sort();
    lines
}

#[test]
fn examples_do_what_they_say() {
    let mut failures = Vec::new();
    for (code, _, _) in rule_codes() {
        let document = rule_document(code).unwrap_or_default();
        let blocks = blocks(document);
        assert!(blocks.iter().any(|it| it.wrong), "{code}: no example under `## Wrong`");
        assert!(blocks.iter().any(|it| !it.wrong), "{code}: no example under `## Right`");
        for block in blocks {
            let fixture = Fixture::parse(&block.text);
            let (want, got) = (fixture.expected(), found(&fixture, code));
            if want != got {
                failures.push(format!("{code}, line {}:\n  want {want:#?}\n  got  {got:#?}", block.line));
            }
            if block.wrong {
                assert!(!want.is_empty(), "{code}, line {}: a wrong example without annotation", block.line);
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn documents_have_all_sections() {
    for (code, _, summary) in rule_codes() {
        let document = rule_document(code).unwrap_or_default();
        assert!(document.starts_with(&format!("# {code}\n")), "{code}: the title is not the code");
        for section in ["What it reports", "Why it matters", "Wrong", "Right", "Fix"] {
            assert!(document.contains(&format!("\n## {section}\n")), "{code}: no section `{section}`");
        }
        assert!(!summary.ends_with('.'), "{code}: the summary ends with a full stop");
    }
}
