//! `atlas-audit access`: what the credential can read, and which roles would open the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use crate::analysis::readable::{Readable, Tally};
use crate::atlas::endpoints::{Endpoint, Role};
use crate::atlas::plan::Plan;
use crate::atlas::roles;
use crate::cli::{AccessCommandArgs, PageFormat};
use crate::config::Config;
use crate::engine::catalogue::{self, SelectedRule, Selection};
use crate::error::Error;
use crate::report::access::{AccessReport, Grant, SectionAccess, UnknownRule};
use crate::snapshot::{Reason, Section};

use super::live::Event;
use super::output::Page;
use super::source;

/// Reads what the rules need, and tells what came of it. 3 if something could not be read.
pub fn run(args: &AccessCommandArgs, quiet: bool) -> Result<ExitCode, Error> {
    // Before any work is done: a report that cannot be written is no reason to wait for Atlas first.
    let page = Page::apart(args.page.output.as_deref(), args.source.snapshot.as_deref())?;
    let catalogue = super::catalogue(args.selection.rules.as_deref())?;
    let rules = catalogue.select(&Selection::from(&args.selection))?;
    let plan: BTreeSet<Section> = Plan::new(catalogue::needs(&rules)).sections().collect();
    let mut readable = Readable::of(plan.iter().copied());
    let read = source::read(&args.source, &plan, quiet, &mut |event| match event {
        Event::Organization { organization, projects, .. } => readable.organization(organization, projects),
        Event::Project { organization, project } => readable.project(organization, project),
    })?;
    let interrupted = read.interrupted.clone();
    let sections = sections(&readable, &rules);
    let demands = demands(&sections);
    let (enough, _) = grants(&demands, |_| true);
    let (without_owners, only_owners) = grants(&demands, |role| !role.is_owner());
    let reported: Vec<_> = rules.iter().filter(|rule| rule.reported).collect();
    let report = AccessReport {
        about: read.about(None, &Config::default()),
        unknown_rules: unknown_rules(&reported, &sections),
        rules: reported.len(),
        sections,
        enough,
        without_owners,
        only_owners,
    };
    page.write_unless(interrupted, |out, style| match args.page.format {
        PageFormat::Table => report.write_table(out, style),
        PageFormat::Json => report.write_json(out),
    })?;
    Ok(if report.incomplete() { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn sections(readable: &Readable, selected: &[SelectedRule]) -> Vec<SectionAccess> {
    let needed_by = |section| -> Vec<&'static str> {
        let needing = selected.iter().filter(|rule| rule.reported && rule.rule.needs.contains(&section));
        needing.map(|rule| rule.rule.id.as_str()).collect()
    };
    let titles = |section| -> Vec<&'static str> {
        let roles = Endpoint::of(section).roles.iter();
        roles.filter(|role| **role != Role::Any).map(|role| role.title()).collect()
    };
    let one = |(section, tally): (Section, &Tally)| SectionAccess {
        section,
        tally: tally.clone(),
        behind: readable.behind(section),
        roles: titles(section),
        rules: needed_by(section),
    };
    readable.sections().map(one).collect()
}

fn unknown_rules(rules: &[&SelectedRule], sections: &[SectionAccess]) -> Vec<UnknownRule> {
    let closed: BTreeSet<Section> = sections.iter().filter(|one| !one.is_open()).map(|one| one.section).collect();
    let unknown = rules.iter().map(|selected| UnknownRule {
        id: &selected.rule.id,
        name: &selected.rule.name,
        sections: selected.rule.needs.iter().copied().filter(|section| closed.contains(section)).collect(),
    });
    unknown.filter(|rule| !rule.sections.is_empty()).collect()
}

/// Something that a role would open.
struct Demand {
    section: Section,
    project: Option<(String, Option<String>)>,
    any_of: &'static [Role],
}

/// What was refused; and what lies below it, if nothing tells that the credential can read such a section already.
fn demands(sections: &[SectionAccess]) -> Vec<Demand> {
    let mut demands = Vec::new();
    let refused = |one: &SectionAccess| -> Vec<Option<(String, Option<String>)>> {
        let holes = one.tally.holes.iter().filter(|hole| hole.why.reason == Reason::Forbidden);
        holes.map(|hole| hole.project.clone()).collect()
    };
    for one in sections {
        let any_of = Endpoint::of(one.section).roles;
        let mut places = refused(one);
        if one.tally.read == 0 && one.tally.holes.is_empty() {
            places.extend(sections.iter().filter(|above| one.behind.contains(&above.section)).flat_map(refused));
        }
        let is_a_role = !any_of.contains(&Role::Any);
        let of = |project| Demand { section: one.section, project, any_of };
        demands.extend(places.into_iter().filter(|_| is_a_role).map(of));
    }
    demands
}

/// The least roles that meet what these can meet, and the sections that they cannot.
fn grants(demands: &[Demand], allowed: impl Fn(Role) -> bool + Copy) -> (Vec<Grant>, BTreeSet<Section>) {
    let (can, cannot): (Vec<&Demand>, Vec<&Demand>) =
        demands.iter().partition(|demand| roles::can(demand.any_of, allowed));
    let mut alternatives: Vec<&'static [Role]> = Vec::new();
    for demand in &can {
        if !alternatives.contains(&demand.any_of) {
            alternatives.push(demand.any_of);
        }
    }
    let chosen = roles::least(&alternatives, allowed).unwrap_or_default();
    // Each demand is met by the role with the least power that can.
    let mut met: Vec<(Role, Vec<&Demand>)> = chosen.iter().map(|role| (*role, Vec::new())).collect();
    for demand in can {
        if let Some((_, met)) = met.iter_mut().find(|(role, _)| role.is_enough(demand.any_of)) {
            met.push(demand);
        }
    }
    let grant = |(role, demands): (Role, Vec<&Demand>)| Grant {
        role: role.title(),
        is_owner: role.is_owner(),
        projects: role
            .is_of_project()
            .then(|| demands.iter().filter_map(|demand| demand.project.clone()).collect::<BTreeMap<_, _>>()),
        sections: demands.iter().map(|demand| demand.section).collect(),
    };
    (met.into_iter().map(grant).collect(), cannot.iter().map(|demand| demand.section).collect())
}
