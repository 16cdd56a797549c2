//! A request as Atlas would hand it to Cedar: what stands after the change, in both name spaces.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use cedar_policy::{Context, Entities, Entity, EntityUid, Request, RestrictedExpression};

use super::vocabulary::{Action, LEGACY, TODAY, entity};

/// Everything that a request tells, whatever the action. Each action takes what concerns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) project: String,
    pub(super) cluster: String,
    /// `aws:eu-west-1`; the providers follow from them. Empty: the nodes are removed.
    pub(super) regions: BTreeSet<String>,
    pub(super) tls: &'static str,
    /// Nothing: Atlas's own choice.
    pub(super) suites: Option<BTreeSet<String>>,
    /// Smallest and largest size; nothing for classes other than the general one.
    pub(super) tier: Option<(i64, i64)>,
    pub(super) disk: Option<i64>,
    pub(super) topology: Topology,
    pub(super) customer_key: bool,
    pub(super) cluster_count: i64,
    pub(super) auditing: bool,
    pub(super) window: bool,
    pub(super) indexes: bool,
    pub(super) dedicated_nodes: bool,
    pub(super) auto_embed: bool,
    /// Ranges as Cedar reads them.
    pub(super) access_list: BTreeSet<String>,
    pub(super) peerings: BTreeSet<String>,
    pub(super) endpoints: BTreeSet<String>,
    pub(super) geography: String,
    pub(super) rerank: bool,
}

/// How a cluster is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Topology {
    pub(super) kind: &'static str,
    pub(super) min_shards: i64,
    pub(super) max_shards: i64,
    pub(super) converting: bool,
    pub(super) config_servers: Option<&'static str>,
}

impl Topology {
    pub(super) const REPLICA_SET: Self =
        Self { kind: "replicaset", min_shards: 1, max_shards: 1, converting: false, config_servers: None };
}

impl Facts {
    /// What nobody objects to: one AWS region, TLS 1.2, a customer's key, auditing on, one address.
    pub(super) fn harmless(project: &str, cluster: &str) -> Self {
        Self {
            project: project.to_owned(),
            cluster: cluster.to_owned(),
            regions: BTreeSet::from(["aws:eu-west-1".to_owned()]),
            tls: "tls1_2",
            suites: None,
            tier: Some((30, 30)),
            disk: Some(100),
            topology: Topology::REPLICA_SET,
            customer_key: true,
            cluster_count: 1,
            auditing: true,
            window: true,
            indexes: false,
            dedicated_nodes: true,
            auto_embed: false,
            access_list: BTreeSet::from(["203.0.113.7/32".to_owned()]),
            peerings: BTreeSet::new(),
            endpoints: BTreeSet::new(),
            geography: "eu".to_owned(),
            rerank: false,
        }
    }

    pub(super) fn providers(&self) -> BTreeSet<&str> {
        self.regions.iter().filter_map(|region| region.split_once(':')).map(|(provider, _)| provider).collect()
    }

    /// The request, and its twin in the first name space where that knows the action.
    pub(super) fn requests(&self, action: Action) -> impl Iterator<Item = Request> {
        let resource = |name_space, cluster, project| match action.is_of_cluster() {
            true => entity(name_space, cluster, &self.cluster),
            false => entity(name_space, project, &self.project),
        };
        let today = request(
            "User",
            entity(TODAY, "Action", action.id()),
            resource(TODAY, "Cluster", "Project"),
            TODAY,
            self.context(action),
        );
        let twin = action.legacy_id().map(|id| {
            request(
                "user",
                entity(LEGACY, "Action", id),
                resource(LEGACY, "cluster", "project"),
                LEGACY,
                self.legacy(action),
            )
        });
        std::iter::once(today).chain(twin)
    }

