use std::cmp::Ordering;

use super::{
    ast::{Condition, Operand},
    key::Operator,
};
use crate::attribute::{AttributeKind, Schema};

/// Some of `conditions` that no value passes together, if there are such. They are sorted by their
/// attributes, of `schema`.
///
/// What passes can still match nothing: two prefixes of which neither begins with the other, say.
pub(super) fn conflict<'a>(
    schema: &Schema,
    conditions: &[&'a Condition],
) -> Option<Vec<&'a Condition>> {
    let mut groups = conditions.chunk_by(|a, b| a.attribute == b.attribute);
    groups.find_map(|group| conflict_in_group(schema.kind(group[0].attribute), group))
}

/// The numbers that pass all of `conditions`: from the first to the second, both included. Not so
/// where there are none.
pub(super) fn number_range(conditions: &[&Condition]) -> (f64, f64) {
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

/// The integers that pass all of `conditions`, as [`number_range`].
pub(super) fn int_range(conditions: &[&Condition]) -> (i64, i64) {
    /// No integer: what lies beyond the last.
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

/// As [`conflict`], of conditions on one attribute.
fn conflict_in_group<'a>(
    kind: AttributeKind,
    group: &[&'a Condition],
) -> Option<Vec<&'a Condition>> {
    let empty = group.iter().find(|one| {
        matches!(one.operator, Operator::In | Operator::Prefix) && one.operand.is_empty()
    });
    if let Some(empty) = empty {
        return Some(vec![empty]);
    }
    let (absent, present): (Vec<_>, Vec<_>) =
        group.iter().copied().partition(|one| one.is_absent());
    if let (Some(absent), Some(present)) = (absent.first(), present.first()) {
        return Some(vec![absent, present]);
    }
    let values: Vec<_> =
        present.into_iter().filter(|one| one.operator != Operator::Exists).collect();
    let passes = match kind {
        // Each key finds a member of its own in a list.
        AttributeKind::Bools
        | AttributeKind::Numbers
        | AttributeKind::Ints
        | AttributeKind::Texts => true,
        AttributeKind::Bool => values.windows(2).all(|two| two[0].operand == two[1].operand),
        AttributeKind::Choice(names) => {
            let all = u64::MAX >> (63 - names.len());
            values.iter().fold(all, |remaining, one| remaining & one.names(all)) != 0
        }
        AttributeKind::Number => some_number_passes(&values),
        AttributeKind::Int => some_int_passes(&values),
        AttributeKind::Text => some_text_passes(&values),
    };
    (!passes).then_some(values)
}

/// Whether some one number passes, as far as can be told.
fn some_number_passes(conditions: &[&Condition]) -> bool {
    let (low, high) = number_range(conditions);
    remaining(conditions, numbers, f64::total_cmp).map_or(low <= high, |remaining| {
        remaining.into_iter().any(|number| (low..=high).contains(number))
    })
}

fn some_int_passes(conditions: &[&Condition]) -> bool {
    let (low, high) = int_range(conditions);
    remaining(conditions, ints, i64::cmp).map_or(low <= high, |remaining| {
        remaining.into_iter().any(|int| (low..=high).contains(int))
    })
}

fn some_text_passes(conditions: &[&Condition]) -> bool {
    /// How many prefixes are looked at for each text: no person writes more, and a machine must
    /// not make the work quadratic.
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

/// The values that are in every list to be one of and in none to be none of; `None` without a list
/// to be one of. Lists are sorted, and the work is about linear in all of them: a filter is a
/// stranger's text.
fn remaining<'a, T>(
    conditions: &[&'a Condition],
    values: impl Fn(&'a Operand) -> Option<&'a [T]>,
    order: impl Fn(&T, &T) -> Ordering,
) -> Option<Vec<&'a T>> {
    let (mut remaining, mut excluded) = (None::<Vec<_>>, Vec::new());
    for condition in conditions {
        let Some(values) = values(&condition.operand) else {
            debug_assert!(false, "an operand suits its attribute, and none here is of `Exists`");
            continue;
        };
        match (condition.operator, &mut remaining) {
            (Operator::Equal | Operator::In, None) => remaining = Some(values.iter().collect()),
            (Operator::Equal | Operator::In, Some(remaining)) => {
                remaining.retain(|one| values.binary_search_by(|other| order(other, one)).is_ok());
            }
            (Operator::NotIn, _) => excluded.extend(values),
            _ => {}
        }
    }
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
    fn is_absent(&self) -> bool {
        self.operator == Operator::Exists && self.operand == Operand::Is(false)
    }

    /// The names of a choice that pass, of `all` there are.
    fn names(&self, all: u64) -> u64 {
        match (self.operator, &self.operand) {
            (Operator::NotIn, Operand::Names(names)) => all & !names,
            (_, Operand::Names(names)) => *names,
            _ => all,
        }
    }
}
