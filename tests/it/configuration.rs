//! The configuration: found, refused with a place in the file, in force; started by `init`, explained by `config check`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::{Stage, verdicts};

/// Each kind of mistake once.
const MISTAKES: &[(&str, &str)] = &[
    ("unknown key", "domainz = []"),
    ("unknown key of a table", "[environments]\nprod = ['pay*']"),
    ("unknown key of one in a list", "[[people]]\nemail = 'ada@a.example'\nmail = 'ada@b.example'"),
    ("wrong type", "domains = 'a.example'"),
    ("wrong type in a list", "domains = ['a.example', 2]"),
    ("missing key", "[[people]]\nname = 'Ada'"),
    ("not TOML", "domains = ['a.example'\n\n[environments]"),
    ("twice", "domains = []\ndomains = []"),
    ("unknown rule", "[rules.access-list-broad-ranges]\nenabled = false"),
    ("rule twice", "[rules.ATL-NET-002]\nenabled = true\n\n[rules.access-list-broad-range]\nmax_ipv4_prefix = 8"),
    ("rule that is no table", "[rules]\nATL-NET-002 = 'high'"),
    ("unknown parameter", "[rules.ATL-NET-002]\nmax_ipv4_prefx = 26"),
    ("nearly a word of ours", "[rules.ATL-NET-002]\nsevrity = 'high'"),
    ("parameter of a wrong type", "[rules.ATL-NET-002]\nmax_ipv4_prefix = '26'"),
    ("parameter out of range", "[rules.ATL-NET-002]\nmax_ipv4_prefix = 1000"),
    (
        "unknown key within a parameter",
        "[rules.ATL-NET-002]\nallow = [\n  { cidr = '192.0.2.0/24', owner = 'net', untl = 2027-01-01 },\n]",
    ),
    (
        "wrong value within a parameter",
        "[rules.ATL-NET-002]\nallow = [\n  { cidr = '192.0.2', owner = 'net', until = 2027-01-01 },\n]",
    ),
    ("severity that is none", "[rules.ATL-NET-002]\nseverity = 'hihg'"),
    ("enabled that is neither", "[rules.ATL-NET-002]\nenabled = 'no'"),
    (
        "unknown control",
        "[[attestations]]\ncontrol = 'log-retentoin'\nstatement = 's'\nowner = 'o'\ndate = 2026-01-01\nexpires = 2026-12-31",
    ),
    (
        "expiry before date",
        "[[attestations]]\ncontrol = 'log-retention'\nstatement = 's'\nowner = 'o'\ndate = 2026-12-31\nexpires = 2026-01-01",
    ),
    ("no day", "[[break_glass]]\nuser = 'ops'\nowner = 'o'\nuntil = 'soon'"),
    (
        "tenants twice",
        "[[tenants]]\nuser_pattern = 't(\\d+)'\ndatabase = 't$1'\n\n[[tenants]]\nuser_pattern = 't(\\d+)'\ndatabase = 'u$1'",
    ),
    ("no regular expression", "[[tenants]]\nuser_pattern = 't(\\d+'\ndatabase = 't$1'"),
    ("no capture", "[[tenants]]\nuser_pattern = 't\\d+'\ndatabase = 't$1'"),
    ("a name without braces", "[[tenants]]\nuser_pattern = 't(?<number>\\d+)'\ndatabase = 't$number'"),
    ("no glob", "[environments]\nproduction = ['pay[']"),
    ("two environments", "[environments]\nproduction = ['pay*']\ntest = ['shop', 'pay*']"),
    ("no way to log in", "[[protected_users]]\nuser = 'app'\nroles = ['readWrite@shop']\nauthentication = 'x590'"),
    ("person twice", "[[people]]\nemail = 'ada@a.example'\n\n[[people]]\nemail = 'ada@a.example'"),
];

