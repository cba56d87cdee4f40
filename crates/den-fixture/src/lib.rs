//! Test support: small workspaces written as one string.
//!
//! `#- /path` starts a file; `$0` marks the cursor and is taken out; a comment line `# ^^^ text`
//! annotates the characters above its carets. A line of a single caret run may annotate the line
//! above the previous annotation, so several can follow each other.
//!
//! ```
//! let fixture = den_fixture::Fixture::parse("#- /a.nix\n{ x = $01; }\n#     ^ one\n");
//! assert_eq!(fixture.files[0].path, "/w/a.nix");
//! assert_eq!(fixture.annotations[0].text, "one");
//! ```

mod disk;

use std::sync::Arc;

use den_code::{FileId, Name};
use den_db::{Change, Entry, FileTable, RootDatabase};
use den_syntax::{Column, LineCol, LineIndex, TextRange, TextSize};

pub use disk::load_folder;

/// The workspace folder that fixtures are placed in.
pub const ROOT: &str = "/w";

/// A workspace.
#[derive(Clone, Debug, Default)]
pub struct Fixture {
    /// Its files.
    pub files: Vec<FixtureFile>,
    /// Where `$0` was: index of the file and byte offset.
    pub cursor: Option<(usize, TextSize)>,
    /// All annotations, in order.
    pub annotations: Vec<Annotation>,
}

/// A file of a fixture.
#[derive(Clone, Debug)]
pub struct FixtureFile {
    /// Absolute path below [`ROOT`].
    pub path: String,
    /// The text, with annotations and without the cursor mark.
    pub text: String,
}

/// An expectation about a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Index of the file.
    pub file: usize,
    /// Zero-based line.
    pub line: u32,
    /// Byte range.
    pub range: TextRange,
    /// What is expected there.
    pub text: String,
}

impl Fixture {
    /// Reads a fixture. Text before the first header belongs to `/main.nix`.
    pub fn parse(source: &str) -> Fixture {
        let mut fixture = Fixture::default();
        for line in source.split_inclusive('\n') {
            if let Some(path) = line.strip_prefix("#- ") {
                let path = format!("{ROOT}{}", path.trim());
                fixture.files.push(FixtureFile { path, text: String::new() });
                continue;
            }
            if fixture.files.is_empty() {
                if line.trim().is_empty() {
                    continue;
                }
                fixture.files.push(FixtureFile { path: format!("{ROOT}/main.nix"), text: String::new() });
            }
            fixture.files.last_mut().expect("a file was started above").text.push_str(line);
        }
        for (index, file) in fixture.files.iter_mut().enumerate() {
            if let Some(at) = file.text.find("$0") {
                file.text.replace_range(at..at + 2, "");
                fixture.cursor = Some((index, TextSize::new(at as u32)));
            }
            fixture.annotations.extend(annotations(index, &file.text));
        }
        fixture
    }

    /// A database that holds the workspace; file `n` of the fixture is `FileId(n)`.
    pub fn database(&self) -> RootDatabase {
        let mut db = RootDatabase::default();
        let mut table = FileTable { roots: vec![ROOT.into()], ..FileTable::default() };
        let mut texts = Vec::new();
        for file in &self.files {
            let path = Name::new(&file.path);
            table.entries.insert(path.clone(), Entry::Loaded(FileId(0)));
            texts.push((path, Arc::from(file.text.as_str()), true));
        }
        Change { texts, table: Some(table), ..Change::default() }.apply(&mut db);
        db
    }

    /// `path:line:column text` of each annotation, from 1, for comparing.
    pub fn expected(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.annotations.iter().map(|it| self.describe(it.file, it.range, &it.text)).collect();
        lines.sort();
        lines
    }

    /// How a finding at a range is written for comparing with [`Fixture::expected`].
    pub fn describe(&self, file: usize, range: TextRange, text: &str) -> String {
        let index = LineIndex::new(&self.files[file].text);
        let at = |offset| {
            let it = index.line_col(offset, Column::Utf8);
            format!("{}:{}", it.line + 1, it.col + 1)
        };
        let path = self.files[file].path.strip_prefix(ROOT).unwrap_or_default();
        format!("{path}:{}-{} {text}", at(range.start()), at(range.end()))
    }
}

fn annotations(file: usize, text: &str) -> Vec<Annotation> {
    let index = LineIndex::new(text);
    let mut found = Vec::new();
    let mut target = None;
    for (number, line) in text.lines().enumerate() {
        match carets(line) {
            None => target = Some(number as u32),
            Some((from, to, note)) => {
                let Some(line) = target else { continue };
                let at = |col: usize| index.offset(LineCol { line, col: col as u32 }, Column::Utf8);
                found.push(Annotation { file, line, range: TextRange::new(at(from), at(to)), text: note.to_owned() });
            }
        }
    }
    found
}

/// `  #   ^^^ text`: first and last column of the carets, and the text.
fn carets(line: &str) -> Option<(usize, usize, &str)> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start();
    if !rest.starts_with('^') {
        return None;
    }
    let from = line.len() - rest.len();
    let count = rest.bytes().take_while(|it| *it == b'^').count();
    Some((from, from + count, rest[count..].trim()))
}
