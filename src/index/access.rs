use std::ops::Range;

use super::dense::bloom_bits;
use crate::{
    attribute::{AttributeId, Values},
    filter::{Program, Test},
};

/// How searches find a program: either by the values that one of the program's tests requires, or
/// unconditionally.
///
/// The positions are `u32` to save memory, because an access is stored for each filter. The limits
/// on filters keep a program far shorter than 2^32 words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// No value finds the program. Every search of the topic reads it.
    Common,
    /// The packed test whose words begin at this position in [`Program::words`].
    Test(u32),
    /// The test at this position in [`Program::texts`].
    Text(u32),
    /// The alternatives at this position in [`Program::any`], each of which is found by its own
    /// values.
    Any(u32),
}

/// A value under which programs are filed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum KeyValue<'a> {
    /// An integer, the bits of a number, or a boolean in a list as 0 or 1.
    Int(i64),
    Text(&'a str),
}

/// The access keys of a program: the values that find it, each with its attribute. The keys are
/// sorted and distinct.
#[derive(Debug)]
pub(super) enum AccessKeys<'a> {
    // The keys are borrowed from the test, because insertion computes the keys of every access that
    // it could choose.
    Ints(AttributeId, &'a [i64]),
    Texts(AttributeId, &'a [String]),
    /// The keys of alternatives, whose tests can involve several attributes. The list is empty for
    /// `Common`.
    Mixed(Vec<(AttributeId, KeyValue<'a>)>),
}

/// How a search reached a bucket: the attribute of the value that was looked up and, if that value
/// is in a list, the list members that precede it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe<'a> {
    /// The attribute of the value. It is used only if the value is in a list of strings.
    pub(super) attribute: AttributeId,
    /// The list members that precede the value. This is empty for a list of strings, for which
    /// `position` is used instead.
    pub(super) preceding: &'a [i64],
    /// The [`bloom_bits`] of `preceding`.
    pub(super) preceding_bits: u64,
    /// The number of members before the value, or 0 if they are not to be compared.
    pub(super) position: usize,
    /// Whether the search has to deduplicate its matches, because another bucket may contain the
    /// same entry.
    pub(super) may_repeat: bool,
}

/// The maximum number of values that a test may have to be used as an access. The program's entry
/// is stored under each of these values.
const MAX_KEYS: usize = 512;

impl Access {
    /// Returns the accesses that a program can have, except `Common`.
    ///
    /// Only a test that requires one of a set of values can be an access. A notification that
    /// passes a bound, a prefix or an exclusion can have any of countless values.
    pub(super) fn of<'a>(program: &'a Program) -> impl Iterator<Item = Self> + 'a {
        let is_short = |len: usize| len <= MAX_KEYS;
        let tests = program
            .tests()
            .filter(move |(_, test)| test.one_of().is_some_and(|values| is_short(values.len())));
        let tests = tests.map(|(words, _)| Self::Test(words.start as u32));
        let texts =
            program.texts().iter().enumerate().filter(move |(_, test)| {
                test.one_of().is_some_and(|values| is_short(values.len()))
            });
        let texts = texts.map(|(at, _)| Self::Text(at as u32));
        // Any of the alternatives may be the one that holds, so each must have values that find it.
        let any = program.any().iter().enumerate();
        let any = any
            .filter(|(_, some)| some.iter().all(|one| Self::narrowest(one).is_some()))
            .map(|(at, _)| Self::Any(at as u32));
        tests.chain(texts).chain(any)
    }

    /// Returns the access of an alternative: of all its possible accesses, the one with the fewest
    /// keys.
    ///
    /// Unlike the access of a whole program, this access does not depend on the existing rows,
    /// because it is not stored and removal has to find the same keys.
    fn narrowest(program: &Program) -> Option<Self> {
        // Nested alternatives are left out, because their keys would add up across all levels.
        let direct = Self::of(program).filter(|access| !matches!(access, Self::Any(_)));
        direct.min_by_key(|access| access.keys(program).len())
    }

    /// Returns the values that find `program` through this access.
    pub(super) fn keys<'a>(self, program: &'a Program) -> AccessKeys<'a> {
        match self {
            Self::Common => AccessKeys::Mixed(Vec::new()),
            Self::Test(at) => {
                let (_, test) = test_at(program, at);
                AccessKeys::Ints(test.attribute, test.operands)
            }
            Self::Text(at) => {
                let test = &program.texts()[at as usize];
                AccessKeys::Texts(test.attribute, &test.operands)
            }
            Self::Any(at) => {
                let keys = program.any()[at as usize].iter().map(|one| {
                    let narrowest = Self::narrowest(one);
                    narrowest.expect("4: every alternative can be found by values").keys(one)
                });
                // Two alternatives may require the same value, but a bucket contains an id only
                // once.
                let mut keys: Vec<_> = keys.flat_map(|keys| Vec::from_iter(keys.iter())).collect();
                keys.sort_unstable();
                keys.dedup();
                AccessKeys::Mixed(keys)
            }
        }
    }
}

impl<'a> AccessKeys<'a> {
    /// Returns the number of keys, or 0 for `Common`.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ints(_, values) => values.len(),
            Self::Texts(_, values) => values.len(),
            Self::Mixed(keys) => keys.len(),
        }
    }

    /// Returns the keys in sorted order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (AttributeId, KeyValue<'a>)> {
        (0..self.len()).map(|at| match *self {
            Self::Ints(attribute, values) => (attribute, KeyValue::Int(values[at])),
            Self::Texts(attribute, values) => (attribute, KeyValue::Text(&values[at])),
            Self::Mixed(ref keys) => keys[at],
        })
    }
}

impl<'a> Probe<'a> {
    /// Creates a probe for a value that is not in a list, or for the common bucket.
    pub(super) fn plain() -> Self {
        Self::after(AttributeId::at(0), &[])
    }

    /// Creates a probe for the list member that follows `preceding`.
    pub(super) fn after(attribute: AttributeId, preceding: &'a [i64]) -> Self {
        let (preceding_bits, position) = (bloom_bits(preceding), preceding.len());
        Self { attribute, preceding, preceding_bits, position, may_repeat: false }
    }

    /// Returns the list members that precede the string under which the bucket was found.
    pub(super) fn preceding_texts<'r>(&self, values: &'r Values) -> impl Iterator<Item = &'r str> {
        values.texts_at(self.attribute).take(self.position)
    }
}

/// Returns the range of the words of the test at position `at`, as in [`Access::Test`], and the
/// test itself.
pub(super) fn test_at(program: &Program, at: u32) -> (Range<usize>, Test<'_>) {
    let start = at as usize;
    let rest = &program.words()[start..];
    let (test, next) = Test::split_first(rest).expect("an access is of a test of its program");
    (start..start + rest.len() - next.len(), test)
}
