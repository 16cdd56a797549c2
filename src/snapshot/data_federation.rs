//! Federated databases: queries that reach beyond clusters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::reading::Reading;
use super::redaction::Origin;
use super::tree::{Node, Resource, slots};
use super::values::DataRegion;

/// A federated database: queries over clusters, buckets and web addresses.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FederatedDatabase {
    /// Unique in the project.
    pub name: Option<String>,
    /// `ACTIVE`, `UNVERIFIED` or `DELETED`.
    pub state: Option<String>,
    /// Where it is reached, publicly.
    pub hostnames: Option<Vec<String>>,
    /// Where it is reached over private endpoints.
    pub private_endpoint_hostnames: Option<Vec<PrivateHostname>>,
    /// As whom it reads buckets.
    pub cloud_provider_config: Option<FederatedRoles>,
    /// Where it runs; absent is near the client.
    pub data_process_region: Option<DataRegion>,
    /// What it reads.
    pub storage: Option<FederatedStorage>,
    /// How much it may read.
    #[serde(skip)]
    pub limits: Reading<Vec<QueryLimit>>,
}

impl Node for FederatedDatabase {
    fn key(&self) -> String {
        self.name.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("tenantName", self.name.clone().unwrap_or_default())]
    }

    slots! { limits: FederatedDatabaseLimits }
}

/// How much the queries of a federated database may read in a day, a week, a month, or each.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueryLimit {
    /// Such as `bytesProcessed.daily`.
    pub name: Option<String>,
    /// In bytes.
    pub value: Option<i64>,
    /// `BLOCK` lets running queries end, `BLOCK_AND_KILL` does not.
    pub overrun_policy: Option<String>,
    /// In bytes, of the present period.
    pub current_usage: Option<i64>,
}

impl Node for QueryLimit {
    fn key(&self) -> String {
        self.name.clone().unwrap_or_default()
    }
}

impl Resource for QueryLimit {}

impl Resource for FederatedDatabase {}

/// A host name of a federated database on a private endpoint.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivateHostname {
    /// The name.
    pub hostname: Option<String>,
    /// The endpoint.
    pub private_endpoint: Option<String>,
}

/// As whom a federated database reads buckets.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FederatedRoles {
    /// In AWS.
    pub aws: Option<FederatedAwsRole>,
    /// In Azure.
    pub azure: Option<FederatedAzureRole>,
    /// In GCP.
    pub gcp: Option<FederatedGcpRole>,
}

/// A role in AWS.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FederatedAwsRole {
    /// 24 hexadecimal digits.
    pub role_id: Option<String>,
    /// Which.
    #[serde(rename = "iamAssumedRoleARN")]
    pub iam_assumed_role_arn: Option<String>,
}

/// A principal in Azure.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FederatedAzureRole {
    /// 24 hexadecimal digits.
    pub role_id: Option<String>,
    /// Which.
    pub service_principal_id: Option<String>,
    /// Whose directory.
    pub tenant_id: Option<String>,
}

/// An account in GCP.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FederatedGcpRole {
    /// 24 hexadecimal digits.
    pub role_id: Option<String>,
    /// Which.
    pub gcp_service_account: Option<String>,
}

/// What a federated database reads. Either may be absent.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FederatedStorage {
    /// Where data lies.
    pub stores: Option<Vec<Store>>,
    /// How it looks.
    pub databases: Option<Vec<VirtualDatabase>>,
}

/// Somewhere that data lies.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Store {
    /// As collections call it.
    pub name: Option<String>,
    /// `s3`, `atlas`, `http`, `azure`, `gcs` and others.
    pub provider: Option<String>,
    /// Where it is.
    pub region: Option<String>,
    /// S3 and GCS.
    pub bucket: Option<String>,
    /// S3 and others: whether it is read without credentials.
    pub public: Option<bool>,
    /// Azure.
    pub container_name: Option<String>,
    /// Azure: the host.
    #[serde(alias = "serviceURL")]
    pub service_url_origin: Option<Origin>,
    /// Atlas: which cluster.
    pub cluster_name: Option<String>,
    /// Atlas: of which project.
    pub project_id: Option<String>,
    /// Web: whether certificates go unchecked.
    pub allow_insecure: Option<bool>,
    /// Web: hosts.
    #[serde(alias = "urls")]
    pub url_origins: Option<Vec<Origin>>,
}

/// A database as it looks.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualDatabase {
    /// Its name.
    pub name: Option<String>,
    /// Its collections.
    pub collections: Option<Vec<VirtualCollection>>,
}

/// A collection as it looks.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualCollection {
    /// Its name.
    pub name: Option<String>,
    /// Where its documents come from.
    pub data_sources: Option<Vec<DataSource>>,
}

/// Where documents of a collection come from.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataSource {
    /// The store.
    pub store_name: Option<String>,
    /// Atlas: the database.
    pub database: Option<String>,
    /// Atlas: the collection.
    pub collection: Option<String>,
    /// Web: whether certificates go unchecked.
    pub allow_insecure: Option<bool>,
    /// Web: hosts.
    #[serde(alias = "urls")]
    pub url_origins: Option<Vec<Origin>>,
}
