//! For people at a terminal: who can, who can by another way, of whom nobody can tell; then the counts.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::Style;
use super::super::style::look;
use super::super::text::{visible, wrapped};
use super::model::{By, Everything, IndirectWay, Kind, Named, Project, UserAnswer, WhoCan};

const INDENT: usize = 4;

struct Page<'a> {
    out: &'a mut dyn Write,
    style: &'a Style,
}

pub(super) fn write(told: &WhoCan, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { out, style };
    if let Some(why) = &told.projects_unread {
        page.unread("organization.projects", why)?;
    }
    for project in &told.projects {
        page.project(project, told)?;
    }
    if told.narrowed && told.question.user.is_none() {
        let note = "Other projects were not looked at: their stream processors may lead here.";
        page.line(0, look::FAINT, note)?;
    }
    page.summary(told)
}

impl Page<'_> {
    fn project(&mut self, project: &Project, told: &WhoCan) -> io::Result<()> {
        // Whoever is asked about alone is told about, whatever the answer.
        let alone = told.question.user.is_some() && !project.answers.is_empty();
        let nothing = !alone && project.answers.iter().all(|answer| !answer.is_yes() && !answer.is_open());
        if nothing && project.unread.is_empty() && project.everything.is_empty() {
            return Ok(());
        }
        self.line(0, look::STRONG, project.project.shown())?;
        for unread in &project.unread {
            self.unread(unread.section, &unread.why)?;
        }
        if !project.answers.is_empty() {
            self.answers(&project.answers)?;
        }
        if alone {
            self.cannot(&project.answers)?;
        }
        for everything in &project.everything {
            self.everything(everything, told.question.verb.is_some())?;
        }
        writeln!(self.out)
    }

    fn answers(&mut self, answers: &[UserAnswer]) -> io::Result<()> {
        let of = |kind: Kind| answers.iter().filter(move |answer| answer.direct.answer == kind);
        if of(Kind::Yes).next().is_some() {
            self.line(2, look::PLAIN, "directly")?;
        }
        for answer in of(Kind::Yes) {
            self.user(answer)?;
            for by in &answer.direct.by {
                self.by(by)?;
            }
            if !answer.direct.places.is_empty() {
                self.line(INDENT + 2, look::FAINT, &format!("on {}", answer.direct.places.join(", ")))?;
            }
            self.notes(answer)?;
        }
        if answers.iter().any(|answer| !answer.indirect.is_empty()) {
            self.line(2, look::PLAIN, "indirectly")?;
        }
        for answer in answers.iter().filter(|answer| !answer.indirect.is_empty()) {
            self.user(answer)?;
            for way in &answer.indirect {
                self.indirect(way)?;
            }
            if answer.direct.answer == Kind::No {
                self.notes(answer)?;
            }
        }
        if answers.iter().any(UserAnswer::is_open) {
            self.line(2, look::UNKNOWN, "undecided")?;
        }
        for answer in answers.iter().filter(|answer| answer.is_open()) {
            self.user(answer)?;
            for why in answer.direct.undecided.iter().chain(&answer.indirect_undecided) {
                self.line(INDENT + 2, look::PLAIN, why)?;
            }
            if answer.direct.answer == Kind::Undecided && answer.indirect.is_empty() {
                self.notes(answer)?;
            }
        }
        Ok(())
    }

    fn cannot(&mut self, answers: &[UserAnswer]) -> io::Result<()> {
        let cannot = |answer: &&UserAnswer| !answer.is_yes() && !answer.is_open();
        if answers.iter().any(|answer| cannot(&answer)) {
            self.line(2, look::PLAIN, "cannot")?;
        }
        for answer in answers.iter().filter(cannot) {
            self.user(answer)?;
            self.notes(answer)?;
        }
        Ok(())
    }

    fn user(&mut self, answer: &UserAnswer) -> io::Result<()> {
        let name = user_of(&answer.user, answer.authentication_database.as_deref());
        match &answer.project {
            None => self.line(INDENT, look::STRONG, &name),
            Some(project) => self.line(INDENT, look::STRONG, &format!("{name} of {}", Named::shown(project))),
        }
    }

    fn notes(&mut self, answer: &UserAnswer) -> io::Result<()> {
        answer.notes.iter().try_for_each(|note| self.line(INDENT + 2, look::FAINT, note))
    }

    fn by(&mut self, by: &By) -> io::Result<()> {
        self.line(INDENT + 2, look::PLAIN, &sentence(by))
    }

    fn indirect(&mut self, way: &IndirectWay) -> io::Result<()> {
        let mut text = match &way.via {
            None => way.gives.to_owned(),
            Some(via) => match (&via.connection, &via.cluster, &via.role) {
                (Some(connection), cluster, role) => {
                    let cluster = cluster.as_deref().unwrap_or("a cluster");
                    let project = via.project.as_ref().map_or_else(String::new, |id| format!(" of project {id}"));
                    let role = role.as_deref().unwrap_or("an unknown role");
                    format!(
                        "a stream processor in {}, by the connection {connection} to {cluster}{project} as {role}",
                        via.place.trim_start_matches("stream workspace ")
                    )
                }
                (None, ..) => format!("{}: {}", via.place, way.gives),
            },
        };
        let by: Vec<_> =
            way.by.iter().map(|by| format!("{} by {}", by.actions.join(" "), by.path.join(" → "))).collect();
        _ = write!(text, "; {}", by.join(", "));
        if !way.certain {
            text.push_str(" (possible, not certain)");
        }
        self.line(INDENT + 2, look::PLAIN, &text)
    }

    fn everything(&mut self, all: &Everything, narrowed: bool) -> io::Result<()> {
        self.line(2, look::STRONG, &user_of(&all.user, all.authentication_database.as_deref()))?;
        for note in &all.notes {
            self.line(INDENT, look::FAINT, note)?;
        }
        let places = match (all.everywhere, all.places.is_empty()) {
            _ if !all.access => "has no access any more".to_owned(),
            (true, true) => "is let in everywhere, once there is anything".to_owned(),
            (true, false) => format!("is let in everywhere, now {}", all.places.join(", ")),
            (false, true) => "is let in nowhere".to_owned(),
            (false, false) => format!("is let in at {}", all.places.join(", ")),
        };
        self.line(INDENT, look::PLAIN, &places)?;
        if all.grants.is_empty() {
            let what = if narrowed { "nothing of that kind is granted" } else { "nothing is granted" };
            self.line(INDENT, look::PLAIN, what)?;
        }
        for by in all.grants.iter().filter(|by| by.effective) {
            let classes: Vec<_> = Everything::classes(by).iter().map(|class| class.name()).collect();
            self.line(INDENT, look::PLAIN, &format!("{} [{}]", sentence(by), classes.join(" ")))?;
        }
        for by in all.grants.iter().filter(|by| !by.effective) {
            self.line(INDENT, look::FAINT, &format!("without effect: {}", sentence(by)))?;
        }
        if !all.indirect.is_empty() {
            self.line(INDENT, look::PLAIN, "indirectly")?;
            all.indirect.iter().try_for_each(|way| self.indirect(way))?;
        }
        if !all.undecided.is_empty() {
            self.line(INDENT, look::UNKNOWN, "undecided")?;
            all.undecided.iter().try_for_each(|why| self.line(INDENT + 2, look::PLAIN, why))?;
        }
        Ok(())
    }

    fn unread(&mut self, section: &str, why: &str) -> io::Result<()> {
        self.line(2, look::UNKNOWN, &format!("{section} could not be read: {why}"))
    }

    fn summary(&mut self, told: &WhoCan) -> io::Result<()> {
        if told.question.user.is_some() && told.projects.iter().any(|project| !project.everything.is_empty()) {
            return Ok(());
        }
        let all = told.summary;
        let text = format!(
            "{} {}: {} can, {} by another way only, {} undecided, {} cannot",
            all.users,
            if all.users == 1 { "user" } else { "users" },
            all.direct,
            all.indirect_only,
            all.undecided,
            all.no
        );
        self.line(0, look::STRONG, &text)
    }

    fn line(&mut self, indent: usize, look: anstyle::Style, text: &str) -> io::Result<()> {
        let columns = self.style.width.saturating_sub(indent);
        let text = visible(text);
        for (number, line) in wrapped(&text, columns.saturating_sub(2)).iter().enumerate() {
            let indent = if number == 0 { indent } else { indent + 2 };
            writeln!(self.out, "{:indent$}{}", "", self.style.paint(look, line))?;
        }
        Ok(())
    }
}

/// The usual database of authentication goes without saying.
fn user_of(name: &str, database: Option<&str>) -> String {
    match database {
        None | Some("admin") => name.to_owned(),
        Some(database) => format!("{name} ({database})"),
    }
}

/// `insert remove on shop.orders, by app → base`
fn sentence(by: &By) -> String {
    let on = if by.only.is_empty() { by.on.shown.clone() } else { format!("only {}", by.only.join(", ")) };
    let unsure = if by.confirmed { "" } else { " (in the server's table; Atlas does not say)" };
    format!("{} on {on}, by {}{unsure}", by.actions.join(" "), by.path.join(" → "))
}
