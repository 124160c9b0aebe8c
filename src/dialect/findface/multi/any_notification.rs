use serde_json::Value;

use super::{
    AreaNotification, BodyEvent, CarEpisode, CarEvent, CounterRecord, EventModelClass, EventType,
    FaceEvent, HumanEpisode, ObjectType, WebhookType,
};
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

/// Parses the body of a delivery: a JSON array of notifications (inferred from FindFace
/// Security) or a single notification.
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
/// use recohook::findface::multi::{AnyNotification, parse_delivery};
///
/// let body = br#"[{"id": "42", "webhook_type": "car_events", "features": {
///     "make": {"name": "nissan", "confidence": 0.97}
/// }}]"#;
/// let [AnyNotification::Car(event)] = &parse_delivery(body)?[..] else { panic!("one event") };
/// assert_eq!(event.features.value().unwrap().text("make"), Some("nissan"));
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
/// let body = br#"[{"id": "42"}, {"id": "43", "webhook_type": "face_events", "camera": "gate"}]"#;
/// let notifications = Vec::from_iter(recohook::findface::multi::parse_items(body));
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
    json_schema::delivery_schema(&[
        FaceEvent::schema(),
        BodyEvent::schema(),
        CarEvent::schema(),
        HumanEpisode::schema(),
        CarEpisode::schema(),
        CounterRecord::schema(),
        AreaNotification::schema(),
    ])
}

any_notification! {
    /// A notification of any kind, as it appears in the body of a delivery.
    ///
    /// `webhook_type` determines the kind. If it is missing, an event is recognised by
    /// `event_model_class` and `object_type`, and a counter record by `event_type` (inferred). Any
    /// other notification is kept as arbitrary JSON.
    ///
    /// To read the body of a delivery, use [`parse_delivery`], whose errors contain a line and a
    /// column. The `Deserialize` implementation is for frameworks that read JSON themselves. It
    /// buffers each notification, so its errors do not point to the field.
    AnyNotification by ["webhook_type", "event_model_class", "object_type", "event_type"],
    kind in ["event_model_class", "event_type"] {
        /// A face event.
        Face: FaceEvent,
        /// A body event.
        Body: BodyEvent,
        /// A vehicle event.
        Car: CarEvent,
        /// A person episode.
        HumanEpisode: HumanEpisode,
        /// A vehicle episode.
        CarEpisode: CarEpisode,
        /// A counter record.
        Counter: CounterRecord,
        /// An area activation or an area record.
        Area: AreaNotification,
    }
}

impl Model {
    fn of_labels([webhook_type, class, object_type, event_type]: [Option<&str>; 4]) -> Self {
        if let Some(webhook_type) = webhook_type {
            return Self::named(&webhook_type.into());
        }
        // Without `webhook_type`, only events and counter records are recognised. An episode has no
        // field that distinguishes people from vehicles, and an area notification has no field for
        // its kind.
        match (class.map(EventModelClass::from), event_type.map(EventType::from)) {
            (Some(EventModelClass::EventCreated), None) => {
                Self::of_event(object_type.map(ObjectType::from))
            }
            (None, Some(EventType::CounterRecord)) => Self::Counter,
            _ => Self::Other,
        }
    }

    fn named(webhook_type: &WebhookType) -> Self {
        match webhook_type {
            WebhookType::FaceEvents => Self::Face,
            WebhookType::BodyEvents => Self::Body,
            WebhookType::CarEvents => Self::Car,
            WebhookType::HumanEpisodes => Self::HumanEpisode,
            WebhookType::CarEpisodes => Self::CarEpisode,
            WebhookType::Counters => Self::Counter,
            WebhookType::Areas => Self::Area,
            WebhookType::Other(_) => Self::Other,
        }
    }

    fn of_event(object_type: Option<ObjectType>) -> Self {
        match object_type {
            Some(ObjectType::Face) => Self::Face,
            Some(ObjectType::Body) => Self::Body,
            Some(ObjectType::Car) => Self::Car,
            Some(ObjectType::Other(_)) | None => Self::Other,
        }
    }
}

/// The JSON format of notifications, for use by gateways. See [`raw`](crate::raw).
///
/// The kind of a notification is determined in the same way as for [`AnyNotification`].
pub static RAW: Format = Model::FORMAT;
