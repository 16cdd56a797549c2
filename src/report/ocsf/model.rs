//! As much of OCSF 1.8.0 as we write. What is not known is left out: the framework knows no null.

use std::borrow::Cow;

use serde::Serialize;
use serde_with::skip_serializing_none;

/// Class 2003, Compliance Finding.
#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Event<'a> {
    pub(super) activity_id: u8,
    pub(super) activity_name: &'static str,
    pub(super) category_uid: u8,
    pub(super) category_name: &'static str,
    pub(super) class_uid: u16,
    pub(super) class_name: &'static str,
    pub(super) type_uid: u32,
    pub(super) type_name: String,
    /// Milliseconds since 1970.
    pub(super) time: i64,
    pub(super) severity_id: u8,
    pub(super) severity: &'static str,
    /// Who deals with it, not whether it passes.
    pub(super) status_id: Option<u8>,
    pub(super) status: Option<&'static str>,
    pub(super) message: &'a str,
    pub(super) metadata: Metadata<'a>,
    pub(super) cloud: Cloud<'a>,
    pub(super) finding_info: FindingInfo<'a>,
    pub(super) compliance: Compliance<'a>,
    pub(super) remediation: Option<Remediation<'a>>,
    pub(super) resources: [ResourceDetails<'a>; 1],
}

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    pub(super) version: &'static str,
    pub(super) profiles: [&'static str; 1],
    pub(super) product: Product,
    /// Id of the rule.
    pub(super) event_code: &'a str,
    pub(super) tenant_uid: &'a str,
}

#[derive(Serialize)]
pub(super) struct Product {
    pub(super) name: &'static str,
    pub(super) vendor_name: &'static str,
    pub(super) version: &'static str,
}

#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Cloud<'a> {
    pub(super) provider: &'static str,
    pub(super) org: Named<'a>,
    pub(super) account: Option<Account<'a>>,
}

#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Named<'a> {
    pub(super) uid: &'a str,
    pub(super) name: Option<&'a str>,
}

/// The project, which is what others call an account.
#[derive(Serialize)]
pub(super) struct Account<'a> {
    pub(super) uid: &'a str,
    pub(super) name: &'a str,
    pub(super) type_id: u8,
    pub(super) r#type: &'static str,
}

#[skip_serializing_none]
#[derive(Serialize)]
pub(super) struct FindingInfo<'a> {
    pub(super) uid: &'a str,
    pub(super) title: &'a str,
    pub(super) desc: &'a str,
    /// The category of the rule.
    pub(super) types: [&'a str; 1],
    pub(super) analytic: Analytic<'a>,
    pub(super) src_url: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Analytic<'a> {
    pub(super) uid: &'a str,
    pub(super) name: &'a str,
    pub(super) type_id: u8,
    pub(super) r#type: &'static str,
}

#[derive(Serialize)]
pub(super) struct Compliance<'a> {
    pub(super) control: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) standards: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) requirements: Vec<String>,
    pub(super) status_id: u8,
    pub(super) status: &'static str,
    /// Our own word: `fail`, `waived`, `unknown`, `attested`, `pass` or `fixed`.
    pub(super) status_code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) status_details: Vec<Cow<'a, str>>,
    pub(super) checks: [Check<'a>; 1],
}

#[derive(Serialize)]
pub(super) struct Check<'a> {
    pub(super) uid: &'a str,
    pub(super) name: &'a str,
    pub(super) status_id: u8,
    pub(super) status: &'static str,
}

/// Whether it passes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Status {
    Pass,
    /// There is no result, because something is missing.
    Warning,
    Fail,
}

impl Status {
    pub(super) const fn id(self) -> u8 {
        match self {
            Self::Pass => 1,
            Self::Warning => 2,
            Self::Fail => 3,
        }
    }

    pub(super) const fn caption(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Warning => "Warning",
            Self::Fail => "Fail",
        }
    }
}

#[derive(Serialize)]
pub(super) struct Remediation<'a> {
    pub(super) desc: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) references: &'a [String],
}

#[derive(Serialize)]
pub(super) struct ResourceDetails<'a> {
    pub(super) uid: &'a str,
    pub(super) name: &'a str,
    pub(super) r#type: &'static str,
}
