//! For code scanning: SARIF 2.1.0, as GitHub, GitLab and Azure DevOps read it.
//!
//! Only failures are results: those readers show whatever they get as an alert. What is unknown is a notification.
//! Sources: <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>
//! and GitLab's page on SARIF reports.

mod help;
mod locations;
mod model;

use std::collections::HashMap;
use std::io::Write;

use crate::engine::{Severity, rule};

use self::locations::Places;
use self::model::{
    ArtifactLocation, AutomationDetails, Configuration, Driver, Fingerprints, Help, Invocation, Level, Location, Log,
    LogicalLocation, Message, Notification, Outcome, PhysicalLocation, Properties, Reference, Rule, RuleProperties,
    Run, Suppression, Tool,
};
use super::each::Each;
use super::since::Standing;
use super::text::{shortened, visible};
use super::{Before, Finding, RenderError, Report, causes};

pub use locations::Locations;

/// GitHub shows so many of a run.
const MOST_RESULTS: usize = 5000;
/// GitLab drops a result with a longer message, and GitHub a rule with a longer description.
const LONGEST_MESSAGE: usize = 1800;
const LONGEST_DESCRIPTION: usize = 1000;
/// Names that a notification lists.
const MOST_NAMES: usize = 10;

/// Writes the report as SARIF.
pub fn write(
    report: &Report,
    locations: Locations,
    suppressed: bool,
    mut out: &mut dyn Write,
) -> Result<(), RenderError> {
    let places = Places::of(report, locations, results(report, suppressed))?;
    serde_json::to_writer_pretty(&mut out, &log(report, suppressed, &places)).map_err(std::io::Error::from)?;
    Ok(writeln!(out)?)
}

/// What becomes a result.
#[derive(Clone)]
enum Told<'a> {
    /// With the number that it has among those of the same rule and resource.
    Finding(Box<(Finding, u32)>),
    Fixed(&'a Before),
}

/// The findings that are results. What is waived is none for GitHub, which would open it again as an alert.
fn results(report: &Report, suppressed: bool) -> impl Iterator<Item = Finding> + Clone {
    let most = report.most_findings.min(MOST_RESULTS);
    report.findings().filter(move |finding| suppressed || finding.waived().is_none()).take(most)
}

fn log<'a>(report: &'a Report, suppressed: bool, places: &'a Places) -> Log<'a> {
    let sorted = SortedRules::of(report);
    let driver = Driver {
        name: env!("CARGO_PKG_NAME"),
        full_name: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
        semantic_version: env!("CARGO_PKG_VERSION"),
        version: env!("CARGO_PKG_VERSION"),
        information_uri: Some(env!("CARGO_PKG_REPOSITORY")).filter(|uri| !uri.is_empty()),
        rules: Each::of(sorted.order.clone().into_iter(), |index| {
            let reported = &report.rules[index];
            Rule::of(reported.rule, reported.category, reported.severity)
        }),
    };
    let invocation = Invocation {
        execution_successful: report.about.complete,
        tool_execution_notifications: notifications(report, suppressed, &sorted),
    };
    let results = results(report, suppressed).scan(HashMap::new(), |seen, finding| {
        // Which finding of the same rule and resource it is: from one.
        let occurrence: &mut u32 = seen.entry(finding.fingerprint()).or_default();
        *occurrence += 1;
        Some((finding, *occurrence))
    });
    // An absent result would be an open alert to GitHub.
    let fixed = report.compared().filter(|_| suppressed).map(|compared| compared.fixed.as_slice()).unwrap_or_default();
    let results = results.map(|one| Told::Finding(Box::new(one))).chain(fixed.iter().map(Told::Fixed));
    let results = Each::of(results, move |told| match told {
        Told::Finding(one) => {
            let (finding, occurrence) = *one;
            let place = sorted.place[finding.rule];
            Outcome::of(report, finding, occurrence, place, places)
        }
        Told::Fixed(before) => Outcome::fixed(report, before, &sorted),
    });
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver },
            // With nothing after the slash, GitHub takes it for the category, which keeps organizations apart.
            automation_details: AutomationDetails {
                id: format!("atlas-audit/{}/", visible(&report.about.organization)),
            },
            column_kind: "utf16CodeUnits",
            invocations: [invocation],
            results,
        }],
    }
}

