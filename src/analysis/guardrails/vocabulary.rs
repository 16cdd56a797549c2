//! The words of resource policies: their actions, kinds of entities and attributes, in both name spaces.

use std::sync::OnceLock;

use cedar_policy::{EntityUid, PolicySet, Schema, ValidationMode, Validator};

/// Something that Atlas asks its policies about before it does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A cluster is made, changed or deleted.
    Cluster,
    /// A search index is made or changed. Deleting one is always allowed.
    SearchIndex,
    /// The search nodes of a cluster change.
    SearchDeployment,
    /// The access list of a project changes.
    AccessList,
    /// The maintenance window of a project changes.
    MaintenanceWindow,
    /// The network peerings of a project change.
    Peering,
    /// The private endpoints of a project change.
    PrivateEndpoint,
    /// A key for the model API is made.
    ModelApi,
    /// Reranking is switched on or off.
    Rerank,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Cluster,
        Self::SearchIndex,
        Self::SearchDeployment,
        Self::AccessList,
        Self::MaintenanceWindow,
        Self::Peering,
        Self::PrivateEndpoint,
        Self::ModelApi,
        Self::Rerank,
    ];

    /// As policies spell it today.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Cluster => "cluster.modify",
            Self::SearchIndex => "search.index.modify",
            Self::SearchDeployment => "search.deployment.modify",
            Self::AccessList => "project.ipAccessList.modify",
            Self::MaintenanceWindow => "project.maintenanceWindow.modify",
            Self::Peering => "project.vpcPeering.modify",
            Self::PrivateEndpoint => "project.privateEndpoint.modify",
            Self::ModelApi => "project.aiModelAPI.modify",
            Self::Rerank => "project.rerank.modify",
        }
    }

    /// Whether it is about a cluster, and not about a project.
    #[must_use]
    pub const fn is_of_cluster(self) -> bool {
        matches!(self, Self::Cluster | Self::SearchIndex | Self::SearchDeployment)
    }

    pub(super) fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.id() == id)
    }

    /// The same in the first name space, where it is known what is asked there.
    pub(super) const fn legacy_id(self) -> Option<&'static str> {
        match self {
            Self::Cluster => Some(LEGACY_CLUSTER),
            Self::AccessList => Some(LEGACY_PROJECT),
            _ => None,
        }
    }
}

/// The first name space's action for clusters.
pub(super) const LEGACY_CLUSTER: &str = "cluster.createEdit";
/// Its action for everything else of a project. What Atlas hands to it is known for the access list only.
pub(super) const LEGACY_PROJECT: &str = "project.edit";
/// Today's name space.
pub(super) const TODAY: &str = "ResourcePolicy";
/// The first one.
pub(super) const LEGACY: &str = "cloud";

/// What a constant of a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Project,
    Cluster,
    Provider,
    Region,
    Suite,
    Geography,
    /// Of a closed list, checked by the validator.
    Listed,
    Address,
    Text,
}

impl Kind {
    /// Of an entity, by the full name of its type. Nothing if there is no such type.
    pub(super) fn of_entity(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "ResourcePolicy::Project" | "cloud::project" => Self::Project,
            "ResourcePolicy::Cluster" | "cloud::cluster" => Self::Cluster,
            "ResourcePolicy::CloudProvider" | "cloud::cloudProvider" => Self::Provider,
            "ResourcePolicy::Region" | "cloud::region" => Self::Region,
            "ResourcePolicy::CipherSuite" => Self::Suite,
            "ResourcePolicy::Geography" => Self::Geography,
            "ResourcePolicy::ClusterType"
            | "ResourcePolicy::TLSVersion"
            | "ResourcePolicy::CipherConfigMode"
            | "ResourcePolicy::ConfigServerManagementMode"
            | "ResourcePolicy::Action"
            | "cloud::Action" => Self::Listed,
            _ => return None,
        })
    }
}

/// Whether Atlas could have an entity of that kind and id. Its own check answers `POLICY_HAS_UNEXPECTED_ENTITIES`.
pub(super) fn could_exist(kind: Kind, id: &str) -> bool {
    match kind {
        Kind::Project | Kind::Cluster => id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
        Kind::Provider => PROVIDERS.contains(&id),
        Kind::Region => id.split_once(':').is_some_and(|(provider, region)| {
            PROVIDERS.contains(&provider)
                && !region.is_empty()
                && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        }),
        _ => true,
    }
}

/// Cloud providers, as policies spell them.
pub(super) const PROVIDERS: [&str; 3] = ["aws", "azure", "gcp"];

