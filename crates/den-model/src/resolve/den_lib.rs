//! `den.lib`: the parts that decide what a fleet is.

use den_code::Name;
use den_eval::{Attr, Attrs, Eval, Session, Value};

use super::{FleetResolver, symbol_of};
use crate::aspect::{INTERNAL_KEYS, STRUCTURAL_KEYS};
use crate::fleet::registry;

impl FleetResolver<'_> {
    /// The value of a path below `den.lib`, as far as it is known.
    pub(super) fn den_lib(&self, session: &mut Session<'_>, path: &[Name]) -> Eval<Option<(usize, Value)>> {
        let names: Vec<&str> = path.iter().map(Name::as_str).collect();
        Ok(match &names[..] {
            ["den", "lib", "aspects", "fx", "keyClassification", "structuralKeysSet", ..] => {
                Some((6, self.structural_keys(session)))
            }
            ["den", "lib", "__findFile", ..] => {
                let symbol = symbol_of(&["__findFile".into()]);
                Some((3, Value::Symbol(symbol.into())))
            }
            _ => None,
        })
    }

    /// `structuralKeysSet`: every key that Den handles itself, and the reserved ones, as `{ key = true; }`.
    fn structural_keys(&self, session: &mut Session<'_>) -> Value {
        let known = registry(self.db, self.project);
        let keys = STRUCTURAL_KEYS.iter().chain(INTERNAL_KEYS).map(|it| Name::new_static(it));
        let keys: Vec<Name> = keys.chain(known.reserved.iter().cloned()).collect();
        let mut entries = Vec::new();
        for key in keys {
            entries.push((key, Attr::unplaced(session.done(Value::Bool(true)))));
        }
        Value::Attrs(Attrs::from_entries(entries).into())
    }
}
