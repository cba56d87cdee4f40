//! POSIX extended regular expressions, as libstdc++ reads them, in the notation of the `regex` crate.
//!
//! Source of the rules: libstdc++ `regex_scanner.tcc` and `regex_compiler.tcc` with the flag
//! `extended`, compiled for strict ISO C++ (an ordinary character may not be escaped). Everything is
//! about bytes; a letter outside ASCII is two or more of them.

/// What came of a translation.
pub(super) struct Translated {
    /// The same expression for the `regex` crate, without Unicode.
    pub(super) text: String,
    /// Whether it has a `|`.
    pub(super) alternatives: bool,
    /// Whether it has `*`, `+`, `?` or `{n}`.
    pub(super) repeats: bool,
    /// Whether it has a `^` or `$`.
    pub(super) anchors: bool,
}

/// Why there is no translation.
pub(super) enum Problem {
    /// libstdc++ rejects the expression.
    Invalid,
    /// It is valid, perhaps, but not for us.
    Unsupported,
}

/// Translates an expression.
pub(super) fn translate(text: &str) -> Result<Translated, Problem> {
    let out = Translated { text: String::new(), alternatives: false, repeats: false, anchors: false };
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, depth: 0, out };
    reader.disjunction()?;
    // A `)` too many, or a repetition of nothing.
    if reader.at < reader.bytes.len() { Err(Problem::Invalid) } else { Ok(reader.out) }
}

/// The `regex` crate nests no deeper than this either.
const MAX_DEPTH: usize = 120;
/// Longest expression that is read.
const MAX_LENGTH: usize = 100_000;
/// Characters that may be escaped.
const SPECIAL: &[u8] = b"\\.[*^$()+?{|";

/// What matters about a part of an expression once it is repeated.
struct Shape {
    /// Whether it can match nothing.
    empty: bool,
    /// Whether it has groups.
    groups: bool,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    out: Translated,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn disjunction(&mut self) -> Result<Shape, Problem> {
        if self.depth > MAX_DEPTH || self.bytes.len() > MAX_LENGTH {
            return Err(Problem::Unsupported);
        }
        let mut whole = self.alternative()?;
        while self.eat(b'|') {
            self.out.alternatives = true;
            self.out.text.push('|');
            let other = self.alternative()?;
            whole = Shape { empty: whole.empty || other.empty, groups: whole.groups || other.groups };
        }
        Ok(whole)
    }

    fn alternative(&mut self) -> Result<Shape, Problem> {
        let mut whole = Shape { empty: true, groups: false };
        while let Some(term) = self.term()? {
            whole = Shape { empty: whole.empty && term.empty, groups: whole.groups || term.groups };
        }
        Ok(whole)
    }

    /// One assertion, or one atom with its repetitions. `None` in front of anything else.
    fn term(&mut self) -> Result<Option<Shape>, Problem> {
        let start = self.out.text.len();
        let mut shape = Shape { empty: false, groups: false };
        match self.peek() {
            None | Some(b'|' | b')' | b'*' | b'+' | b'?' | b'{') => return Ok(None),
            Some(assertion @ (b'^' | b'$')) => {
                self.at += 1;
                self.out.anchors = true;
                self.out.text.push(char::from(assertion));
                return Ok(Some(Shape { empty: true, groups: false }));
            }
            Some(b'.') => {
                self.at += 1;
                self.out.text.push('.');
            }
            Some(b'(') => {
                self.at += 1;
                self.out.text.push('(');
                self.depth += 1;
                shape = Shape { groups: true, ..self.disjunction()? };
                self.depth -= 1;
                if !self.eat(b')') {
                    return Err(Problem::Invalid);
                }
                self.out.text.push(')');
            }
            Some(b'[') => {
                self.at += 1;
                self.bracket()?;
            }
            Some(b'\\') => {
                self.at += 1;
                let byte = self.next().filter(|it| SPECIAL.contains(it)).ok_or(Problem::Invalid)?;
                self.literal(byte);
            }
            Some(byte) => {
                self.at += 1;
                self.literal(byte);
            }
        }
        let mut repeated = 0;
        while let Some(suffix) = self.repetition()? {
            repeated += 1;
            // Of a group that is repeated without end and may be empty libstdc++ remembers one empty
            // turn at the end, and we do not.
            let endless = suffix.ends_with(['*', '+']) || suffix.ends_with(",}");
            if repeated > MAX_DEPTH || (endless && shape.empty && shape.groups) {
                return Err(Problem::Unsupported);
            }
            shape.empty |= suffix.starts_with(['*', '?']) || suffix.starts_with("{0");
            self.out.repeats = true;
            self.out.text.insert_str(start, "(?:");
            self.out.text.push(')');
            self.out.text.push_str(&suffix);
        }
        Ok(Some(shape))
    }

    fn literal(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() {
            self.out.text.push(char::from(byte));
        } else {
            self.out.text.push_str(&format!("\\x{byte:02X}"));
        }
    }

