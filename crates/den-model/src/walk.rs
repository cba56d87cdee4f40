//! Reading definitions out of the `config` of a module.
//!
//! The module system pushes `mkIf`, `mkMerge` and priorities down through sets of options; so does
//! this, one name at a time, keeping the conditions and priorities it passed.

use den_code::{Name, Site};
use den_eval::{Node, Reason};

/// A condition that a definition stands under.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Its value: a Boolean where it is known.
    pub node: Node,
}

/// One definition of an option, or of everything below a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The value, without the wrappers that were passed on the way.
    pub node: Node,
    /// Where the last name of the path is written.
    pub key: Option<Site>,
    /// Where the value is written.
    pub value: Option<Site>,
    /// All conditions must hold.
    pub conditions: Vec<Condition>,
    /// The priority (nixpkgs `mkOverride`; 100 for a plain value).
    pub priority: i64,
    /// Set if the definition may be there or not, beyond its conditions: something around it is not
    /// known. The node is then what it would be.
    pub open: Option<Reason>,
}

/// The priority of a definition without `mkOverride`.
pub(crate) const PLAIN: i64 = 100;

impl Definition {
    /// A plain definition.
    pub fn plain(node: Node, key: Option<Site>, value: Option<Site>) -> Definition {
        Definition { node, key, value, conditions: Vec::new(), priority: PLAIN, open: None }
    }

    /// Whether the definition certainly applies (`Some(true)`), certainly does not, or may.
    pub fn applies(&self) -> Option<bool> {
        let mut certain = self.open.is_none();
        for condition in &self.conditions {
            match condition.node.as_bool() {
                Some(true) => (),
                Some(false) => return Some(false),
                None => certain = false,
            }
        }
        certain.then_some(true)
    }

    /// Splits off `mkIf`, `mkMerge`, `mkOverride` and `mkOrder` around the value.
    pub fn unwrap(self) -> Vec<Definition> {
        let mut done = Vec::new();
        self.unwrap_into(&mut done);
        done
    }

    fn unwrap_into(self, done: &mut Vec<Definition>) {
        let field = |name: &str| self.node.get(name);
        match self.node.record_type() {
            Some("if") => {
                let (Some(condition), Some(content)) = (field("condition"), field("content")) else { return };
                let mut inner =
                    Definition { node: content.node.clone(), value: content.value.or(self.value), ..self.clone() };
                inner.conditions.push(Condition { node: condition.node.clone() });
                inner.unwrap_into(done);
            }
            Some("merge") => match field("contents").map(|it| &it.node) {
                Some(Node::List(list)) => {
                    for element in &list.elements {
                        let open =
                            if element.certain { self.open.clone() } else { Some(Reason::Stuck("a condition".into())) };
                        let value = element.site.or(self.value);
                        Definition { node: element.node.clone(), value, open, ..self.clone() }.unwrap_into(done);
                    }
                    if let Some(why) = &list.open {
                        done.push(Definition { node: Node::unknown(why.clone()), ..self });
                    }
                }
                Some(other) => done.push(Definition { node: Node::unknown(reason_of(other)), ..self }),
                None => (),
            },
            Some("override") => {
                let (Some(priority), Some(content)) = (field("priority"), field("content")) else { return };
                let Node::Int(priority) = priority.node else { return };
                Definition {
                    node: content.node.clone(),
                    value: content.value.or(self.value),
                    priority,
                    ..self.clone()
                }
                .unwrap_into(done);
            }
            Some("order") => {
                let Some(content) = field("content") else { return };
                Definition { node: content.node.clone(), value: content.value.or(self.value), ..self.clone() }
                    .unwrap_into(done);
            }
            _ => done.push(self),
        }
    }

    /// The definitions of one name below this one. A definition of something unknown may define the
    /// name, and says so.
    pub fn descend(&self, name: &str) -> Vec<Definition> {
        let mut found = Vec::new();
        for it in self.clone().unwrap() {
            match &it.node {
                Node::Attrs(attrs) => match attrs.get(name) {
                    Some(attr) => {
                        found.push(Definition { node: attr.node.clone(), key: attr.key, value: attr.value, ..it })
                    }
                    None => {
                        if let Some(why) = &attrs.open {
                            found.push(Definition { node: Node::unknown(why.clone()), key: None, ..it.clone() });
                        }
                    }
                },
                Node::Unknown(unknown) => {
                    if unknown.candidates.is_empty() {
                        found.push(it.clone());
                    }
                    for candidate in &unknown.candidates {
                        let open = Some(unknown.reason.clone());
                        found.extend(Definition { node: candidate.clone(), open, ..it.clone() }.descend(name));
                    }
                }
                _ => (),
            }
        }
        found
    }

    /// The names defined below this definition, each once, and whether there may be others.
    pub fn names(&self) -> (Vec<Name>, Option<Reason>) {
        let mut names: Vec<Name> = Vec::new();
        let mut open = None;
        for it in self.clone().unwrap() {
            match &it.node {
                Node::Attrs(attrs) => {
                    names.extend(attrs.entries.iter().map(|it| it.0.clone()));
                    open = open.or_else(|| attrs.open.clone());
                }
                Node::Unknown(unknown) => {
                    open = open.or_else(|| Some(unknown.reason.clone()));
                    for candidate in &unknown.candidates {
                        names.extend(Definition::plain(candidate.clone(), None, None).names().0);
                    }
                }
                Node::Symbol(_) => open = open.or_else(|| Some(reason_of(&it.node))),
                _ => (),
            }
        }
        names.sort();
        names.dedup();
        (names, open)
    }
}

/// The definitions at a path below `config`.
pub fn definitions(config: &Definition, path: &[&str]) -> Vec<Definition> {
    let mut level = vec![config.clone()];
    for name in path {
        level = level.iter().flat_map(|it| it.descend(name)).collect();
    }
    level
}

/// Why a node is not a value that can be looked into.
pub(crate) fn reason_of(node: &Node) -> Reason {
    match node {
        Node::Unknown(unknown) => unknown.reason.clone(),
        Node::Symbol(symbol) => Reason::Stuck(symbol.head().join(".").into()),
        _ => Reason::TypeConfusion,
    }
}
