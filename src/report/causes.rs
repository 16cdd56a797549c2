//! Why verdicts are unknown, told once per cause and not once per project.

use std::collections::{BTreeMap, BTreeSet};

use crate::snapshot::Ref;

use super::{Finding, Resource, Unjudged};

/// Names that are kept of a cause: no report lists more.
const MOST_KEPT: usize = 10;

/// One cause, and all that it keeps from being judged under one rule.
pub(super) struct Cause {
    /// Index into the report's rules.
    pub(super) rule: usize,
    /// With placeholders for what differs from place to place.
    pub(super) reason: String,
    concerns: Concerned,
}

/// What a cause concerns.
struct Concerned {
    count: usize,
    /// The first of them. Never empty.
    first: Vec<Resource>,
    last: Ref,
    /// Whether all are of one kind.
    alike: bool,
}

impl Concerned {
    fn new(resource: &Resource) -> Self {
        Self { count: 1, first: vec![resource.clone()], last: resource.at.clone(), alike: true }
    }

    fn add(&mut self, resource: &Resource) {
        if self.last == resource.at {
            return;
        }
        self.count += 1;
        self.last = resource.at.clone();
        self.alike &= self.first[0].kind == resource.kind;
        if self.first.len() < MOST_KEPT {
            self.first.push(resource.clone());
        }
    }
}

impl Cause {
    /// `12 projects: payments, shop, web, and 9 more`; names alone if there are few.
    pub(super) fn places(&self, most: usize) -> String {
        let Concerned { count, first, alike, .. } = &self.concerns;
        let mut names: Vec<_> = first.iter().take(most).map(Resource::place).collect();
        if *count > names.len() {
            names.push(format!("and {} more", count - names.len()));
        }
        let names = names.join(", ");
        match (*count, first[0].kind) {
            (1, _) => names,
            (_, kind @ ("project" | "cluster" | "database user")) if *alike => format!("{count} {kind}s: {names}"),
            _ => format!("{count} places: {names}"),
        }
    }
}

/// Causes by rule; within one rule, the one that concerns most first.
pub(super) fn of_unknowns(unknowns: impl Iterator<Item = Unjudged>) -> Vec<Cause> {
    let mut causes: BTreeMap<(usize, String), Concerned> = BTreeMap::new();
    for unjudged in unknowns {
        for reason in &unjudged.reasons {
            causes
                .entry((unjudged.rule, general(reason, &unjudged.resource.at)))
                .and_modify(|concerned| concerned.add(&unjudged.resource))
                .or_insert_with(|| Concerned::new(&unjudged.resource));
        }
    }
    let mut causes: Vec<_> =
        causes.into_iter().map(|((rule, reason), concerns)| Cause { rule, reason, concerns }).collect();
    causes.sort_by_key(|cause| (cause.rule, std::cmp::Reverse(cause.concerns.count)));
    causes
}

/// What some findings' rule could not look at, once each.
pub(super) fn of_unseen(findings: impl Iterator<Item = Finding>) -> BTreeSet<String> {
    let general = |finding: Finding| {
        let at = finding.resource.at;
        finding.unseen.into_iter().map(move |reason| general(&reason, &at))
    };
    findings.flat_map(general).collect()
}

/// Where a section is, without its own name: the project, or what it belongs to there.
pub(super) fn of_section(resource: &Resource) -> String {
    let place = resource.place();
    place.strip_suffix(&format!(" / {}", resource.kind)).unwrap_or(&place).to_owned()
}

/// The reason with the ids in its path replaced by what they are, so that it reads the same for every project.
pub(super) fn general(reason: &str, at: &Ref) -> String {
    if !reason.contains('/') {
        return reason.to_owned();
    }
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
