//! How bad a finding is.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ordered: critical is the greatest. *Unknown* is a verdict, not a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For the reader only.
    Info,
    /// Hygiene.
    Low,
    /// Weakens a layer or hides trouble.
    Medium,
    /// Removes a main layer.
    High,
    /// One step from loss or exposure of data.
    Critical,
}

impl Severity {
    /// From the worst to the mildest.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// In lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Not a severity.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a severity: critical, high, medium, low or info")]
pub struct NoSuchSeverity(String);

impl FromStr for Severity {
    type Err = NoSuchSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| NoSuchSeverity(text.to_owned()))
    }
}
