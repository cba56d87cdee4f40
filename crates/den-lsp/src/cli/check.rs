//! `den-lsp check`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;

use super::excerpts;
use super::findings::{self, Failure, Report};
use super::project::Project;
use super::terminal::{Format, complain, wrong_usage};
use crate::crash::PLEA;

/// Arguments of `check`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// The folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Report only what concerns this host
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let project = match Project::load(&args.path) {
        Ok(project) => project,
        Err(problem) => return wrong_usage(&problem),
    };
    if let Some(notice) = project.sweep.skipped.notice() {
        complain(&notice);
    }
    let report = match findings::check(&project, args.host.as_deref()) {
        Ok(report) => report,
        Err(Failure::UnknownHost) => {
            return wrong_usage(&format!("no host is called `{}`", args.host.as_deref().unwrap_or_default()));
        }
        Err(Failure::Crash { file, panic }) => {
            complain(&format!("internal error while checking {file}: {panic}; {PLEA}"));
            return ExitCode::from(101);
        }
    };
    args.format.print(&report, |report| excerpts::render(&project, report));
    exit_code(&report)
}

fn exit_code(report: &Report) -> ExitCode {
    match report.diagnostics.iter().any(|it| it.severity == "error") {
        true => ExitCode::from(1),
        false => ExitCode::SUCCESS,
    }
}
