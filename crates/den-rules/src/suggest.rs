//! "Did you mean".

/// The candidate that a typist most likely meant, if one is near: at most a third of the letters
/// (and at least one) wrong, by the distance of Damerau and Levenshtein (insertions, deletions,
/// replacements, neighbours swapped). Ties go to the first in order of name.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let distance = distance(name, candidate);
        // A one-letter name is near to every other: the change must leave something.
        let meaningful = distance < candidate.chars().count().max(2);
        if distance <= limit && meaningful && best.is_none_or(|it| (distance, candidate) < it) {
            best = Some((distance, candidate));
        }
    }
    best.map(|it| it.1)
}

fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    let mut rows = vec![vec![0usize; width]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for j in 0..width {
        rows[0][j] = j;
    }
    for i in 1..=a.len() {
        for j in 1..width {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names() {
        assert_eq!(nearest("nixso", ["darwin", "nixos", "os"]), Some("nixos"));
        assert_eq!(nearest("dsk", ["disk", "desk"]), Some("desk"));
        assert_eq!(nearest("devise", ["device", "layout"]), Some("device"));
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("kernel", ["network"]), None);
    }
}
