//! Checks that a raw reader and the models of the same system read the same.

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

/// Takes the body of a delivery.
pub(crate) fn check(body: &[u8]) {
    check_system(body, &security::RAW, security::parse_delivery);
    check_system(body, &security_2019::RAW, security_2019::parse_delivery);
    check_system(body, &lite::RAW, lite::parse_delivery);
    check_system(body, &multi::RAW, multi::parse_delivery);
    check_system(body, &openbiometrics::RAW, openbiometrics::parse_delivery);
    check_system(body, &faceio::RAW, faceio::parse_delivery);
}

/// The parts of a notification that publishing reads.
#[derive(Debug, PartialEq)]
struct Parts {
    topic: &'static str,
    id: String,
    kind: String,
    values: Values,
}

impl Parts {
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
            assert!(typed.is_err(), "a model reads the body, but it cannot be split: {error}");
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
    assert_eq!(read.len(), typed.len(), "the numbers of notifications differ");
    for (typed, raw) in typed.iter().zip(read) {
        let raw =
            raw.unwrap_or_else(|error| panic!("a model reads it, but the reader fails: {error}"));
        assert_eq!(raw, Parts::of(typed), "the reader and the model differ");
    }
}

/// Reads one notification, and checks that both renderings are its unchanged bytes.
fn read(reader: &mut Reader, item: &[u8]) -> Result<Parts, RawError> {
    let notification = reader.read(item).inspect_err(|error| check_error(item, error))?;
    for rendering in [Rendering::Full, Rendering::Compact] {
        let mut encoded = Vec::new();
        notification.encode(rendering, &mut encoded).expect("encoding should succeed");
        assert_eq!(encoded, item, "the bytes have changed");
    }
    let parts = Parts::of(&notification);
    assert_eq!(&parts.values, notification.values(), "`attributes` and `values` differ");
    Ok(parts)
}

/// Checks that a used reader reads the same as a new one.
fn check_fresh_reader(format: &'static Format, item: &[u8], used: &Result<Parts, RawError>) {
    let fresh = read(&mut Reader::new(format), item);
    let kind = |read: &Result<Parts, RawError>| read.as_ref().err().map(RawError::kind);
    assert_eq!(kind(used), kind(&fresh), "a used reader returns another error than a new one");
    assert_eq!(used.as_ref().ok(), fresh.as_ref().ok(), "a used reader reads something else");
}

/// Checks that an error has no control characters, and that it has a place in the text if the text
/// is UTF-8.
fn check_error(text: &[u8], error: &RawError) {
    assert_one_line(&error.to_string());
    assert_eq!(error.position().is_some(), std::str::from_utf8(text).is_ok(), "{error}");
    if let Some((line, _)) = error.position() {
        assert!(line <= lines(text), "the text has no such line: {error}");
    }
}