/// What the parts of a request are called that may vary apart from each other.
///
/// Attributes that hang together (the smallest and the largest size, providers and regions) vary as one, so that no
/// request is asked that Atlas would never ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Variable {
    /// Which cluster.
    Target,
    /// Regions and the providers that follow from them.
    Placement,
    Tls,
    Cipher,
    Tier,
    Disk,
    Topology,
    CustomerKey,
    ClusterCount,
    Auditing,
    Window,
    Indexes,
    DedicatedNodes,
    AutoEmbed,
    AccessList,
    Peerings,
    Endpoints,
    Geography,
    Rerank,
}

/// What an attribute path below `context` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    /// A value that varies.
    Value(Variable),
    /// The project that the cluster belongs to.
    Project,
    /// A record with attributes of its own.
    Record,
    /// Nothing that we know.
    Unknown,
}

/// Looks a path up.
pub(super) fn attribute(path: &str) -> Attribute {
    Attribute::Value(match path {
        "cluster.project" => return Attribute::Project,
        "cluster"
        | "project"
        | "search"
        | "search.index"
        | "aiModelApi"
        | "project.databaseAuditing"
        | "cluster.encryptionAtRest"
        | "cluster.encryptionAtRest.customerManagedKey"
        | "search.encryptionAtRest"
        | "search.encryptionAtRest.customerManagedKey" => return Attribute::Record,
        "cluster.cloudProviders" | "cluster.regions" => Variable::Placement,
        "cluster.clusterType"
        | MIN_SHARDS
        | MAX_SHARDS
        | "cluster.isConvertingToSharded"
        | "cluster.configServerManagementMode" => Variable::Topology,
        "cluster.minGeneralClassInstanceSizeValue" | "cluster.maxGeneralClassInstanceSizeValue" => Variable::Tier,
        "cluster.diskSizeGB" => Variable::Disk,
        "cluster.minTLSVersion" => Variable::Tls,
        "cluster.cipherConfigMode" | "cluster.cipherSuites" => Variable::Cipher,
        "cluster.encryptionAtRest.customerManagedKey.enabled"
        | "search.encryptionAtRest.customerManagedKey.enabled" => Variable::CustomerKey,
        "project.clustersInProject" => Variable::ClusterCount,
        "project.databaseAuditing.enabled" => Variable::Auditing,
        "project.hasDefinedMaintenanceWindow" => Variable::Window,
        "project.ipAccessList" => Variable::AccessList,
        "project.peeringConnections" => Variable::Peerings,
        "project.privateEndpoints" => Variable::Endpoints,
        "project.rerankEnabled" => Variable::Rerank,
        "aiModelApi.geography" => Variable::Geography,
        "search.hasIndexes" => Variable::Indexes,
        "search.hasDedicatedNodes" => Variable::DedicatedNodes,
        "search.index.isAutoEmbed" => Variable::AutoEmbed,
        _ => return Attribute::Unknown,
    })
}

/// Atlas evaluates this one with `<` only.
pub(super) const MIN_SHARDS: &str = "cluster.minShardCount";
/// And this one with `>` only.
pub(super) const MAX_SHARDS: &str = "cluster.maxShardCount";

/// Every attribute's last name, for «did you mean».
pub(super) const ATTRIBUTE_NAMES: &[&str] = &[
    "aiModelApi",
    "cipherConfigMode",
    "cipherSuites",
    "cloudProviders",
    "cluster",
    "clusterType",
    "clustersInProject",
    "configServerManagementMode",
    "customerManagedKey",
    "databaseAuditing",
    "diskSizeGB",
    "enabled",
    "encryptionAtRest",
    "geography",
    "hasDedicatedNodes",
    "hasDefinedMaintenanceWindow",
    "hasIndexes",
    "index",
    "ipAccessList",
    "isAutoEmbed",
    "isConvertingToSharded",
    "maxGeneralClassInstanceSizeValue",
    "maxShardCount",
    "minGeneralClassInstanceSizeValue",
    "minShardCount",
    "minTLSVersion",
    "peeringConnections",
    "privateEndpoints",
    "project",
    "regions",
    "rerankEnabled",
    "search",
];

/// Checks policies by the schema that stands beside this file.
///
/// # Panics
///
/// If that schema cannot be parsed; a test parses it.
pub(super) fn validate(policies: &PolicySet) -> cedar_policy::ValidationResult {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| Validator::new(schema().clone())).validate(policies, ValidationMode::Strict)
}

/// The schema that stands beside this file.
pub(super) fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let (schema, _) = Schema::from_cedarschema_str(include_str!("atlas.cedarschema"))
            .expect("our own schema parses: a test reads it");
        schema
    })
}

/// An entity of one of the two name spaces.
pub(super) fn entity(name_space: &str, kind: &str, id: &str) -> EntityUid {
    let type_name = format!("{name_space}::{kind}").parse().expect("our own type names are well-formed");
    EntityUid::from_type_name_and_id(type_name, cedar_policy::EntityId::new(id))
}
