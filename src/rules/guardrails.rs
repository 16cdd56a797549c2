//! Whether Atlas itself refuses what must not come back: resource policies, evaluated.

pub(crate) mod effect;

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::analysis::guardrails::{Answer, Estate, EstateProject, Guard, Place, Statement, Survey, Tls, read};
use crate::engine::declared::{Pattern, Residency, names_project};
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown, Verdict};
use crate::engine::view::{OrganizationView, tag_pairs};
use crate::snapshot::Section;
use crate::snapshot::project::ListedProject;

use super::exemption::{ExemptProject, Standing, project_standing};

/// So many projects are named; the rest are counted.
const NAMED: usize = 8;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WildcardIp {
    exempt_projects: Vec<ExemptProject>,
}

/// ATL-POL-001
pub(crate) fn wildcard_ip(view: &OrganizationView<'_>, parameters: &WildcardIp) -> Judgement {
    let statements = read(view.resource_policies.known()?);
    let asked = Asked::of(view, &statements);
    let standing = |project: &ListedProject| {
        project_standing(&parameters.exempt_projects, &project.id, project.name.as_deref(), view.now)
    };
    let mut seen = Gathered::new();
    asked.judge(&mut seen, &Guard::WildcardIpv4, None, &standing);
    asked.judge(&mut seen, &Guard::WildcardIpv6, Some(Severity::Info), &standing);
    seen.verdict("every project is exempt")
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum MinimumTls {
    #[serde(rename = "TLS1_1")]
    Tls1_1,
    #[serde(rename = "TLS1_2")]
    Tls1_2,
    #[serde(rename = "TLS1_3")]
    Tls1_3,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MinTls {
    minimum: MinimumTls,
}

/// ATL-POL-002
pub(crate) fn min_tls(view: &OrganizationView<'_>, parameters: &MinTls) -> Judgement {
    let below: &[Tls] = match parameters.minimum {
        MinimumTls::Tls1_1 => &[Tls::V1_0],
        MinimumTls::Tls1_2 => &[Tls::V1_0, Tls::V1_1],
        MinimumTls::Tls1_3 => &[Tls::V1_0, Tls::V1_1, Tls::V1_2],
    };
    let statements = read(view.resource_policies.known()?);
    let asked = Asked::of(view, &statements);
    let frozen =
        |guard: &Guard| asked.survey.ask(guard).iter().all(|(_, answer)| matches!(answer, Answer::Frozen { .. }));
    if frozen(&Guard::Tls(Tls::V1_0)) {
        return Ok(Verdict::not_applicable("the policies let no cluster be made or changed"));
    }
    let mut seen = Gathered::new();
    for version in below {
        asked.judge(&mut seen, &Guard::Tls(*version), None, &|_| Standing::Judged);
    }
    seen.verdict("")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Protection {
    Cmk,
    Auditing,
    Regions,
    SearchCmk,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataProtection {
    controls: BTreeSet<Protection>,
    scope: Vec<Pattern>,
}

/// ATL-POL-003
pub(crate) fn data_protection(view: &OrganizationView<'_>, parameters: &DataProtection) -> Judgement {
    let statements = read(view.resource_policies.known()?);
    let asked = Asked::of(view, &statements);
    let in_scope = |project: &ListedProject| {
        parameters.scope.is_empty() || names_project(&parameters.scope, &project.id, project.name.as_deref())
    };
    let mut seen = Gathered::new();
    let only = |wanted: bool| if wanted { Standing::Judged } else { Standing::Exempt };
    for control in &parameters.controls {
        let guard = match control {
            Protection::Cmk => Guard::ClusterKey,
            Protection::Auditing => Guard::Auditing,
            Protection::SearchCmk => Guard::SearchKey,
            Protection::Regions => {
                // Each project has to stay where the data of such projects may live.
                for residency in &view.declared.residency {
                    let guard = Guard::Regions(Some(residency.regions.clone()));
                    let bound = |project: &ListedProject| only(in_scope(project) && is_bound(residency, project));
                    asked.judge_listed(&mut seen, &guard, &bound);
                }
                continue;
            }
        };
        if parameters.scope.is_empty() {
            asked.judge(&mut seen, &guard, None, &|_| Standing::Judged);
        } else {
            asked.judge_listed(&mut seen, &guard, &|project| only(in_scope(project)));
        }
    }
    seen.verdict("no project is in scope of what is asked for")
}

/// Whether a project's data may live in certain regions only.
fn is_bound(residency: &Residency, project: &ListedProject) -> bool {
    let says = |word: &String| {
        tag_pairs(Some(&project.tags))
            .any(|(key, value)| [key, value].iter().any(|part| part.eq_ignore_ascii_case(word)))
    };
    residency.tag.as_ref().is_some_and(says) || names_project(&residency.projects, &project.id, project.name.as_deref())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Freeze {
    Peering,
    PrivateEndpoints,
    AccessListEmpty,
    MaintenanceWindow,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkFreeze {
    controls: BTreeSet<Freeze>,
}

/// ATL-POL-004
pub(crate) fn network_freeze(view: &OrganizationView<'_>, parameters: &NetworkFreeze) -> Judgement {
    if parameters.controls.is_empty() {
        return Ok(Verdict::not_applicable("no change is chosen that has to be refused"));
    }
    let statements = read(view.resource_policies.known()?);
    let asked = Asked::of(view, &statements);
    let mut seen = Gathered::new();
    for control in &parameters.controls {
        let guard = match control {
            Freeze::Peering => Guard::PeeringChange,
            Freeze::PrivateEndpoints => Guard::EndpointChange,
            Freeze::AccessListEmpty => Guard::AnyAddress,
            Freeze::MaintenanceWindow => Guard::MaintenanceWindow,
        };
        asked.judge(&mut seen, &guard, None, &|_| Standing::Judged);
    }
    seen.verdict("")
}

/// An organization's policies and its projects, ready to be asked.
struct Asked<'v> {
    view: &'v OrganizationView<'v>,
    listed: &'v [ListedProject],
    survey: Survey<'v>,
}

/// The projects as far as the list of projects tells of them.
fn estate(view: &OrganizationView<'_>) -> Estate {
    let projects = view.projects.unwrap_or_default().iter();
    let project = |project: &ListedProject| EstateProject {
        id: project.id.clone(),
        name: project.name.clone(),
        clusters: Vec::new(),
    };
    Estate { projects: projects.map(project).collect(), complete: view.projects.is_ok(), clusters_known: false }
}

impl<'v> Asked<'v> {
    fn of(view: &'v OrganizationView<'v>, statements: &'v [Statement]) -> Self {
        let survey = Survey::new(statements, &estate(view));
        Self { view, listed: view.projects.unwrap_or_default(), survey }
    }

    /// One guard in every project that is not exempt. Without a list of projects, in all that there might be.
    fn judge(
        &self,
        seen: &mut Gathered,
        guard: &Guard,
        severity: Option<Severity>,
        standing: &dyn Fn(&ListedProject) -> Standing,
    ) {
        match self.view.projects {
            Ok([_, ..]) => self.tell(seen, guard, severity, standing),
            listing => {
                let mut answers = self.survey.ask(guard);
                answers.retain(|(place, _)| !matches!(place, Place::Cluster(_)));
                let open = answers.iter().filter_map(|(_, answer)| match answer {
                    Answer::NotDenied { example } => Some(example),
                    _ => None,
                });
                let open: Vec<&String> = open.collect();
                if open.len() == answers.len() {
                    self.offend(
                        seen,
                        guard,
                        severity,
                        &format!("is allowed in every project (for example: {})", open[0]),
                    );
                } else if let (Some(_), Err(why)) = (open.first(), listing) {
                    // In some projects only, and nobody knows whether these exist.
                    seen.unseen(why);
                } else {
                    seen.fine();
                }
                doubt(seen, guard, answers.iter().map(|(_, answer)| answer));
            }
        }
    }

    /// One guard in the projects that `standing` picks, which have to be known for it.
    fn judge_listed(&self, seen: &mut Gathered, guard: &Guard, standing: &dyn Fn(&ListedProject) -> Standing) {
        match self.view.projects {
            Ok(_) => self.tell(seen, guard, None, standing),
            Err(why) => seen.unseen(why),
        }
    }

    fn tell(
        &self,
        seen: &mut Gathered,
        guard: &Guard,
        severity: Option<Severity>,
        standing: &dyn Fn(&ListedProject) -> Standing,
    ) {
        let judged = |project: &&usize| standing(&self.listed[**project]) != Standing::Exempt;
        let (mut open, mut closed, mut doubtful) = (Vec::new(), 0_usize, Vec::new());
        let mut example = None;
        for (place, answer) in self.survey.ask(guard) {
            let listed: Vec<usize> = match &place {
                Place::Projects { listed, .. } => listed.iter().filter(judged).copied().collect(),
                Place::Named(_) => Vec::new(),
                Place::Cluster(_) => {
                    if matches!(answer, Answer::Undecided { .. }) {
                        doubtful.push(answer);
                    }
                    continue;
                }
            };
            if listed.is_empty() {
                continue;
            }
            match answer {
                Answer::Denied { .. } | Answer::Frozen { .. } => closed += listed.len(),
                Answer::NotDenied { example: passes } => {
                    example.get_or_insert(passes);
                    open.extend(listed);
                }
                Answer::Undecided { .. } => doubtful.push(answer),
            }
        }
        if let Some(example) = example {
            let everywhere = closed == 0 && doubtful.is_empty() && open.len() == self.listed.len();
            let places = if everywhere { "every project".to_owned() } else { self.names(&mut open, standing) };
            self.offend(seen, guard, severity, &format!("is allowed in {places} (for example: {example})"));
        } else if closed > 0 {
            seen.fine();
        }
        doubt(seen, guard, doubtful.iter());
    }

    fn names(&self, open: &mut [usize], standing: &dyn Fn(&ListedProject) -> Standing) -> String {
        open.sort_unstable();
        let name = |index: &usize| {
            let project = &self.listed[*index];
            let name = project.name.as_deref().unwrap_or(&project.id);
            format!("{name}{}", standing(project).note())
        };
        let named: Vec<String> = open.iter().take(NAMED).map(name).collect();
        match open.len() - named.len() {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }

    fn offend(&self, seen: &mut Gathered, guard: &Guard, severity: Option<Severity>, what: &str) {
        let at = self.view.at.child(Section::ResourcePolicies.slot());
        let mut evidence = Evidence::at(&at, format!("{guard} {what}"));
        evidence.severity = severity;
        seen.offence(evidence);
    }
}

/// What nobody can tell is a hole.
fn doubt<'a>(seen: &mut Gathered, guard: &Guard, answers: impl Iterator<Item = &'a Answer>) {
    for answer in answers {
        if let Answer::Undecided { why } = answer {
            seen.unseen(Unknown::undecidable(format!("{guard}: {why}")));
        }
    }
}
