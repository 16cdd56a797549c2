//! Who logged in, from where and when, as far as Atlas tells: seven days of dedicated clusters, read on request. Earlier
//! scans may have kept when users last did.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ProjectView, UserView};
use crate::rules::exemption::Standing;
use crate::rules::register::{break_glass, is_protected, must_be_in};
use crate::rules::user_age::{Age, age, days_since};
use crate::rules::watched::{self, unwatched};
use crate::rules::{any_dedicated, live_clusters, live_flex_clusters, serverless_instances};
use crate::snapshot::Reason;
use crate::snapshot::cluster::Cluster;
use crate::snapshot::database_access::{Mechanism, ScopeType, UserScope};
use crate::snapshot::history::{AccessHistory, LoginAttempt};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// How far back Atlas tells of logins.
const TOLD_DAYS: f64 = AccessHistory::DAYS as f64;

/// The logins of a user, and what is not known of them.
pub(super) struct Logins<'a> {
    /// Attempts that succeeded.
    pub(super) succeeded: Vec<&'a LoginAttempt>,
    /// Histories that could not be read.
    pub(super) unread: Vec<Unknown>,
    /// Clusters and what is told of them.
    told: Vec<(&'a Cluster, &'a AccessHistory)>,
}

impl<'a> Logins<'a> {
    /// On the clusters that the user is let into.
    pub(super) fn of(user: &UserView<'a>) -> Self {
        let mut logins = Self { succeeded: Vec::new(), unread: Vec::new(), told: Vec::new() };
        let project: &ProjectView<'a> = user.project;
        let scopes = user.user.scopes.as_deref().unwrap_or_default();
        let clusters = match project.project.clusters.known() {
            Ok(clusters) => clusters,
            Err(why) => {
                logins.unread.push(why.into());
                return logins;
            }
        };
        for cluster in clusters.iter().filter(|cluster| cluster.is_internal() != Some(true)) {
            if cluster.is_deleted() == Some(true) || !admits(scopes, &ScopeType::Cluster, &cluster.key()) {
                continue;
            }
            let history = match cluster.access_history.known() {
                Ok(history) => history,
                // M0 has none: whoever asks for logins everywhere counts it apart.
                Err(why) if why.reason == Reason::Unsupported => continue,
                Err(why) => {
                    logins.unread.push(why.into());
                    continue;
                }
            };
            let Some(attempts) = &history.access_logs else {
                logins.unread.push(Unknown::absent("accessLogs"));
                continue;
            };
            logins.told.push((cluster, history));
            for attempt in attempts {
                if attempt.username.is_some() && attempt.username != user.user.username {
                    continue;
                }
                match (attempt.auth_result, &attempt.username) {
                    (Some(false), _) => {}
                    (Some(true), Some(_)) => logins.succeeded.push(attempt),
                    (Some(true), None) => logins.unread.push(Unknown::absent("username")),
                    (None, _) => logins.unread.push(Unknown::absent("authResult")),
                }
            }
        }
        logins
    }

    /// The networks from which they came: the address with the last part left out.
    pub(super) fn networks(&self) -> BTreeSet<IpNet> {
        let addresses = self.succeeded.iter().filter_map(|login| login.ip_address.as_deref()?.parse::<IpAddr>().ok());
        addresses.filter_map(network).collect()
    }
}

fn network(address: IpAddr) -> Option<IpNet> {
    let prefix = if address.is_ipv4() { 24 } else { 64 };
    Some(IpNet::new(address, prefix).ok()?.trunc())
}

