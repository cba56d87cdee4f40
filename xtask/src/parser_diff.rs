//! Holds our parser against rnix's: equal trees where rnix accepts, little damage where a file is
//! broken the way typing breaks it.

use std::path::Path;
use std::time::{Duration, Instant};

use den_syntax::SyntaxKind::*;
use den_syntax::{AstNode as _, ast};

use crate::files::nix_files;

pub(crate) fn run(dirs: &[&str]) -> bool {
    let files: Vec<_> = dirs.iter().flat_map(|dir| nix_files(Path::new(dir))).collect();
    den_syntax::with_big_stack(|| compare(&files)).unwrap_or(false)
}

fn compare(files: &[(std::path::PathBuf, String)]) -> bool {
    let (mut same, mut valid, mut differing) = (0, 0, 0);
    let (mut rnix_time, mut our_time) = (Duration::ZERO, Duration::ZERO);
    for (path, text) in files {
        let start = Instant::now();
        let theirs = rnix::Root::parse(text);
        rnix_time += start.elapsed();
        let start = Instant::now();
        let ours = den_syntax::parse(text);
        our_time += start.elapsed();
        let lossless = ours.syntax().to_string() == *text;
        let accepted = theirs.errors().is_empty();
        valid += usize::from(accepted);
        let equal = !accepted || *theirs.syntax().green() == **ours.green() && ours.errors().is_empty();
        same += usize::from(accepted && equal);
        if !lossless || !equal {
            differing += 1;
            println!("differs: {}", path.display());
        }
    }
    println!("{} files, {valid} valid, {same} identical, {differing} differing", files.len());
    println!("rnix {rnix_time:?}, ours {our_time:?}");
    for damage in [Damage::Dot, Damage::Semicolon, Damage::Word] {
        let (mut edits, mut theirs, mut ours) = (0, 0, 0);
        for (_, text) in files {
            let Some(broken) = damage.inflict(text) else { continue };
            let want = bindings(&rnix::Root::parse(text).syntax());
            edits += 1;
            theirs += lost(&want, &bindings(&rnix::Root::parse(&broken).syntax()));
            ours += lost(&want, &bindings(&den_syntax::parse(&broken).syntax()));
        }
        println!("{damage:?}: {edits} edits, bindings lost: rnix {theirs}, ours {ours}");
    }
    differing == 0
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    /// Type `.` after the last value that ends in a name.
    Dot,
    /// Delete the semicolon in the middle.
    Semicolon,
    /// Type a bare word after the semicolon in the middle.
    Word,
}

impl Damage {
    fn inflict(self, text: &str) -> Option<String> {
        let mut offset = 0;
        let mut semicolons = Vec::new();
        let mut before = TOKEN_WHITESPACE;
        for (kind, piece) in rnix::tokenize(text) {
            if kind == TOKEN_SEMICOLON && (!matches!(self, Damage::Dot) || before == TOKEN_IDENT) {
                semicolons.push(offset);
            }
            before = kind;
            offset += piece.len();
        }
        let at = *semicolons.get(semicolons.len() / 2)?;
        let (head, tail) = text.split_at(at);
        Some(match self {
            Damage::Dot => format!("{head}.{tail}"),
            Damage::Semicolon => format!("{head}{}", &tail[1..]),
            Damage::Word => format!("{head};\n  enab{}", &tail[1..]),
        })
    }
}

/// Every binding by its attribute path from the root: what the model is built from.
fn bindings(root: &den_syntax::SyntaxNode) -> Vec<String> {
    let all = root.descendants().filter_map(ast::AttrpathValue::cast);
    let mut paths: Vec<String> = all
        .map(|it| {
            let outward = it.syntax().ancestors().filter_map(ast::AttrpathValue::cast);
            let mut path: Vec<String> = outward.filter_map(|e| Some(e.attrpath()?.to_string())).collect();
            path.reverse();
            path.join(".")
        })
        .collect();
    paths.sort();
    paths
}

fn lost(want: &[String], got: &[String]) -> usize {
    let mut got = got.iter().peekable();
    let mut lost = 0;
    for it in want {
        while got.next_if(|g| *g < it).is_some() {}
        if got.next_if(|g| *g == it).is_none() {
            lost += 1;
        }
    }
    lost
}
