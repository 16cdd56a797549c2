//! Regular expressions: what they ask of a string, and which of them engines read differently.

use super::super::pattern::{Pattern, Shape};
use super::super::value::Text;

fn pattern(source: &str) -> Pattern {
    Pattern::new(0, source, "").unwrap_or_else(|why| panic!("{source}: {why}"))
}

/// `everything`, `free`, or the beginnings or names, sorted.
fn shape(source: &str) -> String {
    let sorted = |mut texts: Vec<String>| {
        texts.sort();
        if texts.len() > 8 { format!("{} of them", texts.len()) } else { texts.join("|") }
    };
    match pattern(source).shape {
        Shape::Everything => "everything".to_owned(),
        Shape::Prefixes(texts) => format!("begins {}", sorted(texts)),
        Shape::Exactly(texts) => format!("is {}", sorted(texts)),
        Shape::Free => "free".to_owned(),
    }
}

#[test]
fn an_expression_asks_for_beginnings_for_whole_names_or_for_something_else() {
    let alternatives = |count: usize| (0..count).map(|n| format!("w{n}")).collect::<Vec<_>>().join("|");
    for (source, expected) in [
        ("", "everything"),
        ("^a*", "everything"),
        ("^a", "begins a"),
        ("^(shop|crm)", "begins crm|shop"),
        ("^(shop|crm)\\.", "begins crm.|shop."),
        ("^a(b|c)(d|e)", "begins abd|abe|acd|ace"),
        ("^ab?", "begins a|ab"),
        ("^ab?c", "begins abc|ac"),
        ("^ab*", "begins a"),
        ("^ab*?", "begins a"),
        ("^ab{0,2}", "begins a"),
        ("^ab+", "free"),
        ("^ab{0,2}c", "free"),
        ("^[ab]c", "begins ac|bc"),
        ("^(?:|a)b", "begins ab|b"),
        ("^((ab))", "begins ab"),
        ("^a(b(cd|ef)|g)", "begins abcd|abef|ag"),
        ("(^)ab", "begins ab"),
        ("(?i)^ab", "begins AB|Ab|aB|ab"),
        // Sixteen letters are few, seventeen are not; so are 256 strings and 257.
        ("^[a-p]", "begins 16 of them"),
        ("^[a-q]", "free"),
        ("^[a-p][a-p]", "begins 256 of them"),
        ("^[a-p][a-p][ab]", "free"),
        ("^a$", "is a"),
        ("^(a|b)c$", "is ac|bc"),
        ("^a$b", "free"),
        ("^a$b?", "free"),
        ("^a$|^b$", "free"),
        ("a", "free"),
        ("a$", "free"),
        (".", "free"),
    ] {
        assert_eq!(shape(source), expected, "{source}");
    }
    assert_eq!(shape(&format!("^({})$", alternatives(256))), "is 256 of them");
    assert_eq!(shape(&format!("^({})$", alternatives(257))), "free");
}

#[test]
fn spellings_that_engines_read_differently_are_refused_and_no_others() {
    for source in [
        r"(a)\8",
        r"[\1]",
        r"[\b]",
        r"\b{start}",
        r"\B{2}",
        r"\<a",
        r"\Z",
        r"\Qa",
        r"[a&&b]",
        r"[a--b]",
        r"[a~~b]",
        r"[[a]b]",
        r"[a[b]",
        r"[]a&&b]",
        r"[^]a--b]",
        r"[[:alpha:]&&b]",
        r"[\]&&a]",
    ] {
        let why = Pattern::new(0, source, "").unwrap_err();
        assert!(why.contains("engines read differently"), "{source}: {why}");
    }
    for source in [
        r"(a)\1",
        r"(a)\7?",
        r"\bshop\b",
        r"a&&b",
        r"a--b",
        r"[a]&&[b]",
        r"[^a]--",
        r"\[a&&b\]",
        r"\\[a]",
        r"[a-b]-c--",
        r"[[:alpha:]_]a",
        r"[[:alpha:]]&&",
        r"[a\]b]&&",
    ] {
        if let Err(why) = Pattern::new(0, source, "") {
            assert!(!why.contains("engines read differently"), "{source}: {why}");
        }
    }
}

#[test]
fn an_expression_shows_a_string_that_it_matches() {
    for (source, sample) in [
        ("x.y", Some("xay")),
        ("x[0-9]{2}(b|c)", Some("x00b")),
        ("[A-C]-[!-/]", Some("A-!")),
        ("(ab)+$", Some("ab")),
        ("(?:one|two) more", Some("one more")),
        ("x{150}y{40}z", Some(&*format!("{}{}z", "x".repeat(150), "y".repeat(40)))),
        // No printable character will do, or it grows beyond all measure.
        ("a[é-ü]", None),
        ("x{150}y{60}z", None),
        // Nothing is known of what only the other engine reads.
        ("(?=a)b", None),
    ] {
        assert_eq!(pattern(source).sample().as_deref(), sample, "{source}");
    }
}

#[test]
fn a_question_costs_by_what_its_engine_may_do() {
    let cost = |source: &str, text: &Text| pattern(source).cost(text);
    let long = Text::plain("a".repeat(1_600));
    let assumed = Text { text: "a".to_owned(), assumed: Some(Vec::new()) };
    let names = |count: usize| (0..count).map(|n| format!("w{n}")).collect::<Vec<_>>().join("|");
    for (source, text, expected) in [
        // One that goes back and tries again, however short the text.
        ("(?=a)b", &Text::plain("a"), 500),
        ("x.y", &long, 100),
        ("x.y", &Text::plain("a"), 0),
        // What is only assumed is not matched at all.
        ("(?=a)b", &assumed, 0),
        ("x.y", &assumed, 0),
        ("", &long, 0),
        (&*format!("^({})", names(160)), &assumed, 10),
        (&*format!("^({})$", names(160)), &long, 10),
    ] {
        assert_eq!(cost(source, text), expected, "{source}");
    }
}

#[test]
fn one_expression_is_itself_and_no_other() {
    let numbered = |id| Pattern::new(id, "a.b", "").unwrap();
    assert_eq!(numbered(1), numbered(1));
    assert_ne!(numbered(1), numbered(2));
}
