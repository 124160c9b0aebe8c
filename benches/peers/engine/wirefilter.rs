//! The crate `wirefilter-engine`: filters are compiled to closures, which are called one after the
//! other.
//!
//! It has integers of 32 bits, and neither lists nor null. So numbers are integers, -1 means null,
//! and the lists of an event, at most three in the workload, are three numbers. Each of these makes
//! it faster.

use std::sync::LazyLock;

use serde_json::Value;
use wirefilter::{ExecutionContext, Filter, Scheme};

use super::{Condition, Engine, conditions, joined, millionths};
use crate::workload::Event;

static SCHEME: LazyLock<Scheme> = LazyLock::new(|| {
    Scheme! {
        matched: Bool,
        overall: Bool,
        confidence: Int,
        camera_group: Int,
        camera: Int,
        dossier: Int,
        list_0: Int,
        list_1: Int,
        list_2: Int,
    }
});

const LISTS: [&str; 3] = ["list_0", "list_1", "list_2"];

pub(crate) struct Wirefilter(Vec<Filter<'static>>);

impl Engine for Wirefilter {
    const NAME: &'static str = "wirefilter";

    type Event = ExecutionContext<'static>;

    fn new(filters: &[Value]) -> Self {
        let compiled = |filter: &Value| {
            let text = joined(conditions(filter), condition, " && ");
            SCHEME.parse(&text).expect("the expression is valid").compile()
        };
        Self(filters.iter().map(compiled).collect())
    }

    fn event(&self, event: &Event) -> ExecutionContext<'static> {
        let mut context = ExecutionContext::new(&SCHEME);
        for (name, value) in [("matched", event.matched), ("overall", event.overall)] {
            let value = value.expect("every event of the workload has this attribute");
            context.set_field_value(name, value).expect("the field is of this type");
        }
        let number = |id: Option<i64>| i32::try_from(id.unwrap_or(-1)).expect("the id is small");
        let list = |place| number(event.lists.get(place).copied());
        assert!(event.lists.len() <= LISTS.len());
        for (name, value) in [
            ("confidence", millionths(event.confidence)),
            ("camera_group", number(event.camera_group)),
            ("camera", number(event.camera)),
            ("dossier", number(event.dossier)),
            (LISTS[0], list(0)),
            (LISTS[1], list(1)),
            (LISTS[2], list(2)),
        ] {
            context.set_field_value(name, value).expect("the field is of this type");
        }
        context
    }

    fn matches_into(&self, event: &ExecutionContext<'static>, wanted: &mut Vec<u32>) {
        let matching = (0..)
            .zip(&self.0)
            .filter(|(_, filter)| filter.execute(event).expect("the event is of this scheme"));
        wanted.extend(matching.map(|(id, _)| id));
    }
}

fn condition(condition: Condition) -> String {
    let one_of =
        |field: &str, ids: &[i64]| format!("{field} in {{{}}}", joined(ids, i64::to_string, " "));
    match condition {
        Condition::Is(field, true) => field.to_owned(),
        Condition::Is(field, false) => format!("not {field}"),
        Condition::Confidence(least) => format!("confidence >= {least}"),
        Condition::OneOf(field, ids) => one_of(field, &ids),
        Condition::ListsOneOf(ids) => {
            format!("({})", joined(LISTS, |list| one_of(list, &ids), " || "))
        }
    }
}
