//! A position-aware view of green nodes that costs nothing to make.

use den_syntax::SyntaxKind::*;
use den_syntax::{GreenNodeData, GreenTokenData, Language as _, NixLanguage, NodeOrToken, SyntaxKind, TextRange};

/// A green node and where it starts, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    green: &'a GreenNodeData,
    start: u32,
}

/// A token.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    green: &'a GreenTokenData,
}

pub(super) enum Child<'a> {
    Node(Node<'a>),
    Token(Token<'a>),
}

impl<'a> Node<'a> {
    pub(super) fn root(green: &'a GreenNodeData) -> Node<'a> {
        Node { green, start: 0 }
    }

    pub(super) fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.green.kind())
    }

    pub(super) fn start(self) -> u32 {
        self.start
    }

    pub(super) fn range(self) -> TextRange {
        TextRange::at(self.start.into(), self.green.text_len())
    }

    pub(super) fn end(self) -> u32 {
        self.range().end().into()
    }

    pub(super) fn children(self) -> impl Iterator<Item = Child<'a>> {
        let mut at = self.start;
        self.green.children().map(move |child| match child {
            NodeOrToken::Node(green) => {
                let start = at;
                at += u32::from(green.text_len());
                Child::Node(Node { green, start })
            }
            NodeOrToken::Token(green) => {
                at += u32::from(green.text_len());
                Child::Token(Token { green })
            }
        })
    }

    pub(super) fn nodes(self) -> impl Iterator<Item = Node<'a>> {
        self.children().filter_map(|it| match it {
            Child::Node(node) => Some(node),
            Child::Token(_) => None,
        })
    }

    pub(super) fn tokens(self) -> impl Iterator<Item = Token<'a>> {
        self.children().filter_map(|it| match it {
            Child::Token(token) => Some(token),
            Child::Node(_) => None,
        })
    }

    /// Child nodes that are expressions or stand where one belongs.
    pub(super) fn exprs(self) -> impl Iterator<Item = Node<'a>> {
        self.nodes().filter(|it| is_expr(it.kind()))
    }

    /// The first expression after the first token of this kind, and before the next of `until`.
    pub(super) fn expr_after(self, token: SyntaxKind, until: Option<SyntaxKind>) -> Option<Node<'a>> {
        let mut seen = false;
        for child in self.children() {
            match child {
                Child::Token(it) if it.kind() == token => seen = true,
                Child::Token(it) if seen && Some(it.kind()) == until => return None,
                Child::Node(it) if seen && is_expr(it.kind()) => return Some(it),
                _ => (),
            }
        }
        None
    }

    /// The expression inside any number of parentheses.
    pub(super) fn unparenthesized(self) -> Node<'a> {
        let mut node = self;
        while node.kind() == NODE_PAREN {
            let Some(inner) = node.exprs().next() else { break };
            node = inner;
        }
        node
    }

    pub(super) fn child(self, kind: SyntaxKind) -> Option<Node<'a>> {
        self.nodes().find(|it| it.kind() == kind)
    }

    pub(super) fn has_token(self, kind: SyntaxKind) -> bool {
        self.tokens().any(|it| it.kind() == kind)
    }

    /// The text of an identifier node.
    pub(super) fn ident(self) -> &'a str {
        self.tokens().find(|it| it.kind() == TOKEN_IDENT).map_or("", |it| it.text())
    }
}

impl<'a> Token<'a> {
    pub(super) fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.green.kind())
    }
    pub(super) fn text(self) -> &'a str {
        self.green.text()
    }
}

fn is_expr(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        NODE_APPLY
            | NODE_ASSERT
            | NODE_IF_ELSE
            | NODE_SELECT
            | NODE_STRING
            | NODE_PATH_ABS
            | NODE_PATH_REL
            | NODE_PATH_HOME
            | NODE_PATH_SEARCH
            | NODE_LITERAL
            | NODE_LAMBDA
            | NODE_LEGACY_LET
            | NODE_LET_IN
            | NODE_LIST
            | NODE_BIN_OP
            | NODE_PAREN
            | NODE_ATTR_SET
            | NODE_UNARY_OP
            | NODE_IDENT
            | NODE_CUR_POS
            | NODE_WITH
            | NODE_HAS_ATTR
            | NODE_ERROR
    )
}
