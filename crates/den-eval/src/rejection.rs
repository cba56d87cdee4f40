//! Why Nix rejects a file before it evaluates any of it.
//!
//! An editor shows what is wrong and evaluates the rest; only where the question is "what does Nix
//! say" does a broken file stop everything (see [`crate::World::rejection`]).

use den_code::{LoweredFile, Meaning, Problem, Site};
use den_syntax::{Column, LineIndex, Parse};

use crate::{ErrorKind, is_global};

/// Nix's error for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Its class.
    pub kind: ErrorKind,
    /// Nix's message.
    pub message: String,
}

/// A file, in all the forms that a judgement needs.
pub struct FileForms<'a> {
    /// Its absolute path, for messages.
    pub path: &'a str,
    /// Its tree.
    pub parse: &'a Parse,
    /// Its code.
    pub lowered: &'a LoweredFile,
    /// Its lines.
    pub lines: &'a LineIndex,
}

impl FileForms<'_> {
    /// The first thing that Nix rejects: of syntax and duplicates what comes first in the text, then
    /// an undefined variable. `features` are the experimental features that are on; `in_scope` tells
    /// the names that are given from outside, besides Nix's own.
    pub fn rejection(&self, features: &[String], in_scope: &dyn Fn(&str) -> bool) -> Option<Rejection> {
        let on = |feature: &str| features.iter().any(|it| it == feature);
        let syntax = self.parse.errors().first().map(|it| {
            let message = format!("syntax error, {}", it.message);
            (it.range.start(), Rejection { kind: ErrorKind::Syntax, message })
        });
        let problems = self.lowered.items.iter().flat_map(|item| {
            item.code.problems.iter().filter_map(|it| {
                let start = item.source_map.range(it.at()).start();
                Some((start, self.problem(item, it, &on)?))
            })
        });
        if let Some((_, first)) = syntax.into_iter().chain(problems).min_by_key(|it| it.0) {
            return Some(first);
        }
        let known = |name: &str| is_global(name) || in_scope(name);
        let references = den_code::references(self.lowered, &known);
        let undefined = references.into_iter().find(|it| it.meaning == Meaning::Undefined)?;
        let message = format!("undefined variable '{}'", undefined.name);
        Some(Rejection { kind: ErrorKind::UndefinedVariable, message })
    }

    fn problem(&self, item: &den_code::LoweredItem, it: &Problem, on: &dyn Fn(&str) -> bool) -> Option<Rejection> {
        let syntax = |message: String| Some(Rejection { kind: ErrorKind::Syntax, message });
        match it {
            Problem::DuplicateAttribute { path, first, .. } => {
                let path: Vec<String> = path.iter().map(|it| crate::attr_name(it)).collect();
                let at = self.lines.line_col(item.source_map.range(*first).start(), Column::Utf8);
                let (path, file) = (path.join("."), self.path);
                let message = format!("attribute '{path}' already defined at {file}:{}:{}", at.line + 1, at.col + 1);
                Some(Rejection { kind: ErrorKind::DuplicateAttribute, message })
            }
            Problem::DuplicateFormal { name, .. } => syntax(format!("duplicate formal function argument '{name}'")),
            Problem::NeedsFeature { feature, .. } if !on(feature) => syntax(format!(
                "experimental Nix feature '{feature}' is disabled; add '--extra-experimental-features {feature}' to enable it"
            )),
            Problem::ForbiddenBy { feature, message, .. } if on(feature) => syntax((*message).to_owned()),
            Problem::NeedsFeature { .. } | Problem::ForbiddenBy { .. } => None,
            Problem::Rejected { message, .. } => syntax(message.to_string()),
        }
    }

    /// Line and column in bytes, from 1, of a place in this file.
    pub fn line_col(&self, site: Site) -> Option<(u32, u32)> {
        let range = self.lowered.get(site.item)?.source_map.range(site.expr);
        let at = self.lines.line_col(range.start(), Column::Utf8);
        Some((at.line + 1, at.col + 1))
    }
}
