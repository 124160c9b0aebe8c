use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::error::{FilterError, Shown};
use crate::base::{Limits, json::NUMBER_KEY};

/// A filter's text as a tree that keeps all of it: the order of keys, keys that stand twice.
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number above `i64::MAX`.
    Large(u64),
    /// A number with a fraction or exponent, or a whole one beyond 64 bits.
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// Reads JSON text, within the limits at every step.
pub(super) fn read(text: &[u8], limits: &Limits) -> Result<Value, FilterError> {
    if text.len() > limits.max_filter_bytes() {
        return Err(FilterError::TooLong { bytes: text.len(), limit: limits.max_filter_bytes() });
    }
    let mut reader = Reader {
        depth: limits.max_filter_depth().min(DEEPEST),
        literals: limits.max_filter_literals(),
        nests: limits.max_filter_literals().saturating_add(limits.max_filter_depth()),
        refusal: None,
    };
    reader.read(text).map_err(|error| {
        // An empty text ends in column 0.
        let (line, column) = (error.line().max(1), error.column().max(1));
        match reader.refusal {
            Some(Refusal::TooDeep) => {
                let limit = limits.max_filter_depth().min(DEEPEST);
                FilterError::TooDeep { line, column, limit }
            }
            Some(Refusal::TooManyLiterals) => {
                FilterError::TooManyLiterals { line, column, limit: limits.max_filter_literals() }
            }
            None => FilterError::Syntax { line, column, reason: reason(&error) },
        }
    })
}

/// Reads text that was written from what [`read`] had read within its limits, and which may be a
/// little beyond them: `"a"` is written as `["a"]`.
pub(super) fn read_unlimited(text: &str) -> Option<Value> {
    let most = usize::MAX;
    let mut reader = Reader { depth: most, literals: most, nests: most, refusal: None };
    reader.read(text.as_bytes()).ok()
}

/// `serde_json` reads no deeper than 127, so that a text cannot overflow the stack. One less, and
/// it is always ours to say; and what was read is read again in normal form.
const DEEPEST: usize = 126;

/// What may still be read.
struct Reader {
    depth: usize,
    literals: usize,
    /// Lists and objects.
    nests: usize,
    refusal: Option<Refusal>,
}

enum Refusal {
    TooDeep,
    TooManyLiterals,
}

impl Reader {
    fn read(&mut self, text: &[u8]) -> serde_json::Result<Value> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let value = self.deserialize(&mut json)?;
        json.end().map(|()| value)
    }

    fn literal<E: serde::de::Error>(&mut self, value: Value) -> Result<Value, E> {
        match self.literals.checked_sub(1) {
            Some(left) => self.literals = left,
            None => return Err(self.refuse(Refusal::TooManyLiterals)),
        }
        Ok(value)
    }

    /// A number as its text.
    fn number<E: serde::de::Error>(&mut self, text: &str) -> Result<Value, E> {
        if let Ok(value) = text.parse() {
            return self.literal(Value::Int(value));
        }
        if let Ok(value) = text.parse() {
            return self.literal(Value::Large(value));
        }
        match text.parse() {
            Ok(value) if f64::is_finite(value) => self.literal(Value::Float(value)),
            _ => Err(E::custom("number out of range")),
        }
    }

    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        match self.depth.checked_sub(1) {
            Some(left) => self.depth = left,
            None => return Err(self.refuse(Refusal::TooDeep)),
        }
        match self.nests.checked_sub(1) {
            Some(left) => self.nests = left,
            None => return Err(self.refuse(Refusal::TooManyLiterals)),
        }
        Ok(())
    }

    /// Stops the reading; what for is kept, since `serde` carries only a text.
    fn refuse<E: serde::de::Error>(&mut self, refusal: Refusal) -> E {
        self.refusal = Some(refusal);
        E::custom("over a limit")
    }
}

impl<'de> DeserializeSeed<'de> for &mut Reader {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.literal(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.literal(Value::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.literal(i64::try_from(value).map_or(Value::Large(value), Value::Int))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        self.literal(Value::Float(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.literal(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(&mut *self)? {
            list.push(item);
        }
        self.depth += 1;
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
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
        Ok(Value::Object(object))
    }
}

/// What an error says was found.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Large(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(value) => write!(f, "\"{}\"", Shown(value)),
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
