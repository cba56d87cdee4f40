//! `aspect/unknown-ref`

use den_eval::{Node, StepNode, SymbolNode};
use den_model::{AspectNode, AspectRef, aliases, display_path, entity_names, find_aspect};

use crate::check::{AspectContext, Check, FleetContext, Rule, Sink};
use crate::finding::{Finding, Place, Severity};
use crate::fix::Fix;
use crate::suggest::nearest;

pub(crate) const RULE: Rule = Rule {
    code: "aspect/unknown-ref",
    severity: Severity::Error,
    summary: "A reference to an aspect that does not exist",
    doc: include_str!("unknown_ref.md"),
    check: Check::Aspect(check),
};

fn check(context: &AspectContext<'_>, sink: &mut Sink) {
    context.aspect.walk(&mut |node: &AspectNode| {
        let Some(includes) = node.key("includes") else { return };
        for definition in &includes.definitions {
            let Node::List(list) = &definition.definition.node else { continue };
            for element in &list.elements {
                if let (Node::Symbol(symbol), Some(site)) = (&element.node, element.site) {
                    sink_missing(&context.fleet, symbol, site.into(), sink);
                }
            }
        }
    });
}

fn sink_missing(fleet: &FleetContext<'_>, symbol: &SymbolNode, place: Place, sink: &mut Sink) {
    let path = aliases(fleet.db, fleet.project).head(&symbol.root, &symbol.spine);
    let entities = entity_names(fleet.db, fleet.project);
    let AspectRef::Missing { at, known } = find_aspect(fleet.db, fleet.project, &path, entities) else { return };
    let wrong = &path[at];
    let suggestion = nearest(wrong, known.iter().map(|it| it.as_str()));
    let mut message = format!("aspect `{}` does not exist", display_path(&path[..=at]));
    if let Some(suggestion) = suggestion {
        message.push_str(&format!(", did you mean `{suggestion}`"));
    }
    // The alias in front of the path may be longer or shorter than what is written.
    let from_end = path.len() - at;
    let written = symbol.spine.iter().take_while(|it| matches!(it, StepNode::Attr(..))).count();
    let name = written.checked_sub(from_end).and_then(|it| symbol.spine.get(it));
    let site = match name {
        Some(StepNode::Attr(_, site)) => *site,
        _ => None,
    };
    let fix = suggestion.zip(site).map(|(to, site)| Fix::rename(site, to));
    sink.push(Finding::new(&RULE, place, message).fix_if(fix));
}
