use crate::attribute::{AttributeId, AttributeKind, Schema, Values};

/// A notification as rows look at it: every attribute at its place, to be read without a branch.
#[derive(Debug)]
pub(super) struct DenseValues<'a> {
    pub(super) values: &'a Values,
    /// See [`WordLayout::mask`].
    pub(super) word: u64,
    numbers: [f64; Schema::MAX_ATTRIBUTES],
    /// By [`BitsSource`].
    value_bits: [u64; 2 * Schema::MAX_ATTRIBUTES],
}

/// The attribute whose value bits a row has, and whether they are [`bloom_bits`] or [`exact_bits`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct BitsSource(u8);

/// How [`DenseValues::word`] is made of a schema's attributes: the bits of booleans and choices,
/// and above them one for each attribute that is missing, as far as there is room.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordLayout {
    schema: &'static Schema,
    /// How many bits booleans and choices take.
    pub(super) width: u32,
}

impl WordLayout {
    pub(super) fn new(schema: &'static Schema) -> Self {
        let ids = (0..schema.attributes().len()).map(|at| AttributeId::at(at as u8));
        let width = ids.map(|id| schema.field(id).count_ones()).sum();
        Self { schema, width }
    }

    pub(super) fn is_list(&self, id: AttributeId) -> bool {
        self.schema.kind(id).is_list()
    }

    /// The bits of the word that must not be set where attributes are needed and bits of booleans
    /// and choices forbidden; and of the needed attributes those that the word has no room for.
    pub(super) fn mask(&self, required: u64, forbidden: u64) -> (u64, u64) {
        let missing = required.checked_shl(self.width).unwrap_or_default();
        (missing | forbidden, required & !missing.checked_shr(self.width).unwrap_or_default())
    }
}

impl<'a> DenseValues<'a> {
    pub(super) fn of(values: &'a Values, layout: &WordLayout) -> Self {
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

    /// The number at a place; 0 where there is none.
    #[inline]
    pub(super) fn number(&self, id: AttributeId) -> f64 {
        self.numbers[id.index() % Schema::MAX_ATTRIBUTES]
    }

    /// The bits of the value or list of an attribute; all of them if there is none.
    #[inline]
    pub(super) fn value_bits(&self, source: BitsSource) -> u64 {
        self.value_bits[usize::from(source.0) % (2 * Schema::MAX_ATTRIBUTES)]
    }
}

impl BitsSource {
    /// By [`bloom_bits`].
    pub(super) fn bloom(attribute: AttributeId) -> Self {
        Self(attribute.index() as u8)
    }

    /// By [`exact_bits`].
    pub(super) fn exact(attribute: AttributeId) -> Self {
        Self((attribute.index() + Schema::MAX_ATTRIBUTES) as u8)
    }
}

/// One bit of 64 for each value. Lists without a bit in common share no value.
pub(super) fn bloom_bits(values: &[i64]) -> u64 {
    values.iter().fold(0, |bits, value| {
        bits | 1 << (value.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
    })
}

/// One bit for each value from 0 to 63, and whether there is no other value: lists of which one is
/// such share a value where they have a bit in common, and nowhere else.
pub(super) fn exact_bits(values: &[i64]) -> (u64, bool) {
    values.iter().fold((0, true), |(bits, all), value| {
        let bit = u32::try_from(*value).ok().and_then(|value| 1_u64.checked_shl(value));
        (bits | bit.unwrap_or_default(), all && bit.is_some())
    })
}
