//! Policies for what nothing refuses yet, each tried by the same evaluator before anybody sees it.

use super::guard::{Guard, Tls};
use super::survey::{Answer, Estate, Survey};
use crate::snapshot::policy::{PolicyBody, ResourcePolicy};

/// A policy that refuses what passes today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// For the organization's list of policies.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Cedar.
    pub body: String,
    /// What it refuses.
    pub guards: Vec<Guard>,
}

/// The guards that an organization is offered if it does not say which it wants.
#[must_use]
pub fn usual(allowed_regions: &[String]) -> Vec<Guard> {
    let regions = (!allowed_regions.is_empty()).then(|| Guard::Regions(Some(allowed_regions.to_vec())));
    [
        Guard::WildcardIpv4,
        Guard::WildcardIpv6,
        Guard::HalfRanges,
        Guard::Tls(Tls::V1_0),
        Guard::Tls(Tls::V1_1),
        Guard::ClusterKey,
        Guard::Auditing,
        Guard::SearchKey,
        Guard::MaintenanceWindow,
    ]
    .into_iter()
    .chain(regions)
    .collect()
}

/// Policies for those of the guards that do not hold everywhere, and the guards for which there is none to offer.
#[must_use]
pub fn suggest(survey: &Survey<'_>, guards: &[Guard]) -> (Vec<Suggestion>, Vec<Guard>) {
    let is_open =
        |guard: &&Guard| survey.ask(guard).iter().any(|(_, answer)| matches!(answer, Answer::NotDenied { .. }));
    let mut suggestions: Vec<Suggestion> = Vec::new();
    let mut without = Vec::new();
    for guard in guards.iter().filter(is_open) {
        let Some((name, description, body)) = draft(guard) else {
            without.push(guard.clone());
            continue;
        };
        match suggestions.iter_mut().find(|known| known.body == body) {
            Some(known) => known.guards.push(guard.clone()),
            None => suggestions.push(Suggestion { name, description, body, guards: vec![guard.clone()] }),
        }
    }
    let (good, bad): (Vec<_>, Vec<_>) = suggestions.into_iter().partition(Suggestion::holds);
    without.extend(bad.into_iter().flat_map(|suggestion| suggestion.guards));
    (good, without)
}

impl Suggestion {
    /// Whether it refuses what it says, everywhere, and lets the harmless pass.
    fn holds(&self) -> bool {
        let bodies = vec![PolicyBody { id: None, body: Some(self.body.clone()) }];
        let statements = super::read(&[ResourcePolicy { policies: Some(bodies), ..ResourcePolicy::default() }]);
        let estate = Estate::default();
        let survey = Survey::new(&statements, &estate);
        let denied =
            |guard: &Guard| survey.ask(guard).iter().all(|(_, answer)| matches!(answer, Answer::Denied { .. }));
        self.guards.iter().all(denied)
    }

    /// What `atlas api resourcePolicies createOrgResourcePolicy` takes.
    #[must_use]
    pub fn request(&self) -> serde_json::Value {
        serde_json::json!({
            "name": self.name,
            "description": self.description,
            "policies": [{ "body": self.body }],
        })
    }
}

