//! What is read for each dedicated cluster beside its backups: process arguments, search nodes, archives, zones.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::cluster::{CipherMode, KeyProvider, TlsProtocol};
use super::tree::{Node, Object, Resource};
use super::values::{CloudProvider, DataRegion, open_enum};

/// How a cluster's servers are started. Most members are absent until somebody sets them.
///
/// The TLS settings are the same as in the cluster itself.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProcessArgs {
    /// Whether the server runs JavaScript.
    pub javascript_enabled: Option<bool>,
    /// The oldest version accepted.
    pub minimum_enabled_tls_protocol: Option<TlsProtocol>,
    /// Whether the two lists below count.
    pub tls_cipher_config_mode: Option<CipherMode>,
    /// Accepted with TLS 1.2.
    pub custom_openssl_cipher_config_tls12: Option<Vec<String>>,
    /// Accepted with TLS 1.3.
    pub custom_openssl_cipher_config_tls13: Option<Vec<String>>,
    /// How many nodes must have a write.
    pub default_write_concern: Option<String>,
    /// Whether queries without an index are refused.
    pub no_table_scan: Option<bool>,
    /// How long the log of operations reaches back at least.
    pub oplog_min_retention_hours: Option<serde_json::Number>,
    /// How large it may be.
    #[serde(rename = "oplogSizeMB")]
    pub oplog_size_mb: Option<i64>,
    /// How long a transaction may take.
    pub transaction_lifetime_limit_seconds: Option<i64>,
    /// How long a query may take.
    #[serde(rename = "defaultMaxTimeMS")]
    pub default_max_time_ms: Option<i64>,
}

impl Object for ProcessArgs {}

/// Search nodes of a cluster; an empty object if it has none.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchDeployment {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// What Atlas is doing to them.
    pub state_name: Option<String>,
    /// Whose key encrypts their disks.
    pub encryption_at_rest_provider: Option<KeyProvider>,
    /// As asked for.
    pub specs: Option<Vec<SearchSpec>>,
    /// As they are.
    pub effective_specs: Option<Vec<SearchSpec>>,
}

impl Object for SearchDeployment {}

impl SearchDeployment {
    /// Whether there are search nodes at all.
    #[must_use]
    pub fn exists(&self) -> bool {
        let some = |specs: &Option<Vec<SearchSpec>>| specs.as_ref().is_some_and(|specs| !specs.is_empty());
        self.id.is_some() || some(&self.specs) || some(&self.effective_specs)
    }
}

/// Search nodes of one kind.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchSpec {
    /// Where they are.
    pub cloud_provider: Option<CloudProvider>,
    /// Where they are.
    pub region_name: Option<String>,
    /// Such as `S20_HIGHCPU_NVME`.
    pub instance_size: Option<String>,
    /// How many.
    pub node_count: Option<i64>,
}

/// Old documents of a collection, moved to object storage.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnlineArchive {
    /// 24 hexadecimal digits.
    #[serde(alias = "_id")]
    pub id: Option<String>,
    /// Whose documents.
    pub db_name: Option<String>,
    /// Whose documents.
    pub coll_name: Option<String>,
    /// What it is doing.
    pub state: Option<ArchiveState>,
    /// Whether documents stay where they are for now.
    pub paused: Option<bool>,
    /// When they are deleted; absent is never.
    pub data_expiration_rule: Option<ExpirationRule>,
    /// Where they are.
    pub data_process_region: Option<DataRegion>,
    /// `STANDARD` or `TIMESERIES`.
    pub collection_type: Option<String>,
    /// When they are moved.
    pub criteria: Option<ArchiveCriteria>,
}

impl Node for OnlineArchive {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for OnlineArchive {}

open_enum! {
    /// What an archive is doing.
    ArchiveState {
        Pending = "PENDING",
        Active = "ACTIVE",
        Pausing = "PAUSING",
        Paused = "PAUSED",
        Deleted = "DELETED",
        Orphaned = "ORPHANED",
    }
}

/// When archived documents are deleted.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExpirationRule {
    /// After how many days in the archive.
    pub expire_after_days: Option<i64>,
}

/// When documents are moved. A query of people's own holds values and stays out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveCriteria {
    /// `DATE` or `CUSTOM`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Which field is their date.
    pub date_field: Option<String>,
    /// After how many days.
    pub expire_after_days: Option<i64>,
}

/// Which documents of a global cluster go where.
///
/// <https://www.mongodb.com/docs/atlas/global-clusters/>
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GlobalWrites {
    /// Zones by country (`DE`), or by a part of one (`US-CA`): a zone is named by its `zoneId`.
    pub custom_zone_mapping: Option<BTreeMap<String, String>>,
    /// The collections that Atlas spreads over the zones.
    pub managed_namespaces: Option<Vec<ManagedNamespace>>,
    /// Whether people spread collections themselves, by ranges that only the database knows.
    pub self_managed_sharding: Option<bool>,
}

impl Object for GlobalWrites {}

/// A collection that Atlas spreads over zones. Its shard key stays out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedNamespace {
    /// Its database.
    pub db: Option<String>,
    /// Its name.
    pub collection: Option<String>,
}
