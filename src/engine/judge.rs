//! A run: every selected rule over every resource that it concerns.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;

use crate::snapshot::cluster::Cluster;
use crate::snapshot::project::Project;
use crate::snapshot::tree::Node;
use crate::snapshot::{Organization, Reason, Ref, Section, Unavailable};

use super::catalogue::SelectedRule;
use super::environment::Environment;
use super::predicate::Predicate;
use super::verdict::{Evidence, Gathered, Hole, Judgement, Unknown, Verdict};
use super::view::{ClusterView, OrganizationView, ProjectView, ScanView, UserView, tag_pairs};

/// One rule's verdict on one resource.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Index into the selected rules.
    pub rule: u16,
    /// What was judged.
    pub at: Ref,
    /// What came of it.
    pub verdict: Judgement,
}

/// All verdicts of a run, and what the reports need to name things.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Sorted by rule and resource.
    pub outcomes: Vec<Outcome>,
    /// Names of projects by their identity.
    pub projects: BTreeMap<Arc<str>, Arc<str>>,
}

/// Judges a snapshot as it streams by: organization first, then project by project.
pub struct Judge<'r> {
    rules: &'r [SelectedRule],
    needs: BTreeSet<Section>,
    now: Timestamp,
    outcomes: Outcomes,
    unread: Vec<(Section, Ref, Unavailable)>,
}

impl<'r> Judge<'r> {
    /// A run of these rules over what was the case at `now`.
    #[must_use]
    pub fn new(rules: &'r [SelectedRule], now: Timestamp) -> Self {
        let needs = rules.iter().flat_map(|selected| selected.rule.needs.iter().copied()).collect();
        Self { rules, needs, now, outcomes: Outcomes::default(), unread: Vec::new() }
    }

    /// Judges what concerns the organization alone.
    pub fn organization(&mut self, organization: &Organization) {
        let at = organization.at();
        self.note_holes(organization, &at);
        let view = OrganizationView { organization, at: &at, now: self.now };
        for (index, predicate) in predicates(self.rules) {
            if let Predicate::Organization(decide) = predicate {
                self.record(index, at.clone(), guarded(|| decide(&view)));
            }
        }
    }

    /// The list of projects could not be read: every rule about projects is unknown.
    pub fn projects_unavailable(&mut self, organization: &Organization, why: &Unavailable) {
        let at = organization.at();
        self.unread.push((Section::Projects, at.child("project"), why.clone()));
        for (index, predicate) in predicates(self.rules) {
            if matches!(predicate, Predicate::Project(_) | Predicate::Cluster(_) | Predicate::DatabaseUser(_)) {
                self.record(index, at.child("project"), Err(why.into()));
            }
        }
    }

    /// Judges one project, its clusters and its users.
    pub fn project(&mut self, organization: &Organization, project: &Project) {
        let at = organization.at().project(&project.id);
        self.note_holes(project, &at);
        if let Some(name) = &project.name {
            self.outcomes.projects.insert(Arc::from(project.id.as_str()), Arc::from(name.as_str()));
        }
        let environment =
            Environment::decide(tag_pairs(project.tags.as_deref()), project.name.as_deref().unwrap_or_default());
        let view = ProjectView { organization, project, at: &at, now: self.now, environment };
        let clusters = project.clusters.known().map(|clusters| {
            let section = at.child(Section::Clusters.slot());
            let judged = clusters.iter().filter(|cluster| is_judged(cluster));
            named(judged, |cluster| section.child(&cluster.key()))
        });
        let users = project.database_users.known().map(|users| {
            let section = at.child(Section::DatabaseUsers.slot());
            named(users.iter(), |user| section.child(&user.key()))
        });
        for (index, predicate) in predicates(self.rules) {
            match predicate {
                Predicate::Project(decide) => self.record(index, at.clone(), guarded(|| decide(&view))),
                Predicate::Cluster(decide) => {
                    self.each(index, &at, &clusters, "the project has no cluster", |at, cluster| {
                        let environment = view.environment_of(cluster);
                        decide(&ClusterView { project: &view, cluster, at, environment })
                    });
                }
                Predicate::DatabaseUser(decide) => {
                    self.each(index, &at, &users, "the project has no database user", |at, user| {
                        decide(&UserView { project: &view, user, at })
                    });
                }
                Predicate::Organization(_) | Predicate::Scan(_) => {}
            }
        }
    }

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

