//! For data lakes and SIEMs: Compliance Findings of the Open Cybersecurity Schema Framework, one event per line.
//!
//! Whether something passes is `compliance.status_id`; what nobody could judge is *Warning*, which the framework has for
//! a missing result. `status_id` of the event is about who deals with it: *New*, or *Suppressed* where somebody waives
//! it. What was not applicable is no event: the framework has no status for it.
//!
//! Where the run is held against an earlier one, what is new is *Create*, what was known *Update*, and what is fixed
//! *Close*; without, everything is *Create*, and `finding_info.uid` tells what was there before.
//!
//! Source: <https://schema.ocsf.io/1.8.0/classes/compliance_finding>

mod model;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use self::model::{
    Account, Analytic, Check, Cloud, Compliance, Event, FindingInfo, Metadata, Named, Product, Remediation,
    ResourceDetails, Status,
};
use super::since::Standing;
use super::{Before, Finding, Fingerprint, Report, Resource};
use crate::engine::Severity;

/// Writes what fails, the worst first; then what is unknown, attested and passed, by rule and resource.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let fixed = report.compared().map(|compared| compared.fixed.as_slice()).unwrap_or_default();
    let fixed = fixed.iter().map(|before| (before.fingerprint, before)).collect();
    let mut events = Events { report, out, seen: HashMap::new(), fixed };
    for finding in report.listed() {
        events.finding(&finding)?;
    }
    for unjudged in report.unknowns() {
        let rule = report.rule(unjudged.rule);
        let message = format!("{} could not be judged: {}", rule.name, unjudged.reasons.join("; "));
        events.event(Told {
            fingerprint: unjudged.fingerprint(),
            activity: CREATE,
            rule: unjudged.rule,
            severity: report.rules[unjudged.rule].severity,
            resource: &unjudged.resource,
            title: &rule.name,
            message: &message,
            status: Status::Warning,
            code: "unknown",
            details: unjudged.reasons.iter().map(Cow::from).collect(),
            lifecycle: Some(NEW),
            remediation: None,
        })?;
    }
    for attested in report.attested() {
        let stated = attested.stated;
        let rule = report.rule(attested.rule);
        let details = format!("stated by {} on {}, until {}", stated.owner, stated.date, stated.expires);
        events.event(Told {
            details: vec![details.into()],
            ..Told::pass(rule, attested.rule, &attested.resource, &stated.statement, "attested")
        })?;
    }
    for settled in report.settled().iter().filter(|settled| settled.not_applicable.is_none()) {
        let (index, resource) = (usize::from(settled.rule), report.resource(settled.at.clone(), &[]));
        let rule = report.rule(index);
        events.event(Told::pass(rule, index, &resource, rule.passes.trim(), "pass"))?;
    }
    let fixed = std::mem::take(&mut events.fixed);
    for before in fixed.into_values() {
        events.fixed(before)?;
    }
    Ok(())
}

/// What there is to do about an event.
const NEW: (u8, &str) = (1, "New");
const SUPPRESSED: (u8, &str) = (3, "Suppressed");
const RESOLVED: (u8, &str) = (4, "Resolved");

/// What happens to a finding.
const CREATE: (u8, &str) = (1, "Create");
const UPDATE: (u8, &str) = (2, "Update");
const CLOSE: (u8, &str) = (3, "Close");

struct Events<'a> {
    report: &'a Report,
    out: &'a mut dyn Write,
    /// Findings of the same rule and resource are told apart by which of them they are. Of all the other verdicts, which
    /// may be millions, there is one at most.
    seen: HashMap<Fingerprint, u32>,
    /// Findings of the earlier run that are fixed, and have not been told yet.
    fixed: BTreeMap<Fingerprint, &'a Before>,
}

