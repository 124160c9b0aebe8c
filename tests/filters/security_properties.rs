//! Properties of FindFace Security filters, tested on notifications with nulls and whole entities.

use proptest::{collection::vec, option, prelude::*, sample::select};
use recohook::{Filter, FilterIndex, attribute::Values, findface::security::FILTERS};
use serde_json::{Map, Value, json};

use crate::{dialects, fuzz_bodies, naive::security as naive};

/// Generates few different ids, so that filters often match.
fn id() -> impl Strategy<Value = Value> {
    (0..6_i64).prop_map(Value::from)
}

fn list_id() -> impl Strategy<Value = Value> {
    (-1..6_i64).prop_map(Value::from)
}

/// Generates lists of ids. Most are short, as in real filters, and some are long.
fn ids(of: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    let long = vec(-1..80_i64, 17..60).prop_map(Value::from);
    prop_oneof![9 => vec(of, 0..5).prop_map(Value::from), 1 => long].boxed()
}

fn names(of: &'static [&'static str]) -> BoxedStrategy<Value> {
    vec(select(of), 0..3).prop_map(Value::from).boxed()
}

fn count() -> BoxedStrategy<Value> {
    prop_oneof![(0..5_u32).prop_map(Value::from), Just(json!(1_u64 << 53))].boxed()
}

fn confidence() -> BoxedStrategy<Value> {
    let some = select(vec![json!(0), json!(0.0), json!(-0.0), json!(0.5), json!(1), json!(1.0)]);
    prop_oneof![some, (0.0..=1.0).prop_map(Value::from)].boxed()
}

fn flag() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(Value::from).boxed()
}

/// Generates objects with some of the members.
fn some_of(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let members = members
        .into_iter()
        .map(|(name, value)| option::weighted(0.3, value.prop_map(move |value| (name, value))));
    Vec::from_iter(members)
        .prop_map(|members| {
            let members = members.into_iter().flatten();
            Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
        })
        .boxed()
}

const BS_TYPES: &[&str] = &["overall", "realtime"];
const EPISODE_TYPES: &[&str] = &["episode_open", "episode_event", "episode_close"];

fn filter() -> impl Strategy<Value = Value> {
    let events = some_of(vec![
        ("allowed_bs_types", names(BS_TYPES)),
        ("camera_group_in", ids(id())),
        ("camera_in", ids(id())),
        ("matched_lists_in", ids(list_id())),
        ("matched_dossier_in", ids(id())),
        ("matched", flag()),
        ("confidence_gte", confidence()),
    ]);
    let episodes = some_of(vec![
        ("allowed_types", names(EPISODE_TYPES)),
        ("camera_group_in", ids(id())),
        ("camera_in", ids(id())),
        ("matched_lists_in", ids(list_id())),
        ("matched", flag()),
        ("events_count_gte", count()),
        ("events_count_lte", count()),
    ]);
    let counters = some_of(vec![
        ("counter_in", ids(id())),
        ("camera_group_in", ids(id())),
        ("camera_in", ids(id())),
        ("faces_gte", count()),
        ("faces_lte", count()),
        ("silhouettes_gte", count()),
        ("silhouettes_lte", count()),
    ]);
    some_of(vec![("events", events), ("episodes", episodes), ("counters", counters)])
}

/// Generates a value, null, or no value.
fn field(value: BoxedStrategy<Value>) -> BoxedStrategy<Option<Value>> {
    prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 6 => value.prop_map(Some)].boxed()
}

/// Generates an id, or an entity with the id.
fn reference(id: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    (id, any::<bool>())
        .prop_map(|(id, whole)| if whole { json!({"id": id, "name": "n"}) } else { id })
        .boxed()
}

fn references(id: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    vec(reference(id), 0..4).prop_map(Value::from).boxed()
}

