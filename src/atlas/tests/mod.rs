//! The client against a server that misbehaves in bytes and time.

mod auth;
mod client;
mod fake;
mod fetch;

use std::sync::Arc;
use std::time::Duration;

use fake::{Fake, FakeClock, Reply, Request};

use super::endpoints::Endpoint;
use super::{Atlas, BaseUrl, Cancel, Credential, Options, Plan};
use crate::snapshot::tree::{Node, Resource};
use crate::snapshot::{Reading, Section};

const ORG: &str = "5f1f00000000000000000001";

fn api_key() -> Credential {
    Credential::ApiKey { public_key: "abcdefgh".to_owned(), private_key: "hunter2".into() }
}

fn service_account() -> Credential {
    Credential::ServiceAccount { client_id: "mdb_sa_id_1".to_owned(), secret: "hunter2".into() }
}

/// A client of that server, on a clock that never waits.
fn atlas(fake: &Fake, credential: Credential) -> (Atlas, Arc<FakeClock>) {
    with_options(fake, credential, Options::default())
}

fn with_options(fake: &Fake, credential: Credential, options: Options) -> (Atlas, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::default());
    let options = Options { clock: Arc::clone(&clock) as Arc<dyn super::Clock>, ..options };
    (Atlas::new(credential, BaseUrl::parse(&fake.base).unwrap(), options).unwrap(), clock)
}

fn project(id: &str) -> Vec<(&'static str, String)> {
    vec![("groupId", id.to_owned())]
}

fn audit_log() -> &'static Endpoint {
    Endpoint::of(Section::AuditLog)
}

fn access_list() -> &'static Endpoint {
    Endpoint::of(Section::AccessList)
}

/// A token for whoever asks, and `handler` for everything else.
async fn with_tokens(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Fake {
    Fake::start(move |request| {
        if request.path() == "/api/oauth/token" {
            let token =
                format!(r#"{{"access_token":"token-{}","token_type":"Bearer","expires_in":3600}}"#, request.number);
            return Reply::json(token).with("Content-Type", "application/json");
        }
        handler(request)
    })
    .await
}

fn calls(fake: &Fake) -> Vec<Request> {
    fake.seen().into_iter().filter(|request| request.path() != "/api/oauth/token").collect()
}

fn results(count: usize, from: usize) -> String {
    let rows: Vec<String> = (from..from + count).map(|n| format!(r#"{{"cidrBlock":"10.0.{n}.0/24"}}"#)).collect();
    format!(r#"{{"links":[],"results":[{}],"totalCount":0}}"#, rows.join(","))
}

const SECOND: Duration = Duration::from_secs(1);

/// What came of a whole run.
#[derive(Debug)]
struct Fetched<O> {
    organization: O,
    /// How many projects were listed, and how many were handed over.
    projects: Reading<(usize, usize)>,
    interrupted: bool,
}

/// Organization first, then the projects that `selects` picks: what the commands do.
async fn fetch<O: Node, P: Resource, E>(
    atlas: &Atlas,
    plan: &Plan,
    cancel: &Cancel,
    organization: O,
    selects: impl Fn(&P) -> bool,
    sink: impl FnMut(P) -> Result<(), E>,
) -> Result<Fetched<O>, E> {
    let found = super::fetch::organization::<O, P>(atlas, plan, cancel, organization).await;
    let projects = match found.projects {
        Reading::Known(mut listed) => {
            let all = listed.len();
            listed.retain(selects);
            let selected = listed.len();
            super::fetch::projects(atlas, plan, cancel, listed, sink).await?;
            Reading::Known((all, selected))
        }
        Reading::Unavailable(why) => Reading::Unavailable(why),
    };
    Ok(Fetched { organization: found.organization, projects, interrupted: cancel.is_cancelled() })
}
