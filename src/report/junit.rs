//! For test reporters: `JUnit` XML that Jenkins' strict schema takes, and GitLab, and those of GitHub.
//!
//! A suite is a category; a case is a rule and a resource: it fails, is skipped because somebody waives it, is an
//! error because nobody knows, or passes. What was not applicable is no case: there was nothing to test, and *skipped*
//! means that somebody decided so. Its number is a property of the suite.
//!
//! `quick-junit` writes the cases, in batches: it keeps what it writes as a tree, and a large organization has millions.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Property, Report as Batch, TestCase, TestCaseStatus, TestSuite};

use super::table::message;
use super::text::{shortened, visible};
use super::{Finding, Group, Report, Resource};

/// Passes beyond this number are one case per rule: GitLab takes 30 MB.
const MOST_PASSES: usize = 20_000;
/// Cases that are kept before they are written.
const BATCH: usize = 500;
/// Columns of a name, and of a message.
const LONGEST_NAME: usize = 250;
const LONGEST_MESSAGE: usize = 2000;

/// Writes suites by category, in the order of the catalogue.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut categories: Vec<&'static str> = report.rules.iter().map(|rule| rule.category).collect();
    let mut seen = HashSet::new();
    categories.retain(|category| seen.insert(*category));
    let mut suites: Vec<Suite<'_>> = categories.into_iter().map(|category| Suite::of(report, category)).collect();
    suites.retain(|suite| suite.counts != Counts::default());
    let all = suites.iter().map(|suite| &suite.counts).fold(Counts::default(), Counts::with);
    let about_the_run = about_the_run(report);
    // The schema of Jenkins knows no `skipped` here, which `quick-junit` would write.
    let (tests, errors) = (all.tests() + about_the_run.len(), all.errors + about_the_run.len());
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="atlas-audit" tests="{tests}" failures="{}" errors="{errors}">"#, all.failures)?;
    for suite in suites {
        suite.write(out)?;
    }
    if !about_the_run.is_empty() {
        let mut suite = TestSuite::new("atlas-audit");
        suite.add_test_cases(about_the_run);
        out.write_all(written(suite, "<testsuite ", "</testsuites>")?.as_bytes())?;
    }
    writeln!(out, "</testsuites>")
}

/// What makes all the rest say less than it seems.
fn about_the_run(report: &Report) -> Vec<TestCase> {
    let mut cases = Vec::new();
    let mut add = |name: &str, message: &str| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("incomplete").set_message(message);
        let mut case = TestCase::new(name, status);
        case.set_classname("atlas.report");
        cases.push(case);
    };
    if !report.about.complete {
        let why = "The reading did not come to its end: whole projects may be missing.";
        add("the reading came to its end", why);
    }
    if report.unlisted() > 0 {
        let why = format!("{} more findings, none worse than those listed, are left out.", report.unlisted());
        add("all findings are listed", &why);
    }
    cases
}

/// Numbers that a suite begins with, although its cases follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    failures: usize,
    errors: usize,
    skipped: usize,
    passed: usize,
    attested: usize,
    not_applicable: usize,
    /// Cases that stand for what passed: fewer, if one stands for all of a rule.
    passes: usize,
}

impl Counts {
    const fn tests(&self) -> usize {
        self.failures + self.errors + self.skipped + self.passes + self.attested
    }

    const fn with(self, other: &Self) -> Self {
        Self {
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
            passed: self.passed + other.passed,
            attested: self.attested + other.attested,
            not_applicable: self.not_applicable + other.not_applicable,
            passes: self.passes + other.passes,
        }
    }
}

/// The rules of a category.
struct Suite<'a> {
    report: &'a Report,
    category: &'static str,
    /// With how many findings of each are listed.
    groups: Vec<(Group, usize)>,
    /// How many passes each rule has, by its index.
    passed: Vec<usize>,
    each_pass: bool,
    counts: Counts,
}

impl<'a> Suite<'a> {
    fn of(report: &'a Report, category: &'static str) -> Self {
        let mut suite = Self {
            report,
            category,
            groups: Vec::new(),
            passed: vec![0; report.rules.len()],
            each_pass: report.counts.passed <= MOST_PASSES,
            counts: Counts::default(),
        };
        let mut room = report.most_findings;
        for group in report.groups() {
            let listed = group.count.min(room);
            room -= listed;
            if listed > 0 && suite.has(group.rule) {
                let waived = if listed == group.count {
                    group.waived
                } else {
                    report.findings_of(*group).take(listed).filter(|finding| finding.waived().is_some()).count()
                };
                suite.counts.skipped += waived;
                suite.counts.failures += listed - waived;
                suite.groups.push((*group, listed));
            }
        }
        suite.counts.errors = report.unknowns().filter(|unjudged| suite.has(unjudged.rule)).count();
        suite.counts.attested = report.attested().filter(|attested| suite.has(attested.rule)).count();
        for settled in report.settled().iter() {
            let rule = usize::from(settled.rule);
            match settled.not_applicable {
                _ if !suite.has(rule) => {}
                None => suite.passed[rule] += 1,
                Some(_) => suite.counts.not_applicable += 1,
            }
        }
        suite.counts.passed = suite.passed.iter().sum();
        let rules_that_pass = suite.passed.iter().filter(|count| **count > 0).count();
        suite.counts.passes = if suite.each_pass { suite.counts.passed } else { rules_that_pass };
        suite
    }

