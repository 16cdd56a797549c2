//! For people at a terminal: project by project, what is recorded for all, for some, for none, where it goes, and a
//! filter to copy.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::{AuditReport, names};
use crate::analysis::audit_coverage::{Answers, AuditCoverage, Auditing, Health, Sink};
use crate::analysis::audit_filter::{Coverage, Event};
use crate::report::Style;
use crate::report::style::look;
use crate::report::text::{shortened, visible, wrapped};

/// Where the second column begins.
const COLUMN: usize = 16;
/// Columns that an example may take: a filter may name users with very long names.
const LONGEST_EXAMPLE: usize = 300;
/// Events that are recorded in part and shown with their examples.
const MOST_EXAMPLES: usize = 6;

/// Writes the report for people.
pub fn write(report: &AuditReport, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { out, style };
    for project in &report.projects {
        page.project(project)?;
    }
    page.summary(report)
}

struct Page<'a> {
    out: &'a mut dyn Write,
    style: &'a Style,
}

impl Page<'_> {
    fn project(&mut self, project: &AuditCoverage) -> io::Result<()> {
        let name = project.name.as_deref().unwrap_or(&project.project);
        writeln!(self.out, "{}", self.style.paint(look::STRONG, &visible(name)))?;
        let state = match (&project.auditing, project.authorization_success) {
            (Auditing::Impossible, _) => "there is nothing to record: no dedicated cluster",
            (Auditing::Off, _) => "off: nothing is recorded",
            (Auditing::Unread(why), _) => {
                self.field("auditing", &format!("could not be read: {why}"), look::UNKNOWN)?;
                return self.sinks(project);
            }
            (Auditing::On(_), Some(true)) => "on, with successful authorization checks",
            (Auditing::On(_), Some(false)) => "on, without successful authorization checks",
            (Auditing::On(_), None) => "on; Atlas does not say whether with successful authorization checks",
        };
        self.field("auditing", state, look::PLAIN)?;
        if matches!(project.auditing, Auditing::Impossible) {
            return writeln!(self.out);
        }
        if let Auditing::On(answers) = &project.auditing {
            self.answers(answers)?;
        }
        self.advice(project)?;
        self.sinks(project)
    }

    fn answers(&mut self, answers: &Answers) -> io::Result<()> {
        if !answers.duplicate_keys.is_empty() {
            let keys = answers.duplicate_keys.join(", ");
            self.field("twice", &format!("in one document of the filter: {keys}"), look::UNKNOWN)?;
        }
        let mut whole = BTreeSet::new();
        let mut never = BTreeSet::new();
        let mut lost = None;
        let mut partly = Vec::new();
        let mut undecided: BTreeMap<&str, BTreeSet<Event>> = BTreeMap::new();
        for (event, coverage) in &answers.events {
            match coverage {
                Coverage::All => _ = whole.insert(*event),
                Coverage::None { missed } => {
                    never.insert(*event);
                    lost.get_or_insert(missed);
                }
                Coverage::Some { recorded, missed } => partly.push((event.name(), recorded, missed)),
                Coverage::Undecided(why) => _ = undecided.entry(why).or_default().insert(*event),
            }
        }
        self.list("for all", &whole)?;
        for (name, recorded, missed) in partly.iter().take(MOST_EXAMPLES) {
            self.field("for some", name, look::PLAIN)?;
            self.example("recorded", recorded.as_str())?;
            self.example("lost", missed.as_str())?;
        }
        if let Some(more) = partly.get(MOST_EXAMPLES..).filter(|more| !more.is_empty()) {
            let more: Vec<_> = more.iter().map(|(name, ..)| *name).collect();
            self.field("for some", &more.join(", "), look::PLAIN)?;
        }
        self.list("for none", &never)?;
        if let Some(missed) = lost {
            self.example("lost", missed.as_str())?;
        }
        for (why, events) in undecided {
            let what =
                if events.len() == Event::ALL.len() { "everything".to_owned() } else { names(&events).join(", ") };
            self.field("undecided", &format!("{what}, since {why}"), look::UNKNOWN)?;
        }
        self.commands(answers)
    }

    fn commands(&mut self, answers: &Answers) -> io::Result<()> {
        for group in answers.commands.chunk_by(|a, b| a.0 == b.0) {
            let Some((event, ..)) = group.first() else { continue };
            let said: Vec<_> = group
                .iter()
                .map(|(_, class, coverage)| {
                    let how = match coverage {
                        Coverage::All => "all",
                        Coverage::Some { .. } => "some",
                        Coverage::None { .. } => "none",
                        Coverage::Undecided(_) => "undecided",
                    };
                    format!("{} {how}", class.as_str())
                })
                .collect();
            self.field("commands", &format!("{}: {}", event.name(), said.join(", ")), look::PLAIN)?;
        }
        Ok(())
    }

    fn advice(&mut self, project: &AuditCoverage) -> io::Result<()> {
        if project.advice.lacks.is_empty() {
            return self.field("lacks", "nothing that ATL-AUD-002 requires", look::PLAIN);
        }
        let lacks: BTreeSet<_> = project.advice.lacks.iter().copied().collect();
        self.list("lacks", &lacks)?;
        let Some(suggested) = &project.advice.suggestion else {
            return self.field("filter", "none was found that the evaluator agrees to", look::UNKNOWN);
        };
        let mut what = if matches!(project.auditing, Auditing::Off) && suggested.keeps {
            "with this one, once auditing is on:".to_owned()
        } else if suggested.keeps {
            "this one records them too, and keeps what is recorded now:".to_owned()
        } else {
            "this one records what is required; what the present one records nobody can tell, so it is not kept:"
                .to_owned()
        };
        if suggested.needs_authorization_success {
            what = what.replace(':', ", with auditAuthorizationSuccess:");
        }
        self.field("filter", &what, look::PLAIN)?;
        writeln!(self.out)?;
        // On one line, however long: it is there to be copied.
        writeln!(self.out, "{}\n", self.style.paint(look::COMMAND, &visible(&suggested.filter)))
    }

    fn sinks(&mut self, project: &AuditCoverage) -> io::Result<()> {
        for sink in &project.sinks.sinks {
            let place = sink.place.as_deref().map(|place| format!(" {place}")).unwrap_or_default();
            let (health, look) = match &sink.health {
                Health::Working => ("works, as far as Atlas says".to_owned(), look::PLAIN),
                Health::Failing(why) => (format!("does not work: {why}"), look::STRONG),
                Health::Unknown(why) => (format!("nobody knows whether it works: {why}"), look::UNKNOWN),
            };
            self.field("goes to", &format!("{}{place} with {}; {health}", sink.kind, carried(sink)), look)?;
        }
        for why in &project.sinks.unread {
            self.field("goes to", &format!("could not be read: {why}"), look::UNKNOWN)?;
        }
        let staying = project.sinks.staying();
        if !staying.is_empty() {
            let seen = if project.sinks.unread.is_empty() { "" } else { ", as far as was read" };
            let what = format!("{} reaches no export that works{seen}", staying.join(", "));
            self.field("stays", &what, look::STRONG)?;
        }
        writeln!(self.out)
    }

    fn summary(&mut self, report: &AuditReport) -> io::Result<()> {
        if let Some(why) = &report.unlisted {
            self.field("projects", &format!("could not be listed: {why}"), look::UNKNOWN)?;
        }
        let count = |is: &dyn Fn(&AuditCoverage) -> bool| report.projects.iter().filter(|project| is(project)).count();
        let on = count(&|project| matches!(project.auditing, Auditing::On(_)));
        let full = count(&|project| matches!(project.auditing, Auditing::On(_)) && project.advice.lacks.is_empty());
        let off = count(&|project| matches!(project.auditing, Auditing::Off));
        let unread = count(&|project| matches!(project.auditing, Auditing::Unread(_)));
        let nothing = count(&|project| matches!(project.auditing, Auditing::Impossible));
        let projects = match report.projects.len() {
            1 => "1 project".to_owned(),
            count => format!("{count} projects"),
        };
        writeln!(
            self.out,
            "{projects}: auditing is on in {on}, of which {full} record all that is required; off in {off}, not readable in \
             {unread}, without a dedicated cluster {nothing}"
        )?;
        if report.complete { Ok(()) } else { writeln!(self.out, "The reading did not come to its end.") }
    }

    fn list(&mut self, label: &str, events: &BTreeSet<Event>) -> io::Result<()> {
        if events.is_empty() { Ok(()) } else { self.field(label, &names(events).join(", "), look::PLAIN) }
    }

    fn example(&mut self, label: &str, event: &str) -> io::Result<()> {
        let text = format!("{label}: {event}");
        self.field("", &shortened(&text, LONGEST_EXAMPLE), look::FAINT)
    }

    fn field(&mut self, label: &str, text: &str, look: anstyle::Style) -> io::Result<()> {
        let columns = self.style.width.saturating_sub(COLUMN);
        for (index, line) in wrapped(&visible(text), columns).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let width = COLUMN - 3;
            writeln!(self.out, "  {label:<width$} {}", self.style.paint(look, &line))?;
        }
        Ok(())
    }
}

fn carried(sink: &Sink) -> String {
    if sink.carries.is_empty() { "no audit log".to_owned() } else { sink.carries.join(" and ") }
}
