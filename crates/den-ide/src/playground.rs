//! Evaluating an expression that belongs to no project (`den-lsp eval`).

use den_eval::{MemoryWorld, Outcome, Query, Source};

/// What to evaluate.
#[derive(Clone, Debug, Default)]
pub struct EvalRequest {
    /// The expression, with `lib` in scope.
    pub text: String,
    /// Further files in the folder of the expression: relative path and text.
    pub files: Vec<(String, String)>,
    /// Experimental features that are on, such as `pipe-operators`.
    pub features: Vec<String>,
    /// If set, the position of the attribute at this path is asked for instead of the value.
    pub position_of: Option<Vec<String>>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub enum EvalAnswer {
    /// JSON text.
    Value(String),
    /// Line and column in bytes, both from 1, or nothing.
    Position(Option<(u32, u32)>),
    /// Nix fails.
    Error {
        /// Whether the text is rejected before it is evaluated.
        parse: bool,
        /// Whether `builtins.tryEval` catches it.
        catchable: bool,
        /// The class, for example `missing-attribute`.
        kind: &'static str,
        /// Nix's message.
        message: String,
        /// Names that may have been meant, best first.
        suggestions: Vec<String>,
    },
    /// We cannot tell; the reason in one line.
    Unknown(String),
}

/// Evaluates an expression. Always answers, within a fixed budget.
pub fn evaluate(request: &EvalRequest) -> EvalAnswer {
    let source = Source { text: &request.text, files: &request.files, features: &request.features };
    let query = match &request.position_of {
        Some(path) => Query::Position(path),
        None => Query::Value,
    };
    let outcome = den_syntax::with_big_stack(|| MemoryWorld::evaluate(&source, &query));
    match outcome {
        Some(Outcome::Value(json)) => EvalAnswer::Value(json),
        Some(Outcome::Position(at)) => EvalAnswer::Position(at),
        Some(Outcome::Error { parse, kind, message, suggestions }) => EvalAnswer::Error {
            parse,
            catchable: !parse && kind.is_catchable(),
            kind: kind.name(),
            message,
            suggestions: suggestions.iter().map(|it| it.to_string()).collect(),
        },
        Some(Outcome::Unknown(reason)) => EvalAnswer::Unknown(reason.describe()),
        None => EvalAnswer::Unknown("no thread could be started".to_owned()),
    }
}
