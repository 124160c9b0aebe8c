use std::ops::Range;

use super::dense::bloom_bits;
use crate::{
    attribute::{AttributeId, Values},
    filter::{Program, Test},
};

/// By what a program is found: the values that one of its tests asks for, or nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// It is looked at for each notification.
    Common,
    /// The test whose packed words begin at this place.
    Test(u32),
    /// The test of texts at this place.
    Text(u32),
    /// The alternatives at this place, each by its own values.
    Any(u32),
}

/// A value that a program is found by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum KeyValue<'a> {
    Int(i64),
    Text(&'a str),
}

/// The values that a program is found by.
#[derive(Debug)]
pub(super) enum AccessKeys<'a> {
    Ints(AttributeId, &'a [i64]),
    Texts(AttributeId, &'a [String]),
    Mixed(Vec<(AttributeId, KeyValue<'a>)>),
}

/// How a bucket was found: by a value of a list, after others of the same list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe<'a> {
    pub(super) attribute: AttributeId,
    /// The members of the list before the value, where it is no list of texts.
    pub(super) preceding: &'a [i64],
    /// Their [`bloom_bits`].
    pub(super) preceding_bits: u64,
    /// How many members there are before the value.
    pub(super) position: usize,
    /// Whether an entry may have been found that another bucket has, too.
    pub(super) may_repeat: bool,
}

/// A test with more values makes no access key: it would have too many entries.
const MAX_KEYS: usize = 512;

impl Access {
    /// Those that a program can be found by.
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
        let any = program.any().iter().enumerate();
        let any = any
            .filter(|(_, some)| some.iter().all(|one| Self::narrowest(one).is_some()))
            .map(|(at, _)| Self::Any(at as u32));
        tests.chain(texts).chain(any)
    }

    /// Of an alternative: the one with the fewest values.
    fn narrowest(program: &Program) -> Option<Self> {
        let direct = Self::of(program).filter(|access| !matches!(access, Self::Any(_)));
        direct.min_by_key(|access| access.keys(program).len())
    }

    /// The values that the program is found by.
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
                let mut keys: Vec<_> = keys.flat_map(|keys| Vec::from_iter(keys.iter())).collect();
                keys.sort_unstable();
                keys.dedup();
                AccessKeys::Mixed(keys)
            }
        }
    }
}

impl<'a> AccessKeys<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ints(_, values) => values.len(),
            Self::Texts(_, values) => values.len(),
            Self::Mixed(keys) => keys.len(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (AttributeId, KeyValue<'a>)> {
        (0..self.len()).map(|at| match *self {
            Self::Ints(attribute, values) => (attribute, KeyValue::Int(values[at])),
            Self::Texts(attribute, values) => (attribute, KeyValue::Text(&values[at])),
            Self::Mixed(ref keys) => keys[at],
        })
    }
}

impl<'a> Probe<'a> {
    /// A probe by a value that is in no list, or by none.
    pub(super) fn plain() -> Self {
        Self::after(AttributeId::at(0), &[])
    }

    /// A probe by a value of a list, behind these members.
    pub(super) fn after(attribute: AttributeId, preceding: &'a [i64]) -> Self {
        let (preceding_bits, position) = (bloom_bits(preceding), preceding.len());
        Self { attribute, preceding, preceding_bits, position, may_repeat: false }
    }

    /// The texts of the list before the one in hand.
    pub(super) fn preceding_texts<'r>(&self, values: &'r Values) -> impl Iterator<Item = &'r str> {
        values.texts_at(self.attribute).take(self.position)
    }
}

/// The test at a place of [`Access::Test`], and where its words are.
pub(super) fn test_at(program: &Program, at: u32) -> (Range<usize>, Test<'_>) {
    let start = at as usize;
    let rest = &program.words()[start..];
    let (test, next) = Test::split_first(rest).expect("an access is of a test of its program");
    (start..start + rest.len() - next.len(), test)
}
