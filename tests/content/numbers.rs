//! Numbers and moments keep what the sender wrote.

use std::error::Error as _;

use recohook::{findface::security, openbiometrics, raw};

#[test]
fn m9_text_that_is_not_json_is_refused_with_the_true_reason() {
    for text in ["NaN", "Infinity", "-Infinity"] {
        let body = format!(r#"{{"id": "1", "type": "x", "new": {text}}}"#);
        let error = openbiometrics::parse_delivery(body.as_bytes()).unwrap_err();
        let place = "the body is not JSON, at line 1 column ";
        assert!(error.to_string().starts_with(place), "{error}");
        let remedy = "JSON has neither NaN nor infinities; write a number, or null";
        assert!(error.to_string().contains(remedy), "{error}");
        // The body is complete, so the sender would only send it again.
        assert!(error.advice().starts_with("answer with 200"), "{error}");

        let error = raw::Reader::new(&openbiometrics::RAW).read(body.as_bytes()).unwrap_err();
        assert!(error.to_string().ends_with(remedy), "{error}");
        let error = raw::split(format!("[{body}]").as_bytes()).unwrap_err();
        assert!(error.to_string().ends_with(remedy), "{error}");
    }
}

#[test]
fn m9_what_only_a_model_refuses_is_named() {
    for (text, reason) in [
        ("1e400", "number out of range"),
        (r#""\ud800""#, "unexpected end of hex escape"),
        (r#""\udc00""#, "lone leading surrogate in hex escape"),
    ] {
        let body = format!(r#"{{"id": "1", "webhook_type": "events", "new": {text}}}"#);
        let error = security::parse_delivery(body.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), "notification");
        assert!(error.source().unwrap().to_string().contains(reason), "{text}: {error:?}");
        let error = raw::Reader::new(&security::RAW).read(body.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), "notification");
        assert!(error.source().unwrap().to_string().contains(reason), "{text}: {error:?}");
    }
}
