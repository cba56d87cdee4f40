//! From the protocol's types to ours.

use den_ide::{Column, LineCol, LineIndex, Name, TextRange, TextSize};
use lsp_types::{Position, Range, Url};

use crate::workspace::normalize;

/// The absolute path of a `file:` address; anything else is no file of ours.
pub(crate) fn path(uri: &Url) -> Option<Name> {
    if uri.scheme() != "file" {
        return None;
    }
    normalize(&uri.to_file_path().ok()?)
}

/// A position as an offset in bytes; positions outside the text mean its nearest place.
pub(crate) fn offset(index: &LineIndex, at: Position, unit: Column) -> TextSize {
    index.offset(LineCol { line: at.line, col: at.character }, unit)
}

/// A range in bytes; one that is the wrong way round is turned.
pub(crate) fn range(index: &LineIndex, it: Range, unit: Column) -> TextRange {
    let (a, b) = (offset(index, it.start, unit), offset(index, it.end, unit));
    TextRange::new(a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn paths_of_addresses() {
        let check = |uri: &str, want: Option<&str>| {
            assert_eq!(path(&Url::parse(uri).unwrap()).as_deref(), want, "{uri}");
        };
        check("file:///a/b.nix", Some("/a/b.nix"));
        check("file:///a/%C3%BC%20b.nix", Some("/a/\u{fc} b.nix"));
        check("file:///a/../../etc/passwd", Some("/etc/passwd"));
        check("file:///a/%2e%2e/b.nix", Some("/b.nix"));
        check("untitled:Untitled-1", None);
        check("https://example.org/a.nix", None);
        check("file:///a/%ff.nix", None);
    }
}
