//! Values of the type that an operation wants, or Nix's error for another one.

use std::rc::Rc;

use den_code::{ExprId, Name};

use crate::env::Env;
use crate::error::best_matches;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Attrs, Closure, List, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

impl Session<'_> {
    /// Forces a thunk and resolves a symbol.
    pub fn value(&mut self, thunk: Thunk) -> Eval<Value> {
        let value = self.force(thunk)?;
        self.resolve(value)
    }

    /// The set that a thunk must be.
    pub fn attrs(&mut self, thunk: Thunk) -> Eval<Rc<Attrs>> {
        let value = self.value(thunk)?;
        self.expect_attrs(value)
    }

    pub(crate) fn expect_attrs(&mut self, value: Value) -> Eval<Rc<Attrs>> {
        match self.resolve(value)? {
            Value::Attrs(attrs) => Ok(attrs),
            other => Err(self.expected("a set", &other)),
        }
    }

    /// The list that a thunk must be, perhaps partly known.
    pub fn list_partial(&mut self, thunk: Thunk) -> Eval<Rc<List>> {
        match self.value(thunk)? {
            Value::List(list) => Ok(list),
            other => Err(self.expected("a list", &other)),
        }
    }

    /// The list that a thunk must be, all of it certain.
    pub fn list(&mut self, thunk: Thunk) -> Eval<Rc<List>> {
        let list = self.list_partial(thunk)?;
        if let Some(why) = &list.open {
            return Err(Stop::Unknown(why.clone()));
        }
        if !list.is_exact() {
            return Err(Stop::unknown(Reason::Stuck("a condition".into())));
        }
        Ok(list)
    }

    /// The string that a thunk must be; nothing is coerced.
    pub fn string(&mut self, thunk: Thunk) -> Eval<Name> {
        let value = self.force(thunk)?;
        self.expect_string(value)
    }

    pub(crate) fn expect_string(&mut self, value: Value) -> Eval<Name> {
        match self.resolve(value)? {
            Value::Str(text) => Ok(text),
            other => Err(self.expected("a string", &other)),
        }
    }

    /// The integer that a thunk must be.
    pub fn int(&mut self, thunk: Thunk) -> Eval<i64> {
        match self.value(thunk)? {
            Value::Int(it) => Ok(it),
            other => Err(self.expected("an integer", &other)),
        }
    }

    /// The Boolean that a thunk must be.
    pub fn bool(&mut self, thunk: Thunk) -> Eval<bool> {
        match self.value(thunk)? {
            Value::Bool(it) => Ok(it),
            other => Err(self.expected("a Boolean", &other)),
        }
    }

    /// The function that a thunk must be: a function, or a set with `__functor`.
    pub fn function(&mut self, thunk: Thunk) -> Eval<Value> {
        let value = self.value(thunk)?;
        match &value {
            Value::Lambda(_) | Value::Native(_) => Ok(value),
            Value::Attrs(attrs) if attrs.get("__functor").is_some() => Ok(value),
            other => Err(self.expected("a function", other)),
        }
    }

    /// Nix's error for a value of another type.
    pub fn expected(&mut self, what: &str, got: &Value) -> Stop {
        let printed = self.print_short(got);
        Stop::type_error(format!("expected {what} but found {}: {printed}", got.show_type()))
    }

    /// An attribute of a set or symbol.
    pub fn select(&mut self, base: Thunk, name: &Name) -> Eval<Value> {
        let value = self.force(base)?;
        if let Value::Symbol(symbol) = &value {
            return Ok(self.select_symbol(symbol, name, Pos::NONE));
        }
        let attrs = self.expect_attrs(value)?;
        match attrs.get(name) {
            Some(attr) => self.force(attr.thunk),
            None => {
                attrs.lacks(name)?;
                Err(self.missing_attribute(&attrs, name))
            }
        }
    }

    /// Nix's error for a name that a set does not have, with those that may have been meant.
    pub(crate) fn missing_attribute(&self, attrs: &Attrs, name: &str) -> Stop {
        let suggestions = best_matches(name, attrs.iter().map(|(name, _)| name));
        Stop::error(ErrorKind::MissingAttribute, format!("attribute '{name}' missing")).suggesting(suggestions)
    }

    pub(crate) fn closure(&self, pos: Pos, env: &Rc<Env>) -> Value {
        Value::Lambda(Rc::new(Closure { pos, env: env.clone() }))
    }

    pub(crate) fn sub(&self, pos: Pos, expr: ExprId) -> Pos {
        Pos { item: pos.item, expr }
    }
}
