//! The things that an organization may want Atlas to refuse, and what makes a request one of them.

use std::fmt;

use crate::analysis::regions::same_region;
use crate::snapshot::values::CloudProvider;

use super::request::{Facts, WILDCARD_IPV4, WILDCARD_IPV6};
use super::space::HALVES;
use super::vocabulary::{Action, Variable};

/// Something that may be refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// An access list with 0.0.0.0/0 in it.
    WildcardIpv4,
    /// One with `::/0`.
    WildcardIpv6,
    /// One with both halves of the IPv4 space.
    HalfRanges,
    /// One with an entry that no policy names: only a closed list refuses all of them.
    NewAddress,
    /// One with any entry.
    AnyAddress,
    /// A cluster that takes this TLS version.
    Tls(Tls),
    /// A cluster with the cipher suites that Atlas chooses.
    DefaultCiphers,
    /// A cluster without a customer's key.
    ClusterKey,
    /// A cluster in a project without auditing.
    Auditing,
    /// A cluster with nodes outside these regions, or, without a list, in a region that no policy names.
    Regions(Option<Vec<String>>),
    /// A cluster with nodes of this provider: `aws`, `azure`, `gcp`.
    Provider(&'static str),
    /// A cluster of the largest size.
    LargestTier,
    /// A cluster of the smallest dedicated size.
    SmallestTier,
    /// A great many clusters in one project.
    ManyClusters,
    /// A sharded cluster with a great many shards.
    ManyShards,
    /// Config servers that Atlas manages.
    ManagedConfigServers,
    /// Search nodes without a customer's key.
    SearchKey,
    /// Taking away search nodes of a cluster with indexes.
    SearchNodesRemoved,
    /// A search index without nodes of its own.
    IndexWithoutNodes,
    /// A search index that embeds automatically.
    AutoEmbedding,
    /// Taking away the maintenance window.
    MaintenanceWindow,
    /// Any change of network peerings.
    PeeringChange,
    /// A peering that no policy names.
    NewPeering,
    /// Any change of private endpoints.
    EndpointChange,
    /// A private endpoint that no policy names.
    NewEndpoint,
    /// A key for the model API.
    ModelApi,
    /// Reranking.
    Rerank,
}

/// TLS versions that a cluster may take at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "versions")]
pub enum Tls {
    V1_0,
    V1_1,
    V1_2,
}

impl Tls {
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::V1_0 => "tls1_0",
            Self::V1_1 => "tls1_1",
            Self::V1_2 => "tls1_2",
        }
    }

    const fn number(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        }
    }
}

/// What a resource policy cannot speak about: there is no action for it.
pub const UNGUARDABLE: &[&str] = &[
    "backup policies and their deletion",
    "Flex and M0 clusters",
    "database users",
    "custom database roles",
    "encryption at rest settings as such (only that a cluster uses them)",
    "alerts",
    "data federation",
];

