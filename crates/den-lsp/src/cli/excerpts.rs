//! Findings as text, with the source around them.
//!
//! The drawing is done by annotate-snippets, the renderer that rustc uses: it draws several files and
//! notes under one finding, keeps tabs and wide characters aligned, and depends on next to nothing.
//! (miette and ariadne bring an error framework and a style of their own, codespan-reporting is slower
//! to follow rustc's.) It passes control characters of the C1 range on, so texts are cleaned before.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use den_ide::Name;

use super::findings::{Finding, Place, Report};
use super::project::Project;
use super::terminal::{one_line, printable};
use crate::crash;

/// Everything that `check` prints.
pub(crate) fn render(project: &Project, report: &Report) -> String {
    let mut sources = Sources { project, texts: BTreeMap::new() };
    for it in &report.diagnostics {
        sources.load(&it.place.file);
        it.related.iter().for_each(|it| sources.load(&it.place.file));
    }
    let renderer = Renderer::styled();
    let mut out = String::new();
    for it in &report.diagnostics {
        // A finding that cannot be drawn is still told.
        let drawn = crash::catch(|| sources.draw(&renderer, it)).unwrap_or_else(|_| plain(it));
        let _ = write!(out, "{drawn}\n\n");
    }
    let _ = writeln!(out, "{}", summary(report));
    out
}

/// The last line: `2 errors, 1 warning in 412 files, 10 hosts`.
fn summary(report: &Report) -> String {
    let count = |severity: &str| report.diagnostics.iter().filter(|it| it.severity == severity).count();
    let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let notes = count("information") + count("hint");
    let counts = [(count("error"), "error"), (count("warning"), "warning"), (notes, "note")];
    let found: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| plural(*n, what)).collect();
    let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
    format!("{found} in {}, {}", plural(report.files, "file"), plural(report.hosts, "host"))
}

fn plain(it: &Finding) -> String {
    let start = it.place.range.start;
    let (file, line, column) = (&it.place.file, start.line + 1, start.character + 1);
    one_line(&format!("{}[{}]: {} ({file}:{line}:{column})", it.severity, it.code, it.message))
}

struct Sources<'a> {
    project: &'a Project,
    /// Cleaned texts by relative path.
    texts: BTreeMap<String, String>,
}

impl Sources<'_> {
    fn load(&mut self, file: &str) {
        if !self.texts.contains_key(file) {
            let path = Name::from(format!("{}/{file}", self.project.root.trim_end_matches('/')));
            let text = self.project.host.text(&path);
            self.texts.insert(file.to_owned(), text.map(|it| printable(&it)).unwrap_or_default());
        }
    }

    fn draw(&self, renderer: &Renderer, it: &Finding) -> String {
        let level = match it.severity {
            "error" => Level::ERROR,
            "warning" => Level::WARNING,
            "information" => Level::INFO,
            _ => Level::HELP,
        };
        let mut group = Group::with_title(level.primary_title(one_line(&it.message)).id(it.code));
        let (here, elsewhere): (Vec<_>, Vec<_>) = it.related.iter().partition(|rel| rel.place.file == it.place.file);
        let mut snippet = self.snippet(&it.place.file).annotation(AnnotationKind::Primary.span(self.span(&it.place)));
        for rel in here {
            snippet =
                snippet.annotation(AnnotationKind::Context.span(self.span(&rel.place)).label(one_line(&rel.message)));
        }
        group = group.element(snippet);
        for rel in elsewhere {
            let label = AnnotationKind::Context.span(self.span(&rel.place)).label(one_line(&rel.message));
            group = group.element(self.snippet(&rel.place.file).annotation(label));
        }
        if let Some(host) = &it.host {
            group = group.element(Level::NOTE.message(format!("on host `{}`", one_line(host))));
        }
        for fix in &it.fixes {
            group = group.element(Level::HELP.message(one_line(&fix.title)));
        }
        renderer.render(&[group])
    }

    fn snippet<'s, T: Clone>(&'s self, file: &'s str) -> Snippet<'s, T> {
        let text = self.texts.get(file).map(String::as_str).unwrap_or_default();
        Snippet::source(text).path(one_line(file)).fold(true)
    }

    /// The bytes of a place, inside the text whatever happens.
    fn span(&self, place: &Place) -> Range<usize> {
        let len = self.texts.get(&place.file).map_or(0, String::len);
        let start = (place.bytes.0 as usize).min(len);
        start..(place.bytes.1 as usize).clamp(start, len)
    }
}

#[cfg(test)]
mod tests;
