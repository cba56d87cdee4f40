//! Operators: logic, arithmetic, comparison, `++`, `//` and what they make of unknown operands.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use den_code::{BinaryOp, Code, Name};

use crate::env::Env;
use crate::session::Session;
use crate::unknown::{Reason, Unknown};
use crate::value::{Attr, Attrs, Element, List, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

/// An operand of `++` or `//`: the other one is useful even if this one is unknown.
pub(crate) enum Operand {
    List(Rc<List>),
    Attrs(Rc<Attrs>),
    Unknown(Rc<Unknown>),
}

impl Operand {
    pub(crate) fn into_value(self) -> Eval<Value> {
        match self {
            Operand::List(list) => Ok(Value::List(list)),
            Operand::Attrs(attrs) => Ok(Value::Attrs(attrs)),
            Operand::Unknown(why) => Err(Stop::Unknown(why)),
        }
    }
}

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
            BinaryOp::Implies => {
                let negated = left.and_then(|it| self.expect_bool(it)).map(|it| Value::Bool(!it));
                self.logic(negated, true, |it| it.eval_in(code, right, env))
            }
            BinaryOp::Equal | BinaryOp::NotEqual => {
                let (left, right) = (left?, self.eval_in(code, right, env)?);
                Ok(Value::Bool(self.equal(&left, &right)? == (op == BinaryOp::Equal)))
            }
            BinaryOp::Less | BinaryOp::More | BinaryOp::LessOrEqual | BinaryOp::MoreOrEqual => {
                let (left, right) = (left?, self.eval_in(code, right, env)?);
                let (left, right) = (self.resolve(left)?, self.resolve(right)?);
                // Nix has only `<`: the others swap or negate it.
                Ok(Value::Bool(match op {
                    BinaryOp::Less => self.less(&left, &right)?,
                    BinaryOp::More => self.less(&right, &left)?,
                    BinaryOp::LessOrEqual => !self.less(&right, &left)?,
                    _ => !self.less(&left, &right)?,
                }))
            }
            BinaryOp::Add => {
                let left = self.resolve(left?)?;
                let right = self.eval_in(code, right, env)?;
                let right = self.resolve(right)?;
                self.add(left, right)
            }
            BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => {
                let left = self.resolve(left?)?;
                let right = self.eval_in(code, right, env)?;
                let right = self.resolve(right)?;
                self.arithmetic(op, &left, &right)
            }
            // Handled by `eval_right_chain`.
            BinaryOp::Concat | BinaryOp::Update => Err(Stop::unknown(Reason::TypeConfusion)),
        }
    }

    /// `&&` (short at `false`) and `||` (short at `true`): an unknown left side still gives the short
    /// answer if the right side is it.
    fn logic(&mut self, left: Eval<Value>, short: bool, right: impl FnOnce(&mut Self) -> Eval<Value>) -> Eval<Value> {
        match left.and_then(|it| self.expect_bool(it)) {
            Ok(it) if it == short => Ok(Value::Bool(short)),
            Ok(_) => {
                let value = right(self)?;
                Ok(Value::Bool(self.expect_bool(value)?))
            }
            Err(stop) => Err(stop),
        }
    }

    pub(crate) fn expect_bool(&mut self, value: Value) -> Eval<bool> {
        match self.resolve(value)? {
            Value::Bool(it) => Ok(it),
            other => Err(self.expected("a Boolean", &other)),
        }
    }

    // --- Arithmetic -----------------------------------------------------------------------

    /// `-value`
    pub(crate) fn negate(&mut self, value: Value) -> Eval<Value> {
        let value = self.resolve(value)?;
        self.arithmetic(BinaryOp::Sub, &Value::Int(0), &value)
    }

    /// `left - right`, `left * right`, `left / right`, and `+` of numbers.
    pub(crate) fn arithmetic(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Eval<Value> {
        let (a, b) = match (left, right) {
            (Value::Int(a), Value::Int(b)) => return integer(op, *a, *b),
            (Value::Int(a), Value::Float(b)) => (*a as f64, *b),
            (Value::Float(a), Value::Int(b)) => (*a, *b as f64),
            (Value::Float(a), Value::Float(b)) => (*a, *b),
            (Value::Int(_) | Value::Float(_), other) => return Err(self.not_a_number(left, other)),
            (other, _) => return Err(self.not_a_number(right, other)),
        };
        Ok(Value::Float(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            _ if b == 0.0 => return Err(Stop::error(ErrorKind::Arithmetic, "division by zero")),
            _ => a / b,
        }))
    }

    fn not_a_number(&mut self, other_operand: &Value, got: &Value) -> Stop {
        match other_operand {
            Value::Float(_) => self.expected("a float", got),
            _ => self.expected("an integer", got),
        }
    }

    /// `left + right`: numbers, strings, paths, and sets that can be coerced.
    pub(crate) fn add(&mut self, left: Value, right: Value) -> Eval<Value> {
        match (&left, &right) {
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
                self.arithmetic(BinaryOp::Add, &left, &right)
            }
            (Value::Int(_) | Value::Float(_), _) => {
                let message = format!("cannot add {} to {}", right.type_name(), left.type_name());
                Err(Stop::type_error(message))
            }
            (Value::Path(path), _) => {
                let text = self.path_piece(right.clone())?;
                Ok(Value::Path(crate::paths::normalize(&format!("{path}{text}"))))
            }
            _ => {
                let mut text = self.coerce_operand(left)?;
                text.push_str(&self.coerce_operand(right)?);
                self.string_value(text)
            }
        }
    }

    // --- Comparison -----------------------------------------------------------------------

    /// `a < b`
    pub(crate) fn less(&mut self, a: &Value, b: &Value) -> Eval<bool> {
        Ok(match (a, b) {
            (Value::Int(a), Value::Int(b)) => a < b,
            (Value::Int(a), Value::Float(b)) => (*a as f64) < *b,
            (Value::Float(a), Value::Int(b)) => *a < (*b as f64),
            (Value::Float(a), Value::Float(b)) => a < b,
            (Value::Str(a), Value::Str(b)) | (Value::Path(a), Value::Path(b)) => a < b,
            (Value::List(a), Value::List(b)) => {
                let (a, b) = (a.clone(), b.clone());
                if !a.is_exact() || !b.is_exact() {
                    return Err(Stop::unknown(Reason::Stuck("a list".into())));
                }
                for (x, y) in a.elements.iter().zip(&b.elements) {
                    let (x, y) = (self.value(x.thunk)?, self.value(y.thunk)?);
                    if !self.equal(&x, &y)? {
                        return self.less(&x, &y);
                    }
                }
                a.elements.len() < b.elements.len()
            }
            _ => {
                let both = a.type_name() == b.type_name();
                let values = if both && !matches!(a, Value::Null | Value::Bool(_)) {
                    format!("cannot compare {} with {}", a.type_name(), b.type_name())
                } else {
                    format!(
                        "cannot compare {} with {}; values are {} and {}",
                        a.type_name(),
                        b.type_name(),
                        self.print_short(a),
                        self.print_short(b)
                    )
                };
                return Err(Stop::type_error(values));
            }
        })
    }

    /// Order of two values as `builtins.sort` and `<` see it.
    pub(crate) fn compare(&mut self, a: &Value, b: &Value) -> Eval<Ordering> {
        if self.less(a, b)? {
            Ok(Ordering::Less)
        } else if self.less(b, a)? {
            Ok(Ordering::Greater)
        } else {
            Ok(Ordering::Equal)
        }
    }

    /// `a == b`. Functions are never equal, except that the same thunk inside a list or set is equal
    /// to itself without being looked at (nix `EvalState::eqValues`).
    pub fn equal(&mut self, a: &Value, b: &Value) -> Eval<bool> {
        self.deeper(|session| session.equal_inner(a, b))
    }

    fn equal_inner(&mut self, a: &Value, b: &Value) -> Eval<bool> {
        self.step()?;
        if let (Value::Symbol(x), Value::Symbol(y)) = (a, b)
            && let (Some(x), Some(y)) = (x.path(), y.path())
            && x == y
        {
            // The same reference is the same value, whatever it is; a function would be unequal,
            // but nobody compares those on purpose.
            return Ok(true);
        }
        let (a, b) = (self.resolve(a.clone())?, self.resolve(b.clone())?);
        Ok(match (&a, &b) {
            (Value::Int(a), Value::Float(b)) | (Value::Float(b), Value::Int(a)) => (*a as f64) == *b,
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Str(a), Value::Str(b)) | (Value::Path(a), Value::Path(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                if !a.is_exact() || !b.is_exact() {
                    return Err(Stop::unknown(Reason::Stuck("a list".into())));
                }
                if a.elements.len() != b.elements.len() {
                    return Ok(false);
                }
                for (x, y) in a.elements.iter().zip(&b.elements) {
                    if !self.equal_thunks(x.thunk, y.thunk)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Attrs(a), Value::Attrs(b)) => {
                if self.is_derivation(a)? && self.is_derivation(b)? {
                    if let (Some(x), Some(y)) = (a.get("outPath"), b.get("outPath")) {
                        return self.equal_thunks(x.thunk, y.thunk);
                    }
                }
                let differ = a.iter().any(|(name, _)| b.get(name).is_none() && b.is_closed())
                    || b.iter().any(|(name, _)| a.get(name).is_none() && a.is_closed());
                if differ {
                    return Ok(false);
                }
                a.closed()?;
                b.closed()?;
                for ((_, x), (_, y)) in a.iter().zip(b.iter()) {
                    if !self.equal_thunks(x.thunk, y.thunk)? {
                        return Ok(false);
                    }
                }
                true
            }
            _ => false,
        })
    }

    fn equal_thunks(&mut self, a: Thunk, b: Thunk) -> Eval<bool> {
        let (x, y) = (self.force(a)?, self.force(b)?);
        if a == b {
            return Ok(true);
        }
        self.equal(&x, &y)
    }

    pub(crate) fn is_derivation(&mut self, attrs: &Attrs) -> Eval<bool> {
        match attrs.get("type") {
            Some(attr) => Ok(matches!(self.value(attr.thunk)?, Value::Str(text) if text == "derivation")),
            None => Ok(false),
        }
    }

    // --- ++ and // ------------------------------------------------------------------------

    pub(crate) fn eval_operand(&mut self, code: &Arc<Code>, op: BinaryOp, pos: Pos, env: &Rc<Env>) -> Eval<Operand> {
        let value = self.eval_in(code, pos, env).and_then(|it| self.resolve(it));
        match (op, value) {
            (BinaryOp::Concat, Ok(Value::List(list))) => Ok(Operand::List(list)),
            (BinaryOp::Update, Ok(Value::Attrs(attrs))) => Ok(Operand::Attrs(attrs)),
            (BinaryOp::Concat, Ok(other)) => Err(self.expected("a list", &other).at(pos)),
            (_, Ok(other)) => Err(self.expected("a set", &other).at(pos)),
            (_, Err(Stop::Unknown(why))) => Ok(Operand::Unknown(why)),
            (_, Err(error)) => Err(error),
        }
    }

    pub(crate) fn concat_operands(&mut self, left: Operand, right: Operand) -> Operand {
        let mut all = List::default();
        if let (Operand::Unknown(why), Operand::Unknown(_)) = (&left, &right)
            && why.candidates.is_empty()
        {
            return left;
        }
        self.append_operand(&mut all, left);
        self.append_operand(&mut all, right);
        Operand::List(Rc::new(all))
    }

    /// Adds the elements of an operand; those of a list that may or may not be there are uncertain.
    fn append_operand(&mut self, all: &mut List, operand: Operand) {
        match operand {
            Operand::List(list) => self.append_list(all, &list),
            Operand::Unknown(why) => self.append_candidates(all, &why),
            Operand::Attrs(_) => (),
        }
    }

    /// Appends a list that is certain to be there.
    pub(crate) fn append_list(&mut self, all: &mut List, list: &List) {
        all.elements.extend_from_slice(&list.elements);
        if all.open.is_none() {
            all.open.clone_from(&list.open);
        }
    }

    /// Appends what an unknown list may hold.
    pub(crate) fn append_candidates(&mut self, all: &mut List, why: &Rc<Unknown>) {
        if why.candidates.is_empty() {
            all.open.get_or_insert_with(|| why.clone());
        }
        for &candidate in &why.candidates {
            match self.value(candidate) {
                Ok(Value::List(list)) => {
                    all.elements.extend(list.elements.iter().map(|it| Element { certain: false, ..*it }));
                    if all.open.is_none() {
                        all.open.clone_from(&list.open);
                    }
                }
                Err(Stop::Unknown(inner)) => self.append_candidates(all, &inner),
                // Not a list: this candidate would be an error, so it is not the value.
                Ok(_) | Err(Stop::Error(_)) => (),
            }
        }
    }

    pub(crate) fn update_operands(&mut self, left: Operand, right: Operand) -> Operand {
        match (left, right) {
            (Operand::Attrs(left), Operand::Attrs(right)) => Operand::Attrs(self.update(&left, &right)),
            // Anything on the left may be replaced: it stays as a candidate.
            (Operand::Attrs(left), Operand::Unknown(why)) => {
                let entries = left.entries.clone();
                let entries = entries.into_iter().map(|(name, attr)| (name, self.uncertain(attr, &why))).collect();
                Operand::Attrs(Rc::new(Attrs { open: Some(why), ..Attrs::from_sorted(entries) }))
            }
            (Operand::Unknown(why), Operand::Attrs(right)) => {
                let open = Some(why);
                Operand::Attrs(Rc::new(Attrs { open, ..Attrs::from_sorted(right.entries.clone()) }))
            }
            (left, _) => left,
        }
    }

    /// `left // right`
    pub fn update(&mut self, left: &Rc<Attrs>, right: &Rc<Attrs>) -> Rc<Attrs> {
        if right.is_empty() && right.is_closed() {
            return left.clone();
        }
        if left.is_empty() && left.is_closed() {
            return right.clone();
        }
        let mut entries: Vec<(Name, Attr)> = Vec::with_capacity(left.len() + right.len());
        let (mut a, mut b) = (left.entries.iter().peekable(), right.entries.iter().peekable());
        loop {
            let order = match (a.peek(), b.peek()) {
                (Some(x), Some(y)) => x.0.cmp(&y.0),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            if order == Ordering::Equal {
                a.next();
            }
            let side = if order == Ordering::Less { &mut a } else { &mut b };
            let Some((name, attr)) = side.next().cloned() else { break };
            let kept = match (&right.open, order) {
                (Some(why), Ordering::Less) => self.uncertain(attr, why),
                _ => attr,
            };
            entries.push((name, kept));
        }
        let open = left.open.clone().or_else(|| right.open.clone());
        Rc::new(Attrs { open, ..Attrs::from_sorted(entries) })
    }

    /// An attribute that may be another one.
    fn uncertain(&mut self, attr: Attr, why: &Rc<Unknown>) -> Attr {
        let why = Unknown { candidates: vec![attr.thunk], ..(**why).clone() };
        Attr { thunk: self.failed(Stop::Unknown(Rc::new(why))), ..attr }
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
