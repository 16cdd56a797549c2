//! Clusters, and what is read for each of them.
//!
//! M0 and dedicated ones come in one list; Flex clusters and serverless instances have lists of their own.
//! Backups are in `backup`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::backup::BackupSchedule;
use super::cluster_settings::{OnlineArchive, ProcessArgs, SearchDeployment};
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

impl RegionConfig {
    /// The provider whose machines these are, also of shared ones.
    #[must_use]
    pub fn provider(&self) -> Option<&CloudProvider> {
        match self.provider_name.as_ref()? {
            provider @ (CloudProvider::Aws | CloudProvider::Azure | CloudProvider::Gcp) => Some(provider),
            CloudProvider::Tenant | CloudProvider::Other(_) => self.backing_provider_name.as_ref(),
        }
    }

    fn tier(&self) -> Tier {
        let Some(provider) = &self.provider_name else { return Tier::Unknown };
        match provider.as_str() {
            "AWS" | "AZURE" | "GCP" => Tier::Dedicated,
            "FLEX" => Tier::Flex,
            "SERVERLESS" => Tier::Serverless,
            "TENANT" => match self.electable_specs.as_ref().and_then(HardwareSpec::size) {
                Some("M0") => Tier::Free,
                // M2 and M5 run on as Flex.
                Some("M2" | "M5" | "FLEX") => Tier::Flex,
                _ => Tier::Unknown,
            },
            _ => Tier::Unknown,
        }
    }
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

impl HardwareSpec {
    fn size(&self) -> Option<&str> {
        self.effective_instance_size.as_deref().or(self.instance_size.as_deref())
    }
}

/// What a cluster runs on, which decides what Atlas offers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// M0.
    Free,
    /// Flex, and M2 and M5 which became Flex.
    Flex,
    /// A serverless instance.
    Serverless,
    /// M10 and above.
    Dedicated,
    /// Atlas did not say, or said something new.
    Unknown,
}

/// A region that holds a cluster's data, and which kinds of nodes are there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegionUse {
    /// Whose machines.
    pub provider: CloudProvider,
    /// In Atlas's own spelling: `EU_WEST_1`.
    pub region: String,
    /// Nodes that vote.
    pub electable: bool,
    /// Nodes that only copy.
    pub read_only: bool,
    /// Nodes for analytics.
    pub analytics: bool,
}

impl Cluster {
    fn region_configs(&self) -> Option<Vec<&RegionConfig>> {
        let mut all = Vec::new();
        for spec in self.replication_specs.as_ref()? {
            all.extend(spec.region_configs.as_ref()?);
        }
        Some(all).filter(|configs| !configs.is_empty())
    }

    /// What it runs on. Shards and regions of one cluster never differ in that; if they seem to, it is unknown.
    #[must_use]
    pub fn tier(&self) -> Tier {
        let tiers: BTreeSet<_> = self.region_configs().into_iter().flatten().map(RegionConfig::tier).collect();
        match tiers.first() {
            Some(tier) if tiers.len() == 1 => *tier,
            _ => Tier::Unknown,
        }
    }

    /// Whether it runs on shared machines (M0, and the M2 and M5 of old); nothing if Atlas did not say.
    #[must_use]
    pub fn is_tenant(&self) -> Option<bool> {
        let configs = self.region_configs()?;
        let providers: Option<Vec<_>> = configs.iter().map(|config| config.provider_name.as_ref()).collect();
        Some(providers?.contains(&&CloudProvider::Tenant))
    }

    /// Whether it has machines of its own (M10 and above); nothing if Atlas did not say.
    #[must_use]
    pub fn is_dedicated(&self) -> Option<bool> {
        match self.tier() {
            Tier::Dedicated => Some(true),
            Tier::Free | Tier::Flex | Tier::Serverless => Some(false),
            Tier::Unknown => self.is_tenant().filter(|tenant| *tenant).map(|_| false),
        }
    }

    /// The regions that hold its data, each once, sorted; nothing if any of them is not named.
    ///
    /// A kind of nodes counts as present unless Atlas says that there are none: copies must not be overlooked.
    #[must_use]
    pub fn regions(&self) -> Option<Vec<RegionUse>> {
        let mut found: BTreeMap<(CloudProvider, String), [bool; 3]> = BTreeMap::new();
        for config in self.region_configs()? {
            let present = [&config.electable_specs, &config.read_only_specs, &config.analytics_specs]
                .map(|spec| spec.as_ref().is_some_and(|spec| spec.node_count != Some(0)));
            let silent = config.electable_specs.is_none()
                && config.read_only_specs.is_none()
                && config.analytics_specs.is_none();
            if !silent && !present.contains(&true) {
                continue;
            }
            let at = (config.provider()?.clone(), config.region_name.clone()?);
            let kinds = found.entry(at).or_default();
            for (kind, present) in kinds.iter_mut().zip(present) {
                *kind |= present;
            }
        }
        let found = found.into_iter();
        Some(
            found
                .map(|((provider, region), [electable, read_only, analytics])| RegionUse {
                    provider,
                    region,
                    electable,
                    read_only,
                    analytics,
                })
                .collect(),
        )
    }

    /// The providers whose machines hold its data; nothing if any of them is not named.
    #[must_use]
    pub fn providers(&self) -> Option<BTreeSet<CloudProvider>> {
        Some(self.regions()?.into_iter().map(|region| region.provider).collect())
    }

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
            Section::ShardedBackupSnapshots if self.is_sharded() == Some(false) => Err("the cluster is not sharded"),
            _ => Ok(()),
        }
    }

    slots! {
        process_args: ProcessArgs,
        search_deployment: SearchDeployment,
        online_archives: OnlineArchives,
        backup_schedule: BackupSchedule,
        access_history: AccessHistory,
        backup_snapshots: BackupSnapshots,
        sharded_backup_snapshots: ShardedBackupSnapshots,
        restore_jobs: RestoreJobs,
    }
}

impl Cluster {
    /// Whether it has shards; nothing if Atlas did not say.
    #[must_use]
    pub fn is_sharded(&self) -> Option<bool> {
        match self.cluster_type.as_ref()? {
            ClusterType::ReplicaSet => Some(false),
            ClusterType::Sharded | ClusterType::GeoSharded => Some(true),
            ClusterType::Other(_) => None,
        }
    }
}

impl Resource for Cluster {}
