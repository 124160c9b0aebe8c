//! Generators of filters of each table, and of notifications.

use proptest::{collection::vec, option, prelude::*, sample::select};
use recohook::{
    Filter,
    attribute::{Attribute, AttributeKind},
    filter::{Key, Section},
};
use serde_json::{Map, Value, json};

use crate::dialects::{ALL, Dialect};

/// A key, and values that the table allows for it.
type Choices = (String, Vec<Value>);

/// Names of features and types, and number plates. They are few, so that filters often match.
const WORDS: &[&str] = &[
    "",
    "unknown",
    "a",
    "ab",
    "male",
    "none",
    "taxi",
    "front",
    "overall",
    "realtime",
    "car",
    "face",
    "license_plate",
    "episode_open",
    "episode_close",
    "face_matched",
    "watchlist_alert",
    "AUTH",
    "fully_visible",
    "correct",
    "new",
];

const NUMBERS: &[f64] = &[0.0, 0.25, 0.5, 1.0, 2.0, 3.5, 33.0, -10.0];

const IDS: &[i64] = &[-1, 0, 1, 2, 3];

/// Returns values of every kind that a key for an attribute could take.
fn candidates(kind: AttributeKind) -> Vec<Value> {
    let mut ones = match kind {
        AttributeKind::Bool | AttributeKind::Bools => vec![json!(true), json!(false)],
        AttributeKind::Choice(names) => names.iter().map(|name| json!(name)).collect(),
        AttributeKind::Number | AttributeKind::Numbers => {
            let whole = IDS.iter().map(|id| json!(id));
            NUMBERS.iter().map(|number| json!(number)).chain(whole).collect()
        }
        AttributeKind::Int | AttributeKind::Ints => IDS.iter().map(|id| json!(id)).collect(),
        _ => WORDS.iter().map(|word| json!(word)).collect(),
    };
    let lists = ones.windows(2).map(|two| json!(two)).collect::<Vec<_>>();
    let singles = ones.iter().map(|one| json!([one])).collect::<Vec<_>>();
    ones.extend(lists);
    ones.extend(singles);
    ones.extend([json!([]), json!(true), json!(false), json!({})]);
    ones
}

/// Returns `true` if a section with these keys is a valid filter.
fn is_valid(dialect: &Dialect, section: &Section, keys: &Value) -> bool {
    let filter = match dialect.table.is_flat() {
        true => keys.clone(),
        false => json!({ section.name(): keys }),
    };
    Filter::parse(filter.to_string(), dialect.table).is_ok()
}

fn attribute_of(section: &Section, key: &Key) -> &'static Attribute {
    section.schema().attribute(key.attribute()).expect("the attribute of a key should exist")
}

/// Returns all keys of a section, each with the candidates that are valid for it.
fn choices(dialect: &Dialect, section: &Section) -> Vec<Choices> {
    let mut choices = Vec::new();
    let mut add = |name: String, candidates: Vec<Value>| {
        let valid = candidates
            .into_iter()
            .filter(|value| is_valid(dialect, section, &json!({ name.as_str(): value })));
        let valid = Vec::from_iter(valid);
        if !valid.is_empty() {
            choices.push((name, valid));
        }
    };
    for key in section.keys() {
        let mut values = candidates(attribute_of(section, key).kind());
        for member in key.members() {
            let of_member = candidates(attribute_of(section, member).kind());
            let alone = of_member.iter().map(|value| json!({ member.name(): value }));
            values.extend(alone.collect::<Vec<_>>());
            // Combine it with each other member.
            for other in key.members().iter().filter(|other| other.name() != member.name()) {
                let all = candidates(attribute_of(section, other).kind());
                let both = of_member.iter().zip(all.iter().cycle().skip(1));
                values.extend(both.map(|(a, b)| json!({ member.name(): a, other.name(): b })));
            }
        }
        add(key.name().to_owned(), values);
    }
    if section.keys().is_empty() {
        for attribute in section.schema().attributes() {
            for suffix in ["", "_in", "_not_in", "_gt", "_gte", "_lt", "_lte", "_prefix", "_exists"]
            {
                add(format!("{}{suffix}", attribute.name()), candidates(attribute.kind()));
            }
        }
    }
    choices
}

/// Generates objects with up to three of the keys.
fn keys(choices: Vec<Choices>) -> BoxedStrategy<Value> {
    let one = select(choices).prop_flat_map(|(name, values)| {
        select(values).prop_map(move |value| (name.clone(), value))
    });
    vec(one, 0..4).prop_map(|keys| Value::Object(Map::from_iter(keys))).boxed()
}

pub(crate) fn filter(dialect: &'static Dialect) -> BoxedStrategy<Value> {
    let sections = dialect.table.sections();
    if dialect.table.is_flat() {
        return keys(choices(dialect, &sections[0])).prop_map(Value::from).boxed();
    }
    let sections = sections.iter().map(|section| {
        let keys = option::weighted(0.7, keys(choices(dialect, section)));
        keys.prop_map(|keys| Some((section.name().to_owned(), keys?)))
    });
    Vec::from_iter(sections)
        .prop_map(|sections| Value::Object(sections.into_iter().flatten().collect()))
        .boxed()
}

/// The kind of value of a field in a notification.
#[derive(Clone, Copy)]
enum Field {
    Id,
    Ids,
    Flag,
    Number,
    Word,
    /// `{"name": word, "confidence": number}`.
    Feature,
    /// The same, but the name is a number.
    Measure,
    /// A number as a text.
    Digits,
}

