//! Which projects and clusters a rule's `scope` names: by what people tagged them as.

use crate::snapshot::values::Tag;

/// Stands for everything in a rule's `scope`.
const ALL: &str = "all";

/// Whether tags say a word: as the key of a tag that is not denied, or as a word of a tag's value.
///
/// `regulated: true`, `pci:` and `data-class: pci` all do; `regulated: false` does not.
pub(crate) fn says(tags: Option<&[Tag]>, word: &str) -> bool {
    tags.unwrap_or_default().iter().any(|tag| {
        let value = tag.value.as_deref().unwrap_or_default().trim();
        let denied = ["false", "no", "none", "0"].iter().any(|no| no.eq_ignore_ascii_case(value));
        let is_key = tag.key.as_deref().is_some_and(|key| key.trim().eq_ignore_ascii_case(word));
        let is_value = value.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part.eq_ignore_ascii_case(word));
        (is_key && !denied) || is_value
    })
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
}
