//! Attribute sets. Source: nix `primops.cc`, section "Sets".

use std::collections::BTreeMap;
use std::rc::Rc;

use den_code::Name;

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Unknown;
use crate::value::{Attr, Attrs, Element, List, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.attrNames", 1, |session, args| attr_names(session, args[0])),
    native!("builtins.attrValues", 1, |session, args| attr_values(session, args[0])),
    native!("builtins.getAttr", 2, |session, args| {
        let name = session.string(args[0])?;
        let attrs = session.attrs(args[1])?;
        let attr = session.member(&attrs, &name)?;
        session.force(attr.thunk)
    }),
    native!("builtins.hasAttr", 2, |session, args| {
        let name = session.string(args[0])?;
        match session.force(args[1])? {
            value @ Value::Symbol(_) => session.has_attr(&value, &name).map(Value::Bool),
            value => {
                let attrs = session.expect_attrs(value)?;
                session.has_attr(&Value::Attrs(attrs), &name).map(Value::Bool)
            }
        }
    }),
    native!("builtins.removeAttrs", 2, |session, args| remove_attrs(session, args[0], args[1])),
    native!("builtins.listToAttrs", 1, |session, args| list_to_attrs(session, args[0])),
    native!("builtins.intersectAttrs", 2, |session, args| {
        let left = session.attrs(args[0])?;
        let right = session.attrs(args[1])?;
        Ok(Value::Attrs(Rc::new(intersect(&left, &right))))
    }),
    native!("builtins.catAttrs", 2, |session, args| cat_attrs(session, args[0], args[1])),
    native!("builtins.mapAttrs", 2, |session, args| map_attrs(session, args[0], args[1])),
    native!("builtins.zipAttrsWith", 2, |session, args| zip_attrs_with(session, args[0], args[1])),
    native!("builtins.unsafeGetAttrPos", 2, |session, args| attr_pos(session, args[0], args[1])),
];

fn attr_names(session: &mut Session<'_>, attrs: Thunk) -> Eval<Value> {
    let attrs = session.attrs(attrs)?;
    let names = attrs.iter().map(|(name, attr)| Element {
        thunk: session.done(Value::Str(name.clone())),
        pos: attr.key,
        certain: true,
    });
    let elements = names.collect();
    Ok(Value::List(Rc::new(List { elements, open: attrs.open.clone() })))
}

fn attr_values(session: &mut Session<'_>, attrs: Thunk) -> Eval<Value> {
    let attrs = session.attrs(attrs)?;
    let values = attrs.iter().map(|(_, attr)| Element { thunk: attr.thunk, pos: attr.value, certain: true });
    let elements = values.collect();
    Ok(Value::List(Rc::new(List { elements, open: attrs.open.clone() })))
}

fn remove_attrs(session: &mut Session<'_>, attrs: Thunk, names: Thunk) -> Eval<Value> {
    let attrs = session.attrs(attrs)?;
    let names = session.list_partial(names)?;
    let mut removed: Vec<Name> = Vec::with_capacity(names.elements.len());
    let mut open = attrs.open.clone();
    let mut all = names.open.is_none();
    for element in &names.elements {
        match session.string(element.thunk) {
            Ok(name) => {
                if !element.certain && attrs.get(&name).is_some() {
                    open.get_or_insert_with(|| Unknown::new(crate::Reason::Stuck("a condition".into()), element.pos));
                }
                removed.push(name);
            }
            Err(Stop::Unknown(why)) => {
                all = false;
                open.get_or_insert(why);
            }
            Err(error) => return Err(error),
        }
    }
    // A name that nobody knows may be any of them.
    if !all {
        let open = open.or_else(|| names.open.clone());
        return Ok(Value::Attrs(Rc::new(Attrs { open, ..Attrs::default() })));
    }
    removed.sort();
    let kept = attrs.entries.iter().filter(|it| removed.binary_search(&it.0).is_err()).cloned().collect();
    Ok(Value::Attrs(Rc::new(Attrs { open, ..Attrs::from_sorted(kept) })))
}

/// One `{ name = …; value = …; }`.
fn pair_name(session: &mut Session<'_>, pair: Thunk) -> Eval<(Rc<Attrs>, Name)> {
    let pair = session.attrs(pair)?;
    let name = session.member(&pair, "name")?;
    let name = session.string(name.thunk)?;
    Ok((pair, name))
}

fn list_to_attrs(session: &mut Session<'_>, list: Thunk) -> Eval<Value> {
    let list = session.list_partial(list)?;
    let mut entries: BTreeMap<Name, Attr> = BTreeMap::new();
    // Names that an element may or may not define before the certain one does.
    let mut doubtful: BTreeMap<Name, Vec<Thunk>> = BTreeMap::new();
    let mut open = list.open.clone();
    for element in &list.elements {
        let (pair, name) = match pair_name(session, element.thunk) {
            Ok(pair) => pair,
            Err(Stop::Unknown(why)) => {
                open.get_or_insert(why);
                continue;
            }
            Err(_) if !element.certain => continue,
            Err(error) => return Err(error),
        };
        if entries.contains_key(&name) {
            continue;
        }
        let value = match session.member(&pair, "value") {
            Err(_) if !element.certain => continue,
            other => other?,
        };
        let attr = Attr { thunk: value.thunk, key: value.key, value: value.value };
        if !element.certain {
            let why = || Unknown::new(crate::Reason::Stuck("a condition".into()), element.pos);
            open.get_or_insert_with(why);
            doubtful.entry(name).or_default().push(value.thunk);
        } else if let Some(others) = doubtful.get(&name) {
            let mut candidates = others.clone();
            candidates.push(value.thunk);
            let why = Unknown { reason: crate::Reason::Stuck("a condition".into()), pos: element.pos, candidates };
            entries.insert(name, Attr { thunk: session.failed(Stop::Unknown(Rc::new(why))), ..attr });
        } else {
            entries.insert(name, attr);
        }
    }
    let mut entries: Vec<(Name, Attr)> = entries.into_iter().collect();
    if let Some(why) = &list.open {
        // Somewhere in front of each of them the list may hold another value for the same name.
        for (_, attr) in &mut entries {
            let why = Unknown { candidates: vec![attr.thunk], ..(**why).clone() };
            attr.thunk = session.failed(Stop::Unknown(Rc::new(why)));
        }
    }
    Ok(Value::Attrs(Rc::new(Attrs { open, ..Attrs::from_sorted(entries) })))
}

