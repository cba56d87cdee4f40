//! The only way to write to the database.

use std::sync::Arc;

use den_code::{FileId, Name};
use salsa::{Durability, Setter as _};

use crate::database::{Db as _, RootDatabase};
use crate::files::{Entry, File, FileTable, Options};

/// Everything that happened since the last change, applied at once.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// New texts by absolute path, and whether the file is open in an editor. The files must be in
    /// the table as [`Entry::Loaded`] for queries to find them; those that are not are added.
    pub texts: Vec<(Name, Arc<str>, bool)>,
    /// Absolute paths of files that are gone.
    pub removed: Vec<Name>,
    /// A new table; its [`Entry::Loaded`] ids are filled in, whatever they are.
    pub table: Option<FileTable>,
    /// New options.
    pub options: Option<Options>,
}

impl Change {
    /// Writes everything. Readers of older snapshots are cancelled and waited for.
    pub fn apply(self, db: &mut RootDatabase) {
        let workspace = db.workspace();
        let mut table = self.table.clone();
        for (path, text, open) in self.texts {
            // Open documents change all the time, closed ones seldom.
            let durability = if open { Durability::LOW } else { Durability::MEDIUM };
            let id = match db.file_at(&path) {
                Some(file) => {
                    if **file.text(db) != *text {
                        file.set_text(db).with_durability(durability).to(text);
                    }
                    file.id(db)
                }
                None => db.new_file(path.clone(), text, durability),
            };
            let known = table.as_ref().unwrap_or_else(|| workspace.table(db)).entries.get(&path).copied();
            if known != Some(Entry::Loaded(id)) {
                let table = table.get_or_insert_with(|| FileTable::clone(workspace.table(db)));
                table.entries.insert(path, Entry::Loaded(id));
            }
        }
        for path in self.removed {
            let table = table.get_or_insert_with(|| FileTable::clone(workspace.table(db)));
            table.entries.remove(&path);
        }
        if let Some(mut table) = table {
            for (path, entry) in &mut table.entries {
                if let Entry::Loaded(id) = entry {
                    match db.file_at(path) {
                        Some(file) => *id = file.id(db),
                        None => *entry = Entry::Other,
                    }
                }
            }
            if **workspace.table(db) != table {
                workspace.set_table(db).with_durability(Durability::MEDIUM).to(Arc::new(table));
            }
        }
        if let Some(options) = self.options
            && *workspace.options(db) != options
        {
            workspace.set_options(db).with_durability(Durability::MEDIUM).to(options);
        }
    }
}

impl RootDatabase {
    fn new_file(&self, path: Name, text: Arc<str>, durability: Durability) -> FileId {
        let id = FileId(self.by_id.len() as u32);
        let file = File::builder(id, path.clone(), text).durability(durability).new(self);
        self.by_id.insert(id, file);
        self.by_path.insert(path, file);
        id
    }
}
