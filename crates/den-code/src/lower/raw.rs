//! Bindings merged by attribute path, before their values are lowered.
//!
//! Nix merges `a.b = 1; a.c = 2;` and `a = { b = 1; }; a.c = 2;` while parsing, by rules of its own
//! (nix `ParserState::addAttr`): sets merge if both are literal sets, the first one decides whether
//! the result is recursive, anything else defined twice is an error, computed names never merge.

use den_syntax::SyntaxKind::*;
use den_syntax::TextRange;
use rustc_hash::FxHashMap;

use super::green::Node;
use super::strings;
use crate::Name;

/// A set as its bindings spell it.
#[derive(Default)]
pub(super) struct RawSet<'a> {
    pub(super) recursive: bool,
    pub(super) entries: Vec<RawEntry<'a>>,
    /// Where the entry of each name is: sets of generated files have many thousand entries.
    by_name: FxHashMap<Name, usize>,
    pub(super) dynamic: Vec<RawDynamic<'a>>,
    /// The expressions behind `inherit (e)`.
    pub(super) sources: Vec<Option<Node<'a>>>,
    pub(super) duplicates: Vec<RawDuplicate>,
    /// `inherit ${e};`, which Nix rejects.
    pub(super) dynamic_inherits: Vec<TextRange>,
}

pub(super) struct RawEntry<'a> {
    pub(super) name: Name,
    /// The name's range.
    pub(super) key: TextRange,
    /// The first name of the path that made this entry.
    pub(super) start: TextRange,
    pub(super) value: RawValue<'a>,
}

/// A binding whose name is computed.
pub(super) struct RawDynamic<'a> {
    pub(super) key: Node<'a>,
    /// The first name of the path that made this entry.
    pub(super) start: TextRange,
    pub(super) value: RawValue<'a>,
}

