//! Values as JSON text, as `builtins.toJSON` and `nix eval --json` print them.
//!
//! Source: nix `printValueAsJSON` on nlohmann's writer.

use crate::budget::MAX_STRING_BYTES;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

impl Session<'_> {
    /// The value of a thunk as JSON text; everything is forced. Paths print as they are if
    /// `copy_paths` is off, and would become store paths otherwise.
    pub fn to_json(&mut self, thunk: Thunk, copy_paths: bool) -> Eval<String> {
        let mut out = String::new();
        self.write_json(thunk, copy_paths, &mut out)?;
        Ok(out)
    }

    fn write_json(&mut self, thunk: Thunk, copy_paths: bool, out: &mut String) -> Eval<()> {
        let value = self.value(thunk)?;
        self.nested(|session| session.write_json_value(value, copy_paths, out))
    }

    fn write_json_value(&mut self, value: Value, copy_paths: bool, out: &mut String) -> Eval<()> {
        self.step()?;
        if out.len() > MAX_STRING_BYTES {
            return Err(Stop::unknown(Reason::Budget("string length")));
        }
        match &value {
            Value::Null => out.push_str("null"),
            Value::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
            Value::Int(it) => out.push_str(&it.to_string()),
            Value::Float(it) => out.push_str(&json_float(*it)),
            Value::Str(text) => write_json_string(text, out),
            Value::Path(path) if copy_paths => return Err(self.store_path(path)),
            Value::Path(path) => write_json_string(path, out),
            Value::List(list) => {
                let whole = self.done(value.clone());
                self.list(whole)?;
                out.push('[');
                for (index, element) in list.elements.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.write_json(element.thunk, copy_paths, out)?;
                }
                out.push(']');
            }
            Value::Attrs(attrs) => {
                if let Some(attr) = attrs.get("__toString") {
                    let this = self.done(value.clone());
                    let text = self.call_thunk(attr.thunk, &[this])?;
                    let text = self.path_piece(text)?;
                    write_json_string(&text, out);
                    return Ok(());
                }
                if let Some(attr) = attrs.get("outPath") {
                    return self.write_json(attr.thunk, copy_paths, out);
                }
                attrs.closed()?;
                out.push('{');
                for (index, (name, attr)) in attrs.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_json_string(name, out);
                    out.push(':');
                    self.write_json(attr.thunk, copy_paths, out)?;
                }
                out.push('}');
            }
            Value::Lambda(_) | Value::Native(_) => {
                return Err(Stop::error(ErrorKind::Type, format!("cannot convert {} to JSON", value.show_type())));
            }
            Value::Symbol(symbol) => return Err(self.stuck(symbol)),
        }
        Ok(())
    }
}

/// A JSON string literal.
pub(crate) fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The shortest text that reads back as the same number, never without a fraction or exponent.
fn json_float(value: f64) -> String {
    if !value.is_finite() {
        return "null".into();
    }
    let shortest = format!("{value:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..15).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
