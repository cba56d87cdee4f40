//! Values to data.

use std::rc::Rc;
use std::sync::Arc;

use den_code::Name;
use rustc_hash::FxHashMap;

use crate::Stop;
use crate::budget::MAX_FROZEN_NODES;
use crate::env::{Env, Frame};
use crate::node::*;
use crate::session::{Recipe, Session, State};
use crate::symbol::{Step, Symbol};
use crate::unknown::{Reason, Unknown};
use crate::value::{Attrs, NativeCall, Origin, Pos, Thunk, Value};

/// Turns the values of one session into data. Shared values stay shared.
pub struct Freezer {
    done: FxHashMap<Thunk, Node>,
    open: Vec<Thunk>,
    envs: FxHashMap<usize, (Rc<Env>, Arc<EnvNode>)>,
    budget: usize,
    depth: u32,
}

impl Default for Freezer {
    fn default() -> Freezer {
        Freezer {
            done: FxHashMap::default(),
            open: Vec::new(),
            envs: FxHashMap::default(),
            budget: MAX_FROZEN_NODES,
            depth: 0,
        }
    }
}

/// How deep data may nest; deeper parts are left as recipes.
const MAX_DEPTH: u32 = 200;

impl Freezer {
    /// The value of a thunk as data, all of it evaluated.
    pub fn thunk(&mut self, session: &mut Session<'_>, thunk: Thunk) -> Node {
        if let Some(node) = self.done.get(&thunk) {
            return node.clone();
        }
        if self.open.contains(&thunk) {
            return self.again(session, thunk, Reason::Cyclic);
        }
        if self.budget == 0 || self.depth >= MAX_DEPTH {
            return self.again(session, thunk, Reason::Budget("data size"));
        }
        self.budget -= 1;
        self.depth += 1;
        let node = match session.force(thunk) {
            Ok(value) => {
                self.open.push(thunk);
                let node = self.value(session, &value);
                self.open.pop();
                node
            }
            Err(stop) => self.stop(session, thunk, &stop),
        };
        self.depth -= 1;
        self.done.insert(thunk, node.clone());
        node
    }

    /// A value as data.
    pub fn value(&mut self, session: &mut Session<'_>, value: &Value) -> Node {
        match value {
            Value::Null => Node::Null,
            Value::Bool(it) => Node::Bool(*it),
            Value::Int(it) => Node::Int(*it),
            Value::Float(it) => Node::Float(*it),
            Value::Str(text) => Node::Str(text.clone()),
            Value::Path(path) => Node::Path(path.clone()),
            Value::List(list) => {
                let elements = list.elements.iter().map(|it| ElementNode {
                    node: self.thunk(session, it.thunk),
                    site: session.site(it.pos),
                    certain: it.certain,
                });
                let elements = elements.collect();
                let open = list.open.as_ref().map(|it| it.reason.clone());
                Node::List(Arc::new(ListNode { elements, open }))
            }
            Value::Attrs(attrs) => self.attrs(session, attrs),
            Value::Lambda(closure) => {
                let Some(site) = session.site(closure.pos) else { return Node::unknown(Reason::TypeConfusion) };
                let formals = session.formals(value).map(|(names, ellipsis)| Formals {
                    names: names
                        .into_iter()
                        .map(|(name, optional, pos)| FormalNode { name, optional, site: session.site(pos) })
                        .collect(),
                    ellipsis,
                });
                let env = self.env(session, &closure.env);
                Node::Function(Arc::new(FunctionNode { site, formals, env }))
            }
            Value::Native(call) => self.native(session, call),
            Value::Symbol(symbol) => self.symbol(session, symbol),
        }
    }

    fn attrs(&mut self, session: &mut Session<'_>, attrs: &Rc<Attrs>) -> Node {
        match &attrs.origin {
            Some(Origin::Symbol(symbol)) => return self.symbol(session, symbol),
            Some(Origin::Call(call)) => return self.native(session, call),
            None => (),
        }
        let entries: Vec<(Name, AttrNode)> = attrs
            .iter()
            .map(|(name, attr)| {
                let node = self.thunk(session, attr.thunk);
                (name.clone(), AttrNode { node, key: session.site(attr.key), value: session.site(attr.value) })
            })
            .collect();
        let open = attrs.open.as_ref().map(|it| it.reason.clone());
        Node::Attrs(Arc::new(AttrsNode { entries, open }))
    }

