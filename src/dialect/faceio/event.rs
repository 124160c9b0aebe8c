use super::policy::SENDER;
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery,
        model::{NumberInText, ParseError, ParsedItems, model},
        string_enum::string_enum,
    },
    raw::Format,
};

/// The attributes of events.
///
/// They are named after the fields of the documented body. `timestamp`, `gender` and `age` come
/// from `details`. `age` is a number here, or null if the string in the body is not a number.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

/// The JSON format of events, for use by gateways. See [`raw`](crate::raw).
pub static RAW: Format = Format::of(&Event::TOPIC);

model! {
    /// An event that concerns a Facial ID (documented).
    ///
    /// The body has no id of its own, so the id of the [`Notification`](crate::Notification) is the
    /// `facialId`. All events of a user have the same `facialId`, so a receiver cannot use it to
    /// recognise a repeated delivery.
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::faceio::{Event, EventName};
    ///
    /// let event = Event::new(EventName::Auth, "facial-id", "app-id", "198.51.100.7");
    /// assert_eq!((&*event.id(), event.kind()), ("facial-id", "AUTH"));
    /// let written = serde_json::to_value(&event)?;
    /// assert_eq!(written["eventName"], "AUTH");
    /// assert_eq!(written["details"], serde_json::json!({}));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Event in EVENTS [id facial_id as "facialId", kind event_name as "eventName"] {
        // This is a string attribute rather than a choice, so that filters can name undocumented
        // events.
        /// The name of the event.
        event_name as "eventName": EventName => (no_member text),
        /// The Facial ID of the user.
        facial_id as "facialId": String => text,
        /// The public id of the application.
        app_id as "appId": String => text,
        /// The public IP address of the user's browser.
        client_ip as "clientIp": String => text,
        /// The details of an enrolled user. In events other than enrollments, they are `{}`
        /// (inferred: the page says that the keys are included only on enrollment).
        details: Details = Details::empty() => object,
    }
}

model! {
    /// The details of an enrolled user (documented).
    Details in EVENTS {
        /// The date of the enrollment in UTC, in the format `YYYY-MM-DD`.
        timestamp: String => text,
        /// The gender.
        gender: Gender => text,
        /// The approximate age, as a string. A number is also accepted (ours).
        age: NumberInText => number_in_text,
    }
}

string_enum! {
    /// The name of an event (documented; the page says that there are other names).
    EventName {
        /// A user was enrolled.
        Enroll = "ENROLL",
        /// A user was authenticated.
        Auth = "AUTH",
        /// A Facial ID was deleted.
        Deletion = "DELETION",
    }
}

string_enum! {
    /// The gender of an enrolled user (documented).
    Gender {
        /// Male.
        Male = "male",
        /// Female.
        Female = "female",
    }
}

impl Event {
    /// Creates an event with every documented field. `details` is `{}` until it is set.
    ///
    /// ```
    /// use recohook::faceio::Event;
    ///
    /// let event = Event::new("AUTH", "facial-id", "app-id", "198.51.100.7");
    /// assert_eq!(
    ///     serde_json::to_string(&event)?,
    ///     r#"{"eventName":"AUTH","facialId":"facial-id","appId":"app-id","clientIp":"198.51.100.7","details":{}}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn new(
        event_name: impl Into<EventName>,
        facial_id: impl Into<String>,
        app_id: impl Into<String>,
        client_ip: impl Into<String>,
    ) -> Self {
        Self::documented()
            .event_name(event_name.into())
            .facial_id(facial_id.into())
            .app_id(app_id.into())
            .client_ip(client_ip.into())
    }
}

/// Parses the body of a delivery. The body is a JSON object that represents one event (documented).
/// An array of events is also accepted.
///
/// Events with an unknown name and unknown fields are kept. No field is required.
///
/// A byte order mark before the body is skipped. If the body cannot be read, store it and answer
/// with 200, because no repetition of a refused delivery is documented.
///
/// ```
/// use recohook::faceio::{EventName, parse_delivery};
///
/// let body = br#"{"eventName": "AUTH", "facialId": "facial-id", "linked": 7}"#;
/// let events = parse_delivery(body)?;
/// assert_eq!(events[0].event_name.value(), Some(&EventName::Auth));
/// assert_eq!(events[0].extra["linked"], 7);
/// # Ok::<(), recohook::model::ParseError>(())
/// ```
///
/// # Errors
/// Returns a [`ParseError`] if the body is not UTF-8, is not JSON, or is neither an array nor an
/// object. Also returns one if an event has a field of the wrong type. No events are returned in
/// that case.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Event>, ParseError> {
    delivery::parse_alike(body, &SENDER)
}

/// Parses each event of a delivery on its own. One that cannot be read does not affect the others.
///
/// The body may be anything that [`parse_delivery`] accepts. [`ParsedItems`] documents what the
/// iterator returns for other bodies.
///
/// ```
/// let body = br#"[{"facialId": "f1"}, {"facialId": {}}]"#;
/// let events = Vec::from_iter(recohook::faceio::parse_items(body));
/// assert!(events[0].is_ok() && events[1].is_err());
/// ```
pub fn parse_items(body: &[u8]) -> ParsedItems<'_, Event> {
    delivery::parse_items_alike(body, &SENDER)
}
