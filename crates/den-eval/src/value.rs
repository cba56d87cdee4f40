//! Values of one evaluation. They die with their [`crate::Session`]; what leaves it is a
//! [`crate::Node`].

use std::rc::Rc;

use den_code::{ExprId, Name};

use crate::env::Env;
use crate::modules::types::Type;
use crate::native::NativeFn;
use crate::session::Session;
use crate::symbol::Symbol;
use crate::unknown::{Reason, Unknown};
use crate::{Eval, Stop};

/// A suspended computation: an index into the session's arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thunk(pub(crate) u32);

/// A value in weak head normal form.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating point number.
    Float(f64),
    /// A string.
    Str(Name),
    /// An absolute path, normalized.
    Path(Name),
    /// A list.
    List(Rc<List>),
    /// An attribute set.
    Attrs(Rc<Attrs>),
    /// A function written in Nix.
    Lambda(Rc<Closure>),
    /// A function of ours, perhaps with some of its arguments.
    Native(Rc<NativeCall>),
    /// A reference to something outside this evaluation that nobody has looked at yet.
    Symbol(Rc<Symbol>),
}

/// A place in an item that this session knows; see [`Session::site`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pos {
    pub(crate) item: u32,
    pub(crate) expr: ExprId,
}

impl Pos {
    /// No place: the value was made by a function of ours.
    pub const NONE: Pos = Pos { item: u32::MAX, expr: ExprId(0) };

    /// Whether this is a place at all.
    pub fn is_some(self) -> bool {
        self.item != u32::MAX
    }

    /// This place, or `other` if it is none.
    pub fn or(self, other: Pos) -> Pos {
        if self.is_some() { self } else { other }
    }
}

/// A list, perhaps partly known.
#[derive(Debug, Default)]
pub struct List {
    /// The elements.
    pub elements: Vec<Element>,
    /// Set if the list may have further elements.
    pub open: Option<Rc<Unknown>>,
}

/// An element of a list.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// Its value.
    pub thunk: Thunk,
    /// Where it is written.
    pub pos: Pos,
    /// Whether it is an element at all: under an unknown condition it is not certain.
    pub certain: bool,
}

impl List {
    /// Whether every element is certain and there are no others.
    pub fn is_exact(&self) -> bool {
        self.open.is_none() && self.elements.iter().all(|it| it.certain)
    }
}

/// An attribute set, perhaps partly known.
#[derive(Debug, Default)]
pub struct Attrs {
    /// Sorted by name, each name once.
    pub(crate) entries: Vec<(Name, Attr)>,
    /// Set if the set may have further attributes.
    pub open: Option<Rc<Unknown>>,
    /// How to make this set again, where freezing its contents would be endless or wasteful.
    pub origin: Option<Origin>,
    /// Set for option types: what the module system works with.
    pub option_type: Option<Rc<Type>>,
    /// If the set is open: the only names that it may have besides the known ones; `None` for any.
    pub(crate) open_names: Option<&'static [&'static str]>,
}

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attr {
    /// Its value.
    pub thunk: Thunk,
    /// Where its name is written.
    pub key: Pos,
    /// Where its value is written.
    pub value: Pos,
}

impl Attr {
    /// An attribute that is written nowhere.
    pub fn unplaced(thunk: Thunk) -> Attr {
        Attr { thunk, key: Pos::NONE, value: Pos::NONE }
    }
}

/// How a set came to be.
#[derive(Clone, Debug)]
pub enum Origin {
    /// It is what this symbol stands for.
    Symbol(Rc<Symbol>),
    /// It is the result of this call.
    Call(Rc<NativeCall>),
}

