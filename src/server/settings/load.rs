//! Reading settings, one by one, so that every complaint names the setting that it is about.

use super::Settings;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::Path};

/// Environment variables by name; a map, so that tests need not touch the process's own.
pub type Environment = BTreeMap<String, String>;

const PREFIX: &str = "BELVEDERE_";

/// Names with these prefixes are for `scripts/` and mean nothing to the server.
const NOT_OURS: [&str; 2] = ["BELVEDERE_TEST_", "BELVEDERE_SETUP_"];

/// Variables that other tools set by custom, and the settings that they stand for.
const ALIASES: [(&str, &str); 3] = [
    ("DATABASE_URL", "database.url"),
    ("LEPTOS_SITE_ADDR", "server.address"),
    ("LEPTOS_SITE_ROOT", "server.site_root"),
];

/// A setting that stops the start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("{file} cannot be read: {cause}")]
    File { file: String, cause: String },
    #[error("{origin}: there is no setting {name}{}", .nearest.as_ref().map(|n| format!(" (did you mean {n}?)")).unwrap_or_default())]
    Unknown { origin: String, name: String, nearest: Option<String> },
    #[error("{origin}: {name} is not right: {cause}")]
    Wrong { origin: String, name: String, cause: String },
}

impl Settings {
    /// Reads `file`, when it exists or `required`, then the environment, which wins.
    pub fn load(file: &Path, required: bool, environment: &Environment) -> Result<Self, SettingsError> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !required => String::new(),
            Err(e) => return Err(SettingsError::File { file: file.display().to_string(), cause: e.to_string() }),
        };
        Self::parse(&file.display().to_string(), &text, environment)
    }

    /// The settings in `text`, overridden by `environment`. `file` is for messages.
    pub fn parse(file: &str, text: &str, environment: &Environment) -> Result<Self, SettingsError> {
        let table: Value = toml::from_str(text)
            .map_err(|e| SettingsError::File { file: file.into(), cause: e.to_string().trim().replace('\n', " ") })?;
        let mut building = Building::new()?;
        building.add_table(file, "", &table)?;
        for (variable, name) in ALIASES {
            if let Some(value) = environment.get(variable).filter(|v| !v.is_empty()) {
                building.add_text(variable, name, value)?;
            }
        }
        for (variable, value) in environment {
            let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
            if !NOT_OURS.iter().any(|prefix| variable.starts_with(prefix)) {
                building.add_text(variable, &rest.to_lowercase().replace("__", "."), value)?;
            }
        }
        building.finish()
    }
}

/// Settings so far: the tree that they are read from, and the last good reading of it.
struct Building {
    tree: Value,
    settings: Settings,
    names: Vec<String>,
    /// Where the value of each setting that is not at its default came from.
    origins: BTreeMap<String, String>,
}

impl Building {
    fn new() -> Result<Self, SettingsError> {
        let settings = Settings::default();
        let tree = serde_json::to_value(&settings).map_err(|e| SettingsError::Wrong {
            origin: "defaults".into(),
            name: "settings".into(),
            cause: e.to_string(),
        })?;
        let mut names = Vec::new();
        collect_names("", &tree, &mut names);
        Ok(Self { tree, settings, names, origins: BTreeMap::new() })
    }

    fn add_table(&mut self, origin: &str, prefix: &str, table: &Value) -> Result<(), SettingsError> {
        let Value::Object(entries) = table else { return Ok(()) };
        for (key, value) in entries {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            if self.names.contains(&name) {
                self.set(origin, &name, value.clone())?;
            } else if value.is_object() && self.names.iter().any(|n| n.starts_with(&format!("{name}."))) {
                self.add_table(origin, &name, value)?;
            } else {
                return Err(self.unknown(origin, name));
            }
        }
        Ok(())
    }

    /// A setting from the environment, where everything is text.
    fn add_text(&mut self, variable: &str, name: &str, text: &str) -> Result<(), SettingsError> {
        if !self.names.iter().any(|n| n == name) {
            return Err(match self.unknown(variable, name.into()) {
                SettingsError::Unknown { origin, nearest, .. } => SettingsError::Unknown {
                    origin: "the environment".into(),
                    name: origin,
                    nearest: nearest.map(|n| format!("{PREFIX}{}", n.to_uppercase().replace('.', "__"))),
                },
                other => other,
            });
        }
        let value = match self.at(name) {
            Value::Number(_) | Value::Bool(_) => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
            Value::Array(_) => text.split(',').map(str::trim).filter(|s| !s.is_empty()).collect(),
            _ if text.is_empty() => Value::Null,
            _ => text.into(),
        };
        self.set(variable, name, value)
    }

