//! One evaluation: its arena of suspended computations, what it knows of the code, its budget.

use std::rc::Rc;
use std::sync::Arc;

use den_code::{FileId, ItemRef, Name};
use rustc_hash::FxHashMap;

use crate::budget::{Budget, MAX_CALL_DEPTH, MAX_FORCE_DEPTH};
use crate::env::{Env, Frame};
use crate::node::Node;
use crate::places::ItemSlot;
use crate::unknown::{Reason, Unknown};
use crate::value::{Attr, Element, Pos, Thunk, Value};
use crate::world::World;
use crate::{ErrorKind, Eval, Stop};

/// A computation of a function of ours that has not run yet.
type NativeThunk = Box<dyn FnOnce(&mut Session<'_>) -> Eval<Value>>;

pub(crate) enum State {
    /// An expression in its environment.
    Expr(Pos, Rc<Env>),
    /// A function applied to arguments.
    Apply(Thunk, Rc<[Thunk]>),
    /// Like `Apply`, while it runs. Nix does not mark such a value: who needs it for itself calls
    /// the function again, and again, until there are too many calls.
    Applying(Thunk, Rc<[Thunk]>),
    /// An attribute of a set.
    Select(Thunk, Name),
    Native(NativeThunk),
    /// Data from another evaluation.
    Frozen(Node),
    Running,
    Done(Value),
    Failed(Stop),
    /// Unknown, and how to try again in another world.
    Stuck(Rc<Unknown>, Recipe),
}

/// How to make a value again.
#[derive(Clone, Debug)]
pub(crate) enum Recipe {
    Expr(Pos, Rc<Env>),
    Apply(Thunk, Rc<[Thunk]>),
    Select(Thunk, Name),
}

/// One evaluation. Values and thunks belong to the session that made them.
pub struct Session<'w> {
    world: &'w dyn World,
    budget: Budget,
    steps: u64,
    /// Bytes taken by strings, lists and sets that were made so far; nothing is given back before the
    /// end.
    bytes: u64,
    call_depth: u32,
    force_depth: u32,
    pub(crate) thunks: Vec<State>,
    pub(crate) items: Vec<ItemSlot>,
    pub(crate) item_index: FxHashMap<ItemRef, u32>,
    pub(crate) globals: FxHashMap<Name, Option<Thunk>>,
    pub(crate) global_env: Rc<Env>,
    pub(crate) files: FxHashMap<FileId, Thunk>,
    pub(crate) resolutions: FxHashMap<Vec<Name>, Option<Thunk>>,
    pub(crate) thawed_envs: FxHashMap<usize, (Arc<crate::node::EnvNode>, Rc<Env>)>,
    pub(crate) scratch: FxHashMap<&'static str, Thunk>,
    /// Whether some outer scope binds the function behind an operator, such as `__sub`.
    pub(crate) scope_binds_operators: bool,
    pub(crate) regexes: FxHashMap<Name, Rc<crate::builtins::regex::Pattern>>,
}

impl<'w> Session<'w> {
    /// Starts an evaluation in which nothing but Nix's own names is in scope.
    pub fn new(world: &'w dyn World, budget: Budget) -> Session<'w> {
        Session {
            world,
            budget,
            steps: 0,
            bytes: 0,
            call_depth: 0,
            force_depth: 0,
            thunks: Vec::new(),
            items: Vec::new(),
            item_index: FxHashMap::default(),
            globals: FxHashMap::default(),
            global_env: Rc::new(Env { parent: None, frame: Frame::Globals }),
            files: FxHashMap::default(),
            resolutions: FxHashMap::default(),
            thawed_envs: FxHashMap::default(),
            scratch: FxHashMap::default(),
            scope_binds_operators: false,
            regexes: FxHashMap::default(),
        }
    }

    /// The outside.
    pub fn world(&self) -> &'w dyn World {
        self.world
    }

    /// Counts one step of work against the budget.
    pub fn step(&mut self) -> Eval<()> {
        self.steps += 1;
        if self.steps.is_multiple_of(1024) {
            self.world.checkpoint();
            if self.steps > self.budget.steps {
                return Err(Stop::unknown(Reason::Budget("evaluation steps")));
            }
            if self.thunks.len() > self.budget.thunks {
                return Err(Stop::unknown(Reason::Budget("memory")));
            }
        }
        Ok(())
    }

    /// Counts memory against the budget.
    pub(crate) fn charge(&mut self, bytes: usize) -> Eval<()> {
        self.bytes += bytes as u64;
        if self.bytes > self.budget.bytes() {
            return Err(Stop::unknown(Reason::Budget("memory")));
        }
        Ok(())
    }

    /// Counts a list or set that was just made: nobody else has it yet.
    fn charge_value(&mut self, value: &Value) -> Eval<()> {
        match value {
            Value::List(list) if Rc::strong_count(list) == 1 => self.charge(list.elements.len() * size_of::<Element>()),
            Value::Attrs(attrs) if Rc::strong_count(attrs) == 1 => self.charge(attrs.len() * size_of::<(Name, Attr)>()),
            _ => Ok(()),
        }
    }

    /// Steps taken so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    // --- Thunks ---------------------------------------------------------------------------

    pub(crate) fn push(&mut self, state: State) -> Thunk {
        self.thunks.push(state);
        Thunk(self.thunks.len() as u32 - 1)
    }

    /// A thunk that is already a value.
    pub fn done(&mut self, value: Value) -> Thunk {
        self.push(State::Done(value))
    }

