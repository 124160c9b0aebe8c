//! Formats the attributes of a notification for unit tests.

use std::fmt::Write as _;

use crate::{
    attribute::{AttributeId, AttributeKind, Values},
    notification::Notification,
};

/// Returns `name=value` for each attribute that has a value, in the order of the schema and
/// separated by spaces.
///
/// # Panics
/// Panics if the notification sets an attribute to a value of the wrong kind.
pub(crate) fn attributes(notification: &dyn Notification) -> String {
    let schema = notification.schema();
    let mut values = Values::new();
    values.reset(schema);
    notification.attributes(&mut values);
    assert_eq!(values.error(), None);
    let mut text = String::new();
    for attribute in schema.attributes() {
        let id = schema.expect(attribute.name());
        if values.is_present(id) {
            let value = value(&values, id, attribute.kind());
            write!(text, "{}={value} ", attribute.name()).unwrap();
        }
    }
    text.trim_end().to_owned()
}

/// Formats the value of an attribute. The attribute must have a value.
fn value(values: &Values, id: AttributeId, kind: AttributeKind) -> String {
    let schema = values.schema().unwrap();
    // A boolean or a choice sets exactly one of the attribute's bits. The position of that bit is
    // the value.
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
            panic!("no attribute of a system is {kind}")
        }
    }
}
