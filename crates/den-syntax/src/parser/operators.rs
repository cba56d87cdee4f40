//! Binary and prefix operators by precedence climbing, without native recursion along a chain.

use rnix::T;

use super::*;

#[derive(Clone, Copy, PartialEq)]
enum Assoc {
    Left,
    Right,
    None,
}

/// Level of `!`, whose operand extends to operators that bind tighter.
const INVERT: u8 = 8;

/// Level (loosest first) and associativity of an infix operator, as Nix's grammar has them.
fn infix(kind: SyntaxKind) -> Option<(u8, Assoc)> {
    Some(match kind {
        TOKEN_PIPE_LEFT => (0, Assoc::Right),
        TOKEN_PIPE_RIGHT => (1, Assoc::Left),
        TOKEN_IMPLICATION => (2, Assoc::Right),
        TOKEN_OR_OR => (3, Assoc::Left),
        TOKEN_AND_AND => (4, Assoc::Left),
        TOKEN_EQUAL | TOKEN_NOT_EQUAL => (5, Assoc::None),
        TOKEN_LESS | TOKEN_LESS_OR_EQ | TOKEN_MORE | TOKEN_MORE_OR_EQ => (6, Assoc::None),
        TOKEN_UPDATE => (7, Assoc::Right),
        TOKEN_ADD | TOKEN_SUB => (9, Assoc::Left),
        TOKEN_MUL | TOKEN_DIV => (10, Assoc::Left),
        TOKEN_CONCAT => (11, Assoc::Right),
        _ => return None,
    })
}

impl Parser<'_> {
    /// An expression of operators at `min` or tighter.
    pub(super) fn binary(&mut self, min: u8) -> Checkpoint {
        let checkpoint = self.operand();
        // After `a == b` no second `==` may follow, only something looser.
        let mut ceiling = u8::MAX;
        while let Some((level, assoc)) = self.peek().and_then(infix)
            && (min..=ceiling).contains(&level)
        {
            if assoc == Assoc::Right {
                self.right_chain(checkpoint, level);
            } else {
                self.start_at(checkpoint, NODE_BIN_OP);
                self.bump();
                self.binary(level + 1);
                self.finish();
            }
            if assoc == Assoc::None {
                ceiling = level - 1;
            }
        }
        checkpoint
    }

    /// `a ++ b ++ c` from the first `++` on: operands first, then the nodes from right to left.
    fn right_chain(&mut self, first: Checkpoint, level: u8) {
        let mut starts = vec![first];
        while self.peek().and_then(infix).is_some_and(|it| it.0 == level) {
            self.bump();
            starts.push(self.binary(level + 1));
        }
        starts.pop();
        for start in starts.into_iter().rev() {
            self.start_at(start, NODE_BIN_OP);
            self.finish();
        }
    }

    fn operand(&mut self) -> Checkpoint {
        if !self.at(TOKEN_INVERT) {
            return self.has_attr();
        }
        let checkpoint = self.checkpoint();
        self.start(NODE_UNARY_OP);
        self.bump();
        self.nested(|p| p.binary(INVERT), |p| p.checkpoint());
        self.finish();
        checkpoint
    }

    fn has_attr(&mut self) -> Checkpoint {
        let checkpoint = self.negate();
        while self.at(T![?]) {
            self.start_at(checkpoint, NODE_HAS_ATTR);
            self.bump();
            self.attrpath(true);
            self.finish();
        }
        checkpoint
    }

    fn negate(&mut self) -> Checkpoint {
        if self.at(TOKEN_INVERT) {
            return self.operand();
        }
        if !self.at(T![-]) {
            return self.application();
        }
        let checkpoint = self.checkpoint();
        self.start(NODE_UNARY_OP);
        self.bump();
        self.nested(|p| p.negate(), |p| p.checkpoint());
        self.finish();
        checkpoint
    }
}
