//! Judges by an expression.

use std::collections::BTreeSet;
use std::sync::Arc;

use cel::{Context, Env, ExecutionError, Program, Value};
use jiff::Timestamp;
use serde::Serialize;

use super::{Compiled, functions, values};
use crate::engine::predicate::Predicate;
use crate::engine::rule::{Rule, Scope};
use crate::engine::verdict::{Evidence, Gathered, Hole, Judgement, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::snapshot::tree::Node;
use crate::snapshot::{Organization, Reason, Ref, Section};

/// A rule's expression with its parameters bound.
struct Bound {
    rule: &'static Rule,
    compiled: Arc<Compiled>,
    needs: BTreeSet<Section>,
    parameters: Value,
}

/// What decides such a rule.
pub(in crate::engine) fn predicates(
    rule: &'static Rule,
    compiled: &Arc<Compiled>,
    parameters: &toml::Table,
) -> Vec<Predicate> {
    let bound = Bound {
        rule,
        compiled: Arc::clone(compiled),
        needs: rule.needs.iter().copied().collect(),
        parameters: cel::to_value(parameters).unwrap_or(Value::Null),
    };
    let predicate = match rule.scope {
        Scope::Organization => Predicate::Organization(Box::new(move |view| {
            bound.judge(view.organization, None, view.now, "organization", view.organization, view.at)
        })),
        Scope::Project => Predicate::Project(Box::new(move |view| {
            bound.judge(view.organization, Some(view), view.now, "project", view.project, view.at)
        })),
        Scope::Cluster => Predicate::Cluster(Box::new(move |view| {
            let project = view.project;
            bound.judge(project.organization, Some(project), project.now, "cluster", view.cluster, view.at)
        })),
        Scope::DatabaseUser => Predicate::DatabaseUser(Box::new(move |view| {
            let project = view.project;
            bound.judge(project.organization, Some(project), project.now, "user", view.user, view.at)
        })),
        // Refused when the rule is loaded.
        Scope::Scan => return Vec::new(),
    };
    vec![predicate]
}

impl Bound {
    fn judge<T: Node + Serialize>(
        &self,
        organization: &Organization,
        project: Option<&ProjectView<'_>>,
        now: Timestamp,
        name: &'static str,
        subject: &T,
        at: &Ref,
    ) -> Judgement {
        let mut context = Context::with_env(Arc::new(Env::stdlib()));
        functions::add_to(&mut context);
        context.add_variable_from_value("parameters", self.parameters.clone());
        if self.mentions("now") {
            context.add_variable_from_value("now", timestamp(now)?);
        }
        if let Some(project) = project {
            context.add_variable_from_value("environment", project.environment.as_str().to_owned());
            if name != "project" && self.mentions("project") {
                add(&mut context, "project", &values::of(project.project, project.at, &self.needs)?)?;
            }
        }
        if name != "organization" && self.mentions("organization") {
            add(&mut context, "organization", &values::of(organization, &organization.at(), &self.needs)?)?;
        }
        if self.mentions(name) {
            add(&mut context, name, &values::of(subject, at, &self.needs)?)?;
        }
        let Some(each) = self.rule.each else {
            return Ok(if self.holds(&context)? {
                Verdict::Pass
            } else {
                Verdict::of([self.evidence(at, &context, name, subject.key())])
            });
        };
        let slots = subject.slots();
        let slot = slots.iter().find(|(section, _)| *section == each).map(|(_, slot)| *slot);
        let Some(slot) = slot else { return Err(Hole::Bug(format!("{each} has no place")).into()) };
        match slot.unavailable() {
            Some(why) if why.reason == Reason::Unsupported => {
                return Ok(Verdict::not_applicable("Atlas does not offer this here"));
            }
            Some(why) => return Err(why.into()),
            None => {}
        }
        let mut seen = Gathered::new();
        for (at, item) in values::entries(each, slot, at, &self.needs)? {
            let mut inner = context.new_inner_scope();
            let judged = item.and_then(|item| add(&mut inner, "item", &item)).and_then(|()| self.holds(&inner));
            match judged {
                Ok(true) => seen.fine(),
                Ok(false) => {
                    let key = at.as_str().rsplit('/').next().unwrap_or_default().to_owned();
                    seen.offence(self.evidence(&at, &inner, "item", key));
                }
                Err(why) => seen.unseen(why),
            }
        }
        seen.verdict("the list is empty")
    }

    fn mentions(&self, variable: &str) -> bool {
        let programs = std::iter::once(&self.compiled.condition).chain(&self.compiled.message);
        programs.into_iter().any(|program| program.references().has_variable(variable))
    }

    fn holds(&self, context: &Context<'_, '_>) -> Result<bool, Unknown> {
        match self.compiled.condition.execute(context) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(other) => {
                Err(Unknown::undecidable(format!("the expression gives {}, not true or false", other.type_of())))
            }
            Err(ExecutionError::NoSuchKey(field)) => Err(Unknown::absent(field.to_string())),
            Err(error) => Err(Unknown::undecidable(format!("the expression cannot be evaluated: {error}"))),
        }
    }

    fn evidence(&self, at: &Ref, context: &Context<'_, '_>, placeholder: &'static str, key: String) -> Evidence {
        let said = self.compiled.message.as_ref().and_then(|message| message.execute(context).ok());
        let message = match said {
            Some(Value::String(text)) => text.replace(['\n', '\r'], " "),
            _ => self.rule.title.clone(),
        };
        Evidence::at(at, message).fact(placeholder, key)
    }
}

fn add(context: &mut Context<'_, '_>, name: &str, value: &serde_json::Value) -> Result<(), Unknown> {
    let value = cel::to_value(value).map_err(|error| Hole::Bug(error.to_string()))?;
    context.add_variable_from_value(name, value);
    Ok(())
}

/// A moment as CEL has it, without knowing the crate that CEL has it from.
fn timestamp(moment: Timestamp) -> Result<Value, Unknown> {
    let mut context = Context::with_env(Arc::new(Env::stdlib()));
    context.add_variable_from_value("text", moment.to_string());
    let program = Program::compile("timestamp(text)").map_err(|error| Hole::Bug(error.to_string()))?;
    program.execute(&context).map_err(|error| Hole::Bug(error.to_string()).into())
}
