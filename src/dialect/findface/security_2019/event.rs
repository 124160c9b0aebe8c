use serde_json::{Number, Value};

use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery,
        findface::{
            implied::{UNMATCHED_LIST, implied_values},
            policy::SENDER,
        },
        json_schema::{self, JsonSchema as _},
        model::{List, ParseError, ParsedItems, Timestamp, model},
    },
    raw::Format,
};

/// The attributes of events.
///
/// They are named after the fields of the documented body, except for `camera_group`, which is not
/// in the body and is set by the host.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

/// The JSON format of events, for use by gateways. See [`raw`](crate::raw).
///
/// The format has no camera group. A gateway that knows the camera group can set it with
/// [`values_mut`](crate::raw::RawNotification::values_mut).
pub static RAW: Format = Format::of(&Event::TOPIC);

/// Parses the body of a delivery: a JSON array of events (documented) or a single event.
///
/// Undocumented fields are kept in `extra`. An empty array is not an error.
///
/// A byte order mark before the body is skipped. If the body cannot be read, answer with 200 and
/// store it: FindFace sends a refused batch again, up to `send_attempts` times (documented), and
/// sends nothing else of this kind meanwhile (inferred from its log). Read the other events
/// of such a body with [`parse_items`]. If the body ends too early, answer with 400.
///
/// ```
/// use recohook::findface::security_2019::parse_delivery;
///
/// let [event] = &parse_delivery(br#"[{"id": "42", "camera": 2}]"#)?[..] else { panic!("one") };
/// assert_eq!(event.camera, 2.into());
/// # Ok::<(), recohook::model::ParseError>(())
/// ```
///
/// # Errors
/// Returns a [`ParseError`] if the body is not UTF-8, is not JSON, or is neither an array nor an
/// object. Also returns one if an event has no id or has a field of the wrong type. No events are
/// returned in that case.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Event>, ParseError> {
    delivery::parse_alike(body, &SENDER)
}

/// Parses each event of a delivery on its own. One that cannot be read does not affect the others.
///
/// The body may be anything that [`parse_delivery`] accepts. [`ParsedItems`] documents what the
/// iterator returns for other bodies.
///
/// ```
/// let body = br#"[{"id": "42"}, {"id": "43", "camera": "gate"}]"#;
/// let events = Vec::from_iter(recohook::findface::security_2019::parse_items(body));
/// assert!(events[0].is_ok() && events[1].is_err());
/// ```
pub fn parse_items(body: &[u8]) -> ParsedItems<'_, Event> {
    delivery::parse_items_alike(body, &SENDER)
}

/// Returns the JSON Schema of the body of a delivery, in the dialect 2020-12. Each field has its
/// source.
pub fn delivery_schema() -> Value {
    json_schema::delivery_schema(&[Event::schema()])
}

model! {
    /// An event that reports a face (documented).
    ///
    /// ```
    /// use recohook::findface::security_2019::Event;
    ///
    /// let event = Event::new("42").camera(2).camera_group(1).confidence(0.9098);
    /// let written = serde_json::to_value(&event)?;
    /// assert_eq!(written["camera"], 2);
    /// assert!(written["acknowledged_reaction"].is_null());
    /// assert!(written.get("camera_group").is_none());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Event (
        /// The id. It is a string, which consists of digits in the documented body.
        id: String
    ) in EVENTS [kind "event_created"] {
        /// Whether the event has been acknowledged or does not need to be (inferred).
        acknowledged: bool = true,
        /// The person who acknowledged the event. The field is null in the documented body, and its
        /// type is not documented.
        acknowledged_by: Value,
        /// When the event was acknowledged.
        acknowledged_date: Timestamp,
        /// The note left by the person who acknowledged the event. It is null in the documented
        /// body. That it is a string is inferred from later versions.
        acknowledged_reaction: String,
        /// The id of the camera.
        camera: i64 => int,
        /// The confidence of the match, from 0 to 1 (inferred).
        confidence: Number = 0.0,
        /// When the face was seen.
        [acknowledge] created_date: Timestamp,
        /// The URL of the picture of the face. It can be empty.
        face: String = "",
        /// The features that were recognised in the face.
        features: Features = Features::unknown(),
        /// The URL of the whole frame. It can be empty.
        frame: String = "",
        /// The lower edge of the face in the frame, in pixels.
        frame_coords_bottom: Number,
        /// The left edge of the face in the frame, in pixels.
        frame_coords_left: Number,
        /// The right edge of the face in the frame, in pixels.
        frame_coords_right: Number,
        /// The upper edge of the face in the frame, in pixels.
        frame_coords_top: Number,
        /// The field is null in the documented body. That it is a number is inferred from the name.
        looks_like_confidence: Number,
        /// Whether the face matches a dossier.
        [leave_unmatched_list] matched: bool = false => bool,
        /// The id of the dossier that the face matches.
        matched_dossier: i64 => int,
        /// The id of the dossier's face that matched. It is empty if there is none (inferred from
        /// later versions).
        matched_face: String = "",
        /// The ids of the watch lists of the dossier.
        matched_lists: List<i64> = [UNMATCHED_LIST],
        /// The URL of the normalised picture of the face (inferred). It is empty in the documented
        /// body.
        normalized_photo: String = "",
        /// The quality of the picture. It is below 0 in the documented body.
        quality: Number,
        /// The scores of the picture and of its track.
        scores: Scores = Scores::unknown(),
    }
    filter_only {
        /// The id of the camera group. Only filters use it. The documented filters test it, but the
        /// documented body does not contain it. It is never written, and it is `None` in an event
        /// that was read. If the body contains a key of this name, the key is in `extra`.
        camera_group: i64 => (no_member int),
    }
}

model! {
    /// The features that were recognised in a face (documented). All of them are null in the
    /// documented body, and their types are not documented.
    Features {
        /// The age.
        age: Value,
        /// The beard.
        beard: Value,
        /// The emotions.
        emotions: Value,
        /// The gender.
        gender: Value,
        /// The glasses.
        glasses: Value,
        /// Whether the face is that of a live person.
        liveness: Value,
    }
}

model! {
    /// The scores of a picture and of its track (documented; their meaning is inferred).
    Scores {
        /// The degree to which the face is turned away from the camera.
        direction_score: Number,
        /// The number of the frame in the video.
        frame_no: Number,
        /// The quality, with more digits than in the event.
        score: Number,
        /// How long the face was tracked, in milliseconds.
        tracking_duration: Number,
    }
}

impl Event {
    /// Creates an event of a face that matches no dossier.
    ///
    /// `acknowledged` is true, as in the documented body, and `matched` is false. The documented
    /// event is matched, so it is inferred from later versions that `confidence` is 0 and
    /// `matched_lists` is `[-1]`. Strings that can be empty are set to `""`. All other fields are
    /// null.
    ///
    /// Two setters also set what their value implies. `created_date` sets `acknowledged_date` to
    /// the same date if it is still null, as in the documented body. `matched(true)` removes the
    /// list -1. Then set `matched_dossier`, `matched_lists` and `confidence`, too.
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::security_2019::Event;
    ///
    /// let event = Event::new("42");
    /// assert_eq!(event.kind(), "event_created");
    /// assert_eq!((event.matched, event.camera_group), (false.into(), None));
    /// ```
    pub fn new(id: impl Into<String>) -> Self {
        Self::documented(id)
    }
}

implied_values!(Event);

impl Features {
    /// Creates a value in which every documented field is null.
    pub fn unknown() -> Self {
        Self::documented()
    }
}

impl Scores {
    /// Creates a value in which every documented field is null.
    pub fn unknown() -> Self {
        Self::documented()
    }
}
