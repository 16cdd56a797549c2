//! The data in the page: what `page.js` shows, in as few bytes as is simple. Nothing else reads it, so it has no
//! version; whoever wants data asks for `--format json`.
//!
//! Findings are written one by one, as rows; texts that recur are numbered, and their table follows.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use indexmap::IndexSet;
use serde::{Serialize, Serializer};

use crate::engine::Severity;
use crate::engine::framework::Framework;
use crate::engine::rule::Confidence;
use crate::engine::waiver::WaiverState;
use crate::report::compliance::CAVEAT;
use crate::report::each::Each;
use crate::report::since::Standing;
use crate::report::{AttestedVerdict, Finding, RenderError, Report, ReportedRule, Resource, Unjudged, WaiverUse};

use super::access::Told;
use super::{MOST_FINDINGS, listed, shown};

/// What could not be judged, one by one; their causes are all told.
const MOST_UNKNOWNS: usize = 10_000;
/// Passes that rest on a statement.
const MOST_ATTESTED: usize = 2_000;
/// What became of a finding that is there, if the run is held against an earlier one.
const STANDINGS: [Standing; 5] =
    [Standing::New, Standing::CameToLight, Standing::Worse, Standing::Changed, Standing::Unchanged];

pub(super) fn write(report: &Report, snapshot: Option<&str>, out: &mut dyn Write) -> Result<(), RenderError> {
    let tables = Tables::default();
    let data = Data::of(report, snapshot, &tables);
    serde_json::to_writer(out, &data).map_err(std::io::Error::from)?;
    Ok(())
}

/// Texts by their numbers.
#[derive(Default)]
struct Table(RefCell<IndexSet<String>>);

impl Table {
    fn number(&self, text: &str) -> usize {
        let text = shown(text);
        let mut all = self.0.borrow_mut();
        all.get_index_of(&*text).unwrap_or_else(|| all.insert_full(text.into_owned()).0)
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.borrow().iter())
    }
}

#[derive(Default)]
struct Tables {
    texts: Table,
    /// Names of projects by their ids.
    projects: Projects,
}

#[derive(Default)]
struct Projects(RefCell<indexmap::IndexMap<Arc<str>, String>>);

impl Projects {
    fn number(&self, resource: &Resource) -> Option<usize> {
        let (id, name) = resource.project.as_ref()?;
        let mut all = self.0.borrow_mut();
        let known = all.get_index_of(&**id);
        Some(known.unwrap_or_else(|| all.insert_full(Arc::clone(id), shown(name).into_owned()).0))
    }
}

impl Serialize for Projects {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.borrow().iter().map(|(id, name)| (&**id, name.as_str())))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    tool: &'static str,
    organization: &'a str,
    organization_name: String,
    taken: String,
    source: &'a str,
    snapshot: Option<&'a str>,
    sha256: Option<&'a str>,
    caveat: &'static str,
    /// Empty, if there is no earlier run to stand to.
    standings: Vec<String>,
    severities: [&'static str; 5],
    frameworks: Vec<(&'static str, &'static str)>,
    /// The framework that was asked for.
    framework: Option<&'static str>,
    rules: Vec<Rule<'a>>,
    waivers: Vec<Waiver>,
    /// How many are not in the list.
    unlisted: usize,
    unlisted_unknowns: usize,
    unlisted_attested: usize,
    findings: Each<'a, FindingRow>,
    unknowns: Each<'a, UnknownRow>,
    attested: Each<'a, AttestedRow>,
    access: Option<Told<'a>>,
    // After everything that numbers texts and projects.
    texts: &'a Table,
    projects: &'a Projects,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    name: &'a str,
    title: &'a str,
    severity: usize,
    category: &'a str,
    why: &'a str,
    passes: &'a str,
    fails: &'a str,
    references: &'a [String],
    /// By framework; `true` where an assessor may see it otherwise.
    controls: BTreeMap<&'static str, Vec<(&'a str, bool)>>,
    reported: bool,
    counts: Verdicts,
}

