//! For people at a terminal: what changed in the configuration by what it means, what became of the verdicts, what could not
//! be compared, and the counts last, where the eye rests. Every text that comes from outside goes through `visible`.

use std::io::{self, Write};

use crate::analysis::drift::{Change, Kind, Risk};
use crate::report::Style;
use crate::report::causes::general;
use crate::report::style::{colour, look};
use crate::report::text::{shortened, visible, width, wrapped};

use super::{Became, DiffReport, VerdictChange, words};

/// Changes of one meaning, and verdicts of one fate, that are shown.
const MOST_SHOWN: usize = 100;
/// Fields of one change that are shown.
const MOST_FIELDS: usize = 12;
const MOST_NAMES: usize = 5;
const LONGEST_NAME: usize = 160;
const LONGEST_TEXT: usize = 400;
const MARGIN: usize = 2;
/// Where names begin: after `RISKIER  `, and a sign.
const LABEL: usize = 10;

pub(super) fn write(report: &DiffReport, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { report, out, style };
    for risk in Risk::ALL {
        page.changes(risk)?;
    }
    for became in Became::ALL {
        page.verdicts(became)?;
    }
    page.gaps()?;
    page.summary()
}

struct Page<'a> {
    report: &'a DiffReport,
    out: &'a mut dyn Write,
    style: &'a Style,
}

fn risk_look(risk: Risk) -> anstyle::Style {
    use crate::engine::Severity;
    match risk {
        Risk::Grave => colour(Severity::Critical),
        Risk::Riskier => colour(Severity::High),
        Risk::Neutral => look::STRONG,
        Risk::Safer => look::COMMAND,
        Risk::Activity => look::FAINT,
    }
}

