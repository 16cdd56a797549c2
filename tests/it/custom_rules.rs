//! Rules of an organization's own: started, tested, judged by, and refused where they cannot be right.

use serde_json::Value;

use crate::support::Stage;

fn write(stage: &Stage, name: &str, text: &str) {
    let path = stage.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn rule(scope: &str, more: &str) -> String {
    format!(
        "id = \"ACME-001\"\nname = \"ours\"\ntitle = \"It is not as we want it\"\nseverity = \"high\"\nscope = \"{scope}\"\nwhy = \
         \"so\"\n{more}"
    )
}

#[test]
fn what_rules_new_would_write_in_vain_is_refused() {
    let stage = Stage::of("demo");
    assert_eq!(stage.run(&["rules", "new", "ACME-001", "some-name", "--folder", "ours"]).code, 0);
    for (id, name, why) in [
        ("bad name", "some-other", "no id such as ACME-001"),
        ("../ACME-2", "some-other", "no id such as ACME-001"),
        ("ACME-002", "Bad Name!", "no name such as"),
        ("ATL-NET-001", "some-other", "those of the built-in rules"),
        ("ACME-001", "some-other", "another rule is called `ACME-001`"),
        ("ACME-002", "some-name", "another rule is called `some-name`"),
        ("ACME-002", "access-list-open-to-internet", "another rule is called `access-list-open-to-internet`"),
    ] {
        let run = stage.run(&["rules", "new", id, name, "--folder", "ours"]);
        assert!(run.code == 2 && run.stderr.contains(why), "{id} {name}: {}", run.stderr);
    }
    assert_eq!(std::fs::read_dir(stage.path("ours")).unwrap().count(), 1);
}

#[test]
fn what_rules_new_writes_is_judged_as_it_says() {
    for scope in ["organization", "project", "cluster", "database-user"] {
        let stage = Stage::of("demo");
        let made = stage.run(&["rules", "new", "ACME-007", "to-start-from", "--folder", "ours", "--scope", scope]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        let tested = stage.run(&["rules", "test", "ours"]);
        assert_eq!(tested.code, 0, "{scope}: {}{}", tested.stdout, tested.stderr);
        assert!(tested.stdout.contains("ok     ACME-007"), "{}", tested.stdout);
        let again = stage.run(&["rules", "new", "ACME-007", "to-start-from", "--folder", "ours"]);
        assert_eq!(again.code, 2, "a file that is there is left alone");
        let scan = stage.run(&["scan", "--rules", "ours", "--rule", "ACME-007", "--format", "json", "--exit-zero"]);
        assert_eq!(scan.code, 0, "{}", scan.stderr);
        assert_eq!(scan.json()["rules"][0]["id"], "ACME-007");
    }
}

#[test]
fn an_entry_without_a_comment_is_found_and_pointed_at() {
    let stage = Stage::of("demo");
    stage.run(&["rules", "new", "ACME-002", "entries-have-comments", "--folder", "ours"]);
    let scan = stage.run(&["scan", "--rules", "ours", "--rule", "acme-002", "--format", "json", "--exit-zero"]);
    let report = scan.json();
    let found = report["findings"].as_array().unwrap();
    assert!(!found.is_empty());
    for one in found {
        let at = one["resource"]["ref"].as_str().unwrap();
        assert!(at.contains("/accessList/"), "{at}");
        assert!(one["message"].as_str().unwrap().ends_with("says nothing of who needs it"), "{one}");
    }
    let listed = stage.run(&["rules", "list", "--rules", "ours", "--format", "json"]);
    let listed: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    let ours = listed.iter().find(|rule| rule["id"] == "ACME-002").unwrap();
    assert_eq!(ours["needs"], serde_json::json!(["project.accessList"]), "what an expression reads is found in it");
}

#[test]
fn what_could_not_be_read_is_unknown() {
    let stage = Stage::of("demo");
    let asks = rule("project", "expression = \"!project.auditLog.enabled || project.auditLog.auditFilter != ''\"\n");
    write(&stage, "ours/a.toml", &asks);
    let report =
        stage.run(&["scan", "--rules", "ours", "--rule", "ACME-001", "--format", "json", "--exit-zero"]).json();
    let unknown = report["unknowns"].as_array().unwrap();
    assert!(
        unknown.iter().any(|one| one["reasons"][0].as_str().unwrap().contains("401 USER_UNAUTHORIZED")),
        "{unknown:?}"
    );
}

#[test]
fn an_expression_that_cannot_be_right_is_refused_with_its_place() {
    let cases = [
        ("project", "expression = \"project.acessList.all(e, has(e.comment))\"", "7:", "did you mean `accessList`?"),
        ("project", "expression = \"project.accessList.all(e, has(e.coment))\"", "7:", "did you mean `comment`?"),
        ("project", "expression = \"projct.name != ''\"", "7:15", "did you mean `project`?"),
        ("project", "expression = \"project.name.startWith('x')\"", "7:", "did you mean `startsWith`?"),
        ("project", "expression = \"project.accessList.al(e, true)\"", "7:", "there is no function `al`"),
        ("project", "expression = \"project.name == 7\"", "7:", "a string is compared with a number"),
        ("project", "expression = \"project.name &&\"", "7:", "this is no CEL"),
        ("project", "expression = \"cluster.name == ''\"", "7:15", "there is no `cluster` here"),
        ("project", "expression = \"project.name && true\"", "7:", "neither true nor false"),
        ("project", "expression = \"parameters.most > 1\"\nparameters.least = 1", "7:", "no field is called `most`"),
        (
            "organization",
            "expression = \"organization.users.all(u, u.roles.orgRoles.exists(r, r == 3))\"",
            "7:",
            "compared with",
        ),
    ];
    for (scope, more, place, says) in cases {
        let stage = Stage::of("demo");
        write(&stage, "ours/a.toml", &rule(scope, more));
        for command in [&["rules", "test", "ours"][..], &["scan", "--rules", "ours"]] {
            let run = stage.run(command);
            assert_eq!(run.code, 2, "{more}: {}", run.stdout);
            assert!(run.stderr.contains(says), "{more}: {}", run.stderr);
            assert!(run.stderr.contains(&format!("a.toml:{place}")), "{more}: {}", run.stderr);
        }
        assert!(stage.requests().is_empty(), "a bad rule is noticed before Atlas is asked");
    }
}

#[test]
fn a_file_that_is_no_rule_is_refused() {
    let plain = "expression = \"true\"";
    let text = |id: &str, name: &str| {
        rule("project", plain).replace("ACME-001", id).replace("\"ours\"", &format!("\"{name}\""))
    };
    let cases = [
        (text("ATL-NET-001", "x"), "ids that begin with ATL-"),
        (text("acme", "x"), "is no id such as"),
        (text("ACME-001", "mfa-not-required"), "another rule is called `mfa-not-required`"),
        (rule("project", ""), "there is no `expression`"),
        (rule("galaxy", plain), "galaxy"),
        (rule("project", "each = \"cluster.processArgs\"\nexpression = \"true\""), "no list of a project"),
        (rule("project", "expression = \"true\"\nexpresion = \"x\""), "expresion"),
        ("no TOML at all".to_owned(), "a.toml"),
    ];
    for (text, says) in cases {
        let stage = Stage::of("demo");
        write(&stage, "ours/a.toml", &text);
        let run = stage.run(&["rules", "test", "ours"]);
        assert_eq!(run.code, 2, "{text}");
        assert!(run.stderr.contains(says), "{text}: {}", run.stderr);
    }
    let stage = Stage::of("demo");
    assert_eq!(stage.run(&["rules", "test", "nowhere"]).code, 2);
    std::fs::create_dir(stage.path("empty")).unwrap();
    let run = stage.run(&["rules", "test", "empty"]);
    assert!(run.code == 2 && run.stderr.contains("holds no rules"), "{}", run.stderr);
}

#[test]
fn an_example_that_is_not_so_fails_the_test() {
    let stage = Stage::of("demo");
    let examples = "expression = \"project.name != 'x'\"\n[[example]]\nis = \"fail\"\nproject = { name = \"y\" }\n";
    write(&stage, "ours/a.toml", &rule("project", examples));
    let run = stage.run(&["rules", "test", "ours"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    for says in ["WRONG", "expected Fail, got Pass", "no example that passes", "no example that is unknown"] {
        assert!(run.stdout.contains(says), "{says}: {}", run.stdout);
    }
}

#[test]
fn own_functions_judge_addresses_and_times() {
    let stage = Stage::of("demo");
    let text = rule(
        "project",
        r#"each = "project.accessList"
expression = "isPrivate(item.cidrBlock) || prefixLength(item.cidrBlock) >= 24 || cidrContains('198.51.100.0/22', item.cidrBlock) || (has(item.deleteAfterDate) && timestamp(item.deleteAfterDate) - now < duration('24h'))"

[[example]]
is = "pass"
now = "2026-11-01T12:00:00Z"
project = { accessList = [{ cidrBlock = "10.0.0.0/8" }, { cidrBlock = "192.0.2.0/24" }, { cidrBlock = "198.51.100.0/23" }, { cidrBlock = "0.0.0.0/0", deleteAfterDate = "2026-11-02T11:00:00Z" }] }

[[example]]
is = "fail"
findings = 2
now = "2026-11-01T12:00:00Z"
project = { accessList = [{ cidrBlock = "192.0.2.0/23" }, { cidrBlock = "0.0.0.0/0", deleteAfterDate = "2026-11-03T11:00:00Z" }] }

[[example]]
is = "unknown"
finds = "is no range of addresses"
project = { accessList = [{ cidrBlock = "somewhere" }] }
"#,
    );
    write(&stage, "ours/a.toml", &text);
    let run = stage.run(&["rules", "test", "ours"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_configuration_changes_rules_of_ones_own_too() {
    let stage = Stage::of("demo");
    stage.run(&["rules", "new", "ACME-002", "entries-have-comments", "--folder", "ours"]);
    write(&stage, "atlas-audit.toml", "[rules.ACME-002]\nseverity = \"critical\"\nleast = 4000\n");
    let scan = |more: &[&str]| stage.run(&[&["scan", "--rule", "ACME-002", "--rules", "ours"], more].concat());
    let report = scan(&["--format", "json", "--exit-zero"]).json();
    let found = report["findings"].as_array().unwrap();
    assert!(found.len() > 20, "no comment is that long");
    assert!(found.iter().all(|one| one["severity"] == "critical"));
    assert_eq!(stage.run(&["scan", "--rule", "NET-001", "--exit-zero"]).code, 0, "a run without the folder lets it be");
    write(&stage, "atlas-audit.toml", "[rules.ACME-002]\nlast = 3\n");
    let wrong = scan(&[]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("atlas-audit.toml:1") && wrong.stderr.contains("did you mean `least`?"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn an_expression_that_is_too_large_is_refused_and_overflows_nothing() {
    let stage = Stage::of("demo");
    assert_eq!(stage.run(&["fetch", "--quiet", "--rule", "NET-001", "--output", "now.jsonl"]).code, 0);
    let refused = [
        (format!("{}1 > 0", "1+".repeat(5000)), "more than 500 operators"),
        (format!("{}true", "!".repeat(5000)), "more than 500 operators"),
        (format!("{}true{}", "(".repeat(100), ")".repeat(100)), "more than 50 brackets"),
        (format!("true{}", " ".repeat(16_000)), "16004 bytes long"),
    ];
    for (expression, says) in refused {
        write(&stage, "ours/a.toml", &rule("project", &format!("expression = \"{expression}\"")));
        for command in [&["rules", "test", "ours"][..], &["scan", "--snapshot", "now.jsonl", "--rules", "ours"]] {
            let run = stage.run(command);
            assert!(run.code == 2 && run.stderr.contains(says), "{says}: {}", run.stderr);
        }
    }
    // What is just small enough is judged, by threads with small stacks too.
    let judged = [
        format!("{}1 > 0", "1+".repeat(499)),
        format!("{}true", "!".repeat(500)),
        format!("{}true", "true && ".repeat(500)),
        format!("{}1 > 0{}", "(1 + ".repeat(49), ")".repeat(49)).replacen("1 > 0", "1", 1) + " > 0",
        format!("{}true{}", "[1].all(x, ".repeat(24), ")".repeat(24)),
    ];
    for expression in judged {
        write(&stage, "ours/a.toml", &rule("project", &format!("expression = \"{expression}\"")));
        let scan = ["scan", "--snapshot", "now.jsonl", "--rules", "ours", "--rule", "ACME-001"];
        let run = stage.run(&scan);
        assert_eq!(run.code, 0, "{expression}: {}", run.stderr);
    }
}

#[test]
fn a_file_that_is_no_rule_is_not_shown_as_a_whole() {
    let stage = Stage::of("demo");
    write(&stage, "ours/a.toml", &format!("MONGODB_ATLAS_CLIENT_SECRET=hunter2{}", "x".repeat(300)));
    let run = stage.run(&["rules", "test", "ours"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("line 1, column ") && run.stderr.contains("CLIENT_SECRET= …"), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    write(&stage, "ours/a.toml", &format!("a = {}", "x".repeat(3000)));
    let run = stage.run(&["rules", "test", "ours"]);
    assert!(run.code == 2 && run.stderr.lines().all(|line| line.chars().count() < 120), "{}", run.stderr);
}
