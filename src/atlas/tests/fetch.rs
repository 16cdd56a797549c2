//! The walk over the tree, with small nodes of its own.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use super::*;
use crate::snapshot::tree::{Object, slots};
use crate::snapshot::{Reason, Unavailable};

#[derive(Debug, Default)]
struct Org {
    federation: Reading<Thing>,
    mappings: Reading<Vec<Leaf>>,
    settings: Reading<Thing>,
}

impl Node for Org {
    fn key(&self) -> String {
        ORG.to_owned()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("orgId", ORG.to_owned())]
    }

    slots! { federation: FederationSettings, mappings: RoleMappings, settings: OrganizationSettings }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Project {
    id: String,
    #[serde(skip)]
    audit: Reading<Thing>,
    #[serde(skip)]
    clusters: Reading<Vec<Cluster>>,
    #[serde(skip)]
    serverless: Reading<Vec<Leaf>>,
    #[serde(skip)]
    services: Reading<Vec<Service>>,
}

impl Node for Project {
    fn key(&self) -> String {
        self.id.clone()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("groupId", self.id.clone())]
    }

    slots! {
        audit: AuditLog,
        clusters: Clusters,
        serverless: ServerlessInstances,
        services: AwsPrivateEndpointServices,
    }
}

impl Resource for Project {}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cluster {
    name: String,
    #[serde(skip)]
    schedule: Reading<Thing>,
}

impl Node for Cluster {
    fn key(&self) -> String {
        self.name.clone()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("clusterName", self.name.clone())]
    }

    fn offers(&self, _: Section) -> Result<(), &'static str> {
        if self.name == "free" { Err("M0 clusters have no backup schedule") } else { Ok(()) }
    }

    slots! { schedule: BackupSchedule }
}

impl Resource for Cluster {}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Service {
    id: String,
    ids: Vec<String>,
    #[serde(skip)]
    endpoints: Reading<Vec<Leaf>>,
}

impl Node for Service {
    fn key(&self) -> String {
        self.id.clone()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("cloudProvider", "AWS".to_owned()), ("endpointServiceId", self.id.clone())]
    }

    fn singles(&self, _: Section) -> Option<Vec<(&'static str, String)>> {
        Some(self.ids.iter().map(|id| ("endpointId", id.clone())).collect())
    }

    slots! { endpoints: PrivateEndpoints }
}

impl Resource for Service {}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Leaf {
    id: String,
}

impl Node for Leaf {
    fn key(&self) -> String {
        self.id.clone()
    }
}

impl Resource for Leaf {}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Thing {
    id: Option<String>,
    enabled: Option<bool>,
}

impl Object for Thing {}

async fn run(atlas: &Atlas, cancel: &Cancel) -> (Fetched<Org>, Vec<Project>) {
    let mut projects = Vec::new();
    let sink = |project: Project| {
        projects.push(project);
        Ok::<_, Infallible>(())
    };
    let selects = |project: &Project| project.id != "skipped";
    let fetched = fetch(atlas, &Plan::everything(), cancel, Org::default(), selects, sink).await.unwrap();
    (fetched, projects)
}