pub(super) enum RawValue<'a> {
    /// `= e`, or nothing where the value is missing (with the offset where it belongs).
    Expr(Option<Node<'a>>, u32),
    /// A set made by paths or by merging literals.
    Set(Box<RawSet<'a>>, TextRange),
    Inherit,
    InheritFrom(u32),
}

pub(super) struct RawDuplicate {
    pub(super) path: Vec<Name>,
    pub(super) first: TextRange,
    pub(super) second: TextRange,
}

enum Segment<'a> {
    Static(Name, TextRange),
    Dynamic(Node<'a>),
}

impl<'a> RawSet<'a> {
    /// The bindings of a set, `let` or legacy `let` node.
    pub(super) fn of(node: Node<'a>, recursive: bool) -> RawSet<'a> {
        let mut set = RawSet { recursive, ..RawSet::default() };
        set.add_all(node);
        set
    }

    fn add_all(&mut self, node: Node<'a>) {
        for binding in node.nodes() {
            match binding.kind() {
                NODE_ATTRPATH_VALUE => self.add_binding(binding),
                NODE_INHERIT => self.add_inherit(binding),
                _ => (),
            }
        }
    }

    fn add_binding(&mut self, node: Node<'a>) {
        let Some(path) = node.child(NODE_ATTRPATH) else { return };
        let mut segments: Vec<Segment<'a>> = path.nodes().filter_map(segment).collect();
        // `a.b. = x` or a path whose last name is not typed yet: keep what is there.
        let Some(last) = segments.pop() else { return };
        let start = match segments.first().unwrap_or(&last) {
            Segment::Static(_, range) => *range,
            Segment::Dynamic(node) => node.range(),
        };
        let value = node.exprs().next();
        let has_value = node.has_token(TOKEN_ASSIGN);
        if !has_value && value.is_none() {
            // A bare word in front of a binding: an unfinished name, not a definition.
            return;
        }
        let range = TextRange::new(start.start(), node.range().end());
        let mut set = self;
        let mut trail: Vec<Name> = Vec::new();
        for segment in segments {
            set = match segment {
                Segment::Static(name, key) => {
                    trail.push(name.clone());
                    match set.subset(name, key, start, range) {
                        Ok(sub) => sub,
                        Err(Conflict { set, first }) => {
                            return set.duplicates.push(RawDuplicate { path: trail, first, second: key });
                        }
                    }
                }
                Segment::Dynamic(node) => {
                    set.dynamic.push(RawDynamic { key: node, start, value: RawValue::Set(Box::default(), range) });
                    match set.dynamic.last_mut() {
                        Some(RawDynamic { value: RawValue::Set(sub, _), .. }) => sub,
                        _ => return,
                    }
                }
            };
        }
        match last {
            Segment::Dynamic(key) => {
                set.dynamic.push(RawDynamic { key, start, value: RawValue::Expr(value, node.end()) });
            }
            Segment::Static(name, key) => {
                set.define(&mut trail, RawEntry { name, key, start, value: RawValue::Expr(value, node.end()) });
            }
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    fn push(&mut self, entry: RawEntry<'a>) {
        self.by_name.insert(entry.name.clone(), self.entries.len());
        self.entries.push(entry);
    }

    /// The set below `name`, made or merged into as needed.
    fn subset(
        &mut self,
        name: Name,
        key: TextRange,
        start: TextRange,
        range: TextRange,
    ) -> Result<&mut RawSet<'a>, Conflict<'_, 'a>> {
        let at = match self.position(&name) {
            Some(at) => at,
            None => {
                let value = RawValue::Set(Box::default(), range);
                self.push(RawEntry { name, key, start, value });
                self.entries.len() - 1
            }
        };
        if !self.entries[at].value.open() {
            let first = self.entries[at].start;
            return Err(Conflict { set: self, first });
        }
        match &mut self.entries[at].value {
            RawValue::Set(sub, _) => Ok(sub),
            _ => unreachable!("open() leaves a set or answers false"),
        }
    }

    fn define(&mut self, trail: &mut Vec<Name>, entry: RawEntry<'a>) {
        let Some(at) = self.position(&entry.name) else { return self.push(entry) };
        trail.push(entry.name.clone());
        let literal = match entry.value {
            RawValue::Expr(Some(node), _) => literal_set(node),
            _ => None,
        };
        let first = self.entries[at].start;
        match literal {
            Some(node) if self.entries[at].value.open() => {
                let RawValue::Set(sub, _) = &mut self.entries[at].value else { return };
                sub.merge(trail, RawSet::of(node, false));
            }
            _ => self.duplicates.push(RawDuplicate { path: trail.clone(), first, second: entry.key }),
        }
        trail.pop();
    }

    /// Adds the bindings of a second literal.
    fn merge(&mut self, trail: &mut Vec<Name>, other: RawSet<'a>) {
        let shift = self.sources.len() as u32;
        self.sources.extend(other.sources);
        self.dynamic.extend(other.dynamic);
        self.duplicates.extend(other.duplicates);
        self.dynamic_inherits.extend(other.dynamic_inherits);
        for mut entry in other.entries {
            if let RawValue::InheritFrom(at) = &mut entry.value {
                *at += shift;
            }
            match (self.position(&entry.name), entry.value) {
                (Some(at), RawValue::Set(sub, _)) if self.entries[at].value.open() => {
                    let RawValue::Set(mine, _) = &mut self.entries[at].value else { continue };
                    trail.push(entry.name);
                    mine.merge(trail, *sub);
                    trail.pop();
                }
                (_, value) => self.define(trail, RawEntry { value, ..entry }),
            }
        }
    }

    fn add_inherit(&mut self, node: Node<'a>) {
        let from = node.child(NODE_INHERIT_FROM);
        if let Some(from) = from {
            self.sources.push(from.exprs().next());
        }
        let source = self.sources.len().wrapping_sub(1) as u32;
        for attr in node.nodes().filter_map(segment) {
            let (name, key) = match attr {
                Segment::Static(name, key) => (name, key),
                Segment::Dynamic(node) => {
                    self.dynamic_inherits.push(node.range());
                    continue;
                }
            };
            let value = if from.is_some() { RawValue::InheritFrom(source) } else { RawValue::Inherit };
            self.define(&mut Vec::new(), RawEntry { name, key, start: key, value });
        }
    }
}

struct Conflict<'s, 'a> {
    set: &'s mut RawSet<'a>,
    first: TextRange,
}

impl<'a> RawValue<'a> {
    /// Makes a literal set mergeable; `false` if the value is anything but a set.
    fn open(&mut self) -> bool {
        match self {
            RawValue::Set(..) => true,
            RawValue::Expr(Some(node), _) => {
                let Some(node) = literal_set(*node) else { return false };
                let recursive = node.has_token(TOKEN_REC);
                *self = RawValue::Set(Box::new(RawSet::of(node, recursive)), node.range());
                true
            }
            _ => false,
        }
    }
}

/// The literal set that a value is, in parentheses or not: Nix's parser does not see them.
fn literal_set(node: Node<'_>) -> Option<Node<'_>> {
    let node = node.unparenthesized();
    (node.kind() == NODE_ATTR_SET).then_some(node)
}

fn segment(node: Node<'_>) -> Option<Segment<'_>> {
    match node.kind() {
        NODE_IDENT => Some(Segment::Static(Name::new(node.ident()), node.range())),
        NODE_STRING | NODE_DYNAMIC => Some(match strings::static_key(node) {
            Some(text) => Segment::Static(text, node.range()),
            None => Segment::Dynamic(node),
        }),
        _ => None,
    }
}
