//! Ranges of addresses, as access lists and peering write them.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A range in CIDR notation, or the text that Atlas wrote instead.
///
/// Host bits are kept as they were sent: `10.0.0.0/0` is what the console shows, and it admits everyone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressRange {
    /// An address is a range of one.
    Net(IpNet),
    /// Neither a range nor an address: a rule that meets it cannot know.
    Other(String),
}

impl AddressRange {
    /// The range, if it is one.
    #[must_use]
    pub fn net(&self) -> Option<IpNet> {
        match self {
            Self::Net(net) => Some(*net),
            Self::Other(_) => None,
        }
    }

    /// Atlas sends a single host as an address, as a range, or as both: the range says more.
    pub(crate) fn of(range: Option<String>, address: Option<String>) -> Option<Self> {
        [range, address].into_iter().flatten().find(|text| !text.is_empty()).map(Self::from)
    }
}

impl From<String> for AddressRange {
    fn from(text: String) -> Self {
        let trimmed = text.trim();
        let net = trimmed.parse::<IpNet>().ok().or_else(|| trimmed.parse::<IpAddr>().ok().map(IpNet::from));
        net.map_or_else(|| Self::Other(text), Self::Net)
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Net(net) => net.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Serialize for AddressRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddressRange {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?))
    }
}

impl JsonSchema for AddressRange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AddressRange".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "examples": ["203.0.113.0/28", "2001:db8::/48"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str, address: &str) -> Option<String> {
        AddressRange::of(Some(range.to_owned()), Some(address.to_owned())).map(|range| range.to_string())
    }

    #[test]
    fn a_lone_address_is_a_range_of_one() {
        assert_eq!(of("", "192.0.2.7").as_deref(), Some("192.0.2.7/32"));
        assert_eq!(of("", "2001:db8::1").as_deref(), Some("2001:db8::1/128"));
        assert_eq!(AddressRange::of(None, None), None);
    }

    #[test]
    fn the_range_outranks_the_address_and_keeps_its_host_bits() {
        assert_eq!(of("10.0.0.0/0", "10.0.0.0").as_deref(), Some("10.0.0.0/0"));
    }

    #[test]
    fn what_is_no_range_stays_as_it_is() {
        let range = AddressRange::from("office".to_owned());
        assert_eq!(range, AddressRange::Other("office".to_owned()));
        assert_eq!(range.net(), None);
    }
}
