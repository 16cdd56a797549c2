//! Trying again, waiting, limits, pages, and what first goes wrong.

use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::error::Error;
use crate::snapshot::Reason;

#[tokio::test]
async fn what_may_pass_is_tried_again_and_the_last_word_says_how_often() {
    let fake = with_tokens(|_| Reply::error(500, "UNEXPECTED_ERROR")).await;
    let (atlas, clock) = atlas(&fake, service_account());
    let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
    assert_eq!(calls(&fake).len(), 5);
    let millis: Vec<_> = clock.sleeps().iter().map(Duration::as_millis).collect();
    assert_eq!(millis, [250, 500, 1000, 2000], "half of 0.5, 1, 2 and 4 s: the jitter is at its lowest");
    assert_eq!(
        why.to_string(),
        "Atlas failed at GET /groups/5f1f/auditLog (500 UNEXPECTED_ERROR): tried 5 times in 4 s: said so"
    );
    assert_eq!(atlas.calls().retried, 4);
}

#[tokio::test]
async fn refusals_are_answers_and_asked_for_once() {
    for (status, reason) in [
        (400, Reason::Unsupported),
        (403, Reason::Forbidden),
        (404, Reason::NotFound),
        (405, Reason::Unsupported),
        (406, Reason::Unsupported),
        (410, Reason::Unsupported),
    ] {
        let fake = with_tokens(move |_| Reply::error(status, "CODE")).await;
        let (atlas, _) = atlas(&fake, service_account());
        let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
        assert_eq!((why.reason, why.status, why.error_code.as_deref()), (reason, Some(status), Some("CODE")));
        assert_eq!(why.roles.is_empty(), reason != Reason::Forbidden);
        assert_eq!(calls(&fake).len(), 1, "{status}");
    }
}

#[tokio::test]
async fn too_many_requests_makes_the_whole_bucket_wait() {
    let fake = with_tokens(|request| {
        if request.number <= 9 {
            return Reply::error(429, "RATE_LIMITED").with("Retry-After", "7").with("RateLimit-Remaining", "0");
        }
        Reply::json("{}").with("RateLimit-Remaining", "100")
    })
    .await;
    let (atlas, clock) = atlas(&fake, service_account());
    let read = |_| async { atlas.read(audit_log(), &project("5f1f")).await };
    for read in futures_util::future::join_all((0..8).map(read)).await {
        read.unwrap();
    }
    assert!(calls(&fake).len() <= 8 + 8 + 1, "{}", calls(&fake).len());
    assert!(clock.sleeps().iter().any(|slept| *slept == 7 * SECOND), "{:?}", clock.sleeps());
    assert_eq!(atlas.calls().rate_limited, 8);
    assert!(atlas.window() < 8, "and fewer go at a time");
}

#[tokio::test]
async fn a_wait_of_an_hour_is_not_waited() {
    let fake = with_tokens(|_| Reply::error(429, "RATE_LIMITED").with("Retry-After", "3600")).await;
    let (atlas, clock) = atlas(&fake, service_account());
    let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
    assert_eq!(why.reason, Reason::RateLimited);
    assert!(why.to_string().contains("tried once, asked to wait 3600 s"), "{why}");
    assert!(clock.sleeps().is_empty());
}

#[tokio::test]
async fn no_more_go_than_the_bucket_has_tokens_left() {
    let fake = with_tokens(|request| {
        let left = 10_usize.saturating_sub(request.number - 1);
        Reply::json("{}").with("RateLimit-Remaining", left.to_string())
    })
    .await;
    let (atlas, clock) = atlas(&fake, service_account());
    let row = Endpoint::of(Section::OrganizationSettings);
    for _ in 0..13 {
        atlas.read(row, &[("orgId", ORG.to_owned())]).await.unwrap();
    }
    // The first leaves nine of ten; the tenth leaves none. Each of the last three waits for one token: 5 a minute.
    let waits: Vec<_> = clock.sleeps().iter().map(Duration::as_secs).collect();
    assert_eq!(waits, [12, 12, 12]);
}

