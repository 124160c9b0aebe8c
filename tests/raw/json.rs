//! JSON texts that a `serde_json::Value` cannot represent: with duplicate members, in any order,
//! and with numbers and escapes as written.

use proptest::{collection::vec, prelude::*, sample::Index, sample::select};
use serde_json::Value;

/// A JSON value that remembers how it is written.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    /// A text that is written as it is.
    Plain(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// A change of one member.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Replaces its value.
    Replace(&'static str),
    Drop,
    /// Adds a duplicate with another value.
    Duplicate(&'static str),
    /// Adds or replaces another member of the same object.
    AddMember(&'static str, &'static str),
    /// Replaces its value by an object that has the value as its id.
    Wrap,
    /// Makes the last member of its object the first.
    Rotate,
}

const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1",
    "3",
    "7.0",
    "1.5",
    "-0",
    "-0.0",
    "1e3",
    "1e400",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "-9223372036854775809",
    r#""""#,
    r#""overall""#,
    r#""car""#,
    r#""license_plate""#,
    r#""face_matched""#,
    r#""31""#,
    r#"" 31""#,
    r#""NaN""#,
    r#""-inf""#,
    r#""1e400""#,
    r#""\u00e9\ud83d\ude00""#,
    r#""\ud800""#,
    r#""events""#,
    r#""episodes""#,
    r#""counters""#,
    r#""episode_open""#,
    r#""counter_record""#,
    r#""event_created""#,
    r#""car_events""#,
    r#""areas""#,
    r#""human_episodes""#,
    r#""new""#,
    "[]",
    "[null]",
    "[1,2]",
    "[4,null]",
    "[null,{\"id\":7}]",
    r#"[{"id":3},4]"#,
    r#"["a"]"#,
    "[[[[1]]]]",
    "{}",
    r#"{"id":5}"#,
    r#"{"id":5,"id":6}"#,
    r#"{"id":"5"}"#,
    r#"{"id":null}"#,
    r#"{"id":""}"#,
    r#"{"id":0}"#,
    r#"{"id":5.0}"#,
    r#"{"name":"male","confidence":0.5}"#,
    r#"{"name":33,"confidence":null}"#,
    r#"{"name":"a","name":"b"}"#,
    r#"{"deep":{"deep":[{"deep":1}]}}"#,
];

const NAMES: &[&str] = &[
    "id",
    "webhook_type",
    "event_type",
    "event_model_class",
    "object_type",
    "type",
    "camera",
    "camera_group",
    "cameras",
    "camera_groups",
    "matched",
    "matched_lists",
    "matched_dossier",
    "matched_card",
    "matched_event",
    "matched_face_event",
    "confidence",
    "bs_type",
    "features",
    "events_count",
    "faces_count",
    "counter",
    "area",
    "active",
    "data",
    "details",
    "eventName",
    "facialId",
    "name",
    "liveness",
    "gender",
    "age",
    "medmask",
    "headpose",
    "label",
    "similarity",
    "license_plate_number",
    "new",
];

pub(crate) fn any_changes() -> impl Strategy<Value = Vec<(Change, Index)>> {
    let change = prop_oneof![
        4 => select(VALUES).prop_map(Change::Replace),
        2 => Just(Change::Drop),
        1 => select(VALUES).prop_map(Change::Duplicate),
        4 => (select(NAMES), select(VALUES)).prop_map(|(name, value)| Change::AddMember(name, value)),
        1 => Just(Change::Wrap),
        1 => Just(Change::Rotate),
    ];
    vec((change, any::<Index>()), 0..4)
}

impl Json {
    pub(crate) fn apply(&mut self, change: &Change, place: Index) {
        let members = self.members();
        if members > 0 {
            self.change(change, &mut place.index(members));
        }
    }

    /// Returns how many members its objects have.
    fn members(&self) -> usize {
        match self {
            Self::Plain(_) | Self::Text(_) => 0,
            Self::List(items) => items.iter().map(Self::members).sum(),
            Self::Object(members) => members.iter().map(|(_, value)| 1 + value.members()).sum(),
        }
    }

    /// Changes the member after `left` others. Returns whether there is one.
    fn change(&mut self, change: &Change, left: &mut usize) -> bool {
        match self {
            Self::Plain(_) | Self::Text(_) => false,
            Self::List(items) => items.iter_mut().any(|item| item.change(change, left)),
            Self::Object(members) => {
                for place in 0..members.len() {
                    if *left == 0 {
                        change_at(members, place, change);
                        return true;
                    }
                    *left -= 1;
                    if members[place].1.change(change, left) {
                        return true;
                    }
                }
                false
            }
        }
    }

    /// Writes it, with random spaces and escapes.
    pub(crate) fn write(&self, dice: &mut Dice, out: &mut String) {
        match self {
            Self::Plain(text) => out.push_str(text),
            Self::Text(text) => write_text(text, dice, out),
            Self::List(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    space(dice, out);
                    item.write(dice, out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    space(dice, out);
                    write_text(name, dice, out);
                    space(dice, out);
                    out.push(':');
                    value.write(dice, out);
                    space(dice, out);
                }
                out.push('}');
            }
        }
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| (name.clone(), value.into()));
                Self::Object(members.collect())
            }
            plain => Self::Plain(plain.to_string()),
        }
    }
}

/// Random numbers from splitmix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn is_one_of(&mut self, many: u64) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).is_multiple_of(many)
    }
}

fn change_at(members: &mut Vec<(String, Json)>, place: usize, change: &Change) {
    let plain = |text: &str| Json::Plain(text.to_owned());
    match change {
        Change::Replace(value) => members[place].1 = plain(value),
        Change::Drop => drop(members.remove(place)),
        Change::Duplicate(value) => {
            let name = members[place].0.clone();
            members.push((name, plain(value)));
        }
        Change::AddMember(name, value) => {
            members.retain(|(other, _)| other != name);
            members.push(((*name).to_owned(), plain(value)));
        }
        Change::Wrap => {
            let (_, value) = &mut members[place];
            let id = std::mem::replace(value, plain("null"));
            *value = Json::Object(vec![("name".to_owned(), plain("[1]")), ("id".to_owned(), id)]);
        }
        Change::Rotate => members.rotate_right(1),
    }
}

fn space(dice: &mut Dice, out: &mut String) {
    if dice.is_one_of(8) {
        out.push_str(" \n\t");
    }
}

fn write_text(text: &str, dice: &mut Dice, out: &mut String) {
    let escaped = dice.is_one_of(4);
    out.push('"');
    for character in text.chars() {
        let code = u32::from(character);
        if matches!(character, '"' | '\\') || code < 0x20 || (escaped && code < 0x1_0000) {
            out.push_str(&format!("\\u{code:04x}"));
        } else {
            out.push(character);
        }
    }
    out.push('"');
}
