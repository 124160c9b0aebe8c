//! Every filter table there is, with what tests need of it.

use recohook::{
    Notification,
    attribute::{Attribute, Kind, Record, Schema},
    faceio, filter,
    findface::{lite, multi, security, security_2019},
    openbiometrics,
};
use serde::Deserialize;
use serde_json::Value;

use crate::naive;

/// A table, and two ways to find out what a filter of it wants.
pub(crate) struct Dialect {
    /// The name of its file in the corpus.
    pub(crate) name: &'static str,
    pub(crate) table: &'static filter::Table,
    /// Fills a record with what filters test of a notification.
    pub(crate) fill: fn(&mut Record, &Value),
    /// The naive evaluator: filter, notification.
    pub(crate) wants: fn(&Value, &Value) -> bool,
}

pub(crate) static ALL: &[Dialect] = &[
    Dialect {
        name: "findface-security-2020",
        table: &security::FILTERS,
        fill: by::<security::AnyNotification>,
        wants: naive::security::wants,
    },
    Dialect {
        name: "findface-security-2019",
        table: &security_2019::FILTERS,
        fill: security_2019_with_group,
        wants: naive::security_2019::wants,
    },
    Dialect {
        name: "findface-lite",
        table: &lite::FILTERS,
        fill: by::<lite::Event>,
        wants: naive::lite::wants,
    },
    Dialect {
        name: "findface-lite-realtime-is-all",
        table: &lite::FILTERS_REALTIME_IS_ALL,
        fill: by::<lite::Event>,
        wants: naive::lite::wants_where_realtime_is_all,
    },
    Dialect {
        name: "findface-multi",
        table: &multi::FILTERS,
        fill: by::<multi::AnyNotification>,
        wants: naive::multi::wants,
    },
    Dialect {
        name: "openbiometrics",
        table: &openbiometrics::FILTERS,
        fill: by::<openbiometrics::Event>,
        wants: naive::openbiometrics::wants,
    },
    Dialect {
        name: "faceio",
        table: &faceio::FILTERS,
        fill: by::<faceio::Event>,
        wants: naive::faceio::wants,
    },
    Dialect { name: "native", table: &NATIVE, fill: passage, wants: naive::native::wants },
];

/// A schema of a host's own, with an attribute of each kind.
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

fn by<N: Notification + for<'de> Deserialize<'de>>(record: &mut Record, body: &Value) {
    let notification = N::deserialize(body).unwrap_or_else(|error| panic!("{error} in {body}"));
    tell(record, &notification);
}

/// A server knows the camera's group beside the body.
fn security_2019_with_group(record: &mut Record, body: &Value) {
    let event = security_2019::Event::deserialize(body).expect("an event");
    tell(record, &event.camera_group(body["camera_group"].as_i64()));
}

fn tell(record: &mut Record, notification: &impl Notification) {
    record.reset(notification.schema());
    notification.attributes(record);
    assert_eq!(record.mistake(), None);
}

/// An object of attributes.
fn passage(record: &mut Record, attributes: &Value) {
    by_name(record, &PASSAGES, attributes);
}

/// Sets what a schema has of an object of attributes.
pub(crate) fn by_name(record: &mut Record, schema: &'static Schema, attributes: &Value) {
    record.reset(schema);
    for attribute in schema.attributes() {
        let id = schema.expect(attribute.name());
        let value = &attributes[attribute.name()];
        let items = value.as_array().cloned().unwrap_or_default();
        match attribute.kind() {
            Kind::Bool => record.bool(id, value.as_bool()),
            Kind::Choice(_) => record.choice(id, value.as_str()),
            Kind::Number => record.number(id, value.as_f64()),
            Kind::Int => record.int(id, value.as_i64()),
            Kind::Text => record.text(id, value.as_str()),
            Kind::Bools => record.bools(id, items.iter().filter_map(Value::as_bool)),
            Kind::Numbers => record.numbers(id, items.iter().filter_map(Value::as_f64)),
            Kind::Ints => record.ints(id, items.iter().filter_map(Value::as_i64)),
            Kind::Texts => record.texts(id, items.iter().filter_map(Value::as_str)),
            other => panic!("no attribute is {other}"),
        }
    }
    assert_eq!(record.mistake(), None);
}
