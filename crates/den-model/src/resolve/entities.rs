//! Hosts, homes and policies as values.

use den_code::Name;
use den_eval::{Eval, Session, Value};

use super::{FleetResolver, stuck};
use crate::entity::{declared_homes, declared_hosts};
use crate::fleet::{defined_names, definitions_of};

impl FleetResolver<'_> {
    /// `den.hosts…` and `den.homes…`: the two-level form, whatever form they are written in.
    pub(super) fn entities(&self, session: &mut Session<'_>, path: &[Name]) -> Eval<Option<(usize, Value)>> {
        let declared = match path[1].as_str() {
            "hosts" => &declared_hosts(self.db, self.project).0,
            _ => &declared_homes(self.db, self.project).0,
        };
        let open = defined_names(self.db, self.project, path[..2].to_vec()).open.clone();
        let Some(system) = path.get(2) else {
            let mut systems: Vec<Name> = declared.iter().filter_map(|it| it.system.clone()).collect();
            systems.sort();
            systems.dedup();
            return Ok(Some((2, self.members(session, path, systems, open))));
        };
        let inside: Vec<_> = declared.iter().filter(|it| it.system.as_ref() == Some(system)).collect();
        let Some(name) = path.get(3) else {
            let names = inside.iter().map(|it| it.name.clone()).collect();
            return Ok(Some((3, self.members(session, path, names, open))));
        };
        match inside.iter().find(|it| it.name == *name) {
            Some(_) => Err(stuck(path)),
            None if open.is_some() => Err(stuck(path)),
            None => {
                let names = inside.iter().map(|it| it.name.clone()).collect();
                Ok(Some((3, self.members(session, &path[..3], names, None))))
            }
        }
    }

    /// `den.policies…`: records with their function.
    pub(super) fn policies(&self, session: &mut Session<'_>, path: &[Name]) -> Eval<Option<(usize, Value)>> {
        let Some(name) = path.get(2) else {
            let level = defined_names(self.db, self.project, path.to_vec());
            return Ok(Some((2, self.members(session, path, level.names.clone(), level.open.clone()))));
        };
        let found = definitions_of(self.db, self.project, path[..3].to_vec());
        let Some(last) = found.last() else { return Ok(None) };
        let function = session.frozen(last.definition.node.clone());
        let fields = [("__isPolicy", Value::Bool(true)), ("name", Value::Str(name.clone()))];
        let record = den_eval::attrs_of(session, fields);
        let Value::Attrs(record) = record else { return Ok(None) };
        let mut entries: Vec<_> = record.iter().map(|(name, attr)| (name.clone(), attr)).collect();
        entries.push(("fn".into(), den_eval::Attr::unplaced(function)));
        Ok(Some((3, Value::attrs(entries))))
    }
}
