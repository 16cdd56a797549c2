//! Clusters, and what is read for each of them.
//!
//! M0 and dedicated ones come in one list; Flex clusters and serverless instances have lists of their own.
//! What a cluster runs on and where is worked out in `topology`; backups are in `backup`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::backup::BackupSchedule;
use super::cluster_settings::{GlobalWrites, OnlineArchive, ProcessArgs, SearchDeployment};
use super::history::{AccessHistory, BackupSnapshot, RestoreJob};
use super::reading::Reading;
use super::section::Section;
use super::tree::{Node, Resource, slots};
use super::values::{CloudProvider, Moment, Tag, open_enum};

/// A cluster: M0 or dedicated.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Unique in the project; part of the host names.
    pub name: Option<String>,
    /// Replica set, sharded or global.
    pub cluster_type: Option<ClusterType>,
    /// What Atlas is doing to it.
    pub state_name: Option<ClusterState>,
    /// A paused cluster still holds data and backups.
    pub paused: Option<bool>,
    /// When it was made.
    pub create_date: Option<Moment>,
    /// Such as `8.0.29`.
    #[serde(rename = "mongoDBVersion")]
    pub mongodb_version: Option<String>,
    /// Such as `8.0`.
    #[serde(rename = "mongoDBMajorVersion")]
    pub mongodb_major_version: Option<String>,
    /// Whether it follows major versions or every release.
    pub version_release_system: Option<ReleaseSystem>,
    /// What data files are compatible with.
    pub feature_compatibility_version: Option<String>,
    /// Only there while the compatibility version is pinned.
    pub feature_compatibility_version_expiration_date: Option<Moment>,
    /// Whose key encrypts the disks on top of the provider's own encryption.
    pub encryption_at_rest_provider: Option<KeyProvider>,
    /// Whether cloud backups are taken.
    pub backup_enabled: Option<bool>,
    /// Whether any moment of the restore window can be restored.
    pub pit_enabled: Option<bool>,
    /// Whether backups survive the cluster.
    pub retain_backups: Option<bool>,
    /// Whether Atlas refuses to delete it.
    pub termination_protection_enabled: Option<bool>,
    /// Whether values are removed from the server's log.
    pub redact_client_log_data: Option<bool>,
    /// The authority that signs its certificates.
    pub root_cert_type: Option<String>,
    /// The SQL connector of old.
    pub bi_connector: Option<BiConnector>,
    /// Only there while MongoDB's own people are let in.
    #[serde(rename = "mongoDBEmployeeAccessGrant")]
    pub mongodb_employee_access_grant: Option<EmployeeAccessGrant>,
    /// The TLS settings; absent on M0.
    pub advanced_configuration: Option<TlsConfiguration>,
    /// Where it is reached; empty while it is being made.
    pub connection_strings: Option<ConnectionStrings>,
    /// Its shards or zones. One entry per shard.
    pub replication_specs: Option<Vec<ReplicationSpec>>,
    /// The same as it is, where the one above is as it was asked for.
    pub effective_replication_specs: Option<Vec<ReplicationSpec>>,
    /// Whether somebody else than Atlas spreads a global cluster's data.
    pub global_cluster_self_managed_sharding: Option<bool>,
    /// Other than `NONE` on Atlas's own clusters.
    pub internal_cluster_role: Option<InternalRole>,
    /// What people say of it.
    pub tags: Option<Vec<Tag>>,
    /// The same, of old.
    pub labels: Option<Vec<Tag>>,
    /// How its servers are started.
    #[serde(skip)]
    pub process_args: Reading<ProcessArgs>,
    /// Its search nodes.
    #[serde(skip)]
    pub search_deployment: Reading<SearchDeployment>,
    /// Documents moved out of it.
    #[serde(skip)]
    pub online_archives: Reading<Vec<OnlineArchive>>,
    /// Which country's documents go to which zone, if it is a global cluster.
    #[serde(skip)]
    pub global_writes: Reading<GlobalWrites>,
    /// When it is backed up.
    #[serde(skip)]
    pub backup_schedule: Reading<BackupSchedule>,
    /// Who tried to log in.
    #[serde(skip)]
    pub access_history: Reading<AccessHistory>,
    /// Its backups, if it is a replica set.
    #[serde(skip)]
    pub backup_snapshots: Reading<Vec<BackupSnapshot>>,
    /// Its backups, if it is sharded.
    #[serde(skip)]
    pub sharded_backup_snapshots: Reading<Vec<BackupSnapshot>>,
    /// Where its backups went.
    #[serde(skip)]
    pub restore_jobs: Reading<Vec<RestoreJob>>,
}

open_enum! {
    /// How a cluster's data is spread.
    ClusterType { ReplicaSet = "REPLICASET", Sharded = "SHARDED", GeoSharded = "GEOSHARDED", }
}