/// How many verdicts of one rule.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Verdicts {
    /// Findings that nobody waives.
    pub(super) open: usize,
    pub(super) waived: usize,
    /// Passes that were measured.
    pub(super) pass: usize,
    pub(super) attested: usize,
    pub(super) unknown: usize,
    /// What only a statement could decide, and nobody makes it; not among the unknown here.
    pub(super) needs: usize,
    #[serde(rename = "na")]
    pub(super) not_applicable: usize,
}

/// By the report's rules.
pub(super) fn verdicts(report: &Report) -> Vec<Verdicts> {
    let mut all = vec![Verdicts::default(); report.rules.len()];
    for group in report.groups() {
        all[group.rule].open += group.open();
        all[group.rule].waived += group.waived;
    }
    for unjudged in report.unknowns() {
        let of = &mut all[unjudged.rule];
        *(if unjudged.needs_attestation { &mut of.needs } else { &mut of.unknown }) += 1;
    }
    for attested in report.attested() {
        all[attested.rule].attested += 1;
    }
    for settled in report.settled().iter() {
        let of = &mut all[usize::from(settled.rule)];
        *(if settled.not_applicable.is_some() { &mut of.not_applicable } else { &mut of.pass }) += 1;
    }
    all
}

#[derive(Serialize)]
struct Waiver {
    reason: String,
    owner: String,
    until: String,
    expired: bool,
}

/// Rule, severity, project, kind, place, reference.
#[derive(Serialize)]
struct Place(usize, usize, Option<usize>, usize, String, String);

/// Place, message, pointer, command, Terraform, console, unseen, waiver, fingerprint, standing to the baseline.
#[derive(Serialize)]
struct FindingRow(
    Place,
    String,
    Option<String>,
    Option<String>,
    Option<usize>,
    Option<usize>,
    Vec<usize>,
    Option<usize>,
    String,
    Option<usize>,
);

/// Place, reasons, whether only a statement could decide it, fingerprint.
#[derive(Serialize)]
struct UnknownRow(Place, Vec<usize>, bool, String);

/// Place, statement, evidence, owner, date, last day.
#[derive(Serialize)]
struct AttestedRow(Place, String, Option<String>, String, String, String);

pub(super) fn severity_number(severity: Severity) -> usize {
    Severity::ALL.iter().position(|one| *one == severity).unwrap_or_default()
}

impl Place {
    fn of(report: &Report, tables: &Tables, rule: usize, severity: Severity, resource: &Resource) -> Self {
        let organization = format!("org/{}", report.about.organization);
        let at = resource.at.as_str();
        let within = match &resource.project {
            Some((id, _)) => at.strip_prefix(&format!("{organization}/project/{id}")),
            None => at.strip_prefix(&organization),
        };
        // What does not begin as expected is told in full, and begins with no slash.
        let at = within.filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(at);
        Self(
            rule,
            severity_number(severity),
            tables.projects.number(resource),
            tables.texts.number(resource.kind),
            shown(&resource.place_within()).into_owned(),
            shown(at).into_owned(),
        )
    }
}

/// `came to light`
fn in_words(standing: Standing) -> String {
    standing.to_string().replace('-', " ")
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(|text| shown(text).into_owned())
}

/// A command keeps its lines.
fn command(text: &str) -> String {
    text.lines().map(shown).collect::<Vec<_>>().join("\n")
}

impl FindingRow {
    fn of(report: &Report, tables: &Tables, finding: &Finding) -> Self {
        let fix = finding.fix();
        let waiver = finding
            .waiver
            .as_ref()
            .and_then(|(waiver, _)| report.waivers().iter().position(|one| Arc::ptr_eq(&one.waiver, waiver)));
        Self(
            Place::of(report, tables, finding.rule, finding.severity, &finding.resource),
            shown(&finding.message).into_owned(),
            owned(finding.pointer.as_deref()),
            fix.cli.as_deref().map(command),
            fix.terraform.as_deref().map(|text| tables.texts.number(text)),
            fix.console.as_deref().map(|text| tables.texts.number(text)),
            finding.unseen.iter().map(|text| tables.texts.number(text)).collect(),
            waiver,
            finding.fingerprint().to_string(),
            finding.standing.and_then(|standing| STANDINGS.iter().position(|one| *one == standing)),
        )
    }
}

