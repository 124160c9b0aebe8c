use serde_json::{Map, Value, json};

use super::{
    key::Key,
    operator::{Domain, Operator},
    table::{Section, Table},
};
use crate::{attribute::AttributeKind, base::percent::percent_encoded};

impl Table {
    /// Returns the JSON Schema of a filter, in the dialect 2020-12. Use it in forms, and in the
    /// OpenAPI document of the host's API.
    ///
    /// Each key has a `description`. A valid filter is valid for the schema, too. The schema cannot
    /// express everything that [`Filter::parse`](super::Filter::parse) checks: it accepts `3.0` as
    /// an integer, a key that appears twice, and filters beyond the [limits](crate::Limits).
    ///
    /// The schema of a section in the native language refers to itself by an `$id`, so it can be
    /// part of a larger schema.
    ///
    /// ```
    /// use recohook::findface::security::FILTERS;
    ///
    /// let schema = FILTERS.json_schema();
    /// let events = &schema["properties"]["events"];
    /// assert_eq!(events["additionalProperties"], false);
    /// assert_eq!(
    ///     events["properties"]["confidence_gte"],
    ///     recohook::serde_json::json!({
    ///         "description": "Holds if `confidence` is at least this number.",
    ///         "type": "number", "minimum": 0.0, "maximum": 1.0,
    ///     }),
    /// );
    /// ```
    pub fn json_schema(&self) -> Value {
        let mut schema = match (self.is_flat(), self.sections()) {
            (true, [section]) => section_schema(section),
            (_, sections) => json!({
                "description": "Selects notifications. `{}` selects all of them. Otherwise, the \
                                sections that are not named are off.",
                "type": "object",
                "properties": Value::from_iter(
                    sections.iter().map(|section| (section.name(), section_schema(section)))
                ),
                "additionalProperties": false,
            }),
        };
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema
    }
}

/// Returns the schema of the keys of a section.
fn section_schema(section: &Section) -> Value {
    let topic = section.schema().topic();
    let mut properties = Map::new();
    if section.is_native() {
        for attribute in section.schema().attributes() {
            for name in Section::native_names(attribute) {
                if let Some(key) = section.key(&name) {
                    properties.insert(name, key_schema(section, &key));
                }
            }
        }
        let clauses =
            |text: &str| json!({"description": text, "type": "array", "items": {"$ref": "#"}});
        properties.insert("all".to_owned(), clauses("Holds if all of these hold."));
        properties.insert("any".to_owned(), clauses("Holds if any of these holds."));
        let not = json!({"description": "Holds if this does not hold.", "$ref": "#"});
        properties.insert("not".to_owned(), not);
    } else {
        let keys = section.keys().iter();
        properties.extend(keys.map(|key| (key.name().to_owned(), key_schema(section, key))));
    }
    let mut schema = json!({
        "description": format!("Selects notifications of the topic `{topic}`. All keys must hold."),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if section.is_native() {
        schema["$id"] = json!(format!("urn:recohook:filter:{}", percent_encoded(topic)));
    }
    schema
}

/// Returns the schema of the value of a key.
fn key_schema(section: &Section, key: &Key) -> Value {
    let (attribute, kind) = (section.attribute(key).name(), section.kind(key));
    if key.is_group() {
        let members = key.members().iter();
        return json!({
            "description": format!("Holds if `{attribute}` has a value and all keys hold."),
            "type": "object",
            "properties": Value::from_iter(
                members.map(|member| (member.name(), key_schema(section, member)))
            ),
            "additionalProperties": false,
        });
    }
    let item = match key.operator() {
        Operator::Exists => json!({"type": "boolean"}),
        _ => item_schema(kind, key.domain()),
    };
    let is_list = matches!(key.operator(), Operator::In | Operator::NotIn | Operator::Prefix);
    let mut schema = match (is_list, key.is_single()) {
        (true, true) => json!({"anyOf": [item, {"type": "array", "items": item}]}),
        (true, false) => json!({"type": "array", "items": item}),
        (false, _) => item,
    };
    schema["description"] = description(key, attribute, kind).into();
    schema
}

/// Returns the schema of a single value.
fn item_schema(kind: AttributeKind, domain: Domain) -> Value {
    match kind {
        AttributeKind::Bool | AttributeKind::Bools => json!({"type": "boolean"}),
        AttributeKind::Choice(names) => json!({"enum": names}),
        AttributeKind::Text | AttributeKind::Texts => json!({"type": "string"}),
        AttributeKind::Int | AttributeKind::Ints => integers(domain),
        AttributeKind::Number | AttributeKind::Numbers => match domain {
            Domain::Integers { .. } => integers(domain),
            Domain::Any => json!({"type": "number"}),
            // JSON has no infinities, so such a bound is left out.
            Domain::Between { min, max } => {
                let mut schema = json!({"type": "number"});
                if min.is_finite() {
                    schema["minimum"] = min.into();
                }
                if max.is_finite() {
                    schema["maximum"] = max.into();
                }
                schema
            }
        },
    }
}

/// Returns the schema of an integer.
fn integers(domain: Domain) -> Value {
    let (min, max) = match domain {
        Domain::Integers { min, max } => (min, max),
        Domain::Any | Domain::Between { .. } => (i64::MIN, i64::MAX),
    };
    let mut schema = json!({"type": "integer"});
    if min != i64::MIN {
        schema["minimum"] = min.into();
    }
    if max != i64::MAX {
        schema["maximum"] = max.into();
    }
    schema
}

/// Describes when a key holds.
fn description(key: &Key, attribute: &str, kind: AttributeKind) -> String {
    let is_list = kind.is_list();
    let holds = match key.operator() {
        Operator::Exists => return format!("Holds if `{attribute}` has a value, or has none."),
        Operator::Equal if is_list => "contains this value",
        Operator::Equal => "is this value",
        Operator::In if is_list => "contains one of these values",
        Operator::In => "is one of these values",
        Operator::NotIn if is_list => "has values, and none of these",
        Operator::NotIn => "has a value that is none of these",
        Operator::Above => "is above this number",
        Operator::AtLeast => "is at least this number",
        Operator::Below => "is below this number",
        Operator::AtMost => "is at most this number",
        Operator::Prefix => "begins with one of these texts",
    };
    let mut text = format!("Holds if `{attribute}` {holds}.");
    if let Some(wildcard) = key.wildcard() {
        text += &format!(" `{wildcard}` stands for any value.");
    }
    text
}