/// Whether scopes let a user in there. None is everywhere; one of an unknown kind is taken for any.
fn admits(scopes: &[UserScope], kind: &ScopeType, name: &str) -> bool {
    let named = |scope: &UserScope| scope.name.as_deref() == Some(name);
    let fits = |scope: &UserScope| !matches!(&scope.kind, Some(known) if known != kind);
    scopes.is_empty() || scopes.iter().any(|scope| named(scope) && fits(scope))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaleUser {
    unused_days: f64,
}

/// ATL-AUTHN-006
pub(crate) fn stale(user: &UserView<'_>, limits: &StaleUser) -> Judgement {
    if !any_dedicated(user.project)? {
        return Ok(Verdict::not_applicable("the project has no dedicated cluster: Atlas tells of no logins to others"));
    }
    let standing = break_glass(user);
    if standing == Standing::Exempt {
        return Ok(Verdict::not_applicable("the user is kept for emergencies"));
    }
    let protected = &user.project.declared.protected_users;
    if protected.iter().any(|one| is_protected(one, user.user) && must_be_in(one, user.project) != Some(false)) {
        return Ok(Verdict::not_applicable("the user is protected: it has to be there"));
    }
    let name = user.username.required("username")?;
    let days = limits.unused_days;
    let logins = Logins::of(user);
    let mut seen = Gathered::new();
    for login in &logins.succeeded {
        match &login.timestamp {
            // Whatever Atlas tells of lies within seven days.
            _ if days >= TOLD_DAYS => return Ok(Verdict::Pass),
            Some(Moment::At(at)) if days_since(*at, user.project.now) <= days => return Ok(Verdict::Pass),
            Some(Moment::At(_)) => {}
            Some(Moment::Unreadable(text)) => seen.unseen(Unknown::not_understood("timestamp", text)),
            None => seen.unseen(Unknown::absent("timestamp")),
        }
    }
    let start = user.project.now.checked_sub(SignedDuration::from_secs_f64(days * 86_400.0));
    let start = start.unwrap_or(Timestamp::MIN);
    let earlier = user.project.declared.logins.of(&user.project.project.id);
    if earlier.and_then(|earlier| earlier.user(name)).is_some_and(|last| last >= start) {
        return Ok(Verdict::Pass);
    }
    let made = age(user, days);
    // Whether a login is among what could not be read decides between this and a pass.
    if made == Ok(Age::Within) && logins.unread.is_empty() {
        return Ok(Verdict::not_applicable(format!("the user was made within the last {days} days")));
    }
    // From here on it takes a complete picture to say that nobody logged in.
    logins.unread.into_iter().for_each(|why| seen.unseen(why));
    if days > TOLD_DAYS && earlier.is_none() {
        seen.unseen(Unknown::undecidable(format!(
            "no login in the {TOLD_DAYS} days that Atlas tells of; {days} days take stored runs"
        )));
    }
    for (cluster, history) in logins.told {
        match unwatched(user.project, cluster, history, start) {
            Some(_) if history.is_full() => {
                seen.unseen(Unknown::undecidable(format!("{} had more logins than Atlas tells of", cluster.key())));
            }
            Some(gap) if earlier.is_some() => seen.unseen(watched::doubt(&cluster.key(), gap)),
            _ => {}
        }
    }
    match user.mechanism() {
        Some(
            Mechanism::Password
            | Mechanism::ManagedCertificate
            | Mechanism::CustomerCertificate
            | Mechanism::AwsUser
            | Mechanism::LdapUser,
        ) => {}
        Some(Mechanism::OidcUser | Mechanism::OidcGroup | Mechanism::LdapGroup | Mechanism::AwsRole) => {
            seen.unseen(Unknown::undecidable("whoever logs in as this user does so under a name of their own"));
        }
        None => seen.unseen(Unknown::undecidable("it is not told how the user logs in, and so under which name")),
    }
    silent_places(user, &mut seen);
    if let Err(why) = made {
        seen.unseen(why);
    }
    seen.verdict("")?;
    let evidence = Evidence::at(user.at, format!("{name} has not logged in for {days} days{}", standing.note()));
    let database = user.database_name.as_deref().unwrap_or("admin");
    Ok(Verdict::of([evidence.field("/username").fact("user", name).fact("authdb", database)]))
}

/// Notes the places that a user may log in to without Atlas telling of it.
fn silent_places(user: &UserView<'_>, seen: &mut Gathered) {
    let project = user.project;
    let Some(scopes) = seen.see(user.scopes.required("scopes")) else { return };
    let shared = live_clusters(project)
        .map(|clusters| keys(clusters.filter(|cluster| cluster.is_dedicated() == Some(false))))
        .map_err(Unknown::from);
    let flex = live_flex_clusters(project).map(keys).map_err(Unknown::from);
    let serverless = serverless_instances(project).map(keys).map_err(Unknown::from);
    let federated = project.federated_databases.known().map(keys).map_err(Unknown::from);
    let workspaces = project.stream_workspaces.known().map(keys).map_err(Unknown::from);
    for (kind, what, names) in [
        (ScopeType::Cluster, "a shared cluster", shared),
        (ScopeType::Cluster, "a Flex cluster", flex),
        (ScopeType::Cluster, "a serverless instance", serverless),
        (ScopeType::DataLake, "a federated database", federated),
        (ScopeType::Stream, "a stream workspace", workspaces),
    ] {
        match names {
            Err(why) => seen.unseen(why),
            Ok(names) => {
                for name in names.iter().filter(|name| admits(scopes, &kind, name)) {
                    seen.unseen(Unknown::undecidable(format!("Atlas does not tell of logins to {name}, {what}")));
                }
            }
        }
    }
}

fn keys<'a, N: Node + 'a>(nodes: impl IntoIterator<Item = &'a N>) -> Vec<String> {
    nodes.into_iter().map(Node::key).collect()
}
