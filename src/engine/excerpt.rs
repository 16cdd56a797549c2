//! A place in a file that somebody wrote, shown with a mark below it: short, and without what looks like a secret.
//!
//! A file that does not parse may be any file, such as one of credentials that was named by mistake.

use std::fmt;
use std::ops::Range;

/// Characters of a line that are shown at most.
const WIDTH: usize = 80;
/// What the name of a secret holds, in small letters and without what joins words.
const SECRETS: [&str; 6] = ["secret", "password", "passwd", "token", "privatekey", "apikey"];
const LEFT_OUT: char = '…';

/// A place in a file, and the line that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Counted from one.
    pub line: usize,
    /// Counted from one, in characters.
    pub column: usize,
    text: String,
    /// Where the mark begins, from zero.
    mark: usize,
    width: usize,
}

impl Excerpt {
    /// The first line of what lies there.
    #[must_use]
    pub fn of(text: &str, span: Range<usize>) -> Self {
        let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let column = text[line_start..start].chars().count();
        let marked = text.get(start..span.end).and_then(|marked| marked.lines().next());
        let (text_shown, mark) = shown(line, column);
        let rest = text_shown.chars().count().saturating_sub(mark);
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: column + 1,
            text: text_shown,
            mark,
            width: marked.map_or(0, |marked| marked.chars().count()).min(rest).max(1),
        }
    }
}

/// The line, and the mark below it.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "  {margin} |")?;
        writeln!(f, "  {number} | {}", self.text)?;
        write!(f, "  {margin} | {}{}", " ".repeat(self.mark), "^".repeat(self.width))
    }
}

/// What is shown of a line, and where a column of it comes to stand there.
fn shown(line: &str, column: usize) -> (String, usize) {
    // One column a character, so that the mark stands below what it marks; nothing that acts on a terminal.
    let mut characters: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if let Some(value) = secret(&characters) {
        characters.truncate(value);
        characters.extend([' ', LEFT_OUT]);
    }
    let column = column.min(characters.len());
    if characters.len() <= WIDTH {
        return (characters.into_iter().collect(), column);
    }
    let start = column.saturating_sub(WIDTH / 2).min(characters.len() - WIDTH);
    let end = start + WIDTH;
    let mut text: String = characters[start..end].iter().collect();
    if end < characters.len() {
        text.push(LEFT_OUT);
    }
    if start > 0 {
        text.insert(0, LEFT_OUT);
    }
    (text, column - start + usize::from(start > 0))
}

/// Where the value of something begins that is called like a secret.
fn secret(line: &[char]) -> Option<usize> {
    let mut name = String::new();
    for (at, c) in line.iter().enumerate() {
        match c {
            '=' | ':' if SECRETS.iter().any(|secret| name.contains(secret)) => return Some(at + 1),
            '_' | '-' | ' ' => {}
            c => name.extend(c.to_lowercase()),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, place: &str) -> Excerpt {
        let start = text.find(place).unwrap();
        Excerpt::of(text, start..start + place.len())
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("a = 1\n{}HERE{}\n", "é".repeat(500), "x".repeat(500));
        let shown = at(&text, "HERE");
        assert_eq!((shown.line, shown.column), (2, 501));
        let lines: Vec<Vec<char>> = shown.to_string().lines().map(|line| line.chars().collect()).collect();
        assert!(lines[1].len() <= WIDTH + 8, "{shown}");
        let marks = lines[2].iter().enumerate().filter(|(_, c)| **c == '^').map(|(at, _)| lines[1][at]);
        assert_eq!(marks.collect::<String>(), "HERE", "{shown}");
    }

    #[test]
    fn what_looks_like_a_secret_is_left_out() {
        for line in [
            "MONGODB_ATLAS_CLIENT_SECRET=hunter2",
            "  \"privateKey\": \"hunter2\"",
            "private-api-key = 'x'; api_key = hunter2",
            "{ a = 1, db_password = \"hunter2\" }",
            "refresh_token: hunter2",
        ] {
            let shown = at(line, "hunter2").to_string();
            assert!(!shown.contains("hunter2") && shown.contains('^'), "{shown}");
        }
        assert!(at("domains = [hunter2]", "hunter2").to_string().contains("hunter2"));
    }
}
