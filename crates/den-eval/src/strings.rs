//! Coercion to strings.
//!
//! Source: nix `EvalState::coerceToString`. String contexts are not kept: they only matter to
//! derivations, and those are built by real Nix.

use den_code::Name;

use crate::budget::MAX_STRING_BYTES;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Thunk, Value};
use crate::world::Found;
use crate::{ErrorKind, Eval, Stop};

impl Session<'_> {
    /// A string, unless it is too long to keep.
    pub(crate) fn string_value(&mut self, text: String) -> Eval<Value> {
        if text.len() > MAX_STRING_BYTES {
            return Err(Stop::unknown(Reason::Budget("string length")));
        }
        self.charge(text.len())?;
        Ok(Value::Str(Name::from(text)))
    }

    /// `"${value}"`. A path would be copied to the store, whose name nobody knows here.
    pub(crate) fn interpolate(&mut self, value: Value) -> Eval<String> {
        self.coerce(value, Coerce { more: false, copy_paths: true })
    }

    /// An operand of `+` next to a string.
    pub(crate) fn coerce_operand(&mut self, value: Value) -> Eval<String> {
        self.coerce(value, Coerce { more: false, copy_paths: true })
    }

    /// What `path + value` or `./a/${value}` appends.
    pub(crate) fn path_piece(&mut self, value: Value) -> Eval<String> {
        self.coerce(value, Coerce { more: false, copy_paths: false })
    }

    /// `toString value`
    pub fn to_display_string(&mut self, thunk: Thunk) -> Eval<String> {
        let value = self.force(thunk)?;
        self.coerce(value, Coerce { more: true, copy_paths: false })
    }

    /// Coerces a value to a string.
    pub fn coerce(&mut self, value: Value, how: Coerce) -> Eval<String> {
        self.nested(|session| session.coerce_inner(value, how))
    }

    fn coerce_inner(&mut self, value: Value, how: Coerce) -> Eval<String> {
        self.step()?;
        let value = self.resolve(value)?;
        match &value {
            Value::Str(text) => Ok(text.to_string()),
            Value::Path(path) if how.copy_paths => Err(self.store_path(path)),
            Value::Path(path) => Ok(path.to_string()),
            Value::Attrs(attrs) => {
                if let Some(attr) = attrs.get("__toString") {
                    let this = self.done(value.clone());
                    let text = self.call_thunk(attr.thunk, &[this])?;
                    return self.coerce(text, how);
                }
                if let Some(attr) = attrs.get("outPath") {
                    let inner = self.force(attr.thunk)?;
                    return self.coerce(inner, how);
                }
                attrs.lacks("outPath")?;
                Err(self.cannot_coerce(&value))
            }
            Value::Bool(true) if how.more => Ok("1".into()),
            Value::Bool(false) | Value::Null if how.more => Ok(String::new()),
            Value::Int(it) if how.more => Ok(it.to_string()),
            // C's "%f".
            Value::Float(it) if how.more => Ok(format!("{it:.6}")),
            Value::List(list) if how.more => {
                let thunk = self.done(value.clone());
                self.list(thunk)?;
                let mut text = String::new();
                for (index, element) in list.elements.iter().enumerate() {
                    let inner = self.force(element.thunk)?;
                    let empty_list = matches!(&inner, Value::List(it) if it.elements.is_empty());
                    text.push_str(&self.coerce(inner, how)?);
                    if text.len() > MAX_STRING_BYTES {
                        return Err(Stop::unknown(Reason::Budget("string length")));
                    }
                    // An empty list adds nothing, not even the blank behind it.
                    if index + 1 < list.elements.len() && !empty_list {
                        text.push(' ');
                    }
                }
                Ok(text)
            }
            _ => Err(self.cannot_coerce(&value)),
        }
    }

    /// Why a path has no name in the store: it does not exist, or nobody here knows the name.
    pub(crate) fn store_path(&self, path: &Name) -> Stop {
        match self.world().find(path) {
            Found::Missing => Stop::error(ErrorKind::Io, format!("path '{path}' does not exist")),
            _ => Stop::unknown(Reason::Impure(path.clone())),
        }
    }

    fn cannot_coerce(&mut self, value: &Value) -> Stop {
        let printed = self.print_short(value);
        Stop::type_error(format!("cannot coerce {} to a string: {printed}", value.show_type()))
    }
}

/// How far coercion goes.
#[derive(Clone, Copy, Debug)]
pub struct Coerce {
    /// Also Booleans, numbers, null and lists, as `toString` does.
    pub more: bool,
    /// Paths become store paths, as in interpolation.
    pub copy_paths: bool,
}