    fn repetition(&mut self) -> Result<Option<String>, Problem> {
        match self.peek() {
            Some(simple @ (b'*' | b'+' | b'?')) => {
                self.at += 1;
                return Ok(Some(char::from(simple).to_string()));
            }
            Some(b'{') => self.at += 1,
            _ => return Ok(None),
        }
        let least = self.number()?.ok_or(Problem::Invalid)?;
        let text = match self.eat(b',') {
            false => format!("{{{least}}}"),
            true => match self.number()? {
                None => format!("{{{least},}}"),
                Some(most) if most < least => return Err(Problem::Invalid),
                Some(most) => format!("{{{least},{most}}}"),
            },
        };
        if self.eat(b'}') { Ok(Some(text)) } else { Err(Problem::Invalid) }
    }

    fn number(&mut self) -> Result<Option<u32>, Problem> {
        let start = self.at;
        while self.peek().is_some_and(|it| it.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| Problem::Unsupported)
    }

    // --- Bracket expressions --------------------------------------------------------------

    fn bracket(&mut self) -> Result<(), Problem> {
        let start = if self.eat(b'^') { "[^" } else { "[" };
        self.out.text.push_str(start);
        // What a `-` may start a range from.
        let mut last = Last::Nothing;
        let mut first = true;
        loop {
            let byte = self.next().ok_or(Problem::Invalid)?;
            match byte {
                b']' if !first => break,
                b'-' if first => last = Last::Byte(b'-'),
                b'-' => {
                    if self.eat(b']') {
                        self.flush(last);
                        last = Last::Byte(b'-');
                        break;
                    }
                    let Last::Byte(low) = last else { return Err(Problem::Invalid) };
                    let high = match self.next().ok_or(Problem::Invalid)? {
                        b']' => return Err(Problem::Invalid),
                        b'[' if matches!(self.peek(), Some(b':' | b'.' | b'=')) => return Err(Problem::Invalid),
                        high => high,
                    };
                    self.range(low, high)?;
                    last = Last::Nothing;
                }
                b'[' if matches!(self.peek(), Some(b':' | b'.' | b'=')) => {
                    self.flush(last);
                    last = self.class()?;
                }
                byte => {
                    self.flush(last);
                    last = Last::Byte(byte);
                }
            }
            first = false;
        }
        self.flush(last);
        self.out.text.push(']');
        Ok(())
    }

    fn flush(&mut self, last: Last) {
        if let Last::Byte(byte) = last {
            self.out.text.push_str(&format!("\\x{byte:02X}"));
        }
    }

    /// Characters are signed: those outside ASCII come before all others.
    fn range(&mut self, low: u8, high: u8) -> Result<(), Problem> {
        if low.cast_signed() > high.cast_signed() {
            return Err(Problem::Invalid);
        }
        if low > high {
            self.out.text.push_str(&format!("\\x{low:02X}-\\xFF\\x00-\\x{high:02X}"));
        } else {
            self.out.text.push_str(&format!("\\x{low:02X}-\\x{high:02X}"));
        }
        Ok(())
    }

    /// `[:name:]`, `[.name.]` or `[=name=]`, from the second character on.
    fn class(&mut self) -> Result<Last, Problem> {
        let kind = self.next().ok_or(Problem::Invalid)?;
        let start = self.at;
        while self.next().ok_or(Problem::Invalid)? != kind {}
        let name = &self.bytes[start..self.at - 1];
        if !self.eat(b']') {
            return Err(Problem::Invalid);
        }
        if kind != b':' {
            return match (kind, name) {
                (_, []) => Err(Problem::Invalid),
                // Only letters go by themselves; a digit is called `one`.
                (_, [byte]) if !byte.is_ascii_alphabetic() => Err(Problem::Invalid),
                (b'.', [byte]) => Ok(Last::Byte(*byte)),
                (_, [byte]) => {
                    self.flush(Last::Byte(*byte));
                    Ok(Last::Class)
                }
                // Names such as `hyphen` exist, but nobody writes them.
                _ => Err(Problem::Unsupported),
            };
        }
        let posix = match name {
            b"d" => "digit",
            b"w" => "word",
            b"s" => "space",
            b"alnum" => "alnum",
            b"alpha" => "alpha",
            b"blank" => "blank",
            b"cntrl" => "cntrl",
            b"digit" => "digit",
            b"graph" => "graph",
            b"lower" => "lower",
            b"print" => "print",
            b"punct" => "punct",
            b"space" => "space",
            b"upper" => "upper",
            b"xdigit" => "xdigit",
            _ => return Err(Problem::Invalid),
        };
        self.out.text.push_str(&format!("[:{posix}:]"));
        Ok(Last::Class)
    }
}

/// The element of a bracket expression in front of the one that is read.
#[derive(Clone, Copy)]
enum Last {
    Nothing,
    /// A character, not written yet: it may start a range.
    Byte(u8),
    Class,
}
