//! The expressions of one item.
//!
//! Attribute paths on the left of `=` are already merged as Nix's parser merges them, left-nested
//! applications are one node, and parentheses are gone. Names of attributes have ids like
//! expressions have, so that a [`crate::Site`] can point at either.

use crate::{ExprId, ItemKey, Name};

/// The code of one item. Equal code means equal meaning, wherever it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// Indexed by [`ExprId`].
    pub exprs: Box<[Expr]>,
    /// The outermost expression.
    pub root: ExprId,
    /// What Nix's parser would reject in this item, beyond syntax.
    pub problems: Box<[Problem]>,
}

impl Code {
    /// Where Nix says the attribute is whose name has this id: where its attribute path starts.
    pub fn attr_start(&self, name: ExprId) -> ExprId {
        match self.expr(name) {
            Expr::Key { start } => *start,
            _ => name,
        }
    }

    /// The expression with this id; [`Expr::Missing`] for an id of another revision.
    pub fn expr(&self, id: ExprId) -> &Expr {
        self.exprs.get(id.0 as usize).unwrap_or(&Expr::Missing)
    }
}

/// Something that Nix's parser rejects although the grammar allows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// The attribute is defined twice and the definitions cannot be merged.
    DuplicateAttribute {
        /// Its path within the set.
        path: Box<[Name]>,
        /// Where the first definition's attribute path starts.
        first: ExprId,
        /// The second definition's name.
        second: ExprId,
    },
    /// A function argument is named twice.
    DuplicateFormal {
        /// The argument's name.
        name: Name,
        /// The function.
        at: ExprId,
    },
    /// Syntax that an experimental feature of Nix (`pipe-operators`) must be on for.
    NeedsFeature {
        /// The feature.
        feature: &'static str,
        /// The expression.
        at: ExprId,
    },
    /// Syntax that is an error where an experimental feature of Nix (`no-url-literals`) is on.
    ForbiddenBy {
        /// The feature.
        feature: &'static str,
        /// Nix's message where it is on.
        message: &'static str,
        /// The expression.
        at: ExprId,
    },
    /// Another reason, in Nix's words.
    Rejected {
        /// Nix's message.
        message: Name,
        /// The expression.
        at: ExprId,
    },
}

impl Problem {
    /// The expression or name that Nix complains about.
    pub fn at(&self) -> ExprId {
        match self {
            Problem::DuplicateAttribute { second: at, .. }
            | Problem::DuplicateFormal { at, .. }
            | Problem::NeedsFeature { at, .. }
            | Problem::ForbiddenBy { at, .. }
            | Problem::Rejected { at, .. } => *at,
        }
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Nothing here: a syntax error.
    Missing,
    /// Not an expression: the name of an attribute or argument.
    Name,
    /// Like [`Expr::Name`], for the name of a binding whose attribute path starts elsewhere: Nix
    /// reports that place as the attribute's position.
    Key {
        /// Where the path starts.
        start: ExprId,
    },
    /// The value is the root of another item.
    Item(ItemKey),
    /// An integer.
    Int(i64),
    /// A floating point number.
    Float(f64),
    /// A string without interpolation.
    Text(Name),
    /// A string with interpolation.
    Str(Box<[StrPart]>),
    /// A path.
    Path(Box<PathLiteral>),
    /// `<nixpkgs/lib>`: the text between the brackets.
    SearchPath(Name),
    /// A variable.
    Var(Name),
    /// `base.a.b or default`.
    Select {
        /// What is selected from.
        base: ExprId,
        /// At least one segment.
        path: Box<[AttrKey]>,
        /// After `or`.
        default: Option<ExprId>,
    },
    /// `base ? a.b`.
    HasAttr {
        /// What is asked.
        base: ExprId,
        /// At least one segment.
        path: Box<[AttrKey]>,
    },
    /// `func a b c`.
    Apply {
        /// The function; never an application itself.
        func: ExprId,
        /// At least one argument.
        args: Box<[ExprId]>,
    },
    /// A function.
    Lambda {
        /// The name of the binding whose value it is; curried functions share it.
        name: Option<Name>,
        /// Its argument.
        param: Box<Param>,
        /// Its body.
        body: ExprId,
    },
    /// `let … in body`.
    Let {
        /// The bindings, which see each other.
        bindings: Box<Bindings>,
        /// The body.
        body: ExprId,
    },
    /// An attribute set.
    AttrSet {
        /// Whether the bindings see each other.
        recursive: bool,
        /// The bindings.
        bindings: Box<Bindings>,
    },
    /// `with scope; body`.
    With {
        /// Whose attributes become names.
        scope: ExprId,
        /// Where they do.
        body: ExprId,
    },
    /// `assert condition; body`.
    Assert {
        /// What must hold.
        condition: ExprId,
        /// The value.
        body: ExprId,
    },
    /// `if condition then yes else no`.
    If {
        /// The condition.
        condition: ExprId,
        /// Its value if the condition holds.
        yes: ExprId,
        /// Its value otherwise.
        no: ExprId,
    },
    /// A list.
    List(Box<[ExprId]>),
    /// `!a` or `-a`.
    Unary(UnaryOp, ExprId),
    /// `a + b`.
    Binary(BinaryOp, ExprId, ExprId),
    /// `__curPos`.
    CurPos,
}

/// A part of a string or path.
#[derive(Clone, Debug, PartialEq)]
pub enum StrPart {
    /// Text, escapes resolved.
    Text(Name),
    /// `${e}`.
    Interpolation(ExprId),
}

/// A path literal.
#[derive(Clone, Debug, PartialEq)]
pub struct PathLiteral {
    /// What the path starts at.
    pub base: PathBase,
    /// Text as written (`./a`, `/etc`, `~/x`) and interpolations.
    pub parts: Box<[StrPart]>,
}

/// What a path literal starts at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathBase {
    /// The folder of the file.
    Relative,
    /// The root of the file system.
    Absolute,
    /// The user's home.
    Home,
}

