//! A made-up system that uses every form. It is the example for the docs of
//! [`model!`](super::model::model). The tests check that the forms work as those docs describe.

use serde_json::{Map, Number, Value};

use super::{
    attributes::Attributes,
    delivery::parse_alike,
    describe::attributes,
    model::{Entity, Field, List, NumberInText, Ref, Timestamp, model},
    parse_error::Sender,
    string_enum::string_enum,
};
use crate::{
    attribute::{Attribute, Schema, Values},
    notification::Notification as _,
    raw::{Format, Member, Reader},
};

static PASSAGES: Schema = Schema::new("passages", Passage::ATTRIBUTES);

static RAW: Format = Format::of(&Passage::TOPIC);

string_enum! {
    /// The type of passage.
    PassageType {
        /// A person walks through.
        Walk = "walk",
        /// A vehicle drives through.
        Drive = "drive",
    }
}

string_enum! {
    /// The direction of a passage.
    Direction {
        /// Into the site.
        In = "in",
        /// Out of the site.
        Out = "out",
    }
}

model! {
    /// A gate. Filters test only its id, so it has no schema.
    Gate (
        /// The id.
        id: i64
    ) {
        /// The name.
        name: String,
    }
}

impl Entity for Gate {
    fn id(&self) -> i64 {
        self.id
    }
}

model! {
    /// The result of the scale in a passage. Its attributes are in the same schema.
    Scale in PASSAGES {
        /// The weight, in kilograms.
        weight: Number => number,
    }
}

model! {
    /// A mask that a person wears.
    Mask in PASSAGES {
        /// The confidence, from 0 to 1.
        confidence: Number => (number as "mask_confidence"),
    }
}

/// The attributes in the arbitrary JSON of a passage.
struct Plate;

impl Attributes<Map<String, Value>> for Plate {
    const ATTRIBUTES: &'static [Attribute] = &[Attribute::text("plate")];

    const MEMBERS: &'static [Member] = &[Member::value("plate", PASSAGES.expect("plate"))];

    fn set(data: &Map<String, Value>, _kind: &str, values: &mut Values) {
        values.text(PASSAGES.expect("plate"), data.get("plate").and_then(Value::as_str));
    }
}

model! {
    /// A passage through a gate.
    Passage (
        /// The id.
        id: String
    ) in PASSAGES [kind passage_type as "type"] {
        /// The badge.
        badge: String => text,
        /// The code of a badge or of a number plate, depending on the type of passage.
        code: String => (text_by_kind "walk" => "badge_code", "drive" => "plate_code"),
        /// Arbitrary JSON.
        data: Map<String, Value> = Map::new() => (lenient_object Plate),
        /// The direction.
        direction: Direction => choice,
        /// The direction at the previous gate. Filters accept only one of its values.
        direction_before: Direction => (choice ["out"]),
        /// The floor.
        floor: i64 => int,
        /// The gate.
        gate: Ref<Gate> => reference,
        /// The gates on the way.
        gates: List<Ref<Gate>> = Field::Value(List::default()) => references,
        /// Whether the gate opened.
        granted: bool = false => bool,
        /// The mask.
        mask: Mask => object_with_flag,
        /// A picture.
        photo: Value => (id_presence as "has_photo"),
        /// The scale.
        scale: Scale => object,
        /// The speed, in metres per second.
        speed: Number => number,
        /// When the passage began. Filters do not see it.
        started_at as "startedAt": Timestamp,
        /// The number of tickets, as a string.
        tickets: NumberInText => number_in_text,
        /// The type of passage. The field is called `type` on the wire.
        passage_type as "type": PassageType => (no_member choice),
    }
    filter_only {
        /// The id of the site.
        site: i64 => (no_member int),
    }
}

model! {
    /// A stay in a room. The stay is over if `left_at` is present. It has no id of its own.
    Stay in STAYS [id badge as "badge", kind "over" if left_at else "begun"] {
        /// The badge.
        badge: String => text,
        /// When the stay ended.
        left_at: Timestamp => presence_flag,
    }
}

static STAYS: Schema = Schema::new("stays", Stay::ATTRIBUTES);

static SENDER: Sender = Sender { damaged: "send it again", unreadable: "store it" };

static RAW_STAY: Format = Format::of(&Stay::TOPIC);

const FULL: &str = r#"{
    "id": "p1", "badge": "b7", "code": "AB12", "data": {"plate": "X1", "wet": true},
    "direction": "in", "direction_before": "in", "floor": -1, "gate": {"id": 3, "name": "Gate"},
    "gates": [3, 4], "granted": true, "mask": {"confidence": 0.5}, "photo": {"id": 1}, "scale":
    {"weight": 71.5}, "speed": 1, "startedAt": "2020-05-18T15:08:38", "tickets": "2", "type": "drive"
}"#;

/// Returns the attributes of the model. Asserts that a reader finds the same attributes in the
/// JSON.
fn seen(body: &str) -> String {
    let [passage] = &parse_alike::<Passage>(body.as_bytes(), &SENDER).unwrap()[..] else {
        panic!("one")
    };
    let of_model = attributes(passage);
    let mut reader = Reader::new(&RAW);
    let raw = reader.read(body.as_bytes()).unwrap();
    assert_eq!(attributes(&raw), of_model);
    assert_eq!((raw.id(), raw.kind()), (passage.id(), passage.kind()));
    of_model
}

#[test]
fn a_model_and_a_reader_see_the_same_values() {
    assert_eq!(
        seen(FULL),
        "badge=b7 plate_code=AB12 plate=X1 direction=in direction_before=(other) floor=-1 gate=3 \
         gates=[3, 4] granted=true mask=true mask_confidence=0.5 has_photo=true weight=71.5 \
         speed=1 tickets=2 type=drive"
    );
    assert_eq!(
        seen(r#"{"id": "p2", "code": "AB12", "type": "walk", "mask": {}, "tickets": "many"}"#),
        "badge_code=AB12 mask=true has_photo=false type=walk"
    );
    assert_eq!(seen(r#"{"id": "p3", "code": "AB12", "site": 9}"#), "has_photo=false");
}

#[test]
fn a_default_is_a_value_and_the_rest_is_null() {
    let passage = Passage::documented("p1").site(9);
    assert_eq!(attributes(&passage), "granted=false has_photo=false site=9");
    let written = serde_json::to_value(&passage).unwrap();
    assert_eq!(written["granted"], false);
    assert!(written["startedAt"].is_null() && written.get("site").is_none());
    assert_eq!(serde_json::to_value(Passage::empty("p1")).unwrap().as_object().unwrap().len(), 1);
}

#[test]
fn a_presence_flag_decides_the_kind() {
    for (body, kind) in [
        (r#"{"badge": "b7"}"#, "begun"),
        (r#"{"badge": "b7", "left_at": null}"#, "over"),
        (r#"{"badge": "b7", "left_at": "2020-05-18T15:08:38"}"#, "over"),
    ] {
        let stay: Stay = serde_json::from_str(body).unwrap();
        assert_eq!((&*stay.id(), stay.kind()), ("b7", kind));
        let mut reader = Reader::new(&RAW_STAY);
        let raw = reader.read(body.as_bytes()).unwrap();
        assert_eq!((&*raw.id(), raw.kind()), ("b7", kind));
    }
}
