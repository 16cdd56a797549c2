//! Exemptions that a rule's parameters grant: somebody answers for them, and they end.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de};

/// A database user who may do what others may not: `{ user = "ops", owner = "platform", until = 2026-12-31 }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExemptUser {
    user: String,
    owner: String,
    #[serde(deserialize_with = "day")]
    until: Date,
}

/// A range that may be wider than others: `{ cidr = "198.51.96.0/20", owner = "network", until = 2026-12-31 }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExemptRange {
    #[serde(deserialize_with = "range")]
    cidr: IpNet,
    owner: String,
    #[serde(deserialize_with = "day")]
    until: Date,
}

/// Whether somebody or something is exempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Today.
    Exempt,
    /// Once; what to say of it.
    Ended(String),
    /// Never.
    Plain,
}

impl Standing {
    /// What a finding adds: nothing, or that an exemption has ended.
    pub(crate) fn note(&self) -> &str {
        match self {
            Self::Ended(note) => note,
            Self::Exempt | Self::Plain => "",
        }
    }
}

/// The last day counts. Of several exemptions, one that holds is enough.
fn standing<'a>(exemptions: impl Iterator<Item = (&'a str, Date)>, now: Timestamp) -> Standing {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut standing = Standing::Plain;
    for (owner, until) in exemptions {
        if until >= today {
            return Standing::Exempt;
        }
        standing = Standing::Ended(format!("; the exemption that {owner} answers for ended on {until}"));
    }
    standing
}

/// Whether a user is exempt, by the exact name.
pub(crate) fn user_standing(exemptions: &[ExemptUser], username: Option<&str>, now: Timestamp) -> Standing {
    let named = exemptions.iter().filter(|exemption| Some(exemption.user.as_str()) == username);
    standing(named.map(|exemption| (exemption.owner.as_str(), exemption.until)), now)
}

/// Whether all of a range is exempt.
pub(crate) fn range_standing(exemptions: &[ExemptRange], range: &IpNet, now: Timestamp) -> Standing {
    let around = exemptions.iter().filter(|exemption| exemption.cidr.contains(&range.trunc()));
    standing(around.map(|exemption| (exemption.owner.as_str(), exemption.until)), now)
}

/// A day, with or without quotes.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(day) => day.to_string(),
        other => return Err(de::Error::custom(format!("expected a day such as 2026-12-31, not `{other}`"))),
    };
    text.parse().map_err(|_| de::Error::custom(format!("`{text}` is not a day such as 2026-12-31")))
}

/// A range or an address.
fn range<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IpNet, D::Error> {
    let text = String::deserialize(deserializer)?;
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>()
        .ok()
        .or_else(address)
        .map(|range| range.trunc())
        .ok_or_else(|| de::Error::custom(format!("`{text}` is not a range such as 198.51.100.0/24")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(table: &str) -> Result<ExemptUser, toml::de::Error> {
        toml::from_str(table)
    }

    fn at(now: &str) -> Timestamp {
        now.parse().unwrap()
    }

    #[test]
    fn the_last_day_counts() {
        let list = [user("user = 'ops'\nowner = 'platform'\nuntil = 2026-10-31").unwrap()];
        let standing = |name, now| user_standing(&list, Some(name), at(now));
        assert_eq!(standing("ops", "2026-10-31T23:59:59Z"), Standing::Exempt);
        assert_eq!(standing("app", "2026-10-31T00:00:00Z"), Standing::Plain);
        let ended = standing("ops", "2026-11-01T00:00:00Z");
        assert_eq!(ended.note(), "; the exemption that platform answers for ended on 2026-10-31");
    }

    #[test]
    fn days_may_be_quoted_and_must_be_days() {
        assert!(user("user = 'ops'\nowner = 'platform'\nuntil = '2026-10-31'").is_ok());
        assert!(user("user = 'ops'\nowner = 'platform'\nuntil = 'soon'").is_err());
        assert!(user("user = 'ops'\nowner = 'platform'\nuntil = 5").is_err());
        assert!(user("user = 'ops'\nowner = 'platform'").is_err());
    }

    #[test]
    fn an_exempt_range_covers_what_lies_in_it() {
        let list: [ExemptRange; 1] =
            [toml::from_str("cidr = '198.51.96.0/20'\nowner = 'network'\nuntil = 2026-12-31").unwrap()];
        let standing = |text: &str| range_standing(&list, &text.parse().unwrap(), at("2026-11-01T12:00:00Z"));
        assert_eq!(standing("198.51.100.9/22"), Standing::Exempt);
        assert_eq!(standing("198.51.96.0/19"), Standing::Plain);
    }
}