    fn has(&self, rule: usize) -> bool {
        self.report.rules[rule].category == self.category
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let counts = &self.counts;
        let mut head = TestSuite::new(self.category);
        head.tests = counts.tests();
        head.failures = counts.failures;
        head.errors = counts.errors;
        head.skipped = counts.skipped;
        let numbers =
            [("passed", counts.passed), ("attested", counts.attested), ("not-applicable", counts.not_applicable)];
        head.add_properties(numbers.map(|(name, count)| Property::new(name, count.to_string())));
        out.write_all(written(head, "<testsuite ", "</testsuite>")?.as_bytes())?;
        let mut cases = Cases { out, names: HashSet::new(), batch: Vec::with_capacity(BATCH) };
        self.cases(&mut cases)?;
        cases.flush()?;
        writeln!(out, "    </testsuite>")
    }

    fn cases(&self, cases: &mut Cases<'_>) -> io::Result<()> {
        for (group, listed) in &self.groups {
            for finding in self.report.findings_of(*group).take(*listed) {
                cases.add(
                    &self.name(finding.rule, &finding.resource),
                    &finding.resource,
                    status(self.report, &finding),
                )?;
            }
        }
        for unjudged in self.report.unknowns().filter(|unjudged| self.has(unjudged.rule)) {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("unknown").set_message(text(&unjudged.reasons.join("; ")));
            cases.add(&self.name(unjudged.rule, &unjudged.resource), &unjudged.resource, status)?;
        }
        for attested in self.report.attested().filter(|attested| self.has(attested.rule)) {
            let name = self.name(attested.rule, &attested.resource);
            cases.add(&name, &attested.resource, TestCaseStatus::success())?;
            let stated = attested.stated;
            let told = format!("stated by {}, until {}: {}", stated.owner, stated.expires, stated.statement);
            if let Some(case) = cases.batch.last_mut() {
                case.set_system_out(text(&told));
            }
        }
        if self.each_pass {
            let passed = self.report.settled().iter().filter(|settled| settled.not_applicable.is_none());
            for settled in passed.filter(|settled| self.has(settled.rule.into())) {
                let resource = self.report.resource(settled.at.clone(), &[]);
                cases.add(&self.name(settled.rule.into(), &resource), &resource, TestCaseStatus::success())?;
            }
            return Ok(());
        }
        for (rule, count) in self.passed.iter().enumerate().filter(|(_, count)| **count > 0) {
            let rule = self.report.rule(rule);
            let name = format!("{} {} [{count} resources pass]", rule.id, rule.name);
            cases.push(&name, "atlas.passed", TestCaseStatus::success())?;
        }
        Ok(())
    }

    /// A title states the failure as a fact, and would read oddly where it passes.
    fn name(&self, rule: usize, resource: &Resource) -> String {
        let rule = self.report.rule(rule);
        format!("{} {} [{}]", rule.id, rule.name, resource.place())
    }
}

fn status(report: &Report, finding: &Finding) -> TestCaseStatus {
    if let Some(waiver) = finding.waived() {
        let mut status = TestCaseStatus::skipped();
        let why = format!("{}, until {}: {}", waiver.owner, waiver.until, waiver.reason);
        status.set_type(finding.severity.as_str()).set_message(text(&why));
        return status;
    }
    let rule = report.rule(finding.rule);
    let mut lines = vec![format!("{} ({}): {}", rule.id, finding.severity, rule.title)];
    let fix = finding.fix();
    lines.extend(fix.first().map(|fix| format!("Fix: {}", fix.trim())));
    lines.extend(finding.unseen.iter().map(|why| format!("There may be more, for not all could be read: {why}")));
    lines.push(format!("Resource: {}", finding.resource.at));
    lines.push(format!("Fingerprint: {}", finding.fingerprint()));
    let lines: Vec<_> = lines.iter().flat_map(|line| line.lines()).map(text).collect();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(finding.severity.as_str()).set_message(text(&message(finding))).set_description(lines.join("\n"));
    status
}

/// Fit to be read, and to stand in XML, which has no place for two characters that are seen by nobody.
fn text(text: &str) -> String {
    shortened(&visible(text), LONGEST_MESSAGE).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// Cases on their way out.
struct Cases<'a> {
    out: &'a mut dyn Write,
    /// Hashes of those in the suite: GitLab drops a second one of the same class and name.
    names: HashSet<u64>,
    batch: Vec<TestCase>,
}

