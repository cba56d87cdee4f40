//! Calling functions.

use std::cell::OnceCell;
use std::rc::Rc;

use den_code::{Expr, ExprId, Name, Param};

use crate::env::{Env, Frame};
use crate::native::NativeFn;
use crate::session::Session;
use crate::symbol::Step;
use crate::unknown::Reason;
use crate::value::{Attrs, Closure, NativeCall, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

impl Session<'_> {
    /// Applies a value to arguments, one after the other.
    pub fn call(&mut self, func: Value, args: &[Thunk]) -> Eval<Value> {
        let mut func = func;
        let mut rest = args;
        while !rest.is_empty() {
            func = match func {
                Value::Lambda(closure) => {
                    let arg = rest[0];
                    rest = &rest[1..];
                    self.deeper(|session| session.call_lambda(&closure, arg))?
                }
                Value::Native(call) => {
                    let missing = call.func.arity - call.args.len();
                    let taken = missing.min(rest.len());
                    let mut all = call.args.clone();
                    all.extend_from_slice(&rest[..taken]);
                    rest = &rest[taken..];
                    if taken < missing {
                        Value::Native(Rc::new(NativeCall { func: call.func, args: all }))
                    } else {
                        self.step()?;
                        self.run_native(call.func, &all)?
                    }
                }
                Value::Symbol(symbol) => {
                    let arg = rest[0];
                    rest = &rest[1..];
                    Value::Symbol(Rc::new(symbol.step(Step::Call(arg))))
                }
                Value::Attrs(attrs) => self.functor(attrs)?,
                other => {
                    let printed = self.print_short(&other);
                    let message = format!(
                        "attempt to call something which is not a function but {}: {printed}",
                        other.type_name()
                    );
                    return Err(Stop::error(ErrorKind::NotAFunction, message));
                }
            };
        }
        Ok(func)
    }

    /// Runs a function of ours on all its arguments.
    pub(crate) fn run_native(&mut self, func: &'static NativeFn, args: &[Thunk]) -> Eval<Value> {
        if matches!(func.name, "lib.evalModules" | "lib.mkAliasOptionModule")
            && let Some(answer) = self.world().intercept(self, func, args)
        {
            return answer;
        }
        self.deeper(|session| (func.run)(session, args))
    }

    /// Applies a thunk to arguments.
    pub fn call_thunk(&mut self, func: Thunk, args: &[Thunk]) -> Eval<Value> {
        let func = self.force(func)?;
        self.call(func, args)
    }

    /// `__functor self` of a set that is called.
    fn functor(&mut self, attrs: Rc<Attrs>) -> Eval<Value> {
        let Some(functor) = attrs.get("__functor") else {
            attrs.closed()?;
            let printed = self.print_short(&Value::Attrs(attrs));
            let message = format!("attempt to call something which is not a function but a set: {printed}");
            return Err(Stop::error(ErrorKind::NotAFunction, message));
        };
        let this = self.done(Value::Attrs(attrs));
        self.deeper(|session| session.call_thunk(functor.thunk, &[this]))
    }

    fn call_lambda(&mut self, closure: &Closure, arg: Thunk) -> Eval<Value> {
        let env = self.call_env(closure, arg)?;
        let pos = closure.pos;
        let Some(code) = self.code_of(pos) else { return Err(Stop::unknown(Reason::Syntax)) };
        let Expr::Lambda { body, .. } = code.expr(pos.expr) else { return Err(Stop::unknown(Reason::Syntax)) };
        self.eval_in(&code, self.sub(pos, *body), &env)
    }

    /// The environment inside a function that is called with `arg`.
    pub(crate) fn call_env(&mut self, closure: &Closure, arg: Thunk) -> Eval<Rc<Env>> {
        let pos = closure.pos;
        let Some(code) = self.code_of(pos) else { return Err(Stop::unknown(Reason::Syntax)) };
        let Expr::Lambda { param, name, .. } = code.expr(pos.expr) else {
            return Err(Stop::unknown(Reason::Syntax));
        };
        let env = closure.env.child(Frame::Call { pos, arg, slots: OnceCell::new() });
        let slots: Box<[Thunk]> = match &**param {
            Param::Ident(..) => [arg].into(),
            Param::Pattern { formals, ellipsis, bind, .. } => {
                let value = self.force(arg)?;
                let whole = Whole::of(self, value)?;
                let mut slots = Vec::with_capacity(formals.len() + 1);
                for formal in formals {
                    let here = Pos { item: pos.item, expr: formal.id };
                    let slot = match (whole.get(self, &formal.name, here), formal.default) {
                        (Given::Yes(thunk), _) => thunk,
                        (Given::No, Some(default)) => {
                            let default = self.formal_default(pos, default);
                            self.expr_thunk(default, env.clone())
                        }
                        (Given::No, None) => {
                            let message = format!(
                                "function '{}' called without required argument '{}'",
                                name.as_deref().unwrap_or("anonymous lambda"),
                                formal.name
                            );
                            return Err(Stop::error(ErrorKind::CallArguments, message).at(here));
                        }
                        (Given::Unknown(stop), default) => {
                            let default = default.map(|it| self.expr_thunk(self.formal_default(pos, it), env.clone()));
                            self.either(stop, default)
                        }
                    };
                    slots.push(slot);
                }
                if !ellipsis && let Some(extra) = whole.unexpected(formals) {
                    let message = format!(
                        "function '{}' called with unexpected argument '{extra}'",
                        name.as_deref().unwrap_or("anonymous lambda")
                    );
                    return Err(Stop::error(ErrorKind::CallArguments, message).at(pos));
                }
                if bind.is_some() {
                    slots.push(arg);
                }
                slots.into()
            }
        };
        if let Frame::Call { slots: cell, .. } = &env.frame {
            cell.get_or_init(|| slots);
        }
        Ok(env)
    }

    fn formal_default(&self, pos: Pos, default: ExprId) -> Pos {
        self.sub(pos, default)
    }

    /// A thunk that is unknown, with what else it may be.
    fn either(&mut self, stop: Stop, other: Option<Thunk>) -> Thunk {
        let stop = match (stop, other) {
            (Stop::Unknown(why), Some(other)) => {
                let mut why = (*why).clone();
                why.candidates.push(other);
                Stop::Unknown(Rc::new(why))
            }
            (stop, _) => stop,
        };
        self.failed(stop)
    }

    /// The formals of a function: name and whether it has a default, and whether others are
    /// accepted. `None` for a function that takes one plain argument or is not written in Nix.
    pub fn formals(&mut self, func: &Value) -> Option<(Vec<(Name, bool, Pos)>, bool)> {
        let Value::Lambda(closure) = func else { return None };
        let code = self.code_of(closure.pos)?;
        let Expr::Lambda { param, .. } = code.expr(closure.pos.expr) else { return None };
        let Param::Pattern { formals, ellipsis, .. } = &**param else { return None };
        let formals = formals.iter().map(|it| (it.name.clone(), it.default.is_some(), self.sub(closure.pos, it.id)));
        Some((formals.collect(), *ellipsis))
    }
}

