//! The methods with which filters and the index read values. They run for every test of every
//! filter, so they do not repeat the checks of their callers. Unless stated otherwise, the result
//! is meaningless if the attribute is null or of a different kind.

use super::Values;
use crate::attribute::{Attribute, AttributeId, AttributeKind, Schema, SchemaId, span::Span};

impl Values {
    /// Returns the approximate size of the memory that the values own, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let words = self.slots.capacity() + self.members.capacity() + self.spans.capacity();
        let unread = self.unread.capacity() * size_of::<(AttributeId, super::Unread)>();
        words * size_of::<u64>() + self.text.capacity() + unread
    }

    /// Returns the id of the schema, if there is one.
    pub(crate) fn schema_id(&self) -> Option<SchemaId> {
        self.schema.map(Schema::id)
    }

    /// Returns the set of attributes that have a value, with one bit for each index.
    pub(crate) fn present(&self) -> u64 {
        self.present
    }

    /// Returns the word that all booleans and choices share. Each of them that has a value has
    /// exactly one bit set in its [field](Schema::field).
    pub(crate) fn bits(&self) -> u64 {
        self.bits
    }

    /// Returns the index of a choice's name, or the number of names if the value is "some other
    /// value". For a boolean, returns 1 for `true` and 0 for `false`.
    pub(crate) fn choice_at(&self, id: AttributeId) -> usize {
        // One bit of the field is set. Its position is the index.
        let shift = |schema: &Schema| (self.bits & schema.field(id)) >> schema.shift(id);
        self.schema.map_or(0, |schema| shift(schema).trailing_zeros() as usize)
    }

    /// Returns the value of a number.
    pub(crate) fn number_at(&self, id: AttributeId) -> f64 {
        f64::from_bits(self.slot(id))
    }

    /// Returns the value of an integer, or the [bits](super::number_bits) of a number.
    pub(crate) fn int_at(&self, id: AttributeId) -> i64 {
        self.slot(id).cast_signed()
    }

    /// Returns the value of a text, or an empty string if it is null.
    pub(crate) fn text_at(&self, id: AttributeId) -> &str {
        self.text_in(Span::unpack(self.slot(id)))
    }

    /// Returns the members of a list: integers, the [bits](super::number_bits) of numbers, or 0 and
    /// 1 for booleans. The slice is empty if the list is null.
    pub(crate) fn members_at(&self, id: AttributeId) -> &[i64] {
        Span::unpack(self.slot(id)).slice(&self.members)
    }

    /// Returns the members of a list of texts. The iterator is empty if the list is null.
    pub(crate) fn texts_at(&self, id: AttributeId) -> impl Iterator<Item = &str> {
        Span::unpack(self.slot(id)).slice(&self.spans).iter().map(|span| self.text_in(*span))
    }

    fn text_in(&self, span: Span) -> &str {
        span.str_in(&self.text)
    }

    /// Returns the slot of an attribute, or 0 if the schema has fewer attributes.
    fn slot(&self, id: AttributeId) -> u64 {
        self.slots.get(id.index()).copied().unwrap_or_default()
    }
}

/// Two `Values` are equal if they have the same schema and the same values. Lists are compared in
/// the order in which they are stored. Errors are not compared.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        let is_equal = |(index, attribute): (usize, &Attribute)| {
            // A schema has at most 64 attributes, so the cast does not truncate the index.
            let id = AttributeId::at(index as u8);
            match attribute.kind() {
                _ if !self.is_present(id) => true,
                // These values are in `bits`, which is compared as a whole.
                AttributeKind::Bool | AttributeKind::Choice(_) => true,
                AttributeKind::Number | AttributeKind::Int => self.slot(id) == other.slot(id),
                AttributeKind::Text => self.text_at(id) == other.text_at(id),
                AttributeKind::Texts => self.texts_at(id).eq(other.texts_at(id)),
                AttributeKind::Bools | AttributeKind::Numbers | AttributeKind::Ints => {
                    self.members_at(id) == other.members_at(id)
                }
            }
        };
        // The slots cannot be compared, because the same text may be at different positions in the
        // two buffers.
        let attributes = self.schema.map_or(&[][..], Schema::attributes);
        self.schema == other.schema
            && (self.present, self.bits) == (other.present, other.bits)
            && attributes.iter().enumerate().all(is_equal)
    }
}
