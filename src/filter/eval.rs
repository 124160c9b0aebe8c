use super::compile::{Header, Program, Range, Rest, TestKind, TextTest};
use crate::attribute::{AttributeId, Record};

impl Program {
    /// Whether a record of the program's schema passes. Allocates nothing.
    #[inline]
    pub(crate) fn matches(&self, record: &Record) -> bool {
        record.present() & self.looked_at == self.need
            && record.bits() & self.forbidden == 0
            && self.range.is_none_or(|range| range.holds(record))
            && tests_hold(&self.tests, record, &[])
            && self.rest.as_ref().is_none_or(|rest| rest.holds(record))
    }
}

/// Whether all tests hold. Their attributes are present. `earlier` are the members of a list before
/// the one in hand, where an index has found the tests by it.
#[inline]
pub(crate) fn tests_hold(tests: &[i64], record: &Record, earlier: &[i64]) -> bool {
    let mut rest = tests;
    while let Some((header, behind)) = rest.split_first() {
        let Header { kind, attribute, len } = Header::unpack(*header);
        let Some((values, next)) = behind.split_at_checked(len) else {
            return false;
        };
        let holds = match kind {
            TestKind::Id => contains(values, record.int_at(attribute)),
            TestKind::List => shares(values, record.members_at(attribute)),
            TestKind::First => earlier.is_empty() || !shares(values, earlier),
            _ => rarer_holds(kind, attribute, values, record),
        };
        if !holds {
            return false;
        }
        rest = next;
    }
    true
}

impl Range {
    #[inline]
    fn holds(self, record: &Record) -> bool {
        self.has(record.number_at(self.attribute))
    }

    #[inline]
    fn has(self, number: f64) -> bool {
        self.least <= number && number <= self.most
    }
}

impl Rest {
    pub(crate) fn holds(&self, record: &Record) -> bool {
        self.texts.iter().all(|test| test.holds(record))
            && self.any.iter().all(|some| some.iter().any(|program| program.matches(record)))
            && !self.not.iter().any(|program| program.matches(record))
    }
}

impl TextTest {
    fn holds(&self, record: &Record) -> bool {
        let found = if self.is_list {
            record.texts_at(self.attribute).any(|text| self.has(text))
        } else {
            self.has(record.text_at(self.attribute))
        };
        found != self.negate
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        if self.prefix {
            // What sorts between a prefix and the text begins with the prefix, too: there is none.
            let behind = self.values.partition_point(|prefix| prefix.as_str() <= text);
            self.values[..behind].last().is_some_and(|prefix| text.starts_with(prefix.as_str()))
        } else {
            self.values.binary_search_by(|value| value.as_str().cmp(text)).is_ok()
        }
    }
}

/// Kept apart, so that the loop over the usual tests stays small.
#[inline(never)]
fn rarer_holds(kind: TestKind, attribute: AttributeId, values: &[i64], record: &Record) -> bool {
    let number = |bits: i64| f64::from_bits(bits.cast_unsigned());
    let (value, members) = (record.int_at(attribute), record.members_at(attribute));
    let [first, second] = match (kind, values) {
        (TestKind::Id, _) => return contains(values, value),
        (TestKind::List, _) => return shares(values, members),
        (TestKind::NotId, _) => return !contains(values, value),
        (TestKind::NotList, _) => return !shares(values, members),
        (TestKind::Presence, [need, absent]) => {
            return record.present() & (need | absent).cast_unsigned() == need.cast_unsigned();
        }
        (_, [first, second]) => [*first, *second],
        _ => return false,
    };
    let range = Range { attribute, least: number(first), most: number(second) };
    match kind {
        TestKind::Range => range.holds(record),
        TestKind::ListRange => members.iter().any(|bits| range.has(number(*bits))),
        TestKind::IntRange => (first..=second).contains(&value),
        _ => members.iter().any(|member| (first..=second).contains(member)),
    }
}

fn shares(set: &[i64], members: &[i64]) -> bool {
    members.iter().any(|id| contains(set, *id))
}

/// Whether a sorted set has `id`. The search takes no branch on what it finds, so that it beats
/// reading through even a set of few, where most branches would be guessed wrong.
#[inline]
pub(crate) fn contains(set: &[i64], id: i64) -> bool {
    set.binary_search(&id).is_ok()
}
