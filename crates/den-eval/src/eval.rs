//! Expressions.

use std::rc::Rc;
use std::sync::Arc;

use den_code::{AttrKey, BinaryOp, Bindings, Code, EntryValue, Expr, ExprId, Name, PathBase, StrPart, UnaryOp};

use crate::env::{Env, Frame, Lookup};
use crate::session::{Session, State};
use crate::unknown::{Reason, Unknown};
use crate::value::{Attr, Attrs, Element, List, Pos, Thunk, Value};
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
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        match code.expr(pos.expr) {
            Expr::Missing | Expr::Name => Err(Stop::unknown(Reason::Syntax).at(pos)),
            Expr::Item(key) => {
                let root = self.sibling_item(pos, *key)?;
                self.eval(root, env)
            }
            Expr::Int(it) => Ok(Value::Int(*it)),
            Expr::Float(it) => Ok(Value::Float(*it)),
            Expr::Text(text) => Ok(Value::Str(text.clone())),
            Expr::Str(parts) => self.eval_string(code, pos, parts, env),
            Expr::Path(path) => self.eval_path(code, pos, path.base, &path.parts, env),
            Expr::SearchPath(text) => self.eval_search_path(text, env),
            Expr::Var(name) => match self.lookup(env, name).map_err(|it| it.at(pos))? {
                Lookup::Thunk(thunk) => self.force(thunk),
                Lookup::Value(value) => Ok(value),
            },
            Expr::Select { base, path, default } => self.eval_select(code, pos, *base, path, *default, env),
            Expr::HasAttr { base, path } => self.eval_has_attr(code, pos, *base, path, env),
            Expr::Apply { func, args } => {
                let func = self.eval_in(code, at(*func), env)?;
                let args: Vec<Thunk> = args.iter().map(|it| self.suspend(code, at(*it), env)).collect();
                self.call(func, &args).map_err(|it| it.at(pos))
            }
            Expr::Lambda { .. } => Ok(self.closure(pos, env)),
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
            Expr::Assert { condition, body } => {
                let value = self.eval_in(code, at(*condition), env)?;
                if !self.expect_bool(value)? {
                    return Err(Stop::error(ErrorKind::Assert, self.assertion_text(at(*condition))).at(pos));
                }
                self.eval_in(code, at(*body), env)
            }
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
                let value = self.eval_in(code, at(*operand), env)?;
                match op {
                    UnaryOp::Not => Ok(Value::Bool(!self.expect_bool(value)?)),
                    UnaryOp::Negate => self.negate(value),
                }
            }
            Expr::Binary(op, left, right) => self.eval_binary(code, pos, *op, *left, *right, env),
            Expr::CurPos => self.current_position(pos),
        }
    }

    /// A thunk for an expression; constants and variables need none of their own.
    pub(crate) fn suspend(&mut self, code: &Arc<Code>, pos: Pos, env: &Rc<Env>) -> Thunk {
        match code.expr(pos.expr) {
            Expr::Int(it) => self.push(State::Done(Value::Int(*it))),
            Expr::Text(text) => self.push(State::Done(Value::Str(text.clone()))),
            Expr::Lambda { .. } => {
                let closure = self.closure(pos, env);
                self.push(State::Done(closure))
            }
            Expr::Var(name) => match self.lookup_lexical(env, name) {
                Some(thunk) => thunk,
                None => self.expr_thunk(pos, env.clone()),
            },
            _ => self.expr_thunk(pos, env.clone()),
        }
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
            Err(error) => Err(error),
        }
    }

    fn eval_select(
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
            let Some(name) = name else { return Err(self.expected("a string", &Value::Null)) };
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
            None => attrs.closed().map(|()| None),
        }
    }

    fn missing_in(&mut self, value: &Value, name: &Name) -> Stop {
        match value {
            Value::Attrs(_) | Value::Symbol(_) => self.missing_attribute(name),
            other => self.expected("a set", other),
        }
    }

    fn eval_has_attr(
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
                return Err(self.expected("a string", &Value::Null));
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
            Value::Attrs(attrs) => attrs.closed().map(|()| false),
            _ => Ok(false),
        }
    }

    /// The name that a key is; `None` for a computed `null`.
    fn key_name(&mut self, code: &Arc<Code>, pos: Pos, key: &AttrKey, env: &Rc<Env>) -> Eval<Option<Name>> {
        match key {
            AttrKey::Static(name, _) => Ok(Some(name.clone())),
            AttrKey::Dynamic(expr) => {
                let value = self.eval_in(code, self.sub(pos, *expr), env)?;
                match self.resolve(value)? {
                    Value::Str(name) => Ok(Some(name)),
                    Value::Null => Ok(None),
                    other => Err(self.expected("a string", &other)),
                }
            }
        }
    }

    // --- Sets -----------------------------------------------------------------------------

    fn eval_attrs(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        recursive: bool,
        bindings: &Bindings,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let (inner, slots) = match recursive {
            true => self.bindings_env(code, pos, bindings, env),
            false => (env.clone(), self.binding_slots(code, pos, bindings, env, env)),
        };
        let placed = bindings.entries.iter().zip(&slots).map(|(entry, &thunk)| {
            let key = self.sub(pos, entry.key);
            let value = match entry.value {
                EntryValue::Expr(it) => self.sub(pos, it),
                _ => key,
            };
            (entry.name.clone(), Attr { thunk, key, value })
        });
        let mut attrs = Attrs::from_sorted(placed.collect());
        for it in &bindings.dynamic {
            let key = self.sub(pos, it.key);
            let name = match self.key_name(code, pos, &AttrKey::Dynamic(it.key), &inner) {
                Ok(Some(name)) => name,
                Ok(None) => continue,
                Err(Stop::Unknown(why)) => {
                    attrs.open.get_or_insert(why);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let thunk = self.suspend(code, self.sub(pos, it.value), &inner);
            let attr = Attr { thunk, key, value: self.sub(pos, it.value) };
            match attrs.entries.binary_search_by(|it| it.0.cmp(&name)) {
                Ok(_) => {
                    let message = format!("dynamic attribute '{name}' already defined");
                    return Err(Stop::error(ErrorKind::DuplicateAttribute, message).at(key));
                }
                Err(at) => attrs.entries.insert(at, (name, attr)),
            }
        }
        Ok(Value::Attrs(Rc::new(attrs)))
    }

    /// The environment inside `let` or `rec`, and the thunks of its entries in order.
    fn bindings_env(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        bindings: &Bindings,
        env: &Rc<Env>,
    ) -> (Rc<Env>, Box<[Thunk]>) {
        let slots = std::cell::OnceCell::new();
        let inner = env.child(Frame::Bindings { pos, slots });
        let made = self.binding_slots(code, pos, bindings, &inner, env);
        if let Frame::Bindings { slots, .. } = &inner.frame {
            slots.get_or_init(|| made.clone());
        }
        (inner, made)
    }

    /// The environment inside the `let` or `rec` at a place, made anew.
    pub(crate) fn rebuild_bindings(&mut self, pos: Pos, env: &Rc<Env>) -> Option<Rc<Env>> {
        let code = self.code_of(pos)?;
        let (Expr::Let { bindings, .. } | Expr::AttrSet { bindings, .. }) = code.expr(pos.expr) else { return None };
        Some(self.bindings_env(&code, pos, bindings, env).0)
    }

    /// Thunks for the entries; `outer` is where plain `inherit` looks.
    fn binding_slots(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        bindings: &Bindings,
        env: &Rc<Env>,
        outer: &Rc<Env>,
    ) -> Box<[Thunk]> {
        let mut sources: Vec<Option<Thunk>> = vec![None; bindings.sources.len()];
        let entries = bindings.entries.iter().map(|entry| match entry.value {
            EntryValue::Expr(expr) => {
                let at = self.sub(pos, expr);
                if Rc::ptr_eq(env, outer) { self.suspend(code, at, env) } else { self.suspend_unshared(code, at, env) }
            }
            EntryValue::Inherit => match self.lookup_lexical(outer, &entry.name) {
                Some(thunk) => thunk,
                None => {
                    let (name, outer, key) = (entry.name.clone(), outer.clone(), self.sub(pos, entry.key));
                    self.lazy(move |session| match session.lookup(&outer, &name).map_err(|it| it.at(key))? {
                        Lookup::Thunk(thunk) => session.force(thunk),
                        Lookup::Value(value) => Ok(value),
                    })
                }
            },
            EntryValue::InheritFrom(index) => {
                let source = sources[index as usize];
                let source = source.unwrap_or_else(|| {
                    let at = self.sub(pos, bindings.sources[index as usize]);
                    self.suspend_unshared(code, at, env)
                });
                sources[index as usize] = Some(source);
                self.select_thunk(source, entry.name.clone())
            }
        });
        entries.collect()
    }

    /// A thunk that is not some variable's own: inside `let` and `rec` the variable may be the very
    /// binding that is being made.
    fn suspend_unshared(&mut self, code: &Arc<Code>, pos: Pos, env: &Rc<Env>) -> Thunk {
        match code.expr(pos.expr) {
            Expr::Var(_) => self.expr_thunk(pos, env.clone()),
            _ => self.suspend(code, pos, env),
        }
    }

    // --- Strings and paths ----------------------------------------------------------------

    fn eval_string(&mut self, code: &Arc<Code>, pos: Pos, parts: &[StrPart], env: &Rc<Env>) -> Eval<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                StrPart::Text(it) => text.push_str(it),
                StrPart::Interpolation(expr) => {
                    let at = self.sub(pos, *expr);
                    let value = self.eval_in(code, at, env)?;
                    text.push_str(&self.interpolate(value).map_err(|it| it.at(at))?);
                }
            }
        }
        self.string_value(text)
    }

    fn eval_path(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        base: PathBase,
        parts: &[StrPart],
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                StrPart::Text(it) => text.push_str(it),
                StrPart::Interpolation(expr) => {
                    let at = self.sub(pos, *expr);
                    let value = self.eval_in(code, at, env)?;
                    text.push_str(&self.path_piece(value).map_err(|it| it.at(at))?);
                }
            }
        }
        match base {
            PathBase::Absolute => Ok(Value::Path(crate::paths::normalize(&text))),
            PathBase::Home => Err(Stop::unknown(Reason::Impure("~".into())).at(pos)),
            PathBase::Relative => {
                let Some(file) = self.file_of(pos) else { return Err(Stop::unknown(Reason::Syntax)) };
                let path = self.world().path(file);
                let folder = crate::paths::parent(&path);
                Ok(Value::Path(crate::paths::normalize(&format!("{folder}/{text}"))))
            }
        }
    }

    /// `<a/b>` calls `__findFile` where that is in scope, as Den's angle brackets want it.
    fn eval_search_path(&mut self, text: &Name, env: &Rc<Env>) -> Eval<Value> {
        let name = Name::new_static("__findFile");
        let Ok(found) = self.lookup(env, &name) else {
            return Err(Stop::unknown(Reason::Impure(Name::from(format!("<{text}>")))));
        };
        let finder = match found {
            Lookup::Thunk(thunk) => self.force(thunk)?,
            Lookup::Value(value) => value,
        };
        if let Value::Native(call) = &finder
            && call.func.name == "builtins.findFile"
        {
            return Err(Stop::unknown(Reason::Impure(Name::from(format!("<{text}>")))));
        }
        let path = self.nix_path();
        let text = self.done(Value::Str(text.clone()));
        self.call(finder, &[path, text])
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
        // Chains are walked, not recursed into: `++` and `//` on the right, the others on the left.
        if matches!(op, BinaryOp::Concat | BinaryOp::Update) {
            return self.eval_right_chain(code, pos, op, left, right, env);
        }
        let mut spine = vec![(pos, op, right)];
        let mut head = left;
        while let Expr::Binary(op, left, right) = code.expr(head)
            && !matches!(op, BinaryOp::Concat | BinaryOp::Update)
        {
            spine.push((at(head), *op, *right));
            head = *left;
        }
        let mut value = self.eval_in(code, at(head), env);
        while let Some((pos, op, right)) = spine.pop() {
            value = self.operator(code, op, value, at(right), env).map_err(|it| it.at(pos));
        }
        value
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
        let mut operands = vec![self.eval_operand(code, op, at(left), env)?];
        let mut tail = right;
        while let Expr::Binary(next, left, right) = code.expr(tail)
            && *next == op
        {
            operands.push(self.eval_operand(code, op, at(*left), env)?);
            tail = *right;
        }
        let mut value = self.eval_operand(code, op, at(tail), env)?;
        while let Some(left) = operands.pop() {
            value = match op {
                BinaryOp::Concat => self.concat_operands(left, value),
                _ => self.update_operands(left, value),
            };
        }
        value.into_value()
    }
}

impl Session<'_> {
    fn current_position(&mut self, pos: Pos) -> Eval<Value> {
        let site = self.site(pos).ok_or_else(|| Stop::unknown(Reason::Syntax))?;
        let Some((line, column)) = self.world().line_col(site) else {
            return Err(Stop::unknown(Reason::Impure("__curPos".into())));
        };
        let file = Value::Str(self.world().path(site.file));
        let (line, column) = (Value::Int(line.into()), Value::Int(column.into()));
        Ok(crate::attrs_of(self, [("file", file), ("line", line), ("column", column)]))
    }

    /// `builtins.nixPath`, which only functions named `__findFile` get to see.
    fn nix_path(&mut self) -> Thunk {
        self.failed(Stop::unknown(Reason::Impure("builtins.nixPath".into())))
    }

    /// Nix prints the source of a failed assertion; we do not keep source.
    fn assertion_text(&self, _condition: Pos) -> String {
        "assertion failed".to_owned()
    }
}