    fn native(&mut self, session: &mut Session<'_>, call: &NativeCall) -> Node {
        let args = call.args.iter().map(|it| self.thunk(session, *it)).collect();
        Node::Native(Arc::new(NativeNode { func: call.func, args }))
    }

    fn symbol(&mut self, session: &mut Session<'_>, symbol: &Symbol) -> Node {
        let spine = symbol.spine.iter().map(|step| match step {
            Step::Attr(name, pos) => StepNode::Attr(name.clone(), session.site(*pos)),
            Step::Call(arg) => StepNode::Call(self.thunk(session, *arg)),
        });
        let spine = spine.collect();
        Node::Symbol(Arc::new(SymbolNode { root: symbol.root.clone(), spine }))
    }

    fn stop(&mut self, session: &mut Session<'_>, thunk: Thunk, stop: &Stop) -> Node {
        match stop {
            Stop::Error(error) => Node::Error(Arc::new(ErrorNode {
                kind: error.kind,
                message: error.message.clone(),
                site: session.site(error.pos),
            })),
            Stop::Unknown(why) => {
                self.open.push(thunk);
                let recipe = self.recipe(session, thunk);
                let node = self.unknown(session, why, recipe);
                self.open.pop();
                node
            }
        }
    }

    fn unknown(&mut self, session: &mut Session<'_>, why: &Unknown, recipe: Option<RecipeNode>) -> Node {
        let candidates = why.candidates.iter().map(|it| self.thunk(session, *it)).collect();
        let site = session.site(why.pos);
        Node::Unknown(Arc::new(UnknownNode { reason: why.reason.clone(), site, candidates, recipe }))
    }

    /// A thunk that is not looked at any further.
    fn again(&mut self, session: &mut Session<'_>, thunk: Thunk, reason: Reason) -> Node {
        let recipe = if self.depth < 2 * MAX_DEPTH { self.recipe(session, thunk) } else { None };
        Node::Unknown(Arc::new(UnknownNode { reason, site: None, candidates: Vec::new(), recipe }))
    }

    fn recipe(&mut self, session: &mut Session<'_>, thunk: Thunk) -> Option<RecipeNode> {
        let recipe = match &session.thunks[thunk.0 as usize] {
            State::Stuck(_, recipe) => recipe.clone(),
            State::Expr(pos, env) => Recipe::Expr(*pos, env.clone()),
            State::Apply(func, args) => Recipe::Apply(*func, args.clone()),
            State::Select(base, name) => Recipe::Select(*base, name.clone()),
            _ => return None,
        };
        self.depth += 1;
        let node = match recipe {
            Recipe::Expr(pos, env) => {
                let env = self.env(session, &env);
                session.site(pos).map(|site| RecipeNode::Expr(site, env))
            }
            Recipe::Apply(func, args) => {
                let func = self.thunk(session, func);
                Some(RecipeNode::Apply(func, args.iter().map(|it| self.thunk(session, *it)).collect()))
            }
            Recipe::Select(base, name) => Some(RecipeNode::Select(self.thunk(session, base), name)),
        };
        self.depth -= 1;
        node
    }

    fn env(&mut self, session: &mut Session<'_>, env: &Rc<Env>) -> Arc<EnvNode> {
        let key = Rc::as_ptr(env) as usize;
        if let Some((_, node)) = self.envs.get(&key) {
            return node.clone();
        }
        let parent = env.parent.as_ref().map(|it| self.env(session, it));
        let site = |session: &Session<'_>, pos: Pos| session.site(pos);
        let frame = match &env.frame {
            Frame::Globals => FrameNode::Globals,
            Frame::Scope(attrs) => FrameNode::Scope(self.attrs(session, attrs)),
            Frame::Bindings { pos, .. } => match site(session, *pos) {
                Some(site) => FrameNode::Bindings(site),
                None => FrameNode::Globals,
            },
            Frame::With { pos, .. } => match site(session, *pos) {
                Some(site) => FrameNode::With(site),
                None => FrameNode::Globals,
            },
            Frame::Arg { pos, arg } | Frame::Call { pos, arg, .. } => match site(session, *pos) {
                Some(site) => FrameNode::Call(site, self.thunk(session, *arg)),
                None => FrameNode::Globals,
            },
        };
        let node = Arc::new(EnvNode { parent, frame });
        self.envs.insert(key, (env.clone(), node.clone()));
        node
    }
}

impl Session<'_> {
    /// The value of a thunk as data, all of it evaluated.
    pub fn freeze(&mut self, thunk: Thunk) -> Node {
        Freezer::default().thunk(self, thunk)
    }
}
