//! A client for tests: starts the binary, speaks to it over pipes, and remembers everything it said.
//!
//! No test asserts a time; [`PATIENCE`] is only how long a test waits before it says that something never
//! came.

mod client;
mod workspace;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

pub use client::{Client, Options, frame};
pub use workspace::Workspace;

/// How long to wait for something that must come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The binary, built once from the same sources and with the same profile as the test, or `DEN_LSP_BIN`.
pub fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("DEN_LSP_BIN") {
            return path.into();
        }
        let test = std::env::current_exe().expect("a test knows where it is");
        let profile_dir = test.ancestors().nth(2).expect("tests are in target/PROFILE/deps").to_owned();
        let target_dir = profile_dir.parent().expect("a profile is in a target folder");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "den-lsp", "--target-dir"]).arg(target_dir);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo starts");
        assert!(built.success(), "den-lsp does not build");
        profile_dir.join(format!("den-lsp{}", std::env::consts::EXE_SUFFIX))
    })
}
