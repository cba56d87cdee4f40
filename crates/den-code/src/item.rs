//! Items: the units in which code changes.

use std::sync::Arc;

use den_syntax::TextRange;
use rustc_hash::FxHashMap;

use crate::{Code, ExprId, ItemKey, Name};

/// All items of one file; the first is the root.
#[derive(Clone, Debug, PartialEq)]
pub struct LoweredFile {
    /// In order of their start, the root first.
    pub items: Vec<LoweredItem>,
    by_key: FxHashMap<ItemKey, u32>,
}

/// One item: its code, and apart from it everything that moves when the text does.
#[derive(Clone, Debug, PartialEq)]
pub struct LoweredItem {
    /// Its stable name.
    pub key: ItemKey,
    /// The item that holds this one, and the place in it where this one's value belongs.
    pub parent: Option<(ItemKey, ExprId)>,
    /// The attribute path that it is the value of, for people: `den.aspects.disk.nixos`.
    pub path: Name,
    /// The code, which knows no positions.
    pub code: Arc<Code>,
    /// Where its expressions are.
    pub source_map: Arc<SourceMap>,
}

/// Byte ranges of the expressions and names of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceMap {
    pub(crate) ranges: Box<[TextRange]>,
}

impl SourceMap {
    /// Byte range of an expression or name; the empty range at 0 for one of another revision.
    pub fn range(&self, expr: ExprId) -> TextRange {
        self.ranges.get(expr.0 as usize).copied().unwrap_or(TextRange::empty(0.into()))
    }

    /// The smallest expressions or names around a byte range, smallest first.
    pub fn covering(&self, range: TextRange) -> Vec<ExprId> {
        let hits = self.ranges.iter().enumerate().filter(|(_, it)| it.contains_range(range));
        let mut hits: Vec<(u32, u32)> = hits.map(|(id, it)| (it.len().into(), id as u32)).collect();
        hits.sort_by_key(|&(len, id)| (len, std::cmp::Reverse(id)));
        hits.into_iter().map(|(_, id)| ExprId(id)).collect()
    }
}

impl LoweredFile {
    pub(crate) fn new(items: Vec<LoweredItem>) -> LoweredFile {
        let by_key = items.iter().enumerate().map(|(at, it)| (it.key, at as u32)).collect();
        LoweredFile { items, by_key }
    }

    /// The item with this key.
    pub fn get(&self, key: ItemKey) -> Option<&LoweredItem> {
        Some(&self.items[*self.by_key.get(&key)? as usize])
    }

    /// The root item.
    pub fn root(&self) -> &LoweredItem {
        &self.items[0]
    }
}
