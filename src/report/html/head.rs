//! What the page says without a script: what was looked at, the counts, a picture of them, the worst findings, and the
//! lists that are short by nature.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::engine::Severity;
use crate::engine::rule::FailureMeans;
use crate::engine::waiver::WaiverState;
use crate::report::causes::Cause;
use crate::report::{Report, causes};

use super::model::{severity_number, verdicts};
use super::{Escaped, Prose, listed, trend};

/// Findings that can be read without a script.
const MOST_WORST: usize = 50;
/// Of one rule: fifty users of one kind would hide all else.
const MOST_OF_A_RULE: usize = 5;
/// Causes of what is unknown, and those that are not folded away.
const MOST_CAUSES: usize = 200;
const FIRST_CAUSES: usize = 15;
/// Findings of an earlier run that are not there now.
const MOST_GONE: usize = 500;
/// Waivers.
const MOST_WAIVERS: usize = 500;

pub(super) fn title(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{} – Atlas security audit", Escaped(name(report)))
}

fn name(report: &Report) -> &str {
    report.about.organization_name.as_deref().unwrap_or(&report.about.organization)
}

/// `10,213`
fn number(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn plural(count: usize, one: &str, more: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { more })
}

pub(super) fn write(report: &Report, snapshot: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    about(report, snapshot, out)?;
    banner(report, out)?;
    writeln!(out, "<section id=\"overview\" aria-labelledby=\"overview-title\">")?;
    writeln!(out, "<h2 id=\"overview-title\" class=\"unseen\">Overview</h2>")?;
    tiles(report, out)?;
    writeln!(out, "<div class=\"cards\">")?;
    categories(report, out)?;
    all_verdicts(report, out)?;
    // Filled by the script.
    writeln!(out, "<div class=\"card\" id=\"worst-projects\" hidden></div>")?;
    if let Some(found) = &report.trend {
        trend::write(found, out)?;
    }
    writeln!(out, "</div>\n</section>")?;
    worst(report, out)
}

fn about(report: &Report, snapshot: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let about = &report.about;
    writeln!(out, "<header class=\"top\">")?;
    writeln!(out, "<p class=\"brand\">atlas-audit <span>{}</span></p>", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "<h1>{}</h1>", Escaped(name(report)))?;
    let mut sentence = report.counts.sentence();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    writeln!(out, "<p class=\"sum\">{}</p>", Escaped(&sentence))?;
    writeln!(out, "<dl class=\"facts\">")?;
    let mut fact = |name: &str, value: &str| writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Escaped(value));
    fact("Organization", &about.organization)?;
    fact("Scope", &plural(about.projects, "project", "projects"))?;
    fact("As of", &about.taken.strftime("%Y-%m-%d %H:%M UTC").to_string())?;
    fact("Read from", &format!("{} ({})", about.source, about.credential))?;
    let asked = report.rules.iter().filter(|rule| rule.reported).count();
    fact("Rules", &number(asked))?;
    if let Some(configuration) = &about.configuration {
        fact("Configuration", configuration)?;
    }
    if let Some(file) = &about.snapshot {
        fact("Snapshot", &file.shown)?;
    }
    if let Some(digest) = snapshot {
        fact("SHA-256 of the snapshot", digest)?;
    }
    writeln!(out, "</dl>\n</header>")
}

