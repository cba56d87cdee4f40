//! Fleets that are kept as folders.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use den_code::{FileId, Name};
use den_db::{Change, Entry, FileTable, RootDatabase};

/// A database that holds everything below a folder of the repository's own fixtures. Not the
/// program's loader: no caps, no git, links are left out.
pub fn load_folder(folder: &Path) -> RootDatabase {
    let mut table = FileTable { roots: vec![Name::new(folder.to_string_lossy())], ..FileTable::default() };
    let mut texts = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(entries) = fs::read_dir(&path) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = Name::new(path.to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if kind.is_file() => match fs::read_to_string(&path) {
                    Ok(text) => {
                        table.entries.insert(name.clone(), Entry::Loaded(FileId(0)));
                        texts.push((name, Arc::from(text), false));
                    }
                    Err(_) => {
                        table.entries.insert(name, Entry::Other);
                    }
                },
                _ => (),
            }
        }
    }
    texts.sort();
    let mut db = RootDatabase::default();
    Change { texts, table: Some(table), ..Change::default() }.apply(&mut db);
    db
}