impl Cases<'_> {
    fn add(&mut self, name: &str, resource: &Resource, status: TestCaseStatus) -> io::Result<()> {
        // Readers make a tree of a class name by its dots.
        let part = |name: &str| name.replace(|c: char| c == '.' || c.is_whitespace(), "-");
        let class = format!("atlas.{}.{}", part(&resource.owner), part(resource.kind));
        self.push(name, &class, status)
    }

    fn push(&mut self, name: &str, class: &str, status: TestCaseStatus) -> io::Result<()> {
        if self.batch.len() == BATCH {
            self.flush()?;
        }
        let name = shortened(&text(name), LONGEST_NAME).into_owned();
        let class = shortened(&text(class), LONGEST_NAME).into_owned();
        let unique = |nth: &u32| if *nth == 1 { name.clone() } else { format!("{name} #{nth}") };
        let name = (1..=u32::MAX).map(|nth| unique(&nth)).find(|name| self.names.insert(hash(&class, name)));
        let mut case = TestCase::new(name.unwrap_or_default(), status);
        case.set_classname(class);
        self.batch.push(case);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let mut suite = TestSuite::new("");
        suite.add_test_cases(self.batch.drain(..));
        self.out.write_all(written(suite, "<testcase ", "</testsuite>")?.as_bytes())
    }
}

fn hash(class: &str, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (class, name).hash(&mut hasher);
    hasher.finish()
}

/// What `quick-junit` makes of a suite, from one tag to before another. In what it writes, a `<` is always a tag.
fn written(suite: TestSuite, from: &str, to: &str) -> io::Result<String> {
    let mut batch = Batch::unnamed();
    batch.add_test_suite(suite);
    let text = batch.to_string().map_err(io::Error::other)?;
    let start = text.find(from).map_or(0, |at| text[..at].rfind('\n').map_or(0, |before| before + 1));
    let end = text.rfind(to).unwrap_or(text.len()).max(start);
    Ok(format!("{}\n", text[start..end].trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing;

    fn rendered(report: &Report) -> (String, Batch) {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let parsed = Batch::deserialize_from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        (text, parsed)
    }

    fn cases(parsed: &Batch) -> impl Iterator<Item = &TestCase> {
        parsed.test_suites.iter().flat_map(|suite| &suite.test_cases)
    }

    #[test]
    fn a_report_with_some_of_everything() {
        insta::assert_snapshot!(rendered(&testing::waived()).0);
    }

    #[test]
    fn what_is_stated_is_what_is_there() {
        let mut cut = testing::of_many(250);
        cut.most_findings = 100;
        let reports = [testing::sample(), testing::hostile(), testing::clean(), testing::of_many(250), cut];
        for report in reports.into_iter().chain([testing::waived(), testing::of_thousands(1300)]) {
            let (text, parsed) = rendered(&report);
            let (mut tests, mut failures, mut errors) = (0, 0, 0);
            for suite in &parsed.test_suites {
                let of =
                    |is: fn(&TestCaseStatus) -> bool| suite.test_cases.iter().filter(|case| is(&case.status)).count();
                let failed =
                    of(|status| matches!(status, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. }));
                let unknown =
                    of(|status| matches!(status, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. }));
                assert_eq!(suite.tests, suite.test_cases.len(), "{text}");
                assert_eq!(suite.failures, failed);
                assert_eq!(suite.errors, unknown);
                assert_eq!(suite.skipped, of(|status| matches!(status, TestCaseStatus::Skipped { .. })));
                tests += suite.tests;
                failures += failed;
                errors += unknown;
            }
            assert_eq!([parsed.tests, parsed.failures, parsed.errors], [tests, failures, errors]);
            let listed = report.listed().filter(|finding| finding.waived().is_none()).count();
            assert_eq!(failures, listed);
            assert_eq!(errors, report.counts.unknown + usize::from(report.unlisted() > 0));
        }
    }

    #[test]
    fn no_case_has_the_name_of_another() {
        for report in [testing::sample(), testing::hostile(), testing::of_thousands(1300), testing::waived()] {
            let (_, parsed) = rendered(&report);
            let names: HashSet<_> = cases(&parsed).map(|case| (case.classname.clone(), case.name.clone())).collect();
            assert_eq!(names.len(), cases(&parsed).count());
        }
    }

    #[test]
    fn names_are_text() {
        for name in
            ["<failure/>", "]]>", "\"&'", "a\u{0}b\u{1b}[31m", "\u{fffe}", "</testcase>", "</testsuite>", "a.b c"]
        {
            let (text, parsed) = rendered(&testing::named(name));
            assert_eq!(cases(&parsed).count(), 3, "{text}");
            assert!(!text.contains(['\u{1b}', '\u{0}', '\u{fffe}']), "{text}");
        }
    }
}
