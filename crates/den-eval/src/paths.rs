//! Paths as text: absolute, `/`-separated, without `.`, `..` and double slashes.

use den_code::Name;

/// Resolves `.`, `..` and repeated slashes; `..` at the root stays there.
pub fn normalize(path: &str) -> Name {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => (),
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = String::with_capacity(path.len());
    for part in &parts {
        out.push('/');
        out.push_str(part);
    }
    if out.is_empty() { Name::new_static("/") } else { Name::from(out) }
}

/// The folder that a normalized path is in.
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// The last component of a normalized path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizes() {
        let cases = [("/a/./b//c/..", "/a/b"), ("/..", "/"), ("/", "/"), ("/a/../../b", "/b")];
        for (path, want) in cases {
            assert_eq!(normalize(path), want);
        }
        assert_eq!(parent("/a/b"), "/a");
        assert_eq!(parent("/a"), "/");
    }
}
