//! Operators: logic and arithmetic. Comparison is in `compare.rs`, `++` and `//` are in `merge.rs`.

use std::rc::Rc;
use std::sync::Arc;

use den_code::{BinaryOp, Code, ExprId, Name};

use crate::env::Env;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

impl Session<'_> {
    /// `left op right`, where the right side is looked at only if it is needed.
    pub(crate) fn operator(
        &mut self,
        code: &Arc<Code>,
        op: BinaryOp,
        left: Eval<Value>,
        right: Pos,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        match op {
            BinaryOp::And => self.logic(left, false, |it| it.eval_in(code, right, env)),
            BinaryOp::Or => self.logic(left, true, |it| it.eval_in(code, right, env)),
            BinaryOp::Equal | BinaryOp::NotEqual => {
                let (left, right) = (left?, self.eval_in(code, right, env)?);
                Ok(Value::Bool(self.equal(&left, &right)? == (op == BinaryOp::Equal)))
            }
            BinaryOp::Less | BinaryOp::More | BinaryOp::LessOrEqual | BinaryOp::MoreOrEqual => {
                // Nix has only `<`: the others swap or negate it, and so look at the right side first.
                let swapped = matches!(op, BinaryOp::More | BinaryOp::LessOrEqual);
                let left = if swapped { left } else { Ok(left?) };
                let right = self.eval_in(code, right, env)?;
                let (left, right) = (self.resolve(left?)?, self.resolve(right)?);
                Ok(Value::Bool(match op {
                    BinaryOp::Less => self.less(&left, &right)?,
                    BinaryOp::More => self.less(&right, &left)?,
                    BinaryOp::LessOrEqual => !self.less(&right, &left)?,
                    _ => !self.less(&left, &right)?,
                }))
            }
            BinaryOp::Add => {
                let sum = self.sum_start(left?)?;
                let right = self.eval_in(code, right, env)?;
                self.sum_end(sum, right)
            }
            BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => {
                let left = self.resolve(left?)?;
                let right = self.eval_in(code, right, env)?;
                let right = self.resolve(right)?;
                self.arithmetic(op, &left, &right)
            }
            // Handled before: they nest on the right.
            BinaryOp::Implies | BinaryOp::Concat | BinaryOp::Update => Err(Stop::unknown(Reason::TypeConfusion)),
        }
    }

    /// `&&` (short at `false`) and `||` (short at `true`). Where the left side is unknown the right
    /// side may still be the short answer: the result is that, unless Nix fails on the left.
    fn logic(&mut self, left: Eval<Value>, short: bool, right: impl FnOnce(&mut Self) -> Eval<Value>) -> Eval<Value> {
        match left.and_then(|it| self.expect_bool(it)) {
            Ok(it) if it == short => Ok(Value::Bool(short)),
            Ok(_) => {
                let value = right(self)?;
                Ok(Value::Bool(self.expect_bool(value)?))
            }
            Err(Stop::Unknown(why)) => match right(self).and_then(|it| self.expect_bool(it)) {
                Ok(it) if it == short => Ok(Value::Bool(short)),
                _ => Err(Stop::Unknown(why)),
            },
            Err(error) => Err(error),
        }
    }

    pub(crate) fn expect_bool(&mut self, value: Value) -> Eval<bool> {
        match self.resolve(value)? {
            Value::Bool(it) => Ok(it),
            other => Err(self.expected("a Boolean", &other)),
        }
    }

    // --- Arithmetic -----------------------------------------------------------------------

    /// `-operand`, which is `0 - operand`.
    pub(crate) fn eval_negation(&mut self, code: &Arc<Code>, pos: Pos, operand: ExprId, env: &Rc<Env>) -> Eval<Value> {
        if let Some(func) = self.operator_function(env, pos, BinaryOp::Sub) {
            let zero = self.done(Value::Int(0));
            let operand = self.suspend(code, self.sub(pos, operand), env);
            return self.call_thunk(func, &[zero, operand]);
        }
        self.deeper(|session| {
            let value = session.eval_in(code, session.sub(pos, operand), env)?;
            let value = session.resolve(value)?;
            session.arithmetic(BinaryOp::Sub, &Value::Int(0), &value)
        })
    }

    /// What code binds the function behind an operator to: `let __sub = …; in a - b` calls it.
    pub(crate) fn operator_function(&mut self, env: &Rc<Env>, pos: Pos, op: BinaryOp) -> Option<Thunk> {
        let name = Name::new_static(function_of(op)?);
        self.lookup_bound(env, pos, &name)
    }

    pub(crate) fn call_operator(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        func: Thunk,
        op: BinaryOp,
        operands: [ExprId; 2],
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let mut args = operands.map(|it| self.suspend(code, self.sub(pos, it), env));
        if matches!(op, BinaryOp::More | BinaryOp::LessOrEqual) {
            args.reverse();
        }
        let value = self.call_thunk(func, &args)?;
        match op {
            BinaryOp::LessOrEqual | BinaryOp::MoreOrEqual => Ok(Value::Bool(!self.expect_bool(value)?)),
            _ => Ok(value),
        }
    }

    /// `left - right`, `left * right`, `left / right`, and `+` of numbers.
    pub(crate) fn arithmetic(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Eval<Value> {
        if let (Value::Int(a), Value::Int(b)) = (left, right) {
            return integer(op, *a, *b);
        }
        // The divisor is looked at first, as a float whatever it is.
        if op == BinaryOp::Div && self.as_float(right)? == 0.0 {
            return Err(Stop::error(ErrorKind::Arithmetic, "division by zero"));
        }
        if !matches!(left, Value::Float(_)) && !matches!(right, Value::Float(_)) {
            let wrong = if matches!(left, Value::Int(_)) { right } else { left };
            return Err(self.expected("an integer", wrong));
        }
        let (a, b) = (self.as_float(left)?, self.as_float(right)?);
        Ok(Value::Float(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            _ => a / b,
        }))
    }

    fn as_float(&mut self, value: &Value) -> Eval<f64> {
        match value {
            Value::Int(it) => Ok(*it as f64),
            Value::Float(it) => Ok(*it),
            other => Err(self.expected("a float", other)),
        }
    }

    /// The left side of `+`, which decides what the right side must be and is coerced before that is
    /// looked at (nix `ExprConcatStrings::eval`).
    pub(crate) fn sum_start(&mut self, left: Value) -> Eval<Sum> {
        match self.resolve(left)? {
            left @ (Value::Int(_) | Value::Float(_)) => Ok(Sum::Number(left)),
            Value::Path(path) => Ok(Sum::Path(path)),
            left => Ok(Sum::Text(self.coerce_operand(left)?)),
        }
    }

    /// `left + right`
    pub(crate) fn sum_end(&mut self, left: Sum, right: Value) -> Eval<Value> {
        let right = self.resolve(right)?;
        match left {
            Sum::Number(left) => match &right {
                Value::Int(_) | Value::Float(_) => self.arithmetic(BinaryOp::Add, &left, &right),
                other => {
                    let message = format!("cannot add {} to {}", other.show_type(), left.type_name());
                    Err(Stop::type_error(message))
                }
            },
            Sum::Path(path) => {
                let text = self.path_piece(right)?;
                Ok(Value::Path(crate::paths::normalize(&format!("{path}{text}"))))
            }
            Sum::Text(mut text) => {
                text.push_str(&self.coerce_operand(right)?);
                self.string_value(text)
            }
        }
    }
}

