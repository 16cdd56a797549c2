//! What stays of values that may hold secrets: whether they are there, where they lead, what they are called.
//!
//! Used where an answer is parsed, so that nothing else ever exists. Each reads its own result back, for that is
//! what a snapshot holds.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Turns a value that must not be kept into whether there is one; reads its own answer back.
///
/// With `#[serde(default, alias = "<Atlas's field>", deserialize_with = "presence")]` on an `Option<bool>`.
pub(crate) fn presence<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => None,
        Some(Value::Bool(there)) => Some(there),
        Some(Value::String(text)) => Some(!text.is_empty()),
        Some(Value::Array(items)) => Some(!items.is_empty()),
        Some(Value::Object(fields)) => Some(!fields.is_empty()),
        Some(Value::Number(_)) => Some(true),
    })
}

/// Turns a map, or a list of objects with a `name`, into the names alone.
pub(crate) fn names<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    fn text(value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }
    let mut names: Vec<String> = match Option::<Value>::deserialize(deserializer)? {
        Some(Value::Object(fields)) => fields.into_iter().map(|(name, _)| name).collect(),
        Some(Value::Array(items)) => {
            items.iter().filter_map(|item| text(item).or_else(|| text(item.get("name")?))).collect()
        }
        _ => return Ok(None),
    };
    names.sort();
    Ok(Some(names))
}

/// Scheme, host and port of a URL. Path, query, fragment and user are where keys hide.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// In lower case, if the URL says it.
    #[must_use]
    pub fn scheme(&self) -> Option<&str> {
        self.0.split_once("://").map(|(scheme, _)| scheme)
    }

    /// Host and port. Empty if the URL was no URL.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or(self.0.as_str(), |(_, authority)| authority)
    }

    /// Whether what goes there can be read on the way; nothing if the URL says no scheme.
    #[must_use]
    pub fn is_clear_text(&self) -> Option<bool> {
        self.scheme().map(|scheme| matches!(scheme, "http" | "ws" | "ftp" | "tcp"))
    }
}

impl From<String> for Origin {
    fn from(url: String) -> Self {
        let (scheme, rest) = match url.trim().split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, url.trim()),
        };
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let plain = |text: &str, also: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c));
        // Whatever does not look like a host may be anything: a key in the wrong field, say.
        let labels_fit = host.split(['.', ':']).all(|label| label.len() <= 63);
        let named = scheme.is_some() || host.contains('.') || host.starts_with("localhost");
        let host = if labels_fit && named && plain(host, ".-_:[]*") { host } else { "" };
        Self(match scheme {
            Some(scheme) if plain(&scheme, "+-.") => format!("{scheme}://{host}"),
            _ => host.to_owned(),
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Origin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?))
    }
}

impl JsonSchema for Origin {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Origin".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "examples": ["https://hooks.example.com:8443"] })
    }
}

/// A field of an object, if it is text.
pub(crate) fn text_of(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> String {
        Origin::from(url.to_owned()).to_string()
    }

    #[test]
    fn only_scheme_host_and_port_stay_of_a_url() {
        assert_eq!(
            origin("https://user:pw@hooks.example.com:8443/T0/B1/xyz?token=t#f"),
            "https://hooks.example.com:8443"
        );
        assert_eq!(origin("HTTP://[2001:db8::1]:80/x"), "http://[2001:db8::1]:80");
        assert_eq!(origin("collector.example.com:4317/v1?key=k"), "collector.example.com:4317");
        assert_eq!(origin("https://example.com\\@secret/"), "https://example.com");
        assert_eq!(origin("a token, not a url!"), "");
        assert_eq!(origin("0123456789abcdef"), "", "a key in the wrong field");
        assert_eq!(origin(&format!("https://{}.example.com/", "k".repeat(64))), "https://");
        assert_eq!(origin(""), "");
    }

    #[test]
    fn an_origin_is_its_own_origin() {
        for url in ["https://h.example.com/x", "localhost:4317", "x y", "https://u:p@h/"] {
            assert_eq!(origin(&origin(url)), origin(url));
        }
    }

    #[test]
    fn clear_text_is_known_only_with_a_scheme() {
        assert_eq!(Origin::from("http://h".to_owned()).is_clear_text(), Some(true));
        assert_eq!(Origin::from("https://h".to_owned()).is_clear_text(), Some(false));
        assert_eq!(Origin::from("h.example.com:4317".to_owned()).is_clear_text(), None);
    }

    #[test]
    fn names_outlive_their_values() {
        let names = |json: &str| names(&mut serde_json::Deserializer::from_str(json)).unwrap();
        let both = Some(vec!["authorization".to_owned(), "x-key".to_owned()]);
        assert_eq!(names(r#"{"x-key":"s","authorization":"s"}"#), both);
        assert_eq!(names(r#"[{"name":"authorization","value":"s"},{"name":"x-key"}]"#), both);
        assert_eq!(names(r#"["authorization","x-key"]"#), both);
        assert_eq!(names("null"), None);
    }
}
