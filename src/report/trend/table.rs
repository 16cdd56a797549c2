//! For people at a terminal: the counts over time, then how long fixes take, what is oldest, and what comes back.

use std::io::{self, Write};

use crate::report::Style;
use crate::report::style::{colour, look};
use crate::report::text::{shortened, visible, width, wrapped};

use super::{Fixes, OldFinding, Period, Trend, lasting};

const MARGIN: usize = 2;
/// Where the name of a rule begins, after `CRITICAL`.
const LABEL: usize = 12;
const LONGEST_NAME: usize = 160;

pub(super) fn write(trend: &Trend, most: usize, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { out, style };
    page.about(trend)?;
    page.periods(trend)?;
    page.fixes(trend)?;
    page.oldest(trend, most)?;
    page.returning(trend, most)
}

struct Page<'a> {
    out: &'a mut dyn Write,
    style: &'a Style,
}

/// A column of numbers.
struct Column {
    title: &'static str,
    look: anstyle::Style,
    cells: Vec<String>,
}

/// Zero is the good news: a dash lets the rest stand out.
fn count(count: usize) -> String {
    if count == 0 { "-".to_owned() } else { count.to_string() }
}

impl Page<'_> {
    fn about(&mut self, trend: &Trend) -> io::Result<()> {
        let name = match &trend.organization_name {
            Some(name) => format!("{} ({})", visible(name), trend.organization),
            None => trend.organization.clone(),
        };
        let day = |at: Option<jiff::Timestamp>| at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
        let scans = match trend.scans {
            1 => format!("one scan, on {}", day(trend.first)),
            scans => format!("{scans} scans from {} to {}", day(trend.first), day(trend.last)),
        };
        for line in wrapped(&name, self.style.width) {
            writeln!(self.out, "{}", self.style.paint(look::STRONG, &line))?;
        }
        for line in wrapped(&format!("{scans}; a row per {}", trend.every), self.style.width) {
            writeln!(self.out, "{line}")?;
        }
        writeln!(self.out)
    }

    fn periods(&mut self, trend: &Trend) -> io::Result<()> {
        let periods = &trend.periods;
        let column = |title, look, cell: &dyn Fn(&Period) -> usize| Column {
            title,
            look,
            cells: periods.iter().map(|period| count(cell(period))).collect(),
        };
        let severities = periods.first().map(|period| period.findings.clone()).unwrap_or_default();
        let titles = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"];
        let mut columns: Vec<Column> = titles
            .into_iter()
            .zip(&severities)
            .enumerate()
            .map(|(at, (title, (severity, _)))| column(title, colour(*severity), &|period| period.findings[at].1))
            .collect();
        columns.push(column("UNKNOWN", look::UNKNOWN, &|period| period.unknown));
        columns.push(column("NEW", look::PLAIN, &|period| period.new));
        columns.push(column("FIXED", look::COMMAND, &|period| period.fixed));
        columns.push(column("TO LIGHT", look::PLAIN, &|period| period.came_to_light));
        columns.push(column("OUT OF SIGHT", look::PLAIN, &|period| period.out_of_sight));
        columns.push(column("WAIVED", look::FAINT, &|period| period.waived));
        columns.push(column("PROJECTS", look::FAINT, &|period| period.projects));
        let names: Vec<_> = periods.iter().map(|period| period.name.clone()).collect();
        self.grid(&names, &columns)?;
        writeln!(self.out)
    }

    /// Names, and numbers beside them; as many columns as the page is wide.
    fn grid(&mut self, names: &[String], columns: &[Column]) -> io::Result<()> {
        let first = names.iter().map(|name| width(name)).max().unwrap_or_default();
        let wide = |column: &Column| {
            column.cells.iter().map(|cell| width(cell)).chain([width(column.title)]).max().unwrap_or_default()
        };
        let mut room = self.style.width.saturating_sub(first);
        let fits = |column: &&Column| {
            let needed = wide(column) + MARGIN;
            let fits = needed <= room;
            room = room.saturating_sub(needed);
            fits
        };
        let shown: Vec<&Column> = columns.iter().take_while(fits).collect();
        write!(self.out, "{:first$}", "")?;
        for column in &shown {
            let pad = " ".repeat(MARGIN + wide(column) - width(column.title));
            write!(self.out, "{pad}{}", self.style.paint(column.look, column.title))?;
        }
        writeln!(self.out)?;
        for (row, name) in names.iter().enumerate() {
            write!(self.out, "{name:first$}")?;
            for column in &shown {
                let cell = &column.cells[row];
                let pad = " ".repeat(MARGIN + wide(column) - width(cell));
                let look = if cell == "-" { look::FAINT } else { look::PLAIN };
                write!(self.out, "{pad}{}", self.style.paint(look, cell))?;
            }
            writeln!(self.out)?;
        }
        let left_out: Vec<_> = columns.iter().skip(shown.len()).map(|column| column.title).collect();
        if !left_out.is_empty() {
            let note = format!("No room for {}.", left_out.join(", "));
            for line in wrapped(&note, self.style.width) {
                writeln!(self.out, "{}", self.faint(&line))?;
            }
        }
        Ok(())
    }

    fn title(&mut self, title: &str, meaning: &str) -> io::Result<()> {
        write!(self.out, "{}", self.style.paint(look::STRONG, title))?;
        let mut lines = wrapped(meaning, self.style.width.saturating_sub(LABEL + MARGIN)).into_iter();
        let first = lines.next().unwrap_or_default();
        writeln!(self.out, "{}{}", " ".repeat((LABEL + MARGIN).saturating_sub(width(title))), self.faint(&first))?;
        for line in lines {
            writeln!(self.out, "{}{}", " ".repeat(LABEL + MARGIN), self.faint(&line))?;
        }
        Ok(())
    }

    fn faint(&self, text: &str) -> String {
        self.style.paint(look::FAINT, text)
    }

    fn fixes(&mut self, trend: &Trend) -> io::Result<()> {
        if trend.fixes.is_empty() {
            return Ok(());
        }
        self.title("TIME TO FIX", "from the first scan that saw a finding to the first that could and did not")?;
        let column = |title, cell: &dyn Fn(&Fixes) -> String| Column {
            title,
            look: look::PLAIN,
            cells: trend.fixes.iter().map(cell).collect(),
        };
        let lasted = |days: Option<f64>| days.map_or_else(|| "-".to_owned(), lasting);
        let columns = [
            column("FIXED", &|fixes| count(fixes.fixed)),
            column("MEAN", &|fixes| lasted(fixes.mean)),
            column("MEDIAN", &|fixes| lasted(fixes.median)),
            column("LONGEST", &|fixes| lasted(fixes.longest)),
            column("OF UNKNOWN AGE", &|fixes| count(fixes.older)),
        ];
        let names: Vec<_> = trend.fixes.iter().map(|fixes| format!("  {}", fixes.severity)).collect();
        self.grid(&names, &columns)?;
        if trend.fixes.iter().any(|fixes| fixes.older > 0) {
            let note = "Of unknown age: fixed too, but no scan looked there before the one that saw them first. Means \
                        leave them out.";
            for line in wrapped(note, self.style.width.saturating_sub(MARGIN)) {
                writeln!(self.out, "  {}", self.faint(&line))?;
            }
        }
        writeln!(self.out)
    }

    fn oldest(&mut self, trend: &Trend, most: usize) -> io::Result<()> {
        let hidden = match trend.out_of_sight {
            0 => String::new(),
            1 => "; of one more the last scan cannot tell whether it is still there".to_owned(),
            more => format!("; of {more} more the last scan cannot tell whether they are still there"),
        };
        self.title("OLDEST OPEN", &format!("of {} in the last scan that nobody waives{hidden}", trend.open.len()))?;
        for finding in trend.open.iter().take(most) {
            self.finding(finding, &age(finding))?;
        }
        self.rest(trend.open.len(), most)?;
        writeln!(self.out)
    }

    fn returning(&mut self, trend: &Trend, most: usize) -> io::Result<()> {
        if trend.returning.is_empty() {
            return Ok(());
        }
        self.title("FLAPPING", "gone, and back again")?;
        for one in trend.returning.iter().take(most) {
            let times = if one.returned == 1 { "once".to_owned() } else { format!("{} times", one.returned) };
            let now = if one.is_open { age(&one.finding) } else { "not there now".to_owned() };
            self.finding(&one.finding, &format!("came back {times}; {now}"))?;
        }
        self.rest(trend.returning.len(), most)?;
        writeln!(self.out)
    }

    fn finding(&mut self, finding: &OldFinding, told: &str) -> io::Result<()> {
        let label = finding.severity.as_str().to_uppercase();
        let pad = " ".repeat((LABEL - MARGIN).saturating_sub(width(&label)));
        let label = self.style.paint(colour(finding.severity), &label);
        let rule = self.style.paint(look::STRONG, &visible(&finding.rule));
        writeln!(self.out, "  {label}{pad}{rule}  {}", visible(&finding.rule_name))?;
        let place = shortened(&visible(&finding.resource_name), LONGEST_NAME).into_owned();
        for text in [place, format!("{told}  ({})", finding.fingerprint)] {
            for line in wrapped(&text, self.style.width.saturating_sub(LABEL)) {
                writeln!(self.out, "{}{line}", " ".repeat(LABEL))?;
            }
        }
        Ok(())
    }

    fn rest(&mut self, all: usize, shown: usize) -> io::Result<()> {
        match all.checked_sub(shown) {
            Some(more @ 1..) => writeln!(self.out, "  {}", self.faint(&format!("… and {more} more; --top shows them"))),
            _ => Ok(()),
        }
    }
}

