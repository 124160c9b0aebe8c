use std::fmt;

use super::{
    ast::{Clause, Form, Test},
    error::{FilterError, Hint, Shown},
    read::{Value, read},
    suggest::nearest,
    table::{Domain, Key, Operator, Section, Table},
};
use crate::{Limits, attribute::Kind};

/// Reads a filter of `table`. An error is the first in the order of the text.
pub(super) fn parse(
    text: &[u8],
    table: &'static Table,
    limits: &Limits,
) -> Result<Form, FilterError> {
    let top = Place { within: None, step: Step::Top };
    let members = object(read(text, limits)?, &top, "an object of sections")?;
    if members.is_empty() {
        return Ok(Form::everything(table));
    }
    let mut clauses = vec![None; table.sections().len()];
    for (name, value) in members {
        let place = top.member(&name);
        let at = table
            .sections()
            .iter()
            .position(|section| section.name() == name)
            .ok_or_else(|| unknown_section(table, &name, &place))?;
        if clauses[at].is_some() {
            return Err(FilterError::Duplicate { pointer: place.to_string() });
        }
        clauses[at] = Some(clause(value, &place, &table.sections()[at], table)?);
    }
    Ok(Form { table, clauses })
}

fn clause(
    value: Value,
    place: &Place<'_>,
    section: &'static Section,
    table: &'static Table,
) -> Result<Clause, FilterError> {
    let mut clause = Clause::default();
    let mut seen = vec![false; section.keys().len()];
    for (name, value) in object(value, place, "an object of filter keys")? {
        let place = place.member(&name);
        let at = section
            .keys()
            .iter()
            .position(|key| key.name() == name)
            .ok_or_else(|| unknown_key(table, section, &name, &place))?;
        if std::mem::replace(&mut seen[at], true) {
            return Err(FilterError::Duplicate { pointer: place.to_string() });
        }
        let key = &section.keys()[at];
        clause.add(key.attribute(), test(value, &place, key, section.kind(key))?);
    }
    Ok(clause)
}

fn test(value: Value, place: &Place<'_>, key: &Key, kind: Kind) -> Result<Test, FilterError> {
    match (key.operator(), kind) {
        (Operator::Is, _) => match value {
            Value::Bool(value) => Ok(Test::Is(value)),
            other => Err(wrong_type(&other, place, "true or false")),
        },
        (Operator::In, Kind::Choice(names)) => choices(value, place, names),
        (Operator::In, _) => {
            let ids = list(value, place, "a list of integers")?.into_iter().enumerate();
            let ids = ids.map(|(i, value)| integer(&value, &place.item(i), key.domain()));
            Ok(Test::ids(ids.collect::<Result<_, _>>()?))
        }
        (Operator::AtLeast, _) => {
            Ok(Test::Range { least: Some(bound(&value, place, key.domain())?), most: None })
        }
        (Operator::AtMost, _) => {
            Ok(Test::Range { least: None, most: Some(bound(&value, place, key.domain())?) })
        }
    }
}

fn choices(
    value: Value,
    place: &Place<'_>,
    names: &'static [&'static str],
) -> Result<Test, FilterError> {
    let mut bits = 0;
    for (i, value) in list(value, place, "a list of names")?.into_iter().enumerate() {
        let place = place.item(i);
        let Value::Text(found) = value else {
            return Err(wrong_type(&value, &place, "a name in quotes"));
        };
        let at = names.iter().position(|name| *name == found).ok_or_else(|| {
            let hint = hint(&found, names.iter().copied());
            FilterError::UnknownName {
                pointer: place.to_string(),
                found: Shown(&found).to_string(),
                hint,
            }
        })?;
        bits |= 1 << at;
    }
    Ok(Test::Choices(bits))
}

