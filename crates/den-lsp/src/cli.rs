//! The command line.

mod check;
mod doctor;
mod eval;
mod excerpts;
mod explain;
mod findings;
mod generate;
mod project;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Language server and checker for Den configurations.
///
/// Without a command, the language server speaks on standard input and output.
#[derive(Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(clap::Args)]
struct ServerArgs {
    /// Accepted for clients that name the transport; there is no other
    #[arg(long, hide = true)]
    stdio: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Run the language server on standard input and output
    Server(ServerArgs),
    /// Report every finding in a folder
    Check(check::Args),
    /// Show the document of a rule
    Explain(explain::Args),
    /// Show what was found in a folder, and why
    Doctor(doctor::Args),
    /// Evaluate a Nix expression without Nix
    Eval(eval::Args),
    /// Print a completion script for a shell
    #[command(hide = true)]
    Completions(generate::CompletionArgs),
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

/// Runs the command that the arguments name. Exit codes: 0 clean, 1 findings or differences, 2 wrong
/// usage or an unreadable root, 101 a bug of ours.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Server(cli.server)) {
        Command::Server(_) => crate::server::run(),
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Completions(args) => generate::completions(&args),
        Command::Man => generate::man(),
    }
}
