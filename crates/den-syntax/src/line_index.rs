//! Byte offsets to lines and columns and back.
//!
//! This is the only place where columns are counted; everything else speaks in byte offsets.
//! Lines end at `\n`, `\r\n` or a lone `\r`, as the language server protocol has it.

use crate::TextSize;

/// In which unit a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// UTF-8 code units, that is bytes.
    Utf8,
    /// UTF-16 code units.
    Utf16,
}

/// A zero-based line and a zero-based column in the unit that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    /// Zero-based line.
    pub line: u32,
    /// Zero-based column.
    pub col: u32,
}

/// Line starts of one text, and where its characters are not one byte long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    /// Byte offset at which each line starts; the first is 0.
    starts: Box<[u32]>,
    /// Byte offset and UTF-8 length of every character that is longer than one byte, in order.
    wide: Box<[(u32, u8)]>,
    len: u32,
}

impl LineIndex {
    /// Indexes `text`. Texts of 4 GiB and more are cut.
    pub fn new(text: &str) -> LineIndex {
        let mut starts = vec![0u32];
        let mut wide = Vec::new();
        let bytes = text.as_bytes();
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => starts.push(at as u32 + 1),
                b'\r' if bytes.get(at + 1) != Some(&b'\n') => starts.push(at as u32 + 1),
                0x00..0xc0 => (),
                0xc0..0xe0 => wide.push((at as u32, 2)),
                0xe0..0xf0 => wide.push((at as u32, 3)),
                _ => wide.push((at as u32, 4)),
            }
        }
        LineIndex { starts: starts.into(), wide: wide.into(), len: bytes.len() as u32 }
    }

    /// Line and column of a byte offset. An offset behind the end is taken as the end, one inside a
    /// character as the start of that character.
    pub fn line_col(&self, offset: TextSize, unit: Column) -> LineCol {
        let offset = self.floor_char(u32::from(offset).min(self.len));
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        let start = self.starts[line];
        let col = match unit {
            Column::Utf8 => offset - start,
            Column::Utf16 => offset - start - self.saved_units(start, offset),
        };
        LineCol { line: line as u32, col }
    }

    /// Byte offset of a line and column. A column behind the end of its line is taken as that end,
    /// a line behind the last as the end of the text, a column inside a character as its start.
    pub fn offset(&self, at: LineCol, unit: Column) -> TextSize {
        let Some(&start) = self.starts.get(at.line as usize) else { return TextSize::new(self.len) };
        let end = self.line_end(at.line as usize);
        let target = match unit {
            Column::Utf8 => start.saturating_add(at.col),
            Column::Utf16 => {
                let mut bytes = start.saturating_add(at.col);
                for &(wide, len) in self.wide_from(start) {
                    if wide >= bytes || wide >= end {
                        break;
                    }
                    let units = if len == 4 { 2 } else { 1 };
                    if wide + units > bytes {
                        // Between the two halves of a surrogate pair.
                        bytes = wide;
                        break;
                    }
                    bytes = bytes.saturating_add(u32::from(len) - units);
                }
                bytes
            }
        };
        TextSize::new(self.floor_char(target.min(end)))
    }

    /// How many lines there are; a text without a line break has one.
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Byte offset at which zero-based `line` starts, or the end of the text.
    pub fn line_start(&self, line: u32) -> TextSize {
        TextSize::new(self.starts.get(line as usize).copied().unwrap_or(self.len))
    }

    /// End of the line's content; the line break belongs to the line but no column points into it.
    fn line_end(&self, line: usize) -> u32 {
        match self.starts.get(line + 1) {
            // A `\r\n` leaves its `\r` in the last column, which no client asks for.
            Some(next) => next - 1,
            None => self.len,
        }
    }

    fn wide_from(&self, offset: u32) -> &[(u32, u8)] {
        &self.wide[self.wide.partition_point(|&(at, _)| at < offset)..]
    }

    /// By how many the UTF-16 units between two offsets are fewer than the bytes.
    fn saved_units(&self, start: u32, end: u32) -> u32 {
        let wide = self.wide_from(start).iter().take_while(|&&(at, _)| at < end);
        wide.map(|&(_, len)| if len == 4 { 2 } else { u32::from(len) - 1 }).sum()
    }

    fn floor_char(&self, offset: u32) -> u32 {
        let before = self.wide.partition_point(|&(at, _)| at < offset);
        match before.checked_sub(1).map(|it| self.wide[it]) {
            Some((at, len)) if offset < at + u32::from(len) => at,
            _ => offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_both_units() {
        let index = LineIndex::new("a\u{e9}x\n\u{1f600}y\r\nz\rw");
        let at = |offset: u32, unit| {
            let it = index.line_col(offset.into(), unit);
            (it.line, it.col)
        };
        assert_eq!(at(3, Column::Utf8), (0, 3));
        assert_eq!(at(3, Column::Utf16), (0, 2));
        assert_eq!(at(9, Column::Utf16), (1, 2));
        assert_eq!(at(12, Column::Utf16), (2, 0));
        assert_eq!(at(14, Column::Utf16), (3, 0));
    }

    /// Every position of every unit survives the way there and back, on texts full of traps.
    #[test]
    fn round_trip() {
        let pieces = ["a", "\u{e9}", "\u{20ac}", "\u{1f600}", "\n", "\r\n", "\r", "\u{feff}", "\t", "zz"];
        let mut seed = 7u64;
        for _ in 0..500 {
            let mut text = String::new();
            for _ in 0..20 {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            let index = LineIndex::new(&text);
            for (offset, _) in text.char_indices() {
                if text[..offset].ends_with('\r') && text[offset..].starts_with('\n') {
                    continue;
                }
                for unit in [Column::Utf8, Column::Utf16] {
                    let there = index.line_col((offset as u32).into(), unit);
                    assert_eq!(usize::from(index.offset(there, unit)), offset, "{text:?} {there:?} {unit:?}");
                }
            }
            for line in 0..5 {
                for col in 0..30 {
                    for unit in [Column::Utf8, Column::Utf16] {
                        let offset = usize::from(index.offset(LineCol { line, col }, unit));
                        assert!(text.is_char_boundary(offset), "{text:?} {line} {col} {unit:?}");
                    }
                }
            }
        }
    }
}
