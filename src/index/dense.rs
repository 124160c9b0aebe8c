use crate::attribute::{AttributeId, AttributeKind, Schema, Values};

/// A notification in the form that rows read: each operand is at a known place, so that a row finds
/// it without a branch.
///
/// It is made once for each search, which may read thousands of rows.
#[derive(Debug)]
pub(super) struct DenseValues<'a> {
    pub(super) values: &'a Values,
    /// The bits of booleans and choices, and of missing attributes: see [`WordLayout`].
    pub(super) word: u64,
    /// The number of each attribute. 0 if it is missing, or not a number.
    numbers: [f64; Schema::MAX_ATTRIBUTES],
    /// The value bits of each [`BitsSource`]. All are set if the attribute is missing, so that
    /// value bits never refuse a missing attribute: the mask of the row does, if the attribute is
    /// required.
    value_bits: [u64; 2 * Schema::MAX_ATTRIBUTES],
}

/// The attribute whose value bits a row has, and whether they are [`bloom_bits`] or [`exact_bits`]:
/// a place in `DenseValues::value_bits`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct BitsSource(u8);

/// The layout of [`DenseValues::word`] for a schema.
///
/// The low `width` bits are those of booleans and choices, as in `Values::bits`: one for each thing
/// that an attribute can be. Above them is a bit for each attribute, which is set if it is missing,
/// as far as there is room in 64 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordLayout {
    schema: &'static Schema,
    /// The number of bits of booleans and choices: at most 64.
    pub(super) width: u32,
}

impl WordLayout {
    /// Creates the layout for a schema.
    pub(super) fn new(schema: &'static Schema) -> Self {
        let ids = (0..schema.attributes().len()).map(|at| AttributeId::at(at as u8));
        let width = ids.map(|id| schema.field(id).count_ones()).sum();
        Self { schema, width }
    }

    /// Returns whether an attribute is a list.
    pub(super) fn is_list(&self, id: AttributeId) -> bool {
        self.schema.kind(id).is_list()
    }

    /// Returns the bits of the word that must not be set if attributes are `required` and bits of
    /// booleans and choices `forbidden`. The second value is the required attributes that the word
    /// has no room for.
    pub(super) fn mask(&self, required: u64, forbidden: u64) -> (u64, u64) {
        // `<<` would overflow if the width is 64, which leaves no room. Shifting back shows which
        // attributes had room.
        let missing = required.checked_shl(self.width).unwrap_or_default();
        (missing | forbidden, required & !missing.checked_shr(self.width).unwrap_or_default())
    }
}

impl<'a> DenseValues<'a> {
    /// Lays out the values of a notification. Takes time for each attribute of the schema, and for
    /// each member of a list. Allocates nothing.
    pub(super) fn of(values: &'a Values, layout: &WordLayout) -> Self {
        // A program that required all missing attributes would have exactly their bits as mask.
        let (missing, _) = layout.mask(!values.present(), 0);
        let mut dense = Self {
            values,
            word: missing | values.bits(),
            numbers: [0.0; Schema::MAX_ATTRIBUTES],
            value_bits: [u64::MAX; 2 * Schema::MAX_ATTRIBUTES],
        };
        for (at, attribute) in layout.schema.attributes().iter().enumerate() {
            let id = AttributeId::at(at as u8);
            if !values.is_present(id) {
                continue;
            }
            let single = [values.int_at(id)];
            let present = match attribute.kind() {
                AttributeKind::Int | AttributeKind::Number => &single,
                AttributeKind::Bools | AttributeKind::Numbers | AttributeKind::Ints => {
                    values.members_at(id)
                }
                // The word has booleans and choices. Rows do not test texts, which would have to be
                // hashed first.
                AttributeKind::Bool
                | AttributeKind::Choice(_)
                | AttributeKind::Text
                | AttributeKind::Texts => continue,
            };
            if attribute.kind() == AttributeKind::Number {
                dense.numbers[at] = values.number_at(id);
            }
            dense.value_bits[at] = bloom_bits(present);
            dense.value_bits[at + Schema::MAX_ATTRIBUTES] = exact_bits(present).0;
        }
        dense
    }

    /// Returns the number of an attribute. 0 if it is missing, or not a number.
    #[inline]
    pub(super) fn number(&self, id: AttributeId) -> f64 {
        // `%` changes no id, but shows the compiler that the index is within bounds.
        self.numbers[id.index() % Schema::MAX_ATTRIBUTES]
    }

    /// Returns the bits of the value or list of an attribute. All are set if it is missing.
    #[inline]
    pub(super) fn value_bits(&self, source: BitsSource) -> u64 {
        self.value_bits[usize::from(source.0) % (2 * Schema::MAX_ATTRIBUTES)]
    }
}

impl BitsSource {
    /// Creates the source for the [`bloom_bits`] of an attribute.
    pub(super) fn bloom(attribute: AttributeId) -> Self {
        Self(attribute.index() as u8)
    }

    /// Creates the source for the [`exact_bits`] of an attribute, which come after all Bloom bits.
    pub(super) fn exact(attribute: AttributeId) -> Self {
        Self((attribute.index() + Schema::MAX_ATTRIBUTES) as u8)
    }
}

/// Returns a Bloom filter of 64 bits, with one bit for each value. Lists without a bit in common
/// share no value.
pub(super) fn bloom_bits(values: &[i64]) -> u64 {
    values.iter().fold(0, |bits, value| {
        // The factor is 2^64 / golden ratio. It spreads ids that follow each other over the top 6
        // bits of the product.
        bits | 1 << (value.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
    })
}

/// Returns a bit for each value from 0 to 63, and whether there is no other value.
///
/// If one of two lists has no other value, they share a value if and only if they have a bit in
/// common.
pub(super) fn exact_bits(values: &[i64]) -> (u64, bool) {
    values.iter().fold((0, true), |(bits, all), value| {
        let bit = u32::try_from(*value).ok().and_then(|value| 1_u64.checked_shl(value));
        (bits | bit.unwrap_or_default(), all && bit.is_some())
    })
}
