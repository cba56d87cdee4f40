//! Nix's own functions and the names that are in scope everywhere.
//!
//! One file per area, one table entry per function; an entry's name is `builtins.NAME`. Laziness is
//! the original's, read from nix 2.26 `primops.cc`.

mod attrs;
mod context;
mod control;
mod hashing;
mod json;
mod lists;
mod numbers;
mod outside;
mod paths;
pub(crate) mod regex;
mod sorting;
mod strings;
mod toml;
mod types;
mod versions;
mod xml;

use den_code::Name;

use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::{Reason, Unknown};
use crate::value::{Attrs, Pos, Thunk, Value};

/// Every table.
const TABLES: &[&[NativeEntry]] = &[
    attrs::TABLE,
    context::TABLE,
    control::TABLE,
    hashing::TABLE,
    json::TABLE,
    lists::TABLE,
    numbers::TABLE,
    outside::TABLE,
    paths::TABLE,
    regex::TABLE,
    sorting::TABLE,
    strings::TABLE,
    toml::TABLE,
    types::TABLE,
    versions::TABLE,
    xml::TABLE,
];

/// Builtins that are also in scope under their bare names (nix `EvalState::createBaseEnv`: those
/// that are not prefixed with `__`).
const BARE: &[&str] = &[
    "abort",
    "baseNameOf",
    "break",
    "builtins",
    "derivation",
    "derivationStrict",
    "dirOf",
    "false",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fromTOML",
    "import",
    "isNull",
    "map",
    "null",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
    "true",
];

/// Builtins that exist only where an experimental feature or a setting of Nix is on: the last two
/// where evaluation is not pure.
const OPTIONAL: &[&str] = &[
    "exec",
    "fetchClosure",
    "fetchFinalTree",
    "fetchTree",
    "flakeRefToString",
    "getFlake",
    "importNative",
    "outputOf",
    "parseFlakeRef",
    "currentSystem",
    "currentTime",
];

impl Session<'_> {
    /// The value of `builtins`.
    pub fn builtins(&mut self) -> Thunk {
        if let Some(&thunk) = self.scratch.get("builtins") {
            return thunk;
        }
        let mut value = self.native_set("builtins", TABLES);
        if let Value::Attrs(attrs) = &value {
            let open = Some(Unknown::new(Reason::Impure("experimental-features".into()), Pos::NONE));
            let (entries, origin) = (attrs.entries.clone(), attrs.origin.clone());
            // Constants are not suspended in Nix, which shows where an error prints them.
            for (_, attr) in entries.iter().filter(|it| ["true", "false", "null"].contains(&it.0.as_str())) {
                // They cannot fail, and a failure would come up again where they are used.
                let _ = self.force(attr.thunk);
            }
            value = Value::Attrs(Attrs { entries, origin, open, open_names: Some(OPTIONAL), option_type: None }.into());
        }
        let thunk = self.done(value);
        self.scratch.insert("builtins", thunk);
        thunk
    }

    /// The meaning of a name that nothing in the code binds: a member of `builtins`, and the very
    /// same value as that.
    pub(crate) fn global(&mut self, name: &Name) -> Option<Thunk> {
        if let Some(known) = self.globals.get(name) {
            return *known;
        }
        let thunk = match global_key(name) {
            Some("builtins") => Some(self.builtins()),
            Some(key) => {
                let builtins = self.builtins();
                match self.force(builtins) {
                    Ok(Value::Attrs(attrs)) => attrs.get(key).map(|it| it.thunk),
                    _ => None,
                }
            }
            None => None,
        };
        self.globals.insert(name.clone(), thunk);
        thunk
    }
}

/// The member of `builtins` that is in scope under this name, if there is one.
fn global_key(name: &str) -> Option<&str> {
    if BARE.contains(&name) { Some(name) } else { name.strip_prefix("__").filter(|it| !BARE.contains(it)) }
}

/// Whether a name is bound without any code binding it.
pub fn is_global(name: &str) -> bool {
    let has = |key: &str| TABLES.iter().flat_map(|it| it.iter()).any(|it| it.key() == key);
    global_key(name).is_some_and(|key| key == "builtins" || has(key)) || is_optional_global(name)
}

/// Whether a name is bound only where an experimental feature is on.
pub(crate) fn is_optional_global(name: &str) -> bool {
    global_key(name).is_some_and(|key| OPTIONAL.contains(&key))
}