#[tokio::test]
async fn other_buckets_do_not_wait() {
    let fake = with_tokens(|request| {
        if request.path().contains("busy") {
            return Reply::error(429, "RATE_LIMITED").with("Retry-After", "200");
        }
        Reply::json("{}")
    })
    .await;
    let clock = Arc::new(crate::atlas::SystemClock::default());
    let base = BaseUrl::parse(&fake.base).unwrap();
    let atlas = Atlas::new(service_account(), base, Options { clock, ..Options::default() }).unwrap();
    let (busy, idle) = (project("busy"), project("idle"));
    tokio::select! {
        _ = atlas.read(audit_log(), &busy) => panic!("it waits for 200 s"),
        () = async {
            while calls(&fake).is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            for _ in 0..5 {
                atlas.read(audit_log(), &idle).await.unwrap();
            }
        } => {}
    }
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_asked_for_again() {
    let fake = with_tokens(|request| match request.number {
        // With a length: the connection knows. Without: only the JSON does.
        2 => Reply::json(r#"{"enabled":true}"#).cut_after(5),
        3 => Reply::json(r#"{"enabled":tr"#).until_close(),
        4 => Reply::json("").until_close(),
        _ => Reply::json(r#"{"enabled":true}"#),
    })
    .await;
    let (atlas, _) = atlas(&fake, service_account());
    let pages = atlas.read(audit_log(), &project("5f1f")).await.unwrap();
    assert_eq!(pages, [r#"{"enabled":true}"#]);
    assert_eq!(calls(&fake).len(), 4);
}

#[tokio::test]
async fn what_is_not_json_is_malformed_and_not_asked_for_again() {
    for reply in [
        Reply::json("<html>").with("Content-Type", "text/html"),
        Reply::json("<html>"),
        Reply::json(r#"{"a":1} and more"#),
        Reply::json("{}").status(202),
    ] {
        let fake = with_tokens(move |_| reply.clone()).await;
        let (atlas, _) = atlas(&fake, service_account());
        let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
        assert_eq!(why.reason, Reason::Malformed, "{why}");
        assert_eq!(calls(&fake).len(), 1, "{why}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_too_large() {
    let fake = with_tokens(|_| Reply::json(format!(r#"{{"x":"{}"}}"#, "y".repeat(3000))).until_close()).await;
    let options = Options { largest_answer: 2000, ..Options::default() };
    let (atlas, _) = with_options(&fake, service_account(), options);
    let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
    assert_eq!(why.reason, Reason::TooLarge);
    assert_eq!(calls(&fake).len(), 1);
}

#[tokio::test]
async fn a_slow_answer_times_out() {
    let fake = with_tokens(|_| Reply::json("{}").after(SECOND)).await;
    let options = Options { timeout: Duration::from_millis(30), attempts: 2, ..Options::default() };
    let (atlas, _) = with_options(&fake, service_account(), options);
    let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
    assert_eq!(why.reason, Reason::TimedOut);
    assert!(why.to_string().ends_with("tried 2 times in 0 s"), "{why}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Fake::start(|_| Reply::json("{}")).await;
    let to = format!("{}/elsewhere?token=hunter2", other.base);
    let fake = with_tokens(move |_| Reply::json("").status(302).with("Location", to.clone())).await;
    let (atlas, _) = atlas(&fake, service_account());
    let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
    assert_eq!(why.reason, Reason::Malformed);
    let error = atlas.organizations().await.unwrap_err();
    assert!(matches!(&error, Error::Redirected { to, .. } if to.ends_with("/elsewhere")), "{error}");
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn pages_end_with_a_short_one() {
    let fake = with_tokens(|request| {
        let page = request.target.split("pageNum=").nth(1).unwrap().parse::<usize>().unwrap();
        Reply::json(if page <= 2 { results(500, page * 500) } else { results(0, 0) })
    })
    .await;
    let (atlas, _) = atlas(&fake, service_account());
    let pages = atlas.read(access_list(), &project("5f1f")).await.unwrap();
    assert_eq!(pages.len(), 3);
    let targets: Vec<_> = calls(&fake).iter().map(|request| request.target.clone()).collect();
    assert_eq!(targets[0], "/api/atlas/v2/groups/5f1f/accessList?itemsPerPage=500&pageNum=1");
}

#[tokio::test]
async fn a_list_that_never_moves_on_is_malformed() {
    let fake = with_tokens(|_| Reply::json(results(500, 0))).await;
    let (atlas, _) = atlas(&fake, service_account());
    let why = atlas.read(access_list(), &project("5f1f")).await.unwrap_err();
    assert!(why.to_string().contains("page 2 is the same as the one before"), "{why}");
}

#[tokio::test]
async fn parameters_of_the_row_are_sent_repeated_and_encoded() {
    let fake = with_tokens(|_| Reply::json(results(0, 0))).await;
    let (atlas, _) = atlas(&fake, service_account());
    let parameters = [("orgId", ORG.to_owned()), ("federationSettingsId", "a/b".to_owned())];
    atlas.read(Endpoint::of(Section::IdentityProviders), &parameters).await.unwrap();
    assert_eq!(
        calls(&fake)[0].target,
        "/api/atlas/v2/federationSettings/a%2Fb/identityProviders?itemsPerPage=500&pageNum=1\
         &protocol=SAML&protocol=OIDC&idpType=WORKFORCE&idpType=WORKLOAD"
    );
}

#[tokio::test]
async fn the_public_endpoint_gets_no_credential() {
    let fake = with_tokens(|_| Reply::json("{}")).await;
    let (atlas, _) = atlas(&fake, api_key());
    atlas.read(Endpoint::of(Section::ControlPlaneAddresses), &[]).await.unwrap();
    assert_eq!(fake.seen().len(), 1);
    assert!(fake.seen()[0].header("authorization").is_none());
}

#[tokio::test]
async fn no_more_are_asked_at_a_time_than_allowed() {
    let fake = with_tokens(|_| Reply::json("{}").after(Duration::from_millis(3))).await;
    let (atlas, _) = with_options(&fake, service_account(), Options { concurrency: 12, ..Options::default() });
    let read = |n: usize| {
        let atlas = &atlas;
        async move { atlas.read(audit_log(), &project(&n.to_string())).await }
    };
    for read in futures_util::future::join_all((0..200).map(read)).await {
        read.unwrap();
    }
    assert_eq!(fake.most_at_a_time(), 12, "and all that is allowed is used");
}

#[tokio::test]
async fn an_address_that_is_not_let_in_is_an_error_at_first_and_a_reading_later() {
    let fake = with_tokens(|_| Reply::error(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")).await;
    let (atlas, _) = atlas(&fake, service_account());
    let error = atlas.organizations().await.unwrap_err();
    assert!(error.help().unwrap().starts_with("add 203.0.113.7 to the API access list"), "{error}");
    let why = atlas.read(audit_log(), &project("5f1f")).await.unwrap_err();
    assert_eq!(why.to_string(), "Atlas refused GET /groups/5f1f/auditLog (403 IP_ADDRESS_NOT_ON_ACCESS_LIST): said so");
}

#[tokio::test]
async fn nobody_there_and_nobody_trusted_are_told_apart() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let clock = Arc::new(FakeClock::default());
    let options = || Options { clock: Arc::clone(&clock) as Arc<dyn crate::atlas::Clock>, ..Options::default() };
    for credential in [service_account(), api_key()] {
        let atlas = Atlas::new(credential, BaseUrl::parse(&base).unwrap(), options()).unwrap();
        let error = atlas.organizations().await.unwrap_err();
        assert!(matches!(&error, Error::Unreachable { host, .. } if host == "127.0.0.1"), "{error:?}");
        assert_eq!(atlas.calls().sent, 3);
    }
    // One server hangs up on what it does not understand; the other answers in plain HTTP.
    let fake = Fake::start(|_| Reply::json("{}")).await;
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap().to_string();
    let answering = tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    for (base, tries) in [(fake.base.replace("http", "https"), 3), (format!("https://{address}"), 1)] {
        let atlas = Atlas::new(api_key(), BaseUrl::parse(&base).unwrap(), options()).unwrap();
        let error = atlas.organizations().await.unwrap_err();
        assert!(matches!(&error, Error::Tls { host, .. } if host == "127.0.0.1"), "{error:?}");
        assert_eq!(atlas.calls().sent, tries, "{error}");
    }
    answering.abort();
}
