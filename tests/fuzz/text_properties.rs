//! Properties of any text: as a filter, and as the body of a delivery.

use std::fs;

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::Value;

use crate::bodies::{delivery, filter};

/// The cases of every dialect: filters, and bodies of notifications.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/corpus");

/// The filters and bodies of the corpus, and its bodies in a batch: a text with slips in it is
/// nearly one of those.
fn corpus() -> Vec<String> {
    let mut texts = Vec::new();
    let mut paths = Vec::from_iter(
        fs::read_dir(CASES)
            .expect("a directory")
            .map(|entry| entry.expect("a directory can be read").path()),
    );
    // The order of a directory differs from machine to machine.
    paths.sort_unstable();
    for path in paths {
        let text = fs::read_to_string(path).expect("a file of JSON");
        let file: Value = serde_json::from_str(&text).expect("a file of JSON");
        let filters = file["cases"].as_array().expect("cases").iter().map(|case| &case["filter"]);
        texts.extend(filters.step_by(7).map(Value::to_string));
        let bodies = Vec::from_iter(file["bodies"].as_object().expect("bodies").values());
        texts.extend(bodies.iter().map(|body| body.to_string()));
        texts.push(serde_json::to_string(&bodies).expect("JSON"));
    }
    texts
}

fn slipped() -> impl Strategy<Value = Vec<u8>> {
    let slips = vec((any::<Index>(), 0..3_u8, any::<u8>()), 0..4);
    (prop::sample::select(corpus()), slips).prop_map(|(text, slips)| {
        let mut text = text.into_bytes();
        for (at, slip, byte) in slips {
            let at = at.index(text.len() + 1);
            match slip {
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
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
        filter::check(&bytes);
        delivery::check(&bytes);
    }

    #[test]
    fn no_text_panics(text in "[\\[\\]{}:,\"a-z_0-9.eE+\\-\\\\ \n/~\\PC]{0,80}") {
        filter::check(text.as_bytes());
        delivery::check(text.as_bytes());
    }

    #[test]
    fn no_slip_panics(text in slipped()) {
        filter::check(&text);
        delivery::check(&text);
    }
}
