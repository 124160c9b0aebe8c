//! Tables of a host's own: what they allow, and the mistakes that don't compile in a `static`.

use recohook::{
    Filter,
    attribute::{Attribute, Record, Schema},
    filter::{Key, Section, Table},
};

static READINGS: Schema = Schema::new(
    "readings",
    &[
        Attribute::number("celsius"),
        Attribute::int("sensor"),
        Attribute::bool("alarm"),
        Attribute::ints("rooms"),
    ],
);
static OTHERS: Schema = Schema::new("others", &[Attribute::int("id")]);

static FILTERS: Table = Table::new(&[
    Section::new(
        "readings",
        &READINGS,
        &[
            Key::at_least("celsius_gte", READINGS.expect("celsius")),
            Key::at_most("celsius_lte", READINGS.expect("celsius")),
            Key::one_of("sensor_in", READINGS.expect("sensor")),
        ],
    ),
    Section::new("others", &OTHERS, &[]),
]);

fn celsius(value: f64) -> Record {
    let mut record = Record::new();
    record.reset(&READINGS);
    record.number(READINGS.expect("celsius"), value);
    record
}

#[test]
fn bounds_take_any_number() {
    for (bound, below, at) in [
        ("-40", -40.1, -40.0),
        ("36.6", 36.599, 36.6),
        ("1e300", 1e299, 1e300),
        ("18446744073709551615", 1.8e19, f64::INFINITY),
        ("-0", -0.1, 0.0),
    ] {
        let text = format!(r#"{{"readings": {{"celsius_gte": {bound}}}}}"#);
        let filter = Filter::parse(&text, &FILTERS).unwrap();
        assert!(!filter.matches(&celsius(below)), "{bound}");
        assert!(filter.matches(&celsius(at)), "{bound}");
        assert!(!filter.matches(&celsius(f64::NAN)), "{bound}");
        assert_eq!(Filter::parse(filter.to_string(), &FILTERS).unwrap(), filter);
    }
}

#[test]
fn one_value_between_two_equal_bounds() {
    let text = r#"{"readings": {"celsius_lte": 3.5, "celsius_gte": 3.5}}"#;
    let filter = Filter::parse(text, &FILTERS).unwrap();
    assert!(filter.matches(&celsius(3.5)));
    assert!(!filter.matches(&celsius(3.4)) && !filter.matches(&celsius(3.6)));
    assert_eq!(filter.to_string(), r#"{"readings":{"celsius_gte":3.5,"celsius_lte":3.5}}"#);
}

#[test]
fn a_contradiction_is_kept_and_wants_nothing() {
    let text = r#"{"readings":{"celsius_gte":4.0,"celsius_lte":3.0,"sensor_in":[]}}"#;
    let filter = Filter::parse(text, &FILTERS).unwrap();
    assert!(!filter.wants(&READINGS));
    assert!(!filter.matches(&celsius(3.5)));
    assert_eq!(filter.to_string(), text);
}

#[test]
fn everything_is_the_empty_object_and_all_sections() {
    let everything = Filter::everything(&FILTERS);
    assert_eq!(everything.to_string(), "{}");
    assert_eq!(Filter::parse("{}", &FILTERS), Ok(everything.clone()));
    assert_eq!(Filter::parse(r#"{"others":{},"readings":{}}"#, &FILTERS), Ok(everything.clone()));
    assert!(everything.wants(&READINGS) && everything.wants(&OTHERS));
    assert_ne!(Filter::parse(r#"{"readings":{}}"#, &FILTERS), Ok(everything));
}

#[test]
fn a_record_of_another_table_or_of_none_is_not_wanted() {
    static UNKNOWN: Schema = Schema::new("unknown", &[]);
    let everything = Filter::everything(&FILTERS);
    let mut record = Record::new();
    assert!(!everything.matches(&record));
    record.reset(&UNKNOWN);
    assert!(!everything.matches(&record));
    record.reset(&OTHERS);
    assert!(everything.matches(&record));
}

#[test]
fn filters_are_cheap_to_share() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    shared(&Filter::everything(&FILTERS));
}

#[test]
#[should_panic(expected = "a key cannot test an attribute of this kind")]
fn a_boolean_has_no_bounds() {
    Section::new("s", &READINGS, const { &[Key::at_least("a", READINGS.expect("alarm"))] });
}

#[test]
#[should_panic(expected = "a key's values do not suit its attribute")]
fn an_id_is_not_between_numbers() {
    const KEYS: &[Key] = &[Key::one_of("a", READINGS.expect("sensor")).between(0.0, 1.0)];
    Section::new("s", &READINGS, KEYS);
}

#[test]
#[should_panic(expected = "a key tests an attribute of another schema")]
fn an_attribute_must_be_of_the_schema() {
    Section::new("s", &OTHERS, const { &[Key::is("a", READINGS.expect("alarm"))] });
}

#[test]
#[should_panic(expected = "a key stands twice")]
fn a_key_stands_once() {
    const KEY: Key = Key::one_of("a", OTHERS.expect("id"));
    Section::new("s", &OTHERS, const { &[KEY, KEY] });
}

#[test]
#[should_panic(expected = "two keys test the same")]
fn a_test_has_one_key() {
    const KEYS: &[Key] =
        &[Key::one_of("a", OTHERS.expect("id")), Key::one_of("b", OTHERS.expect("id"))];
    Section::new("s", &OTHERS, KEYS);
}

#[test]
#[should_panic(expected = "a section stands twice")]
fn a_section_stands_once() {
    const READ: Section = Section::new("s", &READINGS, &[]);
    const OTHER: Section = Section::new("s", &OTHERS, &[]);
    Table::new(const { &[READ, OTHER] });
}
