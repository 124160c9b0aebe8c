//! Reading the body of a delivery, the same for every dialect.

use std::{fmt, iter, marker::PhantomData, str::Utf8Error};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::MapAccessDeserializer,
    },
};
use serde_json::{Map, Value};

/// The body of a delivery could not be read.
///
/// What is wrong in detail stands in its [`source`](std::error::Error::source).
///
/// ```
/// use recohook::{findface::security::parse_delivery, model::ParseError};
/// use std::error::Error as _;
///
/// let body = br#"[{"id": "42", "webhook_type": "events", "camera": "gate"}]"#;
/// let error: ParseError = parse_delivery(body).unwrap_err();
/// assert_eq!(error.kind(), "notification");
/// assert_eq!(
///     error.to_string(),
///     "notification 0 of the body cannot be read, at line 1 column 56; answer 400, or report \
///      the form it has"
/// );
/// assert!(error.source().unwrap().to_string().starts_with("in `camera`: invalid type"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The body is not text.
    #[error("the body is not UTF-8; answer 400, and see whether it is compressed")]
    Encoding(#[from] Utf8Error),
    /// The body is not JSON.
    #[error(
        "the body is not JSON, at line {} column {}; answer 400, and see whether it came whole",
        .0.line(),
        .0.column()
    )]
    Json(#[source] serde_json::Error),
    /// The body is JSON, but no delivery.
    #[error("the body is neither an array nor an object; answer 400, and see who sends it")]
    Framing(#[source] serde_json::Error),
    /// A notification cannot be read.
    #[error(
        "notification {index} of the body cannot be read, at line {} column {}; answer 400, or \
         report the form it has",
        .source.line(),
        .source.column()
    )]
    Notification {
        /// Its place in the array, from 0.
        index: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl ParseError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Encoding(_) => "encoding",
            Self::Json(_) => "json",
            Self::Framing(_) => "framing",
            Self::Notification { .. } => "notification",
        }
    }

    /// The line and column at which reading stopped, from 1; `None` where the body is not text.
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Encoding(_) => None,
            Self::Json(source) | Self::Framing(source) | Self::Notification { source, .. } => {
                Some((source.line(), source.column()))
            }
        }
    }
}

/// The model that a notification is read into, chosen by `N` of its fields, the labels.
pub(crate) trait Discriminant<const N: usize>: Copy {
    /// A notification of any of the models.
    type Any;

    /// The names of the labels.
    const LABELS: [&'static str; N];

    /// The model that keeps any object. A notification with a label that is neither a text nor
    /// null is read into it, too: no other model can hold that.
    const OTHER: Self;

    /// Chooses the model. A label is `None` if it is absent or null.
    fn of(labels: [Option<&str>; N]) -> Self;

    /// Reads a notification into this model.
    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Any, D::Error>;
}

/// Reads a body of notifications of several kinds: a JSON array of them, or one alone.
///
/// What tells the kind of a notification can stand at its end, so a first pass looks up the kinds.
/// The second then reads each into its model in place, which keeps the line and column of what is
/// wrong. Skipping over JSON takes less than half the time of reading it.
pub(crate) fn parse<M: Discriminant<N>, const N: usize>(
    body: &[u8],
) -> Result<Vec<M::Any>, ParseError> {
    let text = std::str::from_utf8(body)?;
    let models = read(text, iter::repeat_with(|| Head::<M, N>(PhantomData)))?;
    read(text, models.into_iter().map(OfModel))
}

/// Reads a body of notifications of one kind: a JSON array of them, or one alone.
pub(crate) fn parse_alike<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, ParseError> {
    let text = std::str::from_utf8(body)?;
    read(text, iter::repeat_with(|| PhantomData))
}

/// The kind of a notification that was read as free JSON.
pub(crate) fn model_of<M: Discriminant<N>, const N: usize>(notification: &Map<String, Value>) -> M {
    choose(M::LABELS.map(|name| notification.get(name).unwrap_or(&Value::Null)))
}

fn choose<M: Discriminant<N>, const N: usize>(fields: [&Value; N]) -> M {
    if fields.iter().all(|field| field.is_string() || field.is_null()) {
        M::of(fields.map(Value::as_str))
    } else {
        M::OTHER
    }
}

/// Reads each notification of a body with the next of the seeds, of which there are enough.
fn read<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    seeds: impl Iterator<Item = S>,
) -> Result<Vec<S::Value>, ParseError> {
    let mut reader = BodyReader { seeds, is_delivery: false, read: Vec::new() };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(source) = deserializer.deserialize_any(&mut reader).and_then(|()| deserializer.end())
    else {
        return Ok(reader.read);
    };
    // What cannot be read may stand before the place where a body was cut, or be too deep for a
    // model and JSON for all that.
    Err(match serde_json::from_str::<IgnoredAny>(text) {
        Err(broken) => ParseError::Json(broken),
        Ok(_) if !reader.is_delivery => ParseError::Framing(source),
        Ok(_) => ParseError::Notification { index: reader.read.len(), source },
    })
}

struct BodyReader<I, T> {
    seeds: I,
    is_delivery: bool,
    read: Vec<T>,
}

impl<'de, S, I> Visitor<'de> for &mut BodyReader<I, S::Value>
where
    S: DeserializeSeed<'de>,
    I: Iterator<Item = S>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of notifications, or one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.is_delivery = true;
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
        if let Some(seed) = self.seeds.next() {
            self.read.push(seed.deserialize(MapAccessDeserializer::new(map))?);
        }
        Ok(())
    }
}

/// The second pass.
struct OfModel<M, const N: usize>(M);

impl<'de, M: Discriminant<N>, const N: usize> DeserializeSeed<'de> for OfModel<M, N> {
    type Value = M::Any;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<M::Any, D::Error> {
        self.0.read(deserializer)
    }
}

/// The first pass: what tells the kind of a notification. All else is skipped.
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
        let mut fields = [const { Value::Null }; N];
        while let Some(place) = map.next_key_seed(PlaceIn(&M::LABELS))? {
            match place {
                Some(place) => fields[place] = map.next_value()?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(choose(fields.each_ref()))
    }
}

/// A key's place among those that tell the kind.
struct PlaceIn<'a>(&'a [&'static str]);

impl<'de> DeserializeSeed<'de> for PlaceIn<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for PlaceIn<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}
