//! What one module file says, looked at alone.
//!
//! A module's arguments are symbols here, so `includes = [ den.aspects.x ]` is data. What cannot be
//! finished without the rest of the fleet stays a recipe in the [`Node`]s and is tried again where
//! the fleet is known.

use den_code::{Name, Site};
use den_db::{Db, File};
use den_eval::{
    Attr, Attrs, Budget, Eval, Formals, Freezer, NativeFn, Node, Pos, Reason, Session, Symbol, Thunk, Unknown, Value,
};

use crate::walk::Definition;
use crate::world::{Alone, ModelWorld};

/// What a file says as a module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleFacts {
    /// The file's own module first, then the modules written inside its `imports`.
    pub parts: Vec<ModulePart>,
}

/// One module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModulePart {
    /// Where it is written, if it is not the whole file.
    pub site: Option<Site>,
    /// The arguments that it names.
    pub formals: Option<Formals>,
    /// Its `imports`, in order.
    pub imports: Vec<Import>,
    /// Set if there may be further imports.
    pub imports_open: Option<Reason>,
    /// Aliases that it makes with `lib.mkAliasOptionModule`: from a path to a path.
    pub aliases: Vec<(Vec<Name>, Vec<Name>)>,
    /// Its `options`, or null.
    pub options: Node,
    /// Everything it defines.
    pub config: Definition,
}

/// One element of `imports`.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The element; modules written in place are [`Import::inline`] instead.
    pub node: Node,
    /// The part of the same file that it is, if it is written in place.
    pub inline: Option<u32>,
    /// Where it is written.
    pub site: Option<Site>,
    /// Whether it is certainly imported.
    pub certain: bool,
}

impl Import {
    /// An import that is certain and written nowhere.
    pub(crate) fn certain(node: Node) -> Import {
        Import { node, inline: None, site: None, certain: true }
    }
}

/// What a file says as a module. Reads this file and the files that it imports with `import`.
#[salsa::tracked]
pub fn module_facts(db: &dyn Db, file: File) -> ModuleFacts {
    let world = ModelWorld::new(db, Alone);
    let mut session = Session::new(&world, Budget::FILE);
    let value = session.file(file.id(db));
    let mut reader = Reader::default();
    reader.module(&mut session, value, None);
    ModuleFacts { parts: reader.parts }
}

/// Marks what `lib.mkAliasOptionModule` is replaced by while modules are read: the pair of paths.
const ALIAS_KEY: &str = "__denAlias";

/// Answers `lib.mkAliasOptionModule FROM TO` with a mark instead of a module.
pub(crate) fn intercept_alias(
    session: &mut Session<'_>,
    func: &'static NativeFn,
    args: &[Thunk],
) -> Option<Eval<Value>> {
    if func.name != "lib.mkAliasOptionModule" {
        return None;
    }
    let both = session.done(Value::list(args.iter().copied()));
    Some(Ok(Value::attrs(vec![(Name::new_static(ALIAS_KEY), Attr::unplaced(both))])))
}

/// Names that the module system itself takes from a module (nixpkgs `unifyModuleSyntax`).
const MODULE_KEYS: &[&str] =
    &["_class", "_file", "key", "disabledModules", "require", "imports", "options", "config", "meta", "freeformType"];

/// Reads modules, and the modules written inside them, into parts.
#[derive(Default)]
pub(crate) struct Reader {
    freezer: Freezer,
    pub(crate) parts: Vec<ModulePart>,
}

impl Reader {
    /// Reads a module value and returns the index of its part.
    pub(crate) fn module(&mut self, session: &mut Session<'_>, thunk: Thunk, site: Option<Site>) -> u32 {
        let index = self.empty_part(site);
        let mut value = thunk;
        if let Ok(func @ Value::Lambda(_)) = session.force(thunk) {
            if let Node::Function(function) = self.freezer.value(session, &func) {
                self.parts[index].formals.clone_from(&function.formals);
            }
            let args = module_args(session, &func);
            value = session.apply(thunk, [args]);
        }
        self.body(session, index, value);
        index as u32
    }

    /// Adds a module that says nothing yet and returns its index.
    pub(crate) fn empty_part(&mut self, site: Option<Site>) -> usize {
        let config = Definition::plain(Node::Null, None, site);
        let (formals, imports, imports_open, aliases, options) = (None, Vec::new(), None, Vec::new(), Node::Null);
        self.parts.push(ModulePart { site, formals, imports, imports_open, aliases, options, config });
        self.parts.len() - 1
    }

