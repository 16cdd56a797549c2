//! Data flows one way: atlas → snapshot → analysis → engine and rules → report.

use std::path::Path;

/// A module, and what it must not know of.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "snapshot",
        &[
            "atlas",
            "analysis",
            "engine",
            "rules",
            "config",
            "report",
            "history",
            "review",
            "commands",
            "cli",
            "simulator",
        ],
    ),
    (
        "atlas",
        &["analysis", "engine", "rules", "config", "report", "history", "review", "commands", "cli", "simulator"],
    ),
    (
        "analysis",
        &["atlas", "engine", "rules", "config", "report", "history", "review", "commands", "cli", "simulator"],
    ),
    ("engine", &["atlas", "config", "report", "history", "review", "commands", "cli", "simulator"]),
    ("rules", &["atlas", "config", "report", "history", "review", "commands", "cli", "simulator"]),
    ("config", &["atlas", "report", "history", "review", "commands", "cli", "simulator"]),
    ("report", &["atlas", "rules", "history", "review", "commands", "cli", "simulator"]),
    ("review", &["atlas", "rules", "commands", "cli", "simulator"]),
    ("history", &["atlas", "rules", "config", "review", "commands", "cli", "simulator"]),
    ("simulator", &["analysis", "engine", "rules", "config", "report", "history", "review", "commands", "cli"]),
];

fn sources(path: &Path, found: &mut Vec<(String, String)>) {
    if path.is_file() {
        found.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
    } else if let Ok(entries) = std::fs::read_dir(path) {
        for entry in entries {
            sources(&entry.unwrap().path(), found);
        }
    }
}

#[test]
fn imports_point_back_up_the_map() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (module, unknown) in ARROWS {
        let mut files = Vec::new();
        sources(&src.join(module), &mut files);
        sources(&src.join(format!("{module}.rs")), &mut files);
        assert!(!files.is_empty(), "{module} is gone: this test needs the new map");
        for (file, text) in files {
            for other in *unknown {
                let code = text.split("#[cfg(test)]").next().unwrap();
                // The table of endpoints is facts, not HTTP: which role may read what is something a rule can say.
                let uses = code.lines().any(|line| {
                    line.contains(&format!("crate::{other}"))
                        && !(*module == "rules" && line.contains("crate::atlas::endpoints::"))
                });
                if uses {
                    wrong.push(format!("{file} uses {other}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
