use serde_json::{Number, Value};

use super::{BsType, Camera, CameraGroup, Dossier, EventType, WatchList, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, Ref, Timestamp, model},
    },
};

/// What filters test of an event.
///
/// The names are those of the documented body. `camera`, `camera_group` and `matched_lists` hold
/// ids, also where the body carries whole entities.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

model! {
    /// An event: a face was seen (documented).
    ///
    /// The `last_event` and `best_event` of an episode are such events too; they have no
    /// `bs_type`, `event_type` and `webhook_type`.
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
        /// Whether nothing waits for a person to acknowledge the event (inferred).
        acknowledged: bool = true,
        /// Who acknowledged it. Null in every documented body; its form is not documented.
        acknowledged_by: Value,
        /// When it was acknowledged.
        acknowledged_date: Timestamp,
        /// What was noted on acknowledging it, or empty.
        acknowledged_reaction: String = "",
        /// How the face was followed. Absent within an episode.
        bs_type: BsType => choice,
        /// The camera; null in some bodies, where the video is a file (inferred).
        camera: Ref<Camera> => reference,
        /// The camera's group.
        camera_group: Ref<CameraGroup> => reference,
        /// How sure the match is, 0 to 1 (inferred); 0 in every documented body, none of which is
        /// matched.
        confidence: Number => number,
        /// When the face was seen.
        created_date: Timestamp,
        /// The id of the episode; null before it is known.
        episode: i64,
        /// What happened. Absent within an episode.
        event_type: EventType = EventType::EventCreated,
        /// The URL of the picture of the face.
        face: String = "",
        /// What was recognised about the face.
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
        /// Null in every documented body; a number is inferred from the name.
        looks_like_confidence: Number,
        /// Whether the face belongs to a dossier.
        matched: bool = false => bool,
        /// The dossier it belongs to.
        matched_dossier: Ref<Dossier> => reference,
        /// The face of the dossier that it matches (inferred), or empty.
        matched_face: String = "",
        /// The watch lists of the dossier; -1 is the list of those who are on none.
        matched_lists: Vec<Ref<WatchList>> = Field::Value(vec![]) => references,
        /// The quality of the picture, below 0 in some bodies.
        quality: Number,
        /// Measures of the track.
        scores: Scores = Scores::unknown(),
        /// Null in every documented body, absent in some; its form is not documented.
        temperature: Value,
        /// The id of the video file (inferred); absent in some documented bodies, null in one.
        video_source: i64,
        /// The section of filters. Absent within an episode.
        webhook_type: WebhookType = WebhookType::Events,
    }
}

model! {
    /// What was recognised about a face (documented). All are null in every documented body, and
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
        /// A medical mask.
        medmask: Value,
    }
}

model! {
    /// Measures of the track of a face (documented).
    Scores {
        /// Null in every documented body; a number is inferred from the name.
        liveness_score: Number,
        /// The quality, with more digits than the event's.
        quality: Number,
        /// The track.
        track: Track,
        /// How long the track is, in seconds.
        track_duration_seconds: Number,
    }
}

model! {
    /// The track of a face through a video (documented).
    Track {
        /// When the face was first seen; its text has no zone.
        first_timestamp: Timestamp,
        /// The id of the track, such as `43277e17b1c2-44`.
        id: String,
        /// When the face was last seen; its text has no zone.
        last_timestamp: Timestamp,
    }
}

impl Event {
    /// An event with every documented field.
    ///
    /// What a body always tells is set (`event_created`, `events`), `acknowledged` is true as in
    /// every documented body, `matched` is false, texts that can be empty are, `matched_lists` is
    /// empty, and all else is null.
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
