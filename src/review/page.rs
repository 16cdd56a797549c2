//! The pack on paper: one file, no script, nothing fetched, everything escaped; to be read, printed and signed.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::pack::{ChangeState, FollowedUp, Gone, Header, Kind, Pack, Row};
use super::sheet::CONTENT;
use super::words::count;

const TEMPLATE: &str = include_str!("page.html");

/// All that the template is given.
#[derive(Serialize)]
struct Page<'p> {
    header: &'p Header,
    sha256: &'p str,
    total: usize,
    incomplete: bool,
    counts: Vec<(&'static str, usize)>,
    added: usize,
    changed: usize,
    unchanged: usize,
    groups: Vec<Group<'p>>,
    gone: Vec<(&'static str, &'p Gone)>,
    followed_up: Vec<Told<'p>>,
    still_there: Vec<Told<'p>>,
}

/// Rows of one project, or of the organization.
#[derive(Serialize)]
struct Group<'p> {
    title: String,
    count: String,
    kinds: Vec<Rows<'p>>,
}

#[derive(Serialize)]
struct Rows<'p> {
    kind: &'static str,
    rows: Vec<Shown<'p>>,
}

/// A row as the page has it.
#[derive(Serialize)]
struct Shown<'p> {
    row: &'p Row,
    party: &'static str,
    privileged: &'static str,
    state: &'static str,
    previous: String,
}

#[derive(Serialize)]
struct Told<'p> {
    what: &'p str,
    subject: &'p str,
    decided: &'static str,
    by: String,
    outcome: &'static str,
    open: bool,
}

impl<'p> Shown<'p> {
    fn of(row: &'p Row) -> Self {
        let cell = |name: &str| CONTENT.iter().find(|column| column.name == name).map(|column| (column.text)(row));
        Self {
            row,
            party: row.party.name(),
            privileged: row.privileged.name(),
            state: row.change.state.name(),
            previous: cell("previous_decision").unwrap_or_default(),
        }
    }
}

/// Name and id of a project; none is the organization.
type Place<'p> = Option<(String, &'p str)>;

fn groups(pack: &Pack) -> Vec<Group<'_>> {
    let mut by_place: BTreeMap<(Place<'_>, Kind), Vec<Shown<'_>>> = BTreeMap::new();
    for row in &pack.rows {
        let place = row.project.as_ref().map(|project| (row.project_name().to_owned(), project.id.as_str()));
        by_place.entry((place, row.kind)).or_default().push(Shown::of(row));
    }
    let mut groups: Vec<(Place<'_>, Group<'_>)> = Vec::new();
    for ((place, kind), rows) in by_place {
        let title = place.as_ref().map_or_else(|| "The organization".to_owned(), |(name, _)| format!("Project {name}"));
        let rows = Rows { kind: kind.name(), rows };
        match groups.last_mut().filter(|(last, _)| *last == place) {
            Some((_, group)) => group.kinds.push(rows),
            None => groups.push((place, Group { title, count: String::new(), kinds: vec![rows] })),
        }
    }
    let counted = groups.into_iter().map(|(_, mut group)| {
        group.count = count(group.kinds.iter().map(|kind| kind.rows.len()).sum(), "row", "rows");
        group
    });
    counted.collect()
}

fn told(one: &FollowedUp) -> Told<'_> {
    use super::pack::FollowUp::{NotKnown, StillThere, Unchanged};
    let ticket = one.decided.ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
    Told {
        what: &one.what,
        subject: &one.subject,
        decided: one.decided.decision.past(),
        by: format!("{} on {}{ticket}", one.decided.reviewer, one.decided.date),
        outcome: one.outcome.name(),
        open: matches!(one.outcome, StillThere | Unchanged | NotKnown),
    }
}

/// The page; `pack_sha256` is the digest of the pack's JSON file.
///
/// # Panics
///
/// If the template is wrong; a test renders it.
#[must_use]
pub fn page(pack: &Pack, pack_sha256: &str) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", TEMPLATE).expect("the template is checked by a test");
    let template = environment.get_template("page").expect("it was added");
    let counts = pack.header.counts.iter().map(|(kind, number)| (kind.name(), *number)).collect();
    let changed = |state: ChangeState| pack.rows.iter().filter(|row| row.change.state == state).count();
    let page = Page {
        header: &pack.header,
        sha256: pack_sha256,
        total: pack.rows.len(),
        incomplete: pack.incomplete(),
        counts,
        added: changed(ChangeState::Added),
        changed: changed(ChangeState::Changed),
        unchanged: changed(ChangeState::Unchanged),
        groups: groups(pack),
        gone: pack.gone.iter().map(|gone| (gone.kind.name(), gone)).collect(),
        followed_up: pack.followed_up.iter().map(told).collect(),
        still_there: pack.still_there().map(told).collect(),
    };
    template.render(Serde(&page)).expect("the template is checked by a test")
}
