//! The two ways in which an evaluation ends without a value.
//!
//! Nix's own errors and our ignorance are kept apart on purpose: an error is a fact about the
//! user's code, an [`Unknown`] is a fact about us.

use std::rc::Rc;

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
        Stop::Error(Rc::new(NixError { kind, message: message.into(), pos: Pos::NONE }))
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
