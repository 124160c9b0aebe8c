//! Tests a filter on a notification, without a webhook.

use recohook::{Filter, Notification, attribute::Values};

/// Returns whether a filter matches a notification.
pub(crate) fn matches(filter: &Filter, notification: &impl Notification) -> bool {
    let mut values = Values::new();
    values.reset(notification.schema());
    notification.attributes(&mut values);
    assert_eq!(values.error(), None);
    filter.matches(&values)
}
