use super::range::NumberRange;
use crate::attribute::AttributeId;

/// A test of integers or numbers.
///
/// It is packed as a header word, which holds the kind, the attribute and the number of operands,
/// and then its operands. A header is never negative, so code that stores packed tests can mark
/// words of its own with the sign.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Test<'a> {
    pub(super) kind: TestKind,
    pub(crate) attribute: AttributeId,
    pub(crate) operands: &'a [i64],
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum TestKind {
    /// The id is one of the operands, which are sorted.
    Id,
    /// An id of the list is one of the operands, which are sorted.
    List,
    /// The number lies between the two operands, as the bits of f64.
    Range,
    /// The id is none of the operands, which are sorted.
    NotId,
    /// No id of the list is one of the operands, which are sorted.
    NotList,
    /// A number of the list lies between the two operands, as the bits of f64.
    ListRange,
    /// The integer lies between the two operands.
    IntRange,
    /// An integer of the list lies between the two operands.
    ListIntRange,
}

impl<'a> Test<'a> {
    /// The first of some packed tests, and the words behind it.
    #[inline]
    pub(crate) fn split_first(words: &'a [i64]) -> Option<(Self, &'a [i64])> {
        let (header, behind) = words.split_first()?;
        let header = header.cast_unsigned();
        let kind = TestKind::ALL[usize::from(header as u8)];
        let attribute = AttributeId::at((header >> 8) as u8);
        let (operands, next) = behind.split_at((header >> 16) as usize);
        Some((Self { kind, attribute, operands }, next))
    }

    pub(super) fn pack(self, words: &mut Vec<i64>) {
        let header = (self.operands.len() as u64) << 16 | (self.attribute.index() as u64) << 8;
        let header = (header | self.kind as u64).cast_signed();
        debug_assert!(header >= 0, "no list is so long that it reaches the sign");
        words.push(header);
        words.extend(self.operands);
    }

    /// The operands, sorted, if the attribute or a member of the list must be one of them.
    pub(crate) fn one_of(self) -> Option<&'a [i64]> {
        matches!(self.kind, TestKind::Id | TestKind::List).then_some(self.operands)
    }
}

impl NumberRange {
    /// Packs it as a [`Test`].
    pub(crate) fn pack(self, words: &mut Vec<i64>) {
        let Self { attribute, .. } = self;
        Test { kind: TestKind::Range, attribute, operands: &self.bits() }.pack(words);
    }

    /// The operands of a test.
    pub(super) fn bits(self) -> [i64; 2] {
        [self.min, self.max].map(|bound| bound.to_bits().cast_signed())
    }
}

impl TestKind {
    /// In the order of their numbers.
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
