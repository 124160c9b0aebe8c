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
