//! An own watcher, because many clients watch nothing: Neovim on Linux does not, and Helix reports only
//! what it saved itself.
//!
//! Events say only that something happened; what happened is found by a sweep. On Linux each folder is
//! watched by itself, so that skipped folders (`node_modules`, the objects of git) cost nothing;
//! elsewhere a recursive watch of the root is cheaper.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use den_ide::Name;
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecursiveMode, Watcher as _};

use super::discover::is_text;

/// Watches until it is dropped.
pub(crate) struct Watcher {
    inner: notify::RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
}

impl Watcher {
    /// Calls `on_change` from a thread of its own with the paths of every event that may matter.
    pub(crate) fn new(on_change: impl Fn(Vec<PathBuf>) + Send + 'static) -> Result<Watcher, String> {
        let handler = move |event: notify::Result<Event>| match event {
            Ok(event) if matters(&event) => on_change(event.paths),
            Ok(_) => (),
            // Something was lost, so anything may have changed.
            Err(_) => on_change(Vec::new()),
        };
        let inner = notify::recommended_watcher(handler).map_err(|it| it.to_string())?;
        Ok(Watcher { inner, watched: BTreeSet::new() })
    }

    /// Watches exactly these folders, and the folders of these index files of git. Returns why the
    /// first of those that could not be watched could not.
    pub(crate) fn set(&mut self, roots: &[Name], folders: &[Name], indexes: &[PathBuf]) -> Option<String> {
        let per_folder = cfg!(target_os = "linux");
        let folders = if per_folder { folders } else { roots };
        let mode = if per_folder { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
        let mut wanted: BTreeSet<PathBuf> = folders.iter().map(|it| PathBuf::from(it.as_str())).collect();
        // Git replaces the index by renaming, which only its folder tells.
        let parents = indexes.iter().filter_map(|it| it.parent()).map(Path::to_owned);
        wanted.extend(parents);
        for gone in self.watched.difference(&wanted) {
            let _ = self.inner.unwatch(gone);
        }
        self.watched.retain(|it| wanted.contains(it));
        let mut problem = None;
        for path in wanted {
            if self.watched.contains(&path) {
                continue;
            }
            match self.inner.watch(&path, mode) {
                Ok(()) => drop(self.watched.insert(path)),
                Err(error) => problem = problem.or(Some(error.to_string())),
            }
        }
        problem
    }
}

fn matters(event: &Event) -> bool {
    let changes = match event.kind {
        EventKind::Access(_) => false,
        // What such a file says is of no interest, only that it is there.
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) => event.paths.iter().any(|it| is_read(it)),
        _ => true,
    };
    // A recursive watch also sees what git writes beside its index.
    let in_git = |path: &PathBuf| {
        let inside = path.components().any(|it| it.as_os_str() == ".git") || is_git_dir(path.parent());
        inside && path.file_name().is_none_or(|it| it != "index")
    };
    changes && (event.paths.is_empty() || !event.paths.iter().all(in_git))
}

fn is_read(path: &Path) -> bool {
    path.file_name().and_then(|it| it.to_str()).is_none_or(|name| name == "index" || is_text(name))
}

/// Whether a folder is the inside of a repository that is not called `.git`: that of a worktree or a
/// submodule.
fn is_git_dir(folder: Option<&Path>) -> bool {
    folder.is_some_and(|it| it.join("HEAD").is_file() && it.join("index").is_file())
}
