//! Lists. Source: nix `primops.cc`, section "Lists". Sorting is in `sorting.rs`.

use std::collections::BTreeMap;
use std::rc::Rc;

use den_code::Name;

use crate::budget::MAX_ELEMENTS;
use crate::compare::certain_element;
use crate::merge::Operand;
use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Attr, Attrs, Element, List, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.length", 1, |session, args| Ok(Value::Int(session.list(args[0])?.elements.len() as i64))),
    native!("builtins.elemAt", 2, |session, args| elem_at(session, args[0], args[1])),
    native!("builtins.head", 1, |session, args| {
        let list = session.list_partial(args[0])?;
        match certain_element(&list, 0)? {
            Some(element) => session.force(element.thunk),
            None => Err(bad_argument("'builtins.head' called on an empty list")),
        }
    }),
    native!("builtins.tail", 1, |session, args| {
        let list = session.list_partial(args[0])?;
        match certain_element(&list, 0)? {
            Some(_) => {
                let elements = list.elements.iter().skip(1).copied().collect();
                Ok(Value::List(Rc::new(List { elements, open: list.open.clone() })))
            }
            None => Err(bad_argument("'builtins.tail' called on an empty list")),
        }
    }),
    native!("builtins.map", 2, |session, args| map(session, args[0], args[1])),
    native!("builtins.filter", 2, |session, args| filter(session, args[0], args[1])),
    native!("builtins.elem", 2, |session, args| elem(session, args[0], args[1])),
    native!("builtins.concatLists", 1, |session, args| concat_lists(session, args[0])),
    native!("builtins.concatMap", 2, |session, args| concat_map(session, args[0], args[1])),
    native!("builtins.foldl'", 3, |session, args| fold(session, args[0], args[1], args[2])),
    native!("builtins.any", 2, |session, args| any_or_all(session, args[0], args[1], true)),
    native!("builtins.all", 2, |session, args| any_or_all(session, args[0], args[1], false)),
    native!("builtins.genList", 2, |session, args| gen_list(session, args[0], args[1])),
    native!("builtins.partition", 2, |session, args| partition(session, args[0], args[1])),
    native!("builtins.groupBy", 2, |session, args| group_by(session, args[0], args[1])),
];

pub(super) fn bad_argument(message: impl Into<String>) -> Stop {
    Stop::error(ErrorKind::BadArgument, message)
}

fn list_value(elements: Vec<Element>) -> Value {
    Value::List(Rc::new(List { elements, open: None }))
}

fn elem_at(session: &mut Session<'_>, list: Thunk, index: Thunk) -> Eval<Value> {
    let index = session.int(index)?;
    let list = session.list_partial(list)?;
    let at = usize::try_from(index).unwrap_or(usize::MAX);
    let found = if at == usize::MAX { None } else { certain_element(&list, at)? };
    match found {
        Some(element) => session.force(element.thunk),
        None => {
            let whole = session.done(Value::List(list));
            let size = session.list(whole)?.elements.len();
            let message = format!("'builtins.elemAt' called with index {index} on a list of size {size}");
            Err(bad_argument(message))
        }
    }
}

/// An empty list is given back before anybody looks at the function.
fn is_empty(list: &List) -> bool {
    list.elements.is_empty() && list.open.is_none()
}

fn map(session: &mut Session<'_>, func: Thunk, list: Thunk) -> Eval<Value> {
    let list = session.list_partial(list)?;
    if is_empty(&list) {
        return Ok(Value::List(list));
    }
    session.function(func)?;
    let mapped = list.elements.iter().map(|it| Element { thunk: session.apply(func, [it.thunk]), ..*it });
    let elements = mapped.collect();
    Ok(Value::List(Rc::new(List { elements, open: list.open.clone() })))
}

/// What a predicate says of an element: `None` if that is not known, or if it fails for an element
/// that may not be there.
fn test(session: &mut Session<'_>, predicate: &Value, element: &Element) -> Eval<Option<bool>> {
    let answer = session.call(predicate.clone(), &[element.thunk]).and_then(|it| session.expect_bool(it));
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Stop::Unknown(_)) => Ok(None),
        Err(_) if !element.certain => Ok(None),
        Err(error) => Err(error),
    }
}

fn filter(session: &mut Session<'_>, predicate: Thunk, list: Thunk) -> Eval<Value> {
    let list = session.list_partial(list)?;
    if is_empty(&list) {
        return Ok(Value::List(list));
    }
    let predicate = session.function(predicate)?;
    let mut kept = List { open: list.open.clone(), ..List::default() };
    for element in &list.elements {
        match test(session, &predicate, element)? {
            Some(true) => kept.elements.push(*element),
            Some(false) => (),
            None => kept.elements.push(Element { certain: false, ..*element }),
        }
    }
    Ok(Value::List(Rc::new(kept)))
}

fn elem(session: &mut Session<'_>, wanted: Thunk, list: Thunk) -> Eval<Value> {
    let list = session.list_partial(list)?;
    let mut unknown = list.open.clone().map(Stop::Unknown);
    for element in &list.elements {
        match session.equal_thunks(wanted, element.thunk) {
            Ok(true) if element.certain => return Ok(Value::Bool(true)),
            Ok(false) => (),
            Err(error @ Stop::Error(_)) if element.certain => return Err(error),
            Err(why @ Stop::Unknown(_)) => unknown = unknown.or(Some(why)),
            _ => unknown = unknown.or(Some(Stop::unknown(Reason::Stuck("a condition".into())))),
        }
    }
    unknown.map_or(Ok(Value::Bool(false)), Err)
}

