//! The names that decide what a key of an aspect is: classes, quirks, reserved keys, entity kinds.

use std::collections::BTreeSet;

use den_code::{EntryValue, Expr, Name};
use den_db::{Db, File, lowered};
use den_eval::Node;

use super::index::{defined_names, definitions_of, fleet_index};
use crate::project::{ProjectKey, project_modules};

/// Classes that Den registers itself (den `modules/options.nix` and its batteries; den-model 4.3).
pub const BUILT_IN_CLASSES: &[&str] = &[
    "nixos",
    "darwin",
    "homeManager",
    "os",
    "user",
    "hjem",
    "maid",
    "wsl",
    "packages",
    "apps",
    "checks",
    "devShells",
    "legacyPackages",
];

/// Kinds that Den declares itself (den-model 2.9).
pub const BUILT_IN_KINDS: &[&str] =
    &["conf", "default", "flake", "flake-parts", "flake-system", "fleet", "home", "host", "user"];

/// What names mean in a fleet.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Registry {
    /// Classes that are certainly registered.
    pub classes: BTreeSet<Name>,
    /// Names that routes and forwards use as classes without registering them.
    pub mentioned_classes: BTreeSet<Name>,
    /// Quirks.
    pub quirks: BTreeSet<Name>,
    /// Keys that aspects keep for themselves (`den.reservedKeys`).
    pub reserved: BTreeSet<Name>,
    /// Entity and other schema kinds.
    pub kinds: BTreeSet<Name>,
    /// Whether there may be further classes, quirks or reserved keys that we do not see.
    pub classes_open: bool,
    /// See `classes_open`.
    pub quirks_open: bool,
    /// See `classes_open`.
    pub reserved_open: bool,
}

/// What names mean in a fleet.
#[salsa::tracked]
pub fn registry<'db>(db: &'db dyn Db, project: ProjectKey<'db>) -> Registry {
    let names = |option: &str| defined_names(db, project, vec!["den".into(), Name::new(option)]);
    let (classes, quirks, schema) = (names("classes"), names("quirks"), names("schema"));
    let mut all = Registry::default();
    all.classes.extend(BUILT_IN_CLASSES.iter().map(|it| Name::new_static(it)));
    all.classes.extend(classes.names.iter().cloned());
    all.classes.extend(fleet_index(db, project).aspect_classes.iter().cloned());
    for namespace in &project_modules(db, project).namespaces {
        for root in [vec![namespace.name.clone()], vec!["den".into(), "ful".into(), namespace.name.clone()]] {
            let path = [root, vec!["classes".into()]].concat();
            for it in definitions_of(db, project, path) {
                all.classes.extend(it.definition.names().0);
            }
        }
        all.classes_open |= namespace.foreign;
    }
    all.classes_open |= classes.open.is_some();
    all.quirks.extend(quirks.names.iter().cloned());
    all.quirks_open = quirks.open.is_some();
    all.kinds.extend(BUILT_IN_KINDS.iter().map(|it| Name::new_static(it)));
    all.kinds.extend(schema.names.iter().filter(|it| !it.starts_with('_')).cloned());
    for it in definitions_of(db, project, vec!["den".into(), "reservedKeys".into()]) {
        for definition in it.definition.clone().unwrap() {
            all.add_reserved(&definition.node);
        }
    }
    for module in &project_modules(db, project).modules {
        if let Some(file) = module.source.file().and_then(|it| db.file(it)) {
            all.mentioned_classes.extend(class_mentions(db, file).iter().cloned());
        }
    }
    all
}

impl Registry {
    fn add_reserved(&mut self, node: &Node) {
        let Node::List(list) = node else {
            self.reserved_open |= matches!(node, Node::Unknown(_) | Node::Symbol(_));
            return;
        };
        self.reserved_open |= list.open.is_some();
        for element in &list.elements {
            match &element.node {
                Node::Str(name) => {
                    self.reserved.insert(name.clone());
                }
                Node::Unknown(_) | Node::Symbol(_) => self.reserved_open = true,
                _ => (),
            }
        }
    }

    /// Whether a name is certainly a class.
    pub fn is_class(&self, name: &str) -> bool {
        self.classes.contains(name)
    }

    /// Whether a name is certainly a quirk.
    pub fn is_quirk(&self, name: &str) -> bool {
        self.quirks.contains(name)
    }
}

/// Strings given to `fromClass` and `intoClass` (and `from`/`to` of `deliver`) anywhere in a file.
#[salsa::tracked]
fn class_mentions(db: &dyn Db, file: File) -> Vec<Name> {
    let mut found = BTreeSet::new();
    for item in &lowered(db, file).list {
        let code = item.code(db);
        for expr in &code.exprs {
            let (Expr::AttrSet { bindings, .. } | Expr::Let { bindings, .. }) = expr else { continue };
            for entry in &bindings.entries {
                if matches!(entry.name.as_str(), "fromClass" | "intoClass")
                    && let EntryValue::Expr(value) = entry.value
                {
                    collect_texts(code, value, &mut found);
                }
            }
        }
    }
    found.into_iter().collect()
}

fn collect_texts(code: &den_code::Code, expr: den_code::ExprId, found: &mut BTreeSet<Name>) {
    match code.expr(expr) {
        Expr::Text(text) => {
            found.insert(text.clone());
        }
        Expr::Lambda { body, .. } => collect_texts(code, *body, found),
        Expr::If { yes, no, .. } => {
            collect_texts(code, *yes, found);
            collect_texts(code, *no, found);
        }
        _ => (),
    }
}
