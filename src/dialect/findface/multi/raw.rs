use super::{
    AREAS, BODY_EVENTS, CAR_EPISODES, CAR_EVENTS, COUNTERS, FACE_EVENTS, HUMAN_EPISODES,
    notice::{OTHER, Section},
    schema::{area, counter, episode, event},
};
use crate::{
    dialect::delivery::Kind as _,
    raw::{Format, Id, Member, Topic},
};

/// The JSON of notifications, for gateways: see [`raw`](crate::raw).
///
/// What a notification is of is told as for [`Notice`](super::Notice).
pub static RAW: Format = Format::choosing(
    &Section::FIELDS,
    &[&FACE, &BODY, &CAR, &HUMAN_EPISODE, &CAR_EPISODE, &COUNTER, &AREA],
    topic,
    &OTHERS,
);

/// Declares an event: what all three have, and what is read of its features. A feature can hold
/// anything.
macro_rules! event {
    ($topic:ident of $schema:ident {
        $($feature:literal: $($part:literal is $attribute:literal)+,)*
    }) => {
        static $topic: Topic = Topic::new(
            &$schema,
            Id::text("id"),
            &[
                Member::value("bs_type", event::BS_TYPE),
                Member::reference("camera", event::CAMERA),
                Member::reference("camera_group", event::CAMERA_GROUP),
                Member::reference("matched_card", event::MATCHED_CARD),
                Member::reference("matched_lists", event::MATCHED_LISTS),
                Member::value("matched", event::MATCHED),
                Member::value("confidence", event::CONFIDENCE),
                Member::value("temperature", event::TEMPERATURE),
                Member::lenient_object("features", &[$(
                    Member::lenient_object($feature, &[
                        $(Member::value($part, $schema.expect($attribute)),)+
                    ]),
                )*]),
            ],
        )
        .with_kind_in(&["event_model_class"]);
    };
}

event! {
    FACE of FACE_EVENTS {
        "liveness": "confidence" is "liveness_confidence" "name" is "liveness",
        "headpose_yaw_angle": "name" is "headpose_yaw_angle",
        "headpose_pitch_angle": "name" is "headpose_pitch_angle",
        "age": "name" is "age",
        "gender": "name" is "gender",
        "glasses": "name" is "glasses",
        "emotions": "name" is "emotions",
        "beard": "name" is "beard",
        "medmask": "name" is "medmask",
    }
}

event! {
    BODY of BODY_EVENTS {
        "liveness": "confidence" is "liveness_confidence",
        "headwear": "name" is "headwear",
        "upper_clothes": "name" is "upper_clothes",
        "detailed_upper_clothes": "name" is "detailed_upper_clothes",
        "top_color": "name" is "top_color",
        "lower_clothes": "name" is "lower_clothes",
        "bottom_color": "name" is "bottom_color",
        "bag_hand": "name" is "bag_hand",
        "bag_ground": "name" is "bag_ground",
        "bag_back": "name" is "bag_back",
        "vest_type": "name" is "vest_type" "confidence" is "vest_type_score",
        "helmet_type": "name" is "helmet_type" "confidence" is "helmet_type_score",
        "age_group": "name" is "age_group" "confidence" is "age_group_score",
        "gender": "name" is "gender" "confidence" is "gender_score",
    }
}

event! {
    CAR of CAR_EVENTS {
        "liveness": "confidence" is "liveness_confidence",
        "category": "name" is "category_type" "confidence" is "category_confidence",
        "color": "name" is "color",
        "body": "name" is "body",
        "make": "name" is "make",
        "model": "name" is "model",
        "license_plate_number": "name" is "license_plate_number",
        "license_plate_country": "name" is "license_plate_country",
        "license_plate_region": "name" is "license_plate_region",
        "license_plate_number_color":
            "name" is "license_plate_color" "confidence" is "license_plate_color_confidence",
        "special_vehicle_type": "name" is "special_vehicle_type",
        "weight_type": "name" is "weight_type" "confidence" is "weight_type_confidence",
        "orientation": "name" is "orientation" "confidence" is "orientation_confidence",
    }
}

/// Declares an episode: what both kinds have, and the events that matched.
macro_rules! episode {
    ($topic:ident of $schema:ident { $($matched:literal is $attribute:ident,)+ }) => {
        static $topic: Topic = Topic::new(
            &$schema,
            Id::integer("id"),
            &[
                Member::reference("matched_lists", episode::MATCHED_LISTS),
                Member::reference("cameras", episode::CAMERAS),
                Member::reference("camera_groups", episode::CAMERA_GROUPS),
                Member::value("events_count", episode::EVENTS_COUNT),
                $(Member::presence($matched, episode::$attribute),)+
            ],
        )
        .with_kind_in(&["event_type"])
        .with_kind_attribute(episode::EVENT_TYPE);
    };
}

episode! {
    HUMAN_EPISODE of HUMAN_EPISODES {
        "matched_face_event" is FACE_MATCHED,
        "matched_body_event" is BODY_MATCHED,
    }
}

episode! {
    CAR_EPISODE of CAR_EPISODES {
        "matched_car_event" is CAR_MATCHED,
    }
}

static COUNTER: Topic = Topic::new(
    &COUNTERS,
    Id::integer("id"),
    &[
        Member::reference("counter", counter::COUNTER),
        Member::reference("camera", counter::CAMERA),
        Member::reference("camera_group", counter::CAMERA_GROUP),
        Member::value("faces_count", counter::FACES_COUNT),
        Member::value("silhouettes_count", counter::SILHOUETTES_COUNT),
        Member::value("cars_count", counter::CARS_COUNT),
        Member::value("proximity_min", counter::PROXIMITY_MIN),
        Member::value("proximity_avg", counter::PROXIMITY_AVG),
        Member::value("proximity_max", counter::PROXIMITY_MAX),
    ],
)
.with_kind_in(&["event_type"]);

static AREA: Topic = Topic::new(
    &AREAS,
    Id::any("id"),
    &[
        Member::presence_flag("active"),
        Member::reference("area", area::AREA),
        Member::reference("camera", area::CAMERA),
        Member::reference("camera_group", area::CAMERA_GROUP),
    ],
)
.with_kind_by_presence_flag("area_activation", "area_record");

static OTHERS: Topic = Topic::new(&OTHER, Id::any("id").optional(), &[])
    .with_kind_in(&["event_model_class", "event_type"])
    .lenient();

fn topic(labels: &[Option<&str>]) -> &'static Topic {
    match labels.try_into().map_or(Section::OTHER, Section::of) {
        Section::Face => &FACE,
        Section::Body => &BODY,
        Section::Car => &CAR,
        Section::HumanEpisode => &HUMAN_EPISODE,
        Section::CarEpisode => &CAR_EPISODE,
        Section::Counter => &COUNTER,
        Section::Area => &AREA,
        Section::Other => &OTHERS,
    }
}
