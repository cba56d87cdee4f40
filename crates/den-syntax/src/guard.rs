//! Caps that keep a hostile text from exhausting the parser, checked on the tokens before parsing.
//!
//! Trees are dropped and walked recursively by rowan, and two shapes (long attribute paths, long
//! application chains) cost quadratic time in the tree builder. nixpkgs peaks at 251 levels of
//! nesting, so no honest file meets a cap.

use rnix::SyntaxKind::{self, *};

use crate::SyntaxError;
use crate::{TextRange, TextSize};

/// Deepest nesting of brackets, strings and prefix operators that is parsed.
pub const MAX_NESTING: usize = 400;
/// Longest attribute path (`a.b.c` has three segments) that is parsed.
pub const MAX_ATTRPATH_SEGMENTS: usize = 1_000;
/// Longest juxtaposition of operands without an operator or bracket between them that is parsed.
pub const MAX_APPLICATION_ARGUMENTS: usize = 2_000;
/// Longest chain of operators outside brackets that is parsed.
pub const MAX_OPERATORS: usize = 50_000;
/// Largest text in bytes that is parsed.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// The first cap that `tokens` exceeds, as an error at the token that exceeds it.
pub(crate) fn check(tokens: &[(SyntaxKind, &str)]) -> Option<SyntaxError> {
    // One frame for each open bracket.
    let mut frames: Vec<Frame> = vec![Frame::default()];
    let mut prefix_run = 0usize;
    let mut segments = 0usize;
    let mut offset = 0u32;
    for &(kind, text) in tokens {
        let range = TextRange::at(TextSize::new(offset), TextSize::of(text));
        offset += text.len() as u32;
        let fail = |message| Some(SyntaxError { range, message });
        match kind {
            TOKEN_WHITESPACE | TOKEN_COMMENT => continue,
            TOKEN_INVERT | TOKEN_SUB => prefix_run += 1,
            _ => prefix_run = 0,
        }
        match kind {
            TOKEN_DOT => segments += 1,
            TOKEN_IDENT | TOKEN_STRING_START | TOKEN_STRING_CONTENT | TOKEN_STRING_END | TOKEN_INTERPOL_START
            | TOKEN_INTERPOL_END | TOKEN_OR => (),
            _ => segments = 0,
        }
        match kind {
            TOKEN_L_BRACE | TOKEN_L_BRACK | TOKEN_L_PAREN | TOKEN_STRING_START | TOKEN_INTERPOL_START => {
                frames.last_mut().expect("the outermost frame is never popped").add();
                let list = matches!(kind, TOKEN_L_BRACK | TOKEN_STRING_START);
                frames.push(Frame { list, ..Frame::default() });
            }
            TOKEN_R_BRACE | TOKEN_R_BRACK | TOKEN_R_PAREN | TOKEN_STRING_END | TOKEN_INTERPOL_END => {
                if frames.len() > 1 {
                    frames.pop();
                }
            }
            TOKEN_IDENT | TOKEN_INTEGER | TOKEN_FLOAT | TOKEN_URI | TOKEN_PATH_ABS | TOKEN_PATH_REL
            | TOKEN_PATH_HOME | TOKEN_PATH_SEARCH => {
                frames.last_mut().expect("the outermost frame is never popped").add();
            }
            TOKEN_STRING_CONTENT | TOKEN_DOT | TOKEN_REC => (),
            TOKEN_SEMICOLON | TOKEN_COMMA | TOKEN_ASSIGN => {
                frames.last_mut().expect("the outermost frame is never popped").restart();
            }
            _ => frames.last_mut().expect("the outermost frame is never popped").operator(),
        }
        if frames.len() > MAX_NESTING || prefix_run > MAX_NESTING {
            return fail("nested too deeply, this file is not analysed");
        }
        if segments > MAX_ATTRPATH_SEGMENTS {
            return fail("attribute path too long, this file is not analysed");
        }
        if frames.last().is_some_and(Frame::is_too_long) {
            return fail("expression too long, this file is not analysed");
        }
    }
    None
}

#[derive(Default)]
struct Frame {
    /// Inside `[ ]` operands are elements and inside a string parts, and any number of them is fine.
    list: bool,
    operands: usize,
    operators: usize,
}

impl Frame {
    fn add(&mut self) {
        self.operands += 1;
    }
    fn operator(&mut self) {
        self.operands = 0;
        self.operators += 1;
    }
    fn restart(&mut self) {
        self.operands = 0;
        self.operators = 0;
    }
    fn is_too_long(&self) -> bool {
        !self.list && (self.operands > MAX_APPLICATION_ARGUMENTS || self.operators > MAX_OPERATORS)
    }
}
