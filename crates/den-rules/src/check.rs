//! What a rule is and how all of them run.
//!
//! A rule looks at one file, one top-level aspect, one host, or the fleet's index of names; the
//! findings of each are a query of their own, so that an edit re-runs the rules of what it touches.
//! Rules about the whole fleet must be cheap: they run again whenever a name comes or goes.

use den_code::{FileId, Name};
use den_db::{Db, File};
use den_model::{
    AspectNode, AspectPath, DeclaredEntity, ModuleFacts, ProjectKey, aspect_roots, aspect_tree, declared_homes,
    declared_hosts, module_facts, project_modules, projects,
};

use crate::finding::{Finding, Severity};
use crate::registry::RULES;

/// A diagnostic.
#[derive(Debug)]
pub struct Rule {
    /// Its name: `group/name`. Stable; a renamed rule keeps its old name as an alias.
    pub code: &'static str,
    /// How bad a finding is unless the rule says otherwise.
    pub severity: Severity,
    /// What it reports, in one line without a full stop.
    pub summary: &'static str,
    /// Its document in Markdown: what it reports, why it matters, wrong and right examples.
    pub doc: &'static str,
    /// Looks.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Every module file of a fleet.
    File(fn(&FileContext<'_>, &mut Sink)),
    /// Every top-level aspect.
    Aspect(fn(&AspectContext<'_>, &mut Sink)),
    /// Every host, with its users, and every home.
    Host(fn(&HostContext<'_>, &mut Sink)),
    /// The fleet's names.
    Fleet(fn(&FleetContext<'_>, &mut Sink)),
}

/// A fleet.
#[derive(Clone, Copy)]
pub struct FleetContext<'db> {
    /// The database.
    pub db: &'db dyn Db,
    /// The fleet.
    pub project: ProjectKey<'db>,
}

/// A module file of a fleet.
pub struct FileContext<'db> {
    /// The fleet.
    pub fleet: FleetContext<'db>,
    /// The file.
    pub file: File,
    /// What it says as a module.
    pub facts: &'db ModuleFacts,
}

/// A top-level aspect of a fleet.
pub struct AspectContext<'db> {
    /// The fleet.
    pub fleet: FleetContext<'db>,
    /// The aspect.
    pub aspect: &'db AspectNode,
}

/// A host or home of a fleet.
pub struct HostContext<'db> {
    /// The fleet.
    pub fleet: FleetContext<'db>,
    /// What is declared.
    pub entity: &'db DeclaredEntity,
    /// Whether it is a home.
    pub is_home: bool,
}

/// Where findings go.
#[derive(Default)]
pub struct Sink {
    findings: Vec<Finding>,
}

impl Sink {
    /// Reports a finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Every finding of every fleet, each once, in order of place and code.
pub fn all_findings(db: &dyn Db) -> Vec<Finding> {
    let mut all = Vec::new();
    for project in projects(db) {
        let project = ProjectKey::new(db, project.root.clone());
        all.extend(fleet_findings(db, project).iter().cloned());
        for module in &project_modules(db, project).modules {
            if let Some(file) = module.source.file().and_then(|it| db.file(it)) {
                all.extend(findings_of_file(db, project, file).iter().cloned());
            }
        }
        for root in aspect_roots(db, project) {
            all.extend(findings_of_aspect(db, project, root.clone()).iter().cloned());
        }
        for (index, _) in declared_hosts(db, project).0.iter().enumerate() {
            all.extend(findings_of_host(db, project, index as u32, false).iter().cloned());
        }
        for (index, _) in declared_homes(db, project).0.iter().enumerate() {
            all.extend(findings_of_host(db, project, index as u32, true).iter().cloned());
        }
    }
    sort(&mut all);
    all
}

/// Every finding at a place in one file.
pub fn file_findings(db: &dyn Db, file: FileId) -> Vec<Finding> {
    let mut found = all_findings(db);
    found.retain(|it| it.place.file() == file);
    found
}

fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        let key = |it: &Finding| (it.place, it.rule.code, it.host.clone());
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    findings.dedup();
}

#[salsa::tracked]
fn fleet_findings<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> Vec<Finding> {
    let context = FleetContext { db, project };
    run(|check, sink| {
        if let Check::Fleet(check) = check {
            check(&context, sink)
        }
    })
}

#[salsa::tracked]
fn findings_of_file<'db>(db: &'db dyn Db, project: ProjectKey<'db>, file: File) -> Vec<Finding> {
    let context = FileContext { fleet: FleetContext { db, project }, file, facts: module_facts(db, file) };
    run(|check, sink| {
        if let Check::File(check) = check {
            check(&context, sink)
        }
    })
}

#[salsa::tracked]
fn findings_of_aspect<'db>(db: &'db dyn Db, project: ProjectKey<'db>, root: AspectPath) -> Vec<Finding> {
    let context = AspectContext { fleet: FleetContext { db, project }, aspect: aspect_tree(db, project, root) };
    run(|check, sink| {
        if let Check::Aspect(check) = check {
            check(&context, sink)
        }
    })
}

#[salsa::tracked]
fn findings_of_host<'db>(db: &'db dyn Db, project: ProjectKey<'db>, index: u32, is_home: bool) -> Vec<Finding> {
    let declared = if is_home { declared_homes(db, project) } else { declared_hosts(db, project) };
    let Some(entity) = declared.0.get(index as usize) else { return Vec::new() };
    let context = HostContext { fleet: FleetContext { db, project }, entity, is_home };
    run(|check, sink| {
        if let Check::Host(check) = check {
            check(&context, sink)
        }
    })
}

fn run(each: impl Fn(Check, &mut Sink)) -> Vec<Finding> {
    let mut sink = Sink::default();
    for rule in RULES {
        each(rule.check, &mut sink);
    }
    sort(&mut sink.findings);
    sink.findings
}

impl<'db> FleetContext<'db> {
    /// The canonical form of a path: namespaces and aliases replaced by what they stand for.
    pub fn canonical(&self, path: &[Name]) -> Vec<Name> {
        den_model::aliases(self.db, self.project).canonical(path)
    }
}
