use den_ide::Column;
use lsp_types::{Position, Range};

use super::super::snapshot::OpenDocument;
use super::*;

/// A view with these documents open: path, version, in doubt.
fn view(open: &[(&str, i32, bool)]) -> View {
    let document = |(path, version, in_doubt): &(&str, i32, bool)| {
        let uri = Url::parse(&format!("file://{path}?as-the-client-writes-it")).unwrap();
        (Name::from(*path), OpenDocument { uri, version: *version, in_doubt: *in_doubt })
    };
    View {
        encoding: Column::Utf16,
        client: Arc::default(),
        config: Arc::default(),
        open: open.iter().map(document).collect(),
        quarantined: BTreeSet::new(),
    }
}

/// A publisher whose one worker comes back with these findings: path, version, messages.
struct Test {
    publisher: Publisher,
    outgoing: Outgoing,
}

impl Test {
    fn new() -> Test {
        Test { publisher: Publisher::default(), outgoing: Outgoing::new().0 }
    }

    fn found(&mut self, generation: u64, view: &View, found: &[(&str, Option<i32>, &[&str])]) -> Vec<String> {
        let diagnostic = |message: &&str| {
            Diagnostic::new_simple(Range::new(Position::new(0, 0), Position::new(0, 1)), (*message).to_owned())
        };
        let file = |(path, version, messages): &(&str, Option<i32>, &[&str])| Found {
            path: Name::from(*path),
            version: *version,
            diagnostics: messages.iter().map(diagnostic).collect(),
        };
        let done = found.iter().map(file).collect();
        self.publisher.running += 1;
        let result = Diagnosed { generation, done, rest: Vec::new(), panics: Vec::new() };
        self.publisher.finished(result, view, Some(&self.outgoing));
        self.sent()
    }

    fn sent(&self) -> Vec<String> {
        let line = |it: PublishDiagnosticsParams| {
            let messages: Vec<_> = it.diagnostics.iter().map(|it| it.message.as_str()).collect();
            let version = it.version.map(|it| format!(" v{it}")).unwrap_or_default();
            format!("{}{version} [{}]", it.uri.as_str().trim_start_matches("file://"), messages.join(" "))
        };
        self.outgoing.take_diagnostics().into_iter().map(line).collect()
    }
}

#[test]
fn closed_files_are_sent_when_they_change() {
    let (mut test, view) = (Test::new(), view(&[]));
    assert_eq!(test.found(0, &view, &[("/a", None, &["x"]), ("/b", None, &[])]), ["/a [x]"]);
    assert!(test.found(0, &view, &[("/a", None, &["x"]), ("/b", None, &[])]).is_empty());
    assert_eq!(test.found(0, &view, &[("/a", None, &[]), ("/b", None, &["y"])]), ["/a []", "/b [y]"]);
    assert!(test.found(0, &view, &[("/a", None, &[])]).is_empty());
}

#[test]
fn open_documents_are_sent_with_every_version() {
    let mut test = Test::new();
    let name = "/a?as-the-client-writes-it";
    assert_eq!(test.found(0, &view(&[("/a", 1, false)]), &[("/a", Some(1), &[])]), [format!("{name} v1 []")]);
    assert!(test.found(0, &view(&[("/a", 1, false)]), &[("/a", Some(1), &[])]).is_empty());
    assert_eq!(test.found(0, &view(&[("/a", 2, false)]), &[("/a", Some(2), &[])]), [format!("{name} v2 []")]);
    assert_eq!(test.found(0, &view(&[]), &[("/a", None, &[])]), [format!("{name} []")]);
}

#[test]
fn what_is_about_another_text_is_dropped() {
    let mut test = Test::new();
    assert!(test.found(7, &view(&[]), &[("/a", None, &["older generation"])]).is_empty());
    assert!(test.found(0, &view(&[("/a", 2, false)]), &[("/a", Some(1), &["older version"])]).is_empty());
    assert!(test.found(0, &view(&[("/a", 2, false)]), &[("/a", None, &["from the disk"])]).is_empty());
    assert!(test.found(0, &view(&[]), &[("/a", Some(2), &["from the editor"])]).is_empty());
    assert!(test.found(0, &view(&[("/a", 2, true)]), &[("/a", Some(2), &["in doubt"])]).is_empty());
}

#[test]
fn what_is_gone_is_taken_back() {
    let (mut test, view) = (Test::new(), view(&[]));
    test.found(0, &view, &[("/a", None, &["x"]), ("/b", None, &["y"])]);
    test.publisher.retract(|path| path == "/b", &test.outgoing);
    assert_eq!(test.sent(), ["/a []"]);
}

#[test]
fn the_file_under_the_cursor_goes_first_and_closed_files_last() {
    let mut publisher = Publisher::default();
    let names = |names: &[&str]| names.iter().map(|it| Name::from(*it)).collect::<Vec<_>>();
    let view = view(&[("/a", 1, false), ("/b", 1, false)]);
    publisher.restart(&BTreeSet::from(["/b".into()]), names(&["/a", "/b"]), names(&["/a", "/b", "/c", "/d"]).into());
    let mut next = |most| publisher.next(most, &view).map(|it| (it.lane, it.files));
    assert_eq!(next(1), Some((Lane::Now, names(&["/b"]))));
    assert_eq!(next(1), None, "one batch is running");
    assert_eq!(next(2), Some((Lane::Later, names(&["/a"]))));
    assert_eq!(next(9), None, "it is not quiet yet");
    publisher.rest_from = Some(Instant::now());
    let mut next = |most| publisher.next(most, &view).map(|it| (it.lane, it.files));
    assert_eq!(next(9), Some((Lane::Later, names(&["/c", "/d"]))));
    assert_eq!(next(9), None);
    assert!(!publisher.is_idle(), "batches are running");
}
