//! Walking folders of Nix files.

use std::fs;
use std::path::{Path, PathBuf};

/// Every regular `.nix` file below `root` (or `root` itself) with its text, in order of path.
/// Symbolic links are not followed and files that are not UTF-8 are left out.
pub(crate) fn nix_files(root: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(kind) = fs::symlink_metadata(&path) else { continue };
        if kind.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            open.extend(entries.map(|it| it.path()));
        } else if kind.is_file()
            && path.extension().is_some_and(|it| it == "nix")
            && let Ok(text) = fs::read_to_string(&path)
        {
            found.push((path, text));
        }
    }
    found.sort();
    found
}
