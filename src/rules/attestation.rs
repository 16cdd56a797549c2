//! What only people can know: reviews that took place, tests that were made, contracts that are signed.

use jiff::Timestamp;
use serde::Deserialize;

use crate::analysis::review_digest;
use crate::engine::day::Day;
use crate::engine::declared::review::{ACCESS_LIST_REVIEW, DATABASE_USER_REVIEW, Seen};
use crate::engine::declared::{Attestation, Decided};
use crate::engine::environment::Environment;
use crate::engine::verdict::{Attested, Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{OrganizationView, ProjectView};
use crate::snapshot::database_access::DatabaseUser;
use crate::snapshot::history::{DeliveryType, RestoreJob};
use crate::snapshot::network::AccessListEntry;
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

use super::{live_clusters, live_flex_clusters, offered, tagged};

const RESTORE_TEST: &str = "restore-test";
pub(super) const TENANT_POLICY_TEST: &str = "tenant-policy-test";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Age {
    max_days: i64,
}

impl Age {
    /// What keeps a statement from counting, if anything does.
    fn complaint(&self, stated: &Attestation, now: Timestamp) -> Option<String> {
        let Attestation { owner, date, expires, .. } = stated;
        if expires.is_over(now) {
            return Some(format!("the last is by {owner} of {date}, and ended on {expires}"));
        }
        let days = date.age(now);
        (days > self.max_days).then(|| format!("the last is by {owner} of {date}, {days} days ago"))
    }

    /// The statements about a control that are not of the future, the newest first.
    fn newest<'a>(stated: impl Iterator<Item = &'a Attestation>, now: Timestamp) -> Vec<&'a Attestation> {
        let mut all: Vec<_> = stated.filter(|one| one.date <= Day::of(now)).collect();
        all.sort_by_key(|one| std::cmp::Reverse((one.date, one.expires)));
        all
    }
}

/// A list that people look through from time to time.
struct Reviewed<'a> {
    control: &'static str,
    /// `the access list`
    what: &'static str,
    /// `entry`
    one: &'static str,
    /// `entries`
    many: &'static str,
    at: &'a Ref,
    /// Of the list as it is.
    digest: String,
    /// Its entries: identity, name, and the line that is digested.
    entries: Vec<(Ref, String, String)>,
}

/// More names than that do not make a message clearer.
const MOST_NAMED: usize = 5;

impl Reviewed<'_> {
    /// What there is that somebody did not see who looked through the list; nothing if all of it was seen. What was
    /// seen and is gone is nobody's concern.
    fn unseen(&self, seen: &Seen) -> Option<String> {
        let new = self.entries.iter().filter(|(_, _, line)| {
            let digest = review_digest::of_lines([line.clone()]);
            !seen.entries.contains(&digest)
        });
        let new: Vec<String> = new
            .map(|(at, name, _)| {
                let changed = if seen.ids.contains(at.as_str()) { " (changed since)" } else { "" };
                format!("{name}{changed}")
            })
            .collect();
        let told = new.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = new.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        match new.len() {
            0 => None,
            1 => Some(format!("1 {} that is not as reviewed: {told}", self.one)),
            many => Some(format!("{many} {} that are not as reviewed: {told}{more}", self.many)),
        }
    }

    /// Entries that should be gone: somebody decided so, and that day is over.
    fn revoked(&self, project: &ProjectView<'_>) -> Vec<Evidence> {
        let entries = self.entries.iter();
        let still_there = entries.filter_map(|(at, name, _)| {
            let Decided { reviewer, date, ticket, .. } = project.declared.revoked(at, project.now)?;
            let ticket = ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
            let message = format!("{name}: revoked by {reviewer} on {date}{ticket}, still there");
            Some(Evidence::at(at, message).fact("digest", self.digest.clone()).fact("today", today(project)))
        });
        still_there.collect()
    }
}

fn today(project: &ProjectView<'_>) -> String {
    Day::of(project.now).to_string()
}

/// Whether somebody looked through a list lately, it is still the list that they saw, and what they revoked is gone.
fn reviewed(project: &ProjectView<'_>, limits: &Age, list: &Reviewed<'_>) -> Judgement {
    let revoked = list.revoked(project);
    match looked_through(project, limits, list) {
        verdict if revoked.is_empty() => verdict,
        Ok(Verdict::Fail(mut failure)) => {
            failure.evidence.extend(revoked);
            Ok(Verdict::Fail(failure))
        }
        // What is revoked and still there outweighs whatever is attested.
        _ => Ok(Verdict::of(revoked)),
    }
}

