//! What follows from a configuration, for people and for programs.

use std::io::{self, Write};

use crate::config::classify::{DatabaseClass, UserClass};
use crate::config::explain::{Explained, NoteKind};

use super::style::{Style, look};
use super::text::{shortened, visible, width};

/// No column but the last is wider.
const WIDEST: usize = 44;

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
    let projects = explained.projects.iter();
    let rows = projects.map(|row| [row.project.clone(), row.taken.class.to_string(), row.taken.because.clone()]);
    section(out, style, "Projects", &rows.collect::<Vec<_>>())?;
    let rows = explained.database_users.iter().flat_map(|row| {
        row.taken.iter().map(|taken| {
            [format!("{} / {}", row.project, row.user), taken.class.as_str().to_owned(), taken.because.clone()]
        })
    });
    section(out, style, "Database users", &rows.collect::<Vec<_>>())?;
    let rows = explained.databases.iter().flat_map(|row| {
        row.taken.iter().map(|taken| {
            [format!("{} / {}", row.project, row.database), taken.class.as_str().to_owned(), taken.because.clone()]
        })
    });
    section(out, style, "Databases that roles name", &rows.collect::<Vec<_>>())?;
    let rows = explained.notes.iter().map(|note| {
        let kind = match note.kind {
            NoteKind::Expired => "expired",
            NoteKind::NamesNothing => "names nothing",
            NoteKind::Undecided => "undecided",
        };
        [note.place.clone(), kind.to_owned(), note.says.clone()]
    });
    section(out, style, "To look at again", &rows.collect::<Vec<_>>())?;
    writeln!(out, "\n{}", sentence(explained))
}

fn section(out: &mut dyn Write, style: &Style, title: &str, rows: &[[String; 3]]) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.paint(look::STRONG, title))?;
    let rows: Vec<_> = rows.iter().map(|row| row.each_ref().map(|cell| visible(cell))).collect();
    let column = |index: usize| rows.iter().map(|row| width(&row[index])).max().unwrap_or_default().min(WIDEST);
    let (first, second) = (column(0), column(1));
    for [what, class, because] in &rows {
        let what = shortened(what, WIDEST);
        let pad = |text: &str, to: usize| " ".repeat(to.saturating_sub(width(text)));
        let because = style.paint(look::FAINT, because);
        writeln!(out, "  {what}{}  {class}{}  {because}", pad(&what, first), pad(class, second))?;
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