open_enum! {
    /// What Atlas is doing to a cluster.
    ClusterState {
        Idle = "IDLE",
        Creating = "CREATING",
        Updating = "UPDATING",
        Deleting = "DELETING",
        /// Gone, listed for the sake of the backups that it left; the published list of states lacks it.
        Deleted = "DELETED",
        Repairing = "REPAIRING",
    }
}

open_enum! {
    /// Which releases of MongoDB a cluster follows.
    ReleaseSystem { LongTerm = "LTS", Continuous = "CONTINUOUS", }
}

open_enum! {
    /// Whose key management encrypts. `NONE` is Atlas's provider's own encryption, not none at all.
    KeyProvider { None = "NONE", Aws = "AWS", Azure = "AZURE", Gcp = "GCP", }
}

open_enum! {
    /// What a cluster is to Atlas itself.
    InternalRole { None = "NONE", System = "SYSTEM_CLUSTER", Shadow = "INTERNAL_SHADOW_CLUSTER", }
}

open_enum! {
    /// Oldest TLS that a cluster accepts.
    TlsProtocol { Tls1_0 = "TLS1_0", Tls1_1 = "TLS1_1", Tls1_2 = "TLS1_2", Tls1_3 = "TLS1_3", }
}

open_enum! {
    /// Whether the lists of ciphers count.
    CipherMode { Default = "DEFAULT", Custom = "CUSTOM", }
}

/// The SQL connector.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BiConnector {
    /// Whether it runs.
    pub enabled: Option<bool>,
}

/// Leave for MongoDB's own people to look into a cluster.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmployeeAccessGrant {
    /// How far it goes.
    pub grant_type: Option<String>,
    /// Until when.
    pub expiration_time: Option<Moment>,
}

/// TLS as a cluster speaks it. The same fields are in its process arguments.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TlsConfiguration {
    /// The oldest version accepted.
    pub minimum_enabled_tls_protocol: Option<TlsProtocol>,
    /// Whether the two lists below count.
    pub tls_cipher_config_mode: Option<CipherMode>,
    /// Accepted with TLS 1.2.
    pub custom_openssl_cipher_config_tls12: Option<Vec<String>>,
    /// Accepted with TLS 1.3.
    pub custom_openssl_cipher_config_tls13: Option<Vec<String>>,
}

/// Where a cluster is reached. No credential is in these.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionStrings {
    /// By host names, publicly, even where there are private endpoints.
    pub standard: Option<String>,
    /// By one name, publicly.
    pub standard_srv: Option<String>,
    /// By host names, over peering.
    pub private: Option<String>,
    /// By one name, over peering.
    pub private_srv: Option<String>,
    /// Over private endpoints.
    pub private_endpoint: Option<Vec<PrivateEndpointString>>,
}

/// How a cluster is reached over a private endpoint.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivateEndpointString {
    /// Whether it leads to servers or to routers.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// By one name.
    pub srv_connection_string: Option<String>,
    /// The endpoints that it goes over.
    pub endpoints: Option<Vec<ConnectionEndpoint>>,
}

/// An endpoint behind a connection string.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionEndpoint {
    /// The provider's own identifier.
    pub endpoint_id: Option<String>,
    /// Where it is.
    pub provider_name: Option<CloudProvider>,
    /// Where it is.
    pub region: Option<String>,
}

/// A shard, or a zone of a global cluster.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationSpec {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Of its zone.
    pub zone_id: Option<String>,
    /// As people call the zone.
    pub zone_name: Option<String>,
    /// Where its nodes are.
    pub region_configs: Option<Vec<RegionConfig>>,
}

/// Nodes of a shard in one region.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegionConfig {
    /// Where, or `TENANT` for shared machines.
    pub provider_name: Option<CloudProvider>,
    /// Where the shared machines are.
    pub backing_provider_name: Option<CloudProvider>,
    /// In Atlas's own spelling: `EU_WEST_1`.
    pub region_name: Option<String>,
    /// 7 is preferred for the primary; 0 cannot hold it.
    pub priority: Option<i64>,
    /// Nodes that vote.
    pub electable_specs: Option<HardwareSpec>,
    /// Nodes that only copy.
    pub read_only_specs: Option<HardwareSpec>,
    /// Nodes for analytics.
    pub analytics_specs: Option<HardwareSpec>,
}

/// What nodes run on.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HardwareSpec {
    /// Such as `M10`.
    pub instance_size: Option<String>,
    /// What shared machines became, such as `FLEX`.
    pub effective_instance_size: Option<String>,
    /// How many; absent on shared machines.
    pub node_count: Option<i64>,
}

impl Cluster {
    /// Whether it is one of Atlas's own, which nobody can configure; nothing if Atlas did not say.
    #[must_use]
    pub fn is_internal(&self) -> Option<bool> {
        self.internal_cluster_role.as_ref().map(|role| *role != InternalRole::None)
    }

