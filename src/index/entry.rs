use std::sync::Arc;

use super::access::Probe;
use crate::{
    attribute::{AttributeId, Record, bit},
    filter::{Header, Program, Rest, TestKind},
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

/// Tests that are not in one piece of memory: few filters have them.
#[derive(Debug)]
pub(super) struct Slow {
    pub(super) rest: Option<Arc<Rest>>,
    /// A program as a whole.
    pub(super) whole: Option<Program>,
    /// No text of the list before the one in hand is one of these, which are sorted.
    pub(super) first: Vec<String>,
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
        let slow = program.rest.as_ref().map(|rest| Slow::resting(Some(Arc::clone(rest))));
        let masks = Masks {
            need: program.need,
            absent: program.looked_at & !program.need,
            forbidden: program.forbidden,
        };
        Self { id, masks, least, code, slow: slow.map(Arc::new) }
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
    pub(super) fn resting(rest: Option<Arc<Rest>>) -> Self {
        Self { rest, whole: None, first: Vec::new(), repeats: false }
    }

    pub(super) fn holds(&self, record: &Record, probe: &Probe<'_>) -> bool {
        self.whole.as_ref().is_none_or(|program| program.matches(record))
            && self.rest.as_ref().is_none_or(|rest| rest.holds(record))
            && (self.first.is_empty()
                || !probe.earlier_texts(record).any(|text| self.has_first(text)))
    }

    fn has_first(&self, text: &str) -> bool {
        self.first.binary_search_by(|one| one.as_str().cmp(text)).is_ok()
    }
}
