use std::sync::Arc;

use super::ast::{Clause, Condition, Test};
use crate::attribute::{AttributeId, Kind, Schema, bit};

/// What a clause asks of a record, in the order in which it is cheapest to find out.
///
/// All booleans and choices together are two masks. One range stands inline. The rest lies in one
/// piece of memory, so that a test reads one line of cache and not a list of lists.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Attributes that must be present.
    pub(super) need: u64,
    /// Bits of booleans and choices that must not be set.
    pub(super) forbidden: u64,
    pub(super) range: Option<Range>,
    /// Each test is its [`Header`] and then its values.
    pub(super) tests: Arc<[i64]>,
}

/// Bounds of one number, both included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) attribute: AttributeId,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// What stands before the values of a test.
pub(super) struct Header {
    pub(super) kind: TestKind,
    pub(super) attribute: AttributeId,
    pub(super) len: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TestKind {
    /// The id is one of the values, which are sorted.
    Id,
    /// An id of the list is one of the values, which are sorted.
    List,
    /// The number lies between the two values, as the bits of f64.
    Range,
}

impl Program {
    /// Compiles `clause`; `None` where nothing can pass it.
    pub(super) fn compile(schema: &Schema, clause: &Clause) -> Option<Self> {
        if clause.conditions.iter().any(|condition| condition.test.is_never()) {
            return None;
        }
        let (mut need, mut forbidden) = (0, 0);
        let mut ranges = Vec::new();
        let mut sets = Vec::new();
        for Condition { attribute, test } in &clause.conditions {
            let id = *attribute;
            need |= bit(id);
            match test {
                Test::Is(value) => {
                    forbidden |= schema.field(id) & !(1 << (schema.shift(id) + u32::from(*value)));
                }
                Test::Choices(names) => {
                    forbidden |= schema.field(id) & !(names << schema.shift(id));
                }
                Test::Range { least, most } => ranges.push(Range {
                    attribute: id,
                    least: least.unwrap_or(f64::NEG_INFINITY),
                    most: most.unwrap_or(f64::INFINITY),
                }),
                Test::Ids(ids) => {
                    let lists = schema.attribute(id).is_some_and(|a| a.kind() == Kind::Ints);
                    sets.push((if lists { TestKind::List } else { TestKind::Id }, id, ids));
                }
            }
        }
        let mut ranges = ranges.into_iter();
        let range = ranges.next();
        Some(Self { need, forbidden, range, tests: lay_out(ranges, sets) })
    }
}

impl Header {
    fn pack(self) -> i64 {
        let packed = (self.len as u64) << 16 | (self.attribute.index() as u64) << 8;
        (packed | self.kind as u64).cast_signed()
    }

    pub(super) fn unpack(packed: i64) -> Self {
        const ID: u8 = TestKind::Id as u8;
        const LIST: u8 = TestKind::List as u8;
        let packed = packed.cast_unsigned();
        let kind = match packed as u8 {
            ID => TestKind::Id,
            LIST => TestKind::List,
            _ => TestKind::Range,
        };
        let attribute = AttributeId::at((packed >> 8) as u8);
        Self { kind, attribute, len: (packed >> 16) as usize }
    }
}

fn lay_out(
    ranges: impl Iterator<Item = Range>,
    mut sets: Vec<(TestKind, AttributeId, &Vec<i64>)>,
) -> Arc<[i64]> {
    // The likeliest to fail and cheapest to find out first: one id against few.
    sets.sort_by_key(|(kind, _, ids)| (*kind, ids.len()));
    let mut tests = Vec::new();
    for Range { attribute, least, most } in ranges {
        tests.push(Header { kind: TestKind::Range, attribute, len: 2 }.pack());
        tests.extend([least, most].map(|bound| bound.to_bits().cast_signed()));
    }
    for (kind, attribute, ids) in sets {
        tests.push(Header { kind, attribute, len: ids.len() }.pack());
        tests.extend(ids);
    }
    tests.into()
}
