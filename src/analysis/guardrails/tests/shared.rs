//! A folder of policies with a table of what each of them denies: `ATLAS_POLICIES_DIR` says where it is. Without it
//! there is nothing to do; the policies of [`super::own`] set the same traps.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::super::policy::{Standing, standing};
use super::super::{Answer, Estate, EstateProject, Guard, Place, Survey, Tls};
use super::{P1, P2, denied, probes};
use crate::snapshot::policy::{PolicyBody, ResourcePolicy};

struct Row {
    file: String,
    denies: String,
    engine: String,
}

pub(super) fn folder() -> Option<PathBuf> {
    std::env::var_os("ATLAS_POLICIES_DIR").map(PathBuf::from)
}

/// The rows of the table whose first column is the name of a file in the folder.
fn rows(folder: &std::path::Path) -> Vec<(Row, String)> {
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let rows: Vec<_> = readme
        .lines()
        .filter_map(|line| {
            let mut columns = line.strip_prefix('|')?.split('|').map(str::trim);
            let file = columns.next()?.trim_matches('`').to_owned();
            let body = std::fs::read_to_string(folder.join(format!("{file}.cedar"))).ok()?;
            let _origin = columns.next()?;
            let (denies, engine) = (columns.next()?.to_owned(), columns.next()?.to_owned());
            Some((Row { file, denies, engine }, body))
        })
        .collect();
    assert!(rows.len() >= 50, "only {} rows", rows.len());
    rows
}

/// `` `a` `` from a list of such.
fn ticked(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn expected(row: &Row) -> Option<BTreeSet<&'static str>> {
    let all: Vec<&'static str> = probes().into_iter().map(|(name, ..)| name).collect();
    if row.denies == "not evaluated" {
        return None;
    }
    let (group, listed) = match row.denies.split_once(" except ") {
        Some((group, rest)) => (Some(ticked(group)), ticked(rest)),
        None => (None, ticked(&row.denies)),
    };
    let unknown = listed.iter().find(|name| !all.contains(name));
    assert_eq!(unknown, None, "{}: no such probe", row.file);
    let Some(group) = group else {
        return Some(all.into_iter().filter(|name| listed.contains(name)).collect());
    };
    let prefix = group.iter().next().unwrap().trim_end_matches('*').to_owned();
    Some(all.into_iter().filter(|name| name.starts_with(&prefix) && !listed.contains(name)).collect())
}

#[test]
fn every_probe_is_answered_as_the_table_says() {
    let Some(folder) = folder() else { return };
    for (row, body) in rows(&folder) {
        let got = denied(&body);
        match (expected(&row), got) {
            (None, None) => {}
            (Some(expected), Some((denies, failed))) => {
                assert_eq!(denies, expected, "{}", row.file);
                let fails: BTreeSet<&str> =
                    if row.engine.starts_with("evaluation error") { ticked(&row.engine) } else { BTreeSet::new() };
                assert_eq!(failed, fails, "{}", row.file);
            }
            (expected, got) => panic!("{}: expected {expected:?}, got {got:?}", row.file),
        }
    }
}

/// The guards that a single probe, or one of a few, is an instance of.
const INSTANCES: &[(Guard, &[&str])] = &[
    (Guard::WildcardIpv4, &["ip.any4", "ip.any4only"]),
    (Guard::WildcardIpv6, &["ip.any6"]),
    (Guard::HalfRanges, &["ip.halves"]),
    (Guard::AnyAddress, &["ip.one", "ip.three", "ip.half", "ip.quarters"]),
    (Guard::Tls(Tls::V1_0), &["c.tls10"]),
    (Guard::Tls(Tls::V1_1), &["c.tls11"]),
    (Guard::DefaultCiphers, &["c.base", "c.sg"]),
    (Guard::ClusterKey, &["c.nocmk"]),
    (Guard::Auditing, &["c.noaudit"]),
    (Guard::Provider("aws"), &["c.base", "c.aws+gcp"]),
    (Guard::Provider("azure"), &["c.azure"]),
    (Guard::Provider("gcp"), &["c.gcp", "c.aws+gcp", "c.indexed.gcp"]),
    (Guard::SmallestTier, &["c.m10"]),
    (Guard::ManagedConfigServers, &["c.embedded", "c.geo"]),
    (Guard::SearchKey, &["sd.nocmk"]),
    (Guard::SearchNodesRemoved, &["sd.remove"]),
    (Guard::IndexWithoutNodes, &["si.nonodes"]),
    (Guard::AutoEmbedding, &["si.auto"]),
    (Guard::MaintenanceWindow, &["mw.off"]),
    (Guard::PeeringChange, &["peer.none", "peer.new"]),
    (Guard::NewPeering, &["peer.new"]),
    (Guard::EndpointChange, &["pe.none", "pe.new"]),
    (Guard::NewEndpoint, &["pe.new"]),
    (Guard::ModelApi, &["ai.us", "ai.eu"]),
    (Guard::Rerank, &["rerank.on"]),
];

#[test]
fn what_a_guard_refuses_no_probe_of_its_kind_gets_through() {
    let Some(folder) = folder() else { return };
    let project = |id: &str| EstateProject { id: id.to_owned(), ..EstateProject::default() };
    let estate = Estate { projects: vec![project(P1), project(P2)], complete: true, ..Estate::default() };
    for (row, body) in rows(&folder) {
        let sound = matches!(standing(&body), Standing::InForce(_));
        let denies = denied(&body).map(|(denied, _)| denied).unwrap_or_default();
        let policy = ResourcePolicy {
            policies: Some(vec![PolicyBody { id: None, body: Some(body) }]),
            ..ResourcePolicy::default()
        };
        let statements = super::super::read(&[policy]);
        let survey = Survey::new(&statements, &estate);
        for (guard, instances) in INSTANCES {
            let answers = survey.ask(guard);
            let (_, answer) = answers
                .iter()
                .find(|(place, _)| matches!(place, Place::Projects { listed, .. } if listed.contains(&0)))
                .unwrap();
            match answer {
                Answer::Denied { .. } | Answer::Frozen { .. } => {
                    assert!(sound, "{}: {guard} held by a policy that is not in force", row.file);
                    for probe in *instances {
                        assert!(denies.contains(probe), "{}: {guard} is {answer:?}, and {probe} passes", row.file);
                    }
                }
                Answer::NotDenied { .. } => {}
                Answer::Undecided { why } => assert!(!sound, "{}: {guard} is undecided: {why}", row.file),
            }
        }
    }
}