/// One segment of an attribute path after `.` or `?`.
#[derive(Clone, Debug, PartialEq)]
pub enum AttrKey {
    /// A name, and where it stands.
    Static(Name, ExprId),
    /// `${e}` or a string with interpolation.
    Dynamic(ExprId),
}

impl AttrKey {
    /// The expression or name that the segment is.
    pub fn id(&self) -> ExprId {
        match self {
            AttrKey::Static(_, id) | AttrKey::Dynamic(id) => *id,
        }
    }
}

/// The argument of a function.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// `x:`; `None` for the name where it is missing.
    Ident(Name, ExprId),
    /// `{ a, b ? 1, ... } @ args:`.
    Pattern {
        /// In source order.
        formals: Box<[Formal]>,
        /// Whether other arguments are accepted.
        ellipsis: bool,
        /// The name of the whole argument.
        bind: Option<(Name, ExprId)>,
        /// The whole pattern.
        id: ExprId,
    },
}

/// One named argument of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Formal {
    /// Its name.
    pub name: Name,
    /// Where the name stands.
    pub id: ExprId,
    /// After `?`.
    pub default: Option<ExprId>,
}

/// The bindings of a set or `let`, merged and sorted by name.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Bindings {
    /// Sorted by name, each name once.
    pub entries: Box<[Entry]>,
    /// Bindings with computed names, in source order.
    pub dynamic: Box<[Dynamic]>,
    /// The expressions behind `inherit (e)`, each evaluated once for all its names.
    pub sources: Box<[ExprId]>,
}

impl Bindings {
    /// The entry with this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|it| it.name.as_str().cmp(name)).ok()?;
        Some(&self.entries[at])
    }
}

/// A binding with a known name.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name.
    pub name: Name,
    /// Where the name stands (the first place if several bindings were merged): an
    /// [`Expr::Name`], or an [`Expr::Key`] if the attribute path starts elsewhere.
    pub key: ExprId,
    /// The value.
    pub value: EntryValue,
}

/// The value of a binding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EntryValue {
    /// `name = e;`, evaluated inside a recursive set.
    Expr(ExprId),
    /// `inherit name;`, looked up outside the set.
    Inherit,
    /// `inherit (e) name;`: the index of `e` in [`Bindings::sources`]; it is evaluated inside a
    /// recursive set.
    InheritFrom(u32),
}

/// A binding whose name is computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Dynamic {
    /// The name's expression.
    pub key: ExprId,
    /// Where the name stands, an [`Expr::Name`] or [`Expr::Key`].
    pub name: ExprId,
    /// The value.
    pub value: ExprId,
}

/// A prefix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `!a`
    Not,
    /// `-a`
    Negate,
}

/// An infix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Concat,
    Update,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    And,
    Or,
    Implies,
}
