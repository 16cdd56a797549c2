//! The sections of a snapshot: everything that a call of its own gives.
//!
//! A section is named `<owner>.<slot>`: `project.accessList` is the part `accessList` of a project. Rules name
//! what they need that way, and only what the selected rules need is fetched.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! sections {
    ($($variant:ident = $owner:literal . $slot:literal,)*) => {
        /// One section.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the table below says it: owner and slot")]
        pub enum Section { $($variant,)* }

        impl Section {
            /// Every section, in the order of the table.
            pub const ALL: &[Section] = &[$(Section::$variant,)*];

            /// `project.accessList`
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Section::$variant => concat!($owner, ".", $slot),)* }
            }

            /// The kind of resource it belongs to.
            #[must_use]
            pub const fn owner(self) -> &'static str {
                match self { $(Section::$variant => $owner,)* }
            }

            /// Its segment in a reference, below its owner.
            #[must_use]
            pub const fn slot(self) -> &'static str {
                match self { $(Section::$variant => $slot,)* }
            }
        }
    };
}

sections! {
    Credential = "organization"."credential",
    OrganizationSettings = "organization"."settings",
    DelegationSettings = "organization"."delegationSettings",
    OrganizationUsers = "organization"."users",
    Teams = "organization"."teams",
    TeamUsers = "team"."users",
    ApiKeys = "organization"."apiKeys",
    ApiKeyAccessList = "apiKey"."accessList",
    ServiceAccounts = "organization"."serviceAccounts",
    ServiceAccountAccessList = "serviceAccount"."accessList",
    ServiceAccountProjects = "serviceAccount"."projects",
    McpConfigs = "organization"."mcpConfigs",
    McpSecrets = "mcpConfig"."secrets",
    AiModelApiKeys = "organization"."aiModelApiKeys",
    ResourcePolicies = "organization"."resourcePolicies",
    NonCompliantResources = "organization"."nonCompliantResources",
    FederationSettings = "organization"."federationSettings",
    ConnectedOrganization = "organization"."connectedOrganization",
    RoleMappings = "organization"."roleMappings",
    IdentityProviders = "organization"."identityProviders",
    ControlPlaneAddresses = "organization"."controlPlaneAddresses",
    OrganizationEvents = "organization"."events",
    Projects = "organization"."projects",
    ProjectSettings = "project"."settings",
    ProjectUsers = "project"."users",
    ProjectTeams = "project"."teams",
    IpAddresses = "project"."ipAddresses",
    MaintenanceWindow = "project"."maintenanceWindow",
    AccessList = "project"."accessList",
    Containers = "project"."containers",
    AwsPeers = "project"."awsPeers",
    AzurePeers = "project"."azurePeers",
    GcpPeers = "project"."gcpPeers",
    AwsPrivateEndpointServices = "project"."awsPrivateEndpointServices",
    AzurePrivateEndpointServices = "project"."azurePrivateEndpointServices",
    GcpPrivateEndpointServices = "project"."gcpPrivateEndpointServices",
    PrivateEndpoints = "privateEndpointService"."endpoints",
    RegionalMode = "project"."regionalMode",
    FederationPrivateEndpoints = "project"."federationPrivateEndpoints",
    ProjectServiceAccounts = "project"."serviceAccounts",
    ProjectServiceAccountAccessList = "projectServiceAccount"."accessList",
    ProjectMcpConfigs = "project"."mcpConfigs",
    ProjectMcpSecrets = "projectMcpConfig"."secrets",
    DatabaseUsers = "project"."databaseUsers",
    Certificates = "databaseUser"."certificates",
    CustomRoles = "project"."customRoles",
    UserSecurity = "project"."userSecurity",
    EncryptionAtRest = "project"."encryptionAtRest",
    AwsKmsPrivateEndpoints = "project"."awsKmsPrivateEndpoints",
    AzureKmsPrivateEndpoints = "project"."azureKmsPrivateEndpoints",
    CloudProviderAccess = "project"."cloudProviderAccess",
    AuditLog = "project"."auditLog",
    LogIntegrations = "project"."logIntegrations",
    PushBasedLogExport = "project"."pushBasedLogExport",
    MetricIntegrations = "project"."metricIntegrations",
    Integrations = "project"."integrations",
    AlertConfigs = "project"."alertConfigs",
    OpenAlerts = "project"."openAlerts",
    Clusters = "project"."clusters",
    ProcessArgs = "cluster"."processArgs",
    SearchDeployment = "cluster"."searchDeployment",
    OnlineArchives = "cluster"."onlineArchives",
    GlobalWrites = "cluster"."globalWrites",
    BackupSchedule = "cluster"."backupSchedule",
    AccessHistory = "cluster"."accessHistory",
    BackupSnapshots = "cluster"."backupSnapshots",
    ShardedBackupSnapshots = "cluster"."shardedBackupSnapshots",
    RestoreJobs = "cluster"."restoreJobs",
    FlexClusters = "project"."flexClusters",
    FlexSnapshots = "flexCluster"."backupSnapshots",
    ServerlessInstances = "project"."serverlessInstances",
    BackupCompliancePolicy = "project"."backupCompliancePolicy",
    ExportBuckets = "project"."exportBuckets",
    ObjectStoragePrivateEndpoints = "project"."objectStoragePrivateEndpoints",
    FederatedDatabases = "project"."federatedDatabases",
    FederatedDatabaseLimits = "federatedDatabase"."limits",
    StreamWorkspaces = "project"."streamWorkspaces",
    StreamConnections = "streamWorkspace"."connections",
    StreamProcessors = "streamWorkspace"."processors",
    StreamPrivateLinks = "project"."streamPrivateLinks",
    StreamPeers = "project"."streamPeers",
    ProjectEvents = "project"."events",
}

impl Section {
    /// The kind of resource that it lists, where these have sections of their own.
    #[must_use]
    pub const fn lists(self) -> Option<&'static str> {
        Some(match self {
            Self::Projects => "project",
            Self::Teams => "team",
            Self::ApiKeys => "apiKey",
            Self::ServiceAccounts => "serviceAccount",
            Self::ProjectServiceAccounts => "projectServiceAccount",
            Self::McpConfigs => "mcpConfig",
            Self::ProjectMcpConfigs => "projectMcpConfig",
            Self::AwsPrivateEndpointServices
            | Self::AzurePrivateEndpointServices
            | Self::GcpPrivateEndpointServices => "privateEndpointService",
            Self::DatabaseUsers => "databaseUser",
            Self::Clusters => "cluster",
            Self::FlexClusters => "flexCluster",
            Self::FederatedDatabases => "federatedDatabase",
            Self::StreamWorkspaces => "streamWorkspace",
            _ => return None,
        })
    }

    /// The section of that name below a kind of resource.
    #[must_use]
    pub fn below(owner: &str, slot: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|section| section.owner() == owner && section.slot() == slot)
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No section has that name.
#[derive(Debug, thiserror::Error)]
#[error("no section is called `{0}`")]
pub struct NoSuchSection(pub String);

impl FromStr for Section {
    type Err = NoSuchSection;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|section| section.name() == name).ok_or_else(|| NoSuchSection(name.to_owned()))
    }
}

impl Serialize for Section {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Section {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Section {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Section".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<_> = Self::ALL.iter().map(|section| section.name()).collect();
        schemars::json_schema!({ "type": "string", "enum": names })
    }
}
