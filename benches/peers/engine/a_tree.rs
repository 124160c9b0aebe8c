//! The crate `a-tree`: an index that shares the parts that filters have in common.
//!
//! Numbers are integers, because decimals, its only other kind, are slower. Its search returns a
//! vector of its own. To copy it takes time in proportion to the matches.

use a_tree::AttributeDefinition;
use serde_json::Value;

use super::{Condition, Engine, conditions, joined, millionths};
use crate::workload::Event;

pub(crate) struct ATree(a_tree::ATree<u32>);

impl Engine for ATree {
    const NAME: &'static str = "a-tree";

    type Event = a_tree::Event;

    fn new(filters: &[Value]) -> Self {
        let mut tree = a_tree::ATree::new(&[
            AttributeDefinition::boolean("matched"),
            AttributeDefinition::boolean("overall"),
            AttributeDefinition::integer("confidence"),
            AttributeDefinition::integer("camera_group"),
            AttributeDefinition::integer("camera"),
            AttributeDefinition::integer("dossier"),
            AttributeDefinition::integer_list("lists"),
        ])
        .expect("the attributes are distinct");
        for (id, filter) in (0..).zip(filters) {
            let text = joined(conditions(filter), condition, " and ");
            tree.insert(&id, &text).expect("the expression is valid");
        }
        Self(tree)
    }

    /// Attributes that are null stay undefined.
    fn event(&self, event: &Event) -> a_tree::Event {
        let mut builder = self.0.make_event();
        let set = |result: Result<(), _>| result.expect("the attribute is of this kind");
        if let Some(matched) = event.matched {
            set(builder.with_boolean("matched", matched));
        }
        if let Some(overall) = event.overall {
            set(builder.with_boolean("overall", overall));
        }
        for (name, number) in [
            ("confidence", event.confidence.map(|some| millionths(Some(some)).into())),
            ("camera_group", event.camera_group),
            ("camera", event.camera),
            ("dossier", event.dossier),
        ] {
            if let Some(number) = number {
                set(builder.with_integer(name, number));
            }
        }
        set(builder.with_integer_list("lists", &event.lists));
        builder.build().expect("attributes may stay undefined")
    }

    fn matches_into(&self, event: &a_tree::Event, wanted: &mut Vec<u32>) {
        let report = self.0.search(event).expect("the event is of this tree");
        wanted.extend(report.matches().iter().copied().copied());
    }
}

fn condition(condition: Condition) -> String {
    match condition {
        Condition::Is(attribute, true) => attribute.to_owned(),
        Condition::Is(attribute, false) => format!("not {attribute}"),
        Condition::Confidence(least) => format!("confidence >= {least}"),
        Condition::OneOf(attribute, ids) => format!("{attribute} in {ids:?}"),
        Condition::ListsOneOf(ids) => format!("lists one of {ids:?}"),
    }
}
