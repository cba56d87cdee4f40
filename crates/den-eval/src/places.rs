//! The code that a session knows, places in it, and what is remembered for each expression.

use std::rc::Rc;
use std::sync::Arc;

use den_code::{Code, Expr, FileId, ItemKey, ItemRef, Name, Site};

use crate::env::{Frame, Resolved};
use crate::session::{Session, State};
use crate::unknown::Reason;
use crate::value::{Attrs, Pos, Thunk, Value};
use crate::{Eval, Stop};

/// An item that a session has met.
pub(crate) struct ItemSlot {
    item: ItemRef,
    /// `None` until it is looked at, `Some(None)` if there is no such item.
    code: Option<Option<Arc<Code>>>,
    /// For each expression: how a variable is found, the thunk of a constant, or the item behind a
    /// hole.
    notes: Vec<u32>,
}

/// The note of an expression about which nothing is remembered.
const NO_NOTE: u32 = u32::MAX;

impl Session<'_> {
    fn slot(&mut self, item: ItemRef) -> u32 {
        let items = &mut self.items;
        *self.item_index.entry(item).or_insert_with(|| {
            items.push(ItemSlot { item, code: None, notes: Vec::new() });
            items.len() as u32 - 1
        })
    }

    /// The place `expr` of `item`.
    pub fn pos(&mut self, site: Site) -> Pos {
        Pos { item: self.slot(site.item_ref()), expr: site.expr }
    }

    /// What survives this session of a place; `None` for [`Pos::NONE`].
    pub fn site(&self, pos: Pos) -> Option<Site> {
        let slot = self.items.get(pos.item as usize)?;
        Some(slot.item.site(pos.expr))
    }

    /// The root of the item that the hole at a place stands for; remembered, once it is known.
    pub(crate) fn hole(&mut self, pos: Pos, key: ItemKey) -> Eval<Pos> {
        if let Some(ItemSlot { code: Some(Some(code)), .. }) = self.items.get(self.note(pos) as usize) {
            return Ok(Pos { item: self.note(pos), expr: code.root });
        }
        let Some(file) = self.file_of(pos) else { return Err(Stop::unknown(Reason::Syntax)) };
        let root = self.item_root(ItemRef { file, item: key })?;
        self.set_note(pos, root.item);
        Ok(root)
    }

    /// The root expression of an item.
    pub(crate) fn item_root(&mut self, item: ItemRef) -> Eval<Pos> {
        let slot = self.slot(item);
        match self.load(slot) {
            Some(code) => Ok(Pos { item: slot, expr: code.root }),
            None => Err(Stop::unknown(Reason::Syntax)),
        }
    }

    pub(crate) fn file_of(&self, pos: Pos) -> Option<FileId> {
        Some(self.items.get(pos.item as usize)?.item.file)
    }

    fn load(&mut self, slot: u32) -> Option<Arc<Code>> {
        let world = self.world();
        let entry = self.items.get_mut(slot as usize)?;
        if entry.code.is_none() {
            let code = world.code(entry.item);
            entry.notes = vec![NO_NOTE; code.as_ref().map_or(0, |it| it.exprs.len())];
            entry.code = Some(code);
        }
        entry.code.clone().flatten()
    }

    fn note(&self, pos: Pos) -> u32 {
        let notes = self.items.get(pos.item as usize).map(|it| &it.notes);
        notes.and_then(|it| it.get(pos.expr.0 as usize)).copied().unwrap_or(NO_NOTE)
    }

    fn set_note(&mut self, pos: Pos, note: u32) {
        let notes = self.items.get_mut(pos.item as usize).map(|it| &mut it.notes);
        if let Some(slot) = notes.and_then(|it| it.get_mut(pos.expr.0 as usize)) {
            *slot = note;
        }
    }

    /// How the variable at a place is found, if that is known by now.
    pub(crate) fn resolved(&self, pos: Pos) -> Resolved {
        Resolved::from_note(self.note(pos))
    }

    pub(crate) fn set_resolved(&mut self, pos: Pos, resolved: Resolved) {
        self.set_note(pos, resolved.note());
    }

    /// The one thunk of the constant at a place.
    pub(crate) fn constant(&mut self, pos: Pos, value: impl FnOnce() -> Value) -> Thunk {
        match self.note(pos) {
            NO_NOTE => {
                let thunk = self.done(value());
                self.set_note(pos, thunk.0);
                thunk
            }
            note => Thunk(note),
        }
    }

    pub(crate) fn code_of(&mut self, pos: Pos) -> Option<Arc<Code>> {
        self.load(pos.item)
    }

    /// The expression at a place whose code has been loaded.
    pub(crate) fn expr_at(&self, pos: Pos) -> &Expr {
        match self.items.get(pos.item as usize).map(|it| &it.code) {
            Some(Some(Some(code))) => code.expr(pos.expr),
            _ => &Expr::Missing,
        }
    }

    /// The value of a file, made once.
    pub fn file(&mut self, file: FileId) -> Thunk {
        if let Some(&thunk) = self.files.get(&file) {
            return thunk;
        }
        let env = self.global_env.clone();
        let thunk = match self.item_root(ItemRef { file, item: ItemKey::ROOT }) {
            Ok(pos) => self.expr_thunk(pos, env),
            Err(stop) => self.push(State::Failed(stop)),
        };
        self.files.insert(file, thunk);
        thunk
    }

    /// Whether a file's value is being made at the moment.
    pub(crate) fn is_loading(&self, file: FileId) -> bool {
        let state = self.files.get(&file).map(|it| &self.thunks[it.0 as usize]);
        matches!(state, Some(State::Running))
    }

    /// The value of a file, made anew.
    pub(crate) fn file_again(&mut self, file: FileId) -> Eval<Value> {
        let env = self.global_env.clone();
        let pos = self.item_root(ItemRef { file, item: ItemKey::ROOT })?;
        self.eval(pos, &env)
    }

    /// The value that a name is bound to by the outermost `let` of a file.
    pub fn root_binding(&mut self, file: FileId, name: &str) -> Option<Thunk> {
        let pos = self.item_root(ItemRef { file, item: ItemKey::ROOT }).ok()?;
        let env = self.global_env.clone();
        let env = self.rebuild_bindings(pos, &env)?;
        self.lookup_lexical(&env, Pos::NONE, &Name::new(name)).ok()?
    }

    /// The value of a file with `scope` in front of the globals.
    pub fn file_in_scope(&mut self, file: FileId, scope: Rc<Attrs>) -> Eval<Thunk> {
        let binds = |name: &&str| scope.get(name).is_some() || scope.lacks(name).is_err();
        self.scope_binds_operators |= crate::operators::FUNCTIONS.iter().any(binds);
        let env = self.global_env.child(Frame::Scope(scope));
        let pos = self.item_root(ItemRef { file, item: ItemKey::ROOT })?;
        Ok(self.expr_thunk(pos, env))
    }
}
