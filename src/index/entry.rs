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

/// What is left to test of a program once its access key has found it.
#[derive(Clone, Debug)]
pub(super) struct IndexEntry<Id> {
    pub(super) row: Row<Id>,
    /// A [`Prologue`], if it has anything to test, and packed tests, of attributes that are
    /// present.
    pub(super) code: Vec<i64>,
    pub(super) slow: Option<Arc<SlowTests>>,
}

/// What decides for most notifications, in one piece of memory, without a branch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<Id> {
    /// Bits of [`DenseValues::word`] that must not be set.
    pub(super) mask: u64,
    /// Of which the attribute `bits_source` must have one.
    pub(super) value_bits: u64,
    /// Below which the number `bounded` must not lie.
    pub(super) bound: f64,
    pub(super) id: Id,
    pub(super) bits_source: BitsSource,
    pub(super) bounded: BoundedAttribute,
    /// Where its code ends, in the code of all rows that stand together.
    pub(super) end: u16,
}

/// An attribute of which the number has a lower bound, and what is [`Remaining`], in the upper
/// bits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct BoundedAttribute(u8);

const _: () = assert!(Schema::MAX_ATTRIBUTES <= 1 << BoundedAttribute::BITS);

/// What is left to find out of one that [may hold](Row::may_hold).
#[derive(Clone, Copy, Debug)]
pub(super) enum Remaining {
    Nothing,
    /// Whether a value was looked at before by which another bucket has the entry, too. The value
    /// bits are those of all these values.
    Preceding,
    /// The same, but the value bits are others.
    AnyPreceding,
    Tests,
}

/// What entries share that have no more to be tested than their masks and bounds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct RowClass {
    pub(super) mask: u64,
    /// The number that has a lower bound.
    pub(super) bounded: Option<AttributeId>,
}

/// Tests that are not in one piece of memory, and one copy of which serves all entries of a filter.
#[derive(Debug)]
pub(super) struct SlowTests {
    program: Program,
    /// Whether all of the program is to be tested, and not the texts, alternatives and negations
    /// alone.
    pub(super) is_whole: bool,
    /// Of which test no value may stand in the list before the one in hand.
    pub(super) first: Access,
    /// Whether more than one key can find it for one notification.
    pub(super) may_repeat: bool,
}

impl<Id: Copy> IndexEntry<Id> {
    /// More words of code are not kept for each key.
    pub(super) const MAX_CODE: usize = 64;

