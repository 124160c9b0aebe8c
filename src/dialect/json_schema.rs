//! The JSON Schemas of the bodies, generated from the declarations of the models.

use serde_json::{Map, Number, Value, json};

use super::{list::List, number_in_text::NumberInText, reference::Ref, timestamp::Timestamp};

/// The dialect of all schemas.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A type whose JSON a schema describes.
///
/// A schema describes what the system sends, as far as it is documented. Models accept more. All
/// types that a schema refers to are part of it, so it can be put into any larger schema.
pub(crate) trait JsonSchema {
    /// Returns the schema of a value.
    fn schema() -> Value;
}

/// Returns the schema of a field, which can be null. `docs` are the lines of the field's docs.
pub(crate) fn field_schema<T: JsonSchema>(docs: &[&str]) -> Value {
    let schema = T::schema();
    // Arbitrary JSON includes null.
    let mut schema = match schema.as_object().is_some_and(Map::is_empty) {
        true => schema,
        false => json!({"anyOf": [schema, {"type": "null"}]}),
    };
    schema["description"] = description(docs).into();
    schema
}

/// Returns the text of a doc comment as one paragraph, without links.
pub(crate) fn description(docs: &[&str]) -> String {
    let lines = docs.iter().map(|line| line.trim());
    // The examples and the sections after the first paragraphs are for Rust programs.
    let lines = lines.take_while(|line| !line.starts_with("```") && !line.starts_with('#'));
    let mut text = Vec::from_iter(lines.filter(|line| !line.is_empty())).join(" ");
    // A link is `[text](target)` or `[text]`.
    while let Some((before, rest)) = text.split_once("[`") {
        let Some((name, after)) = rest.split_once("`]") else { break };
        let after = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
        text = format!("{before}`{name}`{after}");
    }
    text
}

/// Returns the schema of a delivery that consists of an array of these notifications.
pub(crate) fn delivery_schema(notifications: &[Value]) -> Value {
    json!({
        "$schema": DIALECT,
        "description": "The body of a delivery: an array of notifications.",
        "type": "array",
        "items": {"anyOf": notifications},
    })
}

/// Implements [`JsonSchema`] for types with a fixed schema.
macro_rules! json_schemas {
    ($($type:ty: $schema:tt;)+) => {
        $(impl $crate::dialect::json_schema::JsonSchema for $type {
            fn schema() -> serde_json::Value {
                serde_json::json!($schema)
            }
        })+
    };
}

pub(crate) use json_schemas;

json_schemas! {
    bool: {"type": "boolean"};
    i64: {"type": "integer"};
    String: {"type": "string"};
    Number: {"type": "number"};
    Value: {};
    Map<String, Value>: {"type": "object"};
    // The format `date-time` requires a time zone, which some documented timestamps do not have.
    Timestamp: {"type": "string", "examples": ["2020-05-18T15:08:38+00:00"]};
    NumberInText: {"type": "string"};
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn schema() -> Value {
        json!({"type": "array", "items": {"anyOf": [T::schema(), {"type": "null"}]}})
    }
}

impl<T: JsonSchema> JsonSchema for Ref<T> {
    fn schema() -> Value {
        json!({"anyOf": [{"type": "integer"}, T::schema()]})
    }
}
