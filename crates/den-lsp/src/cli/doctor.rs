//! `den-lsp doctor`: what was found in a folder, and why. The first thing to ask for in a bug report.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use den_ide::{Entry, Name};
use serde::Serialize;

use super::project::Project;
use super::terminal::{Format, one_line, wrong_usage};

/// Arguments of `doctor`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// The folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let project = match Project::load(&args.path) {
        Ok(project) => project,
        Err(problem) => return wrong_usage(&problem),
    };
    args.format.print(&Facts::new(&project), Facts::text);
    ExitCode::SUCCESS
}

/// Everything that is told. Paths are relative to the root.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    version: u32,
    den_lsp: &'static str,
    root: String,
    nix_files: usize,
    nix_bytes: usize,
    other_loaded: usize,
    listed: usize,
    links: usize,
    repositories: Vec<Repository>,
    empty_submodules: Vec<String>,
    skipped: Vec<Left>,
}

#[derive(Serialize)]
struct Repository {
    root: String,
    readable: bool,
    untracked: Vec<String>,
}

#[derive(Serialize)]
struct Left {
    reason: &'static str,
    count: usize,
    paths: Vec<String>,
}

impl Facts {
    fn new(project: &Project) -> Facts {
        let relative = |path: &Name| match project.relative(path) {
            "" => ".".to_owned(),
            path => path.to_owned(),
        };
        let sweep = &project.sweep;
        let entries = || sweep.table.entries.iter();
        let loaded = |nix: bool| {
            entries().filter(move |(path, it)| matches!(it, Entry::Loaded(_)) && path.ends_with(".nix") == nix)
        };
        let bytes = loaded(true).filter_map(|(path, _)| project.host.text(path)).map(|text| text.len()).sum();
        let repositories = sweep.repositories.iter().map(|root| {
            let untracked = sweep.table.untracked.iter().find(|it| it.root == *root);
            Repository {
                root: relative(root),
                readable: untracked.is_some(),
                untracked: untracked.iter().flat_map(|it| it.paths.iter().map(relative)).collect(),
            }
        });
        let skipped = &sweep.skipped;
        let left =
            |reason, paths: &[Name]| Left { reason, count: paths.len(), paths: paths.iter().map(relative).collect() };
        let counted = |reason, count| Left { reason, count, paths: Vec::new() };
        let mut left = vec![
            left("too large", &skipped.too_large),
            left("not UTF-8", &skipped.not_text),
            left("not readable", &skipped.unreadable),
            left("nested too deeply", &skipped.too_deep),
            left("unreadable git index", &skipped.broken_indexes),
            counted("name is not Unicode", skipped.odd_names),
            counted("beyond the largest number of files", skipped.beyond_count),
            counted("beyond the largest amount of text", skipped.beyond_bytes),
        ];
        left.retain(|it| it.count > 0);
        Facts {
            version: 1,
            den_lsp: env!("CARGO_PKG_VERSION"),
            root: project.root.to_string(),
            nix_files: loaded(true).count(),
            nix_bytes: bytes,
            other_loaded: loaded(false).count(),
            listed: entries().filter(|(_, it)| **it == Entry::Other).count(),
            links: entries().filter(|(_, it)| **it == Entry::Link).count(),
            repositories: repositories.collect(),
            empty_submodules: sweep.table.empty_folders.iter().map(relative).collect(),
            skipped: left,
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let mut line = |text: String| {
            out.push_str(&one_line(&text));
            out.push('\n');
        };
        line(format!("den-lsp {}", self.den_lsp));
        line(format!("root: {}", self.root));
        line(format!("Nix files: {} ({} bytes)", self.nix_files, self.nix_bytes));
        line(format!("other files read: {}", self.other_loaded));
        line(format!("other files, names only: {}", self.listed));
        line(format!("symbolic links, not followed: {}", self.links));
        if self.repositories.is_empty() {
            line("git: the folder is in no repository, so every file counts".to_owned());
        }
        for it in &self.repositories {
            match it.readable {
                true => line(format!("git repository {}: {} files are not in its index", it.root, it.untracked.len())),
                false => line(format!("git repository {}: its index cannot be read, so every file counts", it.root)),
            }
            list(&it.untracked, &mut line);
        }
        for path in &self.empty_submodules {
            line(format!("submodule not checked out: {path}"));
        }
        for it in &self.skipped {
            line(format!("skipped, {}: {}", it.reason, it.count));
            list(&it.paths, &mut line);
        }
        out
    }
}

/// The first of many paths; a program that wants all asks for JSON.
fn list(paths: &[String], line: &mut impl FnMut(String)) {
    const SHOWN: usize = 20;
    for path in paths.iter().take(SHOWN) {
        line(format!("  {path}"));
    }
    if paths.len() > SHOWN {
        line(format!("  and {} more", paths.len() - SHOWN));
    }
}