#[test]
fn a_mistake_is_shown_in_its_place_before_anything_is_read() {
    let stage = Stage::of("demo");
    let mut said = String::new();
    for (what, text) in MISTAKES {
        stage.write("atlas-audit.toml", text);
        let run = stage.run(&["scan"]);
        assert_eq!(run.code, 2, "{what}: {}{}", run.stdout, run.stderr);
        assert_eq!(run.stdout, "", "{what}");
        _ = write!(said, "--- {what}\n{}\n", run.masked_stderr());
    }
    assert!(stage.requests().is_empty());
    insta::assert_snapshot!(said);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let stage = Stage::of("demo");
    let run = stage.run(&["scan", "--config", "nowhere.toml"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.masked_stderr(), @"
    error: cannot read the configuration nowhere.toml
      cause: No such file or directory (os error <n>)
      help: name a file with --config, or do without one with --no-config
    ");
    stage.write("atlas-audit.toml", b"domains = ['\xff']");
    assert_eq!(stage.run(&["config", "check"]).code, 2);
    assert_eq!(stage.run(&["config", "check", "--no-config"]).code, 0);
}

const OPEN: &[&str] = &["scan", "--quiet", "--rule", "ATL-NET-001", "--format", "json"];

#[test]
fn the_nearest_configuration_is_in_force_and_named() {
    let stage = Stage::of("demo");
    stage.write("other.toml", "[rules.NET-001]\nseverity = 'low'");
    stage.write("atlas-audit.toml", "[rules.access-list-open-to-internet]\nseverity = 'info'");
    let severities = |more: &[&str]| {
        let report = stage.run(&[OPEN, more].concat()).json();
        let severity = |of: &Value| of["severity"].as_str().unwrap().to_owned();
        let found = report["findings"].as_array().unwrap().iter().chain([&report["rules"][0]]).map(severity);
        (found.collect::<BTreeSet<_>>().into_iter().collect::<String>(), report["configuration"].clone())
    };
    assert_eq!(severities(&[]), ("info".into(), "atlas-audit.toml".into()));
    assert_eq!(severities(&["--config", "other.toml"]), ("low".into(), "other.toml".into()));
    assert_eq!(severities(&["--no-config"]), ("critical".into(), Value::Null));
    assert_eq!(stage.run(&[OPEN, &["--fail-on", "low"]].concat()).code, 0);
    let run = stage.run(&["-v", "scan", "--rule", "NET-001"]);
    assert!(run.stderr.contains("configuration: atlas-audit.toml"), "{}", run.stderr);
    assert!(run.stdout.contains("by atlas-audit.toml"), "{}", run.stdout);
}

#[test]
fn parameters_and_declarations_count() {
    let stage = Stage::of("demo");
    let found = |rule: &str| {
        let run = stage.run(&["scan", "--quiet", "--rule", rule, "--format", "json"]);
        run.json()["findings"].as_array().unwrap().len()
    };
    let before = (found("ATL-NET-002"), found("ATL-AUTHN-001"));
    assert!(before.0 > 0 && before.1 > 0, "{before:?}");
    stage.write(
        "atlas-audit.toml",
        "[environments]\ndevelopment = ['*']\n[rules.ATL-NET-002]\nmax_ipv4_prefix = 0\nmax_ipv6_prefix = 0\n\
         max_public_addresses = 4294967296",
    );
    assert!(found("ATL-NET-002") < before.0);
    assert!(found("ATL-AUTHN-001") < before.1);
}

#[test]
fn a_rule_that_is_not_enabled_takes_part_where_it_is_named() {
    let stage = Stage::of("demo");
    stage.write("atlas-audit.toml", "[rules.ATL-NET-001]\nenabled = false");
    let ids = |more: &[&str]| -> BTreeSet<String> {
        let report = stage.run(&[&["scan", "--quiet", "--format", "json"], more].concat()).json();
        let rules = report["rules"].as_array().unwrap().iter();
        rules.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
    };
    let network = ids(&["--category", "network"]);
    assert!(network.contains("ATL-NET-002") && !network.contains("ATL-NET-001"));
    assert_eq!(ids(&["--rule", "NET-001"]), BTreeSet::from(["ATL-NET-001".to_owned()]));
}

#[test]
fn the_demo_has_a_configuration_of_its_own() {
    let stage = Stage::of("demo");
    stage.write("atlas-audit.toml", "nonsense");
    let run = stage.run(&["demo", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.json()["configuration"].as_str().unwrap().contains("demo"));
}

#[test]
fn init_writes_what_changes_nothing_and_loses_nothing() {
    let stage = Stage::of("demo");
    let judge = || {
        let run = stage.run(&["scan", "--quiet", "--format", "json"]);
        (run.code, verdicts(&run.json()))
    };
    let before = judge();
    let run = stage.run(&["init"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, "");
    let written = stage.read("atlas-audit.toml");
    for seen in ["payments-production", "app_pr_(\\d+)_svc", "oskar.nystrom@lanternfish.example", "EU_CENTRAL_1"] {
        assert!(written.contains(seen), "{seen}");
    }
    assert_eq!(before, judge(), "guesses count before anybody looked at them");

    let again = stage.run(&["init"]);
    assert_eq!(again.code, 2);
    insta::assert_snapshot!(again.masked_stderr(), @"
    error: atlas-audit.toml is there already
      help: name another file with --output, or replace it with --force
    ");
    stage.run(&["fetch", "--quiet", "--output", "all.jsonl"]);
    assert_eq!(stage.run(&["init", "--snapshot", "all.jsonl", "--output", "b.toml"]).code, 0);
    assert_eq!(stage.read("b.toml"), written);
    stage.write("b.toml", "");
    assert_eq!(stage.run(&["init", "--demo", "--output", "b.toml", "--force"]).code, 0);
    assert_eq!(stage.read("b.toml"), written);
    assert_eq!(stage.run(&["config", "check", "--config", "b.toml", "--live"]).code, 0);
}

#[test]
fn config_check_tells_what_everything_counts_as() {
    let stage = Stage::of("demo").without_credentials();
    let run = stage.run(&["config", "check", "--demo", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told = run.json();
    let user = |name: &str| {
        let users = told["databaseUsers"].as_array().unwrap();
        let user = users.iter().find(|user| user["user"] == name).unwrap();
        let taken = user["taken"].as_array().unwrap().iter().map(|taken| taken["as"].as_str().unwrap());
        taken.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(user("app_pr_101_svc"), "tenant");
    assert_eq!(user("dockyard_prod_app"), "protected application");
    assert_eq!(user("breakglass"), "break-glass");
    assert_eq!(user("oskar.nystrom@lanternfish.example"), "person");
    assert_eq!(user("legacy_sync"), "unknown");
    let kinds: BTreeSet<_> =
        told["notes"].as_array().unwrap().iter().map(|note| note["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains("expired") && kinds.contains("names-nothing"), "{kinds:?}");
    let table = stage.run(&["config", "check", "--demo"]).stdout;
    insta::assert_snapshot!(table);
}

#[test]
fn what_could_not_be_read_is_not_said_to_be_missing() {
    let stage = Stage::of("demo");
    stage.write("atlas-audit.toml", "[[applications]]\nname = 'a'\nusers = ['shop_app', 'nobody']");
    let notes = || {
        let run = stage.run(&["config", "check", "--live", "--format", "json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let notes = run.json()["notes"].as_array().unwrap().clone();
        let note = |note: &Value| format!("{} {}", note["where"].as_str().unwrap(), note["kind"].as_str().unwrap());
        notes.iter().map(note).collect::<Vec<_>>()
    };
    assert_eq!(notes(), ["applications: a: nobody names-nothing"]);
    stage.faults(&["refuse@project.databaseUsers"]);
    assert_eq!(notes(), ["applications: a: shop_app undecided", "applications: a: nobody undecided"]);
}

#[test]
fn the_page_lists_every_key() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md")).unwrap();
    let schema = atlas_audit::config::schema::schema();
    let own = |name: &str| !name.starts_with("ATL-");
    let tables = schema["$defs"].as_object().unwrap().iter().filter(|(name, _)| own(name)).map(|(_, table)| table);
    for table in tables.chain([&schema]) {
        for key in table["properties"].as_object().into_iter().flat_map(|properties| properties.keys()) {
            let shown = ["`", "`[", "`[["].iter().any(|open| page.contains(&format!("{open}{key}")));
            assert!(shown, "docs/configuration.md does not tell `{key}`");
        }
    }
}

#[test]
fn a_secret_in_a_file_that_is_no_configuration_is_not_told() {
    let stage = Stage::of("demo");
    let long = "x".repeat(2000);
    stage.write(".env", "ATLAS_USER=ada\nMONGODB_ATLAS_CLIENT_SECRET=hunter2\n");
    stage.write("waivers.toml", "\"privateKey\" : \"hunter2\"\n");
    stage.write("long.toml", format!("domains = [\"{long}\", {long}]\n"));
    stage.write("secret.toml", "MONGODB_ATLAS_CLIENT_SECRET=hunter2\n");
    for args in [
        &["scan", "--config", ".env"][..],
        &["scan", "--config", "secret.toml"],
        &["scan", "--waivers", "waivers.toml"],
        &["config", "check", "--config", "long.toml"],
    ] {
        let run = stage.run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.stderr.contains('^') && !run.stderr.contains("hunter2"), "{args:?}: {}", run.stderr);
        assert!(run.stderr.lines().all(|line| line.chars().count() < 160), "{args:?}: {}", run.stderr);
    }
}
