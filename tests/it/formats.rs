//! Every format tells the same: each is parsed as its readers would, and the numbers are compared.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, TestCaseStatus};
use serde_json::Value;

use crate::support::Stage;

/// What a format says, as far as it can say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    by_severity: BTreeMap<String, usize>,
    waived: usize,
    unknown: usize,
    attested: usize,
    passed: usize,
    not_applicable: usize,
}

const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

impl Counts {
    fn add(&mut self, severity: &str) {
        assert!(SEVERITIES.contains(&severity), "{severity}");
        *self.by_severity.entry(severity.to_owned()).or_default() += 1;
    }

    fn findings(&self) -> usize {
        self.by_severity.values().sum()
    }

    fn of_json(report: &Value) -> Self {
        let mut counts = Self { attested: list(report, "attested").len(), ..Self::default() };
        counts.unknown = list(report, "unknowns").len();
        for finding in list(report, "findings") {
            if finding["waiver"]["expired"] == false {
                counts.waived += 1;
            } else {
                counts.add(finding["severity"].as_str().unwrap());
            }
        }
        for verdict in list(report, "verdicts") {
            match verdict["verdict"].as_str().unwrap() {
                "pass" => counts.passed += 1,
                _ => counts.not_applicable += 1,
            }
        }
        let summary = &report["summary"];
        let told = |name: &str| usize::try_from(summary[name].as_u64().unwrap()).unwrap();
        assert_eq!(
            [
                told("findings"),
                told("waived"),
                told("unknown"),
                told("attested"),
                told("passed"),
                told("notApplicable")
            ],
            [counts.findings(), counts.waived, counts.unknown, counts.attested, counts.passed, counts.not_applicable]
        );
        counts
    }

    /// `14 findings (1 critical, 5 high, 8 medium), 3 unknown, 118 passed`
    fn of_sentence(text: &str) -> Self {
        let mut counts = Self::default();
        let words: Vec<&str> = text.split([' ', ',', '(', ')', '.']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse() else { continue };
            match pair[1] {
                "unknown" => counts.unknown = count,
                "waived" => counts.waived = count,
                "attested" => counts.attested = count,
                "passed" => counts.passed = count,
                "not" => counts.not_applicable = count,
                severity if SEVERITIES.contains(&severity) => {
                    counts.by_severity.insert(severity.to_owned(), count);
                }
                _ => {}
            }
        }
        counts
    }

    fn of_table(text: &str) -> Self {
        // It may be wrapped, and the organization follows.
        let from = text.rfind(" findings (").unwrap();
        let words: Vec<_> = text[from..].split_whitespace().collect();
        Self::of_sentence(words.join(" ").split(" applicable").next().unwrap())
    }

    fn of_markdown(text: &str) -> Self {
        let mut rows = text.lines().filter(|line| line.starts_with('|'));
        let cells =
            |row: &str| -> Vec<String> { row.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect() };
        let (names, numbers) = (cells(rows.next().unwrap()), cells(rows.nth(1).unwrap()));
        let sentence: Vec<_> = names.iter().zip(&numbers).map(|(name, number)| format!("{number} {name}")).collect();
        let mut counts = Self::of_sentence(&sentence.join(", "));
        counts.by_severity.retain(|_, count| *count > 0);
        counts
    }

