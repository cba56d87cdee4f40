//! Names for places and things that stay the same while the text around them moves.

use std::hash::{Hash as _, Hasher as _};

/// An attribute, variable or argument name. Cheap to clone; orders by bytes as Nix does.
pub type Name = smol_str::SmolStr;

/// A file of the workspace. Numbers are given by whoever holds the files and mean nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// One item of a file: a hash of its attribute path and of how often that path came before.
///
/// Stable under edits elsewhere in the file: inserting an item above another changes neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey(u64);

impl ItemKey {
    /// The item that holds the file's outermost expression.
    pub const ROOT: ItemKey = ItemKey(0);

    /// The key of the `occurrence`th (from 0) item with this path.
    pub(crate) fn new(path: &str, occurrence: u32) -> ItemKey {
        let mut hasher = rustc_hash::FxHasher::default();
        path.hash(&mut hasher);
        occurrence.hash(&mut hasher);
        ItemKey(hasher.finish() | 1)
    }
}

/// An item and the file that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemRef {
    /// The file.
    pub file: FileId,
    /// The item in that file.
    pub item: ItemKey,
}

impl ItemRef {
    /// A place in this item.
    pub fn site(self, expr: ExprId) -> Site {
        Site { file: self.file, item: self.item, expr }
    }
}

/// An expression or an attribute name within an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// A place in the workspace that survives edits elsewhere; only rendering turns it into a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The file.
    pub file: FileId,
    /// The item in that file.
    pub item: ItemKey,
    /// The expression or name in that item.
    pub expr: ExprId,
}

impl Site {
    /// The item that this place is in.
    pub fn item_ref(self) -> ItemRef {
        ItemRef { file: self.file, item: self.item }
    }
}
