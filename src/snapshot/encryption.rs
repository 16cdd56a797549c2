//! Keys of the customer's own, and the cloud roles by which Atlas reaches these and other things of theirs.
//!
//! Private endpoints to keys are in `private_endpoint`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::redaction::presence;
use super::tree::Object;
use super::values::{CloudProvider, Moment, open_enum};

/// A project's own keys. They encrypt nothing until a cluster says so.
///
/// <https://www.mongodb.com/docs/atlas/security-kms-encryption/>
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionAtRest {
    /// In AWS.
    pub aws_kms: Option<AwsKms>,
    /// In Azure.
    pub azure_key_vault: Option<AzureKeyVault>,
    /// In GCP.
    pub google_cloud_kms: Option<GoogleCloudKms>,
    /// Whether search nodes are encrypted too.
    pub enabled_for_search_nodes: Option<bool>,
}

impl Object for EncryptionAtRest {}

/// A key in AWS.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AwsKms {
    /// Whether clusters may use it.
    pub enabled: Option<bool>,
    /// Whether Atlas reaches it.
    pub valid: Option<bool>,
    /// Where it is.
    pub region: Option<String>,
    /// Which key; those of several regions begin with `mrk-`.
    #[serde(rename = "customerMasterKeyID")]
    pub customer_master_key_id: Option<String>,
    /// Whether Atlas holds long-lived keys for it instead of a role.
    #[serde(default, alias = "accessKeyID", deserialize_with = "presence")]
    pub has_access_key_id: Option<bool>,
    /// The role by which Atlas reaches it.
    pub role_id: Option<String>,
    /// Whether it is reached over private endpoints only.
    pub require_private_networking: Option<bool>,
}

/// A key in Azure.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AzureKeyVault {
    /// Whether clusters may use it.
    pub enabled: Option<bool>,
    /// Whether Atlas reaches it.
    pub valid: Option<bool>,
    /// Which of Azure's clouds.
    pub azure_environment: Option<String>,
    /// The application by which Atlas reaches it. Its secret cannot be read.
    #[serde(rename = "clientID")]
    pub client_id: Option<String>,
    /// The role by which Atlas reaches it without a secret.
    pub role_id: Option<String>,
    /// Which key, and which version.
    pub key_identifier: Option<String>,
    /// Which vault.
    pub key_vault_name: Option<String>,
    /// Which group.
    pub resource_group_name: Option<String>,
    /// Whose.
    #[serde(rename = "subscriptionID")]
    pub subscription_id: Option<String>,
    /// Whose directory.
    #[serde(rename = "tenantID")]
    pub tenant_id: Option<String>,
    /// Whether it is reached over private endpoints only.
    pub require_private_networking: Option<bool>,
}

/// A key in GCP.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GoogleCloudKms {
    /// Whether clusters may use it.
    pub enabled: Option<bool>,
    /// Whether Atlas reaches it.
    pub valid: Option<bool>,
    /// Which key, where, and which version.
    #[serde(rename = "keyVersionResourceID")]
    pub key_version_resource_id: Option<String>,
    /// The role by which Atlas reaches it without a key of its own.
    pub role_id: Option<String>,
}

/// What Atlas may do in the customer's own cloud accounts.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudProviderAccess {
    /// Roles in AWS.
    pub aws_iam_roles: Option<Vec<CloudRole>>,
    /// Principals in Azure.
    pub azure_service_principals: Option<Vec<CloudRole>>,
    /// Accounts in GCP.
    pub gcp_service_accounts: Option<Vec<CloudRole>>,
}

impl Object for CloudProviderAccess {}

impl CloudProviderAccess {
    /// All of them; nothing if Atlas left one of the lists out.
    #[must_use]
    pub fn all(&self) -> Option<Vec<&CloudRole>> {
        let lists = [&self.aws_iam_roles, &self.azure_service_principals, &self.gcp_service_accounts];
        let lists: Option<Vec<_>> = lists.into_iter().map(Option::as_ref).collect();
        Some(lists?.into_iter().flatten().collect())
    }
}

/// A role, principal or account that Atlas acts as in the customer's cloud.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudRole {
    /// Where it is.
    pub provider_name: Option<CloudProvider>,
    /// 24 hexadecimal digits; with Azure it is the next one.
    pub role_id: Option<String>,
    /// 24 hexadecimal digits, with Azure.
    #[serde(alias = "_id")]
    pub id: Option<String>,
    /// AWS: which role; absent until it is authorized.
    pub iam_assumed_role_arn: Option<String>,
    /// AWS: whom the role must trust.
    #[serde(rename = "atlasAWSAccountArn")]
    pub atlas_aws_account_arn: Option<String>,
    /// AWS: since when it works; absent until then.
    pub authorized_date: Option<Moment>,
    /// Azure: which principal.
    pub service_principal_id: Option<String>,
    /// Azure: whose directory.
    pub tenant_id: Option<String>,
    /// Azure: whom the principal stands for.
    pub atlas_azure_app_id: Option<String>,
    /// GCP: which account.
    pub gcp_service_account_for_atlas: Option<String>,
    /// GCP: how far it is.
    pub status: Option<String>,
    /// When it was made.
    pub created_date: Option<Moment>,
    /// When it last changed.
    pub last_updated_date: Option<Moment>,
    /// What it is used for.
    pub feature_usages: Option<Vec<FeatureUsage>>,
}

impl CloudRole {
    /// Atlas's own identifier of it, which other sections refer to.
    #[must_use]
    pub fn identifier(&self) -> Option<&str> {
        self.role_id.as_deref().or(self.id.as_deref())
    }

    /// What it is in the other cloud. Two of Atlas's identifiers may stand for one of these.
    #[must_use]
    pub fn principal(&self) -> Option<&str> {
        let principal = self.iam_assumed_role_arn.as_deref().or(self.service_principal_id.as_deref());
        principal.or(self.gcp_service_account_for_atlas.as_deref())
    }
}

/// A use of a role.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureUsage {
    /// What for.
    pub feature_type: Option<FeatureType>,
}

open_enum! {
    /// What Atlas uses a role for.
    FeatureType {
        DataLake = "ATLAS_DATA_LAKE",
        EncryptionAtRest = "ENCRYPTION_AT_REST",
        ExportSnapshot = "EXPORT_SNAPSHOT",
        PushBasedLogExport = "PUSH_BASED_LOG_EXPORT",
        LogIntegration = "ATLAS_LOG_INTEGRATION",
    }
}