/// The left side of `+`.
pub(crate) enum Sum {
    Number(Value),
    Path(Name),
    Text(String),
}

/// The functions behind operators.
pub(crate) const FUNCTIONS: [&str; 4] = ["__sub", "__mul", "__div", "__lessThan"];

/// The function that Nix's parser makes of an operator, if it does.
pub(crate) fn function_of(op: BinaryOp) -> Option<&'static str> {
    match op {
        BinaryOp::Sub => Some("__sub"),
        BinaryOp::Mul => Some("__mul"),
        BinaryOp::Div => Some("__div"),
        BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::More | BinaryOp::MoreOrEqual => Some("__lessThan"),
        _ => None,
    }
}

fn integer(op: BinaryOp, a: i64, b: i64) -> Eval<Value> {
    let (result, word) = match op {
        BinaryOp::Add => (a.checked_add(b), "adding"),
        BinaryOp::Sub => (a.checked_sub(b), "subtracting"),
        BinaryOp::Mul => (a.checked_mul(b), "multiplying"),
        _ if b == 0 => return Err(Stop::error(ErrorKind::Arithmetic, "division by zero")),
        _ => (a.checked_div(b), "dividing"),
    };
    let sign = match op {
        BinaryOp::Add => '+',
        BinaryOp::Sub => '-',
        BinaryOp::Mul => '*',
        _ => '/',
    };
    let overflow = || Stop::error(ErrorKind::Arithmetic, format!("integer overflow in {word} {a} {sign} {b}"));
    result.map(Value::Int).ok_or_else(overflow)
}
