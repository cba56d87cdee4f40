//! The resilient parser: rnix's tokens in, rnix's tree shape out, another policy on errors.
//!
//! Three rules keep the damage of an unfinished edit inside its binding:
//! *expecting never skips* (a missing token is reported and left out); a stack of awaited closers
//! decides who owns a stray token; `a.b.c =` can only start a binding, so an application, a list or
//! a dangling select stops in front of one. None of them can reject a valid program.

mod attrs;
mod expr;
mod operators;
mod strings;

use rnix::NixLanguage;
use rnix::SyntaxKind::{self, *};
use rowan::{Checkpoint, GreenNode, GreenNodeBuilder, Language as _};

use crate::guard;
use crate::{AstNode as _, SyntaxError, SyntaxNode, TextRange, TextSize, ast};

/// A lossless syntax tree and what was wrong with the text. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parse {
    green: GreenNode,
    errors: std::sync::Arc<[SyntaxError]>,
}

impl Parse {
    /// The root of the tree.
    pub fn syntax(&self) -> SyntaxNode {
        SyntaxNode::new_root(self.green.clone())
    }

    /// The typed root of the tree.
    pub fn root(&self) -> ast::Root {
        ast::Root::cast(self.syntax()).expect("the parser always starts with a root node")
    }

    /// The tree without positions, for comparing trees.
    pub fn green(&self) -> &GreenNode {
        &self.green
    }

    /// Errors in order of position; empty exactly if the text is valid.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }
}

/// Parses any text. Never fails and never skips text; a text beyond a cap of `guard.rs` becomes one
/// error node. Needs a stack of about 8 MiB in the worst case ([`crate::with_big_stack`]).
pub fn parse(text: &str) -> Parse {
    if text.len() > guard::MAX_FILE_BYTES {
        let end = TextSize::new(0);
        return opaque("", SyntaxError { range: TextRange::empty(end), message: "file too large, it is not analysed" });
    }
    let tokens: Vec<(SyntaxKind, &str)> = rnix::tokenize(text).collect();
    if let Some(error) = guard::check(&tokens) {
        return opaque(text, error);
    }
    let mut parser = Parser {
        tokens,
        pos: 0,
        offset: 0,
        builder: GreenNodeBuilder::new(),
        errors: Vec::new(),
        closers: Vec::new(),
        depth: 0,
    };
    parser.builder.start_node(NixLanguage::kind_to_raw(NODE_ROOT));
    parser.expr();
    parser.trivia();
    while parser.peek().is_some() {
        parser.error_bump("unexpected token");
        if parser.peek().is_some() {
            parser.expr();
        }
    }
    parser.trivia();
    parser.builder.finish_node();
    Parse { green: parser.builder.finish(), errors: parser.errors.into() }
}

fn opaque(text: &str, error: SyntaxError) -> Parse {
    let mut builder = GreenNodeBuilder::new();
    builder.start_node(NixLanguage::kind_to_raw(NODE_ROOT));
    builder.start_node(NixLanguage::kind_to_raw(NODE_ERROR));
    builder.token(NixLanguage::kind_to_raw(TOKEN_ERROR), text);
    builder.finish_node();
    builder.finish_node();
    Parse { green: builder.finish(), errors: [error].into() }
}

struct Parser<'a> {
    tokens: Vec<(SyntaxKind, &'a str)>,
    pos: usize,
    /// Byte offset of the token at `pos`.
    offset: u32,
    builder: GreenNodeBuilder<'static>,
    errors: Vec<SyntaxError>,
    /// Tokens that some enclosing construct is waiting for.
    closers: Vec<SyntaxKind>,
    depth: u32,
}

/// rnix's own limit on nested expressions.
const MAX_DEPTH: u32 = 512;

fn is_trivia(kind: SyntaxKind) -> bool {
    matches!(kind, TOKEN_COMMENT | TOKEN_WHITESPACE)
}

impl Parser<'_> {
    fn nth(&self, n: usize) -> Option<SyntaxKind> {
        self.tokens[self.pos..].iter().map(|it| it.0).filter(|it| !is_trivia(*it)).nth(n)
    }
    fn peek(&self) -> Option<SyntaxKind> {
        self.nth(0)
    }
    fn at(&self, kind: SyntaxKind) -> bool {
        self.peek() == Some(kind)
    }
    fn trivia(&mut self) {
        while let Some(&(kind, text)) = self.tokens.get(self.pos)
            && is_trivia(kind)
        {
            self.raw(kind, text);
        }
    }
    fn raw(&mut self, kind: SyntaxKind, text: &str) {
        self.builder.token(NixLanguage::kind_to_raw(kind), text);
        self.offset += text.len() as u32;
        self.pos += 1;
    }
    fn bump(&mut self) {
        self.trivia();
        if let Some(&(kind, text)) = self.tokens.get(self.pos) {
            self.raw(kind, text);
        }
    }
    fn bump_as(&mut self, kind: SyntaxKind) {
        self.trivia();
        if let Some(&(_, text)) = self.tokens.get(self.pos) {
            self.raw(kind, text);
        }
    }
    fn start(&mut self, kind: SyntaxKind) {
        self.trivia();
        self.builder.start_node(NixLanguage::kind_to_raw(kind));
    }
    fn start_at(&mut self, at: Checkpoint, kind: SyntaxKind) {
        self.builder.start_node_at(at, NixLanguage::kind_to_raw(kind));
    }
    fn finish(&mut self) {
        self.builder.finish_node();
    }
    fn checkpoint(&mut self) -> Checkpoint {
        self.trivia();
        self.builder.checkpoint()
    }
    /// Reports something missing in front of the next token.
    fn error(&mut self, message: &'static str) {
        let range = TextRange::empty(TextSize::new(self.offset));
        self.errors.push(SyntaxError { range, message });
    }
    fn error_bump(&mut self, message: &'static str) {
        self.trivia();
        let len = self.tokens.get(self.pos).map_or(0, |it| it.1.len() as u32);
        let range = TextRange::at(TextSize::new(self.offset), TextSize::new(len));
        self.errors.push(SyntaxError { range, message });
        self.start(NODE_ERROR);
        self.bump();
        self.finish();
    }
    /// Consumes `kind` or reports it missing. Never skips.
    fn expect(&mut self, kind: SyntaxKind, message: &'static str) {
        if self.at(kind) {
            self.bump();
        } else {
            self.error(message);
        }
    }
    fn closed_by<T>(&mut self, kind: SyntaxKind, f: impl FnOnce(&mut Self) -> T) -> T {
        self.closers.push(kind);
        let res = f(self);
        self.closers.pop();
        res
    }
    fn newline_ahead(&self) -> bool {
        self.tokens[self.pos..].iter().take_while(|it| is_trivia(it.0)).any(|it| it.1.contains('\n'))
    }
    /// Runs `f` one level deeper; at the limit the rest of the text becomes an error node.
    fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> T, too_deep: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_DEPTH {
            self.error("nested too deeply");
            self.start(NODE_ERROR);
            while self.peek().is_some() {
                self.bump();
            }
            self.finish();
            return too_deep(self);
        }
        self.depth += 1;
        let res = f(self);
        self.depth -= 1;
        res
    }
}
