//! For people at a terminal: all projects in a line each, then what there is to say of each.
//!
//! Every text that comes from outside goes through `visible`.

use std::io::{self, Write};

use crate::analysis::doubt::Doubt;
use crate::analysis::exposure::access_list::{AccessList, Admits, Ends, Entry};
use crate::analysis::exposure::private_ways::{ClusterWays, OverlapWith, PrivateWays};
use crate::analysis::exposure::{Exposure, Reach};
use crate::analysis::peering::Delivery;
use crate::engine::Severity;
use crate::report::Style;
use crate::report::style::{colour, look};
use crate::report::text::{shortened, visible, width, wrapped};
use crate::snapshot::{Ref, Section, Unavailable};

use super::numbers::addresses;
use super::{ExposureReport, in_words};

/// Lines that one part of a project may take.
const MOST_SHOWN: usize = 20;
/// Columns of a project's name, and of what is named before what is said of it.
const LONGEST_NAME: usize = 28;
const LONGEST_KEY: usize = 34;
/// Some comments are novels.
const LONGEST_COMMENT: usize = 120;

pub(super) fn write(report: &ExposureReport, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut page = Page { out, style };
    page.overview(report)?;
    for (id, name, exposure) in &report.projects {
        page.project(id, name.as_deref(), exposure)?;
    }
    page.unread("Not read, of the organization:", &report.unread)?;
    let about = &report.about;
    let name = about.organization_name.as_deref().unwrap_or("an unnamed organization");
    let projects = if about.projects == 1 { "project" } else { "projects" };
    let mut foot = format!(
        "{} ({}), {} {projects}, as of {} UTC, from {}",
        visible(name),
        visible(&about.organization),
        about.projects,
        about.taken.strftime("%Y-%m-%d %H:%M"),
        visible(&about.source),
    );
    if report.incomplete() {
        foot.push_str(". Not all could be read or understood: there may be more ways in");
    }
    page.text(0, look::FAINT, &foot)
}

struct Page<'a> {
    out: &'a mut dyn Write,
    style: &'a Style,
}

/// Name, and what is said of it.
type Line = (String, String);

fn reach_look(reach: Reach) -> anstyle::Style {
    match reach {
        Reach::Open => colour(Severity::Critical),
        Reach::Public => colour(Severity::Medium),
        Reach::Unknown => look::UNKNOWN,
        Reach::PrivateOnly | Reach::Closed => look::COMMAND,
    }
}

/// `public: 48 IPv4 addresses (0.00000112 %)`
fn verdict(exposure: &Exposure) -> String {
    let counted = exposure.access_list.as_ref().ok().and_then(|list| addresses(&list.public));
    match (exposure.reach, counted) {
        (Reach::Unknown, Some(counted)) => format!("unknown: at least {counted}"),
        (reach, Some(counted)) => format!("{}: {counted}", reach.as_str()),
        (reach, None) => reach.as_str().to_owned(),
    }
}

fn shown_name(id: &str, name: Option<&str>) -> String {
    shortened(&visible(name.filter(|name| !name.is_empty()).unwrap_or(id)), LONGEST_NAME).into_owned()
}

