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

/// Everything recorded, to be dealt out.
struct Answers(Vec<Answer>);

impl Answers {
    fn of(&self, endpoint: &str) -> Vec<Value> {
        let fits = |answer: &&Answer| answer.endpoint == endpoint && is_current(answer);
        self.0.iter().filter(fits).map(|answer| answer.body.clone()).collect()
    }

    /// Those of a project's section. The provider is a parameter of one path where the table has three.
    fn of_project(&self, path: &str) -> Vec<Value> {
        let services = |answer: &&Answer| {
            answer.endpoint.ends_with("/privateEndpoint/{cloudProvider}/endpointService")
                && path.ends_with(answer.path.rsplit_once("/privateEndpoint/").map_or("?", |(_, rest)| rest))
        };
        if path.ends_with("/endpointService") {
            return self.0.iter().filter(services).map(|answer| answer.body.clone()).collect();
        }
        self.of(path)
    }
}

/// The clusters of all projects, by project and name.
type Clusters = BTreeMap<(String, String), Value>;

/// A recording that is being put together.
struct Tree {
    folder: tempfile::TempDir,
    projects: Vec<String>,
    clusters: Clusters,
}

impl Tree {
    /// One organization with every project that was recorded, and each answer at a place of its own.
    fn of(answers: &Answers) -> Self {
        let mut tree = Self { folder: tempfile::tempdir().unwrap(), projects: Vec::new(), clusters: Clusters::new() };
        tree.organization(answers);
        tree.projects(answers);
        tree.clusters(answers);
        tree
    }

    fn write(&self, path: &str, body: &Value) {
        let path = self.folder.path().join(format!("{path}.json"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, body.to_string()).unwrap();
    }

    fn organization(&mut self, answers: &Answers) {
        self.write("orgs", &json!({ "results": [{ "id": ORGANIZATION, "name": "Recorded" }] }));
        let listed = answers.of("/groups").iter().flat_map(rows).collect::<Vec<_>>();
        let mut projects = Vec::new();
        for (number, mut row) in listed.into_iter().chain(answers.of("/groups/{groupId}")).enumerate() {
            let id = format!("{number:024x}");
            row["orgId"] = json!(ORGANIZATION);
            row["name"] = json!(format!("recorded-{number}"));
            row["id"] = json!(id);
            projects.push(row);
            self.projects.push(id);
        }
        assert!(projects.len() >= 3, "{} projects were recorded", projects.len());
        self.write(&format!("orgs/{ORGANIZATION}/groups"), &json!({ "results": projects }));
        for row in TABLE {
            let below = row.path.strip_prefix("/orgs/{orgId}/").filter(|below| !below.contains('{'));
            let body = answers.of(row.path).into_iter().next();
            if let (Some(below), Some(body)) = (below.filter(|below| *below != "groups"), body) {
                self.write(&format!("orgs/{ORGANIZATION}/{below}"), &body);
            }
        }
    }

    /// The n-th answer of each section goes to the n-th project.
    fn projects(&self, answers: &Answers) {
        for row in TABLE {
            let Some(below) = row.path.strip_prefix("/groups/{groupId}/") else { continue };
            let several = row.query.iter().any(|(name, _)| *name == "providerName");
            if below.contains('{') || below == "clusters" || several {
                continue;
            }
            for (id, body) in self.projects.iter().zip(answers.of_project(row.path)) {
                self.write(&format!("groups/{id}/{below}"), &body);
            }
        }
    }

    /// Clusters come in lists and one by one; each gets a name of its own.
    fn clusters(&mut self, answers: &Answers) {
        let listed = answers.of("/groups/{groupId}/clusters").iter().flat_map(rows).collect::<Vec<_>>();
        let single = answers.of("/groups/{groupId}/clusters/{clusterName}");
        for (number, mut cluster) in listed.into_iter().chain(single).enumerate() {
            let (id, name) = (self.projects[number % self.projects.len()].clone(), format!("cluster-{number}"));
            cluster["name"] = json!(name);
            cluster["groupId"] = json!(id);
            self.clusters.insert((id, name), cluster);
        }
        for id in &self.projects {
            let own = self.clusters.iter().filter(|((project, _), _)| project == id).map(|(_, cluster)| cluster);
            self.write(&format!("groups/{id}/clusters"), &json!({ "results": own.collect::<Vec<_>>() }));
        }
        for row in TABLE {
            let Some(below) = row.path.strip_prefix("/groups/{groupId}/clusters/{clusterName}/") else { continue };
            let bodies = answers.of(row.path);
            for ((id, name), body) in self.clusters.keys().zip(bodies.iter().cycle()) {
                self.write(&format!("groups/{id}/clusters/{name}/{below}"), body);
            }
        }
    }
}

#[test]
fn an_organization_of_recorded_answers_gives_verdicts_that_make_sense() {
    let Ok(root) = std::env::var("ATLAS_RECORDED_DIR") else {
        println!("skipped: ATLAS_RECORDED_DIR names no folder of recordings");
        return;
    };
    let mut all = Vec::new();
    answers(Path::new(&root), &mut all);
    let tree = Tree::of(&Answers(all));
    let stage = Stage::with(Recording::load(tree.folder.path()).unwrap(), Options::default());
    let run = stage.run(&["fetch", "--quiet", "--output", "all.jsonl"]);
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
    for ((project, name), cluster) in &tree.clusters {
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
    println!("{} clusters, {} verdicts: {}", tree.clusters.len(), verdicts.len(), report["summary"]);

    // Nobody recorded an open access list.
    let projects = usize::try_from(report["projects"].as_u64().unwrap()).unwrap();
    let open: Vec<_> = verdicts.iter().filter(|((rule, _), _)| rule == "ATL-NET-001").collect();
    assert_eq!(open.len(), projects);
    assert!(open.iter().all(|(_, verdict)| **verdict == "pass" || **verdict == "not-applicable"), "{open:#?}");

    // What no recording covers is not there: unknown, and for no other reason.
    for unknown in report["unknowns"].as_array().unwrap() {
        for reason in unknown["reasons"].as_array().unwrap().iter().filter_map(Value::as_str) {
            let ours = ["malformed", "a bug of atlas-audit", "which this version does not know"];
            assert!(!ours.iter().any(|words| reason.contains(words)), "{unknown:#}");
        }
    }
    for verdict in ["pass", "fail"] {
        let rules: BTreeSet<_> = verdicts.iter().filter(|(_, is)| *is == verdict).map(|((rule, _), _)| rule).collect();
        assert!(rules.len() >= 5, "only {rules:?} {verdict}");
    }
}
