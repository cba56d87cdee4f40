//! A folder, loaded for a command that answers once.

use std::collections::BTreeSet;
use std::path::Path;

use den_ide::{AnalysisHost, Change, Name};

use crate::workspace::{Disk, Limits, Sweep, absolute};

/// A loaded folder.
pub(crate) struct Project {
    /// Its absolute path.
    pub(crate) root: Name,
    /// The analysis of it.
    pub(crate) host: AnalysisHost,
    /// What was found on the disk; its texts are with the analysis.
    pub(crate) sweep: Sweep,
}

impl Project {
    /// Loads the folder at `path`, or says in one line why it cannot be read.
    pub(crate) fn load(path: &Path) -> Result<Project, String> {
        let shown = path.display();
        let root = absolute(path).ok_or_else(|| format!("the path {shown} is not Unicode"))?;
        match std::fs::metadata(root.as_str()) {
            Ok(it) if it.is_dir() => {
                std::fs::read_dir(root.as_str()).map_err(|it| format!("cannot read {shown}: {it}"))?
            }
            Ok(_) => return Err(format!("{shown} is not a folder")),
            Err(error) => return Err(format!("cannot read {shown}: {error}")),
        };
        let mut sweep = Disk::new(vec![root.clone()], Limits::default()).sweep(&BTreeSet::new());
        let mut host = AnalysisHost::default();
        let texts = std::mem::take(&mut sweep.texts);
        host.apply(Change {
            texts: texts.into_iter().map(|(path, text)| (path, text, false)).collect(),
            table: Some(sweep.table.clone()),
            ..Change::default()
        });
        Ok(Project { root, host, sweep })
    }

    /// A path as people read it: relative to the root.
    pub(crate) fn relative<'a>(&self, path: &'a str) -> &'a str {
        relative(&self.root, path)
    }
}

/// `path` relative to `root`; itself if it is elsewhere.
pub(crate) fn relative<'a>(root: &str, path: &'a str) -> &'a str {
    path.strip_prefix(root).map_or(path, |it| it.trim_start_matches('/'))
}