fn notification() -> impl Strategy<Value = Value> {
    let id = || id().boxed();
    let types = |names: &'static [&'static str]| {
        prop_oneof![select(names), Just("something_new")].prop_map(Value::from).boxed()
    };
    let members = [
        ("bs_type", types(BS_TYPES)),
        ("event_type", types(EPISODE_TYPES)),
        ("camera", reference(id())),
        ("camera_group", reference(id())),
        ("counter", reference(id())),
        ("cameras", references(id())),
        ("camera_groups", references(id())),
        ("matched_lists", references(list_id().boxed())),
        ("matched_dossier", reference(id())),
        ("matched", flag()),
        ("matched_event", select(vec![json!("42"), json!({"id": "42"})]).boxed()),
        ("confidence", confidence()),
        ("events_count", count()),
        ("faces_count", count()),
        ("silhouettes_count", count()),
    ];
    let members = members.map(|(name, value)| field(value).prop_map(move |value| (name, value)));
    (select(vec!["events", "episodes", "counters"]), Vec::from(members)).prop_map(
        |(section, members)| {
            let members = members.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?)));
            let mut notification = Map::from_iter(members);
            notification.insert("webhook_type".to_owned(), section.into());
            let id = if section == "events" { json!("42") } else { json!(42) };
            notification.insert("id".to_owned(), id);
            Value::Object(notification)
        },
    )
}

fn values(notification: &Value) -> Values {
    let mut values = Values::new();
    let security = &dialects::ALL[0];
    assert_eq!(security.name, "findface-security-2020");
    (security.fill)(&mut values, notification);
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_compiled_filter_agrees_with_the_naive_one(
        filter in filter(),
        notifications in vec(notification(), 1..8),
    ) {
        let compiled = Filter::parse(filter.to_string(), &FILTERS).unwrap();
        for notification in notifications {
            let values = values(&notification);
            let expected = naive::matches(&filter, &notification);
            prop_assert_eq!(compiled.matches(&values), expected, "{}", notification);
            let schema = values.schema().unwrap();
            prop_assert!(compiled.covers(schema) || !expected);
        }
    }

    #[test]
    fn a_written_filter_is_parsed_as_an_equal_one(filter in filter()) {
        fuzz_bodies::filter::check(filter.to_string().as_bytes());
    }

    #[test]
    fn the_order_of_members_and_items_does_not_matter(filter in filter()) {
        let written = filter.to_string();
        let parsed = Filter::parse(&written, &FILTERS).unwrap();
        prop_assert_eq!(Filter::parse(reversed(&filter), &FILTERS), Ok(parsed));
    }

    #[test]
    fn nearly_valid_filters_do_not_panic(
        filter in filter(),
        changes in vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 1..5),
    ) {
        let mut text = filter.to_string().into_bytes();
        for (at, change, byte) in changes {
            let at = at.index(text.len() + 1);
            match change {
                0 => text.insert(at, byte),
                1 if at < text.len() => drop(text.remove(at)),
                _ if at < text.len() => text[at] = byte,
                _ => text.push(byte),
            }
        }
        fuzz_bodies::filter::check(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_index_agrees_with_its_filters(
        steps in vec((0..12_u8, option::weighted(0.8, filter())), 1..40),
        notifications in vec(notification(), 1..6),
    ) {
        let mut index = FilterIndex::new();
        let mut model = std::collections::BTreeMap::new();
        for (id, filter) in steps {
            match filter {
                Some(filter) => {
                    index.insert(id, &Filter::parse(filter.to_string(), &FILTERS).unwrap());
                    model.insert(id, filter);
                }
                None => prop_assert_eq!(index.remove(&id), model.remove(&id).is_some()),
            }
            prop_assert_eq!(index.len(), model.len());
            prop_assert_eq!(index.is_empty(), model.is_empty());
        }
        for notification in notifications {
            let mut found = vec![255];
            index.matches_into(&values(&notification), &mut found);
            prop_assert_eq!(found.remove(0), 255, "`matches_into` must append");
            found.sort_unstable();
            let matching = model.iter().filter(|(_, filter)| naive::matches(filter, &notification));
            prop_assert_eq!(found, Vec::from_iter(matching.map(|(id, _)| *id)));
        }
    }
}

/// Writes a value with the members of its objects and the items of its lists in reverse order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev();
            let members = members.map(|(name, v)| format!("{}: {}", json!(name), reversed(v)));
            format!("{{{}}}", Vec::from_iter(members).join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", Vec::from_iter(items.iter().rev().map(reversed)).join(", "))
        }
        other => other.to_string(),
    }
}
