//! An organization: its settings, its people and credentials, its federation and its policies.

use super::reading::Reading;
use super::reference::Ref;
use super::section::Section;
use super::tree::{Node, slots};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// Everything about an organization but its projects.
#[skip_serializing_none]
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// 24 hexadecimal digits.
    #[serde(default)]
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
    /// What the organization asks of its people and credentials.
    #[serde(skip)]
    pub settings: Reading<OrganizationSettings>,
}

impl Organization {
    /// Its identity.
    #[must_use]
    pub fn at(&self) -> Ref {
        Ref::organization(&self.id)
    }
}

impl Node for Organization {
    fn key(&self) -> String {
        self.id.clone()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("orgId", self.id.clone())]
    }

    slots! { settings: OrganizationSettings }
}

/// What an organization asks of its people and credentials.
///
/// <https://www.mongodb.com/docs/atlas/organizations-projects/>. No field is required: absent is not false.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationSettings {
    /// Everyone must use a second factor.
    pub multi_factor_auth_required: Option<bool>,
}

impl super::tree::Object for OrganizationSettings {}
