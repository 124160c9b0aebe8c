use super::{
    AreaNotification, BodyEvent, CarEpisode, CarEvent, CounterRecord, EventModelClass, EventType,
    FaceEvent, HumanEpisode, ObjectType, WebhookType,
};
use crate::{
    dialect::{delivery, model::ParseError, notification::any_notification},
    raw::Format,
};

/// Reads the body of a delivery: a JSON array of notifications (inferred from FindFace Security),
/// or one alone.
///
/// Notifications of an unknown kind, and unknown fields of the known ones, are kept.
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
/// See [`ParseError`]. Nothing of the body is returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<AnyNotification>, ParseError> {
    delivery::parse::<Model, _>(body)
}

any_notification! {
    /// A notification of any kind, as a delivery brings it.
    ///
    /// Its `webhook_type` tells the kind. Without one, `event_model_class` and `object_type` tell an
    /// event, and `event_type` a counter values (inferred). What they don't tell is kept as free JSON.
    ///
    /// [`parse_delivery`] reads the body of a delivery and names the place of what is wrong;
    /// `Deserialize` is there for frameworks that read JSON themselves.
    AnyNotification by ["webhook_type", "event_model_class", "object_type", "event_type"],
    kind in ["event_model_class", "event_type"] {
        /// An event of a face.
        Face: FaceEvent,
        /// An event of a body.
        Body: BodyEvent,
        /// An event of a vehicle.
        Car: CarEvent,
        /// An episode of a person.
        HumanEpisode: HumanEpisode,
        /// An episode of a vehicle.
        CarEpisode: CarEpisode,
        /// A values of a counter.
        Counter: CounterRecord,
        /// An activation or a values of an area.
        Area: AreaNotification,
    }
}

impl Model {
    fn of_labels([webhook_type, class, object_type, event_type]: [Option<&str>; 4]) -> Self {
        if let Some(webhook_type) = webhook_type {
            return Self::named(&webhook_type.into());
        }
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

/// The JSON of notifications, for gateways: see [`raw`](crate::raw).
///
/// What a notification is of is told as for [`AnyNotification`].
pub static RAW: Format = Model::FORMAT;
