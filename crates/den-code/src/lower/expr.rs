//! Expressions.

use den_syntax::SyntaxKind::{self, *};
use den_syntax::TextRange;

use super::green::Node;
use super::strings::{self, Piece};
use super::*;
use crate::{AttrKey, BinaryOp, Param, PathBase, PathLiteral, StrPart, UnaryOp};

impl Lower {
    /// Lowers an expression that may be missing; `end` is where it would be.
    pub(super) fn opt_expr(&mut self, item: &mut ItemBuilder, node: Option<Node<'_>>, end: u32) -> ExprId {
        let depth = if item.place.level == Level::Module { 0 } else { usize::MAX };
        self.peeled(item, node, end, depth)
    }

    /// Like `opt_expr`, for the result of the item: sets below `let`, `with` and `assert` are still
    /// the item's own set, whose bindings become items while `depth` says so.
    pub(super) fn peeled(&mut self, item: &mut ItemBuilder, node: Option<Node<'_>>, end: u32, depth: usize) -> ExprId {
        let Some(node) = node else { return item.missing(end) };
        // A function is named after the binding only where it is the whole value.
        if !matches!(node.kind(), NODE_PAREN | NODE_LAMBDA) {
            item.naming = None;
        }
        match node.kind() {
            NODE_PAREN => self.peeled(item, node.exprs().next(), node.end().saturating_sub(1), depth),
            NODE_ATTR_SET => self.attr_set(item, node, depth),
            NODE_LET_IN => self.let_in(item, node, depth),
            NODE_WITH => {
                let scope = self.expr(item, node.expr_after(TOKEN_WITH, Some(TOKEN_SEMICOLON)), node.start());
                let body = self.peeled(item, node.expr_after(TOKEN_SEMICOLON, None), node.end(), depth);
                item.alloc(Expr::With { scope, body }, node.range())
            }
            NODE_ASSERT => {
                let condition = self.expr(item, node.expr_after(TOKEN_ASSERT, Some(TOKEN_SEMICOLON)), node.start());
                let body = self.peeled(item, node.expr_after(TOKEN_SEMICOLON, None), node.end(), depth);
                item.alloc(Expr::Assert { condition, body }, node.range())
            }
            NODE_LAMBDA => self.lambda(item, node),
            _ => self.plain(item, node),
        }
    }

    /// Lowers an expression none of whose bindings become items of the module.
    pub(super) fn expr(&mut self, item: &mut ItemBuilder, node: Option<Node<'_>>, end: u32) -> ExprId {
        self.peeled(item, node, end, usize::MAX)
    }

    /// Lowers what stands where Nix's grammar wants an operand: a function has to be parenthesized
    /// there, though rnix takes it without.
    fn operand(&mut self, item: &mut ItemBuilder, node: Option<Node<'_>>, end: u32) -> ExprId {
        let id = self.expr(item, node, end);
        if node.is_some_and(|it| it.kind() == NODE_LAMBDA) {
            item.reject("syntax error, unexpected ':'", id);
        }
        id
    }

