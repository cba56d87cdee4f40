//! Open documents: what the editor has, which is not what the disk has.
//!
//! Changes are applied in order of *version*, not of arrival: some clients (Helix 25.01) send a burst of
//! changes out of order, and ranges only make sense in the text they were made against. The last changes
//! are kept with the text before each; one that comes late is put in its place and everything after it
//! is applied again. What must stay true: the text is exactly the editor's, or the document is *in
//! doubt* and nobody is told anything about it until the editor sends the whole text again (by saving,
//! or by a change without a range).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use den_ide::{Column, LineCol, LineIndex, Name};
use lsp_types::{TextDocumentContentChangeEvent, Url};

/// Most changes that are kept.
const KEPT_CHANGES: usize = 256;
/// Most bytes of text that are kept for one document beside its own, unless that would be fewer than
/// [`ALWAYS_KEPT`] changes.
const KEPT_BYTES: usize = 4 << 20;
const ALWAYS_KEPT: usize = 8;

/// The open documents by path.
#[derive(Default)]
pub(crate) struct Documents {
    all: BTreeMap<Name, Document>,
}

/// One open document.
pub(crate) struct Document {
    /// As the client writes it; answers about the document must use the same spelling.
    pub(crate) uri: Url,
    /// The highest version seen.
    pub(crate) version: i32,
    /// The text of that version, if the document is not in doubt.
    pub(crate) text: Arc<str>,
    history: VecDeque<Applied>,
    /// Changes before this version are in the text already although they may still arrive.
    settled: i32,
    /// The highest version whose change is not kept any more.
    forgotten: i32,
    lost: bool,
}

struct Applied {
    version: i32,
    changes: Vec<TextDocumentContentChangeEvent>,
    before: Arc<str>,
    /// Whether all ranges lay inside the text.
    placed: bool,
}

/// What became of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The text is the editor's.
    Applied,
    /// The text may be wrong until an earlier change arrives.
    InDoubt,
    /// The change could not be placed, and no later one can mend that.
    Lost,
    /// The change was part of a text that came as a whole.
    Stale,
    /// The document is not open.
    NotOpen,
}

impl Documents {
    /// Takes a document over from the disk.
    pub(crate) fn open(&mut self, path: Name, uri: Url, version: i32, text: String) {
        let text = text.into();
        let document = Document {
            uri,
            version,
            text,
            history: VecDeque::new(),
            settled: version,
            forgotten: version,
            lost: false,
        };
        self.all.insert(path, document);
    }

    /// Applies the changes that make `version`. Columns count in `unit`.
    pub(crate) fn change(
        &mut self,
        path: &str,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        unit: Column,
    ) -> Outcome {
        self.all.get_mut(path).map_or(Outcome::NotOpen, |it| it.change(version, changes, unit))
    }

    /// The editor wrote the document to the disk. Says whether `text` was not what we had.
    pub(crate) fn saved(&mut self, path: &str, text: Option<String>) -> bool {
        let Some((document, text)) = self.all.get_mut(path).zip(text) else { return false };
        let differs = *document.text != *text || document.is_in_doubt();
        if differs {
            document.settle(document.version, text.into());
        }
        differs
    }

    /// Gives a document back to the disk.
    pub(crate) fn close(&mut self, path: &str) -> bool {
        self.all.remove(path).is_some()
    }

    /// The document at a path.
    pub(crate) fn get(&self, path: &str) -> Option<&Document> {
        self.all.get(path)
    }

    /// All documents, in order of path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &Document)> {
        self.all.iter()
    }
}

impl Document {
    /// Whether the text may not be the editor's.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.lost || self.history.iter().any(|it| !it.placed)
    }

    fn change(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>, unit: Column) -> Outcome {
        // A change without a range makes what was before irrelevant, as long as nothing newer is here.
        if version >= self.version
            && let Some(whole) = changes.iter().rposition(|it| it.range.is_none())
        {
            let mut rest = changes;
            let text = std::mem::take(&mut rest[whole].text);
            self.settle(version, text.into());
            let rest = rest.split_off(whole + 1);
            return if rest.is_empty() { Outcome::Applied } else { self.insert(version, rest, unit) };
        }
        if version < self.settled {
            return Outcome::Stale;
        }
        if version < self.forgotten {
            self.lost = true;
            return Outcome::Lost;
        }
        self.insert(version, changes, unit)
    }

    fn insert(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>, unit: Column) -> Outcome {
        // Clients that do not count send the same version again and again: order of arrival then.
        let at = self.history.partition_point(|it| it.version <= version);
        if at < self.history.len() {
            tracing::debug!("change {version} came after change {}", self.version);
        }
        let before = self.history.get(at).map_or(&self.text, |it| &it.before).clone();
        self.history.insert(at, Applied { version, changes, before, placed: true });
        self.version = self.version.max(version);
        self.replay(at, unit);
        self.forget();
        match () {
            () if self.lost => Outcome::Lost,
            () if self.is_in_doubt() => Outcome::InDoubt,
            () => Outcome::Applied,
        }
    }

    /// Applies the changes from `at` on again.
    fn replay(&mut self, at: usize, unit: Column) {
        let Some(mut text) = self.history.get(at).map(|it| it.before.clone()) else { return };
        for it in self.history.range_mut(at..) {
            it.before = text.clone();
            let (after, placed) = apply(&text, &it.changes, unit);
            it.placed = placed;
            text = after;
        }
        self.text = text;
    }

    /// Takes a whole text; what came before is settled.
    fn settle(&mut self, version: i32, text: Arc<str>) {
        self.text = text;
        self.version = version;
        self.settled = version;
        self.forgotten = version;
        self.history.clear();
        self.lost = false;
    }

    fn forget(&mut self) {
        let mut bytes: usize = self.history.iter().map(|it| it.before.len()).sum();
        while self.history.len() > KEPT_CHANGES || bytes > KEPT_BYTES && self.history.len() > ALWAYS_KEPT {
            let Some(oldest) = self.history.pop_front() else { return };
            bytes -= oldest.before.len();
            self.forgotten = oldest.version;
            // A change that never found its place will not find it any more.
            self.lost |= !oldest.placed;
        }
    }
}

/// Applies changes one after the other, as the protocol has it; says whether all ranges lay inside.
fn apply(text: &Arc<str>, changes: &[TextDocumentContentChangeEvent], unit: Column) -> (Arc<str>, bool) {
    let mut text = String::from(&**text);
    let mut placed = true;
    for change in changes {
        let Some(range) = change.range else {
            text.clone_from(&change.text);
            continue;
        };
        let index = LineIndex::new(&text);
        let mut offset = |at: lsp_types::Position| {
            // Some clients name the line after the last one for the end of the text.
            placed &= at.line <= index.line_count();
            usize::from(index.offset(LineCol { line: at.line, col: at.character }, unit))
        };
        let (start, end) = (offset(range.start), offset(range.end));
        text.replace_range(start.min(end)..end.max(start), &change.text);
    }
    (text.into(), placed)
}

#[cfg(test)]
mod tests;
