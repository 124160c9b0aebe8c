use std::{ops::Range, sync::Arc};

use super::{
    access::{Access, Probe},
    facts::{Facts, Layout, marks},
};
use crate::{
    attribute::{AttributeId, Record},
    filter::{Header, Program, TestKind, contains},
};

/// What is left to test of a program once its access key has found it.
#[derive(Clone, Debug)]
pub(super) struct Entry<Id> {
    pub(super) row: Row<Id>,
    /// Tests in the form of [`Program::tests`], of attributes that are present.
    pub(super) code: Vec<i64>,
    pub(super) slow: Option<Arc<Slow>>,
}

/// What decides for most records, in one piece of memory, without a branch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<Id> {
    /// Bits of [`Facts::word`] that must not be set.
    mask: u64,
    /// Of which the attribute `marked` must have one.
    marks: u64,
    /// Below which the number `bounded` must not lie.
    pub(super) bound: f64,
    pub(super) id: Id,
    marked: Marked,
    bounded: AttributeId,
    /// Where its code ends, in the code of all rows that stand together.
    pub(super) end: u16,
}

/// An attribute of which marks are kept, and whether it is the one that an entry was found by. They
/// are then those of the values by which other buckets have the entry, too, and to find out whether
/// one of them was looked at before is all there is to do.
#[derive(Clone, Copy, Debug)]
struct Marked(u8);

/// What entries share that have no more to be tested than their masks and bounds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Class {
    pub(super) mask: u64,
    /// The number that has a lower bound.
    pub(super) bounded: Option<AttributeId>,
}

/// Tests that are not in one piece of memory, and one copy of which serves all entries of a filter.
#[derive(Debug)]
pub(super) struct Slow {
    program: Program,
    /// Whether all of the program is to be tested, and not the texts, alternatives and negations
    /// alone.
    is_whole: bool,
    /// Of which test no value may stand in the list before the one in hand.
    first: Access,
    /// Whether more than one key can find it for one record.
    pub(super) repeats: bool,
}

impl<Id: Copy> Entry<Id> {
    /// More words of code are not kept for each key.
    pub(super) const MOST_CODE: usize = 64;

    /// What is left to test of `program` once one of the keys of `access` has found it.
    pub(super) fn of(id: Id, program: &Program, access: Access, layout: &Layout) -> Self {
        match access {
            Access::Common => Self::whole(id, program, layout),
            Access::Test(at) => Self::beside_ids(id, program, at, layout),
            Access::Text(at) => Self::beside_texts(id, program, at, layout),
            Access::Any(_) => {
                let slow = Slow { repeats: true, ..Slow::of(program) };
                Self::slow(id, program, slow, layout)
            }
        }
    }

    fn whole(id: Id, program: &Program, layout: &Layout) -> Self {
        let mut entry = Self::without(id, program, 0..0, layout);
        entry.slow = program.rest.is_some().then(|| Arc::new(Slow::rest_of(program)));
        if entry.code.len() > Self::MOST_CODE {
            return Self::slow(id, program, Slow::of(program), layout);
        }
        entry
    }

    /// As [`of`](Self::of) the test of ids or numbers at a place.
    fn beside_ids(id: Id, program: &Program, at: u32, layout: &Layout) -> Self {
        let (header, values) = program.test(at as usize);
        // Whether several of the values can stand in one record.
        let repeats = layout.is_list(header.attribute) && values.len() > 1;
        let end = at as usize + 1 + values.len();
        let mut entry = Self::without(id, program, at as usize..end, layout);
        if repeats {
            let alone = entry.code.is_empty() && program.rest.is_none();
            if alone {
                entry.row.marks = marks(values);
                entry.row.marked = Marked::found_by(header.attribute);
            }
            entry.code.push(Header { kind: TestKind::First, ..header }.pack());
            entry.code.extend(values);
        }
        if entry.code.len() > Self::MOST_CODE {
            let first = if repeats { Access::Test(at) } else { Access::Common };
            return Self::slow(id, program, Slow { first, ..Slow::of(program) }, layout);
        }
        entry.slow = program.rest.is_some().then(|| Arc::new(Slow::rest_of(program)));
        entry
    }

    /// As [`of`](Self::of) the test of texts at a place.
    fn beside_texts(id: Id, program: &Program, at: u32, layout: &Layout) -> Self {
        let mut entry = Self::whole(id, program, layout);
        let Some(rest) = program.rest.as_deref() else { return entry };
        let test = &rest.texts[at as usize];
        let repeats = layout.is_list(test.attribute) && test.values.len() > 1;
        let alone = rest.texts.len() == 1 && rest.any.is_empty() && rest.not.is_empty();
        let first = if repeats { Access::Text(at) } else { Access::Common };
        entry.slow = match entry.slow {
            Some(slow) if slow.is_whole => Some(Arc::new(Slow { first, ..Slow::of(program) })),
            _ if alone && !repeats => None,
            _ => Some(Arc::new(Slow { first, ..Slow::rest_of(program) })),
        };
        entry
    }

