//! Private endpoints: whether a cluster has any, one wherever it has nodes, and no public way around them.

use serde::Deserialize;

use crate::analysis::address_space::is_public;
use crate::analysis::doubt::{Doubt, any};
use crate::analysis::peering::{is_up, peers};
use crate::analysis::private_endpoints::{any_works, serving};
use crate::engine::environment::Environment;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView};
use crate::rules::dedicated;
use crate::rules::exemption::{ExemptRange, Standing, range_standing};
use crate::snapshot::topology::RegionUse;
use crate::snapshot::tree::Node;

use super::logins::Logins;
use super::{entry_ref, quoted_comment, ranges};

fn covered(project: &ProjectView<'_>, region: &RegionUse, remotely: bool) -> Result<bool, Doubt> {
    Ok(serving(project.project, region, remotely)?.is_some())
}

fn has_peering(project: &ProjectView<'_>, regions: &[RegionUse]) -> Result<bool, Doubt> {
    any(regions, |region| any(peers(project.project, &region.provider)?, is_up))
}

fn regions_of(cluster: &ClusterView<'_>) -> Result<Vec<RegionUse>, Unknown> {
    let regions = cluster.regions().filter(|regions| !regions.is_empty());
    regions.ok_or_else(|| Unknown::absent("regionName"))
}

/// The placeholders of `atlas privateEndpoints <provider> create --region <region>`.
fn to_create(evidence: Evidence, region: &RegionUse) -> Evidence {
    evidence.fact("provider", region.provider.as_str().to_lowercase()).fact("region", region.region.clone())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    exempt_environments: Vec<Environment>,
    accept_peering: bool,
}

/// ATL-NET-007
pub(crate) fn missing(cluster: &ClusterView<'_>, limits: &Missing) -> Judgement {
    if limits.exempt_environments.contains(&cluster.environment) {
        return Ok(Verdict::not_applicable(format!("the cluster is for {}", cluster.environment)));
    }
    if !dedicated(cluster)? {
        return Ok(Verdict::not_applicable("private endpoints need a dedicated cluster: ATL-NET-012 speaks of it"));
    }
    let project = cluster.project;
    let regions = regions_of(cluster)?;
    let mut seen = Gathered::new();
    for region in &regions {
        match covered(project, region, false) {
            Ok(true) => return Ok(Verdict::Pass),
            Ok(false) => {}
            Err(why) => seen.unseen(why),
        }
    }
    let peering = has_peering(project, &regions);
    if limits.accept_peering {
        match &peering {
            Ok(true) => return Ok(Verdict::Pass),
            Ok(false) => {}
            Err(why) => seen.unseen(why.clone()),
        }
    }
    // With any doubt left there may be an endpoint after all.
    seen.verdict("")?;
    let places: Vec<_> = regions.iter().map(|region| format!("{} ({})", region.region, region.provider)).collect();
    let places = places.join(", ");
    let name = cluster.key();
    let evidence = if peering == Ok(true) {
        let message = format!("{name} has peering only, the legacy path, and no working private endpoint in {places}");
        Evidence::at(cluster.at, message).severity(Severity::Medium)
    } else {
        Evidence::at(cluster.at, format!("{name} has no working private endpoint in {places}"))
    };
    let evidence = regions.iter().take(1).fold(evidence.fact("cluster", name), to_create);
    Ok(Verdict::of([evidence]))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionGap {
    count_analytics_and_read_only: bool,
}

/// Which kinds of nodes a region holds.
fn kinds(region: &RegionUse) -> String {
    let kinds = [(region.electable, "electable"), (region.read_only, "read-only"), (region.analytics, "analytics")];
    let present: Vec<_> = kinds.into_iter().filter(|(present, _)| *present).map(|(_, kind)| kind).collect();
    if present.is_empty() { "nodes of an unnamed kind".to_owned() } else { format!("{} nodes", present.join(" and ")) }
}

/// ATL-NET-008
pub(crate) fn region_gap(cluster: &ClusterView<'_>, limits: &RegionGap) -> Judgement {
    if !dedicated(cluster)? {
        return Ok(Verdict::not_applicable("private endpoints need a dedicated cluster"));
    }
    let mut regions = regions_of(cluster)?;
    // Where Atlas does not say which nodes there are, they may be electable.
    let counts = |region: &RegionUse| region.electable || !(region.read_only || region.analytics);
    regions.retain(|region| limits.count_analytics_and_read_only || counts(region));
    if regions.len() < 2 {
        return Ok(Verdict::not_applicable("the cluster is in one region: ATL-NET-007 speaks of it"));
    }
    let project = cluster.project;
    let mut seen = Gathered::new();
    let mut served = false;
    let mut gaps = Vec::new();
    for region in &regions {
        match covered(project, region, true) {
            Ok(true) => served = true,
            Ok(false) => gaps.push(region),
            Err(why) => seen.unseen(why),
        }
    }
    if !served {
        return seen.verdict("no private endpoint serves the cluster: ATL-NET-007 speaks of it");
    }
    seen.fine();
    let name = cluster.key();
    for region in gaps {
        let message = format!(
            "{name} has no working private endpoint in {} ({}), which holds {}",
            region.region,
            region.provider,
            kinds(region)
        );
        seen.offence(to_create(Evidence::at(cluster.at, message).fact("cluster", name.clone()), region));
    }
    match cluster.is_sharded() {
        Some(false) => {}
        Some(true) => match regional_mode(project) {
            Ok(true) => {}
            Ok(false) => {
                let message = format!("{name} is sharded over several regions, and regional mode is off");
                seen.offence(Evidence::at(cluster.at, message).fact("cluster", name));
            }
            Err(why) => seen.unseen(why),
        },
        None => seen.unseen(Unknown::absent("clusterType")),
    }
    seen.verdict("")
}

fn regional_mode(project: &ProjectView<'_>) -> Result<bool, Unknown> {
    Ok(*project.project.regional_mode.known()?.enabled.required("enabled")?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bypassable {
    break_glass: Vec<ExemptRange>,
}

/// ATL-NET-009
pub(crate) fn bypassable(project: &ProjectView<'_>, limits: &Bypassable) -> Judgement {
    if !any_works(project.project)? {
        return Ok(Verdict::not_applicable("the project has no working private endpoint"));
    }
    let mut seen = Gathered::new();
    seen.fine();
    let week_ago = Logins::week_ago(project.now);
    // Who cannot read logins only loses what would make it worse.
    let logins = Logins::since(project, week_ago).ok();
    for (entry, range) in ranges(project.access_list.known()?, &mut seen) {
        let standing = range_standing(&limits.break_glass, &range, project.now);
        if !is_public(&range) || standing == Standing::Exempt {
            continue;
        }
        let used = logins.as_ref().map_or(0, |logins| logins.public_within(&range));
        let evidence = if used > 0 {
            format!("; {used} successful login{} over it in the last 7 days", if used == 1 { "" } else { "s" })
        } else {
            String::new()
        };
        let comment = quoted_comment(entry);
        let message = format!("{range} is public, beside a private endpoint{comment}{}{evidence}", standing.note());
        let offence = Evidence::at(&entry_ref(project, entry), message).field("/cidrBlock").fact("entry", entry.key());
        seen.offence(if used > 0 { offence.severity(Severity::High) } else { offence });
    }
    seen.verdict("")
}
