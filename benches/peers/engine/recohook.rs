//! recohook itself: the index, and a scan of compiled filters.

use recohook::{Filter, FilterIndex, attribute::Values, findface::security::FILTERS};
use serde_json::Value;

use super::Engine;
use crate::workload::Event;

pub(crate) struct Index(FilterIndex<u32>);

impl Engine for Index {
    const NAME: &'static str = "index";

    type Event = Values;

    fn new(filters: &[Value]) -> Self {
        let mut index = FilterIndex::new();
        for (id, filter) in (0..).zip(filters) {
            index.insert(id, &parsed(filter));
        }
        Self(index)
    }

    fn event(&self, event: &Event) -> Values {
        event.values()
    }

    fn matches_into(&self, values: &Values, wanted: &mut Vec<u32>) {
        self.0.matches_into(values, wanted);
    }
}

/// Compiled filters, tested one after the other.
pub(crate) struct Compiled(Vec<Filter>);

impl Engine for Compiled {
    const NAME: &'static str = "compiled scan";

    type Event = Values;

    fn new(filters: &[Value]) -> Self {
        Self(filters.iter().map(parsed).collect())
    }

    fn event(&self, event: &Event) -> Values {
        event.values()
    }

    fn matches_into(&self, values: &Values, wanted: &mut Vec<u32>) {
        let matching = (0..).zip(&self.0).filter(|(_, filter)| filter.matches(values));
        wanted.extend(matching.map(|(id, _)| id));
    }
}

fn parsed(filter: &Value) -> Filter {
    Filter::parse(filter.to_string(), &FILTERS).expect("the filter is valid")
}
