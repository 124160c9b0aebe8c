//! The JSON Schemas of the systems.

use jsonschema::Validator;
use recohook::{
    Filter,
    attribute::{Attribute, Schema},
    faceio,
    filter::{Section, Table},
    findface::{lite, multi, security, security_2019},
    openbiometrics,
};
use serde_json::{Value, json};

/// The tables of all systems, each with its corpus of filters.
const TABLES: &[(&str, &Table)] = &[
    (include_str!("../data/corpus/findface-security-2020.json"), &security::FILTERS),
    (include_str!("../data/corpus/findface-security-2019.json"), &security_2019::FILTERS),
    (include_str!("../data/corpus/findface-lite.json"), &lite::FILTERS),
    (
        include_str!("../data/corpus/findface-lite-realtime-is-all.json"),
        &lite::FILTERS_REALTIME_IS_ALL,
    ),
    (include_str!("../data/corpus/findface-multi.json"), &multi::FILTERS),
    (include_str!("../data/corpus/openbiometrics.json"), &openbiometrics::FILTERS),
    (include_str!("../data/corpus/faceio.json"), &faceio::FILTERS),
];

static THINGS: Schema = Schema::new(
    "odd things / all",
    &[
        Attribute::bool("bool"),
        Attribute::choice("choice", &["a", "b"]),
        Attribute::number("number"),
        Attribute::int("int"),
        Attribute::text("text"),
        Attribute::bools("bools"),
        Attribute::numbers("numbers"),
        Attribute::ints("ints"),
        Attribute::texts("texts"),
    ],
);
static MORE: Schema = Schema::new("more", &[Attribute::int("door")]);
static OWN: Table = Table::new(&[Section::native(&THINGS), Section::native(&MORE)]);

/// Compiles the schema of a table. Asserts that the schema itself is valid.
fn validator(table: &Table) -> Validator {
    let schema = table.json_schema();
    assert!(jsonschema::meta::is_valid(&schema), "{schema}");
    jsonschema::draft202012::new(&schema).unwrap()
}

/// Asserts that the schema and the parser agree.
#[track_caller]
fn assert_agree(validator: &Validator, table: &'static Table, filter: &Value) {
    let parsed = Filter::parse(filter.to_string(), table);
    let is_valid = validator.is_valid(filter);
    assert_eq!(is_valid, parsed.is_ok(), "{filter}: {parsed:?}");
}

#[test]
fn filters_of_the_corpus_are_valid() {
    for (corpus, table) in TABLES {
        let validator = validator(table);
        let corpus: Value = serde_json::from_str(corpus).unwrap();
        let cases = corpus["cases"].as_array().unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            assert!(validator.is_valid(&case["filter"]), "{}", case["filter"]);
        }
    }
}

/// Each key of each table accepts and refuses the same values in the schema and in the parser.
#[test]
fn the_schema_and_the_parser_agree_on_every_key() {
    let values = [
        json!(null),
        json!(true),
        json!(1),
        json!(-2),
        json!(0.5),
        json!(1.5),
        json!(1000),
        json!("a"),
        json!("overall"),
        json!([]),
        json!([1, 2]),
        json!([1, "a"]),
        json!([0.5]),
        json!(["a"]),
        json!(["overall"]),
        json!([null]),
        json!([[1]]),
        json!([true]),
        json!({}),
        json!({"name": "none"}),
        json!({"confidence_gte": 0.5}),
        json!({"confidence_gte": 2}),
        json!({"unknown": 1}),
    ];
    let tables = TABLES.iter().map(|(_, table)| *table).chain([&OWN]);
    for table in tables {
        let validator = validator(table);
        for filter in [json!(null), json!([]), json!({}), json!({"unknown": {}}), json!("{}")] {
            assert_agree(&validator, table, &filter);
        }
        let schema = table.json_schema();
        for section in table.sections() {
            let in_section = |clause: Value| match table.is_flat() {
                true => clause,
                false => json!({section.name(): clause}),
            };
            let properties = match table.is_flat() {
                true => &schema["properties"],
                false => &schema["properties"][section.name()]["properties"],
            };
            let keys = properties.as_object().unwrap();
            assert!(!keys.is_empty());
            for (key, schema) in keys {
                assert!(schema["description"].as_str().is_some_and(|text| text.ends_with('.')));
                for value in &values {
                    assert_agree(&validator, table, &in_section(json!({key: value})));
                }
            }
            assert_agree(&validator, table, &in_section(json!({"unknown": 1})));
            assert_agree(&validator, table, &in_section(json!(1)));
        }
    }
}

