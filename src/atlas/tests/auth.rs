//! Tokens, challenges, and what a 401 may mean.

use super::*;
use crate::error::Error;
use crate::snapshot::Reason;

const ORGANIZATIONS: &str = r#"{"results":[{"id":"5f1f00000000000000000001","name":"Payments"}]}"#;

/// Takes answers to the challenge `nonce-1`, and to no other.
fn digest(nonce: &'static str) -> impl Fn(&Request) -> Reply {
    move |request| match request.header("authorization") {
        Some(header) if header.contains(&format!("nonce=\"{nonce}\"")) => Reply::json("{}"),
        _ => Reply::challenge(nonce, false),
    }
}

/// As many calls, side by side.
async fn at_once(atlas: &Atlas, count: usize) -> Vec<Result<Vec<bytes::Bytes>, crate::snapshot::Unavailable>> {
    let read = |n: usize| async move { atlas.read(audit_log(), &project(&n.to_string())).await };
    futures_util::future::join_all((0..count).map(read)).await
}

#[tokio::test]
async fn many_first_calls_at_once_cost_one_request_more_than_there_are_calls() {
    let fake = Fake::start(digest("nonce-1")).await;
    let (atlas, _) = atlas(&fake, api_key());
    for read in at_once(&atlas, 20).await {
        read.unwrap();
    }
    assert_eq!(fake.seen().len(), 21);
    let mut counts: Vec<String> = fake
        .seen()
        .iter()
        .filter_map(|request| request.header("authorization"))
        .map(|header| header.split("nc=").nth(1).unwrap()[..8].to_owned())
        .collect();
    counts.sort();
    let expected: Vec<String> = (1..=20).map(|n| format!("{n:08x}")).collect();
    assert_eq!(counts, expected, "the count rises, and no count is used twice");
    assert_eq!(atlas.calls().sent, 21);
}

#[tokio::test]
async fn a_stale_challenge_is_replaced_once_for_everybody() {
    let fake = Fake::start(|request| match request.header("authorization") {
        None => Reply::challenge("old", false),
        Some(header) if header.contains("\"new\"") => Reply::json("{}"),
        Some(_) if request.number <= 5 => Reply::json("{}"),
        Some(_) => Reply::challenge("new", true),
    })
    .await;
    let (atlas, _) = atlas(&fake, api_key());
    for n in 0..4 {
        atlas.read(audit_log(), &project(&format!("{n}"))).await.unwrap();
    }
    for read in at_once(&atlas, 8).await {
        read.unwrap();
    }
    // One challenge, four calls; then at worst every one of eight is told that it is stale, and goes again.
    assert!(fake.seen().len() <= 5 + 16, "{}", fake.seen().len());
    atlas.read(audit_log(), &project("last")).await.unwrap();
    assert!(fake.seen().last().unwrap().header("authorization").unwrap().contains("\"new\""));
}

