//! An organization put together from answers that a real Atlas gave, judged by the whole program.
//!
//! `ATLAS_RECORDED_DIR` names the folder of recordings (see `recorded`). Without it there is nothing to do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use atlas_audit::atlas::endpoints::TABLE;
use atlas_audit::simulator::{Options, Recording};
use serde_json::{Value, json};

use crate::support::{Stage, verdicts};

const ORGANIZATION: &str = "5e5d5d5d5d5d5d5d5d5d5d5d";

/// A recorded answer to a GET.
struct Answer {
    endpoint: String,
    path: String,
    version: String,
    body: Value,
}

fn answers(folder: &Path, all: &mut Vec<Answer>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            answers(&path, all);
            continue;
        }
        let Ok(answer) = serde_json::from_str::<Value>(&std::fs::read_to_string(&path).unwrap()) else { continue };
        if answer["status"] != 200 || answer["request"]["method"] != "GET" {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().replace("/api/atlas/v2", "");
        all.push(Answer {
            endpoint: text(&answer["request"]["endpoint"]),
            path: text(&answer["request"]["path"]),
            version: text(&answer["request"]["accept"]),
            body: answer["body"].clone(),
        });
    }
}

/// The version of an endpoint that the program asks for; others have other fields.
fn is_current(answer: &Answer) -> bool {
    let asked = TABLE.iter().find(|row| row.path == answer.endpoint).map(|row| row.version);
    let item = answer.endpoint.rsplit_once('/').map(|(list, _)| list);
    let asked = asked.or_else(|| TABLE.iter().find(|row| Some(row.path) == item).map(|row| row.version));
    answer.version.is_empty() || asked.is_none_or(|asked| answer.version.contains(asked))
}

fn rows(body: &Value) -> Vec<Value> {
    let list = if body.is_array() { Some(body) } else { body.get("results") };
    list.and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A recording that is being written.
struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    fn write(&self, path: &str, body: &Value) {
        let path = self.folder.path().join(format!("{}.json", path.trim_start_matches('/')));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, body.to_string()).unwrap();
    }
}

/// The clusters of all projects, by project and name.
type Clusters = BTreeMap<(String, String), Value>;

/// Deals the answers out over as many projects as the one with the most answers needs.
fn compose(all: &[Answer]) -> (Tree, Clusters) {
    let tree = Tree { folder: tempfile::tempdir().unwrap() };
    let of = |endpoint: &str| -> Vec<&Value> {
        let fits = |answer: &&Answer| answer.endpoint == endpoint && is_current(answer);
        all.iter().filter(fits).map(|answer| &answer.body).collect()
    };
    tree.write("orgs", &json!({ "results": [{ "id": ORGANIZATION, "name": "Recorded" }] }));
    let mut projects = Vec::new();
    for (number, row) in
        of("/groups").into_iter().flat_map(rows).chain(of("/groups/{groupId}").into_iter().cloned()).enumerate()
    {
        let mut row = row;
        row["orgId"] = json!(ORGANIZATION);
        row["name"] = json!(format!("recorded-{number}"));
        row["id"] = json!(format!("{number:024x}"));
        projects.push(row);
    }
    assert!(projects.len() >= 3, "{} projects were recorded", projects.len());
    let ids: Vec<String> = projects.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    tree.write(&format!("orgs/{ORGANIZATION}/groups"), &json!({ "results": projects }));
    tree.write("groups", &json!({ "results": projects }));

    // Sections of the organization and of projects, one answer each.
    for row in TABLE {
        if let Some(below) =
            row.path.strip_prefix("/orgs/{orgId}/").filter(|below| !below.contains('{') && *below != "groups")
        {
            if let Some(body) = of(row.path).first() {
                tree.write(&format!("orgs/{ORGANIZATION}/{below}"), body);
            }
        }
        let Some(below) = row.path.strip_prefix("/groups/{groupId}/").filter(|below| !below.contains('{')) else {
            continue;
        };
        if below == "clusters" || row.query.iter().any(|(name, _)| *name == "providerName") {
            continue;
        }
        let answers: Vec<Value> = match below.strip_prefix("privateEndpoint/").and_then(|rest| rest.split_once('/')) {
            Some((provider, "endpointService")) => all
                .iter()
                .filter(|answer| answer.path.contains(&format!("/privateEndpoint/{provider}/endpointService")))
                .filter(|answer| answer.endpoint.ends_with("/endpointService"))
                .map(|answer| answer.body.clone())
                .collect(),
            _ => of(row.path).into_iter().cloned().collect(),
        };
        for (id, body) in ids.iter().zip(&answers) {
            tree.write(&format!("groups/{id}/{below}"), body);
        }
    }

    // Clusters come in lists and one by one; each name once in a project.
    let mut clusters = Clusters::new();
    let listed = of("/groups/{groupId}/clusters").into_iter().flat_map(rows);
    let single = of("/groups/{groupId}/clusters/{clusterName}").into_iter().cloned();
    for (number, mut cluster) in listed.chain(single).enumerate() {
        let id = &ids[number % ids.len()];
        let name = format!("cluster-{number}");
        cluster["name"] = json!(name);
        cluster["groupId"] = json!(id);
        clusters.insert((id.clone(), name), cluster);
    }
    for id in &ids {
        let own: Vec<_> =
            clusters.iter().filter(|((project, _), _)| project == id).map(|(_, cluster)| cluster).collect();
        tree.write(&format!("groups/{id}/clusters"), &json!({ "results": own }));
    }
    for row in TABLE {
        let Some(below) = row.path.strip_prefix("/groups/{groupId}/clusters/{clusterName}/") else { continue };
        let answers = of(row.path);
        for ((id, name), body) in
            clusters.keys().zip(answers.iter().cycle().take(if answers.is_empty() { 0 } else { clusters.len() }))
        {
            tree.write(&format!("groups/{id}/clusters/{name}/{below}"), body);
        }
    }
    (tree, clusters)
}

