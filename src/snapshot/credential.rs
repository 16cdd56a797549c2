//! Credentials of programs: API keys, service accounts, MCP servers, model keys; and the one in use.
//!
//! Secrets, masked ones too, have no field here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::address::AddressRange;
use super::people::RoleGrant;
use super::reading::Reading;
use super::redaction::Origin;
use super::tree::{Node, Object, Resource, slots};
use super::values::Moment;

/// Who the program itself is to Atlas. An API key is told about itself, a service account is not.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// Absent for a service account.
    pub api_key: Option<OwnApiKey>,
    /// The service account that asks. Atlas does not say: whoever fetches fills it in. It is no secret.
    pub client_id: Option<String>,
    /// `MongoDB Atlas`.
    pub app_name: Option<String>,
    /// Whether Atlas slows the caller down.
    pub throttling: Option<bool>,
}

impl Object for Credential {}

/// The API key that asks.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnApiKey {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Its public half.
    pub public_key: Option<String>,
    /// What it may do.
    pub roles: Option<Vec<RoleGrant>>,
    /// From where it may be used.
    pub access_list: Option<Vec<CredentialAccessEntry>>,
}

/// An API key of the organization.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// What people wrote about it.
    pub desc: Option<String>,
    /// Its public half.
    pub public_key: Option<String>,
    /// Of the organization and of its projects, in one list.
    pub roles: Option<Vec<RoleGrant>>,
    /// From where it may be used, and when it last was.
    #[serde(skip)]
    pub access_list: Reading<Vec<CredentialAccessEntry>>,
}

impl ApiKey {
    /// When it was made. Atlas does not say; an identifier starts with the second in which it was made.
    #[must_use]
    pub fn created(&self) -> Option<jiff::Timestamp> {
        let seconds = i64::from_str_radix(self.id.as_deref().filter(|id| id.len() == 24)?.get(..8)?, 16).ok()?;
        jiff::Timestamp::from_second(seconds).ok()
    }
}

impl Node for ApiKey {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("apiUserId", self.id.clone().unwrap_or_default())]
    }

    slots! { access_list: ApiKeyAccessList }
}

impl Resource for ApiKey {}

/// An entry of a credential's access list.
///
/// API keys and service accounts name the same things differently; here they have the names of the latter.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", from = "CredentialAccessRow")]
pub struct CredentialAccessEntry {
    /// From where it may be used.
    pub cidr_block: Option<AddressRange>,
    /// When the entry was made.
    pub created_at: Option<Moment>,
    /// When it was last used from there; absent before the first time.
    pub last_used_at: Option<Moment>,
    /// From which address it was last used.
    pub last_used_address: Option<String>,
    /// How often it was used from there.
    pub request_count: Option<i64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CredentialAccessRow {
    cidr_block: Option<String>,
    ip_address: Option<String>,
    created: Option<Moment>,
    created_at: Option<Moment>,
    last_used: Option<Moment>,
    last_used_at: Option<Moment>,
    last_used_address: Option<String>,
    count: Option<i64>,
    request_count: Option<i64>,
}

impl From<CredentialAccessRow> for CredentialAccessEntry {
    fn from(row: CredentialAccessRow) -> Self {
        Self {
            cidr_block: AddressRange::of(row.cidr_block, row.ip_address),
            created_at: row.created_at.or(row.created),
            last_used_at: row.last_used_at.or(row.last_used),
            last_used_address: row.last_used_address,
            request_count: row.request_count.or(row.count),
        }
    }
}

impl Node for CredentialAccessEntry {
    fn key(&self) -> String {
        self.cidr_block.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

impl Resource for CredentialAccessEntry {}

/// A service account of the organization.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccount {
    /// `mdb_sa_id_` and 24 hexadecimal digits.
    pub client_id: Option<String>,
    /// As people call it.
    pub name: Option<String>,
    /// What people wrote about it.
    pub description: Option<String>,
    /// Whether it belongs to an MCP configuration, which Atlas looks after.
    pub is_system_managed: Option<bool>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// In the organization; those in projects are read apart.
    pub roles: Option<Vec<String>>,
    /// When each was made, used and runs out.
    pub secrets: Option<Vec<CredentialSecret>>,
    /// From where it may be used.
    #[serde(skip)]
    pub access_list: Reading<Vec<CredentialAccessEntry>>,
    /// Where it was let in. Their owners may then make new secrets of it.
    #[serde(skip)]
    pub projects: Reading<Vec<ServiceAccountProject>>,
}

impl Node for ServiceAccount {
    fn key(&self) -> String {
        self.client_id.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("clientId", self.client_id.clone().unwrap_or_default())]
    }

    slots! { access_list: ServiceAccountAccessList, projects: ServiceAccountProjects }
}

impl Resource for ServiceAccount {}

/// A project that a service account was let into.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccountProject {
    /// The project.
    pub group_id: Option<String>,
    /// What it may do there.
    pub roles: Option<Vec<String>>,
}

impl Node for ServiceAccountProject {
    fn key(&self) -> String {
        self.group_id.clone().unwrap_or_default()
    }
}

impl Resource for ServiceAccountProject {}

