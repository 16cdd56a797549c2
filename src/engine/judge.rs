//! A run: every selected rule over every resource that it concerns.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;

use crate::snapshot::cluster::Cluster;
use crate::snapshot::project::{ListedProject, Project};
use crate::snapshot::tree::Node;
use crate::snapshot::{Listing, Organization, Reason, Ref, Section, Unavailable};

use super::catalogue::SelectedRule;
use super::declared::Declared;
use super::environment::Environment;
use super::legs::Legs;
use super::outcomes::{Outcome, Outcomes};
use super::predicate::Predicate;
use super::severity::Severity;
use super::verdict::{Evidence, Gathered, Hole, Judgement, Unknown, Verdict};
use super::view::{
    ClusterView, CombinationView, Lazily, OrganizationCombinationView, OrganizationView, ProjectView, ScanView,
    UserView,
};

/// Judges a snapshot as it streams by: organization first, then project by project, in the order of their ids.
pub struct Judge<'r> {
    bench: Arc<Bench<'r>>,
    outcomes: Outcomes,
    unread: Vec<Unread>,
}

/// Something that a rule needs and that could not be read.
type Unread = (Section, Ref, Unavailable);

/// What is judged by, and what is known before the first project: threads may judge projects by it side by side.
pub struct Bench<'r> {
    rules: &'r [SelectedRule],
    declared: &'r Declared,
    by_id: BTreeMap<&'static str, u16>,
    needs: BTreeSet<Section>,
    now: Timestamp,
    /// What the listed projects are for.
    environments: Arc<BTreeMap<String, Environment>>,
    /// What was said of the organization: rules about projects may build on it.
    organization: Vec<Outcome>,
}

/// What was said of one project.
#[derive(Debug)]
pub struct JudgedProject {
    /// Its id and name.
    name: Option<(Arc<str>, Arc<str>)>,
    outcomes: Vec<Outcome>,
    unread: Vec<Unread>,
}

impl<'r> Judge<'r> {
    /// A run of these rules over what was the case at `now`.
    #[must_use]
    pub fn new(rules: &'r [SelectedRule], declared: &'r Declared, now: Timestamp) -> Self {
        let bench = Bench {
            rules,
            declared,
            by_id: (0_u16..).zip(rules).map(|(index, selected)| (selected.rule.id.as_str(), index)).collect(),
            needs: rules.iter().flat_map(|selected| selected.rule.needs.iter().copied()).collect(),
            now,
            environments: Arc::default(),
            organization: Vec::new(),
        };
        Self { bench: Arc::new(bench), outcomes: Outcomes::default(), unread: Vec::new() }
    }

    /// Judges what concerns the organization alone. If the list of its projects could not be read, every rule about
    /// projects is unknown. Once, and before any project.
    ///
    /// # Panics
    ///
    /// If projects are being judged already.
    pub fn organization(&mut self, organization: &Organization, projects: Listing<'_>) {
        let at = organization.at();
        let bench = Arc::get_mut(&mut self.bench).expect("the organization comes before its projects");
        self.unread.extend(bench.holes(organization, &at));
        let (rules, declared) = (bench.rules, bench.declared);
        let view = OrganizationView { organization, at: &at, projects, declared, now: bench.now };
        let mut said = Said { rules, outcomes: Vec::new() };
        for (index, predicate) in predicates(rules) {
            if let Predicate::Organization(decide) = predicate {
                said.record(index, at.clone(), guarded(|| decide(&view)));
            }
        }
        let purpose = |project: &ListedProject| {
            declared.environment(&project.id, project.name.as_deref(), Some(project.tags.as_slice()))
        };
        let listed = projects.unwrap_or_default().iter().map(|project| (project.id.clone(), purpose(project)));
        bench.environments = Arc::new(listed.collect());
        if let Err(why) = projects {
            self.unread.push((Section::Projects, at.child("project"), why.clone()));
            for (index, predicate) in predicates(rules) {
                if predicate.is_about_projects() {
                    said.record(index, at.child("project"), Err(why.into()));
                }
            }
        }
        settle(&mut said.outcomes, rules);
        let before = std::mem::take(&mut said.outcomes);
        for (index, predicate) in predicates(rules) {
            if let Predicate::OrganizationCombination(decide) = predicate {
                let legs = Legs { rules: &bench.by_id, organization: &before, project: &[] };
                let verdict = guarded(|| decide(&OrganizationCombinationView { organization: &view, legs }));
                said.record(index, at.clone(), verdict);
            }
        }
        let mut all = before;
        all.append(&mut said.outcomes);
        settle(&mut all, rules);
        self.outcomes.take(all.iter().filter(|outcome| is_reported(rules, outcome)).cloned());
        bench.organization = all;
    }

