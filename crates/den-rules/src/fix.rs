//! Changes that mend a finding, as intentions: `den-ide` turns them into edits of the text at hand.

use den_code::{Name, Site};

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, beginning with a verb: ``Rename to `device` ``.
    pub title: String,
    /// Whether it keeps the meaning of everything else and may be applied unseen.
    pub safe: bool,
    /// The edits, all or none.
    pub edits: Vec<Edit>,
}

/// One intention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Writes another name in place of the name (or quoted name) at the site; quotes it if needed.
    Rename(Site, Name),
    /// Writes other text in place of the expression at the site.
    Replace(Site, String),
    /// Writes text before and after the expression at the site.
    Wrap(Site, String, String),
    /// Removes the binding whose name is at the site, with its semicolon.
    RemoveBinding(Site),
    /// Adds `path = value;` to the attribute set at the site (or to the set that is the body of the
    /// function there).
    Insert {
        /// The set.
        into: Site,
        /// The path of the new binding.
        path: Vec<Name>,
        /// Its value as Nix text.
        value: String,
    },
    /// Adds an argument to the function at the site.
    AddFormal(Site, Name),
    /// Adds `...` to the pattern of the function at the site.
    AddEllipsis(Site),
    /// Adds an element to the end of the list at the site.
    AppendElement(Site, String),
    /// Removes the element at the site from its list.
    RemoveElement(Site),
}

impl Fix {
    /// A fix that may be applied unseen.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Fix {
        Fix { title: title.into(), safe: true, edits }
    }

    /// A fix that needs a look.
    pub fn unsafe_(title: impl Into<String>, edits: Vec<Edit>) -> Fix {
        Fix { title: title.into(), safe: false, edits }
    }

    /// Renames the name at a site.
    pub fn rename(site: Site, to: &str) -> Fix {
        Fix::unsafe_(format!("Rename to `{to}`"), vec![Edit::Rename(site, Name::new(to))])
    }
}
