//! Other options and module arguments.

use den_code::Name;
use den_eval::{Eval, Session, Value};

use super::FleetResolver;
use crate::fleet::definitions_of;

impl FleetResolver<'_> {
    /// A module argument set through `_module.args`, or an option that exactly one module defines.
    pub(super) fn option(&self, session: &mut Session<'_>, path: &[Name]) -> Eval<Option<(usize, Value)>> {
        let (from, used): (Vec<Name>, usize) = match path {
            [root, ..] if matches!(root.as_str(), "inputs" | "pkgs" | "options" | "config" | "den") => return Ok(None),
            [root, rest @ ..] if root == "self" => match rest {
                [name, ..] if name == "lib" => (vec!["flake".into(), "lib".into()], 2),
                _ => return Ok(None),
            },
            [root, ..] => (vec!["_module".into(), "args".into(), root.clone()], 1),
            [] => return Ok(None),
        };
        let found = definitions_of(self.db, self.project, from);
        let [only] = &found[..] else { return Ok(None) };
        if only.definition.applies() != Some(true) {
            return Ok(None);
        }
        let thunk = session.frozen(only.definition.node.clone());
        Ok(Some((used, session.force(thunk)?)))
    }
}
