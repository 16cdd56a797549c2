//! A project: what it says of itself, and everything that is read for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::alert::{Alert, AlertConfig};
use super::backup::{BackupCompliancePolicy, ExportBucket};
use super::cluster::Cluster;
use super::credential::{ProjectMcpConfig, ProjectServiceAccount};
use super::data_federation::FederatedDatabase;
use super::database_access::{CustomRole, DatabaseUser, UserSecurity};
use super::encryption::{CloudProviderAccess, EncryptionAtRest};
use super::history::Event;
use super::logging::{AuditLog, Integration, LogIntegration, MetricIntegration, PushBasedLogExport};
use super::network::{AccessListEntry, Container, IpAddresses, Peer};
use super::people::{ProjectTeam, ProjectUser};
use super::private_endpoint::{FederationPrivateEndpoint, PrivateEndpointService, RegionalMode, ServiceEndpoint};
use super::reading::{Reading, Unavailable};
use super::reference::Ref;
use super::shared_tier::{FlexCluster, ServerlessInstance};
use super::streams::{StreamPeer, StreamPrivateLink, StreamWorkspace};
use super::tree::{Node, Object, Resource, slots};
use super::values::{Moment, Tag, open_enum, text_or_empty};

/// What the list of projects tells of one: enough to choose it and to say what it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListedProject {
    /// 24 hexadecimal digits.
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
    /// What people say of it.
    pub tags: Vec<Tag>,
}

/// The projects of an organization, or why nobody knows them.
pub type Listing<'a> = Result<&'a [ListedProject], &'a Unavailable>;

impl Project {
    /// Itself, as the list of projects has it.
    #[must_use]
    pub fn listed(&self) -> ListedProject {
        ListedProject { id: self.id.clone(), name: self.name.clone(), tags: self.tags.clone().unwrap_or_default() }
    }
}