    fn at(&self, name: &str) -> &Value {
        self.tree.pointer(&pointer(name)).unwrap_or(&Value::Null)
    }

    /// Puts one value in and reads the whole again: if that fails now, this value is why.
    fn set(&mut self, origin: &str, name: &str, value: Value) -> Result<(), SettingsError> {
        if let Some(place) = self.tree.pointer_mut(&pointer(name)) {
            *place = value;
        }
        let wrong = |cause: String| SettingsError::Wrong { origin: origin.into(), name: name.into(), cause };
        self.settings = serde_json::from_value(self.tree.clone()).map_err(|e| wrong(e.to_string()))?;
        self.origins.insert(name.to_owned(), origin.to_owned());
        Ok(())
    }

    /// Fills in what follows from other settings, and checks what a type alone does not.
    fn finish(mut self) -> Result<Settings, SettingsError> {
        if !self.origins.contains_key("accounts.public_url") {
            self.settings.accounts.public_url = crate::accounts::settings::public_url_of(self.settings.server.address);
        }
        self.settings.accounts.check().map_err(|(name, cause)| SettingsError::Wrong {
            origin: self.origins.get(name).cloned().unwrap_or_else(|| "defaults".into()),
            name: name.into(),
            cause,
        })?;
        Ok(self.settings)
    }

    fn unknown(&self, origin: &str, name: String) -> SettingsError {
        let nearest = self.names.iter().map(|known| (distance(known, &name), known)).min();
        SettingsError::Unknown {
            origin: origin.into(),
            nearest: nearest.filter(|(d, _)| *d <= name.len().div_ceil(2)).map(|(_, n)| n.clone()),
            name,
        }
    }
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('.', "/"))
}

fn collect_names(prefix: &str, value: &Value, names: &mut Vec<String>) {
    let object: &Map<String, Value> = match value {
        Value::Object(object) => object,
        _ => return names.push(prefix.to_owned()),
    };
    for (key, value) in object {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        collect_names(&name, value, names);
    }
}

