//! Every endpoint that the program reads: path, version, paging, parameters, roles, rate-limit bucket, section.
//!
//! Read by the fetcher, by the documentation of roles and by the simulator. Source of each row: MongoDB's
//! Admin API reference, <https://www.mongodb.com/docs/atlas/reference/api-resources-spec/v2/>.

use crate::snapshot::section::Section;

/// How a list comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// `pageNum` and `itemsPerPage`, body `{results, totalCount, links}`.
    Pages,
    /// The same body, all of it at once.
    Envelope,
    /// A bare JSON array.
    Array,
    /// One object, no list.
    Object,
}

impl Paging {
    /// Whether the answer is a list of resources.
    #[must_use]
    pub const fn is_list(self) -> bool {
        !matches!(self, Self::Object)
    }
}

/// A role that may read something. Owner roles include what the read-only ones may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Any valid credential.
    Any,
    /// Organization Member (`ORG_MEMBER`).
    OrganizationMember,
    /// Organization Read Only (`ORG_READ_ONLY`).
    OrganizationReadOnly,
    /// Organization Owner (`ORG_OWNER`).
    OrganizationOwner,
    /// Project Read Only (`GROUP_READ_ONLY`).
    ProjectReadOnly,
    /// Project Owner (`GROUP_OWNER`).
    ProjectOwner,
    /// Project Backup Manager (`GROUP_BACKUP_MANAGER`).
    ProjectBackupManager,
    /// Project Cluster Log Viewer (`GROUP_CLUSTER_LOG_VIEWER`).
    ProjectClusterLogViewer,
    /// Project Database Access Admin (`GROUP_DATABASE_ACCESS_ADMIN`).
    ProjectDatabaseAccessAdmin,
    /// Organization Stream Processing Admin (`ORG_STREAM_PROCESSING_ADMIN`).
    OrganizationStreamProcessingAdmin,
    /// Project Stream Processing Owner (`GROUP_STREAM_PROCESSING_OWNER`).
    ProjectStreamProcessingOwner,
    /// Project Data Access Read Only (`GROUP_DATA_ACCESS_READ_ONLY`).
    ProjectDataAccessReadOnly,
}

impl Role {
    /// As MongoDB's documentation calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Any => "any credential",
            Self::OrganizationMember => "Organization Member",
            Self::OrganizationReadOnly => "Organization Read Only",
            Self::OrganizationOwner => "Organization Owner",
            Self::ProjectReadOnly => "Project Read Only",
            Self::ProjectOwner => "Project Owner",
            Self::ProjectBackupManager => "Project Backup Manager",
            Self::ProjectClusterLogViewer => "Project Cluster Log Viewer",
            Self::ProjectDatabaseAccessAdmin => "Project Database Access Admin",
            Self::OrganizationStreamProcessingAdmin => "Organization Stream Processing Admin",
            Self::ProjectStreamProcessingOwner => "Project Stream Processing Owner",
            Self::ProjectDataAccessReadOnly => "Project Data Access Read Only",
        }
    }
}

/// Whom a rate limit counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The caller's address.
    Address,
    /// The credential.
    User,
    /// The organization.
    Organization,
    /// The project.
    Project,
}

/// A token bucket: capacity, and tokens refilled per minute. Endpoints of one set share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The endpoint set, as far as the published table tells.
    pub set: &'static str,
    /// Whom it counts for.
    pub scope: Scope,
    /// Tokens when full.
    pub capacity: u32,
    /// Tokens that come back in sixty seconds.
    pub refill: u32,
}

const fn bucket(set: &'static str, scope: Scope, capacity: u32, refill: u32) -> Bucket {
    Bucket { set, scope, capacity, refill }
}

const USER: Bucket = bucket("user", Scope::User, 300, 100);
const ORG: Bucket = bucket("organization", Scope::Organization, 500, 250);
const ORG_SETTINGS: Bucket = bucket("organization settings", Scope::Organization, 10, 5);
const TEAMS: Bucket = bucket("teams", Scope::Organization, 1200, 500);
const PROJECT: Bucket = bucket("project", Scope::Project, 1200, 500);
const EVENTS: Bucket = bucket("project events", Scope::Project, 300, 100);
const NETWORK: Bucket = bucket("network peering and encryption", Scope::Project, 2000, 1000);
const PRIVATE_ENDPOINTS: Bucket = bucket("private endpoints", Scope::Project, 4000, 2000);
const CLUSTERS: Bucket = bucket("clusters", Scope::Project, 10_000, 5000);
const ADDRESS: Bucket = bucket("control plane addresses", Scope::Address, 400, 100);

