//! The commands.

use std::process::{Command, Output, Stdio};

use den_tests::{Workspace, binary};
use serde_json::{Value, json};

fn run(workspace: &Workspace, args: &[&str]) -> Output {
    Command::new(binary()).args(args).current_dir(workspace.root()).output().expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the output is UTF-8")
}

#[test]
fn check_as_text() {
    let workspace = Workspace::new(&[("a.nix", "{ }"), ("b/c.nix", "{ }")]);
    let output = run(&workspace, &["check"]);
    assert_eq!(text(&output.stdout), "no findings in 2 files, 0 hosts\n");
    assert_eq!((text(&output.stderr).as_str(), output.status.code()), ("", Some(0)));
}

#[test]
fn check_as_json() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    let output = run(&workspace, &["check", "--format", "json", "."]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let root = workspace.root().to_str();
    assert_eq!(json, json!({ "version": 1, "root": root, "files": 1, "hosts": 0, "diagnostics": [] }));
}

#[test]
fn wrong_usage() {
    let workspace = Workspace::new(&[("file", "")]);
    let check = |args: &[&str], want: &str| {
        let output = run(&workspace, args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(want), "{args:?}: {said}");
    };
    check(&["check", "missing"], "cannot read missing");
    check(&["check", "file"], "file is not a folder");
    check(&["check", "--format", "xml"], "invalid value");
    check(&["check", "--host", "nobody"], "no host is called `nobody`");
    check(&["doctor", "missing"], "cannot read missing");
    check(&["explain", "no/such-rule"], "no rule has the code `no/such-rule`");
    check(&["nonsense"], "unrecognized subcommand");
}

#[test]
fn the_server_starts_under_every_name() {
    for args in [&[][..], &["server"], &["--stdio"], &["server", "--stdio"]] {
        let output = Command::new(binary()).args(args).stdin(Stdio::null()).output().expect("the binary starts");
        // The input ends before anything was said.
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""), "{args:?}");
    }
}

#[test]
fn doctor_tells_what_was_found() {
    let workspace = Workspace::new(&[("a.nix", "{ }"), ("notes.txt", "x"), (".git/HEAD", "ref: refs/heads/main")]);
    workspace.write("latin.nix", [0xe9]);
    let output = run(&workspace, &["doctor"]);
    let said = text(&output.stdout);
    for line in [
        "Nix files: 1 (3 bytes)",
        "other files, names only: 2",
        "git repository .: 3 files are not in its index",
        "  a.nix",
        "skipped, not UTF-8: 1",
        "  latin.nix",
    ] {
        assert!(said.lines().any(|it| it == line), "{line:?} is not in\n{said}");
    }
    assert_eq!(output.status.code(), Some(0));
    let json: Value = serde_json::from_slice(&run(&workspace, &["doctor", "--format", "json"]).stdout).expect("JSON");
    assert_eq!(json["nixFiles"], 1);
    assert_eq!(json["repositories"][0]["untracked"], json!(["a.nix", "latin.nix", "notes.txt"]));
}

#[test]
#[cfg(unix)]
fn names_of_files_do_not_steer_the_terminal() {
    let workspace = Workspace::new(&[(".git/HEAD", "ref"), ("a\u{1b}[31m\n\u{9b}m.nix", "{ }")]);
    for args in [&["doctor"][..], &["check"], &["check", "\u{1b}[31m"]] {
        let output = run(&workspace, args);
        let said = text(&output.stdout) + &text(&output.stderr);
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!said.contains(steers), "{args:?}: {said:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let workspace = Workspace::new(&[("a.nix", "{ }")]);
    for args in [&["doctor"][..], &["check"], &["man"], &["explain"]] {
        let mut process = Command::new(binary())
            .args(args)
            .current_dir(workspace.root())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        drop(process.stdout.take());
        let output = process.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn files_for_packages() {
    let workspace = Workspace::new(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&workspace, &["completions", shell]);
        assert!(text(&output.stdout).contains("check"), "{shell}");
    }
    assert!(text(&run(&workspace, &["man"]).stdout).contains(".TH den-lsp 1"));
}
