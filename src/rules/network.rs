//! Network exposure and private connectivity.

pub(crate) mod health;
mod logins;
pub(crate) mod ownership;
pub(crate) mod peering;
pub(crate) mod private_endpoint;
pub(crate) mod staleness;

use std::collections::BTreeSet;

use ipnet::IpNet;
use jiff::{Timestamp, Unit};
use serde::Deserialize;

use crate::analysis::address_space::{addresses, admits_everyone, ipv4_fraction, is_public};
use crate::engine::environment::Environment;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::snapshot::address::AddressRange;
use crate::snapshot::history::Event;
use crate::snapshot::network::{AccessListEntry, Network};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;
use crate::snapshot::{Reading, Ref, Section};

use super::exemption::{ExemptRange, Standing, range_standing};
use super::{dedicated, hours_until, live_clusters, live_flex_clusters, serverless_instances};

fn entry_ref(project: &ProjectView<'_>, entry: &AccessListEntry) -> Ref {
    project.item(Section::AccessList, &entry.key())
}

/// Ranges of an access list that could be understood; the others are noted as unseen.
fn ranges<'a>(entries: &'a [AccessListEntry], seen: &mut Gathered) -> Vec<(&'a AccessListEntry, IpNet)> {
    let mut ranges = Vec::new();
    for entry in entries {
        match entry.network() {
            Network::Range(range) => ranges.push((entry, range)),
            Network::SecurityGroup(_) => {}
            Network::Other(text) => seen.unseen(Unknown::not_understood("cidrBlock", text)),
        }
    }
    ranges
}