/// One row of the table.
#[derive(Debug)]
pub struct Endpoint {
    /// What it fills.
    pub section: Section,
    /// Below `/api/atlas/v2`, with `{parameters}`.
    pub path: &'static str,
    /// The date of its newest stable version, sent in `Accept`.
    pub version: &'static str,
    /// How it comes.
    pub paging: Paging,
    /// Parameters that reveal what the defaults hide.
    pub query: &'static [(&'static str, &'static str)],
    /// Any one of these roles is enough.
    pub roles: &'static [Role],
    /// Which rate limit it counts against.
    pub bucket: Bucket,
}

impl Endpoint {
    /// The row of a section. Every section has one.
    ///
    /// # Panics
    ///
    /// If one has none; a test counts them.
    #[must_use]
    pub fn of(section: Section) -> &'static Self {
        TABLE.iter().find(|row| row.section == section).expect("every section has its row: a test counts them")
    }
}

const ANY: &[Role] = &[Role::Any];
const OM: &[Role] = &[Role::OrganizationMember];
const ORO: &[Role] = &[Role::OrganizationReadOnly];
const OO: &[Role] = &[Role::OrganizationOwner];
const PRO: &[Role] = &[Role::ProjectReadOnly];
const PO: &[Role] = &[Role::ProjectOwner];
const BACKUP: &[Role] = &[Role::ProjectBackupManager];
const LOGINS: &[Role] = &[Role::ProjectClusterLogViewer, Role::ProjectDatabaseAccessAdmin];
const STREAMS: &[Role] =
    &[Role::OrganizationStreamProcessingAdmin, Role::ProjectStreamProcessingOwner, Role::ProjectDataAccessReadOnly];
const PROCESSORS: &[Role] = &[Role::OrganizationStreamProcessingAdmin, Role::ProjectStreamProcessingOwner];

const fn row(
    section: Section,
    path: &'static str,
    version: &'static str,
    paging: Paging,
    roles: &'static [Role],
    bucket: Bucket,
) -> Endpoint {
    Endpoint { section, path, version, paging, query: &[], roles, bucket }
}

const fn with(query: &'static [(&'static str, &'static str)], mut row: Endpoint) -> Endpoint {
    row.query = query;
    row
}

use Paging::{Array, Envelope, Object, Pages};
use Section as S;

