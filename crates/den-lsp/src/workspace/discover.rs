//! Which files there are.
//!
//! The walk looks at names and kinds only; what is read is decided here, reading is elsewhere. It is
//! safe on hostile trees: links are never followed to folders, a folder that was seen (by device and
//! inode, for bind mounts) is not entered again, depth, number and size are capped.

use std::collections::HashSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use den_ide::Name;
use walkdir::{DirEntry, WalkDir};

use super::paths::{is_below, normalize};

/// Where a walk stops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Largest file in bytes whose text is loaded.
    pub(crate) file_bytes: u64,
    /// Largest `.json` file in bytes that is loaded, lock files excepted: data is of little interest.
    pub(crate) json_bytes: u64,
    /// Most files.
    pub(crate) files: usize,
    /// Most bytes of text.
    pub(crate) total_bytes: u64,
    /// Deepest nesting of folders.
    pub(crate) depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: den_ide::MAX_FILE_BYTES as u64,
            json_bytes: 1 << 20,
            files: 200_000,
            total_bytes: 1 << 30,
            depth: 64,
        }
    }
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file whose text is wanted, with what tells whether it changed.
    Wanted(Stamp),
    /// A file that is only listed.
    Other,
    /// A symbolic link that is not followed.
    Link,
}

/// Tells two states of a file apart without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    /// The stamp of what `metadata` describes.
    pub(crate) fn new(metadata: &Metadata) -> Stamp {
        Stamp { len: metadata.len(), modified: metadata.modified().ok(), inode: identity(metadata).1 }
    }
}

/// What was left out, and why. One notice is made of it, and `doctor` lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Larger than a file may be.
    pub(crate) too_large: Vec<Name>,
    /// Not UTF-8.
    pub(crate) not_text: Vec<Name>,
    /// The operating system refused to open or list them.
    pub(crate) unreadable: Vec<Name>,
    /// Folders nested too deeply.
    pub(crate) too_deep: Vec<Name>,
    /// How many names are not Unicode.
    pub(crate) odd_names: usize,
    /// How many files are beyond the cap on their number.
    pub(crate) beyond_count: usize,
    /// How many files are beyond the cap on their bytes.
    pub(crate) beyond_bytes: usize,
    /// Repositories whose index could not be read.
    pub(crate) broken_indexes: Vec<Name>,
}

