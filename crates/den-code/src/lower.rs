//! Syntax trees to items.
//!
//! Works on the green tree with a running offset: the typed cursors of rowan allocate for every
//! node they visit, and lowering visits all of them.

mod bindings;
mod expr;
mod green;
mod raw;
mod strings;

use std::sync::Arc;

use den_syntax::{Parse, TextRange};
use rustc_hash::FxHashMap;

use crate::{Code, Expr, ExprId, ItemKey, LoweredFile, LoweredItem, Name, Problem, SourceMap};
use green::Node;

/// Lowers a file. Broken parts become [`Expr::Missing`]; nothing fails.
pub fn lower(parse: &Parse) -> LoweredFile {
    let mut lower = Lower { items: Vec::new(), occurrences: FxHashMap::default() };
    let root = Node::root(parse.green());
    lower.items.push(None);
    let mut item = ItemBuilder::new(Place { key: ItemKey::ROOT, path: Name::default(), level: Level::Module });
    let body = root.exprs().next();
    let root_expr = lower.opt_expr(&mut item, body, root.start());
    lower.finish(0, item, None, root_expr);
    LoweredFile::new(lower.items.into_iter().flatten().collect())
}

struct Lower {
    items: Vec<Option<LoweredItem>>,
    /// How often each item path came so far.
    occurrences: FxHashMap<Name, u32>,
}

/// Where code is, as far as the division into items is concerned.
#[derive(Clone, Debug)]
struct Place {
    key: ItemKey,
    /// Attribute path of the item.
    path: Name,
    level: Level,
}

/// How deep in functions code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// The file itself: bindings and function bodies become items.
    Module,
    /// The value of a binding of the file: function bodies become items.
    Value,
    /// Inside a function of a binding: function bodies (class modules of parametric aspects) still
    /// become items.
    Function,
    /// Inside two functions: everything stays in its item.
    Inner,
}

struct ItemBuilder {
    place: Place,
    exprs: Vec<Expr>,
    ranges: Vec<TextRange>,
    problems: Vec<Problem>,
    /// Attribute path of the binding being lowered, below the item's own.
    trail: Vec<Name>,
    /// The binding whose value comes next, for naming functions.
    naming: Option<Name>,
}

impl ItemBuilder {
    fn new(place: Place) -> ItemBuilder {
        ItemBuilder {
            place,
            exprs: Vec::new(),
            ranges: Vec::new(),
            problems: Vec::new(),
            trail: Vec::new(),
            naming: None,
        }
    }

    fn alloc(&mut self, expr: Expr, range: TextRange) -> ExprId {
        let id = ExprId(self.exprs.len() as u32);
        self.exprs.push(expr);
        self.ranges.push(range);
        id
    }

    /// The id of a binding's name whose attribute path starts at `start`.
    fn alloc_key(&mut self, key: TextRange, start: TextRange) -> ExprId {
        if start.start() == key.start() {
            return self.alloc(Expr::Name, key);
        }
        let start = self.alloc(Expr::Name, start);
        self.alloc(Expr::Key { start }, key)
    }

    fn reject(&mut self, message: &'static str, at: ExprId) {
        self.problems.push(Problem::Rejected { message: Name::new_static(message), at });
    }

    fn missing(&mut self, at: u32) -> ExprId {
        self.alloc(Expr::Missing, TextRange::empty(at.into()))
    }
}

impl Lower {
    /// Starts a new item below `parent` and returns its slot and builder.
    fn open(&mut self, parent: &ItemBuilder, suffix: &str, level: Level) -> (usize, ItemBuilder) {
        let mut path = String::from(parent.place.path.as_str());
        for segment in parent.trail.iter().map(Name::as_str).chain([suffix]).filter(|it| !it.is_empty()) {
            if !path.is_empty() && segment != LAMBDA {
                path.push('.');
            }
            path.push_str(segment);
        }
        let path = Name::from(path);
        let occurrence = self.occurrences.entry(path.clone()).or_default();
        let key = ItemKey::new(&path, *occurrence);
        *occurrence += 1;
        self.items.push(None);
        (self.items.len() - 1, ItemBuilder::new(Place { key, path, level }))
    }

    fn finish(&mut self, slot: usize, item: ItemBuilder, parent: Option<(ItemKey, ExprId)>, root: ExprId) {
        let code = Code { exprs: item.exprs.into(), root, problems: item.problems.into() };
        self.items[slot] = Some(LoweredItem {
            key: item.place.key,
            parent,
            path: item.place.path,
            code: Arc::new(code),
            source_map: Arc::new(SourceMap { ranges: item.ranges.into() }),
        });
    }

    /// Lowers `body` as an item of its own and returns the hole that stands for it in `item`.
    fn in_own_item(
        &mut self,
        item: &mut ItemBuilder,
        suffix: &str,
        level: Level,
        body: Option<Node<'_>>,
        end: u32,
    ) -> ExprId {
        let (slot, mut inner) = self.open(item, suffix, level);
        let key = inner.place.key;
        let range = body.map_or(TextRange::empty(end.into()), |it| it.range());
        let hole = item.alloc(Expr::Item(key), range);
        inner.naming = item.naming.take();
        let root = self.opt_expr(&mut inner, body, end);
        self.finish(slot, inner, Some((item.place.key, hole)), root);
        hole
    }
}

/// Marks a function body in an item path.
const LAMBDA: &str = "\u{3bb}";