/// The list of an element of `concatLists`, or what is known of it.
fn operand(session: &mut Session<'_>, value: Eval<Value>, certain: bool) -> Eval<Operand> {
    match value.and_then(|it| session.resolve(it)) {
        Ok(Value::List(list)) if certain => Ok(Operand::List(list)),
        Ok(Value::List(list)) => {
            let elements = list.elements.iter().map(|it| Element { certain: false, ..*it }).collect();
            Ok(Operand::List(Rc::new(List { elements, open: list.open.clone() })))
        }
        Ok(other) => Err(session.expected("a list", &other)),
        Err(Stop::Unknown(why)) => Ok(Operand::Unknown(why)),
        Err(error) => Err(error),
    }
}

fn concat_lists(session: &mut Session<'_>, lists: Thunk) -> Eval<Value> {
    let lists = session.list_partial(lists)?;
    let mut operands = Vec::with_capacity(lists.elements.len());
    for element in &lists.elements {
        let value = session.force(element.thunk);
        match operand(session, value, element.certain) {
            Err(Stop::Error(_)) if !element.certain => (),
            other => operands.push(other?),
        }
    }
    operands.extend(lists.open.clone().map(Operand::Unknown));
    session.concat_operands(operands).into_value()
}

fn concat_map(session: &mut Session<'_>, func: Thunk, list: Thunk) -> Eval<Value> {
    let func = session.function(func)?;
    let list = session.list_partial(list)?;
    let mut operands = Vec::with_capacity(list.elements.len());
    for element in &list.elements {
        let value = session.call(func.clone(), &[element.thunk]);
        match operand(session, value, element.certain) {
            Err(Stop::Error(_)) if !element.certain => (),
            other => operands.push(other?),
        }
    }
    operands.extend(list.open.clone().map(Operand::Unknown));
    session.concat_operands(operands).into_value()
}

fn fold(session: &mut Session<'_>, func: Thunk, start: Thunk, list: Thunk) -> Eval<Value> {
    let func = session.function(func)?;
    let list = session.list(list)?;
    let mut result = start;
    for element in &list.elements {
        let value = session.call(func.clone(), &[result, element.thunk])?;
        result = session.kept(value)?;
    }
    session.force(result)
}

fn any_or_all(session: &mut Session<'_>, predicate: Thunk, list: Thunk, decisive: bool) -> Eval<Value> {
    let predicate = session.function(predicate)?;
    let list = session.list_partial(list)?;
    let mut unknown = list.open.clone().map(Stop::Unknown);
    for element in &list.elements {
        match test(session, &predicate, element)? {
            Some(answer) if answer != decisive => (),
            Some(_) if element.certain => return Ok(Value::Bool(decisive)),
            _ => unknown = unknown.or(Some(Stop::unknown(Reason::Stuck("a condition".into())))),
        }
    }
    unknown.map_or(Ok(Value::Bool(!decisive)), Err)
}

fn gen_list(session: &mut Session<'_>, func: Thunk, length: Thunk) -> Eval<Value> {
    let length = session.int(length)?;
    let Ok(count) = usize::try_from(length) else {
        return Err(bad_argument(format!("cannot create list of size {length}")));
    };
    session.function(func)?;
    if count > MAX_ELEMENTS {
        return Err(Stop::unknown(Reason::Budget("list length")));
    }
    let elements = (0..count).map(|index| {
        let index = session.done(Value::Int(index as i64));
        Element { thunk: session.apply(func, [index]), pos: Pos::NONE, certain: true }
    });
    Ok(list_value(elements.collect()))
}

fn partition(session: &mut Session<'_>, predicate: Thunk, list: Thunk) -> Eval<Value> {
    let predicate = session.function(predicate)?;
    let list = session.list_partial(list)?;
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for element in &list.elements {
        // Stricter than `filter`: the element itself is looked at.
        match session.force(element.thunk) {
            Err(error @ Stop::Error(_)) if element.certain => return Err(error),
            _ => (),
        }
        match test(session, &predicate, element)? {
            Some(true) => right.push(*element),
            Some(false) => wrong.push(*element),
            None => {
                right.push(Element { certain: false, ..*element });
                wrong.push(Element { certain: false, ..*element });
            }
        }
    }
    let part = |elements| Value::List(Rc::new(List { elements, open: list.open.clone() }));
    let (right, wrong) = (part(right), part(wrong));
    Ok(crate::attrs_of(session, [("right", right), ("wrong", wrong)]))
}

fn group_by(session: &mut Session<'_>, func: Thunk, list: Thunk) -> Eval<Value> {
    let func = session.function(func)?;
    let list = session.list(list)?;
    let mut groups: BTreeMap<Name, Vec<Element>> = BTreeMap::new();
    for element in &list.elements {
        let value = session.call(func.clone(), &[element.thunk])?;
        let name = session.expect_string(value)?;
        groups.entry(name).or_default().push(*element);
    }
    let entries = groups.into_iter().map(|(name, elements)| {
        let group = session.done(list_value(elements));
        (name, Attr::unplaced(group))
    });
    Ok(Value::Attrs(Rc::new(Attrs::from_sorted(entries.collect()))))
}
