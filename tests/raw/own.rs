//! Formats that a host defines for its own notifications.

use recohook::{
    Filter, Notification,
    attribute::{Attribute, Schema},
    filter::{Section, Table},
    raw::{Format, Id, Member, Reader, Topic},
};
use serde_json::json;

/// An attribute of each type, in each form.
static THINGS: Schema = Schema::new(
    "things",
    &[
        Attribute::text("what"),
        Attribute::bool("bool"),
        Attribute::choice("choice", &["a", "b"]),
        Attribute::number("number"),
        Attribute::int("int"),
        Attribute::text("text"),
        Attribute::bools("bools"),
        Attribute::numbers("numbers"),
        Attribute::ints("ints"),
        Attribute::texts("texts"),
        Attribute::int("entity"),
        Attribute::ints("entities"),
        Attribute::bool("there"),
        Attribute::number("digits"),
        Attribute::int("ones"),
        Attribute::int("others"),
        Attribute::bool("part"),
        Attribute::int("within"),
    ],
);

static FILTERS: Table = Table::flat(&Section::native(&THINGS));

static MEMBERS: [Member; 15] = [
    Member::value("bool", THINGS.expect("bool")),
    Member::value("choice", THINGS.expect("choice")),
    Member::value("number", THINGS.expect("number")),
    Member::value("int", THINGS.expect("int")),
    Member::value("text", THINGS.expect("text")),
    Member::value("bools", THINGS.expect("bools")),
    Member::value("numbers", THINGS.expect("numbers")),
    Member::value("ints", THINGS.expect("ints")),
    Member::value("texts", THINGS.expect("texts")),
    Member::reference("entity", THINGS.expect("entity")),
    Member::reference("entities", THINGS.expect("entities")),
    Member::presence("event", THINGS.expect("there")),
    Member::number_in_text("digits", THINGS.expect("digits")),
    Member::by_kind("count", &[("one", THINGS.expect("ones")), ("other", THINGS.expect("others"))]),
    Member::object_with_flag(
        "part",
        THINGS.expect("part"),
        &[Member::value("within", THINGS.expect("within"))],
    ),
];

static STRICT_TOPIC: Topic = Topic::new(&THINGS, Id::any("key"), &MEMBERS)
    .with_kind_in(&["what"])
    .with_kind_attribute(THINGS.expect("what"));
static STRICT: Format = Format::of(&STRICT_TOPIC);

static LENIENT_TOPIC: Topic = Topic::new(&THINGS, Id::any("key").optional(), &MEMBERS)
    .with_kind_in(&["what"])
    .with_kind_attribute(THINGS.expect("what"))
    .lenient();
static LENIENT: Format = Format::of(&LENIENT_TOPIC);

