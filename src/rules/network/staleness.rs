//! Entries of an access list over which nobody comes.

use serde::Deserialize;

use super::logins::{Logins, days_ago};
use super::{entry_ref, last_added, quoted_comment, ranges};
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::rules::watched;
use crate::rules::{any_dedicated, dedicated, live_clusters, live_flex_clusters, serverless_instances};
use crate::snapshot::history::AccessHistory;
use crate::snapshot::network::AccessListEntry;
use crate::snapshot::values::Moment;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stale {
    unused_days: u32,
}

/// ATL-NET-005
pub(crate) fn stale(project: &ProjectView<'_>, limits: &Stale) -> Judgement {
    let entries = project.access_list.known()?;
    if !any_dedicated(project)? {
        return Ok(Verdict::not_applicable(
            "the project has no dedicated cluster, and of others Atlas tells no logins",
        ));
    }
    let start = days_ago(project.now, limits.unused_days);
    let mut seen = Gathered::new();
    let logins = Logins::since(project, start)?;
    let mut doubts = logins.unseen.clone();
    let has_history = project.declared.logins.of(&project.project.id).is_some();
    if !has_history && !logins.gaps.is_empty() {
        doubts.push(Unknown::undecidable(format!(
            "Atlas keeps logins for {} days, and `unused_days` is {}",
            AccessHistory::DAYS,
            limits.unused_days
        )));
    } else {
        doubts.extend(logins.gaps.iter().map(|(cluster, gap)| watched::doubt(cluster, *gap)));
    }
    doubts.extend(untold(project));
    for (entry, range) in ranges(entries, &mut seen) {
        if logins.any_within(&range) {
            seen.fine();
            continue;
        }
        // A temporary entry is at most a week old, and goes by itself.
        if matches!(entry.delete_after_date, Some(Moment::At(end)) if end >= project.now) {
            continue;
        }
        let age = is_younger(project, entry, limits.unused_days);
        if age == Ok(true) {
            continue;
        }
        let mut doubts = doubts.clone();
        doubts.extend(age.err());
        if doubts.is_empty() {
            let comment = quoted_comment(entry);
            let message = format!("{range}: nobody logged in from there in {} days{comment}", limits.unused_days);
            let evidence = Evidence::at(&entry_ref(project, entry), message).field("/cidrBlock");
            seen.offence(evidence.fact("entry", range.to_string()));
        }
        for doubt in doubts {
            seen.unseen(doubt);
        }
    }
    seen.verdict("no entry is a range that is older than that")
}

/// Whether an entry was added within so many days.
fn is_younger(project: &ProjectView<'_>, entry: &AccessListEntry, days: u32) -> Result<bool, Unknown> {
    let start = days_ago(project.now, days);
    let events = project.project.events.known()?;
    Ok(last_added(events, entry).is_some_and(|(_, added)| added > start))
}

/// What else an entry may be for, and nobody would see it used.
fn untold(project: &ProjectView<'_>) -> Vec<Unknown> {
    let shared = live_clusters(project).map(|mut clusters| clusters.any(|cluster| dedicated(cluster) == Ok(false)));
    let others = [
        ("clusters on shared tiers", shared),
        ("Flex clusters", live_flex_clusters(project).map(|mut clusters| clusters.next().is_some())),
        ("serverless instances", serverless_instances(project).map(|instances| !instances.is_empty())),
        ("federated databases", project.project.federated_databases.known().map(|databases| !databases.is_empty())),
    ];
    let doubt = |(what, any): (&str, _)| match any {
        Ok(false) => None,
        Ok(true) => Some(Unknown::undecidable(format!("Atlas tells no logins to the project's {what}"))),
        Err(why) => Some(Unknown::from(why)),
    };
    others.into_iter().filter_map(doubt).collect()
}