/// Rules by id, and where each has gone.
#[derive(Clone)]
struct SortedRules {
    order: Vec<usize>,
    place: Vec<usize>,
}

impl SortedRules {
    fn of(report: &Report) -> Self {
        let mut order: Vec<usize> = (0..report.rules.len()).filter(|index| report.rules[*index].reported).collect();
        order.sort_by_key(|index| &report.rule(*index).id);
        let mut place = vec![0; report.rules.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        Self { order, place }
    }
}

fn notifications<'a>(report: &'a Report, suppressed: bool, sorted: &SortedRules) -> Vec<Notification<'a>> {
    let mut notifications = Vec::new();
    let all = if suppressed { report.counts.all_findings() } else { report.counts.open_findings() };
    let most = report.most_findings.min(MOST_RESULTS);
    if let Some(more @ 1..) = all.checked_sub(most) {
        notifications.push(Notification {
            associated_rule: None,
            level: Level::Warning,
            message: Message::of(&format!(
                "{more} more findings, none worse than these {most}, are left out: code scanning shows no more than \
                 {MOST_RESULTS}, and a limit may have been asked for. All are counted."
            )),
        });
    }
    notifications.extend(causes::of_unknowns(report.unknowns()).into_iter().map(|cause| {
        let rule = report.rule(cause.rule);
        Notification {
            associated_rule: Some(Reference { id: &rule.id, index: sorted.place[cause.rule] }),
            level: Level::Warning,
            message: Message::of(&format!(
                "{} ({}) is unknown: {}. It concerns {}.",
                rule.id,
                rule.name,
                cause.reason,
                cause.places(MOST_NAMES)
            )),
        }
    }));
    notifications
}

impl Message<'_> {
    /// Text from outside may stand in it.
    fn of(text: &str) -> Self {
        // A viewer makes a link of `[text](target)`, with a space between it does not.
        let text = visible(text).replace("](", "] (");
        Self { text: shortened(&text, LONGEST_MESSAGE).into_owned().into() }
    }
}

impl<'a> Rule<'a> {
    fn of(rule: &'a rule::Rule, category: &'a str, severity: Severity) -> Self {
        let text = |text: &'a str| Message { text: shortened(text.trim(), LONGEST_DESCRIPTION) };
        Self {
            id: &rule.id,
            name: &rule.name,
            short_description: text(&rule.title),
            full_description: text(&rule.why),
            help: Help::of(rule),
            help_uri: rule.help_uri(),
            default_configuration: Configuration { level: Level::of(severity) },
            properties: RuleProperties {
                precision: "high",
                security_severity: security_severity(severity),
                tags: vec!["security", category, "atlas"],
            },
        }
    }
}

impl<'a> Outcome<'a> {
    fn of(report: &'a Report, finding: Finding, occurrence: u32, rule_index: usize, places: &'a Places) -> Self {
        let (message, fingerprint) = (Message::of(&told(&finding)), finding.fingerprint());
        let suppressions = finding.waived().map(|waiver| {
            let justification = format!("{} ({}, until {})", waiver.reason, waiver.owner, waiver.until);
            [Suppression { kind: "external", status: "accepted", justification }]
        });
        let resource = finding.resource;
        let (uri, region) = places.place(&resource.at);
        Self {
            rule_id: &report.rule(finding.rule).id,
            rule_index,
            level: Level::of(finding.severity),
            message,
            locations: [Location {
                physical_location: PhysicalLocation { artifact_location: ArtifactLocation { uri }, region },
                logical_locations: [LogicalLocation {
                    name: visible(&resource.name).into_owned(),
                    fully_qualified_name: resource.at,
                    kind: "resource",
                }],
            }],
            partial_fingerprints: Fingerprints {
                primary: format!("{fingerprint}:{occurrence}"),
                own: fingerprint.to_string(),
            },
            suppressions,
            baseline_state: finding.standing.map(baseline_state),
            properties: Properties { security_severity: security_severity(finding.severity) },
        }
    }
}

