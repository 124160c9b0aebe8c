//! Checks that any bytes are a filter, or an error with its place, in every table.

use recohook::{
    Filter, FilterIndex,
    attribute::Values,
    filter::{FilterError, Table},
};
use serde_json::Value;

use super::{
    assert_one_line, lines,
    systems::{SAMPLES, TABLES},
    without_mark,
};

/// Takes the text of a filter.
pub(crate) fn check(text: &[u8]) {
    for table in TABLES {
        match Filter::parse(text, table) {
            Ok(filter) => check_filter(text, table, &filter),
            Err(error) => check_error(text, &error),
        }
    }
}

/// Checks that a filter is written as an equal one, and that all ways to evaluate it agree.
fn check_filter(text: &[u8], table: &'static Table, filter: &Filter) {
    assert!(
        serde_json::from_slice::<Value>(without_mark(text)).is_ok(),
        "a filter was read from a text that is not JSON"
    );
    let written = filter.to_string();
    let again = Filter::parse(&written, table);
    let again = again.unwrap_or_else(|error| panic!("{written} is refused: {error}"));
    assert_eq!(&again, filter, "the filter has changed");
    assert_eq!(again.to_string(), written, "the text of the filter has changed");

    let warnings = filter.lint();
    warnings.iter().for_each(|warning| assert_one_line(&warning.to_string()));
    let never = warnings.iter().any(|warning| warning.pointer().is_empty());
    let covers_some = table.sections().iter().any(|section| filter.covers(section.schema()));
    assert!(
        !(never && covers_some),
        "lint reports that {written} matches nothing, but it covers a topic"
    );

    let everything = Filter::everything(table);
    let filters = [filter, &again, &everything];
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, filter);
    }
    for values in SAMPLES.iter() {
        let matches = check_values(&written, &filters, &index, values);
        assert!(!(never && matches), "lint reports that {written} matches nothing, but it does");
    }
}

/// Checks that the filters, their explanations and the index agree on a notification. The first two
/// filters are equal. Returns `true` if they match.
fn check_values(
    written: &str,
    filters: &[&Filter; 3],
    index: &FilterIndex<usize>,
    values: &Values,
) -> bool {
    let matches = filters.map(|filter| filter.matches(values));
    assert_eq!(matches[0], matches[1], "{written} matches differently after it is read again");
    let explanation = filters[0].explain(values);
    assert_eq!(
        explanation.is_match(),
        matches[0],
        "the explanation of {written} is:\n{explanation}"
    );
    let schema = values.schema().expect("each sample should have a schema");
    assert!(
        !matches[0] || filters[0].covers(schema),
        "{written} matches a topic that it does not cover"
    );

    let mut found = Vec::new();
    index.matches_into(values, &mut found);
    found.sort_unstable();
    let expected = (0..matches.len()).filter(|id| matches[*id]);
    assert_eq!(found, Vec::from_iter(expected), "the index of {written} finds other filters");
    matches[0]
}

/// Checks that an error is short, has no control characters, and names one place in the text.
fn check_error(text: &[u8], error: &FilterError) {
    let message = error.to_string();
    assert_one_line(&message);
    assert!(message.len() < 2000, "the message is too long: {message}");
    match (error.pointer(), error.line_column()) {
        (Some(pointer), None) => {
            let json = serde_json::from_slice::<Value>(without_mark(text));
            let json = json.expect("only an error in valid JSON should have a pointer");
            // If a name is repeated, a `Value` keeps only its last member.
            let is_there = json.pointer(pointer).is_some() || has_repeated_name(text, &json);
            assert!(is_there, "nothing is at {pointer}");
        }
        (None, Some((line, _))) => assert!(line <= lines(text), "the text has no line {line}"),
        (None, None) => assert_eq!(error.kind(), "too_long", "the error has no place"),
        (Some(_), Some(_)) => panic!("the error has two places: {error:?}"),
    }
}

/// Returns `true` if an object in a JSON text has two members with the same name. `value` has lost
/// one of them.
fn has_repeated_name(text: &[u8], value: &Value) -> bool {
    members(text) > members(value.to_string().as_bytes())
}

/// Returns the number of members of all objects in a JSON text. There is one colon for each, apart
/// from colons in strings.
fn members(text: &[u8]) -> usize {
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
}
