//! Looking references up: what a [`Symbol`] stands for, as far as the world can tell.

use std::rc::Rc;

use den_code::Name;

use crate::session::Session;
use crate::symbol::{Step, Symbol};
use crate::unknown::Reason;
use crate::value::{Pos, Value};
use crate::world::Resolution;
use crate::{Eval, Stop};

impl Session<'_> {
    /// The value of `.name` of a reference: another reference, except that nixpkgs' `lib` is ours.
    pub(crate) fn select_symbol(&mut self, symbol: &Symbol, name: &Name, pos: Pos) -> Value {
        let stepped = symbol.step(Step::Attr(name.clone(), pos));
        self.symbol_value(stepped)
    }

    /// The value that a reference is.
    pub(crate) fn symbol_value(&mut self, symbol: Symbol) -> Value {
        if let Some(tail) = symbol.native_tail()
            && let Ok(value) = self.native_symbol(&symbol.root, tail)
        {
            return value;
        }
        Value::Symbol(Rc::new(symbol))
    }

    fn native_symbol(&mut self, root: &str, tail: &[Step]) -> Eval<Value> {
        let mut base = if root == "builtins" { self.builtins() } else { self.lib() };
        for step in tail {
            let value = match step {
                Step::Attr(name, _) => self.select(base, name)?,
                Step::Call(arg) => self.call_thunk(base, &[*arg])?,
            };
            base = self.done(value);
        }
        self.force(base)
    }

    /// What a value is once nothing about it is a mere reference.
    pub fn resolve(&mut self, value: Value) -> Eval<Value> {
        let mut value = value;
        // A reference may stand for another one, but not endlessly.
        for _ in 0..64 {
            let Value::Symbol(symbol) = &value else { return Ok(value) };
            let symbol = symbol.clone();
            value = match self.resolution(&symbol)? {
                Resolution::Value(value) => value,
                Resolution::Missing(step) => return Err(symbol.missing(step)),
                Resolution::Stuck => return Err(self.stuck(&symbol)),
            };
        }
        Err(Stop::unknown(Reason::Cyclic))
    }

    fn resolution(&mut self, symbol: &Symbol) -> Eval<Resolution> {
        let world = self.world();
        let Some(path) = symbol.path() else { return world.resolve(self, symbol) };
        if let Some(known) = self.resolutions.get(&path) {
            return match *known {
                Some(thunk) => Ok(Resolution::Value(self.force(thunk)?)),
                None => Ok(Resolution::Stuck),
            };
        }
        let found = world.resolve(self, symbol)?;
        match &found {
            Resolution::Value(value) => {
                let thunk = self.done(value.clone());
                self.resolutions.insert(path, Some(thunk));
            }
            Resolution::Stuck => {
                self.resolutions.insert(path, None);
            }
            Resolution::Missing(_) => (),
        }
        Ok(found)
    }

    /// Whether what a symbol stands for has this attribute; `None` if nobody knows.
    pub(crate) fn symbol_has(&mut self, symbol: &Symbol, name: &Name) -> Eval<Option<bool>> {
        match self.resolution(symbol)? {
            Resolution::Value(value) => match self.resolve(value) {
                Ok(Value::Attrs(attrs)) if attrs.get(name).is_some() => Ok(Some(true)),
                Ok(Value::Attrs(attrs)) => Ok(attrs.is_closed().then_some(false)),
                Ok(_) => Ok(Some(false)),
                Err(Stop::Unknown(_)) => Ok(None),
                Err(error) => Err(error),
            },
            Resolution::Missing(step) => Err(symbol.missing(step)),
            Resolution::Stuck => Ok(None),
        }
    }

    pub(crate) fn stuck(&self, symbol: &Symbol) -> Stop {
        Stop::unknown(Reason::Stuck(symbol.display()))
    }
}
