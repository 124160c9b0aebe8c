use std::{borrow::Cow, fmt, iter};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{
    extracted::Extracted,
    member::{Member, Shape},
    members::Members,
    scalar::{Scalar, ScalarSeed, read_has_id, read_number, read_object},
    skip::Skipped,
};
use crate::{
    attribute::{Attribute, AttributeId, AttributeKind, Unread, Values},
    base::json::NUMBER_KEY,
};

/// Reads the value of the member at `index` in `members` and sets the member's attributes.
///
/// `seen` has a bit for each member that has been read. In a strict object, a member may occur only
/// once. In a lenient object, the last one counts.
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
        // A null sets nothing, so the old value must be cleared here in case the new value is null.
        member.clear(&mut extracted.values);
    }
    *seen |= 1 << index;
    let value = MemberSeed { member, is_strict: !members.is_lenient(), extracted };
    map.next_value_seed(value).map_err(|error| in_member(member.name(), error))
}

/// Returns the error for a member that occurs twice.
pub(super) fn duplicate_field<E: Error>(name: &str) -> E {
    // `Error::duplicate_field` formats the same text, but accepts only static names.
    E::custom(format_args!("duplicate field `{name}`"))
}

/// Prefixes an error with the name of the member in which it occurred.
pub(super) fn in_member<E: Error>(name: &str, error: E) -> E {
    // `serde_json` parses the line and the column from the end of the message. The message of the
    // inner error comes last, so its position is kept.
    E::custom(format_args!("in `{name}`: {error}"))
}

/// Reads the value of a member and sets its attributes.
struct MemberSeed<'r> {
    member: &'static Member,
    /// Whether a value of the wrong type is an error. If it is not, such a value makes the
    /// attribute null.
    is_strict: bool,
    extracted: &'r mut Extracted,
}

