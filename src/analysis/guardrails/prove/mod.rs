//! Proofs beside the enumeration: a guard's kind of request as a Cedar condition, all live policies, and a solver.
//!
//! `permit` what is dangerous, Atlas could ask, and happens in this place; add every `forbid`. If that set allows no
//! request at all, the guard holds there, whatever constants there are: the solver looks at every region, number and
//! address, where the enumeration looks at one of each sort. If it allows one, that request is turned into one of
//! ours and put to the Cedar engine before anybody sees it.
//!
//! Nothing here starts a process: whoever asks brings something that solves.

mod model;
mod question;
mod twin;

use cedar_policy::pst::{PolicyID, StaticPolicy};
use cedar_policy::{Policy, PolicyId, PolicySet, Request, RequestEnv, Schema};

use self::question::Kinds;
use super::example::describe;
use super::guard::Guard;
use super::policy::{Forbid, Standing};
use super::request::Facts;
use super::search::Subject;
use super::survey::{Answer, Place, Survey, told_apart};
use super::vocabulary::{self, Action, TODAY, entity};

/// What came of an attempt to prove that a guard holds somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nothing of the kind passes.
    Proved,
    /// This passes.
    Counterexample {
        /// In words.
        example: String,
    },
    /// Neither is known.
    NoProof {
        /// Why not.
        why: String,
    },
}

impl Proof {
    /// Whether an answer of the enumeration and this cannot both be right.
    #[must_use]
    pub const fn contradicts(&self, answer: &Answer) -> bool {
        match self {
            Self::Proved => matches!(answer, Answer::NotDenied { .. }),
            Self::Counterexample { .. } => answer.refuses(),
            Self::NoProof { .. } => false,
        }
    }
}

/// Something to be solved: whether these policies allow any request of this environment.
#[derive(Debug)]
pub struct Question {
    /// One `permit`, and every `forbid`.
    pub policies: PolicySet,
    /// The action, and the types of principal and resource.
    pub environment: RequestEnv,
    /// What requests look like.
    pub schema: &'static Schema,
}

/// What a solver says.
#[derive(Debug)]
pub enum Solved {
    /// No request is allowed.
    Never,
    /// This one is.
    Allowed(Box<Request>),
    /// Not to be told, and why.
    Unknown(String),
}

/// Something that solves.
pub trait Solve {
    /// One question.
    fn solve(&mut self, question: &Question) -> Solved;
}

impl Survey<'_> {
    /// Whether a guard holds, place by place, as far as that can be proved. The places are those of [`Survey::ask`].
    pub fn prove(&self, guard: &Guard, solver: &mut dyn Solve) -> Vec<(Place, Proof)> {
        let action = guard.action();
        let (usual, _) = &self.arenas[&action];
        let own = told_apart(guard, usual);
        let kinds = Kinds::of(own.as_ref().unwrap_or(usual));
        let mut attempt = Attempt { survey: self, guard, kinds, forbids: self.forbids(action), solver };
        let mut proofs: Vec<(Place, Proof)> =
            self.places.iter().map(|(place, subject)| (place.clone(), attempt.prove(subject))).collect();
        if action.is_of_cluster() {
            for (index, cluster) in self.strays.iter().enumerate() {
                proofs.push((Place::Cluster(cluster.clone()), attempt.stray(cluster, index)));
            }
        }
        proofs
    }

    /// The policies about an action that are in force, each with what stands in its body.
    fn about(&self, action: Action) -> impl Iterator<Item = (&str, &Forbid)> {
        self.statements().iter().filter_map(move |statement| match &statement.standing {
            Standing::InForce(forbid) if forbid.actions.contains(&action) => Some((statement.body.as_str(), &**forbid)),
            _ => None,
        })
    }

    /// What they say of today's request.
    fn forbids(&self, action: Action) -> Result<PolicySet, String> {
        let mut policies = PolicySet::new();
        for (index, (body, _)) in self.about(action).enumerate() {
            for (number, policy) in twin::readings(action, body)?.into_iter().enumerate() {
                let id: PolicyID = format!("forbid {index}.{number}").as_str().into();
                let policy = StaticPolicy::try_from(policy.with_id(id)).map_err(|error| unexpected(&error))?;
                let policy = Policy::from_pst(policy.into()).map_err(|error| unexpected(&error))?;
                policies.add(policy).map_err(|error| unexpected(&error))?;
            }
        }
        Ok(policies)
    }
}

