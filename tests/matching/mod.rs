//! Filters on notifications, without a webhook.

use recohook::{Filter, Notification, attribute::Values};

/// Whether a filter matches a notification.
pub(crate) fn matches(filter: &Filter, notification: &impl Notification) -> bool {
    let mut values = Values::new();
    values.reset(notification.schema());
    notification.attributes(&mut values);
    assert_eq!(values.error(), None);
    filter.matches(&values)
}