    /// Judges the run itself, and hands everything over.
    #[must_use]
    pub fn finish(mut self, organization: &Organization, offline: bool) -> Outcomes {
        let at = organization.at();
        self.settle();
        let unknown = self.outcomes.outcomes.iter().filter(|outcome| outcome.verdict.is_err()).count();
        let judged = self.outcomes.outcomes.len() - unknown;
        let unread = std::mem::take(&mut self.unread);
        let needs = std::mem::take(&mut self.needs);
        let view = ScanView { organization, at: &at, judged, unknown, unread: &unread, needs: &needs, offline };
        for (index, predicate) in predicates(self.rules) {
            if let Predicate::Scan(decide) = predicate {
                self.record(index, at.clone(), guarded(|| decide(&view)));
            }
        }
        self.settle();
        self.outcomes
    }

    /// Sorts, and leaves one verdict per rule and resource: the halves of a rule may speak of the same one.
    fn settle(&mut self) {
        let outcomes = &mut self.outcomes.outcomes;
        // Within one rule the order is that of the resources' identities, and nearly so already: projects came in it.
        outcomes.sort_by_key(|outcome| outcome.rule);
        outcomes.chunk_by_mut(|a, b| a.rule == b.rule).for_each(|of_rule| of_rule.sort_by(|a, b| a.at.cmp(&b.at)));
        outcomes.dedup_by(|later, kept| {
            let same = later.rule == kept.rule && later.at == kept.at;
            if same {
                let take = |verdict: &mut Judgement| std::mem::replace(verdict, Ok(Verdict::Pass));
                kept.verdict = both(take(&mut kept.verdict), take(&mut later.verdict));
            }
            same
        });
    }

    fn note_holes(&mut self, node: &dyn Node, at: &Ref) {
        for (section, slot) in node.slots() {
            let needs = &self.needs;
            let unread = &mut self.unread;
            slot.visit(section, &|| at.child(section.slot()), &mut |section, at, unavailable| {
                if let Some(why) = unavailable.filter(|why| why.reason != Reason::Unsupported)
                    && needs.contains(&section)
                {
                    unread.push((section, at(), why.clone()));
                }
            });
        }
    }

    fn record(&mut self, rule: u16, at: Ref, verdict: Judgement) {
        let verdict = verdict.map(one_finding_per_resource);
        self.outcomes.outcomes.push(Outcome { rule, at, verdict });
    }
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
fn both(one: Judgement, other: Judgement) -> Judgement {
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
            seen.verdict("").map(one_finding_per_resource)
        }
    }
}

/// A rule fires once per offending resource: two things wrong with one resource are one finding that says both.
/// (GitLab would silently drop the second result on the same line.)
fn one_finding_per_resource(verdict: Verdict) -> Verdict {
    let Verdict::Fail(mut failure) = verdict else { return verdict };
    let mut merged: Vec<Evidence> = Vec::with_capacity(failure.evidence.len());
    failure.evidence.sort_by(|a, b| a.at.cmp(&b.at));
    for evidence in failure.evidence {
        match merged.last_mut().filter(|last| last.at == evidence.at) {
            None => merged.push(evidence),
            Some(last) => {
                last.message = format!("{}; {}", last.message, evidence.message);
                // No severity of its own means the rule's, which the merger does not know: it wins over a milder one.
                last.severity = match (last.severity, evidence.severity) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
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
