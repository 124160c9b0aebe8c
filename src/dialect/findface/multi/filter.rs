use super::{AREAS, BODY_EVENTS, CAR_EPISODES, CAR_EVENTS, COUNTERS, FACE_EVENTS, HUMAN_EPISODES};
use crate::{
    attribute::AttributeId,
    filter::{Key, Section, Table},
};

/// The filter keys of FindFace Multi 2.x.
///
/// The sections and the keys are documented, and so are the ranges in the sections of events and
/// of an episode's `events_count`. An episode's ids have the ranges of an event's, and counts and
/// distances are 0 or more (inferred).
///
/// A key of a feature tests its `name`, one that ends in `_score_*` or `_confidence_*` its
/// `confidence`, bounds inclusive (documented for the vendor's REST interface, inferred for
/// webhooks). A feature that was not computed has the name `""` or `unknown` and the confidence 0,
/// which are values; where it is null it satisfies no key. `{}` is everything, and a section that
/// is not named is off (inferred from FindFace Security 2020).
///
/// ```
/// use recohook::{Filter, findface::multi};
///
/// let filter = Filter::parse(
///     r#"{"car_events": {"make_in": ["nissan"], "license_plate_color_in": ["white"]}}"#,
///     &multi::FILTERS,
/// )?;
/// assert!(filter.wants(&multi::CAR_EVENTS) && !filter.wants(&multi::FACE_EVENTS));
///
/// let error = Filter::parse(r#"{"face_events": {"gander_in": ["male"]}}"#, &multi::FILTERS);
/// assert_eq!(
///     error.unwrap_err().to_string(),
///     "at /face_events/gander_in: unknown key; did you mean \"gender_in\"?",
/// );
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
pub static FILTERS: Table = Table::new(&[
    FACE_SECTION,
    BODY_SECTION,
    CAR_SECTION,
    HUMAN_EPISODE_SECTION,
    CAR_EPISODE_SECTION,
    COUNTER_SECTION,
    AREA_SECTION,
]);

/// The keys that the three sections of events share, and a section's own.
macro_rules! event_keys {
    ($schema:ident, $($own:expr),+ $(,)?) => {
        &[
            Key::one_of("allowed_bs_types", $schema.expect("bs_type")),
            Key::one_of("camera_group_in", $schema.expect("camera_group")).integers_from(-1),
            Key::one_of("camera_in", $schema.expect("camera")).integers_from(1),
            // -1 is the list of those who are on none.
            Key::one_of("matched_lists_in", $schema.expect("matched_lists")).integers_from(-1),
            Key::one_of("matched_card_in", $schema.expect("matched_card")).integers_from(1),
            Key::is("matched", $schema.expect("matched")),
            fraction_from("confidence_gte", $schema.expect("confidence")),
            Key::at_least("temperature_gte", $schema.expect("temperature")),
            fraction_from("liveness_gte", $schema.expect("liveness_confidence")),
            $($own,)+
        ]
    };
}

/// The keys that both sections of episodes share, and a section's own.
macro_rules! episode_keys {
    ($schema:ident, $($own:expr),+ $(,)?) => {
        &[
            Key::one_of("allowed_types", $schema.expect("event_type")),
            Key::one_of("matched_lists_in", $schema.expect("matched_lists")).integers_from(-1),
            Key::one_of("camera_in", $schema.expect("cameras")).integers_from(1),
            Key::one_of("camera_group_in", $schema.expect("camera_groups")).integers_from(-1),
            Key::at_least("events_count_gte", $schema.expect("events_count")).integers_from(0),
            Key::at_most("events_count_lte", $schema.expect("events_count")).integers_from(1),
            $($own,)+
        ]
    };
}

