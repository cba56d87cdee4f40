//! `base.a.b or default` and `base ? a.b`.

use std::rc::Rc;
use std::sync::Arc;

use den_code::{AttrKey, Code, ExprId, Name};

use crate::env::Env;
use crate::session::Session;
use crate::unknown::{Reason, Unknown};
use crate::value::{Pos, Value};
use crate::{ErrorKind, Eval, Stop};

impl Session<'_> {
    pub(super) fn eval_select(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        base: ExprId,
        path: &[AttrKey],
        default: Option<ExprId>,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        let mut value = self.eval_in(code, at(base), env)?;
        for key in path {
            let name = self.key_name(code, pos, key, env)?;
            let Some(name) = name else { return Err(self.expected("a string", &Value::Null).at(at(key.id()))) };
            if let (Value::Symbol(symbol), None) = (&value, default) {
                value = self.select_symbol(symbol, &name, at(key.id()));
                continue;
            }
            value = match self.step_into(&value, &name, at(key.id())) {
                Ok(Some(value)) => value,
                Ok(None) => {
                    return match default {
                        Some(default) => self.eval_in(code, at(default), env),
                        None => Err(self.missing_in(&value, &name).at(at(key.id()))),
                    };
                }
                Err(Stop::Unknown(why)) => {
                    let Some(default) = default else { return Err(Stop::Unknown(why)) };
                    // Either the value or the default; nobody can say which.
                    let mut candidates = why.candidates.clone();
                    candidates.push(self.suspend(code, at(default), env));
                    let pos = why.pos.or(pos);
                    return Err(Stop::Unknown(Rc::new(Unknown { reason: why.reason.clone(), pos, candidates })));
                }
                Err(error) => return Err(error.at(at(key.id()))),
            };
        }
        Ok(value)
    }

    /// The attribute of a value, `None` if it has none (or is no set at all).
    fn step_into(&mut self, value: &Value, name: &Name, pos: Pos) -> Eval<Option<Value>> {
        if let Value::Symbol(symbol) = value {
            return match self.symbol_has(symbol, name) {
                Ok(Some(true)) => Ok(Some(self.select_symbol(symbol, name, pos))),
                Ok(Some(false)) => Ok(None),
                Ok(None) => {
                    let value = self.select_symbol(symbol, name, pos);
                    let candidates = vec![self.done(value)];
                    let reason = Reason::Stuck(symbol.display());
                    Err(Stop::Unknown(Rc::new(Unknown { reason, pos, candidates })))
                }
                Err(Stop::Error(error)) if error.kind == ErrorKind::MissingAttribute => Ok(None),
                Err(stop) => Err(stop),
            };
        }
        let Value::Attrs(attrs) = value else { return Ok(None) };
        match attrs.get(name) {
            Some(attr) => self.force(attr.thunk).map(Some),
            None => attrs.lacks(name).map(|()| None),
        }
    }

    fn missing_in(&mut self, value: &Value, name: &Name) -> Stop {
        match value {
            Value::Attrs(attrs) => self.missing_attribute(attrs, name),
            Value::Symbol(_) => Stop::error(ErrorKind::MissingAttribute, format!("attribute '{name}' missing")),
            other => self.expected("a set", other),
        }
    }

    pub(super) fn eval_has_attr(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        base: ExprId,
        path: &[AttrKey],
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        let mut value = self.eval_in(code, at(base), env)?;
        for (index, key) in path.iter().enumerate() {
            let Some(name) = self.key_name(code, pos, key, env)? else {
                return Err(self.expected("a string", &Value::Null).at(at(key.id())));
            };
            // The last attribute is not looked at, only asked for.
            if index + 1 == path.len() {
                return self.has_attr(&value, &name).map(Value::Bool);
            }
            match self.step_into(&value, &name, at(key.id()))? {
                Some(next) => value = next,
                None => return Ok(Value::Bool(false)),
            }
        }
        Ok(Value::Bool(true))
    }

    /// `value ? name`
    pub(crate) fn has_attr(&mut self, value: &Value, name: &Name) -> Eval<bool> {
        match value {
            Value::Symbol(symbol) => match self.symbol_has(symbol, name) {
                Ok(Some(answer)) => Ok(answer),
                Ok(None) => Err(self.stuck(symbol)),
                Err(Stop::Error(error)) if error.kind == ErrorKind::MissingAttribute => Ok(false),
                Err(stop) => Err(stop),
            },
            Value::Attrs(attrs) if attrs.get(name).is_some() => Ok(true),
            Value::Attrs(attrs) => attrs.lacks(name).map(|()| false),
            _ => Ok(false),
        }
    }

    /// The name that a key is; `None` for a computed `null`.
    pub(super) fn key_name(&mut self, code: &Arc<Code>, pos: Pos, key: &AttrKey, env: &Rc<Env>) -> Eval<Option<Name>> {
        match key {
            AttrKey::Static(name, _) => Ok(Some(name.clone())),
            AttrKey::Dynamic(expr) => {
                let at = self.sub(pos, *expr);
                let value = self.eval_in(code, at, env)?;
                match self.resolve(value)? {
                    Value::Str(name) => Ok(Some(name)),
                    Value::Null => Ok(None),
                    other => Err(self.expected("a string", &other).at(at)),
                }
            }
        }
    }
}
