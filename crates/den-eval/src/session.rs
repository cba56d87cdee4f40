//! One evaluation: its arena of suspended computations, what it knows of the code, its budget.

use std::rc::Rc;
use std::sync::Arc;

use den_code::{Code, Expr, ExprId, FileId, ItemKey, ItemRef, Name, Site};
use rustc_hash::FxHashMap;

use crate::budget::{Budget, MAX_CALL_DEPTH, MAX_FORCE_DEPTH};
use crate::env::{Env, Frame};
use crate::node::Node;
use crate::symbol::{Step, Symbol};
use crate::unknown::{Reason, Unknown};
use crate::value::{Attrs, Closure, List, Pos, Thunk, Value};
use crate::world::{Resolution, World};
use crate::{ErrorKind, Eval, Stop};

/// A computation of a function of ours that has not run yet.
type NativeThunk = Box<dyn FnOnce(&mut Session<'_>) -> Eval<Value>>;

pub(crate) enum State {
    /// An expression in its environment.
    Expr(Pos, Rc<Env>),
    /// A function applied to arguments.
    Apply(Thunk, Box<[Thunk]>),
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
    Apply(Thunk, Box<[Thunk]>),
    Select(Thunk, Name),
}

struct ItemSlot {
    item: ItemRef,
    /// `None` until it is looked at, `Some(None)` if there is no such item.
    code: Option<Option<Arc<Code>>>,
}

/// One evaluation. Values and thunks belong to the session that made them.
pub struct Session<'w> {
    world: &'w dyn World,
    budget: Budget,
    steps: u64,
    call_depth: u32,
    force_depth: u32,
    pub(crate) thunks: Vec<State>,
    items: Vec<ItemSlot>,
    item_index: FxHashMap<ItemRef, u32>,
    pub(crate) globals: FxHashMap<Name, Value>,
    pub(crate) global_env: Rc<Env>,
    files: FxHashMap<FileId, Thunk>,
    resolved: FxHashMap<Vec<Name>, Option<Thunk>>,
    pub(crate) thawed_envs: FxHashMap<usize, (Arc<crate::node::EnvNode>, Rc<Env>)>,
    pub(crate) scratch: FxHashMap<&'static str, Thunk>,
}

