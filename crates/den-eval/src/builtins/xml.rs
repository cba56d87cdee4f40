//! XML. Source: nix `value-to-xml.cc` and `xml-writer.cc`.

use std::rc::Rc;

use den_code::{Expr, Name, Param};

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::value::{Attrs, Closure, Thunk, Value};
use crate::{Eval, float_text};

pub(super) const TABLE: &[NativeEntry] = &[native!("builtins.toXML", 1, |session, args| {
    let mut writer = Writer { out: "<?xml version='1.0' encoding='utf-8'?>\n<expr>\n".to_owned(), ..Writer::default() };
    writer.depth = 1;
    writer.thunk(session, args[0])?;
    writer.out.push_str("</expr>\n");
    session.string_value(writer.out)
})];

#[derive(Default)]
struct Writer {
    out: String,
    depth: usize,
    /// Derivations that were written before.
    seen: Vec<Name>,
}

impl Writer {
    fn thunk(&mut self, session: &mut Session<'_>, thunk: Thunk) -> Eval<()> {
        let value = session.value(thunk)?;
        session.nested(|session| self.value(session, value))
    }

    fn value(&mut self, session: &mut Session<'_>, value: Value) -> Eval<()> {
        session.step()?;
        match &value {
            Value::Null => self.empty("null", &[]),
            Value::Bool(it) => self.empty("bool", &[("value", if *it { "true" } else { "false" })]),
            Value::Int(it) => self.empty("int", &[("value", &it.to_string())]),
            Value::Float(it) => self.empty("float", &[("value", &float_text(*it))]),
            Value::Str(text) => self.empty("string", &[("value", text)]),
            Value::Path(path) => self.empty("path", &[("value", path)]),
            Value::List(list) => {
                let whole = session.done(value.clone());
                session.list(whole)?;
                self.open("list", &[]);
                for element in &list.elements {
                    self.thunk(session, element.thunk)?;
                }
                self.close("list");
            }
            Value::Attrs(attrs) if session.is_derivation(attrs)? => self.derivation(session, attrs)?,
            Value::Attrs(attrs) => {
                self.open("attrs", &[]);
                self.attrs(session, attrs)?;
                self.close("attrs");
            }
            Value::Lambda(closure) => self.function(session, closure),
            Value::Native(_) => self.empty("unevaluated", &[]),
            Value::Symbol(symbol) => return Err(session.stuck(symbol)),
        }
        Ok(())
    }

    fn attrs(&mut self, session: &mut Session<'_>, attrs: &Rc<Attrs>) -> Eval<()> {
        attrs.closed()?;
        for (name, attr) in attrs.iter() {
            self.open("attr", &[("name", name)]);
            self.thunk(session, attr.thunk)?;
            self.close("attr");
        }
        Ok(())
    }

    fn derivation(&mut self, session: &mut Session<'_>, attrs: &Rc<Attrs>) -> Eval<()> {
        let mut paths: Vec<(&str, Name)> = Vec::new();
        for name in ["drvPath", "outPath"] {
            if let Some(attr) = attrs.get(name)
                && let Value::Str(path) = session.value(attr.thunk)?
            {
                paths.push((name, path));
            }
        }
        let shown: Vec<(&str, &str)> = paths.iter().map(|(name, path)| (*name, path.as_str())).collect();
        self.open("derivation", &shown);
        match paths.first() {
            Some(("drvPath", path)) if !path.is_empty() && !self.seen.contains(path) => {
                self.seen.push(path.clone());
                self.attrs(session, attrs)?;
            }
            _ => self.empty("repeated", &[]),
        }
        self.close("derivation");
        Ok(())
    }

    fn function(&mut self, session: &mut Session<'_>, closure: &Closure) {
        self.open("function", &[]);
        if let Some(code) = session.code_of(closure.pos)
            && let Expr::Lambda { param, .. } = code.expr(closure.pos.expr)
        {
            match &**param {
                Param::Ident(name, _) => self.empty("varpat", &[("name", name)]),
                Param::Pattern { formals, ellipsis, bind, .. } => {
                    let ellipsis = ellipsis.then_some(("ellipsis", "1"));
                    let bind = bind.as_ref().map(|it| ("name", it.0.as_str()));
                    self.open("attrspat", &ellipsis.into_iter().chain(bind).collect::<Vec<_>>());
                    let mut names: Vec<&Name> = formals.iter().map(|it| &it.name).collect();
                    names.sort();
                    names.into_iter().for_each(|it| self.empty("attr", &[("name", it)]));
                    self.close("attrspat");
                }
            }
        }
        self.close("function");
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, ">\n");
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.indent();
        self.out.push_str(&format!("</{name}>\n"));
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, " />\n");
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        self.indent();
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push_str(&format!(" {key}=\""));
            for c in value.chars() {
                match c {
                    '"' => self.out.push_str("&quot;"),
                    '<' => self.out.push_str("&lt;"),
                    '>' => self.out.push_str("&gt;"),
                    '&' => self.out.push_str("&amp;"),
                    '\n' => self.out.push_str("&#xA;"),
                    c => self.out.push(c),
                }
            }
            self.out.push('"');
        }
        self.out.push_str(end);
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }
}