/// All of them.
pub static TABLE: &[Endpoint] = &[
    row(S::Credential, "", "2023-01-01", Object, ANY, USER),
    row(S::OrganizationSettings, "/orgs/{orgId}/settings", "2023-01-01", Object, OM, ORG_SETTINGS),
    row(S::DelegationSettings, "/orgs/{orgId}/delegationSettings", "2025-03-12", Object, OM, ORG),
    with(
        &[
            ("orgMembershipStatuses", "ACTIVE"),
            ("orgMembershipStatuses", "PENDING"),
            ("orgMembershipStatuses", "INVITATION_EXPIRED"),
            ("orgMembershipStatuses", "INVITATION_REJECTED"),
        ],
        row(S::OrganizationUsers, "/orgs/{orgId}/users", "2025-02-19", Pages, OM, ORG),
    ),
    row(S::Teams, "/orgs/{orgId}/teams", "2023-01-01", Pages, OM, TEAMS),
    row(S::TeamUsers, "/orgs/{orgId}/teams/{teamId}/users", "2025-02-19", Pages, OM, TEAMS),
    row(S::ApiKeys, "/orgs/{orgId}/apiKeys", "2023-01-01", Pages, OM, ORG),
    row(S::ApiKeyAccessList, "/orgs/{orgId}/apiKeys/{apiUserId}/accessList", "2023-01-01", Pages, OM, ORG),
    with(
        &[("includeSystemManaged", "true")],
        row(S::ServiceAccounts, "/orgs/{orgId}/serviceAccounts", "2024-08-05", Pages, ORO, ORG),
    ),
    row(
        S::ServiceAccountAccessList,
        "/orgs/{orgId}/serviceAccounts/{clientId}/accessList",
        "2024-08-05",
        Pages,
        ORO,
        ORG,
    ),
    row(S::ServiceAccountProjects, "/orgs/{orgId}/serviceAccounts/{clientId}/groups", "2024-08-05", Pages, ORO, ORG),
    row(S::McpConfigs, "/orgs/{orgId}/mcpConfigs", "2025-03-12", Pages, ORO, ORG),
    row(S::McpSecrets, "/orgs/{orgId}/mcpConfigs/{mcpConfigId}/secrets", "2025-03-12", Pages, ORO, ORG),
    row(S::AiModelApiKeys, "/orgs/{orgId}/aiModelApiKeys", "2025-03-12", Pages, ORO, ORG),
    row(S::ResourcePolicies, "/orgs/{orgId}/resourcePolicies", "2024-08-05", Array, OM, ORG),
    row(S::NonCompliantResources, "/orgs/{orgId}/nonCompliantResources", "2024-08-05", Array, OM, ORG),
    row(S::FederationSettings, "/orgs/{orgId}/federationSettings", "2023-01-01", Object, OO, ORG),
    row(
        S::ConnectedOrganization,
        "/federationSettings/{federationSettingsId}/connectedOrgConfigs/{orgId}",
        "2023-01-01",
        Object,
        OO,
        ORG,
    ),
    row(
        S::RoleMappings,
        "/federationSettings/{federationSettingsId}/connectedOrgConfigs/{orgId}/roleMappings",
        "2023-01-01",
        Envelope,
        OO,
        ORG,
    ),
    with(
        &[("protocol", "SAML"), ("protocol", "OIDC"), ("idpType", "WORKFORCE"), ("idpType", "WORKLOAD")],
        row(
            S::IdentityProviders,
            "/federationSettings/{federationSettingsId}/identityProviders",
            "2023-01-01",
            Pages,
            OO,
            USER,
        ),
    ),
    row(S::ControlPlaneAddresses, "/unauth/controlPlaneIPAddresses", "2023-11-15", Object, ANY, ADDRESS),
    row(S::OrganizationEvents, "/orgs/{orgId}/events", "2023-01-01", Pages, OM, ORG),
    row(S::Projects, "/orgs/{orgId}/groups", "2023-01-01", Pages, OM, ORG),
    row(S::ProjectSettings, "/groups/{groupId}/settings", "2023-01-01", Object, PRO, PROJECT),
    with(
        &[("flattenTeams", "true"), ("includeOrgUsers", "true")],
        row(S::ProjectUsers, "/groups/{groupId}/users", "2025-02-19", Pages, PRO, PROJECT),
    ),
    row(S::ProjectTeams, "/groups/{groupId}/teams", "2023-01-01", Pages, PRO, PROJECT),
    row(S::IpAddresses, "/groups/{groupId}/ipAddresses", "2023-01-01", Object, PRO, PROJECT),
    row(S::MaintenanceWindow, "/groups/{groupId}/maintenanceWindow", "2023-01-01", Object, PRO, PROJECT),
    row(S::AccessList, "/groups/{groupId}/accessList", "2023-01-01", Pages, PRO, PROJECT),
    row(S::Containers, "/groups/{groupId}/containers/all", "2023-01-01", Pages, PRO, NETWORK),
    with(&[("providerName", "AWS")], row(S::AwsPeers, "/groups/{groupId}/peers", "2023-01-01", Pages, PRO, NETWORK)),
    with(
        &[("providerName", "AZURE")],
        row(S::AzurePeers, "/groups/{groupId}/peers", "2023-01-01", Pages, PRO, NETWORK),
    ),
    with(&[("providerName", "GCP")], row(S::GcpPeers, "/groups/{groupId}/peers", "2023-01-01", Pages, PRO, NETWORK)),
    row(
        S::AwsPrivateEndpointServices,
        "/groups/{groupId}/privateEndpoint/AWS/endpointService",
        "2023-01-01",
        Array,
        PRO,
        PRIVATE_ENDPOINTS,
    ),
    row(
        S::AzurePrivateEndpointServices,
        "/groups/{groupId}/privateEndpoint/AZURE/endpointService",
        "2023-01-01",
        Array,
        PRO,
        PRIVATE_ENDPOINTS,
    ),
    row(
        S::GcpPrivateEndpointServices,
        "/groups/{groupId}/privateEndpoint/GCP/endpointService",
        "2023-01-01",
        Array,
        PRO,
        PRIVATE_ENDPOINTS,
    ),
    row(
        S::PrivateEndpoints,
        "/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService/{endpointServiceId}/endpoint/{endpointId}",
        "2023-01-01",
        Object,
        PRO,
        PRIVATE_ENDPOINTS,
    ),
    row(
        S::RegionalMode,
        "/groups/{groupId}/privateEndpoint/regionalMode",
        "2023-01-01",
        Object,
        PRO,
        PRIVATE_ENDPOINTS,
    ),
    row(
        S::FederationPrivateEndpoints,
        "/groups/{groupId}/privateNetworkSettings/endpointIds",
        "2023-01-01",
        Pages,
        PRO,
        PROJECT,
    ),
    with(
        &[("includeSystemManaged", "true")],
        row(S::ProjectServiceAccounts, "/groups/{groupId}/serviceAccounts", "2024-08-05", Pages, PRO, PROJECT),
    ),
    row(
        S::ProjectServiceAccountAccessList,
        "/groups/{groupId}/serviceAccounts/{clientId}/accessList",
        "2024-08-05",
        Pages,
        PRO,
        PROJECT,
    ),
    row(S::ProjectMcpConfigs, "/groups/{groupId}/mcpConfigs", "2025-03-12", Pages, PRO, PROJECT),
    row(S::ProjectMcpSecrets, "/groups/{groupId}/mcpConfigs/{mcpConfigId}/secrets", "2025-03-12", Pages, PRO, PROJECT),
    row(S::DatabaseUsers, "/groups/{groupId}/databaseUsers", "2023-01-01", Pages, PRO, CLUSTERS),
    row(S::Certificates, "/groups/{groupId}/databaseUsers/{username}/certs", "2023-01-01", Pages, PRO, PROJECT),
    row(S::CustomRoles, "/groups/{groupId}/customDBRoles/roles", "2023-01-01", Array, PRO, NETWORK),
    row(S::UserSecurity, "/groups/{groupId}/userSecurity", "2023-01-01", Object, PO, PROJECT),
    row(S::EncryptionAtRest, "/groups/{groupId}/encryptionAtRest", "2023-01-01", Object, PRO, NETWORK),
    row(
        S::AwsKmsPrivateEndpoints,
        "/groups/{groupId}/encryptionAtRest/AWS/privateEndpoints",
        "2023-01-01",
        Pages,
        PO,
        NETWORK,
    ),
    row(
        S::AzureKmsPrivateEndpoints,
        "/groups/{groupId}/encryptionAtRest/AZURE/privateEndpoints",
        "2023-01-01",
        Pages,
        PO,
        NETWORK,
    ),
    row(S::CloudProviderAccess, "/groups/{groupId}/cloudProviderAccess", "2023-01-01", Object, PRO, NETWORK),
    row(S::AuditLog, "/groups/{groupId}/auditLog", "2023-01-01", Object, PO, PROJECT),
    row(S::LogIntegrations, "/groups/{groupId}/logIntegrations", "2025-03-12", Pages, PO, PROJECT),
    row(S::PushBasedLogExport, "/groups/{groupId}/pushBasedLogExport", "2023-01-01", Object, PO, PROJECT),
    row(S::MetricIntegrations, "/groups/{groupId}/metricIntegrations", "2025-03-12", Pages, PO, PROJECT),
    row(S::Integrations, "/groups/{groupId}/integrations", "2023-01-01", Pages, PRO, PROJECT),
    row(S::AlertConfigs, "/groups/{groupId}/alertConfigs", "2023-01-01", Pages, PRO, PROJECT),
    with(&[("status", "OPEN")], row(S::OpenAlerts, "/groups/{groupId}/alerts", "2023-01-01", Pages, PRO, PROJECT)),
    with(
        &[("includeDeletedWithRetainedBackups", "true")],
        row(S::Clusters, "/groups/{groupId}/clusters", "2024-08-05", Pages, PRO, CLUSTERS),
    ),
    row(S::ProcessArgs, "/groups/{groupId}/clusters/{clusterName}/processArgs", "2024-08-05", Object, PRO, CLUSTERS),
    row(
        S::SearchDeployment,
        "/groups/{groupId}/clusters/{clusterName}/search/deployment",
        "2025-03-12",
        Object,
        PRO,
        PROJECT,
    ),
    row(
        S::OnlineArchives,
        "/groups/{groupId}/clusters/{clusterName}/onlineArchives",
        "2023-01-01",
        Pages,
        PRO,
        PROJECT,
    ),
    row(S::GlobalWrites, "/groups/{groupId}/clusters/{clusterName}/globalWrites", "2024-08-05", Object, PRO, CLUSTERS),
    row(
        S::BackupSchedule,
        "/groups/{groupId}/clusters/{clusterName}/backup/schedule",
        "2024-08-05",
        Object,
        PRO,
        PROJECT,
    ),
    row(
        S::AccessHistory,
        "/groups/{groupId}/dbAccessHistory/clusters/{clusterName}",
        "2023-01-01",
        Object,
        LOGINS,
        PROJECT,
    ),
    row(
        S::BackupSnapshots,
        "/groups/{groupId}/clusters/{clusterName}/backup/snapshots",
        "2023-01-01",
        Pages,
        PRO,
        PROJECT,
    ),
    row(
        S::ShardedBackupSnapshots,
        "/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters",
        "2023-01-01",
        Envelope,
        PRO,
        PROJECT,
    ),
    row(
        S::RestoreJobs,
        "/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs",
        "2023-01-01",
        Pages,
        BACKUP,
        PROJECT,
    ),
    row(S::FlexClusters, "/groups/{groupId}/flexClusters", "2024-11-13", Pages, PRO, PROJECT),
    row(S::FlexSnapshots, "/groups/{groupId}/flexClusters/{name}/backup/snapshots", "2024-11-13", Pages, PRO, PROJECT),
    row(S::ServerlessInstances, "/groups/{groupId}/serverless", "2023-01-01", Pages, PRO, PROJECT),
    row(S::BackupCompliancePolicy, "/groups/{groupId}/backupCompliancePolicy", "2023-10-01", Object, PO, PROJECT),
    row(S::ExportBuckets, "/groups/{groupId}/backup/exportBuckets", "2024-05-30", Pages, PRO, PROJECT),
    row(
        S::ObjectStoragePrivateEndpoints,
        "/groups/{groupId}/backup/AWS/privateEndpoints",
        "2024-11-13",
        Pages,
        PO,
        PROJECT,
    ),
    with(
        &[("type", "USER")],
        row(S::FederatedDatabases, "/groups/{groupId}/dataFederation", "2023-01-01", Array, PRO, PROJECT),
    ),
    row(
        S::FederatedDatabaseLimits,
        "/groups/{groupId}/dataFederation/{tenantName}/limits",
        "2023-01-01",
        Array,
        PRO,
        PROJECT,
    ),
    row(S::StreamWorkspaces, "/groups/{groupId}/streams", "2023-02-01", Pages, PRO, PROJECT),
    row(
        S::StreamConnections,
        "/groups/{groupId}/streams/{tenantName}/connections",
        "2023-02-01",
        Pages,
        STREAMS,
        PROJECT,
    ),
    row(
        S::StreamProcessors,
        "/groups/{groupId}/streams/{tenantName}/processors",
        "2024-05-30",
        Pages,
        PROCESSORS,
        PROJECT,
    ),
    row(S::StreamPrivateLinks, "/groups/{groupId}/streams/privateLinkConnections", "2023-02-01", Pages, PRO, PROJECT),
    row(S::StreamPeers, "/groups/{groupId}/streams/activeVpcPeeringConnections", "2024-11-13", Pages, PRO, PROJECT),
    row(S::ProjectEvents, "/groups/{groupId}/events", "2023-01-01", Pages, PRO, EVENTS),
];

/// The organizations that the credential sees: the first call of every run. It fills no section.
pub static ORGANIZATIONS: (&str, &str) = ("/orgs", "2023-01-01");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_exactly_one_row() {
        for section in Section::ALL {
            assert_eq!(TABLE.iter().filter(|row| row.section == *section).count(), 1, "{section}");
        }
    }
}
