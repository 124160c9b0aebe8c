//! Parses the body of a delivery. All systems share this code.

use std::{fmt, iter, marker::PhantomData, str};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::MapAccessDeserializer,
    },
};
use serde_json::{Map, Value};

use super::{
    parse_error::{Cause, ParseError, Sender},
    parsed_items::ParsedItems,
};

use crate::base::json::without_mark;

/// Identifies the model of a notification. The values of `N` fields of the notification determine
/// the model. These fields are called labels.
///
/// [`any_notification!`](super::notification::any_notification) implements this trait.
pub(crate) trait Discriminant<const N: usize>: Copy {
    /// The enumeration that can contain a notification of any model.
    type Any;

    /// The names of the labels.
    const LABELS: [&'static str; N];

    /// The model that accepts any object. It is also used if a label is neither a string nor null,
    /// because no other model can contain such a value.
    const OTHER: Self;

    /// Returns the model for these labels. A label that is absent or null is `None`.
    fn of(labels: [Option<&str>; N]) -> Self;

    /// Reads a notification into this model.
    ///
    /// # Errors
    /// Returns an error if the notification does not match the model.
    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Any, D::Error>;
}

/// Parses a body whose notifications have several models. The body is a JSON array or a single
/// notification.
///
/// The labels may be the last fields of a notification, so a first pass reads only the labels. The
/// second pass reads each notification into its model. It reads from the text rather than from a
/// buffer, so an error has the right line and column. The first pass costs less than half as much
/// as the second, because it skips all other fields.
///
/// # Errors
/// Returns a [`ParseError`] if any part of the body cannot be read. No notifications are returned
/// in that case.
pub(crate) fn parse<M: Discriminant<N>, const N: usize>(
    body: &[u8],
    sender: &'static Sender,
) -> Result<Vec<M::Any>, ParseError> {
    parse_text(body, sender, |text| {
        let models = read(text, iter::repeat_with(|| Head::<M, N>(PhantomData)))?;
        read(text, models.into_iter().map(OfModel))
    })
}

/// Parses a body whose notifications all have the same model. The body is a JSON array or a single
/// notification.
///
/// # Errors
/// Fails as [`parse`] does.
pub(crate) fn parse_alike<T: DeserializeOwned>(
    body: &[u8],
    sender: &'static Sender,
) -> Result<Vec<T>, ParseError> {
    parse_text(body, sender, |text| read(text, iter::repeat_with(|| PhantomData)))
}

/// Parses each notification of a body on its own. The notifications have several models.
pub(crate) fn parse_items<'a, M: Discriminant<N>, const N: usize>(
    body: &'a [u8],
    sender: &'static Sender,
) -> ParsedItems<'a, M::Any> {
    ParsedItems::new(body, sender, |text| {
        let mut json = serde_json::Deserializer::from_str(text);
        let model = Head::<M, N>(PhantomData).deserialize(&mut json)?;
        json.end()?;
        let mut json = serde_json::Deserializer::from_str(text);
        let notification = model.read(&mut json)?;
        json.end()?;
        Ok(notification)
    })
}

/// Parses each notification of a body on its own. The notifications all have the same model.
pub(crate) fn parse_items_alike<'a, T: DeserializeOwned>(
    body: &'a [u8],
    sender: &'static Sender,
) -> ParsedItems<'a, T> {
    ParsedItems::new(body, sender, |text| serde_json::from_str(text))
}

/// Returns the model of a notification that was read as arbitrary JSON.
pub(crate) fn model_of<M: Discriminant<N>, const N: usize>(notification: &Map<String, Value>) -> M {
    choose(M::LABELS.map(|name| notification.get(name).unwrap_or(&Value::Null)))
}

/// Returns the model for these label values.
fn choose<M: Discriminant<N>, const N: usize>(fields: [&Value; N]) -> M {
    if fields.iter().all(|field| field.is_string() || field.is_null()) {
        M::of(fields.map(Value::as_str))
    } else {
        M::OTHER
    }
}