/// A project, which the API calls a group.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// 24 hexadecimal digits.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
    /// The organization that it belongs to.
    pub org_id: Option<String>,
    /// When it was made.
    pub created: Option<Moment>,
    /// How many clusters it holds, by Atlas's count.
    pub cluster_count: Option<i64>,
    /// What people say of it.
    pub tags: Option<Vec<Tag>>,
    /// Whether Atlas gave it the usual alerts when it was made.
    pub with_default_alerts_settings: Option<bool>,
    /// Atlas for Government only.
    pub region_usage_restrictions: Option<RegionRestrictions>,
    /// What the console lets people do.
    #[serde(skip)]
    pub settings: Reading<ProjectSettings>,
    /// Who reaches it, however they came to.
    #[serde(skip)]
    pub users: Reading<Vec<ProjectUser>>,
    /// The teams that it let in.
    #[serde(skip)]
    pub teams: Reading<Vec<ProjectTeam>>,
    /// Public addresses of its clusters.
    #[serde(skip)]
    pub ip_addresses: Reading<IpAddresses>,
    /// When Atlas may restart things.
    #[serde(skip)]
    pub maintenance_window: Reading<MaintenanceWindow>,
    /// From where its clusters are reached.
    #[serde(skip)]
    pub access_list: Reading<Vec<AccessListEntry>>,
    /// Atlas's networks.
    #[serde(skip)]
    pub containers: Reading<Vec<Container>>,
    /// Peerings in AWS.
    #[serde(skip)]
    pub aws_peers: Reading<Vec<Peer>>,
    /// Peerings in Azure.
    #[serde(skip)]
    pub azure_peers: Reading<Vec<Peer>>,
    /// Peerings in GCP.
    #[serde(skip)]
    pub gcp_peers: Reading<Vec<Peer>>,
    /// Private endpoints in AWS.
    #[serde(skip)]
    pub aws_private_endpoint_services: Reading<Vec<PrivateEndpointService>>,
    /// Private endpoints in Azure.
    #[serde(skip)]
    pub azure_private_endpoint_services: Reading<Vec<PrivateEndpointService>>,
    /// Private endpoints in GCP.
    #[serde(skip)]
    pub gcp_private_endpoint_services: Reading<Vec<PrivateEndpointService>>,
    /// Whether private endpoints are per region.
    #[serde(skip)]
    pub regional_mode: Reading<RegionalMode>,
    /// Private endpoints to federated databases and archives.
    #[serde(skip)]
    pub federation_private_endpoints: Reading<Vec<FederationPrivateEndpoint>>,
    /// Service accounts, its own and those that it let in.
    #[serde(skip)]
    pub service_accounts: Reading<Vec<ProjectServiceAccount>>,
    /// Remote MCP servers.
    #[serde(skip)]
    pub mcp_configs: Reading<Vec<ProjectMcpConfig>>,
    /// Who logs in to its databases.
    #[serde(skip)]
    pub database_users: Reading<Vec<DatabaseUser>>,
    /// Roles of its own making.
    #[serde(skip)]
    pub custom_roles: Reading<Vec<CustomRole>>,
    /// Its directory and certificate authority.
    #[serde(skip)]
    pub user_security: Reading<UserSecurity>,
    /// Its own keys.
    #[serde(skip)]
    pub encryption_at_rest: Reading<EncryptionAtRest>,
    /// Private endpoints to keys in AWS.
    #[serde(skip)]
    pub aws_kms_private_endpoints: Reading<Vec<ServiceEndpoint>>,
    /// Private endpoints to keys in Azure.
    #[serde(skip)]
    pub azure_kms_private_endpoints: Reading<Vec<ServiceEndpoint>>,
    /// What Atlas may do in the customer's cloud accounts.
    #[serde(skip)]
    pub cloud_provider_access: Reading<CloudProviderAccess>,
    /// What is recorded.
    #[serde(skip)]
    pub audit_log: Reading<AuditLog>,
    /// Where logs go.
    #[serde(skip)]
    pub log_integrations: Reading<Vec<LogIntegration>>,
    /// Where logs go, of old.
    #[serde(skip)]
    pub push_based_log_export: Reading<PushBasedLogExport>,
    /// Where metrics go.
    #[serde(skip)]
    pub metric_integrations: Reading<Vec<MetricIntegration>>,
    /// Somebody else's services.
    #[serde(skip)]
    pub integrations: Reading<Vec<Integration>>,
    /// What people are told of.
    #[serde(skip)]
    pub alert_configs: Reading<Vec<AlertConfig>>,
    /// What holds just now.
    #[serde(skip)]
    pub open_alerts: Reading<Vec<Alert>>,
    /// M0 and dedicated clusters.
    #[serde(skip)]
    pub clusters: Reading<Vec<Cluster>>,
    /// Flex clusters.
    #[serde(skip)]
    pub flex_clusters: Reading<Vec<FlexCluster>>,
    /// Serverless instances.
    #[serde(skip)]
    pub serverless_instances: Reading<Vec<ServerlessInstance>>,
    /// What nobody can undo about backups.
    #[serde(skip)]
    pub backup_compliance_policy: Reading<BackupCompliancePolicy>,
    /// Where backups are exported to.
    #[serde(skip)]
    pub export_buckets: Reading<Vec<ExportBucket>>,
    /// Private endpoints to buckets.
    #[serde(skip)]
    pub object_storage_private_endpoints: Reading<Vec<ServiceEndpoint>>,
    /// Queries that reach beyond clusters.
    #[serde(skip)]
    pub federated_databases: Reading<Vec<FederatedDatabase>>,
    /// Where stream processors run.
    #[serde(skip)]
    pub stream_workspaces: Reading<Vec<StreamWorkspace>>,
    /// Private ways out of stream processing.
    #[serde(skip)]
    pub stream_private_links: Reading<Vec<StreamPrivateLink>>,
    /// Peerings of stream processing.
    #[serde(skip)]
    pub stream_peers: Reading<Vec<StreamPeer>>,
    /// What was done.
    #[serde(skip)]
    pub events: Reading<Vec<Event>>,
}

open_enum! {
    /// Which regions of the government's cloud a project may use.
    RegionRestrictions { Commercial = "COMMERCIAL_FEDRAMP_REGIONS_ONLY", Government = "GOV_REGIONS_ONLY", }
}

impl Project {
    /// Its identity within an organization.
    #[must_use]
    pub fn at(&self, organization: &Ref) -> Ref {
        organization.project(&self.id)
    }
}