    /// What projects are judged by, for threads that judge them side by side; `take` what they say in the order of ids.
    #[must_use]
    pub fn bench(&self) -> Arc<Bench<'r>> {
        Arc::clone(&self.bench)
    }

    /// Judges one project, its clusters and its users.
    pub fn project(&mut self, organization: &Organization, project: &Project) {
        let judged = self.bench.project(organization, project);
        self.take(judged);
    }

    /// Takes in what was said of a project. Projects come in the order of their ids.
    pub fn take(&mut self, judged: JudgedProject) {
        self.outcomes.projects.extend(judged.name);
        self.unread.extend(judged.unread);
        let rules = self.bench.rules;
        self.outcomes.take(judged.outcomes.into_iter().filter(|outcome| is_reported(rules, outcome)));
    }

    /// Judges the run itself, and hands everything over.
    #[must_use]
    pub fn finish(mut self, organization: &Organization, offline: bool) -> Outcomes {
        let at = organization.at();
        let unknown = self.outcomes.unknown_count();
        let judged = self.outcomes.len() - unknown;
        let (rules, needs) = (self.bench.rules, &self.bench.needs);
        let view = ScanView { organization, at: &at, judged, unknown, unread: &self.unread, needs, offline };
        let mut said = Said { rules, outcomes: Vec::new() };
        for (index, predicate) in predicates(rules) {
            if let Predicate::Scan(decide) = predicate {
                said.record(index, at.clone(), guarded(|| decide(&view)));
            }
        }
        settle(&mut said.outcomes, rules);
        self.outcomes.take(said.outcomes.into_iter().filter(|outcome| is_reported(rules, outcome)));
        self.outcomes.sort();
        self.outcomes
    }
}

impl Bench<'_> {
    /// Judges one project, its clusters and its users.
    #[must_use]
    pub fn project(&self, organization: &Organization, project: &Project) -> JudgedProject {
        let at = organization.at().project(&project.id);
        let unread = self.holes(project, &at);
        let name = project.name.as_deref().map(|name| (Arc::from(project.id.as_str()), Arc::from(name)));
        let (rules, declared) = (self.rules, self.declared);
        let environment = declared.environment(&project.id, project.name.as_deref(), project.tags.as_deref());
        let resolver = Lazily::new(project, self.now);
        let view = ProjectView {
            organization,
            project,
            at: &at,
            declared,
            now: self.now,
            environment,
            environments: &self.environments,
            resolver: &resolver,
        };
        let clusters = project.clusters.known().map(|clusters| {
            let section = at.child(Section::Clusters.slot());
            let judged = clusters.iter().filter(|cluster| is_judged(cluster));
            named(judged, |cluster| section.child(&cluster.key()))
        });
        let users = project.database_users.known().map(|users| {
            let section = at.child(Section::DatabaseUsers.slot());
            named(users.iter(), |user| section.child(&user.key()))
        });
        let mut said = Said { rules, outcomes: Vec::new() };
        for (index, predicate) in predicates(rules) {
            match predicate {
                Predicate::Project(decide) => said.record(index, at.clone(), guarded(|| decide(&view))),
                Predicate::Cluster(decide) => {
                    said.each(index, &at, &clusters, "the project has no cluster", |at, cluster| {
                        let environment = view.environment_of(cluster);
                        decide(&ClusterView { project: &view, cluster, at, environment })
                    });
                }
                Predicate::DatabaseUser(decide) => {
                    said.each(index, &at, &users, "the project has no database user", |at, user| {
                        decide(&UserView { project: &view, user, at })
                    });
                }
                Predicate::Organization(_)
                | Predicate::Combination(_)
                | Predicate::OrganizationCombination(_)
                | Predicate::Scan(_) => {}
            }
        }
        settle(&mut said.outcomes, rules);
        let mut all = std::mem::take(&mut said.outcomes);
        for (index, predicate) in predicates(rules) {
            if let Predicate::Combination(decide) = predicate {
                let legs = Legs { rules: &self.by_id, organization: &self.organization, project: &all };
                let verdict = guarded(|| decide(&CombinationView { project: &view, legs }));
                said.record(index, at.clone(), verdict);
            }
        }
        all.append(&mut said.outcomes);
        settle(&mut all, rules);
        JudgedProject { name, outcomes: all, unread }
    }

    fn holes(&self, node: &dyn Node, at: &Ref) -> Vec<Unread> {
        let mut unread = Vec::new();
        for (section, slot) in node.slots() {
            slot.visit(section, &|| at.child(section.slot()), &mut |section, at, unavailable| {
                if let Some(why) = unavailable.filter(|why| why.reason != Reason::Unsupported)
                    && self.needs.contains(&section)
                {
                    unread.push((section, at(), why.clone()));
                }
            });
        }
        unread
    }
}