/// Returns the filters that match the notification in `text`.
#[track_caller]
fn matching<'a>(format: &'static Format, text: &str, filters: &[&'a str]) -> Vec<&'a str> {
    let mut reader = Reader::new(format);
    let read = reader.read(text.as_bytes()).unwrap();
    assert_eq!(read.values().error(), None);
    let matches =
        |filter: &&&str| Filter::parse(**filter, &FILTERS).unwrap().matches(read.values());
    filters.iter().filter(matches).copied().collect()
}

const EACH: &[&str] = &[
    r#"{"what": "one"}"#,
    r#"{"bool": true}"#,
    r#"{"choice": "b"}"#,
    r#"{"number": 1.5}"#,
    r#"{"int": -7}"#,
    r#"{"text": "é\n"}"#,
    r#"{"bools": true}"#,
    r#"{"numbers": 2}"#,
    r#"{"ints": 9}"#,
    r#"{"texts": "\"x"}"#,
    r#"{"entity": 5}"#,
    r#"{"entities_in": [6]}"#,
    r#"{"there": true}"#,
    r#"{"digits": 31}"#,
    r#"{"ones": 4}"#,
    r#"{"part": true}"#,
    r#"{"within": 8}"#,
];

#[test]
fn every_form_of_every_type_is_read() {
    let text = json!({
        "what": "one", "key": {"b": 1, "a": "x"}, "bool": true, "choice": "b", "number": 1.5,
        "int": -7, "text": "é\n", "bools": [false, true], "numbers": [1.5, 2], "ints": [8, 9],
        "texts": ["", "\"x"], "entity": {"name": [{}], "id": 5}, "entities": [3, {"id": 6}],
        "event": {"id": []}, "digits": "31", "count": 4, "part": {"within": 8, "new": 1},
    })
    .to_string();
    for format in [&STRICT, &LENIENT] {
        assert_eq!(matching(format, &text, EACH), EACH);
        assert_eq!(matching(format, &text, &[r#"{"others_exists": true}"#]), [""; 0]);
    }
    let mut reader = Reader::new(&STRICT);
    let read = reader.read(text.as_bytes()).unwrap();
    assert_eq!((&*read.id(), read.kind()), (r#"{"a":"x","b":1}"#, "one"));
}

#[test]
fn null_and_missing_members_are_null_except_for_presence() {
    let null = r#"{"key": null, "what": null, "bool": null, "choice": null, "number": null,
        "int": null, "text": null, "bools": null, "numbers": null, "ints": null, "texts": null,
        "entity": null, "entities": null, "event": null, "digits": null, "count": null,
        "part": null}"#;
    for text in [null, r#"{"key": null}"#] {
        for format in [&STRICT, &LENIENT] {
            let mut reader = Reader::new(format);
            let read = reader.read(text.as_bytes()).unwrap();
            assert_eq!((&*read.id(), read.kind()), ("null", ""));
            for attribute in THINGS.attributes() {
                let is_present = read.values().is_present(THINGS.expect(attribute.name()));
                assert_eq!(is_present, attribute.name() == "there", "{}", attribute.name());
            }
            assert_eq!(matching(format, text, &[r#"{"there": false}"#]).len(), 1);
        }
    }
}

/// A value that a strict object refuses is null in a lenient one.
#[test]
fn a_value_of_another_type_is_refused_or_null() {
    for (name, attribute, value) in [
        ("bool", "bool", "1"),
        ("choice", "choice", "true"),
        ("number", "number", r#""1""#),
        ("int", "int", "1.0"),
        ("int", "int", "9223372036854775808"),
        ("text", "text", "[1, {}]"),
        ("bools", "bools", "[true, 1]"),
        ("numbers", "numbers", r#"[1, "2", 3]"#),
        ("ints", "ints", "[1, false]"),
        ("ints", "ints", r#"[1, {"id": 1}]"#),
        ("texts", "texts", r#"[{}, "a"]"#),
        ("texts", "texts", r#""a""#),
        ("entity", "entity", r#"{"ID": 1}"#),
        ("entities", "entities", r#"[1, {"id": "1"}]"#),
        ("entities", "entities", r#"{"id": 1}"#),
        ("digits", "digits", "true"),
        ("count", "ones", r#"{"id": 1}"#),
        ("part", "part", "true"),
        ("part", "part", "[{}]"),
    ] {
        let text = format!(r#"{{"key": 1, "what": "one", "{name}": {value}}}"#);
        let mut strict = Reader::new(&STRICT);
        assert_eq!(strict.read(text.as_bytes()).unwrap_err().kind(), "notification", "{text}");
        let mut lenient = Reader::new(&LENIENT);
        let read = lenient.read(text.as_bytes()).unwrap();
        assert!(!read.values().is_present(THINGS.expect(attribute)), "{text}");
    }
}

#[test]
fn null_items_and_empty_objects_are_accepted() {
    for (name, value, attribute, is_present) in [
        ("ints", "[1, null]", "ints", true),
        ("texts", r#"[null, "a"]"#, "texts", true),
        ("entities", "[null]", "entities", false),
        ("part", "[]", "part", true),
        ("digits", "31", "digits", true),
    ] {
        let text = format!(r#"{{"key": 1, "what": "one", "{name}": {value}}}"#);
        for format in [&STRICT, &LENIENT] {
            let mut reader = Reader::new(format);
            let read = reader.read(text.as_bytes()).unwrap();
            assert_eq!(read.values().is_present(THINGS.expect(attribute)), is_present, "{text}");
        }
    }
}

#[test]
fn the_last_of_duplicate_members_counts_in_a_lenient_object() {
    let text = r#"{"key": 1, "int": 1, "part": {"within": 8}, "ints": [1], "what": "other",
        "event": 1, "key": "k", "int": "no", "part": {}, "ints": [2], "what": "one",
        "event": null}"#;
    let filters = &[
        r#"{"int_exists": true}"#,
        r#"{"within_exists": true}"#,
        r#"{"part": true}"#,
        r#"{"ints": 1}"#,
        r#"{"ints": 2}"#,
        r#"{"what": "one"}"#,
        r#"{"there": true}"#,
    ];
    let expected = [r#"{"part": true}"#, r#"{"ints": 2}"#, r#"{"what": "one"}"#];
    assert_eq!(matching(&LENIENT, text, filters), expected);
    let mut reader = Reader::new(&LENIENT);
    assert_eq!(reader.read(text.as_bytes()).unwrap().id(), "k");
    let mut strict = Reader::new(&STRICT);
    assert_eq!(strict.read(text.as_bytes()).unwrap_err().kind(), "notification");
}

#[test]
fn a_text_that_is_not_a_number_is_null() {
    for text in ["", "x", "NaN", "inf", "-infinity", "1e999"] {
        let text = json!({"key": 1, "digits": text}).to_string();
        assert!(matching(&STRICT, &text, &[r#"{"digits_exists": true}"#]).is_empty(), "{text}");
    }
}

/// The id is an attribute. It becomes null again if the last of duplicate members is null or
/// invalid, or if the host sets it to null.
#[test]
fn an_id_that_became_null_is_empty() {
    static TOPIC: Topic =
        Topic::new(&THINGS, Id::attribute(THINGS.expect("text")), &MEMBERS).lenient();
    static FORMAT: Format = Format::of(&TOPIC);
    let mut reader = Reader::new(&FORMAT);
    for text in [r#"{"text": "a", "text": 5}"#, r#"{"text": "a", "text": null}"#] {
        assert_eq!(reader.read(text.as_bytes()).unwrap().id(), "", "{text}");
    }
    let mut read = reader.read(br#"{"text": "a"}"#).unwrap();
    assert_eq!(read.id(), "a");
    read.values_mut().text(THINGS.expect("text"), None);
    assert_eq!(read.id(), "");
}

#[test]
fn members_that_contradict_the_schema_or_each_other_are_refused() {
    let id = |name| THINGS.expect(name);
    let new = |members: &'static [Member]| {
        std::panic::catch_unwind(|| Topic::new(&THINGS, Id::any("key"), members)).is_err()
    };
    fn leak<const N: usize>(members: [Member; N]) -> &'static [Member] {
        Box::leak(Box::new(members))
    }
    assert!(!new(leak([Member::value("a", id("text"))])));
    assert!(new(leak([Member::reference("a", id("text"))])));
    assert!(new(leak([Member::presence("a", id("text"))])));
    assert!(new(leak([Member::number_in_text("a", id("text"))])));
    assert!(new(leak([Member::by_kind("a", &[])])));
    assert!(new(leak([Member::value("", id("text"))])));
    assert!(new(leak([Member::value("key", id("text"))])));
    assert!(new(leak([Member::presence_flag("a"), Member::presence_flag("a")])));
    assert!(new(leak([Member::object("a", leak([Member::presence_flag("b")]))])));
}

#[test]
fn an_id_that_also_names_the_kind_is_refused() {
    static TOPIC: Topic = Topic::new(&THINGS, Id::text("what"), &[]);
    static BY_KIND: Topic = TOPIC.with_kind_in(&["what"]);
    static TOPICS: [&Topic; 1] = [&TOPIC];
    let is_refused = |format: fn() -> Format| std::panic::catch_unwind(format).is_err();
    assert!(!is_refused(|| Format::of(&TOPIC)));
    assert!(is_refused(|| Format::of(&BY_KIND)));
    assert!(!is_refused(|| Format::choosing(&["kind"], &TOPICS, |_| &TOPIC, &TOPIC)));
    assert!(is_refused(|| Format::choosing(&["what"], &[], |_| &TOPIC, &TOPIC)));
}
