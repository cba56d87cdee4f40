//! Data back to values, in a session that may know more than the one it came from.

use std::rc::Rc;
use std::sync::Arc;

use den_code::Site;

use crate::env::{Env, Frame};
use crate::node::*;
use crate::session::Session;
use crate::symbol::{Step, Symbol};
use crate::unknown::{Reason, Unknown};
use crate::value::{Attr, Attrs, Closure, Element, List, NativeCall, Pos, Value};
use crate::{Eval, NixError, Stop};

impl Session<'_> {
    /// The value of a node. Parts are thawed when they are looked at; what was unknown is tried
    /// again.
    pub fn thaw(&mut self, node: &Node) -> Eval<Value> {
        Ok(match node {
            Node::Null => Value::Null,
            Node::Bool(it) => Value::Bool(*it),
            Node::Int(it) => Value::Int(*it),
            Node::Float(it) => Value::Float(*it),
            Node::Str(text) => Value::Str(text.clone()),
            Node::Path(path) => Value::Path(path.clone()),
            Node::List(list) => {
                let elements = list.elements.iter().map(|it| Element {
                    thunk: self.frozen(it.node.clone()),
                    pos: self.opt_pos(it.site),
                    certain: it.certain,
                });
                let elements = elements.collect();
                let open = list.open.clone().map(|reason| Unknown::new(reason, Pos::NONE));
                Value::List(Rc::new(List { elements, open }))
            }
            Node::Attrs(attrs) => {
                let entries = attrs.entries.iter().map(|(name, it)| {
                    let thunk = self.frozen(it.node.clone());
                    (name.clone(), Attr { thunk, key: self.opt_pos(it.key), value: self.opt_pos(it.value) })
                });
                let entries = entries.collect();
                let open = attrs.open.clone().map(|reason| Unknown::new(reason, Pos::NONE));
                Value::Attrs(Rc::new(Attrs { open, ..Attrs::from_sorted(entries) }))
            }
            Node::Function(function) => {
                let pos = self.pos(function.site);
                // The parameters must be known before anybody asks for them.
                if self.code_of(pos).is_none() {
                    return Err(Stop::unknown(Reason::Syntax));
                }
                let env = self.thaw_env(&function.env)?;
                Value::Lambda(Rc::new(Closure { pos, env }))
            }
            Node::Native(call) => {
                let args: Vec<_> = call.args.iter().map(|it| self.frozen(it.clone())).collect();
                if args.len() < call.func.arity {
                    Value::Native(Rc::new(NativeCall { func: call.func, args }))
                } else {
                    return self.run_native(call.func, &args);
                }
            }
            Node::Symbol(symbol) => {
                let mut it = Symbol::root(symbol.root.clone());
                for step in &symbol.spine {
                    it = it.step(match step {
                        StepNode::Attr(name, site) => Step::Attr(name.clone(), self.opt_pos(*site)),
                        StepNode::Call(arg) => Step::Call(self.frozen(arg.clone())),
                    });
                }
                self.symbol_value(it)
            }
            Node::Error(error) => {
                let pos = self.opt_pos(error.site);
                let error = NixError { kind: error.kind, message: error.message.clone(), pos, suggestions: Vec::new() };
                return Err(Stop::Error(Rc::new(error)));
            }
            Node::Unknown(unknown) => return self.retry(unknown),
        })
    }

    fn retry(&mut self, unknown: &UnknownNode) -> Eval<Value> {
        match &unknown.recipe {
            Some(RecipeNode::Expr(site, env)) => {
                let env = self.thaw_env(env)?;
                let pos = self.pos(*site);
                self.eval(pos, &env)
            }
            Some(RecipeNode::Apply(func, args)) => {
                let func = self.thaw(func)?;
                let args: Vec<_> = args.iter().map(|it| self.frozen(it.clone())).collect();
                self.call(func, &args)
            }
            Some(RecipeNode::Select(base, name)) => {
                let base = self.frozen(base.clone());
                self.select(base, name)
            }
            None => {
                let candidates = unknown.candidates.iter().map(|it| self.frozen(it.clone())).collect();
                let pos = self.opt_pos(unknown.site);
                Err(Stop::Unknown(Rc::new(Unknown { reason: unknown.reason.clone(), pos, candidates })))
            }
        }
    }

    fn opt_pos(&mut self, site: Option<Site>) -> Pos {
        site.map_or(Pos::NONE, |it| self.pos(it))
    }

    fn thaw_env(&mut self, node: &Arc<EnvNode>) -> Eval<Rc<Env>> {
        let key = Arc::as_ptr(node) as usize;
        if let Some((_, env)) = self.thawed_envs.get(&key) {
            return Ok(env.clone());
        }
        let parent = match &node.parent {
            Some(parent) => self.thaw_env(parent)?,
            None => self.global_env.clone(),
        };
        let gone = || Stop::unknown(Reason::Syntax);
        let env = match &node.frame {
            FrameNode::Globals => self.global_env.clone(),
            FrameNode::Scope(attrs) => {
                let value = self.thaw(attrs)?;
                let attrs = self.expect_attrs(value)?;
                parent.child(Frame::Scope(attrs))
            }
            FrameNode::Bindings(site) => {
                let pos = self.pos(*site);
                self.rebuild_bindings(pos, &parent).ok_or_else(gone)?
            }
            FrameNode::With(site) => {
                let pos = self.pos(*site);
                let code = self.code_of(pos).ok_or_else(gone)?;
                let den_code::Expr::With { scope, .. } = code.expr(pos.expr) else { return Err(gone()) };
                let scope = self.suspend(&code, self.sub(pos, *scope), &parent);
                parent.child(Frame::With { pos, scope })
            }
            FrameNode::Call(site, arg) => {
                let pos = self.pos(*site);
                let arg = self.frozen(arg.clone());
                let closure = Closure { pos, env: parent };
                self.call_env(&closure, arg)?
            }
        };
        // The node is kept alive, so that its address stays its own.
        self.thawed_envs.insert(key, (node.clone(), env.clone()));
        Ok(env)
    }
}
