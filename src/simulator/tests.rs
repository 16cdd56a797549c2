//! The simulator over HTTP, through a client that knows nothing of it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, ALLOW, AUTHORIZATION, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

use super::*;

const ORGANIZATION: &str = "500000000000000000000001";
const PROJECT: &str = "600000000000000000000001";

/// A small organization: one project with a dedicated and a flex cluster.
fn files() -> Vec<(String, Value)> {
    let org = |path: &str| format!("orgs/{ORGANIZATION}/{path}.json");
    let project = |path: &str| format!("groups/{PROJECT}/{path}.json");
    let list = |rows: Value| json!({ "results": rows });
    let entries: Vec<Value> =
        (1..=5).map(|n| json!({"cidrBlock": format!("192.0.2.{n}/32"), "groupId": PROJECT})).collect();
    vec![
        ("orgs.json".to_owned(), list(json!([{"id": ORGANIZATION, "name": "Test"}]))),
        (org("groups"), list(json!([{"id": PROJECT, "name": "alpha", "orgId": ORGANIZATION}]))),
        (
            org("serviceAccounts"),
            list(json!([
                {"clientId": "mdb_sa_id_1"}, {"clientId": "mdb_sa_id_2", "isSystemManaged": true},
            ])),
        ),
        (org("settings"), json!({"multiFactorAuthRequired": true})),
        (org("federationSettings"), json!({"id": "700000000000000000000001"})),
        (
            "federationSettings/700000000000000000000001/identityProviders.json".to_owned(),
            list(json!([
                {"id": "1", "protocol": "SAML", "idpType": "WORKFORCE"}, {"id": "2", "protocol": "OIDC", "idpType": "WORKLOAD"},
            ])),
        ),
        (project("accessList"), list(json!(entries))),
        (
            project("cloudProviderAccess"),
            json!({"awsIamRoles": [{"roleId": "r1"}], "azureServicePrincipals": [{"_id": "r2"}]}),
        ),
        (project("auditLog"), json!({"error": 401, "errorCode": "USER_UNAUTHORIZED", "detail": "no"})),
        (project("customDBRoles/roles"), json!([{"roleName": "reader"}])),
        (
            project("clusters"),
            list(json!([
                {"id": "c1", "name": "main", "clusterType": "REPLICASET"}, {"id": "c2", "name": "gone", "stateName": "DELETED"},
            ])),
        ),
        (project("clusters/main/processArgs"), json!({"javascriptEnabled": true})),
        (project("flexClusters"), list(json!([{"id": "f1", "name": "flexible"}]))),
        (
            project("databaseUsers"),
            list(json!([
                {"databaseName": "admin", "username": "app"}, {"databaseName": "$external", "username": "CN=a b"},
            ])),
        ),
        (project("peers"), list(json!([{"id": "aws-peer"}]))),
        (project("peers@providerName=AZURE"), list(json!([{"id": "azure-peer"}]))),
        (project("settings"), json!({"groupId": PROJECT})),
        (project("somethingNew"), json!({"seen": true})),
    ]
}

fn written(files: &[(String, Value)], toml: &str) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    for (path, body) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, body.to_string()).unwrap();
    }
    fs::write(folder.path().join("recording.toml"), toml).unwrap();
    Recording::load(folder.path()).unwrap()
}

fn open() -> Options {
    Options { authentication: Authentication::None, ..Options::default() }
}

fn start(options: Options) -> Simulator {
    Simulator::start(written(&files(), ""), options).unwrap()
}

fn faulty(spec: &str) -> Simulator {
    start(Options { faults: vec![spec.parse().unwrap()], ..open() })
}

