//! A reader of bytes sees what the model of the same system sees.

use recohook::{
    Notification, Rendering,
    attribute::Values,
    faceio,
    findface::{lite, multi, security, security_2019},
    model::ParseError,
    openbiometrics,
    raw::{self, Format, RawError, Reader},
};

use super::{assert_one_line, lines, systems::values_of};

/// The input is the body of a delivery.
pub(crate) fn check(body: &[u8]) {
    check_system(body, &security::RAW, security::parse_delivery);
    check_system(body, &security_2019::RAW, security_2019::parse_delivery);
    check_system(body, &lite::RAW, lite::parse_delivery);
    check_system(body, &multi::RAW, multi::parse_delivery);
    check_system(body, &openbiometrics::RAW, openbiometrics::parse_delivery);
    check_system(body, &faceio::RAW, faceio::parse_delivery);
}

/// What publishing looks at in a notification.
#[derive(Debug, PartialEq)]
struct Seen {
    topic: &'static str,
    id: String,
    kind: String,
    values: Values,
}

impl Seen {
    fn of(notification: &impl Notification) -> Self {
        Self {
            topic: notification.schema().topic(),
            id: notification.id().into_owned(),
            kind: notification.kind().to_owned(),
            values: values_of(notification),
        }
    }
}

fn check_system<N: Notification>(
    body: &[u8],
    format: &'static Format,
    parse: fn(&[u8]) -> Result<Vec<N>, ParseError>,
) {
    let typed = parse(body);
    let items = match raw::split(body) {
        Ok(items) => items,
        Err(error) => {
            check_error(body, &error);
            assert!(typed.is_err(), "a body that a model reads cannot be split: {error}");
            return;
        }
    };
    let mut reader = Reader::new(format);
    let read = Vec::from_iter(items.into_iter().map(|item| {
        let read = read(&mut reader, item);
        check_fresh_reader(format, item, &read);
        read
    }));
    let Ok(typed) = typed else { return };
    assert_eq!(read.len(), typed.len(), "a model finds another number of notifications");
    for (typed, raw) in typed.iter().zip(read) {
        let raw =
            raw.unwrap_or_else(|error| panic!("a model reads what a reader refuses: {error}"));
        assert_eq!(raw, Seen::of(typed), "a reader sees other things than the model");
    }
}

/// Reads one notification. Its bytes are passed on as they came.
fn read(reader: &mut Reader, item: &[u8]) -> Result<Seen, RawError> {
    let notification = reader.read(item).inspect_err(|error| check_error(item, error))?;
    for rendering in [Rendering::Full, Rendering::Compact] {
        let mut encoded = Vec::new();
        notification.encode(rendering, &mut encoded).expect("bytes can be copied");
        assert_eq!(encoded, item, "the bytes are not passed on as they came");
    }
    let seen = Seen::of(&notification);
    assert_eq!(&seen.values, notification.values(), "filters see other values");
    Ok(seen)
}

/// What a reader has read before does not matter.
fn check_fresh_reader(format: &'static Format, item: &[u8], warm: &Result<Seen, RawError>) {
    let fresh = read(&mut Reader::new(format), item);
    let kind = |read: &Result<Seen, RawError>| read.as_ref().err().map(RawError::kind);
    assert_eq!(kind(warm), kind(&fresh), "a warm reader gives another error than a fresh one");
    assert_eq!(warm.as_ref().ok(), fresh.as_ref().ok(), "a warm reader sees other things");
}

/// An error stays on its line, and names a place in the bytes if these are text.
fn check_error(text: &[u8], error: &RawError) {
    assert_one_line(&error.to_string());
    assert_eq!(error.position().is_some(), std::str::from_utf8(text).is_ok(), "{error}");
    if let Some((line, _)) = error.position() {
        assert!(line <= lines(text), "there is no such line: {error}");
    }
}
