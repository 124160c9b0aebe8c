use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};

use super::skip::Skipped;
use crate::{attribute::AttributeKind, base::json::NUMBER_KEY};

/// A JSON value without the contents of lists and objects.
#[derive(Debug)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer from 2^63 to 2^64 - 1. Filters treat it as a number, but it cannot be an id.
    Large(u64),
    Float(f64),
    Text(Cow<'a, str>),
    List,
    Object,
}

impl<'a> Scalar<'a> {
    /// Returns a string's text. It is not copied unless the JSON string contains escapes.
    pub(super) fn into_text(self) -> Option<Cow<'a, str>> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl Scalar<'_> {
    /// Returns the value of a boolean.
    pub(super) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// Returns the value of an integer below 2^63. A number that is written with a fraction is not
    /// an integer, not even 3.0.
    pub(super) fn as_i64(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// Returns the value of any number. Large integers are rounded in the same way as in filters.
    pub(super) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Large(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the value of a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Returns whether the value can be the id of an entity: a string that is not empty, or a
    /// positive integer.
    pub(super) fn is_id(&self) -> bool {
        match self {
            Self::Text(id) => !id.is_empty(),
            Self::Int(id) => *id > 0,
            Self::Large(_) => true,
            _ => false,
        }
    }

    /// Returns whether the value can be an item of a list of this kind. Null cannot.
    pub(super) fn is_item_of(&self, kind: AttributeKind) -> bool {
        match kind {
            AttributeKind::Bools => self.as_bool().is_some(),
            AttributeKind::Numbers => self.as_f64().is_some(),
            AttributeKind::Ints => self.as_i64().is_some(),
            AttributeKind::Texts => self.as_str().is_some(),
            AttributeKind::Bool
            | AttributeKind::Choice(_)
            | AttributeKind::Number
            | AttributeKind::Int
            | AttributeKind::Text => false,
        }
    }

    /// Returns a short description of the value, for explanations.
    pub(super) fn description(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Large(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }

    /// Returns a description of the value for error messages.
    pub(super) fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Self::Null => Unexpected::Unit,
            Self::Bool(value) => Unexpected::Bool(*value),
            Self::Int(value) => Unexpected::Signed(*value),
            Self::Large(value) => Unexpected::Unsigned(*value),
            Self::Float(value) => Unexpected::Float(*value),
            Self::Text(text) => Unexpected::Str(text),
            Self::List => Unexpected::Seq,
            Self::Object => Unexpected::Map,
        }
    }
}

// `serde_json` passes every integer that is not negative as a `u64`.
impl From<u64> for Scalar<'_> {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::Large(value), Self::Int)
    }
}

/// Reads a [`Scalar`]. The contents of a list or an object are skipped.
pub(super) struct ScalarSeed {
    /// Whether an object is replaced by the id that it contains.
    pub(super) is_reference: bool,
}

impl<'de> DeserializeSeed<'de> for ScalarSeed {
    type Value = Scalar<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Scalar<'de>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ScalarSeed {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar<'de>, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    // A string with escapes. `serde_json` has decoded it into its own buffer.
    fn visit_str<E>(self, value: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Scalar<'de>, A::Error> {
        Skipped.visit_seq(items).map(|_| Scalar::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Scalar<'de>, A::Error> {
        read_object(members, self.is_reference)
    }
}

/// Reads an object.
///
/// If `is_reference` is set and the object contains exactly one id and that id is an integer,
/// returns the id. If the "object" is a number (see [`NUMBER_KEY`]), returns the number. Otherwise
/// returns [`Scalar::Object`].
pub(super) fn read_object<'de, A: MapAccess<'de>>(
    mut members: A,
    is_reference: bool,
) -> Result<Scalar<'static>, A::Error> {
    let mut id = Scalar::Null;
    while let Some(key) = members.next_key_seed(ReferenceKeySeed)? {
        match key {
            ReferenceKey::Number => return read_number(&mut members),
            // `Object` marks an id that cannot be used. `Null` would allow a second id to take its
            // place.
            ReferenceKey::Id if is_reference => {
                let read = members.next_value_seed(ScalarSeed { is_reference: false })?.as_i64();
                let is_first = matches!(id, Scalar::Null);
                id = read.filter(|_| is_first).map_or(Scalar::Object, Scalar::Int);
            }
            ReferenceKey::Id | ReferenceKey::Other => {
                let Skipped = members.next_value()?;
            }
        }
    }
    Ok(if matches!(id, Scalar::Null) { Scalar::Object } else { id })
}

/// Reads an object and returns whether it contains an id. If the object contains several, the last
/// one counts.
pub(super) fn read_has_id<'de, A: MapAccess<'de>>(mut members: A) -> Result<bool, A::Error> {
    let mut has_id = false;
    while let Some(key) = members.next_key_seed(ReferenceKeySeed)? {
        match key {
            ReferenceKey::Number => return read_number(&mut members).map(|number| number.is_id()),
            ReferenceKey::Id => {
                has_id = members.next_value_seed(ScalarSeed { is_reference: false })?.is_id();
            }
            ReferenceKey::Other => {
                let Skipped = members.next_value()?;
            }
        }
    }
    Ok(has_id)
}

/// Reads a number whose digits are the value of the [`NUMBER_KEY`].
///
/// # Errors
/// Returns an error if the number is out of range. In a build that does not use this key,
/// `serde_json` returns the error itself.
pub(super) fn read_number<'de, A: MapAccess<'de>>(
    members: &mut A,
) -> Result<Scalar<'static>, A::Error> {
    // As `serde_json` does in builds that do not use the key, return an integer if the number has
    // no fraction and fits, and a float otherwise.
    let text: String = members.next_value()?;
    if let Ok(value) = text.parse() {
        return Ok(Scalar::Int(value));
    }
    if let Ok(value) = text.parse() {
        return Ok(Scalar::Large(value));
    }
    match text.parse() {
        Ok(value) if f64::is_finite(value) => Ok(Scalar::Float(value)),
        _ => Err(A::Error::custom("number out of range")),
    }
}

/// A key in an object that may be replaced by its id.
enum ReferenceKey {
    Id,
    /// The "object" is a number (see [`NUMBER_KEY`]).
    Number,
    /// A member that is skipped.
    Other,
}

/// Finds the member that a key names.
struct ReferenceKeySeed;

impl<'de> DeserializeSeed<'de> for ReferenceKeySeed {
    type Value = ReferenceKey;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<ReferenceKey, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for ReferenceKeySeed {
    type Value = ReferenceKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<ReferenceKey, E> {
        Ok(match key {
            "id" => ReferenceKey::Id,
            NUMBER_KEY => ReferenceKey::Number,
            _ => ReferenceKey::Other,
        })
    }
}
