//! What fuzz targets run, as plain functions that the tests run too.

use std::fmt::Debug;

use recohook::{
    Filter,
    attribute::{Attribute, Schema},
    faceio,
    filter::{Section, Table},
    findface::{lite, multi, security, security_2019},
    model::ParseError,
    openbiometrics,
};
use serde::Serialize;
use serde_json::Value;

/// A schema of a host's own, with an attribute of each kind.
static EACH_KIND: Schema = Schema::new(
    "each_kind",
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

static NATIVE: Table = Table::flat(&Section::native(&EACH_KIND));
static SECTIONS: Table = Table::new(&[Section::native(&EACH_KIND)]);

const TABLES: &[&Table] = &[
    &security::FILTERS,
    &security_2019::FILTERS,
    &lite::FILTERS,
    &lite::FILTERS_REALTIME_IS_ALL,
    &multi::FILTERS,
    &openbiometrics::FILTERS,
    &faceio::FILTERS,
    &NATIVE,
    &SECTIONS,
];

/// Any bytes are a filter or an error that tells its place; a filter displays as an equal one.
pub(crate) fn filter_text(text: &[u8]) {
    for table in TABLES {
        filter_of(text, table);
    }
}

/// Any bytes are notifications or an error that tells its place; what is read and written again is
/// read as equal.
pub(crate) fn delivery(body: &[u8]) {
    delivery_of(body, security::parse_delivery);
    delivery_of(body, security_2019::parse_delivery);
    delivery_of(body, lite::parse_delivery);
    delivery_of(body, multi::parse_delivery);
    delivery_of(body, openbiometrics::parse_delivery);
    delivery_of(body, faceio::parse_delivery);
}

fn filter_of(text: &[u8], table: &'static Table) {
    match Filter::parse(text, table) {
        Ok(filter) => {
            assert!(serde_json::from_slice::<Value>(text).is_ok(), "what is not JSON is no filter");
            let again = Filter::parse(filter.to_string(), table);
            assert_eq!(again.as_ref(), Ok(&filter));
            assert_eq!(again.map(|again| again.to_string()), Ok(filter.to_string()));
            let never = filter.lint().iter().any(|warning| warning.pointer().is_empty());
            assert!(!never || table.sections().iter().all(|one| !filter.wants(one.schema())));
        }
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains(char::is_control) && message.len() < 2000, "{message}");
            match (error.pointer(), error.line_column()) {
                (Some(pointer), None) => {
                    let json = serde_json::from_slice::<Value>(text);
                    let json = json.expect("a pointer is for a text that is JSON");
                    // Of a name that stands twice, `Value` has only the last.
                    let is_there = json.pointer(pointer).is_some() || has_twice(text);
                    assert!(is_there, "{pointer} leads nowhere");
                }
                (None, Some((line, _))) => {
                    assert!(line <= text.iter().filter(|b| **b == b'\n').count() + 1);
                }
                (None, None) => assert_eq!(error.kind(), "too_long"),
                (Some(_), Some(_)) => panic!("two places for one error: {error:?}"),
            }
        }
    }
}

/// Whether some object of a JSON text has a name twice: then it loses members when read.
fn has_twice(text: &[u8]) -> bool {
    let colons = |text: &[u8]| {
        let (mut quoted, mut escaped, mut colons) = (false, false, 0);
        for byte in text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = quoted,
                b'"' => quoted = !quoted,
                b':' if !quoted => colons += 1,
                _ => {}
            }
        }
        colons
    };
    let read = serde_json::from_slice::<Value>(text).expect("a JSON text").to_string();
    colons(text) > colons(read.as_bytes())
}

fn delivery_of<N: Serialize + PartialEq + Debug>(
    body: &[u8],
    parse: fn(&[u8]) -> Result<Vec<N>, ParseError>,
) {
    match parse(body) {
        Ok(notices) => {
            let written = serde_json::to_vec(&notices).expect("a notification can be written");
            assert_eq!(parse(&written).expect("what was written"), notices);
        }
        Err(error) => {
            assert!(!error.to_string().contains(char::is_control), "{error}");
            let is_text = std::str::from_utf8(body).is_ok();
            assert_eq!(error.position().is_some(), is_text, "{error}");
            if let Some((line, _)) = error.position() {
                assert!(line <= body.iter().filter(|b| **b == b'\n').count() + 1, "{error}");
            }
        }
    }
}
