use super::{
    program::{Program, RareTests, TextTest},
    range::NumberRange,
    test::{Test, TestKind},
};
use crate::attribute::{AttributeId, Values};

impl Program {
    /// Returns whether the program matches a notification of its schema. Does not allocate.
    #[inline]
    pub(crate) fn matches(&self, values: &Values) -> bool {
        // The masks come first, because they are the cheapest tests and because the other tests
        // read attributes without checking whether they are present. A single comparison checks
        // that the required attributes are present and that the other attributes in `constrained`
        // are absent.
        values.present() & self.constrained == self.required
            && values.bits() & self.forbidden == 0
            && self.range.is_none_or(|range| range.holds(values))
            && tests_hold(&self.tests, values)
            && self.rare.as_ref().is_none_or(|rare| rare.holds(values))
    }
}

/// Returns whether all packed tests hold. Their attributes must be present.
#[inline]
pub(crate) fn tests_hold(words: &[i64], values: &Values) -> bool {
    let mut rest = words;
    while let Some((test, next)) = Test::split_first(rest) {
        // The two most common kinds are inlined here. The others need a function call.
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
    /// Returns whether the attribute is in the range. The attribute must be present.
    #[inline]
    fn holds(self, values: &Values) -> bool {
        self.has(values.number_at(self.attribute))
    }

    /// Returns whether a number is in the range.
    #[inline]
    fn has(self, number: f64) -> bool {
        // A number that is present is never NaN, so both comparisons are meaningful.
        self.min <= number && number <= self.max
    }
}

impl RareTests {
    /// Returns whether all tests hold. The attributes of the text tests must be present.
    pub(crate) fn holds(&self, values: &Values) -> bool {
        // The text tests come before the nested programs, because each text test only searches a
        // sorted list.
        self.texts.iter().all(|test| test.holds(values))
            && self.any.iter().all(|some| some.iter().any(|program| program.matches(values)))
            && !self.not.iter().any(|program| program.matches(values))
    }
}

impl TextTest {
    /// Returns whether the attribute passes the test. The attribute must be present.
    fn holds(&self, values: &Values) -> bool {
        let found = if self.is_list {
            values.texts_at(self.attribute).any(|text| self.has(text))
        } else {
            self.has(values.text_at(self.attribute))
        };
        found != self.negate
    }

    /// Returns whether a string equals one of the operands or, in a prefix test, begins with one.
    /// Ignores `negate`.
    pub(crate) fn has(&self, text: &str) -> bool {
        if self.prefix {
            // If an operand is a prefix of `text`, every string that sorts between the two also
            // begins with that operand. By invariant 8 of `compile`, no other operand begins with
            // it. Therefore only one operand has to be checked: the last one that sorts before
            // `text` or equals it.
            let behind = self.operands.partition_point(|prefix| prefix.as_str() <= text);
            self.operands[..behind].last().is_some_and(|prefix| text.starts_with(prefix.as_str()))
        } else {
            self.operands.binary_search_by(|value| value.as_str().cmp(text)).is_ok()
        }
    }
}

/// Returns whether a test of any kind holds. This function is not inlined, so that the loop over
/// the common tests stays small.
#[inline(never)]
fn other_kind_holds(
    kind: TestKind,
    attribute: AttributeId,
    operands: &[i64],
    values: &Values,
) -> bool {
    // Each kind uses either the value or the members. The other is meaningless, but reading it is
    // cheap and cannot fail.
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

/// Returns whether one of `members` is in a sorted set.
pub(crate) fn intersects(set: &[i64], members: &[i64]) -> bool {
    members.iter().any(|id| contains(set, *id))
}

/// Returns whether a sorted set contains `id`.
#[inline]
fn contains(set: &[i64], id: i64) -> bool {
    // The binary search compiles to code that does not branch on the values. Therefore it is faster
    // than a linear search even for small sets, for which the processor would mispredict most
    // branches.
    set.binary_search(&id).is_ok()
}
