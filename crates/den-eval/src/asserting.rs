//! What a failed `assert` says: the condition in Nix's own notation, or for an equality what differs.
//!
//! Sources: nix `Expr::show` and `EvalState::assertEqValues`.

use std::rc::Rc;

use den_code::{
    AttrKey, BinaryOp, Bindings, Code, EntryValue, Expr, ExprId, ItemRef, Param, PathBase, StrPart, UnaryOp,
};

use crate::session::{Session, with_stack};
use crate::value::{Attr, Attrs, Pos, Value};
use crate::{ErrorKind, Eval, Stop, attr_name, float_text, quote};

/// Longer texts are cut: nobody reads them.
const MAX_SHOWN: usize = 16 << 10;

impl Session<'_> {
    /// The expression at a place as Nix prints it: operators that are functions to Nix's parser are
    /// calls, and everything is in parentheses.
    pub(crate) fn show(&mut self, pos: Pos) -> String {
        let mut out = String::new();
        self.show_into(pos, &mut out);
        out
    }

    fn show_into(&mut self, pos: Pos, out: &mut String) {
        if out.len() > MAX_SHOWN {
            return;
        }
        if let Some(code) = self.code_of(pos) {
            with_stack(|| self.show_expr(&code, pos, out));
        }
    }

    fn show_expr(&mut self, code: &Code, pos: Pos, out: &mut String) {
        let at = |expr: ExprId| Pos { item: pos.item, expr };
        match code.expr(pos.expr) {
            Expr::Missing | Expr::Name | Expr::Key { .. } => (),
            Expr::Item(key) => {
                if let Some(file) = self.file_of(pos)
                    && let Ok(root) = self.item_root(ItemRef { file, item: *key })
                {
                    self.show_into(root, out);
                }
            }
            Expr::Int(it) => out.push_str(&it.to_string()),
            Expr::Float(it) => out.push_str(&float_text(*it)),
            Expr::Text(text) => out.push_str(&quote(text)),
            Expr::Str(parts) => self.show_parts(pos, parts, None, out),
            Expr::Path(path) => {
                let folder = match (path.base, self.file_of(pos)) {
                    (PathBase::Relative, Some(file)) => {
                        let file = self.world().path(file);
                        format!("{}/", crate::paths::parent(&file))
                    }
                    _ => String::new(),
                };
                self.show_parts(pos, &path.parts, Some(folder), out);
            }
            Expr::SearchPath(text) => out.push_str(&format!("(__findFile __nixPath {})", quote(text))),
            Expr::Var(name) => out.push_str(&symbol_text(name)),
            Expr::Select { base, path, default } => {
                out.push('(');
                self.show_into(at(*base), out);
                out.push_str(").");
                self.show_path(pos, path, out);
                if let Some(default) = default {
                    out.push_str(" or (");
                    self.show_into(at(*default), out);
                    out.push(')');
                }
            }
            Expr::HasAttr { base, path } => {
                out.push_str("((");
                self.show_into(at(*base), out);
                out.push_str(") ? ");
                self.show_path(pos, path, out);
                out.push(')');
            }
            Expr::Apply { func, args } => {
                out.push('(');
                self.show_into(at(*func), out);
                for arg in args {
                    out.push(' ');
                    self.show_into(at(*arg), out);
                }
                out.push(')');
            }
            Expr::Lambda { param, body, .. } => self.show_lambda(pos, param, *body, out),
            Expr::Let { bindings, body } => {
                out.push_str("(let ");
                self.show_bindings(pos, bindings, out);
                out.push_str("in ");
                self.show_into(at(*body), out);
                out.push(')');
            }
            Expr::AttrSet { recursive, bindings } => {
                out.push_str(if *recursive { "rec { " } else { "{ " });
                self.show_bindings(pos, bindings, out);
                out.push('}');
            }
            Expr::With { scope, body } => self.show_all(pos, &["(with ", "; ", ")"], &[*scope, *body], out),
            Expr::Assert { condition, body } => {
                self.show_all(pos, &["assert ", "; ", ""], &[*condition, *body], out);
            }
            Expr::If { condition, yes, no } => {
                self.show_all(pos, &["(if ", " then ", " else ", ")"], &[*condition, *yes, *no], out);
            }
            Expr::List(elements) => {
                out.push_str("[ ");
                for element in elements {
                    self.show_all(pos, &["(", ") "], &[*element], out);
                }
                out.push(']');
            }
            Expr::Unary(UnaryOp::Not, it) => self.show_all(pos, &["(! ", ")"], &[*it], out),
            Expr::Unary(UnaryOp::Negate, it) => self.show_all(pos, &["(__sub 0 ", ")"], &[*it], out),
            Expr::Binary(op, a, b) => self.show_binary(pos, *op, *a, *b, out),
            Expr::CurPos => out.push_str("__curPos"),
        }
    }

    /// Expressions between texts.
    fn show_all(&mut self, pos: Pos, texts: &[&str], exprs: &[ExprId], out: &mut String) {
        let mut exprs = exprs.iter();
        for text in texts {
            out.push_str(text);
            if let Some(expr) = exprs.next() {
                self.show_into(self.sub(pos, *expr), out);
            }
        }
    }

    fn show_binary(&mut self, pos: Pos, op: BinaryOp, a: ExprId, b: ExprId, out: &mut String) {
        let call = |name: &'static str| ["(", name, " "].concat();
        match op {
            BinaryOp::Sub => self.show_all(pos, &[&call("__sub"), " ", ")"], &[a, b], out),
            BinaryOp::Mul => self.show_all(pos, &[&call("__mul"), " ", ")"], &[a, b], out),
            BinaryOp::Div => self.show_all(pos, &[&call("__div"), " ", ")"], &[a, b], out),
            BinaryOp::Less => self.show_all(pos, &[&call("__lessThan"), " ", ")"], &[a, b], out),
            BinaryOp::More => self.show_all(pos, &[&call("__lessThan"), " ", ")"], &[b, a], out),
            BinaryOp::LessOrEqual => self.show_all(pos, &["(! (__lessThan ", " ", "))"], &[b, a], out),
            BinaryOp::MoreOrEqual => self.show_all(pos, &["(! (__lessThan ", " ", "))"], &[a, b], out),
            BinaryOp::Add => self.show_all(pos, &["(", " + ", ")"], &[a, b], out),
            BinaryOp::Concat => self.show_all(pos, &["(", " ++ ", ")"], &[a, b], out),
            BinaryOp::Update => self.show_all(pos, &["(", " // ", ")"], &[a, b], out),
            BinaryOp::Equal => self.show_all(pos, &["(", " == ", ")"], &[a, b], out),
            BinaryOp::NotEqual => self.show_all(pos, &["(", " != ", ")"], &[a, b], out),
            BinaryOp::And => self.show_all(pos, &["(", " && ", ")"], &[a, b], out),
            BinaryOp::Or => self.show_all(pos, &["(", " || ", ")"], &[a, b], out),
            BinaryOp::Implies => self.show_all(pos, &["(", " -> ", ")"], &[a, b], out),
        }
    }

    /// Interpolation is addition to Nix. `folder` is what a path starts with, and `None` for a string.
    fn show_parts(&mut self, pos: Pos, parts: &[StrPart], folder: Option<String>, out: &mut String) {
        let path_text = |text: &str, folder: &str| {
            let slash = if text.ends_with('/') && text.len() > 1 { "/" } else { "" };
            format!("{}{slash}", crate::paths::normalize(&format!("{folder}{text}")))
        };
        if let (Some(folder), [StrPart::Text(text)]) = (&folder, parts) {
            return out.push_str(&path_text(text, folder));
        }
        out.push('(');
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                out.push_str(" + ");
            }
            match (part, &folder) {
                (StrPart::Text(text), Some(folder)) if index == 0 => out.push_str(&path_text(text, folder)),
                (StrPart::Text(text), _) => out.push_str(&quote(text)),
                (StrPart::Interpolation(expr), _) => self.show_into(self.sub(pos, *expr), out),
            }
        }
        out.push(')');
    }

    fn show_path(&mut self, pos: Pos, path: &[AttrKey], out: &mut String) {
        for (index, key) in path.iter().enumerate() {
            if index > 0 {
                out.push('.');
            }
            match key {
                AttrKey::Static(name, _) => out.push_str(&symbol_text(name)),
                AttrKey::Dynamic(expr) => self.show_all(pos, &["\"${", "}\""], &[*expr], out),
            }
        }
    }

    fn show_lambda(&mut self, pos: Pos, param: &Param, body: ExprId, out: &mut String) {
        out.push('(');
        match param {
            Param::Ident(name, _) => out.push_str(&symbol_text(name)),
            Param::Pattern { formals, ellipsis, bind, .. } => {
                out.push_str("{ ");
                let mut sorted: Vec<_> = formals.iter().collect();
                sorted.sort_by(|a, b| a.name.cmp(&b.name));
                for (index, formal) in sorted.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    out.push_str(&symbol_text(&formal.name));
                    if let Some(default) = formal.default {
                        self.show_all(pos, &[" ? "], &[default], out);
                    }
                }
                if *ellipsis {
                    out.push_str(if sorted.is_empty() { "..." } else { ", ..." });
                }
                out.push_str(" }");
                if let Some((name, _)) = bind {
                    out.push_str(&format!(" @ {}", symbol_text(name)));
                }
            }
        }
        self.show_all(pos, &[": ", ")"], &[body], out);
    }

    /// Plain inherits first, then those with a source, then the others, then computed names.
    fn show_bindings(&mut self, pos: Pos, bindings: &Bindings, out: &mut String) {
        let inherited = |wanted: EntryValue| bindings.entries.iter().filter(move |it| it.value == wanted);
        if inherited(EntryValue::Inherit).next().is_some() {
            out.push_str("inherit");
            inherited(EntryValue::Inherit).for_each(|it| out.push_str(&format!(" {}", symbol_text(&it.name))));
            out.push_str("; ");
        }
        for (index, source) in (0u32..).zip(&bindings.sources) {
            if inherited(EntryValue::InheritFrom(index)).next().is_none() {
                continue;
            }
            self.show_all(pos, &["inherit (", ")"], &[*source], out);
            inherited(EntryValue::InheritFrom(index)).for_each(|it| {
                out.push_str(&format!(" {}", symbol_text(&it.name)));
            });
            out.push_str("; ");
        }
        for entry in &bindings.entries {
            if let EntryValue::Expr(value) = entry.value {
                let name = format!("{} = ", symbol_text(&entry.name));
                self.show_all(pos, &[&name, "; "], &[value], out);
            }
        }
        for it in &bindings.dynamic {
            self.show_all(pos, &["\"${", "}\" = ", "; "], &[it.key, it.value], out);
        }
    }

    /// Fails with what differs between two values that are not equal.
    pub(crate) fn assert_equal(&mut self, a: &Value, b: &Value) -> Eval<()> {
        let (a, b) = (self.resolve(a.clone())?, self.resolve(b.clone())?);
        let number = |it: &Value| matches!(it, Value::Int(_) | Value::Float(_));
        if number(&a) && number(&b) {
            return self.same_or(&a, &b, |x, y| format!("{x} is not equal to {y}"), "with");
        }
        if a.type_name() != b.type_name() {
            let (x, y) = (self.print_short(&a), self.print_short(&b));
            let (s, t) = (a.show_type(), b.show_type());
            return Err(assertion(format!("{s} of value '{x}' is not equal to {t} of value '{y}'")));
        }
        match (&a, &b) {
            (Value::List(x), Value::List(y)) => {
                if x.elements.len() != y.elements.len() {
                    let (s, t) = (x.elements.len(), y.elements.len());
                    let (x, y) = (self.print_short(&a), self.print_short(&b));
                    return Err(assertion(format!(
                        "list of size '{s}' is not equal to list of size '{t}', left hand side is '{x}', right hand side is '{y}'"
                    )));
                }
                for (x, y) in x.elements.iter().zip(&y.elements) {
                    if x.thunk != y.thunk {
                        let (x, y) = (self.value(x.thunk)?, self.value(y.thunk)?);
                        self.nested(|session| session.assert_equal(&x, &y))?;
                    }
                }
                Ok(())
            }
            (Value::Attrs(x), Value::Attrs(y)) => self.assert_equal_attrs(&a, x, &b, y),
            (Value::Lambda(_) | Value::Native(_), _) => Err(assertion(
                "distinct functions and immediate comparisons of identical functions compare as unequal".to_owned(),
            )),
            (Value::Bool(_), _) => {
                self.same_or(&a, &b, |x, y| format!("boolean '{x}' is not equal to boolean '{y}'"), "")
            }
            (Value::Str(_), _) => self.same_or(&a, &b, |x, y| format!("string '{x}' is not equal to string '{y}'"), ""),
            (Value::Path(_), _) => self.same_or(&a, &b, |x, y| format!("path '{x}' is not equal to path '{y}'"), ""),
            _ => Ok(()),
        }
    }

    fn same_or(&mut self, a: &Value, b: &Value, text: fn(&str, &str) -> String, joined: &str) -> Eval<()> {
        if self.equal(a, b)? {
            return Ok(());
        }
        let describe = |it: &Value| match joined {
            "" => self.print_short(it),
            joined => format!("{} {joined} value '{}'", it.show_type(), self.print_short(it)),
        };
        Err(assertion(text(&describe(a), &describe(b))))
    }

    fn assert_equal_attrs(&mut self, a: &Value, x: &Rc<Attrs>, b: &Value, y: &Rc<Attrs>) -> Eval<()> {
        if let Some((x, y)) = self.derivation_paths(x, y)? {
            let (x, y) = (self.value(x)?, self.value(y)?);
            return self.nested(|session| session.assert_equal(&x, &y));
        }
        x.closed()?;
        y.closed()?;
        let (left, right) = (self.print_short(a), self.print_short(b));
        if x.len() != y.len() {
            let message = format!("attribute names of attribute set '{left}' differs from attribute set '{right}'");
            return Err(assertion(message));
        }
        // In the order in which they are written, as near to Nix's as can be.
        let mut names: Vec<(&den_code::Name, Attr)> = x.iter().collect();
        names.sort_by_key(|(_, attr)| (attr.key.item, attr.key.expr));
        for (name, attr) in names {
            let Some(other) = y.get(name) else {
                let name = symbol_text(name);
                let message = format!("attribute name '{name}' is contained in '{left}', but not in '{right}'");
                return Err(assertion(message));
            };
            if attr.thunk != other.thunk {
                let (x, y) = (self.value(attr.thunk)?, self.value(other.thunk)?);
                self.nested(|session| session.assert_equal(&x, &y))?;
            }
        }
        Ok(())
    }
}

fn assertion(message: String) -> Stop {
    Stop::error(ErrorKind::Assert, message)
}

/// A name as Nix prints it in code (nix `printIdentifier`).
fn symbol_text(name: &str) -> String {
    attr_name(name)
}
