//! What real Nix says of an expression.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A Nix that can be asked.
pub(crate) struct Nix {
    program: PathBuf,
    lib: Option<PathBuf>,
    folder: PathBuf,
}

/// What is asked.
#[derive(Default)]
pub(crate) struct Question<'a> {
    pub(crate) expr: &'a str,
    /// Relative path and text.
    pub(crate) files: Vec<(String, String)>,
    pub(crate) features: Vec<String>,
}

/// The answer, in the words of the fixtures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// JSON text.
    Value(String),
    Error {
        parse: bool,
        catchable: bool,
        kind: &'static str,
        message: String,
    },
}

impl Nix {
    /// The Nix of this machine, if it has one.
    pub(crate) fn find() -> Option<Nix> {
        let program = match std::env::var_os("NIX_INSTANTIATE") {
            Some(path) => PathBuf::from(path),
            None => {
                let path = std::env::var_os("PATH")?;
                std::env::split_paths(&path).map(|it| it.join("nix-instantiate")).find(|it| it.is_file())?
            }
        };
        let lib = std::env::var_os("DEN_NIXPKGS_LIB").map(PathBuf::from);
        let folder = std::env::temp_dir().join(format!("den-eval-oracle-{}", std::process::id()));
        program.is_file().then_some(Nix { program, lib, folder })
    }

    /// What it calls itself.
    pub(crate) fn version(&self) -> String {
        let output = Command::new(&self.program).arg("--version").output();
        output.map_or(String::new(), |it| String::from_utf8_lossy(&it.stdout).trim().to_owned())
    }

    pub(crate) fn has_lib(&self) -> bool {
        self.lib.is_some()
    }

    fn scope(&self) -> String {
        match &self.lib {
            Some(lib) => format!("{{ lib = import {}; }}", lib.display()),
            None => "{ lib = { }; }".to_owned(),
        }
    }

    /// Evaluates the expression as the file `/base/case.nix`.
    pub(crate) fn ask(&self, question: &Question<'_>) -> io::Result<Answer> {
        self.prepare(question)?;
        let case = self.folder.join("case.nix");
        let call = format!("(builtins.scopedImport {} {})", self.scope(), case.display());
        let value = self.eval(&question.features, &call)?;
        let error = match value {
            Ok(json) => return Ok(Answer::Value(self.tidy(&json))),
            Err(error) => self.tidy(&error),
        };
        let parse = !self.accepts(question)?;
        let caught = format!("(builtins.tryEval (let v = {call}; in builtins.deepSeq v v)).success");
        let catchable = self.eval(&question.features, &caught)?.is_ok_and(|it| it.trim() == "false");
        let kind = classify(&error, parse, catchable);
        Ok(Answer::Error { parse, catchable, kind, message: error })
    }

    /// Whether Nix would start to evaluate the expression.
    pub(crate) fn accepts(&self, question: &Question<'_>) -> io::Result<bool> {
        fs::create_dir_all(&self.folder)?;
        let file = self.folder.join("parse.nix");
        fs::write(&file, format!("lib: (\n{}\n)", question.expr))?;
        let mut command = self.command(&question.features);
        Ok(command.arg("--parse").arg(&file).output()?.status.success())
    }