/// What qualifies everything below it.
fn banner(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let counts = &report.counts;
    if !report.about.complete {
        writeln!(
            out,
            "<p class=\"banner bad\"><strong>Reading was interrupted.</strong> This report is about what had been \
             read until then.</p>"
        )?;
    }
    if counts.unknown > 0 {
        let verdicts = if counts.unknown == 1 { "verdict is" } else { "verdicts are" };
        writeln!(
            out,
            "<p class=\"banner unknown\"><strong>{} {verdicts} unknown.</strong> What could not be read counts neither \
             as a pass nor as a finding: <a href=\"#unknown\">the causes</a>.</p>",
            number(counts.unknown)
        )?;
    }
    let scan_failed =
        |group: &&crate::report::Group| report.rule(group.rule).failure_means == FailureMeans::IncompleteScan;
    if report.groups().iter().any(|group| scan_failed(&group)) {
        writeln!(
            out,
            "<p class=\"banner unknown\"><strong>The scan itself fell short:</strong> findings of the category \
             <em>meta</em> say where.</p>"
        )?;
    }
    if let Some(clear) = report.all_clear() {
        writeln!(out, "<p class=\"banner good\">{clear}</p>")?;
    }
    Ok(())
}

fn tiles(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let counts = &report.counts;
    writeln!(out, "<ul class=\"tiles\">")?;
    for severity in Severity::ALL {
        let count = counts.findings.get(&std::cmp::Reverse(severity)).copied().unwrap_or(0);
        writeln!(
            out,
            "<li><a class=\"tile {severity}\" href=\"#findings\" data-severity=\"{}\"><b>{}</b> <span>{severity}</span></a></li>",
            severity_number(severity),
            number(count)
        )?;
    }
    for (class, target, count, what) in [
        ("waived", "#findings", counts.waived, "waived"),
        ("unknown", "#unknown", counts.unknown, "unknown"),
        ("pass", "#passed", counts.passed + counts.attested, "passed"),
    ] {
        writeln!(
            out,
            "<li><a class=\"tile {class}\" href=\"{target}\"><b>{}</b> <span>{what}</span></a></li>",
            number(count)
        )?;
    }
    writeln!(out, "</ul>")
}

/// A category in words: `data_access` is no word.
fn in_words(category: &str) -> String {
    let mut words = category.replace(['-', '_'], " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn categories(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut by_category: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for rule in report.rules.iter().filter(|rule| rule.reported) {
        by_category.entry(rule.category).or_default();
    }
    for group in report.groups() {
        by_category.entry(report.rules[group.rule].category).or_default()[severity_number(group.severity)] +=
            group.open();
    }
    let mut rows: Vec<_> = by_category.into_iter().collect();
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(*counts));
    let most = rows.iter().map(|(_, counts)| counts.iter().sum::<usize>()).max().unwrap_or(0).max(1);
    writeln!(out, "<div class=\"card\">\n<h3>Open findings by category</h3>\n<table class=\"bars\">")?;
    writeln!(out, "<caption class=\"unseen\">Open findings by category and severity</caption>")?;
    writeln!(
        out,
        "<thead class=\"unseen\"><tr><th scope=\"col\">Category</th><th scope=\"col\">Severities</th>\
         <th scope=\"col\">Findings</th></tr></thead>\n<tbody>"
    )?;
    for (category, counts) in rows {
        let all: usize = counts.iter().sum();
        let told: Vec<_> = counts
            .iter()
            .zip(Severity::ALL)
            .filter(|(count, _)| **count > 0)
            .map(|(count, severity)| format!("{} {severity}", number(*count)))
            .collect();
        let told = if told.is_empty() { "none".to_owned() } else { told.join(", ") };
        write!(
            out,
            "<tr><th scope=\"row\"><a href=\"#findings\" data-category=\"{0}\">{1}</a></th><td>",
            Escaped(category),
            Escaped(&in_words(category))
        )?;
        bar(counts.iter().copied().zip(Severity::ALL.map(Severity::as_str)), most, &told, out)?;
        writeln!(out, "</td><td class=\"count\">{}</td></tr>", number(all))?;
    }
    writeln!(out, "</tbody>\n</table>\n<ul class=\"legend\">")?;
    for severity in Severity::ALL {
        writeln!(out, "<li class=\"{severity}\">{severity}</li>")?;
    }
    writeln!(out, "</ul>\n</div>")
}