fn looked_through(project: &ProjectView<'_>, limits: &Age, list: &Reviewed<'_>) -> Judgement {
    let Reviewed { control, what, at, digest, .. } = list;
    let now = project.now;
    let of_project = Some((project.project.id.as_str(), project.project.name.as_deref()));
    let stated = Age::newest(project.declared.statements(control, of_project), now);
    let offence = |message: String| {
        Ok(Verdict::of([Evidence::at(at, message).fact("digest", digest.clone()).fact("today", today(project))]))
    };
    let mut complaint = None;
    for one in &stated {
        let trouble = match (limits.complaint(one, now), &one.digest, &one.seen) {
            (Some(old), _, _) => format!("{what} is due for a review: {old}"),
            (None, Some(seen), None) if !review_digest::same(seen, digest) => {
                format!(
                    "{what} is not the one that {} reviewed on {}: there are new entries since",
                    one.owner, one.date
                )
            }
            (None, _, Some(seen)) => match list.unseen(seen) {
                Some(unseen) => format!("{what} has {unseen} (reviewed by {} on {})", one.owner, one.date),
                None => return Ok((*one).into()),
            },
            (None, Some(_), None) => return Ok((*one).into()),
            (None, None, None) => {
                let mut by_date = Attested::from(*one);
                by_date.statement =
                    format!("{} (by its date alone: it has no digest of what was reviewed)", one.statement);
                return Ok(Verdict::Attested(Box::new(by_date)));
            }
        };
        complaint = complaint.or(Some(trouble));
    }
    if let Some(complaint) = complaint {
        return offence(complaint);
    }
    // Whoever attests to one project means to attest to all.
    if is_attested_anywhere(project, control) {
        return offence(format!("nobody attests to a review of {what}"));
    }
    Err(nobody(control, what))
}

fn is_attested_anywhere(project: &ProjectView<'_>, control: &str) -> bool {
    project.declared.attestations.iter().any(|one| one.control == control)
}

fn nobody(control: &str, what: &str) -> Unknown {
    Unknown::undecidable(format!("nobody attests to a review of {what}: `{control}`"))
}

/// Nothing is stated or decided anywhere: then there is nothing to hold a list against, and no need to digest it.
fn unreviewed(project: &ProjectView<'_>, control: &str, what: &str) -> Result<(), Unknown> {
    if project.declared.recorded.is_empty() && !is_attested_anywhere(project, control) {
        return Err(nobody(control, what));
    }
    Ok(())
}

/// ATL-ATT-001
pub(crate) fn access_list_review(project: &ProjectView<'_>, limits: &Age) -> Judgement {
    let entries = project.access_list.known()?;
    if entries.is_empty() {
        return Ok(Verdict::not_applicable("the access list is empty"));
    }
    let (what, one, many) = ("the access list", "entry", "entries");
    unreviewed(project, ACCESS_LIST_REVIEW, what)?;
    let at = &project.section(Section::AccessList);
    let digest = review_digest::of_access_list(entries);
    let named = |entry: &AccessListEntry| (at.child(&entry.key()), entry.key(), review_digest::access_list_line(entry));
    let entries = entries.iter().map(named).collect();
    reviewed(project, limits, &Reviewed { control: ACCESS_LIST_REVIEW, what, one, many, at, digest, entries })
}

/// ATL-ATT-002
pub(crate) fn database_user_review(project: &ProjectView<'_>, limits: &Age) -> Judgement {
    let users = project.database_users.known()?;
    if users.is_empty() {
        return Ok(Verdict::not_applicable("the project has no database user"));
    }
    let (what, one, many) = ("the list of database users", "user", "users");
    unreviewed(project, DATABASE_USER_REVIEW, what)?;
    let at = &project.section(Section::DatabaseUsers);
    let digest = review_digest::of_database_users(users);
    let named = |user: &DatabaseUser| (at.child(&user.key()), user.key(), review_digest::database_user_line(user));
    let entries = users.iter().map(named).collect();
    reviewed(project, limits, &Reviewed { control: DATABASE_USER_REVIEW, what, one, many, at, digest, entries })
}

/// ATL-ATT-003
pub(crate) fn restore_test(project: &ProjectView<'_>, limits: &Age) -> Judgement {
    let now = project.now;
    let of_project = Some((project.project.id.as_str(), project.project.name.as_deref()));
    let stated = Age::newest(project.declared.statements(RESTORE_TEST, of_project), now);
    let live = stated.iter().find(|one| limits.complaint(one, now).is_none());
    let mut seen = Gathered::new();
    let mut backed_up = false;
    let mut tested = false;
    match live_clusters(project.project) {
        Err(why) => seen.unseen(why),
        Ok(clusters) => {
            for cluster in clusters {
                // What was restored from one cluster tells that it can be done; where it is not production, of what counts.
                if project.environment_of(cluster) != Environment::Production || cluster.is_dedicated() == Some(false) {
                    continue;
                }
                match cluster.backup_enabled.required("backupEnabled") {
                    Ok(true) => backed_up = true,
                    Ok(false) => continue,
                    Err(why) => {
                        seen.unseen(why);
                        continue;
                    }
                }
                for job in offered(&cluster.restore_jobs, &mut seen).into_iter().flatten() {
                    match is_test(project, job, limits.max_days) {
                        Ok(is_test) => tested |= is_test,
                        Err(why) => seen.unseen(why),
                    }
                }
            }
        }
    }
    match live_flex_clusters(project.project) {
        Err(why) => seen.unseen(why),
        Ok(clusters) => {
            let backups = |enabled: Option<bool>| enabled == Some(true);
            for cluster in clusters {
                let enabled = cluster.backup_settings.as_ref().and_then(|settings| settings.enabled);
                if project.environment == Environment::Production && backups(enabled) {
                    backed_up = true;
                    seen.unseen(Unknown::undecidable(format!(
                        "what was restored from the Flex cluster {} is not read",
                        cluster.key()
                    )));
                }
            }
        }
    }
    if !backed_up {
        return seen.verdict("no production cluster is backed up");
    }
    if tested {
        return Ok(Verdict::Pass);
    }
    if let Some(live) = live {
        return Ok((*live).into());
    }
    seen.verdict("").map(|_| {
        let why = stated.first().and_then(|one| limits.complaint(one, now));
        let why = why.map_or_else(|| "nobody attests to one".to_owned(), |why| format!("of those attested {why}"));
        let message = format!("no backup was restored for a test in {} days; {why}", limits.max_days);
        Verdict::of([Evidence::at(project.at, message)])
    })
}