static FACE_SECTION: Section = Section::new(
    "face_events",
    &FACE_EVENTS,
    event_keys![
        FACE_EVENTS,
        Key::at_least("headpose_yaw_angle_gte", FACE_EVENTS.expect("headpose_yaw_angle"))
            .integers_between(-180, 180),
        Key::at_most("headpose_yaw_angle_lte", FACE_EVENTS.expect("headpose_yaw_angle"))
            .integers_between(-180, 180),
        Key::at_least("headpose_pitch_angle_gte", FACE_EVENTS.expect("headpose_pitch_angle"))
            .integers_between(-180, 180),
        Key::at_most("headpose_pitch_angle_lte", FACE_EVENTS.expect("headpose_pitch_angle"))
            .integers_between(-180, 180),
        Key::at_least("age_gte", FACE_EVENTS.expect("age")).integers_from(0),
        Key::at_most("age_lte", FACE_EVENTS.expect("age")).integers_from(0),
        Key::one_of("gender_in", FACE_EVENTS.expect("gender")),
        Key::one_of("glasses_in", FACE_EVENTS.expect("glasses")),
        Key::one_of("emotions_in", FACE_EVENTS.expect("emotions")),
        Key::one_of("beard_in", FACE_EVENTS.expect("beard")),
        Key::one_of("medmask_in", FACE_EVENTS.expect("medmask")),
        Key::one_of("liveness_in", FACE_EVENTS.expect("liveness")),
    ],
);

static BODY_SECTION: Section = Section::new(
    "body_events",
    &BODY_EVENTS,
    event_keys![
        BODY_EVENTS,
        Key::one_of("headwear_in", BODY_EVENTS.expect("headwear")),
        Key::one_of("upper_clothes_in", BODY_EVENTS.expect("upper_clothes")),
        Key::one_of("detailed_upper_clothes_in", BODY_EVENTS.expect("detailed_upper_clothes")),
        Key::one_of("top_color_in", BODY_EVENTS.expect("top_color")),
        Key::one_of("lower_clothes_in", BODY_EVENTS.expect("lower_clothes")),
        Key::one_of("bottom_color_in", BODY_EVENTS.expect("bottom_color")),
        Key::one_of("bag_hand_in", BODY_EVENTS.expect("bag_hand")),
        Key::one_of("bag_ground_in", BODY_EVENTS.expect("bag_ground")),
        Key::one_of("bag_back_in", BODY_EVENTS.expect("bag_back")),
        Key::one_of("vest_type_in", BODY_EVENTS.expect("vest_type")),
        fraction_from("vest_type_score_gte", BODY_EVENTS.expect("vest_type_score")),
        fraction_to("vest_type_score_lte", BODY_EVENTS.expect("vest_type_score")),
        Key::one_of("helmet_type_in", BODY_EVENTS.expect("helmet_type")),
        fraction_from("helmet_type_score_gte", BODY_EVENTS.expect("helmet_type_score")),
        fraction_to("helmet_type_score_lte", BODY_EVENTS.expect("helmet_type_score")),
        Key::one_of("age_group_in", BODY_EVENTS.expect("age_group")),
        fraction_from("age_group_score_gte", BODY_EVENTS.expect("age_group_score")),
        fraction_to("age_group_score_lte", BODY_EVENTS.expect("age_group_score")),
        Key::one_of("gender_in", BODY_EVENTS.expect("gender")),
        fraction_from("gender_score_gte", BODY_EVENTS.expect("gender_score")),
        fraction_to("gender_score_lte", BODY_EVENTS.expect("gender_score")),
    ],
);

