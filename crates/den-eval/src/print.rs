//! Values in Nix's notation, for error messages.
//!
//! Source: nix `ValuePrinter` with `errorPrintOptions`: nothing is forced, long values are cut.

use std::rc::Rc;

use den_code::{Expr, ItemRef};

use crate::session::{Session, State};
use crate::value::{Attrs, Pos, Thunk, Value};

/// Elements and attributes in one message, nesting, and bytes of one string.
const MAX_ITEMS: usize = 10;
const MAX_DEPTH: usize = 10;
const MAX_TEXT: usize = 1024;

/// What has been printed so far.
#[derive(Default)]
struct Printed {
    text: String,
    elements: usize,
    attributes: usize,
    sets: Vec<*const Attrs>,
}

impl Session<'_> {
    /// A value as an error message shows it.
    pub fn print_short(&self, value: &Value) -> String {
        let mut out = Printed::default();
        self.print(value, 0, &mut out);
        out.text
    }

    fn print(&self, value: &Value, depth: usize, out: &mut Printed) {
        match value {
            Value::Null => out.text.push_str("null"),
            Value::Bool(it) => out.text.push_str(if *it { "true" } else { "false" }),
            Value::Int(it) => out.text.push_str(&it.to_string()),
            Value::Float(it) => out.text.push_str(&float_text(*it)),
            Value::Str(text) => out.text.push_str(&cut_quote(text)),
            Value::Path(path) => out.text.push_str(path),
            Value::List(_) if depth >= MAX_DEPTH => out.text.push_str("[ ... ]"),
            Value::List(list) => {
                out.text.push('[');
                for (index, element) in list.elements.iter().enumerate() {
                    out.text.push(' ');
                    if out.elements >= MAX_ITEMS {
                        out.text.push_str(&elided(list.elements.len() - index, "item"));
                        break;
                    }
                    self.print_thunk(element.thunk, depth, out);
                    out.elements += 1;
                }
                out.text.push_str(" ]");
            }
            Value::Attrs(attrs) => self.print_attrs(attrs, depth, out),
            Value::Lambda(closure) => {
                out.text.push_str("\u{ab}lambda");
                if let Some(name) = self.lambda_name(closure.pos) {
                    out.text.push_str(&format!(" {name}"));
                }
                if let Some(at) = self.print_position(closure.pos) {
                    out.text.push_str(&format!(" @ {at}"));
                }
                out.text.push('\u{bb}');
            }
            Value::Native(call) => {
                let what = if call.args.is_empty() { "primop" } else { "partially applied primop" };
                out.text.push_str(&format!("\u{ab}{what} {}\u{bb}", call.func.short_name()));
            }
            Value::Symbol(symbol) => out.text.push_str(&symbol.display()),
        }
    }

    fn print_attrs(&self, attrs: &Rc<Attrs>, depth: usize, out: &mut Printed) {
        if out.sets.contains(&Rc::as_ptr(attrs)) {
            return out.text.push_str("\u{ab}repeated\u{bb}");
        }
        out.sets.push(Rc::as_ptr(attrs));
        if depth >= MAX_DEPTH {
            return out.text.push_str("{ ... }");
        }
        // What kind of record it is comes first.
        let important = |name: &str| name == "type" || name == "_type";
        let first = attrs.iter().filter(|it| important(it.0));
        let sorted = first.chain(attrs.iter().filter(|it| !important(it.0)));
        out.text.push('{');
        for (index, (name, attr)) in sorted.enumerate() {
            out.text.push(' ');
            if out.attributes >= MAX_ITEMS {
                out.text.push_str(&elided(attrs.len() - index, "attribute"));
                break;
            }
            out.text.push_str(&attr_name(name));
            out.text.push_str(" = ");
            self.print_thunk(attr.thunk, depth, out);
            out.text.push(';');
            out.attributes += 1;
        }
        out.text.push_str(" }");
    }

    fn print_thunk(&self, thunk: Thunk, depth: usize, out: &mut Printed) {
        match &self.thunks[thunk.0 as usize] {
            State::Done(value) => self.print(value, depth + 1, out),
            State::Running => out.text.push_str("\u{ab}potential infinite recursion\u{bb}"),
            State::Expr(pos, _) => match self.constant_behind(*pos) {
                Some(value) => self.print(&value, depth + 1, out),
                None => out.text.push_str("\u{ab}thunk\u{bb}"),
            },
            _ => out.text.push_str("\u{ab}thunk\u{bb}"),
        }
    }

    /// A constant that is an item of its own: Nix does not suspend constants.
    fn constant_behind(&self, pos: Pos) -> Option<Value> {
        let Expr::Item(key) = self.expr_at(pos) else { return None };
        let code = self.world().code(ItemRef { file: self.file_of(pos)?, item: *key })?;
        match code.expr(code.root) {
            Expr::Int(it) => Some(Value::Int(*it)),
            Expr::Float(it) => Some(Value::Float(*it)),
            Expr::Text(text) => Some(Value::Str(text.clone())),
            Expr::List(elements) if elements.is_empty() => Some(Value::List(Rc::default())),
            _ => None,
        }
    }

    fn print_position(&self, pos: Pos) -> Option<String> {
        let site = self.site(pos)?;
        let (line, column) = self.world().line_col(site)?;
        Some(format!("{}:{line}:{column}", self.world().path(site.file)))
    }

    fn lambda_name(&self, pos: Pos) -> Option<&str> {
        match self.expr_at(pos) {
            Expr::Lambda { name, .. } => name.as_deref(),
            _ => None,
        }
    }
}

fn elided(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("\u{ab}{count} {what}{plural} elided\u{bb}")
}

fn cut_quote(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return quote(text);
    }
    let end = (0..=MAX_TEXT).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
    format!("{} {}", quote(&text[..end]), elided(text.len() - end, "byte"))
}

/// A string literal of this text (nix `printLiteralString`).
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for (at, c) in text.char_indices() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if text[at + 1..].starts_with('{') => out.push_str("\\$"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// An attribute name, quoted where it has to be.
pub fn attr_name(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { quote(name) }
}

/// Whether a name can be written without quotes.
pub fn is_identifier(name: &str) -> bool {
    const KEYWORDS: [&str; 9] = ["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"];
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'_');
    starts
        && bytes.all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'\'' | b'-'))
        && !KEYWORDS.contains(&name)
}

/// A float as Nix prints it: C++'s default stream format, six significant digits.
pub fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0" } else { "0" }.into();
    }
    let scientific = format!("{value:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-5..6).contains(&exponent) || exponent == -5 {
        if exponent < -4 {
            return scientific_text(mantissa, exponent);
        }
        let fixed = format!("{value:.*}", (5 - exponent).max(0) as usize);
        return trim_zeros(&fixed).to_owned();
    }
    scientific_text(mantissa, exponent)
}

fn scientific_text(mantissa: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim_zeros(mantissa), exponent.abs())
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}
