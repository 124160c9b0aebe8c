//! FindFace Lite: reading, writing and refusing the inferred bodies, and the documented filter
//! keys.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod bodies;
mod matching;

use bodies::{
    any_changes, any_damage, assert_kept, assert_refused, assert_refused_or_kept, changed, damaged,
    encoded, json,
};
use proptest::prelude::*;
use recohook::{
    Notification, Rendering,
    findface::lite::{
        BsType, Event, EventId, EventType, Features, Headpose, LicensePlateVisibility,
        LicensePlateVisibilityName, Medmask, MedmaskName, Orientation, OrientationName,
        SpecialType, SpecialTypeName, parse_delivery,
    },
    model::Field,
};
use serde_json::{Map, Value, json};

const FACE: &str = include_str!("data/findface-lite/event.face.json");
const CAR: &str = include_str!("data/findface-lite/event.car.json");
const LICENSE_PLATE: &str = include_str!("data/findface-lite/event.license_plate.json");

const BODIES: [&str; 3] = [FACE, CAR, LICENSE_PLATE];

fn parse_one(text: &str) -> Event {
    let [event] = <[Event; 1]>::try_from(parse_delivery(text.as_bytes()).unwrap()).unwrap();
    event
}

#[test]
fn bodies_are_read_and_written_without_a_change_and_have_no_unknown_fields() {
    for body in BODIES {
        assert_kept(parse_delivery, &json(body));
        let event = parse_one(body);
        assert_eq!(encoded(&event, Rendering::Compact), json(body)[0]);
        assert_eq!(event.extra, Map::new());
        let Field::Value(features) = event.features else { panic!("{body}") };
        assert_eq!(features.extra, Map::new());
    }
}

#[test]
fn a_host_can_build_a_face_event() {
    let features = Features::empty()
        .headpose(Headpose::new(3.5, -4.2, 1.8))
        .liveness(0.44)
        .medmask(Medmask::new(MedmaskName::None, 0.9731));
    let face = Event::new(42, EventType::Face)
        .bs_type(BsType::Overall)
        .camera(1)
        .card(4)
        .confidence(0.7812)
        .created_date("2022-09-14T10:21:07.415230Z")
        .features(features)
        .matched(true);
    assert_eq!(face, parse_one(FACE));
    assert_eq!((&*face.id(), face.kind(), face.schema().topic()), ("42", "face", "events"));
}

#[test]
fn a_host_can_build_a_car_event_and_a_license_plate_event() {
    let features = Features::empty()
        .license_plate_number("A123BC77")
        .license_plate_visibility(LicensePlateVisibility::new(
            LicensePlateVisibilityName::FullyVisible,
            0.9918,
        ))
        .orientation(Orientation::new(OrientationName::Front, 0.8804))
        .special_type(SpecialType::new(SpecialTypeName::NotSpecial, 0.9642));
    let car = Event::new(43, EventType::Car)
        .bs_type(BsType::Realtime)
        .camera(2)
        .confidence(0)
        .created_date("2022-09-14T10:22:51.000318Z")
        .features(features);
    assert_eq!(car, parse_one(CAR));

    let plate = Event::new(44, EventType::LicensePlate)
        .bs_type(BsType::Overall)
        .camera(2)
        .card(5)
        .confidence(1)
        .created_date("2022-09-14T10:22:52.770041Z")
        .features(Features::empty().license_plate_number("A123BC77"))
        .matched(true);
    assert_eq!(plate, parse_one(LICENSE_PLATE));
}

#[test]
fn a_new_event_has_all_keys_of_the_model() {
    let new = encoded(&Event::new(42, EventType::Face), Rendering::Full);
    let keys = |value: &Value| Vec::from_iter(value.as_object().unwrap().keys().cloned());
    assert_eq!(keys(&new), keys(&json(FACE)[0]));
    assert_eq!((&new["type"], &new["features"]), (&json!("face"), &Value::Null));
    assert_eq!(encoded(&Event::empty(42), Rendering::Full), json!({"id": 42}));
}

mod filters {
    use recohook::{
        Filter,
        filter::{Section, Table},
        findface::lite::{EVENTS, FILTERS, FILTERS_REALTIME_IS_ALL},
    };