static CAR_SECTION: Section = Section::new(
    "car_events",
    &CAR_EVENTS,
    event_keys![
        CAR_EVENTS,
        Key::one_of("category_type_in", CAR_EVENTS.expect("category_type")),
        fraction_from("category_confidence_gte", CAR_EVENTS.expect("category_confidence")),
        fraction_to("category_confidence_lte", CAR_EVENTS.expect("category_confidence")),
        Key::one_of("color_in", CAR_EVENTS.expect("color")),
        Key::one_of("body_in", CAR_EVENTS.expect("body")),
        Key::one_of("make_in", CAR_EVENTS.expect("make")),
        Key::one_of("model_in", CAR_EVENTS.expect("model")),
        Key::one_of("license_plate_number_in", CAR_EVENTS.expect("license_plate_number")),
        Key::one_of("license_plate_country_in", CAR_EVENTS.expect("license_plate_country")),
        Key::one_of("license_plate_region_in", CAR_EVENTS.expect("license_plate_region")),
        Key::one_of("license_plate_color_in", CAR_EVENTS.expect("license_plate_color")),
        fraction_from(
            "license_plate_color_confidence_gte",
            CAR_EVENTS.expect("license_plate_color_confidence")
        ),
        fraction_to(
            "license_plate_color_confidence_lte",
            CAR_EVENTS.expect("license_plate_color_confidence")
        ),
        Key::one_of("special_vehicle_type_in", CAR_EVENTS.expect("special_vehicle_type")),
        Key::one_of("weight_type_in", CAR_EVENTS.expect("weight_type")),
        fraction_from("weight_type_confidence_gte", CAR_EVENTS.expect("weight_type_confidence")),
        fraction_to("weight_type_confidence_lte", CAR_EVENTS.expect("weight_type_confidence")),
        Key::one_of("orientation_in", CAR_EVENTS.expect("orientation")),
        fraction_from("orientation_confidence_gte", CAR_EVENTS.expect("orientation_confidence")),
        fraction_to("orientation_confidence_lte", CAR_EVENTS.expect("orientation_confidence")),
    ],
);

static HUMAN_EPISODE_SECTION: Section = Section::new(
    "human_episodes",
    &HUMAN_EPISODES,
    episode_keys![
        HUMAN_EPISODES,
        Key::is("face_matched", HUMAN_EPISODES.expect("face_matched")),
        Key::is("body_matched", HUMAN_EPISODES.expect("body_matched")),
    ],
);

static CAR_EPISODE_SECTION: Section = Section::new(
    "car_episodes",
    &CAR_EPISODES,
    episode_keys![CAR_EPISODES, Key::is("car_matched", CAR_EPISODES.expect("car_matched")),],
);

static COUNTER_SECTION: Section = Section::new(
    "counters",
    &COUNTERS,
    &[
        Key::one_of("counter_in", COUNTERS.expect("counter")),
        Key::one_of("camera_in", COUNTERS.expect("camera")),
        Key::one_of("camera_group_in", COUNTERS.expect("camera_group")),
        Key::at_least("faces_gte", COUNTERS.expect("faces_count")).integers_from(0),
        Key::at_most("faces_lte", COUNTERS.expect("faces_count")).integers_from(0),
        Key::at_least("silhouettes_gte", COUNTERS.expect("silhouettes_count")).integers_from(0),
        Key::at_most("silhouettes_lte", COUNTERS.expect("silhouettes_count")).integers_from(0),
        Key::at_least("cars_gte", COUNTERS.expect("cars_count")).integers_from(0),
        Key::at_most("cars_lte", COUNTERS.expect("cars_count")).integers_from(0),
        Key::at_least("proximity_min_gte", COUNTERS.expect("proximity_min"))
            .between(0.0, f64::INFINITY),
        Key::at_most("proximity_min_lte", COUNTERS.expect("proximity_min"))
            .between(0.0, f64::INFINITY),
        Key::at_least("proximity_avg_gte", COUNTERS.expect("proximity_avg"))
            .between(0.0, f64::INFINITY),
        Key::at_most("proximity_avg_lte", COUNTERS.expect("proximity_avg"))
            .between(0.0, f64::INFINITY),
        Key::at_least("proximity_max_gte", COUNTERS.expect("proximity_max"))
            .between(0.0, f64::INFINITY),
        Key::at_most("proximity_max_lte", COUNTERS.expect("proximity_max"))
            .between(0.0, f64::INFINITY),
    ],
);

static AREA_SECTION: Section = Section::new(
    "areas",
    &AREAS,
    &[
        Key::one_of("area_in", AREAS.expect("area")),
        Key::one_of("camera_in", AREAS.expect("camera")),
        Key::one_of("camera_group_in", AREAS.expect("camera_group")),
    ],
);

const fn fraction_from(name: &'static str, attribute: AttributeId) -> Key {
    Key::at_least(name, attribute).between(0.0, 1.0)
}

const fn fraction_to(name: &'static str, attribute: AttributeId) -> Key {
    Key::at_most(name, attribute).between(0.0, 1.0)
}
