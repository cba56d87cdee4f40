//! What the user chose.
//!
//! The same keys are understood in `initializationOptions`, in the answer to `workspace/configuration`
//! and in `didChangeConfiguration`, nested or dotted, bare or under `den` or `den-lsp`. Nothing here can
//! name a command or a path: settings come with the workspace and the workspace is not trusted.

use serde_json::Value;

/// The options of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Which features answer.
    pub(crate) diagnostics: bool,
    pub(crate) completion: bool,
    pub(crate) hover: bool,
    pub(crate) definition: bool,
    pub(crate) references: bool,
    pub(crate) symbols: bool,
    pub(crate) code_actions: bool,
    /// Whether the server watches files by itself.
    pub(crate) watch: bool,
    /// Whether environments fill in settings; nothing chosen means that it is found out.
    pub(crate) cascade: Option<bool>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            diagnostics: true,
            completion: true,
            hover: true,
            definition: true,
            references: true,
            symbols: true,
            code_actions: true,
            watch: true,
            cascade: None,
        }
    }
}

/// The keys, as users write them.
const KEYS: &[&str] = &[
    "diagnostics.enable",
    "completion.enable",
    "hover.enable",
    "definition.enable",
    "references.enable",
    "symbols.enable",
    "codeActions.enable",
    "files.watch",
    "settings.cascade",
];

/// Groups of keys that are the editor's own and reach us by the way.
const EDITOR_GROUPS: &[&str] = &["server", "trace"];

impl Config {
    /// Reads settings, later ones over earlier ones; says in one line each what is wrong with them.
    pub(crate) fn parse(all: &[&Value]) -> (Config, Vec<String>) {
        let mut config = Config::default();
        let mut problems = Vec::new();
        for settings in all {
            let wrapped = ["den", "den-lsp"].iter().find_map(|it| settings.get(it));
            let mut leaves = Vec::new();
            flatten(wrapped.unwrap_or(settings), String::new(), &mut leaves);
            problems.extend(leaves.iter().filter_map(|(key, value)| config.set(key, value).err()));
        }
        (config, problems)
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let target = match key {
            "diagnostics.enable" => &mut self.diagnostics,
            "completion.enable" => &mut self.completion,
            "hover.enable" => &mut self.hover,
            "definition.enable" => &mut self.definition,
            "references.enable" => &mut self.references,
            "symbols.enable" => &mut self.symbols,
            "codeActions.enable" => &mut self.code_actions,
            "files.watch" => &mut self.watch,
            "settings.cascade" => {
                self.cascade = match value.as_str() {
                    Some("auto") => None,
                    Some("on") => Some(true),
                    Some("off") => Some(false),
                    _ => return Err(format!("the setting `{key}` must be `auto`, `on` or `off`")),
                };
                return Ok(());
            }
            _ if EDITOR_GROUPS.contains(&key.split('.').next().unwrap_or_default()) => return Ok(()),
            _ => {
                let near = KEYS.iter().min_by_key(|it| distance(it, key));
                let near = near.filter(|it| distance(it, key) <= key.len().max(3) / 3);
                let hint = near.map(|it| format!(", did you mean `{it}`?")).unwrap_or_default();
                return Err(format!("there is no setting `{key}`{hint}"));
            }
        };
        *target = value.as_bool().ok_or_else(|| format!("the setting `{key}` must be true or false"))?;
        Ok(())
    }
}

/// Every leaf with its dotted path; a null is no choice.
fn flatten<'a>(value: &'a Value, path: String, leaves: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Null => (),
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(value, path, leaves);
            }
        }
        leaf => leaves.push((path, leaf)),
    }
}

/// How many letters have to be inserted, deleted or replaced to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_shapes_of_settings() {
        let off = Config { hover: false, cascade: Some(true), ..Config::default() };
        let check =
            |settings: Value, want: &Config| assert_eq!(Config::parse(&[&settings]), (want.clone(), Vec::new()));
        check(json!({ "hover": { "enable": false }, "settings": { "cascade": "on" } }), &off);
        check(json!({ "hover.enable": false, "settings.cascade": "on" }), &off);
        check(json!({ "den": { "hover": { "enable": false }, "settings.cascade": "on" } }), &off);
        check(json!({ "den-lsp": { "hover": { "enable": false }, "settings.cascade": "on" } }), &off);
        check(json!({ "server": { "path": "/x", "args": [] }, "trace": { "server": "off" } }), &Config::default());
        check(json!({ "hover": { "enable": null } }), &Config::default());
        check(Value::Null, &Config::default());
    }

    /// The editors offer exactly the keys that there are.
    #[test]
    fn every_key_is_documented() {
        let manual = include_str!("../../../editors/README.md");
        let vscode: Value = serde_json::from_str(include_str!("../../../editors/vscode/package.json")).unwrap();
        let offered = vscode["contributes"]["configuration"]["properties"].as_object().unwrap();
        for key in KEYS {
            assert!(manual.contains(&format!("| `{key}` |")), "{key} is not in editors/README.md");
            assert!(offered.contains_key(&format!("den.{key}")), "{key} is not in editors/vscode/package.json");
        }
        for key in offered.keys() {
            let settings = serde_json::json!({ key.strip_prefix("den.").unwrap(): offered[key]["default"] });
            assert_eq!(Config::parse(&[&settings]), (Config::default(), Vec::new()), "{key}");
        }
    }

    #[test]
    fn later_settings_win_and_null_says_nothing() {
        let first = json!({ "hover": { "enable": false }, "symbols": { "enable": false } });
        let second = json!({ "hover": { "enable": true } });
        let (config, _) = Config::parse(&[&first, &second, &Value::Null]);
        assert_eq!(config, Config { symbols: false, ..Config::default() });
    }

    #[test]
    fn wrong_settings_are_told() {
        let check = |settings: Value, want: &str| {
            let (config, problems) = Config::parse(&[&settings]);
            assert_eq!((config, problems.join("; ").as_str()), (Config::default(), want));
        };
        check(
            json!({ "diagnostic": { "enable": false } }),
            "there is no setting `diagnostic.enable`, did you mean `diagnostics.enable`?",
        );
        check(json!({ "eval": { "command": "x" } }), "there is no setting `eval.command`");
        check(json!({ "hover": { "enable": "no" } }), "the setting `hover.enable` must be true or false");
        check(json!({ "settings": { "cascade": 1 } }), "the setting `settings.cascade` must be `auto`, `on` or `off`");
        check(json!("text"), "there is no setting ``");
    }
}
