use std::{ops::Range, sync::Arc};

use super::access::{Access, Probe};
use crate::{
    attribute::{AttributeId, Record, Schema, bit},
    filter::{Header, Program, TestKind, contains},
};

/// What is left to test of a program once its access key has found it.
#[derive(Clone, Debug)]
pub(super) struct Entry<Id> {
    pub(super) id: Id,
    pub(super) masks: Masks,
    /// The first lower bound of a number.
    pub(super) least: Option<(AttributeId, f64)>,
    /// Tests in the form of [`Program::tests`]. Their attributes are in the masks' `need`.
    pub(super) code: Vec<i64>,
    pub(super) slow: Option<Arc<Slow>>,
}

/// Attributes that must be present and that must not, and bits that must not be set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Masks {
    pub(super) need: u64,
    pub(super) absent: u64,
    pub(super) forbidden: u64,
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

impl Masks {
    #[inline]
    pub(super) fn hold(&self, record: &Record) -> bool {
        record.present() & (self.need | self.absent) == self.need
            && record.bits() & self.forbidden == 0
    }
}

impl<Id> Entry<Id> {
    /// What is left to test of `program` once one of the keys of `access` has found it.
    pub(super) fn of(id: Id, program: &Program, access: Access, schema: &Schema) -> Self {
        let is_list = |id| schema.attribute(id).is_some_and(|one| one.kind().is_list());
        match access {
            Access::Common => Self::without(id, program, 0..0),
            Access::Test(at) => {
                let (header, values) = program.test(at as usize);
                let repeats = is_list(header.attribute) && values.len() > 1;
                Self::beside_ids(id, program, at, repeats)
            }
            Access::Text(at) => {
                let mut entry = Self::without(id, program, 0..0);
                let Some(rest) = &program.rest else { return entry };
                let test = &rest.texts[at as usize];
                let repeats = is_list(test.attribute) && test.values.len() > 1;
                let alone = rest.texts.len() == 1 && rest.any.is_empty() && rest.not.is_empty();
                entry.masks.need &= !bit(test.attribute);
                entry.slow = (repeats || !alone).then(|| {
                    let first = if repeats { access } else { Access::Common };
                    Arc::new(Slow { is_whole: false, first, ..Slow::of(program) })
                });
                entry
            }
            Access::Any(_) => Self::slow(id, Slow { repeats: true, ..Slow::of(program) }),
        }
    }

    /// As [`of`](Self::of) the test of ids or numbers at a place. It `repeats` where several of its
    /// values can stand in one record.
    fn beside_ids(id: Id, program: &Program, at: u32, repeats: bool) -> Self {
        /// Of more code than so many words, one copy serves for all the keys.
        const LONG: usize = 48;
        let (header, values) = program.test(at as usize);
        let words = program.tests.len() + if repeats { values.len() } else { 0 };
        if words - values.len() > LONG && values.len() > 1 {
            let first = if repeats { Access::Test(at) } else { Access::Common };
            return Self::slow(id, Slow { first, ..Slow::of(program) });
        }
        let at = at as usize;
        let mut entry = Self::without(id, program, at..at + 1 + values.len());
        entry.masks.need &= !bit(header.attribute);
        if repeats {
            entry.code.push(Header { kind: TestKind::First, ..header }.pack());
            entry.code.extend(values);
        }
        entry
    }

    /// All of `program`, but for these words of its tests.
    fn without(id: Id, program: &Program, skip: Range<usize>) -> Self {
        let mut code = Vec::with_capacity(program.tests.len() + 3);
        let mut least = None;
        if let Some(range) = program.range {
            if range.least > f64::NEG_INFINITY {
                least = Some((range.attribute, range.least));
            }
            if range.most < f64::INFINITY || least.is_none() {
                let header = Header { kind: TestKind::Range, attribute: range.attribute, len: 2 };
                let bounds = [range.least, range.most];
                code.push(header.pack());
                code.extend(bounds.map(|bound| bound.to_bits().cast_signed()));
            }
        }
        code.extend(&program.tests[..skip.start]);
        code.extend(&program.tests[skip.end..]);
        let rest = program.rest.as_ref();
        let slow = rest.map(|_| Arc::new(Slow { is_whole: false, ..Slow::of(program) }));
        let masks = Masks {
            need: program.need,
            absent: program.looked_at & !program.need,
            forbidden: program.forbidden,
        };
        Self { id, masks, least, code, slow }
    }

    fn slow(id: Id, slow: Slow) -> Self {
        let slow = Some(Arc::new(slow));
        Self { id, masks: Masks::default(), least: None, code: Vec::new(), slow }
    }

    /// Its lower bound, or the same number for all that have none.
    pub(super) fn bound(&self) -> f64 {
        self.least.map_or(0.0, |(_, least)| least)
    }

    /// The same with its bound, and what must be absent, as code.
    pub(super) fn into_coded(mut self) -> Self {
        let mut code = Vec::with_capacity(self.code.len() + 4);
        if self.masks.absent != 0 {
            code.push(
                Header { kind: TestKind::Absent, attribute: AttributeId::at(0), len: 1 }.pack(),
            );
            code.push(std::mem::take(&mut self.masks.absent).cast_signed());
        }
        if let Some((attribute, least)) = self.least.take() {
            code.push(Header { kind: TestKind::Least, attribute, len: 1 }.pack());
            code.push(least.to_bits().cast_signed());
        }
        code.append(&mut self.code);
        Self { code, ..self }
    }

    /// The other way round.
    pub(super) fn told_apart(mut self) -> Self {
        while let [header, value, ..] = self.code[..] {
            let header = Header::unpack(header);
            match header.kind {
                TestKind::Absent => self.masks.absent = value.cast_unsigned(),
                TestKind::Least => {
                    self.least = Some((header.attribute, f64::from_bits(value.cast_unsigned())));
                }
                _ => break,
            }
            self.code.drain(..2);
        }
        self
    }

    /// Whether nothing is left to test but the masks of `common` and the bound.
    pub(super) fn is_pure(&self, common: Masks) -> bool {
        self.code.is_empty() && self.slow.is_none() && self.masks.need & !common.need == 0
    }

    /// The masks that are shared by many: those of booleans and choices, of which `bits` has the
    /// attributes, and of the bound.
    pub(super) fn common_masks(&self, bits: u64) -> Masks {
        let bound = self.least.map_or(0, |(attribute, _)| bit(attribute));
        Masks { need: self.masks.need & (bits | bound), ..self.masks }
    }
}

impl Slow {
    /// All of a program.
    fn of(program: &Program) -> Self {
        Self { program: program.clone(), is_whole: true, first: Access::Common, repeats: false }
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
