use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::{
    ast::{Clause, NormalForm, Operand},
    key::Key,
    operator::{Domain, Operator},
    table::Section,
};
use crate::attribute::AttributeKind;

impl NormalForm {
    /// Writes the form as JSON.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("names are texts and numbers are finite")
    }
}

/// Serializes the form as a filter. Parsing this filter returns an equal form.
impl Serialize for NormalForm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sections = self.sections().map(|(section, clause)| NamedClause { section, clause });
        // The section of a flat table is always on.
        if self.table.is_flat()
            && let Some(only) = sections.next()
        {
            return only.serialize(serializer);
        }
        let mut object = serializer.serialize_map(None)?;
        // A filter whose sections are all on and empty is written as `{}`, so that it equals the
        // filter `{}`.
        if !self.is_everything() {
            for named in sections {
                object.serialize_entry(named.section.name(), &named)?;
            }
        }
        object.end()
    }
}

/// A clause and the section that defines the names of its keys.
pub(super) struct NamedClause<'a> {
    pub(super) section: &'static Section,
    pub(super) clause: &'a Clause,
}

impl Serialize for NamedClause<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        self.write_keys(&self.clause.keys(self.section), &mut object)?;
        let Clause { conditions: _, all, any, not } = self.clause;
        for (name, clauses) in [("all", all), ("any", any)] {
            if let Some(clauses) = clauses {
                let clauses: Vec<_> =
                    clauses.iter().map(|clause| NamedClause { clause, ..*self }).collect();
                object.serialize_entry(name, &clauses)?;
            }
        }
        if let Some(clause) = not {
            object.serialize_entry("not", &NamedClause { clause, ..*self })?;
        }
        object.end()
    }
}

impl NamedClause<'_> {
    /// Returns the JSON value of `key`, which is a key of the section or a member of a group.
    /// Returns `None` if the clause does not contain the key.
    pub(super) fn value(&self, key: &Key) -> Option<Value> {
        // `write_key` can write a value only as a member of an object, so the value is taken out of
        // a temporary object.
        const NAME: &str = "value";
        let serialize = || {
            let mut object = serde_json::value::Serializer.serialize_map(Some(1))?;
            self.write_key(key, NAME, &mut object)?;
            object.end()
        };
        let mut object = serialize().expect("the name is a text and numbers are finite");
        object.get_mut(NAME).map(Value::take)
    }

    /// Writes each of the `keys` that the clause contains.
    fn write_keys<M: SerializeMap>(&self, keys: &[Key], object: &mut M) -> Result<(), M::Error> {
        keys.iter().try_for_each(|key| self.write_key(key, &self.section.key_name(key), object))
    }

    /// Writes one key under `name`, if the clause contains it.
    fn write_key<M: SerializeMap>(
        &self,
        key: &Key,
        name: &str,
        object: &mut M,
    ) -> Result<(), M::Error> {
        let Some(operand) = self.clause.operand(key) else {
            return Ok(());
        };
        // If the operator compares with a single value, that value is written without a list.
        let one = matches!(
            key.operator(),
            Operator::Equal
                | Operator::Above
                | Operator::AtLeast
                | Operator::Below
                | Operator::AtMost
        );
        match operand {
            // The operand of a group records only that the group is present. The value to write is
            // the object that contains its members.
            _ if key.is_group() => {
                object.serialize_entry(name, &GroupMembers { clause: self, key })
            }
            Operand::Is(value) => object.serialize_entry(name, value),
            Operand::Names(bits) => write(object, name, &names(self.section.kind(key), *bits), one),
            Operand::Ints(ints) => write(object, name, ints, one),
            Operand::Texts(texts) => write(object, name, texts, one),
            Operand::Numbers(numbers) => match key.domain() {
                // The cast is exact, because a key with this domain accepts only integers that
                // `f64` can represent. Written with a fraction, they could not be read again.
                Domain::Integers { .. } => {
                    let whole: Vec<_> = numbers.iter().map(|number| *number as i64).collect();
                    write(object, name, &whole, one)
                }
                Domain::Any | Domain::Between { .. } => write(object, name, numbers, one),
            },
        }
    }
}

/// The object that is the value of a group in a clause.
struct GroupMembers<'a> {
    clause: &'a NamedClause<'a>,
    key: &'a Key,
}

impl Serialize for GroupMembers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        self.clause.write_keys(self.key.members(), &mut object)?;
        object.end()
    }
}

/// Writes a list of values, or only its single value if `one` is set.
fn write<M: SerializeMap, T: Serialize>(
    object: &mut M,
    name: &str,
    values: &[T],
    one: bool,
) -> Result<(), M::Error> {
    match values {
        [value] if one => object.serialize_entry(name, value),
        values => object.serialize_entry(name, values),
    }
}

/// Returns those names of a choice whose bits in `bits` are set. The bit for names outside the
/// choice is ignored, because only the wildcard sets it, and the wildcard is itself one of the
/// names.
fn names(kind: AttributeKind, bits: u64) -> Vec<&'static str> {
    let names = match kind {
        AttributeKind::Choice(names) => names,
        // Only the value of a choice is read as `Operand::Names`.
        other => unreachable!("names of {other}"),
    };
    names.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, name)| *name).collect()
}
