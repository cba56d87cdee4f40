//! Findings at their places in the texts at hand.

use den_code::{FileId, Site};
use den_db::{Db, lowered};
use den_rules::{Finding, Place, RULES};
use den_syntax::{TextRange, TextSize};

use crate::{Diagnostic, FileRange, Fix, Related, Severity};

/// The findings at places in a file.
pub(crate) fn in_file(db: &dyn Db, file: FileId) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = den_rules::file_findings(db, file).iter().map(|it| render(db, it)).collect();
    sort(db, &mut found);
    found
}

/// All findings.
pub(crate) fn everywhere(db: &dyn Db) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = den_rules::all_findings(db).iter().map(|it| render(db, it)).collect();
    sort(db, &mut found);
    found
}

fn sort(db: &dyn Db, found: &mut [Diagnostic]) {
    let path = |file: FileId| db.file(file).map(|it| it.path(db).clone()).unwrap_or_default();
    found.sort_by_cached_key(|it| {
        let range = it.place.range;
        (path(it.place.file), range.start(), range.end(), it.code, it.message.clone())
    });
}

fn render(db: &dyn Db, finding: &Finding) -> Diagnostic {
    let related = finding.related.iter().map(|it| Related { place: place(db, it.place), message: it.message.clone() });
    let fixes = finding.fixes.iter().filter_map(|it| {
        let edits = crate::edits::render(db, &it.edits)?;
        Some(Fix { title: it.title.clone(), safe: it.safe, edits })
    });
    Diagnostic {
        code: finding.rule.code,
        severity: match finding.severity {
            den_rules::Severity::Error => Severity::Error,
            den_rules::Severity::Warning => Severity::Warning,
            den_rules::Severity::Information => Severity::Information,
            den_rules::Severity::Hint => Severity::Hint,
        },
        place: place(db, finding.place),
        message: finding.message.clone(),
        host: finding.host.as_ref().map(|it| it.to_string()),
        unnecessary: finding.unnecessary,
        deprecated: finding.deprecated,
        related: related.collect(),
        fixes: fixes.collect(),
    }
}

fn place(db: &dyn Db, place: Place) -> FileRange {
    match place {
        Place::Site(site) => FileRange { file: site.file, range: first_line(db, site, range_of(db, site)) },
        Place::File(file) => {
            let end = db.file(file).and_then(|it| it.text(db).find('\n')).unwrap_or(0);
            FileRange { file, range: TextRange::new(0.into(), TextSize::new(end as u32)) }
        }
    }
}

/// The range of an expression or name, in this revision.
pub(crate) fn range_of(db: &dyn Db, site: Site) -> TextRange {
    let item = db.file(site.file).and_then(|file| lowered(db, file).get(site.item));
    item.map_or(TextRange::empty(0.into()), |it| it.source_map(db).range(site.expr))
}

/// A squiggle under a whole function helps nobody: a range of several lines ends with its first.
fn first_line(db: &dyn Db, site: Site, range: TextRange) -> TextRange {
    let Some(file) = db.file(site.file) else { return range };
    let text = &file.text(db)[range];
    match text.find('\n') {
        Some(end) => {
            let end = text[..end].trim_end().len();
            TextRange::at(range.start(), TextSize::new(end as u32))
        }
        None => range,
    }
}

/// The document of a rule, as Markdown.
pub fn rule_document(code: &str) -> Option<&'static str> {
    Some(den_rules::rule(code)?.doc)
}

/// The codes of all rules with severity and summary, in order.
pub fn rule_codes() -> impl Iterator<Item = (&'static str, den_rules::Severity, &'static str)> {
    RULES.iter().map(|it| (it.code, it.severity, it.summary))
}
