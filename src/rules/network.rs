//! Network exposure and private connectivity.

use ipnet::IpNet;
use serde::Deserialize;

use crate::analysis::address_space::{ipv4_fraction, is_public};
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown};
use crate::engine::view::ProjectView;
use crate::snapshot::network::{AccessListEntry, Network};
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

use super::hours_until;

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
        // Atlas ignores host bits; a lone unspecified address is how some clients write "anywhere".
        let everyone =
            range.prefix_len() == 0 || (range.addr().is_unspecified() && range.prefix_len() == range.max_prefix_len());
        let hours = hours_until(entry.delete_after_date.as_ref(), project.now);
        if hours.is_some_and(|hours| hours < limits.temporary_grace_hours) {
            continue;
        }
        if !everyone {
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
        seen.offence(
            Evidence::at(
                &project.section(Section::AccessList),
                format!("together the entries admit {:.0} % of the IPv4 address space", fraction * 100.0),
            )
            .fact("entry", "<entry>"),
        );
    }
    seen.verdict("")
}