/// Verdicts as they are reached.
struct Said<'r> {
    rules: &'r [SelectedRule],
    outcomes: Vec<Outcome>,
}

impl Said<'_> {
    fn each<T>(
        &mut self,
        rule: u16,
        project: &Ref,
        items: &Result<Vec<(Ref, T)>, &Unavailable>,
        none: &'static str,
        judge: impl Fn(&Ref, &T) -> Judgement,
    ) {
        match items {
            Err(why) => self.record(rule, project.clone(), Err((*why).into())),
            Ok(items) if items.is_empty() => self.record(rule, project.clone(), Ok(Verdict::not_applicable(none))),
            Ok(items) => {
                for (at, item) in items {
                    self.record(rule, at.clone(), guarded(|| judge(at, item)));
                }
            }
        }
    }

    fn record(&mut self, rule: u16, at: Ref, verdict: Judgement) {
        let usual = self.rules[usize::from(rule)].rule.severity;
        let verdict = verdict.map(|verdict| one_finding_per_resource(verdict, usual));
        self.outcomes.push(Outcome { rule, at, verdict });
    }
}

/// Sorts, and leaves one verdict per rule and resource: the halves of a rule may speak of the same one.
fn settle(outcomes: &mut Vec<Outcome>, rules: &[SelectedRule]) {
    outcomes.sort_by(|a, b| (a.rule, &a.at).cmp(&(b.rule, &b.at)));
    outcomes.dedup_by(|later, kept| {
        let same = later.rule == kept.rule && later.at == kept.at;
        if same {
            let take = |verdict: &mut Judgement| std::mem::replace(verdict, Ok(Verdict::Pass));
            let usual = rules[usize::from(kept.rule)].rule.severity;
            kept.verdict = both(take(&mut kept.verdict), take(&mut later.verdict), usual);
        }
        same
    });
}

/// A rule that was not asked for, and is judged for the sake of one that builds on it, stays in the dark.
fn is_reported(rules: &[SelectedRule], outcome: &Outcome) -> bool {
    rules[usize::from(outcome.rule)].reported
}

/// Resources with their identities: made once, shared by the verdicts of all rules.
fn named<T>(items: impl Iterator<Item = T>, at: impl Fn(&T) -> Ref) -> Vec<(Ref, T)> {
    items.map(|item| (at(&item), item)).collect()
}

/// Atlas's own clusters are not the customer's to change, and of deleted ones only backups are left.
fn is_judged(cluster: &Cluster) -> bool {
    cluster.is_internal() != Some(true) && cluster.is_deleted() != Some(true)
}

fn predicates(rules: &[SelectedRule]) -> impl Iterator<Item = (u16, &Predicate)> {
    rules.iter().enumerate().flat_map(|(index, selected)| {
        let index = u16::try_from(index).expect("there are fewer than 65,536 rules");
        selected.predicates.iter().map(move |predicate| (index, predicate))
    })
}

