//! Finished data: what an evaluation says to the rest of the program.
//!
//! A node holds no position and nothing lazy. What could not be finished is kept as a recipe (code
//! and the environment it needs), which another evaluation, in a world that knows more, can follow;
//! it then reads the code itself, so that whoever records dependencies sees them.

use std::sync::Arc;

use den_code::{Name, Site};

use crate::error::ErrorKind;
use crate::native::NativeFn;
use crate::unknown::Reason;

/// A finished value. Cheap to clone; equal nodes mean the same.
#[derive(Clone, Debug)]
pub enum Node {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating point number.
    Float(f64),
    /// A string.
    Str(Name),
    /// An absolute path, normalized.
    Path(Name),
    /// A list.
    List(Arc<ListNode>),
    /// An attribute set.
    Attrs(Arc<AttrsNode>),
    /// A function written in Nix.
    Function(Arc<FunctionNode>),
    /// A call of a function of ours, complete or partial.
    Native(Arc<NativeNode>),
    /// A reference to something outside.
    Symbol(Arc<SymbolNode>),
    /// Real Nix fails here.
    Error(Arc<ErrorNode>),
    /// We cannot tell.
    Unknown(Arc<UnknownNode>),
}

/// A finished list.
#[derive(Debug, PartialEq)]
pub struct ListNode {
    /// The elements.
    pub elements: Vec<ElementNode>,
    /// Set if there may be others.
    pub open: Option<Reason>,
}

/// An element of a finished list.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementNode {
    /// Its value.
    pub node: Node,
    /// Where it is written.
    pub site: Option<Site>,
    /// Whether it is an element at all.
    pub certain: bool,
}

/// A finished attribute set.
#[derive(Debug, PartialEq, Default)]
pub struct AttrsNode {
    /// Sorted by name.
    pub entries: Vec<(Name, AttrNode)>,
    /// Set if there may be others.
    pub open: Option<Reason>,
}

/// A finished attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct AttrNode {
    /// Its value.
    pub node: Node,
    /// Where its name is written.
    pub key: Option<Site>,
    /// Where its value is written.
    pub value: Option<Site>,
}

/// A function written in Nix.
#[derive(Debug, PartialEq)]
pub struct FunctionNode {
    /// The function expression.
    pub site: Site,
    /// Its named arguments; `None` if it takes one plain argument.
    pub formals: Option<Formals>,
    pub(crate) env: Arc<EnvNode>,
}

/// The named arguments of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formals {
    /// In source order.
    pub names: Vec<FormalNode>,
    /// Whether others are accepted.
    pub ellipsis: bool,
}

/// One named argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormalNode {
    /// Its name.
    pub name: Name,
    /// Whether it has a default.
    pub optional: bool,
    /// Where its name is written.
    pub site: Option<Site>,
}

/// A call of a function of ours.
#[derive(Debug, PartialEq)]
pub struct NativeNode {
    /// The function.
    pub func: &'static NativeFn,
    /// Its arguments so far.
    pub args: Vec<Node>,
}

/// A reference.
#[derive(Debug, PartialEq)]
pub struct SymbolNode {
    /// The name that it starts at.
    pub root: Name,
    /// What is done with it, in order.
    pub spine: Vec<StepNode>,
}

/// One step away from a reference's root.
#[derive(Clone, Debug, PartialEq)]
pub enum StepNode {
    /// `.name`, and where the name is written.
    Attr(Name, Option<Site>),
    /// An application to one argument.
    Call(Node),
}

/// An error of Nix.
#[derive(Debug, PartialEq)]
pub struct ErrorNode {
    /// Its class.
    pub kind: ErrorKind,
    /// Nix's message.
    pub message: String,
    /// Where it was raised.
    pub site: Option<Site>,
}

/// Something unknown.
#[derive(Debug, PartialEq)]
pub struct UnknownNode {
    /// Why.
    pub reason: Reason,
    /// Where it became unknown.
    pub site: Option<Site>,
    /// If not empty, the value is one of these.
    pub candidates: Vec<Node>,
    pub(crate) recipe: Option<RecipeNode>,
}

