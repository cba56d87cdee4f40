//! What depends on the machine, the store or the network, and what is fixed about Nix itself.
//!
//! `derivation` gives everything about a package that Nix gives without building it: only the paths
//! in the store are unknown. Source: nix `primops/derivation.nix`.

use std::rc::Rc;

use den_code::Name;

use crate::native;
use crate::native::NativeEntry;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Attr, Attrs, Thunk, Value};
use crate::{Eval, Stop};

use super::lists::bad_argument;

/// A function whose result nobody here knows.
macro_rules! impure {
    ($name:literal, $arity:literal) => {
        native!($name, $arity, |_, _| Err(Stop::unknown(Reason::Impure(Name::new_static($name)))))
    };
}

pub(super) const TABLE: &[NativeEntry] = &[
    NativeEntry::Const("langVersion", |_| Ok(Value::Int(6))),
    NativeEntry::Const("storeDir", |_| Ok(Value::str("/nix/store"))),
    NativeEntry::Const("nixVersion", |_| Err(Stop::unknown(Reason::Impure("builtins.nixVersion".into())))),
    impure!("builtins.getEnv", 1),
    impure!("builtins.storePath", 1),
    impure!("builtins.toFile", 2),
    impure!("builtins.path", 1),
    impure!("builtins.filterSource", 2),
    impure!("builtins.fetchurl", 1),
    impure!("builtins.fetchTarball", 1),
    impure!("builtins.fetchGit", 1),
    impure!("builtins.fetchMercurial", 1),
    impure!("builtins.derivationStrict", 1),
    native!("builtins.derivation", 1, |session, args| derivation(session, args[0])),
];

fn derivation(session: &mut Session<'_>, arguments: Thunk) -> Eval<Value> {
    let attrs = session.attrs(arguments)?;
    let outputs = match attrs.get("outputs") {
        Some(outputs) => session.list(outputs.thunk)?.elements.iter().map(|it| it.thunk).collect(),
        None => {
            attrs.lacks("outputs")?;
            vec![session.done(Value::str("out"))]
        }
    };
    let Some(&first) = outputs.first() else {
        return Err(bad_argument("'builtins.head' called on an empty list"));
    };
    Package { attrs, arguments, outputs: outputs.into() }.output(session, first)
}

/// What all outputs of a package share.
#[derive(Clone)]
struct Package {
    attrs: Rc<Attrs>,
    /// The same as a thunk.
    arguments: Thunk,
    /// Their names.
    outputs: Rc<[Thunk]>,
}

impl Package {
    /// The arguments, one attribute for each output, and what says which output this one is.
    fn output(&self, session: &mut Session<'_>, name: Thunk) -> Eval<Value> {
        let mut outputs: Vec<(Name, Attr)> = Vec::with_capacity(self.outputs.len());
        let mut all = Vec::with_capacity(self.outputs.len());
        for &output in self.outputs.iter() {
            let package = self.clone();
            let value = session.lazy(move |session| package.output(session, output));
            outputs.push((session.string(output)?, Attr::unplaced(value)));
            all.push(value);
        }
        let all = session.done(Value::list(all));
        let kind = session.done(Value::str("derivation"));
        let unknown = |session: &mut Session<'_>, what: &'static str| {
            session.failed(Stop::unknown(Reason::Impure(Name::new_static(what))))
        };
        let (out_path, drv_path) = (unknown(session, "outPath"), unknown(session, "drvPath"));
        let own = [
            ("all", all),
            ("drvAttrs", self.arguments),
            ("drvPath", drv_path),
            ("outPath", out_path),
            ("outputName", name),
            ("type", kind),
        ];
        let own = own.map(|(name, thunk)| (Name::new_static(name), Attr::unplaced(thunk)));
        let with_outputs = session.update(&self.attrs, &Rc::new(Attrs::from_entries(outputs)));
        let own = Rc::new(Attrs::from_sorted(own.into()));
        Ok(Value::Attrs(session.update(&with_outputs, &own)))
    }
}