/// A bound as it is compared. Of a key for integers, one that no f64 holds is refused: it would be
/// another bound.
fn bound(value: &Value, place: &Place<'_>, domain: Domain) -> Result<f64, FilterError> {
    const EXACT: i64 = 1 << f64::MANTISSA_DIGITS;
    let number = match (domain, value) {
        (Domain::Integers { least }, _) => {
            let whole = integer(value, place, domain)?;
            if !(-EXACT..=EXACT).contains(&whole) {
                let expected = format!("an integer from {} to {EXACT}", least.max(-EXACT));
                return Err(out_of_range(value, place, expected));
            }
            whole as f64
        }
        (_, Value::Int(value)) => *value as f64,
        (_, Value::Large(value)) => *value as f64,
        // A negative zero is equal to 0 and would only be written differently.
        (_, Value::Float(value)) => *value + 0.0,
        _ => return Err(wrong_type(value, place, domain)),
    };
    if let Domain::Between { least, most } = domain
        && !(least..=most).contains(&number)
    {
        return Err(out_of_range(value, place, domain));
    }
    Ok(number)
}

fn integer(value: &Value, place: &Place<'_>, domain: Domain) -> Result<i64, FilterError> {
    let least = match domain {
        Domain::Integers { least } => least,
        Domain::Any | Domain::Between { .. } => i64::MIN,
    };
    match *value {
        Value::Int(found) if found >= least => Ok(found),
        Value::Int(_) => Err(out_of_range(value, place, Domain::Integers { least })),
        Value::Large(_) => Err(out_of_range(value, place, "an integer of at most 64 bits")),
        Value::Float(found) if found.abs() >= -(i64::MIN as f64) => {
            Err(out_of_range(value, place, "an integer of at most 64 bits"))
        }
        _ => Err(wrong_type(value, place, Domain::Integers { least })),
    }
}

fn object(
    value: Value,
    place: &Place<'_>,
    expected: &str,
) -> Result<Vec<(String, Value)>, FilterError> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(wrong_type(&other, place, expected)),
    }
}

fn list(value: Value, place: &Place<'_>, expected: &str) -> Result<Vec<Value>, FilterError> {
    match value {
        Value::List(items) => Ok(items),
        other => Err(wrong_type(&other, place, expected)),
    }
}

fn wrong_type(found: &Value, place: &Place<'_>, expected: impl fmt::Display) -> FilterError {
    FilterError::WrongType {
        pointer: place.to_string(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
}

fn out_of_range(found: &Value, place: &Place<'_>, expected: impl fmt::Display) -> FilterError {
    FilterError::OutOfRange {
        pointer: place.to_string(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
}

fn unknown_section(table: &'static Table, name: &str, place: &Place<'_>) -> FilterError {
    let hint = key_of(table, name)
        .unwrap_or_else(|| hint(name, table.sections().iter().map(Section::name)));
    FilterError::UnknownSection { pointer: place.to_string(), hint }
}

fn unknown_key(
    table: &'static Table,
    section: &'static Section,
    name: &str,
    place: &Place<'_>,
) -> FilterError {
    let known = section.keys().iter().map(Key::name);
    let hint = match nearest(name, known.clone()) {
        Some(near) => Hint::Nearest(near),
        None => key_of(table, name).unwrap_or_else(|| Hint::Known(known.collect())),
    };
    FilterError::UnknownKey { pointer: place.to_string(), hint }
}

/// The section that has a key of this name, if there is one: it stands in the wrong place.
fn key_of(table: &'static Table, name: &str) -> Option<Hint> {
    let mut sections = table.sections().iter();
    let section = sections.find(|section| section.keys().iter().any(|key| key.name() == name))?;
    Some(Hint::KeyOf(section.name()))
}

fn hint(found: &str, known: impl Iterator<Item = &'static str> + Clone) -> Hint {
    nearest(found, known.clone()).map_or_else(|| Hint::Known(known.collect()), Hint::Nearest)
}

/// A place in the text. It is written out as a JSON Pointer only for an error.
struct Place<'a> {
    within: Option<&'a Place<'a>>,
    step: Step<'a>,
}

enum Step<'a> {
    Top,
    Member(&'a str),
    Item(usize),
}

impl<'a> Place<'a> {
    fn member(&'a self, name: &'a str) -> Self {
        Self { within: Some(self), step: Step::Member(name) }
    }

    fn item(&'a self, index: usize) -> Self {
        Self { within: Some(self), step: Step::Item(index) }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within {
            within.fmt(f)?;
        }
        match self.step {
            Step::Top => Ok(()),
            Step::Member(name) => write!(f, "/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Item(index) => write!(f, "/{index}"),
        }
    }
}
