//! Whether reads and writes are recorded: a duty in some projects, a cost in the others.

use std::sync::Arc;

use serde::Deserialize;

use crate::analysis::audit_filter::{Coverage, Namespace};
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ProjectView, tag_pairs};
use crate::rules::tagged;
use crate::snapshot::Section;
use crate::snapshot::cluster::Cluster;
use crate::snapshot::logging::AuditLog;

use super::filter::parsed;
use super::memo::Memo;
use super::{Writers, writers};

/// What reads and writes are made of.
const COMMANDS: [&str; 4] = ["find", "insert", "update", "delete"];

/// What a project is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    /// Reads and writes are recorded.
    Required,
    /// They are not, or not all of them: it slows a cluster down.
    Avoid,
    /// Either will do.
    Any,
}

/// `shop`, or `shop.orders`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct SensitiveNamespace(String);

impl TryFrom<String> for SensitiveNamespace {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (database, collection) = text.split_once('.').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
        if database.is_empty() || collection == Some("") || text.contains('*') {
            return Err(format!(
                "`{text}` is neither a database such as `shop` nor a collection such as `shop.orders`"
            ));
        }
        Ok(Self(text))
    }
}

impl SensitiveNamespace {
    fn namespace(&self) -> Namespace<'_> {
        if self.0.contains('.') { Namespace::Collection(&self.0) } else { Namespace::Database(&self.0) }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataAccessMode {
    mode: Mode,
    required_for_tags: Vec<String>,
    sensitive_namespaces: Vec<SensitiveNamespace>,
    #[serde(skip)]
    known: Memo<Result<Access, Unknown>>,
}

type Answers = Vec<(&'static str, Coverage)>;

/// What a filter makes of successful reads and writes: anywhere, and in each of the sensitive namespaces.
#[derive(Debug)]
struct Access {
    anywhere: Answers,
    sensitive: Vec<Answers>,
}

impl DataAccessMode {
    fn access(&self, audit: &AuditLog) -> Result<Arc<Result<Access, Unknown>>, Unknown> {
        let text = audit.audit_filter.required("auditFilter")?;
        Ok(self.known.of(text, || {
            let filter = parsed(text)?;
            let answers = |namespace: Namespace<'_>| -> Answers {
                let answer = |command| (command, filter.coverage_of_data_access(command, namespace, true));
                COMMANDS.into_iter().map(answer).collect()
            };
            Ok(Access {
                anywhere: answers(Namespace::Anywhere),
                sensitive: self.sensitive_namespaces.iter().map(|one| answers(one.namespace())).collect(),
            })
        }))
    }
}

/// ATL-AUD-003
pub(crate) fn mode(project: &ProjectView<'_>, limits: &DataAccessMode) -> Judgement {
    let clusters = match writers(project, &[])? {
        Writers::Clusters(clusters) => clusters,
        Writers::Nothing(why) => return Ok(Verdict::not_applicable(why)),
    };
    let tag = regulating_tag(project, &clusters, &limits.required_for_tags);
    match (tag, limits.mode) {
        (Some(tag), _) => required(project, limits, &format!("the tag `{tag}` requires it")),
        (None, Mode::Required) => required(project, limits, "`mode` requires it"),
        (None, Mode::Avoid) => avoided(project, limits),
        (None, Mode::Any) => {
            Ok(Verdict::not_applicable("no tag says that reads and writes must be recorded, and `mode` leaves it open"))
        }
    }
}

/// The first tag of the project or of a dedicated cluster that names regulated data: auditing is set for all
/// clusters of a project at once, and one of them is enough.
fn regulating_tag(project: &ProjectView<'_>, clusters: &[&Cluster], regulated: &[String]) -> Option<String> {
    let of_clusters = clusters.iter().flat_map(|cluster| tag_pairs(cluster.tags.as_deref()));
    tag_pairs(project.project.tags.as_deref())
        .chain(of_clusters)
        .find(|(key, value)| regulated.iter().any(|word| tagged::names(key, value, word)))
        .map(|(key, value)| format!("{key}: {value}"))
}

fn required(project: &ProjectView<'_>, limits: &DataAccessMode, why: &str) -> Judgement {
    let audit = project.audit_log.known()?;
    let at = project.section(Section::AuditLog);
    if audit.enabled == Some(false) {
        let message = format!("auditing is off, so no read or write is recorded, and {why}");
        return Ok(Verdict::of([Evidence::at(&at, message).field("/enabled").fact("success", "true")]));
    }
    if audit.audit_authorization_success == Some(false) {
        let message = format!("successful reads and writes are not recorded, and {why}");
        return Ok(Verdict::of([Evidence::at(&at, message)
            .field("/auditAuthorizationSuccess")
            .fact("success", "true")]));
    }
    let mut seen = Gathered::new();
    seen.see(audit.enabled.required("enabled"));
    seen.see(audit.audit_authorization_success.required("auditAuthorizationSuccess"));
    let access = limits.access(audit)?;
    let access = access.as_ref().as_ref().map_err(Clone::clone)?;
    let lost: Vec<_> = if limits.sensitive_namespaces.is_empty() {
        lost_anywhere(&access.anywhere, &mut seen)
    } else {
        let each = limits.sensitive_namespaces.iter().zip(&access.sensitive);
        each.flat_map(|(one, answers)| lost_in(one, answers, &mut seen)).collect()
    };
    if lost.is_empty() {
        seen.fine();
    } else {
        let message = format!("{}, and {why}", lost.join("; "));
        seen.offence(Evidence::at(&at, message).field("/auditFilter").fact("success", "true"));
    }
    seen.verdict("")
}

/// What a filter loses of the reads and writes of a namespace.
fn lost_in(sensitive: &SensitiveNamespace, answers: &Answers, seen: &mut Gathered) -> Vec<String> {
    let (mut missed, mut partly, mut example) = (Vec::new(), Vec::new(), None);
    for (command, coverage) in answers {
        match coverage {
            Coverage::All => {}
            Coverage::None { .. } => missed.push(*command),
            Coverage::Some { missed, .. } => {
                partly.push(*command);
                example.get_or_insert(missed);
            }
            Coverage::Undecided(why) => seen.unseen(undecided(why)),
        }
    }
    let place = &sensitive.0;
    let mut lost = Vec::new();
    if !missed.is_empty() {
        lost.push(format!("not recorded on {place}: {}", missed.join(", ")));
    }
    if let Some(example) = example {
        lost.push(format!("recorded only in part on {place}: {}, for example not {example}", partly.join(", ")));
    }
    lost
}

/// The same where nobody said what is sensitive. A filter that keeps part of the reads and writes may keep just the
/// right part.
fn lost_anywhere(answers: &Answers, seen: &mut Gathered) -> Vec<String> {
    let mut missed = Vec::new();
    for (command, coverage) in answers {
        match coverage {
            Coverage::All => {}
            Coverage::None { .. } => missed.push(*command),
            Coverage::Some { .. } => seen.unseen(Unknown::undecidable(
                "the filter records part of the reads and writes, and `sensitive_namespaces` does not say which it must",
            )),
            Coverage::Undecided(why) => seen.unseen(undecided(why)),
        }
    }
    if missed.is_empty() { Vec::new() } else { vec![format!("not recorded anywhere: {}", missed.join(", "))] }
}

fn avoided(project: &ProjectView<'_>, limits: &DataAccessMode) -> Judgement {
    let audit: &AuditLog = project.audit_log.known()?;
    if audit.enabled == Some(false) || audit.audit_authorization_success == Some(false) {
        return Ok(Verdict::Pass);
    }
    audit.enabled.required("enabled")?;
    audit.audit_authorization_success.required("auditAuthorizationSuccess")?;
    let access = limits.access(audit)?;
    let access = access.as_ref().as_ref().map_err(Clone::clone)?;
    let mut seen = Gathered::new();
    seen.fine();
    let mut everywhere = Vec::new();
    for (command, coverage) in &access.anywhere {
        match coverage {
            Coverage::All => everywhere.push(*command),
            Coverage::Some { .. } | Coverage::None { .. } => {}
            Coverage::Undecided(why) => seen.unseen(undecided(why)),
        }
    }
    if !everywhere.is_empty() {
        let message = format!(
            "successful {} is recorded in every namespace, which slows the clusters down, and `mode` avoids it",
            everywhere.join(", ")
        );
        let at = project.section(Section::AuditLog);
        seen.offence(Evidence::at(&at, message).field("/auditAuthorizationSuccess").fact("success", "false"));
    }
    seen.verdict("")
}

fn undecided(why: &str) -> Unknown {
    Unknown::undecidable(format!("what the filter records of reads and writes cannot be told, since {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_databases_or_collections() {
        let one = |text: &str| SensitiveNamespace::try_from(text.to_owned());
        assert_eq!(one("shop").unwrap().namespace(), Namespace::Database("shop"));
        assert_eq!(one("shop.orders.2026").unwrap().namespace(), Namespace::Collection("shop.orders.2026"));
        for wrong in ["", ".orders", "shop.", "shop.*"] {
            assert!(one(wrong).is_err(), "{wrong}");
        }
    }
}
