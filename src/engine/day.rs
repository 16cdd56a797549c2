//! A day, as people write it where they answer for something until then.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day of the calendar of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl Day {
    /// The day of a moment.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self(moment.to_zoned(TimeZone::UTC).date())
    }

    /// Its first moment.
    #[must_use]
    pub fn start(self) -> Timestamp {
        let late = if self.0.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
        self.0.to_zoned(TimeZone::UTC).map_or(late, |start| start.timestamp())
    }

    /// Whether it lies behind us: a day counts until its end.
    #[must_use]
    pub fn is_over(self, now: Timestamp) -> bool {
        Self::of(now) > self
    }

    /// How many days ago it was; negative if it is still to come.
    #[must_use]
    pub fn age(self, now: Timestamp) -> i64 {
        i64::from(Self::of(now).0.since(self.0).map_or(0, |span| span.get_days()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `2026-12-31`, with quotes or without: TOML has dates of its own.
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            toml::Value::Datetime(date) => date.to_string(),
            other => return Err(D::Error::custom(format!("`{other}` is no day such as 2026-12-31"))),
        };
        text.parse().map(Self).map_err(|_| D::Error::custom(format!("`{text}` is no day such as 2026-12-31")))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}
