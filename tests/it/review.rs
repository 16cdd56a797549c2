//! The monthly review: a pack is made, filled in, recorded, and counts; and everything that can be wrong on the way.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Run, Stage};

/// A sheet: its headings, and its rows by heading.
pub(crate) struct Sheet {
    headings: Vec<String>,
    pub(crate) rows: Vec<BTreeMap<String, String>>,
}

impl Sheet {
    pub(crate) fn of(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let row = |record: csv::StringRecord| {
            headings.iter().cloned().zip(record.iter().map(str::to_owned)).collect::<BTreeMap<_, _>>()
        };
        let rows = reader.records().map(|record| row(record.unwrap())).collect();
        Self { headings, rows }
    }

    pub(crate) fn text(&self, delimiter: u8) -> String {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(&self.headings).unwrap();
        for row in &self.rows {
            writer.write_record(self.headings.iter().map(|heading| row[heading].as_str())).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    /// Everything is kept, by somebody who is in no row.
    pub(crate) fn keep_all(mut self, date: &str) -> Self {
        for row in &mut self.rows {
            for (column, text) in [("decision", "keep"), ("reviewer", "Rita Reviewer"), ("date", date)] {
                row.insert(column.to_owned(), text.to_owned());
            }
        }
        self
    }

    pub(crate) fn row(&mut self, id: &str) -> &mut BTreeMap<String, String> {
        self.rows.iter_mut().find(|row| row["id"] == id).unwrap()
    }
}

/// A project with a short access list, and an entry of it.
const PROJECT: &str = "org/622f15a4a71a510000000001/project/6248579ea71a510100000002";

/// The snapshot of the demo, which is of 2026-11-02.
fn fetched() -> Stage {
    let stage = Stage::of("demo");
    let run = stage.run(&["fetch", "--quiet", "--output", "november.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    stage
}

/// Another snapshot: the lines of one, changed.
fn edited(stage: &Stage, from: &str, to: &str, edit: impl Fn(&mut Vec<String>)) {
    let mut lines: Vec<String> = stage.read(from).lines().map(str::to_owned).collect();
    let trailer = lines.pop().unwrap();
    edit(&mut lines);
    let header = lines.remove(0);
    lines.sort_by_key(|line| key(line));
    lines.insert(0, header);
    let (_, rest) = trailer.split_once(",\"complete\"").unwrap();
    lines.push(format!("{{\"ref\":\"~\",\"lines\":{},\"complete\"{rest}", lines.len()));
    stage.write(to, lines.join("\n") + "\n");
}

fn key(line: &str) -> String {
    serde_json::from_str::<Value>(line).unwrap()["ref"].as_str().unwrap().to_owned()
}

/// A week later.
fn later(lines: &mut [String]) {
    lines[0] = lines[0].replace("\"taken\":\"2026-11-02", "\"taken\":\"2026-11-09");
}

fn review(stage: &Stage, more: &[&str]) -> Run {
    stage.run(&[&["review", "november.jsonl", "--output", "pack"], more].concat())
}

fn record(stage: &Stage, more: &[&str]) -> Run {
    let usual = ["review", "record", "--pack", "pack", "--decisions", "filled.csv", "--output", "record.json"];
    stage.run(&[&usual, more].concat())
}

fn judged(stage: &Stage, snapshot: &str, rule: &str) -> Value {
    stage.run(&["scan", "--quiet", "--snapshot", snapshot, "--rule", rule, "--format", "json"]).json()
}

fn messages(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
}

fn pack(stage: &Stage, folder: &str) -> Value {
    serde_json::from_str(&stage.read(&format!("{folder}/review.json"))).unwrap()
}

fn sheet(stage: &Stage) -> Sheet {
    Sheet::of(&stage.read("pack/review.csv"))
}

/// A row of the access list of `PROJECT`.
fn an_entry(sheet: &Sheet, nth: usize) -> String {
    let entries = sheet.rows.iter().filter(|row| row["kind"] == "access list entry" && row["id"].starts_with(PROJECT));
    entries.map(|row| row["id"].clone()).nth(nth).unwrap()
}

#[test]
fn a_pack_of_some_projects_does_not_pass_for_all() {
    let stage = Stage::of("demo");
    let fetch = ["fetch", "--quiet", "--project", "storefront*", "--output", "november.jsonl"];
    assert_eq!(stage.run(&fetch).code, 0);
    let run = review(&stage, &["--allow-unknown"]);
    assert!(run.code == 0 && run.stderr.contains(", of some projects only"), "{}", run.stderr);
    let page = stage.read("pack/review.html");
    assert!(!page.contains("full population"), "neither in the heading nor under sampling");
    assert!(page.contains("only those asked for (storefront*)"));
}

#[test]
fn a_pack_has_a_row_for_everything_that_has_access() {
    let stage = fetched();
    let run = review(&stage, &[]);
    assert!(matches!(run.code, 0 | 3), "{}", run.stderr);
    let pack = pack(&stage, "pack");
    let ids: Vec<&str> = pack["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    let snapshot = stage.read("november.jsonl");
    let lists =
        ["accessList", "databaseUsers", "customRoles", "users", "teams", "apiKeys", "serviceAccounts", "roleMappings"];
    let mut of_kind: BTreeMap<String, usize> = BTreeMap::new();
    for line in snapshot.lines() {
        let at = key(line);
        let parts: Vec<&str> = at.split('/').collect();
        let list = match parts[..] {
            ["org", _, "project", _, list @ ("accessList" | "databaseUsers" | "customRoles"), _] => list,
            ["org", _, list, _] if lists.contains(&list) => list,
            ["org", _, "teams", _, "users", _] => "members",
            ["org", _, "project", _, "databaseUsers", _, "certificates", _] => "certificates",
            _ => continue,
        };
        assert!(unique.binary_search(&at.as_str()).is_ok(), "{at} has no row");
        *of_kind.entry(list.to_owned()).or_default() += 1;
    }
    assert!(of_kind.len() >= 9, "the demo has all kinds: {of_kind:?}");
    let header = &pack["header"];
    assert_eq!(header["counts"]["access-list-entry"], of_kind["accessList"]);
    assert_eq!(header["counts"]["database-user"], of_kind["databaseUsers"]);
    assert_eq!(header["snapshot"]["taken"], "2026-11-02T09:00:00Z");
    assert!(header["credential"]["identity"].as_str().unwrap().contains("mdb_sa_id_"), "{}", header["credential"]);
    let read = header["read"].as_array().unwrap();
    let lists = read.iter().find(|one| one["section"] == "project.accessList").unwrap();
    assert_eq!(lists["entries"], of_kind["accessList"]);
    assert_eq!(lists["endpoint"], "/groups/{groupId}/accessList");
    for row in pack["rows"].as_array().unwrap() {
        assert!(!row["lastUse"].as_str().unwrap().contains("never"), "{row}");
        assert!(!row["lastUse"].as_str().unwrap().is_empty() && !row["since"].as_str().unwrap().is_empty(), "{row}");
    }
    let schema: Value = serde_json::from_str(&stage.run(&["schema", "review"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&pack).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let again = stage.read("pack/review.json");
    review(&stage, &[]);
    assert_eq!(stage.read("pack/review.json"), again, "the same snapshot makes the same pack");
}

#[test]
fn a_month_from_pack_to_finding_and_back() {
    let stage = fetched();
    review(&stage, &[]);
    let mut filled = sheet(&stage).keep_all("2026-11-02");
    let revoked = an_entry(&filled, 0);
    filled.row(&revoked).insert("decision".to_owned(), "revoke".to_owned());
    filled.row(&revoked).insert("ticket".to_owned(), "ACC-7".to_owned());
    stage.write("filled.csv", filled.text(b','));
    let run = record(&stage, &["--snapshot", "november.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("1 revoked; name it in atlas-audit.toml: reviews = [\"record.json\"]"),
        "{}",
        run.stderr
    );
    let kept: Value = serde_json::from_str(&stage.read("record.json")).unwrap();
    let schema: Value = serde_json::from_str(&stage.run(&["schema", "review-record"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&kept).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");

    assert_eq!(judged(&stage, "november.jsonl", "ATL-ATT-001")["summary"]["attested"], 0);
    stage.write("atlas-audit.toml", "reviews = ['record.json']");
    for rule in ["ATL-ATT-001", "ATL-ATT-002"] {
        let report = judged(&stage, "november.jsonl", rule);
        assert_eq!(messages(&report), [""; 0], "{rule}");
        assert!(report["summary"]["attested"].as_u64().unwrap() > 3, "{}", report["summary"]);
    }

    // A week later the entry is still there.
    edited(&stage, "november.jsonl", "still.jsonl", |lines| later(lines));
    let report = judged(&stage, "still.jsonl", "ATL-ATT-001");
    let entry = stage_name(&revoked);
    assert_eq!(messages(&report), [format!("{entry}: revoked by Rita Reviewer on 2026-11-02 (ACC-7), still there")]);
    assert_eq!(report["findings"][0]["resource"]["ref"], revoked.as_str());

    // It is gone, and the list counts as reviewed.
    let without = |lines: &mut Vec<String>| {
        later(lines);
        lines.retain(|line| key(line) != revoked);
    };
    edited(&stage, "november.jsonl", "gone.jsonl", without);
    assert_eq!(messages(&judged(&stage, "gone.jsonl", "ATL-ATT-001")), [""; 0]);

    // Something comes in, and is named.
    let with = |lines: &mut Vec<String>| {
        without(lines);
        lines.push(format!("{{\"ref\":\"{PROJECT}/accessList/192.0.2.77%2F32\",\"cidrBlock\":\"192.0.2.77/32\"}}"));
    };
    edited(&stage, "november.jsonl", "new.jsonl", with);
    let said = messages(&judged(&stage, "new.jsonl", "ATL-ATT-001"));
    assert_eq!(
        said,
        [
            "the access list has 1 entry that is not as reviewed: 192.0.2.77/32 (reviewed by Rita Reviewer on 2026-11-02)"
        ]
    );

    // The next review knows all of it.
    let next = stage.run(&["review", "--since", "november.jsonl", "still.jsonl", "--output", "next"]);
    assert_eq!(next.code, 1, "{}", next.stderr);
    assert!(next.stderr.contains("revoked, still there: access list entry"), "{}", next.stderr);
    let pack = pack(&stage, "next");
    assert_eq!(pack["followedUp"][0]["outcome"], "still-there");
    let previous = &pack["header"]["previous"];
    assert_eq!(previous["packSha256"], kept["packSha256"]);
    let row = pack["rows"].as_array().unwrap().iter().find(|row| row["id"] == revoked.as_str()).unwrap();
    assert_eq!(row["previous"]["decision"], "revoke");
    assert_eq!(row["change"]["state"], "unchanged");
    assert_eq!(row["since"], "before 2026-11-02T09:00:00Z (Atlas does not tell when)");
    assert!(stage.read("next/review.html").contains("Revoked, still there"));
    let next = stage.run(&["review", "--since", "november.jsonl", "new.jsonl", "--output", "after", "--allow-unknown"]);
    assert_eq!(next.code, 0, "{}", next.stderr);
    let pack = self::pack(&stage, "after");
    assert_eq!(pack["followedUp"][0]["outcome"], "gone");
    assert_eq!(pack["gone"][0]["id"], revoked.as_str());
    let rows = pack["rows"].as_array().unwrap();
    let added: Vec<_> =
        rows.iter().filter(|row| row["change"]["state"] == "added").map(|row| &row["subject"]).collect();
    assert_eq!(added, ["192.0.2.77/32"]);
}

fn stage_name(id: &str) -> String {
    atlas_audit::snapshot::Ref::parsed(id).name()
}

#[test]
fn what_changed_is_told_field_by_field() {
    let stage = fetched();
    edited(&stage, "november.jsonl", "december.jsonl", |lines| {
        let line = lines.iter_mut().find(|line| key(line).ends_with("/databaseUsers/shop_app")).unwrap();
        let mut user: Value = serde_json::from_str(line).unwrap();
        user["roles"] = serde_json::json!([{ "roleName": "dbAdmin", "databaseName": "shop" }]);
        *line = user.to_string();
    });
    stage.run(&["review", "--since", "november.jsonl", "december.jsonl", "--output", "pack", "--quiet"]);
    let pack = pack(&stage, "pack");
    let rows = pack["rows"].as_array().unwrap();
    let changed: Vec<_> = rows.iter().filter(|row| row["change"]["state"] == "changed").collect();
    assert_eq!(changed.len(), 1, "{changed:#?}");
    assert_eq!(changed[0]["subject"], "shop_app");
    let fields = changed[0]["change"]["fields"].as_array().unwrap();
    let grants = fields.iter().find(|field| field.as_str().unwrap().starts_with("grants:")).unwrap();
    assert!(grants.as_str().unwrap().contains("dbAdmin@shop"), "{grants}");
}

#[test]
fn all_that_is_wrong_with_a_sheet_is_told_at_once() {
    let stage = fetched();
    review(&stage, &[]);
    let blank = sheet(&stage);
    stage.write("filled.csv", blank.text(b','));
    let run = record(&stage, &[]);
    assert_eq!(run.code, 2);
    let last = blank.rows.len() + 1;
    for column in ["decision", "reviewer", "date"] {
        assert!(run.stderr.contains(&format!("rows 2-{last}, {column}: is blank")), "{}", run.stderr);
    }
    assert!(!stage.files().contains(&"record.json".to_owned()));

    let mut bad = sheet(&stage).keep_all("2026-11-02");
    let person = bad.rows.iter().position(|row| row["contact"] == "mira.okonkwo@lanternfish.example").unwrap();
    let twice = bad.rows[5].clone();
    bad.rows.swap_remove(7);
    let mut set = |row: usize, column: &str, text: &str| bad.rows[row].insert(column.to_owned(), text.to_owned());
    set(0, "decision", "maybe");
    set(1, "date", "2031-01-01");
    set(2, "date", "2026-11-01");
    set(3, "date", "11/3/2026");
    set(4, "grants", "nothing much");
    set(6, "id", "org/nowhere");
    set(8, "digest", "00");
    set(9, "snapshot", "0011223344556677");
    set(10, "verified_on", "soon");
    set(person, "reviewer", "Mira <MIRA.okonkwo@lanternfish.example>");
    bad.rows.push(twice);
    stage.write("filled.csv", bad.text(b','));
    let run = record(&stage, &[]);
    assert_eq!(run.code, 2);
    let said = run.masked_stderr();
    for wanted in [
        "row 2, decision: `maybe` is none of keep, change, revoke",
        "row 3, date: 2031-01-01 is in the future",
        "row 4, date: 2026-11-01 is before the snapshot, which is of 2026-11-02",
        "row 5, date: `11/3/2026` is no day such as 2026-12-31",
        "row 6, grants: was edited: a decision is about what the pack says",
        "row 8, id: the pack has no row `org/nowhere`",
        "row 10, digest: is not that of the pack's row",
        "row 11, snapshot: the row is of another pack",
        "row 12, verified_on: `soon` is no day",
        "reviewer: Mira <MIRA.okonkwo@lanternfish.example> may not decide about their own access",
        "stands in row 7 already",
        "id: the row of ",
    ] {
        assert!(said.contains(wanted), "{wanted} is missing from\n{said}");
    }

    let mut other = sheet(&stage).keep_all("2026-11-02");
    for row in &mut other.rows {
        row.insert("snapshot".to_owned(), "0011223344556677".to_owned());
    }
    stage.write("filled.csv", other.text(b','));
    let said = record(&stage, &[]).stderr;
    assert!(said.contains("the sheet is of another pack: of the snapshot 0011223344556677"), "{said}");

    let mut short = sheet(&stage).keep_all("2026-11-02");
    short.headings.retain(|heading| heading != "reviewer" && heading != "reach");
    stage.write("filled.csv", short.text(b','));
    let said = record(&stage, &[]).stderr;
    assert!(
        said.contains("reach: the column is missing") && said.contains("reviewer: the column is missing"),
        "{said}"
    );
}

#[test]
fn a_sheet_may_come_back_from_a_spreadsheet() {
    let stage = fetched();
    review(&stage, &[]);
    let mut sheet = sheet(&stage).keep_all("3.11.2026");
    sheet.headings.rotate_left(9);
    sheet.headings.push("my notes".to_owned());
    for row in &mut sheet.rows {
        row.insert("my notes".to_owned(), "  seen ".to_owned());
        row.insert("decision".to_owned(), " Keep ".to_owned());
    }
    sheet.rows.reverse();
    let text = sheet.text(b';').replace('\n', "\r\n");
    stage.write("filled.csv", format!("\u{feff}{text};;;;;\r\n"));
    let run = record(&stage, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let record: Value = serde_json::from_str(&stage.read("record.json")).unwrap();
    assert_eq!(record["decisions"][0]["date"], "2026-11-03");
    assert_eq!(record["expires"], "2027-05-03");
}

#[test]
fn what_somebody_filled_in_is_not_lost() {
    let stage = fetched();
    review(&stage, &[]);
    assert_ne!(review(&stage, &[]).code, 2, "nobody has written anything yet");
    let mut begun = sheet(&stage);
    begun.rows[3].insert("justification".to_owned(), "the night batch".to_owned());
    stage.write("pack/review.csv", begun.text(b','));
    let run = review(&stage, &[]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.masked_stderr(), @"
    error: pack/review.csv is filled in
      help: record it first, name another folder with --output, or set it aside with --force: it is kept as review.1.csv
    ");
    assert!(stage.read("pack/review.csv").contains("the night batch"));
    stage.write("empty.jsonl", "");
    assert_eq!(stage.run(&["review", "empty.jsonl", "--output", "pack", "--force"]).code, 2);
    assert!(stage.read("pack/review.csv").contains("the night batch"), "nothing moved");
    assert_ne!(review(&stage, &["--force"]).code, 2);
    assert!(stage.read("pack/review.1.csv").contains("the night batch"));
    assert!(!stage.read("pack/review.csv").contains("the night batch"));
    edited(&stage, "november.jsonl", "later.jsonl", |lines| later(lines));
    let run = stage.run(&["review", "later.jsonl", "--output", "pack"]);
    assert_eq!(run.code, 2, "somebody may be filling in the sheet of that pack elsewhere");
    assert!(run.stderr.contains("pack/review.json is another pack"), "{}", run.stderr);
    stage.write("pack/review.csv", "not a sheet any more");
    assert_eq!(review(&stage, &[]).code, 2, "who knows what it was");

    stage.write("filled.csv", sheet_of(&stage, "pack/review.1.csv").keep_all("2026-11-02").text(b','));
    let run = stage.run(&[
        "review",
        "record",
        "--pack",
        "pack/review.1.json",
        "--decisions",
        "filled.csv",
        "--output",
        "record.json",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(record(&stage, &[]).code, 2, "a record is not replaced");
}

fn sheet_of(stage: &Stage, file: &str) -> Sheet {
    Sheet::of(&stage.read(file))
}

#[test]
fn hostile_names_do_nothing_on_a_page_and_nothing_in_a_sheet() {
    let stage = fetched();
    let script = "</td><script>alert(1)</script><img src=x onerror=alert(2)>";
    edited(&stage, "november.jsonl", "november.jsonl", |lines| {
        let line = lines.iter_mut().find(|line| key(line).starts_with(&format!("{PROJECT}/accessList/"))).unwrap();
        let mut entry: Value = serde_json::from_str(line).unwrap();
        entry["comment"] = format!("{script}\u{202e}\u{1b}[31m").into();
        *line = entry.to_string();
        for (at, name) in [
            ("hostile", "=HYPERLINK(\"http://x\";\"y\")"),
            ("more", "@SUM(1+1)"),
            ("tab", "\t=1+1"),
            ("plain", "'quoted"),
            ("one,two;\"three\"", "1e5"),
        ] {
            let at = atlas_audit::snapshot::Ref::parsed(PROJECT).child("customRoles").child(at);
            let role = serde_json::json!({ "ref": at.as_str(), "roleName": name, "actions": [] });
            lines.push(role.to_string());
        }
        for line in lines.iter_mut().skip(1) {
            let mut value: Value = serde_json::from_str(line).unwrap();
            let at = value["ref"].as_str().unwrap().to_owned();
            if at == PROJECT {
                value["name"] = script.into();
                *line = value.to_string();
            }
        }
    });
    let run = review(&stage, &["--allow-unknown"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let html = stage.read("pack/review.html");
    assert!(!html.contains("<script") && !html.contains("<img") && html.contains("&lt;script&gt;"));
    assert!(html.contains("default-src 'none'") && !html.contains("\u{202e}") && !html.contains('\u{1b}'));
    assert!(!html.contains("url(") && !html.contains("@import") && !html.contains("href"));
    let csv = stage.read("pack/review.csv");
    let sheet = Sheet::of(&csv);
    for row in &sheet.rows {
        for (column, cell) in row {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{column}: {cell:?}");
        }
    }
    let subjects: Vec<&str> = sheet.rows.iter().map(|row| row["subject"].as_str()).collect();
    for guarded in ["'=HYPERLINK(\"http://x\";\"y\")", "'@SUM(1+1)", "''quoted", "'1e5"] {
        assert!(subjects.contains(&guarded), "{guarded}: {subjects:?}");
    }
    stage.write("filled.csv", sheet.keep_all("2026-11-02").text(b';'));
    let run = record(&stage, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(stage.read("record.json").contains("\"subject\": \"@SUM(1+1)\""));
}

#[test]
fn bad_files_are_named_and_nothing_is_written() {
    let stage = fetched();
    review(&stage, &[]);
    stage.write("filled.csv", sheet(&stage).keep_all("2026-11-02").text(b','));
    let good = stage.read("pack/review.json");
    let cut = &stage.read("november.jsonl")[..50_000];
    stage.write("cut.jsonl", cut);
    stage.write("empty.csv", "");
    stage.write("other.csv", "a,b,c\n1,2,3\n");
    stage.write("latin.csv", b"id,decision\n\xfcber,keep\n");
    stage.write("workbook.csv", b"PK\x03\x04\x14");
    stage.write("edited.json", good.replacen("admits", "forbids", 1));
    stage.write("cut.json", &good[..good.len() / 2]);
    edited(&stage, "november.jsonl", "elsewhere.jsonl", |lines| {
        for line in lines.iter_mut() {
            *line = line.replace("622f15a4a71a510000000001", "722f15a4a71a510000000001");
        }
    });
    edited(&stage, "november.jsonl", "later.jsonl", |lines| later(lines));
    let recording = |pack: &'static str, decisions: &'static str| {
        vec!["review", "record", "--pack", pack, "--decisions", decisions, "--output", "r.json"]
    };
    let with_snapshot = [recording("pack", "filled.csv"), vec!["--snapshot", "later.jsonl"]].concat();
    let cases = [
        vec!["review", "nowhere.jsonl", "--output", "p"],
        vec!["review", "cut.jsonl", "--output", "p"],
        vec!["review", "--since", "elsewhere.jsonl", "november.jsonl", "--output", "p"],
        vec!["review", "--since", "later.jsonl", "november.jsonl", "--output", "p"],
        vec!["review", "--previous", "filled.csv", "november.jsonl", "--output", "p"],
        vec!["review", "november.jsonl", "--output", "filled.csv"],
        vec!["review", "november.jsonl"],
        recording("nowhere", "filled.csv"),
        recording("edited.json", "filled.csv"),
        recording("cut.json", "filled.csv"),
        recording("november.jsonl", "filled.csv"),
        recording("pack", "nowhere.csv"),
        recording("pack", "empty.csv"),
        recording("pack", "other.csv"),
        recording("pack", "latin.csv"),
        recording("pack", "workbook.csv"),
        with_snapshot,
    ];
    let before = stage.files();
    let mut said = String::new();
    for case in cases {
        let run = stage.run(&case);
        assert_eq!(run.code, 2, "{case:?}: {}", run.stderr);
        _ = write!(said, "--- {}\n{}\n", case.join(" "), run.masked_stderr());
    }
    assert_eq!(stage.files(), before);
    insta::assert_snapshot!(said);
}

#[test]
fn a_record_that_was_edited_counts_for_nothing() {
    let stage = fetched();
    review(&stage, &[]);
    stage.write("filled.csv", sheet(&stage).keep_all("2026-11-02").text(b','));
    assert_eq!(record(&stage, &[]).code, 0);
    std::fs::create_dir(stage.path("reviews")).unwrap();
    stage.write("reviews/november.json", stage.read("record.json").replacen("\"keep\"", "\"revoke\"", 1));
    stage.write("atlas-audit.toml", "domains = []\nreviews = ['record.json', 'reviews/november.json']");
    let run = stage.run(&["scan", "--quiet", "--snapshot", "november.jsonl"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.masked_stderr(), @"
    error: atlas-audit.toml:2:27: `reviews/november.json`: it was edited after it was recorded: its digest no longer fits
        |
      2 | reviews = ['record.json', 'reviews/november.json']
        |                           ^^^^^^^^^^^^^^^^^^^^^^^
      help: a review is what `atlas-audit review record` writes; its path is relative to this file
    ");
    stage.write("atlas-audit.toml", "reviews = ['nowhere.json']");
    assert_eq!(stage.run(&["config", "check"]).code, 2);
}

#[test]
fn what_could_not_be_read_is_told_and_not_taken_for_gone() {
    let stage = Stage::of("demo");
    stage.run(&["fetch", "--quiet", "--output", "november.jsonl"]);
    stage.faults(&["refuse@project.accessList"]);
    stage.run(&["fetch", "--quiet", "--output", "dark.jsonl"]);
    let run = stage.run(&["review", "--since", "november.jsonl", "dark.jsonl", "--output", "pack"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let pack = pack(&stage, "pack");
    let missing =
        pack["header"]["notRead"].as_array().unwrap().iter().filter(|one| one["section"] == "project.accessList");
    assert!(missing.clone().count() > 3);
    assert!(
        missing
            .clone()
            .all(|one| one["rowsMissing"] == true && one["reason"].as_str().unwrap().contains("Atlas refused"))
    );
    let gone = pack["gone"].as_array().unwrap();
    assert!(!gone.is_empty() && gone.iter().all(|one| one["certain"] == false), "{gone:#?}");
    let html = stage.read("pack/review.html");
    assert!(
        html.contains("no: its list could not be read") && html.contains("rows are missing for what could not be read")
    );
}
