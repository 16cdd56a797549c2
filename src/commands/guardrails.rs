//! `atlas-audit guardrails`: what the organization's resource policies really refuse, and where not.

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::analysis::guardrails::suggest::{suggest, usual};
use crate::analysis::guardrails::{
    self, Answer, Estate, EstateProject, Guard, Place, Survey, UNGUARDABLE, Worth as Judged,
};
use crate::cli::{GuardrailsArgs, PageFormat};
use crate::error::Error;
use crate::report::Style;
use crate::report::guardrails::{
    Answered, Contradiction, Guarded, Guardrails, Kind, LeftOut, Named, Policy, Proof, Suggested, Suggestions, Worth,
};
use crate::snapshot::{Project, Section};

use super::live::Event;
use super::output::to_stdout;
use super::proving::{Prover, beside, prover};
use super::source;

/// Reads, asks, tells.
pub fn run(args: &GuardrailsArgs, quiet: bool) -> Result<ExitCode, Error> {
    let mut prover = prover(args.prove)?;
    let mut sections = BTreeSet::from([Section::ResourcePolicies, Section::Projects]);
    if args.source.demo {
        // Live it would be a call for each project, and only policies that name a cluster need it.
        sections.insert(Section::Clusters);
    }
    let mut estate = Estate { clusters_known: true, ..Estate::default() };
    let mut projects_unread = None;
    let read = source::read(&args.source, &sections, quiet, &mut |event| match event {
        Event::Organization { projects, .. } => match projects {
            Ok(listed) => {
                let known = |id: &String, name: &Option<String>| EstateProject {
                    id: id.clone(),
                    name: name.clone(),
                    clusters: Vec::new(),
                };
                estate.projects = listed.iter().map(|project| known(&project.id, &project.name)).collect();
            }
            Err(why) => projects_unread = Some(why.to_string()),
        },
        Event::Project { project, .. } => clusters_of(project, &mut estate),
    })?;
    if let Some(interrupted) = &read.interrupted {
        interrupted.tell();
    }
    let scope = &args.source.scope;
    estate.complete = projects_unread.is_none() && scope.project.is_empty() && scope.exclude_project.is_empty();
    let organization = Named { id: read.organization.id.clone(), name: read.organization.name.clone() };
    let policies = read.organization.resource_policies.known();
    let statements = policies.map(|policies| guardrails::read(policies));
    let mut told = Guardrails {
        version: 1,
        organization,
        taken: read.header.taken.to_string(),
        source: read.header.source,
        complete: read.complete,
        policies_unread: statements.as_ref().err().map(ToString::to_string),
        projects_unread,
        guards: Vec::new(),
        policies: Vec::new(),
        exemptions: Vec::new(),
        contradictions: Vec::new(),
        unguardable: UNGUARDABLE.to_vec(),
    };
    let statements = statements.unwrap_or_default();
    let survey = Survey::new(&statements, &estate);
    if args.suggest && told.policies_unread.is_none() {
        return suggestions(args, &survey);
    }
    if told.policies_unread.is_none() {
        fill(&mut told, &survey, &estate, &chosen(args), prover.as_mut());
    }
    let undecided = |guarded: &Guarded| {
        let is_open =
            |answer: &Answered| answer.answer == Kind::Undecided || matches!(answer.proof, Some(Proof::NoProof { .. }));
        guarded.answers.iter().any(is_open)
    };
    let open = told.policies_unread.is_some()
        || told.projects_unread.is_some()
        || !told.complete
        || told.guards.iter().any(undecided);
    to_stdout(|out| {
        Ok(match args.format {
            PageFormat::Table => told.write(out, &Style::of_stdout()),
            PageFormat::Json => told.write_json(out),
        }?)
    })?;
    Ok(ExitCode::from(if open { 3 } else { 0 }))
}

/// Which guards are asked about.
fn chosen(args: &GuardrailsArgs) -> Vec<Guard> {
    let mut guards = if args.guard.is_empty() { Guard::all() } else { args.guard.clone() };
    if !args.allow_region.is_empty() {
        for guard in &mut guards {
            if matches!(guard, Guard::Regions(_)) {
                *guard = Guard::Regions(Some(args.allow_region.clone()));
            }
        }
    }
    guards
}

fn clusters_of(project: &Project, estate: &mut Estate) {
    let Some(known) = estate.projects.iter_mut().find(|known| known.id == project.id) else { return };
    match project.clusters.known() {
        Ok(clusters) if clusters.iter().all(|cluster| cluster.id.is_some()) => {
            known.clusters = clusters.iter().filter_map(|cluster| cluster.id.clone()).collect();
        }
        _ => estate.clusters_known = false,
    }
}

