//! What git knows: its index, read in process.
//!
//! A flake sees only the files in the index of its repository; files that are ignored are not in it
//! either. The index is the one thing read outside the workspace's folders: for a folder inside a
//! larger repository it lies above, for a worktree or a submodule where its `.git` file says.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use den_ide::{Name, Untracked};

use super::discover::{Kind, Stamp, Walk};
use super::paths::{is_below, normalize};

/// Largest allocation that the contents of an index may ask for, in bytes.
const INDEX_ALLOCATION: usize = 256 << 20;

/// The indexes that were read, by work tree.
#[derive(Default)]
pub(crate) struct Repositories {
    indexes: BTreeMap<Name, (Option<Stamp>, Index)>,
}

/// What one index lists, relative to its work tree.
#[derive(Default)]
struct Index {
    files: HashSet<String>,
    /// Folders that stand for everything in them (sparse checkouts).
    folders: Vec<String>,
    submodules: Vec<String>,
}

/// What git says about the files of a walk.
#[derive(Debug, Default)]
pub(crate) struct GitFacts {
    /// Work trees, in order of path.
    pub(crate) repositories: Vec<Name>,
    /// For each of them whose index could be read, what is not in it.
    pub(crate) untracked: Vec<Untracked>,
    /// Folders of submodules that were not checked out.
    pub(crate) absent: Vec<Name>,
    /// Work trees whose index could not be read; nothing is said about their files.
    pub(crate) broken: Vec<Name>,
}

impl Repositories {
    /// Looks at the repositories of a walk; an index is read again only if it changed.
    pub(crate) fn facts(&mut self, roots: &[Name], walk: &Walk) -> GitFacts {
        let mut trees: BTreeSet<Name> = walk.repositories.iter().cloned().collect();
        trees.extend(roots.iter().filter_map(repository_above));
        let mut facts = GitFacts::default();
        let mut fresh = BTreeMap::new();
        for tree in trees {
            let Some(git_dir) = git_dir(Path::new(tree.as_str())) else { continue };
            let path = git_dir.join("index");
            let stamp = fs::metadata(&path).ok().filter(fs::Metadata::is_file).map(|it| Stamp::new(&it));
            let old = self.indexes.remove(&tree).filter(|(seen, _)| *seen == stamp).map(|(_, index)| index);
            let index = match (old, stamp) {
                (Some(index), _) => Some(index),
                // Nothing was added yet, so git knows nothing.
                (None, None) => Some(Index::default()),
                (None, Some(_)) => read_index(&path),
            };
            match index {
                Some(index) => drop(fresh.insert(tree.clone(), (stamp, index))),
                None => facts.broken.push(tree.clone()),
            }
            facts.repositories.push(tree);
        }
        self.indexes = fresh;
        for (tree, (_, index)) in &self.indexes {
            let paths = untracked(tree, index, &facts.repositories, walk);
            facts.untracked.push(Untracked { root: tree.clone(), paths });
            for module in &index.submodules {
                let folder = Name::from(format!("{}/{module}", tree.trim_end_matches('/')));
                if is_absent(&folder, roots, walk) {
                    facts.absent.push(folder);
                }
            }
        }
        facts.absent.extend(declared_submodules(walk).into_iter().filter(|it| is_absent(it, roots, walk)));
        facts.absent.sort();
        facts.absent.dedup();
        facts
    }

    /// The files whose change means that something was added to an index or taken out of it.
    pub(crate) fn index_paths(&self) -> impl Iterator<Item = PathBuf> {
        self.indexes.keys().filter_map(|tree| Some(git_dir(Path::new(tree.as_str()))?.join("index")))
    }
}

