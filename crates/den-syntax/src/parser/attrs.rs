//! Attribute names, attribute paths, bindings, `inherit` and function patterns.

use rnix::T;

use super::*;

impl Parser<'_> {
    /// `a.b."c".${d} =` ahead? `=` follows an attribute path nowhere else in the grammar, so
    /// stopping in front of one can never reject a valid program.
    pub(super) fn at_binding(&self) -> bool {
        let mut depth = 0u32;
        let mut want_name = true;
        for &(kind, _) in self.tokens[self.pos..].iter().filter(|it| !is_trivia(it.0)).take(64) {
            match kind {
                TOKEN_STRING_START | TOKEN_INTERPOL_START => depth += 1,
                TOKEN_STRING_END | TOKEN_INTERPOL_END if depth == 0 => return false,
                TOKEN_STRING_END | TOKEN_INTERPOL_END => {
                    depth -= 1;
                    want_name = false;
                }
                _ if depth > 0 => (),
                TOKEN_IDENT | TOKEN_OR if want_name => want_name = false,
                TOKEN_DOT if !want_name => want_name = true,
                TOKEN_ASSIGN => return !want_name,
                _ => return false,
            }
        }
        false
    }

    pub(super) fn at_attr(&self) -> bool {
        matches!(self.peek(), Some(TOKEN_IDENT | TOKEN_OR | TOKEN_CUR_POS | TOKEN_STRING_START | TOKEN_INTERPOL_START))
    }

    fn attr(&mut self) {
        match self.peek() {
            Some(TOKEN_INTERPOL_START) => self.interpolation(NODE_DYNAMIC),
            Some(TOKEN_STRING_START) => self.string(),
            Some(TOKEN_IDENT | TOKEN_OR | TOKEN_CUR_POS) => {
                self.start(NODE_IDENT);
                self.bump_as(TOKEN_IDENT);
                self.finish();
            }
            _ => self.error("expected an attribute name"),
        }
    }

    pub(super) fn attrpath(&mut self, in_select: bool) {
        self.start(NODE_ATTRPATH);
        loop {
            // `x = host.settings.⏎ y = 1;`: the dangling dot does not swallow the next binding.
            if in_select && self.newline_ahead() && self.at_binding() {
                self.error("expected an attribute name");
                break;
            }
            self.attr();
            if !self.at(T![.]) {
                break;
            }
            self.bump();
        }
        self.finish();
    }

    pub(super) fn bindings(&mut self, until: SyntaxKind) {
        self.closed_by(until, |p| {
            while let Some(kind) = p.peek() {
                match kind {
                    _ if kind == until => break,
                    T![inherit] => p.inherit(),
                    _ if p.at_attr() => p.binding(),
                    _ if p.closers.contains(&kind) && kind != T![;] => break,
                    _ => p.error_bump("expected a binding"),
                }
            }
        });
        self.expect(until, "unclosed set");
    }

    fn binding(&mut self) {
        self.start(NODE_ATTRPATH_VALUE);
        self.attrpath(false);
        if self.at(T![=]) {
            self.bump();
            self.closed_by(T![;], |p| p.expr());
        } else {
            self.error("expected `=`");
        }
        self.expect(T![;], "expected `;`");
        self.finish();
    }

    fn inherit(&mut self) {
        self.start(NODE_INHERIT);
        self.bump();
        if self.at(T!['(']) {
            self.start(NODE_INHERIT_FROM);
            self.bump();
            self.closed_by(T![')'], |p| p.expr());
            self.expect(T![')'], "expected `)`");
            self.finish();
        }
        while self.at_attr() && !self.at_binding() {
            self.attr();
        }
        self.expect(T![;], "expected `;`");
        self.finish();
    }

    pub(super) fn pattern(&mut self, bound: bool) {
        self.closed_by(T!['}'], |p| {
            loop {
                match p.peek() {
                    Some(T![...]) => {
                        p.bump();
                        break;
                    }
                    Some(TOKEN_IDENT) => {
                        p.start(NODE_PAT_ENTRY);
                        p.ident();
                        if p.at(T![?]) {
                            p.bump();
                            p.expr();
                        }
                        p.finish();
                        if !p.at(T![,]) {
                            break;
                        }
                        p.bump();
                    }
                    _ => break,
                }
            }
        });
        self.expect(T!['}'], "expected `}`");
        if self.at(T![@]) {
            self.start(if bound { NODE_ERROR } else { NODE_PAT_BIND });
            self.bump();
            self.ident();
            self.finish();
            if bound {
                self.error("the argument set is bound twice");
            }
        }
    }

    pub(super) fn ident(&mut self) {
        if self.at(TOKEN_IDENT) {
            self.start(NODE_IDENT);
            self.bump();
            self.finish();
        } else {
            self.error("expected an identifier");
        }
    }
}
