//! String contexts. Source: nix `primops/context.cc`.
//!
//! A string here never has a context: whatever would give it one (the path of a derivation or of a
//! file in the store) is unknown already.

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Attrs, Thunk, Value};
use crate::{Eval, Stop};

use super::lists::bad_argument;

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.hasContext", 1, |session, args| session.string(args[0]).map(|_| Value::Bool(false))),
    native!("builtins.getContext", 1, |session, args| {
        session.string(args[0]).map(|_| Value::Attrs(Attrs::default().into()))
    }),
    native!("builtins.appendContext", 2, |session, args| {
        let text = session.string(args[0])?;
        let context = session.attrs(args[1])?;
        context.closed()?;
        match context.iter().next() {
            None => Ok(Value::Str(text)),
            Some((name, _)) if !name.starts_with("/nix/store/") => {
                Err(bad_argument(format!("context key '{name}' is not a store path")))
            }
            Some(_) => Err(Stop::unknown(Reason::Unsupported("builtins.appendContext".into()))),
        }
    }),
    native!("builtins.unsafeDiscardStringContext", 1, |session, args| plain(session, args[0])),
    native!("builtins.unsafeDiscardOutputDependency", 1, |session, args| plain(session, args[0])),
    native!("builtins.addDrvOutputDependencies", 1, |session, args| {
        let value = session.force(args[0])?;
        let text = session.interpolate(value)?;
        Err(bad_argument(format!("context of string '{text}' must have exactly one element, but has 0")))
    }),
];

fn plain(session: &mut Session<'_>, text: Thunk) -> Eval<Value> {
    let value = session.force(text)?;
    let text = session.interpolate(value)?;
    session.string_value(text)
}
