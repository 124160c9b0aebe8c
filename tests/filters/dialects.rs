//! All filter tables, with the functions that test them.

use recohook::{
    Notification,
    attribute::{Attribute, AttributeKind, Schema, Values},
    faceio, filter,
    findface::{lite, multi, security, security_2019},
    openbiometrics,
};
use serde::Deserialize;
use serde_json::Value;

use crate::naive;

/// A table, its model, and its naive evaluator.
pub(crate) struct Dialect {
    /// The name, which is also the name of its file in the corpus.
    pub(crate) name: &'static str,
    pub(crate) table: &'static filter::Table,
    /// Sets the attribute values of a notification.
    pub(crate) fill: fn(&mut Values, &Value),
    /// The naive evaluator, which takes a filter and a notification.
    pub(crate) matches: fn(&Value, &Value) -> bool,
}

pub(crate) static ALL: &[Dialect] = &[
    Dialect {
        name: "findface-security-2020",
        table: &security::FILTERS,
        fill: by_model::<security::AnyNotification>,
        matches: naive::security::matches,
    },
    Dialect {
        name: "findface-security-2019",
        table: &security_2019::FILTERS,
        fill: security_2019_with_group,
        matches: naive::security_2019::matches,
    },
    Dialect {
        name: "findface-lite",
        table: &lite::FILTERS,
        fill: by_model::<lite::Event>,
        matches: naive::lite::matches,
    },
    Dialect {
        name: "findface-lite-realtime-is-all",
        table: &lite::FILTERS_REALTIME_IS_ALL,
        fill: by_model::<lite::Event>,
        matches: naive::lite::matches_if_realtime_is_all,
    },
    Dialect {
        name: "findface-multi",
        table: &multi::FILTERS,
        fill: by_model::<multi::AnyNotification>,
        matches: naive::multi::matches,
    },
    Dialect {
        name: "openbiometrics",
        table: &openbiometrics::FILTERS,
        fill: by_model::<openbiometrics::Event>,
        matches: naive::openbiometrics::matches,
    },
    Dialect {
        name: "faceio",
        table: &faceio::FILTERS,
        fill: by_model::<faceio::Event>,
        matches: naive::faceio::matches,
    },
    Dialect { name: "native", table: &NATIVE, fill: passage, matches: naive::native::matches },
];

/// A schema that a host could define, with an attribute of each kind.
pub(crate) static PASSAGES: Schema = Schema::new(
    "passages",
    &[
        Attribute::bool("granted"),
        Attribute::choice("direction", &["in", "out", "unknown"]),
        Attribute::number("weight"),
        Attribute::int("door"),
        Attribute::text("badge"),
        Attribute::bools("checks"),
        Attribute::numbers("scores"),
        Attribute::ints("zones"),
        Attribute::texts("tags"),
    ],
);

pub(crate) static NATIVE: filter::Table = filter::Table::flat(&filter::Section::native(&PASSAGES));

fn by_model<N: Notification + for<'de> Deserialize<'de>>(values: &mut Values, body: &Value) {
    let notification = N::deserialize(body).unwrap_or_else(|error| panic!("{error} in {body}"));
    set_attributes(values, &notification);
}

/// Sets the group of the camera, too, which is not part of a body.
fn security_2019_with_group(values: &mut Values, body: &Value) {
    let event = security_2019::Event::deserialize(body).expect("the body should be an event");
    set_attributes(values, &event.camera_group(body["camera_group"].as_i64()));
}

fn set_attributes(values: &mut Values, notification: &impl Notification) {
    values.reset(notification.schema());
    notification.attributes(values);
    assert_eq!(values.error(), None);
}

/// Sets the attributes of a passage from a JSON object.
fn passage(values: &mut Values, attributes: &Value) {
    by_name(values, &PASSAGES, attributes);
}

/// Sets the attributes of a schema from a JSON object.
pub(crate) fn by_name(values: &mut Values, schema: &'static Schema, attributes: &Value) {
    values.reset(schema);
    for attribute in schema.attributes() {
        let id = schema.expect(attribute.name());
        let value = &attributes[attribute.name()];
        let items = value.as_array().cloned().unwrap_or_default();
        match attribute.kind() {
            AttributeKind::Bool => values.bool(id, value.as_bool()),
            AttributeKind::Choice(_) => values.choice(id, value.as_str()),
            AttributeKind::Number => values.number(id, value.as_f64()),
            AttributeKind::Int => values.int(id, value.as_i64()),
            AttributeKind::Text => values.text(id, value.as_str()),
            AttributeKind::Bools => values.bools(id, items.iter().filter_map(Value::as_bool)),
            AttributeKind::Numbers => values.numbers(id, items.iter().filter_map(Value::as_f64)),
            AttributeKind::Ints => values.ints(id, items.iter().filter_map(Value::as_i64)),
            AttributeKind::Texts => values.texts(id, items.iter().filter_map(Value::as_str)),
            other => panic!("unknown kind of attribute: {other}"),
        }
    }
    assert_eq!(values.error(), None);
}