    fn of_junit(text: &str) -> Self {
        let parsed = quick_junit::Report::deserialize_from_str(text).unwrap();
        let mut counts = Self::default();
        for suite in &parsed.test_suites {
            for property in &suite.properties {
                if property.name.as_str() == "not-applicable" {
                    counts.not_applicable += property.value.as_str().parse::<usize>().unwrap();
                }
            }
            for case in &suite.test_cases {
                match &case.status {
                    TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, ty, .. } => {
                        counts.add(ty.as_ref().unwrap());
                    }
                    TestCaseStatus::NonSuccess { .. } => counts.unknown += 1,
                    TestCaseStatus::Skipped { .. } => counts.waived += 1,
                    TestCaseStatus::Success { .. } if case.system_out.is_some() => counts.attested += 1,
                    TestCaseStatus::Success { .. } => counts.passed += 1,
                }
            }
        }
        counts
    }

    fn of_csv(text: &str) -> Self {
        let mut counts = Self::default();
        for row in csv::Reader::from_reader(text.as_bytes()).records() {
            let row = row.unwrap();
            match &row[0] {
                "fail" => counts.add(&row[1]),
                "waived" => counts.waived += 1,
                "unknown" => counts.unknown += 1,
                "attested" => counts.attested += 1,
                "pass" => counts.passed += 1,
                "not-applicable" => counts.not_applicable += 1,
                other => panic!("{other}"),
            }
        }
        counts
    }

    /// From what is embedded in the page, as its script reads it.
    fn of_html(page: &str) -> Self {
        let data = embedded(page);
        let mut counts = Self { attested: list(&data, "attested").len(), ..Self::default() };
        counts.unknown = list(&data, "unknowns").len();
        for row in list(&data, "findings") {
            match row[7].as_u64() {
                Some(at) if data["waivers"][usize::try_from(at).unwrap()]["expired"] == false => counts.waived += 1,
                _ => counts
                    .add(data["severities"][usize::try_from(row[0][1].as_u64().unwrap()).unwrap()].as_str().unwrap()),
            }
        }
        for rule in list(&data, "rules") {
            counts.passed += usize::try_from(rule["counts"]["pass"].as_u64().unwrap()).unwrap();
            counts.not_applicable += usize::try_from(rule["counts"]["na"].as_u64().unwrap()).unwrap();
        }
        // And what the page says without its script.
        let told = page.split_once("class=\"sum\">").unwrap().1.split_once('<').unwrap().0;
        assert_eq!(Self::of_sentence(told), counts);
        counts
    }

    /// All but what was not applicable.
    fn of_ocsf(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let told = |id: &str| event["compliance"][id].as_u64().unwrap();
            match (told("status_id"), event["status_id"].as_u64(), event["compliance"]["status_code"].as_str().unwrap())
            {
                (3, Some(1), "fail") => {
                    let severity = ["info", "low", "medium", "high", "critical"];
                    let id = usize::try_from(event["severity_id"].as_u64().unwrap()).unwrap();
                    counts.add(severity[id - 1]);
                }
                (3, Some(3), "waived") => counts.waived += 1,
                (2, Some(1), "unknown") => counts.unknown += 1,
                (1, None, "attested") => counts.attested += 1,
                (1, None, "pass") => counts.passed += 1,
                other => panic!("{other:?}"),
            }
        }
        counts
    }
}

/// The data in an html report.
fn embedded(page: &str) -> Value {
    let (_, data) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap()
}

fn list<'a>(report: &'a Value, name: &str) -> &'a Vec<Value> {
    report[name].as_array().unwrap()
}

/// Every format of one scan, by its name.
fn all(stage: &Stage, more: &[&str]) -> BTreeMap<&'static str, String> {
    const FORMATS: [&str; 9] = ["table", "json", "sarif", "markdown", "junit", "csv", "ocsf", "github", "html"];
    let files = FORMATS.map(|format| format!("report.{format}"));
    let each = FORMATS.iter().zip(&files);
    let outputs: Vec<&str> = each.flat_map(|(format, file)| ["--format", format, "--output", file]).collect();
    let run = stage.run(&[&["scan", "--quiet", "--exit-zero"], more, &outputs].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    FORMATS.into_iter().zip(files.iter().map(|file| stage.read(file))).collect()
}

fn compared(all: &BTreeMap<&'static str, String>) -> Counts {
    let report: Value = serde_json::from_str(&all["json"]).unwrap();
    let counts = Counts::of_json(&report);
    assert_eq!(Counts::of_table(&all["table"]), counts);
    assert_eq!(Counts::of_markdown(&all["markdown"]), counts);
    assert_eq!(Counts::of_junit(&all["junit"]), counts);
    assert_eq!(Counts::of_csv(&all["csv"]), counts);
    assert_eq!(Counts::of_ocsf(&all["ocsf"]), Counts { not_applicable: 0, ..counts.clone() });
    assert_eq!(Counts::of_html(&all["html"]), counts);
    let last = all["github"].lines().last().unwrap().split_once("::").unwrap().1;
    assert_eq!(Counts::of_sentence(last.split_once("::").unwrap().1.split('.').next().unwrap()), counts);
    let sarif: Value = serde_json::from_str(&all["sarif"]).unwrap();
    assert_eq!(list(&sarif["runs"][0], "results").len(), counts.findings(), "what is waived is not in it");
    order(all, &report);
    counts
}

