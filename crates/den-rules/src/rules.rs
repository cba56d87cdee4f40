//! One folder a group, one file a rule.

pub(crate) mod aspect;
