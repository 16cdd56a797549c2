//! Whether clusters run something that MongoDB still mends, and when it is put in place.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Error as _;

use crate::analysis::end_of_life::{Series, end_of_life, major_after, series};
use crate::engine::day::Day;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView};
use crate::rules::{any_dedicated, dedicated, hours_until};
use crate::snapshot::Section;
use crate::snapshot::cluster::ReleaseSystem;
use crate::snapshot::tree::Node;

/// Ends of life by release series, over those that are bundled: `{ "8.0" = 2029-10-31 }`.
#[derive(Debug, Default)]
pub(crate) struct Ends(BTreeMap<Series, Day>);

impl<'de> Deserialize<'de> for Ends {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = BTreeMap::<String, Day>::deserialize(deserializer)?;
        let parsed = table.into_iter().map(|(text, end)| {
            let key = series(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no version such as 8.0")))?;
            Ok((key, end))
        });
        parsed.collect::<Result<_, D::Error>>().map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unsupported {
    eol: Ends,
    warn_days: i64,
}

impl Unsupported {
    fn end(&self, series: Series) -> Option<Day> {
        self.eol.0.get(&series).copied().or_else(|| end_of_life(series).map(Day))
    }
}

/// ATL-BCK-008
pub(crate) fn unsupported_version(cluster: &ClusterView<'_>, limits: &Unsupported) -> Judgement {
    if !dedicated(cluster)? {
        return Ok(Verdict::not_applicable("Atlas itself upgrades what runs on shared machines"));
    }
    let (name, now) = (cluster.key(), cluster.project.now);
    let offence = |message: String, field: &'static str, severity| {
        Evidence::at(cluster.at, message).field(field).severity(severity).fact("cluster", &name)
    };
    // One major version at a time; of releases in between, such as 8.2, each follows from the one before.
    let upgrade = |running: Series, evidence: Evidence| match major_after(running) {
        Some((major, minor)) => evidence.fact("next", format!("{major}.{minor}")),
        None => evidence,
    };
    let mut seen = Gathered::new();
    // What runs says more than what was asked for: a cluster that follows every release is ahead of it.
    let told = cluster.mongodb_version.as_ref().map(|version| (version, "/mongoDBVersion"));
    let told = told.or_else(|| cluster.mongodb_major_version.as_ref().map(|version| (version, "/mongoDBMajorVersion")));
    match told.map(|(version, field)| (series(version), version, field)) {
        None => seen.unseen(Unknown::absent("mongoDBVersion")),
        Some((None, version, _)) => seen.unseen(Unknown::not_understood("mongoDBVersion", version)),
        Some((Some(running), version, field)) => match limits.end(running) {
            None => seen.unseen(Unknown::undecidable(format!(
                "until when MongoDB {}.{} is mended is not known to this version; parameter `eol` can tell",
                running.0, running.1
            ))),
            Some(end) if end.is_over(now) => {
                let message = format!("{name} runs MongoDB {version}, for which fixes ended on {end}");
                seen.offence(upgrade(running, offence(message, field, Severity::High)));
            }
            // What follows every release is moved on by Atlas before the end.
            Some(end)
                if -end.age(now) <= limits.warn_days
                    && cluster.version_release_system != Some(ReleaseSystem::Continuous) =>
            {
                let message = format!("{name} runs MongoDB {version}, for which fixes end on {end}");
                seen.offence(upgrade(running, offence(message, field, Severity::Medium)));
            }
            Some(_) => seen.fine(),
        },
    }
    if let Some(date) = &cluster.feature_compatibility_version_expiration_date {
        match hours_until(Some(date), now) {
            None => seen.unseen(Unknown::not_understood("featureCompatibilityVersionExpirationDate", "no time")),
            Some(hours) if hours < 0.0 => {
                let version = cluster.feature_compatibility_version.as_deref().unwrap_or("an older version");
                let message = format!("the feature compatibility of {name} is still pinned to {version} past its end");
                seen.offence(offence(message, "/featureCompatibilityVersionExpirationDate", Severity::Low));
            }
            Some(_) => {}
        }
    }
    seen.verdict("")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    max_deferrals: i64,
}

/// ATL-BCK-009
pub(crate) fn maintenance_window(project: &ProjectView<'_>, limits: &Window) -> Judgement {
    if !any_dedicated(project)? {
        return Ok(Verdict::not_applicable("the project has no dedicated cluster"));
    }
    let window = project.maintenance_window.known()?;
    let at = project.section(Section::MaintenanceWindow);
    if !window.is_set() {
        return Ok(Verdict::of([Evidence::at(&at, "the project has no maintenance window").field("/dayOfWeek")]));
    }
    let deferrals = *window.number_of_deferrals.required("numberOfDeferrals")?;
    if deferrals < limits.max_deferrals {
        return Ok(Verdict::Pass);
    }
    let times = if deferrals == 1 { "once".to_owned() } else { format!("{deferrals} times") };
    let message = format!("the next maintenance was put off {times}");
    Ok(Verdict::of([Evidence::at(&at, message).field("/numberOfDeferrals")]))
}