/// The files of `walk` that belong to the repository at `tree`, and to none inside it, and are not in
/// its index.
fn untracked(tree: &Name, index: &Index, repositories: &[Name], walk: &Walk) -> Vec<Name> {
    let inner: Vec<&Name> = repositories.iter().filter(|it| *it != tree && is_below(it, tree)).collect();
    let start = walk.files.partition_point(|(path, _)| path < tree);
    let below = walk.files[start..].iter().map(|(path, _)| path).take_while(|it| it.starts_with(tree.as_str()));
    let ours = below.filter(|it| is_below(it, tree) && !inner.iter().any(|inner| is_below(it, inner)));
    let is_known = |path: &Name| {
        let relative = path[tree.len()..].trim_start_matches('/');
        index.files.contains(relative) || index.folders.iter().any(|it| is_below(relative, it))
    };
    ours.filter(|it| !is_known(it)).cloned().collect()
}

/// Whether nothing of a submodule is on the disk.
fn is_absent(folder: &Name, roots: &[Name], walk: &Walk) -> bool {
    let in_workspace = roots.iter().any(|root| is_below(folder, root));
    let is_empty = walk.empty_folders.binary_search(folder).is_ok();
    in_workspace && (is_empty || walk.folders.binary_search(folder).is_err())
}

/// The folders named in the `.gitmodules` files of a walk. A fleet that was fetched as an archive has
/// these but no index.
fn declared_submodules(walk: &Walk) -> Vec<Name> {
    let files = walk.files.iter().filter(|(path, kind)| path.ends_with("/.gitmodules") && *kind == Kind::Other);
    let mut found = Vec::new();
    for (path, _) in files {
        let Some(text) = read_small(Path::new(path.as_str()), 1 << 20) else { continue };
        let folder = path.trim_end_matches("/.gitmodules");
        for line in text.lines() {
            let value = line.trim().strip_prefix("path").and_then(|it| it.trim_start().strip_prefix('='));
            let Some(value) = value.map(|it| it.trim().trim_matches('"')).filter(|it| !it.is_empty()) else { continue };
            found.extend(normalize(Path::new(&format!("{folder}/{value}"))).filter(|it| is_below(it, folder)));
        }
    }
    found
}

/// The work tree above a folder that it belongs to.
fn repository_above(folder: &Name) -> Option<Name> {
    let above = Path::new(folder.as_str()).ancestors().skip(1);
    normalize(above.into_iter().find(|it| git_dir(it).is_some())?)
}

/// The folder with the index of the repository whose work tree is `tree`.
fn git_dir(tree: &Path) -> Option<PathBuf> {
    let dot_git = tree.join(".git");
    let kind = fs::symlink_metadata(&dot_git).ok()?.file_type();
    let folder = match () {
        () if kind.is_dir() => dot_git,
        () if kind.is_file() => tree.join(read_small(&dot_git, 4096)?.strip_prefix("gitdir:")?.trim()),
        () => return None,
    };
    folder.join("HEAD").is_file().then_some(folder)
}

fn read_index(path: &Path) -> Option<Index> {
    // An index says nowhere which hash its repository uses, but its checksum fits only one of them.
    [gix_hash::Kind::Sha1, gix_hash::Kind::Sha256].into_iter().find_map(|kind| {
        let options = gix_index::decode::Options {
            thread_limit: Some(1),
            alloc_limit_bytes: Some(INDEX_ALLOCATION),
            ..Default::default()
        };
        // The file may be anything; a panic in the decoder must not be one of ours.
        let file = std::panic::catch_unwind(|| gix_index::File::at(path, kind, false, options)).ok()?.ok()?;
        let mut index = Index::default();
        for entry in file.entries() {
            let Ok(path) = std::str::from_utf8(entry.path(&file)) else { continue };
            match entry.mode {
                mode if mode.is_sparse() => index.folders.push(path.trim_end_matches('/').to_owned()),
                mode if mode.is_submodule() => index.submodules.push(path.to_owned()),
                _ => drop(index.files.insert(path.to_owned())),
            }
        }
        Some(index)
    })
}

fn read_small(path: &Path, limit: u64) -> Option<String> {
    let mut text = String::new();
    fs::File::open(path).ok()?.take(limit).read_to_string(&mut text).ok()?;
    Some(text)
}