impl Page<'_> {
    fn overview(&mut self, report: &ExposureReport) -> io::Result<()> {
        let names: Vec<_> = report.projects.iter().map(|(id, name, _)| shown_name(id, name.as_deref())).collect();
        let column = names.iter().map(|name| width(name)).max().unwrap_or(0);
        for (name, (_, _, exposure)) in names.iter().zip(&report.projects) {
            self.row(0, column, name, reach_look(exposure.reach), &verdict(exposure))?;
        }
        if names.is_empty() { self.text(0, look::PLAIN, "No project was looked at.") } else { writeln!(self.out) }
    }

    fn project(&mut self, id: &str, name: Option<&str>, exposure: &Exposure) -> io::Result<()> {
        let label = exposure.reach.as_str().to_uppercase();
        write!(self.out, "{}  ", self.style.paint(reach_look(exposure.reach), &label))?;
        let name = shown_name(id, name);
        let named = if name == id { name } else { format!("{name} ({})", visible(id)) };
        writeln!(self.out, "{}", self.style.paint(look::STRONG, &named))?;
        if let Ok(list) = &exposure.access_list {
            self.access_list(list)?;
        }
        self.private(&exposure.private)?;
        self.unread("Not read:", &exposure.unread)?;
        writeln!(self.out)
    }

    fn access_list(&mut self, list: &AccessList) -> io::Result<()> {
        let title = match list.entries.len() {
            0 => "Access list: empty, which admits nobody".to_owned(),
            1 => "Access list: 1 entry".to_owned(),
            count => format!("Access list: {count} entries"),
        };
        let twice = addresses(&list.twice).map(|twice| format!("; admitted more than once: {twice}"));
        self.text(2, look::PLAIN, &format!("{title}{}", twice.unwrap_or_default()))?;
        self.lines(list.entries.iter().map(|entry| (entry.key.clone(), said_of_entry(entry))).collect())
    }

    fn private(&mut self, private: &PrivateWays) -> io::Result<()> {
        if let Ok(clusters) = &private.clusters {
            let lines = clusters.iter().map(|cluster| (cluster.name.clone(), said_of_cluster(cluster, private)));
            self.part("Private endpoints by cluster", lines.collect())?;
        }
        let broken = private.endpoints.iter().filter(|service| service.works != Ok(true)).map(|service| {
            let region = service.region.as_deref().unwrap_or("an unnamed region");
            let status = service.status.as_deref().unwrap_or("of an unnamed state");
            let why = match &service.works {
                Err(doubt) => in_words(doubt),
                Ok(_) => "does not work".to_owned(),
            };
            (service.id.clone(), format!("{} {region}: {status}; {why}", service.provider))
        });
        self.part("Endpoint services that do not work", broken.collect())?;
        let peerings = private.peerings.iter().map(|peering| {
            let network = peering.network.as_deref().unwrap_or("an unnamed network");
            let status = peering.status.as_deref().unwrap_or("of an unnamed state");
            let mut said = vec![format!("{} {network}: {status}", peering.provider)];
            let ranges: Vec<_> = peering.ranges.iter().map(ToString::to_string).collect();
            if !ranges.is_empty() {
                said.push(format!("behind it {}", ranges.join(", ")));
            }
            let doubts = [peering.up.as_ref().err(), peering.ranges_doubt.as_ref().filter(|_| peering.up != Ok(false))];
            said.extend(doubts.into_iter().flatten().map(in_words));
            (peering.id.clone(), said.join("; "))
        });
        self.part("Peerings", peerings.collect())?;
        let overlaps = private.conflicts.iter().map(|overlap| {
            let other = match &overlap.with {
                OverlapWith::Container(id) => format!("Atlas's network {id}"),
                OverlapWith::Peering(id) => format!("the network behind the peering {id}"),
            };
            let said = format!("Atlas's network {} overlaps {}, {other}", overlap.container, overlap.other);
            (overlap.block.to_string(), said)
        });
        self.part("Overlaps", overlaps.collect())
    }

    fn unread(&mut self, title: &str, unread: &[(Section, Ref, Unavailable)]) -> io::Result<()> {
        if unread.is_empty() {
            return Ok(());
        }
        self.text(2, look::UNKNOWN, title)?;
        self.lines(unread.iter().map(|(section, _, why)| (section.to_string(), why.to_string())).collect())
    }

    fn part(&mut self, title: &str, lines: Vec<Line>) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.text(2, look::PLAIN, title)?;
        self.lines(lines)
    }

    fn lines(&mut self, lines: Vec<Line>) -> io::Result<()> {
        let more = lines.len().saturating_sub(MOST_SHOWN);
        let lines: Vec<Line> = lines
            .into_iter()
            .take(MOST_SHOWN)
            .map(|(key, said)| (shortened(&visible(&key), LONGEST_KEY).into_owned(), visible(&said).into_owned()))
            .collect();
        let column = lines.iter().map(|(key, _)| width(key)).max().unwrap_or(0);
        for (key, said) in &lines {
            self.row(4, column, key, look::PLAIN, said)?;
        }
        if more > 0 {
            self.text(4, look::FAINT, &format!("… and {more} more; --format json has them all"))?;
        }
        Ok(())
    }

    /// A name in a column, and beside it text that hangs. Where little room would be left the text stands below.
    fn row(&mut self, indent: usize, column: usize, key: &str, look: anstyle::Style, text: &str) -> io::Result<()> {
        let beside = indent + column + 2;
        let hanging = self.style.width >= beside + 30;
        let (start, room) = if hanging {
            (beside, self.style.width - beside)
        } else {
            (indent + 2, self.style.width.saturating_sub(indent + 2))
        };
        write!(self.out, "{:indent$}{key}", "")?;
        if !hanging {
            writeln!(self.out)?;
        }
        for (index, line) in wrapped(text, room).iter().enumerate() {
            let pad = if hanging && index == 0 { beside - indent - width(key) } else { start };
            writeln!(self.out, "{:pad$}{}", "", self.style.paint(look, line))?;
        }
        Ok(())
    }

    fn text(&mut self, indent: usize, look: anstyle::Style, text: &str) -> io::Result<()> {
        for line in wrapped(text, self.style.width.saturating_sub(indent)) {
            writeln!(self.out, "{:indent$}{}", "", self.style.paint(look, &line))?;
        }
        Ok(())
    }
}

