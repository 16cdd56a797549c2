//! The README and the pages it links to say what is so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use atlas_audit::atlas::endpoints::{Role, TABLE};
use atlas_audit::simulator::{CLIENT_ID, CLIENT_SECRET, Options, Simulator, embedded_demo};

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Everything between backquotes.
fn quoted(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn console_blocks_say_what_the_program_says() {
    trycmd::TestCases::new().case("README.md");
}

/// Each page in a folder of its own, with a simulator and a credential at hand, as its reader has Atlas and theirs.
#[test]
fn console_blocks_of_the_documentation_say_what_the_program_says() {
    let simulator = Simulator::start(embedded_demo(), Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut shown = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if text.contains("```console") {
            let copy = folder.path().join(path.file_name().unwrap());
            std::fs::write(&copy, text).unwrap();
            // Where the page's commands run.
            std::fs::create_dir(copy.with_extension("in")).unwrap();
            shown += 1;
        }
    }
    assert!(shown >= 5, "{shown} pages show what the program says");
    trycmd::TestCases::new()
        .env("MONGODB_ATLAS_BASE_URL", simulator.base_url())
        .env("MONGODB_ATLAS_CLIENT_ID", CLIENT_ID)
        .env("MONGODB_ATLAS_CLIENT_SECRET", CLIENT_SECRET)
        .case(folder.path().join("*.md"))
        .run();
}

#[test]
fn it_names_the_sections_that_organization_read_only_may_not_read() {
    let readme = page("README.md");
    let (_, rest) = readme.split_once("### What Organization Read Only leaves unknown").unwrap();
    let table: String =
        rest.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with('|')).collect();
    // The role includes those of a member, and Project Read Only in every project.
    let enough = [Role::Any, Role::OrganizationMember, Role::OrganizationReadOnly, Role::ProjectReadOnly];
    let others = TABLE.iter().filter(|row| !row.roles.iter().any(|role| enough.contains(role)));
    let others: BTreeSet<&str> = others.map(|row| row.section.name()).collect();
    assert_eq!(quoted(&table), others);
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for from in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/snapshot.md",
        "docs/configuration.md",
        "docs/formats.md",
        "docs/access.md",
        "docs/ci.md",
        "docs/getting-started.md",
        "docs/threat-model.md",
        "docs/verdicts.md",
        "docs/diff.md",
        "docs/review.md",
        "docs/recording.md",
        "rules/README.md",
    ] {
        let text = page(from);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let path: PathBuf = root.join(from).parent().unwrap().join(file);
            if !target.starts_with("http") && !path.exists() {
                missing.push(format!("{from}: {target}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
