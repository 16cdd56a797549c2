//! The values that a top-level field of an event can take, as far as a filter can tell them apart.

use std::collections::BTreeSet;

use super::{
    coverage::{TooMuch, afford, check},
    evaluate::{Condition, Effort, Truth},
    events::{Domain, Field, Kind, Param, Principals, Scenario, is_known_elsewhere},
    formula::{Formula, any_holds},
    literals::{LiteralsByPath, joined},
    value::Value,
};

/// What making up one document counts for.
const DOCUMENT: usize = 8;
/// So many bytes that are copied count for one step: names in a filter may be as long as it is.
const BYTES: usize = 64;
/// Lists are tried up to this length where a filter counts elements.
const LONGEST_LIST: usize = 12;

pub(super) struct Row {
    pub(super) value: Option<Value>,
    /// One for each part of the plan that the field decides.
    pub(super) answers: Vec<Truth>,
}

pub(super) struct Model<'a> {
    pub(super) slot: &'a str,
    pub(super) formulas: &'a [Formula<'a>],
    pub(super) literals: &'a LiteralsByPath,
    pub(super) scenario: &'a Scenario,
    pub(super) effort: &'a Effort,
}

impl Model<'_> {
    /// Candidates that the parts of the plan tell apart.
    pub(super) fn rows(&self) -> Result<Vec<Row>, TooMuch> {
        let mut known = BTreeSet::new();
        let mut rows = Vec::new();
        for value in self.candidates()? {
            let answers: Vec<Truth> =
                self.formulas.iter().map(|formula| formula.over(value.as_ref(), self.effort)).collect();
            if known.insert(answers.clone()) {
                rows.push(Row { value, answers });
            }
            check(self.effort)?;
        }
        Ok(rows)
    }

    fn candidates(&self) -> Result<Vec<Option<Value>>, TooMuch> {
        let somebody = self.scenario.principals;
        let here = self.literals.at(self.slot);
        Ok(match self.slot {
            "result" => self.scenario.results.iter().map(|result| Some(Value::whole(*result))).collect(),
            "ts" | "uuid" if here.irregular => vec![Some(Value::Something)],
            "ts" => {
                let times = here.whole_numbers(1_800_000_000_000).into_iter();
                times.map(|time| Some(Value::Date(time))).collect()
            }
            "uuid" => vec![Some(Value::Other("binData", String::new()))],
            "local" | "remote" => self.endpoints()?.into_iter().map(Some).collect(),
            // Since 8.1, and only behind a proxy.
            "intermediates" => vec![Some(Value::Something), None],
            "users" => {
                let least = usize::from(somebody == Principals::Somebody);
                self.lists(("user", "someone", &Domain::Any), ("db", "", &Domain::LoginDatabase), least)?
            }
            // Nothing says that a user has a role: LDAP and federated logins may come without one.
            "roles" => self.lists(("role", "someRole", &Domain::Any), ("db", "someDatabase", &Domain::Any), 0)?,
            "param" => self.params()?.into_iter().map(Some).collect(),
            _ => vec![None],
        })
    }

    /// The addresses: a socket, the server itself, or a path.
    fn endpoints(&self) -> Result<Vec<Value>, TooMuch> {
        let at = |name| self.literals.at(&joined(self.slot, name));
        let document = |fields: Vec<(&str, Value)>| {
            let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            for name in self.literals.names_below(self.slot) {
                if !["ip", "port", "isSystemUser", "unix"].contains(&name) {
                    fields.push((name.to_owned(), Value::Anything));
                }
            }
            Value::Document(fields)
        };
        let ports: Vec<Value> = if at("port").irregular {
            vec![Value::Something]
        } else {
            let numbers = at("port").whole_numbers(50_000).into_iter().filter(|port| (0..=65_535).contains(port));
            numbers.map(Value::whole).collect()
        };
        let mut found = Vec::new();
        for ip in at("ip").texts(&Domain::Any, "192.0.2.7") {
            afford(self.effort, (DOCUMENT + ip.weight() / BYTES) * ports.len())?;
            found.extend(ports.iter().map(|port| document(vec![("ip", ip.clone()), ("port", port.clone())])));
        }
        found.push(document(vec![("isSystemUser", Value::Bool(true))]));
        let paths = at("unix").texts(&Domain::Any, "/tmp/mongodb.sock");
        found.extend(paths.into_iter().map(|path| document(vec![("unix", path)])));
        // Documents with fields that are not known are possible as they are.
        let strange = |value: &&Value| match value {
            Value::Document(fields) => {
                fields.iter().any(|(name, _)| !["ip", "port", "isSystemUser", "unix"].contains(&name.as_str()))
            }
            _ => false,
        };
        found.extend(self.literals.at(self.slot).compounds.iter().filter(strange).cloned());
        Ok(found)
    }

    /// Lists of users or roles, built up element by element for as long as a condition notices.
    fn lists(
        &self,
        (name, ordinary, names): (&str, &str, &Domain),
        (database, ordinary_database, databases): (&str, &str, &Domain),
        least: usize,
    ) -> Result<Vec<Option<Value>>, TooMuch> {
        let empty = || Value::List(Vec::new());
        if self.scenario.principals == Principals::Nobody {
            return Ok(vec![Some(empty())]);
        }
        let here = self.literals.at(self.slot);
        let longest = here.counts.iter().next_back().map_or(1, |count| count + 1);
        if longest > LONGEST_LIST {
            return Err(TooMuch);
        }
        let mut atoms = Vec::new();
        self.formulas.iter().for_each(|formula| formula.atoms(&mut atoms));
        let answers = |value: &Value| -> Vec<Truth> {
            atoms.iter().map(|conditions| any_holds(conditions, Some(value), self.effort)).collect()
        };

        // The elements that some condition tells apart, wherever they stand in the list.
        let mut elements = Vec::new();
        let mut known = BTreeSet::new();
        let all_databases = self.literals.at(&joined(self.slot, database)).texts(databases, ordinary_database);
        for text in self.literals.at(&joined(self.slot, name)).texts(names, ordinary) {
            for database_text in &all_databases {
                let element = Value::Document(vec![
                    (name.to_owned(), text.clone()),
                    (database.to_owned(), database_text.clone()),
                ]);
                let mut seen = answers(&Value::List(vec![element.clone()]));
                if longest > 1 {
                    seen.extend(answers(&Value::List(vec![element.clone(); longest])));
                }
                if known.insert(seen) {
                    elements.push(element);
                }
                check(self.effort)?;
            }
        }

        let mut states = BTreeSet::new();
        let mut found: Vec<Vec<Value>> = Vec::new();
        // Lists that the filter spells out, and their beginnings, are reached only by chance otherwise.
        let is_element = |item: &Value| match item {
            Value::Document(fields) => match &fields[..] {
                [(first, text), (second, database_text)] => {
                    (first == name && second == database)
                        && text.as_text().is_some()
                        && database_text.as_text().is_some_and(|text| databases.has(text))
                }
                _ => false,
            },
            _ => false,
        };
        let mut seeds = vec![Vec::new()];
        for compound in &here.compounds {
            if let Value::List(items) = compound
                && items.iter().all(is_element)
            {
                seeds.extend((1..=items.len()).map(|length| items[..length].to_vec()));
            }
        }
        for seed in seeds {
            let value = Value::List(seed);
            let state = answers(&value);
            let Value::List(seed) = value else { continue };
            if states.insert((state, seed.len().min(longest))) {
                found.push(seed);
            }
            check(self.effort)?;
        }
        let mut next = 0;
        while next < found.len() {
            for element in &elements {
                let longer: Vec<Value> = found[next].iter().chain([element]).cloned().collect();
                afford(self.effort, longer.len() + longer.iter().map(Value::weight).sum::<usize>() / BYTES)?;
                let length = longer.len().min(longest);
                let value = Value::List(longer);
                if states.insert((answers(&value), length))
                    && let Value::List(longer) = value
                {
                    found.push(longer);
                }
            }
            next += 1;
        }
        Ok(found.into_iter().filter(|list| list.len() >= least).map(|list| Some(Value::List(list))).collect())
    }

    fn params(&self) -> Result<Vec<Value>, TooMuch> {
        let Param::Known { fields, ordered, open } = &self.scenario.param else {
            return Ok(vec![Value::Something]);
        };
        let mentioned = self.literals.names_below("param");
        let whole: Vec<&Value> =
            self.literals.at("param").compounds.iter().filter(|value| matches!(value, Value::Document(_))).collect();

        let mut documents = vec![Vec::new()];
        for field in fields {
            let noticed = mentioned.contains(field.name) || !whole.is_empty();
            let values = self.field_values(field, noticed, &whole)?;
            let weight =
                |document: &Vec<(String, Value)>| document.iter().map(|(_, value)| value.weight()).sum::<usize>();
            let copied = documents.iter().map(weight).sum::<usize>() * values.len()
                + values.iter().flatten().map(Value::weight).sum::<usize>() * documents.len();
            afford(self.effort, DOCUMENT * documents.len() * values.len() + copied / BYTES)?;
            documents = documents
                .iter()
                .flat_map(|document| {
                    values.iter().map(move |value| {
                        let mut longer = document.clone();
                        longer.extend(value.clone().map(|value| (field.name.to_owned(), value)));
                        longer
                    })
                })
                .collect();
        }
        let mut found: Vec<Value> = Vec::new();
        let further: Vec<&str> = mentioned
            .iter()
            .copied()
            .filter(|name| *open && !fields.iter().any(|field| field.name == *name) && !is_known_elsewhere(name))
            .collect();
        if *open && (!further.is_empty() || !whole.is_empty()) {
            for document in &documents {
                let mut longer = document.clone();
                longer.extend(further.iter().map(|name| ((*name).to_owned(), Value::Anything)));
                longer.push(("further fields".to_owned(), Value::Anything));
                found.push(Value::Document(longer));
            }
        }
        found.extend(documents.into_iter().map(Value::Document));
        found.extend(whole.into_iter().filter(|document| admits(fields, *ordered, *open, document)).cloned());
        Ok(found)
    }

    /// What one field of `param` can be, `None` for its absence.
    fn field_values(&self, field: &Field, noticed: bool, whole: &[&Value]) -> Result<Vec<Option<Value>>, TooMuch> {
        let mut values = match &field.kind {
            Kind::Unmodelled => vec![Some(Value::Something)],
            Kind::Text(domain) => {
                let literals = self.literals.at(&joined("param", field.name));
                let texts = literals.texts(domain, ordinary(field.name, domain));
                texts.into_iter().map(Some).collect()
            }
        };
        if !noticed {
            values.truncate(1);
            return Ok(if field.required { values } else { vec![None] });
        }
        if !field.required {
            values.push(None);
        }
        let mut atoms = Vec::new();
        self.formulas.iter().for_each(|formula| formula.atoms(&mut atoms));
        let concerns = |condition: &&Condition| condition.path.get(1).is_some_and(|name| name == field.name);
        let conditions: Vec<&Condition> = atoms.into_iter().flatten().copied().filter(concerns).collect();
        let mut known = BTreeSet::new();
        let mut distinct = Vec::new();
        for value in values {
            let document = Value::Document(value.iter().map(|value| (field.name.to_owned(), value.clone())).collect());
            let mut seen: Vec<Truth> = conditions
                .iter()
                .map(|condition| condition.over(&document, &condition.path[1..], self.effort))
                .collect();
            for constant in whole {
                self.effort.spend(1);
                seen.push(match (constant.field(field.name), &value) {
                    (Some(wanted), Some(value)) => value.equals(wanted),
                    (wanted, value) => (wanted.is_none() && value.is_none()).into(),
                });
            }
            // Absence is never merged with a value: it changes what a whole document looks like.
            if known.insert((seen, value.is_none())) {
                distinct.push(value);
            }
            check(self.effort)?;
        }
        Ok(distinct)
    }
}

