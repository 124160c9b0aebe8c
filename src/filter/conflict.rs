use std::cmp::Ordering;

use super::{
    ast::{Condition, Operand},
    operator::Operator,
};
use crate::attribute::{AttributeKind, Schema};

/// Returns conditions on one attribute that cannot be satisfied together, or `None` if no such
/// conditions are found. `conditions` must be sorted by attribute, and all their attributes must
/// belong to `schema`.
///
/// Not every conflict is found. For example, no string begins with both `a` and `b`, but this
/// conflict is not recognised.
pub(super) fn conflict<'a>(
    schema: &Schema,
    conditions: &[&'a Condition],
) -> Option<Vec<&'a Condition>> {
    // The clauses of an `all` can repeat a key, so there can be many conditions on one attribute.
    let mut groups = conditions.chunk_by(|a, b| a.attribute == b.attribute);
    groups.find_map(|group| conflict_in_group(schema.kind(group[0].attribute), group))
}

/// Returns the smallest and the largest number that satisfy all bounds in `conditions`. If no
/// number satisfies them, the first result is greater than the second.
pub(super) fn number_range(conditions: &[&Condition]) -> (f64, f64) {
    // A strict bound is moved to the adjacent `f64` and becomes inclusive, so all ranges have the
    // same form.
    conditions.iter().fold((f64::NEG_INFINITY, f64::INFINITY), |(low, high), condition| {
        match (condition.operator, &condition.operand) {
            (Operator::AtLeast, Operand::Numbers(bound)) => (low.max(bound[0]), high),
            (Operator::Above, Operand::Numbers(bound)) => (low.max(bound[0].next_up()), high),
            (Operator::AtMost, Operand::Numbers(bound)) => (low, high.min(bound[0])),
            (Operator::Below, Operand::Numbers(bound)) => (low, high.min(bound[0].next_down())),
            _ => (low, high),
        }
    })
}

/// Returns the smallest and the largest integer that satisfy all bounds in `conditions`. If no
/// integer satisfies them, the first result is greater than the second.
pub(super) fn int_range(conditions: &[&Condition]) -> (i64, i64) {
    /// An empty range, for a bound above `i64::MAX` or below `i64::MIN`. Further bounds leave the
    /// range empty.
    const NONE: (i64, i64) = (i64::MAX, i64::MIN);
    conditions.iter().fold((i64::MIN, i64::MAX), |(low, high), condition| {
        match (condition.operator, &condition.operand) {
            (Operator::AtLeast, Operand::Ints(bound)) => (low.max(bound[0]), high),
            (Operator::Above, Operand::Ints(bound)) => {
                bound[0].checked_add(1).map_or(NONE, |bound| (low.max(bound), high))
            }
            (Operator::AtMost, Operand::Ints(bound)) => (low, high.min(bound[0])),
            (Operator::Below, Operand::Ints(bound)) => {
                bound[0].checked_sub(1).map_or(NONE, |bound| (low, high.min(bound)))
            }
            _ => (low, high),
        }
    })
}

/// Returns a conflict among conditions on one attribute of the given kind.
fn conflict_in_group<'a>(
    kind: AttributeKind,
    group: &[&'a Condition],
) -> Option<Vec<&'a Condition>> {
    // A single condition can be a conflict by itself. Then only this condition is reported, because
    // it is the simplest reason.
    let empty = group.iter().find(|one| {
        matches!(one.operator, Operator::In | Operator::Prefix) && one.operand.is_empty()
    });
    if let Some(empty) = empty {
        return Some(vec![empty]);
    }
    // Every condition except `"x_exists": false` requires a value, so `"x_exists": false` conflicts
    // with every other condition.
    let (absent, present): (Vec<_>, Vec<_>) =
        group.iter().copied().partition(|one| one.is_absent());
    if let (Some(absent), Some(present)) = (absent.first(), present.first()) {
        return Some(vec![absent, present]);
    }
    // Apart from `"x_exists": true`, all remaining conditions compare values.
    let values: Vec<_> =
        present.into_iter().filter(|one| one.operator != Operator::Exists).collect();
    let passes = match kind {
        // Different members of a list may satisfy different keys, so these keys do not conflict.
        AttributeKind::Bools
        | AttributeKind::Numbers
        | AttributeKind::Ints
        | AttributeKind::Texts => true,
        AttributeKind::Bool => values.windows(2).all(|two| two[0].operand == two[1].operand),
        AttributeKind::Choice(names) => {
            // These are the bits of all names and the bit for names outside the choice. There are
            // at most 63 names.
            let all = u64::MAX >> (63 - names.len());
            values.iter().fold(all, |remaining, one| remaining & one.names(all)) != 0
        }
        AttributeKind::Number => some_number_passes(&values),
        AttributeKind::Int => some_int_passes(&values),
        AttributeKind::Text => some_text_passes(&values),
    };
    (!passes).then_some(values)
}