/// The attributes of `right` whose names `left` has.
fn intersect(left: &Attrs, right: &Attrs) -> Attrs {
    let kept = right.entries.iter().filter(|it| left.get(&it.0).is_some()).cloned().collect();
    // What one set is known to have the other may have too, without our knowing.
    let doubt = |known: &Attrs, other: &Attrs| {
        let missing = known.iter().filter(|it| other.get(it.0).is_none());
        missing.map(|it| it.0).any(|name| other.lacks(name).is_err())
    };
    let open = match (&left.open, &right.open) {
        (Some(why), Some(_)) => Some(why),
        (Some(why), None) if doubt(right, left) => Some(why),
        (None, Some(why)) if doubt(left, right) => Some(why),
        _ => None,
    };
    Attrs { open: open.cloned(), ..Attrs::from_sorted(kept) }
}

fn cat_attrs(session: &mut Session<'_>, name: Thunk, list: Thunk) -> Eval<Value> {
    let name = session.string(name)?;
    let list = session.list_partial(list)?;
    let mut found = List { open: list.open.clone(), ..List::default() };
    for element in &list.elements {
        match session.attrs(element.thunk) {
            Ok(attrs) => match (attrs.get(&name), attrs.lacks(&name)) {
                (Some(attr), _) => {
                    found.elements.push(Element { thunk: attr.thunk, pos: attr.value, certain: element.certain });
                }
                (None, Err(Stop::Unknown(why))) => {
                    found.open.get_or_insert(why);
                }
                (None, _) => (),
            },
            Err(Stop::Unknown(why)) => {
                found.open.get_or_insert(why);
            }
            Err(_) if !element.certain => (),
            Err(error) => return Err(error),
        }
    }
    Ok(Value::List(Rc::new(found)))
}

/// Nix forgets where the attributes are written; where their values are is of use to editors.
fn map_attrs(session: &mut Session<'_>, func: Thunk, attrs: Thunk) -> Eval<Value> {
    let attrs = session.attrs(attrs)?;
    let mapped = attrs.iter().map(|(name, attr)| {
        let key = session.done(Value::Str(name.clone()));
        let thunk = session.apply(func, [key, attr.thunk]);
        (name.clone(), Attr { thunk, key: Pos::NONE, value: attr.value })
    });
    let entries = mapped.collect();
    Ok(Value::Attrs(Rc::new(Attrs { open: attrs.open.clone(), ..Attrs::from_sorted(entries) })))
}

fn zip_attrs_with(session: &mut Session<'_>, func: Thunk, list: Thunk) -> Eval<Value> {
    session.function(func)?;
    let list = session.list(list)?;
    let mut values: BTreeMap<Name, Vec<Element>> = BTreeMap::new();
    for element in &list.elements {
        let attrs = session.attrs(element.thunk)?;
        attrs.closed()?;
        for (name, attr) in attrs.iter() {
            let element = Element { thunk: attr.thunk, pos: attr.value, certain: true };
            values.entry(name.clone()).or_default().push(element);
        }
    }
    let entries = values.into_iter().map(|(name, elements)| {
        let key = session.done(Value::Str(name.clone()));
        let list = session.done(Value::List(Rc::new(List { elements, open: None })));
        (name, Attr::unplaced(session.apply(func, [key, list])))
    });
    Ok(Value::Attrs(Rc::new(Attrs::from_sorted(entries.collect()))))
}

fn attr_pos(session: &mut Session<'_>, name: Thunk, attrs: Thunk) -> Eval<Value> {
    let name = session.string(name)?;
    let attrs = session.attrs(attrs)?;
    let Some(attr) = attrs.get(&name) else { return attrs.lacks(&name).map(|()| Value::Null) };
    let Some(site) = session.attr_site(attr.key) else { return Ok(Value::Null) };
    let Some((line, column)) = session.world().line_col(site) else {
        return Err(Stop::unknown(crate::Reason::Impure("builtins.unsafeGetAttrPos".into())));
    };
    let file = session.world().path(site.file);
    Ok(session.position_value(file, line, column))
}

impl Session<'_> {
    /// An attribute that a function of Nix needs.
    pub(crate) fn member(&mut self, attrs: &Attrs, name: &str) -> Eval<Attr> {
        match attrs.get(name) {
            Some(attr) => Ok(attr),
            None => {
                attrs.lacks(name)?;
                Err(Stop::error(ErrorKind::MissingAttribute, format!("attribute '{name}' missing")))
            }
        }
    }
}
