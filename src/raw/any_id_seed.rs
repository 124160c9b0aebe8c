use std::fmt::{self, Display, Write as _};

use serde::de::{
    Deserialize as _, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
    value::{MapAccessDeserializer, SeqAccessDeserializer},
};
use serde_json::{Number, Value};

/// Appends an id of any type to a string. A string is appended as it is, and any other value is
/// appended as JSON.
///
/// The result is the same as in a model whose id is a [`Value`].
pub(super) struct AnyIdSeed<'r>(pub(super) &'r mut String);

impl AnyIdSeed<'_> {
    /// Appends an id that is not a string.
    pub(super) fn append(self, id: impl Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.0, "{id}");
    }
}

impl<'de> DeserializeSeed<'de> for AnyIdSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyIdSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.append("null");
        Ok(())
    }

    fn visit_bool<E>(self, id: bool) -> Result<(), E> {
        self.append(id);
        Ok(())
    }

    fn visit_i64<E>(self, id: i64) -> Result<(), E> {
        self.append(id);
        Ok(())
    }

    fn visit_u64<E>(self, id: u64) -> Result<(), E> {
        self.append(id);
        Ok(())
    }

    fn visit_f64<E>(self, id: f64) -> Result<(), E> {
        // All JSON numbers are finite, so `Null` is never used.
        self.append(Number::from_f64(id).map_or(Value::Null, Value::Number));
        Ok(())
    }

    fn visit_str<E>(self, id: &str) -> Result<(), E> {
        self.0.push_str(id);
        Ok(())
    }

    // Ids are rarely lists or objects. Reading them as a `Value` allocates, but gives the members
    // of an object the same order as in a model. A number that arrives as an object (`NUMBER_KEY`)
    // is turned back into a number.
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(|id| self.append(id))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(|id| self.append(id))
    }
}
