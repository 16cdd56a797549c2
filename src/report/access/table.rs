//! For people at a terminal.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{AccessReport, Grant, SectionAccess, State};
use crate::report::Style;
use crate::report::style::look;
use crate::report::text::{shortened, visible, wrapped};
use crate::snapshot::{Reason, Section};

/// Projects that are named; more are counted.
const MOST_PROJECTS: usize = 4;
/// Columns that a project's name may take.
const LONGEST_NAME: usize = 40;

pub(super) fn write(report: &AccessReport, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { out, style };
    page.readable(report)?;
    page.closed(report)?;
    page.rules(report)?;
    page.roles(report)?;
    page.summary(report)
}

struct Page<'a> {
    out: &'a mut dyn Write,
    style: &'a Style,
}

impl Page<'_> {
    fn title(&mut self, look: anstyle::Style, text: &str) -> io::Result<()> {
        for line in wrapped(text, self.style.width) {
            writeln!(self.out, "{}", self.style.paint(look, &line))?;
        }
        Ok(())
    }

    fn text(&mut self, indent: usize, text: &str) -> io::Result<()> {
        for line in wrapped(text, self.style.width.saturating_sub(indent)) {
            writeln!(self.out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    fn readable(&mut self, report: &AccessReport) -> io::Result<()> {
        let of = |state: State| -> Vec<&str> {
            report.sections.iter().filter(|one| one.state() == state).map(|one| one.section.name()).collect()
        };
        let (read, nothing) = (of(State::Read), of(State::NothingThere));
        let title = format!("CAN BE READ  {} of {} sections that the rules need", read.len(), report.sections.len());
        self.title(look::STRONG, &title)?;
        self.text(2, &read.join(", "))?;
        if !nothing.is_empty() {
            self.text(2, &format!("Nothing there that would have one: {}", nothing.join(", ")))?;
        }
        writeln!(self.out)
    }

    fn closed(&mut self, report: &AccessReport) -> io::Result<()> {
        let closed: Vec<_> = report.closed().collect();
        if closed.is_empty() {
            return Ok(());
        }
        self.title(look::UNKNOWN, &format!("CANNOT BE READ  {}, everywhere or in places", sections(closed.len())))?;
        for one in closed {
            self.text(2, one.section.name())?;
            for line in whys(one) {
                self.text(4, &line)?;
            }
        }
        writeln!(self.out)
    }

    fn rules(&mut self, report: &AccessReport) -> io::Result<()> {
        if report.unknown_rules.is_empty() {
            return Ok(());
        }
        let count = report.unknown_rules.len();
        let title = format!("LEFT UNKNOWN  {count} of {} rules, everywhere or in places", report.rules);
        self.title(look::UNKNOWN, &title)?;
        for rule in &report.unknown_rules {
            self.text(2, &format!("{}  {}: {}", rule.id, rule.name, names(&rule.sections)))?;
        }
        writeln!(self.out)
    }

    fn roles(&mut self, report: &AccessReport) -> io::Result<()> {
        if !report.enough.is_empty() {
            self.title(look::STRONG, "WHAT WOULD BE ENOUGH  beside the roles that it has now")?;
            for grant in &report.enough {
                self.grant(grant)?;
            }
            self.text(2, "If the credential has one of these already, it was refused for another reason.")?;
            if report.enough.iter().any(|grant| grant.is_owner) {
                self.text(2, "An owner can change all that it reads.")?;
                if report.without_owners.is_empty() {
                    self.text(2, "Without an owner's role nothing more can be read.")?;
                } else {
                    self.text(2, "Without an owner's role:")?;
                    for grant in &report.without_owners {
                        self.grant(grant)?;
                    }
                    self.text(4, &format!("still closed: {}", names(&report.only_owners)))?;
                }
            }
            writeln!(self.out)?;
        }
        let beyond: BTreeSet<Section> = report.beyond_roles().map(|one| one.section).collect();
        if !beyond.is_empty() {
            self.title(look::STRONG, "NO ROLE HELPS  see the reasons above, and try again")?;
            self.text(2, &names(&beyond))?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn grant(&mut self, grant: &Grant) -> io::Result<()> {
        let place = match &grant.projects {
            None => "in the organization".to_owned(),
            Some(projects) if projects.is_empty() => "in each project".to_owned(),
            Some(projects) => {
                let all: BTreeSet<(&str, Option<&str>)> =
                    projects.iter().map(|(id, name)| (id.as_str(), name.as_deref())).collect();
                format!("in {}", named(&all))
            }
        };
        self.text(4, &format!("{}, {place}", grant.role))?;
        self.text(6, &names(&grant.sections))
    }

    fn summary(&mut self, report: &AccessReport) -> io::Result<()> {
        let about = &report.about;
        let cut = if about.complete { "" } else { "; the reading did not come to its end" };
        let verdict = if report.incomplete() {
            format!("Not all that the rules need can be read{cut}.")
        } else {
            "All that the rules need can be read.".to_owned()
        };
        self.text(0, &verdict)?;
        let name = visible(about.organization_name.as_deref().unwrap_or("organization"));
        let projects =
            if about.projects == 1 { "1 project".to_owned() } else { format!("{} projects", about.projects) };
        let taken = about.taken.strftime("%Y-%m-%d %H:%M UTC");
        let by = visible(&about.credential);
        let line = format!(
            "{name} ({}), {projects}, as of {taken}, from {} ({by})",
            visible(&about.organization),
            visible(&about.source)
        );
        self.text(0, &line)
    }
}

fn sections(count: usize) -> String {
    if count == 1 { "1 section".to_owned() } else { format!("{count} sections") }
}

fn names<'a>(sections: impl IntoIterator<Item = &'a Section>) -> String {
    sections.into_iter().map(|section| section.name()).collect::<Vec<_>>().join(", ")
}

/// Why, where, and who could.
fn whys(one: &SectionAccess) -> Vec<String> {
    let mut lines = Vec::new();
    for (reason, holes) in one.by_reason() {
        let projects: BTreeSet<_> = holes
            .iter()
            .filter_map(|hole| hole.project.as_ref())
            .map(|(id, name)| (id.as_str(), name.as_deref()))
            .collect();
        let place = if projects.is_empty() { String::new() } else { format!(" in {}", named(&projects)) };
        let what = match reason {
            Reason::Forbidden if one.roles.is_empty() => format!("refused{place}"),
            Reason::Forbidden => format!("refused{place}; {} can read it", one.roles.join(" or ")),
            Reason::NotFetched => format!("not asked for{place} when the snapshot was taken"),
            // The first one speaks for all.
            _ => {
                let first = holes.first().map(|hole| hole.why.to_string()).unwrap_or_default();
                let more = if holes.len() > 1 { format!(", and {} more", holes.len() - 1) } else { String::new() };
                format!("{}{more}", visible(&first))
            }
        };
        lines.push(what);
    }
    if !one.behind.is_empty() {
        lines.push(format!("out of sight where {} cannot be read", names(&one.behind)));
    }
    lines
}

fn named(projects: &BTreeSet<(&str, Option<&str>)>) -> String {
    let name = |(id, name): &(&str, Option<&str>)| visible(&shortened(name.unwrap_or(id), LONGEST_NAME)).into_owned();
    let shown: Vec<_> = projects.iter().take(MOST_PROJECTS).map(name).collect();
    match projects.len().saturating_sub(MOST_PROJECTS) {
        0 => shown.join(", "),
        more => format!("{} and {more} more projects", shown.join(", ")),
    }
}
