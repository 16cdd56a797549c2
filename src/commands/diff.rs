//! `atlas-audit diff`: what changed between two snapshots, in the configuration and in the verdicts.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use crate::analysis::drift::{self, Asked, Broken, ProjectScope, Side};
use crate::cli::{DiffArgs, FailOn, ScopeArgs};
use crate::config::Config;
use crate::engine::Judge;
use crate::engine::catalogue::{SelectedRule, Selection};
use crate::error::Error;
use crate::report::diff::{DiffReport, Taken};
use crate::report::{About, Report};
use crate::snapshot::project::ListedProject;
use crate::snapshot::store::{SnapshotError, SnapshotFile};

use super::output::Page;
use super::selection::ProjectSelection;
use super::{comparable, configuration};

/// Compares, judges both, reports.
pub fn run(args: &DiffArgs) -> Result<ExitCode, Error> {
    let catalogue = super::catalogue(args.selection.rules.as_deref())?;
    let config = configuration::for_rules(&args.config, catalogue)?;
    let rules = catalogue.select_as(&Selection::from(&args.selection), &config.settings)?;
    // Before any work is done: a report that cannot be written is no reason to wait for the rest.
    let page = Page::apart(args.output.as_deref(), [args.old.as_path(), &args.new])?;
    let (old, new) = (open(&args.old)?, open(&args.new)?);
    check(args, &old, &new)?;
    let scope = scope(&args.scope, &old, &new)?;
    let drift = drift::compare(&old, &new, &scope, args.all).map_err(|broken| unreadable(args, broken))?;
    let before = judged(&args.old, &old, &scope, &rules, &config)?;
    let after = judged(&args.new, &new, &scope, &rules, &config)?;
    // A project is shown by its present name.
    let names = old.listed.iter().chain(&new.listed);
    let names: BTreeMap<_, _> = names.filter_map(|project| Some((project.id.clone(), project.name.clone()?))).collect();
    let report = DiffReport::new(
        (Taken::of(&old, shown(&args.old)), &before),
        (Taken::of(&new, shown(&args.new)), &after),
        names,
        &scope,
        drift,
        args.all,
    );
    page.write(|out, style| report.write(args.format.into(), out, style))?;
    Ok(ExitCode::from(exit_code(&report, args)))
}

/// 0 nothing new at or above the limit, 1 something, 3 less can be seen than before and nothing failed.
fn exit_code(report: &DiffReport, args: &DiffArgs) -> u8 {
    if args.exit_zero {
        return 0;
    }
    match args.fail_on {
        FailOn::Severity(least) if report.fails(least) => 1,
        _ if report.lost_sight() && !args.allow_unknown => 3,
        _ => 0,
    }
}

fn open(path: &Path) -> Result<SnapshotFile, Error> {
    SnapshotFile::open(path).map_err(|source| Error::Snapshot { path: path.to_owned(), source })
}

fn unreadable(args: &DiffArgs, broken: Broken) -> Error {
    let path = match broken.side {
        Side::Old => args.old.clone(),
        Side::New => args.new.clone(),
    };
    Error::Snapshot { path, source: broken.why }
}

fn side<'a>(path: &'a Path, file: &'a SnapshotFile) -> comparable::Side<'a> {
    comparable::Side { path, organization: (&file.organization.id, file.organization.name.as_deref()) }
}

/// Two snapshots of one organization, the earlier one first.
fn check(args: &DiffArgs, old: &SnapshotFile, new: &SnapshotFile) -> Result<(), Error> {
    comparable::of_one_organization(side(&args.old, old), side(&args.new, new))?;
    comparable::in_order((&args.old, old.header.taken), (&args.new, new.header.taken), || {
        format!("atlas-audit diff {} {}", args.new.display(), args.old.display())
    })
}

/// The projects that are compared: those that were asked for by the name that they have in either file.
fn scope(args: &ScopeArgs, old: &SnapshotFile, new: &SnapshotFile) -> Result<ProjectScope, Error> {
    let selection = ProjectSelection::of(args)?;
    selection.check(&old.listed.iter().chain(&new.listed).cloned().collect::<Vec<_>>())?;
    let narrowed = [old, new].map(|file| file.header.projects.as_deref().map(Narrowed::of).transpose());
    let [was, is] = narrowed;
    let (was, is) = (was?, is?);
    let wanted = |project: &ListedProject| selection.keeps(&project.id, project.name.as_deref());
    let asked = |side: Side, project: &ListedProject| {
        let narrowed = match side {
            Side::Old => &was,
            Side::New => &is,
        };
        narrowed.as_ref().map_or(Asked::ById, |narrowed| narrowed.asked(project))
    };
    Ok(ProjectScope::of(old, new, &wanted, &asked))
}

/// What a fetch was narrowed to, as its snapshot has it.
struct Narrowed {
    selection: ProjectSelection,
    wanted: Vec<String>,
    has_unwanted: bool,
}

impl Narrowed {
    fn of(typed: &[String]) -> Result<Self, Error> {
        let (unwanted, wanted): (Vec<_>, Vec<_>) = typed.iter().cloned().partition(|pattern| pattern.starts_with('!'));
        let has_unwanted = !unwanted.is_empty();
        let unwanted = unwanted.iter().map(|pattern| pattern[1..].to_owned()).collect();
        let scope = ScopeArgs { project: wanted.clone(), exclude_project: unwanted };
        Ok(Self { selection: ProjectSelection::of(&scope)?, wanted, has_unwanted })
    }

    fn asked(&self, project: &ListedProject) -> Asked {
        if !self.has_unwanted && self.wanted.contains(&project.id) {
            Asked::ById
        } else if self.selection.keeps(&project.id, project.name.as_deref()) {
            Asked::ByName
        } else {
            Asked::No
        }
    }
}

/// The verdicts on a snapshot as of when it was taken, over what is compared and what only this one tells of.
fn judged(
    path: &Path,
    file: &SnapshotFile,
    scope: &ProjectScope,
    rules: &[SelectedRule],
    config: &Config,
) -> Result<Report, Error> {
    let unread = |source: SnapshotError| Error::Snapshot { path: path.to_owned(), source };
    let mut listed = file.listed.clone();
    listed.retain(|project| scope.tells(&project.id));
    let projects = file.listing().map(|_| listed.as_slice());
    let mut judge = Judge::new(rules, &config.declared, file.header.taken);
    judge.organization(&file.organization, projects);
    let each = file.each_project(|project| {
        if scope.tells(&project.id) {
            judge.project(&file.organization, &project);
        }
        Ok::<(), SnapshotError>(())
    });
    each.map_err(unread)?;
    let outcomes = judge.finish(&file.organization, true);
    let about = About {
        organization: file.organization.id.clone(),
        organization_name: file.organization.name.clone(),
        taken: file.header.taken,
        source: file.header.source.clone(),
        credential: file.header.credential.clone(),
        projects: listed.len(),
        snapshot: None,
        configuration: config.file.clone(),
        complete: file.complete,
    };
    // A waiver that covers nothing is the scan's to tell.
    Ok(Report::new(about, rules, outcomes).with_waivers(config.waivers.clone(), true))
}

/// As a report refers to a file: as it was given.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