/// Parts side by side, of a width that `most` fills.
#[expect(clippy::cast_precision_loss, reason = "a picture")]
fn bar<'a>(
    parts: impl Iterator<Item = (usize, &'a str)>,
    most: usize,
    told: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(
        out,
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{0}\">\
         <title>{0}</title><rect class=\"track\" width=\"100\" height=\"10\"/>",
        Escaped(told)
    )?;
    let mut from = 0.0;
    for (count, class) in parts.filter(|(count, _)| *count > 0) {
        let width = count as f64 * 100.0 / most as f64;
        write!(out, "<rect class=\"{class}\" x=\"{from:.2}\" width=\"{width:.2}\" height=\"10\"/>")?;
        from += width;
    }
    write!(out, "</svg>")
}

fn all_verdicts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let counts = &report.counts;
    let parts = [
        (counts.passed, "pass", "passed"),
        (counts.attested, "attested", "attested by somebody"),
        (counts.failed, "fail", "failed"),
        (counts.unknown, "unknown", "unknown"),
        (counts.not_applicable, "na", "not applicable"),
    ];
    let all = parts.iter().map(|(count, ..)| count).sum::<usize>().max(1);
    writeln!(out, "<div class=\"card\">\n<h3>All {}</h3>", plural(all, "verdict", "verdicts"))?;
    let told: Vec<_> = parts.iter().map(|(count, _, what)| format!("{} {what}", number(*count))).collect();
    bar(parts.iter().map(|(count, class, _)| (*count, *class)), all, &told.join(", "), out)?;
    writeln!(out, "\n<ul class=\"legend counts\">")?;
    for (count, class, what) in parts {
        writeln!(out, "<li class=\"{class}\"><b>{}</b> {what}</li>", number(count))?;
    }
    writeln!(out, "</ul>")?;
    writeln!(
        out,
        "<p class=\"note\">A verdict is one rule on one resource. One that fails has one finding or more.</p>"
    )?;
    if let Some(compliance) = report.compliance() {
        writeln!(
            out,
            "<p class=\"note\"><strong>{}</strong>: {}</p>",
            Escaped(compliance.framework.title()),
            Escaped(&compliance.sentence())
        )?;
    }
    writeln!(out, "</div>")
}

/// The script replaces it with all of them.
fn worst(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.counts.all_findings() == 0 {
        return Ok(());
    }
    writeln!(out, "<section id=\"worst\" aria-labelledby=\"worst-title\">")?;
    writeln!(out, "<h2 id=\"worst-title\">The worst findings</h2>\n<ol class=\"plain\">")?;
    let mut shown = 0;
    for group in report.groups().iter().filter(|group| group.open() > 0) {
        if shown >= MOST_WORST {
            break;
        }
        let room = MOST_OF_A_RULE.min(MOST_WORST - shown);
        for finding in report.findings_of(*group).filter(|finding| finding.waived().is_none()).take(room) {
            shown += 1;
            let rule = report.rule(finding.rule);
            let severity = finding.severity;
            write!(
                out,
                "<li><span class=\"chip {severity}\">{severity}</span> <b>{}</b> {}<br>{}",
                Escaped(&finding.resource.place()),
                Prose(&finding.message),
                Escaped(&format!("{} {}: {}", rule.id, rule.name, rule.title))
            )?;
            if let Some(fix) = finding.fix().first() {
                let lines: Vec<_> = fix.lines().map(|line| Escaped(line).to_string()).collect();
                write!(out, "<pre>{}</pre>", lines.join("\n"))?;
            }
            writeln!(out, "</li>")?;
        }
    }
    writeln!(out, "</ol>")?;
    writeln!(
        out,
        "<p class=\"note\">{} of {}: at most {MOST_OF_A_RULE} of a rule and {MOST_WORST} in all. With JavaScript this page \
         lists {}, with filters.</p>\n</section>",
        number(shown),
        plural(report.counts.open_findings(), "open finding", "open findings"),
        number(listed(report))
    )
}

/// What could not be judged, and what is waived.
pub(super) fn lists(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    unknown(report, out)?;
    since(report, out)?;
    waivers(report, out)
}

