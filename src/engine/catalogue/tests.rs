use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::engine::catalogue::table::TABLE;
use crate::engine::example;
use crate::engine::rule::{Expected, Scope};

#[test]
fn every_example_is_judged_as_it_says() {
    let mut wrong = Vec::new();
    for entry in Catalogue::built_in().entries() {
        for (index, one) in entry.examples().iter().enumerate() {
            if let Err(why) = example::judge(Catalogue::built_in(), entry, one) {
                let because = one.because.as_deref().unwrap_or_default();
                wrong.push(format!("{} example {} ({because}): {why}", entry.rule.id, index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_passing_a_failing_and_an_unknown_example() {
    for entry in Catalogue::built_in().entries() {
        for wanted in [Expected::Pass, Expected::Fail, Expected::Unknown] {
            // A scan always knows about itself; the inventory says "unknown: never".
            if entry.rule.id == "ATL-META-001" && wanted == Expected::Unknown {
                continue;
            }
            let any = entry.examples().iter().any(|example| {
                // What only a person can know passes by their word alone.
                example.is == wanted || (wanted == Expected::Pass && example.is == Expected::Attested)
            });
            assert!(any, "{} has no example that is {wanted:?}", entry.rule.id);
        }
    }
}

#[test]
fn the_folder_and_the_table_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut on_disk = BTreeSet::new();
    for category in std::fs::read_dir(root).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(category.path()).unwrap().map(Result::unwrap) {
            let name = file.file_name().into_string().unwrap();
            let name = name.strip_suffix(".toml").expect("only rules").to_owned();
            on_disk.insert(format!("{}/{name}", category.file_name().into_string().unwrap()));
        }
    }
    let registered: BTreeSet<_> = Catalogue::built_in().entries().map(|entry| entry.file.to_owned()).collect();
    assert_eq!(on_disk, registered);
}

#[test]
fn ids_names_and_files_are_unique_and_agree() {
    let mut seen = BTreeSet::new();
    for entry in Catalogue::built_in().entries() {
        let rule = &entry.rule;
        assert!(entry.file.ends_with(&format!("/{}-{}", rule.id, rule.name)), "{}", entry.file);
        for name in [&rule.id, &rule.name].into_iter().chain(&rule.aliases) {
            assert!(seen.insert(name.clone()), "{name} stands twice");
        }
        assert!(!rule.title.ends_with('.'), "{}: a title has no full stop", rule.id);
        entry.bind(&toml::Table::new()).unwrap_or_else(|error| panic!("{}: {error}", rule.id));
        assert!(!rule.references.is_empty(), "{} has no reference", rule.id);
        assert!(
            !rule.needs.is_empty()
                || rule.scope == Scope::Scan
                || !rule.attestations.is_empty()
                || !rule.builds_on.is_empty(),
            "{} reads nothing",
            rule.id
        );
        for text in [&rule.passes, &rule.fails, &rule.since] {
            assert!(!text.trim().is_empty(), "{} leaves something unsaid", rule.id);
        }
        assert!(rule.expression.is_none() && rule.each.is_none(), "{} is built in", rule.id);
        for reference in &rule.references {
            assert!(reference.starts_with("https://www.mongodb.com/"), "{}: {reference}", rule.id);
        }
        for (framework, controls) in &rule.controls {
            let ids: BTreeSet<_> = controls.iter().map(|control| &control.id).collect();
            assert!(ids.len() == controls.len(), "{}: {} names a requirement twice", rule.id, framework.slug());
        }
        assert!(rule.remediation.cli.is_some() || rule.remediation.console.is_some(), "{}: no way out", rule.id);
    }
}

#[test]
fn rules_build_on_rules_that_exist_and_judge_no_combination_themselves() {
    let catalogue = Catalogue::built_in();
    for entry in catalogue.entries() {
        for leg in &entry.rule.builds_on {
            let leg = catalogue.entries().find(|other| other.rule.id == *leg);
            let leg = leg.unwrap_or_else(|| panic!("{} builds on a rule that is not there", entry.rule.id));
            assert!(leg.rule.builds_on.is_empty(), "{}: {} is a combination", entry.rule.id, leg.rule.id);
        }
    }
}

#[test]
fn rules_are_found_by_id_name_and_nearly_so() {
    let catalogue = Catalogue::built_in();
    for asked in ["ATL-NET-001", "atl-net-001", "NET-001", "access-list-open-to-internet"] {
        assert_eq!(catalogue.find(asked).map(|entry| entry.rule.id.as_str()).ok(), Some("ATL-NET-001"));
    }
    let Err(NoSuch::Rule { nearest, .. }) = catalogue.find("access-list-open-to-internett") else { panic!() };
    assert_eq!(nearest.as_deref(), Some("access-list-open-to-internet"));
}

#[test]
fn examples_stand_at_the_end_of_a_file_where_they_are_left_until_somebody_asks() {
    for registered in TABLE {
        let (text, examples) = registered.parts();
        let mut apart: toml::Table = registered.parsed(text);
        apart.extend(registered.parsed::<toml::Table>(examples));
        let whole: toml::Table = registered.parsed(registered.text);
        assert!(whole == apart && whole.contains_key("example"), "{}", registered.file);
    }
}