fn ordinary(name: &str, domain: &Domain) -> &'static str {
    match (name, domain) {
        ("user", _) => "someone",
        ("role", _) => "someRole",
        ("command", _) => "someCommand",
        ("mechanism", _) => "someMechanism",
        (_, Domain::Database) => "someDatabase",
        (_, Domain::Collection | Domain::CollectionOf(_)) => "other",
        ("ns", _) => "other.things",
        _ => "something",
    }
}

/// Whether an event of this shape can have exactly this `param`.
fn admits(fields: &[Field], ordered: bool, open: bool, document: &Value) -> bool {
    let Value::Document(entries) = document else {
        return false;
    };
    let mut names = BTreeSet::new();
    let mut last = None;
    for (index, (name, value)) in entries.iter().enumerate() {
        if !names.insert(name.as_str()) {
            return false;
        }
        let Some(place) = fields.iter().position(|field| field.name == *name) else {
            if !open || is_known_elsewhere(name) {
                return false;
            }
            last = Some(usize::MAX);
            continue;
        };
        let field = &fields[place];
        let fits = match (&field.kind, value) {
            (Kind::Text(domain), Value::Text(text)) => domain.has(&text.text),
            (Kind::Text(_), _) => false,
            (Kind::Unmodelled, _) => true,
        };
        let in_place = if ordered { last.is_none_or(|last| last < place) } else { !field.required || place == index };
        if !fits || !in_place {
            return false;
        }
        last = Some(place);
    }
    fields.iter().all(|field| !field.required || names.contains(field.name))
}