#[test]
fn the_native_language_is_recursive() {
    for table in [&openbiometrics::FILTERS, &faceio::FILTERS] {
        let validator = validator(table);
        let key = if table == &faceio::FILTERS { "gender" } else { "label" };
        for filter in [
            json!({"not": {key: "a"}}),
            json!({"not": {key: 1}}),
            json!({"all": [{"any": [{"not": {key: "a"}}]}]}),
            json!({"all": [{"any": [{"not": {key: 1}}]}]}),
            json!({"all": {}}),
            json!({"any": [1]}),
            json!({"any": []}),
        ] {
            assert_agree(&validator, table, &filter);
        }
    }
    // Two sections that refer to themselves do not get in each other's way.
    let validator = validator(&OWN);
    for filter in [
        json!({"more": {"not": {"door": 1}}}),
        json!({"more": {"not": {"int": 1}}}),
        json!({"odd things / all": {"all": [{"int": 1}]}}),
        json!({"odd things / all": {"all": [{"door": 1}]}}),
    ] {
        assert_agree(&validator, &OWN, &filter);
    }
}

fn compiled(schema: &Value) -> Validator {
    assert!(jsonschema::meta::is_valid(schema), "{schema}");
    jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap()
}

/// The schema of each system's deliveries, with the documented samples. The samples of FindFace
/// Lite and FindFace Multi are inferred.
fn deliveries() -> Vec<(Value, Vec<&'static str>)> {
    macro_rules! samples {
        ($($path:literal)+) => {
            vec![$(include_str!(concat!("../data/", $path))),+]
        };
    }
    vec![
        (
            security::delivery_schema(),
            samples!["findface-security-2020/event.json"
                "findface-security-2020/event.verbose.json"
                "findface-security-2020/episode_opening.json"
                "findface-security-2020/episode_opening.verbose.json"
                "findface-security-2020/episode_closing.json"
                "findface-security-2020/episode_closing.verbose.json"
                "findface-security-2020/counter_record.json"
                "findface-security-2020/counter_record.verbose.json"],
        ),
        (security_2019::delivery_schema(), samples!["findface-security-2019/event.json"]),
        (
            lite::delivery_schema(),
            samples!["findface-lite/event.face.json"
                "findface-lite/event.car.json"
                "findface-lite/event.license_plate.json"],
        ),
        (
            multi::delivery_schema(),
            samples!["findface-multi/face_event.json"
                "findface-multi/body_event.json"
                "findface-multi/car_event.json"
                "findface-multi/human_episode.json"
                "findface-multi/car_episode.json"
                "findface-multi/counter_record.json"
                "findface-multi/area_record.json"
                "findface-multi/area_activation.json"],
        ),
        (openbiometrics::Event::json_schema(), samples!["openbiometrics/delivery.json"]),
        (faceio::Event::json_schema(), samples!["faceio/auth.json" "faceio/enroll.json"]),
    ]
}

#[test]
fn the_documented_bodies_are_valid() {
    for (schema, samples) in deliveries() {
        let validator = compiled(&schema);
        for sample in samples {
            let body: Value = serde_json::from_str(sample).unwrap();
            let errors =
                Vec::from_iter(validator.iter_errors(&body).map(|error| error.to_string()));
            assert!(errors.is_empty(), "{errors:?}");
        }
    }
}

/// A wrong type in a documented field is found by the schema of its model.
#[test]
fn a_body_with_a_wrong_type_is_invalid() {
    let sample = include_str!("../data/findface-security-2020/event.json");
    let event = serde_json::from_str::<Value>(sample).unwrap()[0].take();
    let validator = compiled(&security::Event::json_schema());
    assert!(validator.is_valid(&event));
    for (pointer, wrong) in [
        ("/id", json!(42)),
        ("/acknowledged", json!("yes")),
        ("/camera_group", json!("gate")),
        ("/confidence", json!("0.9")),
        ("/created_date", json!(7)),
        ("/features", json!([1])),
        ("/matched_lists", json!(["a"])),
        ("/scores/track/id", json!(7)),
    ] {
        let mut changed = event.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&changed), "{pointer}");
    }
    let mut newer = event;
    newer["added_later"] = json!([1]);
    assert!(validator.is_valid(&newer), "a later version may add fields");
}

