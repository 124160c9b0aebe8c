use serde_json::Value;

use super::{CounterRecord, Episode, Event, EventType, WebhookType};
use crate::{
    dialect::{
        delivery,
        findface::policy::SENDER,
        json_schema::{self, JsonSchema as _},
        model::{ParseError, ParsedItems},
        notification::any_notification,
    },
    raw::Format,
};

/// Parses the body of a delivery: a JSON array of notifications (documented) or a single
/// notification.
///
/// Notifications of an unknown kind are kept as [`AnyNotification::Other`], and unknown fields of
/// known kinds are kept in `extra`. An empty array is not an error.
///
/// A byte order mark before the body is skipped. If the body cannot be read, answer with 200 and
/// store it: FindFace sends a refused batch again, up to `send_attempts` times (documented), and
/// sends nothing else of this kind meanwhile (inferred from its log). Read the other notifications
/// of such a body with [`parse_items`]. If the body ends too early, answer with 400.
///
/// ```
/// use recohook::findface::security::{AnyNotification, parse_delivery};
///
/// let body = br#"[{"id": "42", "webhook_type": "events", "camera": 3}]"#;
/// let [AnyNotification::Event(event)] = &parse_delivery(body)?[..] else { panic!("one event") };
/// assert_eq!(event.id, "42");
/// # Ok::<(), recohook::model::ParseError>(())
/// ```
///
/// # Errors
/// Returns a [`ParseError`] if the body is not UTF-8, is not JSON, or is neither an array nor an
/// object. Also returns one if a notification of a known kind has no id or has a field of the wrong
/// type. No notifications are returned in that case.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<AnyNotification>, ParseError> {
    delivery::parse::<Model, _>(body, &SENDER)
}

/// Parses each notification of a delivery on its own. One that cannot be read does not affect the
/// others.
///
/// The body may be anything that [`parse_delivery`] accepts. [`ParsedItems`] documents what the
/// iterator returns for other bodies.
///
/// ```
/// let body = br#"[{"id": "42"}, {"id": "43", "webhook_type": "events", "camera": "gate"}]"#;
/// let notifications = Vec::from_iter(recohook::findface::security::parse_items(body));
/// assert!(notifications[0].is_ok() && notifications[1].is_err());
/// ```
pub fn parse_items(body: &[u8]) -> ParsedItems<'_, AnyNotification> {
    delivery::parse_items::<Model, _>(body, &SENDER)
}

/// Returns the JSON Schema of the body of a delivery, in the dialect 2020-12.
///
/// It describes the notifications of the known kinds, each field with its source. Each model also
/// has a function `json_schema`.
pub fn delivery_schema() -> Value {
    json_schema::delivery_schema(&[Event::schema(), Episode::schema(), CounterRecord::schema()])
}

any_notification! {
    /// A notification of any kind, as it appears in the body of a delivery.
    ///
    /// `webhook_type` determines the kind. If it is missing, `event_type` decides. A notification
    /// of an unknown kind is kept as arbitrary JSON, as is a notification in which one of the two
    /// fields is neither a string nor null.
    ///
    /// To read the body of a delivery, use [`parse_delivery`], whose errors contain a line and a
    /// column. The `Deserialize` implementation is for frameworks that read JSON themselves. It
    /// buffers each notification, so its errors do not point to the field.
    AnyNotification by ["webhook_type", "event_type"], kind in ["event_type"] {
        /// An event.
        Event: Event,
        /// An episode that opens, has a new event, or closes.
        Episode: Episode,
        /// A counter record.
        Counter: CounterRecord,
    }
}

impl Model {
    fn of_labels([webhook_type, event_type]: [Option<&str>; 2]) -> Self {
        // The section takes precedence over `event_type`. Notifications of kinds that this version
        // does not know also contain a section. If that section is unknown, the notification is
        // `Other`.
        match (webhook_type.map(WebhookType::from), event_type.map(EventType::from)) {
            (Some(WebhookType::Events), _) | (None, Some(EventType::EventCreated)) => Self::Event,
            (Some(WebhookType::Episodes), _)
            | (
                None,
                Some(EventType::EpisodeOpen | EventType::EpisodeEvent | EventType::EpisodeClose),
            ) => Self::Episode,
            (Some(WebhookType::Counters), _) | (None, Some(EventType::CounterRecord)) => {
                Self::Counter
            }
            _ => Self::Other,
        }
    }
}

/// The JSON format of notifications, for use by gateways. See [`raw`](crate::raw).
///
/// The kind of a notification is determined in the same way as for [`AnyNotification`].
pub static RAW: Format = Model::FORMAT;
