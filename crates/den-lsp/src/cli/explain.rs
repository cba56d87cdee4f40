//! `den-lsp explain`

use std::process::ExitCode;

use clap::Args as ClapArgs;

use super::terminal::{print, wrong_usage};

/// Arguments of `explain`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// The code of a rule, for example `settings/unknown-path`; without it, all rules
    code: Option<String>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let Some(code) = &args.code else {
        print(&den_ide::rule_codes().map(|(code, _, summary)| format!("{code:<32} {summary}\n")).collect::<String>());
        return ExitCode::SUCCESS;
    };
    match den_ide::rule_document(code) {
        Some(document) => {
            print(&format!("{}\n", document.trim_end()));
            ExitCode::SUCCESS
        }
        None => wrong_usage(&format!("no rule has the code `{code}`; `den-lsp explain` lists them all")),
    }
}
