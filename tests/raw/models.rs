//! A reader finds the same as the models, in the documented bodies and in random changes of them.

use std::{cell::Cell, error::Error as _, fmt::Debug};

use proptest::{
    prelude::*,
    sample::{Index, select},
    test_runner::TestRunner,
};
use recohook::{
    Notification, Rendering,
    attribute::Values,
    faceio,
    findface::{lite, multi, security, security_2019},
    model::ParseError,
    openbiometrics,
    raw::{self, Format, RawError, Reader},
};

use crate::{
    bodies,
    json::{Change, Dice, Json, any_changes},
};

/// How many changed bodies of each system are read.
const CASES: u32 = 1_500;

macro_rules! systems {
    ($($test:ident: $module:path, $bodies:ident;)+) => {
        $(
            #[test]
            fn $test() {
                use $module as system;
                check_all(&system::RAW, system::parse_delivery, bodies::$bodies);
            }
        )+
    };
}

systems! {
    findface_security: security, SECURITY;
    findface_security_2019: security_2019, SECURITY_2019;
    findface_lite: lite, LITE;
    findface_multi: multi, MULTI;
    openbiometrics_events: openbiometrics, OPENBIOMETRICS;
    faceio_events: faceio, FACEIO;
}

type Read<N> = fn(&[u8]) -> Result<Vec<N>, ParseError>;

fn check_all<N: Notification + Debug>(
    format: &'static Format,
    read: Read<N>,
    bodies: &'static [&'static str],
) {
    let mut reader = Reader::new(format);
    for body in bodies {
        assert!(agrees(&mut reader, read, body), "{body} cannot be read");
    }
    let (kept, run) = (Cell::new(0), Cell::new(0));
    let case = (select(bodies), select(bodies), any_changes(), any::<u64>());
    let config = ProptestConfig { cases: CASES, ..ProptestConfig::default() };
    let checked = TestRunner::new(config).run(&case, |(before, body, changes, seed)| {
        // A reader expects the topic that it read before, so it reads another body first.
        let mut reader = Reader::new(format);
        agrees(&mut reader, read, before);
        let is_read = agrees(&mut reader, read, &changed(body, &changes, seed));
        kept.set(kept.get() + u32::from(is_read));
        run.set(run.get() + 1);
        Ok(())
    });
    checked.unwrap();
    assert_eq!(run.get(), CASES);
    let parts = CASES / 4..CASES * 19 / 20;
    assert!(parts.contains(&kept.get()), "{} of {CASES} could be read", kept.get());
}

fn changed(body: &str, changes: &[(Change, Index)], seed: u64) -> String {
    let mut json = Json::from(&serde_json::from_str(body).unwrap());
    for (change, place) in changes {
        json.apply(change, *place);
    }
    let mut text = String::new();
    json.write(&mut Dice(seed), &mut text);
    text
}

/// Returns whether the models can read a body. If they can, asserts that a reader finds the same.
fn agrees<N: Notification + Debug>(reader: &mut Reader, read: Read<N>, body: &str) -> bool {
    let typed = read(body.as_bytes());
    let split = raw::split(body.as_bytes());
    let Ok(notifications) = typed else {
        for bytes in split.into_iter().flatten() {
            if let Err(error) = reader.read(bytes) {
                assert_error_has_a_place(&error, bytes);
            }
        }
        return false;
    };
    let split = split.unwrap();
    assert_eq!(split.len(), notifications.len());
    for (notification, bytes) in notifications.iter().zip(split) {
        let found = reader.read(bytes).unwrap_or_else(|e| panic!("{:?} in {body}", e.source()));
        assert_eq!(found.schema(), notification.schema(), "{body}");
        assert_eq!(found.id(), notification.id(), "{body}");
        assert_eq!(found.kind(), notification.kind(), "{body}");
        let mut expected = Values::new();
        expected.reset(notification.schema());
        notification.attributes(&mut expected);
        assert_eq!(found.values(), &expected, "{body}");
        let mut reported = Values::new();
        reported.reset(found.schema());
        found.attributes(&mut reported);
        assert_eq!(reported, expected, "{body}");
        for rendering in [Rendering::Full, Rendering::Compact] {
            let mut encoded = b"before".to_vec();
            found.encode(rendering, &mut encoded).unwrap();
            assert_eq!(encoded, [b"before", bytes].concat());
        }
    }
    true
}

fn assert_error_has_a_place(error: &RawError, bytes: &[u8]) {
    assert_eq!(error.kind(), "notification", "{error:?}");
    let (line, _) = error.position().unwrap();
    assert!((1..=bytes.split(|byte| *byte == b'\n').count()).contains(&line), "{error}");
    assert!(!error.to_string().contains(&error.source().unwrap().to_string()), "{error}");
}

#[test]
fn the_previous_topic_does_not_matter() {
    let all =
        Vec::from_iter(bodies::SECURITY.iter().flat_map(|b| raw::split(b.as_bytes()).unwrap()));
    for before in &all {
        for bytes in &all {
            let mut fresh = Reader::new(&security::RAW);
            let fresh = fresh.read(bytes).unwrap();
            let mut used = Reader::new(&security::RAW);
            used.read(before).unwrap();
            let used = used.read(bytes).unwrap();
            assert_eq!(used.values(), fresh.values());
            assert_eq!((used.id(), used.kind()), (fresh.id(), fresh.kind()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn damaged_bytes_do_not_panic(
        body in select(bodies::MULTI),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = body.as_bytes().to_vec();
        for (place, byte) in damage {
            *place.get_mut(&mut bytes) = byte;
        }
        let mut reader = Reader::new(&multi::RAW);
        let whole = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
        match raw::split(&bytes) {
            // Splitting accepts some bytes that only reading refuses.
            Ok(items) => prop_assert!(!items.iter().all(|i| reader.read(i).is_ok()) || whole),
            Err(error) => prop_assert!(!whole || error.kind() == "framing", "{:?}", error),
        }
    }
}
