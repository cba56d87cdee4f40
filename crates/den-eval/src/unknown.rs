//! What we do not know, and why.

use std::rc::Rc;

use den_code::Name;

use crate::value::{Pos, Thunk};

/// A value that this evaluator cannot tell. It spreads like an error, but is never reported as one.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// Why it is unknown.
    pub reason: Reason,
    /// Where it became unknown.
    pub pos: Pos,
    /// If not empty, the value is one of these.
    pub candidates: Vec<Thunk>,
}

impl Unknown {
    /// An unknown without candidates.
    pub fn new(reason: Reason, pos: Pos) -> Rc<Unknown> {
        Rc::new(Unknown { reason, pos, candidates: Vec::new() })
    }
}

/// Why something is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A budget ran out; the name says which.
    Budget(&'static str),
    /// The value needs something from outside that this evaluation does not resolve, such as
    /// `den.hosts` while one file is looked at alone.
    Stuck(Name),
    /// The file does not exist, or not in this workspace.
    MissingFile(Name),
    /// The path leaves the workspace.
    OutsideWorkspace(Name),
    /// The value depends on the machine or the time.
    Impure(Name),
    /// A function that we do not have.
    Unsupported(Name),
    /// The text is not Nix here.
    Syntax,
    /// A value in a place where only real evaluation could say what happens.
    TypeConfusion,
    /// The value contains itself in a way that data cannot.
    Cyclic,
}

impl Reason {
    /// The name of the reason as [`crate`]'s users print it: `Stuck`, `Impure`, ….
    pub fn name(&self) -> &'static str {
        match self {
            Reason::Budget(_) => "Budget",
            Reason::Stuck(_) => "Stuck",
            Reason::MissingFile(_) => "MissingFile",
            Reason::OutsideWorkspace(_) => "OutsideWorkspace",
            Reason::Impure(_) => "Impure",
            Reason::Unsupported(_) => "Unsupported",
            Reason::Syntax => "Syntax",
            Reason::TypeConfusion => "TypeConfusion",
            Reason::Cyclic => "Cyclic",
        }
    }

    /// One line for people, without a full stop.
    pub fn describe(&self) -> String {
        match self {
            Reason::Budget(which) => format!("the limit on {which} was reached"),
            Reason::Stuck(what) => format!("`{what}` is not known here"),
            Reason::MissingFile(path) => format!("`{path}` does not exist in this workspace"),
            Reason::OutsideWorkspace(path) => format!("`{path}` is outside the workspace"),
            Reason::Impure(what) => format!("`{what}` depends on the machine"),
            Reason::Unsupported(what) => format!("`{what}` is not supported"),
            Reason::Syntax => "the syntax is broken here".to_owned(),
            Reason::TypeConfusion => "only real evaluation can tell".to_owned(),
            Reason::Cyclic => "the value contains itself".to_owned(),
        }
    }
}
