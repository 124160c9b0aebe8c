use std::{ops::Range, sync::Arc};

use super::{
    access::{Access, Probe, test_at},
    code::Prologue,
    dense::{BitsSource, DenseValues, WordLayout, bloom_bits, exact_bits},
};
use crate::{
    attribute::{AttributeId, Schema, Values},
    filter::{Program, Test, intersects},
};

/// The part of a program that remains to be tested once an access key has found the program. All
/// buckets of the program store the same entry.
#[derive(Clone, Debug)]
pub(super) struct IndexEntry<Id> {
    pub(super) row: Row<Id>,
    /// A [`Prologue`], if there is anything for it to test, followed by packed tests. The row or
    /// the prologue tests whether the attributes of these tests are present.
    pub(super) code: Vec<i64>,
    pub(super) slow: Option<Arc<SlowTests>>,
}

/// The tests that are performed first. They need no branch and decide for most notifications. Rows
/// are contiguous in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<Id> {
    /// The bits of [`DenseValues::word`] that must not be set.
    pub(super) mask: u64,
    /// The bits for the values of one test. At least one of them must also be set in the
    /// notification's bits for `bits_source`. All 64 bits are set if the row tests no values.
    pub(super) value_bits: u64,
    /// The lower bound on the number that `bounded` refers to, or minus infinity if there is no
    /// bound.
    pub(super) bound: f64,
    pub(super) id: Id,
    pub(super) bits_source: BitsSource,
    pub(super) bounded: BoundedAttribute,
    /// The end of the row's code in the code of its [`Rows`](super::rows::Rows), or 0 until the
    /// entry is inserted there.
    // The code starts where the code of the preceding row ends.
    pub(super) end: u16,
}

/// The attribute to which the lower bound applies (low 6 bits) and the [`Remaining`] variant (high
/// 2 bits).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct BoundedAttribute(u8);

const _: () = assert!(Schema::MAX_ATTRIBUTES <= 1 << BoundedAttribute::BITS);

/// The question that remains about a row that [may hold](Row::may_hold).
///
/// If the bucket was found by a member of a list, a preceding member may also be one of the keys.
/// In that case, the preceding member has already found the entry in another bucket, and this time
/// the entry does not count (invariant 7).
#[derive(Clone, Copy, Debug)]
pub(super) enum Remaining {
    /// No question remains: the row matches.
    Nothing,
    /// Whether a preceding member is one of the keys. The value bits represent the keys, so they
    /// are usually enough to show that no preceding member is a key.
    Preceding,
    /// The same question as for `Preceding`, but the value bits represent a different test.
    /// Therefore the row is definite only if there are no preceding members.
    AnyPreceding,
    /// Whether the code and the slow tests hold.
    Tests,
}

/// The mask and the bounded attribute of entries that have no other tests. Entries of one class
/// differ only in id and bound.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct RowClass {
    pub(super) mask: u64,
    /// The attribute to which the lower bounds apply, or `None` if there are no bounds.
    pub(super) bounded: Option<AttributeId>,
}

/// Tests that are not packed into the code of a row. All entries of a program share one copy.
#[derive(Debug)]
pub(super) struct SlowTests {
    program: Program,
    /// Whether to test the whole program. If not, only its text tests, alternatives and negations
    /// are left, because the row and the code test the rest.
    pub(super) is_whole: bool,
    /// The access whose keys must not be among the preceding members of the list. This is `Common`
    /// if there is nothing to compare.
    pub(super) first: Access,
    /// Whether one notification can find the entry through several keys, without any of these tests
    /// deciding which key counts. If so, the search deduplicates its matches.
    pub(super) may_repeat: bool,
}

impl<Id: Copy> IndexEntry<Id> {
    /// The maximum number of words of code. Each entry has its own copy of the code, which would
    /// take a lot of memory if the code were long and the program were listed under many keys. If
    /// the code would exceed this limit, the entries share one [`SlowTests`] for the whole program
    /// instead.
    pub(super) const MAX_CODE: usize = 64;