impl Page<'_> {
    fn changes(&mut self, risk: Risk) -> io::Result<()> {
        let count = self.report.told(risk).count();
        for change in self.report.told(risk).take(MOST_SHOWN) {
            self.change(change)?;
        }
        self.rest(count)?;
        if count > 0 { writeln!(self.out) } else { Ok(()) }
    }

    /// `GRAVE   + storefront-prod / 0.0.0.0/0 (access list entry): admits the whole internet`
    fn change(&mut self, change: &Change) -> io::Result<()> {
        let resource = self.report.resource(change);
        let place = shortened(&visible(&resource.place()), LONGEST_NAME).into_owned();
        let kind = resource.kind_to_add().map(|kind| format!(" ({kind})")).unwrap_or_default();
        let along = match self.report.along(&change.at) {
            0 => None,
            count => Some(format!("{} within it", words::counted(count, "more thing", "more things"))),
        };
        let why: Vec<_> = change.why.iter().map(|why| visible(why).into_owned()).chain(along).collect();
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
        let label = change.risk.as_str().to_uppercase();
        let pad = " ".repeat(LABEL - 2 - label.len());
        let label = self.style.paint(risk_look(change.risk), &label);
        let sign = change.kind.sign();
        let text = shortened(&format!("{place}{kind}{why}"), LONGEST_TEXT).into_owned();
        let mut lines = wrapped(&text, self.style.width.saturating_sub(LABEL)).into_iter();
        writeln!(self.out, "{label}{pad}{sign} {}", lines.next().unwrap_or_default())?;
        for line in lines {
            writeln!(self.out, "{:LABEL$}{line}", "")?;
        }
        if change.kind == Kind::Changed {
            let told =
                change.fields.iter().filter(|(_, risk)| *risk != Risk::Activity || change.risk == Risk::Activity);
            let fields: Vec<_> = told.map(|(field, _)| words::field(field)).collect();
            for field in fields.iter().take(MOST_FIELDS) {
                self.line(look::PLAIN, LABEL + MARGIN, field)?;
            }
            if let Some(more @ 1..) = fields.len().checked_sub(MOST_FIELDS) {
                self.line(look::FAINT, LABEL + MARGIN, &format!("… and {more} more fields"))?;
            }
            return Ok(());
        }
        let fields = words::fields_of_one(change, &resource.name);
        if fields.is_empty() { Ok(()) } else { self.line(look::FAINT, LABEL + MARGIN, &fields) }
    }

    fn verdicts(&mut self, became: Became) -> io::Result<()> {
        let (of, older) = self.report.fates(became);
        if of.is_empty() && older == 0 {
            return Ok(());
        }
        let title = became.title().to_uppercase();
        let title = self.style.paint(if became.is_lost() { look::UNKNOWN } else { look::STRONG }, &title);
        writeln!(self.out, "{title}  {}", self.style.paint(look::FAINT, became.meaning()))?;
        for change in of.iter().take(MOST_SHOWN) {
            self.verdict(change)?;
        }
        self.rest(of.len())?;
        if let Some(older) = words::older(older) {
            self.line(look::FAINT, MARGIN, &format!("{older}; --all shows them"))?;
        }
        writeln!(self.out)
    }

    /// `  CRITICAL  ATL-NET-001  access-list-open-to-internet  storefront-prod / 0.0.0.0/0`
    fn verdict(&mut self, change: &VerdictChange) -> io::Result<()> {
        let (look, label) = match change.severity {
            Some(severity) => (colour(severity), severity.as_str().to_uppercase()),
            None => (look::UNKNOWN, "UNKNOWN".to_owned()),
        };
        let pad = " ".repeat(LABEL.saturating_sub(width(&label)));
        let (id, name) = (visible(&change.rule.id), visible(&change.rule.name));
        let label = self.style.paint(look, &label);
        writeln!(self.out, "{:MARGIN$}{label}{pad}{}  {name}", "", self.style.paint(look::STRONG, &id))?;
        let place = shortened(&visible(&change.resource.place()), LONGEST_NAME).into_owned();
        let kind = change.resource.kind_to_add().map(|kind| format!(" ({kind})")).unwrap_or_default();
        self.line(look::PLAIN, MARGIN + LABEL, &format!("{place}{kind}"))?;
        let message = general(&change.message, &change.resource.at);
        self.line(look::FAINT, MARGIN + LABEL + MARGIN, &message)?;
        match words::remark(change) {
            Some(remark) => self.line(look::FAINT, MARGIN + LABEL + MARGIN, &remark),
            None => Ok(()),
        }
    }

    fn gaps(&mut self) -> io::Result<()> {
        let gaps = self.report.gaps();
        if gaps.is_empty() {
            return Ok(());
        }
        writeln!(
            self.out,
            "{}  {}",
            self.style.paint(look::UNKNOWN, "NOT COMPARED"),
            self.style.paint(look::FAINT, "what changed there, nobody knows")
        )?;
        for cause in gaps.iter().take(MOST_SHOWN) {
            self.line(if cause.lost { look::UNKNOWN } else { look::PLAIN }, MARGIN, &cause.sentence)?;
            self.line(look::FAINT, 2 * MARGIN, &cause.places(MOST_NAMES))?;
        }
        self.rest(gaps.len())?;
        writeln!(self.out)
    }

    fn rest(&mut self, count: usize) -> io::Result<()> {
        match count.checked_sub(MOST_SHOWN) {
            Some(more @ 1..) => {
                self.line(look::FAINT, MARGIN, &format!("… and {more} more; --format json has them all"))
            }
            _ => Ok(()),
        }
    }

    fn summary(&mut self) -> io::Result<()> {
        self.line(look::STRONG, 0, &format!("Configuration: {}", self.report.configuration_sentence()))?;
        if let Some(activity) = self.report.activity_sentence().filter(|_| !self.report.with_activity) {
            self.line(look::FAINT, MARGIN, &format!("{activity}; --all shows them"))?;
        }
        self.line(look::STRONG, 0, &format!("Verdicts: {}", self.report.verdicts_sentence()))?;
        for caveat in self.report.caveats() {
            self.line(look::UNKNOWN, 0, &format!("Mind: {caveat}"))?;
        }
        self.line(look::FAINT, 0, &self.report.about_sentence())
    }

    /// Wrapped, each line indented.
    fn line(&mut self, look: anstyle::Style, indent: usize, text: &str) -> io::Result<()> {
        let text = visible(text);
        let text = shortened(&text, LONGEST_TEXT);
        for line in wrapped(&text, self.style.width.saturating_sub(indent)) {
            writeln!(self.out, "{:indent$}{}", "", self.style.paint(look, &line))?;
        }
        Ok(())
    }
}
