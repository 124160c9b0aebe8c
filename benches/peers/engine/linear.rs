//! The scan that a server would write by hand: it tests every filter's struct, and lists with
//! `Vec::contains`.

use serde_json::Value;

use super::Engine;
use crate::workload::{Event, hard_wired::HardWired};

/// Hard-wired filters, tested one after the other. Their matches are the oracle for every other
/// engine.
pub(crate) struct Linear(Vec<HardWired>);

impl Engine for Linear {
    const NAME: &'static str = "linear scan";

    type Event = Event;

    fn new(filters: &[Value]) -> Self {
        Self(filters.iter().map(HardWired::new).collect())
    }

    fn event(&self, event: &Event) -> Event {
        event.clone()
    }

    fn matches_into(&self, event: &Event, wanted: &mut Vec<u32>) {
        let matching = (0..).zip(&self.0).filter(|(_, filter)| filter.matches(event));
        wanted.extend(matching.map(|(id, _)| id));
    }
}
