//! The errors of a reader, and the bytes that cause them.

use std::error::Error as _;

use recohook::{
    Notification, faceio,
    findface::{lite, multi, security},
    openbiometrics,
    raw::{self, Format, RawError, Reader},
};

#[track_caller]
fn refused(format: &'static Format, bytes: &[u8], kind: &str) -> RawError {
    let mut reader = Reader::new(format);
    let error = reader.read(bytes).unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    error
}

#[test]
fn bytes_that_are_not_a_json_object_are_refused() {
    for (bytes, kind) in [
        (&b"\"\xff\""[..], "encoding"),
        (b"", "json"),
        (b"{", "json"),
        (b"{} {}", "json"),
        (b"{\"id\": \"42\",}", "json"),
        (b"{\"id\": 1, \"webhook_type\": \"events\"", "json"),
        (b"{\"a\": 01}", "json"),
        (b"[]", "notification"),
        (b"5", "notification"),
        // These are JSON, but `serde_json::Value` cannot read them.
        (b"{\"a\": \"\\ud800\"}", "notification"),
        (b"{\"a\": 1e999}", "notification"),
    ] {
        let error = refused(&security::RAW, bytes, kind);
        assert_eq!(error.position().is_none(), kind == "encoding");
    }
    assert_eq!(
        refused(&security::RAW, b"{\n\"id\":}", "json").to_string(),
        "the bytes are not valid JSON, at line 2 column 6; check what sends them"
    );
    assert_eq!(
        refused(&security::RAW, b"{\n\"id\":", "json").to_string(),
        "the bytes are not valid JSON, at line 2 column 5; check whether they are complete"
    );
}

#[test]
fn deep_nesting_is_bounded() {
    let nested = |depth: usize| {
        format!(r#"{{"id": "42", "deep": {}{}}}"#, "[".repeat(depth), "]".repeat(depth))
    };
    let mut reader = Reader::new(&security::RAW);
    assert!(reader.read(nested(126).as_bytes()).is_ok());
    let error = refused(&security::RAW, nested(100_000).as_bytes(), "notification");
    assert!(error.source().unwrap().to_string().starts_with("recursion limit exceeded"));
}

#[test]
fn attributes_in_another_form_are_refused() {
    let cases: &[(&Format, &str, &str)] = &[
        (&security::RAW, r#""webhook_type": "events""#, "missing field `id`"),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": 42"#,
            "in `id`: invalid type: integer `42`, expected a string",
        ),
        (
            &security::RAW,
            r#""webhook_type": "episodes", "id": "42""#,
            "in `id`: invalid type: string \"42\", expected an integer below 2^63",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "id": "42""#,
            "duplicate field `id`",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "camera": "gate""#,
            "in `camera`: invalid type: string \"gate\", expected an integer id or an object that has one",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "camera": 3.0"#,
            "in `camera`: invalid type: floating point `3.0`",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "camera": 9223372036854775808"#,
            "in `camera`: invalid type: integer `9223372036854775808`",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "camera": {"id": null}"#,
            "in `camera`: invalid type: map",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "camera": {"id": 1, "id": 1}"#,
            "in `camera`: invalid type: map",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "camera": 1, "c\u0061mera": 1"#,
            "duplicate field `camera`",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "webhook_type": "events""#,
            "duplicate field `webhook_type`",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "matched_lists": [1, "2"]"#,
            "in `matched_lists`: invalid type: string \"2\", expected an integer id",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "matched_lists": 1"#,
            "in `matched_lists`: invalid type: integer `1`, expected a list of integer ids",
        ),
        (
            &security::RAW,
            r#""webhook_type": "events", "id": "42", "confidence": "0.5""#,
            "in `confidence`: invalid type: string \"0.5\", expected a number",
        ),
        (
            &multi::RAW,
            r#""webhook_type": "car_events", "id": "42", "features": [1]"#,
            "in `features`: invalid type: sequence, expected an object",
        ),
        (
            &lite::RAW,
            r#""id": 42, "type": 5"#,
            "in `type`: invalid type: integer `5`, expected a string",
        ),
        (
            &lite::RAW,
            r#""id": 42.0"#,
            "in `id`: invalid type: floating point `42.0`, expected an integer or a string",
        ),
        (
            &lite::RAW,
            r#""id": 42, "features": {"medmask": {"name": 1}}"#,
            "in `features`: in `medmask`: in `name`: invalid type: integer `1`, expected a string",
        ),
        (
            &openbiometrics::RAW,
            r#""id": "42", "data": 1"#,
            "in `data`: invalid type: integer `1`, expected an object",
        ),
        (
            &faceio::RAW,
            r#""details": {"age": true}"#,
            "in `details`: in `age`: invalid type: boolean `true`, expected a string or a number",
        ),
    ];
    for (format, members, part) in cases {
        let mut reader = Reader::new(format);
        let text = format!("{{{members}}}");
        let error = reader.read(text.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), "notification", "{text}");
        let source = error.source().unwrap().to_string();
        assert!(source.starts_with(part), "{text}: {source}");
        let (line, column) = error.position().unwrap();
        assert_eq!(line, 1);
        let place = format!("the notification cannot be read, at line 1 column {column};");
        assert!(error.to_string().starts_with(&place), "{error}");
    }
}

#[test]
fn members_that_no_filter_tests_are_passed_on() {
    let text = r#"{"id": "42", "webhook_type": "events", "frame": 5, "new": 1, "new": 2, "camera":
        {"id": 3, "name": 5}}"#;
    assert!(security::parse_delivery(text.as_bytes()).is_err());
    let mut reader = Reader::new(&security::RAW);
    let event = reader.read(text.as_bytes()).unwrap();
    assert!(event.values().is_present(security::EVENTS.expect("camera")));
    assert_eq!(event.text(), text);
    assert_eq!(event.schema(), &security::EVENTS);
}

#[test]
fn a_reader_can_be_used_after_an_error() {
    let mut reader = Reader::new(&security::RAW);
    for _ in 0..3 {
        let whole = br#"{"id": "42", "webhook_type": "events", "camera": 3}"#;
        assert_eq!(reader.read(whole).unwrap().id(), "42");
        let broken = br#"{"id": "43", "webhook_type": "events", "camera": "3"}"#;
        assert_eq!(reader.read(broken).unwrap_err().kind(), "notification");
    }
}

#[test]
fn bytes_that_are_not_a_delivery_are_refused() {
    for (body, kind) in [
        (&b"[1, \xff]"[..], "encoding"),
        (b"[\"\xff\"", "encoding"),
        (b"5", "framing"),
        (b"null", "framing"),
        (b"[{}", "json"),
        (b"[{}] 1", "json"),
        (b"", "json"),
    ] {
        assert_eq!(raw::split(body).unwrap_err().kind(), kind);
    }
    // The reader refuses a string that is not UTF-8, and reads the other items.
    assert_eq!(raw::split(b"[\"\xff\", 1]").unwrap(), [&b"\"\xff\""[..], b"1"]);
    assert!(raw::split(b" [ ] ").unwrap().is_empty());
    assert_eq!(raw::split(b"\n{} ").unwrap(), [b"\n{} "]);
    assert_eq!(raw::split(b"[ {\"a\" : 1} , 5]").unwrap(), [&b"{\"a\" : 1}"[..], b"5"]);
}
