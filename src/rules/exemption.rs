//! What an organization lets be: always with somebody who answers for it, and never for ever.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::engine::day::Day;
use crate::engine::declared::Pattern;

/// Whether something is exempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is.
    Exempt,
    /// It is not.
    Judged,
    /// It was: what to add to the finding.
    Ended(String),
}

impl Standing {
    /// By the entry that names it. An entry that still counts outranks one that does not.
    pub(crate) fn of<'a>(entries: impl IntoIterator<Item = (&'a str, Day)>, now: Timestamp) -> Self {
        let mut standing = Self::Judged;
        for (owner, until) in entries {
            if !until.is_over(now) {
                return Self::Exempt;
            }
            standing = Self::Ended(format!(" (its exemption by {owner} ended on {until})"));
        }
        standing
    }

    /// By two lists: exempt by one is exempt.
    pub(crate) fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Exempt, _) | (Self::Ended(_), Self::Judged | Self::Ended(_)) => self,
            (Self::Judged, _) | (Self::Ended(_), Self::Exempt) => other,
        }
    }

    /// What to add to a finding.
    pub(crate) fn note(&self) -> &str {
        match self {
            Self::Exempt | Self::Judged => "",
            Self::Ended(note) => note,
        }
    }
}

/// A database user who may do what others may not: `{ user = "ops", owner = "platform", until = 2026-12-31 }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExemptUser {
    user: String,
    owner: String,
    until: Day,
}

/// A range that may be wider than others: `{ cidr = "198.51.96.0/20", owner = "network", until = 2026-12-31 }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExemptRange {
    #[serde(deserialize_with = "range")]
    cidr: IpNet,
    owner: String,
    until: Day,
}

/// A project, or a cluster by its id, that others may leave out: `{ project = "pay*", owner = "platform", until = 2026-12-31 }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExemptProject {
    project: Pattern,
    owner: String,
    until: Day,
}

/// Whether a project is exempt, by its id or name.
pub(crate) fn project_standing(exempt: &[ExemptProject], id: &str, name: Option<&str>, now: Timestamp) -> Standing {
    let is_named = |pattern: &Pattern| pattern.matches(id) || name.is_some_and(|name| pattern.matches(name));
    let named = exempt.iter().filter(|exemption| is_named(&exemption.project));
    Standing::of(named.map(|exemption| (exemption.owner.as_str(), exemption.until)), now)
}

/// Whether a user is exempt, by the exact name.
pub(crate) fn user_standing(exemptions: &[ExemptUser], username: Option<&str>, now: Timestamp) -> Standing {
    let named = exemptions.iter().filter(|exemption| Some(exemption.user.as_str()) == username);
    Standing::of(named.map(|exemption| (exemption.owner.as_str(), exemption.until)), now)
}

/// Whether all of a range is exempt.
pub(crate) fn range_standing(exemptions: &[ExemptRange], range: &IpNet, now: Timestamp) -> Standing {
    let around = exemptions.iter().filter(|exemption| exemption.cidr.contains(&range.trunc()));
    Standing::of(around.map(|exemption| (exemption.owner.as_str(), exemption.until)), now)
}

/// A range as people write it, or an address.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct Range(#[serde(deserialize_with = "range")] pub(crate) IpNet);

/// A range or an address.
fn range<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IpNet, D::Error> {
    let text = String::deserialize(deserializer)?;
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>()
        .ok()
        .or_else(address)
        .map(|range| range.trunc())
        .ok_or_else(|| D::Error::custom(format!("`{text}` is no range such as 198.51.100.0/24")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_still_counts() {
        let day: Day =
            toml::from_str::<toml::Table>("until = 2026-12-31").unwrap()["until"].clone().try_into().unwrap();
        assert!(!day.is_over("2026-12-31T23:59:59Z".parse().unwrap()));
        assert!(day.is_over("2027-01-01T00:00:00Z".parse().unwrap()));
        let quoted: Day = toml::Value::from("2026-12-31").try_into().unwrap();
        assert_eq!(quoted.to_string(), day.to_string());
        assert!(toml::Value::from("soon").try_into::<Day>().is_err());
    }

    #[test]
    fn an_entry_that_counts_outranks_one_that_ended() {
        let day = |text: &str| toml::Value::from(text).try_into::<Day>().unwrap();
        let now = "2026-11-01T12:00:00Z".parse().unwrap();
        assert_eq!(Standing::of([("a", day("2026-10-01")), ("b", day("2026-12-01"))], now), Standing::Exempt);
        assert_eq!(Standing::of([("b", day("2026-12-01")), ("a", day("2026-10-01"))], now), Standing::Exempt);
        assert!(Standing::of([("a", day("2026-10-01"))], now).note().contains("by a ended on 2026-10-01"));
        assert_eq!(Standing::of([], now), Standing::Judged);
    }

    #[test]
    fn an_exempt_range_covers_what_lies_in_it() {
        let list: [ExemptRange; 1] =
            [toml::from_str("cidr = '198.51.96.0/20'\nowner = 'network'\nuntil = 2026-12-31").unwrap()];
        let now = "2026-11-01T12:00:00Z".parse().unwrap();
        let standing = |text: &str| range_standing(&list, &text.parse().unwrap(), now);
        assert_eq!(standing("198.51.100.9/22"), Standing::Exempt);
        assert_eq!(standing("198.51.96.0/19"), Standing::Judged);
    }

    #[test]
    fn a_user_is_exempt_by_the_exact_name() {
        let list: [ExemptUser; 1] = [toml::from_str("user = 'ops'\nowner = 'platform'\nuntil = 2026-12-31").unwrap()];
        let now = "2026-11-01T12:00:00Z".parse().unwrap();
        assert_eq!(user_standing(&list, Some("ops"), now), Standing::Exempt);
        assert_eq!(user_standing(&list, Some("ops2"), now), Standing::Judged);
        assert_eq!(user_standing(&list, None, now), Standing::Judged);
    }
}
