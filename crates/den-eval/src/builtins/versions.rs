//! Versions and names of packages. Source: nix `names.cc`.

use std::cmp::Ordering;

use crate::native;
use crate::native::NativeEntry;
use crate::value::Value;

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.compareVersions", 2, |session, args| {
        let left = session.string(args[0])?;
        let right = session.string(args[1])?;
        Ok(Value::Int(compare_versions(&left, &right) as i64))
    }),
    native!("builtins.splitVersion", 1, |session, args| {
        let version = session.string(args[0])?;
        let parts: Vec<_> = components(&version).map(|it| session.done(Value::str(it))).collect();
        Ok(Value::list(parts))
    }),
    native!("builtins.parseDrvName", 1, |session, args| {
        let text = session.string(args[0])?;
        let (name, version) = split_name(&text);
        let (name, version) = (Value::str(name), Value::str(version));
        Ok(crate::attrs_of(session, [("name", name), ("version", version)]))
    }),
];

/// The components of a version: runs of digits, and runs of anything else but dots and dashes.
fn components(version: &str) -> impl Iterator<Item = &str> {
    let mut rest = version;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['.', '-']);
        let digits = rest.starts_with(|it: char| it.is_ascii_digit());
        let belongs = |it: char| it.is_ascii_digit() == digits && it != '.' && it != '-';
        let end = rest.find(|it| !belongs(it)).unwrap_or(rest.len());
        let (component, tail) = rest.split_at(end);
        rest = tail;
        Some(component).filter(|it| !it.is_empty())
    })
}

/// The order of two versions.
pub(crate) fn compare_versions(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (components(left), components(right));
    loop {
        let (a, b) = (left.next(), right.next());
        if a.is_none() && b.is_none() {
            return Ordering::Equal;
        }
        let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
        if component_less(a, b) {
            return Ordering::Less;
        }
        if component_less(b, a) {
            return Ordering::Greater;
        }
    }
}

fn component_less(a: &str, b: &str) -> bool {
    // Nix reads 32 bits; what does not fit is no number.
    match (a.parse::<i32>().ok(), b.parse::<i32>().ok()) {
        (Some(a), Some(b)) => a < b,
        (_, Some(_)) if a.is_empty() => true,
        _ if a == "pre" && b != "pre" => true,
        _ if b == "pre" => false,
        // Letters come before numbers: `2.3a` is older than `2.3.1`.
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) => a < b,
    }
}

/// Name and version of a package: the version starts behind the first dash that no letter follows.
fn split_name(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices('-') {
        if bytes.get(at + 1).is_some_and(|it| !it.is_ascii_alphabetic()) {
            return (&text[..at], &text[at + 1..]);
        }
    }
    (text, "")
}
