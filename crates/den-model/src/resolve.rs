//! What references mean where the fleet is known: `den.aspects.x`, `den.lib.policy`, `my.y`,
//! `config.fleet.z`.
//!
//! One level at a time: the value of `den.aspects` is a set whose members are references again, so
//! that an evaluation depends on the aspects it looks at and on no others.

mod aspects;
mod bracket;
mod den_lib;
mod entities;
mod options;

use den_code::Name;
use den_db::Db;
use den_eval::{
    Attr, Attrs, Eval, NativeFn, Pos, Reason, Resolution, Session, Step, Stop, Symbol, Thunk, Unknown, Value,
};

use crate::fleet::{aliases, defined_names, registry};
use crate::project::ProjectKey;
use crate::world::Resolver;

/// Resolves references against a fleet.
#[derive(Clone, Copy)]
pub struct FleetResolver<'db> {
    pub(crate) db: &'db dyn Db,
    pub(crate) project: ProjectKey<'db>,
}

impl<'db> FleetResolver<'db> {
    /// A resolver for a fleet.
    pub fn new(db: &'db dyn Db, project: ProjectKey<'db>) -> FleetResolver<'db> {
        FleetResolver { db, project }
    }

    /// The value of the longest prefix of a path that is a thing of its own, and the prefix's length.
    fn prefix(&self, session: &mut Session<'_>, path: &[Name]) -> Eval<Option<(usize, Value)>> {
        let names: Vec<&str> = path.iter().map(Name::as_str).collect();
        Ok(match &names[..] {
            ["den"] => Some((1, self.den(session))),
            ["den", "aspects", ..] => self.aspects(session, path, 2)?,
            ["den", "ful"] => Some((2, self.namespaces(session))),
            ["den", "ful", _, ..] => self.aspects(session, path, 3)?,
            ["den", "default", ..] => self.aspect_at(session, path, 2)?,
            ["den", "batteries" | "provides" | "_"] => Some((2, self.batteries(session, path))),
            ["den", "lib", ..] => self.den_lib(session, path)?,
            ["den", "classes" | "quirks", ..] => Some((2, self.named_records(session, path))),
            ["den", "reservedKeys", ..] => Some((2, self.reserved_keys(session))),
            ["den", "hosts" | "homes", ..] => self.entities(session, path)?,
            ["den", "policies", ..] => self.policies(session, path)?,
            _ => self.option(session, path)?,
        })
    }

    fn den(&self, session: &mut Session<'_>) -> Value {
        let mut names: Vec<Name> = crate::DEN_OPTIONS.iter().map(|it| Name::new_static(it)).collect();
        let level = defined_names(self.db, self.project, vec!["den".into()]);
        names.extend(level.names.iter().cloned());
        self.members(session, &["den".into()], names, level.open.clone())
    }

    fn namespaces(&self, session: &mut Session<'_>) -> Value {
        let graph = crate::project_modules(self.db, self.project);
        let names = graph.namespaces.iter().map(|it| it.name.clone()).collect();
        self.members(session, &["den".into(), "ful".into()], names, None)
    }

    fn batteries(&self, session: &mut Session<'_>, path: &[Name]) -> Value {
        let names = crate::battery_names().map(Name::new_static).collect();
        self.members(session, path, names, Some(Reason::Stuck("den.batteries".into())))
    }

    /// `den.classes`, `den.quirks`: what is asked of them is which names they have.
    fn named_records(&self, session: &mut Session<'_>, path: &[Name]) -> Value {
        let known = registry(self.db, self.project);
        let (names, open) = match path[1].as_str() {
            "classes" => (&known.classes, known.classes_open),
            _ => (&known.quirks, known.quirks_open),
        };
        let mut entries = Vec::new();
        for name in names {
            let fields = [("description", Value::str("")), ("name", Value::Str(name.clone()))];
            let record = den_eval::attrs_of(session, fields);
            entries.push((name.clone(), Attr::unplaced(session.done(record))));
        }
        let open = open.then(|| Unknown::new(Reason::Stuck(path.join(".").into()), Pos::NONE));
        let symbol = symbol_of(&path[..2]);
        Value::Attrs(Attrs::from_entries(entries).opened(open).standing_for(&symbol).into())
    }

    fn reserved_keys(&self, session: &mut Session<'_>) -> Value {
        let names: Vec<Name> = registry(self.db, self.project).reserved.iter().cloned().collect();
        let thunks: Vec<Thunk> = names.into_iter().map(|it| session.done(Value::Str(it))).collect();
        Value::list(thunks)
    }

    /// A set of references to what is below a path.
    fn members(&self, session: &mut Session<'_>, path: &[Name], names: Vec<Name>, open: Option<Reason>) -> Value {
        let symbol = symbol_of(path);
        let mut entries = Vec::new();
        for name in names {
            let value = Value::Symbol(symbol.step(Step::Attr(name.clone(), Pos::NONE)).into());
            entries.push((name, Attr::unplaced(session.done(value))));
        }
        let open = open.map(|reason| Unknown::new(reason, Pos::NONE));
        Value::Attrs(Attrs::from_entries(entries).opened(open).standing_for(&symbol).into())
    }
}