    /// A thunk for a value that a function was called for.
    pub(crate) fn kept(&mut self, value: Value) -> Eval<Thunk> {
        self.charge_value(&value)?;
        Ok(self.done(value))
    }

    /// A thunk that stops when it is looked at.
    pub fn failed(&mut self, stop: Stop) -> Thunk {
        self.push(State::Failed(stop))
    }

    /// A thunk that applies a function. Unlike [`Session::lazy`] it can leave the session as data.
    pub fn apply(&mut self, func: Thunk, args: impl Into<Rc<[Thunk]>>) -> Thunk {
        self.push(State::Apply(func, args.into()))
    }

    /// A thunk that selects an attribute.
    pub fn select_thunk(&mut self, base: Thunk, name: impl Into<Name>) -> Thunk {
        self.push(State::Select(base, name.into()))
    }

    /// A thunk that runs a closure of ours when it is looked at.
    pub fn lazy(&mut self, run: impl FnOnce(&mut Session<'_>) -> Eval<Value> + 'static) -> Thunk {
        self.push(State::Native(Box::new(run)))
    }

    /// A thunk for data from another evaluation.
    pub fn frozen(&mut self, node: Node) -> Thunk {
        self.push(State::Frozen(node))
    }

    pub(crate) fn expr_thunk(&mut self, pos: Pos, env: Rc<Env>) -> Thunk {
        self.push(State::Expr(pos, env))
    }

    /// The value of a thunk in weak head normal form. A symbol is not resolved.
    pub fn force(&mut self, thunk: Thunk) -> Eval<Value> {
        match &self.thunks[thunk.0 as usize] {
            State::Done(value) => return Ok(value.clone()),
            State::Failed(stop) => return Err(stop.clone()),
            State::Stuck(why, _) => return Err(Stop::Unknown(why.clone())),
            _ => (),
        }
        self.nested(|session| session.force_slow(thunk))
    }

    /// Runs something that may nest as deep as data does.
    pub(crate) fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        if self.force_depth >= MAX_FORCE_DEPTH {
            // Nix has no limit of its own here: it overflows its stack somewhat deeper than this.
            return Err(Stop::unknown(Reason::Budget("nesting")));
        }
        self.force_depth += 1;
        let result = with_stack(|| run(self));
        self.force_depth -= 1;
        result
    }

    fn force_slow(&mut self, thunk: Thunk) -> Eval<Value> {
        let state = std::mem::replace(&mut self.thunks[thunk.0 as usize], State::Running);
        let (result, recipe) = match state {
            State::Expr(pos, env) => {
                let result = self.step().and_then(|()| self.eval(pos, &env)).map_err(|it| it.at(pos));
                (result, Some(Recipe::Expr(pos, env)))
            }
            State::Apply(func, args) => {
                self.thunks[thunk.0 as usize] = State::Applying(func, args.clone());
                let result = self.force(func).and_then(|func| self.call(func, &args));
                (result, Some(Recipe::Apply(func, args)))
            }
            State::Select(base, name) => {
                let result = self.select(base, &name);
                (result, Some(Recipe::Select(base, name)))
            }
            State::Native(run) => (self.step().and_then(|()| run(self)), None),
            State::Frozen(node) => (self.thaw(&node), None),
            State::Applying(func, args) => {
                self.thunks[thunk.0 as usize] = State::Applying(func, args.clone());
                return self.force(func).and_then(|func| self.call(func, &args));
            }
            State::Running => {
                // Whoever is running it will write the state again.
                return Err(Stop::error(ErrorKind::InfiniteRecursion, "infinite recursion encountered"));
            }
            state @ (State::Done(_) | State::Failed(_) | State::Stuck(..)) => {
                self.thunks[thunk.0 as usize] = state;
                return self.force(thunk);
            }
        };
        let result = match result {
            Ok(value) => self.charge_value(&value).map(|()| value),
            stop => stop,
        };
        self.thunks[thunk.0 as usize] = match (&result, recipe) {
            (Ok(value), _) => State::Done(value.clone()),
            (Err(Stop::Unknown(why)), Some(recipe)) => State::Stuck(why.clone(), recipe),
            (Err(stop), _) => State::Failed(stop.clone()),
        };
        result
    }

    /// Counts function calls that are entered at once, and returns the depth outside them.
    pub(crate) fn enter_calls(&mut self, calls: usize) -> Eval<u32> {
        let outside = self.call_depth;
        let inside = calls.saturating_add(outside as usize);
        if inside > MAX_CALL_DEPTH as usize {
            return Err(Stop::error(ErrorKind::StackOverflow, "stack overflow; max-call-depth exceeded"));
        }
        self.call_depth = inside as u32;
        Ok(outside)
    }

    pub(crate) fn leave_call(&mut self) {
        self.call_depth = self.call_depth.saturating_sub(1);
    }

    pub(crate) fn leave_calls(&mut self, outside: u32) {
        self.call_depth = outside;
    }

    /// Runs a function call one level deeper, within Nix's limit.
    pub(crate) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        if self.call_depth >= MAX_CALL_DEPTH {
            return Err(Stop::error(ErrorKind::StackOverflow, "stack overflow; max-call-depth exceeded"));
        }
        self.call_depth += 1;
        let result = with_stack(|| run(self));
        self.call_depth -= 1;
        result
    }
}

/// Runs something that may recurse; the stack grows as needed.
pub(crate) fn with_stack<T>(run: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, STACK_SEGMENT, run)
}

/// Bytes that must be left on the stack before another is attached, and the size of that one.
const RED_ZONE: usize = 128 << 10;
const STACK_SEGMENT: usize = 4 << 20;