    use super::*;
    use crate::matching::matches;

    /// Returns which bodies a filter matches: face, car, license plate.
    fn matching_bodies(filter: &str) -> [bool; 3] {
        let filter = Filter::parse(filter, &FILTERS).unwrap_or_else(|e| panic!("{filter}: {e}"));
        BODIES.map(|body| matches(&filter, &parse_one(body)))
    }

    const ALL: [bool; 3] = [true; 3];
    const FACE: [bool; 3] = [true, false, false];
    const CAR: [bool; 3] = [false, true, false];
    const PLATE: [bool; 3] = [false, false, true];
    const NONE: [bool; 3] = [false; 3];

    #[test]
    fn the_documented_filters_match_a_face_event() {
        for registration in [
            include_str!("data/findface-lite/create-webhook.request.json"),
            include_str!("data/findface-lite/create-webhook.response.json"),
        ] {
            let filters = json(registration)["filters"].to_string();
            assert_eq!(matching_bodies(&filters), FACE);
            let filter = Filter::parse(&filters, &FILTERS).unwrap();
            assert_eq!(json(&filter.to_string()), json(&filters));
            let mut turned = parse_one(super::FACE);
            turned.features = Features::empty().headpose(Headpose::new(3.6, -4.2, 1.8)).into();
            assert!(!matches(&filter, &turned));
        }
    }

