//! Strings. Source: nix `primops.cc`, section "String manipulation".

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Thunk, Value};
use crate::{Coerce, Eval, Stop};

use super::lists::bad_argument;

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.toString", 1, |session, args| {
        let text = session.to_display_string(args[0])?;
        session.string_value(text)
    }),
    native!("builtins.stringLength", 1, |session, args| {
        let value = session.force(args[0])?;
        Ok(Value::Int(session.interpolate(value)?.len() as i64))
    }),
    native!("builtins.substring", 3, |session, args| substring(session, args)),
    native!("builtins.concatStringsSep", 2, |session, args| join(session, args[0], args[1])),
    native!("builtins.replaceStrings", 3, |session, args| replace(session, args)),
    native!("builtins.baseNameOf", 1, |session, args| {
        let value = session.force(args[0])?;
        let text = session.coerce(value, Coerce { more: false, copy_paths: false })?;
        Ok(Value::str(base_name(&text)))
    }),
    native!("builtins.dirOf", 1, |session, args| {
        let value = session.force(args[0])?;
        match session.resolve(value)? {
            Value::Path(path) => Ok(Value::Path(crate::paths::parent(&path).into())),
            value => {
                let text = session.coerce(value, Coerce { more: false, copy_paths: false })?;
                Ok(Value::str(dir_name(&text)))
            }
        }
    }),
];

/// Everything behind the last slash; one slash at the end does not count.
fn base_name(path: &str) -> &str {
    let path = if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
    path.rsplit('/').next().unwrap_or(path)
}

/// Everything in front of the last slashes (C++'s `path::parent_path`).
fn dir_name(path: &str) -> &str {
    let Some(at) = path.rfind('/') else { return "." };
    match path[..at].trim_end_matches('/') {
        "" if path.bytes().all(|it| it == b'/') => path,
        "" => "/",
        folder => folder,
    }
}

fn substring(session: &mut Session<'_>, args: &[Thunk]) -> Eval<Value> {
    let start = session.int(args[0])?;
    if start < 0 {
        return Err(bad_argument("negative start position in 'substring'"));
    }
    let length = session.int(args[1])?;
    let value = session.force(args[2])?;
    // Nix compares the start as 32 bits and then uses all of it.
    if start > i64::from(u32::MAX) {
        return Err(Stop::unknown(Reason::Unsupported("a string this long".into())));
    }
    let text = session.interpolate(value)?;
    let start = (start as usize).min(text.len());
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let end = start.saturating_add(length).min(text.len());
    match text.get(start..end) {
        Some(part) => Ok(Value::str(part)),
        None => Err(Stop::unknown(Reason::Unsupported("a string that is not UTF-8".into()))),
    }
}

fn join(session: &mut Session<'_>, separator: Thunk, list: Thunk) -> Eval<Value> {
    let separator = session.string(separator)?;
    let list = session.list(list)?;
    let mut text = String::new();
    for (index, element) in list.elements.iter().enumerate() {
        if index > 0 {
            text.push_str(&separator);
        }
        let value = session.force(element.thunk)?;
        text.push_str(&session.interpolate(value)?);
        if text.len() > crate::budget::MAX_STRING_BYTES {
            break;
        }
    }
    session.string_value(text)
}

fn replace(session: &mut Session<'_>, args: &[Thunk]) -> Eval<Value> {
    let from = session.list(args[0])?;
    let to = session.list(args[1])?;
    if from.elements.len() != to.elements.len() {
        let message = "'from' and 'to' arguments passed to builtins.replaceStrings have different lengths";
        return Err(bad_argument(message));
    }
    let mut wanted = Vec::with_capacity(from.elements.len());
    for element in &from.elements {
        wanted.push(session.string(element.thunk)?);
    }
    let text = session.string(args[2])?;
    // Which patterns can start with a byte: most texts have few places where any can.
    let mut starts = [false; 256];
    let has_empty = wanted.iter().any(|it| it.is_empty());
    wanted.iter().filter_map(|it| it.bytes().next()).for_each(|it| starts[usize::from(it)] = true);
    let mut out = String::new();
    let mut at = 0;
    while at <= text.len() {
        let rest = &text.as_bytes()[at..];
        let possible = has_empty || rest.first().is_some_and(|it| starts[usize::from(*it)]);
        let found = if possible { wanted.iter().position(|it| rest.starts_with(it.as_bytes())) } else { None };
        if let Some(index) = found {
            session.step()?;
            // A replacement is looked at only if it is used.
            out.push_str(&session.string(to.elements[index].thunk)?);
            if !wanted[index].is_empty() {
                at += wanted[index].len();
                continue;
            }
        }
        // Nix goes on by bytes: behind the first byte of a character an empty pattern would match
        // again, and half a character is nothing that our strings can hold.
        let character = text[at..].chars().next();
        if let Some(character) = character {
            if found.is_some() && character.len_utf8() > 1 {
                return Err(Stop::unknown(Reason::Unsupported("a string that is not UTF-8".into())));
            }
            out.push(character);
        }
        at += character.map_or(1, char::len_utf8);
        if out.len() > crate::budget::MAX_STRING_BYTES {
            break;
        }
    }
    session.string_value(out)
}