/// What a host builds is valid, and each field of a model is in its schema, with a description.
#[test]
fn what_models_write_is_valid() {
    let event = || security::Event::new("42").camera(3).confidence(0.9_f32);
    for (schema, built) in [
        (security::Event::json_schema(), json!(event())),
        (security::Episode::json_schema(), json!(security::Episode::opening(1, event()))),
        (security::Episode::json_schema(), json!(security::Episode::closing(1, 1, event()))),
        (security::CounterRecord::json_schema(), json!(security::CounterRecord::new(1))),
        (security_2019::Event::json_schema(), json!(security_2019::Event::new("42"))),
        (lite::Event::json_schema(), json!(lite::Event::new(42, lite::EventType::Car))),
        (multi::FaceEvent::json_schema(), json!(multi::FaceEvent::new("42"))),
        (multi::CarEvent::json_schema(), json!(multi::CarEvent::new("42"))),
        (multi::AreaNotification::json_schema(), json!(multi::AreaNotification::record(8))),
        (
            openbiometrics::Event::json_schema(),
            json!(openbiometrics::Event::new("1", "line_crossed", "2026-03-19T10:32:15Z")),
        ),
        (faceio::Event::json_schema(), json!(faceio::Event::new("AUTH", "f", "a", "::1"))),
    ] {
        let errors = Vec::from_iter(compiled(&schema).iter_errors(&built).map(|e| e.to_string()));
        assert!(errors.is_empty(), "{errors:?}");
        for (name, value) in built.as_object().unwrap() {
            let description = schema["properties"][name]["description"].as_str();
            let is_text = description.is_some_and(|text| !text.is_empty() && !text.contains("[`"));
            assert!(is_text, "{name}: {value} is not described: {description:?}");
        }
    }
}

#[test]
fn registration_objects_are_valid() {
    let lite = compiled(&lite::webhooks().json_schema());
    let request = include_str!("../data/findface-lite/create-webhook.request.json");
    let response = include_str!("../data/findface-lite/create-webhook.response.json");
    for sample in [request, response] {
        assert!(lite.is_valid(&serde_json::from_str(sample).unwrap()), "{sample}");
    }
    let openbiometrics = compiled(&openbiometrics::Registration::json_schema());
    let request = include_str!("../data/openbiometrics/register.request.json");
    assert!(openbiometrics.is_valid(&serde_json::from_str(request).unwrap()));

    // The schema and the registries agree.
    let webhooks = security::webhooks();
    let security = compiled(&webhooks.json_schema());
    let object = json!({"name": "gate", "url": "http://127.0.0.1/", "filters": {"events": {}}});
    for (name, value) in [
        ("name", json!(1)),
        ("active", json!("yes")),
        ("active", json!(false)),
        ("url", json!(7)),
        ("batch_size", json!(0)),
        ("batch_size", json!("10")),
        ("batch_size", json!(10)),
        ("send_attempts", json!(-1)),
        ("send_attempts", json!(0)),
        ("filters", json!({"events": {"camera_in": 3}})),
        ("filters", json!({"event": {}})),
        ("filters", json!(null)),
        ("unknown", json!(1)),
    ] {
        let mut object = object.clone();
        object[name] = value;
        let is_valid = security.is_valid(&object);
        let created = webhooks.read(object.to_string().as_bytes()).and_then(|object| {
            let mut engine = recohook::Engine::new();
            let now = std::time::SystemTime::now();
            webhooks.create(&mut engine.registrar(recohook::Moment::ZERO, now), &object)
        });
        assert_eq!(is_valid, created.is_ok(), "{object}: {created:?}");
    }
    assert!(!security.is_valid(&json!({"name": "gate", "url": "http://127.0.0.1/"})));
}
