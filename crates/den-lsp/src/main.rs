//! The `den-lsp` binary: language server and command line.
//!
//! Everything that touches the outside is here: the protocol (`protocol`, `server`), the disk
//! (`workspace`) and the terminal (`cli`). What is true about a fleet is decided in `den-ide` and below;
//! the server and `check` ask it the same questions.

mod cli;
mod config;
mod crash;
mod protocol;
mod server;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    crash::install();
    cli::run()
}
