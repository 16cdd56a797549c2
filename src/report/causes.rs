//! Why verdicts are unknown, told once per cause and not once per project.

use std::collections::BTreeMap;

use crate::snapshot::Ref;

use super::{Finding, Resource, Unjudged};

/// One cause, and all that it keeps from being judged under one rule.
pub(super) struct Cause<'a> {
    /// Index into the report's rules.
    pub(super) rule: usize,
    /// With placeholders for what differs from place to place.
    pub(super) reason: String,
    /// What it concerns. Never empty.
    pub(super) resources: Vec<&'a Resource>,
}

impl Cause<'_> {
    /// `12 projects: payments, shop, web, and 9 more`; names alone if there are few.
    pub(super) fn places(&self, most: usize) -> String {
        let count = self.resources.len();
        let mut names: Vec<_> = self.resources.iter().take(most).map(|resource| resource.place()).collect();
        if count > most {
            names.push(format!("and {} more", count - most));
        }
        let names = names.join(", ");
        let kind = self.resources[0].kind;
        let alike = self.resources.iter().all(|resource| resource.kind == kind);
        match (count, kind) {
            (1, _) => names,
            (_, "project" | "cluster" | "database user") if alike => format!("{count} {kind}s: {names}"),
            _ => format!("{count} places: {names}"),
        }
    }
}

/// Causes by rule; within one rule, the one that concerns most first.
pub(super) fn of_unknowns(unknowns: &[Unjudged]) -> Vec<Cause<'_>> {
    let mut causes: BTreeMap<(usize, String), Vec<&Resource>> = BTreeMap::new();
    for unjudged in unknowns {
        for reason in &unjudged.reasons {
            let resources = causes.entry((unjudged.rule, general(reason, &unjudged.resource.at))).or_default();
            if resources.last().is_none_or(|last| last.at != unjudged.resource.at) {
                resources.push(&unjudged.resource);
            }
        }
    }
    let mut causes: Vec<_> =
        causes.into_iter().map(|((rule, reason), resources)| Cause { rule, reason, resources }).collect();
    causes.sort_by_key(|cause| (cause.rule, std::cmp::Reverse(cause.resources.len())));
    causes
}

/// What some findings' rule could not look at, once each.
pub(super) fn of_unseen(findings: &[Finding]) -> Vec<String> {
    let mut reasons: Vec<_> = findings
        .iter()
        .flat_map(|finding| finding.unseen.iter().map(|reason| general(reason, &finding.resource.at)))
        .collect();
    reasons.sort();
    reasons.dedup();
    reasons
}

/// Where a section is, without its own name: the project, or what it belongs to there.
pub(super) fn of_section(resource: &Resource) -> String {
    let place = resource.place();
    place.strip_suffix(&format!(" / {}", resource.kind)).unwrap_or(&place).to_owned()
}

/// The reason with the ids in its path replaced by what they are, so that it reads the same for every project.
pub(super) fn general(reason: &str, at: &Ref) -> String {
    let segments: Vec<&str> = at.as_str().split('/').collect();
    let own = |index: usize, label: &str| segments.get(index).is_some_and(|segment| *segment == label);
    let word = |word: &str| -> String {
        let Some(path) = word.strip_prefix('/') else { return word.to_owned() };
        let path: Vec<&str> = path
            .split('/')
            .map(|segment| match segment {
                id if own(1, id) && own(0, "org") => "<org>",
                id if own(3, id) && own(2, "project") => "<project>",
                // What the verdict is about is named beside the reason.
                name if segments.len() == 6 && own(5, name) => "<name>",
                id if id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()) => "<id>",
                other => other,
            })
            .collect();
        format!("/{}", path.join("/"))
    };
    reason.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_the_same_for_every_project() {
        let at = Ref::parsed("org/5f1b2c3d4e5f60718293a4b5/project/6a1b2c3d4e5f60718293a4b5/clusters/db%200");
        for (reason, expected) in [
            (
                "Atlas refused GET /groups/6a1b2c3d4e5f60718293a4b5/auditLog (403); Project Owner can read it",
                "Atlas refused GET /groups/<project>/auditLog (403); Project Owner can read it",
            ),
            ("no answer in time to GET /orgs/5f1b2c3d4e5f60718293a4b5", "no answer in time to GET /orgs/<org>"),
            ("x /groups/ffffffffffffffffffffffff/y", "x /groups/<id>/y"),
            ("x /clusters/db%200/processArgs", "x /clusters/<name>/processArgs"),
            ("`encryptAtRest` is `maybe`", "`encryptAtRest` is `maybe`"),
        ] {
            assert_eq!(general(reason, &at), expected);
        }
    }
}