pub(in crate::report) fn said_of_entry(entry: &Entry) -> String {
    let everyone = entry.admits.effective().is_some_and(|range| range.prefix_len() == 0);
    let mut said = vec![match &entry.admits {
        Admits::Public { .. } if everyone => "everyone".to_owned(),
        Admits::Public { kind, .. } => kind.as_str().to_owned(),
        Admits::Private { kind, delivery, .. } => format!("{}, {}", kind.as_str(), said_of_delivery(delivery, "here")),
        Admits::SecurityGroup { delivery, .. } => {
            format!("AWS security group, {}", said_of_delivery(delivery, "in AWS"))
        }
        Admits::NotUnderstood(_) => "neither a range nor a security group: it may admit whoever".to_owned(),
    }];
    match &entry.ends {
        Ends::Never => {}
        Ends::At { hours, .. } if *hours < 0.0 => {
            said.push(format!("ended {:.0} hours ago, and is still listed", -hours));
        }
        Ends::At { hours, .. } => said.push(format!("ends in {hours:.0} hours")),
        Ends::Unreadable(text) => said.push(format!("ends at `{text}`, which is no time")),
    }
    if !entry.useless_for.is_empty() {
        said.push(format!("useless beside {}", few(&entry.useless_for)));
    }
    if !entry.whose.is_empty() {
        said.push(few(&entry.whose));
    }
    let comment = entry.comment.as_deref().map(|comment| format!(" (\"{}\")", shortened(comment, LONGEST_COMMENT)));
    said.join("; ") + &comment.unwrap_or_default()
}

fn said_of_delivery(delivery: &Delivery, place: &str) -> String {
    match delivery {
        Delivery::By(by) => format!("through the peering {}", few(by)),
        Delivery::Nothing => format!("and no peering {place} brings it: nobody comes this way"),
        Delivery::Unknown(doubts) => {
            let doubts: Vec<String> = doubts.iter().map(in_words).collect();
            format!("and whether a peering brings it is not known ({})", doubts.join("; "))
        }
    }
}

/// `EU_WEST_1 (AWS) yes; EU_CENTRAL_1 (AWS) none`
pub(in crate::report) fn said_of_cluster(cluster: &ClusterWays, private: &PrivateWays) -> String {
    if cluster.dedicated == Some(false) {
        return "none: on a shared tier there can be none".to_owned();
    }
    let regions = match &cluster.regions {
        Ok(regions) => regions,
        Err(doubt) => return in_words(doubt),
    };
    // Why a list could not be read is told once, below.
    let unsure = |doubt: &Doubt| match doubt {
        Doubt::Unread(_) => "not known".to_owned(),
        other => format!("not known ({})", in_words(other)),
    };
    let mut said: Vec<String> = regions
        .iter()
        .map(|ways| {
            let state = match &ways.endpoint {
                Ok(Some(_)) => "available".to_owned(),
                Ok(None) => "none".to_owned(),
                Err(doubt) => unsure(doubt),
            };
            format!("{} ({}): {state}", ways.region.region, ways.region.provider)
        })
        .collect();
    if cluster.sharded == Some(true) && regions.len() > 1 {
        said.push(match &private.regional_mode {
            Ok(true) => "regional mode is on".to_owned(),
            Ok(false) => "regional mode is off, which sharded clusters over several regions need".to_owned(),
            Err(doubt) => format!("regional mode: {}", unsure(doubt)),
        });
    }
    said.join("; ")
}

/// The first few of a list.
fn few(names: &[String]) -> String {
    const MOST: usize = 3;
    let more = names.len().saturating_sub(MOST);
    let shown = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