/// Whether a job put a backup back, in time, to where no production is.
fn is_test(project: &ProjectView<'_>, job: &RestoreJob, max_days: i64) -> Result<bool, Unknown> {
    let restored = match job.delivery_type.required("deliveryType")? {
        DeliveryType::Automated | DeliveryType::PointInTime => true,
        DeliveryType::Download => false,
        DeliveryType::Other(text) => return Err(Unknown::not_understood("deliveryType", text)),
    };
    // One that still runs has no end.
    let Some(finished) = &job.finished_at else { return Ok(false) };
    if !restored || job.failed == Some(true) || job.cancelled == Some(true) {
        return Ok(false);
    }
    let finished = finished.timestamp().ok_or_else(|| Unknown::not_understood("finishedAt", "no time"))?;
    if Day::of(finished).age(project.now) > max_days {
        return Ok(false);
    }
    let target = job.target_group_id.required("targetGroupId")?;
    if *target != project.project.id {
        let environment = project.environments.get(target.as_str());
        let unclear = || Unknown::undecidable(format!("what project {target} is for, to which a backup was restored"));
        return Ok(*environment.ok_or_else(unclear)? != Environment::Production);
    }
    let cluster = job.target_cluster_name.required("targetClusterName")?;
    let mut clusters = live_clusters(project.project)?;
    let found = clusters.find(|one| one.name.as_ref() == Some(cluster));
    // It is gone again, as it should be.
    Ok(found.is_none_or(|one| project.environment_of(one) != Environment::Production))
}

/// ATL-ATT-004
pub(crate) fn tenant_policy_test(organization: &OrganizationView<'_>, limits: &Age) -> Judgement {
    if organization.declared.tenants.is_empty() {
        return Ok(Verdict::not_applicable("no tenants are declared: nothing makes database users for them"));
    }
    let now = organization.now;
    let about = organization.declared.attestations.iter().filter(|one| one.control == TENANT_POLICY_TEST);
    let stated = Age::newest(about, now);
    if let Some(live) = stated.iter().find(|one| limits.complaint(one, now).is_none()) {
        return Ok((*live).into());
    }
    let Some(why) = stated.first().and_then(|one| limits.complaint(one, now)) else {
        let what = format!("nobody attests that a forbidden database user was refused: `{TENANT_POLICY_TEST}`");
        return Err(Unknown::undecidable(what));
    };
    let message = format!("the policy on tenants' database users is due for a test: {why}");
    Ok(Verdict::of([Evidence::at(organization.at, message)]))
}

/// What a tag asks of the vendor: the word, the control, and the document.
const ASSURANCES: [(&str, &str, &str); 3] = [
    ("phi", "baa", "a business associate agreement"),
    ("gdpr", "dpa", "a data processing agreement"),
    ("pci", "pci-aoc", "the attestation of PCI compliance and the matrix of responsibilities"),
];

/// ATL-ATT-005
pub(crate) fn vendor_assurance(project: &ProjectView<'_>, limits: &Age) -> Judgement {
    let mut seen = Gathered::new();
    let of_project = Some((project.project.id.as_str(), project.project.name.as_deref()));
    let clusters = project.clusters.known().map(Vec::as_slice);
    if let Err(why) = clusters {
        seen.unseen(why);
    }
    for (word, control, document) in ASSURANCES {
        let on_cluster = clusters.unwrap_or_default().iter().find(|one| tagged::says(one.tags.as_deref(), word));
        let place = if tagged::says(project.tags.as_deref(), word) {
            "the project".to_owned()
        } else if let Some(cluster) = on_cluster {
            cluster.key()
        } else {
            continue;
        };
        let stated = Age::newest(project.declared.statements(control, of_project), project.now);
        if let Some(live) = stated.iter().find(|one| limits.complaint(one, project.now).is_none()) {
            seen.attested(*live);
            continue;
        }
        let why = stated.first().and_then(|one| limits.complaint(one, project.now));
        let why = why.unwrap_or_else(|| format!("nobody attests to it: `{control}`"));
        seen.offence(
            Evidence::at(project.at, format!("{place} is tagged {word}, and needs {document}; {why}")).field("/tags"),
        );
    }
    seen.verdict("no tag says phi, gdpr or pci")
}
