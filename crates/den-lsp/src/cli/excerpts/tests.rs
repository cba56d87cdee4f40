use std::fs;

use expect_test::{Expect, expect};

use super::super::findings::{Edit, Fix, Position, Range as Lines, Related};
use super::*;

/// A project in a folder of its own, removed at the end.
struct Scratch(std::path::PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn project(name: &str, files: &[(&str, &str)]) -> (Scratch, Project) {
    let scratch = Scratch(std::env::temp_dir().join(format!("den-lsp-excerpts-{name}-{}", std::process::id())));
    fs::create_dir_all(&scratch.0).unwrap();
    for (path, text) in files {
        fs::write(scratch.0.join(path), text).unwrap();
    }
    let project = Project::load(&scratch.0).unwrap_or_else(|problem| panic!("{problem}"));
    (scratch, project)
}

fn place(file: &str, bytes: (u32, u32)) -> Place {
    let nowhere = Position { line: 0, character: bytes.0 };
    Place { file: file.to_owned(), range: Lines { start: nowhere, end: nowhere }, bytes }
}

fn finding(place: Place, message: &str) -> Finding {
    let message = message.to_owned();
    Finding {
        code: "settings/unknown-path",
        severity: "error",
        place,
        message,
        host: None,
        related: Vec::new(),
        fixes: Vec::new(),
    }
}

fn check(project: &Project, diagnostics: Vec<Finding>, want: &Expect) {
    let report = Report { version: 1, root: project.root.to_string(), files: 2, hosts: 1, diagnostics };
    want.assert_eq(&anstream::adapter::strip_str(&render(project, &report)).to_string());
}

#[test]
fn related_places_hosts_and_fixes() {
    let (_scratch, project) =
        project("related", &[("a.nix", "{\n  a.device_id = 1;\n}\n"), ("b.nix", "{ device = 2; }\n")]);
    let mut it = finding(place("a.nix", (6, 15)), "there is no setting `device_id`, did you mean `device`?");
    it.host = Some("igloo".to_owned());
    it.related.push(Related { place: place("b.nix", (2, 8)), message: "declared here".to_owned() });
    it.related.push(Related { place: place("a.nix", (4, 5)), message: "the aspect".to_owned() });
    let edits = vec![Edit { place: place("a.nix", (6, 15)), new_text: "device".to_owned() }];
    it.fixes.push(Fix { title: "Replace `device_id` by `device`".to_owned(), safe: true, edits });
    let mut warning = finding(place("b.nix", (11, 12)), "no effect");
    warning.severity = "warning";
    check(
        &project,
        vec![it, warning],
        &expect![[r#"
        error[settings/unknown-path]: there is no setting `device_id`, did you mean `device`?
         --> a.nix:2:5
          |
        2 |   a.device_id = 1;
          |   - ^^^^^^^^^
          |   |
          |   the aspect
          |
         ::: b.nix:1:3
          |
        1 | { device = 2; }
          |   ------ declared here
          |
          = note: on host `igloo`
          = help: Replace `device_id` by `device`

        warning[settings/unknown-path]: no effect
         --> b.nix:1:12
          |
        1 | { device = 2; }
          |            ^

        1 error, 1 warning in 2 files, 1 host
    "#]],
    );
}

#[test]
fn hostile_texts() {
    let (_scratch, project) =
        project("hostile", &[("a.nix", "{ x = \"\u{1b}[31m\u{9b}2J\u{202e}\"; y\t= \u{1f600}; }\r\nz")]);
    let mut it = finding(place("a.nix", (5, 30)), "bad \u{1b}[0m\nmessage");
    it.severity = "hint";
    check(
        &project,
        vec![it],
        &expect![[r#"
            help[settings/unknown-path]: bad ?[0m message
             --> a.nix:1:6
              |
            1 | { x = "?[31m·2J�"; y    = 😀; }
              |      ^^^^^^^^^^^^^^^^^^^^^^^

            1 note in 2 files, 1 host
        "#]],
    );
}

#[test]
fn places_that_are_not_there() {
    let (_scratch, project) = project("nowhere", &[("a.nix", "")]);
    let all = vec![
        finding(place("a.nix", (0, 0)), "an empty file"),
        finding(place("a.nix", (7, 3)), "behind the end"),
        finding(place("missing.nix", (1, 2)), "a file that is gone"),
    ];
    check(
        &project,
        all,
        &expect![[r#"
        error[settings/unknown-path]: an empty file
         --> a.nix:1:1
          |
        1 |
          | ^

        error[settings/unknown-path]: behind the end
         --> a.nix:1:1
          |
        1 |
          | ^

        error[settings/unknown-path]: a file that is gone
         --> missing.nix:1:1
          |
        1 |
          | ^

        3 errors in 2 files, 1 host
    "#]],
    );
}