/// How many letters have to be added, removed or replaced to get from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()
    }

    fn message(text: &str, pairs: &[(&str, &str)]) -> String {
        Settings::parse("Leptos.toml", text, &environment(pairs)).unwrap_err().to_string()
    }

    #[test]
    fn nothing_set_gives_the_defaults() {
        let settings = Settings::parse("Leptos.toml", "", &Environment::new()).unwrap();
        assert_eq!(settings.server.address.to_string(), "127.0.0.1:3000");
        assert!(settings.database.url.is_none());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let text = "[server]\naddress = \"127.0.0.1:4000\"\nmetrics = true\n";
        let settings =
            Settings::parse("Leptos.toml", text, &environment(&[("BELVEDERE_SERVER__ADDRESS", "0.0.0.0:5000")]))
                .unwrap();
        assert_eq!(settings.server.address.to_string(), "0.0.0.0:5000");
        assert!(settings.server.metrics);
    }

    #[test]
    fn customary_variables_are_understood_and_our_own_win() {
        let settings = Settings::parse(
            "Leptos.toml",
            "",
            &environment(&[
                ("DATABASE_URL", "postgres://a"),
                ("LEPTOS_SITE_ADDR", "127.0.0.1:4001"),
                ("BELVEDERE_SERVER__ADDRESS", "127.0.0.1:4002"),
                ("BELVEDERE_TEST_DATABASE_URL", "not ours"),
            ]),
        )
        .unwrap();
        assert_eq!(settings.database.url.unwrap().reveal(), "postgres://a");
        assert_eq!(settings.server.address.port(), 4002);
    }

    #[test]
    fn unknown_settings_are_named_with_the_nearest_one() {
        assert_eq!(
            message("[server]\nadress = \"127.0.0.1:1\"", &[]),
            "Leptos.toml: there is no setting server.adress (did you mean server.address?)"
        );
        assert_eq!(
            message("", &[("BELVEDERE_SERVER__METRIC", "true")]),
            "the environment: there is no setting BELVEDERE_SERVER__METRIC (did you mean BELVEDERE_SERVER__METRICS?)"
        );
        assert_eq!(message("[zzzzzzzz]\nq = 1", &[]), "Leptos.toml: there is no setting zzzzzzzz");
    }

    #[test]
    fn people_are_sent_to_where_the_server_listens_unless_told_otherwise() {
        let public = |pairs| Settings::parse("Leptos.toml", "", &environment(pairs)).unwrap().accounts.public_url;
        assert_eq!(public(&[]), "http://127.0.0.1:3000");
        assert_eq!(public(&[("BELVEDERE_SERVER__ADDRESS", "127.0.0.1:4000")]), "http://127.0.0.1:4000");
        assert_eq!(public(&[("LEPTOS_SITE_ADDR", "0.0.0.0:80")]), "http://127.0.0.1");
        assert_eq!(public(&[("BELVEDERE_SERVER__ADDRESS", "[::]:5000")]), "http://[::1]:5000");
        let given =
            [("BELVEDERE_SERVER__ADDRESS", "0.0.0.0:1"), ("BELVEDERE_ACCOUNTS__PUBLIC_URL", "https://b.example")];
        assert_eq!(public(&given), "https://b.example");
    }

    #[test]
    fn what_would_only_fail_when_it_is_used_stops_the_start() {
        for (variable, value, cause) in [
            ("BELVEDERE_ACCOUNTS__SMTP_URL", "mail.example.com:25", "smtp"),
            ("BELVEDERE_ACCOUNTS__SMTP_URL", "http://mail.example.com", "smtp"),
            ("BELVEDERE_ACCOUNTS__MAIL_FROM", "somebody", "address"),
            ("BELVEDERE_ACCOUNTS__PUBLIC_URL", "belvedere.example.com", "http"),
            ("BELVEDERE_ACCOUNTS__PUBLIC_URL", "https://example.com/", "slash"),
        ] {
            let told = message("", &[(variable, value)]);
            let name = variable.trim_start_matches("BELVEDERE_").to_lowercase().replace("__", ".");
            assert!(told.starts_with(&format!("{variable}: {name} is not right:")), "{told}");
            assert!(told.contains(cause), "{told}");
        }
        let told = message("", &[("BELVEDERE_ACCOUNTS__SMTP_URL", "smtp://ada:secret@:99999")]);
        assert!(!told.contains("secret"), "a password is in no message: {told}");
        for url in ["smtp://mail.example.com", "smtps://ada:secret@mail.example.com:465", "smtp://m:587?tls=required"] {
            Settings::parse("Leptos.toml", "", &environment(&[("BELVEDERE_ACCOUNTS__SMTP_URL", url)])).unwrap();
        }
    }

    #[test]
    fn wrong_values_are_named() {
        assert!(message("[server]\naddress = \"here\"", &[]).starts_with("Leptos.toml: server.address is not right:"));
        assert!(
            message("", &[("BELVEDERE_SERVER__MAX_CONNECTIONS", "0")])
                .starts_with("BELVEDERE_SERVER__MAX_CONNECTIONS: server.max_connections is not right:")
        );
        assert!(message("[server]\nmetrics = 3", &[]).contains("server.metrics is not right"));
        assert!(message("[log]\nformat = \"xml\"", &[]).contains("log.format is not right"));
        assert!(message("[server", &[]).starts_with("Leptos.toml cannot be read:"));
    }

    #[test]
    fn secrets_stay_out_of_debug_output() {
        let settings = Settings::parse("x", "", &environment(&[("DATABASE_URL", "postgres://u:hush@h/d")])).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
    }

    /// The file in the repository documents every setting, with its default.
    #[test]
    fn leptos_toml_lists_every_setting_with_its_default() {
        let text = include_str!("../../../Leptos.toml");
        // Optional settings stand there as comments: `# url = "…"`.
        let defaults = serde_json::to_value(Settings::default()).unwrap();
        let read = Settings::parse("Leptos.toml", text, &Environment::new()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), defaults);
        let mut section = String::new();
        let mut listed = Vec::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = name.to_owned();
            } else if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ")
                && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            {
                listed.push(format!("{section}.{key}"));
            }
        }
        let mut names = Vec::new();
        collect_names("", &defaults, &mut names);
        listed.sort();
        names.sort();
        assert_eq!(listed, names);
    }
}
