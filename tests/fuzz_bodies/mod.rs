//! What fuzz targets run, as plain functions that the tests run too.

use recohook::{Filter, findface::security::FILTERS};
use serde_json::Value;

/// Any bytes are a filter or an error that tells its place; a filter displays as an equal one.
pub(crate) fn filter_text(text: &[u8]) {
    let json = serde_json::from_slice::<Value>(text);
    match Filter::parse(text, &FILTERS) {
        Ok(filter) => {
            assert!(json.is_ok(), "what is not JSON is no filter");
            let again = Filter::parse(filter.to_string(), &FILTERS);
            assert_eq!(again.as_ref(), Ok(&filter));
            assert_eq!(again.map(|again| again.to_string()), Ok(filter.to_string()));
        }
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains(char::is_control) && message.len() < 2000, "{message}");
            match (error.pointer(), error.line_column()) {
                (Some(pointer), None) => {
                    let json = json.expect("a pointer is for a text that is JSON");
                    assert!(json.pointer(pointer).is_some(), "{pointer} leads nowhere");
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