impl Attrs {
    /// A set of these entries; for equal names the first wins.
    pub fn from_entries(mut entries: Vec<(Name, Attr)>) -> Attrs {
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|b, a| a.0 == b.0);
        Attrs { entries, ..Attrs::default() }
    }

    /// The same set, which may have further attributes if there is a reason.
    pub fn opened(mut self, open: Option<Rc<Unknown>>) -> Attrs {
        self.open = open;
        self
    }

    /// The same set, which leaves the session as the reference that it is the value of.
    pub fn standing_for(mut self, symbol: &Symbol) -> Attrs {
        self.origin = Some(Origin::Symbol(Rc::new(symbol.clone())));
        self
    }

    /// A set of entries that are already sorted by name, each name once.
    pub(crate) fn from_sorted(entries: Vec<(Name, Attr)>) -> Attrs {
        debug_assert!(entries.windows(2).all(|it| it[0].0 < it[1].0), "attributes out of order");
        Attrs { entries, ..Attrs::default() }
    }

    /// The attribute with this name, if it is known.
    pub fn get(&self, name: &str) -> Option<Attr> {
        let at = self.entries.binary_search_by(|it| it.0.as_str().cmp(name)).ok()?;
        Some(self.entries[at].1)
    }

    /// The attributes in order of name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, Attr)> {
        self.entries.iter().map(|(name, attr)| (name, *attr))
    }

    /// How many attributes are known.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no attribute is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether there are no other attributes.
    pub fn is_closed(&self) -> bool {
        self.open.is_none()
    }

    /// Stops with the reason if there may be an attribute with this name, which is not a known one.
    pub fn lacks(&self, name: &str) -> Eval<()> {
        match self.open_names {
            Some(names) if !names.contains(&name) => Ok(()),
            Some(_) => Err(Stop::unknown(Reason::Impure(Name::new(name)))),
            None => self.closed(),
        }
    }

    /// Stops with the reason if there may be other attributes.
    pub fn closed(&self) -> Eval<()> {
        match &self.open {
            Some(why) => Err(Stop::Unknown(why.clone())),
            None => Ok(()),
        }
    }
}

/// A function written in Nix and the environment it was met in.
#[derive(Debug)]
pub struct Closure {
    /// The function expression.
    pub(crate) pos: Pos,
    pub(crate) env: Rc<Env>,
}

/// A function of ours with the arguments given so far.
#[derive(Clone, Debug)]
pub struct NativeCall {
    /// The function.
    pub func: &'static NativeFn,
    /// Fewer arguments than it takes, unless the call is kept as an [`Origin`].
    pub args: Vec<Thunk>,
}

impl Value {
    /// A string value.
    pub fn str(text: impl AsRef<str>) -> Value {
        Value::Str(Name::new(text.as_ref()))
    }

    /// A set value.
    pub fn attrs(entries: Vec<(Name, Attr)>) -> Value {
        Value::Attrs(Rc::new(Attrs::from_entries(entries)))
    }

    /// A list of values that are written nowhere.
    pub fn list(thunks: impl IntoIterator<Item = Thunk>) -> Value {
        let elements = thunks.into_iter().map(|thunk| Element { thunk, pos: Pos::NONE, certain: true }).collect();
        Value::List(Rc::new(List { elements, open: None }))
    }

    /// The type as Nix's errors name it where they show the value (nix `showType(const Value &)`).
    pub fn show_type(&self) -> String {
        match self {
            Value::Native(call) => {
                let partially = if call.args.is_empty() { "" } else { "partially applied " };
                format!("the {partially}built-in function '{}'", call.func.short_name())
            }
            other => other.type_name().to_owned(),
        }
    }

    /// The type as Nix's errors name it, with its article.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a Boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Str(_) => "a string",
            Value::Path(_) => "a path",
            Value::List(_) => "a list",
            Value::Attrs(_) => "a set",
            Value::Lambda(_) | Value::Native(_) => "a function",
            Value::Symbol(_) => "a value",
        }
    }
}

/// Shorthand for building sets out of values: `[("name", value)]`.
pub fn attrs_of<const N: usize>(session: &mut Session<'_>, entries: [(&str, Value); N]) -> Value {
    let entries = entries.map(|(name, value)| (Name::new(name), Attr::unplaced(session.done(value))));
    Value::attrs(entries.into())
}