struct Attempt<'s, 'a> {
    survey: &'s Survey<'a>,
    guard: &'s Guard,
    kinds: Kinds,
    /// The policies, or why they cannot be put to a solver.
    forbids: Result<PolicySet, String>,
    solver: &'s mut dyn Solve,
}

impl Attempt<'_, '_> {
    fn prove(&mut self, subject: &Subject) -> Proof {
        let question = match self.question(subject) {
            Ok(question) => question,
            Err(why) => return Proof::NoProof { why },
        };
        match self.solver.solve(&question) {
            Solved::Never => Proof::Proved,
            Solved::Unknown(why) => Proof::NoProof { why },
            Solved::Allowed(request) => match self.tried(subject, &request) {
                Ok(example) => match self.survey.doubt(self.guard.action()) {
                    Some(why) => Proof::NoProof { why },
                    None => Proof::Counterexample { example },
                },
                Err(why) => Proof::NoProof { why },
            },
        }
    }

    /// A cluster of which nobody knows the project, nor whether it is still there.
    fn stray(&mut self, cluster: &str, stray: usize) -> Proof {
        let survey = self.survey;
        for (_, place) in &survey.places {
            match self.prove(&survey.stray_in(place, cluster, stray)) {
                Proof::Proved => {}
                Proof::Counterexample { example } => {
                    let why =
                        format!("it is not known whether cluster {cluster} exists, for which this passes: {example}");
                    return Proof::NoProof { why };
                }
                unknown @ Proof::NoProof { .. } => return unknown,
            }
        }
        Proof::Proved
    }

    fn question(&self, subject: &Subject) -> Result<Question, String> {
        let action = self.guard.action();
        let (resource, context) = (self.kinds.place(action, subject), self.kinds.real(action));
        let danger = self.kinds.danger(self.guard);
        let condition: Vec<String> =
            resource.into_iter().chain(context).chain([danger]).map(|part| format!("({part})")).collect();
        let permit = format!(
            "permit (principal, action == {}, resource) when {{ {} }};",
            entity(TODAY, "Action", action.id()),
            condition.join(" && ")
        );
        let permit = Policy::parse(Some(PolicyId::new("permit")), permit).map_err(|error| unexpected(&error))?;
        let mut policies = self.forbids.clone()?;
        policies.add(permit).map_err(|error| unexpected(&error))?;
        let type_of = |kind: &str| entity(TODAY, kind, "").type_name().clone();
        let resource = if action.is_of_cluster() { "Cluster" } else { "Project" };
        let environment = RequestEnv::new(type_of("User"), entity(TODAY, "Action", action.id()), type_of(resource));
        Ok(Question { policies, environment, schema: vocabulary::schema() })
    }

    /// Puts the solver's request to the Cedar engine, as Atlas would ask it. In words if it passes there too.
    fn tried(&self, subject: &Subject, request: &Request) -> Result<String, String> {
        let action = self.guard.action();
        let facts = model::facts(action, &subject.project, request, &self.kinds)
            .ok_or("the solver's counterexample is not understood")?;
        let what = || format!("the solver's counterexample does not stand up: {}", describe(action, &facts));
        if !self.guard.holds(&facts, self.kinds.new_for(self.guard)) {
            return Err(what());
        }
        let entities = facts.entities();
        for (_, forbid) in self.survey.about(action) {
            for request in Facts::requests(&facts, action) {
                if forbid.matches(&request, &entities)? {
                    return Err(what());
                }
            }
        }
        Ok(describe(action, &facts))
    }
}

fn unexpected(error: &dyn std::fmt::Display) -> String {
    format!("it cannot be put as a question: {error}")
}
