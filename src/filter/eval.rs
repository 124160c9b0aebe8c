use super::{
    program::{Program, RareTests, TextTest},
    range::NumberRange,
    test::{Test, TestKind},
};
use crate::attribute::{AttributeId, Values};

impl Program {
    /// Whether a notification of the program's schema passes. Allocates nothing.
    #[inline]
    pub(crate) fn matches(&self, values: &Values) -> bool {
        values.present() & self.constrained == self.required
            && values.bits() & self.forbidden == 0
            && self.range.is_none_or(|range| range.holds(values))
            && tests_hold(&self.tests, values)
            && self.rare.as_ref().is_none_or(|rare| rare.holds(values))
    }
}

/// Whether all packed tests hold. Their attributes are present.
#[inline]
pub(crate) fn tests_hold(words: &[i64], values: &Values) -> bool {
    let mut rest = words;
    while let Some((test, next)) = Test::split_first(rest) {
        let holds = match test.kind {
            TestKind::Id => contains(test.operands, values.int_at(test.attribute)),
            TestKind::List => intersects(test.operands, values.members_at(test.attribute)),
            _ => other_kind_holds(test.kind, test.attribute, test.operands, values),
        };
        if !holds {
            return false;
        }
        rest = next;
    }
    true
}

impl NumberRange {
    #[inline]
    fn holds(self, values: &Values) -> bool {
        self.has(values.number_at(self.attribute))
    }

    #[inline]
    fn has(self, number: f64) -> bool {
        self.min <= number && number <= self.max
    }
}

impl RareTests {
    pub(crate) fn holds(&self, values: &Values) -> bool {
        self.texts.iter().all(|test| test.holds(values))
            && self.any.iter().all(|some| some.iter().any(|program| program.matches(values)))
            && !self.not.iter().any(|program| program.matches(values))
    }
}

impl TextTest {
    fn holds(&self, values: &Values) -> bool {
        let found = if self.is_list {
            values.texts_at(self.attribute).any(|text| self.has(text))
        } else {
            self.has(values.text_at(self.attribute))
        };
        found != self.negate
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        if self.prefix {
            // What sorts between a prefix and the text begins with the prefix, too: there is none.
            let behind = self.operands.partition_point(|prefix| prefix.as_str() <= text);
            self.operands[..behind].last().is_some_and(|prefix| text.starts_with(prefix.as_str()))
        } else {
            self.operands.binary_search_by(|value| value.as_str().cmp(text)).is_ok()
        }
    }
}

/// Kept apart, so that the loop over the usual tests stays small.
#[inline(never)]
fn other_kind_holds(
    kind: TestKind,
    attribute: AttributeId,
    operands: &[i64],
    values: &Values,
) -> bool {
    let (value, members) = (values.int_at(attribute), values.members_at(attribute));
    let number = |bits: i64| f64::from_bits(bits.cast_unsigned());
    let range = || NumberRange { attribute, min: number(operands[0]), max: number(operands[1]) };
    let ints = || operands[0]..=operands[1];
    match kind {
        TestKind::Id => contains(operands, value),
        TestKind::List => intersects(operands, members),
        TestKind::NotId => !contains(operands, value),
        TestKind::NotList => !intersects(operands, members),
        TestKind::Range => range().holds(values),
        TestKind::ListRange => members.iter().any(|bits| range().has(number(*bits))),
        TestKind::IntRange => ints().contains(&value),
        TestKind::ListIntRange => members.iter().any(|member| ints().contains(member)),
    }
}

/// Whether a member is in a sorted set.
pub(crate) fn intersects(set: &[i64], members: &[i64]) -> bool {
    members.iter().any(|id| contains(set, *id))
}

/// Whether a sorted set has `id`. The search takes no branch on what it finds, so that it beats
/// reading through even a set of few, where most branches would be guessed wrong.
#[inline]
fn contains(set: &[i64], id: i64) -> bool {
    set.binary_search(&id).is_ok()
}
