//! What filters see of a notification, as text: values of a record are not public.

use std::fmt::Write as _;

use crate::{
    attribute::{AttributeId, AttributeKind, Values},
    notification::Notification,
};

/// The attributes that have a value, as `name=value`.
pub(crate) fn attributes(notification: &dyn Notification) -> String {
    let schema = notification.schema();
    let mut record = Values::new();
    record.reset(schema);
    notification.attributes(&mut record);
    assert_eq!(record.error(), None);
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

fn value(record: &Values, id: AttributeId, kind: AttributeKind) -> String {
    let schema = record.schema().unwrap();
    let choice = ((record.bits() & schema.field(id)) >> schema.shift(id)).trailing_zeros() as usize;
    match kind {
        AttributeKind::Bool => (choice == 1).to_string(),
        AttributeKind::Choice(names) => names.get(choice).unwrap_or(&"(other)").to_string(),
        AttributeKind::Number => record.number_at(id).to_string(),
        AttributeKind::Int => record.int_at(id).to_string(),
        AttributeKind::Text => record.text_at(id).to_owned(),
        AttributeKind::Ints => format!("{:?}", record.members_at(id)),
        AttributeKind::Texts => format!("{:?}", Vec::from_iter(record.texts_at(id))),
        AttributeKind::Bools | AttributeKind::Numbers => {
            panic!("no attribute of a dialect is {kind}")
        }
    }
}