#[expect(clippy::too_many_lines, reason = "a list of policies")]
fn draft(guard: &Guard) -> Option<(&'static str, &'static str, String)> {
    let on = |action: &str, condition: &str| {
        let head = format!("forbid (principal, action == ResourcePolicy::Action::\"{action}\", resource)");
        if condition.is_empty() { format!("{head};") } else { format!("{head}\n{condition};") }
    };
    let access_list = "project.ipAccessList.modify";
    let cluster = "cluster.modify";
    Some(match guard {
        Guard::WildcardIpv4 | Guard::WildcardIpv6 | Guard::HalfRanges => (
            "no-open-access-list",
            "No access list admits the whole internet",
            on(
                access_list,
                "when { context.project.ipAccessList.containsAny([ip(\"0.0.0.0/0\"), ip(\"::/0\"), ip(\"0.0.0.0/1\"), ip(\"128.0.0.0/1\")]) }",
            ),
        ),
        Guard::AnyAddress | Guard::NewAddress => (
            "no-public-access",
            "Access lists stay empty: private paths only",
            on(access_list, "unless { context.project.ipAccessList.isEmpty() }"),
        ),
        Guard::Tls(Tls::V1_0 | Tls::V1_1) => (
            "tls-floor",
            "Clusters take TLS 1.2 or later",
            on(
                cluster,
                "when { [ResourcePolicy::TLSVersion::\"tls1_0\", ResourcePolicy::TLSVersion::\"tls1_1\"].contains(context.cluster.minTLSVersion) }",
            ),
        ),
        Guard::Tls(Tls::V1_2) => (
            "tls-floor-1-3",
            "Clusters take TLS 1.3 or later",
            on(cluster, "unless { context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::\"tls1_3\" }"),
        ),
        Guard::DefaultCiphers => (
            "own-cipher-suites",
            "Clusters name their cipher suites",
            on(cluster, "when { context.cluster.cipherConfigMode == ResourcePolicy::CipherConfigMode::\"default\" }"),
        ),
        Guard::ClusterKey => (
            "customer-keys",
            "Clusters are encrypted with the organization's own keys",
            on(cluster, "unless { context.cluster.encryptionAtRest.customerManagedKey.enabled }"),
        ),
        Guard::Auditing => (
            "auditing",
            "No cluster without database auditing in its project",
            on(cluster, "unless { context.project.databaseAuditing.enabled }"),
        ),
        Guard::Regions(Some(allowed)) => {
            let listed = allowed.iter().map(|region| entity("Region", region)).collect::<Vec<_>>().join(", ");
            let condition = format!("unless {{ [{listed}].containsAll(context.cluster.regions) }}");
            ("allowed-regions", "Clusters stay in the allowed regions", on(cluster, &condition))
        }
        Guard::Provider(provider) => {
            let condition =
                format!("when {{ context.cluster.cloudProviders.contains({}) }}", entity("CloudProvider", provider));
            ("no-such-provider", "Clusters stay off this provider", on(cluster, &condition))
        }
        Guard::ManagedConfigServers => (
            "dedicated-config-servers",
            "Config servers are the organization's own",
            on(
                cluster,
                "when { context.cluster has configServerManagementMode && context.cluster.configServerManagementMode == ResourcePolicy::ConfigServerManagementMode::\"atlas_managed\" }",
            ),
        ),
        Guard::SearchKey => (
            "search-customer-keys",
            "Search nodes are encrypted with the organization's own keys",
            on(
                "search.deployment.modify",
                "when { context.search.hasDedicatedNodes && !context.search.encryptionAtRest.customerManagedKey.enabled }",
            ),
        ),
        Guard::SearchNodesRemoved => (
            "keep-search-nodes",
            "Search nodes stay while there are indexes",
            on("search.deployment.modify", "when { context.search.hasIndexes && !context.search.hasDedicatedNodes }"),
        ),
        Guard::IndexWithoutNodes => (
            "search-on-its-own-nodes",
            "Search indexes have nodes of their own",
            on("search.index.modify", "unless { context.search.hasDedicatedNodes }"),
        ),
        Guard::AutoEmbedding => (
            "no-automatic-embedding",
            "No search index embeds automatically",
            on("search.index.modify", "when { context.search.index.isAutoEmbed }"),
        ),
        Guard::MaintenanceWindow => (
            "maintenance-window",
            "Maintenance windows stay defined",
            on("project.maintenanceWindow.modify", "unless { context.project.hasDefinedMaintenanceWindow }"),
        ),
        Guard::PeeringChange => {
            ("no-peering-changes", "Network peerings stay as they are", on("project.vpcPeering.modify", ""))
        }
        Guard::EndpointChange => {
            ("no-endpoint-changes", "Private endpoints stay as they are", on("project.privateEndpoint.modify", ""))
        }
        Guard::ModelApi => ("no-model-keys", "No keys for the model API", on("project.aiModelAPI.modify", "")),
        Guard::Rerank => (
            "no-reranking",
            "Reranking stays off",
            on("project.rerank.modify", "when { context.project.rerankEnabled }"),
        ),
        // A list of what is allowed has to come from whoever wants the guard.
        Guard::Regions(None)
        | Guard::LargestTier
        | Guard::SmallestTier
        | Guard::ManyClusters
        | Guard::ManyShards
        | Guard::NewPeering
        | Guard::NewEndpoint => return None,
    })
}

/// An entity in Cedar, with its id quoted as Cedar quotes.
fn entity(kind: &str, id: &str) -> String {
    super::vocabulary::entity(super::vocabulary::TODAY, kind, id).to_string()
}
