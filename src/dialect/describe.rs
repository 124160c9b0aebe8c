//! What filters see of a notification, as text: values of a record are not public.

use std::fmt::Write as _;

use crate::{
    attribute::{AttributeId, Kind, Record},
    notification::Notification,
};

/// The attributes that have a value, as `name=value`.
pub(crate) fn attributes(notification: &dyn Notification) -> String {
    let schema = notification.schema();
    let mut record = Record::new();
    record.reset(schema);
    notification.attributes(&mut record);
    assert_eq!(record.mistake(), None);
    let mut told = String::new();
    for attribute in schema.attributes() {
        let id = schema.expect(attribute.name());
        if record.is_present(id) {
            let value = value(&record, id, attribute.kind());
            write!(told, "{}={value} ", attribute.name()).unwrap();
        }
    }
    told.trim_end().to_owned()
}

fn value(record: &Record, id: AttributeId, kind: Kind) -> String {
    let schema = record.schema().unwrap();
    let choice = ((record.bits() & schema.field(id)) >> schema.shift(id)).trailing_zeros() as usize;
    match kind {
        Kind::Bool => (choice == 1).to_string(),
        Kind::Choice(names) => names.get(choice).unwrap_or(&"(other)").to_string(),
        Kind::Number => record.number_at(id).to_string(),
        Kind::Int => record.int_at(id).to_string(),
        Kind::Text => record.text_at(id).to_owned(),
        Kind::Ints => format!("{:?}", record.members_at(id)),
        Kind::Texts => format!("{:?}", Vec::from_iter(record.texts_at(id))),
        Kind::Bools | Kind::Numbers => panic!("no attribute of a dialect is {kind}"),
    }
}
