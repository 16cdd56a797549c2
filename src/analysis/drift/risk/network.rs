//! What ranges of addresses mean: in access lists, of projects and of credentials.

use ipnet::IpNet;
use serde_json::{Map, Value};

use crate::snapshot::Section;
use crate::snapshot::address::AddressRange;

use super::super::fields::Field;
use super::super::{Change, Kind, Risk, place};
use super::{Meaning, note};

fn is_list(section: Section) -> bool {
    section == Section::AccessList || is_credentials(section)
}

fn is_credentials(section: Section) -> bool {
    matches!(
        section,
        Section::ApiKeyAccessList | Section::ServiceAccountAccessList | Section::ProjectServiceAccountAccessList
    )
}

fn net(record: &Map<String, Value>) -> Option<IpNet> {
    AddressRange::from(record.get("cidrBlock")?.as_str()?.to_owned()).net()
}

/// An entry that came or went.
pub(super) fn of_one(section: Section, kind: Kind, record: &Map<String, Value>) -> Option<Meaning> {
    if !is_list(section) {
        return None;
    }
    let net = net(record);
    let everything = net.is_some_and(|net| net.prefix_len() == 0);
    Some(match (kind, net) {
        (Kind::Removed, _) if everything => Meaning::of(Risk::Safer, "it admitted the whole internet"),
        (Kind::Removed, _) => Meaning::plain(Risk::Safer),
        (_, _) if everything => Meaning::of(Risk::Grave, "admits the whole internet"),
        (_, Some(net)) => Meaning::of(Risk::Riskier, format!("admits {}", addresses(net))),
        (_, None) => Meaning::plain(Risk::Riskier),
    })
}

fn addresses(net: IpNet) -> String {
    match net {
        IpNet::V4(net) if net.prefix_len() == 32 => "one address".to_owned(),
        IpNet::V4(net) => format!("{} addresses", 1_u64 << (32 - net.prefix_len())),
        IpNet::V6(net) if net.prefix_len() == 128 => "one address".to_owned(),
        IpNet::V6(net) => format!("2^{} addresses", 128 - net.prefix_len()),
    }
}

/// When an entry ends.
pub(super) fn of_field(section: Section, field: &Field) -> Option<Meaning> {
    if section != Section::AccessList || field.pointer != "/deleteAfterDate" {
        return None;
    }
    let time = |value: &Option<Value>| value.as_ref()?.as_str()?.parse::<jiff::Timestamp>().ok();
    Some(match (&field.old, &field.new) {
        (Some(_), None) => Meaning::of(Risk::Riskier, "was temporary, and lasts now"),
        (None, Some(_)) => Meaning::of(Risk::Safer, "ends by itself now"),
        _ => match (time(&field.old), time(&field.new)) {
            (Some(old), Some(new)) if new > old => Meaning::of(Risk::Riskier, "lasts longer"),
            (Some(_), Some(_)) => Meaning::of(Risk::Safer, "ends earlier"),
            _ => Meaning::plain(Risk::Riskier),
        },
    })
}

