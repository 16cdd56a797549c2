//! What follows from a configuration, for people and for programs.

use std::io::{self, Write};

use crate::config::classify::{DatabaseClass, UserClass};
use crate::config::explain::{Explained, NoteKind};

use super::style::{Style, look};
use super::text::{visible, width};

/// Columns are no wider, even if a name is: it is not cut, since its end may be what tells it from another.
const WIDEST: usize = 48;

/// For programs. Fields may be added, none renamed or dropped.
pub fn json(explained: &Explained, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, explained)?;
    writeln!(out)
}

/// For people.
pub fn table(explained: &Explained, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let subject = explained.configuration.as_deref().unwrap_or("no configuration");
    let against = explained.organization.as_ref().map(|name| format!(", held against {name}")).unwrap_or_default();
    writeln!(out, "{}{}", style.paint(look::STRONG, &visible(subject)), visible(&against))?;
    let rows = explained.projects.iter().map(|row| Row {
        group: "",
        what: row.project.clone(),
        class: row.taken.class.to_string(),
        because: row.taken.because.clone(),
    });
    section(out, style, "Projects", &rows.collect::<Vec<_>>())?;
    let rows = explained.database_users.iter().flat_map(|row| {
        row.taken.iter().map(|taken| Row {
            group: &row.project,
            what: row.user.clone(),
            class: taken.class.as_str().to_owned(),
            because: taken.because.clone(),
        })
    });
    section(out, style, "Database users", &rows.collect::<Vec<_>>())?;
    let rows = explained.databases.iter().flat_map(|row| {
        row.taken.iter().map(|taken| Row {
            group: &row.project,
            what: row.database.clone(),
            class: taken.class.as_str().to_owned(),
            because: taken.because.clone(),
        })
    });
    section(out, style, "Databases that roles name", &rows.collect::<Vec<_>>())?;
    let rows = explained.notes.iter().map(|note| Row {
        group: "",
        what: note.place.clone(),
        class: match note.kind {
            NoteKind::Expired => "expired".to_owned(),
            NoteKind::NamesNothing => "names nothing".to_owned(),
            NoteKind::Undecided => "undecided".to_owned(),
        },
        because: note.says.clone(),
    });
    section(out, style, "To look at again", &rows.collect::<Vec<_>>())?;
    writeln!(out, "\n{}", sentence(explained))
}

struct Row<'a> {
    /// The project, where there is one above.
    group: &'a str,
    what: String,
    class: String,
    because: String,
}

fn section(out: &mut dyn Write, style: &Style, title: &str, rows: &[Row<'_>]) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.paint(look::STRONG, title))?;
    let first = rows.iter().map(|row| width(&visible(&row.what))).max().unwrap_or_default().min(WIDEST);
    let second = rows.iter().map(|row| width(&row.class)).max().unwrap_or_default();
    let mut group = "";
    for row in rows {
        if row.group != group {
            group = row.group;
            writeln!(out, "  {}", visible(group))?;
        }
        let indent = if group.is_empty() { "" } else { "  " };
        let what = visible(&row.what);
        let pad = |text: &str, to: usize| " ".repeat(to.saturating_sub(width(text)));
        let because = style.paint(look::FAINT, &visible(&row.because));
        let (class, gaps) = (&row.class, (pad(&what, first), pad(&row.class, second)));
        writeln!(out, "  {indent}{what}{}  {class}{}  {because}", gaps.0, gaps.1)?;
    }
    Ok(())
}

fn sentence(explained: &Explained) -> String {
    let count = |kind: NoteKind| explained.notes.iter().filter(|note| note.kind == kind).count();
    let mut parts = Vec::new();
    if explained.organization.is_some() {
        let unknown = |row: &&crate::config::explain::UserRow| row.taken.iter().all(|t| t.class == UserClass::Unknown);
        let undeclared = |row: &&crate::config::explain::DatabaseRow| {
            row.taken.iter().all(|taken| taken.class == DatabaseClass::Undeclared)
        };
        parts.push(format!("{} projects", explained.projects.len()));
        let all = explained.database_users.len();
        parts.push(format!(
            "{all} database users ({} unknown)",
            explained.database_users.iter().filter(unknown).count()
        ));
        let all = explained.databases.len();
        parts.push(format!("{all} databases ({} undeclared)", explained.databases.iter().filter(undeclared).count()));
    } else if explained.configuration.is_some() {
        parts.push("it can be read".to_owned());
    }
    for (kind, what) in
        [(NoteKind::Expired, "expired"), (NoteKind::NamesNothing, "name nothing"), (NoteKind::Undecided, "undecided")]
    {
        if count(kind) > 0 {
            parts.push(format!("{} {what}", count(kind)));
        }
    }
    parts.join(", ")
}
