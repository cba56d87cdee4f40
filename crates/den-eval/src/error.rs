//! The two ways in which an evaluation ends without a value.
//!
//! Nix's own errors and our ignorance are kept apart on purpose: an error is a fact about the
//! user's code, an [`Unknown`] is a fact about us.

use std::rc::Rc;

use den_code::Name;

use crate::unknown::{Reason, Unknown};
use crate::value::Pos;

/// The result of an evaluation step.
pub type Eval<T> = Result<T, Stop>;

/// Why there is no value.
#[derive(Clone, Debug)]
pub enum Stop {
    /// Real Nix fails here.
    Error(Rc<NixError>),
    /// We cannot tell.
    Unknown(Rc<Unknown>),
}

/// An error that Nix raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NixError {
    /// Its class.
    pub kind: ErrorKind,
    /// Nix's message without trace, colours and position.
    pub message: String,
    /// Where it was raised.
    pub pos: Pos,
    /// Names that may have been meant, best first ("Did you mean …").
    pub suggestions: Vec<Name>,
}

/// Classes of errors, as `den-lsp eval` prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Nix's")]
pub enum ErrorKind {
    Throw,
    Assert,
    Abort,
    Type,
    MissingAttribute,
    UndefinedVariable,
    NotAFunction,
    CallArguments,
    InfiniteRecursion,
    StackOverflow,
    Arithmetic,
    DuplicateAttribute,
    Syntax,
    Io,
    BadInput,
    BadArgument,
}

impl ErrorKind {
    /// The class in kebab case.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Throw => "throw",
            ErrorKind::Assert => "assert",
            ErrorKind::Abort => "abort",
            ErrorKind::Type => "type",
            ErrorKind::MissingAttribute => "missing-attribute",
            ErrorKind::UndefinedVariable => "undefined-variable",
            ErrorKind::NotAFunction => "not-a-function",
            ErrorKind::CallArguments => "call-arguments",
            ErrorKind::InfiniteRecursion => "infinite-recursion",
            ErrorKind::StackOverflow => "stack-overflow",
            ErrorKind::Arithmetic => "arithmetic",
            ErrorKind::DuplicateAttribute => "duplicate-attribute",
            ErrorKind::Syntax => "syntax",
            ErrorKind::Io => "io",
            ErrorKind::BadInput => "bad-input",
            ErrorKind::BadArgument => "bad-argument",
        }
    }

    /// Whether `builtins.tryEval` turns it into `success = false`.
    pub fn is_catchable(self) -> bool {
        matches!(self, ErrorKind::Throw | ErrorKind::Assert)
    }
}

impl Stop {
    /// A Nix error without a place.
    pub fn error(kind: ErrorKind, message: impl Into<String>) -> Stop {
        Stop::Error(Rc::new(NixError { kind, message: message.into(), pos: Pos::NONE, suggestions: Vec::new() }))
    }

    /// An error with names that may have been meant.
    pub(crate) fn suggesting(self, suggestions: Vec<Name>) -> Stop {
        match self {
            Stop::Error(it) => Stop::Error(Rc::new(NixError { suggestions, ..(*it).clone() })),
            unknown => unknown,
        }
    }

    /// `throw message`.
    pub fn throw(message: impl Into<String>) -> Stop {
        Stop::error(ErrorKind::Throw, message)
    }

    /// A type error.
    pub fn type_error(message: impl Into<String>) -> Stop {
        Stop::error(ErrorKind::Type, message)
    }

    /// Something unknown, without a place.
    pub fn unknown(reason: Reason) -> Stop {
        Stop::Unknown(Unknown::new(reason, Pos::NONE))
    }

    /// Gives the error or unknown a place, unless it has one.
    pub(crate) fn at(self, pos: Pos) -> Stop {
        match self {
            Stop::Error(it) if !it.pos.is_some() => Stop::Error(Rc::new(NixError { pos, ..(*it).clone() })),
            Stop::Unknown(it) if !it.pos.is_some() => Stop::Unknown(Rc::new(Unknown { pos, ..(*it).clone() })),
            other => other,
        }
    }
}

/// The names closest to one that does not exist, as Nix suggests them: at most five, at most two
/// edits away (nix `Suggestions::bestMatches` and `Suggestions::trim`).
pub(crate) fn best_matches<'a>(wanted: &str, names: impl Iterator<Item = &'a Name>) -> Vec<Name> {
    const MAX_NAMES: usize = 5;
    const MAX_DISTANCE: usize = 2;
    const MAX_LENGTH: usize = 200;
    if wanted.len() > MAX_LENGTH {
        return Vec::new();
    }
    let mut found: Vec<(usize, &Name)> = names
        .filter(|it| it.len().abs_diff(wanted.len()) <= MAX_DISTANCE)
        .map(|it| (edit_distance(wanted.as_bytes(), it.as_bytes()), it))
        .filter(|it| it.0 <= MAX_DISTANCE)
        .collect();
    found.sort();
    found.into_iter().take(MAX_NAMES).map(|it| it.1.clone()).collect()
}

/// Levenshtein's distance, in bytes as Nix counts.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
