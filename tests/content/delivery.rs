//! One bad item, or a byte order mark, does not cost a delivery.

use std::{error::Error as _, fmt::Debug};

use proptest::{prelude::*, sample::Index};
use recohook::{
    Filter, faceio,
    findface::{lite, multi, security, security_2019},
    model::{ParseError, ParsedItems},
    openbiometrics, raw,
};

const MARK: &str = "\u{feff}";

/// The delivery of case M3: the second of three events cannot be read.
const ONE_OF_THREE: &str = r#"[
    {"id": "41", "webhook_type": "events", "camera": 1},
    {"id": "42", "webhook_type": "events", "camera": "gate"},
    {"id": "43", "webhook_type": "events", "camera": 3}
]"#;

#[test]
fn m3_an_unreadable_item_does_not_affect_the_others() {
    assert!(security::parse_delivery(ONE_OF_THREE.as_bytes()).is_err());
    let items = Vec::from_iter(security::parse_items(ONE_OF_THREE.as_bytes()));
    let [Ok(first), Err(error), Ok(third)] = &items[..] else { panic!("{items:?}") };
    for (item, id) in [(first, "41"), (third, "43")] {
        let security::AnyNotification::Event(event) = item else { panic!("{item:?}") };
        assert_eq!(event.id, id);
    }
    // The place is that in the body, as in the strict form.
    let strict = security::parse_delivery(ONE_OF_THREE.as_bytes()).unwrap_err();
    assert_eq!(error.index(), Some(1));
    assert_eq!(error.to_string(), strict.to_string());
    assert_eq!(error.source().unwrap().to_string(), strict.source().unwrap().to_string());
    assert!(error.source().unwrap().to_string().starts_with("in `camera`: invalid type: string"));
}

#[test]
fn m3_a_gateway_reads_the_other_items_too() {
    let mut reader = raw::Reader::new(&security::RAW);
    let items = raw::split(ONE_OF_THREE.as_bytes()).unwrap();
    let read = Vec::from_iter(items.iter().map(|item| reader.read(item).is_ok()));
    assert_eq!(read, [true, false, true]);
}

#[test]
fn m3_an_item_that_is_not_utf8_does_not_affect_the_others() {
    let body = b"[{\"id\": \"41\"}, {\"id\": \"caf\xe9\"}, {\"id\": \"43\"}]";
    assert_eq!(security_2019::parse_delivery(body).unwrap_err().kind(), "encoding");
    let items = Vec::from_iter(security_2019::parse_items(body));
    let [Ok(_), Err(error), Ok(third)] = &items[..] else { panic!("{items:?}") };
    assert_eq!((error.kind(), error.index(), third.id.as_str()), ("encoding", Some(1), "43"));

    let mut reader = raw::Reader::new(&security_2019::RAW);
    let items = raw::split(body).unwrap();
    let read = Vec::from_iter(items.iter().map(|item| reader.read(item).err().map(|e| e.kind())));
    assert_eq!(read, [None, Some("encoding"), None]);
}

#[test]
fn m3_a_broken_body_yields_the_items_before_the_break() {
    let body = &ONE_OF_THREE.as_bytes()[..ONE_OF_THREE.len() - 5];
    let mut items = security::parse_items(body);
    assert_eq!(items.len(), 3);
    assert!(items.next().unwrap().is_ok());
    assert_eq!(items.next().unwrap().unwrap_err().index(), Some(1));
    let error = items.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.index()), ("json", None));
    assert!(error.advice().starts_with("answer with 400"), "{error}");
    assert!(items.next().is_none() && items.next().is_none());
}

#[test]
fn m3_a_body_without_items_yields_one_error_or_none() {
    let kinds = |body: &[u8]| {
        let kinds = openbiometrics::parse_items(body).map(|item| item.unwrap_err().kind());
        Vec::from_iter(kinds)
    };
    assert!(kinds(b"[]").is_empty());
    assert_eq!(kinds(b""), ["json"]);
    assert_eq!(kinds(b"7"), ["framing"]);
    assert_eq!(kinds(b"{"), ["json"]);
    assert_eq!(kinds(b"{}"), ["notification"]);
    assert_eq!(kinds(b"[[]]"), ["notification"]);
    assert_eq!(kinds(b"\x1f\x8b\x08\x00"), ["encoding"]);
    assert_eq!(kinds(b"nul"), ["json"]);
}

