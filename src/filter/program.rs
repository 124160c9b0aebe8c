use std::{ops, sync::Arc};

use super::{range::NumberRange, test::Test};
use crate::attribute::AttributeId;

/// A compiled clause: the tests that a notification must pass, with the cheapest first.
///
/// Three masks test presence and all booleans and choices together. One range is stored inline.
/// Most other tests are packed into one piece of memory, so that a few cache lines hold them all,
/// instead of a list of lists.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The attributes that must be present, with a bit for each.
    pub(crate) required: u64,
    /// The attributes whose presence matters, with a bit for each. Those that are not in `required`
    /// must be absent.
    pub(crate) constrained: u64,
    /// The bits of booleans and choices that must not be set. A present one has exactly one bit
    /// set, so forbidding all but some bits is the same as requiring one of these.
    pub(crate) forbidden: u64,
    /// The first range of a number. Further ones are in `tests`.
    pub(crate) range: Option<NumberRange>,
    /// Packed [tests](Test), one after the other. A clone of the program shares them.
    pub(super) tests: Arc<[i64]>,
    /// The tests that few filters have. They are behind a pointer to keep programs small.
    pub(crate) rare: Option<Arc<RareTests>>,
}

/// Tests of texts, alternatives and negations.
#[derive(Debug, Default)]
pub(crate) struct RareTests {
    /// The tests of texts. All must hold.
    pub(super) texts: Box<[TextTest]>,
    /// Lists of alternatives. In each list, at least one program must match.
    pub(super) any: Box<[Box<[Program]>]>,
    /// Programs that must not match.
    pub(super) not: Box<[Program]>,
}

/// A test of a text or of a list of texts.
#[derive(Debug)]
pub(crate) struct TextTest {
    pub(crate) attribute: AttributeId,
    /// Whether the attribute is a list. If so, the members are tested.
    pub(super) is_list: bool,
    /// Whether a text passes if it begins with one of the operands, instead of being equal to one.
    pub(super) prefix: bool,
    /// Whether the test holds if no text passes, instead of at least one.
    pub(super) negate: bool,
    /// The texts or prefixes, sorted, each once. No prefix begins with another one.
    pub(crate) operands: Box<[String]>,
}

impl Program {
    /// Returns the packed tests.
    pub(crate) fn words(&self) -> &[i64] {
        &self.tests
    }

    /// Returns the tests, each with the range of its words in [`words`](Self::words).
    pub(crate) fn tests(&self) -> impl Iterator<Item = (ops::Range<usize>, Test<'_>)> {
        let mut rest = self.words();
        std::iter::from_fn(move || {
            let at = self.tests.len() - rest.len();
            let (test, next) = Test::split_first(rest)?;
            rest = next;
            Some((at..self.tests.len() - rest.len(), test))
        })
    }

    /// Returns the tests of texts.
    pub(crate) fn texts(&self) -> &[TextTest] {
        self.rare.as_deref().map_or(&[], |rare| &rare.texts)
    }

    /// Returns the lists of alternatives. In each list, at least one program must match.
    pub(crate) fn any(&self) -> &[Box<[Self]>] {
        self.rare.as_deref().map_or(&[], |rare| &rare.any)
    }

    /// Returns whether [`rare`](Self::rare) consists of exactly one test of a text.
    pub(crate) fn rare_is_one_text(&self) -> bool {
        self.texts().len() == 1 && self.any().is_empty() && self.not().is_empty()
    }

    /// Returns the programs that must not match.
    pub(crate) fn not(&self) -> &[Self] {
        self.rare.as_deref().map_or(&[], |rare| &rare.not)
    }
}

impl TextTest {
    /// Returns the operands if the text, or a member of the list, must be equal to one of them.
    /// Returns `None` for prefixes and negations.
    pub(crate) fn one_of(&self) -> Option<&[String]> {
        (!self.prefix && !self.negate).then_some(&self.operands)
    }
}