impl Guard {
    /// All that can be asked without further data.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![
            Self::WildcardIpv4,
            Self::WildcardIpv6,
            Self::HalfRanges,
            Self::NewAddress,
            Self::AnyAddress,
            Self::Tls(Tls::V1_0),
            Self::Tls(Tls::V1_1),
            Self::DefaultCiphers,
            Self::ClusterKey,
            Self::Auditing,
            Self::Regions(None),
            Self::Provider("aws"),
            Self::Provider("azure"),
            Self::Provider("gcp"),
            Self::LargestTier,
            Self::SmallestTier,
            Self::ManyClusters,
            Self::ManyShards,
            Self::ManagedConfigServers,
            Self::SearchKey,
            Self::SearchNodesRemoved,
            Self::IndexWithoutNodes,
            Self::AutoEmbedding,
            Self::MaintenanceWindow,
            Self::PeeringChange,
            Self::NewPeering,
            Self::EndpointChange,
            Self::NewEndpoint,
            Self::ModelApi,
            Self::Rerank,
        ]
    }

    /// For the command line and for programs.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::WildcardIpv4 => "wildcard-ipv4",
            Self::WildcardIpv6 => "wildcard-ipv6",
            Self::HalfRanges => "half-ranges",
            Self::NewAddress => "new-address",
            Self::AnyAddress => "any-address",
            Self::Tls(Tls::V1_0) => "tls-1.0",
            Self::Tls(Tls::V1_1) => "tls-1.1",
            Self::Tls(Tls::V1_2) => "tls-1.2",
            Self::DefaultCiphers => "default-ciphers",
            Self::ClusterKey => "customer-key",
            Self::Auditing => "auditing",
            Self::Regions(_) => "regions",
            Self::Provider("aws") => "provider-aws",
            Self::Provider("azure") => "provider-azure",
            Self::Provider(_) => "provider-gcp",
            Self::LargestTier => "largest-tier",
            Self::SmallestTier => "smallest-tier",
            Self::ManyClusters => "many-clusters",
            Self::ManyShards => "many-shards",
            Self::ManagedConfigServers => "config-servers",
            Self::SearchKey => "search-customer-key",
            Self::SearchNodesRemoved => "search-nodes-removed",
            Self::IndexWithoutNodes => "index-without-nodes",
            Self::AutoEmbedding => "auto-embedding",
            Self::MaintenanceWindow => "maintenance-window",
            Self::PeeringChange => "peering-change",
            Self::NewPeering => "new-peering",
            Self::EndpointChange => "endpoint-change",
            Self::NewEndpoint => "new-endpoint",
            Self::ModelApi => "model-api",
            Self::Rerank => "rerank",
        }
    }

    /// What Atlas asks its policies when somebody tries.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::WildcardIpv4 | Self::WildcardIpv6 | Self::HalfRanges | Self::NewAddress | Self::AnyAddress => {
                Action::AccessList
            }
            Self::SearchKey | Self::SearchNodesRemoved => Action::SearchDeployment,
            Self::IndexWithoutNodes | Self::AutoEmbedding => Action::SearchIndex,
            Self::MaintenanceWindow => Action::MaintenanceWindow,
            Self::PeeringChange | Self::NewPeering => Action::Peering,
            Self::EndpointChange | Self::NewEndpoint => Action::PrivateEndpoint,
            Self::ModelApi => Action::ModelApi,
            Self::Rerank => Action::Rerank,
            _ => Action::Cluster,
        }
    }

    /// The parts of a request that make it one of these.
    pub(super) const fn variables(&self) -> &'static [Variable] {
        match self {
            Self::WildcardIpv4 | Self::WildcardIpv6 | Self::HalfRanges | Self::NewAddress | Self::AnyAddress => {
                &[Variable::AccessList]
            }
            Self::Tls(_) => &[Variable::Tls],
            Self::DefaultCiphers => &[Variable::Cipher],
            Self::ClusterKey => &[Variable::CustomerKey],
            Self::Auditing => &[Variable::Auditing],
            Self::Regions(_) | Self::Provider(_) => &[Variable::Placement],
            Self::LargestTier | Self::SmallestTier => &[Variable::Tier],
            Self::ManyClusters => &[Variable::ClusterCount],
            Self::ManyShards | Self::ManagedConfigServers => &[Variable::Topology],
            Self::SearchKey => &[Variable::CustomerKey, Variable::Placement],
            Self::SearchNodesRemoved => &[Variable::Placement, Variable::Indexes],
            Self::IndexWithoutNodes => &[Variable::DedicatedNodes],
            Self::AutoEmbedding => &[Variable::AutoEmbed],
            Self::MaintenanceWindow => &[Variable::Window],
            Self::NewPeering => &[Variable::Peerings],
            Self::NewEndpoint => &[Variable::Endpoints],
            Self::Rerank => &[Variable::Rerank],
            Self::PeeringChange | Self::EndpointChange | Self::ModelApi => &[],
        }
    }

    /// Whether a request is one of these. `new` are elements that stand for all that no policy names.
    pub(super) fn holds(&self, facts: &Facts, new: &[String]) -> bool {
        match self {
            Self::WildcardIpv4 => facts.access_list.contains(WILDCARD_IPV4),
            Self::WildcardIpv6 => facts.access_list.contains(WILDCARD_IPV6),
            Self::HalfRanges => HALVES.iter().all(|half| facts.access_list.contains(*half)),
            Self::NewAddress => new.iter().any(|new| facts.access_list.contains(new)),
            Self::AnyAddress => !facts.access_list.is_empty(),
            Self::Tls(version) => facts.tls == version.id(),
            Self::DefaultCiphers => facts.suites.is_none(),
            Self::ClusterKey => !facts.customer_key,
            Self::Auditing => !facts.auditing,
            Self::Regions(None) => new.iter().any(|new| facts.regions.contains(new)),
            Self::Regions(Some(allowed)) => facts.regions.iter().any(|region| !is_among(region, allowed)),
            Self::Provider(provider) => facts.providers().contains(provider),
            Self::LargestTier => facts.tier.is_some_and(|(_, max)| max >= 700),
            Self::SmallestTier => facts.tier.is_some_and(|(min, _)| min == 10),
            Self::ManyClusters => facts.cluster_count >= 1_000,
            Self::ManyShards => facts.topology.max_shards >= 50,
            Self::ManagedConfigServers => facts.topology.config_servers == Some("atlas_managed"),
            Self::SearchKey => !facts.customer_key && !facts.regions.is_empty(),
            Self::SearchNodesRemoved => facts.regions.is_empty() && facts.indexes,
            Self::IndexWithoutNodes => !facts.dedicated_nodes,
            Self::AutoEmbedding => facts.auto_embed,
            Self::MaintenanceWindow => !facts.window,
            Self::NewPeering => new.iter().any(|new| facts.peerings.contains(new)),
            Self::NewEndpoint => new.iter().any(|new| facts.endpoints.contains(new)),
            Self::Rerank => facts.rerank,
            Self::PeeringChange | Self::EndpointChange | Self::ModelApi => true,
        }
    }
}

