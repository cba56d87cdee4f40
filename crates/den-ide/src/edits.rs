//! Intentions of a fix as edits of the text at hand.
//!
//! An edit that the tree at hand has no place for makes the whole fix unavailable: half a fix is
//! worse than none.

use den_code::Site;
use den_db::{Db, parse};
use den_eval::attr_name;
use den_rules::Edit;
use den_syntax::SyntaxKind::*;
use den_syntax::{AstNode as _, SyntaxNode, TextEdit, TextRange, TextSize, ast};

use crate::FileEdit;
use crate::diagnostics::range_of;

/// The edits in order of file and position, or nothing if one of them has no place.
pub(crate) fn render(db: &dyn Db, edits: &[Edit]) -> Option<Vec<FileEdit>> {
    let mut rendered = Vec::new();
    for edit in edits {
        rendered.push(one(db, edit)?);
    }
    rendered.sort_by_key(|it| (it.file, it.edit.range.start(), it.edit.range.end()));
    Some(rendered)
}

fn one(db: &dyn Db, edit: &Edit) -> Option<FileEdit> {
    let (site, range, insert) = match edit {
        Edit::Rename(site, name) => (site, range_of(db, *site), attr_name(name)),
        Edit::Replace(site, text) => (site, range_of(db, *site), text.clone()),
        Edit::Wrap(site, before, after) => {
            let range = range_of(db, *site);
            let text = db.file(site.file)?.text(db)[range].to_owned();
            (site, range, format!("{before}{text}{after}"))
        }
        Edit::RemoveBinding(site) => {
            let binding = node_at(db, *site)?.ancestors().find_map(ast::AttrpathValue::cast)?;
            (site, with_blank_line(&db.file(site.file)?.text(db).clone(), binding.syntax().text_range()), String::new())
        }
        Edit::Insert { into, path, value } => {
            let (at, text) = insertion(db, *into, path, value)?;
            (into, TextRange::empty(at), text)
        }
        Edit::AddFormal(site, name) => {
            let (at, text) = formal(db, *site, name)?;
            (site, TextRange::empty(at), text)
        }
        Edit::AddEllipsis(site) => {
            let (at, text) = formal(db, *site, "...")?;
            (site, TextRange::empty(at), text)
        }
        Edit::AppendElement(site, text) => {
            let list = node_at(db, *site)?.ancestors().find_map(ast::List::cast)?;
            let close = list.r_brack_token()?.text_range().start();
            let spaced = list.syntax().text().to_string().trim_end_matches(']').ends_with(char::is_whitespace);
            (site, TextRange::empty(close), if spaced { format!("{text} ") } else { format!(" {text} ") })
        }
        Edit::RemoveElement(site) => {
            let text = db.file(site.file)?.text(db).clone();
            let mut range = range_of(db, *site);
            // `[ (f x) y ]`: the parentheses are the element's.
            if let Some(paren) = node_at(db, *site).and_then(|it| it.parent()).filter(|it| it.kind() == NODE_PAREN) {
                range = paren.text_range();
            }
            (site, with_blank_line(&text, range), String::new())
        }
    };
    Some(FileEdit { file: site.file, edit: TextEdit { range, insert } })
}

/// The smallest node that covers what is at a site.
fn node_at(db: &dyn Db, site: Site) -> Option<SyntaxNode> {
    let range = range_of(db, site);
    let element = parse(db, db.file(site.file)?).syntax().covering_element(range);
    element.clone().into_node().or_else(|| element.parent())
}

/// A range with the blanks before it, and its whole line if nothing else is on it.
fn with_blank_line(text: &str, range: TextRange) -> TextRange {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let blanks = text[..start].len() - text[..start].trim_end_matches([' ', '\t']).len();
    let from = start - blanks;
    let alone = from == 0 || text[..from].ends_with('\n');
    let rest = &text[end..];
    let trailing = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let to = match (alone, rest[trailing..].strip_prefix('\n')) {
        (true, Some(_)) => end + trailing + 1,
        _ => end,
    };
    TextRange::new(TextSize::new(from as u32), TextSize::new(to as u32))
}

/// Where and how `path = value;` goes into a set.
fn insertion(db: &dyn Db, into: Site, path: &[den_code::Name], value: &str) -> Option<(TextSize, String)> {
    let node = node_at(db, into)?;
    let set = node.descendants().chain(node.ancestors()).find_map(ast::AttrSet::cast)?;
    let names: Vec<String> = path.iter().map(|it| attr_name(it)).collect();
    let binding = format!("{} = {value};", names.join("."));
    let close = set.r_curly_token()?;
    let text = db.file(into.file)?.text(db).clone();
    let before = &text[..usize::from(close.text_range().start())];
    let line = before.rfind('\n').map_or(0, |it| it + 1);
    let indent: String = before[line..].chars().take_while(|it| it.is_whitespace()).collect();
    if before[line..].trim().is_empty() && set.syntax().text().contains_char('\n') {
        // The brace stands alone on its line: the binding gets a line of its own above it.
        return Some((TextSize::new(line as u32), format!("{indent}  {binding}\n")));
    }
    let spaced = before.ends_with(char::is_whitespace);
    let text = if spaced { format!("{binding} ") } else { format!(" {binding} ") };
    Some((close.text_range().start(), text))
}

/// Where and how another argument goes into the pattern of the function at a site.
fn formal(db: &dyn Db, site: Site, name: &str) -> Option<(TextSize, String)> {
    let node = node_at(db, site)?;
    let lambda = node.ancestors().chain(node.descendants()).find_map(ast::Lambda::cast)?;
    let pattern = lambda.syntax().children().find_map(ast::Pattern::cast)?;
    let last = pattern.pat_entries().last().map(|it| it.syntax().text_range().end());
    match (last, pattern.ellipsis_token()) {
        (_, Some(_)) if name == "..." => None,
        (Some(end), _) => Some((end, format!(", {name}"))),
        (None, Some(ellipsis)) => Some((ellipsis.text_range().start(), format!("{name}, "))),
        (None, None) => {
            let open = pattern.syntax().children_with_tokens().find(|it| it.kind() == TOKEN_L_BRACE)?;
            Some((open.text_range().end(), format!(" {name}")))
        }
    }
}
