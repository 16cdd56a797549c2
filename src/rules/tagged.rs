//! Which projects and clusters a rule's `scope` names: by what people tagged them as.

use crate::snapshot::values::Tag;

/// Stands for everything in a rule's `scope`.
const ALL: &str = "all";

/// Whether a tag says a word: `data-class: pci`, `pci: true`, `scope: pci-dss,sox`. Not so `pci: false` and
/// `data-class: non-pci`.
pub(crate) fn names(key: &str, value: &str, word: &str) -> bool {
    // Most words differ in length already, and few are not ASCII.
    let is = |other: &str| {
        other.eq_ignore_ascii_case(word)
            || (!(other.is_ascii() && word.is_ascii()) && other.to_lowercase() == word.to_lowercase())
    };
    let mut before = None;
    for said in words(value) {
        if is(said) && !before.is_some_and(is_negation) {
            return true;
        }
        before = Some(said);
    }
    words(key).any(is) && !words(value).next().is_some_and(is_negation)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn is_negation(word: &str) -> bool {
    const NEGATIONS: [&str; 8] = ["no", "non", "not", "none", "without", "false", "out", "0"];
    NEGATIONS.iter().any(|negation| negation.eq_ignore_ascii_case(word))
}

/// Whether any of the tags says a word.
pub(crate) fn says(tags: Option<&[Tag]>, word: &str) -> bool {
    tags.unwrap_or_default()
        .iter()
        .any(|tag| names(tag.key.as_deref().unwrap_or_default(), tag.value.as_deref().unwrap_or_default(), word))
}

/// Whether a rule's `scope`, a list of words or `all`, names what bears these tags.
pub(crate) fn is_within(scope: &[String], tags: Option<&[Tag]>) -> bool {
    scope.iter().any(|word| word.eq_ignore_ascii_case(ALL) || says(tags, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(key: &str, value: &str) -> Vec<Tag> {
        vec![Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) }]
    }

    #[test]
    fn a_tag_says_a_word_or_denies_it() {
        for (key, value) in
            [("data-class", "PCI"), ("pci", "true"), ("pci", ""), ("scope", "sox,pci-dss"), ("PCI_zone", "a")]
        {
            assert!(names(key, value, "pci"), "{key}: {value}");
        }
        for (key, value) in
            [("pci", "false"), ("pci", "out of scope"), ("data-class", "non-pci"), ("owner", "spcit"), ("pcix", "true")]
        {
            assert!(!names(key, value, "pci"), "{key}: {value}");
        }
        assert!(names("data-class", "gdpr, not pci", "gdpr"));
        assert!(!names("data-class", "gdpr, not pci", "pci"));
    }

    #[test]
    fn a_word_is_a_key_or_part_of_a_value() {
        assert!(says(Some(&tags("Regulated", "true")), "regulated"));
        assert!(says(Some(&tags("data-class", "PCI,internal")), "pci"));
        assert!(!says(Some(&tags("regulated", "false")), "regulated"));
        assert!(!says(Some(&tags("data-class", "pcirelated")), "pci"));
        assert!(!says(None, "pci"));
    }

    #[test]
    fn all_names_what_has_no_tags() {
        assert!(is_within(&["all".to_owned()], None));
        assert!(!is_within(&["pci".to_owned()], None));
        assert!(!is_within(&[], Some(&tags("pci", ""))));
    }

    #[test]
    fn words_are_the_same_in_any_case_also_beyond_ascii() {
        for (value, word, is) in [
            ("DÜSSELDORF", "düsseldorf", true),
            ("düsseldorf", "dusseldorf", false),
            ("zürich", "zug", false),
            ("zug", "zürich", false),
        ] {
            assert_eq!(names("site", value, word), is, "{value}, {word}");
        }
    }
}
