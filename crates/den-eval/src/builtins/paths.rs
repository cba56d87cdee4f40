//! Files and paths. Everything goes through the [`crate::World`]. Source: nix `primops.cc`, section
//! "Paths", and `EvalState::findFile`.

use den_code::{FileId, Name};

use crate::native;
use crate::native::NativeEntry;
use crate::paths::normalize;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Thunk, Value};
use crate::world::{EntryKind, Found};
use crate::{Coerce, ErrorKind, Eval, Stop};

use super::lists::bad_argument;

pub(super) const TABLE: &[NativeEntry] = &[
    NativeEntry::Const("nixPath", nix_path),
    native!("builtins.import", 1, |session, args| {
        let path = session.path(args[0])?;
        let file = nix_file(session, &path)?;
        reject(session, file, &|_| false)?;
        // A file that imports itself is evaluated once more for Nix, not found to be running.
        if session.is_loading(file) {
            return session.file_again(file);
        }
        let thunk = session.file(file);
        session.force(thunk)
    }),
    native!("builtins.scopedImport", 2, |session, args| {
        let path = session.path(args[1])?;
        let scope = session.attrs(args[0])?;
        let file = nix_file(session, &path)?;
        reject(session, file, &|name| scope.get(name).is_some() || scope.lacks(name).is_err())?;
        let thunk = session.file_in_scope(file, scope)?;
        session.force(thunk)
    }),
    native!("builtins.toPath", 1, |session, args| Ok(Value::Str(session.path(args[0])?))),
    native!("builtins.pathExists", 1, |session, args| path_exists(session, args[0])),
    native!("builtins.readFile", 1, |session, args| {
        let path = session.path(args[0])?;
        let text = read(session, &path)?;
        session.string_value(text)
    }),
    native!("builtins.readDir", 1, |session, args| read_dir(session, args[0])),
    native!("builtins.readFileType", 1, |session, args| read_file_type(session, args[0])),
    native!("builtins.findFile", 2, |session, args| find_file(session, args[0], args[1])),
];

fn io(message: String) -> Stop {
    Stop::error(ErrorKind::Io, message)
}

fn unknown_found(reason: Reason) -> Stop {
    Stop::unknown(reason)
}

impl Session<'_> {
    /// The absolute path that a value names (nix `EvalState::coerceToPath`).
    pub(crate) fn path(&mut self, thunk: Thunk) -> Eval<Name> {
        let value = self.value(thunk)?;
        self.path_of(value)
    }

    fn path_of(&mut self, value: Value) -> Eval<Name> {
        let value = self.resolve(value)?;
        match &value {
            Value::Path(path) => Ok(path.clone()),
            Value::Attrs(attrs) if attrs.get("__toString").is_some() => {
                let this = self.done(value.clone());
                let text = self.member(attrs, "__toString")?;
                let text = self.call_thunk(text.thunk, &[this])?;
                self.nested(|session| session.path_of(text))
            }
            _ => {
                let text = self.coerce(value, Coerce { more: false, copy_paths: false })?;
                if !text.starts_with('/') {
                    return Err(bad_argument(format!("string '{text}' doesn't represent an absolute path")));
                }
                Ok(normalize(&text))
            }
        }
    }
}

/// The file that `import` of a path evaluates.
fn nix_file(session: &mut Session<'_>, path: &str) -> Eval<FileId> {
    match session.world().find(path) {
        Found::File(file) => Ok(file),
        Found::Directory => {
            let inner = normalize(&format!("{path}/default.nix"));
            match session.world().find(&inner) {
                Found::File(file) => Ok(file),
                Found::Missing => Err(io(format!("opening file '{inner}': No such file or directory"))),
                found => Err(not_a_file(&inner, found)),
            }
        }
        found => Err(not_a_file(path, found)),
    }
}

fn not_a_file(path: &str, found: Found) -> Stop {
    match found {
        Found::Missing => io(format!("path '{path}' does not exist")),
        Found::Unknown(reason) => unknown_found(reason),
        Found::Directory => io(format!("reading from file '{path}': Is a directory")),
        Found::File(_) | Found::Other => Stop::unknown(Reason::Unsupported(Name::new(path))),
    }
}

/// Stops if Nix does not even start to evaluate the file.
fn reject(session: &mut Session<'_>, file: FileId, in_scope: &dyn Fn(&str) -> bool) -> Eval<()> {
    match session.world().rejection(file, in_scope) {
        Some(it) => Err(Stop::error(it.kind, it.message)),
        None => Ok(()),
    }
}

pub(super) fn read(session: &mut Session<'_>, path: &Name) -> Eval<String> {
    match session.world().find(path) {
        Found::File(_) | Found::Other => {
            let text = session.world().read(path).map_err(Stop::unknown)?;
            if text.contains('\0') {
                let message = format!("the contents of the file '{path}' cannot be represented as a Nix string");
                return Err(Stop::error(ErrorKind::BadInput, message));
            }
            Ok(text.to_string())
        }
        Found::Directory => Err(io(format!("reading from file '{path}': Is a directory"))),
        Found::Missing => Err(io(format!("opening file '{path}': No such file or directory"))),
        Found::Unknown(reason) => Err(unknown_found(reason)),
    }
}

