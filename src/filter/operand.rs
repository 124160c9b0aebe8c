use std::fmt;

use super::{
    ast::Operand,
    error::{Excerpt, FilterError},
    key::Key,
    operator::{Domain, Operator},
    pointer::Pointer,
    read::JsonValue,
    suggest::hint,
};
use crate::attribute::AttributeKind;

/// Reads the value of a key as an operand for an attribute of the given kind.
///
/// # Errors
/// Returns [`FilterError::WrongType`], [`FilterError::OutOfRange`] or [`FilterError::UnknownName`]
/// for the first value that does not suit the key.
pub(super) fn operand(
    value: JsonValue,
    pointer: &Pointer<'_>,
    key: &Key,
    kind: AttributeKind,
) -> Result<Operand, FilterError> {
    // A single value is read as a list with one item, so that both have the same normal form.
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
        // `Exists` accepts a boolean, regardless of the kind of its attribute.
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
        // The author may have meant a single value or a list, so the error mentions both.
        FilterError::WrongType { pointer, expected, found } if alone => {
            let expected = format!("{expected} or {}", ListOf(kind));
            FilterError::WrongType { pointer, expected, found }
        }
        other => other,
    })
}

/// Describes the list that a key accepts for an attribute of this kind, for an error message.
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

/// Reads the boolean of a key. `items` yields exactly one item, because no key accepts a list of
/// booleans.
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

/// Reads names of a choice as a mask. Bit `i` stands for `names[i]`.
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
            // This mask has the bits of all names and the bit after the last name, so that names
            // outside the choice also pass. There are at most 63 names, so the shift cannot
            // overflow.
            Some(wildcard) if wildcard == found => u64::MAX >> (63 - names.len()),
            _ => 1 << at,
        };
    }
    Ok(Operand::Names(bits))
}

/// Reads a number. If the key accepts only integers, an integer that `f64` might not represent
/// exactly is an error. Otherwise the filter could compare with a different number.
fn number(value: &JsonValue, pointer: &Pointer<'_>, domain: Domain) -> Result<f64, FilterError> {
    /// Every integer up to this one is exact as `f64`.
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
        // These two casts may round, just as parsing a number with a fraction may.
        (_, JsonValue::Int(value)) => *value as f64,
        (_, JsonValue::Large(value)) => *value as f64,
        // This makes a negative zero positive. The two zeros are equal but would have different
        // normal forms.
        (_, JsonValue::Float(value)) => *value + 0.0,
        _ => return Err(FilterError::wrong_type(value, pointer, domain)),
    };
    // `integer` has already checked the range of `Domain::Integers`.
    if let Domain::Between { min, max } = domain
        && !(min..=max).contains(&number)
    {
        return Err(FilterError::out_of_range(value, pointer, domain));
    }
    Ok(number)
}

/// Reads an integer within `domain`. The range of a [`Domain::Between`] is ignored, because it
/// applies only to numbers.
fn integer(value: &JsonValue, pointer: &Pointer<'_>, domain: Domain) -> Result<i64, FilterError> {
    let (min, max) = match domain {
        Domain::Integers { min, max } => (min, max),
        Domain::Any | Domain::Between { .. } => (i64::MIN, i64::MAX),
    };
    let expected = Domain::Integers { min, max };
    // "an integer of 1 or more" would not explain why a huge integer is refused.
    let full_range = || format!("an integer from {min} to {max}");
    match *value {
        JsonValue::Int(found) if (min..=max).contains(&found) => Ok(found),
        JsonValue::Int(_) => Err(FilterError::out_of_range(value, pointer, expected)),
        JsonValue::Large(_) => Err(FilterError::out_of_range(value, pointer, full_range())),
        // The author wrote an integer beyond 64 bits, or a number so large that its type is not the
        // problem. The only `i64` with such a large absolute value is `i64::MIN`, and it is read as
        // `Int`.
        JsonValue::Float(found) if found.abs() >= -(i64::MIN as f64) => {
            Err(FilterError::out_of_range(value, pointer, full_range()))
        }
        _ => Err(FilterError::wrong_type(value, pointer, expected)),
    }
}
