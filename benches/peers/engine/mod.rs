//! Engines that find which filters match an event, all with the same filters and events.
//!
//! Each engine compiles its filters once, and gets events in the form that it reads. So only
//! matching is timed.

mod a_tree;
mod cel;
mod linear;
mod recohook;
mod wirefilter;

use serde_json::Value;

use crate::workload::{Event, hard_wired::HardWired};

pub(crate) use self::{
    a_tree::ATree,
    cel::Cel,
    linear::Linear,
    recohook::{Compiled, Index},
    wirefilter::Wirefilter,
};

/// An engine that holds filters.
pub(crate) trait Engine {
    /// The name in the results.
    const NAME: &'static str;

    /// An event in the form that this engine reads.
    type Event;

    /// Creates an engine. The id of a filter is its position.
    fn new(filters: &[Value]) -> Self;

    fn event(&self, event: &Event) -> Self::Event;

    /// Appends the ids of the filters that match the event, in any order.
    fn matches_into(&self, event: &Self::Event, wanted: &mut Vec<u32>);
}

/// A condition of a filter. All conditions must hold. Engines that parse texts write them from
/// these.
pub(crate) enum Condition {
    Is(&'static str, bool),
    /// The lower bound, in millionths. Every engine can compare integers, and compares them
    /// fastest.
    Confidence(i32),
    OneOf(&'static str, Vec<i64>),
    ListsOneOf(Vec<i64>),
}

/// Returns a confidence in whole millionths. If there is none, returns -1, which is below every
/// bound.
fn millionths(confidence: Option<f64>) -> i32 {
    confidence.map_or(-1, |confidence| (confidence * 1e6).round() as i32)
}

/// Returns the conditions of a filter, with cheap ones first: an engine that does not reorder them
/// stops at the first that fails.
fn conditions(filter: &Value) -> Vec<Condition> {
    let filter = HardWired::new(filter);
    let mut conditions = Vec::new();
    conditions.extend(filter.matched.map(|matched| Condition::Is("matched", matched)));
    let least = filter.confidence.map(|least| Condition::Confidence(millionths(Some(least))));
    conditions.extend(least);
    // Both types together are no condition, because every event of the workload has one of the two.
    if let Some([overall]) = filter.types.as_deref() {
        conditions.push(Condition::Is("overall", *overall));
    }
    for (attribute, ids) in [
        ("camera_group", filter.camera_groups),
        ("camera", filter.cameras),
        ("dossier", filter.dossiers),
    ] {
        conditions.extend(ids.map(|ids| Condition::OneOf(attribute, ids)));
    }
    conditions.extend(filter.lists.map(Condition::ListsOneOf));
    assert!(!conditions.is_empty(), "a filter of the workload has a condition");
    conditions
}

/// Joins the texts of `items` with `between`.
fn joined<T>(
    items: impl IntoIterator<Item = T>,
    text: impl Fn(T) -> String,
    between: &str,
) -> String {
    Vec::from_iter(items.into_iter().map(text)).join(between)
}
