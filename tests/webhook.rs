//! Webhooks: what they refuse, what can be changed, and what they keep to themselves.

use recohook::{Filter, HeaderError, Webhook, findface::security};

fn webhook() -> Webhook {
    Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))
        .expect("the URL is one")
}

#[test]
fn headers_that_cannot_be_sent_are_refused() {
    for (name, value, text) in [
        ("", "x", "is no header name"),
        ("a b", "x", "is no header name"),
        ("x-a", "a\r\nb: c", "must be visible ASCII"),
        ("x-a", "é", "must be visible ASCII"),
        ("x-a", " led by a space", "only between"),
        ("x-a", "followed by a tab\t", "only between"),
        ("Content-Length", "5", "is set by the sender"),
        ("transfer-encoding", "chunked", "is set by the sender"),
    ] {
        let error = webhook().with_header(name, value).unwrap_err().to_string();
        assert!(error.contains(text), "{name:?}: {error}");
    }
    assert!(webhook().with_delivery_id_header("connection").is_err());
    assert!(webhook().with_delivery_id_header("content-type").is_err());
}

#[test]
fn more_headers_than_fit_are_an_error() {
    let full =
        (0..100_000).try_fold(webhook(), |webhook, n| webhook.with_header(&format!("x-{n}"), ""));
    assert_eq!(full.unwrap_err(), HeaderError::TooMany.into());
}

#[test]
fn url_and_filter_can_be_changed_with_the_rest_kept() {
    let filter = Filter::parse(r#"{"events": {}}"#, &security::FILTERS).unwrap();
    let changed = webhook()
        .with_name("gate")
        .with_url("https://other.example/x")
        .unwrap()
        .with_filter(filter.clone());
    assert_eq!((changed.name(), changed.filter()), ("gate", &filter));
    assert_eq!(changed.url(), "https://other.example/x");
    assert!(changed.with_url("other.example").is_err());
}

#[test]
fn credentials_are_not_shown() {
    let webhook = webhook().with_header("X-Api-Key", "abc").unwrap();
    assert!(!format!("{webhook:?}").contains("abc"));
}
