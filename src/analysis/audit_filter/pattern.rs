//! Regular expressions: what is known about them without knowing the string.
//!
//! The server uses PCRE. Two engines stand in for it here, the second for look-around and back-references; where they
//! would read an expression differently from PCRE, it is refused and the filter stays undecided.

use fancy_regex::RegexBuilder as FancyBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::{evaluate::Truth, value::Text};

const LONGEST: usize = 2_000;
const MOST_LITERALS: usize = 256;
const BACKTRACKING: usize = 20_000;

#[derive(Debug)]
pub(super) struct Pattern {
    /// Its number within the filter; two equal expressions share one.
    pub(super) id: usize,
    pub(super) source: String,
    pub(super) options: String,
    pub(super) shape: Shape,
    engine: Engine,
    hir: Option<Hir>,
}

#[derive(Debug)]
enum Engine {
    Plain(regex::Regex),
    Fancy(Box<fancy_regex::Regex>),
}

/// What an expression asks of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing: every string matches.
    Everything,
    /// That it begins with one of these.
    Prefixes(Vec<String>),
    /// That it is one of these, a line end after it allowed.
    Exactly(Vec<String>),
    /// Anything else.
    Free,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Pattern {
    pub(super) fn new(id: usize, source: &str, options: &str) -> Result<Self, String> {
        if let Some(option) = options.chars().find(|option| !"imsx".contains(*option)) {
            return Err(format!("`$options` has the unknown letter `{option}`"));
        }
        let shown: String = source.chars().take(60).collect();
        if source.len() > LONGEST {
            return Err(format!("the regular expression `{shown}…` is too long"));
        }
        if read_differently(source) {
            return Err(format!("the regular expression `{shown}` is written in a way that engines read differently"));
        }
        let has = |option| options.contains(option);
        let refused = || format!("the regular expression `{shown}` cannot be read");
        let hir = regex_syntax::ParserBuilder::new()
            .nest_limit(60)
            .case_insensitive(has('i'))
            .multi_line(has('m'))
            .dot_matches_new_line(has('s'))
            .ignore_whitespace(has('x'))
            .build()
            .parse(source);
        let (engine, hir) = if let Ok(hir) = hir {
            let engine = regex::RegexBuilder::new(source)
                .nest_limit(60)
                .size_limit(1 << 19)
                .dfa_size_limit(1 << 19)
                .case_insensitive(has('i'))
                .multi_line(has('m'))
                .dot_matches_new_line(has('s'))
                .ignore_whitespace(has('x'))
                .build()
                .map_err(|_| refused())?;
            (Engine::Plain(engine), Some(hir))
        } else {
            if source.bytes().filter(|byte| *byte == b'(').count() > 60 {
                return Err(refused());
            }
            let mut flags: String = options.to_owned();
            if !flags.is_empty() {
                flags = format!("(?{flags})");
            }
            let engine = FancyBuilder::new(&format!("{flags}{source}"))
                .backtrack_limit(BACKTRACKING)
                .delegate_size_limit(1 << 19)
                .delegate_dfa_size_limit(1 << 19)
                .build()
                .map_err(|_| refused())?;
            (Engine::Fancy(Box::new(engine)), None)
        };
        let shape = hir.as_ref().map_or(Shape::Free, shape);
        Ok(Self { id, source: source.to_owned(), options: options.to_owned(), shape, engine, hir })
    }

    /// What matching counts for. An engine that goes back and tries again may do so for long before it gives up.
    pub(super) fn cost(&self, text: &Text) -> usize {
        match (&self.shape, &text.assumed, &self.engine) {
            (Shape::Free, None, Engine::Fancy(_)) => BACKTRACKING / 40,
            (Shape::Free, None, Engine::Plain(_)) => text.text.len() / 16,
            (Shape::Prefixes(known) | Shape::Exactly(known), ..) => known.len() / 16,
            _ => 0,
        }
    }

    /// `Err` when the engine gives up on a string that is really there.
    pub(super) fn matches(&self, text: &Text) -> Result<Truth, GaveUp> {
        let string = text.text.as_str();
        match &self.shape {
            Shape::Everything => return Ok(Truth::Yes),
            Shape::Prefixes(prefixes) => {
                return Ok(prefixes.iter().any(|prefix| string.starts_with(prefix.as_str())).into());
            }
            Shape::Exactly(strings) => {
                let line = string.strip_suffix('\n').unwrap_or(string);
                return Ok(strings.iter().any(|wanted| wanted == string || wanted == line).into());
            }
            Shape::Free => {}
        }
        if let Some(assumed) = &text.assumed {
            let answer = assumed.iter().find(|(id, _)| *id == self.id);
            return Ok(answer.map_or(Truth::Open, |(_, answer)| (*answer).into()));
        }
        // Letters beyond ASCII and line ends are where the engines differ in what `\w` and `$` mean.
        if !string.is_ascii() || string.contains(['\n', '\r']) {
            return Ok(Truth::Open);
        }
        match &self.engine {
            Engine::Plain(engine) => Ok(engine.is_match(string).into()),
            Engine::Fancy(engine) => engine.is_match(string).map(Truth::from).map_err(|_| GaveUp),
        }
    }

    /// A string that probably matches, for people to look at; the caller checks it.
    pub(super) fn sample(&self) -> Option<String> {
        let mut bytes = Vec::new();
        sample(self.hir.as_ref()?, &mut bytes)?;
        String::from_utf8(bytes).ok()
    }
}

/// The engine hit its limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct GaveUp;