/// Returns whether some number satisfies all conditions.
fn some_number_passes(conditions: &[&Condition]) -> bool {
    let (low, high) = number_range(conditions);
    // If no condition lists the allowed values, exclusions are ignored, because they rarely exhaust
    // a range.
    remaining(conditions, numbers, f64::total_cmp).map_or(low <= high, |remaining| {
        remaining.into_iter().any(|number| (low..=high).contains(number))
    })
}

/// Returns whether some integer satisfies all conditions. Treats exclusions in the same way as
/// [`some_number_passes`].
fn some_int_passes(conditions: &[&Condition]) -> bool {
    let (low, high) = int_range(conditions);
    remaining(conditions, ints, i64::cmp).map_or(low <= high, |remaining| {
        remaining.into_iter().any(|int| (low..=high).contains(int))
    })
}

/// Returns whether some string satisfies all conditions. Also returns `true` if no condition lists
/// the allowed strings, or if there are too many prefixes to compare.
fn some_text_passes(conditions: &[&Condition]) -> bool {
    /// The maximum number of prefixes that are compared with each string. Nobody writes more by
    /// hand, and a generated filter must not make the work quadratic.
    const PREFIXES: usize = 100;
    let prefixes = conditions.iter().filter(|one| one.operator == Operator::Prefix);
    let prefixes: Vec<_> = prefixes.filter_map(|one| texts(&one.operand)).collect();
    if prefixes.iter().map(|some| some.len()).sum::<usize>() > PREFIXES {
        return true;
    }
    let begins = |text: &str| {
        prefixes.iter().all(|some| some.iter().any(|prefix| text.starts_with(prefix.as_str())))
    };
    remaining(conditions, texts, String::cmp)
        .is_none_or(|remaining| remaining.into_iter().any(|text| begins(text)))
}

/// Returns the values that all `Equal` and `In` conditions include and no `NotIn` condition
/// excludes. Returns `None` if there is no `Equal` or `In` condition.
///
/// `order` must be the order in which the operands are sorted. A filter can come from an untrusted
/// source, so the work must be roughly linear in the total length of the operands.
fn remaining<'a, T>(
    conditions: &[&'a Condition],
    values: impl Fn(&'a Operand) -> Option<&'a [T]>,
    order: impl Fn(&T, &T) -> Ordering,
) -> Option<Vec<&'a T>> {
    let (mut remaining, mut excluded) = (None::<Vec<_>>, Vec::new());
    for condition in conditions {
        let Some(values) = values(&condition.operand) else {
            debug_assert!(false, "3: an operand suits its attribute, and `Exists` is filtered out");
            continue;
        };
        match (condition.operator, &mut remaining) {
            (Operator::Equal | Operator::In, None) => remaining = Some(values.iter().collect()),
            // Each remaining value is searched for in this list. The number of remaining values
            // never grows, so the total work is roughly linear.
            (Operator::Equal | Operator::In, Some(remaining)) => {
                remaining.retain(|one| values.binary_search_by(|other| order(other, one)).is_ok());
            }
            (Operator::NotIn, _) => excluded.extend(values),
            _ => {}
        }
    }
    // All exclusions are sorted into one list, which is searched once for each value. There can be
    // as many exclusions as values, so comparing each pair would take quadratic time.
    excluded.sort_unstable_by(|a, b| order(a, b));
    let mut remaining = remaining?;
    remaining.retain(|one| excluded.binary_search_by(|other| order(other, one)).is_err());
    Some(remaining)
}

fn numbers(operand: &Operand) -> Option<&[f64]> {
    if let Operand::Numbers(numbers) = operand { Some(numbers) } else { None }
}

fn ints(operand: &Operand) -> Option<&[i64]> {
    if let Operand::Ints(ints) = operand { Some(ints) } else { None }
}

fn texts(operand: &Operand) -> Option<&[String]> {
    if let Operand::Texts(texts) = operand { Some(texts) } else { None }
}

impl Condition {
    /// Returns whether the attribute must have no value.
    fn is_absent(&self) -> bool {
        self.operator == Operator::Exists && self.operand == Operand::Is(false)
    }

    /// Returns a mask with the bits of the names that pass. `all` is the mask of all names of the
    /// choice, including the bit for names outside it.
    fn names(&self, all: u64) -> u64 {
        match (self.operator, &self.operand) {
            (Operator::NotIn, Operand::Names(names)) => all & !names,
            (_, Operand::Names(names)) => *names,
            _ => all,
        }
    }
}
