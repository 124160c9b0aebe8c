use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{
    BsType, Camera, CameraGroup, Dossier, EVENTS, EventType, WatchList, WebhookType,
    schema::events as attribute,
};
use crate::{
    attribute::{Schema, Values},
    dialect::model::{Field, Ref, Timestamp, encode, model},
    notification::{EncodeError, Notification, Rendering},
};

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
    ) {
        /// Whether nothing waits for a person to acknowledge the event (inferred).
        acknowledged: bool,
        /// Who acknowledged it. Null in every documented body; its form is not documented.
        acknowledged_by: Value,
        /// When it was acknowledged.
        acknowledged_date: Timestamp,
        /// What was noted on acknowledging it, or empty.
        acknowledged_reaction: String,
        /// How the face was followed. Absent within an episode.
        bs_type: BsType,
        /// The camera; null in some bodies, where the video is a file (inferred).
        camera: Ref<Camera>,
        /// The camera's group.
        camera_group: Ref<CameraGroup>,
        /// How sure the match is, 0 to 1 (inferred); 0 in every documented body, none of which is
        /// matched.
        confidence: Number,
        /// When the face was seen.
        created_date: Timestamp,
        /// The id of the episode; null before it is known.
        episode: i64,
        /// What happened. Absent within an episode.
        event_type: EventType,
        /// The URL of the picture of the face.
        face: String,
        /// What was recognised about the face.
        features: Features,
        /// The URL of the whole frame.
        frame: String,
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
        matched: bool,
        /// The dossier it belongs to.
        matched_dossier: Ref<Dossier>,
        /// The face of the dossier that it matches (inferred), or empty.
        matched_face: String,
        /// The watch lists of the dossier; -1 is the list of those who are on none.
        matched_lists: Vec<Ref<WatchList>>,
        /// The quality of the picture, below 0 in some bodies.
        quality: Number,
        /// Measures of the track.
        scores: Scores,
        /// Null in every documented body, absent in some; its form is not documented.
        temperature: Value,
        /// The id of the video file (inferred); absent in some documented bodies, null in one.
        video_source: i64,
        /// The section of filters. Absent within an episode.
        webhook_type: WebhookType,
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
        Self::bare(id)
            .acknowledged(true)
            .acknowledged_by(Field::Null)
            .acknowledged_date(Field::Null)
            .acknowledged_reaction("")
            .bs_type(Field::Null)
            .camera(Field::Null)
            .camera_group(Field::Null)
            .confidence(Field::Null)
            .created_date(Field::Null)
            .episode(Field::Null)
            .event_type(EventType::EventCreated)
            .face("")
            .features(Features::unknown())
            .frame("")
            .frame_coords_bottom(Field::Null)
            .frame_coords_left(Field::Null)
            .frame_coords_right(Field::Null)
            .frame_coords_top(Field::Null)
            .looks_like_confidence(Field::Null)
            .matched(false)
            .matched_dossier(Field::Null)
            .matched_face("")
            .matched_lists(Vec::<i64>::new())
            .quality(Field::Null)
            .scores(Scores::unknown())
            .temperature(Field::Null)
            .video_source(Field::Null)
            .webhook_type(WebhookType::Events)
    }
}

impl Features {
    /// With every documented field null.
    pub fn unknown() -> Self {
        Self::bare()
            .age(Field::Null)
            .beard(Field::Null)
            .emotions(Field::Null)
            .gender(Field::Null)
            .glasses(Field::Null)
            .liveness(Field::Null)
            .medmask(Field::Null)
    }
}

impl Scores {
    /// With every documented field null.
    pub fn unknown() -> Self {
        Self::bare()
            .liveness_score(Field::Null)
            .quality(Field::Null)
            .track(Field::Null)
            .track_duration_seconds(Field::Null)
    }
}

impl Notification for Event {
    fn schema(&self) -> &'static Schema {
        &EVENTS
    }

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.id)
    }

    /// `event_type`, or empty where it has none.
    fn kind(&self) -> &str {
        self.event_type.value().map_or("", EventType::as_str)
    }

    fn attributes(&self, record: &mut Values) {
        record.choice(attribute::BS_TYPE, self.bs_type.value().map(BsType::as_str));
        record.int(attribute::CAMERA_GROUP, self.camera_group.value().map(Ref::id));
        record.int(attribute::CAMERA, self.camera.value().map(Ref::id));
        record.ints(
            attribute::MATCHED_LISTS,
            self.matched_lists.value().into_iter().flatten().map(Ref::id),
        );
        record.int(attribute::MATCHED_DOSSIER, self.matched_dossier.value().map(Ref::id));
        record.bool(attribute::MATCHED, self.matched.value().copied());
        record.number(attribute::CONFIDENCE, self.confidence.as_f64());
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(self, rendering, out)
    }
}
