//! A request in a sentence: what of it is not harmless.

use std::collections::BTreeSet;

use super::request::Facts;
use super::vocabulary::Action;

/// Says what a request asks for.
pub(super) fn describe(action: Action, facts: &Facts) -> String {
    let list = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let or_empty = |what: &str, set: &BTreeSet<String>| match set.is_empty() {
        true => format!("no {what}"),
        false => format!("{what} {}", list(set)),
    };
    match action {
        Action::Cluster => cluster(facts),
        Action::SearchIndex => {
            let nodes = if facts.dedicated_nodes { "dedicated nodes" } else { "no dedicated nodes" };
            let embeds = if facts.auto_embed { ", embedding automatically" } else { "" };
            format!("a search index with {nodes}{embeds}, in {}", list(&facts.regions))
        }
        Action::SearchDeployment if facts.regions.is_empty() => {
            format!("search nodes taken away, {} indexes", if facts.indexes { "with" } else { "without" })
        }
        Action::SearchDeployment => {
            let key = if facts.customer_key { "a customer's key" } else { "no customer's key" };
            format!("search nodes in {} with {key}", list(&facts.regions))
        }
        Action::AccessList => match facts.access_list.is_empty() {
            true => "an empty access list".to_owned(),
            false => format!("an access list of {}", list(&facts.access_list)),
        },
        Action::MaintenanceWindow => {
            if facts.window { "a maintenance window" } else { "no maintenance window" }.to_owned()
        }
        Action::Peering => or_empty("network peerings", &facts.peerings),
        Action::PrivateEndpoint => or_empty("private endpoints", &facts.endpoints),
        Action::ModelApi => format!("a key for the model API in {}", facts.geography),
        Action::Rerank => format!("reranking {}", if facts.rerank { "on" } else { "off" }),
    }
}

fn cluster(facts: &Facts) -> String {
    let mut parts = vec![facts.regions.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")];
    let harmless = Facts::harmless(&facts.project, &facts.cluster);
    if facts.tls != harmless.tls {
        parts.push(format!("TLS {}", facts.tls.trim_start_matches("tls").replace('_', ".")));
    }
    if let Some(suites) = &facts.suites {
        parts.push(format!("cipher suites {}", suites.iter().map(String::as_str).collect::<Vec<_>>().join(", ")));
    }
    if facts.tier != harmless.tier {
        parts.push(match facts.tier {
            Some((min, max)) if min == max => format!("M{min}"),
            Some((min, max)) => format!("M{min} to M{max}"),
            None => "an instance class other than the general one".to_owned(),
        });
    }
    if facts.disk != harmless.disk {
        parts.push(facts.disk.map_or_else(|| "no size of disk".to_owned(), |disk| format!("{disk} GB of disk")));
    }
    let topology = &facts.topology;
    if *topology != harmless.topology {
        let shards = match (topology.min_shards, topology.max_shards) {
            (min, max) if min == max => format!("{min} shards"),
            (min, max) => format!("{min} to {max} shards"),
        };
        let servers = match topology.config_servers {
            Some("atlas_managed") => ", config servers managed by Atlas",
            _ => "",
        };
        let converting = if topology.converting { ", being converted" } else { "" };
        parts.push(format!("{} with {shards}{servers}{converting}", topology.kind));
    }
    if !facts.customer_key {
        parts.push("no customer's key".to_owned());
    }
    if facts.cluster_count != harmless.cluster_count {
        parts.push(format!("{} clusters in the project", facts.cluster_count));
    }
    if !facts.auditing {
        parts.push("no auditing".to_owned());
    }
    if facts.indexes {
        parts.push("search indexes".to_owned());
    }
    format!("a cluster in {}", parts.join(", "))
}