    fn body(&mut self, session: &mut Session<'_>, index: usize, thunk: Thunk) {
        let attrs = match session.force(thunk) {
            Ok(Value::Attrs(attrs)) => attrs,
            _ => {
                let node = self.freezer.thunk(session, thunk);
                self.parts[index].config.node = node;
                return;
            }
        };
        if let Some(alias) = attrs.get(ALIAS_KEY)
            && let Some(alias) = self.alias(session, alias.thunk)
        {
            self.parts[index].aliases.push(alias);
            return;
        }
        if let Some(imports) = attrs.get("imports").or_else(|| attrs.get("require")) {
            self.imports(session, index, imports.thunk);
        }
        // A module with `config` or `options` is one in full; any other is all `config`.
        if attrs.get("config").is_some() || attrs.get("options").is_some() {
            if let Some(options) = attrs.get("options") {
                self.parts[index].options = self.freezer.thunk(session, options.thunk);
            }
            if let Some(config) = attrs.get("config") {
                let node = self.freezer.thunk(session, config.thunk);
                let (key, value) = (session.site(config.key), session.site(config.value));
                self.parts[index].config = Definition::plain(node, key, value);
            }
            return;
        }
        let entries = attrs.iter().filter(|(name, _)| !MODULE_KEYS.contains(&name.as_str()));
        let entries = entries.map(|(name, attr)| (name.clone(), attr)).collect();
        let rest = Attrs::from_entries(entries).opened(attrs.open.clone());
        self.parts[index].config.node = self.freezer.value(session, &Value::Attrs(rest.into()));
    }

    fn alias(&mut self, session: &mut Session<'_>, thunk: Thunk) -> Option<(Vec<Name>, Vec<Name>)> {
        let node = self.freezer.thunk(session, thunk);
        let path = |node: &Node| -> Option<Vec<Name>> {
            let list = node.as_list()?;
            list.elements.iter().map(|it| it.node.as_str().map(Name::new)).collect()
        };
        let both = node.as_list()?;
        Some((path(&both.elements.first()?.node)?, path(&both.elements.get(1)?.node)?))
    }

    /// Reads a list of modules as the imports of a part.
    pub(crate) fn imports(&mut self, session: &mut Session<'_>, index: usize, thunk: Thunk) {
        let list = match session.list_partial(thunk) {
            Ok(list) => list,
            Err(_) => {
                let node = self.freezer.thunk(session, thunk);
                self.parts[index].imports_open = Some(crate::walk::reason_of(&node));
                return;
            }
        };
        self.parts[index].imports_open = list.open.as_ref().map(|it| it.reason.clone());
        for element in &list.elements {
            self.import(session, index, element.thunk, element.pos, element.certain);
        }
    }

    /// Reads one module as an import of a part.
    pub(crate) fn import(&mut self, session: &mut Session<'_>, index: usize, thunk: Thunk, pos: Pos, certain: bool) {
        let site = session.site(pos);
        // Modules written in place are parts; everything else is looked up by the project.
        let inline = match session.force(thunk) {
            Ok(Value::Lambda(_) | Value::Attrs(_)) => Some(self.module(session, thunk, site)),
            _ => None,
        };
        let node = match inline {
            Some(_) => Node::Null,
            None => self.freezer.thunk(session, thunk),
        };
        self.parts[index].imports.push(Import { node, inline, site, certain });
    }
}

/// Arguments that the module system or flake-parts gives every module.
const STANDARD_ARGS: &[&str] = &["config", "options", "den", "inputs", "self", "pkgs", "specialArgs", "_module"];

/// The argument of a module function: `lib` is ours, everything else a symbol of its own name.
pub(crate) fn module_args(session: &mut Session<'_>, func: &Value) -> Thunk {
    let formals = session.formals(func).map(|it| it.0).unwrap_or_default();
    let mut names: Vec<Name> = formals.into_iter().map(|it| it.0).collect();
    names.extend(STANDARD_ARGS.iter().map(|it| Name::new_static(it)));
    let mut entries = vec![(Name::new_static("lib"), Attr::unplaced(session.lib()))];
    for name in names {
        let value = Value::Symbol(Symbol::root(name.clone()).into());
        entries.push((name, Attr::unplaced(session.done(value))));
    }
    let open = Some(Unknown::new(Reason::Stuck("module arguments".into()), Pos::NONE));
    session.done(Value::Attrs(Attrs::from_entries(entries).opened(open).into()))
}
