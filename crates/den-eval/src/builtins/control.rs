//! Control: errors, forcing, importing.

use crate::native;
use crate::native::NativeEntry;
use crate::value::Value;
use crate::{ErrorKind, Stop};

pub(super) const TABLE: &[NativeEntry] = &[
    NativeEntry::Const("true", |_| Ok(Value::Bool(true))),
    NativeEntry::Const("false", |_| Ok(Value::Bool(false))),
    NativeEntry::Const("null", |_| Ok(Value::Null)),
    native!("builtins.throw", 1, |session, args| {
        let value = session.force(args[0])?;
        let text = session.interpolate(value)?;
        Err(Stop::throw(text))
    }),
    native!("builtins.abort", 1, |session, args| {
        let value = session.force(args[0])?;
        let text = session.interpolate(value)?;
        let message = format!("evaluation aborted with the following error message: '{text}'");
        Err(Stop::error(ErrorKind::Abort, message))
    }),
    native!("builtins.toString", 1, |session, args| Ok(Value::str(session.to_display_string(args[0])?))),
    native!("builtins.seq", 2, |session, args| {
        session.value(args[0])?;
        session.force(args[1])
    }),
];
