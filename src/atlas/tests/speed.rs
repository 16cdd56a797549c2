//! How long a large organization takes. Not run by default: `cargo test --release -- --ignored speed --nocapture`.

use std::convert::Infallible;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::*;
use crate::atlas::SystemClock;
use crate::snapshot::tree::slots;

const PROJECTS: u32 = 500;
const LATENCY: Duration = Duration::from_millis(20);

#[derive(Debug, Default, Serialize, Deserialize)]
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

#[derive(Debug)]
struct Org;

impl Node for Org {
    fn key(&self) -> String {
        ORG.to_owned()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("orgId", ORG.to_owned())]
    }
}

macro_rules! project {
    ($($field:ident: $section:ident,)*) => {
        #[derive(Debug, Default, Serialize, Deserialize)]
        #[serde(default)]
        struct Project {
            id: String,
            $(#[serde(skip)] $field: Reading<Vec<Leaf>>,)*
        }

        impl Node for Project {
            fn key(&self) -> String {
                self.id.clone()
            }

            fn parameters(&self) -> Vec<(&'static str, String)> {
                vec![("groupId", self.id.clone())]
            }

            slots! { $($field: $section),* }
        }

        const SECTIONS: &[Section] = &[$(Section::$section),*];
    };
}

project! {
    a: ProjectUsers, b: ProjectTeams, c: AccessList, d: Containers, e: AwsPeers, f: AzurePeers, g: GcpPeers,
    h: AwsPrivateEndpointServices, i: AzurePrivateEndpointServices, j: GcpPrivateEndpointServices,
    k: FederationPrivateEndpoints, l: ProjectServiceAccounts, m: ProjectMcpConfigs, n: DatabaseUsers, o: CustomRoles,
    p: AwsKmsPrivateEndpoints, q: AzureKmsPrivateEndpoints, r: LogIntegrations, s: MetricIntegrations,
    t: Integrations, u: AlertConfigs, v: OpenAlerts, w: Clusters, x: FlexClusters, y: ServerlessInstances,
    z: ExportBuckets, aa: ObjectStoragePrivateEndpoints, ab: FederatedDatabases, ac: StreamWorkspaces,
    ad: StreamPrivateLinks, ae: StreamPeers, af: ProjectEvents,
}

impl Resource for Project {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a while and wants the machine for itself"]
async fn speed_of_a_large_organization() {
    let list: Vec<String> = (0..PROJECTS).map(|n| format!(r#"{{"id":"{n:024x}"}}"#)).collect();
    let first = format!(r#"{{"results":[{}]}}"#, list.join(","));
    let empty: String = r#"{"results":[]}"#.to_owned();
    let fake = with_tokens(move |request| {
        let path = request.path();
        let lists = [path.contains("/privateEndpoint/"), path.ends_with("/roles"), path.ends_with("/dataFederation")];
        let body = match () {
            () if path.ends_with("/groups") && request.target.ends_with("pageNum=1") => first.clone(),
            () if lists.contains(&true) => "[]".to_owned(),
            () => empty.clone(),
        };
        Reply::json(body).with("RateLimit-Remaining", "900").after(LATENCY)
    })
    .await;
    for concurrency in [64, 256] {
        let before = fake.seen().len();
        let clock = Arc::new(SystemClock::default());
        let base = BaseUrl::parse(&fake.base).unwrap();
        let atlas = Atlas::new(service_account(), base, Options { concurrency, clock, ..Options::default() }).unwrap();
        let plan = Plan::new(SECTIONS.iter().copied());
        let started = Instant::now();
        let mut projects = 0_u32;
        let sink = |project: Project| {
            assert!(project.slots().iter().all(|(_, slot)| slot.unavailable().is_none()));
            projects += 1;
            Ok::<_, Infallible>(())
        };
        fetch(&atlas, &plan, &Cancel::never(), Org, |_: &Project| true, sink).await.unwrap();
        let took = started.elapsed();
        assert_eq!(projects, PROJECTS);
        let calls = u32::try_from(fake.seen().len() - before).unwrap();
        let least = LATENCY * calls / u32::try_from(concurrency).unwrap();
        let ratio = took.as_secs_f64() / least.as_secs_f64();
        println!("{concurrency} at a time: {calls} calls in {took:?}, {ratio:.2} times the least possible ({least:?})");
    }
}
