//! The attributes of a notification as text, for tests.

use std::fmt::Write as _;

use crate::{
    attribute::{AttributeId, AttributeKind, Values},
    notification::Notification,
};

/// The attributes that have a value, as `name=value`.
pub(crate) fn attributes(notification: &dyn Notification) -> String {
    let schema = notification.schema();
    let mut values = Values::new();
    values.reset(schema);
    notification.attributes(&mut values);
    assert_eq!(values.error(), None);
    let mut told = String::new();
    for attribute in schema.attributes() {
        let id = schema.expect(attribute.name());
        if values.is_present(id) {
            let value = value(&values, id, attribute.kind());
            write!(told, "{}={value} ", attribute.name()).unwrap();
        }
    }
    told.trim_end().to_owned()
}

fn value(values: &Values, id: AttributeId, kind: AttributeKind) -> String {
    let schema = values.schema().unwrap();
    let choice = ((values.bits() & schema.field(id)) >> schema.shift(id)).trailing_zeros() as usize;
    match kind {
        AttributeKind::Bool => (choice == 1).to_string(),
        AttributeKind::Choice(names) => names.get(choice).unwrap_or(&"(other)").to_string(),
        AttributeKind::Number => values.number_at(id).to_string(),
        AttributeKind::Int => values.int_at(id).to_string(),
        AttributeKind::Text => values.text_at(id).to_owned(),
        AttributeKind::Ints => format!("{:?}", values.members_at(id)),
        AttributeKind::Texts => format!("{:?}", Vec::from_iter(values.texts_at(id))),
        AttributeKind::Bools | AttributeKind::Numbers => {
            panic!("no attribute of a dialect is {kind}")
        }
    }
}
