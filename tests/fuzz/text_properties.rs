//! Any text is accepted or refused without a panic, as a filter and as the body of a delivery.

use std::fs;

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::Value;

use crate::bodies::{delivery, filter};

/// The folder with filters and bodies of notifications of every dialect.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/corpus");

/// Returns the filters, the bodies, and for each dialect all its bodies in one batch.
fn corpus() -> Vec<String> {
    let mut texts = Vec::new();
    let mut paths = Vec::from_iter(
        fs::read_dir(CASES)
            .expect("the directory should exist")
            .map(|entry| entry.expect("the directory should be readable").path()),
    );
    // The order of a directory differs between machines.
    paths.sort_unstable();
    for path in paths {
        let text = fs::read_to_string(path).expect("the file should be readable");
        let file: Value = serde_json::from_str(&text).expect("the file should be JSON");
        let cases = file["cases"].as_array().expect("`cases` should be an array");
        let filters = cases.iter().map(|case| &case["filter"]);
        // A part of the filters is enough.
        texts.extend(filters.step_by(7).map(Value::to_string));
        let bodies = file["bodies"].as_object().expect("`bodies` should be an object");
        let bodies = Vec::from_iter(bodies.values());
        texts.extend(bodies.iter().map(|body| body.to_string()));
        texts.push(serde_json::to_string(&bodies).expect("a value should be serialisable"));
    }
    texts
}

/// Generates texts of the corpus with up to three bytes inserted, removed or replaced.
fn any_nearly_valid_text() -> impl Strategy<Value = Vec<u8>> {
    let changes = vec((any::<Index>(), 0..3_u8, any::<u8>()), 0..4);
    (prop::sample::select(corpus()), changes).prop_map(|(text, changes)| {
        let mut text = text.into_bytes();
        for (at, change, byte) in changes {
            let at = at.index(text.len() + 1);
            match change {
                0 => text.insert(at, byte),
                1 if at < text.len() => drop(text.remove(at)),
                _ if at < text.len() => text[at] = byte,
                _ => text.push(byte),
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn random_bytes_do_not_panic(bytes in vec(any::<u8>(), 0..200)) {
        filter::check(&bytes);
        delivery::check(&bytes);
    }

    #[test]
    fn random_text_does_not_panic(text in "[\\[\\]{}:,\"a-z_0-9.eE+\\-\\\\ \n/~\\PC]{0,80}") {
        filter::check(text.as_bytes());
        delivery::check(text.as_bytes());
    }

    #[test]
    fn nearly_valid_text_does_not_panic(text in any_nearly_valid_text()) {
        filter::check(&text);
        delivery::check(&text);
    }
}
