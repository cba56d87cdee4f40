//! Strings, paths and interpolation.

use super::*;

impl Parser<'_> {
    pub(super) fn string(&mut self) {
        self.start(NODE_STRING);
        self.bump();
        loop {
            match self.peek() {
                Some(TOKEN_STRING_CONTENT) => self.bump(),
                Some(TOKEN_INTERPOL_START) => self.interpolation(NODE_INTERPOL),
                _ => break,
            }
        }
        self.expect(TOKEN_STRING_END, "unterminated string");
        self.finish();
    }

    pub(super) fn interpolation(&mut self, kind: SyntaxKind) {
        self.start(kind);
        self.bump();
        self.closed_by(TOKEN_INTERPOL_END, |p| p.expr());
        self.expect(TOKEN_INTERPOL_END, "expected `}`");
        self.finish();
    }

    pub(super) fn path(&mut self, kind: SyntaxKind) {
        self.start(match kind {
            TOKEN_PATH_ABS => NODE_PATH_ABS,
            TOKEN_PATH_REL => NODE_PATH_REL,
            TOKEN_PATH_HOME => NODE_PATH_HOME,
            _ => NODE_PATH_SEARCH,
        });
        self.bump();
        if kind != TOKEN_PATH_SEARCH {
            // Parts of one path follow each other without blanks.
            loop {
                match self.tokens.get(self.pos).map(|it| it.0) {
                    Some(TOKEN_PATH_ABS | TOKEN_PATH_REL | TOKEN_PATH_HOME)
                        if self.tokens[self.pos - 1].0 == TOKEN_INTERPOL_END =>
                    {
                        self.bump()
                    }
                    Some(TOKEN_INTERPOL_START) => self.interpolation(NODE_INTERPOL),
                    _ => break,
                }
            }
        }
        self.finish();
    }
}
