use super::{
    AREAS, BODY_EVENTS, CAR_EPISODES, CAR_EVENTS, COUNTERS, FACE_EVENTS, HUMAN_EPISODES, profile,
};
use crate::{
    attribute::AttributeId,
    dialect::findface::{Registration, Webhooks},
    filter::{Key, Section, Table},
};

/// The filter keys of FindFace Multi 2.x.
///
/// The sections and the keys are documented, as are the ranges in the event sections and the range
/// of an episode's `events_count`. The ids in the episode sections have the same ranges as the ids
/// in the event sections, and counts and distances are 0 or more (inferred).
///
/// A key for a feature tests the feature's `name`. A key that contains `_score_` or `_confidence_`
/// tests the feature's `confidence`, and the bounds are inclusive (documented for the vendor's REST
/// interface, inferred for webhooks). A feature that was not computed has the name `""` or
/// `unknown` and the confidence 0. A key can match these values. If the feature is null, no key for
/// it matches. `{}` matches everything, and a section that is not named is off (inferred from
/// FindFace Security 2020).
///
/// ```
/// use recohook::{Filter, findface::multi};
///
/// let filter = Filter::parse(
///     r#"{"car_events": {"make_in": ["nissan"], "license_plate_color_in": ["white"]}}"#,
///     &multi::FILTERS,
/// )?;
/// assert!(filter.covers(&multi::CAR_EVENTS) && !filter.covers(&multi::FACE_EVENTS));
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
])
.with_renamed(&[
    // The names of FindFace Security 2020.
    ("events", &["face_events", "body_events", "car_events"]),
    ("episodes", &["human_episodes", "car_episodes"]),
    ("matched_dossier_in", &["matched_card_in"]),
]);

/// Creates a registry for the REST API of a FindFace Multi server. See [`Webhooks`] for an example.
pub fn webhooks() -> Webhooks<Registration> {
    Webhooks::new(&FILTERS, profile())
}

/// Expands to the keys of an event section: the keys that all three event sections share, followed
/// by the section's own keys.
macro_rules! event_keys {
    ($attribute:ident, $($own:expr),+ $(,)?) => {
        &[
            Key::one_of("allowed_bs_types", $attribute("bs_type")),
            Key::one_of("camera_group_in", $attribute("camera_group")).integers_from(-1),
            Key::one_of("camera_in", $attribute("camera")).integers_from(1),
            // -1 is the list of people and vehicles that are not on any other list.
            Key::one_of("matched_lists_in", $attribute("matched_lists")).integers_from(-1),
            Key::one_of("matched_card_in", $attribute("matched_card")).integers_from(1),
            Key::is("matched", $attribute("matched")),
            fraction_from("confidence_gte", $attribute("confidence")),
            Key::at_least("temperature_gte", $attribute("temperature")),
            fraction_from("liveness_gte", $attribute("liveness_confidence")),
            $($own,)+
        ]
    };
}

/// Expands to the keys of an episode section: the keys that both episode sections share, followed
/// by the section's own keys.
macro_rules! episode_keys {
    ($attribute:ident, $($own:expr),+ $(,)?) => {
        &[
            Key::one_of("allowed_types", $attribute("event_type")),
            Key::one_of("matched_lists_in", $attribute("matched_lists")).integers_from(-1),
            Key::one_of("camera_in", $attribute("cameras")).integers_from(1),
            Key::one_of("camera_group_in", $attribute("camera_groups")).integers_from(-1),
            Key::at_least("events_count_gte", $attribute("events_count")).integers_from(0),
            // The documented range of this bound begins at 1, unlike that of the lower bound.
            Key::at_most("events_count_lte", $attribute("events_count")).integers_from(1),
            $($own,)+
        ]
    };
}

static FACE_SECTION: Section = Section::new(
    "face_events",
    &FACE_EVENTS,
    event_keys![
        face,
        // Angles are whole degrees in a filter but can have a fraction in a body.
        Key::at_least("headpose_yaw_angle_gte", face("headpose_yaw_angle"))
            .integers_between(-180, 180),
        Key::at_most("headpose_yaw_angle_lte", face("headpose_yaw_angle"))
            .integers_between(-180, 180),
        Key::at_least("headpose_pitch_angle_gte", face("headpose_pitch_angle"))
            .integers_between(-180, 180),
        Key::at_most("headpose_pitch_angle_lte", face("headpose_pitch_angle"))
            .integers_between(-180, 180),
        Key::at_least("age_gte", face("age")).integers_from(0),
        Key::at_most("age_lte", face("age")).integers_from(0),
        Key::one_of("gender_in", face("gender")),
        Key::one_of("glasses_in", face("glasses")),
        Key::one_of("emotions_in", face("emotions")),
        Key::one_of("beard_in", face("beard")),
        Key::one_of("medmask_in", face("medmask")),
        Key::one_of("liveness_in", face("liveness")),
    ],
);

static BODY_SECTION: Section = Section::new(
    "body_events",
    &BODY_EVENTS,
    event_keys![
        body,
        Key::one_of("headwear_in", body("headwear")),
        Key::one_of("upper_clothes_in", body("upper_clothes")),
        Key::one_of("detailed_upper_clothes_in", body("detailed_upper_clothes")),
        Key::one_of("top_color_in", body("top_color")),
        Key::one_of("lower_clothes_in", body("lower_clothes")),
        Key::one_of("bottom_color_in", body("bottom_color")),
        Key::one_of("bag_hand_in", body("bag_hand")),
        Key::one_of("bag_ground_in", body("bag_ground")),
        Key::one_of("bag_back_in", body("bag_back")),
        Key::one_of("vest_type_in", body("vest_type")),
        fraction_from("vest_type_score_gte", body("vest_type_score")),
        fraction_to("vest_type_score_lte", body("vest_type_score")),
        Key::one_of("helmet_type_in", body("helmet_type")),
        fraction_from("helmet_type_score_gte", body("helmet_type_score")),
        fraction_to("helmet_type_score_lte", body("helmet_type_score")),
        Key::one_of("age_group_in", body("age_group")),
        fraction_from("age_group_score_gte", body("age_group_score")),
        fraction_to("age_group_score_lte", body("age_group_score")),
        Key::one_of("gender_in", body("gender")),
        fraction_from("gender_score_gte", body("gender_score")),
        fraction_to("gender_score_lte", body("gender_score")),
    ],
);

