//! Comparison: `==` and `<`.
//!
//! Sources: nix `EvalState::eqValues` and `CompareValues`. Nix walks the attributes of two sets in
//! the order in which their names first occurred in any file; the order in which a set is written is
//! the nearest thing to it that a file alone knows.

use std::rc::Rc;

use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Attr, Attrs, Element, List, Thunk, Value};
use crate::{Eval, Stop};

impl Session<'_> {
    /// `a < b`
    pub(crate) fn less(&mut self, a: &Value, b: &Value) -> Eval<bool> {
        Ok(match (a, b) {
            (Value::Int(a), Value::Int(b)) => a < b,
            (Value::Int(a), Value::Float(b)) => (*a as f64) < *b,
            (Value::Float(a), Value::Int(b)) => *a < (*b as f64),
            (Value::Float(a), Value::Float(b)) => a < b,
            (Value::Str(a), Value::Str(b)) | (Value::Path(a), Value::Path(b)) => a < b,
            (Value::List(a), Value::List(b)) => return self.list_less(&a.clone(), &b.clone()),
            _ if a.type_name() != b.type_name() => {
                let message = format!("cannot compare {} with {}", a.show_type(), b.show_type());
                return Err(Stop::type_error(message));
            }
            _ => {
                let (a, b) = (a.show_type(), b.show_type());
                let message = format!("cannot compare {a} with {b}; values of that type are incomparable");
                return Err(Stop::type_error(message));
            }
        })
    }

    fn list_less(&mut self, a: &List, b: &List) -> Eval<bool> {
        for index in 0.. {
            let (x, y) = (certain_element(a, index)?, certain_element(b, index)?);
            let (Some(x), Some(y)) = (x, y) else { return Ok(x.is_none() && y.is_some()) };
            if !self.equal_thunks(x.thunk, y.thunk)? {
                let (x, y) = (self.value(x.thunk)?, self.value(y.thunk)?);
                return self.nested(|session| session.less(&x, &y));
            }
        }
        Ok(false)
    }

    /// `a == b`. Functions are never equal, except that the same thunk inside a list or set is equal
    /// to itself without being compared.
    pub fn equal(&mut self, a: &Value, b: &Value) -> Eval<bool> {
        self.nested(|session| session.equal_inner(a, b))
    }

    fn equal_inner(&mut self, a: &Value, b: &Value) -> Eval<bool> {
        self.step()?;
        if let (Value::Symbol(x), Value::Symbol(y)) = (a, b)
            && let (Some(x), Some(y)) = (x.path(), y.path())
            && x == y
        {
            // The same reference is the same value, whatever it is; a function would be unequal,
            // but nobody compares those on purpose.
            return Ok(true);
        }
        let (a, b) = (self.resolve(a.clone())?, self.resolve(b.clone())?);
        Ok(match (&a, &b) {
            (Value::Int(a), Value::Float(b)) | (Value::Float(b), Value::Int(a)) => (*a as f64) == *b,
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Str(a), Value::Str(b)) | (Value::Path(a), Value::Path(b)) => a == b,
            (Value::List(a), Value::List(b)) => return self.equal_lists(a, b),
            (Value::Attrs(a), Value::Attrs(b)) => return self.equal_attrs(a, b),
            _ => false,
        })
    }

    fn equal_lists(&mut self, a: &List, b: &List) -> Eval<bool> {
        if !a.is_exact() || !b.is_exact() {
            return Err(Stop::unknown(Reason::Stuck("a list".into())));
        }
        if a.elements.len() != b.elements.len() {
            return Ok(false);
        }
        let mut unknown = None;
        for (x, y) in a.elements.iter().zip(&b.elements) {
            match self.equal_thunks(x.thunk, y.thunk) {
                Ok(true) => (),
                Err(Stop::Unknown(why)) => {
                    unknown.get_or_insert(why);
                }
                decided => return decided,
            }
        }
        // One difference would have been enough, whatever the unknown ones are.
        unknown.map_or(Ok(true), |why| Err(Stop::Unknown(why)))
    }

    fn equal_attrs(&mut self, a: &Rc<Attrs>, b: &Rc<Attrs>) -> Eval<bool> {
        if let Some((x, y)) = self.derivation_paths(a, b)? {
            return self.equal_thunks(x, y);
        }
        if a.is_closed() && b.is_closed() && a.len() != b.len() {
            return Ok(false);
        }
        let lacks = |a: &Attrs, b: &Attrs| b.is_closed() && a.iter().any(|(name, _)| b.get(name).is_none());
        let names_differ = lacks(a, b) || lacks(b, a);
        let pairs: Vec<(Attr, Attr)> = a.iter().filter_map(|(name, x)| Some((x, b.get(name)?))).collect();
        let compare = |session: &mut Self, (x, y): (Attr, Attr)| session.equal_thunks(x.thunk, y.thunk);
        if names_differ {
            return Ok(false);
        }
        let mut unknown = a.open.clone().or_else(|| b.open.clone());
        for (index, &pair) in pairs.iter().enumerate() {
            match compare(self, pair) {
                Ok(true) => (),
                Err(Stop::Unknown(why)) => {
                    unknown.get_or_insert(why);
                }
                decided => {
                    // What is written before this one was looked at before it.
                    let mut earlier: Vec<_> =
                        pairs[index + 1..].iter().filter(|it| written_before(it.0, pair.0)).collect();
                    earlier.sort_by_key(|it| it.0.key.expr);
                    for &pair in earlier {
                        match compare(self, pair) {
                            Ok(true) => (),
                            decided => return decided,
                        }
                    }
                    return decided;
                }
            }
        }
        unknown.map_or(Ok(true), |why| Err(Stop::Unknown(why)))
    }

    /// The `outPath`s by which two derivations are compared.
    pub(crate) fn derivation_paths(&mut self, a: &Attrs, b: &Attrs) -> Eval<Option<(Thunk, Thunk)>> {
        if !(self.is_derivation(a)? && self.is_derivation(b)?) {
            return Ok(None);
        }
        let paths = a.get("outPath").zip(b.get("outPath"));
        Ok(paths.map(|(x, y)| (x.thunk, y.thunk)))
    }

    pub(crate) fn equal_thunks(&mut self, a: Thunk, b: Thunk) -> Eval<bool> {
        let (x, y) = (self.force(a)?, self.force(b)?);
        if a == b {
            return Ok(true);
        }
        self.equal(&x, &y)
    }

    pub(crate) fn is_derivation(&mut self, attrs: &Attrs) -> Eval<bool> {
        match attrs.get("type") {
            Some(attr) => Ok(matches!(self.value(attr.thunk)?, Value::Str(text) if text == "derivation")),
            None => attrs.lacks("type").map(|()| false),
        }
    }
}

/// Whether one attribute is written before another of the same set.
pub(crate) fn written_before(a: Attr, b: Attr) -> bool {
    a.key.is_some() && a.key.item == b.key.item && a.key.expr < b.key.expr
}

/// The element at an index; `None` behind the end. Unknown where uncertain elements come before it.
pub(crate) fn certain_element(list: &List, index: usize) -> Eval<Option<Element>> {
    let before = &list.elements[..list.elements.len().min(index + 1)];
    if before.iter().any(|it| !it.certain) {
        return Err(Stop::unknown(Reason::Stuck("a condition".into())));
    }
    match (list.elements.get(index), &list.open) {
        (Some(element), None) => Ok(Some(*element)),
        (None, None) => Ok(None),
        // Nobody knows where in an open list the unknown elements are.
        (_, Some(why)) => Err(Stop::Unknown(why.clone())),
    }
}
