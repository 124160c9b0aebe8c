//! FindFace Multi: reading, writing and refusing bodies, each filter key, and the profile.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod bodies;
mod matching;

use std::time::SystemTime;

use bodies::{
    any_changes, any_damage, assert_kept, assert_refused, assert_refused_or_kept, changed, damaged,
    encoded, json,
};
use matching::matches;
use proptest::prelude::*;
use recohook::{
    Engine, Filter, Framing, Moment, Notification, Rendering, Webhook,
    filter::FilterError,
    findface::{
        multi::{
            AnyNotification, AreaNotification, CarEpisode, CarEvent, CounterRecord, EventType,
            FILTERS, FaceEvent, Features, HumanEpisode, ObjectType, WebhookType, parse_delivery,
            policy, profile,
        },
        security,
    },
    http::{HeaderMap, StatusCode},
    model::Field,
    policy::Batching,
};
use serde_json::{Map, Value, json};

macro_rules! body {
    ($name:literal) => {
        include_str!(concat!("data/findface-multi/", $name, ".json"))
    };
}

const FACE: &str = body!("face_event");
const BODY: &str = body!("body_event");
const CAR: &str = body!("car_event");
const HUMAN_EPISODE: &str = body!("human_episode");
const CAR_EPISODE: &str = body!("car_episode");
const COUNTER: &str = body!("counter_record");
const ACTIVATION: &str = body!("area_activation");
const RECORD: &str = body!("area_record");

const BODIES: [&str; 8] =
    [FACE, BODY, CAR, HUMAN_EPISODE, CAR_EPISODE, COUNTER, ACTIVATION, RECORD];

fn parse_one(body: &str) -> AnyNotification {
    let [notification] =
        <[AnyNotification; 1]>::try_from(parse_delivery(body.as_bytes()).unwrap()).unwrap();
    notification
}