impl<'w> Session<'w> {
    /// Starts an evaluation in which nothing but Nix's own names is in scope.
    pub fn new(world: &'w dyn World, budget: Budget) -> Session<'w> {
        Session {
            world,
            budget,
            steps: 0,
            call_depth: 0,
            force_depth: 0,
            thunks: Vec::new(),
            items: Vec::new(),
            item_index: FxHashMap::default(),
            globals: FxHashMap::default(),
            global_env: Rc::new(Env { parent: None, frame: Frame::Globals }),
            files: FxHashMap::default(),
            resolved: FxHashMap::default(),
            thawed_envs: FxHashMap::default(),
            scratch: FxHashMap::default(),
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

    /// Steps taken so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    // --- Code -----------------------------------------------------------------------------

    fn slot(&mut self, item: ItemRef) -> u32 {
        let items = &mut self.items;
        *self.item_index.entry(item).or_insert_with(|| {
            items.push(ItemSlot { item, code: None });
            items.len() as u32 - 1
        })
    }

    /// The place `expr` of `item`.
    pub fn pos(&mut self, site: Site) -> Pos {
        Pos { item: self.slot(site.item_ref()), expr: site.expr }
    }

    /// What survives this session of a place; `None` for [`Pos::NONE`].
    pub fn site(&self, pos: Pos) -> Option<Site> {
        let slot = self.items.get(pos.item as usize)?;
        Some(slot.item.site(pos.expr))
    }

    /// The place of another item of the same file: the root of that item.
    pub(crate) fn sibling_item(&mut self, pos: Pos, key: ItemKey) -> Eval<Pos> {
        let file = self.items[pos.item as usize].item.file;
        self.item_root(ItemRef { file, item: key })
    }

    /// The root expression of an item.
    pub(crate) fn item_root(&mut self, item: ItemRef) -> Eval<Pos> {
        let slot = self.slot(item);
        match self.load(slot) {
            Some(code) => Ok(Pos { item: slot, expr: code.root }),
            None => Err(Stop::unknown(Reason::Syntax)),
        }
    }

    pub(crate) fn file_of(&self, pos: Pos) -> Option<FileId> {
        Some(self.items.get(pos.item as usize)?.item.file)
    }

    fn load(&mut self, slot: u32) -> Option<Arc<Code>> {
        let world = self.world;
        let entry = &mut self.items[slot as usize];
        entry.code.get_or_insert_with(|| world.code(entry.item)).clone()
    }

    pub(crate) fn code_of(&mut self, pos: Pos) -> Option<Arc<Code>> {
        self.load(pos.item)
    }

    /// The expression at a place whose code has been loaded.
    pub(crate) fn expr_at(&self, pos: Pos) -> &Expr {
        match self.items.get(pos.item as usize).map(|it| &it.code) {
            Some(Some(Some(code))) => code.expr(pos.expr),
            _ => &Expr::Missing,
        }
    }

    /// The value of a file, made once.
    pub fn file(&mut self, file: FileId) -> Thunk {
        if let Some(&thunk) = self.files.get(&file) {
            return thunk;
        }
        let env = self.global_env.clone();
        let thunk = match self.item_root(ItemRef { file, item: ItemKey::ROOT }) {
            Ok(pos) => self.expr_thunk(pos, env),
            Err(stop) => self.push(State::Failed(stop)),
        };
        self.files.insert(file, thunk);
        thunk
    }

    /// The value that a name is bound to by the outermost `let` of a file.
    pub fn root_binding(&mut self, file: FileId, name: &str) -> Option<Thunk> {
        let pos = self.item_root(ItemRef { file, item: ItemKey::ROOT }).ok()?;
        let env = self.global_env.clone();
        let env = self.rebuild_bindings(pos, &env)?;
        self.lookup_lexical(&env, &Name::new(name))
    }

    /// The value of a file with `scope` in front of the globals.
    pub fn file_in_scope(&mut self, file: FileId, scope: Rc<Attrs>) -> Eval<Thunk> {
        let env = self.global_env.child(Frame::Scope(scope));
        let pos = self.item_root(ItemRef { file, item: ItemKey::ROOT })?;
        Ok(self.expr_thunk(pos, env))
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

    /// A thunk that stops when it is looked at.
    pub fn failed(&mut self, stop: Stop) -> Thunk {
        self.push(State::Failed(stop))
    }

    /// A thunk that applies a function. Unlike [`Session::lazy`] it can leave the session as data.
    pub fn apply(&mut self, func: Thunk, args: impl Into<Box<[Thunk]>>) -> Thunk {
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
        self.force_depth += 1;
        let result = if self.force_depth > MAX_FORCE_DEPTH {
            Err(Stop::error(ErrorKind::StackOverflow, "stack overflow (possible infinite recursion)"))
        } else {
            stacker::maybe_grow(RED_ZONE, STACK_SEGMENT, || self.force_slow(thunk))
        };
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
                let result = self.force(func).and_then(|func| self.call(func, &args));
                (result, Some(Recipe::Apply(func, args)))
            }
            State::Select(base, name) => {
                let result = self.select(base, &name);
                (result, Some(Recipe::Select(base, name)))
            }
            State::Native(run) => (self.step().and_then(|()| run(self)), None),
            State::Frozen(node) => (self.thaw(&node), None),
            State::Running => {
                // Whoever is running it will write the state again.
                return Err(Stop::error(ErrorKind::InfiniteRecursion, "infinite recursion encountered"));
            }
            state @ (State::Done(_) | State::Failed(_) | State::Stuck(..)) => {
                self.thunks[thunk.0 as usize] = state;
                return self.force(thunk);
            }
        };
        self.thunks[thunk.0 as usize] = match (&result, recipe) {
            (Ok(value), _) => State::Done(value.clone()),
            (Err(Stop::Unknown(why)), Some(recipe)) => State::Stuck(why.clone(), recipe),
            (Err(stop), _) => State::Failed(stop.clone()),
        };
        result
    }

    /// Runs a function call one level deeper, within Nix's limit.
    pub(crate) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        if self.call_depth >= MAX_CALL_DEPTH {
            return Err(Stop::error(ErrorKind::StackOverflow, "stack overflow; max-call-depth exceeded"));
        }
        self.call_depth += 1;
        let result = stacker::maybe_grow(RED_ZONE, STACK_SEGMENT, || run(self));
        self.call_depth -= 1;
        result
    }

    // --- Symbols --------------------------------------------------------------------------

    /// The value of `.name` of a reference: another reference, except that nixpkgs' `lib` is ours.
    pub(crate) fn select_symbol(&mut self, symbol: &Symbol, name: &Name, pos: Pos) -> Value {
        let stepped = symbol.step(Step::Attr(name.clone(), pos));
        self.symbol_value(stepped)
    }

    /// The value that a reference is.
    pub(crate) fn symbol_value(&mut self, symbol: Symbol) -> Value {
        if let Some(tail) = symbol.native_tail()
            && let Ok(value) = self.native_symbol(&symbol.root, tail)
        {
            return value;
        }
        Value::Symbol(Rc::new(symbol))
    }

    fn native_symbol(&mut self, root: &str, tail: &[Step]) -> Eval<Value> {
        let mut base = if root == "builtins" { self.builtins() } else { self.lib() };
        for step in tail {
            let value = match step {
                Step::Attr(name, _) => self.select(base, name)?,
                Step::Call(arg) => self.call_thunk(base, &[*arg])?,
            };
            base = self.done(value);
        }
        self.force(base)
    }

    /// What a value is once nothing about it is a mere reference.
    pub fn resolve(&mut self, value: Value) -> Eval<Value> {
        let mut value = value;
        // A reference may stand for another one, but not endlessly.
        for _ in 0..64 {
            let Value::Symbol(symbol) = &value else { return Ok(value) };
            let symbol = symbol.clone();
            value = match self.resolution(&symbol)? {
                Resolution::Value(value) => value,
                Resolution::Missing(step) => return Err(symbol.missing(step)),
                Resolution::Stuck => return Err(self.stuck(&symbol)),
            };
        }
        Err(Stop::unknown(Reason::Cyclic))
    }

    fn resolution(&mut self, symbol: &Symbol) -> Eval<Resolution> {
        let world = self.world;
        let Some(path) = symbol.path() else { return world.resolve(self, symbol) };
        if let Some(known) = self.resolved.get(&path) {
            return match *known {
                Some(thunk) => Ok(Resolution::Value(self.force(thunk)?)),
                None => Ok(Resolution::Stuck),
            };
        }
        let found = world.resolve(self, symbol)?;
        match &found {
            Resolution::Value(value) => {
                let thunk = self.done(value.clone());
                self.resolved.insert(path, Some(thunk));
            }
            Resolution::Stuck => {
                self.resolved.insert(path, None);
            }
            Resolution::Missing(_) => (),
        }
        Ok(found)
    }

    /// Whether what a symbol stands for has this attribute; `None` if nobody knows.
    pub(crate) fn symbol_has(&mut self, symbol: &Symbol, name: &Name) -> Eval<Option<bool>> {
        match self.resolution(symbol)? {
            Resolution::Value(value) => match self.resolve(value) {
                Ok(Value::Attrs(attrs)) if attrs.get(name).is_some() => Ok(Some(true)),
                Ok(Value::Attrs(attrs)) => Ok(attrs.is_closed().then_some(false)),
                Ok(_) => Ok(Some(false)),
                Err(Stop::Unknown(_)) => Ok(None),
                Err(error) => Err(error),
            },
            Resolution::Missing(step) => Err(symbol.missing(step)),
            Resolution::Stuck => Ok(None),
        }
    }

    pub(crate) fn stuck(&self, symbol: &Symbol) -> Stop {
        Stop::unknown(Reason::Stuck(symbol.display()))
    }

    // --- Typed access ---------------------------------------------------------------------

    /// Forces a thunk and resolves a symbol.
    pub fn value(&mut self, thunk: Thunk) -> Eval<Value> {
        let value = self.force(thunk)?;
        self.resolve(value)
    }

    /// The set that a thunk must be.
    pub fn attrs(&mut self, thunk: Thunk) -> Eval<Rc<Attrs>> {
        let value = self.value(thunk)?;
        self.expect_attrs(value)
    }

    pub(crate) fn expect_attrs(&mut self, value: Value) -> Eval<Rc<Attrs>> {
        match self.resolve(value)? {
            Value::Attrs(attrs) => Ok(attrs),
            other => Err(self.expected("a set", &other)),
        }
    }

    /// The list that a thunk must be, perhaps partly known.
    pub fn list_partial(&mut self, thunk: Thunk) -> Eval<Rc<List>> {
        match self.value(thunk)? {
            Value::List(list) => Ok(list),
            other => Err(self.expected("a list", &other)),
        }
    }

    /// The list that a thunk must be, all of it certain.
    pub fn list(&mut self, thunk: Thunk) -> Eval<Rc<List>> {
        let list = self.list_partial(thunk)?;
        if let Some(why) = &list.open {
            return Err(Stop::Unknown(why.clone()));
        }
        if !list.is_exact() {
            return Err(Stop::unknown(Reason::Stuck("a condition".into())));
        }
        Ok(list)
    }

    /// The string that a thunk must be; nothing is coerced.
    pub fn string(&mut self, thunk: Thunk) -> Eval<Name> {
        match self.value(thunk)? {
            Value::Str(text) => Ok(text),
            other => Err(self.expected("a string", &other)),
        }
    }

    /// The integer that a thunk must be.
    pub fn int(&mut self, thunk: Thunk) -> Eval<i64> {
        match self.value(thunk)? {
            Value::Int(it) => Ok(it),
            other => Err(self.expected("an integer", &other)),
        }
    }

    /// The Boolean that a thunk must be.
    pub fn bool(&mut self, thunk: Thunk) -> Eval<bool> {
        match self.value(thunk)? {
            Value::Bool(it) => Ok(it),
            other => Err(self.expected("a Boolean", &other)),
        }
    }

    /// The function that a thunk must be: a function, or a set with `__functor`.
    pub fn function(&mut self, thunk: Thunk) -> Eval<Value> {
        let value = self.value(thunk)?;
        match &value {
            Value::Lambda(_) | Value::Native(_) => Ok(value),
            Value::Attrs(attrs) if attrs.get("__functor").is_some() => Ok(value),
            other => Err(self.expected("a function", other)),
        }
    }

    /// Nix's error for a value of another type.
    pub fn expected(&mut self, what: &str, got: &Value) -> Stop {
        let printed = self.print_short(got);
        Stop::type_error(format!("expected {what} but found {}: {printed}", got.type_name()))
    }

    /// An attribute of a set or symbol.
    pub fn select(&mut self, base: Thunk, name: &Name) -> Eval<Value> {
        let value = self.force(base)?;
        if let Value::Symbol(symbol) = &value {
            return Ok(self.select_symbol(symbol, name, Pos::NONE));
        }
        let attrs = self.expect_attrs(value)?;
        match attrs.get(name) {
            Some(attr) => self.force(attr.thunk),
            None => {
                attrs.closed()?;
                Err(self.missing_attribute(name))
            }
        }
    }

    pub(crate) fn missing_attribute(&self, name: &str) -> Stop {
        Stop::error(ErrorKind::MissingAttribute, format!("attribute '{name}' missing"))
    }

    pub(crate) fn closure(&self, pos: Pos, env: &Rc<Env>) -> Value {
        Value::Lambda(Rc::new(Closure { pos, env: env.clone() }))
    }

    pub(crate) fn sub(&self, pos: Pos, expr: ExprId) -> Pos {
        Pos { item: pos.item, expr }
    }
}

/// Bytes that must be left on the stack before another is attached, and the size of that one.
const RED_ZONE: usize = 96 << 10;
const STACK_SEGMENT: usize = 4 << 20;
