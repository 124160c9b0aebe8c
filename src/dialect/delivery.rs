//! Parses the body of a delivery. All systems share this code.

use std::{
    fmt, iter,
    marker::PhantomData,
    str::{self, Utf8Error},
};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::MapAccessDeserializer,
    },
};
use serde_json::{Map, Value};

pub use super::parsed_items::ParsedItems;
use crate::base::json::{remedy, without_mark};

/// The error that is returned if the body of a delivery, or one of its notifications, cannot be
/// read.
///
/// The message of the error contains the position and what the receiver should do. This depends on
/// the system, because senders treat a refused delivery differently. The error's
/// [`source`](std::error::Error::source) contains the details, such as the field and the type that
/// was expected. Log both.
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
///     "notification 0 of the body cannot be read, at line 1 column 56; answer with 200 and store \
///      the body, because FindFace repeats what is refused and sends nothing else of this kind \
///      until it gives up"
/// );
/// assert!(error.source().unwrap().to_string().starts_with("in `camera`: invalid type"));
/// ```
#[derive(Debug)]
pub struct ParseError {
    pub(super) cause: Cause,
    pub(super) sender: &'static Sender,
}

/// Why a body or a notification cannot be read.
#[derive(Debug)]
pub(super) enum Cause {
    /// The body is not UTF-8. If the rest of the body can be read, `index` is the index of the
    /// notification.
    Encoding { index: Option<usize>, source: Utf8Error },
    /// The body is not JSON. If the text at the error is a common mistake, `remedy` states what to
    /// write instead.
    Json { source: serde_json::Error, remedy: Option<&'static str> },
    /// The body is JSON, but is neither an array nor an object.
    Framing(serde_json::Error),
    /// A notification cannot be read into its model.
    Notification { index: usize, source: serde_json::Error },
}

/// What a receiver should do with a delivery that it cannot read. Each system has one of these,
/// because its senders treat a refused delivery in their own way.
///
/// The texts continue a message after a semicolon.
#[derive(Debug)]
pub(crate) struct Sender {
    /// For a body that was damaged or cut on its way, so that the same body may arrive intact.
    pub(crate) damaged: &'static str,
    /// For a body that arrived as it was sent.
    pub(crate) unreadable: &'static str,
}

impl ParseError {
    /// Returns a short name for the error that stays the same between releases, for metrics and
    /// logs.
    ///
    /// - `encoding`: the body is not UTF-8.
    /// - `json`: the body is not JSON.
    /// - `framing`: the body is JSON, but is neither an array nor an object.
    /// - `notification`: a notification cannot be read into its model.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// assert_eq!(parse_delivery(b"{").unwrap_err().kind(), "json");
    /// assert_eq!(parse_delivery(b"7").unwrap_err().kind(), "framing");
    /// assert_eq!(parse_delivery(b"[{}]").unwrap_err().kind(), "notification");
    /// assert_eq!(parse_delivery(b"\xff").unwrap_err().kind(), "encoding");
    /// ```
    pub fn kind(&self) -> &'static str {
        match &self.cause {
            Cause::Encoding { .. } => "encoding",
            Cause::Json { .. } => "json",
            Cause::Framing(_) => "framing",
            Cause::Notification { .. } => "notification",
        }
    }

    /// Returns the 0-based index of the notification that cannot be read. The index of a single
    /// notification that is not in an array is 0. Returns `None` if the body itself cannot be read.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// let error = parse_delivery(br#"[{"id": "evt_1"}, {"id": 7}]"#).unwrap_err();
    /// assert_eq!(error.index(), Some(1));
    /// ```
    pub fn index(&self) -> Option<usize> {
        match &self.cause {
            Cause::Encoding { index, .. } => *index,
            Cause::Notification { index, .. } => Some(*index),
            Cause::Json { .. } | Cause::Framing(_) => None,
        }
    }

    /// Returns the 1-based line and column at which reading stopped. Returns `None` if the body is
    /// not UTF-8. A byte order mark at the beginning of the body does not count.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// let error = parse_delivery(b"[\n  {\"id\": 7}\n]").unwrap_err();
    /// assert_eq!(error.position(), Some((2, 10)));
    /// ```
    pub fn position(&self) -> Option<(usize, usize)> {
        match &self.cause {
            Cause::Encoding { .. } => None,
            Cause::Json { source, .. }
            | Cause::Framing(source)
            | Cause::Notification { source, .. } => Some((source.line(), source.column())),
        }
    }

    /// Returns what the receiver should do. The message of the error ends with the same text.
    ///
    /// If the body ends too early, it may have been cut on its way, and the sender should send it
    /// again. Otherwise the sender would send the same bytes again, so the receiver should accept
    /// the body and store it. The system's `parse_items` reads the other notifications in it.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// let error = parse_delivery(br#"{"id": "ev"#).unwrap_err();
    /// assert!(error.advice().starts_with("answer with 400"));
    /// let error = parse_delivery(br#"{"id": 7}"#).unwrap_err();
    /// assert!(error.advice().starts_with("answer with 200"));
    /// ```
    pub fn advice(&self) -> &'static str {
        match &self.cause {
            Cause::Json { source, .. } if source.is_eof() => self.sender.damaged,
            _ => self.sender.unreadable,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.cause, self.advice())
    }
}

impl std::error::Error for ParseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match &self.cause {
            Cause::Encoding { source, .. } => source,
            Cause::Json { source, .. }
            | Cause::Framing(source)
            | Cause::Notification { source, .. } => source,
        })
    }
}

impl Cause {
    /// Creates the cause for text that is not JSON.
    pub(super) fn json(source: serde_json::Error, text: &[u8]) -> Self {
        let remedy = remedy(text, source.line(), source.column());
        Self::Json { source, remedy }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { index: None, .. } => {
                f.write_str("the body is not UTF-8 and may be compressed")
            }
            Self::Encoding { index: Some(index), .. } => {
                write!(f, "notification {index} of the body is not UTF-8")
            }
            Self::Json { source, remedy } => {
                let what = if source.is_eof() { "ends too early" } else { "is not JSON" };
                write!(f, "the body {what}, at line {} column {}", source.line(), source.column())?;
                remedy.map_or(Ok(()), |remedy| write!(f, " ({remedy})"))
            }
            Self::Framing(_) => f.write_str("the body is neither an array nor an object"),
            Self::Notification { index, source } => write!(
                f,
                "notification {index} of the body cannot be read, at line {} column {}",
                source.line(),
                source.column()
            ),
        }
    }
}

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
