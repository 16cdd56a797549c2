//! Patterns that people write, compiled once.

use std::borrow::Cow;

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name, or a pattern of names such as `pay*`.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    glob: GlobMatcher,
}

impl Pattern {
    /// That name and no other: nothing in it is special.
    ///
    /// # Panics
    ///
    /// Never: what is escaped is a pattern.
    #[must_use]
    pub fn exactly(name: &str) -> Self {
        let glob = GlobBuilder::new(&globset::escape(name)).literal_separator(false).build();
        let glob = glob.expect("an escaped text is a pattern").compile_matcher();
        Self { text: name.to_owned(), glob }
    }

    /// Whether it names this.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.text == name || self.glob.is_match(name)
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let glob = GlobBuilder::new(&text).literal_separator(false).build();
        let glob = glob.map_err(|error| D::Error::custom(format!("`{text}` is no pattern: {}", error.kind())))?;
        Ok(Self { text, glob: glob.compile_matcher() })
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "A name, or a pattern of names such as pay*" })
    }
}

/// A regular expression over whole names.
#[derive(Debug, Clone)]
pub struct NamePattern {
    text: String,
    regex: Regex,
}

impl NamePattern {
    /// What it captures in a name that it fits, the whole name first; nothing if it does not fit.
    #[must_use]
    pub fn captures<'n>(&self, name: &'n str) -> Option<regex::Captures<'n>> {
        self.regex.captures(name)
    }

    /// Whether it captures something under that name or number.
    #[must_use]
    pub fn has_capture(&self, reference: &str) -> bool {
        match reference.parse::<usize>() {
            Ok(number) => number < self.regex.captures_len(),
            Err(_) => self.regex.capture_names().flatten().any(|name| name == reference),
        }
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<'de> Deserialize<'de> for NamePattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Whole names: a tenant's name inside a longer one is somebody else. By itself first, since `a)|(b` is no
        // expression and would be one in parentheses.
        let regex = Regex::new(&text).and_then(|_| Regex::new(&format!("^(?:{text})$"))).map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
            D::Error::custom(format!("`{text}` is no regular expression: {why}"))
        })?;
        Ok(Self { text, regex })
    }
}

impl Serialize for NamePattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl JsonSchema for NamePattern {
    fn schema_name() -> Cow<'static, str> {
        "NamePattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "regex" })
    }
}