    /// Returns the entry for `program`: the tests that remain once one of the keys of `access` has
    /// found the program.
    ///
    /// The result depends only on the arguments, because removal computes it again (invariant 2).
    pub(super) fn of(id: Id, program: &Program, access: Access, layout: &WordLayout) -> Self {
        let mut entry = match access {
            Access::Common => Self::whole(id, program, layout),
            Access::Test(at) => Self::found_by_ids(id, program, at, layout),
            Access::Text(at) => Self::found_by_texts(id, program, at, layout),
            // A key shows that an alternative may hold, but not that it does. Therefore the key
            // settles no test of the program. One notification can also have several of the keys.
            Access::Any(_) => {
                let slow = SlowTests { may_repeat: true, ..SlowTests::of(program) };
                Self::slow(id, program, slow, layout)
            }
        };
        if entry.code.is_empty() && entry.slow.is_none() {
            entry.row.bounded.set_remaining(Remaining::Nothing);
        }
        entry
    }

    /// Returns an entry that tests all of `program`.
    fn whole(id: Id, program: &Program, layout: &WordLayout) -> Self {
        let mut entry = Self::excluding(id, program, 0..0, &[], layout);
        entry.slow = program.rare.is_some().then(|| Arc::new(SlowTests::rare_of(program)));
        if entry.code.len() > Self::MAX_CODE {
            return Self::slow(id, program, SlowTests::of(program), layout);
        }
        entry
    }

    /// Returns the entry for a program that is found by the packed test at `at`.
    fn found_by_ids(id: Id, program: &Program, at: u32, layout: &WordLayout) -> Self {
        let (words, Test { attribute, operands: keys, .. }) = test_at(program, at);
        // Only a list can contain several of the keys.
        let may_repeat = layout.is_list(attribute) && keys.len() > 1;
        let dedup_keys = if may_repeat { keys } else { &[] };
        let mut entry = Self::excluding(id, program, words, dedup_keys, layout);
        if entry.code.len() > Self::MAX_CODE {
            let first = if may_repeat { Access::Test(at) } else { Access::Common };
            return Self::slow(id, program, SlowTests { first, ..SlowTests::of(program) }, layout);
        }
        // If the code only compares preceding members with the keys, the row can often show by
        // itself that none of them is a key. In that case the code is not read.
        let is_first_alone = entry.code.len() == Prologue { dedup_keys, presence: None }.len();
        if may_repeat && is_first_alone && program.rare.is_none() {
            let has_value_bits = entry.row.value_bits != u64::MAX;
            entry.row.bounded.set_remaining(if has_value_bits {
                Remaining::AnyPreceding
            } else {
                Remaining::Preceding
            });
            // The list contains one of the keys, so these bits never reject the row.
            if !has_value_bits {
                entry.row.value_bits = bloom_bits(keys);
                entry.row.bits_source = BitsSource::bloom(attribute);
            }
        }
        entry.slow = program.rare.is_some().then(|| Arc::new(SlowTests::rare_of(program)));
        entry
    }

    /// Returns the entry for a program that is found by the text test at `at`.
    fn found_by_texts(id: Id, program: &Program, at: u32, layout: &WordLayout) -> Self {
        let mut entry = Self::whole(id, program, layout);
        let test = &program.texts()[at as usize];
        let may_repeat = layout.is_list(test.attribute) && test.operands.len() > 1;
        let alone = program.rare_is_one_text();
        let first = if may_repeat { Access::Text(at) } else { Access::Common };
        entry.slow = match entry.slow {
            // The code was too long.
            Some(slow) if slow.is_whole => {
                Some(Arc::new(SlowTests { first, ..SlowTests::of(program) }))
            }
            // The key settles the only text test.
            _ if alone && !may_repeat => None,
            _ => Some(Arc::new(SlowTests { first, ..SlowTests::rare_of(program) })),
        };
        entry
    }

