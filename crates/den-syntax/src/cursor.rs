//! What stands at a cursor.

use rnix::SyntaxKind::*;
use rowan::ast::AstNode as _;

use crate::{SyntaxNode, SyntaxToken, TextRange, TextSize, TokenAtOffset, ast};

/// A name (identifier or plain quoted attribute) that a cursor touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAt {
    /// The name without quotes.
    pub text: String,
    /// Byte range of the whole token, quotes included.
    pub range: TextRange,
    /// The identifier or string node.
    pub node: SyntaxNode,
}

/// The name that the cursor is in or at an end of; the one behind the cursor wins over the one
/// before it, and an identifier wins over anything else.
pub fn name_at(root: &SyntaxNode, offset: TextSize) -> Option<NameAt> {
    let tokens: Vec<SyntaxToken> = match root.token_at_offset(offset) {
        TokenAtOffset::None => vec![],
        TokenAtOffset::Single(it) => vec![it],
        TokenAtOffset::Between(left, right) => vec![right, left],
    };
    tokens.into_iter().find_map(|token| name_of_token(&token))
}

fn name_of_token(token: &SyntaxToken) -> Option<NameAt> {
    let node = token.parent()?;
    match node.kind() {
        NODE_IDENT => {
            let text = node.text().to_string();
            Some(NameAt { text, range: node.text_range(), node })
        }
        NODE_STRING if node.parent().is_some_and(|it| it.kind() == NODE_ATTRPATH) => {
            let string = ast::Str::cast(node.clone())?;
            let [ast::InterpolPart::Literal(text)] = &string.normalized_parts()[..] else { return None };
            Some(NameAt { text: text.clone(), range: node.text_range(), node })
        }
        _ => None,
    }
}

/// The last token that ends at or before the cursor and is neither blank nor a comment.
pub fn token_before(root: &SyntaxNode, offset: TextSize) -> Option<SyntaxToken> {
    let mut token = match root.token_at_offset(offset) {
        TokenAtOffset::None => return None,
        TokenAtOffset::Single(it) => it,
        TokenAtOffset::Between(left, _) => left,
    };
    while matches!(token.kind(), TOKEN_WHITESPACE | TOKEN_COMMENT) || token.text_range().start() >= offset {
        token = token.prev_token()?;
    }
    Some(token)
}
