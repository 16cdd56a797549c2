//! The solver's request as one of ours: names that it made up become names that Atlas could have.

use std::collections::BTreeSet;

use cedar_policy::{EvalResult, Record, Request};

use super::super::reads::canonical;
use super::super::request::{Facts, Topology};
use super::super::vocabulary::{Action, Kind, PROVIDERS, Variable};
use super::question::Kinds;

/// What it asks for. Nothing if a part is missing or not what the schema says.
pub(super) fn facts(action: Action, project: &str, request: &Request, kinds: &Kinds) -> Option<Facts> {
    let resource = request.resource()?.id().unescaped().to_owned();
    let cluster = if action.is_of_cluster() { resource } else { String::new() };
    let facts = Facts::harmless(project, &cluster);
    let read = Read { request, kinds };
    Some(match action {
        Action::Cluster => read.cluster(facts)?,
        Action::SearchIndex => Facts {
            regions: read.regions()?,
            dedicated_nodes: read.flag("search.hasDedicatedNodes")?,
            auto_embed: read.flag("search.index.isAutoEmbed")?,
            ..facts
        },
        Action::SearchDeployment => Facts {
            regions: read.regions()?,
            indexes: read.flag("search.hasIndexes")?,
            customer_key: read.flag("search.encryptionAtRest.customerManagedKey.enabled")?,
            ..facts
        },
        Action::AccessList => Facts { access_list: read.addresses()?, ..facts },
        Action::MaintenanceWindow => Facts { window: read.flag("project.hasDefinedMaintenanceWindow")?, ..facts },
        Action::Peering => Facts { peerings: read.texts("project.peeringConnections", Variable::Peerings)?, ..facts },
        Action::PrivateEndpoint => {
            Facts { endpoints: read.texts("project.privateEndpoints", Variable::Endpoints)?, ..facts }
        }
        Action::ModelApi => Facts { geography: read.word("aiModelApi.geography")?, ..facts },
        Action::Rerank => Facts { rerank: read.flag("project.rerankEnabled")?, ..facts },
    })
}

struct Read<'r> {
    request: &'r Request,
    kinds: &'r Kinds,
}

impl Read<'_> {
    fn value(&self, path: &str) -> Option<EvalResult> {
        let mut names = path.split('.');
        let mut value = self.request.context()?.get(names.next()?)?;
        for name in names {
            let EvalResult::Record(record) = value else { return None };
            value = Record::get(&record, name)?.clone();
        }
        Some(value)
    }

    fn flag(&self, path: &str) -> Option<bool> {
        if let EvalResult::Bool(flag) = self.value(path)? { Some(flag) } else { None }
    }

    fn number(&self, path: &str) -> Option<i64> {
        if let EvalResult::Long(number) = self.value(path)? { Some(number) } else { None }
    }

    /// The id of an entity.
    fn word(&self, path: &str) -> Option<String> {
        word(&self.value(path)?)
    }

    /// One of a closed list.
    fn one_of(&self, path: &str, known: &[&'static str]) -> Option<&'static str> {
        let word = self.word(path)?;
        known.iter().copied().find(|known| *known == word)
    }

    fn set<T>(&self, path: &str, element: impl Fn(&EvalResult) -> Option<T>) -> Option<Vec<T>> {
        let EvalResult::Set(set) = self.value(path)? else { return None };
        set.iter().map(element).collect()
    }

    /// What policies name as it is, and for the rest what no policy names.
    fn regions(&self) -> Option<BTreeSet<String>> {
        let all = self.set("cluster.regions", word)?;
        let providers = self.set("cluster.cloudProviders", word)?;
        let (mut regions, unnamed): (BTreeSet<String>, BTreeSet<String>) =
            all.into_iter().partition(|region| self.kinds.is_named(Kind::Region, region));
        if unnamed.is_empty() {
            return Some(regions);
        }
        let of_provider = |region: &String, provider: &str| region.split(':').next() == Some(provider);
        let there = |provider: &&str| providers.iter().any(|there| there == provider);
        let mut lacking: Vec<&str> = PROVIDERS
            .into_iter()
            .filter(there)
            .filter(|provider| !regions.iter().any(|region| of_provider(region, provider)))
            .collect();
        if lacking.is_empty() {
            lacking.extend(PROVIDERS.iter().copied().find(there));
        }
        let new = self.kinds.new_of(Variable::Placement);
        regions
            .extend(new.iter().filter(|region| lacking.iter().any(|provider| of_provider(region, provider))).cloned());
        Some(regions)
    }

    fn addresses(&self) -> Option<BTreeSet<String>> {
        let address = |value: &EvalResult| match value {
            EvalResult::ExtensionValue(text) => {
                let text = text.strip_prefix("ip(\"").and_then(|text| text.strip_suffix("\")")).unwrap_or(text);
                Some(canonical(text))
            }
            _ => None,
        };
        let known =
            |address: &String| self.kinds.is_named(Kind::Address, address) || super::question::is_telling(address);
        Some(self.renamed(self.set("project.ipAccessList", address)?, known, Variable::AccessList))
    }

    fn texts(&self, path: &str, variable: Variable) -> Option<BTreeSet<String>> {
        let text = |value: &EvalResult| if let EvalResult::String(text) = value { Some(text.clone()) } else { None };
        Some(self.renamed(self.set(path, text)?, |text| self.kinds.is_named(Kind::Text, text), variable))
    }

    fn renamed(&self, all: Vec<String>, known: impl Fn(&String) -> bool, variable: Variable) -> BTreeSet<String> {
        let (mut named, unnamed): (BTreeSet<String>, BTreeSet<String>) = all.into_iter().partition(known);
        if !unnamed.is_empty() {
            named.extend(self.kinds.new_of(variable).iter().take(1).cloned());
        }
        named
    }

    fn cluster(&self, facts: Facts) -> Option<Facts> {
        let suites: BTreeSet<String> = self.set("cluster.cipherSuites", word)?.into_iter().collect();
        let size = |end: &str| self.number(&format!("cluster.{end}GeneralClassInstanceSizeValue"));
        Some(Facts {
            regions: self.regions()?,
            tls: self.one_of("cluster.minTLSVersion", &["tls1_0", "tls1_1", "tls1_2", "tls1_3"])?,
            suites: Some(suites).filter(|suites| !suites.is_empty()),
            tier: size("min").zip(size("max")),
            disk: self.number("cluster.diskSizeGB"),
            topology: Topology {
                kind: self.one_of("cluster.clusterType", &["replicaset", "sharded", "geosharded"])?,
                min_shards: self.number("cluster.minShardCount")?,
                max_shards: self.number("cluster.maxShardCount")?,
                converting: self.flag("cluster.isConvertingToSharded")?,
                config_servers: self
                    .one_of("cluster.configServerManagementMode", &["fixed_to_dedicated", "atlas_managed"]),
            },
            customer_key: self.flag("cluster.encryptionAtRest.customerManagedKey.enabled")?,
            cluster_count: self.number("project.clustersInProject")?,
            auditing: self.flag("project.databaseAuditing.enabled")?,
            indexes: self.flag("search.hasIndexes")?,
            ..facts
        })
    }
}

fn word(value: &EvalResult) -> Option<String> {
    if let EvalResult::EntityUid(uid) = value { Some(uid.id().unescaped().to_owned()) } else { None }
}
