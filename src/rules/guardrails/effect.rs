//! What policies come to: what breaks them already, and which of them do nothing.

use serde::Deserialize;

use crate::analysis::guardrails::{Estate, Place, Survey, Worth, read};
use crate::engine::environment::Environment;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown, Verdict};
use crate::engine::view::OrganizationView;
use crate::rules::exemption::{ExemptProject, Standing, project_standing};
use crate::snapshot::Section;
use crate::snapshot::tree::Node;

/// ATL-POL-005
pub(crate) fn non_compliant_resources(view: &OrganizationView<'_>, _: &NoParameters) -> Judgement {
    let mut seen = Gathered::new();
    let section = view.at.child(Section::NonCompliantResources.slot());
    let policies = view.resource_policies.known();
    for resource in seen.see(view.non_compliant_resources.known()).into_iter().flatten() {
        let kind = match resource.resource_type.as_deref() {
            Some(kind) if kind.ends_with("PROJECT") => "project",
            Some(kind) if kind.ends_with("CLUSTER") => "cluster",
            _ => "resource",
        };
        let id = resource.resource_id.as_deref().unwrap_or("without an id");
        let name = resource.resource_name.as_deref().unwrap_or(id);
        let causes = resource.resource_policies_causing_non_compliance.as_deref().unwrap_or_default();
        let at = section.child(&resource.key());
        let called = format!("{kind} {name}");
        let mut offend = |policy: &str| {
            seen.offence(Evidence::at(&at, format!("{called} breaks {policy}")).fact("resource", &called));
        };
        if causes.is_empty() {
            offend("a resource policy");
        }
        for cause in causes {
            let policy = cause.resource_policy_name.as_ref().or(cause.resource_policy_id.as_ref());
            offend(&policy.map_or_else(|| "a resource policy".to_owned(), |name| format!("`{name}`")));
        }
    }
    match policies {
        Ok(policies) if policies.is_empty() => {}
        Ok(_) => seen.fine(),
        Err(why) => seen.unseen(why),
    }
    seen.verdict("the organization has no resource policy")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ineffective {
    exemptions: Vec<ExemptProject>,
}

/// ATL-POL-006
pub(crate) fn ineffective(view: &OrganizationView<'_>, parameters: &Ineffective) -> Judgement {
    let statements = read(view.resource_policies.known()?);
    if statements.is_empty() {
        return Ok(Verdict::not_applicable("the organization has no resource policy"));
    }
    // The list may leave out projects that nobody wanted to look at: one that a policy names may exist all the same.
    let estate = Estate { complete: false, ..super::estate(view) };
    let survey = Survey::new(&statements, &estate);
    let mut seen = Gathered::new();
    let at = |statement: usize| view.at.child(Section::ResourcePolicies.slot()).child(&statements[statement].policy_id);
    let evidence = |statement: usize, what: &str| {
        let statement_of = &statements[statement];
        Evidence::at(&at(statement), format!("`{}` {what}", statement_of.name)).fact("policy", &*statement_of.name)
    };
    for (index, worth) in survey.worth().into_iter().enumerate() {
        match worth {
            Worth::Guards(_) => seen.fine(),
            Worth::Defective(defect) => seen.offence(evidence(index, &defect.to_string())),
            Worth::Undecided(why) => seen.unseen(Unknown::undecidable(format!("`{}` {why}", statements[index].name))),
        }
    }
    let listed = view.projects.unwrap_or_default();
    for exemption in survey.exemptions() {
        let policy = &statements[exemption.statement].name;
        match &exemption.place {
            Place::Projects { listed: places, .. } => {
                for index in places {
                    let project = &listed[*index];
                    let name = project.name.as_deref();
                    if view.declared.environment(&project.id, name, Some(&project.tags)) != Environment::Production {
                        continue;
                    }
                    let standing = project_standing(&parameters.exemptions, &project.id, name, view.now);
                    if standing != Standing::Exempt {
                        let name = name.unwrap_or(&project.id);
                        let what = format!(
                            "leaves out {name}, which is production: {} passes there{}",
                            exemption.example,
                            standing.note()
                        );
                        seen.offence(evidence(exemption.statement, &what));
                    }
                }
            }
            // Whether these are production is not to be seen from here.
            Place::Named(ids) => {
                for id in ids {
                    if project_standing(&parameters.exemptions, id, None, view.now) != Standing::Exempt {
                        match view.projects {
                            Err(why) => seen.unseen(why),
                            // A project that is gone, or that nobody wanted to look at.
                            Ok(_) => seen.fine(),
                        }
                    }
                }
            }
            Place::Cluster(id) => {
                if project_standing(&parameters.exemptions, id, None, view.now) != Standing::Exempt {
                    let why = format!("`{policy}` leaves out cluster {id}, and whether that is production is not told");
                    seen.unseen(Unknown::undecidable(why));
                }
            }
        }
    }
    seen.verdict("")
}
