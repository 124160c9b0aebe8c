use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery,
        model::{ParseError, model},
        string_enum::string_enum,
    },
    raw::{Format, Topic},
};

/// What filters test of an event.
///
/// The names are those of the documented body. `timestamp`, `gender` and `age` stand in `details`;
/// `age` is a number here, and null where its text is none.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

static EVENT: Topic = Event::TOPIC;

/// The JSON of events, for gateways: see [`raw`](crate::raw).
pub static RAW: Format = Format::of(&EVENT);

model! {
    /// Something happened to a Facial ID (documented).
    ///
    /// The body has no id of its own. As a [`Notification`] it goes by its `facialId`, the same
    /// for all that happens to one user, so a receiver cannot tell a repeated delivery by it.
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
        /// What happened.
        event_name as "eventName": EventName => (no_member text),
        /// The Facial ID of the user.
        facial_id as "facialId": String => text,
        /// The public id of the application.
        app_id as "appId": String => text,
        /// The public IP address from which the user's browser came.
        client_ip as "clientIp": String => text,
        /// What is known of an enrolled user. It is empty for other events (inferred: the page
        /// says that its keys are included only on enrollment).
        details: Details = Details::empty() => object,
    }
}

model! {
    /// What is known of an enrolled user (documented).
    Details in EVENTS {
        /// The date of the enrollment in UTC, as `YYYY-MM-DD`.
        timestamp: String => text,
        /// The gender.
        gender: Gender => text,
        /// About how old, as a text.
        age: String => number_in_text,
    }
}

string_enum! {
    /// What happened (documented; the page says that there are others).
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
    /// An event with every documented field; `details` is `{}` unless set.
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

/// Reads the body of a delivery: one event, an object (documented). An array of them is read too.
///
/// Events of an unknown name, and unknown fields, are kept.
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
/// See [`ParseError`]. Nothing of the body is returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Event>, ParseError> {
    delivery::parse_alike(body)
}