fn fill(
    told: &mut Guardrails,
    survey: &Survey<'_>,
    estate: &Estate,
    guards: &[Guard],
    mut prover: Option<&mut Prover>,
) {
    let statements = survey.statements();
    let name = |index: &usize| statements[*index].name.clone();
    let projects = |listed: &[usize]| listed.iter().map(|index| named(&estate.projects[*index])).collect::<Vec<_>>();
    told.guards = guards
        .iter()
        .map(|guard| Guarded {
            guard: guard.id(),
            title: guard.to_string(),
            action: guard.action().id(),
            answers: answers(survey, estate, guard, prover.as_deref_mut()),
        })
        .collect();
    told.policies = statements
        .iter()
        .zip(survey.worth())
        .map(|(statement, worth)| {
            let (worth, because) = match worth {
                Judged::Guards(example) => (Worth::Guards, example),
                Judged::Defective(defect) => (Worth::Defective, defect.to_string()),
                Judged::Undecided(why) => (Worth::Undecided, why),
            };
            Policy {
                id: statement.policy_id.clone(),
                name: statement.name.clone(),
                body: statement.body.clone(),
                worth,
                because,
            }
        })
        .collect();
    told.exemptions = survey
        .exemptions()
        .into_iter()
        .map(|exemption| {
            let (projects, cluster) = match exemption.place {
                Place::Projects { listed, .. } => (projects(&listed), None),
                Place::Named(ids) => (ids.into_iter().map(|id| Named { id, name: None }).collect(), None),
                Place::Cluster(cluster) => (Vec::new(), Some(cluster)),
            };
            LeftOut { policy: name(&exemption.statement), projects, cluster, example: exemption.example }
        })
        .collect();
    for freeze in survey.freezes().iter().filter(|freeze| freeze.contradiction) {
        let Place::Projects { listed, .. } = &freeze.place else { continue };
        let policies: Vec<String> = freeze.by.iter().map(name).collect();
        let action = freeze.action.id();
        match told.contradictions.iter_mut().find(|known| known.action == action && known.policies == policies) {
            Some(known) => known.projects += listed.len(),
            None => told.contradictions.push(Contradiction { action, policies, projects: listed.len() }),
        }
    }
}

fn named(project: &EstateProject) -> Named {
    Named { id: project.id.clone(), name: project.name.clone() }
}

/// Places with one answer together, what is open first.
fn answers(survey: &Survey<'_>, estate: &Estate, guard: &Guard, prover: Option<&mut Prover>) -> Vec<Answered> {
    let statements = survey.statements();
    let mut told: Vec<Answered> = Vec::new();
    let answers = survey.ask(guard);
    let answers = match prover {
        Some(prover) => beside(answers, survey, guard, prover),
        None => answers.into_iter().map(|(place, answer)| (place, answer, None)).collect(),
    };
    for (place, answer, proof) in answers {
        let blank = |kind| Answered {
            answer: kind,
            projects: Vec::new(),
            other_projects: false,
            everywhere: false,
            clusters: Vec::new(),
            by: Vec::new(),
            together: false,
            example: None,
            why: None,
            proof: None,
        };
        let by = |by: Vec<usize>| by.into_iter().map(|index| statements[index].name.clone()).collect();
        let bare = match answer {
            Answer::Denied { by: who, together } => Answered { by: by(who), together, ..blank(Kind::Denied) },
            Answer::Frozen { by: who, together } => Answered { by: by(who), together, ..blank(Kind::Frozen) },
            Answer::NotDenied { example } => Answered { example: Some(example), ..blank(Kind::Open) },
            Answer::Undecided { why } => Answered { why: Some(why), ..blank(Kind::Undecided) },
        };
        let bare = Answered { proof, ..bare };
        // One example is enough for all places where something passes.
        let same = |known: &Answered| {
            (known.answer, &known.by, known.together, &known.why) == (bare.answer, &bare.by, bare.together, &bare.why)
                && match (&known.proof, &bare.proof) {
                    (Some(Proof::Counterexample { .. }), Some(Proof::Counterexample { .. })) => true,
                    (known, bare) => known == bare,
                }
        };
        let index = told.iter().position(same).unwrap_or_else(|| {
            told.push(bare);
            told.len() - 1
        });
        let known = &mut told[index];
        match place {
            Place::Projects { listed, others } => {
                known.projects.extend(listed.iter().map(|index| named(&estate.projects[*index])));
                known.other_projects |= others;
            }
            Place::Named(ids) => known.projects.extend(ids.into_iter().map(|id| Named { id, name: None })),
            Place::Cluster(cluster) => known.clusters.push(cluster),
        }
    }
    for answer in &mut told {
        answer.projects.sort_by(|a, b| a.shown().cmp(b.shown()));
    }
    told.sort_by_key(|answer| answer.answer);
    if let [only] = &mut told[..] {
        only.everywhere = true;
    }
    told
}

fn suggestions(args: &GuardrailsArgs, survey: &Survey<'_>) -> Result<ExitCode, Error> {
    let guards = if args.guard.is_empty() { usual(&args.allow_region) } else { chosen(args) };
    let (suggestions, without) = suggest(survey, &guards);
    let why = |guard: &Guard| {
        survey.ask(guard).into_iter().find_map(|(_, answer)| match answer {
            Answer::Undecided { why } => Some(format!("{guard}: {why}")),
            _ => None,
        })
    };
    let told = Suggestions {
        version: 1,
        suggestions: suggestions
            .iter()
            .map(|suggestion| Suggested {
                guards: suggestion.guards.iter().map(Guard::id).collect(),
                titles: suggestion.guards.iter().map(ToString::to_string).collect(),
                description: suggestion.description,
                body: suggestion.body.clone(),
                request: suggestion.request(),
            })
            .collect(),
        without: without.iter().map(Guard::id).collect(),
        undecided: guards.iter().filter_map(why).collect(),
    };
    to_stdout(|out| {
        Ok(match args.format {
            PageFormat::Table => told.write(out),
            PageFormat::Json => told.write_json(out),
        }?)
    })?;
    Ok(ExitCode::from(if told.undecided.is_empty() { 0 } else { 3 }))
}
