//! `builtins.sort` and `builtins.genericClosure`: what depends on comparing values.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::Eval;
use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::value::{Element, List, Thunk, Value};

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.sort", 2, |session, args| sort(session, args[0], args[1])),
    native!("builtins.genericClosure", 1, |session, args| generic_closure(session, args[0])),
    native!("builtins.lessThan", 2, |session, args| {
        let left = session.value(args[0])?;
        let right = session.value(args[1])?;
        session.less(&left, &right).map(Value::Bool)
    }),
];

fn sort(session: &mut Session<'_>, comparator: Thunk, list: Thunk) -> Eval<Value> {
    let list = session.list(list)?;
    if list.elements.is_empty() {
        return Ok(Value::List(list));
    }
    let comparator = session.function(comparator)?;
    for element in &list.elements {
        session.force(element.thunk)?;
    }
    let plain = matches!(&comparator, Value::Native(it) if it.func.name == "builtins.lessThan" && it.args.is_empty());
    let mut less = |a: &Element, b: &Element| {
        if plain {
            let (a, b) = (session.value(a.thunk)?, session.value(b.thunk)?);
            return session.less(&a, &b);
        }
        let answer = session.call(comparator.clone(), &[a.thunk, b.thunk])?;
        session.expect_bool(answer)
    };
    let mut elements = list.elements.clone();
    StableSort { less: &mut less }.sort(&mut elements)?;
    Ok(Value::List(Rc::new(List { elements, open: None })))
}

/// The comparisons of libstdc++'s `std::stable_sort`, one by one: people sort by functions that are
/// no orders (`a: b: true`), and then the algorithm decides what comes out.
struct StableSort<'a, T> {
    less: &'a mut dyn FnMut(&T, &T) -> Eval<bool>,
}

/// Length of the runs that are sorted by insertion.
const CHUNK: usize = 7;

impl<T: Copy> StableSort<'_, T> {
    /// Sorts both halves, the first one element longer if need be, and merges them.
    fn sort(&mut self, items: &mut [T]) -> Eval<()> {
        let middle = items.len().div_ceil(2);
        let (left, right) = items.split_at_mut(middle);
        self.merge_sort(left)?;
        self.merge_sort(right)?;
        let merged = match left.len() <= right.len() {
            true => self.merge(left, right)?,
            false => self.merge_from_the_end(left, right)?,
        };
        items.copy_from_slice(&merged);
        Ok(())
    }

    fn merge_sort(&mut self, items: &mut [T]) -> Eval<()> {
        for chunk in items.chunks_mut(CHUNK) {
            self.insertion_sort(chunk)?;
        }
        let mut step = CHUNK;
        // Each round goes to the buffer and back.
        while step < items.len() {
            for _ in 0..2 {
                let mut merged = Vec::with_capacity(items.len());
                for pair in items.chunks(2 * step) {
                    let (left, right) = pair.split_at(step.min(pair.len()));
                    merged.extend(self.merge(left, right)?);
                }
                items.copy_from_slice(&merged);
                step *= 2;
            }
        }
        Ok(())
    }

    fn insertion_sort(&mut self, items: &mut [T]) -> Eval<()> {
        for index in 1..items.len() {
            let item = items[index];
            let mut at = index;
            if (self.less)(&item, &items[0])? {
                at = 0;
            } else {
                // The first one is known not to be greater, so that the search ends there.
                while at > 0 && (self.less)(&item, &items[at - 1])? {
                    at -= 1;
                }
            }
            items.copy_within(at..index, at + 1);
            items[at] = item;
        }
        Ok(())
    }

    fn merge(&mut self, left: &[T], right: &[T]) -> Eval<Vec<T>> {
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut i, mut j) = (0, 0);
        while i < left.len() && j < right.len() {
            if (self.less)(&right[j], &left[i])? {
                merged.push(right[j]);
                j += 1;
            } else {
                merged.push(left[i]);
                i += 1;
            }
        }
        merged.extend_from_slice(&left[i..]);
        merged.extend_from_slice(&right[j..]);
        Ok(merged)
    }

    fn merge_from_the_end(&mut self, left: &[T], right: &[T]) -> Eval<Vec<T>> {
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut i, mut j) = (left.len(), right.len());
        while i > 0 && j > 0 {
            if (self.less)(&right[j - 1], &left[i - 1])? {
                i -= 1;
                merged.push(left[i]);
            } else {
                j -= 1;
                merged.push(right[j]);
            }
        }
        merged.extend(left[..i].iter().rev());
        merged.extend(right[..j].iter().rev());
        merged.reverse();
        Ok(merged)
    }
}

/// Keys seen so far, in Nix's order; comparing may fail, so that no standard set will do.
#[derive(Default)]
struct Keys {
    sorted: Vec<Thunk>,
}

impl Keys {
    /// Adds a key; `false` if there is an equal one.
    ///
    /// `std::set` descends a tree, so that an error about incomparable keys may name another pair
    /// than this binary search would; that there is one is the same.
    fn insert(&mut self, session: &mut Session<'_>, key: Thunk) -> Eval<bool> {
        let value = session.value(key)?;
        let (mut low, mut high) = (0, self.sorted.len());
        while low < high {
            let middle = (low + high) / 2;
            let other = session.value(self.sorted[middle])?;
            if session.less(&value, &other)? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if let Some(before) = low.checked_sub(1) {
            let other = session.value(self.sorted[before])?;
            if !session.less(&other, &value)? {
                return Ok(false);
            }
        }
        self.sorted.insert(low, key);
        Ok(true)
    }
}

fn generic_closure(session: &mut Session<'_>, argument: Thunk) -> Eval<Value> {
    let argument = session.attrs(argument)?;
    let start = session.member(&argument, "startSet")?;
    let start = session.list(start.thunk)?;
    if start.elements.is_empty() {
        return Ok(Value::List(start));
    }
    let operator = session.member(&argument, "operator")?;
    let operator = session.function(operator.thunk)?;
    let mut work: VecDeque<Element> = start.elements.iter().copied().collect();
    let mut found = Vec::new();
    let mut keys = Keys::default();
    while let Some(element) = work.pop_front() {
        session.step()?;
        let attrs = session.attrs(element.thunk)?;
        let key = session.member(&attrs, "key")?;
        session.force(key.thunk)?;
        if !keys.insert(session, key.thunk)? {
            continue;
        }
        found.push(element);
        let value = session.call(operator.clone(), &[element.thunk])?;
        let next = session.done(value);
        let next = session.list(next)?;
        for element in &next.elements {
            session.force(element.thunk)?;
            work.push_back(*element);
        }
    }
    Ok(Value::List(Rc::new(List { elements: found, open: None })))
}
