use super::Features;
use crate::attribute::{Attribute, AttributeId, Schema, Values};

/// Declares what filters test of an event: what the three kinds share, and what they read of the
/// features.
macro_rules! event_schema {
    (
        $(#[$doc:meta])*
        $schema:ident = $topic:literal, $sources:ident {
            $($attribute:literal: $part:ident of $feature:literal,)*
        }
    ) => {
        $(#[$doc])*
        ///
        /// The names are those of the event's fields and features. `liveness_confidence` and the
        /// like are the `confidence` of a feature, all others its `name`.
        pub static $schema: Schema = Schema::new(
            $topic,
            &[
                Attribute::choice("bs_type", &["overall", "realtime"]),
                Attribute::int("camera"),
                Attribute::int("camera_group"),
                Attribute::int("matched_card"),
                Attribute::ints("matched_lists"),
                Attribute::bool("matched"),
                Attribute::number("confidence"),
                Attribute::number("temperature"),
                $(Part::$part.attribute($attribute),)*
            ],
        );

        pub(super) static $sources: &[Source] = &[
            $(Source {
                attribute: $schema.expect($attribute),
                feature: $feature,
                part: Part::$part,
            },)*
        ];
    };
}

event_schema! {
    /// What filters test of an event of a face.
    FACE_EVENTS = "face_events", FACE_SOURCES {
        "liveness_confidence": Confidence of "liveness",
        "headpose_yaw_angle": Number of "headpose_yaw_angle",
        "headpose_pitch_angle": Number of "headpose_pitch_angle",
        "age": Number of "age",
        "gender": Text of "gender",
        "glasses": Text of "glasses",
        "emotions": Text of "emotions",
        "beard": Text of "beard",
        "medmask": Text of "medmask",
        "liveness": Text of "liveness",
    }
}

event_schema! {
    /// What filters test of an event of a body.
    BODY_EVENTS = "body_events", BODY_SOURCES {
        "liveness_confidence": Confidence of "liveness",
        "headwear": Text of "headwear",
        "upper_clothes": Text of "upper_clothes",
        "detailed_upper_clothes": Text of "detailed_upper_clothes",
        "top_color": Text of "top_color",
        "lower_clothes": Text of "lower_clothes",
        "bottom_color": Text of "bottom_color",
        "bag_hand": Text of "bag_hand",
        "bag_ground": Text of "bag_ground",
        "bag_back": Text of "bag_back",
        "vest_type": Text of "vest_type",
        "vest_type_score": Confidence of "vest_type",
        "helmet_type": Text of "helmet_type",
        "helmet_type_score": Confidence of "helmet_type",
        "age_group": Text of "age_group",
        "age_group_score": Confidence of "age_group",
        "gender": Text of "gender",
        "gender_score": Confidence of "gender",
    }
}

event_schema! {
    /// What filters test of an event of a vehicle.
    ///
    /// `category_type` is the feature `category`, and `license_plate_color` the feature
    /// `license_plate_number_color`.
    CAR_EVENTS = "car_events", CAR_SOURCES {
        "liveness_confidence": Confidence of "liveness",
        "category_type": Text of "category",
        "category_confidence": Confidence of "category",
        "color": Text of "color",
        "body": Text of "body",
        "make": Text of "make",
        "model": Text of "model",
        "license_plate_number": Text of "license_plate_number",
        "license_plate_country": Text of "license_plate_country",
        "license_plate_region": Text of "license_plate_region",
        "license_plate_color": Text of "license_plate_number_color",
        "license_plate_color_confidence": Confidence of "license_plate_number_color",
        "special_vehicle_type": Text of "special_vehicle_type",
        "weight_type": Text of "weight_type",
        "weight_type_confidence": Confidence of "weight_type",
        "orientation": Text of "orientation",
        "orientation_confidence": Confidence of "orientation",
    }
}

/// Declares what filters test of an episode: what both kinds share, and their derived booleans.
macro_rules! episode_schema {
    ($(#[$doc:meta])* $schema:ident = $topic:literal { $($matched:literal)+ }) => {
        $(#[$doc])*
        pub static $schema: Schema = Schema::new(
            $topic,
            &[
                Attribute::choice("event_type", &["episode_open", "episode_event", "episode_close"]),
                Attribute::ints("matched_lists"),
                Attribute::ints("cameras"),
                Attribute::ints("camera_groups"),
                Attribute::number("events_count"),
                $(Attribute::bool($matched),)+
            ],
        );
    };
}

episode_schema! {
    /// What filters test of an episode of a person.
    ///
    /// `face_matched` and `body_matched` are derived and never null: `matched_face_event` or
    /// `matched_body_event` is there and is not null (inferred).
    HUMAN_EPISODES = "human_episodes" { "face_matched" "body_matched" }
}

episode_schema! {
    /// What filters test of an episode of a vehicle.
    ///
    /// `car_matched` is derived and never null: `matched_car_event` is there and is not null
    /// (inferred).
    CAR_EPISODES = "car_episodes" { "car_matched" }
}

/// What filters test of a counter record. The names are those of the record's fields.
pub static COUNTERS: Schema = Schema::new(
    "counters",
    &[
        Attribute::int("counter"),
        Attribute::int("camera"),
        Attribute::int("camera_group"),
        Attribute::number("faces_count"),
        Attribute::number("silhouettes_count"),
        Attribute::number("cars_count"),
        Attribute::number("proximity_min"),
        Attribute::number("proximity_avg"),
        Attribute::number("proximity_max"),
    ],
);

/// What filters test of a notification about an area. The names are those of its fields.
pub static AREAS: Schema = Schema::new(
    "areas",
    &[Attribute::int("area"), Attribute::int("camera"), Attribute::int("camera_group")],
);

/// Where an attribute of an event is found among its features.
pub(super) struct Source {
    attribute: AttributeId,
    feature: &'static str,
    part: Part,
}

/// What is read of a feature.
enum Part {
    /// Its `name`, a text.
    Text,
    /// Its `name`, a number.
    Number,
    /// Its `confidence`.
    Confidence,
}

impl Part {
    const fn attribute(&self, name: &'static str) -> Attribute {
        match self {
            Self::Text => Attribute::text(name),
            Self::Number | Self::Confidence => Attribute::number(name),
        }
    }
}

impl Source {
    /// Tells `record` what is read of the feature; null where it is null or missing.
    pub(super) fn tell(&self, features: &Features, record: &mut Values) {
        match self.part {
            Part::Text => record.text(self.attribute, features.text(self.feature)),
            Part::Number => record.number(self.attribute, features.number(self.feature)),
            Part::Confidence => record.number(self.attribute, features.confidence(self.feature)),
        }
    }
}

/// The attributes that the three kinds of events share, at the same places.
pub(super) mod event {
    use super::FACE_EVENTS;
    use crate::attribute::AttributeId;

    pub(crate) const BS_TYPE: AttributeId = FACE_EVENTS.expect("bs_type");
    pub(crate) const CAMERA: AttributeId = FACE_EVENTS.expect("camera");
    pub(crate) const CAMERA_GROUP: AttributeId = FACE_EVENTS.expect("camera_group");
    pub(crate) const MATCHED_CARD: AttributeId = FACE_EVENTS.expect("matched_card");
    pub(crate) const MATCHED_LISTS: AttributeId = FACE_EVENTS.expect("matched_lists");
    pub(crate) const MATCHED: AttributeId = FACE_EVENTS.expect("matched");
    pub(crate) const CONFIDENCE: AttributeId = FACE_EVENTS.expect("confidence");
    pub(crate) const TEMPERATURE: AttributeId = FACE_EVENTS.expect("temperature");
}

/// The attributes that both kinds of episodes share, at the same places, and their own.
pub(super) mod episode {
    use super::{CAR_EPISODES, HUMAN_EPISODES};
    use crate::attribute::AttributeId;

    pub(crate) const EVENT_TYPE: AttributeId = HUMAN_EPISODES.expect("event_type");
    pub(crate) const MATCHED_LISTS: AttributeId = HUMAN_EPISODES.expect("matched_lists");
    pub(crate) const CAMERAS: AttributeId = HUMAN_EPISODES.expect("cameras");
    pub(crate) const CAMERA_GROUPS: AttributeId = HUMAN_EPISODES.expect("camera_groups");
    pub(crate) const EVENTS_COUNT: AttributeId = HUMAN_EPISODES.expect("events_count");
    pub(crate) const FACE_MATCHED: AttributeId = HUMAN_EPISODES.expect("face_matched");
    pub(crate) const BODY_MATCHED: AttributeId = HUMAN_EPISODES.expect("body_matched");
    pub(crate) const CAR_MATCHED: AttributeId = CAR_EPISODES.expect("car_matched");
}

/// The attributes of [`COUNTERS`].
pub(super) mod counter {
    use super::COUNTERS;
    use crate::attribute::AttributeId;

    pub(crate) const COUNTER: AttributeId = COUNTERS.expect("counter");
    pub(crate) const CAMERA: AttributeId = COUNTERS.expect("camera");
    pub(crate) const CAMERA_GROUP: AttributeId = COUNTERS.expect("camera_group");
    pub(crate) const FACES_COUNT: AttributeId = COUNTERS.expect("faces_count");
    pub(crate) const SILHOUETTES_COUNT: AttributeId = COUNTERS.expect("silhouettes_count");
    pub(crate) const CARS_COUNT: AttributeId = COUNTERS.expect("cars_count");
    pub(crate) const PROXIMITY_MIN: AttributeId = COUNTERS.expect("proximity_min");
    pub(crate) const PROXIMITY_AVG: AttributeId = COUNTERS.expect("proximity_avg");
    pub(crate) const PROXIMITY_MAX: AttributeId = COUNTERS.expect("proximity_max");
}

/// The attributes of [`AREAS`].
pub(super) mod area {
    use super::AREAS;
    use crate::attribute::AttributeId;

    pub(crate) const AREA: AttributeId = AREAS.expect("area");
    pub(crate) const CAMERA: AttributeId = AREAS.expect("camera");
    pub(crate) const CAMERA_GROUP: AttributeId = AREAS.expect("camera_group");
}