impl UnknownRow {
    fn of(report: &Report, tables: &Tables, unjudged: &Unjudged) -> Self {
        let severity = report.rules[unjudged.rule].severity;
        Self(
            Place::of(report, tables, unjudged.rule, severity, &unjudged.resource),
            unjudged.reasons.iter().map(|text| tables.texts.number(text)).collect(),
            unjudged.needs_attestation,
            unjudged.fingerprint().to_string(),
        )
    }
}

impl AttestedRow {
    fn of(report: &Report, tables: &Tables, attested: &AttestedVerdict<'_>) -> Self {
        let severity = report.rules[attested.rule].severity;
        let stated = attested.stated;
        Self(
            Place::of(report, tables, attested.rule, severity, &attested.resource),
            shown(&stated.statement).into_owned(),
            owned(stated.evidence.as_deref()),
            shown(&stated.owner).into_owned(),
            stated.date.to_string(),
            stated.expires.to_string(),
        )
    }
}

impl Rule<'_> {
    fn of(reported: &ReportedRule, counts: Verdicts) -> Self {
        let rule = reported.rule;
        let controls = rule.controls.iter().map(|(framework, controls)| {
            let disputed = |confidence| confidence == Confidence::Disputed;
            (framework.slug(), controls.iter().map(|one| (one.id.as_str(), disputed(one.confidence))).collect())
        });
        Self {
            id: &rule.id,
            name: &rule.name,
            title: &rule.title,
            severity: severity_number(reported.severity),
            category: reported.category,
            why: &rule.why,
            passes: &rule.passes,
            fails: &rule.fails,
            references: &rule.references,
            controls: controls.collect(),
            reported: reported.reported,
            counts,
        }
    }
}

impl From<&WaiverUse> for Waiver {
    fn from(one: &WaiverUse) -> Self {
        Self {
            reason: shown(&one.waiver.reason).into_owned(),
            owner: shown(&one.waiver.owner).into_owned(),
            until: one.waiver.until.to_string(),
            expired: one.state == WaiverState::Expired,
        }
    }
}

impl<'a> Data<'a> {
    fn of(report: &'a Report, snapshot: Option<&'a str>, tables: &'a Tables) -> Self {
        let about = &report.about;
        let rules = report.rules.iter().zip(verdicts(report));
        Self {
            tool: env!("CARGO_PKG_VERSION"),
            organization: &about.organization,
            organization_name: shown(about.organization_name.as_deref().unwrap_or(&about.organization)).into_owned(),
            taken: about.taken.to_string(),
            source: &about.source,
            snapshot: about.snapshot.as_ref().map(|snapshot| snapshot.shown.as_str()),
            sha256: snapshot,
            caveat: CAVEAT,
            standings: report.compared().map_or_else(Vec::new, |_| STANDINGS.iter().copied().map(in_words).collect()),
            severities: Severity::ALL.map(Severity::as_str),
            frameworks: Framework::ALL.iter().map(|one| (one.slug(), one.title())).collect(),
            framework: report.framework.map(Framework::slug),
            rules: rules.map(|(rule, counts)| Rule::of(rule, counts)).collect(),
            waivers: report.waivers().iter().map(Waiver::from).collect(),
            unlisted: report.counts.all_findings() - listed(report),
            unlisted_unknowns: report.counts.unknown.saturating_sub(MOST_UNKNOWNS),
            unlisted_attested: report.counts.attested.saturating_sub(MOST_ATTESTED),
            findings: Each::of(report.listed().take(MOST_FINDINGS), move |finding| {
                FindingRow::of(report, tables, &finding)
            }),
            unknowns: Each::of(report.unknowns().take(MOST_UNKNOWNS), move |unjudged| {
                UnknownRow::of(report, tables, &unjudged)
            }),
            attested: Each::of(report.attested().take(MOST_ATTESTED), move |attested| {
                AttestedRow::of(report, tables, &attested)
            }),
            access: report.access.as_ref().map(super::access::Access::told),
            texts: &tables.texts,
            projects: &tables.projects,
        }
    }
}
