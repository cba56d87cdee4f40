//! `<a/b>`: where `__findFile` is Den's, a reference to an aspect.
//!
//! Source: den `nix/lib/den-brackets.nix` (den-model 1.6).

use den_code::Name;
use den_eval::{Eval, Session, Step, Symbol};

use super::symbol_of;

/// The reference that a call of `__findFile` stands for, with whatever follows the call.
pub(super) fn target(session: &mut Session<'_>, symbol: &Symbol) -> Eval<Option<Symbol>> {
    if symbol.root != "__findFile" {
        return Ok(None);
    }
    let [Step::Call(_), Step::Call(text), rest @ ..] = &symbol.spine[..] else { return Ok(None) };
    let text = session.string(*text)?;
    let mut target = symbol_of(&bracket_path(&text));
    for step in rest {
        target = target.step(step.clone());
    }
    Ok(Some(target))
}

/// The path that the text between brackets means, as far as the text alone tells: `den/x` and `den.x`
/// are below `den` (a battery comes first), anything else is a top-level aspect or a namespace.
pub(crate) fn bracket_path(text: &str) -> Vec<Name> {
    let parts: Vec<Name> = text.split(['/', '.']).filter(|it| !it.is_empty()).map(Name::new).collect();
    match parts.split_first() {
        Some((head, rest)) if head == "den" => match rest.first() {
            Some(name) if crate::battery(name).is_some() => [&["den".into(), "batteries".into()], rest].concat(),
            _ => parts,
        },
        _ => parts,
    }
}
