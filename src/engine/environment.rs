//! Which projects are production: the strict case, unless a tag or a name says otherwise.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a project or cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real data. Also whatever does not say what it is.
    #[serde(alias = "prod")]
    Production,
    /// Like production, without its data.
    Staging,
    /// Tests, continuous integration, quality assurance.
    Test,
    /// Somebody's workbench, sandboxes and demos.
    #[serde(alias = "dev")]
    Development,
}

impl Environment {
    const WORDS: &[(&str, Self)] = &[
        ("production", Self::Production),
        ("prod", Self::Production),
        ("prd", Self::Production),
        ("live", Self::Production),
        ("staging", Self::Staging),
        ("stage", Self::Staging),
        ("stg", Self::Staging),
        ("preprod", Self::Staging),
        ("preproduction", Self::Staging),
        ("uat", Self::Staging),
        ("test", Self::Test),
        ("testing", Self::Test),
        ("qa", Self::Test),
        ("ci", Self::Test),
        ("e2e", Self::Test),
        ("development", Self::Development),
        ("dev", Self::Development),
        ("devel", Self::Development),
        ("sandbox", Self::Development),
        ("playground", Self::Development),
        ("scratch", Self::Development),
        ("demo", Self::Development),
    ];

    fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, environment)| *environment)
    }

    /// From tags called `environment` or `env`. A value that is none of the known words says nothing; of two that
    /// contradict each other the stricter counts, in whatever order Atlas lists them.
    pub fn of_tags<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        tags.into_iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case("environment") || key.eq_ignore_ascii_case("env"))
            .filter_map(|(_, value)| Self::of_word(value.trim()))
            .min()
    }

    /// From the words of a name: `payments-staging`, `dev_sandbox`. A name with a word of production in it is
    /// production, whatever else it says (`prod-test-results`).
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(Self::of_word).min()
    }

    /// The tag decides, else the name, else it is production.
    pub fn decide<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>, name: &str) -> Self {
        Self::of_tags(tags).or_else(|| Self::of_name(name)).unwrap_or(Self::Production)
    }

    /// In lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Test => "test",
            Self::Development => "development",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Environment::{self, Development, Production, Staging, Test};

    #[test]
    fn a_tag_outranks_the_name_and_silence_is_production() {
        assert_eq!(Environment::decide([("Environment", "staging")], "payments-dev"), Staging);
        assert_eq!(Environment::decide([("env", "QA")], "x"), Test);
        assert_eq!(Environment::decide([("environment", "blue")], "sandbox-eu"), Development);
        assert_eq!(Environment::decide([("env", "dev"), ("environment", "production")], "x"), Production);
        assert_eq!(Environment::decide([], "payments"), Production);
        assert_eq!(Environment::decide([], "prod-test-results"), Production);
        assert_eq!(Environment::decide([], "devices"), Production);
        assert_eq!(Environment::decide([], "shop_DEV"), Development);
    }
}
