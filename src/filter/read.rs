use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::error::{Excerpt, FilterError};
use crate::base::{Limits, json::NUMBER_KEY};

/// A filter's text as a tree that keeps all of it: the order of keys, keys that stand twice.
pub(super) enum JsonValue {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number above `i64::MAX`.
    Large(u64),
    /// A number with a fraction or exponent, or a whole one beyond 64 bits.
    Float(f64),
    Text(String),
    List(Vec<JsonValue>),
    Object(Vec<(String, JsonValue)>),
}

/// Reads JSON text, within the limits at every step.
pub(super) fn read(text: &[u8], limits: &Limits) -> Result<JsonValue, FilterError> {
    if text.len() > limits.max_filter_bytes() {
        return Err(FilterError::TooLong { bytes: text.len(), limit: limits.max_filter_bytes() });
    }
    let mut reader = JsonReader {
        depth: limits.max_filter_depth().min(MAX_DEPTH),
        literals: limits.max_filter_literals(),
        containers: limits.max_filter_literals().saturating_add(limits.max_filter_depth()),
        exceeded: None,
    };
    reader.read(text).map_err(|error| {
        // An empty text ends in column 0.
        let (line, column) = (error.line().max(1), error.column().max(1));
        match reader.exceeded {
            Some(ExceededLimit::TooDeep) => {
                let limit = limits.max_filter_depth().min(MAX_DEPTH);
                FilterError::TooDeep { line, column, limit }
            }
            Some(ExceededLimit::TooManyLiterals) => {
                FilterError::TooManyLiterals { line, column, limit: limits.max_filter_literals() }
            }
            None => FilterError::Syntax { line, column, reason: reason(&error) },
        }
    })
}

/// Reads text that was written from what [`read`] had read within its limits, and which may be a
/// little beyond them: `"a"` is written as `["a"]`.
pub(super) fn read_unlimited(text: &str) -> Option<JsonValue> {
    let unlimited = usize::MAX;
    let mut reader =
        JsonReader { depth: unlimited, literals: unlimited, containers: unlimited, exceeded: None };
    reader.read(text.as_bytes()).ok()
}

/// `serde_json` reads no deeper than 127, so that a text cannot overflow the stack. One less, and
/// it is always ours to say; and what was read is read again in normal form.
const MAX_DEPTH: usize = 126;

/// What may still be read.
struct JsonReader {
    depth: usize,
    literals: usize,
    /// Lists and objects.
    containers: usize,
    exceeded: Option<ExceededLimit>,
}

enum ExceededLimit {
    TooDeep,
    TooManyLiterals,
}

impl JsonReader {
    fn read(&mut self, text: &[u8]) -> serde_json::Result<JsonValue> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let value = self.deserialize(&mut json)?;
        json.end().map(|()| value)
    }

    fn literal<E: serde::de::Error>(&mut self, value: JsonValue) -> Result<JsonValue, E> {
        match self.literals.checked_sub(1) {
            Some(left) => self.literals = left,
            None => return Err(self.exceed(ExceededLimit::TooManyLiterals)),
        }
        Ok(value)
    }

    /// A number as its text.
    fn number<E: serde::de::Error>(&mut self, text: &str) -> Result<JsonValue, E> {
        if let Ok(value) = text.parse() {
            return self.literal(JsonValue::Int(value));
        }
        if let Ok(value) = text.parse() {
            return self.literal(JsonValue::Large(value));
        }
        match text.parse() {
            Ok(value) if f64::is_finite(value) => self.literal(JsonValue::Float(value)),
            _ => Err(E::custom("number out of range")),
        }
    }

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

    /// Stops the reading; what for is kept, since `serde` carries only a text.
    fn exceed<E: serde::de::Error>(&mut self, exceeded: ExceededLimit) -> E {
        self.exceeded = Some(exceeded);
        E::custom("over a limit")
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

/// What an error says was found.
impl fmt::Display for JsonValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Large(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(value) => write!(f, "\"{}\"", Excerpt(value)),
            Self::List(_) => f.write_str("a list"),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

/// The parser's message without the position, which [`FilterError::Syntax`] holds.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&position).unwrap_or(&message).to_owned()
}
