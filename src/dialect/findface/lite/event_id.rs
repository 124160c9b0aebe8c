use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::dialect::model::render_plainly;

/// The id of an event: an integer or a text, as it came.
///
/// Which of the two a server writes is not documented. A webhook's id is an integer; an event's is
/// a text in FindFace Security.
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
    /// A text.
    Text(String),
}

impl EventId {
    /// The id as text.
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Number(id) => Cow::Owned(id.to_string()),
            Self::Text(id) => Cow::Borrowed(id),
        }
    }
}

render_plainly!(EventId);

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
        let id = match Value::deserialize(deserializer)? {
            Value::Number(id) => id.as_i64().map(Self::Number),
            Value::String(id) => Some(Self::Text(id)),
            _ => None,
        };
        id.ok_or_else(|| D::Error::custom("expected an integer id or a text"))
    }
}