    /// Whether it no longer exists and is listed for the backups that it left; nothing if Atlas did not say.
    #[must_use]
    pub fn is_deleted(&self) -> Option<bool> {
        self.state_name.as_ref().map(|state| *state == ClusterState::Deleted)
    }

    /// Whether it has shards; nothing if Atlas did not say.
    #[must_use]
    pub fn is_sharded(&self) -> Option<bool> {
        match self.cluster_type.as_ref()? {
            ClusterType::ReplicaSet => Some(false),
            ClusterType::Sharded | ClusterType::GeoSharded => Some(true),
            ClusterType::Other(_) => None,
        }
    }

    /// Whether its shards are zones, each for some countries; nothing if Atlas did not say.
    #[must_use]
    pub fn is_global(&self) -> Option<bool> {
        match self.cluster_type.as_ref()? {
            ClusterType::GeoSharded => Some(true),
            ClusterType::ReplicaSet | ClusterType::Sharded => Some(false),
            ClusterType::Other(_) => None,
        }
    }
}

impl Node for Cluster {
    fn key(&self) -> String {
        self.name.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("clusterName", self.name.clone().unwrap_or_default())]
    }

    fn offers(&self, section: Section) -> Result<(), &'static str> {
        if self.is_dedicated() == Some(false) {
            return Err("Atlas offers this for dedicated clusters only");
        }
        let backups =
            matches!(section, Section::BackupSnapshots | Section::ShardedBackupSnapshots | Section::RestoreJobs);
        if self.is_deleted() == Some(true) && !backups {
            return Err("the cluster is deleted, only its backups are left");
        }
        match section {
            Section::BackupSchedule if self.backup_enabled == Some(false) => Err("the cluster takes no backups"),
            Section::BackupSnapshots if self.is_sharded() == Some(true) => {
                Err("snapshots of sharded clusters have a list of their own")
            }
            Section::GlobalWrites if self.is_global() == Some(false) => Err("the cluster is no global cluster"),
            Section::ShardedBackupSnapshots if self.is_sharded() == Some(false) => Err("the cluster is not sharded"),
            _ => Ok(()),
        }
    }

    slots! {
        process_args: ProcessArgs,
        search_deployment: SearchDeployment,
        online_archives: OnlineArchives,
        global_writes: GlobalWrites,
        backup_schedule: BackupSchedule,
        access_history: AccessHistory,
        backup_snapshots: BackupSnapshots,
        sharded_backup_snapshots: ShardedBackupSnapshots,
        restore_jobs: RestoreJobs,
    }
}

impl Resource for Cluster {}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(cluster: &str, section: Section) -> bool {
        serde_json::from_str::<Cluster>(cluster).unwrap().offers(section).is_ok()
    }

    fn of_tier(provider: &str, more: &str) -> String {
        format!(r#"{{"replicationSpecs":[{{"regionConfigs":[{{"providerName":"{provider}"}}]}}]{more}}}"#)
    }

    #[test]
    fn shared_machines_have_none_of_the_sections() {
        let m0 = of_tier("TENANT", "");
        for (section, _) in Cluster::default().slots() {
            assert!(!offers(&m0, section), "{section}");
        }
    }

    #[test]
    fn who_knows_is_asked() {
        for (section, _) in Cluster::default().slots() {
            assert!(offers("{}", section), "{section}");
        }
    }

    #[test]
    fn a_schedule_needs_backups_and_snapshots_follow_the_type() {
        let with = |more| of_tier("AWS", more);
        assert!(!offers(&with(r#","backupEnabled":false"#), Section::BackupSchedule));
        assert!(offers(&with(r#","backupEnabled":true"#), Section::BackupSchedule));
        let sharded = with(r#","clusterType":"GEOSHARDED""#);
        assert!(offers(&sharded, Section::ShardedBackupSnapshots) && !offers(&sharded, Section::BackupSnapshots));
        let replica_set = with(r#","clusterType":"REPLICASET""#);
        assert!(offers(&sharded, Section::GlobalWrites) && !offers(&replica_set, Section::GlobalWrites));
        assert!(
            !offers(&replica_set, Section::ShardedBackupSnapshots) && offers(&replica_set, Section::BackupSnapshots)
        );
    }

    #[test]
    fn of_a_deleted_cluster_only_backups_are_left() {
        let deleted = of_tier("AWS", r#","stateName":"DELETED","clusterType":"REPLICASET""#);
        assert!(offers(&deleted, Section::BackupSnapshots) && offers(&deleted, Section::RestoreJobs));
        assert!(!offers(&deleted, Section::ProcessArgs) && !offers(&deleted, Section::BackupSchedule));
    }

    #[test]
    fn atlas_spells_these_its_own_way() {
        let json =
            r#"{"mongoDBVersion":"8.0.29","mongoDBMajorVersion":"8.0","mongoDBEmployeeAccessGrant":{"grantType":"G"}}"#;
        let cluster: Cluster = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&cluster).unwrap(), json);
    }
}