#[test]
fn m3_the_advice_fits_the_sender() {
    let advice = |error: ParseError| error.to_string();
    let findface = [
        advice(security::parse_delivery(b"[[]]").unwrap_err()),
        advice(security_2019::parse_delivery(b"[[]]").unwrap_err()),
        advice(lite::parse_delivery(b"[[]]").unwrap_err()),
        advice(multi::parse_delivery(b"[[]]").unwrap_err()),
    ];
    for error in findface {
        // FindFace repeats what is refused, so 400 would bring the same body again.
        assert!(error.contains("answer with 200 and store the body, because FindFace repeats"));
    }
    let error = advice(openbiometrics::parse_delivery(b"[[]]").unwrap_err());
    assert!(error.contains("answer with 200 and store the body, because the engine"), "{error}");
    let error = advice(faceio::parse_delivery(b"[[]]").unwrap_err());
    assert!(error.contains("no repetition of a refused delivery is documented"), "{error}");
    // A body that was cut may arrive whole.
    let error = advice(security::parse_delivery(b"[{").unwrap_err());
    assert!(
        error.ends_with(
            "the body ends too early, at line 1 column 2; answer with 400, so that \
        FindFace sends it again"
        ),
        "{error}"
    );
}

#[test]
fn m4_a_byte_order_mark_is_skipped_in_deliveries() {
    let body = format!(r#"{MARK}[{{"id": "1", "facialId": "f"}}]"#);
    let body = body.as_bytes();
    assert_eq!(security_2019::parse_delivery(body).unwrap().len(), 1);
    assert_eq!(security::parse_delivery(body).unwrap().len(), 1);
    assert_eq!(multi::parse_delivery(body).unwrap().len(), 1);
    assert_eq!(openbiometrics::parse_delivery(body).unwrap().len(), 1);
    assert_eq!(faceio::parse_delivery(body).unwrap().len(), 1);
    assert_eq!(lite::parse_delivery(format!(r#"{MARK}{{"id": 1}}"#).as_bytes()).unwrap().len(), 1);
    assert!(security::parse_items(body).all(|item| item.is_ok()));

    // A gateway delivers the text without the mark, because it becomes part of an array.
    let items = raw::split(body).unwrap();
    assert_eq!(items, [&br#"{"id": "1", "facialId": "f"}"#[..]]);
    let single = format!(r#"{MARK}{{"id": "1"}}"#);
    assert_eq!(raw::split(single.as_bytes()).unwrap(), [br#"{"id": "1"}"#]);
    let mut reader = raw::Reader::new(&security_2019::RAW);
    assert_eq!(reader.read(single.as_bytes()).unwrap().text(), r#"{"id": "1"}"#);
}

#[test]
fn m4_a_byte_order_mark_is_skipped_in_filters() {
    let text = r#"{"events": {"camera_in": [3]}}"#;
    let marked = Filter::parse(format!("{MARK}{text}"), &security::FILTERS).unwrap();
    assert_eq!(marked.to_string(), Filter::parse(text, &security::FILTERS).unwrap().to_string());
    // In the middle, it is no white space.
    assert!(Filter::parse(format!("{{{MARK}}}"), &security::FILTERS).is_err());
}

#[test]
fn m4_the_mark_does_not_count_in_positions() {
    let error = |text: &str| security::parse_delivery(text.as_bytes()).unwrap_err();
    assert_eq!(error(&format!("{MARK}[}}")).position(), error("[}").position());
    let error = |text: &str| Filter::parse(text, &security::FILTERS).unwrap_err();
    assert_eq!(error(&format!("{MARK}{{}},")), error("{},"));
}

proptest! {
    /// The two forms agree on every body.
    #[test]
    fn m3_the_lenient_form_agrees_with_the_strict_form(
        places in prop::collection::vec((any::<Index>(), any::<u8>()), 0..3),
        cut in prop::option::of(any::<Index>()),
    ) {
        for body in [ONE_OF_THREE, r#"{"id": "1", "webhook_type": "events"}"#] {
            let mut bytes = body.as_bytes().to_vec();
            for (place, byte) in &places {
                *place.get_mut(&mut bytes) = *byte;
            }
            bytes.truncate(cut.map_or(usize::MAX, |cut| cut.index(body.len())));
            agree(security::parse_delivery(&bytes), security::parse_items(&bytes));
            agree(security_2019::parse_delivery(&bytes), security_2019::parse_items(&bytes));
        }
    }
}

/// Asserts that both forms read the same notifications, or fail at the same place.
#[track_caller]
fn agree<T: PartialEq + Debug>(strict: Result<Vec<T>, ParseError>, items: ParsedItems<'_, T>) {
    let count = items.len();
    let items = Vec::from_iter(items);
    assert_eq!(items.len(), count);
    match strict {
        Ok(all) => assert_eq!(items.into_iter().map(Result::unwrap).collect::<Vec<_>>(), all),
        Err(error) => {
            let errors = Vec::from_iter(items.into_iter().filter_map(Result::err));
            // A body that is broken at its end may have an unreadable item before the break.
            let found = errors.iter().any(|found| {
                found.kind() == error.kind()
                    && (error.kind() == "encoding" || found.to_string() == error.to_string())
            });
            // Bytes that are not UTF-8 can hide other errors in the strict form.
            assert!(found, "{error:?} is not in {errors:?}");
        }
    }
}
