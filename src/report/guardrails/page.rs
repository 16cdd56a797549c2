//! For people at a terminal: what is refused where, then the policies, then what none of them can do.

use std::io::{self, Write};

use super::super::Style;
use super::super::style::look;
use super::super::text::{visible, wrapped};
use super::model::{Answered, Guarded, Guardrails, Kind, Named, Policy, Suggestions, Worth};

/// So many projects are named; the rest are counted.
const NAMED: usize = 6;

struct Page<'a> {
    out: &'a mut dyn Write,
    style: &'a Style,
}

pub(super) fn write(told: &Guardrails, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { out, style };
    if let Some(why) = &told.policies_unread {
        page.line(0, look::UNKNOWN, &format!("The resource policies were not read: {why}"))?;
        return page.unguardable(told);
    }
    if let Some(why) = &told.projects_unread {
        page.line(
            0,
            look::UNKNOWN,
            &format!("The projects were not read, only those that policies name are told apart: {why}"),
        )?;
        writeln!(page.out)?;
    }
    let widest = told.guards.iter().map(|guard| guard.title.len()).max().unwrap_or(0);
    let is_refused =
        |guarded: &&Guarded| guarded.answers.iter().all(|answer| matches!(answer.answer, Kind::Denied | Kind::Frozen));
    let (refused, rest): (Vec<_>, Vec<_>) = told.guards.iter().partition(is_refused);
    page.guards("Refused", &refused, widest)?;
    page.guards("Not refused, or not everywhere", &rest, widest)?;
    page.policies(told)?;
    page.unguardable(told)?;
    let sure = rest.iter().filter(|guarded| guarded.answers.iter().any(|answer| answer.answer == Kind::Open)).count();
    let summary = format!(
        "{} guards: {} refused everywhere, {sure} not, {} undecided; {} policies",
        told.guards.len(),
        refused.len(),
        rest.len() - sure,
        told.policies.len()
    );
    page.line(0, look::STRONG, &summary)
}

