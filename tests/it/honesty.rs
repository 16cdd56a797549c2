//! The promise: what could not be read becomes neither a pass nor a fail, and changes nothing else.
//!
//! Every row of the table of endpoints, under every way in which a call can go wrong. Through the real client, in
//! this process and with a clock that does not wait; a handful once more through the program, with its exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use atlas_audit::atlas::endpoints::TABLE;
use atlas_audit::atlas::{Atlas, BaseUrl, Cancel, Clock, Credential, Plan, fetch};
use atlas_audit::config::Config;
use atlas_audit::engine::Declared;
use atlas_audit::engine::catalogue::{self, Catalogue, SelectedRule, Selection};
use atlas_audit::engine::judge::Judge;
use atlas_audit::engine::rule::{FailureMeans, Scope};
use atlas_audit::engine::verdict::{Failure, Judgement, Verdict};
use atlas_audit::report::{About, Report};
use atlas_audit::simulator::{self, CLIENT_ID, CLIENT_SECRET, Fault, Simulator, embedded_demo};
use atlas_audit::snapshot::tree::Node;
use atlas_audit::snapshot::{Organization, Project, Reading, Reason, Ref, Section};
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::support::{Stage, rules_with, scan, verdicts};

/// What goes wrong, and how it must be told.
const KINDS: &[(&str, &[Reason])] = &[
    ("refuse", &[Reason::Forbidden]),
    ("forbid", &[Reason::Forbidden]),
    ("missing", &[Reason::NotFound]),
    ("error", &[Reason::ServerError]),
    ("timeout", &[Reason::TimedOut]),
    ("cut", &[Reason::Transport]),
    ("malformed", &[Reason::Transport, Reason::Malformed]),
    ("html", &[Reason::Malformed]),
    ("throttle", &[Reason::RateLimited]),
];

/// Sections on which no verdict of the demo hangs, though a rule needs them: they only tell more in a finding's message,
/// or would matter only to a resource that the demo has not.
const WITHOUT_CONSEQUENCE: &[Section] = &[
    Section::ShardedBackupSnapshots,
    Section::FederatedDatabases,
    Section::StreamWorkspaces,
    Section::ProjectServiceAccountAccessList,
];

/// Rules about what is declared: where nothing is, there is nothing to judge, whatever Atlas would say.
const ABOUT_DECLARATIONS: &[&str] = &["ATL-ATT-004", "ATL-AUTHZ-009", "ATL-ENC-010", "ATL-ORG-010"];

/// Long enough for a healthy answer on a busy machine: a false alarm would be tried again, and pass then.
const TIMEOUT: Duration = Duration::from_millis(1500);
const ATTEMPTS: u32 = 2;

/// Runs side by side. Most of the time of a timeout is spent waiting.
const WORKERS: usize = 8;

/// Waits for nothing.
#[derive(Debug)]
struct Hurry {
    started: Instant,
    skipped: AtomicU64,
}

impl Clock for Hurry {
    fn now(&self) -> Duration {
        self.started.elapsed() + Duration::from_micros(self.skipped.load(Ordering::Relaxed))
    }

    fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()> {
        let micros = u64::try_from(how_long.as_micros()).unwrap();
        self.skipped.fetch_add(micros, Ordering::Relaxed);
        Box::pin(tokio::task::yield_now())
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

/// Verdicts by rule and judged resource.
type Verdicts = BTreeMap<(&'static str, Ref), Judgement>;

/// What a run read, and made of it.
struct Outcome {
    verdicts: Verdicts,
    /// Sections that could not be read, and how often for which reason.
    holes: BTreeMap<Section, BTreeMap<Reason, usize>>,
    incomplete: bool,
}

/// With the demo's configuration: rules that speak only where something is declared have something to lose, too.
fn all_rules() -> Vec<SelectedRule> {
    Catalogue::built_in().select_as(&Selection::default(), &Config::demo().settings).unwrap()
}

/// What the rules need, and what lies on the way there.
fn plan(rules: &[SelectedRule]) -> Plan {
    Plan::new(catalogue::needs(rules))
}

/// What a rule needs, and the rules that it builds on.
fn needs(rule: &SelectedRule) -> Plan {
    let legs = rule.rule.builds_on.iter().filter_map(|leg| Catalogue::built_in().find(leg).ok());
    Plan::new(rule.rule.needs.iter().chain(legs.flat_map(|leg| &leg.rule.needs)).copied())
}

fn count_holes(node: &dyn Node, at: &Ref, holes: &mut BTreeMap<Section, BTreeMap<Reason, usize>>) {
    for (section, slot) in node.slots() {
        slot.visit(section, &|| at.clone(), &mut |section, _, unavailable| {
            if let Some(why) = unavailable.filter(|why| why.reason != Reason::NotFetched) {
                *holes.entry(section).or_default().entry(why.reason).or_default() += 1;
            }
        });
    }
}

/// Reads what the simulator serves, and judges it.
async fn judged(simulator: &Simulator, rules: &[SelectedRule], declared: &Declared) -> Outcome {
    let credential =
        Credential::ServiceAccount { client_id: CLIENT_ID.to_owned(), secret: SecretString::from(CLIENT_SECRET) };
    let options = atlas_audit::atlas::Options {
        timeout: TIMEOUT,
        attempts: ATTEMPTS,
        clock: Arc::new(Hurry { started: Instant::now(), skipped: AtomicU64::new(0) }),
        ..Default::default()
    };
    let atlas = Atlas::new(credential, BaseUrl::parse(&simulator.base_url()).unwrap(), options).unwrap();
    let (plan, cancel) = (plan(rules), Cancel::never());
    let listed = atlas.organizations().await.unwrap().remove(0);
    let organization = Organization { id: listed.id, name: Some(listed.name), ..Organization::default() };
    let found = fetch::organization::<_, Project>(&atlas, &plan, &cancel, organization).await;
    let organization = found.organization;
    let at = organization.at();

    let taken = atlas.observed_at().unwrap();
    let mut judge = Judge::new(rules, declared, taken);
    let mut holes = BTreeMap::new();
    let listing = found.projects.known().map(|listed| listed.iter().map(Project::listed).collect::<Vec<_>>());
    judge.organization(&organization, listing.as_deref().map_err(|why| *why));
    count_holes(&organization, &at, &mut holes);
    let listed = match found.projects {
        Reading::Known(listed) => listed,
        Reading::Unavailable(why) => {
            *holes.entry(Section::Projects).or_default().entry(why.reason).or_default() += 1;
            Vec::new()
        }
    };
    let projects = listed.len();
    let sink = |project: Project| {
        judge.project(&organization, &project);
        count_holes(&project, &at.project(&project.id), &mut holes);
        Ok::<_, std::convert::Infallible>(())
    };
    fetch::projects(&atlas, &plan, &cancel, listed, sink).await.unwrap();

    let outcomes = judge.finish(&organization, false);
    let verdicts = outcomes.iter().map(|outcome| {
        let rule = rules[usize::from(outcome.rule)].rule.id.as_str();
        ((rule, outcome.at), outcome.verdict)
    });
    let all: Verdicts = verdicts.collect();
    assert_eq!(all.len(), outcomes.len(), "a rule says two things of one resource");
    let about = About {
        organization: organization.id.clone(),
        organization_name: None,
        taken,
        source: String::new(),
        credential: String::new(),
        projects,
        snapshot: None,
        configuration: None,
        complete: true,
    };
    Outcome { verdicts: all, holes, incomplete: Report::new(about, rules, outcomes).incomplete() }
}

/// A simulator of the demo, and a runtime for whoever asks it.
struct Bench {
    simulator: Simulator,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new() -> Self {
        let options = simulator::Options { remember: false, ..Default::default() };
        let simulator = Simulator::start(embedded_demo(), options).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { simulator, runtime }
    }

    fn judged(&self, faults: &[String], rules: &[SelectedRule]) -> Outcome {
        self.judged_as(faults, rules, &Config::demo().declared)
    }

    fn judged_as(&self, faults: &[String], rules: &[SelectedRule], declared: &Declared) -> Outcome {
        let faults = faults.iter().map(|spec| spec.parse::<Fault>().unwrap()).collect();
        self.simulator.set_faults(faults);
        self.runtime.block_on(judged(&self.simulator, rules, declared))
    }
}

fn named(verdict: &Judgement) -> String {
    match verdict {
        Ok(Verdict::Pass) => "pass".to_owned(),
        Ok(Verdict::Attested(stated)) => format!("attested ({})", stated.statement),
        Ok(Verdict::NotApplicable(why)) => format!("not applicable ({why})"),
        Ok(Verdict::Fail(failure)) => {
            let all: Vec<_> = failure.evidence.iter().map(|one| format!("{} {}", one.at, one.message)).collect();
            format!("fail ({})", all.join("; "))
        }
        Err(unknown) => {
            let all: Vec<_> = unknown.holes.iter().map(ToString::to_string).collect();
            format!("unknown ({})", all.join("; "))
        }
    }
}

/// Whether the verdict says nothing that it did not say before, when more was known.
fn is_honest(before: &Judgement, after: &Judgement) -> bool {
    match (before, after) {
        // Which of several reasons there are for having nothing to judge may depend on what is known.
        // What is stated does not hang on what is read: it is what is left of a pass that was measured.
        (_, Err(_))
        | (Ok(Verdict::NotApplicable(_)), Ok(Verdict::NotApplicable(_)))
        | (Ok(Verdict::Pass), Ok(Verdict::Attested(_))) => true,
        (Ok(Verdict::Fail(before)), Ok(Verdict::Fail(after))) => {
            after.evidence.iter().all(|one| before.evidence.iter().any(|known| known.at == one.at))
        }
        (before, after) => before == after,
    }
}

fn leaves_something_open(verdict: &Judgement) -> bool {
    match verdict {
        Err(_) => true,
        Ok(Verdict::Fail(failure)) => !failure.unseen.is_empty(),
        Ok(Verdict::Pass | Verdict::Attested(_) | Verdict::NotApplicable(_)) => false,
    }
}

/// Whether anything is left open that was not open before.
fn opens(before: &Outcome, after: &Outcome) -> bool {
    after
        .verdicts
        .iter()
        .any(|(key, verdict)| leaves_something_open(verdict) && before.verdicts.get(key) != Some(verdict))
}

/// Whether all verdicts are what they were, but for the words of their findings.
fn says_the_same(before: &Outcome, after: &Outcome) -> bool {
    before.verdicts.len() == after.verdicts.len()
        && before.verdicts.iter().all(|(key, known)| match (known, after.verdicts.get(key)) {
            (Ok(Verdict::Fail(known)), Some(Ok(Verdict::Fail(verdict)))) => {
                let offences = |failure: &Failure| -> Vec<_> {
                    failure.evidence.iter().map(|one| (one.at.clone(), one.severity)).collect()
                };
                offences(known) == offences(verdict)
            }
            (known, verdict) => verdict == Some(known),
        })
}

/// Everything that is dishonest about `after`, where `hit` could not be read.
fn dishonesties(rules: &[SelectedRule], hit: &BTreeSet<Section>, before: &Outcome, after: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    for selected in rules {
        let rule = selected.rule;
        // The verdict on the scan itself is about just this.
        if rule.scope == Scope::Scan && rule.failure_means == FailureMeans::IncompleteScan {
            continue;
        }
        let of = |outcome: &Outcome| -> BTreeMap<Ref, Judgement> {
            let own = outcome.verdicts.iter().filter(|((id, _), _)| *id == rule.id);
            own.map(|((_, at), verdict)| (at.clone(), verdict.clone())).collect()
        };
        let (before, after) = (of(before), of(after));
        let concerned = hit.iter().any(|section| needs(selected).wants(*section));
        if !concerned {
            if before != after {
                wrong.push(format!("{} does not depend on it, and changed", rule.id));
            }
            continue;
        }
        for (at, verdict) in &after {
            match before.get(at) {
                Some(known) if !is_honest(known, verdict) => {
                    wrong.push(format!("{} at {at}: {} became {}", rule.id, named(known), named(verdict)));
                }
                None if verdict.is_ok() => wrong.push(format!("{} at {at}: {} is new", rule.id, named(verdict))),
                _ => {}
            }
        }
        for at in before.keys().filter(|at| !after.contains_key(*at)) {
            let above = |other: &Ref| at.as_str().starts_with(&format!("{other}/"));
            if !after.iter().any(|(other, verdict)| above(other) && leaves_something_open(verdict)) {
                wrong.push(format!("{} at {at} is gone, and nothing above it says so", rule.id));
            }
        }
    }
    wrong
}

fn failures(outcome: &Outcome, section: Section, reasons: &[Reason]) -> usize {
    let counts = outcome.holes.get(&section);
    counts.into_iter().flatten().filter(|(reason, _)| reasons.contains(reason)).map(|(_, count)| count).sum()
}

#[test]
fn no_fault_at_any_endpoint_moves_a_verdict_to_pass_or_fail() {
    let rules = all_rules();
    let plan = plan(&rules);
    let before = Bench::new().judged(&[], &rules);
    assert!(before.verdicts.len() > 20, "the demo has verdicts to lose");

    let jobs: Vec<_> = TABLE
        .iter()
        .map(|row| row.section)
        .filter(|section| plan.wants(*section))
        .flat_map(|section| KINDS.iter().map(move |(kind, reasons)| (section, *kind, *reasons)))
        .collect();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let bench = Bench::new();
                while let Some((section, kind, reasons)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let fault = format!("{kind}@{section}");
                    let after = bench.judged(std::slice::from_ref(&fault), &rules);
                    let mut found = dishonesties(&rules, &BTreeSet::from([*section]), &before, &after);
                    if failures(&after, *section, reasons) <= failures(&before, *section, reasons) {
                        found.push(format!("it is not told as {reasons:?}, but {:?}", after.holes.get(section)));
                    }
                    if !opens(&before, &after) {
                        if !says_the_same(&before, &after) {
                            found.push("verdicts changed, and none says that something was not seen".to_owned());
                        } else if !WITHOUT_CONSEQUENCE.contains(section) {
                            found.push("nothing changed: the demo has no verdict that hangs on it".to_owned());
                        }
                    }
                    // Also where the demo is incomplete to begin with.
                    if !after.incomplete {
                        found.push("the scan counts as complete".to_owned());
                    }
                    wrong.lock().unwrap().extend(found.into_iter().map(|what| format!("{fault}: {what}")));
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} runs:\n{}", wrong.len(), jobs.len(), wrong.join("\n"));
}

#[test]
fn a_scan_that_can_read_nothing_passes_nothing() {
    let rules = all_rules();
    let bench = Bench::new();
    for kind in ["refuse", "html"] {
        // All but the list of organizations, without which there is no scan.
        let faults = ["/orgs/**", "/groups/**", "/federationSettings/**", "/unauth/**", ""];
        let faults: Vec<_> = faults.iter().map(|place| format!("{kind}@{place}")).collect();
        let outcome = bench.judged_as(&faults, &rules, &Declared::default());
        assert!(outcome.incomplete);
        let mut told = String::new();
        for ((rule, at), verdict) in &outcome.verdicts {
            let meta = rules.iter().any(|selected| {
                selected.rule.id == *rule && selected.rule.failure_means == FailureMeans::IncompleteScan
            });
            let idle = matches!(verdict, Ok(Verdict::NotApplicable(_))) && ABOUT_DECLARATIONS.contains(rule);
            if verdict.is_ok() && !meta && !idle {
                writeln!(told, "{rule} at {at}: {}", named(verdict)).unwrap();
            }
        }
        assert!(told.is_empty(), "{kind}:\n{told}");
        let judged: BTreeSet<_> = outcome.verdicts.keys().map(|(rule, _)| *rule).collect();
        assert_eq!(judged.len(), rules.len(), "every rule says that it does not know");
    }
}

#[test]
fn the_program_says_incomplete_and_changes_no_other_verdict() {
    let stage = Stage::of("demo");
    let scan = ["scan", "--quiet", "--format", "json", "--fail-on", "none"];
    let before = verdicts(&stage.run(&scan).json());
    for fault in ["refuse@project.accessList", "html@project.databaseUsers", "malformed@organization.settings"] {
        stage.faults(&[fault]);
        let run = stage.run(&scan);
        assert_eq!(run.code, 3, "{fault}: {}", run.stderr);
        for (key, verdict) in verdicts(&run.json()) {
            let known = before.get(&key).map(String::as_str);
            let meta = key.0.contains("-META-");
            assert!(meta || verdict == "unknown" || known == Some(verdict.as_str()), "{fault}: {key:?} is {verdict}");
        }
    }
}

#[test]
fn a_failure_outranks_incompleteness_and_unknown_can_be_allowed() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.auditLog"]);
    assert_eq!(stage.run(&["scan", "--quiet"]).code, 1);
    let rule = ["scan", "--quiet", "--rule", "ATL-AUD-001"];
    assert_eq!(stage.run(&rule).code, 3);
    assert_eq!(stage.run(&[&rule[..], &["--allow-unknown"]].concat()).code, 0);
    assert_eq!(stage.run(&[&rule[..], &["--exit-zero"]].concat()).code, 0);
}

#[test]
fn a_finding_that_did_not_see_everything_leaves_the_scan_incomplete() {
    let stage = Stage::of("demo");
    let scan = ["scan", "--quiet", "--format", "json", "--rule", "ATL-ORG-011", "--fail-on", "none"];
    stage.faults(&["refuse@organization.serviceAccounts"]);
    let run = stage.run(&scan);
    let unseen = |finding: &serde_json::Value| !finding["unseen"].as_array().unwrap().is_empty();
    assert!(run.json()["findings"].as_array().unwrap().iter().any(unseen), "{}", run.stdout);
    assert_eq!(run.code, 3);
}

#[test]
fn trouble_that_passes_leaves_no_trace() {
    let stage = Stage::of("demo");
    let args = ["scan", "--quiet", "--format", "json", "--rule", "ATL-NET-001", "--exit-zero"];
    let before = stage.run(&args);
    for fault in ["throttle:2,0", "error:503", "cut", "unavailable:0"] {
        stage.faults(&[&format!("{fault}@project.accessList#first=1")]);
        assert_eq!(verdicts(&stage.run(&args).json()), verdicts(&before.json()), "{fault}");
    }
}

#[test]
fn a_report_names_the_rule_and_the_reason() {
    let run = scan("demo").args(["--format", "json", "--rule", "ATL-NET-001"]).faults(&["refuse@project.accessList"]);
    let report = run.run().json();
    assert_eq!(rules_with(&report, "unknown").into_iter().collect::<Vec<_>>(), ["ATL-NET-001"]);
    let reason = report["unknowns"][0]["reasons"][0].as_str().unwrap();
    assert!(reason.contains("(401 USER_UNAUTHORIZED)") && reason.contains("can read it"), "{reason}");
}
