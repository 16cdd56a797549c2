//! Whether the zones of global clusters keep documents where they belong.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::home::Home;
use super::place::{NOT_DECLARED, outside};
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ClusterView;
use crate::snapshot::Section;
use crate::snapshot::cluster::{ClusterType, ReplicationSpec};
use crate::snapshot::cluster_settings::GlobalWrites;
use crate::snapshot::tree::Node;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Zones {
    pinned_namespaces: Vec<String>,
    eu_country_codes: Vec<String>,
}

/// ATL-RES-004
pub(crate) fn zone_unmapped(cluster: &ClusterView<'_>, limits: &Zones) -> Judgement {
    match cluster.cluster_type.required("clusterType")? {
        ClusterType::GeoSharded => {}
        ClusterType::Other(text) => return Err(Unknown::not_understood("clusterType", text)),
        ClusterType::ReplicaSet | ClusterType::Sharded => {
            return Ok(Verdict::not_applicable("the cluster is no global cluster"));
        }
    }
    let home = Home::of(cluster.project, cluster.tags.as_deref());
    if home.is_none() && limits.pinned_namespaces.is_empty() {
        return Ok(Verdict::not_applicable(NOT_DECLARED));
    }
    let writes = cluster.global_writes.known()?;
    let own = writes.self_managed_sharding.or(cluster.global_cluster_self_managed_sharding);
    if *own.required("selfManagedSharding")? {
        let what = "people spread the data over the zones themselves: the ranges are known to the database alone";
        return Err(Unknown::undecidable(what));
    }
    let mut seen = Gathered::new();
    if let Some(home) = &home {
        countries(cluster, writes, home, &limits.eu_country_codes, &mut seen);
    }
    namespaces(cluster, writes, &limits.pinned_namespaces, &mut seen);
    seen.verdict("no country and no collection is named")
}

fn countries(cluster: &ClusterView<'_>, writes: &GlobalWrites, home: &Home<'_>, codes: &[String], seen: &mut Gathered) {
    let Some(mapping) = seen.see(writes.custom_zone_mapping.required("customZoneMapping")) else { return };
    let at = cluster.at.child(Section::GlobalWrites.slot());
    let name = cluster.key();
    let offence = |message: String| Evidence::at(&at, message).field("/customZoneMapping").fact("cluster", &name);
    let mut nowhere = Vec::new();
    // Countries that share a wrong zone are one mistake.
    let mut zones: Vec<(&str, Vec<&str>)> = Vec::new();
    for code in codes {
        // `DE`, or a part of it such as `DE-BY`.
        let own = mapping
            .iter()
            .filter(|(place, _)| place.split('-').next().is_some_and(|country| country.eq_ignore_ascii_case(code)));
        let mut mapped = false;
        for (place, zone) in own {
            mapped = true;
            match zones.iter_mut().find(|(known, _)| known == zone) {
                Some((_, places)) => places.push(place),
                None => zones.push((zone, vec![place])),
            }
        }
        if mapped { seen.fine() } else { nowhere.push(code.as_str()) }
    }
    if !nowhere.is_empty() {
        seen.offence(offence(format!("no zone of {name} is for {}", nowhere.join(", "))));
    }
    for (zone, places) in zones {
        let specs = cluster.replication_specs.iter().flatten();
        let shards: Vec<&ReplicationSpec> = specs.filter(|spec| spec.zone_id.as_deref() == Some(zone)).collect();
        if shards.is_empty() {
            seen.unseen(Unknown::not_understood("customZoneMapping", zone));
        }
        let mut outsides = BTreeSet::new();
        for config in shards.iter().flat_map(|spec| spec.region_configs.iter().flatten()) {
            match config.provider().zip(config.region_name.as_deref()) {
                None => seen.unseen(Unknown::absent("regionName")),
                Some((provider, region)) => {
                    if let Some(label) = home.refuses(provider, region) {
                        outsides.insert(outside(provider, region, &label));
                    }
                }
            }
        }
        let called = shards.iter().find_map(|spec| spec.zone_name.as_deref()).unwrap_or(zone);
        for place in outsides {
            seen.offence(offence(format!("{} of {name} goes to zone {called} in {place}", places.join(", "))));
        }
    }
}

fn namespaces(cluster: &ClusterView<'_>, writes: &GlobalWrites, pinned: &[String], seen: &mut Gathered) {
    if pinned.is_empty() {
        return;
    }
    let Some(managed) = seen.see(writes.managed_namespaces.required("managedNamespaces")) else { return };
    let at = cluster.at.child(Section::GlobalWrites.slot());
    for namespace in pinned {
        let is_it = |db: Option<&str>, collection: Option<&str>| {
            db.zip(collection).is_some_and(|(db, collection)| namespace.split_once('.') == Some((db, collection)))
        };
        if managed.iter().any(|one| is_it(one.db.as_deref(), one.collection.as_deref())) {
            seen.fine();
        } else {
            let message = format!("{namespace} of {} is in no zone: Atlas does not manage it", cluster.key());
            let evidence = Evidence::at(&at, message).field("/managedNamespaces");
            seen.offence(evidence.fact("cluster", cluster.key()));
        }
    }
}
