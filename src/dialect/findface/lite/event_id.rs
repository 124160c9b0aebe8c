use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::dialect::{json_schema::json_schemas, model::render_plainly};

/// The id of an event: an integer or a string.
///
/// It is not documented which of the two a server writes. The id of a webhook is an integer,
/// whereas the id of an event in FindFace Security is a string. Therefore both are accepted, and
/// each is written as it was read.
///
/// ```
/// use recohook::findface::lite::EventId;
///
/// assert_eq!(EventId::from(42).as_text(), "42");
/// assert_ne!(EventId::from(42), EventId::from("42"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(untagged)]
pub enum EventId {
    /// An integer.
    Number(i64),
    /// A string.
    Text(String),
}

impl EventId {
    /// Returns the id as a string. Converting an integer into decimal digits allocates.
    ///
    /// Two different ids can have the same text.
    ///
    /// ```
    /// use recohook::findface::lite::EventId;
    ///
    /// assert_eq!(EventId::from(-1).as_text(), EventId::from("-1").as_text());
    /// ```
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Number(id) => Cow::Owned(id.to_string()),
            Self::Text(id) => Cow::Borrowed(id),
        }
    }
}

render_plainly!(EventId);

json_schemas! {
    EventId: {"type": ["integer", "string"]};
}

impl From<i64> for EventId {
    fn from(id: i64) -> Self {
        Self::Number(id)
    }
}

impl From<&str> for EventId {
    fn from(id: &str) -> Self {
        Self::Text(id.to_owned())
    }
}

impl From<String> for EventId {
    fn from(id: String) -> Self {
        Self::Text(id)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The id is read as a `Value` first, so that an error can name both types. This is cheap,
        // because ids are short.
        let id = match Value::deserialize(deserializer)? {
            Value::Number(id) => id.as_i64().map(Self::Number),
            Value::String(id) => Some(Self::Text(id)),
            _ => None,
        };
        id.ok_or_else(|| D::Error::custom("expected an integer or a string"))
    }
}