/// The argument that a pattern takes apart.
enum Whole {
    Attrs(Rc<Attrs>),
    /// A reference that nobody could resolve: its members are references too.
    Symbol(Rc<crate::symbol::Symbol>),
}

enum Given {
    Yes(Thunk),
    No,
    Unknown(Stop),
}

impl Whole {
    fn of(session: &mut Session<'_>, value: Value) -> Eval<Whole> {
        if let Value::Symbol(symbol) = &value {
            return match session.resolve(value.clone()) {
                Ok(Value::Attrs(attrs)) => Ok(Whole::Attrs(attrs)),
                Ok(other) => Err(session.expected("a set", &other)),
                Err(Stop::Unknown(_)) => Ok(Whole::Symbol(symbol.clone())),
                Err(error) => Err(error),
            };
        }
        session.expect_attrs(value).map(Whole::Attrs)
    }

    fn get(&self, session: &mut Session<'_>, name: &Name, pos: Pos) -> Given {
        match self {
            Whole::Symbol(symbol) => {
                let value = session.select_symbol(symbol, name, pos);
                Given::Yes(session.done(value))
            }
            Whole::Attrs(attrs) => match (attrs.get(name), &attrs.open) {
                (Some(attr), _) => Given::Yes(attr.thunk),
                (None, None) => Given::No,
                (None, Some(why)) => Given::Unknown(Stop::Unknown(why.clone())),
            },
        }
    }

    fn unexpected(&self, formals: &[den_code::Formal]) -> Option<Name> {
        let Whole::Attrs(attrs) = self else { return None };
        let extra = attrs.iter().find(|(name, _)| !formals.iter().any(|it| it.name == **name));
        extra.map(|(name, _)| name.clone())
    }
}