    #[test]
    fn each_key_tests_its_field() {
        for (filter, expected) in [
            (r#"{}"#, ALL),
            (r#"{"type_in": "face"}"#, FACE),
            (r#"{"type_in": ["car"]}"#, CAR),
            (r#"{"type_in": ["face", "car", "license_plate"]}"#, ALL),
            (r#"{"type_in": []}"#, NONE),
            (r#"{"camera_in": 1}"#, FACE),
            (r#"{"camera_in": [1, 2]}"#, ALL),
            (r#"{"camera_in": [3]}"#, NONE),
            (r#"{"card_in": 5}"#, PLATE),
            (r#"{"card_in": [4, 5]}"#, [true, false, true]),
            (r#"{"confidence_gte": 0.7812}"#, [true, false, true]),
            (r#"{"confidence_gte": 0.7813}"#, PLATE),
            (r#"{"confidence_lte": 0.7812}"#, [true, true, false]),
            (r#"{"confidence_lte": 0}"#, CAR),
            (r#"{"matched": true}"#, [true, false, true]),
            (r#"{"matched": false}"#, CAR),
            (r#"{"bs_type_in": "overall"}"#, [true, false, true]),
            (r#"{"bs_type_in": ["realtime"]}"#, CAR),
            (r#"{"yaw_gte": 3.5, "yaw_lte": 3.5}"#, FACE),
            (r#"{"yaw_gte": 3.6}"#, NONE),
            (r#"{"yaw_lte": 3.4}"#, NONE),
            (r#"{"pitch_gte": -4.2}"#, FACE),
            (r#"{"pitch_lte": -4.3}"#, NONE),
            (r#"{"roll_gte": -180, "roll_lte": 180}"#, FACE),
            (r#"{"roll_gte": 2}"#, NONE),
            (r#"{"liveness_gte": 0.44}"#, FACE),
            (r#"{"liveness_lte": 0.43}"#, NONE),
            (r#"{"license_plate_number": "A123BC77"}"#, CAR),
            (r#"{"license_plate_number": "a123bc77"}"#, NONE),
            (r#"{"license_plate_event_number": "A123BC77"}"#, PLATE),
            (r#"{"license_plate_event_number": "A123BC"}"#, NONE),
        ] {
            assert_eq!(matching_bodies(filter), expected, "{filter}");
        }
    }

    #[test]
    fn each_object_of_keys_tests_its_feature() {
        for (key, name, other, confidence, expected) in [
            ("medmask", "none", "correct", 0.9731, FACE),
            ("orientation", "front", "side", 0.8804, CAR),
            ("special_type", "not_special", "taxi", 0.9642, CAR),
            ("license_plate_visibility", "fully_visible", "invisible", 0.9918, CAR),
        ] {
            for (members, expected) in [
                (json!({}), expected),
                (json!({"name": name}), expected),
                (json!({"name": [other, name]}), expected),
                (json!({"name": other}), NONE),
                (json!({"name": []}), NONE),
                (json!({"confidence_gte": confidence}), expected),
                (json!({"confidence_gte": confidence + 0.0001}), NONE),
                (json!({"confidence_lte": confidence}), expected),
                (json!({"confidence_lte": confidence - 0.0001}), NONE),
                (json!({"name": name, "confidence_gte": 0.5, "confidence_lte": 1}), expected),
                (json!({"name": other, "confidence_gte": 0.5}), NONE),
            ] {
                let filter = json!({ key: members }).to_string();
                assert_eq!(matching_bodies(&filter), expected, "{filter}");
            }
        }
    }

    #[test]
    fn all_keys_must_match_and_null_matches_no_key() {
        assert_eq!(matching_bodies(r#"{"medmask": {}, "orientation": {}}"#), NONE);
        assert_eq!(matching_bodies(r#"{"type_in": "car", "license_plate_visibility": {}}"#), CAR);
        let bare = Event::empty(1).event_type(EventType::Face);
        for filter in [
            r#"{"matched": false}"#,
            r#"{"liveness_lte": 1}"#,
            r#"{"bs_type_in": ["overall", "realtime"]}"#,
            r#"{"medmask": {}}"#,
        ] {
            assert!(!matches(&Filter::parse(filter, &FILTERS).unwrap(), &bare), "{filter}");
        }
    }

    #[test]
    fn with_the_other_table_realtime_means_every_bs_type() {
        let filter = |text| Filter::parse(text, &FILTERS_REALTIME_IS_ALL).unwrap();
        for text in [r#"{"bs_type_in": "realtime"}"#, r#"{"bs_type_in": ["realtime"]}"#] {
            assert!(BODIES.iter().all(|body| matches(&filter(text), &parse_one(body))));
            let new = Event::empty(1).bs_type(BsType::Other("best".into()));
            assert!(matches(&filter(text), &new));
            assert!(
                !matches(&filter(text), &Event::empty(1)),
                "an event without `bs_type` must not match"
            );
        }
        let overall = filter(r#"{"bs_type_in": "overall", "matched": true}"#);
        assert_eq!(BODIES.map(|body| matches(&overall, &parse_one(body))), [true, false, true]);
        assert!(!matches(&filter(r#"{"bs_type_in": []}"#), &parse_one(super::FACE)));
        let names = |table: Table| {
            table.sections()[0].keys().iter().map(|key| key.name()).collect::<Vec<_>>()
        };
        assert_eq!(names(FILTERS), names(FILTERS_REALTIME_IS_ALL));
    }

    #[test]
    fn undocumented_keys_and_values_are_refused_with_their_place() {
        for (filter, pointer) in [
            (r#"{"events": {}}"#, "/events"),
            (r#"{"type_in": "faces"}"#, "/type_in"),
            (r#"{"camera_in": "1"}"#, "/camera_in"),
            (r#"{"camera_in": 1.0}"#, "/camera_in"),
            (r#"{"card_in": [4, null]}"#, "/card_in/1"),
            (r#"{"confidence_gte": 1.01}"#, "/confidence_gte"),
            (r#"{"confidence_lte": [1]}"#, "/confidence_lte"),
            (r#"{"liveness_gte": -0.1}"#, "/liveness_gte"),
            (r#"{"matched": "true"}"#, "/matched"),
            (r#"{"yaw_gte": "3"}"#, "/yaw_gte"),
            (r#"{"medmask": "none"}"#, "/medmask"),
            (r#"{"medmask": {"name": "front"}}"#, "/medmask/name"),
            (r#"{"orientation": {"confidence_gte": 2}}"#, "/orientation/confidence_gte"),
            (r#"{"orientation": {"confidence": 1}}"#, "/orientation/confidence"),
            (r#"{"special_type": null}"#, "/special_type"),
            (r#"{"license_plate_number": ["A123BC77"]}"#, "/license_plate_number"),
            (r#"{"license_plate_event_number": 123}"#, "/license_plate_event_number"),
        ] {
            let error = Filter::parse(filter, &FILTERS).unwrap_err();
            assert_eq!(error.pointer(), Some(pointer), "{filter}: {error}");
        }
    }

    /// In the native language, a host can test what the documented keys cannot.
    #[test]
    fn the_schema_can_be_used_with_the_native_language() {
        static NATIVE: Table = Table::new(&[Section::native(&EVENTS)]);
        let filter = r#"{"events": {"license_plate_number_prefix": "A1", "special_type_name_not_in": ["taxi"]}}"#;
        let filter = Filter::parse(filter, &NATIVE).unwrap();
        assert_eq!(BODIES.map(|body| matches(&filter, &parse_one(body))), CAR);
    }
}

/// The words are those that the page documents.
#[test]
fn documented_words_are_known_and_others_are_kept() {
    fn assert_words<T: for<'a> From<&'a str> + std::fmt::Debug + ToString>(words: &[&str]) {
        for word in words {
            assert!(!format!("{:?}", T::from(word)).starts_with("Other("), "{word}");
            assert_eq!(T::from(word).to_string(), *word);
        }
        assert_eq!(format!("{:?}", T::from("new")), r#"Other("new")"#);
    }
    assert_words::<EventType>(&["face", "car", "license_plate"]);
    assert_words::<BsType>(&["overall", "realtime"]);
    assert_words::<MedmaskName>(&["none", "correct", "incorrect"]);
    assert_words::<OrientationName>(&["back", "side", "front"]);
    assert_words::<SpecialTypeName>(&[
        "not_special",
        "police",
        "ambulance",
        "road_service",
        "gas_service",
        "rescue_service",
        "other_special",
        "taxi",
        "route_transport",
        "car_sharing",
        "military",
    ]);
    assert_words::<LicensePlateVisibilityName>(&[
        "partly_visible_no_text",
        "fully_visible_no_text",
        "invisible",
        "partly_visible",
        "fully_visible",
    ]);

    let body = json!([{
        "id": "42",
        "type": "bus",
        "bs_type": "best",
        "features": {"orientation": {"name": "above", "confidence": 1}},
    }]);
    assert_kept(parse_delivery, &body);
    assert_eq!(
        parse_one(&body.to_string()).event_type,
        Field::Value(EventType::Other("bus".into()))
    );
}

#[test]
fn ids_are_integers_or_texts_and_are_kept_as_they_are() {
    for id in [json!(42), json!(-1), json!("42"), json!("")] {
        assert_kept(parse_delivery, &json!([{"id": id}]));
    }
    let read = |body: &str| parse_delivery(body.as_bytes());
    assert_eq!(read(r#"{"id":42}"#).unwrap(), [Event::empty(42)]);
    assert_eq!(read(r#"{"id":"42"}"#).unwrap(), [Event::empty(EventId::from("42"))]);
    for id in ["null", "4.0", "[1]", "{}", "true", "9223372036854775808"] {
        let body = format!(r#"[{{"id":"1"}},{{"id":{id}}}]"#);
        assert_refused(read(&body), 1, "in `id`: expected an integer or a string");
    }
}

#[test]
fn invalid_values_are_refused_with_their_place() {
    let refuse = |fields: &str, part| {
        assert_refused(parse_delivery(format!(r#"[{{"id":1,{fields}}}]"#).as_bytes()), 0, part);
    };
    refuse(r#""type":1"#, "in `type`: invalid type");
    refuse(r#""camera":2.0"#, "in `camera`: invalid type");
    refuse(r#""matched":"yes""#, "in `matched`: invalid type");
    refuse(r#""features": [1]"#, "in `features`: invalid type");
    refuse(r#""features":{"medmask":"none"}"#, "in `features`: in `medmask`: invalid type");
    refuse(r#""features":{"liveness":{}}"#, "in `features`: in `liveness`: invalid");
    refuse(r#""type":"car","type":"car""#, "duplicate field `type`");
    assert_refused(parse_delivery(br#"{"type":"car"}"#), 0, "missing field `id`");
    for body in BODIES.map(str::trim_end) {
        for end in 0..body.len() {
            assert_eq!(parse_delivery(&body.as_bytes()[..end]).unwrap_err().kind(), "json");
        }
    }
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

    #[test]
    fn random_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_delivery(&bytes);
    }
}