fn unknown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section id=\"unknown\" aria-labelledby=\"unknown-title\">")?;
    writeln!(out, "<h2 id=\"unknown-title\">Not judged <small>{}</small></h2>", number(report.counts.unknown))?;
    let causes = causes::of_unknowns(report.unknowns());
    if causes.is_empty() {
        writeln!(out, "<p class=\"note\">Everything that the rules need was read and understood.</p>\n</section>")?;
        return Ok(());
    }
    writeln!(out, "<p class=\"note\">Why verdicts are unknown, each cause once. None of these is a pass.</p>")?;
    // With a few more than that, folding would hide little and cost a click.
    let first = if causes.len() <= FIRST_CAUSES + 5 { causes.len() } else { FIRST_CAUSES };
    let (first, rest) = causes[..causes.len().min(MOST_CAUSES)].split_at(first);
    cause_table(report, first, out)?;
    if !rest.is_empty() {
        writeln!(out, "<details class=\"fold\"><summary>{} more causes</summary>", number(rest.len()))?;
        cause_table(report, rest, out)?;
        writeln!(out, "</details>")?;
    }
    if causes.len() > MOST_CAUSES {
        writeln!(
            out,
            "<p class=\"note\">And {} more causes, which <code>--format json</code> lists.</p>",
            number(causes.len() - MOST_CAUSES)
        )?;
    }
    writeln!(out, "</section>")
}

/// What was found by the earlier run and is not now.
fn since(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(compared) = report.compared() else { return Ok(()) };
    writeln!(out, "<section id=\"since\" aria-labelledby=\"since-title\">")?;
    writeln!(out, "<h2 id=\"since-title\">Since the baseline</h2>")?;
    let taken = compared.taken.map(|taken| taken.strftime(" The baseline is as of %Y-%m-%d %H:%M UTC.").to_string());
    let mut sentence = compared.sentence();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    writeln!(out, "<p class=\"note\">{}.{}</p>", Escaped(&sentence), taken.unwrap_or_default())?;
    for (title, gone) in [
        ("fixed", &compared.fixed),
        (
            "out of sight: found then, and what would show whether they are still there could not be read",
            &compared.out_of_sight,
        ),
    ] {
        if gone.is_empty() {
            continue;
        }
        writeln!(out, "<details class=\"fold\"><summary>{} {title}</summary>", number(gone.len()))?;
        writeln!(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"since-title\">")?;
        writeln!(
            out,
            "<table class=\"list\"><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th>\
             <th scope=\"col\">What was wrong</th><th scope=\"col\">Resource</th></tr></thead>\n<tbody>"
        )?;
        for before in gone.iter().take(MOST_GONE) {
            writeln!(
                out,
                "<tr><td><span class=\"chip {0}\">{0}</span></td><td class=\"id\">{1}</td><td>{2}</td><td><code>{3}</code></td></tr>",
                before.severity,
                Escaped(&before.rule),
                Prose(&before.message),
                Escaped(before.at.as_str())
            )?;
        }
        writeln!(out, "</tbody></table></div>")?;
        if gone.len() > MOST_GONE {
            writeln!(out, "<p class=\"note\">And {} more.</p>", number(gone.len() - MOST_GONE))?;
        }
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</section>")
}

/// The rule stands beside all of its causes.
fn cause_table(report: &Report, causes: &[Cause], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"unknown-title\">")?;
    writeln!(
        out,
        "<table class=\"list\"><thead><tr><th scope=\"col\" class=\"rule\">Rule</th><th scope=\"col\">Cause</th>\
         <th scope=\"col\">Where</th></tr></thead>"
    )?;
    for of_rule in causes.chunk_by(|one, other| one.rule == other.rule) {
        writeln!(out, "<tbody>")?;
        for (index, cause) in of_rule.iter().enumerate() {
            write!(out, "<tr>")?;
            if index == 0 {
                let rule = report.rule(cause.rule);
                write!(
                    out,
                    "<td rowspan=\"{}\"><a class=\"id\" href=\"#findings\" data-unknown=\"{}\">{}</a><br>{}</td>",
                    of_rule.len(),
                    cause.rule,
                    Escaped(&rule.id),
                    Escaped(&rule.name)
                )?;
            }
            writeln!(out, "<td>{}</td><td>{}</td></tr>", Prose(&cause.reason), Escaped(&cause.places(5)))?;
        }
        writeln!(out, "</tbody>")?;
    }
    writeln!(out, "</table></div>")
}

