use std::{ops, sync::Arc};

use super::{range::NumberRange, test::Test};
use crate::attribute::AttributeId;

/// What a clause asks of a notification, in the order in which it is cheapest to find out.
///
/// All booleans and choices together are two masks. One range stands inline. Most of the rest lies
/// in one piece of memory, so that a test reads one line of cache and not a list of lists.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Attributes that must be present.
    pub(crate) required: u64,
    /// Attributes that must be present or must not.
    pub(crate) constrained: u64,
    /// Bits of booleans and choices that must not be set.
    pub(crate) forbidden: u64,
    pub(crate) range: Option<NumberRange>,
    /// Packed [tests](Test), one behind the other.
    pub(super) tests: Arc<[i64]>,
    /// What few filters have.
    pub(crate) rare: Option<Arc<RareTests>>,
}

/// Tests of texts, alternatives and negations.
#[derive(Debug, Default)]
pub(crate) struct RareTests {
    pub(super) texts: Box<[TextTest]>,
    /// Of each of them one must hold.
    pub(super) any: Box<[Box<[Program]>]>,
    /// None of them may hold.
    pub(super) not: Box<[Program]>,
}

#[derive(Debug)]
pub(crate) struct TextTest {
    pub(crate) attribute: AttributeId,
    /// Whether the attribute is a list, of which one member must pass.
    pub(super) is_list: bool,
    /// Whether to begin with one of the operands is enough.
    pub(super) prefix: bool,
    /// Whether the test holds if no operand does.
    pub(super) negate: bool,
    /// Sorted. No prefix begins with another one.
    pub(crate) operands: Box<[String]>,
}

impl Program {
    /// The packed tests.
    pub(crate) fn words(&self) -> &[i64] {
        &self.tests
    }

    /// The tests, each with the range that its words have in [`words`](Self::words).
    pub(crate) fn tests(&self) -> impl Iterator<Item = (ops::Range<usize>, Test<'_>)> {
        let mut rest = self.words();
        std::iter::from_fn(move || {
            let at = self.tests.len() - rest.len();
            let (test, next) = Test::split_first(rest)?;
            rest = next;
            Some((at..self.tests.len() - rest.len(), test))
        })
    }

    /// The tests of texts.
    pub(crate) fn texts(&self) -> &[TextTest] {
        self.rare.as_deref().map_or(&[], |rare| &rare.texts)
    }

    /// The alternatives: of each of them one must hold.
    pub(crate) fn any(&self) -> &[Box<[Self]>] {
        self.rare.as_deref().map_or(&[], |rare| &rare.any)
    }

    /// Whether one test of texts is all of [`rare`](Self::rare).
    pub(crate) fn rare_is_one_text(&self) -> bool {
        self.texts().len() == 1 && self.any().is_empty() && self.not().is_empty()
    }

    /// The negations: none of them may hold.
    pub(crate) fn not(&self) -> &[Self] {
        self.rare.as_deref().map_or(&[], |rare| &rare.not)
    }
}

impl TextTest {
    /// The operands, if the text or a member of the list must be one of them.
    pub(crate) fn one_of(&self) -> Option<&[String]> {
        (!self.prefix && !self.negate).then_some(&self.operands)
    }
}