    fn context(&self, action: Action) -> Vec<(&'static str, RestrictedExpression)> {
        let project = |fields: Vec<(&'static str, RestrictedExpression)>| vec![("project", record(fields))];
        match action {
            Action::Cluster => vec![
                ("cluster", record(self.cluster())),
                (
                    "project",
                    record([
                        ("clustersInProject", RestrictedExpression::new_long(self.cluster_count)),
                        ("databaseAuditing", flag("enabled", self.auditing)),
                        // Documented elsewhere only; harmless here, since the schema refuses policies that read it.
                        ("hasDefinedMaintenanceWindow", RestrictedExpression::new_bool(self.window)),
                    ]),
                ),
                ("search", flag("hasIndexes", self.indexes)),
            ],
            Action::SearchIndex => vec![
                ("cluster", record(self.nodes())),
                (
                    "search",
                    record([
                        ("hasDedicatedNodes", RestrictedExpression::new_bool(self.dedicated_nodes)),
                        ("index", flag("isAutoEmbed", self.auto_embed)),
                    ]),
                ),
            ],
            Action::SearchDeployment => vec![
                ("cluster", record(self.nodes())),
                (
                    "search",
                    record([
                        ("hasDedicatedNodes", RestrictedExpression::new_bool(!self.regions.is_empty())),
                        ("hasIndexes", RestrictedExpression::new_bool(self.indexes)),
                        ("encryptionAtRest", record([("customerManagedKey", flag("enabled", self.customer_key))])),
                    ]),
                ),
            ],
            Action::AccessList => project(vec![("ipAccessList", self.addresses())]),
            Action::MaintenanceWindow => {
                project(vec![("hasDefinedMaintenanceWindow", RestrictedExpression::new_bool(self.window))])
            }
            Action::Peering => project(vec![("peeringConnections", texts(&self.peerings))]),
            Action::PrivateEndpoint => project(vec![("privateEndpoints", texts(&self.endpoints))]),
            Action::ModelApi => vec![("aiModelApi", record([("geography", one("Geography", &self.geography))]))],
            Action::Rerank => project(vec![("rerankEnabled", RestrictedExpression::new_bool(self.rerank))]),
        }
    }

    fn legacy(&self, action: Action) -> Vec<(&'static str, RestrictedExpression)> {
        if action == Action::AccessList {
            return vec![("project", record([("ipAccessList", self.addresses())]))];
        }
        vec![(
            "cluster",
            record([
                ("cloudProviders", many(LEGACY, "cloudProvider", self.providers())),
                ("regions", many(LEGACY, "region", self.regions.iter().map(String::as_str))),
            ]),
        )]
    }

    fn nodes(&self) -> Vec<(&'static str, RestrictedExpression)> {
        vec![
            ("project", one("Project", &self.project)),
            ("cloudProviders", many(TODAY, "CloudProvider", self.providers())),
            ("regions", many(TODAY, "Region", self.regions.iter().map(String::as_str))),
        ]
    }

    fn cluster(&self) -> Vec<(&'static str, RestrictedExpression)> {
        let long = RestrictedExpression::new_long;
        let topology = &self.topology;
        let mut fields = self.nodes();
        fields.extend([
            ("clusterType", one("ClusterType", topology.kind)),
            ("minShardCount", long(topology.min_shards)),
            ("maxShardCount", long(topology.max_shards)),
            ("isConvertingToSharded", RestrictedExpression::new_bool(topology.converting)),
            ("minTLSVersion", one("TLSVersion", self.tls)),
            ("cipherConfigMode", one("CipherConfigMode", if self.suites.is_some() { "custom" } else { "default" })),
            ("cipherSuites", many(TODAY, "CipherSuite", self.suites.iter().flatten().map(String::as_str))),
            ("encryptionAtRest", record([("customerManagedKey", flag("enabled", self.customer_key))])),
        ]);
        if let Some(mode) = topology.config_servers {
            fields.push(("configServerManagementMode", one("ConfigServerManagementMode", mode)));
        }
        if let Some((min, max)) = self.tier {
            fields.push(("minGeneralClassInstanceSizeValue", long(min)));
            fields.push(("maxGeneralClassInstanceSizeValue", long(max)));
        }
        if let Some(disk) = self.disk {
            fields.push(("diskSizeGB", long(disk)));
        }
        fields
    }

    fn addresses(&self) -> RestrictedExpression {
        RestrictedExpression::new_set(self.access_list.iter().map(RestrictedExpression::new_ip))
    }

    /// What `in` needs to know: the cluster belongs to the project.
    pub(super) fn entities(&self) -> Entities {
        let families = [(TODAY, "Cluster", "Project"), (LEGACY, "cluster", "project")].into_iter().flat_map(
            |(name_space, cluster, project)| {
                let project = entity(name_space, project, &self.project);
                let parents = HashSet::from([project.clone()]);
                [Entity::new_no_attrs(entity(name_space, cluster, &self.cluster), parents), Entity::with_uid(project)]
            },
        );
        Entities::from_entities(families, None).expect("two entities and their parents have no cycle")
    }
}

/// An entry of an access list as Cedar gets to see it: Atlas turns every IPv4 entry of length 0 into one.
pub(super) fn normalised(entry: &str) -> String {
    let entry = super::reads::canonical(entry);
    match entry.split_once('/') {
        Some((address, "0")) if !address.contains(':') => WILDCARD_IPV4.to_owned(),
        _ => entry,
    }
}

pub(super) const WILDCARD_IPV4: &str = "0.0.0.0/0";
pub(super) const WILDCARD_IPV6: &str = "::/0";

fn request(
    user: &str,
    action: EntityUid,
    resource: EntityUid,
    name_space: &str,
    fields: Vec<(&'static str, RestrictedExpression)>,
) -> Request {
    let context = Context::from_pairs(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let context = context.expect("addresses are parsed before, and nothing else can be wrong with a value");
    Request::new(entity(name_space, user, "probe"), action, resource, context, None)
        .expect("only a schema could object")
}

fn record(fields: impl IntoIterator<Item = (&'static str, RestrictedExpression)>) -> RestrictedExpression {
    RestrictedExpression::new_record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)))
        .expect("no name stands twice")
}

fn flag(name: &'static str, value: bool) -> RestrictedExpression {
    record([(name, RestrictedExpression::new_bool(value))])
}

fn texts(values: &BTreeSet<String>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.iter().cloned().map(RestrictedExpression::new_string))
}

fn one(kind: &str, id: &str) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(entity(TODAY, kind, id))
}

fn many<'a>(name_space: &str, kind: &str, ids: impl IntoIterator<Item = &'a str>) -> RestrictedExpression {
    RestrictedExpression::new_set(
        ids.into_iter().map(|id| RestrictedExpression::new_entity_uid(entity(name_space, kind, id))),
    )
}

/// Everything is allowed that no policy forbids.
pub(super) fn allow_by_default() -> &'static cedar_policy::Policy {
    static ALLOW: OnceLock<cedar_policy::Policy> = OnceLock::new();
    ALLOW.get_or_init(|| {
        let id = cedar_policy::PolicyId::new("everything");
        cedar_policy::Policy::parse(Some(id), "permit (principal, action, resource);").expect("well-formed Cedar")
    })
}