fn waivers(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let all = report.waivers();
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section id=\"waivers\" aria-labelledby=\"waivers-title\">")?;
    writeln!(out, "<h2 id=\"waivers-title\">Waivers <small>{}</small></h2>", number(all.len()))?;
    writeln!(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"waivers-title\">")?;
    writeln!(
        out,
        "<table class=\"list\"><thead><tr><th scope=\"col\">Rule and resource</th><th scope=\"col\">Reason</th>\
         <th scope=\"col\">Owner</th><th scope=\"col\">Until</th><th scope=\"col\" class=\"count\">Findings</th></tr></thead>\n<tbody>"
    )?;
    for one in all.iter().take(MOST_WAIVERS) {
        let waiver = &one.waiver;
        let state = match one.state {
            WaiverState::Expired => " <span class=\"chip unknown\">expired</span>",
            WaiverState::Active if one.is_idle() => " <span class=\"chip unknown\">matches nothing</span>",
            WaiverState::Active => "",
        };
        writeln!(
            out,
            "<tr><td>{}<br><code>{}</code></td><td>{}</td><td>{}</td><td>{}{state}</td><td class=\"count\">{}</td></tr>",
            Escaped(&waiver.rule),
            Escaped(waiver.resource.as_str()),
            Escaped(&waiver.reason),
            Escaped(&waiver.owner),
            Escaped(&waiver.until.to_string()),
            number(one.matches)
        )?;
    }
    writeln!(out, "</tbody></table></div>")?;
    if all.len() > MOST_WAIVERS {
        writeln!(out, "<p class=\"note\">And {} more.</p>", number(all.len() - MOST_WAIVERS))?;
    }
    writeln!(out, "</section>")
}

/// What passed, as counts: millions of passes tell no more than their number.
pub(super) fn passed(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let counts = &report.counts;
    writeln!(out, "<section id=\"passed\" aria-labelledby=\"passed-title\">")?;
    writeln!(out, "<h2 id=\"passed-title\">Passed <small>{}</small></h2>", number(counts.passed + counts.attested))?;
    writeln!(
        out,
        "<details class=\"fold\"><summary>{} passed by measure, {} by statement, {} not applicable: by rule</summary>",
        number(counts.passed),
        number(counts.attested),
        number(counts.not_applicable)
    )?;
    writeln!(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"passed-title\">")?;
    writeln!(
        out,
        "<table class=\"list\"><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\" class=\"count\">Findings</th>\
         <th scope=\"col\" class=\"count\">Unknown</th><th scope=\"col\" class=\"count\">Passed</th>\
         <th scope=\"col\" class=\"count\">Attested</th><th scope=\"col\" class=\"count\">Not applicable</th></tr></thead>\n<tbody>"
    )?;
    for (rule, of) in report.rules.iter().zip(verdicts(report)).filter(|(rule, _)| rule.reported) {
        let rule = rule.rule;
        write!(out, "<tr><td><span class=\"id\">{}</span> {}</td>", Escaped(&rule.id), Escaped(&rule.name))?;
        for count in [of.open + of.waived, of.unknown + of.needs, of.pass, of.attested, of.not_applicable] {
            let shown = if count == 0 { "·".to_owned() } else { number(count) };
            write!(out, "<td class=\"count\">{shown}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div></details>\n</section>")
}