    /// What is left to test of `program` once one of the keys of `access` has found it.
    pub(super) fn of(id: Id, program: &Program, access: Access, layout: &WordLayout) -> Self {
        let mut entry = match access {
            Access::Common => Self::whole(id, program, layout),
            Access::Test(at) => Self::found_by_ids(id, program, at, layout),
            Access::Text(at) => Self::found_by_texts(id, program, at, layout),
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

    fn whole(id: Id, program: &Program, layout: &WordLayout) -> Self {
        let mut entry = Self::excluding(id, program, 0..0, &[], layout);
        entry.slow = program.rare.is_some().then(|| Arc::new(SlowTests::rare_of(program)));
        if entry.code.len() > Self::MAX_CODE {
            return Self::slow(id, program, SlowTests::of(program), layout);
        }
        entry
    }

    /// As [`of`](Self::of) the test of ids or numbers at a place.
    fn found_by_ids(id: Id, program: &Program, at: u32, layout: &WordLayout) -> Self {
        let (words, Test { attribute, operands: keys, .. }) = test_at(program, at);
        // Whether several of the keys can stand in one notification.
        let may_repeat = layout.is_list(attribute) && keys.len() > 1;
        let dedup_keys = if may_repeat { keys } else { &[] };
        let mut entry = Self::excluding(id, program, words, dedup_keys, layout);
        if entry.code.len() > Self::MAX_CODE {
            let first = if may_repeat { Access::Test(at) } else { Access::Common };
            return Self::slow(id, program, SlowTests { first, ..SlowTests::of(program) }, layout);
        }
        let is_first_alone = entry.code.len() == Prologue { dedup_keys, presence: None }.len();
        if may_repeat && is_first_alone && program.rare.is_none() {
            let has_value_bits = entry.row.value_bits != u64::MAX;
            entry.row.bounded.set_remaining(if has_value_bits {
                Remaining::AnyPreceding
            } else {
                Remaining::Preceding
            });
            if !has_value_bits {
                entry.row.value_bits = bloom_bits(keys);
                entry.row.bits_source = BitsSource::bloom(attribute);
            }
        }
        entry.slow = program.rare.is_some().then(|| Arc::new(SlowTests::rare_of(program)));
        entry
    }

    /// As [`of`](Self::of) the test of texts at a place.
    fn found_by_texts(id: Id, program: &Program, at: u32, layout: &WordLayout) -> Self {
        let mut entry = Self::whole(id, program, layout);
        let test = &program.texts()[at as usize];
        let may_repeat = layout.is_list(test.attribute) && test.operands.len() > 1;
        let alone = program.rare_is_one_text();
        let first = if may_repeat { Access::Text(at) } else { Access::Common };
        entry.slow = match entry.slow {
            Some(slow) if slow.is_whole => {
                Some(Arc::new(SlowTests { first, ..SlowTests::of(program) }))
            }
            _ if alone && !may_repeat => None,
            _ => Some(Arc::new(SlowTests { first, ..SlowTests::rare_of(program) })),
        };
        entry
    }

    /// All of `program` except the test with the words `skip`, and except its texts, alternatives
    /// and negations. `dedup_keys` are those of the [`Prologue`].
    fn excluding(
        id: Id,
        program: &Program,
        skip: Range<usize>,
        dedup_keys: &[i64],
        layout: &WordLayout,
    ) -> Self {
        let (mut row, more) = Self::row(id, program, layout);
        let absent = program.constrained & !program.required;
        let presence = (more | absent != 0).then_some([more, absent]);
        let prologue = Prologue { presence, dedup_keys };
        let mut code = Vec::with_capacity(prologue.len() + program.words().len() + 3);
        prologue.pack(&mut code);
        if let Some(range) = program.range.filter(|range| range.max < f64::INFINITY) {
            range.pack(&mut code);
        }
        let tests = || program.tests().filter(|(words, _)| !skip.contains(&words.start));
        let sets = tests().filter_map(|(words, test)| {
            let values = test.one_of()?;
            Some((words, test.attribute, values, exact_bits(values)))
        });
        // Exact bits say all of a test.
        let smallest = sets.min_by_key(|(.., values, (_, all))| (!all, values.len()));
        let mut said = None;
        if let Some((words, attribute, values, (exact, all))) = smallest {
            // All 64 of them would look like none.
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

    /// What is tested of all of `program` in any case; and the attributes which must be there
    /// besides.
    fn row(id: Id, program: &Program, layout: &WordLayout) -> (Row<Id>, u64) {
        let (mask, more) = layout.mask(program.required, program.forbidden);
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

    fn slow(id: Id, program: &Program, slow: SlowTests, layout: &WordLayout) -> Self {
        let (row, _) = Self::row(id, program, layout);
        Self { row, code: Vec::new(), slow: Some(Arc::new(slow)) }
    }

    /// Its class, where there is no more to test than that.
    pub(super) fn class(&self) -> Option<RowClass> {
        let is_pure =
            self.code.is_empty() && self.slow.is_none() && self.row.value_bits == u64::MAX;
        let bounded = (self.row.bound > f64::NEG_INFINITY).then_some(self.row.bounded.attribute());
        is_pure.then_some(RowClass { mask: self.row.mask, bounded })
    }
}

impl<Id> Row<Id> {
    /// False for most notifications that do not hold, and true for all that do.
    #[inline]
    pub(super) fn may_hold(&self, dense: &DenseValues<'_>) -> bool {
        // No `&&`: which way a branch goes could not be guessed.
        (self.mask & dense.word == 0)
            & (self.value_bits & dense.value_bits(self.bits_source) != 0)
            & (self.bound <= dense.number(self.bounded.attribute()))
    }

    /// Whether one that may hold certainly holds; `masks` are [those](Self::definite_masks) of the
    /// probe.
    #[inline]
    pub(super) fn is_definite(&self, masks: &[u64; 4]) -> bool {
        self.value_bits & masks[self.bounded.remaining_index()] == 0
    }

    /// For each [`Remaining`], the value bits that a row must not have to be definite.
    pub(super) fn definite_masks(probe: &Probe<'_>) -> [u64; 4] {
        let any_preceding = if probe.preceding.is_empty() { 0 } else { u64::MAX };
        [0, probe.preceding_bits, any_preceding, u64::MAX]
    }
}

impl BoundedAttribute {
    const BITS: u32 = 6;

    /// All tests are left.
    fn new(attribute: AttributeId) -> Self {
        Self(attribute.index() as u8 | (Remaining::Tests as u8) << Self::BITS)
    }

    fn set_remaining(&mut self, remaining: Remaining) {
        self.0 = self.attribute().index() as u8 | (remaining as u8) << Self::BITS;
    }

    #[inline]
    pub(super) fn attribute(self) -> AttributeId {
        AttributeId::at(self.0 % (1 << Self::BITS))
    }

    /// The number of what is left.
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
    /// All of a program.
    fn of(program: &Program) -> Self {
        Self { program: program.clone(), is_whole: true, first: Access::Common, may_repeat: false }
    }

    /// What distinguishes it from another one of the same program.
    pub(super) fn parts(&self) -> (bool, Access, bool) {
        (self.is_whole, self.first, self.may_repeat)
    }

    /// Its texts, alternatives and negations.
    fn rare_of(program: &Program) -> Self {
        Self { is_whole: false, ..Self::of(program) }
    }

    pub(super) fn holds(&self, values: &Values, probe: &Probe<'_>) -> bool {
        let passes = match (self.is_whole, &self.program.rare) {
            (true, _) => self.program.matches(values),
            (false, rare) => rare.as_ref().is_none_or(|rare| rare.holds(values)),
        };
        passes && self.is_first(values, probe)
    }

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