/// Spellings that PCRE takes for something else than the engines here do: set operations and nested brackets within a
/// class, and the word-edge escapes.
fn read_differently(source: &str) -> bool {
    let bytes = source.as_bytes();
    let mut class = false;
    let mut at = 0;
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied();
        match bytes[at] {
            b'\\' => {
                let brace = bytes.get(at + 2) == Some(&b'{');
                match next {
                    // Back-references below 8 and outside a class are the same everywhere.
                    Some(b'1'..=b'7') if !class => {}
                    Some(b'<' | b'>' | b'Q' | b'E' | b'K' | b'h' | b'H' | b'Z' | b'G' | b'O' | b'0'..=b'9') => {
                        return true;
                    }
                    Some(b'b' | b'B') if class || brace => return true,
                    _ => {}
                }
                at += 1;
            }
            b'[' if !class => {
                class = true;
                if next == Some(b'^') {
                    at += 1;
                }
                // A bracket that closes at once stands for itself.
                if bytes.get(at + 1) == Some(&b']') {
                    at += 1;
                }
            }
            b'[' => {
                if next != Some(b':') {
                    return true;
                }
                // A named class: skip to its end.
                while at < bytes.len() && bytes[at] != b']' {
                    at += 1;
                }
            }
            b']' => class = false,
            byte @ (b'&' | b'-' | b'~') if class && next == Some(byte) => return true,
            _ => {}
        }
        at += 1;
    }
    false
}

fn shape(hir: &Hir) -> Shape {
    if empty_at(hir, &[Look::Start, Look::StartLF]) || empty_at(hir, &[Look::End, Look::EndLF]) {
        return Shape::Everything;
    }
    let parts = flattened(hir);
    let Some((first, rest)) = parts.split_first() else {
        return Shape::Free;
    };
    if !matches!(first.kind(), HirKind::Look(Look::Start)) {
        return Shape::Free;
    }
    let mut found = vec![Vec::new()];
    let mut parts = rest.iter().peekable();
    while let Some(part) = parts.peek() {
        let Some(next) = literals(part).and_then(|more| crossed(&found, &more)) else {
            break;
        };
        found = next;
        parts.next();
    }
    let ends = parts.peek().is_some_and(|part| matches!(part.kind(), HirKind::Look(Look::End)));
    let Ok(strings) = found.into_iter().map(String::from_utf8).collect::<Result<Vec<_>, _>>() else {
        return Shape::Free;
    };
    if ends && parts.len() == 1 {
        return Shape::Exactly(strings);
    }
    // What follows may always match nothing, and so asks for nothing.
    if parts.all(|part| empty_at(part, &[])) { Shape::Prefixes(strings) } else { Shape::Free }
}

fn flattened(hir: &Hir) -> Vec<&Hir> {
    match hir.kind() {
        HirKind::Capture(capture) => flattened(&capture.sub),
        HirKind::Concat(parts) => parts.iter().flat_map(flattened).collect(),
        _ => vec![hir],
    }
}

/// Whether the expression can match nothing at a place where these assertions hold.
fn empty_at(hir: &Hir, holding: &[Look]) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(_) | HirKind::Class(_) => false,
        HirKind::Look(look) => holding.contains(look),
        HirKind::Repetition(repetition) => repetition.min == 0 || empty_at(&repetition.sub, holding),
        HirKind::Capture(capture) => empty_at(&capture.sub, holding),
        HirKind::Concat(parts) => parts.iter().all(|part| empty_at(part, holding)),
        HirKind::Alternation(parts) => parts.iter().any(|part| empty_at(part, holding)),
    }
}

/// The strings that an expression can be, if they are few.
fn literals(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Class(Class::Unicode(class)) => {
            let size: usize = class.ranges().iter().map(regex_syntax::hir::ClassUnicodeRange::len).sum();
            if size == 0 || size > 16 {
                return None;
            }
            let letters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            Some(letters.map(|letter| letter.to_string().into_bytes()).collect())
        }
        HirKind::Capture(capture) => literals(&capture.sub),
        HirKind::Concat(parts) => {
            parts.iter().try_fold(vec![Vec::new()], |found, part| crossed(&found, &literals(part)?))
        }
        HirKind::Alternation(parts) => {
            let mut found = Vec::new();
            for part in parts {
                found.extend(literals(part)?);
                if found.len() > MOST_LITERALS {
                    return None;
                }
            }
            Some(found)
        }
        HirKind::Repetition(repetition) if repetition.min == 0 && repetition.max == Some(1) => {
            let mut found = literals(&repetition.sub)?;
            found.push(Vec::new());
            Some(found)
        }
        _ => None,
    }
}

fn crossed(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if left.len() * right.len() > MOST_LITERALS {
        return None;
    }
    Some(left.iter().flat_map(|left| right.iter().map(move |right| [left.as_slice(), right].concat())).collect())
}

fn sample(hir: &Hir, into: &mut Vec<u8>) -> Option<()> {
    if into.len() > 200 {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => into.extend_from_slice(&literal.0),
        HirKind::Class(Class::Unicode(class)) => {
            // A letter reads best; any printable character will do.
            let within =
                |wanted: char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&wanted));
            let letter =
                ('a'..='z').chain('A'..='Z').chain('0'..='9').chain('!'..='~').find(|letter| within(*letter))?;
            into.push(u8::try_from(letter).ok()?);
        }
        HirKind::Class(Class::Bytes(_)) => return None,
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min {
                sample(&repetition.sub, into)?;
            }
        }
        HirKind::Capture(capture) => sample(&capture.sub, into)?,
        HirKind::Concat(parts) => {
            for part in parts {
                sample(part, into)?;
            }
        }
        HirKind::Alternation(parts) => sample(parts.first()?, into)?,
    }
    Some(())
}