fn parse(section: &str, keys: &str) -> Result<Filter, FilterError> {
    Filter::parse(format!(r#"{{"{section}": {keys}}}"#), &FILTERS)
}

mod bodies_of_deliveries {
    use super::*;

    #[test]
    fn bodies_are_read_and_written_without_a_change() {
        for body in BODIES {
            assert_kept(parse_delivery, &json(body));
        }
        let all = Vec::from_iter(BODIES.iter().map(|body| json(body)[0].take()));
        assert_kept(parse_delivery, &Value::from(all));
    }

    #[test]
    fn each_body_has_a_model_and_no_unknown_fields() {
        let none = Map::new();
        for body in BODIES {
            let section = json(body)[0]["webhook_type"].as_str().unwrap().to_owned();
            let notification = parse_one(body);
            assert_eq!(notification.schema().topic(), section);
            let extra = match &notification {
                AnyNotification::Face(event) => &event.extra,
                AnyNotification::Body(event) => &event.extra,
                AnyNotification::Car(event) => &event.extra,
                AnyNotification::HumanEpisode(episode) => &episode.extra,
                AnyNotification::CarEpisode(episode) => &episode.extra,
                AnyNotification::Counter(record) => &record.extra,
                AnyNotification::Area(area) => &area.extra,
                other => panic!("{other:?}"),
            };
            assert_eq!(extra, &none, "{section}");
        }
    }

    #[test]
    fn a_new_notification_has_all_keys_of_its_body() {
        fn keys(value: &Value) -> Vec<&String> {
            value.as_object().unwrap().keys().collect()
        }
        let new = |notification: AnyNotification, body: &str| {
            assert_eq!(keys(&encoded(&notification, Rendering::Full)), keys(&json(body)[0]));
        };
        new(FaceEvent::new("42").into(), FACE);
        new(recohook::findface::multi::BodyEvent::new("42").into(), BODY);
        new(CarEvent::new("42").into(), CAR);
        new(HumanEpisode::new(1, EventType::EpisodeOpen).into(), HUMAN_EPISODE);
        new(CarEpisode::new(1, EventType::EpisodeOpen).into(), CAR_EPISODE);
        new(CounterRecord::new(1).into(), COUNTER);
        new(AreaNotification::activation(1).into(), ACTIVATION);
        new(AreaNotification::record("1").into(), RECORD);
    }

    #[test]
    fn a_notification_has_its_id_and_kind() {
        let id_and_kind = |body: &str| {
            let notification = parse_one(body);
            (notification.id().into_owned(), notification.kind().to_owned())
        };
        let pair = |id: &str, kind: &str| (id.to_owned(), kind.to_owned());
        assert_eq!(id_and_kind(CAR), pair("4493331657013465425", "event_created"));
        assert_eq!(id_and_kind(HUMAN_EPISODE), pair("2118", "episode_event"));
        assert_eq!(id_and_kind(COUNTER), pair("16", "counter_record"));
        assert_eq!(id_and_kind(ACTIVATION), pair("7", "area_activation"));
        assert_eq!(id_and_kind(RECORD), pair("8", "area_record"));
        assert_eq!(id_and_kind(r#"{"id":9,"event_model_class":"x"}"#), pair("9", "x"));
        assert_eq!(id_and_kind(r#"{"event_type":"y"}"#), pair("", "y"));
    }

    #[test]
    fn the_model_is_chosen_by_the_section_or_else_by_the_types() {
        let kind = |fields: Value| match parse_one(&fields.to_string()) {
            AnyNotification::Face(_) => "face",
            AnyNotification::Body(_) => "body",
            AnyNotification::Car(_) => "car",
            AnyNotification::Counter(_) => "counter",
            AnyNotification::Area(_) => "area",
            AnyNotification::Other(_) => "other",
            notification => panic!("{notification:?}"),
        };
        let created = "event_created";
        assert_eq!(kind(json!({"id": "1", "webhook_type": "body_events"})), "body");
        assert_eq!(
            kind(json!({"id": "1", "webhook_type": "body_events", "object_type": "car"})),
            "body"
        );
        for object in ["face", "body", "car"] {
            let fields = json!({"id": "1", "event_model_class": created, "object_type": object});
            assert_eq!(kind(fields), object);
        }
        assert_eq!(kind(json!({"id": 1, "event_type": "counter_record"})), "counter");
        assert_eq!(kind(json!({"id": 1, "webhook_type": "areas"})), "area");
        for unclear in [
            json!({}),
            json!({"id": 1, "webhook_type": "events"}),
            json!({"id": 1, "webhook_type": 3}),
            json!({"id": "1", "event_model_class": created}),
            json!({"id": "1", "event_model_class": created, "object_type": "boat"}),
            json!({"id": 1, "event_type": "episode_open"}),
            json!({"id": 1, "webhook_type": "later", "event_type": "counter_record"}),
        ] {
            assert_eq!(kind(unclear.clone()), "other", "{unclear}");
            assert_kept(parse_delivery, &json!([unclear]));
        }
    }

    #[test]
    fn unknown_words_numbers_and_features_are_kept_as_they_are() {
        let body = json!([{
            "id": "1", "webhook_type": "face_events", "event_model_class": "event_updated",
            "object_type": "mask", "bs_type": "best_shot", "confidence": 1, "quality": 0.0,
            "features": {"new": {"name": [1], "confidence": "high", "more": null}, "old": "text"},
        }]);
        assert_kept(parse_delivery, &body);
        let AnyNotification::Face(event) = parse_one(&body.to_string()) else {
            panic!("expected a face event")
        };
        assert_eq!(event.object_type, Field::Value(ObjectType::Other("mask".into())));
        assert_eq!(event.webhook_type, Field::Value(WebhookType::FaceEvents));
        let features = event.features.value().unwrap();
        assert_eq!((features.text("new"), features.confidence("new")), (None, None));
        assert_eq!(features.text("old"), None);
    }

    #[test]
    fn the_compact_rendering_has_ids_instead_of_entities() {
        let body = json!([{
            "id": "1", "webhook_type": "car_events", "camera": {"id": 3, "name": "Gate"},
            "matched_card": {"id": 12, "active": true}, "matched_lists": [{"id": 4}, -1],
        }]);
        assert_kept(parse_delivery, &body);
        let compact = encoded(&parse_one(&body.to_string()), Rendering::Compact);
        assert_eq!((&compact["camera"], &compact["matched_card"]), (&json!(3), &json!(12)));
        assert_eq!(compact["matched_lists"], json!([4, -1]));
        let filter = parse("car_events", r#"{"camera_in": [3], "matched_card_in": [12]}"#).unwrap();
        assert!(matches(&filter, &parse_one(&body.to_string())));
    }

    #[test]
    fn invalid_notifications_are_refused_with_their_place() {
        let read = |body: &str| parse_delivery(body.as_bytes());
        let event = |field: &str| format!(r#"[{{"id":"1","webhook_type":"car_events",{field}}}]"#);
        assert_refused(read(&event(r#""camera":"3""#)), 0, "in `camera`: invalid type");
        assert_refused(read(&event(r#""features":[1]"#)), 0, "in `features`: invalid type");
        assert_refused(read(&event(r#""line":1,"line":2"#)), 0, "duplicate field `line`");
        assert_refused(read(r#"[{"webhook_type":"areas"}]"#), 0, "missing field `id`");
        assert_refused(read(r#"[{"id":"1","webhook_type":"counters"}]"#), 0, "in `id`: invalid");
        assert_refused(read(r#"[{}, 7]"#), 1, "expected a notification, an object");
        assert_eq!(read("7").unwrap_err().kind(), "framing");
        assert_eq!(read("[").unwrap_err().kind(), "json");
    }
}

mod filters {
    use super::*;

    /// A key, a value with which it matches, and one with which it does not.
    type Case = (&'static str, &'static str, &'static str);

    /// Sections with a body and the keys that are tested on it.
    const CASES: [(&str, &str, &[Case]); 9] = [
        ("face_events", FACE, COMMON),
        ("car_events", CAR, COMMON),
        (
            "face_events",
            FACE,
            &[
                ("temperature_gte", "36.6", "36.7"),
                ("liveness_gte", "0.87", "0.88"),
                ("headpose_yaw_angle_gte", "-13", "-12"),
                ("headpose_yaw_angle_lte", "-12", "-13"),
                ("headpose_pitch_angle_gte", "4", "5"),
                ("headpose_pitch_angle_lte", "4", "3"),
                ("age_gte", "33", "34"),
                ("age_lte", "33", "32"),
                ("gender_in", r#"["male", "female"]"#, r#"["male", ""]"#),
                ("glasses_in", r#"["none"]"#, r#"["sun"]"#),
                ("emotions_in", r#"["neutral"]"#, r#"["happy"]"#),
                ("beard_in", r#"["none"]"#, r#"["None"]"#),
                ("medmask_in", r#"[""]"#, r#"["none"]"#),
                ("liveness_in", r#"["real"]"#, r#"["fake"]"#),
            ],
        ),
        (
            "body_events",
            BODY,
            &[
                ("matched", "false", "true"),
                ("matched_lists_in", "[-1]", "[4]"),
                ("headwear_in", r#"["cap"]"#, r#"["hat"]"#),
                ("upper_clothes_in", r#"["without_sleeves"]"#, r#"["t-shirt"]"#),
                ("detailed_upper_clothes_in", r#"["t-shirt"]"#, r#"["without_sleeves"]"#),
                ("top_color_in", r#"["white"]"#, r#"["blue"]"#),
                ("lower_clothes_in", r#"["jeans"]"#, r#"["skirt"]"#),
                ("bottom_color_in", r#"["blue"]"#, r#"["white"]"#),
                ("bag_hand_in", r#"["none"]"#, r#"["unknown"]"#),
                ("bag_ground_in", r#"["box"]"#, r#"["none"]"#),
                ("bag_back_in", r#"["unknown"]"#, r#"["none"]"#),
                ("vest_type_in", r#"["green"]"#, r#"["red"]"#),
                ("vest_type_score_gte", "0.75", "0.76"),
                ("vest_type_score_lte", "0.75", "0.74"),
                ("helmet_type_in", r#"["red"]"#, r#"[""]"#),
                ("helmet_type_score_gte", "0.65", "0.66"),
                ("helmet_type_score_lte", "0.65", "0.64"),
                ("age_group_in", r#"["20-30"]"#, r#"["0-16"]"#),
                ("age_group_score_gte", "0.55", "0.56"),
                ("age_group_score_lte", "0.55", "0.54"),
                ("gender_in", r#"["male"]"#, r#"["female"]"#),
                ("gender_score_gte", "0.95", "0.96"),
                ("gender_score_lte", "0.95", "0.94"),
            ],
        ),
        (
            "car_events",
            CAR,
            &[
                ("category_type_in", r#"["B"]"#, r#"["A"]"#),
                ("category_confidence_gte", "0.9", "0.91"),
                ("category_confidence_lte", "0.9", "0.89"),
                ("color_in", r#"["grey"]"#, r#"["white"]"#),
                ("body_in", r#"["sedan"]"#, r#"["suv"]"#),
                ("make_in", r#"["nissan"]"#, r#"["kia"]"#),
                ("model_in", r#"["nissan/cefiro"]"#, r#"["cefiro"]"#),
                ("license_plate_number_in", r#"["A001AA77"]"#, r#"["a001aa77"]"#),
                ("license_plate_country_in", r#"["RUS"]"#, r#"["FIN"]"#),
                ("license_plate_region_in", r#"["77"]"#, r#"["78"]"#),
                ("license_plate_color_in", r#"["white"]"#, r#"["grey"]"#),
                ("license_plate_color_confidence_gte", "0.96", "0.97"),
                ("license_plate_color_confidence_lte", "0.96", "0.95"),
                ("special_vehicle_type_in", r#"["not_special"]"#, r#"["police"]"#),
                ("weight_type_in", r#"["B"]"#, r#"[""]"#),
                ("weight_type_confidence_gte", "0.6", "0.61"),
                ("weight_type_confidence_lte", "0.6", "0.59"),
                ("orientation_in", r#"["front"]"#, r#"["back"]"#),
                ("orientation_confidence_gte", "0.7", "0.71"),
                ("orientation_confidence_lte", "0.7", "0.69"),
            ],
        ),
        (
            "human_episodes",
            HUMAN_EPISODE,
            &[
                ("allowed_types", r#"["episode_event"]"#, r#"["episode_open", "episode_close"]"#),
                ("matched_lists_in", "[4]", "[-1]"),
                ("camera_in", "[4, 9]", "[9]"),
                ("camera_group_in", "[1]", "[-1]"),
                ("events_count_gte", "2", "3"),
                ("events_count_lte", "2", "1"),
                ("face_matched", "true", "false"),
                ("body_matched", "false", "true"),
            ],
        ),
        ("car_episodes", CAR_EPISODE, &[("car_matched", "true", "false")]),
        (
            "counters",
            COUNTER,
            &[
                ("counter_in", "[2]", "[3]"),
                ("camera_in", "[3]", "[2]"),
                ("camera_group_in", "[1]", "[2]"),
                ("faces_gte", "2", "3"),
                ("faces_lte", "2", "1"),
                ("silhouettes_gte", "3", "4"),
                ("silhouettes_lte", "3", "2"),
                ("cars_gte", "1", "2"),
                ("cars_lte", "1", "0"),
                ("proximity_min_gte", "1.5", "1.6"),
                ("proximity_min_lte", "1.5", "1.4"),
                ("proximity_avg_gte", "2.25", "2.3"),
                ("proximity_avg_lte", "2.25", "2.2"),
                ("proximity_max_gte", "3", "3.1"),
                ("proximity_max_lte", "3", "2.9"),
            ],
        ),
        (
            "areas",
            RECORD,
            &[
                ("area_in", "[2]", "[3]"),
                ("camera_in", "[3]", "[2]"),
                ("camera_group_in", "[1]", "[2]"),
            ],
        ),
    ];

    const COMMON: &[Case] = &[
        ("allowed_bs_types", r#"["overall"]"#, r#"["realtime"]"#),
        ("camera_group_in", "[1]", "[-1]"),
        ("camera_in", "[3]", "[1]"),
        ("matched_lists_in", "[4]", "[-1]"),
        ("matched_card_in", "[12]", "[13]"),
        ("matched", "true", "false"),
        ("confidence_gte", "0.91", "0.92"),
    ];

    #[test]
    fn each_key_tests_its_field() {
        for (section, body, keys) in CASES {
            let notification = parse_one(body);
            for (key, matching, failing) in keys {
                let filter = parse(section, &format!(r#"{{"{key}": {matching}}}"#)).unwrap();
                assert!(matches(&filter, &notification), "{section}.{key}: {matching}");
                let filter = parse(section, &format!(r#"{{"{key}": {failing}}}"#)).unwrap();
                assert!(!matches(&filter, &notification), "{section}.{key}: {failing}");
            }
        }
    }

    #[test]
    fn every_key_of_the_table_is_tested() {
        let tested = Vec::from_iter(CASES.iter().flat_map(|(.., keys)| keys.iter()));
        for section in FILTERS.sections() {
            for key in section.keys() {
                let is_tested = tested.iter().any(|(name, ..)| *name == key.name());
                assert!(is_tested, "{}.{}", section.name(), key.name());
            }
        }
    }

    #[test]
    fn a_null_or_missing_feature_matches_no_key() {
        for features in [Features::default(), Features::default().with_null("orientation")] {
            let event = CarEvent::new("42").features(features);
            for keys in [
                r#"{"orientation_in": ["", "unknown", "front"]}"#,
                r#"{"orientation_confidence_lte": 1}"#,
                r#"{"orientation_confidence_gte": 0}"#,
            ] {
                assert!(!matches(&parse("car_events", keys).unwrap(), &event), "{keys}");
            }
        }
        let not_computed = Features::default().with("orientation", "", 0.0);
        let event = CarEvent::new("42").features(not_computed);
        for keys in [
            r#"{"orientation_in": [""]}"#,
            r#"{"orientation_confidence_lte": 0}"#,
            r#"{"orientation_confidence_gte": 0}"#,
        ] {
            assert!(matches(&parse("car_events", keys).unwrap(), &event), "{keys}");
        }
    }

    #[test]
    fn derived_booleans_are_never_null() {
        let is_match = |section, keys, episode: &dyn Notification| {
            matches(&parse(section, keys).unwrap(), &episode)
        };
        let opening = HumanEpisode::new(1, EventType::EpisodeOpen);
        assert!(is_match("human_episodes", r#"{"face_matched": false}"#, &opening));
        assert!(is_match("human_episodes", r#"{"body_matched": false}"#, &HumanEpisode::empty(1)));
        assert!(is_match("car_episodes", r#"{"car_matched": false}"#, &CarEpisode::empty(1)));
        let matched = HumanEpisode::empty(1).matched_face_event(json!({"id": "42"}));
        assert!(!is_match("human_episodes", r#"{"face_matched": false}"#, &matched));
    }

    #[test]
    fn a_section_that_is_not_in_the_filter_matches_nothing() {
        let everything = Filter::parse("{}", &FILTERS).unwrap();
        for body in BODIES {
            let notification = parse_one(body);
            assert!(matches(&everything, &notification));
            for section in FILTERS.sections().iter().map(|section| section.name()) {
                let filter = parse(section, "{}").unwrap();
                assert_eq!(
                    matches(&filter, &notification),
                    section == notification.schema().topic()
                );
            }
        }
        let other = parse_one(r#"{"webhook_type": "later"}"#);
        assert!(!matches(&everything, &other));
    }

    #[test]
    fn values_have_the_documented_bounds() {
        for (section, key, accepted, refused) in [
            ("face_events", "matched_lists_in", "[-1]", "[-2]"),
            ("body_events", "camera_group_in", "[-1]", "[-2]"),
            ("car_events", "camera_in", "[1]", "[0]"),
            ("face_events", "matched_card_in", "[1]", "[0]"),
            ("face_events", "confidence_gte", "1", "1.01"),
            ("face_events", "liveness_gte", "0", "-0.01"),
            ("face_events", "allowed_bs_types", r#"["realtime"]"#, r#"["real"]"#),
            ("face_events", "headpose_yaw_angle_gte", "-180", "-181"),
            ("face_events", "headpose_pitch_angle_lte", "180", "180.0"),
            ("face_events", "age_gte", "0", "-1"),
            ("face_events", "gender_in", r#"["any text"]"#, r#""male""#),
            ("body_events", "gender_score_lte", "1", "2"),
            ("car_events", "license_plate_color_confidence_gte", "0.5", r#""0.5""#),
            ("human_episodes", "events_count_gte", "0", "-1"),
            ("human_episodes", "events_count_lte", "1", "0"),
            ("car_episodes", "allowed_types", r#"["episode_open"]"#, r#"["episode"]"#),
            ("counters", "faces_gte", "0", "0.5"),
            ("counters", "proximity_min_gte", "1e9", "-0.1"),
        ] {
            let filter = |value| parse(section, &format!(r#"{{"{key}": {value}}}"#));
            filter(accepted).unwrap();
            let error = filter(refused).unwrap_err().to_string();
            assert!(error.contains(&format!("/{section}/{key}")), "{error}");
        }
        for (section, key) in [("human_episodes", "car_matched"), ("car_episodes", "face_matched")]
        {
            parse(section, &format!(r#"{{"{key}": true}}"#)).unwrap_err();
        }
    }
}

#[test]
fn the_profile_has_the_policy_of_security_and_sends_an_array() {
    assert_eq!(policy(), security::policy());
    assert_eq!(profile().policy(), &policy());
    assert_eq!(profile().framing(), Framing::Array);
    assert_eq!(policy().batch().max_items(), 1);
}

#[test]
fn a_batch_is_an_array_with_notifications_of_one_section() {
    let batches = policy().with_batch(Batching::at_most(10).unwrap());
    let webhook = Webhook::new("http://127.0.0.1:9/", Filter::everything(&FILTERS))
        .unwrap()
        .with_profile(profile().with_policy(batches));
    let (mut engine, start) = (Engine::new(), Moment::ZERO);
    engine.insert("one", webhook, start).unwrap();
    for body in [CAR, FACE, ACTIVATION, RECORD, CAR] {
        engine.publish(&parse_one(body), start).unwrap();
    }
    let mut sent = Vec::new();
    while let Some(outgoing) = engine.poll_request(start, SystemTime::UNIX_EPOCH) {
        let notifications = parse_delivery(outgoing.request().body()).unwrap();
        sent.push(Vec::from_iter(
            notifications.iter().map(|notification| notification.schema().topic()),
        ));
        let (id, wall) = (outgoing.attempt_id(), SystemTime::UNIX_EPOCH);
        engine.handle_response(id, StatusCode::OK, &HeaderMap::new(), start, wall);
    }
    sent.sort_unstable();
    assert_eq!(
        sent,
        [vec!["areas", "areas"], vec!["car_events", "car_events"], vec!["face_events"]]
    );
}

proptest! {
    #[test]
    fn unknown_absent_and_null_fields_are_kept(
        body in prop::sample::select(BODIES.as_slice()),
        changes in any_changes(),
    ) {
        assert_kept(parse_delivery, &changed(body, &changes));
    }

    #[test]
    fn a_damaged_body_is_refused_or_read_without_loss(
        body in prop::sample::select(BODIES.as_slice()),
        damage in any_damage(),
    ) {
        assert_refused_or_kept(parse_delivery, &damaged(body, damage));
    }
}
