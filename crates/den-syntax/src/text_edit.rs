//! A replacement of one range of a text.

use crate::TextRange;

/// Replaces the bytes of `range` by `insert`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextEdit {
    /// Byte range in the text before the edit; empty for an insertion.
    pub range: TextRange,
    /// The new text.
    pub insert: String,
}

impl TextEdit {
    /// Applies `edits` to `text`. Edits that overlap an earlier one (by start) are left out, so the
    /// result is always well defined.
    pub fn apply_all(text: &str, edits: &[TextEdit]) -> String {
        let mut sorted: Vec<&TextEdit> = edits.iter().collect();
        sorted.sort_by_key(|it| (it.range.start(), it.range.end()));
        let mut out = String::with_capacity(text.len());
        let mut done = 0usize;
        for edit in sorted {
            let (start, end) = (usize::from(edit.range.start()), usize::from(edit.range.end()));
            if start < done || end > text.len() {
                continue;
            }
            out.push_str(&text[done..start]);
            out.push_str(&edit.insert);
            done = end;
        }
        out.push_str(&text[done..]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_order_of_position() {
        let at = |s: u32, e: u32, t: &str| TextEdit { range: TextRange::new(s.into(), e.into()), insert: t.into() };
        assert_eq!(TextEdit::apply_all("abcdef", &[at(4, 5, "X"), at(0, 1, ""), at(2, 2, "+")]), "b+cdXf");
        assert_eq!(TextEdit::apply_all("abc", &[at(0, 2, "x"), at(1, 3, "y")]), "xc");
    }
}
