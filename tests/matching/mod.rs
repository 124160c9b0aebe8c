//! Filters on notifications, without a webhook.

use recohook::{Filter, Notification, attribute::Record};

/// Whether a filter wants a notification.
pub(crate) fn wants(filter: &Filter, notification: &impl Notification) -> bool {
    let mut record = Record::new();
    record.reset(notification.schema());
    notification.attributes(&mut record);
    assert_eq!(record.error(), None);
    filter.matches(&record)
}