#[test]
fn an_organization_of_recorded_answers_gives_verdicts_that_make_sense() {
    let Ok(root) = std::env::var("ATLAS_RECORDED_DIR") else {
        println!("skipped: ATLAS_RECORDED_DIR names no folder of recordings");
        return;
    };
    let mut all = Vec::new();
    answers(Path::new(&root), &mut all);
    let (tree, clusters) = compose(&all);
    let stage = Stage::with(Recording::load(tree.folder.path()).unwrap(), Options::default());
    let run = stage.run(&["fetch", "--quiet", "--with", "access-history,events,snapshots", "--output", "all.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let snapshot = stage.read("all.jsonl");
    let malformed: Vec<_> = snapshot.lines().filter(|line| line.contains("\"reason\":\"malformed\"")).collect();
    assert!(malformed.is_empty(), "{malformed:#?}");

    let report = stage.run(&["scan", "--quiet", "--snapshot", "all.jsonl", "--format", "json"]).json();
    let verdicts = verdicts(&report);
    let is = |rule: &str, at: &str| {
        verdicts.get(&(rule.to_owned(), format!("org/{ORGANIZATION}/project/{at}"))).map(String::as_str)
    };

    // TLS: what the answer says is what the verdict says.
    let mut seen = BTreeSet::new();
    for ((project, name), cluster) in &clusters {
        let verdict = is("ATL-ENC-001", &format!("{project}/clusters/{name}"));
        let floor = cluster["advancedConfiguration"]["minimumEnabledTlsProtocol"].as_str();
        let wanted = match floor {
            Some("TLS1_2" | "TLS1_3") => Some("pass"),
            Some("TLS1_0" | "TLS1_1") => Some("fail"),
            _ => verdict,
        };
        assert_eq!(verdict, wanted, "{name} with {floor:?}: {cluster}");
        seen.extend(floor);
        // No recorded cluster has a key of its own.
        assert_ne!(is("ATL-ENC-002", &format!("{project}/clusters/{name}")), Some("pass"), "{cluster}");
    }
    assert!(seen.contains("TLS1_2"), "{seen:?}");
    let deleted = clusters.values().filter(|cluster| cluster["terminationProtectionEnabled"] == true).count();
    println!(
        "{} clusters, {deleted} protected; {} verdicts, summary {}",
        clusters.len(),
        verdicts.len(),
        report["summary"]
    );

    // Nobody recorded an open access list.
    let projects = usize::try_from(report["projects"].as_u64().unwrap()).unwrap();
    let open: Vec<_> = verdicts.iter().filter(|((rule, _), _)| rule == "ATL-NET-001").collect();
    assert_eq!(open.len(), projects);
    assert!(open.iter().all(|(_, verdict)| **verdict == "pass" || **verdict == "not-applicable"), "{open:#?}");

    // What no recording covers is not there: unknown, and for no other reason.
    for unknown in report["unknowns"].as_array().unwrap() {
        for reason in unknown["reasons"].as_array().unwrap().iter().filter_map(Value::as_str) {
            assert!(!reason.contains("malformed") && !reason.contains("a bug of atlas-audit"), "{unknown:#}");
        }
    }
    for verdict in ["pass", "fail"] {
        let rules: BTreeSet<_> = verdicts.iter().filter(|(_, is)| *is == verdict).map(|((rule, _), _)| rule).collect();
        assert!(rules.len() >= 5, "only {rules:?} {verdict}");
    }
}
