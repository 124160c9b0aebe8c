use crate::{
    attribute::{Attribute, Schema},
    filter::{Section, Table},
};

/// What filters test of an event.
///
/// The names are those of the documented body. `timestamp`, `gender` and `age` stand in `details`;
/// `age` is a number here, and null where its text is none.
pub static EVENTS: Schema = Schema::new(
    "events",
    &[
        Attribute::text("eventName"),
        Attribute::text("facialId"),
        Attribute::text("appId"),
        Attribute::text("clientIp"),
        Attribute::text("timestamp"),
        Attribute::text("gender"),
        Attribute::number("age"),
    ],
);

/// The filter keys: the native language over [`EVENTS`]. The system itself documents no filter.
///
/// ```
/// use recohook::{Filter, faceio};
///
/// let text = r#"{"eventName_in": ["ENROLL", "DELETION"], "appId": "app-id"}"#;
/// let filter = Filter::parse(text, &faceio::FILTERS)?;
/// assert!(filter.covers(&faceio::EVENTS));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
pub static FILTERS: Table = Table::flat(&Section::native(&EVENTS));

/// The attributes of [`EVENTS`].
pub(crate) mod attribute {
    use super::EVENTS;
    use crate::attribute::AttributeId;

    pub(crate) const EVENT_NAME: AttributeId = EVENTS.expect("eventName");
    pub(crate) const FACIAL_ID: AttributeId = EVENTS.expect("facialId");
    pub(crate) const APP_ID: AttributeId = EVENTS.expect("appId");
    pub(crate) const CLIENT_IP: AttributeId = EVENTS.expect("clientIp");
    pub(crate) const TIMESTAMP: AttributeId = EVENTS.expect("timestamp");
    pub(crate) const GENDER: AttributeId = EVENTS.expect("gender");
    pub(crate) const AGE: AttributeId = EVENTS.expect("age");
}
