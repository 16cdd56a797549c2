//! How long records are kept outside Atlas, which only people can tell.

use serde::Deserialize;

use crate::engine::declared::{Attestation, Statement};
use crate::engine::verdict::{Evidence, Judgement, Unknown, Verdict};
use crate::engine::view::{CombinationView, OrganizationView, ProjectView, tag_pairs};
use crate::rules::tagged;
use crate::snapshot::{Ref, Section};

use super::{Writers, writers};

/// How long the logs of clusters are kept: `retention_days`, of them `hot_days` to be searched at once.
const LOG_RETENTION: &str = "log-retention";
/// That the activity feed is pulled to a store: at most `gap_days` apart.
const EVENT_ARCHIVE: &str = "event-archive";
/// That the audit logs of stream workspaces are.
const STREAM_LOG_ARCHIVE: &str = "stream-log-archive";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptFor {
    retention_days: i64,
    hot_days: i64,
    regulated_tags: Vec<String>,
}

/// ATL-AUD-006
pub(crate) fn too_short(view: &CombinationView<'_>, limits: &KeptFor) -> Judgement {
    let project = view.project;
    let clusters = match writers(project, &[])? {
        Writers::Clusters(clusters) => clusters,
        Writers::Nothing(why) => return Ok(Verdict::not_applicable(why)),
    };
    let of_clusters = clusters.iter().flat_map(|cluster| tag_pairs(cluster.tags.as_deref()));
    let tag = tag_pairs(project.project.tags.as_deref())
        .chain(of_clusters)
        .find(|(key, value)| limits.regulated_tags.iter().any(|word| tagged::names(key, value, word)));
    let Some((key, value)) = tag else {
        return Ok(Verdict::not_applicable("no tag of the project or its clusters says that its data is regulated"));
    };
    let days = limits.retention_days;
    let at = project.section(Section::LogIntegrations);
    let fail = |message: String| Ok(Verdict::of([Evidence::at(&at, message)]));
    let export = view.legs.of("ATL-AUD-004");
    if let Some(evidence) = export.evidence.first() {
        return fail(format!(
            "the tag `{key}: {value}` asks for {days} days, and Atlas alone keeps 30: {}",
            evidence.message
        ));
    }
    let stated = match project.attested(LOG_RETENTION) {
        Statement::Live(stated) => stated,
        Statement::Expired(stated) => return fail(expired(stated)),
        Statement::None => {
            return Err(Unknown::undecidable(format!(
                "how long the sink keeps logs is not to be had from Atlas: attest `{LOG_RETENTION}`"
            )));
        }
    };
    let mut short = Vec::new();
    for (fact, least) in [("retention_days", days), ("hot_days", limits.hot_days)] {
        match stated.number(fact) {
            Some(figure) if figure < least => short.push(format!("{fact} {figure}, less than {least}")),
            Some(_) => {}
            None => return Err(lacks(stated, fact)),
        }
    }
    if !short.is_empty() {
        return fail(format!("{} states {}", stated.owner, short.join(", and ")));
    }
    // What is kept for long is of no use as long as nobody knows whether it arrives.
    match export.holes.as_slice() {
        [] => Ok(stated.into()),
        holes => Err(Unknown { holes: holes.iter().map(|hole| (*hole).clone()).collect() }),
    }
}

fn lacks(stated: &Attestation, fact: &str) -> Unknown {
    Unknown::undecidable(format!("the attestation `{}` of {} states no `{fact}`", stated.control, stated.owner))
}

fn expired(stated: &Attestation) -> String {
    format!("the attestation `{}` of {} ran out on {}", stated.control, stated.owner, stated.expires)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archive {
    max_gap_days: i64,
}

/// ATL-AUD-007, the activity feed
pub(crate) fn events_not_archived(organization: &OrganizationView<'_>, limits: &Archive) -> Judgement {
    archived(organization.attested(EVENT_ARCHIVE), EVENT_ARCHIVE, organization.at, limits)
}

/// ATL-AUD-007, stream workspaces
pub(crate) fn stream_logs_not_archived(project: &ProjectView<'_>, limits: &Archive) -> Judgement {
    if project.stream_workspaces.known()?.is_empty() {
        return Ok(Verdict::not_applicable("the project has no stream workspace"));
    }
    let at = project.section(Section::StreamWorkspaces);
    archived(project.attested(STREAM_LOG_ARCHIVE), STREAM_LOG_ARCHIVE, &at, limits)
}

fn archived(statement: Statement<'_>, control: &str, at: &Ref, limits: &Archive) -> Judgement {
    let fail = |message: String| Ok(Verdict::of([Evidence::at(at, message)]));
    match statement {
        Statement::Expired(stated) => fail(expired(stated)),
        Statement::Live(stated) => match stated.number("gap_days") {
            Some(gap) if gap > limits.max_gap_days => fail(format!(
                "the attestation `{control}` of {} states gap_days {gap}, more than {}",
                stated.owner, limits.max_gap_days
            )),
            _ => Ok(stated.into()),
        },
        Statement::None => Err(Unknown::undecidable(format!(
            "whether these records are kept outside Atlas is not to be had from it: attest `{control}`"
        ))),
    }
}
