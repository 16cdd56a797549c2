//! The table of endpoints as a whole: the demo has an answer for every row, and a judge who knows only MongoDB's
//! document finds nothing wrong with what we ask for any of them.

use std::time::Duration;

use atlas_audit::atlas::endpoints::{Endpoint, TABLE};
use atlas_audit::atlas::{Atlas, BaseUrl, Cancel, Credential, Options, Plan, fetch};
use atlas_audit::simulator::{self, CLIENT_ID, CLIENT_SECRET, Request, Simulator, embedded_demo};
use atlas_audit::snapshot::{Organization, Project, Section};
use secrecy::SecretString;

/// Whether a request is one for that row.
fn asks_for(request: &Request, row: &Endpoint) -> bool {
    let path = request.path.trim_start_matches("/api/atlas/v2");
    let same = |(asked, template): (&str, &str)| asked == template || template.starts_with('{');
    path.split('/').count() == row.path.split('/').count()
        && path.split('/').zip(row.path.split('/')).all(same)
        && row.query.iter().all(|(name, value)| request.query.split('&').any(|pair| pair == format!("{name}={value}")))
        && request.accept.as_deref().is_some_and(|accept| accept.contains(row.version))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_answers_every_row_of_the_table() {
    let simulator = Simulator::start(embedded_demo(), simulator::Options::default()).unwrap();
    let credential =
        Credential::ServiceAccount { client_id: CLIENT_ID.to_owned(), secret: SecretString::from(CLIENT_SECRET) };
    let base = BaseUrl::parse(&simulator.base_url()).unwrap();
    let atlas = Atlas::new(credential, base, Options::default()).unwrap();
    let plan = Plan::new(Section::ALL.iter().copied());
    let id = atlas.organizations().await.unwrap().remove(0).id;
    let organization = Organization { id, ..Organization::default() };
    let found = fetch::organization::<_, Project>(&atlas, &plan, &Cancel::never(), organization).await;
    let projects = found.projects.known().unwrap().clone();
    fetch::projects(&atlas, &plan, &Cancel::never(), projects, |_| Ok::<_, ()>(())).await.unwrap();

    let good: Vec<Request> = simulator.requests().into_iter().filter(|request| request.status == Some(200)).collect();
    let unanswered: Vec<_> = TABLE.iter().filter(|row| !good.iter().any(|request| asks_for(request, row))).collect();
    let unanswered: Vec<_> = unanswered.iter().map(|row| (row.section.name(), row.path)).collect();
    assert!(unanswered.is_empty(), "no answer with 200 for {unanswered:#?}");
}

const ID: &str = "6613b210a71a511900000001";

/// What a parameter of a path may look like.
fn plausible(name: &str) -> String {
    match name {
        "cloudProvider" => "AWS",
        "clientId" => "mdb_sa_id_6613b210a71a511900000001",
        "clusterName" | "name" | "tenantName" => "Cluster-0",
        // What the encoding of a segment is for.
        "username" => "arn:aws:iam::123456789012:role/app",
        "endpointId" => "vpce-0123456789abcdef0",
        // Elsewhere the document says that configurations of MCP have UUIDs, and so they do; for their secrets it says
        // this.
        "orgId" | "groupId" | "teamId" | "apiUserId" | "federationSettingsId" | "endpointServiceId" | "mcpConfigId" => {
            ID
        }
        _ => panic!("say what {{{name}}} may look like"),
    }
    .to_owned()
}

/// `.ci/run` starts the judge, an HTTP server that checks each request against MongoDB's OpenAPI document, and
/// names it in the environment. Without one there is nothing to do.
#[tokio::test]
async fn a_judge_accepts_a_call_of_every_row() {
    let variable = |name: &str| std::env::var(name).ok();
    let Some(url) = variable("ATLAS_JUDGE_URL") else { return };
    let client = |url: &str| {
        let credential = Credential::ApiKey {
            public_key: variable("ATLAS_JUDGE_PUBLIC_KEY").unwrap(),
            private_key: SecretString::from(variable("ATLAS_JUDGE_PRIVATE_KEY").unwrap()),
        };
        let options = Options { attempts: 1, ..Options::default() };
        Atlas::new(credential, BaseUrl::parse(url).unwrap(), options).unwrap()
    };
    let atlas = client(&url);
    // What Atlas answers to anybody is asked without a credential: the doorkeeper before the judge knows no such thing.
    let unguarded = client(&variable("ATLAS_JUDGE_UNGUARDED_URL").unwrap());
    let nonce_lives = Duration::from_secs(variable("ATLAS_JUDGE_NONCE_SECONDS").unwrap().parse().unwrap());

    let mut refused = Vec::new();
    // The judge's document leaves the zones of global clusters out, and so knows no such path.
    let known = TABLE.iter().filter(|row| row.section != Section::GlobalWrites);
    for (index, row) in known.enumerate() {
        // Often enough that several nonces have gone stale by the end.
        if index % 20 == 10 && nonce_lives < Duration::from_secs(10) {
            tokio::time::sleep(nonce_lives + Duration::from_millis(500)).await;
        }
        let names = row.path.split(['{', '}']).skip(1).step_by(2);
        let parameters: Vec<(&str, String)> = names.map(|name| (name, plausible(name))).collect();
        let atlas = if row.path.starts_with("/unauth/") { &unguarded } else { &atlas };
        match atlas.read(row, &parameters).await {
            Ok(_) => {}
            // The judge's own examples are not under judgement.
            Err(why) if why.status == Some(200) => eprintln!("{}: 200, but {:?}", row.path, why.detail),
            Err(why) => refused.push((row.section.name(), row.path, why)),
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    eprintln!("{} rows asked for", TABLE.len() - 1);
}