impl Node for Project {
    fn key(&self) -> String {
        self.id.clone()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("groupId", self.id.clone())]
    }

    slots! {
        settings: ProjectSettings,
        users: ProjectUsers,
        teams: ProjectTeams,
        ip_addresses: IpAddresses,
        maintenance_window: MaintenanceWindow,
        access_list: AccessList,
        containers: Containers,
        aws_peers: AwsPeers,
        azure_peers: AzurePeers,
        gcp_peers: GcpPeers,
        aws_private_endpoint_services: AwsPrivateEndpointServices,
        azure_private_endpoint_services: AzurePrivateEndpointServices,
        gcp_private_endpoint_services: GcpPrivateEndpointServices,
        regional_mode: RegionalMode,
        federation_private_endpoints: FederationPrivateEndpoints,
        service_accounts: ProjectServiceAccounts,
        mcp_configs: ProjectMcpConfigs,
        database_users: DatabaseUsers,
        custom_roles: CustomRoles,
        user_security: UserSecurity,
        encryption_at_rest: EncryptionAtRest,
        aws_kms_private_endpoints: AwsKmsPrivateEndpoints,
        azure_kms_private_endpoints: AzureKmsPrivateEndpoints,
        cloud_provider_access: CloudProviderAccess,
        audit_log: AuditLog,
        log_integrations: LogIntegrations,
        push_based_log_export: PushBasedLogExport,
        metric_integrations: MetricIntegrations,
        integrations: Integrations,
        alert_configs: AlertConfigs,
        open_alerts: OpenAlerts,
        clusters: Clusters,
        flex_clusters: FlexClusters,
        serverless_instances: ServerlessInstances,
        backup_compliance_policy: BackupCompliancePolicy,
        export_buckets: ExportBuckets,
        object_storage_private_endpoints: ObjectStoragePrivateEndpoints,
        federated_databases: FederatedDatabases,
        stream_workspaces: StreamWorkspaces,
        stream_private_links: StreamPrivateLinks,
        stream_peers: StreamPeers,
        events: ProjectEvents,
    }
}

impl Resource for Project {}

/// What the console and its assistants may do with a project's data.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSettings {
    /// Whether people read and write documents in the console.
    pub is_data_explorer_enabled: Option<bool>,
    /// Whether queries there may be written by a language model.
    #[serde(rename = "isDataExplorerGenAIFeaturesEnabled")]
    pub is_data_explorer_gen_ai_features_enabled: Option<bool>,
    /// Whether that model is shown documents.
    #[serde(rename = "isDataExplorerGenAISampleDocumentPassingEnabled")]
    pub is_data_explorer_gen_ai_sample_document_passing_enabled: Option<bool>,
    /// Whether an assistant answers about clusters.
    pub is_cluster_ai_assistant_enabled: Option<bool>,
    /// Whether an assistant answers on the console's first page; seen in answers only.
    pub is_atlas_home_page_ai_assistant_enabled: Option<bool>,
    /// Whether names of databases and collections go into statistics.
    pub is_collect_database_specifics_statistics_enabled: Option<bool>,
    /// Whether slow queries are shown.
    pub is_performance_advisor_enabled: Option<bool>,
    /// Whether running operations are shown.
    pub is_realtime_performance_panel_enabled: Option<bool>,
    /// Whether advice on the schema is given.
    pub is_schema_advisor_enabled: Option<bool>,
    /// Whether search results are ordered by a model.
    pub is_native_reranking_enabled: Option<bool>,
    /// Whether Atlas checks the consistency of data.
    pub is_data_validation_enabled: Option<bool>,
    /// Whether larger disks are offered.
    pub is_extended_storage_sizes_enabled: Option<bool>,
}

impl Object for ProjectSettings {}

/// When Atlas may restart things that need it. Unset: day 0, or no day.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MaintenanceWindow {
    /// 1 is Sunday.
    pub day_of_week: Option<i64>,
    /// In the time zone below.
    pub hour_of_day: Option<i64>,
    /// Such as `Europe/Berlin`.
    pub time_zone_id: Option<String>,
    /// Whether each is put off by a week.
    pub auto_defer_once_enabled: Option<bool>,
    /// How often the next was put off.
    pub number_of_deferrals: Option<i64>,
    /// Whether the next begins at once.
    #[serde(rename = "startASAP")]
    pub start_asap: Option<bool>,
    /// When it must not begin.
    pub protected_hours: Option<ProtectedHours>,
}

impl Object for MaintenanceWindow {}

impl MaintenanceWindow {
    /// Whether anybody chose one.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.day_of_week.is_some_and(|day| day != 0)
    }
}

/// When maintenance must not begin.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtectedHours {
    /// From.
    pub start_hour_of_day: Option<i64>,
    /// To.
    pub end_hour_of_day: Option<i64>,
}
