use serde_json::{Number, Value};

use super::{BsType, Camera, CameraGroup, Dossier, EventType, WatchList, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        findface::implied::{UNMATCHED_LIST, implied_values},
        model::{Field, List, Ref, Timestamp, model},
    },
};

/// The attributes of events.
///
/// They are named after the fields of the documented body. `camera`, `camera_group`,
/// `matched_dossier` and `matched_lists` contain ids, even if the body contains whole entities.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

model! {
    /// An event that reports a face (documented).
    ///
    /// The `last_event` and `best_event` of an episode are also events, but they do not contain
    /// `bs_type`, `event_type` or `webhook_type`.
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
        /// The id. It is a string, which consists of digits in every documented body.
        id: String
    ) in EVENTS [kind event_type] {
        /// Whether the event has been acknowledged or does not need to be (inferred).
        acknowledged: bool = true,
        /// The person who acknowledged the event. The field is null in every documented body, and
        /// its type is not documented.
        acknowledged_by: Value,
        /// When the event was acknowledged.
        acknowledged_date: Timestamp,
        /// The note left by the person who acknowledged the event. It can be empty.
        acknowledged_reaction: String = "",
        /// How the face was tracked. The field is absent inside an episode.
        bs_type: BsType = BsType::Overall => choice,
        /// The camera. In some bodies the field is null, because the video is a file (inferred).
        camera: Ref<Camera> => reference,
        /// The camera group.
        camera_group: Ref<CameraGroup> => reference,
        /// The confidence of the match, from 0 to 1 (inferred). It is 0 in every documented body,
        /// because none of those events is matched.
        confidence: Number = 0.0 => number,
        /// When the face was seen.
        [acknowledge] created_date: Timestamp,
        /// The id of the episode, or null until it is known.
        episode: i64,
        /// The kind of notification, which is `event_created`. The field is absent inside an
        /// episode.
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
        /// The field is null in every documented body. That it is a number is inferred from the
        /// name.
        looks_like_confidence: Number,
        /// Whether the face matches a dossier.
        [leave_unmatched_list] matched: bool = false => bool,
        /// The dossier that the face matches.
        matched_dossier: Ref<Dossier> => reference,
        /// The dossier's face that matched (inferred). It can be empty.
        matched_face: String = "",
        /// The watch lists of the dossier. -1 is the list of people who are not on any other list.
        matched_lists: List<Ref<WatchList>> = [UNMATCHED_LIST] => references,
        /// The quality of the picture. It is below 0 in some documented bodies.
        quality: Number,
        /// The scores of the track.
        scores: Scores = Scores::unknown(),
        /// The field is null in the documented bodies that contain it, and its type is not
        /// documented.
        temperature: Value,
        /// The id of the video file (inferred). The field is absent from some documented bodies and
        /// null in one.
        video_source: i64 = Field::Absent,
        /// The filter section that the event belongs to, which is `events`. The field is absent
        /// inside an episode.
        webhook_type: WebhookType = WebhookType::Events,
    }
}

model! {
    /// The features that were recognised in a face (documented). All of them are null in every
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
        /// The medical mask.
        medmask: Value,
    }
}

model! {
    /// The scores of a face's track (documented).
    Scores {
        /// The field is null in every documented body. That it is a number is inferred from the
        /// name.
        liveness_score: Number,
        /// The quality, with more digits than in the event.
        quality: Number,
        /// The track.
        track: Track = Track::unknown(),
        /// The duration of the track, in seconds.
        track_duration_seconds: Number,
    }
}

model! {
    /// A face's track through a video (documented).
    Track {
        /// When the face was first seen. The text has no time zone.
        first_timestamp: Timestamp,
        /// The id of the track, such as `43277e17b1c2-44`.
        id: String,
        /// When the face was last seen. The text has no time zone.
        last_timestamp: Timestamp,
    }
}

impl Event {
    /// Creates an event of a face that matches no dossier.
    ///
    /// It has the values of such an event in the documented bodies: `acknowledged` is true,
    /// `bs_type` is `overall`, `confidence` is 0, `matched` is false, `matched_lists` is `[-1]`,
    /// and strings that can be empty are set to `""`. `event_type` and `webhook_type` are set. All
    /// other fields are null, except that `video_source` is absent until it is set: most documented
    /// bodies have either `video_source` or `temperature`.
    ///
    /// Two setters also set what their value implies. `created_date` sets `acknowledged_date` to
    /// the same date if it is still null, as in every documented body. `matched(true)` removes the
    /// list -1, because it is the list of people who are not on any other list. Then set
    /// `matched_dossier`, `matched_lists` and `confidence`, too.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    /// use serde_json::json;
    ///
    /// let written = serde_json::to_value(Event::new("42").created_date("2020-05-18T15:08:38+00:00"))?;
    /// assert_eq!(written["matched_lists"], json!([-1]));
    /// assert_eq!(written["confidence"], 0.0);
    /// assert_eq!(written["acknowledged_date"], written["created_date"]);
    /// assert!(written["camera"].is_null());
    ///
    /// let matched = Event::new("42").matched(true).matched_dossier(7).confidence(0.91_f32);
    /// assert_eq!(serde_json::to_value(matched)?["matched_lists"], json!([]));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn new(id: impl Into<String>) -> Self {
        Self::documented(id)
    }
}

implied_values!(Event);

impl Track {
    /// Creates a value in which every documented field is null.
    pub fn unknown() -> Self {
        Self::documented()
    }
}

impl Features {
    /// Creates a value in which every documented field is null.
    pub fn unknown() -> Self {
        Self::documented()
    }
}

impl Scores {
    /// Creates a value in which every documented field is null. So are the fields of its track.
    pub fn unknown() -> Self {
        Self::documented()
    }
}
