//! Probes: requests with a name each, put to single policies; and whole organizations.

mod own;
mod parts;
#[cfg(all(feature = "prove", unix))]
mod prove;
mod reads;
mod shared;
mod survey;

use std::collections::BTreeSet;

use super::policy::matches;
use super::request::{Facts, Topology, allow_by_default};
use super::vocabulary::Action;

const P1: &str = "5f0000000000000000000001";
const P2: &str = "5f0000000000000000000002";
const C1: &str = "5f00000000000000000000c1";
const C2: &str = "5f00000000000000000000c2";

fn set<const N: usize>(items: [&str; N]) -> BTreeSet<String> {
    items.into_iter().map(str::to_owned).collect()
}

fn sharded(kind: &'static str, shards: i64, mode: &'static str) -> Topology {
    Topology { kind, min_shards: shards, max_shards: shards, converting: false, config_servers: Some(mode) }
}

/// Every probe: its name, what it asks for, and how.
fn probes() -> Vec<(&'static str, Action, Facts)> {
    let mut probes = Vec::new();
    let mut ask = |action: Action, project: &str, cluster: &str, name: &'static str, change: &dyn Fn(&mut Facts)| {
        let mut facts = Facts::harmless(project, cluster);
        change(&mut facts);
        probes.push((name, action, facts));
    };
    let regions = |facts: &mut Facts, regions: BTreeSet<String>| facts.regions = regions;
    let mut cluster = |name, change: &dyn Fn(&mut Facts)| ask(Action::Cluster, P1, C1, name, change);
    cluster("c.base", &|_| {});
    cluster("c.tls10", &|facts| facts.tls = "tls1_0");
    cluster("c.tls11", &|facts| facts.tls = "tls1_1");
    cluster("c.nocmk", &|facts| facts.customer_key = false);
    cluster("c.noaudit", &|facts| facts.auditing = false);
    cluster("c.nomw", &|facts| facts.window = false);
    cluster("c.azure", &|facts| regions(facts, set(["azure:westeurope"])));
    cluster("c.gcp", &|facts| regions(facts, set(["gcp:us-east1"])));
    cluster("c.aws+gcp", &|facts| regions(facts, set(["aws:eu-west-1", "gcp:us-east1"])));
    cluster("c.us-east-1", &|facts| regions(facts, set(["aws:us-east-1"])));
    cluster("c.us-west-1", &|facts| regions(facts, set(["aws:us-west-1"])));
    cluster("c.sg", &|facts| regions(facts, set(["aws:ap-southeast-1"])));
    cluster("c.eu+us", &|facts| regions(facts, set(["aws:eu-west-1", "aws:us-east-1"])));
    cluster("c.cipher128", &|facts| facts.suites = Some(set(["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"])));
    cluster("c.cipher256", &|facts| facts.suites = Some(set(["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"])));
    cluster("c.m10", &|facts| facts.tier = Some((10, 10)));
    cluster("c.m0", &|facts| facts.tier = Some((0, 0)));
    cluster("c.auto30-80", &|facts| facts.tier = Some((30, 80)));
    cluster("c.noclass", &|facts| facts.tier = None);
    cluster("c.disk5000", &|facts| facts.disk = Some(5_000));
    cluster("c.shard3", &|facts| facts.topology = sharded("sharded", 3, "fixed_to_dedicated"));
    cluster("c.converting", &|facts| {
        facts.topology = Topology { converting: true, ..sharded("sharded", 1, "fixed_to_dedicated") };
    });
    cluster("c.embedded", &|facts| facts.topology = sharded("sharded", 3, "atlas_managed"));
    cluster("c.geo", &|facts| facts.topology = sharded("geosharded", 3, "atlas_managed"));
    cluster("c.fourth", &|facts| facts.cluster_count = 4);
    cluster("c.indexed.gcp", &|facts| {
        facts.indexes = true;
        facts.regions = set(["gcp:us-east1"]);
    });
    ask(Action::Cluster, P2, C2, "c.p2", &|_| {});

    let list = |facts: &mut Facts, entries: BTreeSet<String>| facts.access_list = entries;
    let mut access = |name, project, entries: BTreeSet<String>| {
        ask(Action::AccessList, project, C1, name, &|facts| list(facts, entries.clone()));
    };
    access("ip.empty", P1, set([]));
    access("ip.one", P1, set(["203.0.113.7/32"]));
    access("ip.three", P1, set(["1.2.3.4/32", "8.8.8.8/32"]));
    access("ip.any4", P1, set(["203.0.113.7/32", "0.0.0.0/0"]));
    access("ip.any4only", P1, set(["0.0.0.0/0"]));
    access("ip.odd0", P1, set(["10.0.0.0/0"]));
    access("ip.any6", P1, set(["::/0"]));
    access("ip.half", P1, set(["0.0.0.0/1"]));
    access("ip.halves", P1, set(["0.0.0.0/1", "128.0.0.0/1"]));
    access("ip.quarters", P1, set(["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"]));
    access("ip.p2.one", P2, set(["203.0.113.7/32"]));
    access("ip.p2.any4", P2, set(["203.0.113.7/32", "0.0.0.0/0"]));

    let mut project = |action, name, change: &dyn Fn(&mut Facts)| ask(action, P1, C1, name, change);
    project(Action::MaintenanceWindow, "mw.on", &|_| {});
    project(Action::MaintenanceWindow, "mw.off", &|facts| facts.window = false);
    project(Action::Peering, "peer.none", &|_| {});
    project(Action::Peering, "peer.new", &|facts| facts.peerings = set(["aws:1:vpc-1:10.0.0.0/16"]));
    project(Action::PrivateEndpoint, "pe.none", &|_| {});
    project(Action::PrivateEndpoint, "pe.new", &|facts| facts.endpoints = set(["aws:vpce-9"]));
    project(Action::ModelApi, "ai.us", &|facts| "us".clone_into(&mut facts.geography));
    project(Action::ModelApi, "ai.eu", &|_| {});
    project(Action::Rerank, "rerank.on", &|facts| facts.rerank = true);
    project(Action::Rerank, "rerank.off", &|_| {});
    project(Action::SearchIndex, "si.base", &|_| {});
    project(Action::SearchIndex, "si.nonodes", &|facts| facts.dedicated_nodes = false);
    project(Action::SearchIndex, "si.auto", &|facts| facts.auto_embed = true);
    project(Action::SearchIndex, "si.gcp", &|facts| regions(facts, set(["gcp:us-east1"])));
    project(Action::SearchDeployment, "sd.base", &|facts| facts.indexes = true);
    project(Action::SearchDeployment, "sd.nocmk", &|facts| {
        facts.indexes = true;
        facts.customer_key = false;
    });
    project(Action::SearchDeployment, "sd.gcp", &|facts| {
        facts.indexes = true;
        regions(facts, set(["gcp:us-east1"]));
    });
    project(Action::SearchDeployment, "sd.remove", &|facts| {
        facts.indexes = true;
        regions(facts, set([]));
    });
    ask(Action::ModelApi, P2, C2, "ai.p2.us", &|facts| "us".clone_into(&mut facts.geography));
    probes
}

/// The probes that a body denies, and those on which it fails. Nothing if it does not parse.
fn denied(body: &str) -> Option<(BTreeSet<&'static str>, BTreeSet<&'static str>)> {
    let mut policies: cedar_policy::PolicySet = body.parse().ok()?;
    policies.add(allow_by_default().clone()).unwrap();
    let (mut denied, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for (name, action, facts) in probes() {
        for request in facts.requests(action) {
            match matches(&policies, &request, &facts.entities()) {
                Ok(true) => drop(denied.insert(name)),
                Ok(false) => {}
                Err(_) => drop(failed.insert(name)),
            }
        }
    }
    Some((denied, failed))
}

#[test]
fn probes_have_names_of_their_own() {
    let names: BTreeSet<_> = probes().into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), probes().len());
    assert_eq!(names.len(), 58);
}
