//! The `den-lsp` binary: language server and command line.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
