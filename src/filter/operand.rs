use std::fmt;

use super::{
    ast::Operand,
    error::{Excerpt, FilterError},
    key::{Domain, Key, Operator},
    pointer::Pointer,
    read::JsonValue,
    suggest::hint,
};
use crate::attribute::AttributeKind;

/// Reads what a key compares its attribute, of the kind `kind`, with.
pub(super) fn operand(
    value: JsonValue,
    pointer: &Pointer<'_>,
    key: &Key,
    kind: AttributeKind,
) -> Result<Operand, FilterError> {
    let listed = matches!(key.operator(), Operator::In | Operator::NotIn | Operator::Prefix);
    let alone = listed && !matches!(value, JsonValue::List(_));
    let items = match value {
        JsonValue::List(items) if listed => {
            items.into_iter().enumerate().map(|(i, item)| (pointer.item(i), item)).collect()
        }
        other if listed && !key.is_single() => {
            return Err(FilterError::wrong_type(&other, pointer, ListOf(kind)));
        }
        one => vec![(*pointer, one)],
    };
    let items = items.iter().map(|(pointer, item)| (pointer, item));
    let read = match kind {
        _ if key.operator() == Operator::Exists => boolean(items),
        AttributeKind::Bool | AttributeKind::Bools => boolean(items),
        AttributeKind::Choice(names) => choices(items, names, key.wildcard()),
        AttributeKind::Int | AttributeKind::Ints => {
            let ints = items.map(|(pointer, item)| integer(item, pointer, key.domain()));
            ints.collect::<Result<_, _>>().map(Operand::ints)
        }
        AttributeKind::Number | AttributeKind::Numbers => {
            let numbers = items.map(|(pointer, item)| number(item, pointer, key.domain()));
            numbers.collect::<Result<_, _>>().map(Operand::numbers)
        }
        AttributeKind::Text | AttributeKind::Texts => {
            let texts = items.map(|(pointer, item)| match item {
                JsonValue::Text(text) => Ok(text.clone()),
                other => Err(FilterError::wrong_type(other, pointer, "a text in quotes")),
            });
            texts.collect::<Result<_, _>>().map(Operand::texts)
        }
    };
    read.map_err(|error| match error {
        FilterError::WrongType { pointer, expected, found } if alone => {
            let expected = format!("{expected} or {}", ListOf(kind));
            FilterError::WrongType { pointer, expected, found }
        }
        other => other,
    })
}

/// What an error says was expected where a list was.
struct ListOf(AttributeKind);

impl fmt::Display for ListOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            AttributeKind::Bool | AttributeKind::Bools => "a list of booleans",
            AttributeKind::Choice(_) => "a list of names",
            AttributeKind::Number | AttributeKind::Numbers => "a list of numbers",
            AttributeKind::Int | AttributeKind::Ints => "a list of integers",
            AttributeKind::Text | AttributeKind::Texts => "a list of texts",
        })
    }
}

/// The one value that there is.
fn boolean<'a>(
    items: impl IntoIterator<Item = (&'a Pointer<'a>, &'a JsonValue)>,
) -> Result<Operand, FilterError> {
    let mut is = false;
    for (pointer, item) in items {
        match item {
            JsonValue::Bool(value) => is = *value,
            other => return Err(FilterError::wrong_type(other, pointer, "true or false")),
        }
    }
    Ok(Operand::Is(is))
}

fn choices<'a>(
    items: impl IntoIterator<Item = (&'a Pointer<'a>, &'a JsonValue)>,
    names: &'static [&'static str],
    wildcard: Option<&'static str>,
) -> Result<Operand, FilterError> {
    let mut bits = 0;
    for (pointer, item) in items {
        let JsonValue::Text(found) = item else {
            return Err(FilterError::wrong_type(item, pointer, "a name in quotes"));
        };
        let at = names.iter().position(|name| name == found).ok_or_else(|| {
            let known = names.iter().map(|name| (*name).into());
            FilterError::UnknownName {
                pointer: pointer.to_string(),
                found: Excerpt(found).to_string(),
                hint: hint(found, known),
            }
        })?;
        bits |= match wildcard {
            // One bit more than there are names: any other value.
            Some(wildcard) if wildcard == found => u64::MAX >> (63 - names.len()),
            _ => 1 << at,
        };
    }
    Ok(Operand::Names(bits))
}

/// A number as it is compared. Of a key for integers, one that no f64 holds is refused: it would
/// be another number.
fn number(value: &JsonValue, pointer: &Pointer<'_>, domain: Domain) -> Result<f64, FilterError> {
    const EXACT: i64 = 1 << f64::MANTISSA_DIGITS;
    let number = match (domain, value) {
        (Domain::Integers { min, max }, _) => {
            let whole = integer(value, pointer, domain)?;
            if !(-EXACT..=EXACT).contains(&whole) {
                let exact = Domain::Integers { min: min.max(-EXACT), max: max.min(EXACT) };
                return Err(FilterError::out_of_range(value, pointer, exact));
            }
            whole as f64
        }
        (_, JsonValue::Int(value)) => *value as f64,
        (_, JsonValue::Large(value)) => *value as f64,
        // A negative zero is equal to 0 and would only be written differently.
        (_, JsonValue::Float(value)) => *value + 0.0,
        _ => return Err(FilterError::wrong_type(value, pointer, domain)),
    };
    if let Domain::Between { min, max } = domain
        && !(min..=max).contains(&number)
    {
        return Err(FilterError::out_of_range(value, pointer, domain));
    }
    Ok(number)
}

fn integer(value: &JsonValue, pointer: &Pointer<'_>, domain: Domain) -> Result<i64, FilterError> {
    let (min, max) = match domain {
        Domain::Integers { min, max } => (min, max),
        Domain::Any | Domain::Between { .. } => (i64::MIN, i64::MAX),
    };
    let expected = Domain::Integers { min, max };
    let too_large = if max == i64::MAX {
        "an integer of at most 64 bits".to_owned()
    } else {
        expected.to_string()
    };
    match *value {
        JsonValue::Int(found) if (min..=max).contains(&found) => Ok(found),
        JsonValue::Int(_) => Err(FilterError::out_of_range(value, pointer, expected)),
        JsonValue::Large(_) => Err(FilterError::out_of_range(value, pointer, too_large)),
        JsonValue::Float(found) if found.abs() >= -(i64::MIN as f64) => {
            Err(FilterError::out_of_range(value, pointer, too_large))
        }
        _ => Err(FilterError::wrong_type(value, pointer, expected)),
    }
}