/// What one event says.
struct Told<'a> {
    fingerprint: Fingerprint,
    activity: (u8, &'static str),
    rule: usize,
    severity: Severity,
    resource: &'a Resource,
    title: &'a str,
    message: &'a str,
    status: Status,
    code: &'static str,
    details: Vec<Cow<'a, str>>,
    lifecycle: Option<(u8, &'static str)>,
    remediation: Option<Remediation<'a>>,
}

impl<'a> Told<'a> {
    /// There is nothing to deal with, and no severity to filter by.
    fn pass(
        rule: &'static crate::engine::rule::Rule,
        index: usize,
        resource: &'a Resource,
        message: &'a str,
        code: &'static str,
    ) -> Self {
        Self {
            fingerprint: Fingerprint::of(rule, &resource.at),
            activity: CREATE,
            rule: index,
            severity: Severity::Info,
            resource,
            title: &rule.name,
            message,
            status: Status::Pass,
            code,
            details: Vec::new(),
            lifecycle: None,
            remediation: None,
        }
    }
}

impl Events<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let rule = self.report.rule(finding.rule);
        let (fix, message) = (finding.fix(), finding.told());
        let remediation = fix.first().map(|desc| Remediation { desc: desc.trim(), references: &rule.references });
        let waived = finding.waived();
        let mut details: Vec<Cow<'_, str>> = Vec::new();
        if let Some(waiver) = waived {
            details.push(format!("waived by {} until {}: {}", waiver.owner, waiver.until, waiver.reason).into());
        }
        details.extend(finding.standing.map(|standing| standing.to_string().into()));
        details.extend(finding.unseen.iter().map(|why| format!("not all could be read: {why}").into()));
        self.event(Told {
            fingerprint: finding.fingerprint(),
            activity: match finding.standing {
                None | Some(Standing::New | Standing::CameToLight) => CREATE,
                Some(_) => UPDATE,
            },
            rule: finding.rule,
            severity: finding.severity,
            resource: &finding.resource,
            title: &rule.title,
            message: &message,
            status: Status::Fail,
            code: if waived.is_some() { "waived" } else { "fail" },
            details,
            lifecycle: Some(if waived.is_some() { SUPPRESSED } else { NEW }),
            remediation,
        })?;
        *self.seen.entry(finding.fingerprint()).or_default() += 1;
        Ok(())
    }

    /// What no verdict of this run is about.
    fn fixed(&mut self, before: &Before) -> io::Result<()> {
        let Some(rule) = self.report.rules.iter().position(|reported| reported.rule.id == before.rule) else {
            return Ok(());
        };
        let resource = self.report.resource(before.at.clone(), &[]);
        self.event(Told {
            fingerprint: before.fingerprint,
            activity: CLOSE,
            severity: before.severity,
            lifecycle: Some(RESOLVED),
            ..Told::pass(self.report.rule(rule), rule, &resource, &before.message, "fixed")
        })
    }

    fn event(&mut self, mut told: Told<'_>) -> io::Result<()> {
        if matches!(told.status, Status::Pass) && self.fixed.remove(&told.fingerprint).is_some() {
            (told.activity, told.lifecycle) = (CLOSE, Some(RESOLVED));
        }
        let about = &self.report.about;
        let (rule, category) = (self.report.rule(told.rule), self.report.rules[told.rule].category);
        let before = self.seen.get(&told.fingerprint).copied().unwrap_or(0);
        let uid =
            if before == 0 { told.fingerprint.to_string() } else { format!("{}:{}", told.fingerprint, before + 1) };
        let (severity_id, severity) = severity(told.severity);
        let (status_id, status) = told.lifecycle.unzip();
        let (activity_id, activity_name) = told.activity;
        let requirements = rule.controls.iter().flat_map(|(framework, controls)| {
            controls.iter().map(|control| format!("{} {}", framework.title(), control.id))
        });
        let event = Event {
            activity_id,
            activity_name,
            category_uid: 2,
            category_name: "Findings",
            class_uid: 2003,
            class_name: "Compliance Finding",
            type_uid: 200_300 + u32::from(activity_id),
            type_name: format!("Compliance Finding: {activity_name}"),
            time: about.taken.as_millisecond(),
            severity_id,
            severity,
            status_id,
            status,
            message: told.message,
            metadata: Metadata {
                version: "1.8.0",
                profiles: ["cloud"],
                product: Product {
                    name: env!("CARGO_PKG_NAME"),
                    vendor_name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                },
                event_code: &rule.id,
                tenant_uid: &about.organization,
            },
            cloud: Cloud {
                provider: "MongoDB Atlas",
                org: Named { uid: &about.organization, name: about.organization_name.as_deref() },
                account: told.resource.project.as_ref().map(|(id, name)| Account {
                    uid: id,
                    name,
                    type_id: 99,
                    r#type: "MongoDB Atlas project",
                }),
            },
            finding_info: FindingInfo {
                uid: &uid,
                title: told.title,
                desc: told.message,
                types: [category],
                analytic: Analytic { uid: &rule.id, name: &rule.name, type_id: 1, r#type: "Rule" },
                src_url: rule.help_uri().filter(|uri| uri.starts_with("https://")),
            },
            compliance: Compliance {
                control: &rule.id,
                standards: rule.controls.keys().map(|framework| framework.title()).collect(),
                requirements: requirements.collect(),
                status_id: told.status.id(),
                status: told.status.caption(),
                status_code: told.code,
                status_details: told.details,
                checks: [Check {
                    uid: &rule.id,
                    name: &rule.name,
                    status_id: told.status.id(),
                    status: told.status.caption(),
                }],
            },
            remediation: told.remediation,
            resources: [ResourceDetails {
                uid: told.resource.at.as_str(),
                name: &told.resource.name,
                r#type: told.resource.kind,
            }],
        };
        serde_json::to_writer(&mut *self.out, &event)?;
        writeln!(self.out)
    }
}

const fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;
    use crate::report::{Baseline, testing};

    fn events(report: &Report) -> Vec<Value> {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn an_event_in_full() {
        insta::assert_snapshot!(format!("{:#}", events(&testing::waived())[0]));
    }

    #[test]
    fn there_is_an_event_for_all_that_was_judged() {
        let reports = [testing::sample(), testing::hostile(), testing::clean(), testing::of_many(50)];
        for report in reports.into_iter().chain([testing::waived(), testing::of_thousands(50)]) {
            let events = events(&report);
            let of = |code: &str| events.iter().filter(|event| event["compliance"]["status_code"] == code).count();
            let counts = &report.counts;
            assert_eq!(
                [of("fail"), of("waived"), of("unknown"), of("attested"), of("pass")],
                [counts.open_findings(), counts.waived, counts.unknown, counts.attested, counts.passed]
            );
            let uids: HashSet<_> = events.iter().map(|event| event["finding_info"]["uid"].as_str().unwrap()).collect();
            assert_eq!(uids.len(), events.len());
        }
    }

    #[test]
    fn what_is_unknown_is_a_warning_and_what_is_waived_suppressed() {
        for event in events(&testing::waived()) {
            let compliance = &event["compliance"];
            let expected = match compliance["status_code"].as_str().unwrap() {
                "fail" => (3, Some(1)),
                "waived" => (3, Some(3)),
                "unknown" => (2, Some(1)),
                _ => (1, None),
            };
            assert_eq!((compliance["status_id"].as_u64().unwrap(), event["status_id"].as_u64()), expected);
            assert_eq!(event["time"], 1_795_341_600_000_u64, "in milliseconds");
        }
    }

    #[test]
    fn what_became_of_findings_is_what_happens_to_them() {
        let of = |report: Report, earlier: &Report| {
            let events = events(&report.since(Baseline::of(earlier, "october.json".into()), false));
            let told = |event: &Value| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                (text(&event["compliance"]["status_code"]), text(&event["activity_name"]), text(&event["type_name"]))
            };
            events.iter().map(told).collect::<Vec<_>>()
        };
        let same = of(testing::sample(), &testing::sample());
        assert!(same.iter().filter(|(code, ..)| code == "fail").all(|(_, activity, _)| activity == "Update"));
        let fixed = of(testing::clean(), &testing::sample());
        assert!(fixed.contains(&("fixed".into(), "Close".into(), "Compliance Finding: Close".into())), "{fixed:?}");
    }
}