/// The findings that are not waived come in the same order everywhere.
fn order(all: &BTreeMap<&'static str, String>, report: &Value) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = list(report, "findings");
    let fingerprints: Vec<_> = findings.iter().map(|finding| text(&finding["fingerprint"])).collect();
    let rows = csv::Reader::from_reader(all["csv"].as_bytes()).into_records().map(Result::unwrap);
    let of_csv: Vec<_> =
        rows.filter(|row| ["fail", "waived"].contains(&&row[0])).map(|row| row[12].to_owned()).collect();
    assert_eq!(of_csv, fingerprints);
    let of_html: Vec<_> = list(&embedded(&all["html"]), "findings").iter().map(|row| text(&row[8])).collect();
    assert_eq!(of_html, fingerprints);
    let events = all["ocsf"].lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let failed = events.filter(|event| event["compliance"]["status_id"] == 3);
    let of_ocsf = failed.map(|event| text(&event["finding_info"]["uid"]));
    let of_ocsf: Vec<_> = of_ocsf.map(|uid| uid.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(of_ocsf, fingerprints);
    let sarif: Value = serde_json::from_str(&all["sarif"]).unwrap();
    let of_sarif: Vec<_> = list(&sarif["runs"][0], "results").iter().map(|result| text(&result["ruleId"])).collect();
    let open = findings.iter().filter(|finding| finding["waiver"]["expired"] != false);
    let open: Vec<_> = open.map(|finding| text(&finding["rule"]["id"])).collect();
    assert_eq!(of_sarif, open);
}

#[test]
fn every_format_tells_the_same_of_the_demo() {
    let stage = Stage::of("demo");
    let counts = compared(&all(&stage, &[]));
    assert!(counts.findings() > 100 && counts.unknown > 0 && counts.passed > 0 && counts.not_applicable > 0);
}

#[test]
fn every_format_tells_the_same_with_waivers_and_holes() {
    let stage = Stage::of("demo");
    stage.faults(&["refuse@project.auditLog"]);
    let waiver = |rule: &str, until: &str| {
        format!(
            "[[waivers]]\nrule = {rule:?}\nresource = \"*\"\nreason = \"\"\"=cmd|'</skipped>\n@all\"\"\"\nowner = \"ops, \\\"x\\\"\"\nuntil = {until}\n"
        )
    };
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year();
    let soon = format!("{}-01-01", year + 1);
    stage.write("waivers.toml", [waiver("ATL-NET-001", &soon), waiver("ATL-NET-002", "2020-01-01")].concat());
    let all = all(&stage, &["--waivers", "waivers.toml"]);
    let counts = compared(&all);
    assert!(counts.waived > 0 && counts.unknown > 0);
    assert!(all["csv"].contains("'=cmd|"), "a reason is no formula");
}

#[test]
fn a_limit_is_told_wherever_there_is_room_for_it() {
    let stage = Stage::of("demo");
    let all = all(&stage, &["--max-findings", "7"]);
    let report: Value = serde_json::from_str(&all["json"]).unwrap();
    let more = report["summary"]["unlisted"].as_u64().unwrap();
    assert_eq!(list(&report, "findings").len(), 7);
    assert!(all["markdown"].contains(&format!("{more} more findings are not shown")));
    assert!(all["junit"].contains(&format!("{more} more findings, none worse")));
    assert!(all["github"].contains(&format!("Findings without an annotation: {more}")));
    let page = embedded(&all["html"]);
    assert_eq!((list(&page, "findings").len(), &page["unlisted"]), (7, &more.into()));
    let rows = csv::Reader::from_reader(all["csv"].as_bytes()).into_records().map(Result::unwrap);
    assert_eq!(rows.filter(|row| &row[0] == "fail").count(), 7);
}

#[test]
fn the_demo_is_told_in_every_format() {
    let stage = Stage::of("demo").without_credentials();
    for format in ["markdown", "junit", "csv", "ocsf", "github", "html"] {
        let run = stage.run(&["demo", "--quiet", "--format", format]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout.contains("ATL-NET-001") && run.stdout.ends_with('\n'), "{}", run.stdout);
    }
    assert!(stage.run(&["demo", "--quiet", "--format", "markdown"]).stdout.len() <= 65_000);
}
