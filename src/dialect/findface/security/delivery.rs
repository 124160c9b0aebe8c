use std::{fmt, str::Utf8Error};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
    },
};
use serde_json::Value;

use super::notice::{Notice, Section};

/// Reads the body of a delivery: a JSON array of notifications (documented), or one alone.
///
/// Notifications of an unknown kind, and unknown fields of the known ones, are kept.
///
/// ```
/// use recohook::findface::security::{Notice, parse_delivery};
///
/// let body = br#"[{"id": "42", "webhook_type": "events", "camera": 3}]"#;
/// let [Notice::Event(event)] = &parse_delivery(body)?[..] else { panic!("one event") };
/// assert_eq!(event.id, "42");
///
/// let body = br#"[{"id": "42", "webhook_type": "events", "camera": "gate"}]"#;
/// let error = parse_delivery(body).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "notification 0 of the body cannot be read; answer 400, or report the form it has: \
///      in `camera`: invalid type: string \"gate\", expected an integer id or an object that has \
///      one at line 1 column 56"
/// );
/// # Ok::<(), recohook::findface::security::ParseError>(())
/// ```
///
/// # Errors
/// Where the body is not UTF-8 or not JSON, is neither an array nor an object, or has a
/// notification of a known kind that cannot be one: without its id, or with a value of a type
/// that the field does not take. Nothing of the body is returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Notice>, ParseError> {
    let text = std::str::from_utf8(body)?;
    let mut survey = Survey::default();
    survey.read(text).map_err(|error| survey.judge(error))?;
    let mut notices = Vec::with_capacity(survey.sections.len());
    let reader = Reader { sections: &survey.sections, notices: &mut notices };
    match reader.deserialize(&mut serde_json::Deserializer::from_str(text)) {
        Ok(()) => Ok(notices),
        Err(source) => Err(ParseError::Notification { index: notices.len(), source }),
    }
}

/// The body of a delivery could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The body is not text.
    #[error("the body is not UTF-8; answer 400, and see whether it is compressed: {0}")]
    Encoding(#[from] Utf8Error),
    /// The body is not JSON.
    #[error("the body is not JSON; answer 400, and see whether it came whole: {0}")]
    Json(#[source] serde_json::Error),
    /// The body is JSON, but no delivery.
    #[error("the body is not a delivery; answer 400, and see who sends it: {0}")]
    Framing(#[source] serde_json::Error),
    /// A notification cannot be read.
    #[error(
        "notification {index} of the body cannot be read; answer 400, or report the form it has: \
         {source}"
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

/// The first pass. What tells the kind of a notification can stand at its end, so the kinds are
/// looked up first; the second pass then reads each into its model in place, which keeps the line
/// and column of what is wrong. Skipping over JSON takes less than half the time of reading it.
#[derive(Default)]
struct Survey {
    is_delivery: bool,
    sections: Vec<Section>,
}

impl Survey {
    fn read(&mut self, text: &str) -> serde_json::Result<()> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        deserializer.deserialize_any(&mut *self)?;
        deserializer.end()
    }

    fn judge(&self, error: serde_json::Error) -> ParseError {
        if !error.is_data() {
            ParseError::Json(error)
        } else if self.is_delivery {
            ParseError::Notification { index: self.sections.len(), source: error }
        } else {
            ParseError::Framing(error)
        }
    }
}

impl<'de> Visitor<'de> for &mut Survey {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of notifications, or one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.is_delivery = true;
        while let Some(Head(section)) = seq.next_element()? {
            self.sections.push(section);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.is_delivery = true;
        let Head(section) = HeadVisitor.visit_map(map)?;
        self.sections.push(section);
        Ok(())
    }
}

/// What tells the kind of a notification; all else is skipped.
struct Head(Section);

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification, an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head, A::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "snake_case")]
        enum Key {
            WebhookType,
            EventType,
            #[serde(other)]
            Skipped,
        }

        // Free JSON: one of another type does not tell the kind. Where the other one does, the
        // model refuses it, with its place.
        let (mut webhook_type, mut event_type) = (Value::Null, Value::Null);
        while let Some(key) = map.next_key()? {
            match key {
                Key::WebhookType => webhook_type = map.next_value()?,
                Key::EventType => event_type = map.next_value()?,
                Key::Skipped => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Head(Section::of(webhook_type.as_str(), event_type.as_str())))
    }
}

/// The second pass.
struct Reader<'a> {
    sections: &'a [Section],
    notices: &'a mut Vec<Notice>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of notifications, or one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for section in self.sections {
            self.notices.extend(seq.next_element_seed(*section)?);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        if let [section] = self.sections {
            self.notices.push(section.read(MapAccessDeserializer::new(map))?);
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Section {
    type Value = Notice;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Notice, D::Error> {
        self.read(deserializer)
    }
}