/// A string with a slash at its end asks for a folder.
fn path_exists(session: &mut Session<'_>, argument: Thunk) -> Eval<Value> {
    let value = session.value(argument)?;
    let wants_folder = matches!(&value, Value::Str(text) if text.ends_with('/') || text.ends_with("/."));
    let path = session.path_of(value)?;
    match session.world().find(&path) {
        Found::Directory => Ok(Value::Bool(true)),
        Found::File(_) | Found::Other => Ok(Value::Bool(!wants_folder)),
        Found::Missing => Ok(Value::Bool(false)),
        Found::Unknown(reason) => Err(unknown_found(reason)),
    }
}

fn kind_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Regular => "regular",
        EntryKind::Directory => "directory",
        EntryKind::Symlink => "symlink",
        EntryKind::Unknown => "unknown",
    }
}

fn read_dir(session: &mut Session<'_>, argument: Thunk) -> Eval<Value> {
    let path = session.path(argument)?;
    match session.world().find(&path) {
        Found::Directory => (),
        Found::Missing => return Err(io(format!("reading directory {path}: No such file or directory"))),
        Found::File(_) | Found::Other => return Err(io(format!("reading directory {path}: Not a directory"))),
        Found::Unknown(reason) => return Err(unknown_found(reason)),
    }
    let entries = session.world().list(&path).map_err(Stop::unknown)?;
    let entries = entries.into_iter().map(|(name, kind)| {
        let kind = session.done(Value::str(kind_name(kind)));
        (name, crate::Attr::unplaced(kind))
    });
    Ok(Value::attrs(entries.collect()))
}

fn read_file_type(session: &mut Session<'_>, argument: Thunk) -> Eval<Value> {
    let path = session.path(argument)?;
    match session.world().find(&path) {
        Found::Directory => Ok(Value::str("directory")),
        Found::Missing => Err(io(format!("path '{path}' does not exist"))),
        Found::Unknown(reason) => Err(unknown_found(reason)),
        Found::File(_) | Found::Other => {
            // Only the folder knows whether it is a link.
            let folder = session.world().list(crate::paths::parent(&path)).map_err(Stop::unknown)?;
            let name = crate::paths::file_name(&path);
            let kind = folder.iter().find(|it| it.0 == name).map_or(EntryKind::Regular, |it| it.1);
            Ok(Value::str(kind_name(kind)))
        }
    }
}

fn nix_path(session: &mut Session<'_>) -> Eval<Value> {
    let Some(entries) = session.world().search_path() else {
        return Err(Stop::unknown(Reason::Impure("builtins.nixPath".into())));
    };
    let entries: Vec<Thunk> = entries
        .into_iter()
        .map(|(prefix, path)| {
            let entry = crate::attrs_of(session, [("prefix", Value::Str(prefix)), ("path", Value::Str(path))]);
            session.done(entry)
        })
        .collect();
    Ok(Value::list(entries))
}

/// What is left of a looked up path behind a prefix of the search path.
fn behind_prefix<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    match (prefix, rest) {
        ("", rest) => Some(rest),
        (_, "") => Some(""),
        (_, rest) => rest.strip_prefix('/'),
    }
}

fn find_file(session: &mut Session<'_>, search: Thunk, wanted: Thunk) -> Eval<Value> {
    let search = session.list(search)?;
    let mut entries: Vec<(Name, String)> = Vec::with_capacity(search.elements.len());
    for element in &search.elements {
        let attrs = session.attrs(element.thunk)?;
        let prefix = match attrs.get("prefix") {
            Some(prefix) => session.string(prefix.thunk)?,
            None => attrs.lacks("prefix").map(|()| Name::default())?,
        };
        let path = session.member(&attrs, "path")?;
        let path = session.force(path.thunk)?;
        entries.push((prefix, session.coerce(path, Coerce { more: false, copy_paths: false })?));
    }
    let wanted = session.string(wanted)?;
    for (prefix, path) in &entries {
        let Some(rest) = behind_prefix(&wanted, prefix) else { continue };
        if !path.starts_with('/') {
            // An address to fetch, or relative to wherever Nix was started.
            return Err(Stop::unknown(Reason::Impure(Name::new(path))));
        }
        let candidate = normalize(&format!("{path}/{rest}"));
        match session.world().find(&candidate) {
            Found::Missing => (),
            Found::Unknown(reason) => return Err(unknown_found(reason)),
            _ => return Ok(Value::Path(candidate)),
        }
    }
    // Nix carries a few files of its own.
    if wanted.starts_with("nix/") {
        return Err(Stop::unknown(Reason::Impure(Name::from(format!("<{wanted}>")))));
    }
    let message = format!("file '{wanted}' was not found in the Nix search path (add it using $NIX_PATH or -I)");
    Err(Stop::throw(message))
}
