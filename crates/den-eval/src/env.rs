//! Environments: what names mean at a place.
//!
//! A frame knows which expression made it, so that an environment can leave the session as data
//! (`freeze.rs`): everything but the arguments of functions can be made again from the code.
//!
//! Which frame binds a name is the same each time an expression is evaluated, because frames are
//! nested as expressions are. It is found once for each expression and then remembered
//! ([`Resolved`]), so that a variable costs a few steps up the chain and no comparison of names.

use std::cell::OnceCell;
use std::rc::Rc;

use den_code::{Expr, Name, Param};

use crate::session::Session;
use crate::unknown::Reason;
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
    /// A call of the function at `pos` that takes its argument by one name.
    Arg { pos: Pos, arg: Thunk },
    /// A call of the function at `pos` that takes its argument apart; slots in the order of its
    /// formals, then the whole argument if it has a name.
    Call { pos: Pos, arg: Thunk, slots: OnceCell<Box<[Thunk]>> },
    /// `with` at `pos`.
    With { pos: Pos, scope: Thunk },
}

impl Env {
    pub(crate) fn child(self: &Rc<Env>, frame: Frame) -> Rc<Env> {
        Rc::new(Env { parent: Some(self.clone()), frame })
    }

    fn ancestors(&self) -> impl Iterator<Item = &Env> {
        std::iter::successors(Some(self), |it| it.parent.as_deref())
    }

    /// The thunk in a slot of this frame. Slots are missing only while they are being made, and
    /// nothing is looked up then.
    fn slot(&self, slot: usize) -> Option<Thunk> {
        match &self.frame {
            Frame::Arg { arg, .. } => Some(*arg),
            Frame::Bindings { slots, .. } | Frame::Call { slots, .. } => slots.get()?.get(slot).copied(),
            _ => None,
        }
    }
}

/// Drops long chains step by step: a chain of a hundred thousand frames would overflow the stack.
impl Drop for Env {
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(env) = next {
            match Rc::try_unwrap(env) {
                Ok(mut env) => next = env.parent.take(),
                Err(_) => break,
            }
        }
    }
}

/// How a variable expression finds its value, packed into 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resolved(u32);

impl Resolved {
    /// Not looked at yet.
    pub(crate) const UNKNOWN: Resolved = Resolved(u32::MAX);
    /// No frame of code binds it: an outer scope, a global or a `with` does.
    const OUTER: Resolved = Resolved(u32::MAX - 1);

    pub(crate) fn from_note(note: u32) -> Resolved {
        Resolved(note)
    }

    pub(crate) fn note(self) -> u32 {
        self.0
    }

    fn new(hops: usize, slot: usize) -> Resolved {
        match (u16::try_from(hops), u16::try_from(slot)) {
            (Ok(hops), Ok(slot)) if hops < u16::MAX => Resolved(u32::from(hops) << 16 | u32::from(slot)),
            // Too far away to be remembered; it is found anew each time.
            _ => Resolved::UNKNOWN,
        }
    }
}

impl Session<'_> {
    /// Looks up the variable at `pos`. Lexical bindings win over every `with`, the globals included.
    pub(crate) fn lookup(&mut self, env: &Rc<Env>, pos: Pos, name: &Name) -> Eval<Value> {
        match self.lookup_lexical(env, pos, name)? {
            Some(thunk) => self.force(thunk),
            None => self.lookup_with(env, name),
        }
    }

    /// The thunk of a variable, unless it comes from a `with`. `pos` is the expression that uses it,
    /// or [`Pos::NONE`].
    pub(crate) fn lookup_lexical(&mut self, env: &Rc<Env>, pos: Pos, name: &Name) -> Eval<Option<Thunk>> {
        let known = self.resolved(pos);
        if known != Resolved::UNKNOWN && known != Resolved::OUTER {
            let (hops, slot) = (known.0 >> 16, (known.0 & 0xffff) as usize);
            let mut at: &Env = env;
            for _ in 0..hops {
                let Some(parent) = &at.parent else { break };
                at = parent;
            }
            if let Some(thunk) = at.slot(slot) {
                return Ok(Some(thunk));
            }
        }
        if known != Resolved::OUTER
            && let Some((hops, slot)) = self.find_slot(env, name)
            && let Some(thunk) = env.ancestors().nth(hops).and_then(|it| it.slot(slot))
        {
            self.set_resolved(pos, Resolved::new(hops, slot));
            return Ok(Some(thunk));
        }
        self.set_resolved(pos, Resolved::OUTER);
        for here in env.ancestors() {
            if let Frame::Scope(attrs) = &here.frame {
                match attrs.get(name) {
                    Some(attr) => return Ok(Some(attr.thunk)),
                    None => attrs.lacks(name)?,
                }
            }
        }
        Ok(self.global(name))
    }

    /// The thunk of a name that code (or an outer scope) binds; the globals are left out. Cheap where
    /// nothing does.
    pub(crate) fn lookup_bound(&mut self, env: &Rc<Env>, pos: Pos, name: &Name) -> Option<Thunk> {
        if self.resolved(pos) == Resolved::OUTER && !self.scope_binds_operators {
            return None;
        }
        let thunk = self.lookup_lexical(env, pos, name).ok().flatten()?;
        (Some(thunk) != self.global(name)).then_some(thunk)
    }

    fn find_slot(&self, env: &Env, name: &Name) -> Option<(usize, usize)> {
        env.ancestors().enumerate().find_map(|(hops, here)| {
            let slot = match &here.frame {
                Frame::Globals | Frame::With { .. } | Frame::Scope(_) => None,
                Frame::Bindings { pos, .. } => self.binding_slot(*pos, name),
                Frame::Arg { pos, .. } | Frame::Call { pos, .. } => self.param_slot(*pos, name),
            };
            Some((hops, slot?))
        })
    }

    /// Innermost `with` first. A set that may hold the name without our knowing ends the search.
    fn lookup_with(&mut self, env: &Rc<Env>, name: &Name) -> Eval<Value> {
        let mut scopes = env.ancestors().filter_map(|it| match &it.frame {
            Frame::With { scope, .. } => Some(*scope),
            _ => None,
        });
        let mut next = scopes.next();
        while let Some(scope) = next {
            next = scopes.next();
            let value = self.force(scope)?;
            if let Value::Symbol(symbol) = &value {
                let last = next.is_none();
                match self.symbol_has(symbol, name)? {
                    Some(false) if !last => continue,
                    // Nowhere else can the name come from: whoever resolves it decides.
                    None if !last => return Err(self.stuck(symbol)),
                    _ => return Ok(self.select_symbol(symbol, name, Pos::NONE)),
                }
            }
            let attrs = self.expect_attrs(value)?;
            if let Some(attr) = attrs.get(name) {
                return self.force(attr.thunk);
            }
            attrs.lacks(name)?;
        }
        if let Some(value) = self.world().free_variable(name) {
            return Ok(value);
        }
        if crate::builtins::is_optional_global(name) {
            return Err(Stop::unknown(Reason::Impure(name.clone())));
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
