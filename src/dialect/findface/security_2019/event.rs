use serde_json::{Number, Value};

use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery::parse_alike,
        model::{Field, ParseError, Timestamp, model},
    },
    raw::Format,
};

/// The attributes of events.
///
/// They have the names of the documented body. It does not have `camera_group`, which the host
/// sets.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

/// The JSON format of events, for gateways: see [`raw`](crate::raw).
///
/// It has no camera group. A gateway that knows the camera group sets it with
/// [`values_mut`](crate::raw::RawNotification::values_mut).
pub static RAW: Format = Format::of(&Event::TOPIC);

/// Reads the body of a delivery: a JSON array of events (documented), or a single event.
///
/// Fields that are not documented are kept in `extra`. An empty array is not an error.
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
/// object. Also returns one if an event has no id, or has a field of the wrong type. Nothing of the
/// body is returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Event>, ParseError> {
    parse_alike(body)
}

model! {
    /// An event: a face was seen (documented).
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
        /// The id: a string, of digits in the documented body.
        id: String
    ) in EVENTS [kind "event_created"] {
        /// Whether the event is acknowledged, or needs no acknowledgement (inferred).
        acknowledged: bool = true,
        /// The person who acknowledged the event. Null in the documented body. Its form is not
        /// documented.
        acknowledged_by: Value,
        /// When the event was acknowledged.
        acknowledged_date: Timestamp,
        /// The note of the person who acknowledged the event. Null in the documented body; a string
        /// is
        /// inferred from later versions.
        acknowledged_reaction: String,
        /// The id of the camera.
        camera: i64 => int,
        /// The confidence of the match, 0 to 1 (inferred).
        confidence: Number,
        /// When the face was seen.
        created_date: Timestamp,
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
        /// Null in the documented body. A number is inferred from the name.
        looks_like_confidence: Number,
        /// Whether the face matches a dossier.
        matched: bool = false => bool,
        /// The id of the dossier that the face matches.
        matched_dossier: i64 => int,
        /// The id of the face of the dossier that matched. Empty if there is none (inferred from
        /// later versions).
        matched_face: String = "",
        /// The ids of the watch lists of the dossier.
        matched_lists: Vec<i64> = Field::Value(vec![]),
        /// The URL of the normalised picture of the face (inferred). Empty in the documented body.
        normalized_photo: String = "",
        /// The quality of the picture. Below 0 in the documented body.
        quality: Number,
        /// Scores of the picture and of its track.
        scores: Scores = Scores::unknown(),
    }
    filter_only {
        /// The id of the group of the camera, for filters only: the documented filters test it, but
        /// the documented body does not have it. It is never written. An event that is read has
        /// `None` here; if the body has a key of this name, it is in `extra`.
        camera_group: i64 => (no_member int),
    }
}

model! {
    /// The features that were recognised in a face (documented). All are null in the documented
    /// body, and their form is not documented.
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
        /// Whether the face is a living one.
        liveness: Value,
    }
}

model! {
    /// Scores of a picture and of its track (documented; their meaning is inferred).
    Scores {
        /// The degree to which the face is turned away from the camera.
        direction_score: Number,
        /// The number of the frame within the video.
        frame_no: Number,
        /// The quality, with more digits than in the event.
        score: Number,
        /// How long the face was tracked, in milliseconds.
        tracking_duration: Number,
    }
}

impl Event {
    /// Returns an event with every documented field.
    ///
    /// `acknowledged` is true as in the documented body, `matched` is false, strings that can be
    /// empty are empty, and so is `matched_lists`. All other fields are null.
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

impl Features {
    /// Returns a value in which every documented field is null.
    pub fn unknown() -> Self {
        Self::documented()
    }
}

impl Scores {
    /// Returns a value in which every documented field is null.
    pub fn unknown() -> Self {
        Self::documented()
    }
}
