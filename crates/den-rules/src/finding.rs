//! What a rule reports.

use den_code::{FileId, Name, Site};

use crate::check::Rule;
use crate::fix::Fix;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The fleet does not evaluate, or not to what is written.
    Error,
    /// Something has no effect or another one than it seems.
    Warning,
    /// Worth knowing.
    Information,
    /// A suggestion.
    Hint,
}

/// Where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// An expression or a name.
    Site(Site),
    /// The first line of a file.
    File(FileId),
}

impl Place {
    /// The file.
    pub fn file(self) -> FileId {
        match self {
            Place::Site(site) => site.file,
            Place::File(file) => file,
        }
    }
}

impl From<Site> for Place {
    fn from(site: Site) -> Place {
        Place::Site(site)
    }
}

/// A finding, without positions.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is; most rules have one severity.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// One line without a full stop, names in backticks, what is wrong before why.
    pub message: String,
    /// The host that it is about.
    pub host: Option<Name>,
    /// Whether the code has no effect.
    pub unnecessary: bool,
    /// Whether the code uses something deprecated.
    pub deprecated: bool,
    /// Where the other half of the story is.
    pub related: Vec<Related>,
    /// How to mend it.
    pub fixes: Vec<Fix>,
}

/// A place that explains a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub place: Place,
    /// What is there: `declared here without a default`.
    pub message: String,
}

impl PartialEq for Finding {
    fn eq(&self, other: &Finding) -> bool {
        self.rule.code == other.rule.code
            && (self.severity, self.place, &self.message, &self.host)
                == (other.severity, other.place, &other.message, &other.host)
            && (self.unnecessary, self.deprecated) == (other.unnecessary, other.deprecated)
            && self.related == other.related
            && self.fixes == other.fixes
    }
}

impl Finding {
    /// A finding of a rule's own severity.
    pub fn new(rule: &'static Rule, place: impl Into<Place>, message: impl Into<String>) -> Finding {
        Finding {
            rule,
            severity: rule.severity,
            place: place.into(),
            message: message.into(),
            host: None,
            unnecessary: false,
            deprecated: false,
            related: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// With another severity.
    pub fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    /// About a host.
    pub fn host(mut self, host: impl Into<Name>) -> Finding {
        self.host = Some(host.into());
        self
    }

    /// With a place that explains it, if there is one.
    pub fn related(mut self, place: Option<impl Into<Place>>, message: impl Into<String>) -> Finding {
        if let Some(place) = place {
            self.related.push(Related { place: place.into(), message: message.into() });
        }
        self
    }

    /// With a fix.
    pub fn fix(mut self, fix: Fix) -> Finding {
        self.fixes.push(fix);
        self
    }

    /// With a fix, if there is one.
    pub fn fix_if(mut self, fix: Option<Fix>) -> Finding {
        self.fixes.extend(fix);
        self
    }

    /// About code without effect.
    pub fn unnecessary(mut self) -> Finding {
        self.unnecessary = true;
        self
    }

    /// About something deprecated.
    pub fn deprecated(mut self) -> Finding {
        self.deprecated = true;
        self
    }
}
