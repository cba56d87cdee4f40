//! Functions of ours: how `builtins`, `lib` and Den's own functions are written.
//!
//! A function is one table entry: its name, how many arguments it takes, and a Rust function over
//! suspended arguments. It forces what Nix's original forces and nothing else.

use std::rc::Rc;

use den_code::Name;

use crate::Eval;
use crate::session::Session;
use crate::symbol::{Step, Symbol};
use crate::unknown::{Reason, Unknown};
use crate::value::{Attr, Attrs, NativeCall, Origin, Pos, Thunk, Value};

/// A function of ours.
pub struct NativeFn {
    /// Full name, for example `lib.mapAttrs'`; unique.
    pub name: &'static str,
    /// How many arguments it takes before it runs; at least one.
    pub arity: usize,
    /// Gets exactly `arity` arguments.
    pub run: fn(&mut Session<'_>, &[Thunk]) -> Eval<Value>,
}

impl NativeFn {
    /// The last part of the name, which is how Nix prints the function.
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

impl std::fmt::Debug for NativeFn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for NativeFn {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// One row of a table of functions or constants.
pub enum NativeEntry {
    /// A function.
    Fn(&'static NativeFn),
    /// A value made on demand.
    Const(&'static str, fn(&mut Session<'_>) -> Eval<Value>),
    /// A set of further entries, by its full name, such as `lib.types`.
    Set(&'static str, &'static [&'static [NativeEntry]]),
}

impl NativeEntry {
    /// The attribute name: the last part of a function's name.
    pub fn key(&self) -> &'static str {
        match self {
            NativeEntry::Fn(NativeFn { name, .. }) | NativeEntry::Const(name, _) | NativeEntry::Set(name, _) => {
                name.rsplit('.').next().unwrap_or(name)
            }
        }
    }
}

/// Declares a [`NativeEntry`]: `native!("lib.id", 1, |s, args| s.force(args[0]))`.
#[macro_export]
macro_rules! native {
    ($name:expr, $arity:expr, $run:expr) => {
        $crate::NativeEntry::Fn({
            static FUNC: $crate::NativeFn = $crate::NativeFn { name: $name, arity: $arity, run: $run };
            &FUNC
        })
    };
}

impl Session<'_> {
    /// The attribute set of `tables` that is called `name` (`builtins`, `lib`, `lib.types`).
    ///
    /// Its members are made when they are looked at; a member that we do not have is unknown, never
    /// missing.
    pub fn native_set(&mut self, name: &'static str, tables: &'static [&'static [NativeEntry]]) -> Value {
        let mut entries = Vec::new();
        for entry in tables.iter().flat_map(|it| it.iter()) {
            let thunk = match entry {
                NativeEntry::Fn(func) => self.done(function(func)),
                NativeEntry::Const(_, make) => self.lazy(make),
                NativeEntry::Set(full, tables) => self.lazy(|session| Ok(session.native_set(full, tables))),
            };
            entries.push((Name::new_static(entry.key()), Attr::unplaced(thunk)));
        }
        let mut attrs = Attrs::from_entries(entries);
        let mut symbol = Symbol::root(Name::new_static(name.split('.').next().unwrap_or(name)));
        for step in name.split('.').skip(1) {
            symbol = symbol.step(Step::Attr(Name::new_static(step), Pos::NONE));
        }
        attrs.open = Some(Unknown::new(Reason::Unsupported(Name::new_static(name)), Pos::NONE));
        attrs.origin = Some(Origin::Symbol(Rc::new(symbol)));
        Value::Attrs(Rc::new(attrs))
    }

    pub(crate) fn native_member(
        &mut self,
        name: &'static str,
        tables: &'static [&'static [NativeEntry]],
        key: &str,
    ) -> Option<Value> {
        let entry = tables.iter().flat_map(|it| it.iter()).find(|it| it.key() == key)?;
        match entry {
            NativeEntry::Fn(func) => Some(function(func)),
            NativeEntry::Const(_, make) => make(self).ok(),
            NativeEntry::Set(..) => {
                let set = self.native_set(name, tables);
                let set = self.done(set);
                self.select(set, &Name::new(key)).ok()
            }
        }
    }
}

fn function(func: &'static NativeFn) -> Value {
    Value::Native(Rc::new(NativeCall { func, args: Vec::new() }))
}
