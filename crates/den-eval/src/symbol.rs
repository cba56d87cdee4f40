//! References to what lies outside an evaluation: `den.aspects.disk`, `inputs.den.flakeModule`,
//! `(den.batteries.user-shell "fish")`.
//!
//! A symbol is data: selecting from one and calling one gives another. Only an operation that needs
//! its value (a comparison, `attrNames`, `?`) asks the [`crate::World`], and gets an unknown where
//! the world does not know either.

use den_code::Name;

use crate::value::{Pos, Thunk};
use crate::{ErrorKind, Stop};

/// A reference: where it starts, and what is selected or called from there.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// The name that it starts at: an argument of a module, such as `den`, `inputs` or `my`.
    pub root: Name,
    /// What is done with it, in order.
    pub spine: Vec<Step>,
}

/// One step away from a symbol's root.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name`, and where the name is written.
    Attr(Name, Pos),
    /// An application to one argument.
    Call(Thunk),
}

impl Symbol {
    /// The reference that is just this name. `config.den` is made the same as `den`, and
    /// `inputs.self` the same as `self`, when they are selected.
    pub fn root(name: impl Into<Name>) -> Symbol {
        Symbol { root: name.into(), spine: Vec::new() }
    }

    /// The reference one step further.
    pub fn step(&self, step: Step) -> Symbol {
        if let (Step::Attr(name, _), []) = (&step, &self.spine[..]) {
            let alias = match (self.root.as_str(), name.as_str()) {
                ("config", "den") => Some("den"),
                ("inputs", "self") => Some("self"),
                ("builtins", "builtins") => Some("builtins"),
                _ => None,
            };
            if let Some(root) = alias {
                return Symbol::root(root);
            }
        }
        let mut spine = Vec::with_capacity(self.spine.len() + 1);
        spine.extend(self.spine.iter().cloned());
        spine.push(step);
        Symbol { root: self.root.clone(), spine }
    }

    /// The steps behind `lib` or `builtins`, if the reference is to them: as themselves, or as the
    /// `lib` of an input that carries nixpkgs (`inputs.nixpkgs.lib`, `inputs.nixpkgs-unstable.lib`).
    pub(crate) fn native_tail(&self) -> Option<&[Step]> {
        match (self.root.as_str(), &self.spine[..]) {
            ("lib" | "builtins", tail) => Some(tail),
            ("inputs", [Step::Attr(input, _), Step::Attr(lib, _), tail @ ..])
                if lib == "lib" && input.starts_with("nixpkgs") =>
            {
                Some(tail)
            }
            _ => None,
        }
    }

    /// The names from the root on, if nothing is called on the way.
    pub fn path(&self) -> Option<Vec<Name>> {
        let steps = self.spine.iter().map(|it| match it {
            Step::Attr(name, _) => Some(name.clone()),
            Step::Call(_) => None,
        });
        std::iter::once(Some(self.root.clone())).chain(steps).collect()
    }

    /// Nix's error where the step with this index names no attribute.
    pub(crate) fn missing(&self, step: usize) -> Stop {
        let name = match self.spine.get(step) {
            Some(Step::Attr(name, _)) => name.as_str(),
            _ => self.root.as_str(),
        };
        Stop::error(ErrorKind::MissingAttribute, format!("attribute '{name}' missing"))
    }

    /// The reference as people write it, with `(…)` for arguments.
    pub fn display(&self) -> Name {
        let mut text = String::from(self.root.as_str());
        for step in &self.spine {
            match step {
                Step::Attr(name, _) => {
                    text.push('.');
                    text.push_str(name);
                }
                Step::Call(_) => text.push_str(" (\u{2026})"),
            }
        }
        Name::from(text)
    }
}
