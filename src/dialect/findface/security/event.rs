use serde_json::{Number, Value};

use super::{BsType, Camera, CameraGroup, Dossier, EventType, WatchList, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, Ref, Timestamp, model},
    },
};

/// The attributes of events.
///
/// They have the names of the documented body. `camera`, `camera_group`, `matched_dossier` and
/// `matched_lists` hold ids, also if the body has whole entities.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

model! {
    /// An event: a face was seen (documented).
    ///
    /// The `last_event` and `best_event` of an episode are events, too, but without `bs_type`,
    /// `event_type` and `webhook_type`.
    ///
    /// ```
    /// use recohook::findface::security::{BsType, Event};
    /// use recohook::model::Field;
    ///
    /// let event = Event::new("42").bs_type(BsType::Realtime).camera(3).confidence(0.91);
    /// let written = serde_json::to_value(&event)?;
    /// assert_eq!(written["event_type"], "event_created");
    /// assert_eq!(written["camera"], 3);
    /// assert!(written["matched_dossier"].is_null());
    ///
    /// let without = event.temperature(Field::Absent);
    /// assert!(serde_json::to_value(&without)?.get("temperature").is_none());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Event (
        /// The id: a string, of digits in every documented body.
        id: String
    ) in EVENTS [kind event_type] {
        /// Whether the event is acknowledged, or needs no acknowledgement (inferred).
        acknowledged: bool = true,
        /// The person who acknowledged the event. Null in every documented body. Its form is not
        /// documented.
        acknowledged_by: Value,
        /// When the event was acknowledged.
        acknowledged_date: Timestamp,
        /// The note of the person who acknowledged the event. It can be empty.
        acknowledged_reaction: String = "",
        /// How the face was tracked. Absent within an episode.
        bs_type: BsType => choice,
        /// The camera. Null in some bodies, in which the video is a file (inferred).
        camera: Ref<Camera> => reference,
        /// The group of the camera.
        camera_group: Ref<CameraGroup> => reference,
        /// The confidence of the match, 0 to 1 (inferred). 0 in every documented body: no event
        /// there is matched.
        confidence: Number => number,
        /// When the face was seen.
        created_date: Timestamp,
        /// The id of the episode. Null until it is known.
        episode: i64,
        /// The kind of notification: `event_created`. Absent within an episode.
        event_type: EventType = EventType::EventCreated,
        /// The URL of the picture of the face.
        face: String = "",
        /// The features that were recognised in the face.
        features: Features = Features::unknown(),
        /// The URL of the whole frame.
        frame: String = "",
        /// The lower edge of the face in the frame, in pixels.
        frame_coords_bottom: Number,
        /// The left edge of the face in the frame, in pixels.
        frame_coords_left: Number,
        /// The right edge of the face in the frame, in pixels.
        frame_coords_right: Number,
        /// The upper edge of the face in the frame, in pixels.
        frame_coords_top: Number,
        /// Null in every documented body. A number is inferred from the name.
        looks_like_confidence: Number,
        /// Whether the face matches a dossier.
        matched: bool = false => bool,
        /// The dossier that the face matches.
        matched_dossier: Ref<Dossier> => reference,
        /// The face of the dossier that matched (inferred). It can be empty.
        matched_face: String = "",
        /// The watch lists of the dossier. -1 is the list of people who are on no list.
        matched_lists: Vec<Ref<WatchList>> = Field::Value(vec![]) => references,
        /// The quality of the picture. Below 0 in some documented bodies.
        quality: Number,
        /// Scores of the track.
        scores: Scores = Scores::unknown(),
        /// Null in the documented bodies that have it. Its form is not documented.
        temperature: Value,
        /// The id of the video file (inferred). Absent in some documented bodies, and null in one.
        video_source: i64,
        /// The section of filters that the event belongs to: `events`. Absent within an episode.
        webhook_type: WebhookType = WebhookType::Events,
    }
}

model! {
    /// The features that were recognised in a face (documented). All are null in every documented
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
        /// The medical mask.
        medmask: Value,
    }
}

model! {
    /// Scores of the track of a face (documented).
    Scores {
        /// Null in every documented body. A number is inferred from the name.
        liveness_score: Number,
        /// The quality, with more digits than in the event.
        quality: Number,
        /// The track.
        track: Track,
        /// The duration of the track, in seconds.
        track_duration_seconds: Number,
    }
}

model! {
    /// The track of a face through a video (documented).
    Track {
        /// When the face was first seen. The text has no zone.
        first_timestamp: Timestamp,
        /// The id of the track, such as `43277e17b1c2-44`.
        id: String,
        /// When the face was last seen. The text has no zone.
        last_timestamp: Timestamp,
    }
}

impl Event {
    /// Returns an event with every documented field.
    ///
    /// `event_type` and `webhook_type` are set, `acknowledged` is true as in every documented body,
    /// `matched` is false, strings that can be empty are empty, and so is `matched_lists`. All
    /// other fields are null.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    ///
    /// let written = serde_json::to_value(Event::new("42"))?;
    /// assert_eq!(written["acknowledged"], true);
    /// assert_eq!(written["face"], "");
    /// assert!(written["camera"].is_null());
    /// # Ok::<(), serde_json::Error>(())
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