impl<'a> Outcome<'a> {
    /// What was found in the earlier run, and is not there any more.
    fn fixed(report: &'a Report, before: &'a Before, sorted: &SortedRules) -> Self {
        let rule = report.rules.iter().position(|reported| reported.rule.id == before.rule).unwrap_or_default();
        let (uri, region) = Places::Resources.place(&before.at);
        let uri = uri.into_owned().into();
        Self {
            rule_id: &before.rule,
            rule_index: sorted.place[rule],
            level: Level::of(before.severity),
            message: Message::of(&format!("{}: {}.", before.at.name(), before.message)),
            locations: [Location {
                physical_location: PhysicalLocation { artifact_location: ArtifactLocation { uri }, region },
                logical_locations: [LogicalLocation {
                    name: visible(&before.at.name()).into_owned(),
                    fully_qualified_name: before.at.clone(),
                    kind: "resource",
                }],
            }],
            partial_fingerprints: Fingerprints {
                primary: format!("{}:1", before.fingerprint),
                own: before.fingerprint.to_string(),
            },
            suppressions: None,
            baseline_state: Some(baseline_state(Standing::Gone)),
            properties: Properties { security_severity: security_severity(before.severity) },
        }
    }
}

/// By <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, 3.27.24.
const fn baseline_state(standing: Standing) -> &'static str {
    match standing {
        Standing::New | Standing::CameToLight => "new",
        Standing::Worse | Standing::Changed => "updated",
        Standing::Unchanged | Standing::OutOfSight => "unchanged",
        Standing::Gone => "absent",
    }
}

/// Where, what, and what to do, unless that makes it too long.
fn told(finding: &Finding) -> String {
    let what = format!("{}: {}.", finding.resource.place(), finding.message);
    let fix = finding.fix();
    match (&fix.cli, fix.first()) {
        (Some(command), _) if what.len() + command.len() < LONGEST_MESSAGE && !command.contains('`') => {
            let commands = command.trim().lines().filter(|line| !line.starts_with('#'));
            let commands: Vec<_> = commands.map(|line| format!("`{line}`")).collect();
            format!("{what} Fix: {}.", commands.join(", then "))
        }
        (None, Some(advice)) if what.len() + advice.len() < LONGEST_MESSAGE => {
            format!("{what} Fix: {}.", advice.trim().trim_end_matches('.'))
        }
        _ => what,
    }
}

impl Level {
    const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Info => Self::Note,
        }
    }
}

