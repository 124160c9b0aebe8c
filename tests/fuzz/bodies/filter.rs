//! Any bytes are a filter or an error that names its place, in every table.

use recohook::{
    Filter, FilterIndex,
    attribute::Values,
    filter::{FilterError, Table},
};
use serde_json::Value;

use super::{
    assert_one_line, lines,
    systems::{SAMPLES, TABLES},
};

/// The input is the text of a filter.
pub(crate) fn check(text: &[u8]) {
    for table in TABLES {
        match Filter::parse(text, table) {
            Ok(filter) => check_filter(text, table, &filter),
            Err(error) => check_error(text, &error),
        }
    }
}

/// A filter is written as an equal one. Whatever evaluates it gives the same verdict.
fn check_filter(text: &[u8], table: &'static Table, filter: &Filter) {
    assert!(serde_json::from_slice::<Value>(text).is_ok(), "a text that is not JSON is a filter");
    let written = filter.to_string();
    let again = Filter::parse(&written, table);
    let again = again.unwrap_or_else(|error| panic!("{written} is not read again: {error}"));
    assert_eq!(&again, filter, "a filter is read again as another");
    assert_eq!(again.to_string(), written, "a filter is written again as another");

    let warnings = filter.lint();
    warnings.iter().for_each(|warning| assert_one_line(&warning.to_string()));
    let never = warnings.iter().any(|warning| warning.pointer().is_empty());
    let covers_some = table.sections().iter().any(|section| filter.covers(section.schema()));
    assert!(
        !(never && covers_some),
        "lint says that {written} wants nothing, but it wants a topic"
    );

    let everything = Filter::everything(table);
    let filters = [filter, &again, &everything];
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, filter);
    }
    for values in SAMPLES.iter() {
        let matches = check_values(&written, &filters, &index, values);
        assert!(!(never && matches), "lint says that {written} wants nothing, but it wants one");
    }
}

/// Compares the verdicts on a notification, and returns that of the first filter. The first two
/// filters are equal.
fn check_values(
    written: &str,
    filters: &[&Filter; 3],
    index: &FilterIndex<usize>,
    values: &Values,
) -> bool {
    let matches = filters.map(|filter| filter.matches(values));
    assert_eq!(matches[0], matches[1], "{written} matches differently when it is read again");
    let explanation = filters[0].explain(values);
    assert_eq!(explanation.is_match(), matches[0], "{written} is explained as:\n{explanation}");
    let schema = values.schema().expect("each sample has one");
    assert!(
        !matches[0] || filters[0].covers(schema),
        "{written} matches a topic it does not cover"
    );

    let mut found = Vec::new();
    index.matches_into(values, &mut found);
    found.sort_unstable();
    let expected = (0..matches.len()).filter(|id| matches[*id]);
    assert_eq!(found, Vec::from_iter(expected), "the index finds others than {written} matches");
    matches[0]
}

/// An error is short, stays on its line, and names one place of the text.
fn check_error(text: &[u8], error: &FilterError) {
    let message = error.to_string();
    assert_one_line(&message);
    assert!(message.len() < 2000, "the message is long: {message}");
    match (error.pointer(), error.line_column()) {
        (Some(pointer), None) => {
            let json = serde_json::from_slice::<Value>(text);
            let json = json.expect("a pointer is for a text that is JSON");
            // A `Value` keeps only the last member of a name.
            let is_there = json.pointer(pointer).is_some() || has_a_name_twice(text, &json);
            assert!(is_there, "{pointer} leads nowhere");
        }
        (None, Some((line, _))) => assert!(line <= lines(text), "there is no line {line}"),
        (None, None) => assert_eq!(error.kind(), "too_long", "an error names no place"),
        (Some(_), Some(_)) => panic!("an error names two places: {error:?}"),
    }
}

/// Whether an object of a JSON text has two members of one name, one of which is lost in `value`.
fn has_a_name_twice(text: &[u8], value: &Value) -> bool {
    members(text) > members(value.to_string().as_bytes())
}

/// The members of all objects of a JSON text: it has a colon for each, beside those in strings.
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
