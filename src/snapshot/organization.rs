//! An organization: its settings, its people and credentials, its federation and its policies.

use super::reading::Reading;
use super::reference::Ref;
use super::tree::{Node, Object, slots};
use super::values::text_or_empty;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// Everything about an organization but its projects.
#[skip_serializing_none]
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// 24 hexadecimal digits.
    #[serde(default, deserialize_with = "text_or_empty")]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationSettings {
    /// Everyone must use a second factor.
    pub multi_factor_auth_required: Option<bool>,
    /// A credential without an access list is refused.
    pub api_access_list_required: Option<bool>,
    /// MongoDB's own people need leave to look into clusters.
    pub restrict_employee_access: Option<bool>,
    /// Language models in the console.
    #[serde(rename = "genAIFeaturesEnabled")]
    pub gen_ai_features_enabled: Option<bool>,
    /// Stream workspaces may connect to other projects' clusters.
    pub streams_cross_group_enabled: Option<bool>,
    /// Cap on the life of new secrets of service accounts; old ones keep theirs.
    pub max_service_account_secret_validity_in_hours: Option<i64>,
    /// Who hears of security matters; may be empty.
    pub security_contact: Option<String>,
    /// Who hears of outages.
    pub operations_contact: Option<String>,
    /// How long a session in the console lives.
    pub custom_session_timeouts: Option<SessionTimeouts>,
}

impl Object for OrganizationSettings {}

/// How long a session in the console lives. Absent members leave it to Atlas.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionTimeouts {
    /// Whatever people do.
    pub absolute_session_timeout_in_seconds: Option<i64>,
    /// When they do nothing.
    pub idle_session_timeout_in_seconds: Option<i64>,
}