impl Skipped {
    /// One sentence for people, or nothing where nothing worth a notice was left out.
    pub(crate) fn notice(&self) -> Option<String> {
        let mut parts = Vec::new();
        let mut say = |count: usize, what: &str| {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        };
        say(self.too_large.len(), "larger than a file may be");
        say(self.not_text.len(), "not UTF-8");
        say(self.unreadable.len(), "not readable");
        say(self.too_deep.len(), "nested too deeply");
        say(self.odd_names, "with a name that is not Unicode");
        say(self.beyond_count, "beyond the largest number of files");
        say(self.beyond_bytes, "beyond the largest amount of text");
        say(self.broken_indexes.len(), "git repositories with an unreadable index");
        match parts.is_empty() {
            true => None,
            false => Some(format!("not everything was read: {}; `den-lsp doctor` lists them", parts.join(", "))),
        }
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// Files and links in order of path.
    pub(crate) files: Vec<(Name, Kind)>,
    /// Every folder that was entered.
    pub(crate) folders: Vec<Name>,
    /// Folders with nothing in them.
    pub(crate) empty_folders: Vec<Name>,
    /// Folders that hold a `.git`.
    pub(crate) repositories: Vec<Name>,
    /// What was left out.
    pub(crate) skipped: Skipped,
}

/// Walks `roots`, each an absolute normalized path.
pub(crate) fn walk(roots: &[Name], limits: &Limits) -> Walk {
    let mut walker = Walker { limits: *limits, out: Walk::default(), seen: HashSet::new(), open: Vec::new(), bytes: 0 };
    for root in roots {
        let nested = roots.iter().any(|other| other != root && is_below(root, other));
        if !nested {
            walker.walk(root);
        }
    }
    let mut out = walker.out;
    out.files.sort_by(|a, b| a.0.cmp(&b.0));
    out.files.dedup_by(|a, b| a.0 == b.0);
    for list in [&mut out.folders, &mut out.empty_folders, &mut out.repositories] {
        list.sort();
        list.dedup();
    }
    out
}

struct Walker {
    limits: Limits,
    out: Walk,
    seen: HashSet<(u64, u64)>,
    /// The folders from the root to where the walk is, and whether anything was seen in them.
    open: Vec<(Name, bool)>,
    bytes: u64,
}

impl Walker {
    fn walk(&mut self, root: &Name) {
        let canonical = std::fs::canonicalize(root.as_str()).ok();
        let mut entries = WalkDir::new(root.as_str()).max_depth(self.limits.depth).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) => {
                    if !self.visit(&entry, canonical.as_deref()) && entry.file_type().is_dir() {
                        entries.skip_current_dir();
                    }
                }
                Err(error) => {
                    let path = error.path().and_then(normalize);
                    self.out.skipped.unreadable.push(path.unwrap_or_else(|| root.clone()));
                }
            }
        }
        self.close(0);
    }

    /// Takes one entry in; says whether a folder is to be entered.
    fn visit(&mut self, entry: &DirEntry, root: Option<&Path>) -> bool {
        self.close(entry.depth());
        if let Some((_, used)) = self.open.last_mut() {
            *used = true;
        }
        let Some(path) = normalize(entry.path()) else {
            self.out.skipped.odd_names += 1;
            return false;
        };
        let name = entry.file_name().to_str().unwrap_or_default();
        let kind = entry.file_type();
        if name == ".git" && entry.depth() > 0 {
            self.out.repositories.extend(entry.path().parent().and_then(normalize));
            return false;
        }
        if kind.is_dir() {
            return self.enter(entry, path, name);
        }
        if entry.depth() == 0 || entry.path_is_symlink() && is_build_result(name) {
            return false;
        }
        if self.out.files.len() >= self.limits.files {
            self.out.skipped.beyond_count += 1;
            return false;
        }
        let kind = match () {
            () if entry.path_is_symlink() => match linked_file(entry.path(), root) {
                Some(metadata) => self.file(&path, name, &metadata),
                None => Kind::Link,
            },
            () if kind.is_file() && is_text(name) => match entry.metadata() {
                Ok(metadata) => self.file(&path, name, &metadata),
                Err(_) => Kind::Other,
            },
            () => Kind::Other,
        };
        self.out.files.push((path, kind));
        false
    }

    fn enter(&mut self, entry: &DirEntry, path: Name, name: &str) -> bool {
        if entry.depth() > 0 && matches!(name, "node_modules" | ".direnv") {
            return false;
        }
        if entry.metadata().is_ok_and(|it| identity(&it) != (0, 0) && !self.seen.insert(identity(&it))) {
            return false;
        }
        if entry.depth() >= self.limits.depth {
            self.out.skipped.too_deep.push(path);
            return false;
        }
        self.out.folders.push(path.clone());
        self.open.push((path, false));
        true
    }

    /// Leaves the folders at `depth` and deeper.
    fn close(&mut self, depth: usize) {
        while self.open.len() > depth {
            if let Some((path, false)) = self.open.pop() {
                self.out.empty_folders.push(path);
            }
        }
    }

    fn file(&mut self, path: &Name, name: &str, metadata: &Metadata) -> Kind {
        if !is_text(name) {
            return Kind::Other;
        }
        let is_data = name.ends_with(".json") && !path.contains("/npins/");
        if is_data && metadata.len() > self.limits.json_bytes {
            return Kind::Other;
        }
        if metadata.len() > self.limits.file_bytes {
            self.out.skipped.too_large.push(path.clone());
            return Kind::Other;
        }
        if self.bytes + metadata.len() > self.limits.total_bytes {
            self.out.skipped.beyond_bytes += 1;
            return Kind::Other;
        }
        self.bytes += metadata.len();
        Kind::Wanted(Stamp::new(metadata))
    }
}

/// Whether a file of this name is worth its text: what Den modules are written in and read.
pub(super) fn is_text(name: &str) -> bool {
    name == "flake.lock" || [".nix", ".toml", ".json"].iter().any(|it| name.ends_with(it))
}

/// `result` and `result-*` are what `nix build` leaves behind, links into the store. Folders of such
/// a name are somebody's own.
fn is_build_result(name: &str) -> bool {
    name == "result" || name.starts_with("result-")
}

/// The metadata of the regular file that a link leads to, if that is below `root`.
fn linked_file(link: &Path, root: Option<&Path>) -> Option<Metadata> {
    let metadata = std::fs::metadata(link).ok().filter(Metadata::is_file)?;
    let target: PathBuf = std::fs::canonicalize(link).ok()?;
    target.starts_with(root?).then_some(metadata)
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

/// Windows has no stable way to ask; links and junctions are not entered there, so nothing loops.
#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> (u64, u64) {
    (0, 0)
}
