//! Attempts to log in: whether somebody is guessing, or an application holds a dead password.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ClusterView;
use crate::rules::dedicated;
use crate::snapshot::Section;
use crate::snapshot::history::LoginAttempt;
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// As many attempts as Atlas tells of at once. It tells the newest, and has no second page.
const MOST_TOLD: usize = 20_000;
/// As many users and addresses as a message names.
const MOST_NAMED: usize = 3;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Burst {
    window_hours: f64,
    max_failures_per_user: usize,
    max_failures_per_ip: usize,
}

/// One attempt, as far as it can be read.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    at: Timestamp,
    user: Option<&'a str>,
    address: Option<&'a str>,
    succeeded: bool,
}

/// ATL-MON-005
pub(crate) fn failure_burst(cluster: &ClusterView<'_>, limits: &Burst) -> Judgement {
    if !dedicated(cluster)? {
        return Ok(Verdict::not_applicable("Atlas keeps no history of logins for shared machines"));
    }
    let history = cluster.access_history.known()?.access_logs.required("accessLogs")?;
    let mut seen = Gathered::new();
    seen.fine();
    let mut attempts = Vec::new();
    let now = cluster.project.now;
    let mut oldest: Option<Timestamp> = None;
    for line in history {
        match read(line) {
            Ok(attempt) => {
                oldest = Some(oldest.map_or(attempt.at, |oldest| oldest.min(attempt.at)));
                if hours_ago(attempt.at, now) <= limits.window_hours {
                    attempts.push(attempt);
                }
            }
            Err(why) => seen.unseen(why),
        }
    }
    if history.len() >= MOST_TOLD && oldest.is_none_or(|oldest| hours_ago(oldest, now) <= limits.window_hours) {
        seen.unseen(Unknown::undecidable(format!(
            "Atlas tells of {MOST_TOLD} attempts at most, and these do not reach back {} hours",
            limits.window_hours
        )));
    }
    attempts.sort_by_key(|attempt| attempt.at);
    let by_user = bursts(&attempts, |attempt| attempt.user, limits.max_failures_per_user);
    let by_address = bursts(&attempts, |attempt| attempt.address, limits.max_failures_per_ip);
    if !by_user.is_empty() || !by_address.is_empty() {
        seen.offence(evidence(cluster, limits, &attempts, &by_user, &by_address));
    }
    seen.verdict("")
}

fn read(line: &LoginAttempt) -> Result<Attempt<'_>, Unknown> {
    let at = match line.timestamp.required("timestamp")? {
        Moment::At(at) => *at,
        Moment::Unreadable(text) => return Err(Unknown::not_understood("timestamp", text.clone())),
    };
    let succeeded = *line.auth_result.required("authResult")?;
    if !succeeded && line.username.is_none() && line.ip_address.is_none() {
        return Err(Unknown::absent("username"));
    }
    Ok(Attempt { at, user: line.username.as_deref(), address: line.ip_address.as_deref(), succeeded })
}

fn hours_ago(at: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(at).as_secs_f64() / 3600.0
}

/// Those who failed more often than the limit, the worst first, with how often.
fn bursts<'a>(
    attempts: &[Attempt<'a>],
    who: impl Fn(&Attempt<'a>) -> Option<&'a str>,
    most: usize,
) -> Vec<(&'a str, usize)> {
    let mut failures: BTreeMap<&str, usize> = BTreeMap::new();
    for attempt in attempts.iter().filter(|attempt| !attempt.succeeded) {
        if let Some(who) = who(attempt) {
            *failures.entry(who).or_default() += 1;
        }
    }
    let mut over: Vec<_> = failures.into_iter().filter(|(_, count)| *count > most).collect();
    over.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    over
}

/// The first login that looks like a guess that hit: as the user under attack from an address that had failed, or that
/// had not been seen before; or as anybody from the address that attacks. Attempts are in order of time.
fn hit<'a>(
    attempts: &[Attempt<'a>],
    by_user: &[(&'a str, usize)],
    by_address: &[(&'a str, usize)],
    limits: &Burst,
) -> Option<Attempt<'a>> {
    let mut user_failures: BTreeMap<&str, usize> = BTreeMap::new();
    let mut address_failures: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failed_from: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut known: BTreeSet<(&str, &str)> = BTreeSet::new();
    for attempt in attempts {
        let (Some(user), Some(address)) = (attempt.user, attempt.address) else { continue };
        if !attempt.succeeded {
            *user_failures.entry(user).or_default() += 1;
            *address_failures.entry(address).or_default() += 1;
            failed_from.insert((user, address));
            continue;
        }
        let attacked = by_user.iter().any(|(name, _)| *name == user)
            && user_failures.get(user).is_some_and(|count| *count > limits.max_failures_per_user);
        let attacks = by_address.iter().any(|(name, _)| *name == address)
            && address_failures.get(address).is_some_and(|count| *count > limits.max_failures_per_ip);
        let strange = failed_from.contains(&(user, address)) || !known.contains(&(user, address));
        if attacks || (attacked && strange) {
            return Some(*attempt);
        }
        known.insert((user, address));
    }
    None
}

fn evidence<'a>(
    cluster: &ClusterView<'_>,
    limits: &Burst,
    attempts: &[Attempt<'a>],
    by_user: &[(&'a str, usize)],
    by_address: &[(&'a str, usize)],
) -> Evidence {
    let name = cluster.key();
    let mut parts = Vec::new();
    if !by_user.is_empty() {
        parts.push(format!("logins failed as {}", named(by_user)));
    }
    if !by_address.is_empty() {
        parts.push(format!("logins failed from {}", named(by_address)));
    }
    let hit = hit(attempts, by_user, by_address, limits);
    if let Some(Attempt { at, user: Some(user), address: Some(address), .. }) = hit {
        parts.push(format!("then, at {at}, one succeeded as {user} from {address}"));
    }
    let message = format!("{name}: {}", parts.join("; "));
    let mut evidence = Evidence::at(&cluster.at.child(Section::AccessHistory.slot()), message)
        .field("/accessLogs")
        .fact("cluster", name);
    if let Some((user, _)) = by_user.first() {
        evidence = evidence.fact("user", *user);
    }
    if let Some((address, _)) = by_address.first() {
        evidence = evidence.fact("entry", *address);
    }
    if hit.is_some() { evidence.severity(Severity::Critical) } else { evidence }
}

fn named(over: &[(&str, usize)]) -> String {
    let mut names: Vec<_> = over.iter().take(MOST_NAMED).map(|(who, count)| format!("{who} {count} times")).collect();
    if over.len() > MOST_NAMED {
        names.push(format!("{} more", over.len() - MOST_NAMED));
    }
    names.join(", ")
}