    fn plain(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> ExprId {
        let range = node.range();
        let expr = match node.kind() {
            NODE_IDENT => Expr::Var(Name::new(node.ident())),
            NODE_STRING => self.string(item, node),
            NODE_PATH_REL => self.path(item, node, PathBase::Relative),
            NODE_PATH_ABS => self.path(item, node, PathBase::Absolute),
            NODE_PATH_HOME => self.path(item, node, PathBase::Home),
            NODE_PATH_SEARCH => {
                let text = node.tokens().next().map_or("", |it| it.text());
                let name = text.trim_start_matches('<').trim_end_matches('>');
                if name.ends_with('/') {
                    let at = item.missing(node.start());
                    item.reject("syntax error, unexpected '<'", at);
                }
                Expr::SearchPath(Name::new(name))
            }
            NODE_LITERAL => return self.literal(item, node),
            NODE_SELECT => self.select(item, node),
            NODE_HAS_ATTR => {
                let base = self.expr(item, node.exprs().next(), node.start());
                let path = self.attrpath(item, node);
                if path.is_empty() { Expr::Missing } else { Expr::HasAttr { base, path } }
            }
            NODE_APPLY => self.apply(item, node),
            NODE_LIST => {
                let elements = node.exprs().map(|it| self.operand(item, Some(it), 0)).collect();
                Expr::List(elements)
            }
            NODE_IF_ELSE => Expr::If {
                condition: self.expr(item, node.expr_after(TOKEN_IF, Some(TOKEN_THEN)), node.end()),
                yes: self.expr(item, node.expr_after(TOKEN_THEN, Some(TOKEN_ELSE)), node.end()),
                no: self.expr(item, node.expr_after(TOKEN_ELSE, None), node.end()),
            },
            NODE_LEGACY_LET => return self.legacy_let(item, node),
            NODE_UNARY_OP => {
                let op = if node.has_token(TOKEN_SUB) { UnaryOp::Negate } else { UnaryOp::Not };
                Expr::Unary(op, self.operand(item, node.exprs().next(), node.end()))
            }
            NODE_BIN_OP => return self.binary(item, node),
            NODE_CUR_POS => Expr::CurPos,
            _ => Expr::Missing,
        };
        item.alloc(expr, range)
    }

    fn lambda(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> ExprId {
        let name = item.naming.take();
        let param = match node.nodes().next() {
            Some(it) if it.kind() == NODE_PATTERN => self.pattern(item, it),
            Some(it) if it.kind() == NODE_IDENT_PARAM => {
                let ident = it.child(NODE_IDENT);
                let range = ident.map_or(it.range(), |it| it.range());
                let id = item.alloc(Expr::Name, range);
                Param::Ident(Name::new(ident.map_or("", |it| it.ident())), id)
            }
            _ => Param::Ident(Name::default(), item.missing(node.start())),
        };
        let body = node.expr_after(TOKEN_COLON, None);
        let curried = body.is_some_and(|it| it.kind() == NODE_LAMBDA);
        item.naming = name.clone();
        // `a: b: body` is one function as far as items are concerned.
        let body = match item.place.level {
            Level::Inner => self.expr(item, body, node.end()),
            _ if curried => self.peeled(item, body, node.end(), usize::MAX),
            level => {
                let inner = match level {
                    Level::Module if item.place.key == ItemKey::ROOT && item.trail.is_empty() => Level::Module,
                    Level::Module | Level::Value => Level::Function,
                    _ => Level::Inner,
                };
                self.in_own_item(item, LAMBDA, inner, body, node.end())
            }
        };
        item.naming = None;
        item.alloc(Expr::Lambda { name, param: Box::new(param), body }, node.range())
    }

    fn select(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> Expr {
        let mut exprs = node.exprs();
        let base = self.expr(item, exprs.next(), node.start());
        let default = node.has_token(TOKEN_OR).then(|| exprs.next());
        let path = self.attrpath(item, node);
        let default = default.map(|it| self.operand(item, it, node.end()));
        if path.is_empty() {
            return Expr::Missing;
        }
        Expr::Select { base, path, default }
    }

    fn attrpath(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> Box<[AttrKey]> {
        let Some(path) = node.child(NODE_ATTRPATH) else { return Box::default() };
        let mut keys = Vec::new();
        for segment in path.nodes() {
            let name = match segment.kind() {
                NODE_IDENT => Some(Name::new(segment.ident())),
                _ => strings::static_key(segment),
            };
            keys.push(match name {
                Some(name) => AttrKey::Static(name, item.alloc(Expr::Name, segment.range())),
                None => AttrKey::Dynamic(self.dynamic_key(item, segment)),
            });
        }
        // `a.b.` while the next name is not typed yet: the name is missing, not empty.
        if path.tokens().filter(|it| it.kind() == TOKEN_DOT).count() >= keys.len() {
            let at = item.missing(path.end());
            keys.push(AttrKey::Dynamic(at));
        }
        keys.into()
    }

    /// The expression of a `${e}` or interpolated string in an attribute path.
    pub(super) fn dynamic_key(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> ExprId {
        match node.kind() {
            NODE_DYNAMIC => self.expr(item, node.exprs().next(), node.end()),
            _ => self.expr(item, Some(node), node.end()),
        }
    }

    fn apply(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> Expr {
        // `f a b` nests on the left; walk down there without recursing.
        let mut args = Vec::new();
        let mut head = node;
        while head.kind() == NODE_APPLY {
            let mut parts = head.exprs();
            let func = parts.next();
            args.push(parts.next());
            match func {
                Some(it) => head = it,
                None => break,
            }
        }
        let func = self.expr(item, Some(head), node.start());
        let args = args.into_iter().rev().map(|it| self.operand(item, it, node.end())).collect();
        call(item, func, args)
    }

    fn binary(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> ExprId {
        // Chains nest on the left or on the right, and are as long as people (or generators) make
        // them: walk down both sides without recursing.
        let mut left = Vec::new();
        let mut head = node;
        while head.kind() == NODE_BIN_OP {
            let op = operator(head);
            let mut parts = head.exprs();
            let first = parts.next();
            let second = parts.next();
            if [first, second].into_iter().flatten().any(|it| pipes_the_other_way(op, it)) {
                let at = item.alloc(Expr::Name, head.range());
                item.reject("syntax error, unexpected '<|' or '|>'", at);
            }
            left.push((op, second, head.range()));
            match first {
                Some(it) => head = it,
                None => break,
            }
        }
        let mut value = self.expr(item, Some(head), node.start());
        while let Some((op, operand, range)) = left.pop() {
            value = match operand {
                Some(it) if it.kind() == NODE_BIN_OP && left.is_empty() => self.right_chain(item, value, op, it, range),
                operand => {
                    let operand = self.operand(item, operand, range.end().into());
                    combine(item, op, value, operand, range)
                }
            };
        }
        value
    }

    fn right_chain(
        &mut self,
        item: &mut ItemBuilder,
        first: ExprId,
        op: SyntaxKind,
        node: Node<'_>,
        range: TextRange,
    ) -> ExprId {
        let mut spine = vec![(first, op, range)];
        let mut tail = node;
        while tail.kind() == NODE_BIN_OP && operator(tail) == op {
            let mut parts = tail.exprs();
            let left = self.expr(item, parts.next(), tail.start());
            spine.push((left, op, tail.range()));
            match parts.next() {
                Some(it) => tail = it,
                None => break,
            }
        }
        let mut value = self.operand(item, Some(tail), node.end());
        for (left, op, range) in spine.into_iter().rev() {
            value = combine(item, op, left, value, range);
        }
        value
    }

    fn string(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> Expr {
        let pieces = strings::pieces(node);
        match &pieces[..] {
            [] => Expr::Text(Name::default()),
            [Piece::Text(text)] => Expr::Text(Name::from(text.as_str())),
            _ => Expr::Str(pieces.into_iter().map(|it| self.piece(item, it)).collect()),
        }
    }

    fn piece(&mut self, item: &mut ItemBuilder, piece: Piece<'_>) -> StrPart {
        match piece {
            Piece::Text(text) => StrPart::Text(Name::from(text)),
            Piece::Interpolation(node) => {
                StrPart::Interpolation(self.expr(item, node.exprs().next(), node.end().saturating_sub(1)))
            }
        }
    }

    fn path(&mut self, item: &mut ItemBuilder, node: Node<'_>, base: PathBase) -> Expr {
        let mut parts = Vec::new();
        for child in node.children() {
            match child {
                green::Child::Token(it) => parts.push(StrPart::Text(Name::new(it.text()))),
                green::Child::Node(it) => parts.push(self.piece(item, Piece::Interpolation(it))),
            }
        }
        Expr::Path(Box::new(PathLiteral { base, parts: parts.into() }))
    }

    fn literal(&mut self, item: &mut ItemBuilder, node: Node<'_>) -> ExprId {
        let Some(token) = node.tokens().next() else { return item.missing(node.start()) };
        let text = token.text();
        let id = item.alloc(Expr::Missing, node.range());
        if text == "0." {
            item.reject("syntax error, unexpected '.'", id);
        }
        let value = match token.kind() {
            TOKEN_INTEGER => text.parse().ok().map(Expr::Int),
            TOKEN_FLOAT => float(text).map(Expr::Float),
            _ => {
                let message = "URL literals are disabled";
                item.problems.push(Problem::ForbiddenBy { feature: "no-url-literals", message, at: id });
                Some(Expr::Text(Name::new(text)))
            }
        };
        let kind = if token.kind() == TOKEN_INTEGER { "integer" } else { "float" };
        match value {
            Some(value) => item.exprs[id.0 as usize] = value,
            None => {
                let message = Name::from(format!("invalid {kind} '{text}'"));
                item.problems.push(Problem::Rejected { message, at: id });
            }
        }
        id
    }
}

/// C's `strtod` as Nix's lexer uses it: a number out of range, too small or too large, is an error.
fn float(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let is_zero = mantissa.bytes().all(|it| matches!(it, b'0' | b'.'));
    (is_zero || value.is_normal()).then_some(value)
}

fn operator(node: Node<'_>) -> SyntaxKind {
    node.tokens().map(|it| it.kind()).find(|it| !matches!(it, TOKEN_WHITESPACE | TOKEN_COMMENT)).unwrap_or(TOKEN_ERROR)
}

fn combine(item: &mut ItemBuilder, op: SyntaxKind, left: ExprId, right: ExprId, range: TextRange) -> ExprId {
    use BinaryOp::*;
    let op = match op {
        TOKEN_ADD => Add,
        TOKEN_SUB => Sub,
        TOKEN_MUL => Mul,
        TOKEN_DIV => Div,
        TOKEN_CONCAT => Concat,
        TOKEN_UPDATE => Update,
        TOKEN_EQUAL => Equal,
        TOKEN_NOT_EQUAL => NotEqual,
        TOKEN_LESS => Less,
        TOKEN_LESS_OR_EQ => LessOrEqual,
        TOKEN_MORE => More,
        TOKEN_MORE_OR_EQ => MoreOrEqual,
        TOKEN_AND_AND => And,
        TOKEN_OR_OR => Or,
        TOKEN_IMPLICATION => Implies,
        TOKEN_PIPE_RIGHT => return pipe(item, right, left, range),
        TOKEN_PIPE_LEFT => return pipe(item, left, right, range),
        _ => return item.alloc(Expr::Missing, range),
    };
    item.alloc(Expr::Binary(op, left, right), range)
}

/// Whether an operand of a pipe is a pipe of the other kind, which has to be parenthesized.
fn pipes_the_other_way(op: SyntaxKind, operand: Node<'_>) -> bool {
    let is_pipe = |it: SyntaxKind| matches!(it, TOKEN_PIPE_LEFT | TOKEN_PIPE_RIGHT);
    is_pipe(op) && operand.kind() == NODE_BIN_OP && is_pipe(operator(operand)) && operator(operand) != op
}

/// An application. Parentheses around `f a` in `(f a) b` are gone, so that this is one of two
/// arguments, as it is for Nix.
fn call(item: &ItemBuilder, func: ExprId, args: Vec<ExprId>) -> Expr {
    match &item.exprs[func.0 as usize] {
        Expr::Apply { func, args: first } => {
            let args = first.iter().copied().chain(args).collect();
            Expr::Apply { func: *func, args }
        }
        _ => Expr::Apply { func, args: args.into() },
    }
}

fn pipe(item: &mut ItemBuilder, func: ExprId, arg: ExprId, range: TextRange) -> ExprId {
    let call = call(item, func, vec![arg]);
    let at = item.alloc(call, range);
    item.problems.push(Problem::NeedsFeature { feature: "pipe-operators", at });
    at
}
