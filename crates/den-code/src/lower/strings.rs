//! String literals: escapes, indentation, interpolation.
//!
//! Source of the rules: Nix's lexer (`unescapeStr`) and `ParserState::stripIndentation`.

use den_syntax::SyntaxKind::*;

use super::green::{Child, Node};
use crate::Name;

/// A piece of a string before its interpolations are lowered.
pub(super) enum Piece<'a> {
    Text(String),
    Interpolation(Node<'a>),
}

/// The text of a string literal without interpolation.
pub(super) fn plain(node: Node<'_>) -> Option<Name> {
    let pieces = pieces(node);
    match &pieces[..] {
        [] => Some(Name::default()),
        [Piece::Text(text)] => Some(Name::from(text.as_str())),
        _ => None,
    }
}

/// The name that a `"…"` or `${…}` in an attribute path is, if it is known while parsing: Nix takes
/// `${"a"}` for a name, because what is inside is a string like any other.
pub(super) fn static_key(node: Node<'_>) -> Option<Name> {
    let node = match node.kind() {
        NODE_DYNAMIC => node.exprs().next()?.unparenthesized(),
        _ => node,
    };
    match node.kind() {
        NODE_STRING => plain(node),
        NODE_LITERAL => node.tokens().find(|it| it.kind() == TOKEN_URI).map(|it| Name::new(it.text())),
        _ => None,
    }
}

/// The pieces of a string literal, escapes resolved; adjacent and empty texts do not occur.
pub(super) fn pieces(node: Node<'_>) -> Vec<Piece<'_>> {
    let indented = node.tokens().next().is_some_and(|it| it.text() == "''");
    let mut raw = Vec::new();
    for child in node.children() {
        match child {
            Child::Token(it) if it.kind() == TOKEN_STRING_CONTENT => raw.push(Raw::Text(it.text())),
            Child::Node(it) if it.kind() == NODE_INTERPOL => raw.push(Raw::Interpolation(it)),
            _ => (),
        }
    }
    let pieces = if indented { strip_indentation(&raw) } else { raw.iter().map(Raw::unescape).collect() };
    pieces.into_iter().filter(|it| !matches!(it, Piece::Text(text) if text.is_empty())).collect()
}

enum Raw<'a> {
    Text(&'a str),
    Interpolation(Node<'a>),
}

impl<'a> Raw<'a> {
    fn unescape(&self) -> Piece<'a> {
        match self {
            Raw::Text(text) => Piece::Text(unescape(text)),
            Raw::Interpolation(node) => Piece::Interpolation(*node),
        }
    }
}

/// Escapes of `"…"`: a carriage return, alone or before a line feed, becomes a line feed.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => (),
            },
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            // `$$` keeps the next `${` from being an interpolation and stays as it is.
            other => out.push(other),
        }
    }
    out
}

/// One piece of an indented string.
enum Line<'a> {
    /// Source text; its line breaks are indentation points.
    Text(String),
    /// Text that the lexer hands over alone: an escape, or a `$` or `'` in front of the other.
    Escaped(String),
    Interpolation(Node<'a>),
}

fn strip_indentation<'a>(raw: &[Raw<'a>]) -> Vec<Piece<'a>> {
    let mut lines = Vec::new();
    for (index, it) in raw.iter().enumerate() {
        match it {
            Raw::Text(text) if index == 0 => split_escapes(without_first_line(text), &mut lines),
            Raw::Text(text) => split_escapes(text, &mut lines),
            Raw::Interpolation(node) => lines.push(Line::Interpolation(*node)),
        }
    }
    let mut strip = Strip { indent: minimal_indent(&lines), at_start: true, dropped: 0 };
    let mut out: Vec<Piece<'a>> = Vec::new();
    let last = lines.len().saturating_sub(1);
    for (index, line) in lines.into_iter().enumerate() {
        let (Line::Text(text) | Line::Escaped(text)) = &line else {
            let Line::Interpolation(node) = line else { continue };
            strip.at_start = false;
            strip.dropped = 0;
            out.push(Piece::Interpolation(node));
            continue;
        };
        let mut kept = strip.text(text);
        // Blanks on the last line, before the closing quotes, do not belong to the string.
        if index == last
            && let Some(end) = kept.rfind('\n')
            && kept[end + 1..].bytes().all(|it| it == b' ')
        {
            kept.truncate(end + 1);
        }
        match out.last_mut() {
            Some(Piece::Text(before)) => before.push_str(&kept),
            _ => out.push(Piece::Text(kept)),
        }
    }
    out
}

/// Blanks and a line break right behind the opening quotes are not part of the string.
fn without_first_line(text: &str) -> &str {
    text.trim_start_matches(' ').strip_prefix('\n').unwrap_or(text)
}

struct Strip {
    indent: usize,
    at_start: bool,
    /// Blanks left out on this line so far.
    dropped: usize,
}

impl Strip {
    fn text(&mut self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                ' ' if self.at_start => {
                    if self.dropped >= self.indent {
                        kept.push(c);
                    }
                    self.dropped += 1;
                }
                '\n' => {
                    self.at_start = true;
                    self.dropped = 0;
                    kept.push(c);
                }
                _ => {
                    self.at_start = false;
                    self.dropped = 0;
                    kept.push(c);
                }
            }
        }
        kept
    }
}

/// Splits a text as Nix's lexer does, whose tokens decide what counts as indentation.
fn split_escapes(text: &str, lines: &mut Vec<Line<'_>>) {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut chars = rest.chars();
        chars.next();
        let second = chars.next();
        let (escaped, length) = if rest.starts_with("'''") {
            ("''".to_owned(), 3)
        } else if rest.starts_with("''$") {
            ("$".to_owned(), 3)
        } else if let Some(tail) = rest.strip_prefix("''\\") {
            let length = tail.chars().next().map_or(0, char::len_utf8);
            (unescape(&rest[2..3 + length]), 3 + length)
        } else if c == '$' && matches!(second, None | Some('\'')) || c == '\'' && matches!(second, None | Some('$')) {
            (c.to_string(), 1)
        } else {
            // `$x` and `'x` are one token, so that `$$` hides the second `$`.
            plain.push(c);
            rest = chars.as_str();
            if let (true, Some(second)) = (c == '$' || c == '\'', second) {
                plain.push(second);
            } else {
                rest = &text[text.len() - rest.len() - second.map_or(0, char::len_utf8)..];
            }
            continue;
        };
        if !plain.is_empty() {
            lines.push(Line::Text(std::mem::take(&mut plain)));
        }
        lines.push(Line::Escaped(escaped));
        rest = &rest[length..];
    }
    if !plain.is_empty() {
        lines.push(Line::Text(plain));
    }
}

fn minimal_indent(lines: &[Line<'_>]) -> usize {
    let mut at_start = true;
    let mut current = 0usize;
    let mut minimum = usize::MAX;
    for line in lines {
        match line {
            Line::Text(text) => {
                for c in text.chars() {
                    if at_start {
                        match c {
                            ' ' => current += 1,
                            '\n' => current = 0,
                            _ => {
                                at_start = false;
                                minimum = minimum.min(current);
                            }
                        }
                    } else if c == '\n' {
                        at_start = true;
                        current = 0;
                    }
                }
            }
            Line::Escaped(_) | Line::Interpolation(_) => {
                if at_start {
                    at_start = false;
                    minimum = minimum.min(current);
                }
            }
        }
    }
    // A string of nothing but blanks loses all of them.
    minimum
}
