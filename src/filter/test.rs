use super::range::NumberRange;
use crate::attribute::AttributeId;

/// A test of an integer, a number, or a list of integers, numbers or booleans.
///
/// A packed test is a header word followed by the operands. The header contains the kind in bits 0
/// to 7, the attribute in bits 8 to 15, and the number of operands in the bits above. The header is
/// never negative, so code that stores packed tests can use negative words for its own purposes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Test<'a> {
    pub(super) kind: TestKind,
    pub(crate) attribute: AttributeId,
    pub(crate) operands: &'a [i64],
}

/// The kind of a test and the meaning of its operands.
///
/// The *id* of a value is the integer itself, the bits of a number as `f64`, or 0 or 1 for a
/// boolean. Equal values have equal ids, so equality tests do not have to know the type. All ranges
/// include both bounds.
// A program sorts its tests in the order of the variants: those that fail most often come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum TestKind {
    /// The id is one of the sorted operands.
    Id,
    /// At least one id in the list is one of the sorted operands.
    List,
    /// The number is between the two operands, which are the bits of `f64` values.
    Range,
    /// The id is not one of the sorted operands.
    NotId,
    /// No id in the list is one of the sorted operands.
    NotList,
    /// At least one number in the list is between the two operands, which are the bits of `f64`
    /// values.
    ListRange,
    /// The integer is between the two operands.
    IntRange,
    /// At least one integer in the list is between the two operands.
    ListIntRange,
}

impl<'a> Test<'a> {
    /// Splits packed tests into the first test and the remaining words. Returns `None` if `words`
    /// is empty.
    ///
    /// # Panics
    /// Panics if `words` does not begin with a header and its operands.
    #[inline]
    pub(crate) fn split_first(words: &'a [i64]) -> Option<(Self, &'a [i64])> {
        let (header, behind) = words.split_first()?;
        let header = header.cast_unsigned();
        // The casts cut off the bits above each field. The length fits in `usize` on every target,
        // because it was the length of a slice.
        let kind = TestKind::ALL[usize::from(header as u8)];
        let attribute = AttributeId::at((header >> 8) as u8);
        let (operands, next) = behind.split_at((header >> 16) as usize);
        Some((Self { kind, attribute, operands }, next))
    }

    /// Appends the packed test to `words`.
    pub(super) fn pack(self, words: &mut Vec<i64>) {
        let header = (self.operands.len() as u64) << 16 | (self.attribute.index() as u64) << 8;
        let header = (header | self.kind as u64).cast_signed();
        debug_assert!(header >= 0, "the length of a list does not reach the sign bit");
        words.push(header);
        words.extend(self.operands);
    }

    /// Returns the sorted operands if the attribute or a member of the list must equal one of them.
    /// Returns `None` for exclusions and ranges.
    pub(crate) fn one_of(self) -> Option<&'a [i64]> {
        matches!(self.kind, TestKind::Id | TestKind::List).then_some(self.operands)
    }
}

impl NumberRange {
    /// Appends the range to `words` as a packed [`Test`].
    pub(crate) fn pack(self, words: &mut Vec<i64>) {
        let Self { attribute, .. } = self;
        Test { kind: TestKind::Range, attribute, operands: &self.bits() }.pack(words);
    }

    /// Returns the bounds as the operands of a test.
    pub(super) fn bits(self) -> [i64; 2] {
        [self.min, self.max].map(|bound| bound.to_bits().cast_signed())
    }
}

impl TestKind {
    /// All kinds, indexed by their discriminants, so that unpacking a header does not need
    /// `unsafe`.
    const ALL: [Self; 8] = [
        Self::Id,
        Self::List,
        Self::Range,
        Self::NotId,
        Self::NotList,
        Self::ListRange,
        Self::IntRange,
        Self::ListIntRange,
    ];
}
