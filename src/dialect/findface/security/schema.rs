use crate::attribute::{Attribute, Schema};

/// What filters test of an event.
///
/// The names are those of the documented body. `camera`, `camera_group` and `matched_lists` hold
/// ids, also where the body carries whole entities.
pub static EVENTS: Schema = Schema::new(
    "events",
    &[
        Attribute::choice("bs_type", &["overall", "realtime"]),
        Attribute::int("camera_group"),
        Attribute::int("camera"),
        Attribute::ints("matched_lists"),
        Attribute::int("matched_dossier"),
        Attribute::bool("matched"),
        Attribute::number("confidence"),
    ],
);

/// What filters test of an episode.
///
/// The names are those of the documented body, but for `matched`. It is derived and never null:
/// `matched_event` is there and is not null (inferred: an episode has no such field).
pub static EPISODES: Schema = Schema::new(
    "episodes",
    &[
        Attribute::choice("event_type", &["episode_open", "episode_event", "episode_close"]),
        Attribute::ints("camera_groups"),
        Attribute::ints("cameras"),
        Attribute::ints("matched_lists"),
        Attribute::bool("matched"),
        Attribute::number("events_count"),
    ],
);

/// What filters test of a counter record. The names are those of the documented body.
pub static COUNTERS: Schema = Schema::new(
    "counters",
    &[
        Attribute::int("counter"),
        Attribute::int("camera_group"),
        Attribute::int("camera"),
        Attribute::number("faces_count"),
        Attribute::number("silhouettes_count"),
    ],
);

/// The attributes of [`EVENTS`].
pub(crate) mod events {
    use super::EVENTS;
    use crate::attribute::AttributeId;

    pub(crate) const BS_TYPE: AttributeId = EVENTS.expect("bs_type");
    pub(crate) const CAMERA_GROUP: AttributeId = EVENTS.expect("camera_group");
    pub(crate) const CAMERA: AttributeId = EVENTS.expect("camera");
    pub(crate) const MATCHED_LISTS: AttributeId = EVENTS.expect("matched_lists");
    pub(crate) const MATCHED_DOSSIER: AttributeId = EVENTS.expect("matched_dossier");
    pub(crate) const MATCHED: AttributeId = EVENTS.expect("matched");
    pub(crate) const CONFIDENCE: AttributeId = EVENTS.expect("confidence");
}

/// The attributes of [`EPISODES`].
pub(crate) mod episodes {
    use super::EPISODES;
    use crate::attribute::AttributeId;

    pub(crate) const EVENT_TYPE: AttributeId = EPISODES.expect("event_type");
    pub(crate) const CAMERA_GROUPS: AttributeId = EPISODES.expect("camera_groups");
    pub(crate) const CAMERAS: AttributeId = EPISODES.expect("cameras");
    pub(crate) const MATCHED_LISTS: AttributeId = EPISODES.expect("matched_lists");
    pub(crate) const MATCHED: AttributeId = EPISODES.expect("matched");
    pub(crate) const EVENTS_COUNT: AttributeId = EPISODES.expect("events_count");
}

/// The attributes of [`COUNTERS`].
pub(crate) mod counters {
    use super::COUNTERS;
    use crate::attribute::AttributeId;

    pub(crate) const COUNTER: AttributeId = COUNTERS.expect("counter");
    pub(crate) const CAMERA_GROUP: AttributeId = COUNTERS.expect("camera_group");
    pub(crate) const CAMERA: AttributeId = COUNTERS.expect("camera");
    pub(crate) const FACES_COUNT: AttributeId = COUNTERS.expect("faces_count");
    pub(crate) const SILHOUETTES_COUNT: AttributeId = COUNTERS.expect("silhouettes_count");
}
