use std::{borrow::Cow, fmt, iter};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{
    extracted::Extracted,
    member::{Member, Members, Shape},
    scalar::{Scalar, ScalarSeed, read_number, read_object},
    skip::Skipped,
};
use crate::{
    attribute::{Attribute, AttributeId, AttributeKind, Values},
    base::json::NUMBER_KEY,
};

/// Reads the value of the member at `index`. A strict object may have the member only once.
pub(super) fn read_member<'de, A: MapAccess<'de>>(
    members: &'static Members,
    index: usize,
    seen: &mut u64,
    map: &mut A,
    extracted: &mut Extracted,
) -> Result<(), A::Error> {
    let member = members.at(index);
    if *seen & 1 << index != 0 {
        if !members.is_lenient() {
            extracted.mismatch(|| duplicate_field(member.name()))?;
        }
        member.clear(&mut extracted.values);
    }
    *seen |= 1 << index;
    let value = MemberSeed { member, is_strict: !members.is_lenient(), extracted };
    map.next_value_seed(value).map_err(|error| in_member(member.name(), error))
}

pub(super) fn duplicate_field<E: Error>(name: &str) -> E {
    E::custom(format_args!("duplicate field `{name}`"))
}

/// An error with the member that it is in.
pub(super) fn in_member<E: Error>(name: &str, error: E) -> E {
    // serde_json keeps the line and column that end the inner error's text.
    E::custom(format_args!("in `{name}`: {error}"))
}

/// Sets the attributes that a member holds.
struct MemberSeed<'r> {
    member: &'static Member,
    /// Whether a value of another type is an error, and not null.
    is_strict: bool,
    extracted: &'r mut Extracted,
}

impl MemberSeed<'_> {
    fn set<E: Error>(self, scalar: &Scalar<'_>) -> Result<(), E> {
        let values = &mut self.extracted.values;
        let fits = match self.member.shape() {
            Shape::Value(id) | Shape::Reference(id) => set_attribute(values, *id, scalar),
            Shape::Presence(id) => {
                values.bool(*id, true);
                true
            }
            Shape::NumberInText(id) => {
                let number = scalar.as_str().map(|text| text.parse().ok());
                let finite = |number: Option<f64>| number.filter(|number| number.is_finite());
                number.map(|number| values.number(*id, finite(number))).is_some()
            }
            Shape::ByKind(attributes) => attributes
                .iter()
                .fold(true, |fits, (_, id)| fits & set_attribute(values, *id, scalar)),
            Shape::Object(..) => false,
            Shape::PresenceFlag => true,
        };
        if fits || !self.is_strict {
            return Ok(());
        }
        let expected = expected(self.member, values);
        self.extracted.mismatch(|| E::invalid_type(scalar.unexpected(), &expected))
    }

    /// The attribute, its kind, and whether the members can be objects, where the value is a list.
    fn list(&self) -> Option<(AttributeId, AttributeKind, bool)> {
        let (id, is_reference) = match self.member.shape() {
            Shape::Value(id) => (*id, false),
            Shape::Reference(id) => (*id, true),
            _ => return None,
        };
        kind(&self.extracted.values, id)
            .filter(|kind| kind.is_list())
            .map(|kind| (id, kind, is_reference))
    }
}

impl<'de> DeserializeSeed<'de> for MemberSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MemberSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(expected(self.member, &self.extracted.values))
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.set(&Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.set(&Scalar::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.set(&value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.set(&Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.set(&Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        match self.list() {
            Some((id, kind, is_reference)) => {
                ListReader { id, kind, is_reference, is_strict: self.is_strict }
                    .read(items, self.extracted)
            }
            None => {
                Skipped.visit_seq(items)?;
                self.set(&Scalar::List)
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self.member.shape() {
            Shape::Object(flag, members) => {
                flag.iter().for_each(|id| self.extracted.values.bool(*id, true));
                let mut seen = 0;
                while let Some(key) = map.next_key_seed(MemberKeySeed(members))? {
                    match key {
                        MemberKey::Member(index) => {
                            read_member(members, index, &mut seen, &mut map, self.extracted)?;
                        }
                        MemberKey::Number => {
                            let number = read_number(&mut map)?;
                            self.member.clear(&mut self.extracted.values);
                            return self.set(&number);
                        }
                        MemberKey::Unknown => {
                            let Skipped = map.next_value()?;
                        }
                    }
                }
                Ok(())
            }
            shape => {
                let is_reference = matches!(shape, Shape::Reference(_)) && self.list().is_none();
                let scalar = read_object(map, is_reference)?;
                self.set(&scalar)
            }
        }
    }
}

/// A list, and the attribute that it is.
struct ListReader {
    id: AttributeId,
    kind: AttributeKind,
    is_reference: bool,
    is_strict: bool,
}

impl ListReader {
    /// Sets the list to the items. Where one is of another type, that is an error, or makes null of
    /// the list.
    fn read<'de, A>(self, mut list: A, extracted: &mut Extracted) -> Result<(), A::Error>
    where
        A: SeqAccess<'de>,
    {
        let (mut mismatch, mut error) = (false, None);
        let is_lenient = !self.is_strict || extracted.is_guess;
        let items = iter::from_fn(|| {
            loop {
                match list.next_element_seed(ScalarSeed { is_reference: self.is_reference }) {
                    Ok(Some(item)) if item.is_item_of(self.kind) => return Some(item),
                    Ok(Some(_)) if is_lenient => mismatch = true,
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
        let values = &mut extracted.values;
        match self.kind {
            AttributeKind::Bools => values.bools(self.id, items.filter_map(|item| item.as_bool())),
            AttributeKind::Numbers => {
                values.numbers(self.id, items.filter_map(|item| item.as_f64()))
            }
            AttributeKind::Ints => values.ints(self.id, items.filter_map(|item| item.as_i64())),
            _ => values.texts(self.id, items.filter_map(Scalar::into_text)),
        }
        if mismatch {
            values.clear(self.id);
            extracted.is_mismatch |= self.is_strict;
        }
        error.map_or(Ok(()), Err)
    }
}

/// What a key of an object is.
enum MemberKey {
    Member(usize),
    /// What stands for an object is a number: see [`NUMBER_KEY`].
    Number,
    Unknown,
}

struct MemberKeySeed(&'static Members);

impl<'de> DeserializeSeed<'de> for MemberKeySeed {
    type Value = MemberKey;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<MemberKey, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for MemberKeySeed {
    type Value = MemberKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<MemberKey, E> {
        Ok(match self.0.find(key) {
            Some(index) => MemberKey::Member(index),
            None if key == NUMBER_KEY => MemberKey::Number,
            None => MemberKey::Unknown,
        })
    }
}

/// Sets an attribute, if the value is of its type.
fn set_attribute(values: &mut Values, id: AttributeId, scalar: &Scalar<'_>) -> bool {
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
