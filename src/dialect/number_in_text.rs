use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::{field::Field, render::render_plainly};

/// A number that is documented as a string, such as the age `"31"`.
///
/// Some senders write a JSON number instead. It is kept and written again as a number, and filters
/// see the same value in both cases.
///
/// ```
/// use recohook::faceio::Details;
/// use recohook::model::{Field, NumberInText};
///
/// let text: Details = serde_json::from_str(r#"{"age": "31"}"#)?;
/// let number: Details = serde_json::from_str(r#"{"age": 31}"#)?;
/// assert_eq!(text.age.value().and_then(NumberInText::as_f64), Some(31.0));
/// assert_eq!(number.age.value().and_then(NumberInText::as_f64), Some(31.0));
/// assert_eq!(serde_json::to_string(&number)?, r#"{"age":31}"#);
///
/// assert_eq!(Details::empty().age("31"), text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a string or a number")]
pub enum NumberInText {
    /// A string, as documented. It may contain other text.
    Text(String),
    /// A JSON number.
    Number(Number),
}

impl NumberInText {
    /// Returns the number. Returns `None` if the string is not a finite number.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => number.as_f64(),
        }
        // Rust also parses "inf" and "NaN".
        .filter(|number: &f64| number.is_finite())
    }
}

/// Writes the string or the number, without quotes.
impl fmt::Display for NumberInText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl From<&str> for NumberInText {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&str> for Field<NumberInText> {
    fn from(text: &str) -> Self {
        Self::Value(text.into())
    }
}

impl From<String> for Field<NumberInText> {
    fn from(text: String) -> Self {
        Self::Value(NumberInText::Text(text))
    }
}

impl From<Option<&str>> for Field<NumberInText> {
    /// `None` becomes null, not absent.
    fn from(text: Option<&str>) -> Self {
        text.map(NumberInText::from).into()
    }
}

render_plainly!(NumberInText);