fn quoted_comment(entry: &AccessListEntry) -> String {
    match entry.comment.as_deref().filter(|comment| !comment.is_empty()) {
        Some(comment) => format!(" (comment: \"{comment}\")"),
        None => " (no comment)".to_owned(),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenToInternet {
    union_ipv4_fraction: f64,
    temporary_grace_hours: f64,
}

/// ATL-NET-001
pub(crate) fn open_to_internet(project: &ProjectView<'_>, limits: &OpenToInternet) -> Judgement {
    let entries = project.access_list.known()?;
    let mut seen = Gathered::new();
    seen.fine();
    let mut others = Vec::new();
    for (entry, range) in ranges(entries, &mut seen) {
        let hours = hours_until(entry.delete_after_date.as_ref(), project.now);
        // What is listed past its end has no time left, and admits all the same.
        if hours.is_some_and(|hours| (0.0..limits.temporary_grace_hours).contains(&hours)) {
            continue;
        }
        if !admits_everyone(&range) {
            others.push(range);
            continue;
        }
        let left = match hours {
            Some(hours) if hours >= 0.0 => format!(" for {hours:.0} more hours"),
            Some(_) => " though it should have ended".to_owned(),
            None => String::new(),
        };
        let shown = if range.prefix_len() == 0 { range.to_string() } else { range.addr().to_string() };
        seen.offence(
            Evidence::at(
                &entry_ref(project, entry),
                format!("{shown} admits the whole internet{left}{}", quoted_comment(entry)),
            )
            .field("/cidrBlock")
            .fact("entry", shown),
        );
    }
    let public = others.into_iter().filter(is_public);
    let fraction = ipv4_fraction(public);
    if fraction >= limits.union_ipv4_fraction {
        seen.offence(Evidence::at(
            &project.section(Section::AccessList),
            format!("together the entries admit {:.0} % of the IPv4 address space", fraction * 100.0),
        ));
    }
    seen.verdict("")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BroadRange {
    max_ipv4_prefix: u8,
    max_ipv6_prefix: u8,
    max_public_addresses: u64,
    allow: Vec<ExemptRange>,
}

/// ATL-NET-002
pub(crate) fn broad_range(project: &ProjectView<'_>, limits: &BroadRange) -> Judgement {
    let entries = project.access_list.known()?;
    let mut seen = Gathered::new();
    let mut ipv4 = Vec::new();
    let mut any_wide = false;
    for (entry, range) in ranges(entries, &mut seen) {
        if !is_public(&range) {
            continue;
        }
        seen.fine();
        let standing = range_standing(&limits.allow, &range, project.now);
        if standing == Standing::Exempt {
            continue;
        }
        let narrowest = match range {
            IpNet::V4(_) => {
                ipv4.push(range);
                limits.max_ipv4_prefix
            }
            IpNet::V6(_) => limits.max_ipv6_prefix,
        };
        if range.prefix_len() < narrowest {
            any_wide = true;
            let comment = quoted_comment(entry);
            let message = format!("{range} is wider than /{narrowest}{comment}{}", standing.note());
            let evidence = Evidence::at(&entry_ref(project, entry), message).field("/cidrBlock");
            seen.offence(evidence.fact("entry", range.to_string()));
        }
    }
    // A wide entry is a finding already. IPv6 is left out: the narrowest block that is usual outnumbers any limit.
    let sum = addresses(ipv4);
    if !any_wide && sum > u128::from(limits.max_public_addresses) {
        let limit = limits.max_public_addresses;
        let message = format!("together the entries admit {sum} public IPv4 addresses, more than {limit}");
        seen.offence(Evidence::at(&project.section(Section::AccessList), message).fact("entry", "<entry>"));
    }
    seen.verdict("no entry is public")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestEntry {
    temporary_words: Vec<String>,
    production_only: bool,
}

/// The words of a text, in lower case. `just-for-now` are three.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The first word or phrase of the list that stands in a text as whole words: `contest` is no test.
fn temporary_word<'a>(list: &'a [String], text: &str) -> Option<&'a str> {
    let text = words(text);
    let stands = |phrase: &Vec<String>| !phrase.is_empty() && text.windows(phrase.len()).any(|run| run == phrase);
    list.iter().find(|phrase| stands(&words(phrase))).map(String::as_str)
}

/// The event of adding an entry, the last one if it was added more than once.
fn last_added<'a>(events: &'a [Event], entry: &AccessListEntry) -> Option<(&'a Event, Timestamp)> {
    let is_it = |text: &String| match &entry.cidr_block {
        Some(range) => AddressRange::from(text.clone()) == *range,
        None => entry.aws_security_group.as_ref() == Some(text),
    };
    let added = events.iter().filter(|event| {
        event.event_type_name.as_deref() == Some("NETWORK_PERMISSION_ENTRY_ADDED")
            && event.whitelist_entry.as_ref().is_some_and(is_it)
    });
    added.filter_map(|event| Some((event, event.created.as_ref()?.timestamp()?))).max_by_key(|(_, created)| *created)
}

/// When an entry was last added, as far as events reach back. It decides nothing.
fn age(events: &Reading<Vec<Event>>, entry: &AccessListEntry, now: Timestamp) -> String {
    let added = events.known().ok().and_then(|events| last_added(events, entry));
    let hours = added.and_then(|(_, added)| now.since(added).ok()?.total(Unit::Hour).ok());
    match hours.map(|hours| (hours / 24.0).floor()) {
        Some(days) if days < 1.0 => "; added within a day".to_owned(),
        Some(days) => format!("; added {days:.0} day{} ago", if days < 2.0 { "" } else { "s" }),
        None => "; its age is unknown".to_owned(),
    }
}

/// ATL-NET-003
pub(crate) fn test_entry(project: &ProjectView<'_>, limits: &TestEntry) -> Judgement {
    if limits.production_only && project.environment != Environment::Production {
        return Ok(Verdict::not_applicable("the project is not production"));
    }
    let mut seen = Gathered::new();
    for entry in project.access_list.known()? {
        let offence = match &entry.delete_after_date {
            None => {
                let word = temporary_word(&limits.temporary_words, entry.comment.as_deref().unwrap_or_default());
                word.map(|word| {
                    let comment = quoted_comment(entry);
                    let age = age(&project.project.events, entry, project.now);
                    (format!("{} has no end, and says \"{word}\"{comment}{age}", entry.key()), "/comment")
                })
            }
            Some(Moment::At(end)) if *end < project.now => {
                let message = format!("{} should have ended at {end}{}", entry.key(), quoted_comment(entry));
                Some((message, "/deleteAfterDate"))
            }
            Some(Moment::At(_)) => None,
            Some(Moment::Unreadable(text)) => {
                seen.unseen(Unknown::not_understood("deleteAfterDate", text.clone()));
                None
            }
        };
        match offence {
            None => seen.fine(),
            Some((message, field)) => {
                seen.offence(Evidence::at(&entry_ref(project, entry), message).field(field).fact("entry", entry.key()));
            }
        }
    }
    seen.verdict("the access list is empty")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedTier {
    allowed_shared_clusters: Vec<String>,
}

/// ATL-NET-012
pub(crate) fn shared_tier(project: &ProjectView<'_>, limits: &SharedTier) -> Judgement {
    if project.environment != Environment::Production {
        return Ok(Verdict::not_applicable("the project is not production"));
    }
    let mut seen = Gathered::new();
    let allowed = |name: &String| limits.allowed_shared_clusters.contains(name);
    let offence = |section: Section, name: String, what: &str| {
        Evidence::at(&project.item(section, &name), format!("{name} is {what} in a production project"))
            .fact("cluster", name)
    };
    let flex: BTreeSet<String> = match live_flex_clusters(project) {
        Ok(clusters) => clusters.map(Node::key).collect(),
        Err(why) => {
            seen.unseen(why);
            BTreeSet::new()
        }
    };
    match live_clusters(project) {
        Err(why) => seen.unseen(why),
        Ok(clusters) => {
            // What became Flex may still stand in the other lists: one cluster, one finding.
            for cluster in clusters.filter(|cluster| !flex.contains(&cluster.key())) {
                match dedicated(cluster) {
                    Ok(false) if !allowed(&cluster.key()) => {
                        let evidence = offence(Section::Clusters, cluster.key(), "on a shared tier");
                        seen.offence(evidence.fact("shared-cluster", cluster.key()));
                    }
                    Ok(_) => seen.fine(),
                    Err(why) => seen.unseen(why),
                }
            }
        }
    }
    match serverless_instances(project) {
        Err(why) => seen.unseen(why),
        Ok(instances) => {
            for name in instances.iter().map(Node::key).filter(|name| !flex.contains(name)) {
                if allowed(&name) {
                    seen.fine();
                } else {
                    seen.offence(offence(Section::ServerlessInstances, name, "a serverless instance"));
                }
            }
        }
    }
    for name in flex {
        if allowed(&name) {
            seen.fine();
        } else {
            let evidence = offence(Section::FlexClusters, name, "a Flex cluster");
            seen.offence(evidence.fact("flex-project", &project.project.id));
        }
    }
    seen.verdict("the project has no cluster")
}
