//! The attributes that filters see in each kind of notification.

use serde_json::{Value, json};

use super::{
    BODY_EVENTS, CAR_EPISODES, CAR_EVENTS, CarEpisode, CounterRecord, EventType, FACE_EVENTS,
    FaceEvent, Features, HUMAN_EPISODES, HumanEpisode, parse_delivery,
};
use crate::{
    attribute::Schema,
    dialect::{describe::attributes, model::Field},
};

macro_rules! seen {
    ($name:literal) => {{
        let body = include_str!(concat!("../../../../tests/data/findface-multi/", $name, ".json"));
        attributes(&parse_delivery(body.as_bytes()).unwrap()[0])
    }};
}

#[test]
fn events() {
    assert_eq!(
        seen!("face_event"),
        "bs_type=overall camera=3 camera_group=1 confidence=0.91 liveness_confidence=0.87 \
         liveness=real headpose_yaw_angle=-12.5 headpose_pitch_angle=4 age=33 gender=female \
         glasses=none emotions=neutral beard=none medmask= matched=true matched_card=12 \
         matched_lists=[4] temperature=36.6"
    );
    assert_eq!(
        seen!("body_event"),
        "bs_type=overall camera=3 camera_group=1 confidence=0 headwear=cap \
         upper_clothes=without_sleeves detailed_upper_clothes=t-shirt top_color=white \
         lower_clothes=jeans bottom_color=blue bag_hand=none bag_ground=box bag_back=unknown \
         vest_type=green vest_type_score=0.75 helmet_type=red helmet_type_score=0.65 \
         age_group=20-30 age_group_score=0.55 gender=male gender_score=0.95 matched=false \
         matched_lists=[-1]"
    );
    assert_eq!(
        seen!("car_event"),
        "bs_type=overall camera=3 camera_group=1 confidence=0.91 category_type=B \
         category_confidence=0.9 color=grey body=sedan make=nissan model=nissan/cefiro \
         license_plate_number=A001AA77 license_plate_country=RUS license_plate_region=77 \
         license_plate_color=white license_plate_color_confidence=0.96 \
         special_vehicle_type=not_special weight_type=B weight_type_confidence=0.6 \
         orientation=front orientation_confidence=0.7 matched=true matched_card=12 \
         matched_lists=[4]"
    );
}

#[test]
fn episodes_counters_and_areas() {
    assert_eq!(
        seen!("human_episode"),
        "camera_groups=[1] cameras=[3, 4] event_type=episode_event events_count=2 \
         face_matched=true body_matched=false matched_lists=[4]"
    );
    assert_eq!(
        seen!("car_episode"),
        "camera_groups=[1] cameras=[3, 4] event_type=episode_close events_count=2 \
         car_matched=true matched_lists=[4]"
    );
    assert_eq!(
        seen!("counter_record"),
        "camera=3 camera_group=1 cars_count=1 counter=2 faces_count=2 proximity_avg=2.25 \
         proximity_max=3 proximity_min=1.5 silhouettes_count=3"
    );
    assert_eq!(seen!("area_activation"), "area=2");
    assert_eq!(seen!("area_record"), "area=2 camera=3 camera_group=1");
}

#[test]
fn a_feature_of_another_form_has_no_value() {
    for feature in [json!(null), json!("male"), json!([1]), json!({}), json!({"name": null})] {
        let features = Features(serde_json::Map::from_iter([
            ("gender".to_owned(), feature.clone()),
            ("age".to_owned(), feature.clone()),
            ("liveness".to_owned(), feature),
        ]));
        assert_eq!(attributes(&FaceEvent::empty("42").features(features)), "");
    }
    // `gender` is a number instead of a string, and `age` is a string instead of a number.
    let features = Features::default().with("gender", 1, 0.5).with("age", "33", 0.5);
    assert_eq!(attributes(&FaceEvent::empty("42").features(features)), "");
}

#[test]
fn null_and_absent_have_no_value_but_the_derived_booleans() {
    let new = attributes(&FaceEvent::new("42"));
    assert_eq!(new, "bs_type=overall confidence=0 matched=false matched_lists=[-1]");
    assert_eq!(attributes(&FaceEvent::empty("42").features(Field::Null)), "");
    assert_eq!(attributes(&CounterRecord::new(1)), "");
    assert_eq!(attributes(&HumanEpisode::empty(1)), "face_matched=false body_matched=false");
    assert_eq!(
        attributes(&HumanEpisode::empty(1).matched_body_event(json!("42"))),
        "face_matched=false body_matched=true"
    );
    let opening = CarEpisode::new(1, EventType::EpisodeOpen);
    assert_eq!(attributes(&opening), "event_type=episode_open car_matched=false");
    let null = CarEpisode::empty(1).matched_car_event(Value::Null);
    assert_eq!(attributes(&null), "car_matched=false");
}

#[test]
fn attributes_of_several_kinds_are_the_same() {
    let events = [
        "bs_type",
        "camera",
        "camera_group",
        "matched_card",
        "matched_lists",
        "matched",
        "confidence",
        "temperature",
        "liveness_confidence",
    ];
    let episodes = ["event_type", "matched_lists", "cameras", "camera_groups", "events_count"];
    let attribute = |schema: &'static Schema, name| schema.attribute(schema.expect(name)).unwrap();
    for (names, schema, other) in [
        (&events[..], &BODY_EVENTS, &FACE_EVENTS),
        (&events, &CAR_EVENTS, &FACE_EVENTS),
        (&episodes, &CAR_EPISODES, &HUMAN_EPISODES),
    ] {
        for name in names {
            assert_eq!(attribute(schema, name), attribute(other, name));
        }
    }
}
