//! Text from outside, made fit to be looked at. The only place that knows which characters a terminal or a reader
//! can be fooled with.

use std::borrow::Cow;
use std::fmt::Write;

use textwrap::{WordSeparator, WordSplitter};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with everything spelt out that would act instead of being seen: control characters (and so ANSI
/// escapes), line breaks, changes of direction, and what has no width. Joiners stay: scripts and emoji need them.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => shown.extend(c.escape_debug()),
            c if acts(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown.into()
}

/// Whether a character acts instead of being seen.
pub(super) fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a spreadsheet computes what begins so. The wide forms count where Japanese or Chinese is typed.
pub(crate) fn computes(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '|' | '%' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'
    )
}

/// The text as a cell that no spreadsheet takes for a formula: what would begin one has a `'` before it.
pub(super) fn no_formula(text: &str) -> Cow<'_, str> {
    let begins = [text, text.trim_start()].map(|text| text.starts_with(computes));
    if begins.contains(&true) { format!("'{text}").into() } else { text.into() }
}

/// How many columns it takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// At most that many columns, and at most that many characters, with an ellipsis if something was cut off. Accents
/// have no width, and a thousand of them can stand on one letter.
pub(super) fn shortened(text: &str, columns: usize) -> Cow<'_, str> {
    let size = |c: char| c.width().unwrap_or(0).max(1);
    if text.chars().map(size).sum::<usize>() <= columns {
        return text.into();
    }
    let mut used = 1;
    let end = text.char_indices().find(|(_, c)| {
        used += size(*c);
        used > columns
    });
    let mut cut = text[..end.map_or(text.len(), |(at, _)| at)].to_owned();
    cut.push('…');
    cut.into()
}

/// Lines of at most `columns`, broken between words, and within one only if it is longer than a line.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let options = textwrap::Options::new(columns.max(8))
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}

/// A shell command over as many lines as it takes, each but the last ending in a backslash, so that it can be copied
/// as it stands. It is broken before options only, and never within quotes; where that is not enough a line is long.
pub(super) fn wrapped_command(command: &str, columns: usize) -> Vec<String> {
    if width(command) <= columns {
        return vec![command.to_owned()];
    }
    let mut lines = vec![String::new()];
    for part in options_of(command) {
        let last = lines.last_mut().expect("there is a first line");
        // Two columns for the backslash.
        if last.is_empty() {
            part.clone_into(last);
        } else if width(last) + width(part) + 3 > columns {
            last.push_str(" \\");
            lines.push(part.to_owned());
        } else {
            _ = write!(last, " {part}");
        }
    }
    lines
}

/// The command before its options, then each option with its values.
fn options_of(command: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quote, mut escaped) = (Vec::new(), 0, None, false);
    for (at, c) in command.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None | Some('"'), '\\') => escaped = true,
            (None, ' ') if command[at..].starts_with(" -") => {
                parts.push(&command[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&command[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_is_spelt_out() {
        assert_eq!(visible("café 日本 👩‍💻 payments"), "café 日本 👩‍💻 payments");
        assert_eq!(visible("\u{1b}[31mred\u{1b}[0m"), "\\u{1b}[31mred\\u{1b}[0m");
        assert_eq!(visible("two\nlines\tand\rmore\u{9b}2J"), "two\\nlines\\tand\\rmore\\u{9b}2J");
        assert_eq!(visible("user\u{202e}gnp.exe\u{200b}"), "user\\u{202e}gnp.exe\\u{200b}");
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("-5", "'-5"),
            ("＝1", "'＝1"),
            (" =1", "' =1"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(no_formula(text), cell);
        }
    }

    #[test]
    fn cuts_and_wraps_count_columns_not_characters() {
        assert_eq!(shortened("データベース", 7), "データ…");
        assert_eq!(shortened("data", 4), "data");
        assert_eq!(shortened(&format!("a{}", "\u{301}".repeat(5000)), 20).chars().count(), 20);
        assert_eq!(wrapped("データ ベース", 8), ["データ", "ベース"]);
        assert_eq!(wrapped("an-id-with-hyphens stays", 20), ["an-id-with-hyphens", "stays"]);
        assert!(wrapped(&"x".repeat(50), 20).iter().all(|line| width(line) <= 20));
    }

    #[test]
    fn a_wrapped_command_is_the_same_command() {
        let command =
            "atlas dbusers delete 'o'\\''neill -x' --authDB \"a -b\" --projectId 5f1b2c3d4e5f60718293a4b5 --force";
        let lines = wrapped_command(command, 40);
        assert_eq!(
            lines,
            [
                "atlas dbusers delete 'o'\\''neill -x' \\",
                "--authDB \"a -b\" \\",
                "--projectId 5f1b2c3d4e5f60718293a4b5 \\",
                "--force"
            ]
        );
        let typed = lines.join("\n").replace("\\\n", "");
        assert_eq!(shlex::split(&typed), shlex::split(command));
        assert_eq!(wrapped_command(command, 200), [command]);
    }
}
