//! `docs/coverage.md` names every rule, and nothing that does not exist.

use std::collections::BTreeSet;
use std::path::Path;

use atlas_audit::engine::Catalogue;

#[test]
fn the_page_names_every_rule_and_no_other() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md")).unwrap();
    let is_id = |word: &&str| word.starts_with("ATL-") && word.split('-').count() == 3;
    let mut here = BTreeSet::new();
    let mut later = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with('|')) {
        for cell in line.split([',', '|']) {
            let id = cell.split_whitespace().find(is_id);
            let Some(id) = id else { continue };
            if cell.contains("*later*") {
                later.insert(id)
            } else {
                here.insert(id)
            };
        }
    }
    let rules: BTreeSet<&str> = Catalogue::built_in().entries().map(|entry| entry.rule.id.as_str()).collect();
    assert_eq!(here.difference(&rules).collect::<Vec<_>>(), [&""; 0], "the page promises rules that do not exist");
    assert_eq!(rules.difference(&here).collect::<Vec<_>>(), [&""; 0], "the page leaves out rules");
    assert!(later.is_disjoint(&rules), "a rule that is to come is there already");
}