/// A reference to a path.
pub(crate) fn symbol_of(path: &[Name]) -> Symbol {
    let mut symbol = Symbol::root(path.first().cloned().unwrap_or_default());
    for name in path.iter().skip(1) {
        symbol = symbol.step(Step::Attr(name.clone(), Pos::NONE));
    }
    symbol
}

impl Resolver for FleetResolver<'_> {
    fn resolve(&self, session: &mut Session<'_>, symbol: &Symbol) -> Eval<Resolution> {
        if let Some(inside) = bracket::target(session, symbol)? {
            return self.resolve(session, &inside);
        }
        let names = symbol.spine.iter().map_while(|it| match it {
            Step::Attr(name, _) => Some(name.clone()),
            Step::Call(_) => None,
        });
        let written: Vec<Name> = std::iter::once(symbol.root.clone()).chain(names).collect();
        let path = aliases(self.db, self.project).canonical(&written);
        let grown = path.len() as isize - written.len() as isize;
        let Some((used, value)) = self.prefix(session, &path)? else { return Ok(Resolution::Stuck) };
        // Steps of the symbol that the prefix used up; an alias may have added some of its own.
        let mut rest = used as isize - 1 - grown;
        let mut value = value;
        for name in path.iter().skip(used).take((-rest).max(0) as usize) {
            let base = session.done(value);
            value = session.select(base, name)?;
        }
        rest = rest.max(0);
        for (index, step) in symbol.spine.iter().enumerate().skip(rest as usize) {
            value = match step {
                Step::Call(arg) => session.call(value, &[*arg])?,
                Step::Attr(name, _) => {
                    let resolved = session.resolve(value)?;
                    if let Value::Attrs(attrs) = &resolved
                        && attrs.get(name).is_none()
                        && attrs.is_closed()
                    {
                        return Ok(Resolution::Missing(index));
                    }
                    let base = session.done(resolved);
                    session.select(base, name)?
                }
            };
        }
        if let Value::Symbol(same) = &value
            && same.path().is_some_and(|it| it == written || it == path)
        {
            return Ok(Resolution::Stuck);
        }
        Ok(Resolution::Value(value))
    }

    fn intercept(&self, session: &mut Session<'_>, func: &'static NativeFn, args: &[Thunk]) -> Option<Eval<Value>> {
        crate::facts::intercept_alias(session, func, args)
    }
}

/// An unknown with the reason that a path is not known here.
pub(crate) fn stuck(path: &[Name]) -> Stop {
    Stop::unknown(Reason::Stuck(path.join(".").into()))
}