static CAR_SECTION: Section = Section::new(
    "car_events",
    &CAR_EVENTS,
    event_keys![
        car,
        // The names of some keys differ from the names of the features. `category_type` tests the
        // feature `category`, and `license_plate_color` tests `license_plate_number_color`. The
        // schema uses the names of the keys.
        Key::one_of("category_type_in", car("category_type")),
        fraction_from("category_confidence_gte", car("category_confidence")),
        fraction_to("category_confidence_lte", car("category_confidence")),
        Key::one_of("color_in", car("color")),
        Key::one_of("body_in", car("body")),
        Key::one_of("make_in", car("make")),
        Key::one_of("model_in", car("model")),
        Key::one_of("license_plate_number_in", car("license_plate_number")),
        Key::one_of("license_plate_country_in", car("license_plate_country")),
        Key::one_of("license_plate_region_in", car("license_plate_region")),
        Key::one_of("license_plate_color_in", car("license_plate_color")),
        fraction_from("license_plate_color_confidence_gte", car("license_plate_color_confidence")),
        fraction_to("license_plate_color_confidence_lte", car("license_plate_color_confidence")),
        Key::one_of("special_vehicle_type_in", car("special_vehicle_type")),
        Key::one_of("weight_type_in", car("weight_type")),
        fraction_from("weight_type_confidence_gte", car("weight_type_confidence")),
        fraction_to("weight_type_confidence_lte", car("weight_type_confidence")),
        Key::one_of("orientation_in", car("orientation")),
        fraction_from("orientation_confidence_gte", car("orientation_confidence")),
        fraction_to("orientation_confidence_lte", car("orientation_confidence")),
    ],
);

static HUMAN_EPISODE_SECTION: Section = Section::new(
    "human_episodes",
    &HUMAN_EPISODES,
    episode_keys![
        human,
        Key::is("face_matched", human("face_matched")),
        Key::is("body_matched", human("body_matched")),
    ],
);

static CAR_EPISODE_SECTION: Section = Section::new(
    "car_episodes",
    &CAR_EPISODES,
    episode_keys![car_episode, Key::is("car_matched", car_episode("car_matched")),],
);

static COUNTER_SECTION: Section = Section::new(
    "counters",
    &COUNTERS,
    &[
        Key::one_of("counter_in", counter("counter")),
        Key::one_of("camera_in", counter("camera")),
        Key::one_of("camera_group_in", counter("camera_group")),
        Key::at_least("faces_gte", counter("faces_count")).integers_from(0),
        Key::at_most("faces_lte", counter("faces_count")).integers_from(0),
        Key::at_least("silhouettes_gte", counter("silhouettes_count")).integers_from(0),
        Key::at_most("silhouettes_lte", counter("silhouettes_count")).integers_from(0),
        Key::at_least("cars_gte", counter("cars_count")).integers_from(0),
        Key::at_most("cars_lte", counter("cars_count")).integers_from(0),
        // Distances can be fractions, unlike the counts above.
        Key::at_least("proximity_min_gte", counter("proximity_min")).between(0.0, f64::INFINITY),
        Key::at_most("proximity_min_lte", counter("proximity_min")).between(0.0, f64::INFINITY),
        Key::at_least("proximity_avg_gte", counter("proximity_avg")).between(0.0, f64::INFINITY),
        Key::at_most("proximity_avg_lte", counter("proximity_avg")).between(0.0, f64::INFINITY),
        Key::at_least("proximity_max_gte", counter("proximity_max")).between(0.0, f64::INFINITY),
        Key::at_most("proximity_max_lte", counter("proximity_max")).between(0.0, f64::INFINITY),
    ],
);

static AREA_SECTION: Section = Section::new(
    "areas",
    &AREAS,
    &[
        Key::one_of("area_in", area("area")),
        Key::one_of("camera_in", area("camera")),
        Key::one_of("camera_group_in", area("camera_group")),
    ],
);

/// Returns a key for a lower bound that is between 0 and 1.
const fn fraction_from(name: &'static str, attribute: AttributeId) -> Key {
    Key::at_least(name, attribute).between(0.0, 1.0)
}

/// Returns a key for an upper bound that is between 0 and 1.
const fn fraction_to(name: &'static str, attribute: AttributeId) -> Key {
    Key::at_most(name, attribute).between(0.0, 1.0)
}

// The functions below look up attributes by name. A name that is not in the schema is a compile
// error, because the sections are statics.

const fn face(attribute: &str) -> AttributeId {
    FACE_EVENTS.expect(attribute)
}

const fn body(attribute: &str) -> AttributeId {
    BODY_EVENTS.expect(attribute)
}

const fn car(attribute: &str) -> AttributeId {
    CAR_EVENTS.expect(attribute)
}

const fn human(attribute: &str) -> AttributeId {
    HUMAN_EPISODES.expect(attribute)
}

const fn car_episode(attribute: &str) -> AttributeId {
    CAR_EPISODES.expect(attribute)
}

const fn counter(attribute: &str) -> AttributeId {
    COUNTERS.expect(attribute)
}

const fn area(attribute: &str) -> AttributeId {
    AREAS.expect(attribute)
}