/// A service account as a project sees it: its own, or one of the organization's that it let in.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectServiceAccount {
    /// `mdb_sa_id_` and 24 hexadecimal digits.
    pub client_id: Option<String>,
    /// As people call it.
    pub name: Option<String>,
    /// What people wrote about it.
    pub description: Option<String>,
    /// Whether it belongs to an MCP configuration, which Atlas looks after.
    pub is_system_managed: Option<bool>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// In the project.
    pub roles: Option<Vec<String>>,
    /// When each was made, used and runs out.
    pub secrets: Option<Vec<CredentialSecret>>,
    /// From where it may be used.
    #[serde(skip)]
    pub access_list: Reading<Vec<CredentialAccessEntry>>,
}

impl Node for ProjectServiceAccount {
    fn key(&self) -> String {
        self.client_id.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("clientId", self.client_id.clone().unwrap_or_default())]
    }

    slots! { access_list: ProjectServiceAccountAccessList }
}

impl Resource for ProjectServiceAccount {}

/// A secret of a service account, without the secret. One that ran out may still be listed.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialSecret {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When it runs out.
    pub expires_at: Option<Moment>,
    /// When it was last used.
    pub last_used_at: Option<Moment>,
}

impl Node for CredentialSecret {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for CredentialSecret {}

/// A remote MCP server of the organization: what language models may do in its name.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct McpConfig {
    /// 24 hexadecimal digits.
    pub mcp_config_id: Option<String>,
    /// As people call it.
    pub mcp_config_name: Option<String>,
    /// The service account that clients come in by; it is listed among the service accounts too.
    pub client_id: Option<String>,
    /// The service account that goes out.
    pub egress_client_id: Option<String>,
    /// In the organization.
    pub roles: Option<Vec<String>>,
    /// From where it may be used.
    pub ip_access_list: Option<Vec<CredentialAccessEntry>>,
    /// When each was made, used and runs out.
    #[serde(skip)]
    pub secrets: Reading<Vec<CredentialSecret>>,
}

impl Node for McpConfig {
    fn key(&self) -> String {
        self.mcp_config_id.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("mcpConfigId", self.mcp_config_id.clone().unwrap_or_default())]
    }

    slots! { secrets: McpSecrets }
}

impl Resource for McpConfig {}

/// A remote MCP server of a project.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectMcpConfig {
    /// 24 hexadecimal digits.
    pub mcp_config_id: Option<String>,
    /// As people call it.
    pub mcp_config_name: Option<String>,
    /// The service account that clients come in by; it is listed among the service accounts too.
    pub client_id: Option<String>,
    /// The service account that goes out.
    pub egress_client_id: Option<String>,
    /// In the project.
    pub roles: Option<Vec<String>>,
    /// From where it may be used.
    pub ip_access_list: Option<Vec<CredentialAccessEntry>>,
    /// When each was made, used and runs out.
    #[serde(skip)]
    pub secrets: Reading<Vec<CredentialSecret>>,
}

impl Node for ProjectMcpConfig {
    fn key(&self) -> String {
        self.mcp_config_id.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("mcpConfigId", self.mcp_config_id.clone().unwrap_or_default())]
    }

    slots! { secrets: ProjectMcpSecrets }
}

impl Resource for ProjectMcpConfig {}

/// A key to models that MongoDB hosts. It never runs out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AiModelApiKey {
    /// 24 hexadecimal digits.
    pub api_key_id: Option<String>,
    /// As people call it.
    pub name: Option<String>,
    /// The project that it belongs to.
    pub group_id: Option<String>,
    /// Free text.
    pub status: Option<String>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// Who made it.
    pub created_by: Option<String>,
    /// When it was last used.
    pub last_used_at: Option<Moment>,
    /// Where the model runs.
    pub cloud: Option<String>,
    /// Where the model runs.
    pub geography: Option<String>,
    /// Where requests go.
    pub endpoint: Option<Origin>,
}

impl Node for AiModelApiKey {
    fn key(&self) -> String {
        self.api_key_id.clone().unwrap_or_default()
    }
}

impl Resource for AiModelApiKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_credential_have_one_kind_of_entry() {
        let key = r#"{"cidrBlock":"192.0.2.7/32","ipAddress":"192.0.2.7","created":"2026-01-02T03:04:05Z",
            "lastUsed":"2026-02-03T04:05:06Z","count":7}"#;
        let account = r#"{"cidrBlock":"192.0.2.7/32","ipAddress":null,"createdAt":"2026-01-02T03:04:05Z",
            "lastUsedAt":"2026-02-03T04:05:06Z","requestCount":7}"#;
        let read = |json| serde_json::from_str::<CredentialAccessEntry>(json).unwrap();
        assert_eq!(read(key), read(account));
        assert_eq!(read(key).key(), "192.0.2.7/32");
    }

    #[test]
    fn an_api_key_was_made_when_its_identifier_says() {
        let key = |id: &str| ApiKey { id: Some(id.to_owned()), ..ApiKey::default() };
        let made = key("6a793f582c88faeba59ba4d4").created().unwrap();
        assert_eq!(made.to_string(), "2026-08-10T03:02:48Z");
        assert_eq!(key("not an identifier").created(), None);
    }
}
