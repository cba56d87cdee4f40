use lsp_types::{Position, Range};

use super::*;

const PATH: &str = "/a.nix";

fn opened(text: &str) -> Documents {
    let mut documents = Documents::default();
    let uri = Url::parse("file:///a.nix").unwrap();
    documents.open(PATH.into(), uri, 0, text.to_owned());
    documents
}

/// `line:column-line:column`.
type At = (u32, u32, u32, u32);

/// The insertion or replacement at a place.
fn edit(at: At, text: &str) -> TextDocumentContentChangeEvent {
    let range = Range { start: Position::new(at.0, at.1), end: Position::new(at.2, at.3) };
    TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: text.to_owned() }
}

fn whole(text: &str) -> TextDocumentContentChangeEvent {
    TextDocumentContentChangeEvent { range: None, range_length: None, text: text.to_owned() }
}

fn text(documents: &Documents) -> &str {
    &documents.get(PATH).unwrap().text
}

#[track_caller]
fn check(before: &str, unit: Column, edits: &[(At, &str)], after: &str) {
    let mut documents = opened(before);
    let changes = edits.iter().map(|(at, text)| edit(*at, text)).collect();
    assert_eq!(documents.change(PATH, 1, changes, unit), Outcome::Applied);
    assert_eq!(text(&documents), after);
}

#[test]
fn edits_of_all_shapes() {
    check("abc\ndef\n", Column::Utf16, &[((0, 1, 1, 1), "X")], "aXef\n");
    check("abc", Column::Utf16, &[((0, 0, 0, 0), "1"), ((0, 1, 0, 2), "")], "1bc");
    check("a\r\nb\r\n", Column::Utf16, &[((1, 0, 1, 1), "x")], "a\r\nx\r\n");
    check("a\rb", Column::Utf16, &[((1, 0, 1, 1), "x")], "a\rx");
    check("\u{feff}a", Column::Utf16, &[((0, 1, 0, 2), "b")], "\u{feff}b");
    check("\u{1f600}a", Column::Utf16, &[((0, 2, 0, 3), "b")], "\u{1f600}b");
    check("\u{1f600}a", Column::Utf8, &[((0, 4, 0, 5), "b")], "\u{1f600}b");
    check("\u{1f600}a", Column::Utf16, &[((0, 1, 0, 3), "b")], "b");
    check("abc", Column::Utf16, &[((0, 1, 0, 99), "x")], "ax");
    check("a\n", Column::Utf16, &[((0, 0, 2, 0), "")], "");
    check("abc", Column::Utf16, &[((0, 2, 0, 1), "x")], "axc");
}

#[test]
fn a_whole_text_replaces_everything() {
    let mut documents = opened("abc");
    let changes = vec![edit((0, 0, 0, 1), "x"), whole("new"), edit((0, 3, 0, 3), "er")];
    assert_eq!(documents.change(PATH, 1, changes, Column::Utf16), Outcome::Applied);
    assert_eq!(text(&documents), "newer");
}

/// Every order of arrival of a burst gives the text that the order of versions gives.
#[test]
fn order_of_arrival_does_not_matter() {
    let burst = [
        edit((0, 0, 0, 0), "a"),
        edit((0, 1, 0, 1), "b\n"),
        edit((1, 0, 1, 0), "c\u{1f600}"),
        edit((1, 3, 1, 3), "d"),
        edit((0, 0, 1, 1), ""),
        edit((0, 2, 0, 2), "\ne"),
    ];
    let mut order: Vec<usize> = (0..burst.len()).collect();
    let mut seed = 11u64;
    for _ in 0..300 {
        for i in (1..order.len()).rev() {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            order.swap(i, (seed >> 33) as usize % (i + 1));
        }
        let mut documents = opened("");
        let mut last = Outcome::Applied;
        for &index in &order {
            last = documents.change(PATH, index as i32 + 1, vec![burst[index].clone()], Column::Utf16);
        }
        assert_eq!((text(&documents), last), ("\u{1f600}\ned", Outcome::Applied), "{order:?}");
        assert_eq!(documents.get(PATH).unwrap().version, burst.len() as i32);
    }
}

#[test]
fn a_change_that_has_no_place_yet_is_in_doubt() {
    let mut documents = opened("x");
    let change = |documents: &mut Documents, version, it| documents.change(PATH, version, vec![it], Column::Utf16);
    assert_eq!(change(&mut documents, 2, edit((5, 0, 5, 0), "late")), Outcome::InDoubt);
    assert!(documents.get(PATH).unwrap().is_in_doubt());
    assert_eq!(change(&mut documents, 1, edit((0, 1, 0, 1), "\n\n\n\n\n")), Outcome::Applied);
    assert_eq!(text(&documents), "x\n\n\n\n\nlate");
}

#[test]
fn what_is_older_than_memory_is_lost_until_the_text_comes_again() {
    let mut documents = opened("");
    for version in 2..(KEPT_CHANGES as i32 + 10) {
        documents.change(PATH, version, vec![edit((0, 0, 0, 0), "x")], Column::Utf16);
    }
    let late = documents.change(PATH, 1, vec![edit((0, 0, 0, 0), "y")], Column::Utf16);
    assert_eq!(late, Outcome::Lost);
    assert_eq!(documents.change(PATH, 900, vec![edit((0, 0, 0, 0), "x")], Column::Utf16), Outcome::Lost);
    assert!(documents.saved(PATH, Some("truth".to_owned())));
    assert!(!documents.get(PATH).unwrap().is_in_doubt());
    assert_eq!(text(&documents), "truth");
    assert_eq!(documents.change(PATH, 899, vec![edit((0, 0, 0, 0), "y")], Column::Utf16), Outcome::Stale);
    assert_eq!(documents.change(PATH, 901, vec![edit((0, 0, 0, 0), "y")], Column::Utf16), Outcome::Applied);
    assert_eq!(text(&documents), "ytruth");
}

#[test]
fn clients_that_do_not_count() {
    let mut documents = opened("");
    for piece in ["c", "b", "a"] {
        assert_eq!(documents.change(PATH, 0, vec![edit((0, 0, 0, 0), piece)], Column::Utf16), Outcome::Applied);
    }
    assert_eq!(text(&documents), "abc");
    assert_eq!(documents.change("/other.nix", 0, Vec::new(), Column::Utf16), Outcome::NotOpen);
}

#[test]
fn memory_is_bounded() {
    let mut documents = opened(&"x".repeat(1 << 20));
    for version in 1..100 {
        documents.change(PATH, version, vec![edit((0, 0, 0, 0), "x")], Column::Utf16);
    }
    assert!(documents.get(PATH).unwrap().history.len() <= ALWAYS_KEPT);
}
