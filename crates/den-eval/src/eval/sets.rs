//! Attribute sets and `let`.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use den_code::{AttrKey, Bindings, Code, EntryValue, Expr, ExprId, Name};
use rustc_hash::FxHashMap;

use crate::env::{Env, Frame};
use crate::session::Session;
use crate::value::{Attr, Attrs, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

/// The attribute of a recursive set whose attributes replace those of the set.
const OVERRIDES: &str = "__overrides";

impl Session<'_> {
    pub(super) fn eval_attrs(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        recursive: bool,
        bindings: &Bindings,
        env: &Rc<Env>,
    ) -> Eval<Value> {
        if recursive && bindings.get(OVERRIDES).is_some() {
            return self.eval_with_overrides(code, pos, bindings, env);
        }
        let (inner, slots) = match recursive {
            true => self.bindings_env(code, pos, bindings, env),
            false => (env.clone(), self.binding_slots(code, pos, bindings, env, env)),
        };
        let attrs = self.placed(pos, bindings, &slots);
        self.finish_attrs(code, pos, bindings, attrs, &inner)
    }

    /// The attributes with the places where they are written.
    fn placed(&self, pos: Pos, bindings: &Bindings, slots: &[Thunk]) -> Attrs {
        let placed = bindings.entries.iter().zip(slots).map(|(entry, &thunk)| {
            let key = self.sub(pos, entry.key);
            let value = match entry.value {
                EntryValue::Expr(it) => self.sub(pos, it),
                _ => key,
            };
            (entry.name.clone(), Attr { thunk, key, value })
        });
        Attrs::from_sorted(placed.collect())
    }

    /// `rec { …; __overrides = { … }; }`: the attributes of that set replace those of the recursive
    /// set, and its other attributes see them.
    fn eval_with_overrides(&mut self, code: &Arc<Code>, pos: Pos, bindings: &Bindings, env: &Rc<Env>) -> Eval<Value> {
        // First as it is written, to find the overriding set; then with that in place. Nix changes
        // the set under the feet of thunks that were made before; the two differ only for an
        // `__overrides` that looks at the names it overrides.
        let (_, slots) = self.bindings_env(code, pos, bindings, env);
        let at = bindings.entries.iter().position(|it| it.name == OVERRIDES);
        let Some(at) = at else { return Ok(Value::Attrs(Rc::default())) };
        let overrides = self.attrs(slots[at])?;
        overrides.closed()?;
        let inner = env.child(Frame::Bindings { pos, slots: OnceCell::new() });
        let mut made = self.binding_slots(code, pos, bindings, &inner, env);
        made[at] = slots[at];
        for (slot, entry) in made.iter_mut().zip(&bindings.entries) {
            if let Some(attr) = overrides.get(&entry.name) {
                *slot = attr.thunk;
            }
        }
        if let Frame::Bindings { slots, .. } = &inner.frame {
            slots.get_or_init(|| made.clone());
        }
        let plain = Rc::new(self.placed(pos, bindings, &made));
        let merged = self.update(&plain, &overrides);
        let attrs = Attrs { entries: merged.entries.clone(), ..Attrs::default() };
        self.finish_attrs(code, pos, bindings, attrs, &inner)
    }

    /// Adds the attributes with computed names.
    fn finish_attrs(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        bindings: &Bindings,
        mut attrs: Attrs,
        inner: &Rc<Env>,
    ) -> Eval<Value> {
        if bindings.dynamic.is_empty() {
            return Ok(Value::Attrs(Rc::new(attrs)));
        }
        let mut taken: FxHashMap<Name, Pos> = attrs.iter().map(|(name, attr)| (name.clone(), attr.key)).collect();
        for it in &bindings.dynamic {
            let key = self.sub(pos, it.name);
            let name = match self.key_name(code, pos, &AttrKey::Dynamic(it.key), inner) {
                Ok(Some(name)) => name,
                Ok(None) => continue,
                Err(Stop::Unknown(why)) => {
                    attrs.open.get_or_insert(why);
                    continue;
                }
                Err(error) => return Err(error),
            };
            if let Some(&first) = taken.get(&name) {
                let at = self.attr_place(first);
                let message = format!("dynamic attribute '{name}' already defined at {at}");
                return Err(Stop::error(ErrorKind::DuplicateAttribute, message).at(key));
            }
            taken.insert(name.clone(), key);
            let thunk = self.suspend(code, self.sub(pos, it.value), inner);
            attrs.entries.push((name, Attr { thunk, key, value: self.sub(pos, it.value) }));
        }
        attrs.entries.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Value::Attrs(Rc::new(attrs)))
    }

    /// The environment inside `let` or `rec`, and the thunks of its entries in order.
    pub(super) fn bindings_env(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        bindings: &Bindings,
        env: &Rc<Env>,
    ) -> (Rc<Env>, Box<[Thunk]>) {
        let inner = env.child(Frame::Bindings { pos, slots: OnceCell::new() });
        let made = self.binding_slots(code, pos, bindings, &inner, env);
        if let Frame::Bindings { slots, .. } = &inner.frame {
            slots.get_or_init(|| made.clone());
        }
        (inner, made)
    }

    /// The environment inside the `let` or `rec` at a place, made anew.
    pub(crate) fn rebuild_bindings(&mut self, pos: Pos, env: &Rc<Env>) -> Option<Rc<Env>> {
        let code = self.code_of(pos)?;
        let (Expr::Let { bindings, .. } | Expr::AttrSet { bindings, .. }) = code.expr(pos.expr) else { return None };
        Some(self.bindings_env(&code, pos, bindings, env).0)
    }

    /// Thunks for the entries; `outer` is where plain `inherit` looks.
    fn binding_slots(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        bindings: &Bindings,
        env: &Rc<Env>,
        outer: &Rc<Env>,
    ) -> Box<[Thunk]> {
        let mut sources: Vec<Option<Thunk>> = vec![None; bindings.sources.len()];
        let entries = bindings.entries.iter().map(|entry| match entry.value {
            EntryValue::Expr(expr) => {
                let at = self.sub(pos, expr);
                if Rc::ptr_eq(env, outer) { self.suspend(code, at, env) } else { self.suspend_unshared(code, at, env) }
            }
            EntryValue::Inherit => self.inherited(outer, self.sub(pos, entry.key), &entry.name),
            EntryValue::InheritFrom(index) => {
                let source = sources[index as usize];
                let source = source.unwrap_or_else(|| {
                    let at = self.sub(pos, bindings.sources[index as usize]);
                    self.source_thunk(code, at, env, outer)
                });
                sources[index as usize] = Some(source);
                self.select_thunk(source, entry.name.clone())
            }
        });
        entries.collect()
    }

    fn inherited(&mut self, outer: &Rc<Env>, key: Pos, name: &Name) -> Thunk {
        if let Ok(Some(thunk)) = self.lookup_lexical(outer, key, name) {
            return thunk;
        }
        let (name, outer) = (name.clone(), outer.clone());
        self.lazy(move |session| session.lookup(&outer, key, &name).map_err(|it| it.at(key)))
    }

    fn source_thunk(&mut self, code: &Arc<Code>, at: Pos, env: &Rc<Env>, outer: &Rc<Env>) -> Thunk {
        if Rc::ptr_eq(env, outer) { self.suspend(code, at, env) } else { self.suspend_unshared(code, at, env) }
    }

    /// A thunk that is not some variable's own: inside `let` and `rec` the variable may be the very
    /// binding that is being made.
    fn suspend_unshared(&mut self, code: &Arc<Code>, pos: Pos, env: &Rc<Env>) -> Thunk {
        match code.expr(pos.expr) {
            Expr::Var(_) => self.expr_thunk(pos, env.clone()),
            _ => self.suspend(code, pos, env),
        }
    }

    /// Where an attribute is for Nix, `FILE:LINE:COLUMN` or `«none»`-like text where nobody knows.
    pub(crate) fn attr_place(&mut self, key: Pos) -> String {
        let place = self.attr_site(key).and_then(|site| {
            let (line, column) = self.world().line_col(site)?;
            Some(format!("{}:{line}:{column}", self.world().path(site.file)))
        });
        place.unwrap_or_else(|| "\u{ab}unknown\u{bb}".to_owned())
    }

    /// The place that Nix gives as the position of the attribute whose name is at `key`: where its
    /// whole attribute path starts.
    pub(crate) fn attr_site(&mut self, key: Pos) -> Option<den_code::Site> {
        let code = self.code_of(key)?;
        let start: ExprId = code.attr_start(key.expr);
        self.site(self.sub(key, start))
    }
}
