//! What a person can get wrong: each with a message that says what, why and what next; exit code 2; nothing lost.

use atlas_audit::simulator::Options;

use crate::support::{SignIn, Stage, recording};

const BEFORE: &str = "what was there before";

/// Runs a command that cannot go on, and gives what it says. Whatever it was to write stays as it was.
#[track_caller]
fn refused(stage: &Stage, args: &[&str]) -> String {
    stage.write("before.txt", BEFORE);
    let run = stage.run(args);
    assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "");
    assert_eq!(stage.read("before.txt"), BEFORE);
    let left = stage.files().into_iter().filter(|name| name.starts_with(".atlas-audit-")).collect::<Vec<_>>();
    assert!(left.is_empty(), "{left:?} is left over");
    run.masked_stderr()
}

/// A scan whose report would replace a file.
#[track_caller]
fn refused_scan(stage: &Stage, args: &[&str]) -> String {
    refused(stage, &[&["scan", "--format", "json", "--output", "before.txt"], args].concat())
}

/// A fetch whose snapshot would replace a file.
#[track_caller]
fn refused_fetch(stage: &Stage, args: &[&str]) -> String {
    refused(stage, &[&["fetch", "--output", "before.txt"], args].concat())
}

/// A snapshot of the demo's network, line by line.
fn snapshot(stage: &Stage) -> Vec<String> {
    let run = stage.run(&["fetch", "--quiet", "--rule", "NET-001", "--output", "good.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    stage.read("good.jsonl").lines().map(str::to_owned).collect()
}

#[test]
fn no_credentials() {
    let stage = Stage::of("demo").without_credentials();
    let said = refused_scan(&stage, &[]);
    insta::assert_snapshot!(said, @"
    error: no Atlas credentials were found
      help: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET (a service account), or MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY (an API key), or make a profile in <home>/atlascli/config.toml with `atlas config init`
    ");
    assert_eq!(said, refused_fetch(&stage, &[]));
    assert!(stage.requests().is_empty());
}

#[test]
fn half_credentials() {
    let stage = Stage::of("demo").without_variable("MONGODB_ATLAS_CLIENT_SECRET");
    insta::assert_snapshot!(refused_scan(&stage, &[]), @"
    error: the environment gives MONGODB_ATLAS_CLIENT_ID, but MONGODB_ATLAS_CLIENT_SECRET is not set
      help: set MONGODB_ATLAS_CLIENT_SECRET too, or unset the other half to use another credential
    ");
    let stage = Stage::of("demo").variable("MONGODB_ATLAS_CLIENT_SECRET", "");
    insta::assert_snapshot!(refused_scan(&stage, &[]), @"
    error: the environment gives MONGODB_ATLAS_CLIENT_ID, but MONGODB_ATLAS_CLIENT_SECRET is empty
      help: set MONGODB_ATLAS_CLIENT_SECRET too, or unset the other half to use another credential
    ");
    let stage = Stage::of("demo").sign_in(SignIn::ApiKey).without_variable("MONGODB_ATLAS_PUBLIC_API_KEY");
    insta::assert_snapshot!(refused_fetch(&stage, &[]), @"
    error: the environment gives MONGODB_ATLAS_PRIVATE_API_KEY, but MONGODB_ATLAS_PUBLIC_API_KEY is not set
      help: set MONGODB_ATLAS_PUBLIC_API_KEY too, or unset the other half to use another credential
    ");
}

#[test]
fn a_wrong_key() {
    let stage = Stage::of("demo").variable("MONGODB_ATLAS_CLIENT_SECRET", "mdb_sa_sk_wrong");
    insta::assert_snapshot!(refused_scan(&stage, &[]), @"
    error: 127.0.0.1 does not accept the service account mdb_sa_id_000000000000000000000001
      help: check both halves of the credential, that it has not been deleted or has not expired, and that the base URL is that of its own cloud (--gov for Atlas for Government)
    ");
    let stage = Stage::of("demo").sign_in(SignIn::ApiKey).variable("MONGODB_ATLAS_PRIVATE_API_KEY", "wrong");
    insta::assert_snapshot!(refused_fetch(&stage, &[]), @"
    error: 127.0.0.1 does not accept the API key abcdefgh
      help: check both halves of the credential, that it has not been deleted or has not expired, and that the base URL is that of its own cloud (--gov for Atlas for Government)
    ");
}

#[test]
fn an_address_that_the_key_may_not_be_used_from() {
    let stage = Stage::of("demo");
    stage.faults(&["forbid:IP_ADDRESS_NOT_ON_ACCESS_LIST@/orgs"]);
    insta::assert_snapshot!(refused_scan(&stage, &[]), @"
    error: 127.0.0.1 does not let the service account mdb_sa_id_000000000000000000000001 in from this address
      help: add the address that this machine has on the internet to the API access list of the credential, or run where it is allowed
    ");
}

#[test]
fn an_unreachable_host() {
    // Taken and let go again: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let stage = Stage::of("demo").variable("MONGODB_ATLAS_BASE_URL", &format!("https://127.0.0.1:{port}"));
    insta::assert_snapshot!(refused_scan(&stage, &[]), @"
    error: cannot reach 127.0.0.1: Connection refused (os error <n>)
      help: check the name, the network and HTTPS_PROXY; Atlas's API is on the public internet only
    ");
}

#[test]
fn a_host_that_speaks_no_tls() {
    let stage = Stage::of("demo");
    let https = stage.base_url().replace("http://", "https://");
    insta::assert_snapshot!(refused_scan(&stage, &["--base-url", &https]), @"
    error: no trusted TLS connection to 127.0.0.1: received corrupt message of type InvalidContentType
      help: check the base URL, the clock of this machine and whether a proxy on the way replaces certificates: its CA must be among those that the system trusts
    ");
}

#[test]
fn a_host_that_is_not_atlas() {
    let stage = Stage::of("demo");
    stage.faults(&["html@/orgs"]);
    insta::assert_snapshot!(refused_scan(&stage, &[]), @"
    error: 127.0.0.1 gives no list of organizations: the answer is malformed to GET /orgs (200): expected JSON, got `text/html`
      help: check that the base URL is that of the Atlas Admin API, and try again later if Atlas itself has trouble
    ");
    stage.faults(&["redirect:https://login.example.com/?token=secret@/orgs"]);
    insta::assert_snapshot!(refused_scan(&stage, &[]), @"
    error: 127.0.0.1 sends us elsewhere: https://login.example.com/
      help: redirects are not followed, because the credential would travel with them: give the final address with --base-url
    ");
}

#[test]
fn plain_http_to_another_machine() {
    let stage = Stage::of("demo");
    let said = refused_scan(&stage, &["--base-url", "http://cloud.mongodb.com"]);
    insta::assert_snapshot!(said, @"
    error: the base URL http://cloud.mongodb.com will not do: plain HTTP would send the credential in the open
      help: give scheme and host, such as https://cloud.mongodb.com; plain HTTP is for 127.0.0.1, ::1 and localhost only
    ");
    let stage = stage.variable("MONGODB_ATLAS_BASE_URL", "http://cloud.mongodb.com");
    assert_eq!(said, refused_fetch(&stage, &[]));
    // Neither tricks with the name, nor a password in it.
    for url in ["http://127.0.0.1.example.com", "http://localhost.example.com", "http://127.0.0.1@example.com"] {
        assert!(refused_scan(&stage, &["--base-url", url]).contains("the base URL"), "{url}");
    }
    assert!(stage.requests().is_empty());
}

#[test]
fn an_unknown_project() {
    let stage = Stage::of("demo");
    insta::assert_snapshot!(refused_scan(&stage, &["--project", "payment-production"]), @"
    error: no project is called `payment-production`, and none matches it
      help: did you mean `payments-production`?
    ");
    insta::assert_snapshot!(refused_fetch(&stage, &["--project", "zzz*"]), @"
    error: no project is called `zzz*`, and none matches it
      help: give an id, a name or a pattern such as 'pay*'; the credential sees only the projects that it may read
    ");
    snapshot(&stage);
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "good.jsonl", "--project", "sandbox-devv"]), @"
    error: no project is called `sandbox-devv`, and none matches it
      help: did you mean `sandbox-dev`?
    ");
}

#[test]
fn an_unknown_organization() {
    let stage = Stage::of("demo");
    insta::assert_snapshot!(refused_scan(&stage, &["--org", "Lanternfish"]), @"
    error: the credential sees no organization called `Lanternfish`
      help: name one with --org: Lanternfish Robotics (622f15a4a71a510000000001)
    ");
}

#[test]
fn an_unknown_rule_or_category() {
    let stage = Stage::of("demo");
    insta::assert_snapshot!(refused_scan(&stage, &["--rule", "access-list-open-to-the-internet"]), @"
    error: no rule is called `access-list-open-to-the-internet`
      help: did you mean `access-list-open-to-internet`? `atlas-audit rules list` shows all
    ");
    insta::assert_snapshot!(refused_scan(&stage, &["--skip-rule", "ATL-NET-0001"]), @"
    error: no rule is called `ATL-NET-0001`
      help: did you mean `ATL-NET-001`? `atlas-audit rules list` shows all
    ");
    assert!(refused_fetch(&stage, &["--category", "networking"]).contains("no category is called `networking`"));
    assert!(stage.requests().is_empty(), "nothing is asked before the command is known to be right");
}

#[test]
fn a_snapshot_that_is_not_there_or_empty() {
    let stage = Stage::of("demo");
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "november.jsonl"]), @"
    error: cannot read the snapshot november.jsonl
      cause: No such file or directory (os error <n>)
    ");
    stage.write("empty.jsonl", "");
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "empty.jsonl"]), @"
    error: cannot read the snapshot empty.jsonl
      cause: the file is empty
      help: the file was not written or copied to its end: fetch it again
    ");
}

#[test]
fn a_snapshot_that_is_cut_off() {
    let stage = Stage::of("demo");
    let lines = snapshot(&stage);
    stage.write("cut.jsonl", lines[..9].join("\n") + "\n");
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "cut.jsonl"]), @"
    error: cannot read the snapshot cut.jsonl
      cause: it is cut off after line 9
      help: the file was not written or copied to its end: fetch it again
    ");
    // A line is missing in the middle.
    let without: Vec<_> = lines.iter().enumerate().filter(|(index, _)| *index != 6).map(|(_, line)| &**line).collect();
    stage.write("gap.jsonl", without.join("\n") + "\n");
    assert!(refused_scan(&stage, &["--snapshot", "gap.jsonl"]).contains("cause: "));
}

#[test]
fn a_snapshot_that_is_none() {
    let stage = Stage::of("demo");
    stage.write("report.sarif", "version: 2.1.0\n");
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "report.sarif"]), @"
    error: cannot read the snapshot report.sarif
      cause: line 1 is not JSON: expected value at line 1 column 1
      help: a snapshot is what `atlas-audit fetch` writes; fetch it again if it was edited
    ");
    stage.write("other.jsonl", "{\"name\": \"something else\"}\n");
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "other.jsonl"]), @"
    error: cannot read the snapshot other.jsonl
      cause: line 1 is not the header of a snapshot: missing field `format` at line 1 column 26
      help: a snapshot is what `atlas-audit fetch` writes; fetch it again if it was edited
    ");
    stage.write("bytes.jsonl", [0xff, 0xfe, 0x00, 0x0a]);
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "bytes.jsonl"]), @"
    error: cannot read the snapshot bytes.jsonl
      cause: line 1 is not UTF-8
      help: a snapshot is what `atlas-audit fetch` writes; fetch it again if it was edited
    ");
}

#[test]
fn a_snapshot_of_a_newer_version() {
    let stage = Stage::of("demo");
    stage.write("newer.jsonl", "{\"ref\":\"\",\"format\":4,\"tool\":\"atlas-audit 3.1.0\",\"when\":{}}\n");
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "newer.jsonl"]), @"
    error: cannot read the snapshot newer.jsonl
      cause: it is of format 4; this version reads up to 1
      help: it was written by a newer atlas-audit: update this one, or fetch again with it
    ");
}

#[test]
fn a_snapshot_with_a_line_that_does_not_fit() {
    let stage = Stage::of("demo");
    let mut lines = snapshot(&stage);
    let entry = lines.iter().position(|line| line.contains("cidrBlock")).unwrap();
    lines[entry] = "{\"ref\":\"org/622f15a4a71a510000000001/nonsense\",\"x\":1}".to_owned();
    stage.write("edited.jsonl", lines.join("\n") + "\n");
    insta::assert_snapshot!(refused_scan(&stage, &["--snapshot", "edited.jsonl"]), @"
    error: cannot read the snapshot edited.jsonl
      cause: line 6: no resource or section of this format is called `nonsense`
      help: a snapshot is what `atlas-audit fetch` writes; fetch it again if it was edited
    ");
}

#[test]
fn an_output_that_cannot_be_written() {
    let stage = Stage::of("demo");
    let said = refused(&stage, &["scan", "--format", "sarif", "--output", "nowhere/audit.sarif"]);
    insta::assert_snapshot!(said, @"
    error: cannot write nowhere/audit.sarif
      cause: No such file or directory (os error <n>)
      help: check that the folder is there and that you may write to it
    ");
    std::fs::create_dir(stage.path("folder")).unwrap();
    insta::assert_snapshot!(refused(&stage, &["fetch", "--output", "folder"]), @"
    error: cannot write folder
      cause: it is a folder
      help: check that the folder is there and that you may write to it
    ");
    assert!(stage.requests().is_empty(), "Atlas is not asked for what cannot be kept");
}

#[test]
fn outputs_and_formats_that_do_not_belong_together() {
    let stage = Stage::of("demo");
    insta::assert_snapshot!(refused(&stage, &["scan", "--format", "json", "--format", "sarif"]), @"
    error: two reports want to go to stdout
      help: give all but one of them a file: --format json --output audit.json
    ");
    let twice = ["scan", "--format", "json", "--output", "before.txt", "--format", "sarif", "--output", "before.txt"];
    insta::assert_snapshot!(refused(&stage, &twice), @"
    error: two reports want to go to before.txt
      help: give each a file of its own
    ");
    let without = ["scan", "--output", "a.txt", "--format", "json", "--format", "sarif", "--output", "before.txt"];
    insta::assert_snapshot!(refused(&stage, &without), @"
    error: --output a.txt has no --format of its own
      help: write a --format before each --output: --format sarif --output audit.sarif
    ");
}

#[test]
fn arguments_that_clap_refuses() {
    let stage = Stage::of("demo");
    insta::assert_snapshot!(refused(&stage, &["scan", "--fail-on", "severe"]), @"
    error: invalid value 'severe' for '--fail-on <SEVERITY>': `severe` is not a severity: critical, high, medium, low, info, or none

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(refused(&stage, &["scan", "--fromat", "json"]), @"
    error: unexpected argument '--fromat' found

      tip: a similar argument exists: '--format'

    Usage: atlas-audit scan --format <FORMAT>

    For more information, try '--help'.
    ");
    assert!(refused(&stage, &["scan", "--concurrency", "0"]).contains("1..=256"));
}

#[test]
fn a_recording_that_is_none() {
    let stage = Stage::with(recording("demo"), Options::default());
    insta::assert_snapshot!(refused(&stage, &["simulate", "nowhere"]), @"
    error: cannot read nowhere
      cause: No such file or directory (os error <n>)
    ");
    insta::assert_snapshot!(refused(&stage, &["simulate", "--fault", "refuse@project.auditLogs"]), @"
    error: invalid value 'refuse@project.auditLogs' for '--fault <FAULT>': `refuse@project.auditLogs` is not a fault: no section is called `project.auditLogs`, and a path begins with a slash

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(refused(&stage, &["simulate", "--listen", "0.0.0.0:0"]), @"
    error: 0.0.0.0:0 is not a loopback address
      help: its credentials are public: listen on 127.0.0.1 or [::1]
    ");
}