/// The middle of each of GitHub's bands; nothing for what is for the reader only.
const fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.5"),
        Severity::Info => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::{SnapshotPath, testing};
    use crate::snapshot::network::AccessListEntry;
    use crate::snapshot::store::{Header, SnapshotWriter};
    use crate::snapshot::{Organization, Project, Reading};

    fn rendered(report: &Report, locations: Locations) -> (Vec<u8>, Value) {
        let mut out = Vec::new();
        write(report, locations, false, &mut out).unwrap();
        let document = serde_json::from_slice(&out).unwrap();
        (out, document)
    }

    /// The projects of a report as a snapshot with an access list each, written where the report then points.
    fn with_snapshot(mut report: Report, comment: &str) -> (Report, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.snapshot.jsonl");
        let organization = Organization { id: report.about.organization.clone(), ..Organization::default() };
        let header = Header {
            format: 1,
            tool: "test".into(),
            taken: report.about.taken,
            source: report.about.source.clone(),
            credential: report.about.credential.clone(),
            sections: Vec::new(),
            projects: None,
        };
        let file = std::fs::File::create(&path).unwrap();
        let projects = Reading::Known(report.about.projects);
        let mut writer = SnapshotWriter::start(file, &header, &organization, &projects).unwrap();
        for number in 1..=u8::try_from(report.about.projects).unwrap() {
            let entry = |range: &str| -> AccessListEntry {
                serde_json::from_value(serde_json::json!({ "cidrBlock": range, "comment": comment })).unwrap()
            };
            let id = testing::project(number).name();
            let access_list = Reading::Known(vec![entry("0.0.0.0/0"), entry("::/0")]);
            writer.project(&Project { id, access_list, ..Project::default() }).unwrap();
        }
        writer.finish(true).unwrap();
        report.about.snapshot = Some(SnapshotPath { path, shown: "audit.snapshot.jsonl".into() });
        (report, folder)
    }

    #[test]
    fn regions_are_the_lines_of_the_entries_in_utf16_columns() {
        let (report, _folder) = with_snapshot(testing::sample(), "nur kurz 😀 für Zoë");
        let text = std::fs::read_to_string(&report.about.snapshot.as_ref().unwrap().path).unwrap();
        let (_, document) = rendered(&report, Locations::Snapshot);
        let results = document["runs"][0]["results"].as_array().unwrap();
        for (result, finding) in results.iter().zip(report.findings()) {
            let physical = &result["locations"][0]["physicalLocation"];
            assert_eq!(physical["artifactLocation"]["uri"], "audit.snapshot.jsonl");
            let region = &physical["region"];
            let number = usize::try_from(region["startLine"].as_u64().unwrap()).unwrap();
            let line = text.lines().nth(number - 1).unwrap();
            assert_eq!(region["endColumn"], line.encode_utf16().count() + 1);
            if finding.resource.kind == "access list entry" {
                assert!(line.starts_with(&format!("{{\"ref\":\"{}\"", finding.resource.at)), "{line}");
                assert_eq!(region["endColumn"], line.chars().count() + 2, "the emoji takes two columns");
            }
        }
    }

    #[test]
    fn a_virtual_path_stands_for_each_resource() {
        let (_, document) = rendered(&testing::sample(), Locations::Resource);
        insta::assert_snapshot!(format!("{:#}", document["runs"][0]["results"][0]));
        insta::assert_snapshot!(format!("{:#}", document["runs"][0]["invocations"]));
    }

    #[test]
    fn a_snapshot_that_is_not_there_is_named() {
        let no_file = rendered_error(&testing::sample());
        assert_eq!(no_file, "SARIF results are to point into a snapshot file, and none was kept");
        let mut report = testing::sample();
        report.about.snapshot = Some(SnapshotPath { path: "/none/a.jsonl".into(), shown: "a.jsonl".into() });
        assert_eq!(rendered_error(&report), "cannot find the lines of the snapshot /none/a.jsonl");
    }

    fn rendered_error(report: &Report) -> String {
        write(report, Locations::Snapshot, false, &mut Vec::new()).unwrap_err().to_string()
    }

    #[test]
    fn readers_get_what_they_ask_for() {
        for report in [testing::sample(), testing::hostile(), testing::clean(), testing::of_many(50)] {
            let (bytes, document) = rendered(&report, Locations::Resource);
            assert_eq!(bytes, rendered(&report, Locations::Resource).0, "the same report is the same bytes");
            let run = &document["runs"][0];
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            assert_eq!(rules.len(), report.rules.len(), "rules without results are there too");
            assert!(rules.is_sorted_by_key(|rule| rule["id"].as_str().unwrap()));
            for rule in rules {
                let tags = rule["properties"]["tags"].as_array().unwrap();
                assert!(tags.len() <= 10 && tags.contains(&"security".into()));
                for text in ["shortDescription", "fullDescription", "help"] {
                    assert!(!rule[text]["text"].as_str().unwrap().is_empty());
                }
                assert!(!rule["help"]["markdown"].as_str().unwrap().is_empty());
            }
            let results = run["results"].as_array().unwrap();
            assert_eq!(results.len(), report.counts.all_findings());
            for result in results {
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[index]["id"], result["ruleId"]);
                let message = result["message"]["text"].as_str().unwrap();
                assert!(message.len() <= 2048 && !message.contains("](") && !message.contains('\u{1b}'), "{message}");
            }
        }
    }

    #[test]
    fn of_too_many_results_the_worst_are_kept_and_the_rest_counted() {
        let (_, document) = rendered(&testing::of_thousands(5003), Locations::Resource);
        let run = &document["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 5000);
        let notification = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(notification.as_str().unwrap().starts_with("3 more findings, none worse than these 5000"));
    }
}
