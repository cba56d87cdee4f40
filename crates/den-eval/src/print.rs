//! Values in Nix's notation, for error messages.
//!
//! Source: nix `ValuePrinter` with `errorPrintOptions`: nothing is forced, long values are cut.

use crate::session::{Session, State};
use crate::value::{Pos, Thunk, Value};

const MAX_ITEMS: usize = 10;
const MAX_DEPTH: usize = 10;
const MAX_TEXT: usize = 1024;

impl Session<'_> {
    /// A value as an error message shows it.
    pub fn print_short(&self, value: &Value) -> String {
        let mut out = String::new();
        self.print(value, 0, &mut out);
        out
    }

    fn print(&self, value: &Value, depth: usize, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
            Value::Int(it) => out.push_str(&it.to_string()),
            Value::Float(it) => out.push_str(&float_text(*it)),
            Value::Str(text) => out.push_str(&quote(cut(text))),
            Value::Path(path) => out.push_str(path),
            Value::List(list) => {
                if depth >= MAX_DEPTH {
                    return out.push_str("[ ... ]");
                }
                out.push_str("[ ");
                for element in list.elements.iter().take(MAX_ITEMS) {
                    self.print_thunk(element.thunk, depth, out);
                    out.push(' ');
                }
                self.print_rest(list.elements.len(), "item", out);
                out.push(']');
            }
            Value::Attrs(attrs) => {
                if depth >= MAX_DEPTH {
                    return out.push_str("{ ... }");
                }
                out.push_str("{ ");
                for (name, attr) in attrs.iter().take(MAX_ITEMS) {
                    out.push_str(&attr_name(name));
                    out.push_str(" = ");
                    self.print_thunk(attr.thunk, depth, out);
                    out.push_str("; ");
                }
                self.print_rest(attrs.len(), "attribute", out);
                out.push('}');
            }
            Value::Lambda(closure) => {
                let name = self.lambda_name(closure.pos);
                match (name, self.print_position(closure.pos)) {
                    (Some(name), Some(at)) => out.push_str(&format!("\u{ab}lambda {name} @ {at}\u{bb}")),
                    (None, Some(at)) => out.push_str(&format!("\u{ab}lambda @ {at}\u{bb}")),
                    _ => out.push_str("\u{ab}lambda\u{bb}"),
                }
            }
            Value::Native(call) => {
                let what = if call.args.is_empty() { "primop" } else { "partially applied primop" };
                let name = call.func.name.rsplit('.').next().unwrap_or_default();
                out.push_str(&format!("\u{ab}{what} {name}\u{bb}"));
            }
            Value::Symbol(symbol) => out.push_str(&symbol.display()),
        }
    }

    fn print_rest(&self, count: usize, what: &str, out: &mut String) {
        if let Some(rest) = count.checked_sub(MAX_ITEMS).filter(|it| *it > 0) {
            let plural = if rest == 1 { "" } else { "s" };
            out.push_str(&format!("\u{ab}{rest} {what}{plural} elided\u{bb} "));
        }
    }

    fn print_thunk(&self, thunk: Thunk, depth: usize, out: &mut String) {
        match &self.thunks[thunk.0 as usize] {
            State::Done(value) => self.print(value, depth + 1, out),
            State::Failed(_) | State::Stuck(..) => out.push_str("\u{ab}error\u{bb}"),
            State::Running => out.push_str("\u{ab}potential infinite recursion\u{bb}"),
            _ => out.push_str("\u{ab}thunk\u{bb}"),
        }
    }

    fn print_position(&self, pos: Pos) -> Option<String> {
        let site = self.site(pos)?;
        let (line, column) = self.world().line_col(site)?;
        Some(format!("{}:{line}:{column}", self.world().path(site.file)))
    }

    fn lambda_name(&self, pos: Pos) -> Option<&str> {
        match self.expr_at(pos) {
            den_code::Expr::Lambda { name, .. } => name.as_deref(),
            _ => None,
        }
    }
}

fn cut(text: &str) -> &str {
    match text.char_indices().nth(MAX_TEXT) {
        Some((at, _)) => &text[..at],
        None => text,
    }
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
