//! Engines that tell which filters want an event, all with the same filters and events.
//!
//! Each is given its filters compiled once, and its events made ready in the form that it takes
//! them: only matching is timed, or counted.

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

/// An engine with its filters in it.
pub(crate) trait Engine {
    /// Its name in the figures.
    const NAME: &'static str;

    /// An event as this engine takes it.
    type Event;

    /// The filters' ids are their places.
    fn new(filters: &[Value]) -> Self;

    fn event(&self, event: &Event) -> Self::Event;

    /// Appends the ids of the filters that want the event, in any order.
    fn matches_into(&self, event: &Self::Event, wanted: &mut Vec<u32>);
}

/// One condition of a filter; all must hold. Engines that read text write theirs from these.
pub(crate) enum Condition {
    Is(&'static str, bool),
    /// In millionths: integers are what every engine compares, and compares fastest.
    Confidence(i32),
    OneOf(&'static str, Vec<i64>),
    ListsOneOf(Vec<i64>),
}

/// Whole millionths of a confidence; -1, below every threshold, for none.
fn millionths(confidence: Option<f64>) -> i32 {
    confidence.map_or(-1, |confidence| (confidence * 1e6).round() as i32)
}

/// Cheap ones first: engines that do not reorder stop at the first that fails.
fn conditions(filter: &Value) -> Vec<Condition> {
    let filter = HardWired::new(filter);
    let mut conditions = Vec::new();
    conditions.extend(filter.matched.map(|matched| Condition::Is("matched", matched)));
    let least = filter.confidence.map(|least| Condition::Confidence(millionths(Some(least))));
    conditions.extend(least);
    // Both types together are no condition: every event of the workload has one of the two.
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

/// The texts of `items`, with `between` between them.
fn joined<T>(
    items: impl IntoIterator<Item = T>,
    text: impl Fn(T) -> String,
    between: &str,
) -> String {
    Vec::from_iter(items.into_iter().map(text)).join(between)
}