    /// All of `program` but for these words of its tests, and for what is in no words.
    fn without(id: Id, program: &Program, skip: Range<usize>, layout: &Layout) -> Self {
        let mut code = Vec::with_capacity(program.tests.len() + 3);
        let (row, more) = Self::row(id, program, layout);
        let absent = program.looked_at & !program.need;
        if more | absent != 0 {
            let header = Header { kind: TestKind::Presence, attribute: row.bounded, len: 2 };
            code.push(header.pack());
            code.extend([more, absent].map(u64::cast_signed));
        }
        if let Some(range) = program.range.filter(|range| range.most < f64::INFINITY) {
            let header = Header { kind: TestKind::Range, attribute: range.attribute, len: 2 };
            code.push(header.pack());
            code.extend([range.least, range.most].map(|bound| bound.to_bits().cast_signed()));
        }
        code.extend(&program.tests[..skip.start]);
        code.extend(&program.tests[skip.end..]);
        let mut entry = Self { row, code, slow: None };
        let tests = program.headers().filter(|(at, _)| !skip.contains(at));
        let lists = tests.filter(|(_, one)| matches!(one.kind, TestKind::Id | TestKind::List));
        if let Some((at, header)) = lists.min_by_key(|(_, header)| header.len) {
            entry.row.marks = marks(program.test(at).1);
            entry.row.marked = Marked::of(header.attribute);
        }
        entry
    }

    /// What is tested of all of `program` in any case; and the attributes which must be there
    /// besides.
    fn row(id: Id, program: &Program, layout: &Layout) -> (Row<Id>, u64) {
        let (mask, more) = layout.mask(program.need, program.forbidden);
        let range = program.range;
        let row = Row {
            mask,
            marks: u64::MAX,
            bound: range.map_or(f64::NEG_INFINITY, |range| range.least),
            id,
            marked: Marked::of(AttributeId::at(0)),
            bounded: range.map_or(AttributeId::at(0), |range| range.attribute),
            end: 0,
        };
        (row, more)
    }

    fn slow(id: Id, program: &Program, slow: Slow, layout: &Layout) -> Self {
        let (row, _) = Self::row(id, program, layout);
        Self { row, code: Vec::new(), slow: Some(Arc::new(slow)) }
    }

    /// Its class, where there is no more to test than that.
    pub(super) fn class(&self) -> Option<Class> {
        let is_pure = self.code.is_empty() && self.slow.is_none() && self.row.marks == u64::MAX;
        let bounded = (self.row.bound > f64::NEG_INFINITY).then_some(self.row.bounded);
        is_pure.then_some(Class { mask: self.row.mask, bounded })
    }
}

impl<Id> Row<Id> {
    /// False for most records that do not hold, and true for all that do.
    #[inline]
    pub(super) fn may_hold(&self, facts: &Facts<'_>) -> bool {
        // No `&&`: which way a branch goes could not be guessed.
        (self.mask & facts.word == 0)
            & (self.marks & facts.marks(self.marked.attribute()) != 0)
            & (self.bound <= facts.number(self.bounded))
    }

    /// Whether one that may hold does so for sure.
    #[inline]
    pub(super) fn is_sure(&self, probe: &Probe<'_>) -> bool {
        self.marked.is_found_by() && self.marks & probe.earlier_marks == 0
    }
}

impl Marked {
    const FOUND_BY: u8 = 1 << 7;

    fn of(attribute: AttributeId) -> Self {
        Self(attribute.index() as u8)
    }

    fn found_by(attribute: AttributeId) -> Self {
        Self(attribute.index() as u8 | Self::FOUND_BY)
    }

    fn attribute(self) -> AttributeId {
        AttributeId::at(self.0 & !Self::FOUND_BY)
    }

    fn is_found_by(self) -> bool {
        self.0 & Self::FOUND_BY != 0
    }
}

impl Slow {
    /// All of a program.
    fn of(program: &Program) -> Self {
        Self { program: program.clone(), is_whole: true, first: Access::Common, repeats: false }
    }

    /// Its texts, alternatives and negations.
    fn rest_of(program: &Program) -> Self {
        Self { is_whole: false, ..Self::of(program) }
    }

    pub(super) fn holds(&self, record: &Record, probe: &Probe<'_>) -> bool {
        let passes = match (self.is_whole, &self.program.rest) {
            (true, _) => self.program.matches(record),
            (false, rest) => rest.as_ref().is_none_or(|rest| rest.holds(record)),
        };
        passes && self.is_first(record, probe)
    }

    fn is_first(&self, record: &Record, probe: &Probe<'_>) -> bool {
        match self.first {
            Access::Test(at) => {
                let (_, values) = self.program.test(at as usize);
                !probe.earlier.iter().any(|member| contains(values, *member))
            }
            Access::Text(at) => {
                let rest = self.program.rest.as_deref();
                let test = rest.and_then(|rest| rest.texts.get(at as usize));
                test.is_none_or(|test| !probe.earlier_texts(record).any(|text| test.has(text)))
            }
            Access::Common | Access::Any(_) => true,
        }
    }
}
