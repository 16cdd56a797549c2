//! Ways in from the internet, and whether anybody would see who came.

use std::collections::BTreeSet;

use crate::analysis::privileges::PlaceKind;
use crate::engine::legs::Legs;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Hole, Judgement, Unknown, Verdict};
use crate::engine::view::CombinationView;
use crate::snapshot::Section;
use crate::snapshot::database_access::Mechanism;

use super::{doubt, found_at, listed};

/// From where on the internet a project is reached, as other rules found it.
struct PublicPath<'a> {
    entries: Vec<&'a Evidence>,
    holes: Vec<&'a Hole>,
}

impl<'a> PublicPath<'a> {
    fn of(legs: &Legs<'a>, rules: &[&str]) -> Self {
        let mut path = Self { entries: Vec::new(), holes: Vec::new() };
        for rule in rules {
            let leg = legs.of(rule);
            path.entries.extend(leg.evidence);
            path.holes.extend(leg.holes);
        }
        path
    }

    fn is_open(&self) -> bool {
        !self.entries.is_empty()
    }

    /// Whether there is none, and all was seen.
    fn is_closed(&self) -> bool {
        self.entries.is_empty() && self.holes.is_empty()
    }

    /// Whether a finding is about what all entries of the list come to.
    fn is_whole(evidence: &Evidence) -> bool {
        evidence.at.as_str().ends_with(Section::AccessList.slot())
    }

    /// The entries that are found by themselves.
    fn single(&self) -> BTreeSet<String> {
        let single = self.entries.iter().filter(|evidence| !Self::is_whole(evidence));
        single.map(|evidence| evidence.at.name()).collect()
    }

    /// `0.0.0.0/0`, or that all entries together do it.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.single().into_iter().collect();
        if self.entries.iter().any(|evidence| Self::is_whole(evidence)) {
            names.push("the access list as a whole".to_owned());
        }
        names
    }

    /// With the entries that close the way if they go. Where others do the same together, no command does.
    fn closed_by(&self, evidence: Evidence) -> Evidence {
        let single: Vec<String> = self.single().into_iter().collect();
        let evidence = evidence.fact("entry", listed(&self.names()));
        match single.as_slice() {
            _ if self.entries.iter().any(|evidence| Self::is_whole(evidence)) => evidence,
            [one] => evidence.fact("only-entry", one),
            several => evidence.fact("entries", several.join(" ")),
        }
    }
}

/// ATL-TOX-001
pub(crate) fn internet_to_admin(view: &CombinationView<'_>, _: &NoParameters) -> Judgement {
    let project = view.project;
    let privileges = project.privileges();
    let places = privileges.places();
    let unread = places.unread(PlaceKind::Cluster);
    if unread.is_none() && !places.known.iter().any(|place| place.kind == PlaceKind::Cluster) {
        return Ok(Verdict::not_applicable("the project has no cluster"));
    }
    let public = PublicPath::of(&view.legs, &["ATL-NET-001", "ATL-NET-002"]);
    if public.is_closed() {
        return Ok(Verdict::Pass);
    }
    let roles = ["ATL-AUTHZ-001", "ATL-AUTHZ-002"].map(|rule| view.legs.of(rule));
    let tls = view.legs.of("ATL-ENC-001");
    let mut seen = Gathered::new();
    for leg in &roles {
        doubt(&mut seen, leg.holes.iter().copied());
    }
    let users = match privileges.users() {
        Ok(users) => users,
        Err(why) => {
            seen.unseen(why);
            &[]
        }
    };
    let from = public.names();
    for user in users.iter().filter(|user| user.is_alive()) {
        let at = project.item(Section::DatabaseUsers, &user.key());
        let powers: Vec<&str> =
            roles.iter().flat_map(|leg| found_at(leg, &at)).map(|evidence| evidence.message.as_str()).collect();
        if powers.is_empty() {
            continue;
        }
        match user.entry.mechanism() {
            Some(Mechanism::Password) => {}
            Some(_) => continue,
            None => {
                seen.unseen(Unknown::undecidable(format!("how {} logs in", user.name())));
                continue;
            }
        }
        let clusters = user.reach.within(places, &[PlaceKind::Cluster]);
        if clusters.is_empty() {
            if let Some(why) = unread {
                seen.unseen(why);
            } else if !user.reach.unclear().is_empty() {
                seen.unseen(Unknown::undecidable(user.reach.unclear().join(", ")));
            }
            continue;
        }
        if !public.is_open() {
            doubt(&mut seen, public.holes.iter().copied());
            continue;
        }
        let names: Vec<String> = clusters.iter().map(|cluster| cluster.name.to_owned()).collect();
        let mut message =
            format!("{} → {} by password → {} → {}", listed(&from), user.name(), powers.join(", "), listed(&names));
        for cluster in &names {
            for evidence in found_at(&tls, &project.item(Section::Clusters, cluster)) {
                message = format!("{message}; {}", evidence.message);
            }
        }
        seen.offence(public.closed_by(Evidence::at(&at, message).fact("user", user.name())));
    }
    if !public.is_open() {
        // Whoever could not be judged may be let in from there.
        return match seen.verdict("") {
            Ok(_) => Ok(Verdict::Pass),
            unknown => unknown,
        };
    }
    seen.fine();
    seen.verdict("")
}

