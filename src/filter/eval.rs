use super::compile::{Header, Program, Range, TestKind};
use crate::attribute::{AttributeId, Record};

impl Program {
    /// Whether a record of the program's schema passes. Allocates nothing.
    #[inline]
    pub(crate) fn matches(&self, record: &Record) -> bool {
        record.present() & self.need == self.need
            && record.bits() & self.forbidden == 0
            && self.range.is_none_or(|range| range.holds(record))
            && self.tests_hold(record)
    }

    #[inline]
    fn tests_hold(&self, record: &Record) -> bool {
        let mut rest = &self.tests[..];
        while let Some((header, behind)) = rest.split_first() {
            let Header { kind, attribute, len } = Header::unpack(*header);
            let Some((values, next)) = behind.split_at_checked(len) else {
                return false;
            };
            let holds = match kind {
                TestKind::Id => contains(values, record.int_at(attribute)),
                TestKind::List => record.ints_at(attribute).iter().any(|id| contains(values, *id)),
                TestKind::Range => bounds(attribute, values).is_some_and(|r| r.holds(record)),
            };
            if !holds {
                return false;
            }
            rest = next;
        }
        true
    }
}

impl Range {
    #[inline]
    fn holds(self, record: &Record) -> bool {
        let number = record.number_at(self.attribute);
        self.least <= number && number <= self.most
    }
}

fn bounds(attribute: AttributeId, values: &[i64]) -> Option<Range> {
    let [least, most] = values else { return None };
    let [least, most] = [least, most].map(|bits| f64::from_bits(bits.cast_unsigned()));
    Some(Range { attribute, least, most })
}

/// Whether a sorted set has `id`. The search takes no branch on what it finds, so that it beats
/// reading through even a set of few, where most branches would be guessed wrong.
#[inline]
fn contains(set: &[i64], id: i64) -> bool {
    set.binary_search(&id).is_ok()
}
