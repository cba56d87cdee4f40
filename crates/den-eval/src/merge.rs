//! `++` and `//`, and what they make of unknown operands.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use den_code::{BinaryOp, Code, Name};

use crate::budget::MAX_ELEMENTS;
use crate::env::Env;
use crate::session::Session;
use crate::unknown::{Reason, Unknown};
use crate::value::{Attr, Attrs, Element, List, Pos, Value};
use crate::{Eval, Stop};

/// An operand of `++` or `//`: the other one is useful even if this one is unknown.
pub(crate) enum Operand {
    List(Rc<List>),
    Attrs(Rc<Attrs>),
    Unknown(Rc<Unknown>),
}

impl Operand {
    pub(crate) fn into_value(self) -> Eval<Value> {
        match self {
            Operand::List(list) => Ok(Value::List(list)),
            Operand::Attrs(attrs) => Ok(Value::Attrs(attrs)),
            Operand::Unknown(why) => Err(Stop::Unknown(why)),
        }
    }

    fn is_closed_set(&self) -> bool {
        matches!(self, Operand::Attrs(attrs) if attrs.is_closed())
    }
}

impl Session<'_> {
    /// The operands of a chain of one of the two operators. Nix checks a set before it looks at the
    /// next operand, but a list only after it has evaluated all of them, and the last two first.
    pub(crate) fn eval_operands(
        &mut self,
        code: &Arc<Code>,
        op: BinaryOp,
        places: &[Pos],
        env: &Rc<Env>,
    ) -> Eval<Vec<Operand>> {
        let mut operands = Vec::with_capacity(places.len());
        let mut wrong: Vec<(usize, Value)> = Vec::new();
        for (index, &pos) in places.iter().enumerate() {
            let value = self.eval_in(code, pos, env).and_then(|it| self.resolve(it));
            operands.push(match (op, value) {
                (BinaryOp::Concat, Ok(Value::List(list))) => Operand::List(list),
                (BinaryOp::Update, Ok(Value::Attrs(attrs))) => Operand::Attrs(attrs),
                (BinaryOp::Concat, Ok(other)) => {
                    wrong.push((index, other));
                    Operand::List(Rc::default())
                }
                (_, Ok(other)) => return Err(self.expected("a set", &other).at(pos)),
                (_, Err(Stop::Unknown(why))) => Operand::Unknown(why),
                (_, Err(error)) => return Err(error),
            });
        }
        let last_pair = places.len().saturating_sub(2);
        let first_checked = wrong.iter().position(|it| it.0 >= last_pair).or(wrong.len().checked_sub(1));
        match first_checked {
            Some(at) => {
                let (index, other) = &wrong[at];
                Err(self.expected("a list", other).at(places[*index]))
            }
            None => Ok(operands),
        }
    }

    /// `a ++ b ++ …`
    pub(crate) fn concat_operands(&mut self, operands: Vec<Operand>) -> Operand {
        let useful = |it: &Operand| match it {
            Operand::Unknown(why) => !why.candidates.is_empty(),
            _ => true,
        };
        let filled = |it: &&Operand| !matches!(it, Operand::List(list) if list.elements.is_empty() && list.is_exact());
        // Empty lists add nothing: the other one is the result as it is, without a copy.
        if operands.iter().filter(filled).count() <= 1 || !operands.iter().any(useful) {
            let at = operands.iter().position(|it| filled(&it)).unwrap_or(0);
            return operands.into_iter().nth(at).unwrap_or(Operand::List(Rc::default()));
        }
        let mut all = List::default();
        for operand in operands {
            self.append_operand(&mut all, operand);
            if all.elements.len() > MAX_ELEMENTS {
                return Operand::Unknown(Unknown::new(Reason::Budget("list length"), Pos::NONE));
            }
        }
        Operand::List(Rc::new(all))
    }

    /// Adds the elements of an operand; those of a list that may or may not be there are uncertain.
    fn append_operand(&mut self, all: &mut List, operand: Operand) {
        match operand {
            Operand::List(list) => self.append_list(all, &list),
            Operand::Unknown(why) => self.append_candidates(all, &why),
            Operand::Attrs(_) => (),
        }
    }

    /// Appends a list that is certain to be there.
    pub(crate) fn append_list(&mut self, all: &mut List, list: &List) {
        all.elements.extend_from_slice(&list.elements);
        if all.open.is_none() {
            all.open.clone_from(&list.open);
        }
    }

    /// Appends what an unknown list may hold.
    pub(crate) fn append_candidates(&mut self, all: &mut List, why: &Rc<Unknown>) {
        if why.candidates.is_empty() {
            all.open.get_or_insert_with(|| why.clone());
        }
        for &candidate in &why.candidates {
            match self.value(candidate) {
                Ok(Value::List(list)) => {
                    all.elements.extend(list.elements.iter().map(|it| Element { certain: false, ..*it }));
                    if all.open.is_none() {
                        all.open.clone_from(&list.open);
                    }
                }
                Err(Stop::Unknown(inner)) => self.append_candidates(all, &inner),
                // Not a list: this candidate would be an error, so it is not the value.
                Ok(_) | Err(Stop::Error(_)) => (),
            }
        }
    }

    /// `a // b // …`
    pub(crate) fn update_operands(&mut self, operands: Vec<Operand>) -> Operand {
        if operands.len() > 2 && operands.iter().all(Operand::is_closed_set) {
            return Operand::Attrs(update_all(&operands));
        }
        let mut operands = operands.into_iter().rev();
        let Some(last) = operands.next() else { return Operand::Attrs(Rc::default()) };
        operands.fold(last, |right, left| self.update_pair(left, right))
    }

    fn update_pair(&mut self, left: Operand, right: Operand) -> Operand {
        match (left, right) {
            (Operand::Attrs(left), Operand::Attrs(right)) => Operand::Attrs(self.update(&left, &right)),
            // Anything on the left may be replaced: it stays as a candidate.
            (Operand::Attrs(left), Operand::Unknown(why)) => {
                let entries = left.entries.clone();
                let entries = entries.into_iter().map(|(name, attr)| (name, self.uncertain(attr, &why))).collect();
                Operand::Attrs(Rc::new(Attrs { open: Some(why), ..Attrs::from_sorted(entries) }))
            }
            (Operand::Unknown(why), Operand::Attrs(right)) => {
                let open = Some(why);
                Operand::Attrs(Rc::new(Attrs { open, ..Attrs::from_sorted(right.entries.clone()) }))
            }
            (left, _) => left,
        }
    }

    /// `left // right`
    pub fn update(&mut self, left: &Rc<Attrs>, right: &Rc<Attrs>) -> Rc<Attrs> {
        if right.is_empty() && right.is_closed() {
            return left.clone();
        }
        if left.is_empty() && left.is_closed() {
            return right.clone();
        }
        let mut entries: Vec<(Name, Attr)> = Vec::with_capacity(left.len() + right.len());
        let (mut a, mut b) = (left.entries.iter().peekable(), right.entries.iter().peekable());
        loop {
            let order = match (a.peek(), b.peek()) {
                (Some(x), Some(y)) => x.0.cmp(&y.0),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            if order == Ordering::Equal {
                a.next();
            }
            let side = if order == Ordering::Less { &mut a } else { &mut b };
            let Some((name, attr)) = side.next().cloned() else { break };
            let kept = match (&right.open, order) {
                (Some(why), Ordering::Less) => self.uncertain(attr, why),
                _ => attr,
            };
            entries.push((name, kept));
        }
        let open = left.open.clone().or_else(|| right.open.clone());
        Rc::new(Attrs { open, ..Attrs::from_sorted(entries) })
    }

    /// An attribute that may be another one.
    fn uncertain(&mut self, attr: Attr, why: &Rc<Unknown>) -> Attr {
        let why = Unknown { candidates: vec![attr.thunk], ..(**why).clone() };
        Attr { thunk: self.failed(Stop::Unknown(Rc::new(why))), ..attr }
    }
}

/// Many sets at once: one pair after the other would copy the growing result again and again.
fn update_all(operands: &[Operand]) -> Rc<Attrs> {
    let sets = operands.iter().filter_map(|it| match it {
        Operand::Attrs(attrs) => Some(attrs),
        _ => None,
    });
    let mut filled = sets.clone().filter(|it| !it.is_empty());
    if let (Some(only), None) = (filled.next(), filled.next()) {
        return only.clone();
    }
    // The last definition of a name comes first, and the first of equal names is kept.
    let entries = sets.rev().flat_map(|it| it.entries.iter().cloned()).collect();
    Rc::new(Attrs::from_entries(entries))
}
