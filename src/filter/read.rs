use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::error::{Excerpt, FilterError};
use crate::base::{
    Limits,
    json::{NUMBER_KEY, remedy, without_mark},
};

/// A filter's text as a tree.
///
/// Unlike [`serde_json::Value`], it preserves the order of an object's members and keeps members
/// that appear twice. The order is needed to report the first error, and the repeated members are
/// needed to report duplicates.
pub(super) enum JsonValue {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer above `i64::MAX`.
    Large(u64),
    /// A number with a fraction or an exponent, or an integer that does not fit in 64 bits.
    Float(f64),
    Text(String),
    List(Vec<JsonValue>),
    /// The names and values of the members, in the order in which they were written.
    Object(Vec<(String, JsonValue)>),
}

/// Reads JSON text. The limits are checked while reading, so text that exceeds them never becomes a
/// large tree in memory.
///
/// # Errors
/// Returns an error if the text exceeds a limit or is not JSON.
pub(super) fn read(text: &[u8], limits: &Limits) -> Result<JsonValue, FilterError> {
    let text = without_mark(text);
    if text.len() > limits.max_filter_bytes() {
        return Err(FilterError::TooLong { bytes: text.len(), limit: limits.max_filter_bytes() });
    }
    let mut reader = JsonReader {
        depth: limits.max_filter_depth().min(MAX_DEPTH),
        literals: limits.max_filter_literals(),
        // Empty lists and objects also take memory, so the number of lists and objects is limited
        // as well. The maximum depth is added so that even a filter with only one value can be
        // nested as deeply as allowed.
        containers: limits.max_filter_literals().saturating_add(limits.max_filter_depth()),
        exceeded: None,
    };
    reader.read(text).map_err(|error| {
        // For empty text, `serde_json` reports column 0.
        let (line, column) = (error.line().max(1), error.column().max(1));
        match reader.exceeded {
            Some(ExceededLimit::TooDeep) => {
                let limit = limits.max_filter_depth().min(MAX_DEPTH);
                FilterError::TooDeep { line, column, limit }
            }
            Some(ExceededLimit::TooManyLiterals) => {
                FilterError::TooManyLiterals { line, column, limit: limits.max_filter_literals() }
            }
            None => FilterError::Syntax {
                line,
                column,
                reason: reason(&error),
                remedy: remedy(text, line, column),
            },
        }
    })
}

/// Reads the text of a normal form without limits.
///
/// The form was read within the limits, but its text may exceed them slightly, because a single
/// value `"a"` is written as `["a"]`.
pub(super) fn read_unlimited(text: &str) -> Option<JsonValue> {
    let unlimited = usize::MAX;
    let mut reader =
        JsonReader { depth: unlimited, literals: unlimited, containers: unlimited, exceeded: None };
    reader.read(text.as_bytes()).ok()
}

/// The upper bound on the maximum depth, even if the configured limit is higher.
///
/// `serde_json` reads at most 127 levels, to protect the stack. This constant is one level lower.
/// Therefore text that is nested too deeply always results in [`FilterError::TooDeep`]. A normal
/// form can be one level deeper than the original text and can still be read.
const MAX_DEPTH: usize = 126;

/// A JSON reader that keeps track of how much more it may read.
struct JsonReader {
    /// The number of further levels that may be entered.
    depth: usize,
    /// The number of further values that may be read. Null, lists and objects do not count.
    literals: usize,
    /// The number of further lists and objects that may be read.
    containers: usize,
    /// The limit that was exceeded, if reading failed for this reason.
    exceeded: Option<ExceededLimit>,
}

/// A limit that text can exceed while it is being read.
enum ExceededLimit {
    TooDeep,
    TooManyLiterals,
}

impl JsonReader {
    /// Reads text that consists of one JSON value and optional surrounding whitespace.
    fn read(&mut self, text: &[u8]) -> serde_json::Result<JsonValue> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let value = self.deserialize(&mut json)?;
        json.end().map(|()| value)
    }

    /// Counts a boolean, number or string.
    fn literal<E: serde::de::Error>(&mut self, value: JsonValue) -> Result<JsonValue, E> {
        match self.literals.checked_sub(1) {
            Some(left) => self.literals = left,
            None => return Err(self.exceed(ExceededLimit::TooManyLiterals)),
        }
        Ok(value)
    }

    /// Reads a number from its text.
    fn number<E: serde::de::Error>(&mut self, text: &str) -> Result<JsonValue, E> {
        if let Ok(value) = text.parse() {
            return self.literal(JsonValue::Int(value));
        }
        if let Ok(value) = text.parse() {
            return self.literal(JsonValue::Large(value));
        }
        match text.parse() {
            Ok(value) if f64::is_finite(value) => self.literal(JsonValue::Float(value)),
            // `serde_json` itself uses this message for such a number, so the message is the same
            // with and without `arbitrary_precision`.
            _ => Err(E::custom("number out of range")),
        }
    }

    /// Counts a list or an object and goes one level deeper.
    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        match self.depth.checked_sub(1) {
            Some(left) => self.depth = left,
            None => return Err(self.exceed(ExceededLimit::TooDeep)),
        }
        match self.containers.checked_sub(1) {
            Some(left) => self.containers = left,
            None => return Err(self.exceed(ExceededLimit::TooManyLiterals)),
        }
        Ok(())
    }

    /// Records which limit was exceeded and creates an error that stops the reader. The error
    /// itself can carry only a message, because its type belongs to `serde`.
    fn exceed<E: serde::de::Error>(&mut self, exceeded: ExceededLimit) -> E {
        self.exceeded = Some(exceeded);
        E::custom("a limit is exceeded")
    }
}

impl<'de> DeserializeSeed<'de> for &mut JsonReader {
    type Value = JsonValue;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<JsonValue, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut JsonReader {
    type Value = JsonValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<JsonValue, E> {
        Ok(JsonValue::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<JsonValue, E> {
        self.literal(JsonValue::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<JsonValue, E> {
        self.literal(JsonValue::Int(value))
    }

    // `serde_json` calls this method for every non-negative integer.
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<JsonValue, E> {
        self.literal(i64::try_from(value).map_or(JsonValue::Large(value), JsonValue::Int))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<JsonValue, E> {
        self.literal(JsonValue::Float(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<JsonValue, E> {
        self.literal(JsonValue::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<JsonValue, A::Error> {
        self.enter()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(&mut *self)? {
            list.push(item);
        }
        self.depth += 1;
        Ok(JsonValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<JsonValue, A::Error> {
        let mut name = members.next_key::<String>()?;
        // With `arbitrary_precision`, a number arrives as an object with only this member.
        if name.as_deref() == Some(NUMBER_KEY) {
            let number: String = members.next_value()?;
            return self.number(&number);
        }
        self.enter()?;
        let mut object = Vec::new();
        while let Some(known) = name {
            object.push((known, members.next_value_seed(&mut *self)?));
            name = members.next_key()?;
        }
        self.depth += 1;
        Ok(JsonValue::Object(object))
    }
}

/// Writes the value that was found, for an error message. Shortens a string to 80 characters.
impl fmt::Display for JsonValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Large(value) => write!(f, "{value}"),
            // `Debug` keeps the fraction of 3.0, which can be the reason for the error.
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(value) => write!(f, "\"{}\"", Excerpt(value)),
            Self::List(_) => f.write_str("a list"),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

/// Returns the parser's message without the position, which [`FilterError::Syntax`] stores in
/// separate fields.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&position).unwrap_or(&message).to_owned()
}