impl UnknownNode {
    /// Whether an evaluation that knows more can try again.
    pub fn can_retry(&self) -> bool {
        self.recipe.is_some()
    }
}

/// How to try again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RecipeNode {
    Expr(Site, Arc<EnvNode>),
    Apply(Node, Vec<Node>),
    Select(Node, Name),
}

/// An environment as data.
#[derive(Debug, PartialEq)]
pub(crate) struct EnvNode {
    pub(crate) parent: Option<Arc<EnvNode>>,
    pub(crate) frame: FrameNode,
}

#[derive(Debug, PartialEq)]
pub(crate) enum FrameNode {
    Globals,
    Scope(Node),
    Bindings(Site),
    Call(Site, Node),
    With(Site),
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        // Shared parts are equal without being walked; most comparisons after an edit end there.
        fn same<T: PartialEq>(a: &Arc<T>, b: &Arc<T>) -> bool {
            Arc::ptr_eq(a, b) || a == b
        }
        match (self, other) {
            (Node::Null, Node::Null) => true,
            (Node::Bool(a), Node::Bool(b)) => a == b,
            (Node::Int(a), Node::Int(b)) => a == b,
            (Node::Float(a), Node::Float(b)) => a.to_bits() == b.to_bits(),
            (Node::Str(a), Node::Str(b)) | (Node::Path(a), Node::Path(b)) => a == b,
            (Node::List(a), Node::List(b)) => same(a, b),
            (Node::Attrs(a), Node::Attrs(b)) => same(a, b),
            (Node::Function(a), Node::Function(b)) => same(a, b),
            (Node::Native(a), Node::Native(b)) => same(a, b),
            (Node::Symbol(a), Node::Symbol(b)) => same(a, b),
            (Node::Error(a), Node::Error(b)) => same(a, b),
            (Node::Unknown(a), Node::Unknown(b)) => same(a, b),
            _ => false,
        }
    }
}

impl Node {
    /// An unknown without a place.
    pub fn unknown(reason: Reason) -> Node {
        Node::Unknown(Arc::new(UnknownNode { reason, site: None, candidates: Vec::new(), recipe: None }))
    }

    /// The set that this is.
    pub fn as_attrs(&self) -> Option<&AttrsNode> {
        match self {
            Node::Attrs(attrs) => Some(attrs),
            _ => None,
        }
    }

    /// The list that this is.
    pub fn as_list(&self) -> Option<&ListNode> {
        match self {
            Node::List(list) => Some(list),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Node::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The Boolean that this is.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Node::Bool(it) => Some(*it),
            _ => None,
        }
    }

    /// The attribute of a set.
    pub fn get(&self, name: &str) -> Option<&AttrNode> {
        self.as_attrs()?.get(name)
    }

    /// The value of `_type`, by which the module system tells its records apart.
    pub fn record_type(&self) -> Option<&str> {
        self.get("_type")?.node.as_str()
    }
}

impl AttrsNode {
    /// The attribute with this name.
    pub fn get(&self, name: &str) -> Option<&AttrNode> {
        let at = self.entries.binary_search_by(|it| it.0.as_str().cmp(name)).ok()?;
        Some(&self.entries[at].1)
    }

    /// Whether there are no other attributes.
    pub fn is_closed(&self) -> bool {
        self.open.is_none()
    }
}

impl SymbolNode {
    /// The names from the root on, if nothing is called on the way.
    pub fn path(&self) -> Option<Vec<Name>> {
        let steps = self.spine.iter().map(|it| match it {
            StepNode::Attr(name, _) => Some(name.clone()),
            StepNode::Call(_) => None,
        });
        std::iter::once(Some(self.root.clone())).chain(steps).collect()
    }

    /// The names from the root to the first call.
    pub fn head(&self) -> Vec<Name> {
        let steps = self.spine.iter().map_while(|it| match it {
            StepNode::Attr(name, _) => Some(name.clone()),
            StepNode::Call(_) => None,
        });
        std::iter::once(self.root.clone()).chain(steps).collect()
    }
}
