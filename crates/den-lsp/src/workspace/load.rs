//! Reading files, at first and again when something changed.
//!
//! A [`Disk`] remembers what it has seen. [`Disk::sweep`] walks everything once more and reads only
//! files whose stamp changed; on 500 files that is a few milliseconds, so there is no second,
//! incremental way that could come to another result.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use den_ide::{Entry, FileId, FileTable, Name};

use super::discover::{Kind, Limits, Skipped, Stamp, walk};
use super::git::Repositories;

/// What is known of the disk.
pub(crate) struct Disk {
    roots: Vec<Name>,
    limits: Limits,
    /// Files that were read, and whether they had a text.
    seen: BTreeMap<Name, (Stamp, Result<(), Unread>)>,
    repositories: Repositories,
}

/// What one look at the disk found.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// Texts that are new or changed since the look before, in order of path.
    pub(crate) texts: Vec<(Name, Arc<str>)>,
    /// Everything there is. The numbers of loaded files are not filled in.
    pub(crate) table: FileTable,
    /// Every folder, for those who watch them.
    pub(crate) folders: Vec<Name>,
    /// Indexes of repositories, for those who watch them.
    pub(crate) indexes: Vec<PathBuf>,
    /// Work trees of git.
    pub(crate) repositories: Vec<Name>,
    /// What was left out.
    pub(crate) skipped: Skipped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread {
    NotText,
    Unreadable,
    TooLarge,
}

impl Disk {
    /// Nothing is read yet. `roots` are absolute and normalized.
    pub(crate) fn new(mut roots: Vec<Name>, limits: Limits) -> Disk {
        roots.sort();
        roots.dedup();
        Disk { roots, limits, seen: BTreeMap::new(), repositories: Repositories::default() }
    }

    /// Changes the folders; what was read below those that stay is kept.
    pub(crate) fn set_roots(&mut self, mut roots: Vec<Name>) {
        roots.sort();
        roots.dedup();
        self.roots = roots;
    }

    /// Looks at everything. The files in `forced` are read even if their stamp is the same, for those
    /// who know that they changed.
    pub(crate) fn sweep(&mut self, forced: &BTreeSet<Name>) -> Sweep {
        let walk = walk(&self.roots, &self.limits);
        let git = self.repositories.facts(&self.roots, &walk);
        let wanted = walk.files.iter().filter_map(|(path, kind)| match kind {
            Kind::Wanted(stamp) => Some((path, *stamp)),
            _ => None,
        });
        let changed: Vec<(&Name, Stamp)> = wanted
            .filter(|(path, stamp)| self.seen.get(*path).is_none_or(|(old, _)| old != stamp) || forced.contains(*path))
            .collect();
        let mut texts = Vec::new();
        for ((path, stamp), read) in changed.iter().zip(read_all(&changed, self.limits.file_bytes)) {
            let outcome = read.map(|text| texts.push(((*path).clone(), text)));
            self.seen.insert((*path).clone(), (*stamp, outcome));
        }
        let mut entries = BTreeMap::new();
        let mut skipped = Skipped { broken_indexes: git.broken, ..walk.skipped };
        for (path, kind) in &walk.files {
            let entry = match (kind, self.seen.get(path).map(|(_, outcome)| outcome)) {
                (Kind::Link, _) => Entry::Link,
                (Kind::Wanted(_), Some(Ok(()))) => Entry::Loaded(FileId(0)),
                (Kind::Wanted(_), Some(Err(problem))) => {
                    match problem {
                        Unread::NotText => skipped.not_text.push(path.clone()),
                        Unread::Unreadable => skipped.unreadable.push(path.clone()),
                        Unread::TooLarge => skipped.too_large.push(path.clone()),
                    }
                    Entry::Other
                }
                _ => Entry::Other,
            };
            entries.insert(path.clone(), entry);
        }
        self.seen.retain(|path, _| entries.contains_key(path));
        Sweep {
            texts,
            table: FileTable {
                roots: self.roots.clone(),
                entries,
                empty_folders: git.absent,
                untracked: git.untracked,
            },
            folders: walk.folders,
            indexes: self.repositories.index_paths().collect(),
            repositories: git.repositories,
            skipped,
        }
    }
}

/// Reads files on two threads; the results are in the order of `files`.
fn read_all(files: &[(&Name, Stamp)], limit: u64) -> Vec<Result<Arc<str>, Unread>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((path, _)) = files.get(index) else { return done };
            done.push((index, read_text(Path::new(path.as_str()), limit)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        // A second thread costs more than it gains on a handful of files.
        let helper = (files.len() > 16).then(|| std::thread::Builder::new().spawn_scoped(scope, work).ok()).flatten();
        let mut all = work();
        all.extend(helper.and_then(|it| it.join().ok()).into_iter().flatten());
        all
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, read)| read).collect()
}

/// The text of a regular file. A byte order mark is no part of it: editors do not count it.
fn read_text(path: &Path, limit: u64) -> Result<Arc<str>, Unread> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // What was a file a moment ago may be a pipe now, and opening one would wait for a writer.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    }
    let file = options.open(path).map_err(|_| Unread::Unreadable)?;
    if !file.metadata().is_ok_and(|it| it.is_file()) {
        return Err(Unread::Unreadable);
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|_| Unread::Unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(Unread::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| Unread::NotText)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).into())
}

#[cfg(test)]
mod tests;
