//! Filter tables that a host defines: what they allow, and how invalid tables panic. In a `static`,
//! an invalid table does not compile.

use recohook::{
    Filter,
    attribute::{Attribute, Schema, Values},
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
static TEXTS: Schema = Schema::new(
    "texts",
    &[
        Attribute::text("name"),
        Attribute::choice("side", &["left", "right"]),
        Attribute::bool("seen"),
        Attribute::bools("flags"),
        Attribute::texts("tags"),
        Attribute::number("sure"),
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

fn celsius(value: f64) -> Values {
    let mut values = Values::new();
    values.reset(&READINGS);
    values.number(READINGS.expect("celsius"), value);
    values
}

#[test]
fn bounds_can_be_any_number() {
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
fn two_equal_bounds_match_one_value() {
    let text = r#"{"readings": {"celsius_lte": 3.5, "celsius_gte": 3.5}}"#;
    let filter = Filter::parse(text, &FILTERS).unwrap();
    assert!(filter.matches(&celsius(3.5)));
    assert!(!filter.matches(&celsius(3.4)) && !filter.matches(&celsius(3.6)));
    assert_eq!(filter.to_string(), r#"{"readings":{"celsius_gte":3.5,"celsius_lte":3.5}}"#);
}

#[test]
fn a_contradiction_is_kept_and_covers_nothing() {
    let text = r#"{"readings":{"celsius_gte":4.0,"celsius_lte":3.0,"sensor_in":[]}}"#;
    let filter = Filter::parse(text, &FILTERS).unwrap();
    assert!(!filter.covers(&READINGS));
    assert!(!filter.matches(&celsius(3.5)));
    assert_eq!(filter.to_string(), text);
}

#[test]
fn everything_equals_the_empty_object_and_all_sections() {
    let everything = Filter::everything(&FILTERS);
    assert_eq!(everything.to_string(), "{}");
    assert_eq!(Filter::parse("{}", &FILTERS), Ok(everything.clone()));
    assert_eq!(Filter::parse(r#"{"others":{},"readings":{}}"#, &FILTERS), Ok(everything.clone()));
    assert!(everything.covers(&READINGS) && everything.covers(&OTHERS));
    assert_ne!(Filter::parse(r#"{"readings":{}}"#, &FILTERS), Ok(everything));
}

#[test]
fn values_without_a_schema_or_of_another_schema_do_not_match() {
    static UNKNOWN: Schema = Schema::new("unknown", &[]);
    let everything = Filter::everything(&FILTERS);
    let mut values = Values::new();
    assert!(!everything.matches(&values));
    values.reset(&UNKNOWN);
    assert!(!everything.matches(&values));
    values.reset(&OTHERS);
    assert!(everything.matches(&values));
}

#[test]
fn filters_can_be_cloned_and_shared_between_threads() {
    fn assert_shareable<T: Clone + Send + Sync + 'static>(_: &T) {}
    assert_shareable(&Filter::everything(&FILTERS));
}

#[test]
#[should_panic(expected = "a key cannot test an attribute of this kind")]
fn a_key_for_a_boolean_has_no_bounds() {
    Section::new("s", &READINGS, const { &[Key::at_least("a", READINGS.expect("alarm"))] });
}

#[test]
#[should_panic(expected = "a key's range is empty or does not suit its attribute")]
fn a_key_for_integers_has_no_range_of_numbers() {
    const KEYS: &[Key] = &[Key::one_of("a", READINGS.expect("sensor")).between(0.0, 1.0)];
    Section::new("s", &READINGS, KEYS);
}

#[test]
#[should_panic(expected = "a key tests an attribute of another schema")]
fn the_attribute_of_a_key_must_be_in_the_schema() {
    Section::new("s", &OTHERS, const { &[Key::is("a", READINGS.expect("alarm"))] });
}

#[test]
#[should_panic(expected = "two keys share a name")]
fn a_key_must_not_be_repeated() {
    const KEY: Key = Key::one_of("a", OTHERS.expect("id"));
    Section::new("s", &OTHERS, const { &[KEY, KEY] });
}

#[test]
#[should_panic(expected = "two keys test one attribute in the same way")]
fn two_keys_must_not_test_the_same() {
    const KEYS: &[Key] =
        &[Key::one_of("a", OTHERS.expect("id")), Key::one_of("b", OTHERS.expect("id"))];
    Section::new("s", &OTHERS, KEYS);
}

#[test]
#[should_panic(expected = "two sections share a name")]
fn a_section_must_not_be_repeated() {
    const READ: Section = Section::new("s", &READINGS, &[]);
    const OTHER: Section = Section::new("s", &OTHERS, &[]);
    Table::new(const { &[READ, OTHER] });
}

const NAME: Key = Key::one_of("name_in", TEXTS.expect("name"));
const SIDE: Key = Key::one_of("side_in", TEXTS.expect("side"));
const SURE: Key = Key::at_least("sure_gte", TEXTS.expect("sure"));
const SEEN: Key = Key::group("seen", TEXTS.expect("seen"), &[SURE]);

/// Returns the message of the panic if a section of `TEXTS` is made with these keys.
fn panic_message(keys: &'static [Key]) -> String {
    panic_message_of(|| {
        Section::new("s", &TEXTS, keys);
    })
}

/// Returns the message of the panic of `make`. In a `static`, it would be a compile error with the
/// same text.
fn panic_message_of(make: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(make).expect_err("the function should panic");
    match panic.downcast::<&str>() {
        Ok(message) => (*message).to_owned(),
        Err(panic) => *panic.downcast::<String>().expect("the panic should have a message"),
    }
}

#[test]
fn keys_must_suit_their_attributes() {
    let suit = "a key cannot test an attribute of this kind";
    assert_eq!(panic_message(const { &[Key::one_of("a", TEXTS.expect("seen"))] }), suit);
    assert_eq!(panic_message(const { &[Key::one_of("a", TEXTS.expect("flags"))] }), suit);
    assert_eq!(panic_message(const { &[Key::at_most("a", TEXTS.expect("name"))] }), suit);
    assert_eq!(panic_message(const { &[Key::at_least("a", TEXTS.expect("tags"))] }), suit);
    assert_eq!(panic_message(const { &[Key::at_least("a", TEXTS.expect("side"))] }), suit);

    let values = "a key's range is empty or does not suit its attribute";
    assert_eq!(panic_message(const { &[NAME.integers_from(0)] }), values);
    assert_eq!(panic_message(const { &[SIDE.integers_between(0, 1)] }), values);
    assert_eq!(panic_message(const { &[SURE.integers_between(1, 0)] }), values);
    assert_eq!(panic_message(const { &[SURE.between(1.0, 0.0)] }), values);
    assert_eq!(panic_message(const { &[SURE.between(f64::NAN, 1.0)] }), values);
    assert_eq!(panic_message(const { &[SEEN.between(0.0, 1.0)] }), values);

    let single = "only a key that takes a list can also take a single value";
    assert_eq!(panic_message(const { &[SURE.or_single()] }), single);
    assert_eq!(
        panic_message(const { &[Key::equals("a", TEXTS.expect("name")).or_single()] }),
        single
    );
    assert_eq!(panic_message(const { &[SEEN.or_single()] }), single);

    let wildcard = "only a `one_of` key on a choice that has the name can have a wildcard";
    assert_eq!(panic_message(const { &[SIDE.with_wildcard("both")] }), wildcard);
    assert_eq!(panic_message(const { &[NAME.with_wildcard("left")] }), wildcard);
    assert_eq!(
        panic_message(const { &[Key::equals("a", TEXTS.expect("side")).with_wildcard("left")] }),
        wildcard
    );
}

#[test]
fn groups_must_be_valid() {
    const SEEN_ATTRIBUTE: recohook::attribute::AttributeId = TEXTS.expect("seen");
    let group = |members| {
        panic_message_of(move || {
            Key::group("g", SEEN_ATTRIBUTE, members);
        })
    };
    assert_eq!(group(&[]), "a group needs at least one member");
    assert_eq!(group(const { &[SEEN] }), "a group cannot contain a group");
    assert_eq!(group(const { &[SURE, SURE] }), "two members share a name");
    const AGAIN: Key = Key::at_least("again", TEXTS.expect("sure"));
    assert_eq!(group(const { &[SURE, AGAIN] }), "two keys test one attribute in the same way");

    let twice = "two keys test one attribute in the same way";
    assert_eq!(panic_message(const { &[SEEN, AGAIN] }), twice);
    assert_eq!(panic_message(const { &[AGAIN, SEEN] }), twice);
    const FLAGS: Key = Key::group("g", TEXTS.expect("flags"), &[SURE]);
    assert_eq!(panic_message(const { &[FLAGS] }), "a group's attribute must be a boolean");
    const MEMBER: Key = Key::group("g", TEXTS.expect("seen"), &[SURE.or_single()]);
    assert_eq!(
        panic_message(const { &[MEMBER] }),
        "only a key that takes a list can also take a single value"
    );
    static ONE: Schema = Schema::new("one", &[Attribute::bool("b")]);
    const FOREIGN: Key = Key::group("g", ONE.expect("b"), &[SURE]);
    let error = panic_message_of(|| {
        Section::new("s", &ONE, const { &[FOREIGN] });
    });
    assert_eq!(error, "a key tests an attribute of another schema");
}

#[test]
fn attribute_names_must_be_unambiguous_in_the_native_language() {
    static ALL: Schema = Schema::new("s", &[Attribute::int("all")]);
    static NOT: Schema = Schema::new("s", &[Attribute::int("not")]);
    static LIST: Schema = Schema::new("s", &[Attribute::int("door"), Attribute::bool("door_in")]);
    static BEFORE: Schema = Schema::new("s", &[Attribute::int("door_lte"), Attribute::int("door")]);
    static HALF: Schema = Schema::new("s", &[Attribute::int("door"), Attribute::int("door_not")]);
    static FREE: Schema = Schema::new("s", &[Attribute::int("door"), Attribute::int("door_inn")]);
    let native = |schema| {
        panic_message_of(move || {
            Section::native(schema);
        })
    };
    for schema in [&ALL, &NOT] {
        assert_eq!(native(schema), "an attribute is named all, any or not, which are combinators");
    }
    for schema in [&LIST, &BEFORE] {
        assert_eq!(native(schema), "an attribute's name is another one's name plus a suffix");
    }
    assert_eq!(native(&HALF), "an attribute's name is another one's name plus _not");
    assert_eq!(Section::native(&FREE).name(), "s");
}

#[test]
fn a_key_can_take_a_single_value_or_a_wildcard_for_a_list() {
    static KEYS: Table = Table::flat(&Section::new(
        "s",
        &TEXTS,
        &[NAME.or_single(), SIDE.or_single().with_wildcard("right"), SEEN],
    ));
    let read = |text| Filter::parse(text, &KEYS).unwrap();
    assert_eq!(read(r#"{"name_in": "a"}"#), read(r#"{"name_in": ["a"]}"#));
    assert_eq!(read(r#"{"name_in": "a"}"#).to_string(), r#"{"name_in":["a"]}"#);
    assert_eq!(read(r#"{"side_in": "right"}"#), read(r#"{"side_in": ["left", "right"]}"#));
    assert_eq!(read(r#"{"seen": {}}"#).to_string(), r#"{"seen":{}}"#);

    let mut values = Values::new();
    values.reset(&TEXTS);
    values.choice(TEXTS.expect("side"), "middle");
    assert!(read(r#"{"side_in": "right"}"#).matches(&values));
    assert!(!read(r#"{"side_in": "left"}"#).matches(&values));
}

#[test]
fn debug_output_contains_the_text_of_a_filter() {
    use recohook::findface::security::FILTERS;
    let filter = Filter::parse(r#"{ "events": { "camera_in": [3, 1] } }"#, &FILTERS).unwrap();
    assert_eq!(format!("{filter:?}"), r#"Filter({"events":{"camera_in":[1,3]}})"#);
}