/// Without following redirects, and without waiting for ever.
fn client() -> Client {
    Client::builder()
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

async fn get(simulator: &Simulator, path: &str) -> Response {
    let url = format!("{}/api/atlas/v2{path}", simulator.base_url());
    client().get(url).header(ACCEPT, "application/vnd.atlas.2025-03-12+json").send().await.unwrap()
}

async fn body(simulator: &Simulator, path: &str) -> Value {
    let response = get(simulator, path).await;
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

/// Status and error code.
async fn refusal(simulator: &Simulator, path: &str) -> (u16, String) {
    let response = get(simulator, path).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    let header = response.headers().get("x-error-code").map(|code| code.to_str().unwrap().to_owned());
    let body: Value = response.json().await.unwrap();
    let code = body["errorCode"].as_str().unwrap().to_owned();
    assert_eq!(header.as_deref(), Some(code.as_str()));
    (u16::try_from(body["error"].as_u64().unwrap()).unwrap(), code)
}

fn of_project(path: &str) -> String {
    format!("/groups/{PROJECT}{path}")
}

fn column(list: &Value, field: &str) -> Vec<String> {
    let rows = list["results"].as_array().unwrap();
    rows.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_digest_client_is_challenged_once_and_then_served() {
    let simulator = start(Options::default());
    let challenge = get(&simulator, "/orgs").await;
    assert_eq!(challenge.status(), StatusCode::UNAUTHORIZED);
    let header = challenge.headers()[WWW_AUTHENTICATE].to_str().unwrap().to_owned();
    assert!(header.starts_with("Digest realm=\"MMS Public API\", domain=\"\", nonce=\""), "{header}");
    assert!(header.ends_with("\", algorithm=MD5, qop=\"auth\", stale=false"), "{header}");
    assert_eq!(challenge.json::<Value>().await.unwrap()["errorCode"], "UNEXPECTED_ERROR");

    let mut prompt = digest_auth::parse(&header).unwrap();
    let target = "/api/atlas/v2/orgs?pageNum=1";
    for expected in [StatusCode::OK, StatusCode::OK] {
        let context = digest_auth::AuthContext::new(PUBLIC_API_KEY, PRIVATE_API_KEY, target);
        let answer = prompt.respond(&context).unwrap().to_string();
        let request = client().get(format!("{}{target}", simulator.base_url()));
        let request = request.header(AUTHORIZATION, answer).header(ACCEPT, "application/vnd.atlas.2023-01-01+json");
        assert_eq!(request.send().await.unwrap().status(), expected);
    }
    let schemes: Vec<_> = simulator.requests().into_iter().map(|request| request.scheme).collect();
    assert_eq!(schemes, [None, Some("Digest".to_owned()), Some("Digest".to_owned())]);
}

async fn token(simulator: &Simulator, secret: &str, form: &'static str) -> (StatusCode, Value) {
    let request = client().post(format!("{}/api/oauth/token", simulator.base_url()));
    let request = request.basic_auth(CLIENT_ID, Some(secret));
    let response = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn with_token(simulator: &Simulator, token: &str) -> (StatusCode, Value) {
    let request = client().get(format!("{}/api/atlas/v2", simulator.base_url())).bearer_auth(token);
    let response = request.header(ACCEPT, "application/vnd.atlas.2023-01-01+json").send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_service_account_gets_a_token_until_it_is_revoked() {
    let simulator = start(Options::default());
    let (status, issued) = token(&simulator, CLIENT_SECRET, "grant_type=client_credentials").await;
    assert_eq!((status, &issued["expires_in"]), (StatusCode::OK, &json!(3600)));
    let issued = issued["access_token"].as_str().unwrap().to_owned();
    assert_eq!(with_token(&simulator, &issued).await.0, StatusCode::OK);

    let revoke = client().post(format!("{}/api/oauth/revoke", simulator.base_url()));
    let revoke = revoke.basic_auth(CLIENT_ID, Some(CLIENT_SECRET)).body(format!("token={issued}"));
    assert_eq!(revoke.send().await.unwrap().json::<Value>().await.unwrap(), json!({}));
    let (status, refused) = with_token(&simulator, &issued).await;
    assert_eq!((status, refused["errorCode"].as_str()), (StatusCode::UNAUTHORIZED, Some("UNAUTHORIZED")));
}

#[tokio::test]
async fn a_bad_token_request_is_refused_in_oauths_words() {
    let simulator = start(Options { token_life: Duration::ZERO, ..Options::default() });
    let (status, refused) = token(&simulator, "wrong", "grant_type=client_credentials").await;
    assert_eq!((status, &refused["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    let (status, refused) = token(&simulator, CLIENT_SECRET, "grant_type=password").await;
    assert_eq!((status, &refused["error"]), (StatusCode::BAD_REQUEST, &json!("unsupported_grant_type")));
    let (status, issued) = token(&simulator, CLIENT_SECRET, "grant_type=client_credentials").await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = with_token(&simulator, issued["access_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "it expired at once");
}

#[tokio::test]
async fn control_plane_addresses_need_no_credential() {
    let simulator = start(Options::default());
    assert_eq!(get(&simulator, "/unauth/controlPlaneIPAddresses").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_version_served_is_named_and_others_are_not_acceptable() {
    let simulator = start(open());
    let path = of_project("/clusters");
    let response = get(&simulator, &path).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "application/vnd.atlas.2024-08-05+json;charset=utf-8");
    for accept in
        ["application/vnd.atlas.2023-01-01+json", "application/vnd.atlas.preview+json", "application/json", "*/*"]
    {
        let url = format!("{}/api/atlas/v2{path}", simulator.base_url());
        let response = client().get(url).header(ACCEPT, accept).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE, "{accept}");
        assert_eq!(response.json::<Value>().await.unwrap()["errorCode"], "INVALID_VERSION_DATE");
    }
}

#[tokio::test]
async fn three_pages_make_the_whole_list() {
    let simulator = start(open());
    let mut url = format!("{}/api/atlas/v2{}?itemsPerPage=2", simulator.base_url(), of_project("/accessList"));
    let mut sizes = Vec::new();
    loop {
        let request = client().get(&url).header(ACCEPT, "application/vnd.atlas.2023-01-01+json");
        let page: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(page["totalCount"], 5);
        sizes.push(page["results"].as_array().unwrap().len());
        let next = page["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").cloned();
        let Some(next) = next else { break };
        url = next["href"].as_str().unwrap().to_owned();
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(refusal(&simulator, &of_project("/accessList?itemsPerPage=501")).await.0, 400);
}

#[tokio::test]
async fn a_variant_answers_its_parameter_and_the_plain_file_the_default() {
    let simulator = start(open());
    for (query, id) in [("", "aws-peer"), ("?providerName=AWS", "aws-peer"), ("?providerName=AZURE", "azure-peer")] {
        let list = body(&simulator, &of_project(&format!("/peers{query}"))).await;
        assert_eq!(column(&list, "id"), [id], "{query}");
    }
    let list = body(&simulator, &of_project("/peers?providerName=GCP")).await;
    assert_eq!(column(&list, "id"), [""; 0]);
}

#[tokio::test]
async fn atlass_defaults_hide_rows() {
    let simulator = start(open());
    let accounts = format!("/orgs/{ORGANIZATION}/serviceAccounts");
    assert_eq!(column(&body(&simulator, &accounts).await, "clientId"), ["mdb_sa_id_1"]);
    let all = body(&simulator, &format!("{accounts}?includeSystemManaged=true")).await;
    assert_eq!(column(&all, "clientId").len(), 2);

    let clusters = of_project("/clusters");
    assert_eq!(column(&body(&simulator, &clusters).await, "name"), ["main"]);
    let all = body(&simulator, &format!("{clusters}?includeDeletedWithRetainedBackups=true")).await;
    assert_eq!(column(&all, "name").len(), 2);

    let providers = "/federationSettings/700000000000000000000001/identityProviders";
    assert_eq!(column(&body(&simulator, providers).await, "id"), ["1"]);
    let both = format!("{providers}?protocol=SAML&protocol=OIDC&idpType=WORKFORCE&idpType=WORKLOAD");
    assert_eq!(column(&body(&simulator, &both).await, "id"), ["1", "2"]);
}

#[tokio::test]
async fn single_resources_come_out_of_their_lists() {
    let simulator = start(open());
    for (path, field, value) in [
        (format!("/orgs/{ORGANIZATION}"), "name", "Test"),
        (format!("/orgs/{ORGANIZATION}/serviceAccounts/mdb_sa_id_2"), "clientId", "mdb_sa_id_2"),
        (of_project(""), "name", "alpha"),
        ("/groups/byName/alpha".to_owned(), "id", PROJECT),
        (of_project("/clusters/main"), "id", "c1"),
        (of_project("/flexClusters/flexible"), "id", "f1"),
        (of_project("/databaseUsers/admin/app"), "username", "app"),
        (of_project("/databaseUsers/$external/CN%3Da%20b"), "databaseName", "$external"),
        (of_project("/accessList/192.0.2.3%2F32"), "cidrBlock", "192.0.2.3/32"),
        (of_project("/customDBRoles/roles/reader"), "roleName", "reader"),
        (of_project("/accessList/192.0.2.3%2F32/status"), "STATUS", "ACTIVE"),
        (of_project("/cloudProviderAccess/r1"), "roleId", "r1"),
        (of_project("/cloudProviderAccess/r2"), "_id", "r2"),
    ] {
        assert_eq!(body(&simulator, &path).await[field], value, "{path}");
    }
    assert_eq!(column(&body(&simulator, "/groups").await, "id"), [PROJECT]);
    let summary = body(&simulator, "/clusters").await;
    assert_eq!(summary["results"][0]["clusters"][0]["name"], "main");
    assert_eq!(body(&simulator, "").await["appName"], "MongoDB Atlas");
    assert_eq!(body(&simulator, &of_project("/somethingNew")).await["seen"], true);
}

#[tokio::test]
async fn what_is_not_recorded_is_empty_or_not_found() {
    let simulator = start(open());
    assert_eq!(body(&simulator, &of_project("/alertConfigs")).await["totalCount"], 0);
    assert_eq!(body(&simulator, &of_project("/privateEndpoint/GCP/endpointService")).await, json!([]));
    assert_eq!(body(&simulator, &of_project("/clusters/main/onlineArchives")).await["results"], json!([]));
    assert_eq!(body(&simulator, &of_project("/clusters/main/search/deployment")).await, json!({}));
    assert_eq!(body(&simulator, &of_project("/backupCompliancePolicy")).await, json!({}));
    let history = of_project("/dbAccessHistory/clusters/main");
    assert_eq!(body(&simulator, &history).await, json!({"accessLogs": []}));

    for (path, status, code) in [
        ("/groups/600000000000000000000009".to_owned(), 404, "GROUP_NOT_FOUND"),
        ("/groups/600000000000000000000009/accessList".to_owned(), 404, "GROUP_NOT_FOUND"),
        (of_project("/clusters/nowhere"), 404, "CLUSTER_NOT_FOUND"),
        (of_project("/clusters/nowhere/onlineArchives"), 404, "CLUSTER_NOT_FOUND"),
        (of_project("/clusters/flexible"), 400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"),
        (of_project("/clusters/flexible/processArgs"), 400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"),
        (of_project("/flexClusters/main"), 400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"),
        (of_project("/flexClusters/main/backup/snapshots"), 400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"),
        (of_project("/integrations/SLACK"), 404, "INTEGRATION_NOT_CONFIGURED"),
        (of_project("/clusters/main/backup/schedule"), 404, "BACKUP_CONFIG_NOT_FOUND"),
        (of_project("/encryptionAtRest"), 404, "RESOURCE_NOT_FOUND"),
        (of_project("/databaseUsers/admin/nobody"), 404, "RESOURCE_NOT_FOUND"),
        (format!("/orgs/{ORGANIZATION}/teams/1/users"), 404, "RESOURCE_NOT_FOUND"),
        ("/orgs/500000000000000000000009/users".to_owned(), 404, "RESOURCE_NOT_FOUND"),
        ("/no/such/path".to_owned(), 404, "RESOURCE_NOT_FOUND"),
    ] {
        assert_eq!(refusal(&simulator, &path).await, (status, code.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_recorded_error_is_answered_as_one() {
    let simulator = start(open());
    assert_eq!(refusal(&simulator, &of_project("/auditLog")).await, (401, "USER_UNAUTHORIZED".to_owned()));
}

#[tokio::test]
async fn nothing_is_ever_written() {
    let simulator = start(open());
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let request = client().request(method, format!("{}/api/atlas/v2/orgs", simulator.base_url()));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[ALLOW], "GET");
    }
}

#[tokio::test]
async fn a_recording_has_a_clock_and_faults_of_its_own() {
    let toml = "now = \"2026-11-02T09:00:00Z\"\n[[fault]]\nkind = \"refuse\"\nendpoint = \"project.settings\"\n";
    let simulator = Simulator::start(written(&files(), toml), open()).unwrap();
    assert_eq!(get(&simulator, "/orgs").await.headers()[DATE], "Mon, 02 Nov 2026 09:00:00 GMT");
    assert_eq!(refusal(&simulator, &of_project("/settings")).await, (401, "USER_UNAUTHORIZED".to_owned()));
    simulator.set_faults(Vec::new());
    assert_eq!(get(&simulator, &of_project("/settings")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn refusing_faults_answer_with_atlass_errors() {
    for (spec, status, code) in [
        ("refuse@**", 401, "USER_UNAUTHORIZED"),
        ("forbid:IP_ADDRESS_NOT_ON_ACCESS_LIST@**", 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST"),
        ("missing@/orgs", 404, "RESOURCE_NOT_FOUND"),
        ("error@/orgs", 500, "UNEXPECTED_ERROR"),
        ("error:502@/orgs", 502, "UNEXPECTED_ERROR"),
        ("unavailable:2@/orgs", 503, "SERVICE_UNAVAILABLE"),
        ("throttle@/orgs", 429, "RATE_LIMITED_TOKEN_BUCKET"),
    ] {
        assert_eq!(refusal(&faulty(spec), "/orgs").await, (status, code.to_owned()), "{spec}");
    }
}

#[tokio::test]
async fn a_storm_of_429_passes() {
    let simulator = faulty("throttle:2,7@/orgs");
    for _ in 0..2 {
        let response = get(&simulator, "/orgs").await;
        assert_eq!(
            (response.status(), &response.headers()[RETRY_AFTER]),
            (StatusCode::TOO_MANY_REQUESTS, &"7".parse().unwrap())
        );
    }
    assert_eq!(get(&simulator, "/orgs").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn damaging_faults_spoil_the_body() {
    let response = get(&faulty("malformed@/orgs"), "/orgs").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(serde_json::from_str::<Value>(&response.text().await.unwrap()).is_err());

    let cut = faulty("cut@/orgs");
    let response = get(&cut, "/orgs").await;
    assert!(response.content_length().is_some_and(|length| length > 100));
    assert!(response.bytes().await.is_err());

    let response = get(&faulty("html@/orgs"), "/orgs").await;
    assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");

    let response = get(&faulty("redirect:https://elsewhere.invalid/@/orgs"), "/orgs").await;
    assert_eq!(
        (response.status(), &response.headers()[LOCATION]),
        (StatusCode::FOUND, &"https://elsewhere.invalid/".parse().unwrap())
    );

    let simulator = faulty("huge:3@/orgs");
    let text = get(&simulator, "/orgs").await.text().await.unwrap();
    assert!(text.len() > 3 * 1024 * 1024);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["totalCount"], 1);
}

#[tokio::test]
async fn delays_delay() {
    let simulator =
        start(Options { latency: Duration::from_millis(30), faults: vec!["slow:70@/orgs".parse().unwrap()], ..open() });
    let started = Instant::now();
    get(&simulator, "/orgs").await;
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_silent_endpoint_is_noted_and_does_not_keep_the_simulator_from_stopping() {
    let simulator = faulty("timeout@/orgs");
    let url = format!("{}/api/atlas/v2/orgs", simulator.base_url());
    let error = client().get(url).timeout(Duration::from_millis(100)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(simulator.requests()[0].status, None);
    let started = Instant::now();
    simulator.stop();
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn limits_are_told_always_and_enforced_when_asked() {
    let settings = format!("/orgs/{ORGANIZATION}/settings");
    let simulator = start(open());
    for _ in 0..12 {
        let response = get(&simulator, &settings).await;
        assert_eq!(
            (response.status(), &response.headers()["ratelimit-limit"]),
            (StatusCode::OK, &"10".parse().unwrap())
        );
    }
    let simulator = start(Options { rate_limit: RateLimit::Published, ..open() });
    for _ in 0..10 {
        assert_eq!(get(&simulator, &settings).await.status(), StatusCode::OK);
    }
    let response = get(&simulator, &settings).await;
    assert_eq!(response.headers()["ratelimit-remaining"], "0");
    let wait: u64 = response.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    let refused: Value = response.json().await.unwrap();
    assert_eq!(refused["errorCode"], "RATE_LIMITED_TOKEN_BUCKET");
    assert_eq!(refused["parameters"], json!([format!("/api/atlas/v2{settings}"), wait, 10, 5, 60]));
}

#[tokio::test]
async fn made_up_projects_are_their_template_under_another_id() {
    let simulator = start(Options { projects: Some(1200), ..open() });
    let list = format!("/orgs/{ORGANIZATION}/groups?itemsPerPage=500&pageNum=3");
    let page = body(&simulator, &list).await;
    assert_eq!((page["totalCount"].as_u64(), page["results"].as_array().unwrap().len()), (Some(1200), 200));
    let newest = &page["results"][199];
    assert_eq!(newest["name"], "alpha-1199");
    let id = newest["id"].as_str().unwrap();
    assert_ne!(id, PROJECT);
    assert_eq!(body(&simulator, &format!("/groups/{id}/settings")).await["groupId"], id);
    assert_eq!(body(&simulator, &format!("/groups/{id}/accessList")).await["results"][0]["groupId"], id);
    assert_eq!(body(&simulator, &format!("/groups/{id}")).await["name"], "alpha-1199");
    assert_eq!(body(&simulator, "/groups/byName/alpha-1199").await["id"], id);
    assert_eq!(refusal(&simulator, &format!("/groups/{id}/clusters/x")).await.1, "CLUSTER_NOT_FOUND");

    let again = start(Options { projects: Some(1200), ..open() });
    assert_eq!(body(&again, &list).await["results"], page["results"]);
    let none = start(Options { projects: Some(0), ..open() });
    assert_eq!(body(&none, &list).await["totalCount"], 0);
    assert_eq!(refusal(&none, &of_project("/settings")).await.1, "GROUP_NOT_FOUND");
}

#[tokio::test]
async fn the_journal_is_a_file_of_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let simulator = start(Options { journal: Some(path.clone()), ..open() });
    get(&simulator, "/orgs?pageNum=1").await;
    simulator.stop();
    let line: Value = serde_json::from_str(fs::read_to_string(path).unwrap().trim()).unwrap();
    assert_eq!(
        (&line["path"], &line["query"], &line["status"]),
        (&json!("/api/atlas/v2/orgs"), &json!("pageNum=1"), &json!(200))
    );
}

#[test]
fn only_loopback_is_listened_on() {
    let options = Options { listen: "0.0.0.0:0".parse().unwrap(), ..Options::default() };
    let error = Simulator::start(written(&files(), ""), options).unwrap_err();
    assert_eq!(error.to_string(), "0.0.0.0:0 is not a loopback address");
}

#[test]
fn what_is_no_recording_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Recording::load(folder.path()), Err(Error::Empty { .. })));
    fs::write(folder.path().join("orgs.json"), "{").unwrap();
    assert!(matches!(Recording::load(folder.path()), Err(Error::NotJson { .. })));
    fs::write(folder.path().join("orgs.json"), "{}").unwrap();
    fs::write(folder.path().join("recording.toml"), "clock = 1").unwrap();
    assert!(matches!(Recording::load(folder.path()), Err(Error::Description { .. })));
}