/// `since 2025-01-02, 640 days`, or `since 2025-01-02 or before, 640 days at least`
fn age(finding: &OldFinding) -> String {
    let since = finding.since.strftime("%Y-%m-%d");
    let days = lasting(finding.days);
    if finding.start_is_known {
        format!("since {since}, {days}")
    } else {
        format!("since {since} or before, {days} at least")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn shown(trend: &Trend, columns: usize) -> String {
        let mut out = Vec::new();
        write(trend, 1, &mut out, &Style { width: columns, colour: false }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn two_years_fit_on_a_page() {
        insta::assert_snapshot!(shown(&testing::two_years(), 100));
    }

    #[test]
    fn what_does_not_fit_is_left_out_from_the_right() {
        let narrow = shown(&testing::two_years(), 60);
        assert!(narrow.lines().all(|line| width(line) <= 60), "{narrow}");
        assert!(narrow.contains("NEW") && narrow.contains("No room for FIXED, TO LIGHT,"), "{narrow}");
    }

    #[test]
    fn a_first_scan_says_that_it_is_the_first() {
        let first = shown(&testing::first_day(), 100);
        assert!(first.contains("one scan, on 2024-12-02; a row per scan"), "{first}");
        assert!(!first.contains("TIME TO FIX") && !first.contains("FLAPPING"), "{first}");
    }
}
