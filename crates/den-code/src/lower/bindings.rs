//! Attribute sets, `let` and function patterns.

use den_syntax::SyntaxKind::*;
use den_syntax::TextRange;
use rustc_hash::FxHashSet;

use super::green::Node;
use super::raw::{RawEntry, RawSet, RawValue};
use super::*;
use crate::{Bindings, Dynamic, Entry, EntryValue, Formal, Param};

/// A literal set behind a path of this many segments (not counting a leading `config`) is one item:
/// `den.aspects.disk = { … }` is not divided further.
const ITEM_DEPTH: usize = 3;

impl Lower {
    pub(super) fn attr_set(&mut self, item: &mut ItemBuilder, node: Node<'_>, depth: usize) -> ExprId {
        let set = RawSet::of(node, node.has_token(TOKEN_REC));
        self.raw_set(item, set, node.range(), depth)
    }

    pub(super) fn raw_set(
        &mut self,
        item: &mut ItemBuilder,
        set: RawSet<'_>,
        range: TextRange,
        depth: usize,
    ) -> ExprId {
        let recursive = set.recursive;
        // The set comes before its parts, so that ids grow inwards.
        let id = item.alloc(Expr::Missing, range);
        let bindings = Box::new(self.bindings(item, set, depth));
        item.exprs[id.0 as usize] = Expr::AttrSet { recursive, bindings };
        id
    }

    pub(super) fn let_in(&mut self, item: &mut ItemBuilder, node: Node<'_>, depth: usize) -> ExprId {
        let id = item.alloc(Expr::Missing, node.range());
        let raw = RawSet::of(node, true);
        if !raw.dynamic.is_empty() {
            item.reject("dynamic attributes not allowed in let", id);
        }
        let bindings = Box::new(self.bindings(item, raw, depth));
        let body = self.peeled(item, node.exprs().last(), node.end(), depth);
        item.exprs[id.0 as usize] = Expr::Let { bindings, body };
        id
    }

    /// `let { …; body = e; }`, which is `(rec { … }).body`.
    pub(super) fn legacy_let(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> ExprId {
        let base = self.raw_set(item, RawSet::of(node, true), node.range(), usize::MAX);
        let name = item.alloc(Expr::Name, node.range());
        let path = [crate::AttrKey::Static("body".into(), name)].into();
        item.alloc(Expr::Select { base, path, default: None }, node.range())
    }

    /// `depth`: how many path segments lead here, or `usize::MAX` where nothing becomes an item.
    fn bindings(&mut self, item: &mut ItemBuilder, set: RawSet<'_>, depth: usize) -> Bindings {
        for it in set.duplicates {
            let first = item.alloc(Expr::Name, it.first);
            let second = item.alloc(Expr::Name, it.second);
            item.problems.push(Problem::DuplicateAttribute { path: it.path.into(), first, second });
        }
        for range in set.dynamic_inherits {
            let at = item.alloc(Expr::Name, range);
            item.reject("dynamic attributes not allowed in inherit", at);
        }
        let sources = set.sources.into_iter().map(|it| self.opt_expr(item, it, 0)).collect();
        let mut entries: Vec<Entry> = Vec::with_capacity(set.entries.len());
        for entry in set.entries {
            entries.push(self.entry(item, entry, depth));
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let mut dynamic = Vec::with_capacity(set.dynamic.len());
        for it in set.dynamic {
            let name = item.alloc_key(it.key.range(), it.start);
            let key = self.dynamic_key(item, it.key);
            item.trail.push("${}".into());
            let value = self.raw_value(item, it.value, usize::MAX);
            item.trail.pop();
            if let EntryValue::Expr(value) = value {
                dynamic.push(Dynamic { key, name, value });
            }
        }
        Bindings { entries: entries.into(), dynamic: dynamic.into(), sources }
    }

    fn entry(&mut self, item: &mut ItemBuilder, entry: RawEntry<'_>, depth: usize) -> Entry {
        let key = item.alloc_key(entry.key, entry.start);
        let below = match depth {
            usize::MAX => usize::MAX,
            0 if entry.name == "config" => 0,
            _ => depth + 1,
        };
        item.trail.push(entry.name.clone());
        item.naming = Some(entry.name.clone());
        let value = self.raw_value(item, entry.value, below);
        item.naming = None;
        item.trail.pop();
        Entry { name: entry.name, key, value }
    }

    fn raw_value(&mut self, item: &mut ItemBuilder, value: RawValue<'_>, depth: usize) -> EntryValue {
        EntryValue::Expr(match value {
            RawValue::Inherit => return EntryValue::Inherit,
            RawValue::InheritFrom(at) => return EntryValue::InheritFrom(at),
            RawValue::Set(set, range) => self.raw_set(item, *set, range, depth),
            RawValue::Expr(Some(node), _) if depth < ITEM_DEPTH && node.kind() == NODE_ATTR_SET => {
                self.attr_set(item, node, depth)
            }
            RawValue::Expr(node, end) if depth != usize::MAX && item.place.level == Level::Module => {
                self.in_own_item(item, "", Level::Value, node, end)
            }
            RawValue::Expr(node, end) => self.opt_expr(item, node, end),
        })
    }

    pub(super) fn pattern(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> Param {
        let id = item.alloc(Expr::Name, node.range());
        let mut formals: Vec<Formal> = Vec::new();
        let mut seen: FxHashSet<Name> = FxHashSet::default();
        let mut bind = None;
        for part in node.nodes() {
            let Some(ident) = part.child(NODE_IDENT) else { continue };
            let name = Name::new(ident.ident());
            let at = item.alloc(Expr::Name, ident.range());
            match part.kind() {
                NODE_PAT_BIND => bind = Some((name, at)),
                NODE_PAT_ENTRY => {
                    let has_default = part.has_token(TOKEN_QUESTION);
                    let default = has_default.then(|| part.expr_after(TOKEN_QUESTION, None));
                    let default = default.map(|it| self.opt_expr(item, it, part.end()));
                    if !seen.insert(name.clone()) {
                        item.problems.push(Problem::DuplicateFormal { name: name.clone(), at });
                    }
                    formals.push(Formal { name, id: at, default });
                }
                _ => (),
            }
        }
        if let Some((name, at)) = &bind
            && seen.contains(name)
        {
            item.problems.push(Problem::DuplicateFormal { name: name.clone(), at: *at });
        }
        Param::Pattern { formals: formals.into(), ellipsis: node.has_token(TOKEN_ELLIPSIS), bind, id }
    }
}