/// An entry cannot be changed, only replaced: one that went and one that came may be the same, wider or narrower.
pub(in super::super) fn relate(changes: &mut [Change]) {
    let ends: Vec<(usize, Kind, &str, IpNet)> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| change.section.is_some_and(is_list) && change.kind != Kind::Changed)
        .filter_map(|(index, change)| {
            let (field, _) = change.fields.iter().find(|(field, _)| field.pointer == "/cidrBlock")?;
            let text = field.old.as_ref().or(field.new.as_ref())?.as_str()?;
            let list = place::above(change.at.as_str())?;
            Some((index, change.kind, list, AddressRange::from(text.to_owned()).net()?))
        })
        .collect();
    let mut notes = Vec::new();
    for (index, _, list, new) in ends.iter().filter(|(_, kind, ..)| *kind == Kind::Added) {
        for (before, _, _, old) in ends.iter().filter(|(_, kind, its, _)| *kind == Kind::Removed && its == list) {
            if new != old && new.contains(old) {
                notes.push((*index, format!("wider than {old}, which is gone")));
                notes.push((*before, format!("{new} has taken its place, which is wider")));
            } else if new != old && old.contains(new) {
                notes.push((*index, format!("narrower than {old}, which is gone")));
            }
        }
    }
    for (index, text) in notes {
        let change = &mut changes[index];
        if change.kind == Kind::Removed {
            // Nothing is safer by that.
            change.risk = Risk::Neutral;
            change.fields.iter_mut().for_each(|(_, risk)| *risk = Risk::Neutral);
        } else if text.starts_with("narrower") && change.risk == Risk::Riskier {
            change.risk = Risk::Safer;
            change.fields.iter_mut().for_each(|(_, risk)| *risk = Risk::Safer);
        }
        let risk = change.risk;
        note(&mut change.why, Some(text), risk);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(section: Section, kind: Kind, range: &str) -> (Risk, Option<String>) {
        let Value::Object(record) = json!({ "cidrBlock": range }) else { panic!("an object") };
        let meaning = of_one(section, kind, &record).unwrap();
        (meaning.risk, meaning.why)
    }

    #[test]
    fn an_entry_that_comes_or_goes_means_what_it_admits() {
        for (kind, range, risk, why) in [
            (Kind::Added, "0.0.0.0/0", Risk::Grave, Some("admits the whole internet")),
            (Kind::Added, "::/0", Risk::Grave, Some("admits the whole internet")),
            (Kind::Removed, "0.0.0.0/0", Risk::Safer, Some("it admitted the whole internet")),
            (Kind::Removed, "192.0.2.7/32", Risk::Safer, None),
            (Kind::Added, "192.0.2.7/32", Risk::Riskier, Some("admits one address")),
            (Kind::Added, "192.0.2.0/30", Risk::Riskier, Some("admits 4 addresses")),
            (Kind::Added, "0.0.0.0/1", Risk::Riskier, Some("admits 2147483648 addresses")),
            (Kind::Added, "2001:db8::7/128", Risk::Riskier, Some("admits one address")),
            (Kind::Added, "2001:db8::/64", Risk::Riskier, Some("admits 2^64 addresses")),
            (Kind::Added, "sg-1", Risk::Riskier, None),
        ] {
            let expected = (risk, why.map(str::to_owned));
            assert_eq!(one(Section::AccessList, kind, range), expected, "{kind:?} {range}");
            assert_eq!(one(Section::ApiKeyAccessList, kind, range), expected, "{kind:?} {range}");
        }
        let nothing = Map::new();
        assert!(of_one(Section::Clusters, Kind::Added, &nothing).is_none());
    }

    #[test]
    fn an_entry_that_ends_later_or_never_is_riskier() {
        let (soon, late) = (json!("2026-12-01T00:00:00Z"), json!("2026-12-02T00:00:00Z"));
        for (old, new, risk, why) in [
            (Some(&soon), None, Risk::Riskier, Some("was temporary, and lasts now")),
            (None, Some(&soon), Risk::Safer, Some("ends by itself now")),
            (Some(&soon), Some(&late), Risk::Riskier, Some("lasts longer")),
            (Some(&late), Some(&soon), Risk::Safer, Some("ends earlier")),
            (Some(&late), Some(&json!("soon")), Risk::Riskier, None),
        ] {
            let field = Field { pointer: "/deleteAfterDate".to_owned(), old: old.cloned(), new: new.cloned() };
            let meaning = of_field(Section::AccessList, &field).unwrap();
            assert_eq!((meaning.risk, meaning.why.as_deref()), (risk, why), "{old:?} to {new:?}");
            assert!(of_field(Section::DatabaseUsers, &field).is_none());
            let other = Field { pointer: "/comment".to_owned(), ..field };
            assert!(of_field(Section::AccessList, &other).is_none());
        }
    }
}
