//! Text from outside, made harmless in Markdown: it is read as it is, links nowhere, calls nobody, and is no HTML.

use std::fmt::Write;

use crate::report::text::visible;

/// As GitHub and GitLab know it: a space without width, which keeps them from making a link or a mention of what it parts.
const APART: &str = "&#8203;";

/// Prose. Pairs of backticks are code, as they are in our own messages; nothing else means anything.
pub(super) fn prose(text: &str) -> String {
    spans(text, '\\', |code| format!("`{code}`"))
}

/// Prose within HTML, where Markdown means nothing either.
pub(super) fn html(text: &str) -> String {
    spans(text, '\0', |code| format!("<code>{}</code>", parted(code, '\0')))
}

/// A name as code.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    if text.contains('`') || text.trim().is_empty() {
        return parted(&text, '\\');
    }
    format!("`{text}`")
}

/// Lines to be copied, within a list item that is indented so far.
pub(super) fn fenced(text: &str, language: &str, indent: usize) -> String {
    let lines: Vec<_> = text.trim().lines().map(visible).collect();
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut block = format!("{:indent$}{fence}{language}\n", "");
    for line in lines {
        _ = writeln!(block, "{:indent$}{line}", "");
    }
    _ = writeln!(block, "{:indent$}{fence}", "");
    block
}

/// Code spans by one function, what is between them by `parted`.
fn spans(text: &str, escape: char, code: impl Fn(&str) -> String) -> String {
    let text = visible(text);
    let parts: Vec<&str> = text.split('`').collect();
    let mut written = String::with_capacity(text.len() + 16);
    for (index, part) in parts.iter().enumerate() {
        let closed = index + 1 < parts.len();
        match index % 2 {
            0 => written.push_str(&parted(part, escape)),
            _ if closed && !part.trim().is_empty() => written.push_str(&code(part)),
            _ => {
                let tick = parted("`", escape);
                written.push_str(&tick);
                written.push_str(&parted(part, escape));
                if closed {
                    written.push_str(&tick);
                }
            }
        }
    }
    written
}

/// Every character that Markdown or HTML would act on is escaped, and what GitHub and GitLab would link is parted.
/// `escape` is a backslash in Markdown, and NUL in HTML, which has none.
fn parted(text: &str, escape: char) -> String {
    let mut written = String::with_capacity(text.len() + 16);
    let (mut rest, mut before) = (text.chars(), '\0');
    while let Some(c) = rest.next() {
        let next = rest.as_str();
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' if escape == '\0' => written.push_str("&quot;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '|' | '~' | '$' | '#' if escape != '\0' => {
                written.extend([escape, c]);
            }
            '(' if before == ']' && escape != '\0' => written.extend([escape, c]),
            c => written.push(c),
        }
        let links = match c {
            '@' | '#' | '!' | '~' | '%' | '$' => {
                next.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '"')
            }
            ':' => next.starts_with("//"),
            'w' | 'W' => next.starts_with('.'),
            _ => false,
        };
        if links {
            written.push_str(APART);
        }
        before = c;
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_keeps_code_and_nothing_else() {
        for (text, expected) in [
            ("`deploy` holds `atlasAdmin`", "`deploy` holds `atlasAdmin`"),
            ("a `b", "a \\`b"),
            ("a `` b", "a \\`\\` b"),
            ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
            ("[all is well](https://evil.example)", "\\[all is well\\]\\(https:&#8203;//evil.example)"),
            ("www.evil.example", "www&#8203;.evil.example"),
            ("@everyone #1 !2", "@&#8203;everyone \\#&#8203;1 \\!&#8203;2"),
            ("a|b\nc", "a\\|b\\\\nc"),
            ("::/0 (IPv6)", "::/0 (IPv6)"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("1 - 2 + 3. 50% off", "1 - 2 + 3. 50% off"),
        ] {
            assert_eq!(prose(text), expected);
        }
    }

    #[test]
    fn html_is_text() {
        assert_eq!(html("</summary><b>`x`\" @a"), "&lt;/summary&gt;&lt;b&gt;<code>x</code>&quot; @&#8203;a");
    }

    #[test]
    fn a_name_is_code_unless_it_could_leave_it() {
        assert_eq!(code("payments / <b>"), "`payments / <b>`");
        assert_eq!(code("a`b"), "a\\`b");
        assert_eq!(code(" "), " ");
    }

    #[test]
    fn nothing_ends_a_fence_early() {
        assert_eq!(fenced("a ```` b\nc", "sh", 2), "  `````sh\n  a ```` b\n  c\n  `````\n");
        assert_eq!(fenced("x", "", 0), "```\nx\n```\n");
    }
}
