//! JSON. Source: nix `json-to-value.cc` and `value-to-json.cc`; writing is in `crate::json`.

use std::rc::Rc;

use den_code::Name;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Attr, Element, List, Pos, Thunk, Value};
use crate::{ErrorKind, Eval, Stop};

pub(super) const TABLE: &[NativeEntry] = &[
    native!("builtins.toJSON", 1, |session, args| {
        let text = session.to_json(args[0], true)?;
        session.string_value(text)
    }),
    native!("builtins.fromJSON", 1, |session, args| {
        let text = session.string(args[0])?;
        from_json(session, &text)
    }),
];

/// What a text in JSON says. The words of an error are ours, its class is Nix's.
pub(crate) fn from_json(session: &mut Session<'_>, text: &str) -> Eval<Value> {
    let mut problem = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Reader { session, problem: &mut problem }.deserialize(&mut reader);
    match read.and_then(|thunk| reader.end().map(|()| thunk)) {
        Ok(thunk) => session.force(thunk),
        Err(error) => Err(problem.unwrap_or_else(|| {
            if error.to_string().starts_with("recursion limit") {
                return Stop::unknown(Reason::Budget("nesting"));
            }
            let message = format!("[json.exception.parse_error.101] parse error: {error}");
            Stop::error(ErrorKind::BadInput, message)
        })),
    }
}

/// Makes values while the text is read.
struct Reader<'s, 'w> {
    session: &'s mut Session<'w>,
    /// Why reading was given up, if not for the text's sake.
    problem: &'s mut Option<Stop>,
}

impl Reader<'_, '_> {
    fn give_up<E: serde::de::Error>(&mut self, stop: Stop) -> E {
        self.problem.get_or_insert(stop);
        E::custom("given up")
    }

    fn done<E>(self, value: Value) -> Result<Thunk, E> {
        Ok(self.session.done(value))
    }
}

fn null_byte(text: &str) -> Option<Stop> {
    text.contains('\0').then(|| {
        let message = "input string cannot be represented as Nix string because it contains null bytes";
        Stop::error(ErrorKind::BadInput, message)
    })
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Thunk;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Thunk, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Thunk;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Thunk, E> {
        self.done(Value::Null)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Thunk, E> {
        self.done(Value::Bool(it))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Thunk, E> {
        self.done(Value::Int(it))
    }

    fn visit_u64<E: serde::de::Error>(mut self, it: u64) -> Result<Thunk, E> {
        match i64::try_from(it) {
            Ok(it) => self.done(Value::Int(it)),
            Err(_) => {
                let message = format!("unsigned json number {it} outside of Nix integer range");
                Err(self.give_up(Stop::error(ErrorKind::BadInput, message)))
            }
        }
    }

    fn visit_f64<E: serde::de::Error>(mut self, it: f64) -> Result<Thunk, E> {
        if it == 0.0 && it.is_sign_negative() {
            // `-0` is an integer for Nix and `-0.0` is not; they look alike from here.
            return Err(self.give_up(Stop::unknown(Reason::Unsupported("a negative zero".into()))));
        }
        self.done(Value::Float(it))
    }

    fn visit_str<E: serde::de::Error>(mut self, it: &str) -> Result<Thunk, E> {
        match null_byte(it) {
            Some(stop) => Err(self.give_up(stop)),
            None => self.done(Value::str(it)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Thunk, A::Error> {
        let mut elements = Vec::new();
        let Reader { session, problem } = self;
        while let Some(thunk) = access.next_element_seed(Reader { session, problem })? {
            elements.push(Element { thunk, pos: Pos::NONE, certain: true });
        }
        Ok(session.done(Value::List(Rc::new(List { elements, open: None }))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Thunk, A::Error> {
        let mut entries: Vec<(Name, Attr)> = Vec::new();
        let Reader { session, problem } = self;
        while let Some(key) = access.next_key::<String>()? {
            if let Some(stop) = null_byte(&key) {
                problem.get_or_insert(stop);
                return Err(A::Error::custom("given up"));
            }
            let thunk = access.next_value_seed(Reader { session, problem })?;
            entries.push((Name::from(key), Attr::unplaced(thunk)));
        }
        // The last of equal names wins.
        entries.reverse();
        Ok(session.done(Value::attrs(entries)))
    }
}
