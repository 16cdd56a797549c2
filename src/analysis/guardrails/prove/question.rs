//! What is asked, in Cedar: which requests Atlas could make, where, and which of them a guard is about.
//!
//! Providers follow from regions, and what Cedar cannot say of a set's elements is said of those that policies name
//! and of «one that none names»: no policy can say more.

use std::collections::{BTreeMap, BTreeSet};

use super::super::guard::{Guard, is_among};
use super::super::reads::Reads;
use super::super::request::{WILDCARD_IPV4, WILDCARD_IPV6, normalised};
use super::super::search::{Arena, Subject};
use super::super::space::{GEOGRAPHIES, HALVES, SIZES, SUITES};
use super::super::vocabulary::{Action, Kind, PROVIDERS, TODAY, Variable, entity};

/// The constants of an action's policies, kind by kind.
pub(super) struct Kinds {
    named: BTreeMap<Kind, BTreeSet<String>>,
    /// What the enumeration takes for all that no policy names.
    new: BTreeMap<Variable, Vec<String>>,
}

const REGIONS: &str = "context.cluster.regions";
const CLOUDS: &str = "context.cluster.cloudProviders";
const LIST: &str = "context.project.ipAccessList";

impl Kinds {
    pub(super) fn of(arena: &Arena<'_>) -> Self {
        let mut named: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        for (kind, constants) in arena.reads().flat_map(|reads: &Reads| &reads.constants) {
            named.entry(*kind).or_default().extend(constants.iter().cloned());
        }
        let new = arena.domains.iter().map(|(variable, domain)| (*variable, domain.new.clone())).collect();
        Self { named, new }
    }

    /// Whether a policy names it.
    pub(super) fn is_named(&self, kind: Kind, constant: &str) -> bool {
        self.named.get(&kind).is_some_and(|named| named.contains(constant))
    }

    /// Elements that stand for what no policy names.
    pub(super) fn new_of(&self, variable: Variable) -> &[String] {
        self.new.get(&variable).map_or(&[], Vec::as_slice)
    }

