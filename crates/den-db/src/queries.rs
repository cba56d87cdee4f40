//! Queries about single files and paths.

#![allow(missing_docs, reason = "salsa writes accessors without documentation")]

use std::sync::Arc;

use den_code::{Code, ItemKey, Name, SourceMap};
use den_syntax::{LineIndex, Parse};
use rustc_hash::FxHashMap;

use crate::database::Db;
use crate::files::{Entry, File};

/// The syntax tree of a file. Trees are large and cheap to make: only recent ones are kept.
#[salsa::tracked(no_eq, lru = 256)]
pub fn parse(db: &dyn Db, file: File) -> Parse {
    den_syntax::parse(file.text(db))
}

/// Line starts of a file.
#[salsa::tracked]
pub fn line_index(db: &dyn Db, file: File) -> LineIndex {
    LineIndex::new(file.text(db))
}

/// One item of a file. Its code and its place among the other items are separate from where its
/// expressions stand, so that moving text changes nothing but source maps.
#[salsa::tracked(debug)]
pub struct Item<'db> {
    /// The file.
    #[returns(copy)]
    pub file: File,
    /// The item's stable name.
    #[returns(copy)]
    pub key: ItemKey,
    /// Attribute path for people.
    pub path: Name,
    /// What it says.
    #[tracked]
    pub code: Arc<Code>,
    /// Where it says it.
    #[tracked]
    #[no_eq]
    pub source_map: Arc<SourceMap>,
}

/// The items of a file.
#[derive(Clone, Debug, PartialEq, Eq, salsa::SalsaValue)]
pub struct Items<'db> {
    /// In source order; the root comes first.
    pub list: Vec<Item<'db>>,
    /// For each item, the index of the item that holds it.
    pub parents: Vec<Option<u32>>,
    by_key: FxHashMap<ItemKey, u32>,
}

impl<'db> Items<'db> {
    /// The item with this key.
    pub fn get(&self, key: ItemKey) -> Option<Item<'db>> {
        Some(self.list[*self.by_key.get(&key)? as usize])
    }

    /// The item that holds another.
    pub fn parent(&self, key: ItemKey) -> Option<Item<'db>> {
        let index = *self.by_key.get(&key)?;
        Some(self.list[self.parents[index as usize]? as usize])
    }
}

/// The items of a file.
#[salsa::tracked]
pub fn lowered<'db>(db: &'db dyn Db, file: File) -> Items<'db> {
    let lowered = den_code::lower(parse(db, file));
    let mut list = Vec::with_capacity(lowered.items.len());
    let mut by_key = FxHashMap::default();
    for (index, it) in lowered.items.iter().enumerate() {
        by_key.insert(it.key, index as u32);
        list.push(Item::new(db, file, it.key, it.path.clone(), it.code.clone(), it.source_map.clone()));
    }
    let parents = lowered.items.iter().map(|it| by_key.get(&it.parent?.0).copied()).collect();
    Items { list, parents, by_key }
}

/// An absolute path as a query key.
#[salsa::interned(debug)]
pub struct PathKey<'db> {
    /// The path, normalized.
    pub path: Name,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A file whose text is known.
    File(File),
    /// A file whose text is not known.
    Other,
    /// A symbolic link.
    Link,
    /// A folder.
    Folder,
    /// A folder that exists but whose contents are not here: a submodule that was not checked out.
    Absent,
    /// Nothing.
    Missing,
    /// The path is not below any of the workspace's folders.
    Outside,
}

/// What is at a path. Depends on this path alone.
#[salsa::tracked(returns(copy))]
pub fn lookup<'db>(db: &'db dyn Db, path: PathKey<'db>) -> Lookup {
    let table = db.workspace().table(db);
    let path = path.path(db);
    if !table.roots.iter().any(|root| is_below(path, root)) {
        return Lookup::Outside;
    }
    match table.entries.get(path) {
        Some(Entry::Loaded(id)) => return db.file(*id).map_or(Lookup::Other, Lookup::File),
        Some(Entry::Other) => return Lookup::Other,
        Some(Entry::Link) => return Lookup::Link,
        None => (),
    }
    if table.empty_folders.iter().any(|it| is_below(path, it)) {
        return Lookup::Absent;
    }
    let folder = Name::from(format!("{path}/"));
    let inside = table.entries.range(folder.clone()..).next().is_some_and(|(it, _)| it.starts_with(folder.as_str()));
    if inside || table.roots.contains(path) { Lookup::Folder } else { Lookup::Missing }
}

/// Whether `path` is `root` or lies below it.
fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || root.ends_with('/'))
}

/// Every file below a folder with its entry, in order of path. Depends on these paths alone.
#[salsa::tracked]
pub fn folder<'db>(db: &'db dyn Db, path: PathKey<'db>) -> Vec<(Name, Entry)> {
    let table = db.workspace().table(db);
    let prefix = match path.path(db).as_str() {
        "/" => Name::new_static("/"),
        path => Name::from(format!("{path}/")),
    };
    let inside = table.entries.range(prefix.clone()..).take_while(|(it, _)| it.starts_with(prefix.as_str()));
    inside.map(|(path, entry)| (path.clone(), *entry)).collect()
}
