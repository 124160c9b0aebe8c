use serde_json::{Number, Value};

use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery::parse_alike,
        model::{Field, ParseError, Timestamp, model},
    },
    raw::{Format, Topic},
};

/// What filters test of an event.
///
/// The names are those of the documented body, but for `camera_group`, which it does not have.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

static EVENT: Topic = Event::TOPIC;

/// The JSON of events, for gateways: see [`raw`](crate::raw).
///
/// It has no camera group: a gateway that knows it tells it beside the bytes, with
/// [`values_mut`](crate::raw::RawNotification::values_mut).
pub static RAW: Format = Format::of(&EVENT);

/// Reads the body of a delivery: a JSON array of events (documented), or one alone.
///
/// Fields that are not documented are kept.
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
/// Where the body is not UTF-8 or not JSON, is neither an array nor an object, or has an event
/// without its id, or with a value of a type that the field does not take. Nothing of the body is
/// returned then.
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
        /// Whether nothing waits for a person to acknowledge the event (inferred).
        acknowledged: bool = true,
        /// Who acknowledged it. Null in the documented body; its form is not documented.
        acknowledged_by: Value,
        /// When it was acknowledged.
        acknowledged_date: Timestamp,
        /// What was noted on acknowledging it. Null in the documented body; a text is inferred from
        /// later versions.
        acknowledged_reaction: String,
        /// The id of the camera.
        camera: i64 => int,
        /// How sure the match is, 0 to 1 (inferred).
        confidence: Number,
        /// When the face was seen.
        created_date: Timestamp,
        /// The URL of the picture of the face, or empty.
        face: String = "",
        /// What was recognised about the face.
        features: Features = Features::unknown(),
        /// The URL of the whole frame, or empty.
        frame: String = "",
        /// The lower edge of the face in the frame, in pixels.
        frame_coords_bottom: Number,
        /// The left edge of the face in the frame, in pixels.
        frame_coords_left: Number,
        /// The right edge of the face in the frame, in pixels.
        frame_coords_right: Number,
        /// The upper edge of the face in the frame, in pixels.
        frame_coords_top: Number,
        /// Null in the documented body; a number is inferred from the name.
        looks_like_confidence: Number,
        /// Whether the face belongs to a dossier.
        matched: bool = false => bool,
        /// The id of the dossier it belongs to.
        matched_dossier: i64 => int,
        /// The id of the face of the dossier that it matches; empty where there is none (inferred
        /// from later versions).
        matched_face: String = "",
        /// The ids of the watch lists of the dossier.
        matched_lists: Vec<i64> = Field::Value(vec![]),
        /// The URL of the normalised picture of the face (inferred); empty in the documented body.
        normalized_photo: String = "",
        /// The quality of the picture; below 0 in the documented body.
        quality: Number,
        /// Measures of the picture and of its track.
        scores: Scores = Scores::unknown(),
    }
    filter_only {
        /// The id of the camera's group, for filters alone: the documented ones test it, and the
        /// documented body does not have it. It is never written; an event that is read has none,
        /// and keeps a key of this name in `extra`.
        camera_group: i64 => (no_member int),
    }
}

model! {
    /// What was recognised about a face (documented). All are null in the documented body, and
    /// their form is not documented.
    Features {
        /// The age.
        age: Value,
        /// A beard.
        beard: Value,
        /// Emotions.
        emotions: Value,
        /// The gender.
        gender: Value,
        /// Glasses.
        glasses: Value,
        /// Whether it is a living face.
        liveness: Value,
    }
}

model! {
    /// Measures of a picture and of its track (documented; what they mean is inferred).
    Scores {
        /// How much the face is turned away from the camera.
        direction_score: Number,
        /// The number of the frame within the video.
        frame_no: Number,
        /// The quality, with more digits than the event's.
        score: Number,
        /// How long the face was followed, in milliseconds.
        tracking_duration: Number,
    }
}

impl Event {
    /// An event with every documented field.
    ///
    /// `acknowledged` is true as in the documented body, `matched` is false, texts that can be
    /// empty are, `matched_lists` is empty, and all else is null.
    pub fn new(id: impl Into<String>) -> Self {
        Self::documented(id)
    }
}

impl Features {
    /// With every documented field null.
    pub fn unknown() -> Self {
        Self::documented()
    }
}

impl Scores {
    /// With every documented field null.
    pub fn unknown() -> Self {
        Self::documented()
    }
}
