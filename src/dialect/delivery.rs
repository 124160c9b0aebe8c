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

/// Which model a notification is read into, told by `N` of its fields.
pub(crate) trait Kind<const N: usize>: Copy {
    /// What is read: an enumeration of the models.
    type Notice;

    /// The fields that tell the kind.
    const FIELDS: [&'static str; N];

    /// The kind that keeps any object. It is also that of a notification one of whose
    /// [`FIELDS`](Self::FIELDS) is neither a text nor null, for which no model has room.
    const OTHER: Self;

    /// The kind that the fields tell, each `None` where it is absent or null.
    fn of(fields: [Option<&str>; N]) -> Self;

    /// Reads a notification of this kind.
    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Notice, D::Error>;
}

/// Reads a body of notifications of several kinds: a JSON array of them, or one alone.
///
/// What tells the kind of a notification can stand at its end, so a first pass looks up the kinds.
/// The second then reads each into its model in place, which keeps the line and column of what is
/// wrong. Skipping over JSON takes less than half the time of reading it.
pub(crate) fn parse<K: Kind<N>, const N: usize>(body: &[u8]) -> Result<Vec<K::Notice>, ParseError> {
    let text = std::str::from_utf8(body)?;
    let kinds = read(text, iter::repeat_with(|| Head::<K, N>(PhantomData)))?;
    read(text, kinds.into_iter().map(OfKind))
}

/// Reads a body of notifications of one kind: a JSON array of them, or one alone.
pub(crate) fn parse_alike<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, ParseError> {
    let text = std::str::from_utf8(body)?;
    read(text, iter::repeat_with(|| PhantomData))
}

/// The kind of a notification that was read as free JSON.
pub(crate) fn kind_of<K: Kind<N>, const N: usize>(notification: &Map<String, Value>) -> K {
    judge(K::FIELDS.map(|name| notification.get(name).unwrap_or(&Value::Null)))
}

fn judge<K: Kind<N>, const N: usize>(fields: [&Value; N]) -> K {
    if fields.iter().all(|field| field.is_string() || field.is_null()) {
        K::of(fields.map(Value::as_str))
    } else {
        K::OTHER
    }
}

/// Reads each notification of a body with the next of the seeds, of which there are enough.
fn read<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    seeds: impl Iterator<Item = S>,
) -> Result<Vec<S::Value>, ParseError> {
    let mut reader = Reader { seeds, is_delivery: false, read: Vec::new() };
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

struct Reader<I, T> {
    seeds: I,
    is_delivery: bool,
    read: Vec<T>,
}

impl<'de, S, I> Visitor<'de> for &mut Reader<I, S::Value>
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
struct OfKind<K, const N: usize>(K);

impl<'de, K: Kind<N>, const N: usize> DeserializeSeed<'de> for OfKind<K, N> {
    type Value = K::Notice;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K::Notice, D::Error> {
        self.0.read(deserializer)
    }
}

/// The first pass: what tells the kind of a notification. All else is skipped.
struct Head<K, const N: usize>(PhantomData<K>);

impl<'de, K: Kind<N>, const N: usize> DeserializeSeed<'de> for Head<K, N> {
    type Value = K;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, K: Kind<N>, const N: usize> Visitor<'de> for Head<K, N> {
    type Value = K;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification, an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<K, A::Error> {
        let mut fields = [const { Value::Null }; N];
        while let Some(place) = map.next_key_seed(PlaceIn(&K::FIELDS))? {
            match place {
                Some(place) => fields[place] = map.next_value()?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(judge(fields.each_ref()))
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