/// Checks that the body is UTF-8 and parses its text without the byte order mark.
///
/// The whole text is checked once, before all passes, because serde_json does not check strings
/// that it skips.
fn parse_text<'a, T>(
    body: &'a [u8],
    sender: &'static Sender,
    parse: impl FnOnce(&'a str) -> Result<T, Cause>,
) -> Result<T, ParseError> {
    str::from_utf8(without_mark(body))
        .map_err(|source| Cause::Encoding { index: None, source })
        .and_then(parse)
        .map_err(|cause| ParseError { cause, sender })
}

/// Reads each notification of a body with the next seed from `seeds`. There must be at least as
/// many seeds as notifications.
fn read<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    seeds: impl Iterator<Item = S>,
) -> Result<Vec<S::Value>, Cause> {
    let mut reader = BodyReader { seeds, is_delivery: false, read: Vec::new() };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(source) = deserializer.deserialize_any(&mut reader).and_then(|()| deserializer.end())
    else {
        return Ok(reader.read);
    };
    // The error alone does not show whether the body is JSON. A model may refuse a field before
    // serde_json reaches a syntax error further on. Conversely, serde_json reports a syntax error
    // if valid JSON is nested too deeply for a model. Therefore the whole body is checked again,
    // but only after an error.
    Err(match serde_json::from_str::<IgnoredAny>(text) {
        Err(broken) => Cause::json(broken, text.as_bytes()),
        Ok(_) if !reader.is_delivery => Cause::Framing(source),
        Ok(_) => Cause::Notification { index: reader.read.len(), source },
    })
}

/// The visitor that reads a body. It is passed by reference, so the notifications that it has read
/// remain available after an error.
struct BodyReader<I, T> {
    seeds: I,
    /// True if the body is an array or an object, and false if it is any other JSON value.
    is_delivery: bool,
    /// The notifications that have been read. After an error, the length is the index of the
    /// notification that failed.
    read: Vec<T>,
}

impl<'de, S, I> Visitor<'de> for &mut BodyReader<I, S::Value>
where
    S: DeserializeSeed<'de>,
    I: Iterator<Item = S>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of notifications or a single notification")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.is_delivery = true;
        // In the first pass, the supply of seeds is endless. In the second pass, there is one seed
        // for each notification. Therefore every element has a seed.
        for seed in &mut self.seeds {
            match seq.next_element_seed(seed)? {
                Some(notification) => self.read.push(notification),
                None => break,
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.is_delivery = true;
        // This is a single notification that is not in an array. Its opening brace has already been
        // read, so the seed receives the map rather than a value.
        if let Some(seed) = self.seeds.next() {
            self.read.push(seed.deserialize(MapAccessDeserializer::new(map))?);
        }
        Ok(())
    }
}

/// The seed for the second pass. It reads a notification into its model.
struct OfModel<M, const N: usize>(M);

impl<'de, M: Discriminant<N>, const N: usize> DeserializeSeed<'de> for OfModel<M, N> {
    type Value = M::Any;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<M::Any, D::Error> {
        self.0.read(deserializer)
    }
}

/// The seed for the first pass. It reads the labels of a notification, skips all other fields and
/// returns the model.
struct Head<M, const N: usize>(PhantomData<M>);

impl<'de, M: Discriminant<N>, const N: usize> DeserializeSeed<'de> for Head<M, N> {
    type Value = M;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<M, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, M: Discriminant<N>, const N: usize> Visitor<'de> for Head<M, N> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification, an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<M, A::Error> {
        // A label may be any JSON value. A duplicate is not an error here, because the second pass
        // reports it.
        let mut fields = [const { Value::Null }; N];
        while let Some(label) = map.next_key_seed(LabelIndex(&M::LABELS))? {
            match label {
                Some(index) => fields[index] = map.next_value()?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(choose(fields.each_ref()))
    }
}

/// The seed for a key. It returns the index of the key among the labels, or `None` if the key is
/// not a label.
struct LabelIndex<'a>(&'a [&'static str]);

impl<'de> DeserializeSeed<'de> for LabelIndex<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for LabelIndex<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}