fn value(field: Field) -> BoxedStrategy<Value> {
    let word = || select(WORDS).prop_map(Value::from);
    let number = || select(NUMBERS).prop_map(Value::from);
    let id = || select(IDS).prop_map(Value::from);
    let feature = |name: BoxedStrategy<Value>| {
        (name, number())
            .prop_map(|(name, confidence)| json!({"name": name, "confidence": confidence}))
    };
    match field {
        Field::Id => id().boxed(),
        Field::Ids => vec(id(), 0..4).prop_map(Value::from).boxed(),
        Field::Flag => any::<bool>().prop_map(Value::from).boxed(),
        Field::Number => number().boxed(),
        Field::Word => word().boxed(),
        Field::Feature => feature(word().boxed()).boxed(),
        Field::Measure => feature(number().boxed()).boxed(),
        Field::Digits => number().prop_map(|number| number.to_string().into()).boxed(),
    }
}

/// Returns the pointers and kinds of the fields of a dialect's notifications.
fn fields(dialect: &Dialect) -> Vec<(String, Field)> {
    use Field::{Digits, Feature, Flag, Id, Ids, Measure, Number, Word};
    let mut fields = Vec::new();
    let mut add = |field: Field, places: &str| {
        fields.extend(places.split_whitespace().map(|place| (format!("/{place}"), field)));
    };
    match dialect.name {
        "openbiometrics" => {
            add(Word, "type source camera_id data/identity_id data/label data/watchlist");
            add(Number, "data/similarity");
        }
        "faceio" => {
            add(Word, "eventName facialId appId clientIp details/timestamp details/gender");
            add(Digits, "details/age");
        }
        "native" => {
            add(Flag, "granted");
            add(Word, "direction badge");
            add(Number, "weight");
            add(Id, "door");
            add(Ids, "zones");
        }
        _ => {
            add(Flag, "matched");
            add(Id, "camera camera_group card counter area matched_card matched_dossier");
            add(Ids, "cameras camera_groups matched_lists");
            add(Word, "bs_type event_type matched_face_event matched_body_event");
            add(Word, "matched_car_event matched_event features/license_plate_number");
            add(Number, "confidence temperature events_count faces_count silhouettes_count");
            add(Number, "cars_count proximity_min proximity_avg proximity_max");
        }
    }
    match dialect.name {
        "findface-multi" => {
            fields.retain(|(place, _)| place != "/features/license_plate_number");
            let mut add = |field: Field, places: &str| {
                let places = places.split_whitespace();
                fields.extend(places.map(|place| (format!("/features/{place}"), field)));
            };
            add(Measure, "headpose_yaw_angle headpose_pitch_angle age");
            add(Feature, "gender glasses emotions beard medmask liveness headwear upper_clothes");
            add(Feature, "detailed_upper_clothes top_color lower_clothes bottom_color bag_hand");
            add(Feature, "bag_ground bag_back vest_type helmet_type age_group category color body");
            add(Feature, "make model license_plate_number license_plate_country");
            add(Feature, "license_plate_region license_plate_number_color special_vehicle_type");
            add(Feature, "weight_type orientation");
        }
        "findface-lite" | "findface-lite-realtime-is-all" => {
            add_lite(&mut fields);
        }
        _ => {}
    }
    fields
}

fn add_lite(fields: &mut Vec<(String, Field)>) {
    for (field, places) in [
        (Field::Word, "type"),
        (Field::Number, "features/liveness features/headpose/yaw features/headpose/pitch"),
        (Field::Number, "features/headpose/roll"),
        (Field::Feature, "features/medmask features/orientation features/special_type"),
        (Field::Feature, "features/license_plate_visibility"),
    ] {
        fields.extend(places.split_whitespace().map(|place| (format!("/{place}"), field)));
    }
}

/// Generates notifications of a dialect, with random fields.
pub(crate) fn notification(dialect: &'static Dialect) -> BoxedStrategy<Value> {
    let members = fields(dialect).into_iter().map(|(place, field)| {
        let value = prop_oneof![
            1 => Just(None),
            1 => Just(Some(Value::Null)),
            6 => value(field).prop_map(Some),
        ];
        value.prop_map(move |value| (place.clone(), value))
    });
    let sections = Vec::from_iter(dialect.table.sections().iter().map(Section::name));
    (select(sections), Vec::from_iter(members))
        .prop_map(move |(section, members)| {
            // Only FindFace Multi and FindFace Security 2020 have numbers as ids.
            let text = dialect.name != "findface-multi" && dialect.name != "findface-security-2020";
            let id = if text || section.ends_with("events") { json!("42") } else { json!(42) };
            let mut body = json!({ "id": id, "webhook_type": section });
            for (place, value) in members {
                if let Some(value) = value {
                    insert(&mut body, &place, value);
                }
            }
            body
        })
        .boxed()
}

/// Inserts a value at a pointer, and the objects around it if they do not exist.
fn insert(body: &mut Value, place: &str, value: Value) {
    let mut at = body;
    for name in place.split('/').skip(1) {
        at = &mut at[name];
    }
    *at = value;
}

pub(crate) fn named(name: &str) -> &'static Dialect {
    ALL.iter().find(|dialect| dialect.name == name).expect("the dialect should exist")
}
