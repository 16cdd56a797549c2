//! A JSON report that was written earlier, as far as later runs need it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;

use crate::engine::Severity;
use crate::report::since::{Blind, judged, owner};
use crate::report::{Baseline, Before, Fingerprint};
use crate::snapshot::Ref;

/// Why a file is no report.
#[derive(Debug, thiserror::Error)]
pub enum NotAReport {
    /// It is no JSON, cut off, or something else.
    #[error("it is no JSON report of atlas-audit: {0}")]
    Json(String),
    /// A later version of the format.
    #[error("it is a report of version {0}, and this program reads version 1")]
    Version(u64),
    /// Some findings are left out.
    #[error("it lists only some of its findings: {0} are left out")]
    Shortened(usize),
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Deserialize)]
struct Saved {
    organization: Organization,
    taken: Timestamp,
    summary: Summary,
    rules: Vec<Rule>,
    findings: Vec<Finding>,
    unknowns: Vec<Unknown>,
}

#[derive(Deserialize)]
struct Organization {
    id: String,
}

#[derive(Deserialize)]
struct Summary {
    #[serde(default)]
    unlisted: usize,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
}

#[derive(Deserialize)]
struct Finding {
    rule: Rule,
    severity: Severity,
    resource: Resource,
    message: String,
    fingerprint: String,
    unseen: Vec<String>,
}

#[derive(Deserialize)]
struct Resource {
    r#ref: Ref,
}

#[derive(Deserialize)]
struct Unknown {
    rule: Rule,
    resource: Resource,
}

/// Reads a report as a baseline; `source` is how to refer to it, `scope_of` tells what a rule judges one by one.
pub fn baseline(
    text: &str,
    source: String,
    scope_of: impl Fn(&str) -> Option<crate::engine::rule::Scope>,
) -> Result<Baseline, NotAReport> {
    let wrong = |error: serde_json::Error| NotAReport::Json(error.to_string());
    let Versioned { version } = serde_json::from_str(text).map_err(wrong)?;
    if version != 1 {
        return Err(NotAReport::Version(version));
    }
    let saved: Saved = serde_json::from_str(text).map_err(wrong)?;
    if saved.summary.unlisted > 0 {
        return Err(NotAReport::Shortened(saved.summary.unlisted));
    }
    let mut blind = Blind::default();
    for unknown in &saved.unknowns {
        blind.note(&unknown.rule.id, unknown.resource.r#ref.as_str());
    }
    let mut findings = Vec::with_capacity(saved.findings.len());
    for finding in saved.findings {
        let at = finding.resource.r#ref;
        if !finding.unseen.is_empty() {
            let scope = scope_of(&finding.rule.id);
            let place = scope.and_then(|scope| judged(scope, at.as_str())).unwrap_or_else(|| owner(at.as_str()));
            blind.note(&finding.rule.id, place);
        }
        let fingerprint: Fingerprint = finding
            .fingerprint
            .parse()
            .map_err(|_| NotAReport::Json(format!("`{}` is no fingerprint", finding.fingerprint)))?;
        let (rule, severity, message) = (finding.rule.id, finding.severity, finding.message);
        findings.push(Before { fingerprint, rule, severity, message, at });
    }
    let rules: BTreeSet<String> = saved.rules.into_iter().map(|rule| rule.id).collect();
    Ok(Baseline { source, taken: Some(saved.taken), organization: saved.organization.id, rules, findings, blind })
}
