//! Writing for people.

use std::io::Write as _;
use std::process::ExitCode;

use clap::ValueEnum;
use serde::Serialize;

/// How a command prints.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON document, for programs
    Json,
}

impl Format {
    /// Prints `data` in this format; `text` draws it for people.
    pub(crate) fn print<T: Serialize>(self, data: &T, text: impl FnOnce(&T) -> String) {
        match self {
            Format::Text => print(&text(data)),
            // Nothing that is printed here has keys that are not text, which is all that can go wrong.
            Format::Json => print(&format!("{}\n", serde_json::to_string(data).unwrap_or_default())),
        }
    }
}

/// `text` without anything that steers a terminal: control characters and marks that turn the direction
/// of writing become visible stand-ins of the same length in bytes, so that offsets stay true. Line
/// breaks and tabs stay.
pub(crate) fn printable(text: &str) -> String {
    let mut chars = text.chars().peekable();
    let stand_in = |c: char, next: Option<&char>| match c {
        '\n' | '\t' => c,
        '\r' if next == Some(&'\n') => c,
        '\u{0}'..='\u{1f}' | '\u{7f}' => '?',
        '\u{80}'..='\u{9f}' => '\u{b7}',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        _ => c,
    };
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        out.push(stand_in(c, chars.peek()));
    }
    out
}

/// `text` on one line.
pub(crate) fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\t', '\r'], " ")
}

/// Prints to standard output; colours only reach terminals. A reader that went away is not an error.
pub(crate) fn print(text: &str) {
    let _ = anstream::stdout().lock().write_all(text.as_bytes());
}

/// Prints one line to standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "den-lsp: {}", one_line(text));
}

/// Says what is wrong with how the program was called.
pub(crate) fn wrong_usage(text: &str) -> ExitCode {
    complain(text);
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let check = |text: &str, want: &str| {
            assert_eq!(printable(text), want);
            assert_eq!(printable(text).len(), text.len(), "{text:?}");
        };
        check("a\u{1b}[31mb\r", "a?[31mb?");
        check("a\r\nb\rc", "a\r\nb?c");
        check("\u{9b}0m\tx\n", "\u{b7}0m\tx\n");
        check("\u{202e}abc\u{2066}", "\u{fffd}abc\u{fffd}");
        check("gr\u{fc}n \u{1f600}", "gr\u{fc}n \u{1f600}");
    }
}