    /// Returns an entry for all tests of `program` except the test at the words `skip`, the text
    /// tests, the alternatives and the negations. `dedup_keys` goes into the entry's [`Prologue`].
    fn excluding(
        id: Id,
        program: &Program,
        skip: Range<usize>,
        dedup_keys: &[i64],
        layout: &WordLayout,
    ) -> Self {
        let (mut row, more) = Self::row(id, program, layout);
        // These attributes must be missing. The mask cannot test this, because an attribute's bit
        // in the word is set if the attribute is missing.
        let absent = program.constrained & !program.required;
        let presence = (more | absent != 0).then_some([more, absent]);
        let prologue = Prologue { presence, dedup_keys };
        // A packed range takes 3 words.
        let mut code = Vec::with_capacity(prologue.len() + program.words().len() + 3);
        prologue.pack(&mut code);
        // The row contains only the lower bound.
        if let Some(range) = program.range.filter(|range| range.max < f64::INFINITY) {
            range.pack(&mut code);
        }
        let tests = || program.tests().filter(|(words, _)| !skip.contains(&words.start));
        let sets = tests().filter_map(|(words, test)| {
            let values = test.one_of()?;
            Some((words, test.attribute, values, exact_bits(values)))
        });
        // The row has room for the bits of one test. A test with exact bits is preferred, because
        // the code does not have to repeat it. The next criterion is the number of values: the
        // fewer values a test has, the more notifications it rejects.
        let smallest = sets.min_by_key(|(.., values, (_, all))| (!all, values.len()));
        let mut said = None;
        if let Some((words, attribute, values, (exact, all))) = smallest {
            // If all 64 bits were set, the row would test no values.
            if all && exact != u64::MAX {
                (row.value_bits, row.bits_source) = (exact, BitsSource::exact(attribute));
                said = Some(words);
            } else {
                (row.value_bits, row.bits_source) =
                    (bloom_bits(values), BitsSource::bloom(attribute));
            }
        }
        for (words, _) in tests().filter(|(words, _)| said.as_ref() != Some(words)) {
            code.extend(&program.words()[words]);
        }
        Self { row, code, slow: None }
    }

    /// Returns the row for `program`, still without value bits, and the required attributes for
    /// which the mask has no room.
    fn row(id: Id, program: &Program, layout: &WordLayout) -> (Row<Id>, u64) {
        let (mask, more) = layout.mask(program.required, program.forbidden);
        // A row without a bound or without value bits still needs an attribute for them. It does
        // not matter which, so the row uses the first attribute.
        let range = program.range;
        let row = Row {
            mask,
            value_bits: u64::MAX,
            bound: range.map_or(f64::NEG_INFINITY, |range| range.min),
            id,
            bits_source: BitsSource::bloom(AttributeId::at(0)),
            bounded: BoundedAttribute::new(
                range.map_or(AttributeId::at(0), |range| range.attribute),
            ),
            end: 0,
        };
        (row, more)
    }

    /// Returns an entry that has no code. Its slow tests cover everything that its row does not.
    fn slow(id: Id, program: &Program, slow: SlowTests, layout: &WordLayout) -> Self {
        let (row, _) = Self::row(id, program, layout);
        Self { row, code: Vec::new(), slow: Some(Arc::new(slow)) }
    }

    /// Returns the class of the entry, if the entry tests nothing except a mask and a bound.
    pub(super) fn class(&self) -> Option<RowClass> {
        let is_pure =
            self.code.is_empty() && self.slow.is_none() && self.row.value_bits == u64::MAX;
        let bounded = (self.row.bound > f64::NEG_INFINITY).then_some(self.row.bounded.attribute());
        is_pure.then_some(RowClass { mask: self.row.mask, bounded })
    }
}

