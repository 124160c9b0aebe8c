use crate::attribute::{AttributeId, AttributeKind, Schema, Values};

/// A notification in the form that rows read. Each operand is at a known position, so that a row
/// finds it without a branch.
///
/// This form is computed once for each search, which may read thousands of rows.
#[derive(Debug)]
pub(super) struct DenseValues<'a> {
    pub(super) values: &'a Values,
    /// The bits of booleans and choices and of missing attributes, as described in [`WordLayout`].
    pub(super) word: u64,
    /// The numeric value of each attribute, or 0 if the attribute is missing or not a number.
    numbers: [f64; Schema::MAX_ATTRIBUTES],
    /// The value bits of each [`BitsSource`]. If the attribute is missing, all of them are set, so
    /// a row's value bits do not reject the notification. If the row requires the attribute, its
    /// mask rejects the notification.
    value_bits: [u64; 2 * Schema::MAX_ATTRIBUTES],
}

/// The attribute whose value bits a row contains, and whether they are [`bloom_bits`] or
/// [`exact_bits`]. Both are stored as one position in `DenseValues::value_bits`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct BitsSource(u8);

/// The layout of [`DenseValues::word`] for a schema.
///
/// The low `width` bits are those of booleans and choices, as in `Values::bits`, with one bit for
/// each possible value. Above them is one bit for each attribute, until all 64 bits are used. Each
/// of these bits is set if its attribute is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordLayout {
    schema: &'static Schema,
    /// The number of bits that booleans and choices take, at most 64.
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

    /// Returns the bits of the word that must not be set, given the `required` attributes and the
    /// `forbidden` bits of booleans and choices. The second value contains the required attributes
    /// for which the word has no room.
    pub(super) fn mask(&self, required: u64, forbidden: u64) -> (u64, u64) {
        // If the width is 64, there is no room and `<<` would overflow. Shifting back shows which
        // attributes had room.
        let missing = required.checked_shl(self.width).unwrap_or_default();
        (missing | forbidden, required & !missing.checked_shr(self.width).unwrap_or_default())
    }
}

impl<'a> DenseValues<'a> {
    /// Lays out the values of a notification. The time that this takes grows with the number of
    /// attributes in the schema and the number of list members. It does not allocate.
    pub(super) fn of(values: &'a Values, layout: &WordLayout) -> Self {
        // A mask that requires an attribute contains the bit that is set if the attribute is
        // missing. Therefore the mask that requires all missing attributes contains exactly the
        // bits to set.
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
                // The word contains booleans and choices. Rows do not test strings, which would
                // have to be hashed first.
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

    /// Returns the numeric value of an attribute, or 0 if the attribute is missing or not a number.
    #[inline]
    pub(super) fn number(&self, id: AttributeId) -> f64 {
        // `%` does not change any id, but it shows the compiler that the index is within bounds.
        self.numbers[id.index() % Schema::MAX_ATTRIBUTES]
    }

    /// Returns the bits of an attribute's value or list. All of them are set if the attribute is
    /// missing.
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

/// Returns a 64-bit Bloom filter with one bit for each value. If the masks of two lists share no
/// bit, the lists share no value.
pub(super) fn bloom_bits(values: &[i64]) -> u64 {
    values.iter().fold(0, |bits, value| {
        // The factor is 2^64 divided by the golden ratio. It spreads consecutive ids over the top 6
        // bits of the product.
        bits | 1 << (value.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
    })
}

/// Returns a mask with bit `v` set for each value `v` from 0 to 63, and whether all values are in
/// this range.
///
/// If either of two lists lies entirely within this range, the lists share a value if and only if
/// their masks share a bit.
pub(super) fn exact_bits(values: &[i64]) -> (u64, bool) {
    values.iter().fold((0, true), |(bits, all), value| {
        let bit = u32::try_from(*value).ok().and_then(|value| 1_u64.checked_shl(value));
        (bits | bit.unwrap_or_default(), all && bit.is_some())
    })
}
