//! The database itself.

use std::sync::{Arc, Mutex};

use dashmap::DashMap;
use den_code::{FileId, Name};

use crate::files::{File, FileTable, Options, Workspace};

/// What every query gets.
#[salsa::db]
pub trait Db: salsa::Database {
    /// The handle of a file id. Ids are never reused, so this is not a dependency: whether the file
    /// still exists is asked with [`crate::lookup`].
    fn file(&self, id: FileId) -> Option<File>;

    /// The workspace.
    fn workspace(&self) -> Workspace;
}

/// The one concrete database. Cloning gives a snapshot for reading; only the original's owner may
/// write, and must not while it holds a clone itself.
#[salsa::db]
#[derive(Clone)]
pub struct RootDatabase {
    storage: salsa::Storage<Self>,
    pub(crate) by_id: Arc<DashMap<FileId, File>>,
    pub(crate) by_path: Arc<DashMap<Name, File>>,
    workspace: Option<Workspace>,
    executed: Arc<Mutex<Option<Vec<salsa::DatabaseKeyIndex>>>>,
}

#[salsa::db]
impl salsa::Database for RootDatabase {}

#[salsa::db]
impl Db for RootDatabase {
    fn file(&self, id: FileId) -> Option<File> {
        self.by_id.get(&id).map(|it| *it)
    }

    fn workspace(&self) -> Workspace {
        self.workspace.expect("set when the database is made")
    }
}

impl Default for RootDatabase {
    fn default() -> RootDatabase {
        let executed: Arc<Mutex<Option<Vec<salsa::DatabaseKeyIndex>>>> = Arc::default();
        let sink = executed.clone();
        let on_event = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind
                && let Ok(mut log) = sink.lock()
                && let Some(log) = log.as_mut()
            {
                log.push(database_key);
            }
        };
        let mut db = RootDatabase {
            storage: salsa::Storage::new(Some(Box::new(on_event))),
            by_id: Arc::default(),
            by_path: Arc::default(),
            workspace: None,
            executed,
        };
        let table = Arc::new(FileTable::default());
        db.workspace = Some(Workspace::new(&db, table, Options::default()));
        db
    }
}

impl RootDatabase {
    /// Starts to record the names of the queries that execute.
    pub fn record_executed(&self) {
        if let Ok(mut log) = self.executed.lock() {
            *log = Some(Vec::new());
        }
    }

    /// The names recorded since [`RootDatabase::record_executed`], in order; recording ends.
    pub fn take_executed(&self) -> Vec<String> {
        use salsa::Database as _;
        let keys = self.executed.lock().ok().and_then(|mut log| log.take()).unwrap_or_default();
        keys.into_iter().map(|key| self.ingredient_debug_name(key.ingredient_index()).into_owned()).collect()
    }

    /// The handle of the file at an absolute path, if it was ever loaded. Not for queries.
    pub fn file_at(&self, path: &str) -> Option<File> {
        self.by_path.get(path).map(|it| *it)
    }
}