/// An organization of three projects, one of which is left out, and one of which is gone when it is read.
fn story(request: &Request) -> Reply {
    let path = request.path().strip_prefix("/api/atlas/v2").unwrap();
    match path {
        "/orgs/5f1f00000000000000000001/groups" => {
            Reply::json(r#"{"results":[{"id":"b"},{"id":"skipped"},{"id":"a"},{"id":"a"}]}"#)
        }
        "/groups/a/clusters" => Reply::json(r#"{"results":[{"name":"free"},{"name":"a b"}]}"#),
        "/groups/a/auditLog" => Reply::json(r#"{"enabled":"hunter2"}"#),
        "/groups/a/serverless" => Reply::error(410, "VERSION_GONE"),
        "/groups/a/privateEndpoint/AWS/endpointService" => {
            Reply::json(r#"[{"id":"s","ids":["x","y"]},{"id":"t"},{"id":"u","ids":["gone"]}]"#)
        }
        "/groups/a/privateEndpoint/AWS/endpointService/s/endpoint/x" => Reply::json(r#"{"id":"x"}"#),
        "/groups/a/privateEndpoint/AWS/endpointService/s/endpoint/y" => Reply::json(r#"{"id":"y"}"#),
        _ if path.starts_with("/groups/b/") => Reply::error(404, "GROUP_NOT_FOUND"),
        _ if path.ends_with("/federationSettings") => Reply::json("{}"),
        _ if path.contains("gone") => Reply::error(404, "RESOURCE_NOT_FOUND"),
        _ => Reply::json(r#"{"enabled":true}"#),
    }
}

fn why<T: std::fmt::Debug>(reading: &Reading<T>) -> &Unavailable {
    reading.known().unwrap_err()
}

#[tokio::test]
async fn every_section_is_known_or_says_why_not() {
    let fake = with_tokens(story).await;
    let (atlas, _) = atlas(&fake, service_account());
    let (fetched, projects) = run(&atlas, &Cancel::never()).await;

    assert_eq!(fetched.projects.known(), Ok(&(3, 2)));
    assert!(!fetched.interrupted);
    assert_eq!(fetched.organization.settings.known().unwrap().enabled, Some(true));
    let [a, b] = &projects[..] else { panic!("sorted, and without the one left out: {projects:?}") };
    assert_eq!((a.key(), b.key()), ("a".to_owned(), "b".to_owned()));

    insta::assert_snapshot!(why(&a.audit), @r#"the answer is malformed to GET /groups/a/auditLog: enabled: invalid type: string "…", expected a boolean at line 1 column 20"#);
    let clusters = a.clusters.known().unwrap();
    assert_eq!(why(&clusters[1].schedule).detail.as_deref(), Some("M0 clusters have no backup schedule"));
    assert_eq!(clusters[0].schedule.known().unwrap().enabled, Some(true));
    assert_eq!(a.serverless.known(), Ok(&Vec::new()), "a retired kind has no instances");
    let services = a.services.known().unwrap();
    let ids: Vec<_> = services[0].endpoints.known().unwrap().iter().map(Node::key).collect();
    assert_eq!(ids, ["x", "y"]);
    assert_eq!(services[1].endpoints.known(), Ok(&Vec::new()));
    assert_eq!(why(&services[2].endpoints).reason, Reason::NotFound, "half a list is no list");

    for reading in [why(&b.clusters), why(&b.serverless), why(&b.audit)] {
        assert_eq!((reading.reason, reading.error_code.as_deref()), (Reason::NotFound, Some("GROUP_NOT_FOUND")));
    }
}

#[tokio::test]
async fn federation_is_asked_for_once_and_its_absence_is_told() {
    let fake = with_tokens(story).await;
    let (atlas, _) = atlas(&fake, service_account());
    let (fetched, _) = run(&atlas, &Cancel::never()).await;
    assert!(fetched.organization.federation.known().is_ok());
    insta::assert_snapshot!(why(&fetched.organization.mappings), @"Atlas does not find GET /orgs/5f1f00000000000000000001/federationSettings: the organization has no federation");
    assert_eq!(calls(&fake).iter().filter(|request| request.path().ends_with("/federationSettings")).count(), 1);

    let fake = with_tokens(|request| {
        if request.path().ends_with("/federationSettings") {
            return Reply::json(r#"{"id":"fed"}"#);
        }
        Reply::json(r#"{"results":[{"id":"m"}]}"#)
    })
    .await;
    let (atlas, _) = self::atlas(&fake, service_account());
    let (fetched, _) = run(&atlas, &Cancel::never()).await;
    assert_eq!(fetched.organization.mappings.known().unwrap().len(), 1);
    let path = "/api/atlas/v2/federationSettings/fed/connectedOrgConfigs/5f1f00000000000000000001/roleMappings";
    assert!(calls(&fake).iter().any(|request| request.path() == path));
}

#[tokio::test]
async fn federation_that_may_not_be_read_hides_what_hangs_on_it() {
    let fake = with_tokens(|request| {
        if request.path().ends_with("/federationSettings") {
            return Reply::error(401, "USER_UNAUTHORIZED");
        }
        Reply::json(r#"{"results":[]}"#)
    })
    .await;
    let (atlas, _) = atlas(&fake, service_account());
    let (fetched, _) = run(&atlas, &Cancel::never()).await;
    assert_eq!(why(&fetched.organization.mappings), why(&fetched.organization.federation));
    assert_eq!(why(&fetched.organization.mappings).roles, ["Organization Owner"]);
}

#[tokio::test]
async fn a_list_of_projects_that_cannot_be_read_says_so() {
    let fake = with_tokens(|request| {
        if request.path().ends_with("/groups") {
            return Reply::error(403, "NO");
        }
        Reply::json("{}")
    })
    .await;
    let (atlas, _) = atlas(&fake, service_account());
    let (fetched, projects) = run(&atlas, &Cancel::never()).await;
    assert_eq!(why(&fetched.projects).reason, Reason::Forbidden);
    assert!(projects.is_empty());
}

#[tokio::test]
async fn only_what_the_plan_wants_is_asked_for() {
    let fake = with_tokens(story).await;
    let (atlas, _) = atlas(&fake, service_account());
    let plan = Plan::new([Section::BackupSchedule]);
    let sink = |_: Project| Ok::<_, Infallible>(());
    fetch(&atlas, &plan, &Cancel::never(), Org::default(), |p: &Project| p.id == "a", sink).await.unwrap();
    let mut paths: Vec<_> = calls(&fake).iter().map(|r| r.path()["/api/atlas/v2".len()..].to_owned()).collect();
    paths.sort();
    assert_eq!(
        paths,
        ["/groups/a/clusters", "/groups/a/clusters/a%20b/backup/schedule", "/orgs/5f1f00000000000000000001/groups",]
    );
}

#[tokio::test]
async fn a_stopped_run_returns_at_once_with_what_it_has() {
    let (switch, cancel) = Cancel::switch();
    let fake = with_tokens(|request| match request.path() {
        "/api/atlas/v2/groups/a/auditLog" => Reply::json("{}"),
        path if path.contains("/groups/") => Reply::json("{}").after(30 * SECOND),
        _ => story(request),
    })
    .await;
    let (atlas, _) = atlas(&fake, service_account());
    let stop = async {
        while calls(&fake).len() < 6 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        switch.send(true).unwrap();
    };
    let started = std::time::Instant::now();
    let ((fetched, projects), ()) = futures_util::future::join(run(&atlas, &cancel), stop).await;
    assert!(started.elapsed() < 5 * SECOND);
    assert!(fetched.interrupted);
    assert_eq!(projects.len(), 2);
    assert!(projects[0].audit.known().is_ok(), "what was read is kept");
    assert_eq!(why(&projects[0].clusters).reason, Reason::Interrupted);
    assert_eq!(why(&projects[1].audit).reason, Reason::Interrupted);
    assert_eq!(why(&projects[1].audit).endpoint, "/groups/b/auditLog");
}
