//! A reading is known or unavailable, and the compiler keeps it so.
//!
//! There is no way from an unavailable reading to a value: no default, no empty list. What a rule makes of
//! one is the verdict *unknown* (see `engine::verdict`).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// What one call to the Admin API gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading<T> {
    /// The call was answered in full and understood.
    Known(T),
    /// It was not.
    Unavailable(Unavailable),
}

impl<T> Reading<T> {
    /// The value, or why there is none.
    pub fn known(&self) -> Result<&T, &Unavailable> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unavailable(why) => Err(why),
        }
    }

    /// The same, for whoever fills a snapshot.
    pub fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unavailable(_) => None,
        }
    }

    /// Applies `change` to a known value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Known(value) => Reading::Known(change(value)),
            Self::Unavailable(why) => Reading::Unavailable(why),
        }
    }
}

/// Nobody asked yet.
impl<T> Default for Reading<T> {
    fn default() -> Self {
        Self::Unavailable(Unavailable::not_fetched())
    }
}

/// Why a section could not be read.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unavailable {
    /// The kind of trouble.
    pub reason: Reason,
    /// The path that was asked, such as `/groups/<id>/auditLog`; empty if nothing was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub endpoint: String,
    /// HTTP status of the last answer.
    pub status: Option<u16>,
    /// Atlas's own constant, such as `USER_UNAUTHORIZED`.
    pub error_code: Option<String>,
    /// The roles of which any one would be enough to read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// More, for people: how often it was tried, what could not be parsed.
    pub detail: Option<String>,
}

impl Unavailable {
    /// Trouble of this kind with this endpoint.
    pub fn new(reason: Reason, endpoint: impl Into<String>) -> Self {
        Self { reason, endpoint: endpoint.into(), status: None, error_code: None, roles: Vec::new(), detail: None }
    }

    /// The section was left out when the snapshot was taken.
    #[must_use]
    pub fn not_fetched() -> Self {
        Self::new(Reason::NotFetched, "")
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.endpoint.is_empty() {
            write!(f, "{}", self.reason.phrase())?;
        } else {
            write!(f, "{} GET {}", self.reason.phrase(), self.endpoint)?;
        }
        match (self.status, &self.error_code) {
            (Some(status), Some(code)) => write!(f, " ({status} {code})")?,
            (Some(status), None) => write!(f, " ({status})")?,
            (None, Some(code)) => write!(f, " ({code})")?,
            (None, None) => {}
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {}", detail.trim_end_matches('.'))?;
        }
        if self.reason == Reason::Forbidden && !self.roles.is_empty() {
            write!(f, "; {} can read it", self.roles.join(" or "))?;
        }
        Ok(())
    }
}

/// Kinds of trouble with a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Atlas refused: 401 `USER_UNAUTHORIZED` or 403.
    Forbidden,
    /// 404: the thing, or the project around it, is not there or not visible.
    NotFound,
    /// 400 or 406: this resource has no such feature, or no longer this version.
    Unsupported,
    /// 429 to the last attempt.
    RateLimited,
    /// 5xx to the last attempt.
    ServerError,
    /// No answer in time.
    TimedOut,
    /// The connection failed or was cut off.
    Transport,
    /// An answer that is not what it should be.
    Malformed,
    /// More than the size limit of one answer.
    TooLarge,
    /// The run was stopped before this was read.
    Interrupted,
    /// Nothing asked for it.
    NotFetched,
}

impl Reason {
    fn phrase(self) -> &'static str {
        match self {
            Self::Forbidden => "Atlas refused",
            Self::NotFound => "Atlas does not find",
            Self::Unsupported => "Atlas does not support",
            Self::RateLimited => "the rate limit stopped",
            Self::ServerError => "Atlas failed at",
            Self::TimedOut => "no answer in time to",
            Self::Transport => "the connection failed at",
            Self::Malformed => "the answer is malformed to",
            Self::TooLarge => "the answer is too large to",
            Self::Interrupted => "the run was interrupted before",
            Self::NotFetched => "not fetched when the snapshot was taken",
        }
    }
}
