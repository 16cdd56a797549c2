//! How the findings came and went: a column per period, and the same in a table for those who do not see it.

use std::io::{self, Write};

use crate::engine::Severity;
use crate::report::trend::{Fixes, Period, Trend, lasting};

use super::Escaped;

/// Of the picture, in its own units: a column and the gap beside it, and its height.
const COLUMN: usize = 30;
const BAR: usize = 22;
const HEIGHT: f64 = 120.0;

pub(super) fn write(trend: &Trend, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<div class=\"card wide\" id=\"trend\">\n<h3>Findings over time</h3>")?;
    if trend.scans < 2 {
        writeln!(
            out,
            "<p class=\"note\">This is the first scan in the history: from the next on there is a trend.</p>"
        )?;
        return writeln!(out, "</div>");
    }
    picture(trend, out)?;
    writeln!(out, "<ul class=\"legend\">")?;
    for severity in Severity::ALL {
        writeln!(out, "<li class=\"{severity}\">{severity}</li>")?;
    }
    writeln!(out, "</ul>")?;
    writeln!(out, "<p class=\"note\">{}</p>", Escaped(&sentence(trend)))?;
    table(trend, out)?;
    writeln!(out, "</div>")
}

#[expect(clippy::cast_precision_loss, reason = "a picture")]
fn picture(trend: &Trend, out: &mut dyn Write) -> io::Result<()> {
    let most = trend.periods.iter().map(Period::open).max().unwrap_or_default().max(1) as f64;
    let wide = trend.periods.len() * COLUMN;
    write!(
        out,
        "<svg class=\"columns\" viewBox=\"0 0 {wide} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"Findings by severity, a column per {}; the table below says the same\">",
        trend.every
    )?;
    for (at, period) in trend.periods.iter().enumerate() {
        let x = at * COLUMN + (COLUMN - BAR) / 2;
        write!(out, "<g><title>{}</title>", Escaped(&told(period)))?;
        write!(out, "<rect class=\"track\" x=\"{x}\" y=\"0\" width=\"{BAR}\" height=\"{HEIGHT}\"/>")?;
        let mut floor = HEIGHT;
        for (severity, count) in period.findings.iter().filter(|(_, count)| *count > 0) {
            let height = *count as f64 / most * HEIGHT;
            floor -= height;
            write!(
                out,
                "<rect class=\"{severity}\" x=\"{x}\" y=\"{floor:.2}\" width=\"{BAR}\" height=\"{height:.2}\"/>"
            )?;
        }
        write!(out, "</g>")?;
    }
    writeln!(out, "</svg>")?;
    let name = |period: Option<&Period>| period.map(|period| period.name.clone()).unwrap_or_default();
    writeln!(
        out,
        "<p class=\"ends\"><span>{}</span><span>{}</span></p>",
        Escaped(&name(trend.periods.first())),
        Escaped(&name(trend.periods.last()))
    )
}

/// `2026-11: 12 critical, 60 high`
fn told(period: &Period) -> String {
    let parts: Vec<_> = period
        .findings
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    format!("{}: {}", period.name, if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") })
}

/// What the picture does not show.
fn sentence(trend: &Trend) -> String {
    let mut parts = Vec::new();
    if let Some(last) = trend.periods.last() {
        parts.push(format!("In the last {}: {} new, {} fixed", trend.every, last.new, last.fixed));
    }
    let took = |fixes: &Fixes| Some(format!("{} {} for {}", fixes.severity, lasting(fixes.mean?), fixes.fixed));
    let took: Vec<_> = trend.fixes.iter().filter_map(took).collect();
    if !took.is_empty() {
        parts.push(format!("Mean time to fix: {}", took.join(", ")));
    }
    if let Some(oldest) = trend.open.first() {
        let more = if oldest.start_is_known { "" } else { " or more" };
        parts.push(format!("The oldest open finding is {}{more} old", lasting(oldest.days)));
    }
    if !trend.returning.is_empty() {
        parts.push(format!("{} came back after they were gone", trend.returning.len()));
    }
    parts.join(". ") + "."
}

fn table(trend: &Trend, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<details><summary>The same in numbers, per {}</summary>", trend.every)?;
    writeln!(out, "<div class=\"scroll\"><table class=\"list numbers\">\n<thead><tr><th scope=\"col\">When</th>")?;
    for severity in Severity::ALL {
        write!(out, "<th scope=\"col\">{severity}</th>")?;
    }
    writeln!(out, "<th scope=\"col\">unknown</th><th scope=\"col\">waived</th><th scope=\"col\">new</th>")?;
    writeln!(out, "<th scope=\"col\">fixed</th><th scope=\"col\">came to light</th>")?;
    writeln!(out, "<th scope=\"col\">out of sight</th><th scope=\"col\">projects</th></tr></thead>\n<tbody>")?;
    for period in &trend.periods {
        write!(out, "<tr><th scope=\"row\">{}</th>", Escaped(&period.name))?;
        let severities = period.findings.iter().map(|(_, count)| *count);
        let more = [
            period.unknown,
            period.waived,
            period.new,
            period.fixed,
            period.came_to_light,
            period.out_of_sight,
            period.projects,
        ];
        for count in severities.chain(more) {
            write!(out, "<td class=\"count\">{count}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div></details>")
}
