//! Frameworks whose requirements the rules support. A pass supports a requirement, and does not satisfy it alone.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A framework, in the edition that the rules are mapped to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "their titles say it")]
pub enum Framework {
    PciDss,
    Hipaa,
    Gdpr,
    Soc2,
    Iso27001,
    Nist80053,
    Cis,
}

impl Framework {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::PciDss, Self::Hipaa, Self::Gdpr, Self::Soc2, Self::Iso27001, Self::Nist80053, Self::Cis];

    /// As it is typed: `pci-dss-4.0.1`.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::PciDss => "pci-dss-4.0.1",
            Self::Hipaa => "hipaa",
            Self::Gdpr => "gdpr",
            Self::Soc2 => "soc-2",
            Self::Iso27001 => "iso-27001",
            Self::Nist80053 => "nist-800-53r5",
            Self::Cis => "cis-v8",
        }
    }

    /// As people write it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::PciDss => "PCI DSS 4.0.1",
            Self::Hipaa => "HIPAA Security Rule (45 CFR)",
            Self::Gdpr => "GDPR",
            Self::Soc2 => "SOC 2 Trust Services Criteria",
            Self::Iso27001 => "ISO/IEC 27001:2022 Annex A",
            Self::Nist80053 => "NIST SP 800-53 rev. 5",
            Self::Cis => "CIS Controls v8",
        }
    }

    /// The beginnings by which people know it, without punctuation.
    const fn stems(self) -> &'static [&'static str] {
        match self {
            Self::PciDss => &["pci", "pcidss", "pcidss4", "pcidss401"],
            Self::Hipaa => &["hipaa"],
            Self::Gdpr => &["gdpr", "dsgvo"],
            Self::Soc2 => &["soc2"],
            Self::Iso27001 => &["iso27001", "iso270012022", "isoiec27001"],
            Self::Nist80053 => &["nist", "nist80053", "nist80053r5"],
            Self::Cis => &["cis", "cisv8", "cis8", "ciscontrolsv8"],
        }
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.slug())
    }
}

/// No framework is called so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no framework is called `{0}`; there are {known}", known = Framework::ALL.map(Framework::slug).join(", "))]
pub struct NoSuchFramework(String);

/// With or without punctuation and edition: `PCI-DSS-4.0.1`, `pci`, `iso27001`.
impl FromStr for Framework {
    type Err = NoSuchFramework;

    fn from_str(text: &str) -> Result<Self, NoSuchFramework> {
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let found = Self::ALL.into_iter().find(|framework| framework.stems().contains(&plain.as_str()));
        found.ok_or_else(|| NoSuchFramework(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Framework {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Framework {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

impl JsonSchema for Framework {
    fn schema_name() -> Cow<'static, str> {
        "Framework".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": Self::ALL.map(Self::slug) })
    }
}

#[cfg(test)]
mod tests {
    use super::Framework;

    #[test]
    fn a_framework_is_known_by_the_names_that_people_use() {
        for (typed, meant) in [
            ("pci-dss-4.0.1", Framework::PciDss),
            ("PCI", Framework::PciDss),
            ("pci-dss-4_0_1", Framework::PciDss),
            ("soc2", Framework::Soc2),
            ("ISO-27001:2022", Framework::Iso27001),
            ("nist-800-53r5", Framework::Nist80053),
            ("cis-v8", Framework::Cis),
        ] {
            assert_eq!(typed.parse(), Ok(meant), "{typed}");
        }
        for framework in Framework::ALL {
            assert_eq!(framework.slug().parse(), Ok(framework));
        }
        let error = "pci-dss-3.2.1".parse::<Framework>().unwrap_err().to_string();
        assert!(error.contains("hipaa") && error.contains("pci-dss-4.0.1"), "{error}");
    }
}