impl Page<'_> {
    fn guards(&mut self, heading: &str, guards: &[&Guarded], widest: usize) -> io::Result<()> {
        if guards.is_empty() {
            return Ok(());
        }
        self.line(0, look::STRONG, heading)?;
        for guarded in guards {
            let single = guarded.answers.len() == 1 && guarded.answers[0].everywhere;
            // One answer for all stands on one line, where the page is wide enough.
            if single && self.style.width > widest + 40 {
                let text = format!("{:<widest$}  {}", guarded.title, sentence(&guarded.answers[0]));
                self.hanging(2, widest + 4, &text)?;
                continue;
            }
            self.line(2, look::PLAIN, &guarded.title)?;
            for answer in &guarded.answers {
                self.line(4, colour(answer.answer), &sentence(answer))?;
            }
        }
        writeln!(self.out)
    }

    fn policies(&mut self, told: &Guardrails) -> io::Result<()> {
        let of = |worth: Worth| told.policies.iter().filter(move |policy| policy.worth == worth).collect::<Vec<_>>();
        self.list("Policies that do nothing, or not what they look like", look::PLAIN, &of(Worth::Defective), "")?;
        self.list("Policies that nobody can judge", look::UNKNOWN, &of(Worth::Undecided), "")?;
        self.list("Policies, each with something that it refuses", look::PLAIN, &of(Worth::Guards), "refuses ")?;
        if !told.exemptions.is_empty() {
            self.line(0, look::STRONG, "Left out by a policy that binds everybody else")?;
            for left_out in &told.exemptions {
                let whom = match &left_out.cluster {
                    Some(cluster) => format!("cluster {cluster}"),
                    None => names(&left_out.projects),
                };
                self.line(2, look::PLAIN, &format!("{}: {whom}; {} passes there", left_out.policy, left_out.example))?;
            }
            writeln!(self.out)?;
        }
        if !told.contradictions.is_empty() {
            self.line(0, look::STRONG, "Policies that together leave nothing to be done")?;
            for contradiction in &told.contradictions {
                let by = contradiction.policies.join(" and ");
                self.line(
                    2,
                    look::PLAIN,
                    &format!("{}: {by}, in {} projects", contradiction.action, contradiction.projects),
                )?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn list(&mut self, heading: &str, style: anstyle::Style, policies: &[&Policy], verb: &str) -> io::Result<()> {
        if policies.is_empty() {
            return Ok(());
        }
        self.line(0, look::STRONG, heading)?;
        for policy in policies {
            self.line(2, style, &format!("{}: {verb}{}", policy.name, policy.because))?;
        }
        writeln!(self.out)
    }

    fn unguardable(&mut self, told: &Guardrails) -> io::Result<()> {
        self.line(0, look::STRONG, "What no resource policy can refuse")?;
        self.line(2, look::FAINT, &told.unguardable.join("; "))?;
        writeln!(self.out)
    }

    fn line(&mut self, indent: usize, style: anstyle::Style, text: &str) -> io::Result<()> {
        for line in wrapped(&visible(text), self.style.width.saturating_sub(indent)) {
            writeln!(self.out, "{:indent$}{}", "", self.style.paint(style, &line))?;
        }
        Ok(())
    }

    /// What does not fit on the first line stands below its second column.
    fn hanging(&mut self, indent: usize, column: usize, text: &str) -> io::Result<()> {
        let text = visible(text);
        let (first, rest) = text.split_at(text.floor_char_boundary(column - indent));
        for (index, line) in wrapped(rest, self.style.width.saturating_sub(column)).iter().enumerate() {
            let first = if index == 0 { first } else { "" };
            writeln!(self.out, "{:indent$}{first:<width$}{line}", "", width = column - indent)?;
        }
        Ok(())
    }
}

fn colour(kind: Kind) -> anstyle::Style {
    match kind {
        Kind::Undecided => look::UNKNOWN,
        Kind::Open => look::STRONG,
        Kind::Denied | Kind::Frozen => look::PLAIN,
    }
}

fn sentence(answer: &Answered) -> String {
    let place = place(answer);
    let by = answer.by.join(if answer.together { " with " } else { ", " });
    let said = match answer.answer {
        Kind::Denied => format!("denied {place} by {by}"),
        Kind::Frozen => format!("frozen {place}, as all of its action is, by {by}"),
        Kind::Open => format!("open {place}: {}", answer.example.as_deref().unwrap_or("something passes")),
        Kind::Undecided => format!("undecided {place}: {}", answer.why.as_deref().unwrap_or("nobody can tell")),
    };
    match &answer.proof {
        Some(proof) => format!("{said}; {proof}"),
        None => said,
    }
}

fn place(answer: &Answered) -> String {
    if answer.everywhere {
        return "everywhere".to_owned();
    }
    let clusters = answer.clusters.iter().map(|cluster| format!("for cluster {cluster}"));
    let projects = match (answer.projects.len(), answer.other_projects) {
        (0, true) => Some("in projects to come".to_owned()),
        (0, false) => None,
        (count, true) if count > NAMED => Some(format!("in the {count} other projects")),
        (_, true) => Some(format!("in {} and projects to come", names(&answer.projects))),
        (_, false) => Some(format!("in {}", names(&answer.projects))),
    };
    projects.into_iter().chain(clusters).collect::<Vec<_>>().join(", ")
}

fn names(projects: &[Named]) -> String {
    let named: Vec<&str> = projects.iter().take(NAMED).map(Named::shown).collect();
    match projects.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

pub(super) fn suggestions(told: &Suggestions, out: &mut dyn Write) -> io::Result<()> {
    for suggestion in &told.suggestions {
        writeln!(out, "// {}: {}", suggestion.request["name"].as_str().unwrap_or_default(), suggestion.description)?;
        for title in &suggestion.titles {
            writeln!(out, "// refuses {title}")?;
        }
        writeln!(out, "{}\n", suggestion.body)?;
    }
    if told.suggestions.is_empty() {
        writeln!(out, "// Nothing to suggest.")?;
    }
    if !told.without.is_empty() {
        writeln!(out, "// Open, and for somebody to decide what is allowed: {}", told.without.join(", "))?;
    }
    for undecided in &told.undecided {
        writeln!(out, "// Undecided: {}", visible(undecided))?;
    }
    Ok(())
}
