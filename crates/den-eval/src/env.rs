//! Environments: what names mean at a place.
//!
//! A frame knows which expression made it, so that an environment can leave the session as data
//! (`freeze.rs`): everything but the arguments of functions can be made again from the code.

use std::cell::OnceCell;
use std::rc::Rc;

use den_code::{Expr, Name, Param};

use crate::session::Session;
use crate::value::{Attrs, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

/// One frame and those around it.
#[derive(Debug)]
pub(crate) struct Env {
    pub(crate) parent: Option<Rc<Env>>,
    pub(crate) frame: Frame,
}

#[derive(Debug)]
pub(crate) enum Frame {
    /// The names of Nix itself.
    Globals,
    /// Names given from outside, before the globals.
    Scope(Rc<Attrs>),
    /// `let` or `rec { }` at `pos`; slots in the order of its entries.
    Bindings { pos: Pos, slots: OnceCell<Box<[Thunk]>> },
    /// A call of the function at `pos`; slots in the order of its formals, then the whole argument
    /// if it has a name.
    Call { pos: Pos, arg: Thunk, slots: OnceCell<Box<[Thunk]>> },
    /// `with` at `pos`.
    With { pos: Pos, scope: Thunk },
}

impl Env {
    pub(crate) fn child(self: &Rc<Env>, frame: Frame) -> Rc<Env> {
        Rc::new(Env { parent: Some(self.clone()), frame })
    }
}

/// What a name means.
pub(crate) enum Lookup {
    Thunk(Thunk),
    Value(Value),
}

impl Session<'_> {
    /// Looks a variable up. Lexical bindings win over every `with`, the globals included.
    pub(crate) fn lookup(&mut self, env: &Rc<Env>, name: &Name) -> Eval<Lookup> {
        if let Some(thunk) = self.lookup_lexical(env, name) {
            return Ok(Lookup::Thunk(thunk));
        }
        if let Some(value) = self.global(name) {
            return Ok(Lookup::Value(value));
        }
        let mut scopes: Vec<Thunk> = Vec::new();
        let mut at = Some(env);
        while let Some(here) = at {
            if let Frame::With { scope, .. } = &here.frame {
                scopes.push(*scope);
            }
            at = here.parent.as_ref();
        }
        match self.lookup_with(&scopes, name) {
            Err(Stop::Error(error)) if error.kind == ErrorKind::UndefinedVariable => {
                self.world().free_variable(name).map(Lookup::Value).ok_or(Stop::Error(error))
            }
            found => found,
        }
    }

    /// The thunk of a variable that is bound by `let`, `rec`, a function or the outer scope.
    pub(crate) fn lookup_lexical(&self, env: &Rc<Env>, name: &Name) -> Option<Thunk> {
        let mut at = Some(env);
        while let Some(here) = at {
            let (slot, slots) = match &here.frame {
                Frame::Globals | Frame::With { .. } => (None, None),
                Frame::Scope(attrs) => match attrs.get(name) {
                    Some(attr) => return Some(attr.thunk),
                    None => (None, None),
                },
                Frame::Bindings { pos, slots } => (self.binding_slot(*pos, name), slots.get()),
                Frame::Call { pos, slots, .. } => (self.param_slot(*pos, name), slots.get()),
            };
            // Slots are missing only while they are being made, and nothing is looked up then.
            if let (Some(slot), Some(slots)) = (slot, slots) {
                return slots.get(slot).copied();
            }
            at = here.parent.as_ref();
        }
        None
    }

    /// Innermost `with` first. A set that may hold the name without our knowing ends the search.
    fn lookup_with(&mut self, scopes: &[Thunk], name: &Name) -> Eval<Lookup> {
        for (index, scope) in scopes.iter().enumerate() {
            let value = self.force(*scope)?;
            if let Value::Symbol(symbol) = &value {
                let last = index + 1 == scopes.len();
                match self.symbol_has(symbol, name)? {
                    Some(false) if !last => continue,
                    // Nowhere else can the name come from: whoever resolves it decides.
                    None if !last => return Err(self.stuck(symbol)),
                    _ => return Ok(Lookup::Value(self.select_symbol(symbol, name, Pos::NONE))),
                }
            }
            let attrs = self.expect_attrs(value)?;
            if let Some(attr) = attrs.get(name) {
                return Ok(Lookup::Thunk(attr.thunk));
            }
            attrs.closed()?;
        }
        Err(Stop::error(ErrorKind::UndefinedVariable, format!("undefined variable '{name}'")))
    }

    fn binding_slot(&self, pos: Pos, name: &Name) -> Option<usize> {
        let (Expr::Let { bindings, .. } | Expr::AttrSet { bindings, .. }) = self.expr_at(pos) else { return None };
        bindings.entries.binary_search_by(|it| it.name.cmp(name)).ok()
    }

    fn param_slot(&self, pos: Pos, name: &Name) -> Option<usize> {
        let Expr::Lambda { param, .. } = self.expr_at(pos) else { return None };
        match &**param {
            Param::Ident(it, _) => (it == name).then_some(0),
            Param::Pattern { formals, bind, .. } => match formals.iter().position(|it| it.name == *name) {
                Some(slot) => Some(slot),
                None => bind.as_ref().is_some_and(|it| it.0 == *name).then_some(formals.len()),
            },
        }
    }
}
