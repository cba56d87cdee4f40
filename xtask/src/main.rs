//! The project's own tasks, run as `cargo xtask TASK`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks on its streams")]

mod dist;
mod eval_oracle;
mod files;
mod parser_diff;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask TASK
  dist               build everything that a release consists of into dist/
  parser-diff DIR…   compare our parser with rnix's on every .nix file below DIR
  eval-oracle        compare fixtures/eval with what real Nix says (--write: take
                     what it says; --new: where there is nothing yet)
  eval-oracle --random N [--seed S] [--syntax]
                     evaluate N random expressions both ways (--syntax: only accept or reject them)";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    let ok = match args.first().map(String::as_str) {
        Some("eval-oracle") => eval_oracle::run(&rest),
        Some("dist") => dist::run(),
        Some("parser-diff") => parser_diff::run(&rest),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