impl MemberSeed<'_> {
    /// Sets the attributes to a value that is not null.
    ///
    /// # Errors
    /// Returns an error if the shape does not accept the value, unless the object is lenient or the
    /// topic is a guess.
    fn set<E: Error>(self, scalar: &Scalar<'_>) -> Result<(), E> {
        let values = &mut self.extracted.values;
        let fits = match self.member.shape() {
            Shape::Value(id) | Shape::Reference(id) => set_attribute(values, *id, scalar),
            Shape::Presence(id) => {
                values.bool(*id, true);
                true
            }
            Shape::IdPresence(id) => {
                values.bool(*id, scalar.is_id());
                true
            }
            Shape::NumberInText(id) => {
                let number = match scalar.as_str() {
                    Some(text) => Some(text.parse().ok()),
                    None => scalar.as_f64().map(Some),
                };
                // Rust also parses "inf" and "NaN", which are not numbers for filters.
                let finite = |number: Option<f64>| number.filter(|number| number.is_finite());
                let number = number.map(finite);
                if number == Some(None) {
                    values.set_unread(*id, Unread::OtherType(scalar.description()));
                }
                number.map(|number| values.number(*id, number)).is_some()
            }
            // The kind may not be known yet. `Members::apply_kind` later clears the attributes of
            // other kinds.
            Shape::ByKind(attributes) => attributes
                .iter()
                .fold(true, |fits, (_, id)| fits & set_attribute(values, *id, scalar)),
            Shape::Object(..) => false,
            Shape::PresenceFlag => true,
        };
        if fits {
            return Ok(());
        }
        if !self.is_strict {
            let reason = Unread::OtherType(scalar.description());
            self.member.attributes().for_each(|id| values.set_unread(id, reason));
            return Ok(());
        }
        let expected = expected(self.member, values);
        self.extracted.mismatch(|| E::invalid_type(scalar.unexpected(), &expected))
    }

    /// If the member accepts a list, returns the attribute, its kind, and whether the items can be
    /// objects.
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

    // The value is null. There is nothing to set, because attributes are initially null and
    // presences are initially false.
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        match self.list() {
            Some((id, kind, is_reference)) => {
                // The items are stored directly in the values, without an intermediate list.
                ListReader { id, kind, is_reference, is_strict: self.is_strict }
                    .read(items, self.extracted)
            }
            None => {
                let is_empty = items.next_element::<Skipped>()?.is_none();
                Skipped.visit_seq(items)?;
                match self.member.shape() {
                    // PHP writes an empty object as an empty list.
                    Shape::Object(flag, _) if is_empty => {
                        flag.iter().for_each(|id| self.extracted.values.bool(*id, true));
                        Ok(())
                    }
                    _ => self.set(&Scalar::List),
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self.member.shape() {
            Shape::Object(flag, members) => {
                // The flag is set even if the object is empty. If the object turns out to be a
                // number, the flag is cleared again.
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
            Shape::IdPresence(id) => {
                let has_id = read_has_id(map)?;
                self.extracted.values.bool(*id, has_id);
                Ok(())
            }
            // Of the other shapes, only a reference to one entity accepts an object. From the
            // object, it needs only the id.
            shape => {
                let is_reference = matches!(shape, Shape::Reference(_)) && self.list().is_none();
                let scalar = read_object(map, is_reference)?;
                self.set(&scalar)
            }
        }
    }
}

/// Reads a list into an attribute.
struct ListReader {
    id: AttributeId,
    kind: AttributeKind,
    /// Whether an item can be an object with an id.
    is_reference: bool,
    is_strict: bool,
}

impl ListReader {
    /// Sets the attribute to the items of a list.
    ///
    /// If an item has the wrong type and no error is returned, the attribute is null, because
    /// filters should not test part of a list.
    ///
    /// # Errors
    /// Returns an error if an item has the wrong type, unless the object is lenient or the topic is
    /// a guess.
    fn read<'de, A>(self, mut list: A, extracted: &mut Extracted) -> Result<(), A::Error>
    where
        A: SeqAccess<'de>,
    {
        // `Values` accepts an iterator, which cannot return an error. The iterator therefore stores
        // the error here and ends. If the topic is a guess, the list is read to its end, because
        // the labels may follow it.
        let (mut mismatch, mut error) = (false, None);
        let is_lenient = !self.is_strict || extracted.is_guess;
        let items = iter::from_fn(|| {
            loop {
                match list.next_element_seed(ScalarSeed { is_reference: self.is_reference }) {
                    // Null stands for an item that the sender does not know.
                    Ok(Some(Scalar::Null)) => {}
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
            // `MemberSeed::list` returns no other kinds.
            _ => values.texts(self.id, items.filter_map(Scalar::into_text)),
        }
        if mismatch {
            values.clear(self.id);
            values.set_unread(self.id, Unread::OtherType("a list with other items"));
            extracted.is_mismatch |= self.is_strict;
        }
        error.map_or(Ok(()), Err)
    }
}

/// A key in an object whose members are read.
enum MemberKey {
    /// The member at this index in the table.
    Member(usize),
    /// The "object" is a number: see [`NUMBER_KEY`].
    Number,
    /// A member that is skipped.
    Unknown,
}

/// Finds the member that a key names. The key is compared in place, without a copy.
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
        // The members are checked first, because a host might have a member with the name
        // `NUMBER_KEY`.
        Ok(match self.0.find(key) {
            Some(index) => MemberKey::Member(index),
            None if key == NUMBER_KEY => MemberKey::Number,
            None => MemberKey::Unknown,
        })
    }
}

/// Sets an attribute that is not a list. Returns `false` if the value has the wrong type.
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

/// Returns the kind of an attribute.
fn kind(values: &Values, id: AttributeId) -> Option<AttributeKind> {
    values.schema()?.attribute(id).map(Attribute::kind)
}

/// Returns a description of a member's type for error messages.
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
        Shape::NumberInText(_) => "a string or a number",
        Shape::Object(..) => "an object",
        Shape::Presence(_) | Shape::IdPresence(_) | Shape::PresenceFlag => "any JSON value",
    }
}

/// Returns a description of the type of a single value or a list item for error messages.
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

/// Returns a description of a list's type for error messages.
fn list_of(kind: AttributeKind, is_reference: bool) -> &'static str {
    match kind {
        AttributeKind::Bools => "a list of booleans",
        AttributeKind::Numbers => "a list of numbers",
        AttributeKind::Texts => "a list of strings",
        _ if is_reference => "a list of integer ids or of objects that have one",
        _ => "a list of integers",
    }
}
