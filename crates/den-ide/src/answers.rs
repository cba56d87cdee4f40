//! Answers.

use den_code::FileId;
use den_syntax::{TextEdit, TextRange};

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileRange {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub range: TextRange,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The fleet does not evaluate, or not to what is written.
    Error,
    /// Something has no effect or another one than it seems.
    Warning,
    /// Worth knowing.
    Information,
    /// A suggestion.
    Hint,
}

/// A finding at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule, for example `settings/unknown-path`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: FileRange,
    /// One line without a full stop.
    pub message: String,
    /// The host that it is about, if it is about one.
    pub host: Option<String>,
    /// Whether the code has no effect and may be shown faded.
    pub unnecessary: bool,
    /// Whether the code uses something deprecated.
    pub deprecated: bool,
    /// Where the other half of the story is.
    pub related: Vec<Related>,
    /// How to mend it.
    pub fixes: Vec<Fix>,
}

/// A place that explains a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub place: FileRange,
    /// What is there.
    pub message: String,
}

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, beginning with a verb.
    pub title: String,
    /// Whether it keeps the meaning of everything else and may be applied unseen.
    pub safe: bool,
    /// The edits, against the texts of this snapshot.
    pub edits: Vec<FileEdit>,
}

/// An edit of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// The file.
    pub file: FileId,
    /// The edit.
    pub edit: TextEdit,
}

/// What to show under the pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub range: TextRange,
    /// Markdown; everything from user files is escaped.
    pub markdown: String,
}

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavigationTarget {
    /// The file.
    pub file: FileId,
    /// The whole definition.
    pub full_range: TextRange,
    /// The name in it.
    pub focus_range: TextRange,
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Den's")]
pub enum SymbolKind {
    Aspect,
    Setting,
    Host,
    User,
    Home,
    Environment,
    Entity,
    Policy,
    Quirk,
    Class,
    SchemaKind,
    Namespace,
    Option,
}

/// A named thing of the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its full name: `disk.zfs-disk-single`.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Where it is.
    pub target: NavigationTarget,
    /// What it belongs to, for people.
    pub container: Option<String>,
    /// What is inside it; only in the outline of a file.
    pub children: Vec<Symbol>,
}

/// What a completion inserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CompletionKind {
    Aspect,
    Battery,
    Policy,
    Quirk,
    Class,
    Setting,
    SettingGroup,
    Option,
    Value,
    Argument,
    Key,
    Function,
    Type,
    Entity,
}

/// A completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What the list shows.
    pub label: String,
    /// Shown behind the label, faded: a type or a path.
    pub detail: Option<String>,
    /// What it is.
    pub kind: CompletionKind,
    /// What it replaces.
    pub replace: TextRange,
    /// The new text; a snippet (`$1`, `${1:name}`, `$0`) if `is_snippet`.
    pub insert: String,
    /// Whether `insert` is a snippet.
    pub is_snippet: bool,
    /// Order in the list, smaller first.
    pub rank: u32,
    /// Opaque key by which [`crate::Analysis::resolve_completion`] finds the documentation.
    pub resolve: Option<String>,
    /// Further edits elsewhere, made together with this one.
    pub additional: Vec<crate::FileEdit>,
}