    fn prepare(&self, question: &Question<'_>) -> io::Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)?;
        fs::write(self.folder.join("case.nix"), question.expr)?;
        for (path, text) in &question.files {
            let path = self.folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }

    fn command(&self, features: &[String]) -> Command {
        let mut command = Command::new(&self.program);
        command.env_remove("NIX_PATH").env("NO_COLOR", "1");
        command.args(["--option", "experimental-features", &features.join(" ")]);
        command
    }

    /// JSON text, or the message of the error.
    pub(crate) fn eval(&self, features: &[String], expr: &str) -> io::Result<Result<String, String>> {
        let mut command = self.command(features);
        let output = command.args(["--eval", "--strict", "--json", "-E", expr]).output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(if output.status.success() {
            Ok(text(&output.stdout).trim_end().to_owned())
        } else {
            Err(message(&text(&output.stderr)))
        })
    }

    /// Evaluates a file; for texts that are too long for a command line.
    pub(crate) fn eval_text(&self, text: &str) -> io::Result<Result<String, String>> {
        fs::create_dir_all(&self.folder)?;
        let file = self.folder.join("batch.nix");
        fs::write(&file, text)?;
        self.eval(&[], &format!("import {}", file.display()))
    }

    /// The folder of the case goes by the name it has in the fixtures.
    fn tidy(&self, text: &str) -> String {
        text.replace(&self.folder.display().to_string(), "/base")
    }
}

impl Drop for Nix {
    fn drop(&mut self) {
        // Leaving a temporary folder behind is no reason to fail.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The innermost message of what Nix prints, without trace, position and colours.
fn message(output: &str) -> String {
    let plain = without_colours(output);
    let lines: Vec<&str> = plain.lines().collect();
    let is_error = |line: &str| line.trim_start().starts_with("error:");
    let Some(start) = lines.iter().rposition(|it| is_error(it)) else { return plain.trim().to_owned() };
    let indent = lines[start].len() - lines[start].trim_start().len();
    let mut message = vec![lines[start].trim_start().trim_start_matches("error:").trim_start()];
    for line in &lines[start + 1..] {
        let text = line.get(indent + 7..).unwrap_or_default();
        let is_place = line.trim_start().starts_with("at ") && line.contains(':');
        if is_place || line.trim_start().starts_with("Did you mean") || text.trim().is_empty() {
            break;
        }
        message.push(text);
    }
    message.join("\n")
}

fn without_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |it| it.1);
    }
    out + rest
}

/// The class of an error, from its message.
fn classify(message: &str, parse: bool, catchable: bool) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|it| message.contains(it));
    let first = message.lines().next().unwrap_or_default();
    match () {
        _ if catchable && has(&["is not equal to", "assertion '", "compare as unequal", "attribute name"]) => "assert",
        _ if catchable => "throw",
        _ if first.starts_with("undefined variable") => "undefined-variable",
        _ if has(&["already defined at"]) => "duplicate-attribute",
        _ if parse => "syntax",
        _ if has(&["json.exception", "parsing TOML"]) => "bad-input",
        _ if has(&["syntax error"]) => "syntax",
        _ if first.starts_with("attribute '") && first.ends_with("' missing") => "missing-attribute",
        _ if first.starts_with("evaluation aborted") => "abort",
        _ if has(&["infinite recursion encountered"]) => "infinite-recursion",
        _ if has(&["stack overflow"]) => "stack-overflow",
        _ if has(&["attempt to call something which is not a function"]) => "not-a-function",
        _ if has(&["called without required argument", "called with unexpected argument"]) => "call-arguments",
        _ if has(&["division by zero", "integer overflow"]) => "arithmetic",
        _ if has(&["does not exist", "No such file", "Not a directory", "Is a directory"]) => "io",
        _ if has(&[
            "expected a",
            "cannot coerce",
            "cannot add",
            "cannot compare",
            "cannot convert",
            "requires a function",
        ]) =>
        {
            "type"
        }
        _ if has(&[
            "regular expression",
            "parse error",
            "parsing TOML",
            "json number",
            "base-",
            "wrong length",
            "SRI",
        ]) =>
        {
            "bad-input"
        }
        _ if has(&["does not include a type", "should have type", "null bytes"]) => "bad-input",
        _ => "bad-argument",
    }
}

/// The same JSON, whatever its blanks and the order of names.
pub(crate) fn same_json(a: &str, b: &str) -> bool {
    match (serde_json::from_str::<Value>(a), serde_json::from_str::<Value>(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// The folder of the workspace's fixtures, with every file of cases in it.
pub(crate) fn case_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
    let mut files: Vec<PathBuf> = entries.filter(|it| it.extension().is_some_and(|it| it == "jsonl")).collect();
    files.sort();
    files
}
