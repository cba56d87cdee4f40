//! Holds the evaluator against real Nix, where there is one.
//!
//! A tool for developers: the product never starts a process, and no test needs Nix. The program is
//! `nix-instantiate` on the PATH or what `NIX_INSTANTIATE` says; cases that use `lib` need the path of
//! nixpkgs' `lib` in `DEN_NIXPKGS_LIB`.

mod fixtures;
mod generate;
mod nix;
mod random;

use std::path::Path;

/// What is done with the fixtures.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mode {
    /// Differences are shown.
    Compare,
    /// All results are replaced.
    Write,
    /// Results are added where there are none.
    New,
}

/// The release whose answers the fixtures hold.
const FIXTURES_ARE_OF: &str = "2.26.";

pub(crate) fn run(args: &[&str]) -> bool {
    let Some(nix) = nix::Nix::find() else {
        println!("no nix-instantiate on the PATH and none in NIX_INSTANTIATE: nothing compared");
        return true;
    };
    println!("{}", nix.version());
    let value = |flag: &str| {
        let at = args.iter().position(|it| *it == flag)?;
        args.get(at + 1)?.parse::<u64>().ok()
    };
    let flag = |flag: &str| args.contains(&flag);
    match value("--random") {
        Some(count) => random::run(&nix, count, value("--seed").unwrap_or(1), flag("--syntax")),
        None if (flag("--write") || flag("--new")) && !nix.version().contains(FIXTURES_ARE_OF) => {
            println!("the fixtures are of Nix {FIXTURES_ARE_OF}: nothing written");
            false
        }
        None => {
            let mode = match (flag("--write"), flag("--new")) {
                (true, _) => Mode::Write,
                (_, true) => Mode::New,
                _ => Mode::Compare,
            };
            fixtures::run(&nix, Path::new("fixtures/eval"), mode)
        }
    }
}
