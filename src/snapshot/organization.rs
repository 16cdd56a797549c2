//! An organization: its settings, its people and credentials, its federation and its policies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::credential::{AiModelApiKey, ApiKey, Credential, McpConfig, ServiceAccount};
use super::federation::{ConnectedOrganization, FederationSettings, IdentityProvider, RoleMapping};
use super::history::Event;
use super::network::ControlPlaneAddresses;
use super::people::{OrganizationUser, Team};
use super::policy::{NonCompliantResource, ResourcePolicy};
use super::reading::Reading;
use super::reference::Ref;
use super::tree::{Node, Object, slots};
use super::values::{open_enum, text_or_empty};

/// Everything about an organization but its projects.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// 24 hexadecimal digits.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
    /// Who the program itself is.
    #[serde(skip)]
    pub credential: Reading<Credential>,
    /// What it asks of its people and credentials.
    #[serde(skip)]
    pub settings: Reading<OrganizationSettings>,
    /// What programs may do in the name of its people.
    #[serde(skip)]
    pub delegation_settings: Reading<DelegationSettings>,
    /// Its people.
    #[serde(skip)]
    pub users: Reading<Vec<OrganizationUser>>,
    /// Its teams.
    #[serde(skip)]
    pub teams: Reading<Vec<Team>>,
    /// Its API keys.
    #[serde(skip)]
    pub api_keys: Reading<Vec<ApiKey>>,
    /// Its service accounts.
    #[serde(skip)]
    pub service_accounts: Reading<Vec<ServiceAccount>>,
    /// Its remote MCP servers.
    #[serde(skip)]
    pub mcp_configs: Reading<Vec<McpConfig>>,
    /// Its keys to models.
    #[serde(skip)]
    pub ai_model_api_keys: Reading<Vec<AiModelApiKey>>,
    /// What Atlas refuses.
    #[serde(skip)]
    pub resource_policies: Reading<Vec<ResourcePolicy>>,
    /// What was there before its policies.
    #[serde(skip)]
    pub non_compliant_resources: Reading<Vec<NonCompliantResource>>,
    /// The federation that it belongs to.
    #[serde(skip)]
    pub federation_settings: Reading<FederationSettings>,
    /// How it takes part in that.
    #[serde(skip)]
    pub connected_organization: Reading<ConnectedOrganization>,
    /// What groups of its provider may do.
    #[serde(skip)]
    pub role_mappings: Reading<Vec<RoleMapping>>,
    /// Where its people sign in.
    #[serde(skip)]
    pub identity_providers: Reading<Vec<IdentityProvider>>,
    /// Addresses that Atlas itself uses.
    #[serde(skip)]
    pub control_plane_addresses: Reading<ControlPlaneAddresses>,
    /// What was done.
    #[serde(skip)]
    pub events: Reading<Vec<Event>>,
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
        let federation = self.federation_settings.known().ok().and_then(|settings| settings.id.clone());
        let organization = ("orgId", self.id.clone());
        std::iter::once(organization).chain(federation.map(|id| ("federationSettingsId", id))).collect()
    }

    slots! {
        credential: Credential,
        settings: OrganizationSettings,
        delegation_settings: DelegationSettings,
        users: OrganizationUsers,
        teams: Teams,
        api_keys: ApiKeys,
        service_accounts: ServiceAccounts,
        mcp_configs: McpConfigs,
        ai_model_api_keys: AiModelApiKeys,
        resource_policies: ResourcePolicies,
        non_compliant_resources: NonCompliantResources,
        federation_settings: FederationSettings,
        connected_organization: ConnectedOrganization,
        role_mappings: RoleMappings,
        identity_providers: IdentityProviders,
        control_plane_addresses: ControlPlaneAddresses,
        events: OrganizationEvents,
    }
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

/// What programs may do in the name of the organization's people. No access list binds them.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DelegationSettings {
    /// Language models, by MCP. Absent is `DISALLOWED`.
    pub delegated_mcp_access: Option<DelegatedAccess>,
    /// Partners' applications. Absent is `DISALLOWED`.
    pub delegated_partner_access: Option<DelegatedAccess>,
    /// Seconds that a token lives unused; absent leaves it to Atlas.
    pub idle_refresh_token_lifetime: Option<i64>,
    /// Seconds that a token lives; absent leaves it to Atlas.
    pub maximum_refresh_token_lifetime: Option<i64>,
}

impl Object for DelegationSettings {}

open_enum! {
    /// How far programs may go in somebody's name.
    DelegatedAccess {
        Disallowed = "DISALLOWED",
        ReadOnly = "READ_ONLY",
        ReadWrite = "READ_WRITE",
    }
}
