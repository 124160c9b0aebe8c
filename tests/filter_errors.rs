//! The errors for texts that are not valid filters.

use recohook::{
    Filter, Limits,
    attribute::{Attribute, Schema, Values},
    filter::{FilterError, Hint, Section, Table},
    findface::{lite, multi, security::FILTERS, security_2019},
};
use serde_json::json;

fn refuse(text: &str) -> FilterError {
    match Filter::parse(text, &FILTERS) {
        Ok(filter) => panic!("{text} was parsed as {filter}"),
        Err(error) => error,
    }
}

/// Invalid filters, each with the kind and the message of its error.
const ERRORS: &[(&str, &str, &str)] = &[
    ("", "syntax", "line 1 column 1: not valid JSON: EOF while parsing a value"),
    ("{", "syntax", "line 1 column 1: not valid JSON: EOF while parsing an object"),
    (r#"{"events": {}} {}"#, "syntax", "line 1 column 16: not valid JSON: trailing characters"),
    (
        "{'events': {}}",
        "syntax",
        "line 1 column 2: not valid JSON: key must be a string; use double quotes",
    ),
    (
        r#"{
    "events": {
        "camera_group_in": [1, 3],
        "matched_dossier_in": [12, 25],
    },
}"#,
        "syntax",
        "line 5 column 5: not valid JSON: trailing comma",
    ),
    (
        r#"{"events": {"camera_in": [1,]}}"#,
        "syntax",
        "line 1 column 29: not valid JSON: trailing comma",
    ),
    (
        r#"{"events": {"confidence_gte": 1e999}}"#,
        "syntax",
        "line 1 column 35: not valid JSON: number out of range",
    ),
    (
        r#"{"events": {"confidence_gte": NaN}}"#,
        "syntax",
        "line 1 column 31: not valid JSON: expected value; JSON has neither NaN nor infinities; \
         write a number, or null",
    ),
    (
        r#"{"events": {"confidence_gte": .5}}"#,
        "syntax",
        "line 1 column 31: not valid JSON: expected value",
    ),
    (
        r#"{"events": {"camera_in": [01]}}"#,
        "syntax",
        "line 1 column 28: not valid JSON: invalid number",
    ),
    (
        "// all\n{}",
        "syntax",
        "line 1 column 1: not valid JSON: expected value; JSON has no comments; remove it",
    ),
    ("null", "wrong_type", "at the top level: expected an object with sections, found null"),
    ("[]", "wrong_type", "at the top level: expected an object with sections, found a list"),
    (
        r#""events""#,
        "wrong_type",
        r#"at the top level: expected an object with sections, found "events""#,
    ),
    (
        r#"{"events": null}"#,
        "wrong_type",
        "at /events: expected an object with filter keys, found null",
    ),
    (
        r#"{"events": []}"#,
        "wrong_type",
        "at /events: expected an object with filter keys, found a list",
    ),
    (
        r#"{"events": true}"#,
        "wrong_type",
        "at /events: expected an object with filter keys, found true",
    ),
    (
        r#"{"event": {}}"#,
        "unknown_section",
        r#"at /event: unknown section; did you mean "events"?"#,
    ),
    (
        r#"{"Events": {}}"#,
        "unknown_section",
        r#"at /Events: unknown section; did you mean "events"?"#,
    ),
    (
        r#"{"": {}}"#,
        "unknown_section",
        r#"at /: unknown section; expected one of "events", "episodes", "counters""#,
    ),
    (
        r#"{"face_events": {}}"#,
        "unknown_section",
        r#"at /face_events: unknown section; here it is called "events""#,
    ),
    (
        r#"{"camera_in": [1]}"#,
        "unknown_section",
        r#"at /camera_in: unknown section; it is a key of the sections "events", "episodes", "counters""#,
    ),
    (
        r#"{"a/b~c": {}}"#,
        "unknown_section",
        r#"at /a~1b~0c: unknown section; expected one of "events", "episodes", "counters""#,
    ),
    (
        r#"{"a\nb\u0000": {}}"#,
        "unknown_section",
        r#"at /a\nb\0: unknown section; expected one of "events", "episodes", "counters""#,
    ),
    (
        r#"{"события": {}}"#,
        "unknown_section",
        r#"at /события: unknown section; expected one of "events", "episodes", "counters""#,
    ),
    (
        r#"{"events": {"camera": [1]}}"#,
        "unknown_key",
        r#"at /events/camera: unknown key; did you mean "camera_in"?"#,
    ),
    (
        r#"{"events": {"camera_ids": [1]}}"#,
        "unknown_key",
        r#"at /events/camera_ids: unknown key; did you mean "camera_in"?"#,
    ),
    (
        r#"{"events": {"mached": true}}"#,
        "unknown_key",
        r#"at /events/mached: unknown key; did you mean "matched"?"#,
    ),
    (
        r#"{"events": {"allowed_types": []}}"#,
        "unknown_key",
        r#"at /events/allowed_types: unknown key; did you mean "allowed_bs_types"?"#,
    ),
    (
        r#"{"episodes": {"matched_dossier_in": [1]}}"#,
        "unknown_key",
        r#"at /episodes/matched_dossier_in: unknown key; expected one of "allowed_types", "camera_group_in", "camera_in", "matched_lists_in", "matched", "events_count_gte", "events_count_lte""#,
    ),
    (
        r#"{"events": {"faces_gte": 1}}"#,
        "unknown_key",
        r#"at /events/faces_gte: unknown key; expected one of "allowed_bs_types", "camera_group_in", "camera_in", "matched_lists_in", "matched_dossier_in", "matched", "confidence_gte""#,
    ),
    (
        r#"{"counters": {"age": 3}}"#,
        "unknown_key",
        r#"at /counters/age: unknown key; expected one of "counter_in", "camera_group_in", "camera_in", "faces_gte", "faces_lte", "silhouettes_gte", "silhouettes_lte""#,
    ),
    (
        r#"{"counters": {"a/b": 3}}"#,
        "unknown_key",
        r#"at /counters/a~1b: unknown key; expected one of "counter_in", "camera_group_in", "camera_in", "faces_gte", "faces_lte", "silhouettes_gte", "silhouettes_lte""#,
    ),
    (r#"{"events": {}, "events": {}}"#, "duplicate", "at /events: appears twice; keep only one"),
    (
        r#"{"events": {"matched": true, "matched": true}}"#,
        "duplicate",
        "at /events/matched: appears twice; keep only one",
    ),
    (
        r#"{"events": {"matched": true, "m\u0061tched": true}}"#,
        "duplicate",
        "at /events/matched: appears twice; keep only one",
    ),
    (
        r#"{"events": {"matched": null}}"#,
        "wrong_type",
        "at /events/matched: expected true or false, found null",
    ),
    (
        r#"{"events": {"matched": 1}}"#,
        "wrong_type",
        "at /events/matched: expected true or false, found 1",
    ),
    (
        r#"{"events": {"matched": "true"}}"#,
        "wrong_type",
        r#"at /events/matched: expected true or false, found "true""#,
    ),
    (
        r#"{"events": {"matched": [true]}}"#,
        "wrong_type",
        "at /events/matched: expected true or false, found a list",
    ),
    (
        r#"{"events": {"camera_in": 1}}"#,
        "wrong_type",
        "at /events/camera_in: expected a list of integers, found 1",
    ),
    (
        r#"{"events": {"camera_in": null}}"#,
        "wrong_type",
        "at /events/camera_in: expected a list of integers, found null",
    ),
    (
        r#"{"events": {"camera_in": {}}}"#,
        "wrong_type",
        "at /events/camera_in: expected a list of integers, found an object",
    ),
    (
        r#"{"events": {"camera_in": [1, null]}}"#,
        "wrong_type",
        "at /events/camera_in/1: expected an integer, found null",
    ),
    (
        r#"{"events": {"camera_in": [1, 2, "3"]}}"#,
        "wrong_type",
        r#"at /events/camera_in/2: expected an integer, found "3""#,
    ),
    (
        r#"{"events": {"camera_in": [3.0]}}"#,
        "wrong_type",
        "at /events/camera_in/0: expected an integer, found 3.0",
    ),
    (
        r#"{"events": {"camera_in": [3e2]}}"#,
        "wrong_type",
        "at /events/camera_in/0: expected an integer, found 300.0",
    ),
    (
        r#"{"events": {"camera_in": [[1]]}}"#,
        "wrong_type",
        "at /events/camera_in/0: expected an integer, found a list",
    ),
    (
        r#"{"events": {"camera_in": [{"id": 1}]}}"#,
        "wrong_type",
        "at /events/camera_in/0: expected an integer, found an object",
    ),
    (
        r#"{"events": {"camera_in": [true]}}"#,
        "wrong_type",
        "at /events/camera_in/0: expected an integer, found true",
    ),
    (
        r#"{"events": {"camera_in": [9223372036854775808]}}"#,
        "out_of_range",
        "at /events/camera_in/0: expected an integer from -9223372036854775808 to 9223372036854775807, found 9223372036854775808",
    ),
    (
        r#"{"events": {"camera_in": [18446744073709551616]}}"#,
        "out_of_range",
        "at /events/camera_in/0: expected an integer from -9223372036854775808 to 9223372036854775807, found 1.8446744073709552e19",
    ),
    (
        r#"{"events": {"camera_in": [-9223372036854775809]}}"#,
        "out_of_range",
        "at /events/camera_in/0: expected an integer from -9223372036854775808 to 9223372036854775807, found -9.223372036854776e18",
    ),
    (
        r#"{"events": {"matched_lists_in": [1, -2]}}"#,
        "out_of_range",
        "at /events/matched_lists_in/1: expected an integer of -1 or more, found -2",
    ),
    (
        r#"{"events": {"matched_lists_in": [-1.0]}}"#,
        "wrong_type",
        "at /events/matched_lists_in/0: expected an integer of -1 or more, found -1.0",
    ),
    (
        r#"{"events": {"confidence_gte": 1.01}}"#,
        "out_of_range",
        "at /events/confidence_gte: expected a number from 0 to 1, found 1.01",
    ),
    (
        r#"{"events": {"confidence_gte": 75}}"#,
        "out_of_range",
        "at /events/confidence_gte: expected a number from 0 to 1, found 75",
    ),
    (
        r#"{"events": {"confidence_gte": -0.1}}"#,
        "out_of_range",
        "at /events/confidence_gte: expected a number from 0 to 1, found -0.1",
    ),
    (
        r#"{"events": {"confidence_gte": "0.75"}}"#,
        "wrong_type",
        r#"at /events/confidence_gte: expected a number from 0 to 1, found "0.75""#,
    ),
    (
        r#"{"events": {"confidence_gte": [0.75]}}"#,
        "wrong_type",
        "at /events/confidence_gte: expected a number from 0 to 1, found a list",
    ),
    (
        r#"{"events": {"confidence_gte": null}}"#,
        "wrong_type",
        "at /events/confidence_gte: expected a number from 0 to 1, found null",
    ),
    (
        r#"{"events": {"allowed_bs_types": "overall"}}"#,
        "wrong_type",
        r#"at /events/allowed_bs_types: expected a list of names, found "overall""#,
    ),
    (
        r#"{"events": {"allowed_bs_types": [1]}}"#,
        "wrong_type",
        "at /events/allowed_bs_types/0: expected a name in quotes, found 1",
    ),
    (
        r#"{"events": {"allowed_bs_types": [null]}}"#,
        "wrong_type",
        "at /events/allowed_bs_types/0: expected a name in quotes, found null",
    ),
    (
        r#"{"events": {"allowed_bs_types": ["overall", "real-time"]}}"#,
        "unknown_name",
        r#"at /events/allowed_bs_types/1: unknown name "real-time"; did you mean "realtime"?"#,
    ),
    (
        r#"{"events": {"allowed_bs_types": ["Overall"]}}"#,
        "unknown_name",
        r#"at /events/allowed_bs_types/0: unknown name "Overall"; did you mean "overall"?"#,
    ),
    (
        r#"{"events": {"allowed_bs_types": ["all"]}}"#,
        "unknown_name",
        r#"at /events/allowed_bs_types/0: unknown name "all"; expected one of "overall", "realtime""#,
    ),
    (
        r#"{"episodes": {"allowed_types": ["episode_closed"]}}"#,
        "unknown_name",
        r#"at /episodes/allowed_types/0: unknown name "episode_closed"; did you mean "episode_close"?"#,
    ),
    (
        r#"{"episodes": {"allowed_types": [""]}}"#,
        "unknown_name",
        r#"at /episodes/allowed_types/0: unknown name ""; expected one of "episode_open", "episode_event", "episode_close""#,
    ),
    (
        r#"{"episodes": {"events_count_gte": 1.0}}"#,
        "wrong_type",
        "at /episodes/events_count_gte: expected an integer of 0 or more, found 1.0",
    ),
    (
        r#"{"episodes": {"events_count_gte": -1}}"#,
        "out_of_range",
        "at /episodes/events_count_gte: expected an integer of 0 or more, found -1",
    ),
    (
        r#"{"episodes": {"events_count_lte": 9007199254740993}}"#,
        "out_of_range",
        "at /episodes/events_count_lte: expected an integer from 0 to 9007199254740992, found 9007199254740993",
    ),
    (
        r#"{"episodes": {"events_count_lte": 1e30}}"#,
        "out_of_range",
        "at /episodes/events_count_lte: expected an integer from 0 to 9223372036854775807, found 1e30",
    ),
    (
        r#"{"counters": {"faces_gte": "1"}}"#,
        "wrong_type",
        r#"at /counters/faces_gte: expected an integer of 0 or more, found "1""#,
    ),
    (
        r#"{"counters": {"faces_lte": true}}"#,
        "wrong_type",
        "at /counters/faces_lte: expected an integer of 0 or more, found true",
    ),
    (
        r#"{"counters": {"silhouettes_gte": -5}}"#,
        "out_of_range",
        "at /counters/silhouettes_gte: expected an integer of 0 or more, found -5",
    ),
];

#[test]
fn each_error_has_its_kind_message_and_place() {
    for (text, kind, message) in ERRORS {
        let error = refuse(text);
        assert_eq!(error.to_string(), *message, "{text}");
        assert_eq!(error.kind(), *kind, "{text}");
        assert_ne!(error.pointer().is_some(), error.line_column().is_some(), "{text}");
    }
}

#[test]
fn errors_have_a_place_and_a_hint() {
    let error = refuse(r#"{"events": {"camera_ni": [1]}}"#);
    assert_eq!(error.pointer(), Some("/events/camera_ni"));
    assert_eq!(error.line_column(), None);
    assert_eq!(error.hint(), Some(&Hint::Nearest("camera_in".into())));

    let error = refuse(r#"{"a/b~c": {}}"#);
    assert_eq!(error.pointer(), Some("/a~1b~0c"));
    assert_eq!(
        error.hint(),
        Some(&Hint::Known(["events", "episodes", "counters"].map(Into::into).to_vec()))
    );

    let error = refuse(r#"{"faces_gte": 1}"#);
    assert_eq!(error.hint(), Some(&Hint::KeyOf(vec!["counters"])));

    let error = refuse("[1, 2");
    assert_eq!(error.pointer(), None);
    assert_eq!(error.line_column(), Some((1, 5)));
    assert_eq!(error.hint(), None);
    assert_eq!(refuse("7").pointer(), Some(""));
}

#[test]
fn the_first_error_is_returned() {
    let error = refuse(r#"{"events": {"matched": 1, "camera_in": 1}, "x": {}}"#);
    assert_eq!(error.pointer(), Some("/events/matched"));
}

#[test]
fn bytes_that_are_not_utf8_are_a_syntax_error() {
    let error = Filter::parse(b"{\"ev\xffents\": {}}", &FILTERS).unwrap_err();
    assert_eq!(error.kind(), "syntax");
}

#[test]
fn long_texts_are_shortened_in_the_message_but_not_in_the_pointer() {
    let name = "ж".repeat(10_000);
    let error = refuse(&format!(r#"{{"events": {{"{name}": 1}}}}"#));
    assert_eq!(error.pointer().map(str::len), Some("/events/".len() + name.len()));
    assert!(error.to_string().contains("жжж...: unknown key"));
    let error = refuse(&format!(r#"{{"events": {{"matched": "{name}"}}}}"#));
    assert!(error.to_string().len() < 300);
    let error = refuse(&format!(r#"{{"episodes": {{"allowed_types": ["{name}"]}}}}"#));
    assert!(error.to_string().len() < 300);
}

#[test]
fn the_length_of_a_filter_is_limited() {
    let text = r#"{"events": {}}"#;
    let limits = Limits::default().with_max_filter_bytes(text.len());
    assert!(Filter::parse_with(text, &FILTERS, &limits).is_ok());
    let limits = limits.with_max_filter_bytes(text.len() - 1);
    let error = Filter::parse_with(text, &FILTERS, &limits).unwrap_err();
    assert_eq!(error, FilterError::TooLong { bytes: 14, limit: 13 });
    assert_eq!(
        error.to_string(),
        "the filter is 14 bytes long, but at most 13 bytes are allowed; split it over several \
         webhooks",
    );
    assert_eq!((error.kind(), error.pointer(), error.line_column()), ("too_long", None, None));
}

#[test]
fn the_depth_of_a_filter_is_limited() {
    let text = r#"{"events": {"camera_in": [1]}}"#;
    let limits = Limits::default().with_max_filter_depth(3);
    assert!(Filter::parse_with(text, &FILTERS, &limits).is_ok());
    let error = Filter::parse_with(text, &FILTERS, &limits.with_max_filter_depth(2)).unwrap_err();
    assert_eq!(error.kind(), "too_deep");
    assert_eq!(
        error.to_string(),
        "line 1 column 26: lists and objects are nested more than 2 levels deep; remove the inner \
         levels",
    );

    let deep = "[".repeat(1_000_000);
    assert_eq!(refuse(&deep).kind(), "too_deep");
    // There is a fixed limit, too, so that no filter overflows the stack.
    let limits = Limits::default().with_max_filter_depth(usize::MAX);
    let error = Filter::parse_with(&deep, &FILTERS, &limits).unwrap_err();
    assert!(matches!(error, FilterError::TooDeep { limit: 126, .. }), "{error:?}");
}

#[test]
fn the_deepest_filter_can_be_written_in_normal_form() {
    // The normal form is one level deeper, because the prefix becomes a list.
    let (open, close) = (r#"{"not":"#.repeat(125), "}".repeat(125));
    let text = format!(r#"{open}{{"badge_prefix":"a"}}{close}"#);
    let limits = Limits::default().with_max_filter_depth(usize::MAX);
    let filter = Filter::parse_with(text, &NATIVE, &limits).unwrap();
    let normal = format!(r#"{open}{{"badge_prefix":["a"]}}{close}"#);
    assert_eq!(filter.to_string(), normal);
    assert_eq!(serde_json::to_string(&filter).unwrap(), normal);
    assert!(filter.lint().is_empty());
    let mut values = Values::new();
    values.reset(&PASSAGES);
    assert_eq!(filter.explain(&values).is_match(), filter.matches(&values));
}

#[test]
fn the_number_of_values_in_a_filter_is_limited() {
    let text = r#"{"events": {"camera_in": [1, 2, 3], "matched": true}}"#;
    let limits = Limits::default().with_max_filter_literals(4);
    assert!(Filter::parse_with(text, &FILTERS, &limits).is_ok());
    let error =
        Filter::parse_with(text, &FILTERS, &limits.with_max_filter_literals(3)).unwrap_err();
    assert_eq!(error.kind(), "too_many_literals");
    assert_eq!(
        error.to_string(),
        "line 1 column 51: the filter has more than 3 values; split it over several webhooks",
    );
}

#[test]
fn the_number_of_empty_objects_in_a_filter_is_limited() {
    static FLAT: Table = Table::flat(&Section::native(&PASSAGES));
    let text = |many| json!({"any": vec![json!({}); many]}).to_string();
    let limits = Limits::default().with_max_filter_literals(10).with_max_filter_depth(3);
    assert!(Filter::parse_with(text(11), &FLAT, &limits).is_ok());
    let error = Filter::parse_with(text(12), &FLAT, &limits).unwrap_err();
    assert_eq!(error.kind(), "too_many_literals");
    let none = limits.with_max_filter_literals(0);
    assert!(Filter::parse_with("{}", &FLAT, &none).is_ok());
}

static PASSAGES: Schema = Schema::new(
    "passages",
    &[
        Attribute::int("door"),
        Attribute::text("badge"),
        Attribute::bool("granted"),
        Attribute::choice("direction", &["in", "out"]),
        Attribute::number("weight"),
        Attribute::texts("tags"),
    ],
);
static NATIVE: Table = Table::flat(&Section::native(&PASSAGES));
static SECTIONED: Table = Table::new(&[Section::native(&PASSAGES)]);

/// Tables and invalid filters, each with the kind and the message of its error.
const ERRORS_OF_OTHER_TABLES: &[(&Table, &str, &str, &str)] = &[
    (
        &security_2019::FILTERS,
        r#"[]"#,
        "wrong_type",
        "at the top level: expected an object with filter keys, found a list",
    ),
    (
        &security_2019::FILTERS,
        r#"{"events": {}}"#,
        "unknown_key",
        r#"at /events: unknown key; expected one of "camera_group_in", "matched_dossier_in", "matched", "camera_in""#,
    ),
    (
        &security_2019::FILTERS,
        r#"{"camera_in": 1}"#,
        "wrong_type",
        "at /camera_in: expected a list of integers, found 1",
    ),
    (
        &security_2019::FILTERS,
        r#"{"camera_in": [1], "camera_in": [2]}"#,
        "duplicate",
        "at /camera_in: appears twice; keep only one",
    ),
    (
        &security_2019::FILTERS,
        r#"{"matched_dossier": [1]}"#,
        "unknown_key",
        r#"at /matched_dossier: unknown key; did you mean "matched_dossier_in"?"#,
    ),
    (
        &security_2019::FILTERS,
        r#"{"confidence_gte": 0.5}"#,
        "unknown_key",
        r#"at /confidence_gte: unknown key; expected one of "camera_group_in", "matched_dossier_in", "matched", "camera_in""#,
    ),
    (
        &security_2019::FILTERS,
        r#"{"camera_in": [1.0]}"#,
        "wrong_type",
        "at /camera_in/0: expected an integer, found 1.0",
    ),
    (
        &lite::FILTERS,
        r#"{"camera_in": "1"}"#,
        "wrong_type",
        r#"at /camera_in: expected an integer or a list of integers, found "1""#,
    ),
    (
        &lite::FILTERS,
        r#"{"camera_in": {}}"#,
        "wrong_type",
        "at /camera_in: expected an integer or a list of integers, found an object",
    ),
    (
        &lite::FILTERS,
        r#"{"camera_in": 1.0}"#,
        "wrong_type",
        "at /camera_in: expected an integer or a list of integers, found 1.0",
    ),
    (
        &lite::FILTERS,
        r#"{"camera_in": null}"#,
        "wrong_type",
        "at /camera_in: expected an integer or a list of integers, found null",
    ),
    (
        &lite::FILTERS,
        r#"{"camera_in": [[1]]}"#,
        "wrong_type",
        "at /camera_in/0: expected an integer, found a list",
    ),
    (
        &lite::FILTERS,
        r#"{"type_in": "body"}"#,
        "unknown_name",
        r#"at /type_in: unknown name "body"; expected one of "face", "car", "license_plate""#,
    ),
    (
        &lite::FILTERS,
        r#"{"type_in": ["car", "bike"]}"#,
        "unknown_name",
        r#"at /type_in/1: unknown name "bike"; expected one of "face", "car", "license_plate""#,
    ),
    (
        &lite::FILTERS,
        r#"{"type_in": 1}"#,
        "wrong_type",
        "at /type_in: expected a name in quotes or a list of names, found 1",
    ),
    (
        &lite::FILTERS,
        r#"{"confidence_gte": 1.5}"#,
        "out_of_range",
        "at /confidence_gte: expected a number from 0 to 1, found 1.5",
    ),
    (
        &lite::FILTERS,
        r#"{"liveness_lte": -0.5}"#,
        "out_of_range",
        "at /liveness_lte: expected a number from 0 to 1, found -0.5",
    ),
    (
        &lite::FILTERS,
        r#"{"yaw_gte": "3.5"}"#,
        "wrong_type",
        r#"at /yaw_gte: expected a number, found "3.5""#,
    ),
    (
        &lite::FILTERS,
        r#"{"license_plate_number": ["A1"]}"#,
        "wrong_type",
        "at /license_plate_number: expected a text in quotes, found a list",
    ),
    (
        &lite::FILTERS,
        r#"{"license_plate_number": 7}"#,
        "wrong_type",
        "at /license_plate_number: expected a text in quotes, found 7",
    ),
    (
        &lite::FILTERS,
        r#"{"license_plate_event_number": null}"#,
        "wrong_type",
        "at /license_plate_event_number: expected a text in quotes, found null",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": true}"#,
        "wrong_type",
        "at /medmask: expected an object with filter keys, found true",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": "none"}"#,
        "wrong_type",
        r#"at /medmask: expected an object with filter keys, found "none""#,
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": []}"#,
        "wrong_type",
        "at /medmask: expected an object with filter keys, found a list",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": null}"#,
        "wrong_type",
        "at /medmask: expected an object with filter keys, found null",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"nme": "none"}}"#,
        "unknown_key",
        r#"at /medmask/nme: unknown key; did you mean "name"?"#,
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"camera_in": 1}}"#,
        "unknown_key",
        r#"at /medmask/camera_in: unknown key; expected one of "name", "confidence_lte", "confidence_gte""#,
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"name": "missing"}}"#,
        "unknown_name",
        r#"at /medmask/name: unknown name "missing"; expected one of "none", "correct", "incorrect""#,
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"name": ["none", "corect"]}}"#,
        "unknown_name",
        r#"at /medmask/name/1: unknown name "corect"; did you mean "correct"?"#,
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"name": null}}"#,
        "wrong_type",
        "at /medmask/name: expected a name in quotes or a list of names, found null",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"name": {}}}"#,
        "wrong_type",
        "at /medmask/name: expected a name in quotes or a list of names, found an object",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"confidence_gte": 2}}"#,
        "out_of_range",
        "at /medmask/confidence_gte: expected a number from 0 to 1, found 2",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"confidence_gte": [0.5]}}"#,
        "wrong_type",
        "at /medmask/confidence_gte: expected a number from 0 to 1, found a list",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"name": "none", "name": "none"}}"#,
        "duplicate",
        "at /medmask/name: appears twice; keep only one",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {}, "medmask": {}}"#,
        "duplicate",
        "at /medmask: appears twice; keep only one",
    ),
    (
        &lite::FILTERS,
        r#"{"medmask": {"medmask": {}}}"#,
        "unknown_key",
        r#"at /medmask/medmask: unknown key; expected one of "name", "confidence_lte", "confidence_gte""#,
    ),
    (
        &lite::FILTERS,
        r#"{"medmsk": {}}"#,
        "unknown_key",
        r#"at /medmsk: unknown key; did you mean "medmask"?"#,
    ),
    (
        &lite::FILTERS,
        r#"{"name": "none"}"#,
        "unknown_key",
        r#"at /name: unknown key; expected one of "type_in", "camera_in", "card_in", "confidence_gte", "confidence_lte", "matched", "bs_type_in", "yaw_lte", "yaw_gte", "pitch_lte", "pitch_gte", "roll_lte", "roll_gte", "liveness_lte", "liveness_gte", "medmask", "orientation", "special_type", "license_plate_number", "license_plate_visibility", "license_plate_event_number""#,
    ),
    (
        &multi::FILTERS,
        r#"{"events": {}}"#,
        "unknown_section",
        r#"at /events: unknown section; here it is one of "face_events", "body_events", "car_events""#,
    ),
    (
        &multi::FILTERS,
        r#"{"gender_in": ["male"]}"#,
        "unknown_section",
        r#"at /gender_in: unknown section; it is a key of the sections "face_events", "body_events""#,
    ),
    (
        &multi::FILTERS,
        r#"{"face_events": {"camera_in": [0]}}"#,
        "out_of_range",
        "at /face_events/camera_in/0: expected an integer of 1 or more, found 0",
    ),
    (
        &multi::FILTERS,
        r#"{"face_events": {"camera_group_in": [-2]}}"#,
        "out_of_range",
        "at /face_events/camera_group_in/0: expected an integer of -1 or more, found -2",
    ),
    (
        &multi::FILTERS,
        r#"{"face_events": {"headpose_yaw_angle_gte": 181}}"#,
        "out_of_range",
        "at /face_events/headpose_yaw_angle_gte: expected an integer from -180 to 180, found 181",
    ),
    (
        &multi::FILTERS,
        r#"{"face_events": {"headpose_yaw_angle_gte": 1.5}}"#,
        "wrong_type",
        "at /face_events/headpose_yaw_angle_gte: expected an integer from -180 to 180, found 1.5",
    ),
    (
        &multi::FILTERS,
        r#"{"face_events": {"gender_in": "male"}}"#,
        "wrong_type",
        r#"at /face_events/gender_in: expected a list of texts, found "male""#,
    ),
    (
        &multi::FILTERS,
        r#"{"face_events": {"gender_in": [1]}}"#,
        "wrong_type",
        "at /face_events/gender_in/0: expected a text in quotes, found 1",
    ),
    (
        &multi::FILTERS,
        r#"{"face_events": {"color_in": ["red"]}}"#,
        "unknown_key",
        r#"at /face_events/color_in: unknown key; expected one of "allowed_bs_types", "camera_group_in", "camera_in", "matched_lists_in", "matched_card_in", "matched", "confidence_gte", "temperature_gte", "liveness_gte", "headpose_yaw_angle_gte", "headpose_yaw_angle_lte", "headpose_pitch_angle_gte", "headpose_pitch_angle_lte", "age_gte", "age_lte", "gender_in", "glasses_in", "emotions_in", "beard_in", "medmask_in", "liveness_in""#,
    ),
    (
        &multi::FILTERS,
        r#"{"human_episodes": {"events_count_lte": 0}}"#,
        "out_of_range",
        "at /human_episodes/events_count_lte: expected an integer of 1 or more, found 0",
    ),
    (
        &multi::FILTERS,
        r#"{"human_episodes": {"car_matched": true}}"#,
        "unknown_key",
        r#"at /human_episodes/car_matched: unknown key; did you mean "face_matched"?"#,
    ),
    (
        &multi::FILTERS,
        r#"{"counters": {"proximity_min_gte": -1}}"#,
        "out_of_range",
        "at /counters/proximity_min_gte: expected a number of 0 or more, found -1",
    ),
    (
        &NATIVE,
        r#"null"#,
        "wrong_type",
        "at the top level: expected an object with filter keys, found null",
    ),
    (&NATIVE, r#"{"dor": 7}"#, "unknown_key", r#"at /dor: unknown key; did you mean "door"?"#),
    (
        &NATIVE,
        r#"{"xyzzy": 7}"#,
        "unknown_key",
        r#"at /xyzzy: unknown key; expected one of "door", "badge", "granted", "direction", "weight", "tags""#,
    ),
    (
        &NATIVE,
        r#"{"door_into": [7]}"#,
        "unknown_key",
        r#"at /door_into: unknown key; did you mean "door_in"?"#,
    ),
    (
        &NATIVE,
        r#"{"door_prefix": "7"}"#,
        "unsuited_key",
        r#"at /door_prefix: this key cannot test an integer; expected one of "door", "door_in", "door_not_in", "door_gt", "door_gte", "door_lt", "door_lte", "door_exists""#,
    ),
    (
        &NATIVE,
        r#"{"granted_in": [true]}"#,
        "unsuited_key",
        r#"at /granted_in: this key cannot test a boolean; expected one of "granted", "granted_exists""#,
    ),
    (
        &NATIVE,
        r#"{"granted_gte": true}"#,
        "unsuited_key",
        r#"at /granted_gte: this key cannot test a boolean; expected one of "granted", "granted_exists""#,
    ),
    (
        &NATIVE,
        r#"{"badge_lt": "b"}"#,
        "unsuited_key",
        r#"at /badge_lt: this key cannot test a text; expected one of "badge", "badge_in", "badge_not_in", "badge_prefix", "badge_exists""#,
    ),
    (
        &NATIVE,
        r#"{"tags_gte": 1}"#,
        "unsuited_key",
        r#"at /tags_gte: this key cannot test a list of texts; expected one of "tags", "tags_in", "tags_not_in", "tags_prefix", "tags_exists""#,
    ),
    (
        &NATIVE,
        r#"{"direction_prefix": "i"}"#,
        "unsuited_key",
        r#"at /direction_prefix: this key cannot test a choice; expected one of "direction", "direction_in", "direction_not_in", "direction_exists""#,
    ),
    (&NATIVE, r#"{"door": [7]}"#, "wrong_type", "at /door: expected an integer, found a list"),
    (&NATIVE, r#"{"door": 7.5}"#, "wrong_type", "at /door: expected an integer, found 7.5"),
    (&NATIVE, r#"{"door": null}"#, "wrong_type", "at /door: expected an integer, found null"),
    (
        &NATIVE,
        r#"{"door_in": 7}"#,
        "wrong_type",
        "at /door_in: expected a list of integers, found 7",
    ),
    (
        &NATIVE,
        r#"{"door_not_in": 7}"#,
        "wrong_type",
        "at /door_not_in: expected a list of integers, found 7",
    ),
    (&NATIVE, r#"{"door_gte": 7.0}"#, "wrong_type", "at /door_gte: expected an integer, found 7.0"),
    (
        &NATIVE,
        r#"{"door_gt": 9223372036854775808}"#,
        "out_of_range",
        "at /door_gt: expected an integer from -9223372036854775808 to 9223372036854775807, found 9223372036854775808",
    ),
    (
        &NATIVE,
        r#"{"weight_gt": "1"}"#,
        "wrong_type",
        r#"at /weight_gt: expected a number, found "1""#,
    ),
    (
        &NATIVE,
        r#"{"weight_in": [1, "2"]}"#,
        "wrong_type",
        r#"at /weight_in/1: expected a number, found "2""#,
    ),
    (&NATIVE, r#"{"badge": 7}"#, "wrong_type", "at /badge: expected a text in quotes, found 7"),
    (
        &NATIVE,
        r#"{"badge_prefix": 7}"#,
        "wrong_type",
        "at /badge_prefix: expected a text in quotes or a list of texts, found 7",
    ),
    (
        &NATIVE,
        r#"{"badge_prefix": ["a", 7]}"#,
        "wrong_type",
        "at /badge_prefix/1: expected a text in quotes, found 7",
    ),
    (
        &NATIVE,
        r#"{"badge_exists": 1}"#,
        "wrong_type",
        "at /badge_exists: expected true or false, found 1",
    ),
    (
        &NATIVE,
        r#"{"direction": "up"}"#,
        "unknown_name",
        r#"at /direction: unknown name "up"; expected one of "in", "out""#,
    ),
    (
        &NATIVE,
        r#"{"direction": ["in"]}"#,
        "wrong_type",
        "at /direction: expected a name in quotes, found a list",
    ),
    (
        &NATIVE,
        r#"{"tags": ["a"]}"#,
        "wrong_type",
        "at /tags: expected a text in quotes, found a list",
    ),
    (
        &NATIVE,
        r#"{"granted": "true"}"#,
        "wrong_type",
        r#"at /granted: expected true or false, found "true""#,
    ),
    (
        &NATIVE,
        r#"{"all": {}}"#,
        "wrong_type",
        "at /all: expected a list of objects with filter keys, found an object",
    ),
    (
        &NATIVE,
        r#"{"any": {}}"#,
        "wrong_type",
        "at /any: expected a list of objects with filter keys, found an object",
    ),
    (
        &NATIVE,
        r#"{"any": null}"#,
        "wrong_type",
        "at /any: expected a list of objects with filter keys, found null",
    ),
    (
        &NATIVE,
        r#"{"any": [[]]}"#,
        "wrong_type",
        "at /any/0: expected an object with filter keys, found a list",
    ),
    (
        &NATIVE,
        r#"{"any": [{}, 7]}"#,
        "wrong_type",
        "at /any/1: expected an object with filter keys, found 7",
    ),
    (
        &NATIVE,
        r#"{"not": []}"#,
        "wrong_type",
        "at /not: expected an object with filter keys, found a list",
    ),
    (
        &NATIVE,
        r#"{"not": true}"#,
        "wrong_type",
        "at /not: expected an object with filter keys, found true",
    ),
    (
        &NATIVE,
        r#"{"not": {"door": 7, "door": 8}}"#,
        "duplicate",
        "at /not/door: appears twice; keep only one",
    ),
    (&NATIVE, r#"{"all": [], "all": []}"#, "duplicate", "at /all: appears twice; keep only one"),
    (&NATIVE, r#"{"not": {}, "not": {}}"#, "duplicate", "at /not: appears twice; keep only one"),
    (
        &NATIVE,
        r#"{"any": [{"all": [{"not": {"dooor": 1}}]}]}"#,
        "unknown_key",
        r#"at /any/0/all/0/not/dooor: unknown key; did you mean "door"?"#,
    ),
    (
        &NATIVE,
        r#"{"any": [{"all": [{}, {"not": {"door_in": [1, "x"]}}]}]}"#,
        "wrong_type",
        r#"at /any/0/all/1/not/door_in/1: expected an integer, found "x""#,
    ),
    (&NATIVE, r#"{"al": []}"#, "unknown_key", r#"at /al: unknown key; did you mean "all"?"#),
    // "and" looks like "any", but that would match more.
    (&NATIVE, r#"{"and": []}"#, "unknown_key", r#"at /and: unknown key; did you mean "all"?"#),
    (&NATIVE, r#"{"OR": []}"#, "unknown_key", r#"at /OR: unknown key; did you mean "any"?"#),
    (
        &NATIVE,
        r#"{"a/b~c": 1}"#,
        "unknown_key",
        r#"at /a~1b~0c: unknown key; expected one of "door", "badge", "granted", "direction", "weight", "tags""#,
    ),
    (
        &SECTIONED,
        r#"{"door": 7}"#,
        "unknown_section",
        r#"at /door: unknown section; it is a key of section "passages""#,
    ),
    (
        &SECTIONED,
        r#"{"passage": {}}"#,
        "unknown_section",
        r#"at /passage: unknown section; did you mean "passages"?"#,
    ),
    (
        &SECTIONED,
        r#"{"all": []}"#,
        "unknown_section",
        r#"at /all: unknown section; expected one of "passages""#,
    ),
    (
        &SECTIONED,
        r#"{"passages": {"any": [{"granted_gt": 1}]}}"#,
        "unsuited_key",
        r#"at /passages/any/0/granted_gt: this key cannot test a boolean; expected one of "granted", "granted_exists""#,
    ),
];

#[test]
fn each_error_of_other_tables_has_its_kind_message_and_place() {
    for (table, text, kind, message) in ERRORS_OF_OTHER_TABLES {
        let error = match Filter::parse(text, table) {
            Ok(filter) => panic!("{text} was parsed as {filter}"),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), *message, "{text}");
        assert_eq!(error.kind(), *kind, "{text}");
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(json.pointer(error.pointer().unwrap()).is_some(), "{text}");
    }
}
