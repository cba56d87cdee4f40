//! Types of values and what functions say about themselves. Source: nix `primops.cc`.

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::value::{Attr, Pos, Thunk, Value};
use crate::{Eval, Stop};

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.typeOf", 1, |session, args| {
        let value = session.value(args[0])?;
        Ok(Value::str(kind(&value)))
    }),
    native!("builtins.isNull", 1, |session, args| is(session, args[0], "null")),
    native!("builtins.isFunction", 1, |session, args| is(session, args[0], "lambda")),
    native!("builtins.isInt", 1, |session, args| is(session, args[0], "int")),
    native!("builtins.isFloat", 1, |session, args| is(session, args[0], "float")),
    native!("builtins.isString", 1, |session, args| is(session, args[0], "string")),
    native!("builtins.isBool", 1, |session, args| is(session, args[0], "bool")),
    native!("builtins.isPath", 1, |session, args| is(session, args[0], "path")),
    native!("builtins.isAttrs", 1, |session, args| is(session, args[0], "set")),
    native!("builtins.isList", 1, |session, args| is(session, args[0], "list")),
    native!("builtins.functionArgs", 1, |session, args| function_args(session, args[0])),
];

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "string",
        Value::Path(_) => "path",
        Value::List(_) => "list",
        Value::Attrs(_) => "set",
        Value::Lambda(_) | Value::Native(_) => "lambda",
        // `Session::value` leaves no reference.
        Value::Symbol(_) => "unknown",
    }
}

fn is(session: &mut Session<'_>, value: Thunk, wanted: &str) -> Eval<Value> {
    let value = session.value(value)?;
    Ok(Value::Bool(kind(&value) == wanted))
}

fn function_args(session: &mut Session<'_>, func: Thunk) -> Eval<Value> {
    let func = session.value(func)?;
    if !matches!(func, Value::Lambda(_) | Value::Native(_)) {
        return Err(Stop::type_error("'functionArgs' requires a function"));
    }
    let formals = session.formals(&func).map_or(Vec::new(), |it| it.0);
    let entries = formals.into_iter().map(|(name, optional, key)| {
        let thunk = session.done(Value::Bool(optional));
        (name, Attr { thunk, key, value: Pos::NONE })
    });
    Ok(Value::attrs(entries.collect()))
}
