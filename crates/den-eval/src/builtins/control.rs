//! Control: errors, forcing, tracing. Source: nix `primops.cc`, section "Miscellaneous".

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::compare::written_before;
use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Unknown;
use crate::value::{Attr, Thunk, Value};
use crate::{Coerce, ErrorKind, Eval, Stop};

pub(super) const TABLE: &[NativeEntry] = &[
    NativeEntry::Const("true", |_| Ok(Value::Bool(true))),
    NativeEntry::Const("false", |_| Ok(Value::Bool(false))),
    NativeEntry::Const("null", |_| Ok(Value::Null)),
    NativeEntry::Const("builtins", |session| {
        let builtins = session.builtins();
        session.force(builtins)
    }),
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
    native!("builtins.addErrorContext", 2, |session, args| match session.force(args[1]) {
        Err(error @ Stop::Error(_)) => {
            // The context is only looked at once there is an error to add it to.
            let context = session.force(args[0])?;
            session.coerce(context, Coerce { more: false, copy_paths: false })?;
            Err(error)
        }
        other => other,
    }),
    native!("builtins.tryEval", 1, |session, args| try_eval(session, args[0])),
    native!("builtins.seq", 2, |session, args| {
        let first = session.value(args[0]).map(|_| ());
        after(session, first, args[1])
    }),
    native!("builtins.deepSeq", 2, |session, args| {
        let mut deep = Deep::default();
        let first = deep.force(session, args[0]);
        let first = first.and_then(|()| deep.unknown.map_or(Ok(()), |it| Err(Stop::Unknown(it))));
        after(session, first, args[1])
    }),
    native!("builtins.trace", 2, |session, args| {
        let first = session.force(args[0]).map(|_| ());
        after(session, first, args[1])
    }),
    native!("builtins.traceVerbose", 2, |session, args| session.force(args[1])),
    native!("builtins.warn", 2, |session, args| {
        let first = session.string(args[0]).map(|_| ());
        after(session, first, args[1])
    }),
    native!("builtins.break", 1, |session, args| session.force(args[0])),
];

fn try_eval(session: &mut Session<'_>, value: Thunk) -> Eval<Value> {
    let (success, value) = match session.force(value) {
        Ok(_) => (true, value),
        Err(Stop::Error(error)) if error.kind.is_catchable() => (false, session.done(Value::Bool(false))),
        Err(stop) => return Err(stop),
    };
    let success = session.done(Value::Bool(success));
    let entries = [("success", success), ("value", value)];
    let entries = entries.map(|(name, thunk)| (name.into(), Attr::unplaced(thunk)));
    Ok(Value::attrs(entries.into()))
}

/// The second argument of a function that wants its first one evaluated. If nobody knows whether that
/// works out, the result is the second one or an error.
fn after(session: &mut Session<'_>, first: Eval<()>, second: Thunk) -> Eval<Value> {
    match first {
        Ok(()) => session.force(second),
        Err(Stop::Unknown(why)) => Err(Stop::Unknown(Rc::new(Unknown { candidates: vec![second], ..(*why).clone() }))),
        Err(error) => Err(error),
    }
}

/// Evaluates everything in a value (nix `EvalState::forceValueDeep`).
#[derive(Default)]
struct Deep {
    seen: FxHashSet<Thunk>,
    unknown: Option<Rc<Unknown>>,
}

impl Deep {
    fn force(&mut self, session: &mut Session<'_>, thunk: Thunk) -> Eval<()> {
        if !self.seen.insert(thunk) {
            return Ok(());
        }
        let value = match session.value(thunk) {
            Ok(value) => value,
            Err(Stop::Unknown(why)) => {
                self.unknown.get_or_insert(why);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        match value {
            Value::Attrs(attrs) => {
                self.unknown = self.unknown.take().or_else(|| attrs.open.clone());
                // As near to Nix's order as a file alone can tell.
                let mut sorted: Vec<Attr> = attrs.iter().map(|it| it.1).collect();
                if sorted.windows(2).any(|it| written_before(it[1], it[0])) {
                    sorted.sort_by_key(|it| (it.key.item, it.key.expr));
                }
                sorted.into_iter().try_for_each(|it| session.nested(|session| self.force(session, it.thunk)))
            }
            Value::List(list) => {
                self.unknown = self.unknown.take().or_else(|| list.open.clone());
                let elements = list.elements.iter();
                elements.into_iter().try_for_each(|it| session.nested(|session| self.force(session, it.thunk)))
            }
            _ => Ok(()),
        }
    }
}
