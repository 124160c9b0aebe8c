use std::{borrow::Cow, fmt, iter};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{
    extracted::Found,
    member::{Member, Members, Shape},
    scalar::{ReadScalar, Scalar, read_number, read_object},
    skip::Skipped,
};
use crate::{
    attribute::{Attribute, AttributeId, AttributeKind, Values},
    base::json::NUMBER_KEY,
};

/// Reads the value of the member at `place`. A strict object may have the member only once.
pub(super) fn read_member<'de, A: MapAccess<'de>>(
    members: &'static Members,
    place: usize,
    seen: &mut u64,
    map: &mut A,
    found: &mut Found,
) -> Result<(), A::Error> {
    let member = members.at(place);
    if *seen & 1 << place != 0 {
        if !members.is_lenient() {
            found.misfit(|| twice(member.name()))?;
        }
        member.clear(&mut found.values);
    }
    *seen |= 1 << place;
    let value = Value { member, is_strict: !members.is_lenient(), found };
    map.next_value_seed(value).map_err(|error| within(member.name(), error))
}

pub(super) fn twice<E: Error>(name: &str) -> E {
    E::custom(format_args!("duplicate field `{name}`"))
}

/// An error with the member that it is in.
pub(super) fn within<E: Error>(name: &str, error: E) -> E {
    // serde_json keeps the line and column that end the inner error's text.
    E::custom(format_args!("in `{name}`: {error}"))
}

/// Sets the attributes that a member holds.
struct Value<'r> {
    member: &'static Member,
    /// Whether a value of another type is an error, and not null.
    is_strict: bool,
    found: &'r mut Found,
}

