use std::borrow::Cow;

use super::{EVENTS, filter::attribute};
use crate::{
    attribute::{Schema, Values},
    dialect::{
        delivery,
        model::{ParseError, encode, model},
        words::words,
    },
    notification::{EncodeError, Notification, Rendering},
};

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
    Event {
        /// What happened.
        event_name as "eventName": EventName,
        /// The Facial ID of the user.
        facial_id as "facialId": String,
        /// The public id of the application.
        app_id as "appId": String,
        /// The public IP address from which the user's browser came.
        client_ip as "clientIp": String,
        /// What is known of an enrolled user. It is empty for other events (inferred: the page
        /// says that its keys are included only on enrollment).
        details: Details,
    }
}

model! {
    /// What is known of an enrolled user (documented).
    Details {
        /// The date of the enrollment in UTC, as `YYYY-MM-DD`.
        timestamp: String,
        /// The gender.
        gender: Gender,
        /// About how old, as a text.
        age: String,
    }
}

words! {
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

words! {
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
        Self::bare()
            .event_name(event_name.into())
            .facial_id(facial_id.into())
            .app_id(app_id.into())
            .client_ip(client_ip.into())
            .details(Details::bare())
    }
}

impl Notification for Event {
    fn schema(&self) -> &'static Schema {
        &EVENTS
    }

    /// `facialId`, or empty where it has none.
    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.facial_id.as_str().unwrap_or(""))
    }

    /// `eventName`, or empty where it has none.
    fn kind(&self) -> &str {
        self.event_name.value().map_or("", EventName::as_str)
    }

    fn attributes(&self, record: &mut Values) {
        record.text(attribute::EVENT_NAME, self.event_name.value().map(EventName::as_str));
        record.text(attribute::FACIAL_ID, self.facial_id.as_str());
        record.text(attribute::APP_ID, self.app_id.as_str());
        record.text(attribute::CLIENT_IP, self.client_ip.as_str());
        if let Some(details) = self.details.value() {
            record.text(attribute::TIMESTAMP, details.timestamp.as_str());
            record.text(attribute::GENDER, details.gender.value().map(Gender::as_str));
            let age = details.age.as_str().and_then(|age| age.parse().ok());
            record.number(attribute::AGE, age.filter(|age: &f64| age.is_finite()));
        }
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(self, rendering, out)
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
