//! For people with a browser: one file that holds everything it shows and asks nobody for anything.
//!
//! `head` writes what can be read without JavaScript, `model` the data from which `page.js` makes the rest. Whatever
//! comes from outside is escaped here, as text of the page (`Escaped`) or as JSON in it (`Embedded`), and the script
//! only ever sets it as text. The policy in the page's head lets no other script run, even if that were forgotten
//! somewhere: it names the two inline texts by their hashes.

mod access;
mod elsewhere;
mod exposed;
mod head;
mod model;
#[cfg(test)]
mod tests;
mod trend;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::text::visible;
use super::{About, RenderError, Report};
use crate::snapshot::digest;

pub use access::Access;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Findings that a page lists, whatever was asked: a browser holds no more in comfort. It counts them all.
const MOST_FINDINGS: usize = 50_000;

/// Writes the page.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> Result<(), RenderError> {
    let snapshot = digest_of_snapshot(&report.about)?;
    let (style, script) = (lines(STYLE), lines(SCRIPT));
    for piece in lines(PAGE).split("{{") {
        let (slot, text) = piece.split_once("}}").unwrap_or(("", piece));
        match slot {
            "" => {}
            "policy" => out.write_all(policy(&style, &script).as_bytes())?,
            "title" => head::title(report, out)?,
            "style" => out.write_all(style.as_bytes())?,
            "script" => out.write_all(script.as_bytes())?,
            "head" => head::write(report, snapshot.as_deref(), out)?,
            "lists" => head::lists(report, out)?,
            "passed" => head::passed(report, out)?,
            "data" => model::write(report, snapshot.as_deref(), &mut Embedded(out))?,
            other => unreachable!("the page has no slot {other}"),
        }
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// How many findings the page lists.
fn listed(report: &Report) -> usize {
    report.counts.all_findings().min(report.most_findings).min(MOST_FINDINGS)
}

/// As a browser reads it: it hashes lines that end in a line feed alone, however the file was checked out.
fn lines(text: &'static str) -> Cow<'static, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// Nothing is fetched, nothing is sent, and no script or style but these two has any effect.
fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(style)),
        base64(&Sha256::digest(script))
    )
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0_u32, |number, at| number << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let digit = ALPHABET[(number >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// SHA-256 of the snapshot file that was judged or written, if there is one.
fn digest_of_snapshot(about: &About) -> Result<Option<String>, RenderError> {
    let Some(snapshot) = &about.snapshot else { return Ok(None) };
    let unreadable = |source: io::Error| RenderError::Snapshot { path: snapshot.path.clone(), source: source.into() };
    digest::of_file(&snapshot.path).map(Some).map_err(unreadable)
}

/// Text from outside, fit to be looked at, without what HTML forbids.
fn shown(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    let forbidden = |c: char| (u32::from(c) & 0xFFFE) == 0xFFFE || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    if text.contains(forbidden) { text.replace(forbidden, "\u{fffd}").into() } else { text }
}

/// Text as text of the page or as the value of an attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = shown(self.0);
        let mut rest = &*text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

/// The same, where text between backticks is code, as rules and advice write it.
struct Prose<'a>(&'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.split('`').enumerate().filter(|(_, part)| !part.is_empty()) {
            if index % 2 == 1 { write!(f, "<code>{}</code>", Escaped(part))? } else { Escaped(part).fmt(f)? }
        }
        Ok(())
    }
}

/// JSON within an element of the page. Outside of strings JSON has no `<`, so that any can be spelt otherwise: no end
/// of the element, and no comment, can begin in it.
struct Embedded<'a>(&'a mut dyn Write);

impl Write for Embedded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (index, part) in bytes.split(|byte| *byte == b'<').enumerate() {
            if index > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
