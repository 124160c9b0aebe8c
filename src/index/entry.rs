use std::sync::Arc;

use super::access::{Access, Probe};
use crate::{
    attribute::{AttributeId, Record, bit},
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
    pub(super) program: Program,
    /// Whether all of the program is to be tested, and not the rest of it alone.
    pub(super) is_whole: bool,
    /// Of which test no value may stand in the list before the one in hand.
    pub(super) first: Access,
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
    /// All of `program`, but for what stands in the tests from `skip.start` to `skip.end`.
    pub(super) fn of(id: Id, program: &Program, skip: std::ops::Range<usize>) -> Self {
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
        let slow = program.rest.as_ref().map(|_| Slow::rest_of(program));
        let masks = Masks {
            need: program.need,
            absent: program.looked_at & !program.need,
            forbidden: program.forbidden,
        };
        Self { id, masks, least, code, slow: slow.map(Arc::new) }
    }

    /// All of it slow.
    pub(super) fn slow(id: Id, slow: Slow) -> Self {
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
    pub(super) fn from_coded(mut self) -> Self {
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
    /// The rest of a program: texts, alternatives and negations.
    pub(super) fn rest_of(program: &Program) -> Self {
        Self { is_whole: false, ..Self::whole(program) }
    }

    pub(super) fn whole(program: &Program) -> Self {
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
