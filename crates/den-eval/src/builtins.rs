//! Nix's own functions and the names that are in scope everywhere.
//!
//! One file per area, one table entry per function; an entry's name is `builtins.NAME`. Laziness is
//! the original's, read from nix `primops.cc`.

mod control;

use den_code::Name;

use crate::native::NativeEntry;
use crate::session::Session;
use crate::value::{Thunk, Value};

/// Every table.
const TABLES: &[&[NativeEntry]] = &[control::TABLE];

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

impl Session<'_> {
    /// The value of `builtins`.
    pub fn builtins(&mut self) -> Thunk {
        if let Some(&thunk) = self.scratch.get("builtins") {
            return thunk;
        }
        let value = self.native_set("builtins", TABLES);
        let thunk = self.done(value);
        self.scratch.insert("builtins", thunk);
        thunk
    }

    /// The meaning of a name that nothing in the code binds.
    pub(crate) fn global(&mut self, name: &Name) -> Option<Value> {
        if let Some(value) = self.globals.get(name) {
            return Some(value.clone());
        }
        let key = if BARE.contains(&name.as_str()) { name.as_str() } else { name.strip_prefix("__")? };
        let value = match key {
            "builtins" => {
                let thunk = self.builtins();
                self.force(thunk).ok()?
            }
            key => self.native_member("builtins", TABLES, key)?,
        };
        self.globals.insert(name.clone(), value.clone());
        Some(value)
    }
}

/// Whether a name is bound without any code binding it.
pub fn is_global(name: &str) -> bool {
    let has = |key: &str| TABLES.iter().flat_map(|it| it.iter()).any(|it| it.key() == key);
    name == "builtins" || (BARE.contains(&name) && has(name)) || name.strip_prefix("__").is_some_and(has)
}
