use super::{CounterRecord, Episode, Event, EventType, WebhookType};
use crate::{
    dialect::{delivery, model::ParseError, notification::any_notification},
    raw::Format,
};

/// Reads the body of a delivery: a JSON array of notifications (documented), or one alone.
///
/// Notifications of an unknown kind, and unknown fields of the known ones, are kept.
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
/// Where the body is not UTF-8 or not JSON, is neither an array nor an object, or has a
/// notification of a known kind that cannot be one: without its id, or with a value of a type
/// that the field does not take. Nothing of the body is returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<AnyNotification>, ParseError> {
    delivery::parse::<Model, _>(body)
}

any_notification! {
    /// A notification of any kind, as a delivery brings it.
    ///
    /// Its `webhook_type` tells the kind, or else its `event_type`. A notification of an unknown kind,
    /// or with one of the two that is neither a text nor null, is kept as free JSON.
    ///
    /// [`parse_delivery`] reads the body of a delivery and names the place of
    /// what is wrong; `Deserialize` is there for frameworks that read JSON themselves.
    AnyNotification by ["webhook_type", "event_type"], kind in ["event_type"] {
        /// An event.
        Event: Event,
        /// An episode that opens, has a new event, or closes.
        Episode: Episode,
        /// A values of a counter.
        Counter: CounterRecord,
    }
}

impl Model {
    fn of_labels([webhook_type, event_type]: [Option<&str>; 2]) -> Self {
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

/// The JSON of notifications, for gateways: see [`raw`](crate::raw).
///
/// What a notification is of is told as for [`AnyNotification`].
pub static RAW: Format = Model::FORMAT;