#[tokio::test]
async fn a_wrong_api_key_is_told_after_two_requests() {
    let fake = Fake::start(|request| Reply::challenge(&format!("nonce-{}", request.number), false)).await;
    let (atlas, _) = atlas(&fake, api_key());
    let error = atlas.organizations().await.unwrap_err();
    assert_eq!(error.to_string(), "127.0.0.1 does not accept the API key abcdefgh");
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn a_key_that_did_before_gets_another_chance_with_a_new_challenge() {
    let fake = Fake::start(|request| match request.header("authorization") {
        Some(header) if header.contains("\"new\"") => Reply::json("{}"),
        Some(_) if request.number <= 2 => Reply::json("{}"),
        None => Reply::challenge("old", false),
        Some(_) => Reply::challenge("new", false),
    })
    .await;
    let (atlas, _) = atlas(&fake, api_key());
    for n in 0..3 {
        atlas.read(audit_log(), &project(&format!("{n}"))).await.unwrap();
    }
    assert_eq!(fake.seen().len(), 1 + 1 + 2 + 1);
}

#[tokio::test]
async fn one_token_serves_all_and_the_secret_goes_to_the_token_endpoint_only() {
    let fake = with_tokens(|_| Reply::json("{}")).await;
    let (atlas, _) = atlas(&fake, service_account());
    for read in at_once(&atlas, 20).await {
        read.unwrap();
    }
    let seen = fake.seen();
    assert_eq!(seen.len(), 21);
    assert_eq!(seen[0].method, "POST");
    assert_eq!(seen[0].header("authorization"), Some("Basic bWRiX3NhX2lkXzE6aHVudGVyMg=="));
    assert_eq!(seen[0].header("accept"), Some("application/json"));
    assert_eq!(seen[0].body, "grant_type=client_credentials");
    assert!(seen[1..].iter().all(|request| request.method == "GET"
        && request.header("authorization") == Some("Bearer token-1")
        && request.header("accept") == Some("application/vnd.atlas.2023-01-01+json")
        && request.header("user-agent").unwrap().starts_with("atlas-audit/")));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let fake = with_tokens(|_| Reply::json("{}")).await;
    let (atlas, clock) = atlas(&fake, service_account());
    atlas.read(audit_log(), &project("1")).await.unwrap();
    clock.advance(Duration::from_secs(3530));
    atlas.read(audit_log(), &project("1")).await.unwrap();
    clock.advance(11 * SECOND);
    atlas.read(audit_log(), &project("1")).await.unwrap();
    let tokens: Vec<_> =
        calls(&fake).iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(tokens, ["Bearer token-1", "Bearer token-1", "Bearer token-4"]);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_by_all_who_were_refused() {
    let fake = with_tokens(|request| match request.header("authorization") {
        Some("Bearer token-1") => Reply::error(401, "UNAUTHORIZED"),
        _ => Reply::json("{}"),
    })
    .await;
    let (atlas, _) = atlas(&fake, service_account());
    for read in at_once(&atlas, 8).await {
        read.unwrap();
    }
    assert_eq!(fake.seen().len() - calls(&fake).len(), 2, "two tokens in all");
}

#[tokio::test]
async fn a_missing_role_is_an_answer_and_fetches_no_token() {
    let fake = with_tokens(|_| Reply::error(401, "USER_UNAUTHORIZED")).await;
    let (atlas, _) = atlas(&fake, service_account());
    let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
    assert_eq!(fake.seen().len(), 2);
    assert_eq!(why.reason, Reason::Forbidden);
    insta::assert_snapshot!(why, @"Atlas refused GET /groups/5f1f/auditLog (401 USER_UNAUTHORIZED): said so; Project Owner can read it");
}

#[tokio::test]
async fn a_credential_that_stops_being_accepted_names_no_role() {
    let fake = with_tokens(|_| Reply::error(401, "UNAUTHORIZED")).await;
    let (atlas, _) = atlas(&fake, service_account());
    let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
    assert_eq!(calls(&fake).len(), 2, "one renewal, no more");
    insta::assert_snapshot!(why, @"Atlas refused GET /groups/5f1f/auditLog (401 UNAUTHORIZED): the credential is not accepted: said so");
}

#[tokio::test]
async fn a_wrong_secret_is_told_in_oauths_own_words() {
    let fake =
        Fake::start(|_| Reply::json(r#"{"error":"invalid_client","error_description":"no such client"}"#).status(401))
            .await;
    let (atlas, _) = atlas(&fake, service_account());
    let error = atlas.organizations().await.unwrap_err();
    assert!(matches!(&error, Error::WrongKey { .. }), "{error:?}");
    assert_eq!(error.to_string(), "127.0.0.1 does not accept the service account mdb_sa_id_1");
    assert_eq!(fake.seen().len(), 1);
    // And nobody asks again.
    atlas.read(audit_log(), &project("1")).await.unwrap_err();
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn the_token_endpoint_is_tried_again_but_not_by_each_caller() {
    let fake = Fake::start(|_| Reply::error(503, "X").with("Retry-After", "2")).await;
    let (atlas, clock) = atlas(&fake, service_account());
    for read in at_once(&atlas, 8).await {
        let why = read.unwrap_err();
        assert!(why.to_string().ends_with("/auditLog (503): no token, tried 5 times in 8 s: said so"), "{why}");
    }
    assert_eq!(fake.seen().len(), 5);
    assert_eq!(clock.sleeps(), [2 * SECOND; 4]);
}

#[tokio::test]
async fn organizations_are_listed_and_the_clock_is_theirs() {
    let fake = with_tokens(|_| Reply::json(ORGANIZATIONS).with("Date", "Mon, 5 Aug 2024 00:00:00 GMT")).await;
    let (atlas, _) = atlas(&fake, service_account());
    assert!(atlas.observed_at().is_none());
    let all = atlas.organizations().await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].id.as_str(), all[0].name.as_str()), (ORG, "Payments"));
    assert_eq!(atlas.observed_at().unwrap().to_string(), "2024-08-05T00:00:00Z");
    assert_eq!(calls(&fake)[0].target, "/api/atlas/v2/orgs?itemsPerPage=500&pageNum=1");
}
