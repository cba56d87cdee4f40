//! Strings with interpolation, paths, `<…>` and `__curPos`.

use std::rc::Rc;
use std::sync::Arc;

use den_code::{Code, Name, PathBase, StrPart};

use crate::env::Env;
use crate::session::Session;
use crate::unknown::Reason;
use crate::value::{Attr, Pos, Value};
use crate::{Eval, Stop};

impl Session<'_> {
    pub(super) fn eval_string(&mut self, code: &Arc<Code>, pos: Pos, parts: &[StrPart], env: &Rc<Env>) -> Eval<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                StrPart::Text(it) => text.push_str(it),
                StrPart::Interpolation(expr) => {
                    let at = self.sub(pos, *expr);
                    let value = self.eval_in(code, at, env)?;
                    text.push_str(&self.interpolate(value).map_err(|it| it.at(at))?);
                }
            }
        }
        self.string_value(text)
    }

    pub(super) fn eval_path(
        &mut self,
        code: &Arc<Code>,
        pos: Pos,
        base: PathBase,
        parts: &[StrPart],
        env: &Rc<Env>,
    ) -> Eval<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                StrPart::Text(it) => text.push_str(it),
                StrPart::Interpolation(expr) => {
                    let at = self.sub(pos, *expr);
                    let value = self.eval_in(code, at, env)?;
                    text.push_str(&self.path_piece(value).map_err(|it| it.at(at))?);
                }
            }
        }
        match base {
            PathBase::Absolute => Ok(Value::Path(crate::paths::normalize(&text))),
            PathBase::Home => Err(Stop::unknown(Reason::Impure("~".into())).at(pos)),
            PathBase::Relative => {
                let Some(file) = self.file_of(pos) else { return Err(Stop::unknown(Reason::Syntax)) };
                let path = self.world().path(file);
                let folder = crate::paths::parent(&path);
                Ok(Value::Path(crate::paths::normalize(&format!("{folder}/{text}"))))
            }
        }
    }

    /// `<a/b>` is `__findFile __nixPath "a/b"`, with whatever those names mean here: Den's angle
    /// brackets bind the first of them.
    pub(super) fn eval_search_path(&mut self, pos: Pos, text: &Name, env: &Rc<Env>) -> Eval<Value> {
        let finder = self.lookup(env, Pos::NONE, &Name::new_static("__findFile"))?;
        let path = match self.lookup_lexical(env, Pos::NONE, &Name::new_static("__nixPath"))? {
            Some(thunk) => thunk,
            None => return Err(Stop::unknown(Reason::Impure("builtins.nixPath".into())).at(pos)),
        };
        let text = self.done(Value::Str(text.clone()));
        self.call(finder, &[path, text]).map_err(|it| it.at(pos))
    }

    pub(super) fn current_position(&mut self, pos: Pos) -> Eval<Value> {
        let site = self.site(pos).ok_or_else(|| Stop::unknown(Reason::Syntax))?;
        let Some((line, column)) = self.world().line_col(site) else {
            return Err(Stop::unknown(Reason::Impure("__curPos".into())));
        };
        Ok(self.position_value(self.world().path(site.file), line, column))
    }

    /// A place as a value. Nix works the numbers out only once they are looked at.
    pub(crate) fn position_value(&mut self, file: Name, line: u32, column: u32) -> Value {
        let file = self.done(Value::Str(file));
        let line = self.lazy(move |_| Ok(Value::Int(line.into())));
        let column = self.lazy(move |_| Ok(Value::Int(column.into())));
        let entries = [("column", column), ("file", file), ("line", line)];
        Value::attrs(entries.map(|(name, thunk)| (Name::new_static(name), Attr::unplaced(thunk))).into())
    }
}
