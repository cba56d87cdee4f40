//! TOML. Source: nix `primops/fromTOML.cc`.

use den_code::Name;

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::value::{Attr, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

pub(super) const TABLE: &[NativeEntry] = &[native!("builtins.fromTOML", 1, |session, args| {
    let text = session.string(args[0])?;
    from_toml(session, &text)
})];

/// What a text in TOML says. The words of an error are ours, its class is Nix's.
fn from_toml(session: &mut Session<'_>, text: &str) -> Eval<Value> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| problem(error.message()))?;
    value(session, toml::Value::Table(table))
}

fn problem(message: &str) -> Stop {
    Stop::error(ErrorKind::BadInput, format!("while parsing TOML: {message}"))
}

fn value(session: &mut Session<'_>, it: toml::Value) -> Eval<Value> {
    Ok(match it {
        toml::Value::String(text) => text_value(text)?,
        toml::Value::Integer(it) => Value::Int(it),
        toml::Value::Float(it) => Value::Float(it),
        toml::Value::Boolean(it) => Value::Bool(it),
        toml::Value::Datetime(_) => return Err(problem("Dates and times are not supported")),
        toml::Value::Array(array) => {
            let mut elements: Vec<Thunk> = Vec::with_capacity(array.len());
            for element in array {
                let value = session.nested(|session| value(session, element))?;
                elements.push(session.done(value));
            }
            Value::list(elements)
        }
        toml::Value::Table(table) => {
            let mut entries = Vec::with_capacity(table.len());
            for (key, inner) in table {
                let value = session.nested(|session| value(session, inner))?;
                entries.push((Name::from(key), Attr::unplaced(session.done(value))));
            }
            Value::attrs(entries)
        }
    })
}

fn text_value(text: String) -> Eval<Value> {
    if text.contains('\0') {
        return Err(problem("a string that contains null bytes cannot be represented"));
    }
    Ok(Value::Str(Name::from(text)))
}