    /// The same, of the set that a guard is about.
    pub(super) fn new_for(&self, guard: &Guard) -> &[String] {
        let of_variable = |variable: &Variable| Some(self.new_of(*variable)).filter(|new| !new.is_empty());
        guard.variables().iter().find_map(of_variable).unwrap_or_default()
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &String> {
        self.named.get(&kind).into_iter().flatten()
    }

    /// The project, and the clusters of it.
    pub(super) fn place(&self, action: Action, subject: &Subject) -> Vec<String> {
        let project = entity(TODAY, "Project", &subject.project);
        if !action.is_of_cluster() {
            return vec![format!("resource == {project}")];
        }
        let clusters = subject.clusters.iter().map(|id| format!("resource == {}", entity(TODAY, "Cluster", id)));
        let mut parts = vec![
            clusters.collect::<Vec<_>>().join(" || "),
            format!("context.cluster.project == {project}"),
            format!("resource in {project}"),
        ];
        let others = self.of_kind(Kind::Project).filter(|id| **id != subject.project);
        parts.extend(others.map(|id| format!("!(resource in {})", entity(TODAY, "Project", id))));
        parts
    }

    /// What holds of every request that Atlas could make.
    pub(super) fn real(&self, action: Action) -> Vec<String> {
        match action {
            Action::Cluster => self.cluster(),
            Action::SearchIndex => self.placement(action),
            Action::SearchDeployment => {
                let mut parts = self.placement(action);
                parts.push(format!("context.search.hasDedicatedNodes == !{REGIONS}.isEmpty()"));
                parts
            }
            // Atlas turns what these would be into 0.0.0.0/0.
            Action::AccessList => {
                let unreal = self.of_kind(Kind::Address).filter(|entry| normalised(entry) != **entry);
                none_of(LIST, &unreal.map(|entry| ip(entry)).collect::<Vec<_>>())
            }
            Action::ModelApi => {
                let known = GEOGRAPHIES.into_iter().chain(self.of_kind(Kind::Geography).map(String::as_str));
                vec![format!("{}.contains(context.aiModelApi.geography)", entities("Geography", known))]
            }
            Action::MaintenanceWindow | Action::Peering | Action::PrivateEndpoint | Action::Rerank => Vec::new(),
        }
    }

    fn placement(&self, action: Action) -> Vec<String> {
        let mut parts = Vec::new();
        let unnamed = self.unnamed_region();
        for provider in PROVIDERS {
            let there = format!("{CLOUDS}.contains({})", entity(TODAY, "CloudProvider", provider));
            let own = self.of_kind(Kind::Region).filter(|region| region.split(':').next() == Some(provider));
            let own: Vec<&str> = own.map(String::as_str).collect();
            if own.is_empty() {
                parts.push(format!("!{there} || {unnamed}"));
            } else {
                let any = format!("{REGIONS}.containsAny({})", entities("Region", own));
                parts.push(format!("!{any} || {there}"));
                parts.push(format!("!{there} || {any} || {unnamed}"));
            }
        }
        parts.push(format!("!({unnamed}) || !{CLOUDS}.isEmpty()"));
        if action != Action::SearchDeployment {
            parts.push(format!("!{REGIONS}.isEmpty()"));
        }
        parts
    }

    fn unnamed_region(&self) -> String {
        unnamed(REGIONS, &self.of_kind(Kind::Region).map(|id| uid("Region", id)).collect::<Vec<_>>())
    }

    fn cluster(&self) -> Vec<String> {
        let mut parts = self.placement(Action::Cluster);
        let suites = entities("CipherSuite", SUITES.into_iter().chain(self.of_kind(Kind::Suite).map(String::as_str)));
        let (mode, listed) = ("context.cluster.cipherConfigMode", "context.cluster.cipherSuites");
        let of_mode = |id: &str| format!("{mode} == {}", uid("CipherConfigMode", id));
        parts.push(format!(
            "({} && {listed}.isEmpty()) || ({} && !{listed}.isEmpty() && {suites}.containsAll({listed}))",
            of_mode("default"),
            of_mode("custom"),
        ));
        let sizes = SIZES.map(|size| size.to_string()).join(", ");
        let (min, max) = ("minGeneralClassInstanceSizeValue", "maxGeneralClassInstanceSizeValue");
        let among = |name: &str| format!("context.cluster has {name} && [{sizes}].contains(context.cluster.{name})");
        parts.push(format!(
            "({} && {} && context.cluster.{min} <= context.cluster.{max}) \
             || !(context.cluster has {min} || context.cluster has {max})",
            among(min),
            among(max),
        ));
        parts.push("if context.cluster has diskSizeGB then context.cluster.diskSizeGB > 0 else true".to_owned());
        let (least, most) = ("context.cluster.minShardCount", "context.cluster.maxShardCount");
        parts.push(format!(
            "if context.cluster.clusterType == {} \
             then {least} == 1 && {most} == 1 && !context.cluster.isConvertingToSharded \
             && !(context.cluster has configServerManagementMode) \
             else {least} > 0 && {least} <= {most} && context.cluster has configServerManagementMode",
            uid("ClusterType", "replicaset"),
        ));
        parts.push("context.project.clustersInProject > 0".to_owned());
        parts
    }

    /// What makes a request one that the guard is about.
    pub(super) fn danger(&self, guard: &Guard) -> String {
        let unnamed_text = |set: &str| {
            let named: Vec<String> =
                self.of_kind(Kind::Text).map(|text| format!("\"{}\"", text.escape_debug())).collect();
            unnamed(set, &named)
        };
        let provider = |id: &str| format!("{CLOUDS}.contains({})", uid("CloudProvider", id));
        match guard {
            Guard::WildcardIpv4 => format!("{LIST}.contains({})", ip(WILDCARD_IPV4)),
            Guard::WildcardIpv6 => format!("{LIST}.contains({})", ip(WILDCARD_IPV6)),
            Guard::HalfRanges => format!("{LIST}.containsAll([{}])", HALVES.map(ip).join(", ")),
            Guard::NewAddress => unnamed(LIST, &self.of_kind(Kind::Address).map(|entry| ip(entry)).collect::<Vec<_>>()),
            Guard::AnyAddress => format!("!{LIST}.isEmpty()"),
            Guard::Tls(version) => format!("context.cluster.minTLSVersion == {}", uid("TLSVersion", version.id())),
            Guard::DefaultCiphers => {
                format!("context.cluster.cipherConfigMode == {}", uid("CipherConfigMode", "default"))
            }
            Guard::ClusterKey => "!context.cluster.encryptionAtRest.customerManagedKey.enabled".to_owned(),
            Guard::Auditing => "!context.project.databaseAuditing.enabled".to_owned(),
            Guard::Regions(None) => self.unnamed_region(),
            Guard::Regions(Some(allowed)) => {
                // One that no policy names may be an allowed one: then policies take any other like it.
                let named = self.of_kind(Kind::Region).filter(|region| !is_among(region, allowed));
                let named: Vec<&str> = named.map(String::as_str).collect();
                let unnamed = self.unnamed_region();
                if named.is_empty() {
                    return unnamed;
                }
                format!("{REGIONS}.containsAny({}) || {unnamed}", entities("Region", named))
            }
            Guard::Provider(id) => provider(id),
            Guard::LargestTier => "context.cluster has maxGeneralClassInstanceSizeValue \
                 && context.cluster.maxGeneralClassInstanceSizeValue >= 700"
                .to_owned(),
            Guard::SmallestTier => "context.cluster has minGeneralClassInstanceSizeValue \
                 && context.cluster.minGeneralClassInstanceSizeValue == 10"
                .to_owned(),
            Guard::ManyClusters => "context.project.clustersInProject >= 1000".to_owned(),
            Guard::ManyShards => "context.cluster.maxShardCount >= 50".to_owned(),
            Guard::ManagedConfigServers => format!(
                "context.cluster has configServerManagementMode && context.cluster.configServerManagementMode == {}",
                uid("ConfigServerManagementMode", "atlas_managed")
            ),
            Guard::SearchKey => {
                format!("!context.search.encryptionAtRest.customerManagedKey.enabled && !{REGIONS}.isEmpty()")
            }
            Guard::SearchNodesRemoved => format!("{REGIONS}.isEmpty() && context.search.hasIndexes"),
            Guard::IndexWithoutNodes => "!context.search.hasDedicatedNodes".to_owned(),
            Guard::AutoEmbedding => "context.search.index.isAutoEmbed".to_owned(),
            Guard::MaintenanceWindow => "!context.project.hasDefinedMaintenanceWindow".to_owned(),
            Guard::NewPeering => unnamed_text("context.project.peeringConnections"),
            Guard::NewEndpoint => unnamed_text("context.project.privateEndpoints"),
            Guard::Rerank => "context.project.rerankEnabled".to_owned(),
            Guard::PeeringChange | Guard::EndpointChange | Guard::ModelApi => "true".to_owned(),
        }
    }
}

/// That a set has an element other than these.
fn unnamed(set: &str, named: &[String]) -> String {
    // Cedar knows no type for an empty list.
    if named.is_empty() { format!("!{set}.isEmpty()") } else { format!("![{}].containsAll({set})", named.join(", ")) }
}

/// That a set has none of these.
fn none_of(set: &str, unreal: &[String]) -> Vec<String> {
    if unreal.is_empty() { Vec::new() } else { vec![format!("!{set}.containsAny([{}])", unreal.join(", "))] }
}

fn uid(kind: &str, id: &str) -> String {
    entity(TODAY, kind, id).to_string()
}

fn entities<'a>(kind: &str, ids: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", ids.into_iter().map(|id| uid(kind, id)).collect::<Vec<_>>().join(", "))
}

fn ip(entry: &str) -> String {
    format!("ip(\"{entry}\")")
}

/// Entries of access lists that guards ask about, whether policies name them or not.
pub(super) fn is_telling(entry: &str) -> bool {
    entry == WILDCARD_IPV4 || entry == WILDCARD_IPV6 || HALVES.contains(&entry)
}