/// A bug in one rule must not hide the other verdicts.
fn guarded(decide: impl FnOnce() -> Judgement) -> Judgement {
    catch_unwind(AssertUnwindSafe(decide)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| Cow::Borrowed(*text))
            .or_else(|| panic.downcast_ref::<String>().map(|text| Cow::Owned(text.clone())))
            .unwrap_or(Cow::Borrowed("no message"));
        Err(Unknown::from(Hole::Bug(message.into_owned())))
    })
}

/// What two halves of a rule say together: a failure outranks what is not known, and that a pass.
fn both(one: Judgement, other: Judgement, usual: Severity) -> Judgement {
    match (one, other) {
        (Ok(Verdict::NotApplicable(one)), Ok(Verdict::NotApplicable(other))) if one != other => {
            Ok(Verdict::not_applicable(format!("{one}; {other}")))
        }
        (one, Ok(Verdict::NotApplicable(_))) => one,
        (Ok(Verdict::NotApplicable(_)), other) => other,
        (one, other) => {
            let mut seen = Gathered::new();
            seen.absorb(one);
            seen.absorb(other);
            seen.verdict("").map(|verdict| one_finding_per_resource(verdict, usual))
        }
    }
}

/// A rule fires once per offending resource: two things wrong with one resource are one finding that says both.
/// (GitLab would silently drop the second result on the same line.)
fn one_finding_per_resource(verdict: Verdict, usual: Severity) -> Verdict {
    let Verdict::Fail(mut failure) = verdict else { return verdict };
    let mut merged: Vec<Evidence> = Vec::with_capacity(failure.evidence.len());
    failure.evidence.sort_by(|a, b| a.at.cmp(&b.at));
    for evidence in failure.evidence {
        match merged.last_mut().filter(|last| last.at == evidence.at) {
            None => merged.push(evidence),
            Some(last) => {
                last.message = format!("{}; {}", last.message, without_subject(&evidence, &last.message));
                // No severity of its own means the rule's usual one; of two the worse counts.
                let worse = last.severity.unwrap_or(usual).max(evidence.severity.unwrap_or(usual));
                last.severity = (worse != usual).then_some(worse);
                if last.pointer != evidence.pointer {
                    last.pointer = None;
                }
                for fact in evidence.facts {
                    if !last.facts.iter().any(|(name, _)| *name == fact.0) {
                        last.facts.push(fact);
                    }
                }
            }
        }
    }
    failure.evidence = merged;
    Verdict::Fail(failure)
}

/// What a message adds to one about the same resource: `app writes admin; administers config` names `app` once.
fn without_subject<'a>(evidence: &'a Evidence, before: &str) -> &'a str {
    let names = evidence.facts.iter().map(|(_, name)| name.as_str()).filter(|name| !name.is_empty());
    let predicate = |message: &'a str, name: &str| message.strip_prefix(name)?.strip_prefix(' ');
    names
        .filter(|name| before.strip_prefix(*name).is_some_and(|rest| rest.starts_with(' ')))
        .find_map(|name| predicate(evidence.message.as_str(), name))
        .unwrap_or(&evidence.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_halves_the_worse_stands_and_nothing_that_either_says_is_lost() {
        let at = Ref::organization("1");
        let pass = || Ok(Verdict::Pass);
        let nothing = || Ok(Verdict::not_applicable("nothing here"));
        let fail = |message: &str| Ok(Verdict::of([Evidence::at(&at, message)]));
        let unknown = |field: &'static str| Err(Unknown::absent(field));
        let both = |one, other| both(one, other, Severity::High);
        assert_eq!(both(nothing(), pass()), pass());
        assert_eq!(both(pass(), nothing()), pass());
        assert_eq!(both(nothing(), nothing()), nothing());
        assert_eq!(
            both(nothing(), Ok(Verdict::not_applicable("nor there"))),
            Ok(Verdict::not_applicable("nothing here; nor there"))
        );
        assert_eq!(both(pass(), unknown("a")), unknown("a"));
        assert_eq!(both(unknown("a"), unknown("b")).unwrap_err().holes.len(), 2);
        assert_eq!(both(fail("a"), fail("b")), fail("a; b"));
        let Ok(Verdict::Fail(failure)) = both(unknown("a"), fail("b")) else { panic!("a failure outranks a hole") };
        assert_eq!((failure.evidence.len(), failure.unseen.len()), (1, 1));
    }
}
