//! The command line.

mod eval;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Language server and checker for Den configurations.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Evaluate a Nix expression without Nix
    Eval(eval::Args),
}

/// Runs the command that the arguments name. Exit codes: 0 clean, 1 findings or differences, 2 wrong
/// usage or an unreadable root, 101 a bug of ours.
pub(crate) fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Eval(args) => eval::run(&args),
    }
}
