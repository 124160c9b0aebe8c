use std::{ops, sync::Arc};

use super::{range::NumberRange, test::Test};
use crate::attribute::AttributeId;

/// A compiled clause: the tests that a notification must pass, cheapest first.
///
/// Three masks test the presence of attributes and the values of single booleans and choices. One
/// range is stored inline. Most other tests are packed into one block of memory rather than a list
/// of lists, so that all of them fit in a few cache lines.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// A mask with a bit set for each attribute that must be present.
    pub(crate) required: u64,
    /// A mask with a bit set for each attribute whose presence matters. The attributes in
    /// `required` must be present, and the others in this mask must be absent.
    pub(crate) constrained: u64,
    /// The bits of booleans and choices that must not be set. A boolean or choice that is present
    /// has exactly one bit set, so forbidding all its bits except a few is the same as requiring
    /// one of those few.
    pub(crate) forbidden: u64,
    /// The first number range. Further ranges are in `tests`.
    pub(crate) range: Option<NumberRange>,
    /// Packed [tests](Test), one after the other. Clones of the program share them.
    pub(super) tests: Arc<[i64]>,
    /// The tests that few filters have. They are behind a pointer to keep programs small.
    pub(crate) rare: Option<Arc<RareTests>>,
}

/// Text tests, alternatives and negations.
#[derive(Debug, Default)]
pub(crate) struct RareTests {
    /// The text tests. All of them must hold.
    pub(super) texts: Box<[TextTest]>,
    /// Lists of alternatives. At least one program in every list must match.
    pub(super) any: Box<[Box<[Program]>]>,
    /// Programs that must not match.
    pub(super) not: Box<[Program]>,
}

/// A test of a string or of a list of strings.
#[derive(Debug)]
pub(crate) struct TextTest {
    pub(crate) attribute: AttributeId,
    /// Whether the attribute is a list. If so, the members are tested.
    pub(super) is_list: bool,
    /// Whether the operands are prefixes. If so, a string passes if it begins with one of them.
    /// Otherwise it must equal one of them.
    pub(super) prefix: bool,
    /// Whether the test holds only if no string passes. Otherwise it holds if at least one passes.
    pub(super) negate: bool,
    /// The strings or prefixes, sorted and without duplicates. No prefix begins with another
    /// prefix.
    pub(crate) operands: Box<[String]>,
}

impl Program {
    /// Returns the words of all packed tests.
    pub(crate) fn words(&self) -> &[i64] {
        &self.tests
    }

    /// Returns the packed tests, each with the range of its words in [`words`](Self::words).
    pub(crate) fn tests(&self) -> impl Iterator<Item = (ops::Range<usize>, Test<'_>)> {
        let mut rest = self.words();
        std::iter::from_fn(move || {
            let at = self.tests.len() - rest.len();
            let (test, next) = Test::split_first(rest)?;
            rest = next;
            Some((at..self.tests.len() - rest.len(), test))
        })
    }

    /// Returns the text tests.
    pub(crate) fn texts(&self) -> &[TextTest] {
        self.rare.as_deref().map_or(&[], |rare| &rare.texts)
    }

    /// Returns the lists of alternatives. At least one program in every list must match.
    pub(crate) fn any(&self) -> &[Box<[Self]>] {
        self.rare.as_deref().map_or(&[], |rare| &rare.any)
    }

    /// Returns whether [`rare`](Self::rare) consists of exactly one text test.
    pub(crate) fn rare_is_one_text(&self) -> bool {
        self.texts().len() == 1 && self.any().is_empty() && self.not().is_empty()
    }

    /// Returns the programs that must not match.
    pub(crate) fn not(&self) -> &[Self] {
        self.rare.as_deref().map_or(&[], |rare| &rare.not)
    }
}

impl TextTest {
    /// Returns the operands if the string or a member of the list must equal one of them. Returns
    /// `None` for prefixes and negations.
    pub(crate) fn one_of(&self) -> Option<&[String]> {
        (!self.prefix && !self.negate).then_some(&self.operands)
    }
}
