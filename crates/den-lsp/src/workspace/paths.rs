//! Paths of the operating system as names of files.

use std::path::{Component, Path, PathBuf, Prefix};

use den_ide::Name;

/// An absolute path, normalized by its text alone: no `.`, `..` or doubled separators, `/` between
/// segments, a drive letter in upper case. `None` if it is relative or not Unicode.
pub(crate) fn normalize(path: &Path) -> Option<Name> {
    let mut drive = None;
    let mut segments: Vec<&str> = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(prefix) => match prefix.kind() {
                Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => {
                    drive = Some(letter.to_ascii_uppercase() as char)
                }
                _ => return None,
            },
            Component::RootDir | Component::CurDir => (),
            Component::ParentDir => drop(segments.pop()),
            Component::Normal(segment) => segments.push(segment.to_str()?),
        }
    }
    if !path.is_absolute() {
        return None;
    }
    let drive = drive.map(|it| format!("{it}:")).unwrap_or_default();
    Some(Name::from(format!("{drive}/{}", segments.join("/"))))
}

/// A path given on the command line: relative to the current folder, normalized.
pub(crate) fn absolute(path: &Path) -> Option<Name> {
    let path: PathBuf = if path.is_absolute() { path.to_owned() } else { std::env::current_dir().ok()?.join(path) };
    normalize(&path)
}

/// Whether `path` is `folder` or lies below it.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn normalizes_by_text() {
        let check = |path: &str, want: Option<&str>| assert_eq!(normalize(Path::new(path)).as_deref(), want, "{path}");
        check("/a/b", Some("/a/b"));
        check("/a//b/./c/", Some("/a/b/c"));
        check("/a/../../etc", Some("/etc"));
        check("/", Some("/"));
        check("a/b", None);
        check("C:/x", None);
    }

    #[test]
    fn below() {
        assert!(is_below("/a/b", "/a"));
        assert!(is_below("/a", "/a"));
        assert!(is_below("/a", "/"));
        assert!(!is_below("/ab", "/a"));
    }
}
