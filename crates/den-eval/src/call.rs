//! Calling functions.

use std::cell::OnceCell;
use std::rc::Rc;

use den_code::{Code, Expr, Formal, Name, Param};
use rustc_hash::FxHashSet;

use crate::env::{Env, Frame};
use crate::error::best_matches;
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
                Value::Lambda(closure) => self.deeper(|session| session.call_lambda(&closure, &mut rest))?,
                Value::Native(call) => {
                    let taken = (call.func.arity - call.args.len()).min(rest.len());
                    let (now, later) = rest.split_at(taken);
                    rest = later;
                    self.call_native(&call, now)?
                }
                Value::Symbol(symbol) => {
                    let arg = rest[0];
                    rest = &rest[1..];
                    Value::Symbol(Rc::new(symbol.step(Step::Call(arg))))
                }
                Value::Attrs(attrs) => self.functor(attrs)?,
                other => {
                    let printed = self.print_short(&other);
                    let what = other.show_type();
                    let message = format!("attempt to call something which is not a function but {what}: {printed}");
                    return Err(Stop::error(ErrorKind::NotAFunction, message));
                }
            };
        }
        Ok(func)
    }

    /// Applies a function of ours to at most as many arguments as it still wants.
    fn call_native(&mut self, call: &NativeCall, args: &[Thunk]) -> Eval<Value> {
        let complete = call.args.len() + args.len() == call.func.arity;
        if complete {
            self.step()?;
            if call.args.is_empty() {
                return self.run_native(call.func, args);
            }
        }
        let all: Vec<Thunk> = call.args.iter().chain(args).copied().collect();
        if complete {
            self.run_native(call.func, &all)
        } else {
            Ok(Value::Native(Rc::new(NativeCall { func: call.func, args: all })))
        }
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
            attrs.lacks("__functor")?;
            let printed = self.print_short(&Value::Attrs(attrs));
            let message = format!("attempt to call something which is not a function but a set: {printed}");
            return Err(Stop::error(ErrorKind::NotAFunction, message));
        };
        let this = self.done(Value::Attrs(attrs));
        self.deeper(|session| session.call_thunk(functor.thunk, &[this]))
    }

    /// Applies a function to the first argument, and to the next ones as long as its result is
    /// another function.
    fn call_lambda(&mut self, closure: &Closure, args: &mut &[Thunk]) -> Eval<Value> {
        let Some(code) = self.code_of(closure.pos) else { return Err(Stop::unknown(Reason::Syntax)) };
        let (mut pos, mut env) = (closure.pos, closure.env.clone());
        while let (Expr::Lambda { body, .. }, [arg, rest @ ..]) = (code.expr(pos.expr), *args) {
            *args = rest;
            env = self.enter(&code, pos, env, *arg)?;
            pos = self.sub(pos, *body);
        }
        self.eval_in(&code, pos, &env)
    }

    /// The environment inside a function that is called with `arg`.
    pub(crate) fn call_env(&mut self, closure: &Closure, arg: Thunk) -> Eval<Rc<Env>> {
        let Some(code) = self.code_of(closure.pos) else { return Err(Stop::unknown(Reason::Syntax)) };
        self.enter(&code, closure.pos, closure.env.clone(), arg)
    }

    fn enter(&mut self, code: &Code, pos: Pos, outside: Rc<Env>, arg: Thunk) -> Eval<Rc<Env>> {
        let Expr::Lambda { param, name, .. } = code.expr(pos.expr) else {
            return Err(Stop::unknown(Reason::Syntax));
        };
        let Param::Pattern { formals, ellipsis, bind, .. } = &**param else {
            return Ok(Rc::new(Env { parent: Some(outside), frame: Frame::Arg { pos, arg } }));
        };
        let env = Rc::new(Env { parent: Some(outside), frame: Frame::Call { pos, arg, slots: OnceCell::new() } });
        let value = self.force(arg)?;
        let whole = Whole::of(self, value)?;
        let mut slots = Vec::with_capacity(formals.len() + 1);
        for formal in formals {
            slots.push(self.formal_slot(pos, name.as_deref(), formal, &whole, &env)?);
        }
        if !ellipsis {
            self.reject_unexpected(pos, name.as_deref(), formals, &whole)?;
        }
        if bind.is_some() {
            slots.push(arg);
        }
        if let Frame::Call { slots: cell, .. } = &env.frame {
            cell.get_or_init(|| slots.into());
        }
        Ok(env)
    }

    /// The value of one named argument of the function at `pos`.
    fn formal_slot(
        &mut self,
        pos: Pos,
        function: Option<&str>,
        formal: &Formal,
        whole: &Whole,
        env: &Rc<Env>,
    ) -> Eval<Thunk> {
        let here = self.sub(pos, formal.id);
        let default = formal.default.map(|it| self.sub(pos, it));
        Ok(match (whole.get(self, &formal.name, here), default) {
            (Given::Yes(thunk), _) => thunk,
            (Given::No, Some(default)) => self.expr_thunk(default, env.clone()),
            (Given::No, None) => {
                let function = function.unwrap_or("anonymous lambda");
                let message = format!("function '{function}' called without required argument '{}'", formal.name);
                return Err(Stop::error(ErrorKind::CallArguments, message).at(here));
            }
            (Given::Unknown(stop), default) => {
                let default = default.map(|it| self.expr_thunk(it, env.clone()));
                self.either(stop, default)
            }
        })
    }

    fn reject_unexpected(&self, pos: Pos, function: Option<&str>, formals: &[Formal], whole: &Whole) -> Eval<()> {
        let Whole::Attrs(attrs) = whole else { return Ok(()) };
        if attrs.iter().all(|(name, _)| formals.len() < 10 && formals.iter().any(|it| it.name == *name)) {
            return Ok(());
        }
        let known: FxHashSet<&Name> = formals.iter().map(|it| &it.name).collect();
        let extra = attrs.iter().filter(|(name, _)| !known.contains(name));
        // The first one that is written.
        let Some((extra, _)) = extra.min_by_key(|(_, attr)| (attr.key.item, attr.key.expr)) else { return Ok(()) };
        let function = function.unwrap_or("anonymous lambda");
        let message = format!("function '{function}' called with unexpected argument '{extra}'");
        let suggestions = best_matches(extra, formals.iter().map(|it| &it.name));
        Err(Stop::error(ErrorKind::CallArguments, message).suggesting(suggestions).at(pos))
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
            Whole::Attrs(attrs) => match (attrs.get(name), attrs.lacks(name)) {
                (Some(attr), _) => Given::Yes(attr.thunk),
                (None, Ok(())) => Given::No,
                (None, Err(why)) => Given::Unknown(why),
            },
        }
    }
}
