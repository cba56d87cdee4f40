use std::fs;
use std::path::Path;

use super::*;
use crate::workspace::normalize;

/// A folder of its own for one test, removed when it ends.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("den-lsp-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Scratch(fs::canonicalize(path).unwrap())
    }
    fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Scratch {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }
    fn root(&self) -> Name {
        normalize(&self.0).unwrap()
    }
    fn disk(&self) -> Disk {
        Disk::new(vec![self.root()], Limits::default())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The table as lines `path kind`.
fn listing(root: &Name, sweep: &Sweep) -> Vec<String> {
    let line = |(path, entry): (&Name, &Entry)| {
        let kind = match entry {
            Entry::Loaded(_) => "loaded",
            Entry::Other => "other",
            Entry::Link => "link",
        };
        format!("{} {kind}", path[root.len()..].trim_start_matches('/'))
    };
    sweep.table.entries.iter().map(line).collect()
}

fn texts(sweep: &Sweep) -> Vec<&str> {
    sweep.texts.iter().map(|(_, text)| &**text).collect()
}

#[test]
fn lists_everything_and_loads_what_matters() {
    let it = Scratch::new("kinds");
    it.write("flake.nix", "{ }").write("flake.lock", "{}").write("logo.png", [0xff, 0]).write("a/b.nix", "1");
    it.write("node_modules/x.nix", "2").write(".direnv/y.nix", "3").write("results/z.nix", "4");
    it.write("data.json", "[]").write("big.json", vec![b' '; (1 << 20) + 1]).write("latin.nix", [b'"', 0xe9, b'"']);
    let sweep = it.disk().sweep(&BTreeSet::new());
    let want = [
        "a/b.nix loaded",
        "big.json other",
        "data.json loaded",
        "flake.lock loaded",
        "flake.nix loaded",
        "latin.nix other",
        "logo.png other",
        "results/z.nix loaded",
    ];
    assert_eq!(listing(&it.root(), &sweep), want);
    let notice = sweep.skipped.notice();
    assert_eq!(notice.as_deref(), Some("not everything was read: 1 not UTF-8; `den-lsp doctor` lists them"));
}

#[test]
#[cfg(unix)]
fn links_and_pipes() {
    use std::os::unix::fs::symlink;
    let outside = Scratch::new("outside");
    outside.write("secret.nix", "1").write("folder/x.nix", "1");
    let it = Scratch::new("links");
    it.write("real.nix", "1").write("folder/inner.nix", "2");
    let link = |target: &Path, name: &str| symlink(target, it.0.join(name)).unwrap();
    link(&it.0.join("real.nix"), "inside.nix");
    link(&outside.0.join("secret.nix"), "outside.nix");
    link(&outside.0.join("folder"), "elsewhere");
    link(&it.0.join("folder"), "again");
    link(&it.0, "loop");
    link(Path::new("/nix/store/x"), "result");
    rustix::fs::mknodat(rustix::fs::CWD, it.0.join("pipe.nix"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .unwrap();
    let sweep = it.disk().sweep(&BTreeSet::new());
    let want = [
        "again link",
        "elsewhere link",
        "folder/inner.nix loaded",
        "inside.nix loaded",
        "loop link",
        "outside.nix link",
        "pipe.nix other",
        "real.nix loaded",
    ];
    assert_eq!(listing(&it.root(), &sweep), want);
}

#[test]
fn only_what_changed_is_read_again() {
    let it = Scratch::new("again");
    it.write("a.nix", "1").write("b.nix", "2").write("bom.nix", "\u{feff}3");
    let mut disk = it.disk();
    assert_eq!(texts(&disk.sweep(&BTreeSet::new())), ["1", "2", "3"]);
    assert!(disk.sweep(&BTreeSet::new()).texts.is_empty());
    it.write("b.nix", "22");
    fs::remove_file(it.0.join("a.nix")).unwrap();
    let sweep = disk.sweep(&BTreeSet::new());
    assert_eq!(texts(&sweep), ["22"]);
    assert_eq!(listing(&it.root(), &sweep), ["b.nix loaded", "bom.nix loaded"]);
    let forced = BTreeSet::from([Name::from(format!("{}/b.nix", it.root()))]);
    assert_eq!(texts(&disk.sweep(&forced)), ["22"]);
    it.write("a.nix", "1");
    assert_eq!(texts(&disk.sweep(&BTreeSet::new())), ["1"]);
}

#[test]
fn caps_give_one_notice() {
    let it = Scratch::new("caps");
    for index in 0..5 {
        it.write(&format!("{index}.nix"), "0123456789");
    }
    it.write("deep/deep/deep/x.nix", "1");
    let limits = Limits { files: 3, total_bytes: 25, depth: 2, ..Limits::default() };
    let sweep = Disk::new(vec![it.root()], limits).sweep(&BTreeSet::new());
    assert_eq!(listing(&it.root(), &sweep), ["0.nix loaded", "1.nix loaded", "2.nix other"]);
    let notice = sweep.skipped.notice().unwrap();
    let want = "not everything was read: 1 nested too deeply, 2 beyond the largest number of files, \
                1 beyond the largest amount of text; `den-lsp doctor` lists them";
    assert_eq!(notice, want);
}

#[test]
fn roots_inside_each_other_are_walked_once() {
    let it = Scratch::new("nested");
    it.write("a/b.nix", "1").write("c.nix", "2");
    let inner = Name::from(format!("{}/a", it.root()));
    let sweep = Disk::new(vec![inner.clone(), it.root(), it.root()], Limits::default()).sweep(&BTreeSet::new());
    assert_eq!(listing(&it.root(), &sweep), ["a/b.nix loaded", "c.nix loaded"]);
    assert_eq!(sweep.table.roots, [it.root(), inner]);
}

/// A version 2 index with these paths, as git writes it but with an empty checksum, which readers take
/// as "not computed".
fn index(entries: &[(&str, u32)]) -> Vec<u8> {
    let mut out = b"DIRC\0\0\0\x02".to_vec();
    out.extend((entries.len() as u32).to_be_bytes());
    for (path, mode) in entries {
        let start = out.len();
        out.extend([0; 24]);
        out.extend(mode.to_be_bytes());
        out.extend([0; 12 + 20]);
        out.extend((path.len() as u16).to_be_bytes());
        out.extend(path.as_bytes());
        out.push(0);
        while !(out.len() - start).is_multiple_of(8) {
            out.push(0);
        }
    }
    out.extend([0; 20]);
    out
}

fn untracked(it: &Scratch, sweep: &Sweep) -> Vec<String> {
    let relative = |path: &Name| path.strip_prefix(it.root().as_str()).unwrap_or(path).to_owned();
    let each = |repo: &den_ide::Untracked| {
        format!("{}: {}", relative(&repo.root), repo.paths.iter().map(relative).collect::<Vec<_>>().join(" "))
    };
    sweep.table.untracked.iter().map(each).collect()
}

#[test]
fn what_git_does_not_know() {
    let it = Scratch::new("git");
    let file = 0o100_644;
    it.write(".git/HEAD", "ref: refs/heads/main").write("a.nix", "1").write("b.nix", "1").write("sub/c.nix", "1");
    fs::create_dir_all(it.0.join("vendor/lib")).unwrap();
    fs::create_dir_all(it.0.join("empty")).unwrap();
    let mut disk = it.disk();
    assert_eq!(untracked(&it, &disk.sweep(&BTreeSet::new())), [": /a.nix /b.nix /sub/c.nix"], "no index yet");
    it.write(".git/index", index(&[("a.nix", file), ("sub/c.nix", file), ("vendor/lib", 0o160_000)]));
    let sweep = disk.sweep(&BTreeSet::new());
    assert_eq!(untracked(&it, &sweep), [": /b.nix"]);
    assert_eq!(sweep.table.empty_folders, [Name::from(format!("{}/vendor/lib", it.root()))]);
    it.write(".git/index", "rubbish");
    let sweep = disk.sweep(&BTreeSet::new());
    assert!(sweep.table.untracked.is_empty());
    assert_eq!(sweep.skipped.broken_indexes, [it.root()]);
}

#[test]
fn repositories_inside_above_and_worktrees() {
    let it = Scratch::new("repositories");
    let file = 0o100_644;
    it.write(".git/HEAD", "ref").write(".git/index", index(&[("fleet/a.nix", file)]));
    it.write("fleet/a.nix", "1").write("fleet/b.nix", "1");
    it.write("fleet/inner/.git/HEAD", "ref").write("fleet/inner/.git/index", index(&[("x.nix", file)]));
    it.write("fleet/inner/x.nix", "1").write("fleet/inner/y.nix", "1");
    it.write("fleet/tree/.git", "gitdir: ../../.git/worktrees/tree\n").write("fleet/tree/z.nix", "1");
    it.write(".git/worktrees/tree/HEAD", "ref").write(".git/worktrees/tree/index", index(&[("z.nix", file)]));
    let root = Name::from(format!("{}/fleet", it.root()));
    let sweep = Disk::new(vec![root], Limits::default()).sweep(&BTreeSet::new());
    assert_eq!(untracked(&it, &sweep), [": /fleet/b.nix", "/fleet/inner: /fleet/inner/y.nix", "/fleet/tree: "]);
}

#[test]
fn submodules_of_an_archive() {
    let it = Scratch::new("archive");
    it.write(".gitmodules", "[submodule \"x\"]\n\tpath = vendor/x\n\turl = nowhere\n[submodule \"y\"]\n path=\"y\"\n");
    it.write("y/file.nix", "1");
    let sweep = it.disk().sweep(&BTreeSet::new());
    assert_eq!(sweep.table.empty_folders, [Name::from(format!("{}/vendor/x", it.root()))]);
}
