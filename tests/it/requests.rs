//! What the program asks for: GETs of the table, one POST for a token, and nothing that nobody needs.

use std::collections::BTreeSet;

use atlas_audit::atlas::Plan;
use atlas_audit::atlas::endpoints::{Endpoint, ORGANIZATIONS, TABLE};
use atlas_audit::engine::catalogue::{self, Catalogue, Selection};
use atlas_audit::simulator::Request;
use atlas_audit::snapshot::Section;

use crate::support::{SignIn, Stage};

const API: &str = "/api/atlas/v2";
const FETCH_ALL: &[&str] = &["fetch", "--quiet", "--output", "all.jsonl"];

/// Whether a path is one of a template.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && std::iter::zip(&template, &path).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

fn parameters(query: &str) -> Vec<(&str, &str)> {
    query.split('&').filter_map(|pair| pair.split_once('=')).collect()
}

/// Of the rows whose path it is, the one with the fewest placeholders whose parameters it has.
fn row_of(request: &Request) -> Option<&'static Endpoint> {
    let path = request.path.strip_prefix(API)?;
    let sent = parameters(&request.query);
    let rows = TABLE.iter().filter(|row| fits(row.path, path));
    let complete = rows.filter(|row| row.query.iter().all(|wanted| sent.contains(wanted)));
    complete.min_by_key(|row| row.path.matches('{').count())
}

fn is_list_of_organizations(request: &Request) -> bool {
    request.path.strip_prefix(API) == Some(ORGANIZATIONS.0)
}

/// Everything that is wrong with a request.
fn objection(request: &Request) -> Option<&'static str> {
    if request.path == "/api/oauth/token" {
        let plain = request.method == "POST" && request.query.is_empty() && request.scheme.as_deref() == Some("Basic");
        return (!plain).then_some("is no request for a token");
    }
    if request.method != "GET" {
        return Some("is no GET");
    }
    let version = if is_list_of_organizations(request) {
        ORGANIZATIONS.1
    } else if let Some(row) = row_of(request) {
        let known = |(name, value): &(&str, &str)| match *name {
            "itemsPerPage" => row.paging == atlas_audit::atlas::endpoints::Paging::Pages && *value == "500",
            "pageNum" => row.paging == atlas_audit::atlas::endpoints::Paging::Pages,
            _ => row.query.contains(&(name, value)),
        };
        if !parameters(&request.query).iter().all(known) {
            return Some("has a parameter that the table does not know");
        }
        row.version
    } else {
        return Some("is no row of the table");
    };
    let accept = format!("application/vnd.atlas.{version}+json");
    (request.accept.as_deref() != Some(&*accept)).then_some("asks for another version")
}

fn sections(requests: &[Request]) -> BTreeSet<Section> {
    requests.iter().filter_map(row_of).map(|row| row.section).collect()
}

#[test]
fn a_full_fetch_sends_gets_of_the_table_and_one_post_for_a_token() {
    let stage = Stage::of("demo");
    let run = stage.run(FETCH_ALL);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let wrong: Vec<_> = run
        .requests
        .iter()
        .filter_map(|one| objection(one).map(|why| format!("{} {} {why}", one.method, one.path)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(run.requests.iter().filter(|request| request.method == "POST").count(), 1, "one token a run");

    let asked = sections(&run.requests);
    let never: Vec<_> = Section::ALL.iter().filter(|section| !asked.contains(section)).collect();
    assert!(never.is_empty(), "the demo has something of every kind, but nobody asked for {never:?}");
}

#[test]
fn with_digest_a_run_costs_one_request_more_than_it_has_calls() {
    let stage = Stage::of("demo").sign_in(SignIn::ApiKey);
    let run = stage.run(FETCH_ALL);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let wrong: Vec<_> = run.requests.iter().filter(|request| objection(request).is_some()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(run.requests.iter().all(|request| request.method == "GET"));
    let calls: BTreeSet<_> = run.requests.iter().map(|request| (&request.path, &request.query)).collect();
    assert_eq!(run.requests.len(), calls.len() + 1);
    let bare = |request: &&Request| request.scheme.is_none() && !request.path.starts_with(&format!("{API}/unauth/"));
    assert_eq!(run.requests.iter().filter(bare).count(), 1);
}

#[test]
fn nothing_is_asked_twice() {
    let stage = Stage::of("demo");
    let requests = stage.run(FETCH_ALL).requests;
    let answered = requests.iter().filter(|one| one.method == "GET" && one.status == Some(200));
    let mut seen = BTreeSet::new();
    for request in answered {
        assert!(seen.insert((&request.path, &request.query)), "{} is asked for twice", request.path);
    }
}

#[test]
fn one_rule_asks_only_for_what_it_needs() {
    let stage = Stage::of("demo");
    let run = stage.run(&["scan", "--quiet", "--rule", "NET-001"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let asked: BTreeSet<_> = run.requests.iter().map(|request| request.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(asked.into_iter().collect::<Vec<_>>(), ["accessList", "groups", "orgs", "token"]);
}

#[test]
fn a_scan_asks_for_what_its_rules_need_and_for_what_lies_on_the_way() {
    let rules = Catalogue::built_in().select(&Selection::default()).unwrap();
    let plan = Plan::new(catalogue::needs(&rules));
    let stage = Stage::of("demo");
    let asked = sections(&stage.run(&["scan", "--quiet"]).requests);
    let wanted: BTreeSet<_> = plan.sections().collect();
    assert_eq!(asked, wanted);
}

#[test]
fn projects_that_are_left_out_are_not_asked_about() {
    let stage = Stage::of("demo");
    let run = stage.run(&["fetch", "--quiet", "--project", "payments-production", "--output", "one.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let projects: BTreeSet<_> = run
        .requests
        .iter()
        .filter_map(|request| request.path.strip_prefix(API)?.strip_prefix("/groups/")?.split('/').next())
        .collect();
    assert_eq!(projects.len(), 1, "{projects:?}");
}