/// ATL-TOX-002
pub(crate) fn blind_and_exposed(view: &CombinationView<'_>, _: &NoParameters) -> Judgement {
    let public = PublicPath::of(&view.legs, &["ATL-NET-001", "ATL-NET-002", "ATL-NET-009"]);
    if public.is_closed() {
        return Ok(Verdict::not_applicable("no way leads in from the internet"));
    }
    let logs = ["ATL-AUD-001", "ATL-AUD-004"].map(|rule| view.legs.of(rule));
    let alerts = view.legs.of("ATL-MON-001");
    let mut seen = Gathered::new();
    for leg in &logs {
        doubt(&mut seen, leg.holes.iter().copied());
    }
    let from = listed(&public.names());
    if logs.iter().any(super::Leg::fails) {
        if !public.is_open() {
            doubt(&mut seen, public.holes.iter().copied());
            return seen.verdict("");
        }
        let blind: Vec<&str> =
            logs.iter().flat_map(|leg| &leg.evidence).map(|evidence| evidence.message.as_str()).collect();
        let untold =
            if alerts.evidence.is_empty() { "" } else { ", and nobody would be told that the controls change" };
        let message = format!("{from} → the project's clusters, unseen: {}{untold}", blind.join(", "));
        let evidence = Evidence::at(view.at, message).fact("entry", from);
        // Where auditing is on, switching it on anew would replace its filter.
        let id = &view.project.project.id;
        seen.offence(if logs[0].fails() { evidence.fact("unaudited-project", id) } else { evidence });
        return seen.verdict("");
    }
    let unclear = logs.iter().any(super::Leg::is_unknown);
    if !unclear {
        if !public.is_open() {
            // Between a pass and nothing to judge only the way in decides, and nobody knows it.
            let mut open = Gathered::new();
            doubt(&mut open, public.holes.iter().copied());
            return open.verdict("no way leads in from the internet");
        }
        let judged = logs.iter().any(|leg| leg.passed);
        return Ok(if judged { Verdict::Pass } else { Verdict::not_applicable("nothing here keeps an audit log") });
    }
    let mut holes = Gathered::new();
    if public.is_open() {
        holes.unseen(Unknown::undecidable(format!(
            "the project is exposed ({from}), and whether anybody sees it is unknown"
        )));
    } else {
        doubt(&mut holes, public.holes.iter().copied());
    }
    for leg in &logs {
        doubt(&mut holes, leg.holes.iter().copied());
    }
    holes.verdict("")
}
