use super::{
    program::{Program, Rest, TextTest},
    range::Range,
    test::{Test, TestKind},
};
use crate::attribute::{AttributeId, Record};

impl Program {
    /// Whether a record of the program's schema passes. Allocates nothing.
    #[inline]
    pub(crate) fn matches(&self, record: &Record) -> bool {
        record.present() & self.looked_at == self.need
            && record.bits() & self.forbidden == 0
            && self.range.is_none_or(|range| range.holds(record))
            && tests_hold(&self.tests, record)
            && self.rest.as_ref().is_none_or(|rest| rest.holds(record))
    }
}

/// Whether all packed tests hold. Their attributes are present.
#[inline]
pub(crate) fn tests_hold(words: &[i64], record: &Record) -> bool {
    let mut rest = words;
    while let Some((test, next)) = Test::split_first(rest) {
        let holds = match test.kind {
            TestKind::Id => contains(test.values, record.int_at(test.attribute)),
            TestKind::List => shares(test.values, record.members_at(test.attribute)),
            _ => rarer_holds(test.kind, test.attribute, test.values, record),
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
    let (value, members) = (record.int_at(attribute), record.members_at(attribute));
    let number = |bits: i64| f64::from_bits(bits.cast_unsigned());
    let range = || Range { attribute, least: number(values[0]), most: number(values[1]) };
    let ints = || values[0]..=values[1];
    match kind {
        TestKind::Id => contains(values, value),
        TestKind::List => shares(values, members),
        TestKind::NotId => !contains(values, value),
        TestKind::NotList => !shares(values, members),
        TestKind::Range => range().holds(record),
        TestKind::ListRange => members.iter().any(|bits| range().has(number(*bits))),
        TestKind::IntRange => ints().contains(&value),
        TestKind::ListIntRange => members.iter().any(|member| ints().contains(member)),
    }
}

/// Whether a member is in a sorted set.
pub(crate) fn shares(set: &[i64], members: &[i64]) -> bool {
    members.iter().any(|id| contains(set, *id))
}

/// Whether a sorted set has `id`. The search takes no branch on what it finds, so that it beats
/// reading through even a set of few, where most branches would be guessed wrong.
#[inline]
fn contains(set: &[i64], id: i64) -> bool {
    set.binary_search(&id).is_ok()
}
