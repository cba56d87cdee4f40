//! All rules, in order of code.

use crate::check::Rule;
use crate::rules;

/// All rules, in order of code.
pub const RULES: &[&Rule] = &[&rules::aspect::unknown_ref::RULE];

/// The rule with this code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|it| it.code == code).copied()
}
