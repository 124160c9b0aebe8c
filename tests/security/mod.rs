//! Records of FindFace Security 2020 notifications, from their JSON.

use recohook::{Notification, attribute::Record, findface::security::Notice};
use serde::Deserialize;
use serde_json::Value;

/// Fills `record` with what filters test of `notification`.
pub(crate) fn fill(record: &mut Record, notification: &Value) {
    let notice = Notice::deserialize(notification)
        .unwrap_or_else(|error| panic!("{error} in {notification}"));
    record.reset(notice.schema());
    notice.attributes(record);
    assert_eq!(record.mistake(), None);
}
