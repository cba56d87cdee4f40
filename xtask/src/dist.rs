//! Everything that a release consists of, in `dist/`: an archive with the program, its manual and its
//! completions, the extension for VS Code, and the checksums of all of them.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

const SHELLS: [(&str, &str); 3] = [("bash", "den-lsp.bash"), ("zsh", "_den-lsp"), ("fish", "den-lsp.fish")];

pub(crate) fn run() -> bool {
    match dist() {
        Ok(()) => true,
        Err(error) => {
            eprintln!("dist: {error}");
            false
        }
    }
}

fn dist() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or(io::ErrorKind::NotFound)?;
    let out = root.join("dist");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    let target = host_target()?;
    let program = build(root, &target)?;
    let name = format!("den-lsp-{}-{target}", env!("CARGO_PKG_VERSION"));
    archive(root, &out, &name, &program)?;
    extension(root, &out, &program, &target)?;
    checksums(&out)?;
    println!("dist: {}", out.display());
    Ok(())
}

/// The machine that we are on; releases for others are made there.
fn host_target() -> io::Result<String> {
    let told = output(Command::new("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or_else(|| io::Error::other("rustc does not say its host"))?.to_owned())
}

/// Builds the program without shared libraries, so that it runs on any distribution, NixOS too.
fn build(root: &Path, target: &str) -> io::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--locked", "--package", "den-lsp", "--target", target]).current_dir(root);
    if target.contains("linux") || target.contains("msvc") {
        build.env("RUSTFLAGS", "-C target-feature=+crt-static");
    }
    run_it(&mut build)?;
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(folder.join(target).join("release").join(format!("den-lsp{}", std::env::consts::EXE_SUFFIX)))
}

fn archive(root: &Path, out: &Path, name: &str, program: &Path) -> io::Result<()> {
    let folder = out.join(name);
    fs::create_dir_all(folder.join("completions"))?;
    fs::copy(program, folder.join(program.file_name().ok_or(io::ErrorKind::NotFound)?))?;
    fs::write(folder.join("den-lsp.1"), output(Command::new(program).arg("man"))?)?;
    for (shell, file) in SHELLS {
        let script = output(Command::new(program).args(["completions", shell]))?;
        fs::write(folder.join("completions").join(file), script)?;
    }
    for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        if root.join(file).is_file() {
            fs::copy(root.join(file), folder.join(file))?;
        }
    }
    run_it(Command::new("tar").args(["-czf", &format!("{name}.tar.gz"), name]).current_dir(out))?;
    fs::remove_dir_all(folder)
}

/// The extension twice: for every platform without the program, and for this one with it. Needs node.
fn extension(root: &Path, out: &Path, program: &Path, target: &str) -> io::Result<()> {
    let folder = root.join("editors/vscode");
    if Command::new("node").arg("--version").output().is_err() {
        println!("dist: no extension for VS Code, because node is not on the PATH");
        return Ok(());
    }
    for step in [&["ci"][..], &["run", "check"], &["run", "build"]] {
        run_it(Command::new("npm").args(step).current_dir(&folder))?;
    }
    let package = |file: &str, platform: &[&str]| {
        let file = out.join(file);
        let mut npm = Command::new("npm");
        npm.args(["run", "package", "--", "--out"]).arg(file).args(platform).current_dir(&folder);
        run_it(&mut npm)
    };
    let server = folder.join("server");
    if server.exists() {
        fs::remove_dir_all(&server)?;
    }
    let version = env!("CARGO_PKG_VERSION");
    package(&format!("den-lsp-{version}.vsix"), &[])?;
    let Some(platform) = vscode_platform(target) else { return Ok(()) };
    fs::create_dir_all(&server)?;
    fs::copy(program, server.join(program.file_name().ok_or(io::ErrorKind::NotFound)?))?;
    package(&format!("den-lsp-{version}-{platform}.vsix"), &["--target", platform])?;
    fs::remove_dir_all(server)
}

/// What VS Code calls a platform.
fn vscode_platform(target: &str) -> Option<&'static str> {
    Some(match target {
        it if it.starts_with("x86_64-unknown-linux") => "linux-x64",
        it if it.starts_with("aarch64-unknown-linux") => "linux-arm64",
        "x86_64-apple-darwin" => "darwin-x64",
        "aarch64-apple-darwin" => "darwin-arm64",
        it if it.starts_with("x86_64-pc-windows") => "win32-x64",
        _ => return None,
    })
}

fn checksums(out: &Path) -> io::Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(out)?.flatten().map(|it| it.path()).filter(|it| it.is_file()).collect();
    files.sort();
    let mut lines = String::new();
    for file in files {
        let mut sum = String::new();
        for byte in Sha256::digest(fs::read(&file)?) {
            let _ = write!(sum, "{byte:02x}");
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let _ = writeln!(lines, "{sum}  {name}");
    }
    print!("{lines}");
    fs::write(out.join("SHA256SUMS"), lines)
}

fn run_it(command: &mut Command) -> io::Result<()> {
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!("{command:?}: {status}"))),
    }
}

fn output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?}: {}", output.status)));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}