impl Value<'_> {
    fn tell<E: Error>(self, scalar: &Scalar<'_>) -> Result<(), E> {
        let values = &mut self.found.values;
        let fits = match self.member.shape() {
            Shape::Value(id) | Shape::Reference(id) => set(values, *id, scalar),
            Shape::Presence(id) => {
                values.bool(*id, true);
                true
            }
            Shape::NumberInText(id) => {
                let number = scalar.as_str().map(|text| text.parse().ok());
                let finite = |number: Option<f64>| number.filter(|number| number.is_finite());
                number.map(|number| values.number(*id, finite(number))).is_some()
            }
            Shape::ByKind(attributes) => {
                attributes.iter().fold(true, |fits, (_, id)| fits & set(values, *id, scalar))
            }
            Shape::Object(..) => false,
            Shape::PresenceFlag => true,
        };
        if fits || !self.is_strict {
            return Ok(());
        }
        let expected = expected(self.member, values);
        self.found.misfit(|| E::invalid_type(scalar.unexpected(), &expected))
    }

    /// The attribute, its kind, and whether the members can be objects, where the value is a list.
    fn list(&self) -> Option<(AttributeId, AttributeKind, bool)> {
        let (id, is_reference) = match self.member.shape() {
            Shape::Value(id) => (*id, false),
            Shape::Reference(id) => (*id, true),
            _ => return None,
        };
        kind(&self.found.values, id)
            .filter(|kind| kind.is_list())
            .map(|kind| (id, kind, is_reference))
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(expected(self.member, &self.found.values))
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.tell(&Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.tell(&Scalar::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.tell(&value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.tell(&Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.tell(&Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        match self.list() {
            Some((id, kind, is_reference)) => {
                List { id, kind, is_reference, is_strict: self.is_strict }.read(items, self.found)
            }
            None => {
                Skipped.visit_seq(items)?;
                self.tell(&Scalar::List)
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self.member.shape() {
            Shape::Object(flag, members) => {
                flag.iter().for_each(|id| self.found.values.bool(*id, true));
                let mut seen = 0;
                while let Some(key) = map.next_key_seed(Keys(members))? {
                    match key {
                        Key::Member(place) => {
                            read_member(members, place, &mut seen, &mut map, self.found)?;
                        }
                        Key::Number => {
                            let number = read_number(&mut map)?;
                            self.member.clear(&mut self.found.values);
                            return self.tell(&number);
                        }
                        Key::Unknown => {
                            let Skipped = map.next_value()?;
                        }
                    }
                }
                Ok(())
            }
            shape => {
                let is_reference = matches!(shape, Shape::Reference(_)) && self.list().is_none();
                let scalar = read_object(map, is_reference)?;
                self.tell(&scalar)
            }
        }
    }
}

/// A list, and the attribute that it is.
struct List {
    id: AttributeId,
    kind: AttributeKind,
    is_reference: bool,
    is_strict: bool,
}

impl List {
    /// Sets the list to the items. Where one is of another type, that is an error, or makes null of
    /// the list.
    fn read<'de, A>(self, mut list: A, found: &mut Found) -> Result<(), A::Error>
    where
        A: SeqAccess<'de>,
    {
        let (mut misfit, mut error) = (false, None);
        let is_lenient = !self.is_strict || found.is_guess;
        let items = iter::from_fn(|| {
            loop {
                match list.next_element_seed(ReadScalar { is_reference: self.is_reference }) {
                    Ok(Some(item)) if item.is_item_of(self.kind) => return Some(item),
                    Ok(Some(_)) if is_lenient => misfit = true,
                    Ok(Some(item)) => {
                        let expected = one_of(self.kind, self.is_reference);
                        error = Some(A::Error::invalid_type(item.unexpected(), &expected));
                        return None;
                    }
                    Ok(None) => return None,
                    Err(failed) => {
                        error = Some(failed);
                        return None;
                    }
                }
            }
        });
        let values = &mut found.values;
        match self.kind {
            AttributeKind::Bools => values.bools(self.id, items.filter_map(|item| item.as_bool())),
            AttributeKind::Numbers => {
                values.numbers(self.id, items.filter_map(|item| item.as_f64()))
            }
            AttributeKind::Ints => values.ints(self.id, items.filter_map(|item| item.as_i64())),
            _ => values.texts(self.id, items.filter_map(Scalar::into_text)),
        }
        if misfit {
            values.clear(self.id);
            found.is_misfit |= self.is_strict;
        }
        error.map_or(Ok(()), Err)
    }
}

/// What a key of an object is.
enum Key {
    Member(usize),
    /// What stands for an object is a number: see [`NUMBER_KEY`].
    Number,
    Unknown,
}

struct Keys(&'static Members);

impl<'de> DeserializeSeed<'de> for Keys {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Key, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Keys {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(match self.0.find(key) {
            Some(place) => Key::Member(place),
            None if key == NUMBER_KEY => Key::Number,
            None => Key::Unknown,
        })
    }
}

/// Sets an attribute, if the value is of its type.
fn set(values: &mut Values, id: AttributeId, scalar: &Scalar<'_>) -> bool {
    let done = match kind(values, id) {
        Some(AttributeKind::Bool) => scalar.as_bool().map(|value| values.bool(id, value)),
        Some(AttributeKind::Choice(_)) => scalar.as_str().map(|value| values.choice(id, value)),
        Some(AttributeKind::Number) => scalar.as_f64().map(|value| values.number(id, value)),
        Some(AttributeKind::Int) => scalar.as_i64().map(|value| values.int(id, value)),
        Some(AttributeKind::Text) => scalar.as_str().map(|value| values.text(id, value)),
        Some(
            AttributeKind::Bools
            | AttributeKind::Numbers
            | AttributeKind::Ints
            | AttributeKind::Texts,
        )
        | None => None,
    };
    done.is_some()
}

fn kind(values: &Values, id: AttributeId) -> Option<AttributeKind> {
    values.schema()?.attribute(id).map(Attribute::kind)
}

/// What an error says was expected of a member.
fn expected(member: &Member, values: &Values) -> &'static str {
    let of = |id: &AttributeId, is_reference| match kind(values, *id) {
        Some(kind) if kind.is_list() => list_of(kind, is_reference),
        Some(kind) => one_of(kind, is_reference),
        None => "nothing",
    };
    match member.shape() {
        Shape::Value(id) => of(id, false),
        Shape::Reference(id) => of(id, true),
        Shape::ByKind(attributes) => attributes.first().map_or("nothing", |(_, id)| of(id, false)),
        Shape::NumberInText(_) => "a string",
        Shape::Object(..) => "an object",
        Shape::Presence(_) | Shape::PresenceFlag => "any JSON value",
    }
}

fn one_of(kind: AttributeKind, is_reference: bool) -> &'static str {
    match kind {
        AttributeKind::Bool | AttributeKind::Bools => "a boolean",
        AttributeKind::Number | AttributeKind::Numbers => "a number",
        AttributeKind::Int | AttributeKind::Ints if is_reference => {
            "an integer id or an object that has one"
        }
        AttributeKind::Int | AttributeKind::Ints => "an integer below 2^63",
        AttributeKind::Choice(_) | AttributeKind::Text | AttributeKind::Texts => "a string",
    }
}

fn list_of(kind: AttributeKind, is_reference: bool) -> &'static str {
    match kind {
        AttributeKind::Bools => "a list of booleans",
        AttributeKind::Numbers => "a list of numbers",
        AttributeKind::Texts => "a list of strings",
        _ if is_reference => "a list of integer ids or of objects that have one",
        _ => "a list of integers",
    }
}