impl<Id> Row<Id> {
    /// Returns `false` only if the program does not match. Most programs that do not match are
    /// rejected here.
    #[inline]
    pub(super) fn may_hold(&self, dense: &DenseValues<'_>) -> bool {
        // This uses `&` instead of `&&`, because `&&` would be a branch that the processor often
        // mispredicts.
        (self.mask & dense.word == 0)
            & (self.value_bits & dense.value_bits(self.bits_source) != 0)
            & (self.bound <= dense.number(self.bounded.attribute()))
    }

    /// Returns whether a row that may hold is certain to hold. `masks` contains the
    /// [`definite_masks`](Self::definite_masks) of the probe.
    #[inline]
    pub(super) fn is_definite(&self, masks: &[u64; 4]) -> bool {
        self.value_bits & masks[self.bounded.remaining_index()] == 0
    }

    /// Returns one mask for each [`Remaining`] variant, in order. Each mask contains the value bits
    /// that a definite row must not have.
    pub(super) fn definite_masks(probe: &Probe<'_>) -> [u64; 4] {
        // Every row has at least one value bit, so a mask of all bits makes no row definite.
        let any_preceding = if probe.preceding.is_empty() { 0 } else { u64::MAX };
        [0, probe.preceding_bits, any_preceding, u64::MAX]
    }
}

impl BoundedAttribute {
    const BITS: u32 = 6;

    /// Creates the value for an attribute, with [`Remaining::Tests`].
    fn new(attribute: AttributeId) -> Self {
        Self(attribute.index() as u8 | (Remaining::Tests as u8) << Self::BITS)
    }

    /// Replaces the [`Remaining`] variant and keeps the attribute.
    fn set_remaining(&mut self, remaining: Remaining) {
        self.0 = self.attribute().index() as u8 | (remaining as u8) << Self::BITS;
    }

    #[inline]
    pub(super) fn attribute(self) -> AttributeId {
        AttributeId::at(self.0 % (1 << Self::BITS))
    }

    /// Returns the index of the [`Remaining`] variant.
    #[inline]
    fn remaining_index(self) -> usize {
        usize::from(self.0 >> Self::BITS)
    }

    pub(super) fn remaining(self) -> Remaining {
        [Remaining::Nothing, Remaining::Preceding, Remaining::AnyPreceding, Remaining::Tests]
            [self.remaining_index()]
    }
}

impl SlowTests {
    /// Creates the tests of a whole program.
    fn of(program: &Program) -> Self {
        Self { program: program.clone(), is_whole: true, first: Access::Common, may_repeat: false }
    }

    /// Returns everything except the program, so that slow tests of the same program can be
    /// compared.
    pub(super) fn parts(&self) -> (bool, Access, bool) {
        (self.is_whole, self.first, self.may_repeat)
    }

    /// Creates slow tests that consist of a program's text tests, alternatives and negations.
    fn rare_of(program: &Program) -> Self {
        Self { is_whole: false, ..Self::of(program) }
    }

    /// Returns whether the tests hold and no preceding member of the list has found the entry.
    pub(super) fn holds(&self, values: &Values, probe: &Probe<'_>) -> bool {
        let passes = match (self.is_whole, &self.program.rare) {
            (true, _) => self.program.matches(values),
            (false, rare) => rare.as_ref().is_none_or(|rare| rare.holds(values)),
        };
        passes && self.is_first(values, probe)
    }

    /// Returns whether no preceding member of the list is a key of `first`.
    fn is_first(&self, values: &Values, probe: &Probe<'_>) -> bool {
        match self.first {
            Access::Test(at) => !intersects(test_at(&self.program, at).1.operands, probe.preceding),
            Access::Text(at) => {
                let test = &self.program.texts()[at as usize];
                !probe.preceding_texts(values).any(|text| test.has(text))
            }
            Access::Common | Access::Any(_) => true,
        }
    }
}
