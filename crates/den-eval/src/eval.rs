//! Expressions.

mod select;
mod sets;
mod text;

use std::rc::Rc;
use std::sync::Arc;

use den_code::{BinaryOp, Code, Expr, ExprId, UnaryOp};

use crate::env::{Env, Frame};
use crate::operators::function_of;
use crate::session::{Session, with_stack};
use crate::unknown::{Reason, Unknown};
use crate::value::{Element, List, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

impl Session<'_> {
    /// Evaluates the expression at a place.
    pub(crate) fn eval(&mut self, pos: Pos, env: &Rc<Env>) -> Eval<Value> {
        let Some(code) = self.code_of(pos) else { return Err(Stop::unknown(Reason::Syntax)) };
        self.eval_in(&code, pos, env)
    }

    /// Like `eval`, with the item's code at hand.
    pub(crate) fn eval_in(&mut self, code: &Arc<Code>, pos: Pos, env: &Rc<Env>) -> Eval<Value> {
        self.step()?;
        match code.expr(pos.expr) {
            Expr::Missing | Expr::Name | Expr::Key { .. } => Err(Stop::unknown(Reason::Syntax).at(pos)),
            Expr::Int(it) => Ok(Value::Int(*it)),
            Expr::Float(it) => Ok(Value::Float(*it)),
            Expr::Text(text) => Ok(Value::Str(text.clone())),
            Expr::Var(name) => self.lookup(env, pos, name).map_err(|it| it.at(pos)),
            Expr::Lambda { .. } => Ok(self.closure(pos, env)),
            Expr::SearchPath(text) => self.eval_search_path(pos, text, env),
            Expr::CurPos => self.current_position(pos),
            _ => with_stack(|| self.eval_compound(code, pos, env)),
        }
    }

    fn eval_compound(&mut self, code: &Arc<Code>, pos: Pos, env: &Rc<Env>) -> Eval<Value> {
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        match code.expr(pos.expr) {
            Expr::Item(key) => {
                let root = self.hole(pos, *key)?;
                self.eval(root, env)
            }
            Expr::Str(parts) => self.eval_string(code, pos, parts, env),
            Expr::Path(path) => self.eval_path(code, pos, path.base, &path.parts, env),
            Expr::Select { base, path, default } => self.eval_select(code, pos, *base, path, *default, env),
            Expr::HasAttr { base, path } => self.eval_has_attr(code, pos, *base, path, env),
            Expr::Apply { func, args } => self.eval_apply(code, pos, *func, args, env),
            Expr::Let { bindings, body } => {
                let (inner, _) = self.bindings_env(code, pos, bindings, env);
                self.eval_in(code, at(*body), &inner)
            }
            Expr::AttrSet { recursive, bindings } => self.eval_attrs(code, pos, *recursive, bindings, env),
            Expr::With { scope, body } => {
                let scope = self.suspend(code, at(*scope), env);
                let inner = env.child(Frame::With { pos, scope });
                self.eval_in(code, at(*body), &inner)
            }
            Expr::Assert { condition, body } => self.eval_assert(code, pos, *condition, *body, env),
            Expr::If { condition, yes, no } => self.eval_if(code, pos, *condition, *yes, *no, env),
            Expr::List(elements) => {
                let elements = elements.iter().map(|it| Element {
                    thunk: self.suspend(code, at(*it), env),
                    pos: at(*it),
                    certain: true,
                });
                let elements = elements.collect();
                Ok(Value::List(Rc::new(List { elements, open: None })))
            }
            Expr::Unary(op, operand) => {
                let result = match op {
                    UnaryOp::Not => {
                        let value = self.eval_in(code, at(*operand), env)?;
                        self.expect_bool(value).map(|it| Value::Bool(!it))
                    }
                    UnaryOp::Negate => self.eval_negation(code, pos, *operand, env),
                };
                result.map_err(|it| it.at(pos))
            }
            Expr::Binary(op, left, right) => self.eval_binary(code, pos, *op, *left, *right, env),
            _ => Err(Stop::unknown(Reason::Syntax).at(pos)),
        }
    }

    /// A thunk for an expression; constants and variables need none of their own.
    pub(crate) fn suspend(&mut self, code: &Arc<Code>, pos: Pos, env: &Rc<Env>) -> Thunk {
        match code.expr(pos.expr) {
            Expr::Int(it) => self.constant(pos, || Value::Int(*it)),
            Expr::Float(it) => self.constant(pos, || Value::Float(*it)),
            Expr::Text(text) => self.constant(pos, || Value::Str(text.clone())),
            Expr::List(elements) if elements.is_empty() => self.constant(pos, || Value::List(Rc::new(List::default()))),
            Expr::Var(name) => match self.lookup_lexical(env, pos, name) {
                Ok(Some(thunk)) => thunk,
                _ => self.expr_thunk(pos, env.clone()),
            },
            _ => self.expr_thunk(pos, env.clone()),
        }
    }

    fn eval_apply(&mut self, code: &Arc<Code>, pos: Pos, func: ExprId, args: &[ExprId], env: &Rc<Env>) -> Eval<Value> {
        let func = self.eval_in(code, self.sub(pos, func), env)?;
        let result = match args {
            [arg] => {
                let arg = self.suspend(code, self.sub(pos, *arg), env);
                self.call(func, &[arg])
            }
            args => {
                let args: Vec<Thunk> = args.iter().map(|it| self.suspend(code, self.sub(pos, *it), env)).collect();
                self.call(func, &args)
            }
        };
        result.map_err(|it| it.at(pos))
    }

    fn eval_if(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        condition: ExprId,
        yes: ExprId,
        no: ExprId,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        let decided = self.eval_in(code, at(condition), env).and_then(|it| self.expect_bool(it));
        match decided {
            Ok(true) => self.eval_in(code, at(yes), env),
            Ok(false) => self.eval_in(code, at(no), env),
            Err(Stop::Unknown(why)) => {
                let candidates = vec![self.suspend(code, at(yes), env), self.suspend(code, at(no), env)];
                Err(Stop::Unknown(Rc::new(Unknown { reason: why.reason.clone(), pos: why.pos.or(pos), candidates })))
            }
            Err(error) => Err(error.at(at(condition))),
        }
    }

    fn eval_assert(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        condition: ExprId,
        body: ExprId,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        let value = self.eval_in(code, at(condition), env)?;
        if self.expect_bool(value).map_err(|it| it.at(at(condition)))? {
            return self.eval_in(code, at(body), env);
        }
        // For an equality Nix says what differs instead of what was asserted.
        if let Expr::Binary(BinaryOp::Equal, left, right) = code.expr(condition) {
            let left = self.eval_in(code, at(*left), env)?;
            let right = self.eval_in(code, at(*right), env)?;
            self.assert_equal(&left, &right).map_err(|it| it.at(pos))?;
        }
        let message = format!("assertion '{}' failed", self.show(at(condition)));
        Err(Stop::error(ErrorKind::Assert, message).at(pos))
    }

    fn eval_binary(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        // Chains are walked, not recursed into: some operators nest on the right, the others on the
        // left.
        match op {
            BinaryOp::Concat | BinaryOp::Update => return self.eval_right_chain(code, pos, op, left, right, env),
            BinaryOp::Implies => return self.eval_implications(code, pos, left, right, env),
            _ => (),
        }
        if let Some(func) = self.operator_function(env, pos, op) {
            return self.call_operator(code, pos, func, op, [left, right], env);
        }
        if !matches!(code.expr(left), Expr::Binary(..)) {
            return self.eval_one_operator(code, pos, op, [left, right], env);
        }
        let mut spine = vec![(pos, op, right)];
        let mut head = left;
        while let Expr::Binary(op, left, right) = code.expr(head)
            && !matches!(op, BinaryOp::Concat | BinaryOp::Update | BinaryOp::Implies)
            && self.operator_function(env, at(head), *op).is_none()
        {
            spine.push((at(head), *op, *right));
            head = *left;
        }
        self.eval_spine(code, spine, at(head), env)
    }

    /// An operator that is no part of a chain.
    fn eval_one_operator(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        op: BinaryOp,
        [left, right]: [ExprId; 2],
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let outside = self.enter_calls(usize::from(function_of(op).is_some()))?;
        let value = self.eval_in(code, self.sub(pos, left), env);
        let value = self.operator(code, op, value, self.sub(pos, right), env);
        self.leave_calls(outside);
        value.map_err(|it| it.at(pos))
    }

    /// Applies the operators of a spine, last one first, to the head. Most of them are calls for Nix,
    /// in which the operands are evaluated: they count towards the depth of calls.
    fn eval_spine(
        &mut self,
        code: &Arc<Code>,
        mut spine: Vec<(Pos, BinaryOp, ExprId)>,
        head: Pos,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let calls = spine.iter().filter(|it| function_of(it.1).is_some()).count();
        let outside = self.enter_calls(calls)?;
        let mut value = self.eval_in(code, head, env);
        while let Some((pos, op, right)) = spine.pop() {
            value = self.operator(code, op, value, self.sub(pos, right), env).map_err(|it| it.at(pos));
            if function_of(op).is_some() {
                self.leave_call();
            }
        }
        self.leave_calls(outside);
        value
    }

    /// `a -> b -> c`
    fn eval_implications(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        left: ExprId,
        right: ExprId,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let (mut left, mut right) = (left, right);
        loop {
            let value = self.eval_in(code, self.sub(pos, left), env)?;
            if !self.expect_bool(value).map_err(|it| it.at(pos))? {
                return Ok(Value::Bool(true));
            }
            match code.expr(right) {
                Expr::Binary(BinaryOp::Implies, next, rest) => (left, right) = (*next, *rest),
                _ => {
                    let value = self.eval_in(code, self.sub(pos, right), env)?;
                    return self.expect_bool(value).map(Value::Bool).map_err(|it| it.at(pos));
                }
            }
        }
    }

    fn eval_right_chain(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        let mut places = vec![at(left)];
        let mut tail = right;
        while let Expr::Binary(next, left, right) = code.expr(tail)
            && *next == op
        {
            places.push(at(*left));
            tail = *right;
        }
        places.push(at(tail));
        let operands = self.eval_operands(code, op, &places, env).map_err(|it| it.at(pos))?;
        match op {
            BinaryOp::Concat => self.concat_operands(operands).into_value(),
            _ => self.update_operands(operands).into_value(),
        }
    }
}
