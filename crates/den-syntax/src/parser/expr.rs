//! Expressions from `let` down to literals.

use rnix::T;

use super::*;

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Checkpoint {
        self.nested(Self::expr_inner, |p| p.checkpoint())
    }

    fn expr_inner(&mut self) -> Checkpoint {
        match self.peek() {
            Some(T![let]) if !self.at_legacy_let() => self.let_in(),
            Some(kind @ (T![with] | T![assert])) => {
                let checkpoint = self.checkpoint();
                self.start(if kind == T![with] { NODE_WITH } else { NODE_ASSERT });
                self.bump();
                self.closed_by(T![;], |p| p.expr());
                self.expect(T![;], "expected `;`");
                self.expr();
                self.finish();
                checkpoint
            }
            Some(T![if]) => self.if_else(),
            _ => self.binary(0),
        }
    }

    fn let_in(&mut self) -> Checkpoint {
        let checkpoint = self.checkpoint();
        self.bump();
        if self.at(T!['{']) {
            self.start_at(checkpoint, NODE_LEGACY_LET);
            self.bump();
            self.bindings(T!['}']);
        } else {
            self.start_at(checkpoint, NODE_LET_IN);
            self.bindings(T![in]);
            self.expr();
        }
        self.finish();
        checkpoint
    }

    fn if_else(&mut self) -> Checkpoint {
        let checkpoint = self.checkpoint();
        self.start(NODE_IF_ELSE);
        self.bump();
        self.closed_by(T![then], |p| p.expr());
        self.expect(T![then], "expected `then`");
        self.closed_by(TOKEN_ELSE, |p| p.expr());
        if self.at(TOKEN_ELSE) {
            self.bump();
            self.expr();
        } else {
            self.error("expected `else`");
        }
        self.finish();
        checkpoint
    }

    pub(super) fn application(&mut self) -> Checkpoint {
        let checkpoint = self.simple();
        while self.at_argument() {
            self.start_at(checkpoint, NODE_APPLY);
            self.simple();
            self.finish();
        }
        checkpoint
    }

    /// `let { …; body = e; }`, which is an operand like a set.
    fn at_legacy_let(&self) -> bool {
        self.at(T![let]) && self.nth(1) == Some(T!['{'])
    }

    fn at_argument(&self) -> bool {
        let starts = self.at_legacy_let()
            || matches!(
                self.peek(),
                Some(
                    T![rec]
                        | T!['{']
                        | T!['[']
                        | T!['(']
                        | TOKEN_STRING_START
                        | TOKEN_IDENT
                        | TOKEN_PATH_ABS
                        | TOKEN_PATH_REL
                        | TOKEN_PATH_HOME
                        | TOKEN_PATH_SEARCH
                        | TOKEN_FLOAT
                        | TOKEN_INTEGER
                        | TOKEN_URI
                )
            );
        starts && !self.at_binding()
    }

    /// A primary expression with its selects. Consumes nothing when the next token belongs to an
    /// enclosing construct.
    fn simple(&mut self) -> Checkpoint {
        let Some(kind) = self.peek() else {
            self.error("expected an expression");
            return self.builder.checkpoint();
        };
        let checkpoint = self.checkpoint();
        match kind {
            T!['('] => {
                self.start(NODE_PAREN);
                self.bump();
                self.closed_by(T![')'], |p| p.expr());
                self.expect(T![')'], "expected `)`");
                self.finish();
            }
            T![rec] => {
                self.start(NODE_ATTR_SET);
                self.bump();
                self.expect(T!['{'], "expected `{`");
                self.bindings(T!['}']);
                self.finish();
            }
            T![let] if self.at_legacy_let() => {
                self.let_in();
            }
            T!['{'] if self.at_pattern() => {
                self.start(NODE_LAMBDA);
                self.start(NODE_PATTERN);
                self.bump();
                self.pattern(false);
                self.finish();
                self.lambda_body();
            }
            T!['{'] => {
                self.start(NODE_ATTR_SET);
                self.bump();
                self.bindings(T!['}']);
                self.finish();
            }
            T!['['] => {
                self.nested(Self::list, |_| ());
            }
            TOKEN_STRING_START => self.string(),
            TOKEN_PATH_ABS | TOKEN_PATH_REL | TOKEN_PATH_HOME | TOKEN_PATH_SEARCH => self.path(kind),
            TOKEN_FLOAT | TOKEN_INTEGER | TOKEN_URI => {
                self.start(NODE_LITERAL);
                self.bump();
                self.finish();
            }
            TOKEN_IDENT => self.ident_or_lambda(checkpoint),
            // Leave it to whoever is waiting for it.
            _ if self.closers.contains(&kind)
                || matches!(kind, T![=] | T![then] | TOKEN_ELSE | T![in] | T![;] | T![inherit]) =>
            {
                self.error("expected an expression");
                return checkpoint;
            }
            _ => self.error_bump("expected an expression"),
        }
        self.select(checkpoint);
        checkpoint
    }

    fn select(&mut self, checkpoint: Checkpoint) {
        if self.at(T![.]) {
            self.start_at(checkpoint, NODE_SELECT);
            self.bump();
            self.attrpath(true);
            if self.at(T![or]) {
                self.bump();
                self.simple();
            }
            self.finish();
        } else if self.at(T![or]) && !self.at_binding() {
            self.start_at(checkpoint, NODE_APPLY);
            self.start(NODE_IDENT);
            self.bump_as(TOKEN_IDENT);
            self.finish();
            self.finish();
        }
    }

    fn list(&mut self) {
        self.start(NODE_LIST);
        self.bump();
        self.closed_by(T![']'], |p| {
            while let Some(kind) = p.peek() {
                if kind == T![']'] || p.closers.contains(&kind) || p.at_binding() {
                    break;
                }
                let before = p.pos;
                p.simple();
                if p.pos == before {
                    p.error_bump("unexpected token in a list");
                }
            }
        });
        self.expect(T![']'], "expected `]`");
        self.finish();
    }

    fn ident_or_lambda(&mut self, checkpoint: Checkpoint) {
        match self.nth(1) {
            Some(T![:]) => {
                self.ident();
                self.start_at(checkpoint, NODE_LAMBDA);
                self.start_at(checkpoint, NODE_IDENT_PARAM);
                self.finish();
                self.lambda_body();
            }
            Some(T![@]) => {
                self.ident();
                self.start_at(checkpoint, NODE_LAMBDA);
                self.start_at(checkpoint, NODE_PATTERN);
                self.start_at(checkpoint, NODE_PAT_BIND);
                self.bump();
                self.finish();
                self.expect(T!['{'], "expected `{`");
                self.pattern(true);
                self.finish();
                self.lambda_body();
            }
            _ if self.tokens[self.pos].1 == "__curPos" => {
                self.start(NODE_CUR_POS);
                self.bump_as(TOKEN_CUR_POS);
                self.finish();
            }
            _ => self.ident(),
        }
    }

    /// The colon and body of a lambda whose node is open.
    fn lambda_body(&mut self) {
        self.expect(T![:], "expected `:`");
        self.expr();
        self.finish();
    }

    fn at_pattern(&self) -> bool {
        match [self.nth(1), self.nth(2)] {
            [Some(TOKEN_IDENT), Some(T![,] | T![?])]
            | [Some(T![...]), Some(T!['}'])]
            | [Some(T!['}']), Some(T![:] | T![@])] => true,
            [Some(TOKEN_IDENT), Some(T!['}'])] => matches!(self.nth(3), Some(T![:] | T![@])),
            _ => false,
        }
    }
}