/// Whether a region is one of those that somebody listed, in Atlas's spelling or the provider's.
pub(super) fn is_among(region: &str, allowed: &[String]) -> bool {
    let (provider, name) = region.split_once(':').unwrap_or(("", region));
    let provider = match provider {
        "aws" => CloudProvider::Aws,
        "azure" => CloudProvider::Azure,
        _ => CloudProvider::Gcp,
    };
    allowed.iter().any(|allowed| allowed == region || same_region(&provider, name, allowed))
}

/// What is tried, as a person would say it.
impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::WildcardIpv4 => "0.0.0.0/0 in an access list",
            Self::WildcardIpv6 => "::/0 in an access list",
            Self::HalfRanges => "0.0.0.0/1 with 128.0.0.0/1 in an access list",
            Self::NewAddress => "an access list entry that no policy names",
            Self::AnyAddress => "any access list entry",
            Self::Tls(version) => return f.pad(&format!("a cluster that takes TLS {}", version.number())),
            Self::DefaultCiphers => "a cluster with Atlas's choice of cipher suites",
            Self::ClusterKey => "a cluster without a customer's key",
            Self::Auditing => "a cluster in a project without auditing",
            Self::Regions(None) => "a cluster in a region that no policy names",
            Self::Regions(Some(_)) => "a cluster outside the allowed regions",
            Self::Provider("aws") => "a cluster on AWS",
            Self::Provider("azure") => "a cluster on Azure",
            Self::Provider(_) => "a cluster on Google Cloud",
            Self::LargestTier => "a cluster of the largest size (M700)",
            Self::SmallestTier => "a cluster of the smallest size (M10)",
            Self::ManyClusters => "a project with a thousand clusters",
            Self::ManyShards => "a cluster with fifty shards",
            Self::ManagedConfigServers => "a cluster whose config servers Atlas manages",
            Self::SearchKey => "a search deployment without a customer's key",
            Self::SearchNodesRemoved => "the removal of search nodes under an index",
            Self::IndexWithoutNodes => "a search index without dedicated nodes",
            Self::AutoEmbedding => "a search index that embeds automatically",
            Self::MaintenanceWindow => "the removal of the maintenance window",
            Self::PeeringChange => "any change of network peerings",
            Self::NewPeering => "a network peering that no policy names",
            Self::EndpointChange => "any change of private endpoints",
            Self::NewEndpoint => "a private endpoint that no policy names",
            Self::ModelApi => "a key for the model API",
            Self::Rerank => "reranking",
        })
    }
}
