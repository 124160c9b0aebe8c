use super::{
    ast::{Condition, Operand},
    key::Operator,
};
use crate::attribute::{Kind, Schema};

/// Some of `conditions` that no value passes together, if there are such. They are sorted by their
/// attributes, of `schema`.
///
/// What passes can still match nothing: two prefixes of which neither begins with the other, say.
pub(super) fn conflict<'a>(
    schema: &Schema,
    conditions: &[&'a Condition],
) -> Option<Vec<&'a Condition>> {
    let mut groups = conditions.chunk_by(|a, b| a.attribute == b.attribute);
    groups.find_map(|group| among(schema.attribute(group[0].attribute)?.kind(), group))
}

/// The numbers that pass all of `conditions`: from the first to the second, both included. Not so
/// where there are none.
pub(super) fn number_range(conditions: &[&Condition]) -> (f64, f64) {
    conditions.iter().fold((f64::NEG_INFINITY, f64::INFINITY), |(least, most), condition| {
        match (condition.operator, &condition.operand) {
            (Operator::AtLeast, Operand::Numbers(bound)) => (least.max(bound[0]), most),
            (Operator::Above, Operand::Numbers(bound)) => (least.max(bound[0].next_up()), most),
            (Operator::AtMost, Operand::Numbers(bound)) => (least, most.min(bound[0])),
            (Operator::Below, Operand::Numbers(bound)) => (least, most.min(bound[0].next_down())),
            _ => (least, most),
        }
    })
}

/// The integers that pass all of `conditions`, as [`number_range`].
pub(super) fn int_range(conditions: &[&Condition]) -> (i64, i64) {
    /// No integer: what lies beyond the last.
    const NONE: (i64, i64) = (i64::MAX, i64::MIN);
    conditions.iter().fold((i64::MIN, i64::MAX), |(least, most), condition| {
        match (condition.operator, &condition.operand) {
            (Operator::AtLeast, Operand::Ints(bound)) => (least.max(bound[0]), most),
            (Operator::Above, Operand::Ints(bound)) => {
                bound[0].checked_add(1).map_or(NONE, |bound| (least.max(bound), most))
            }
            (Operator::AtMost, Operand::Ints(bound)) => (least, most.min(bound[0])),
            (Operator::Below, Operand::Ints(bound)) => {
                bound[0].checked_sub(1).map_or(NONE, |bound| (least, most.min(bound)))
            }
            _ => (least, most),
        }
    })
}

/// As [`conflict`], of conditions on one attribute.
fn among<'a>(kind: Kind, group: &[&'a Condition]) -> Option<Vec<&'a Condition>> {
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
        Kind::Bools | Kind::Numbers | Kind::Ints | Kind::Texts => true,
        Kind::Bool => values.windows(2).all(|two| two[0].operand == two[1].operand),
        Kind::Choice(names) => {
            let all = u64::MAX >> (63 - names.len());
            values.iter().fold(all, |left, one| left & one.names(all)) != 0
        }
        Kind::Number | Kind::Int | Kind::Text => some_passes(&values),
    };
    (!passes).then_some(values)
}

/// Whether some one value passes, as far as can be told.
fn some_passes(conditions: &[&Condition]) -> bool {
    let all = |passes: &dyn Fn(&Condition) -> bool| conditions.iter().all(|one| passes(one));
    let listed = |one: &&&Condition| matches!(one.operator, Operator::Equal | Operator::In);
    match conditions.iter().find(listed).map(|one| &one.operand) {
        Some(Operand::Ints(ints)) => ints.iter().any(|int| all(&|one| one.admits_int(*int))),
        Some(Operand::Numbers(numbers)) => {
            numbers.iter().any(|number| all(&|one| one.admits_number(*number)))
        }
        Some(Operand::Texts(texts)) => texts.iter().any(|text| all(&|one| one.admits_text(text))),
        _ => {
            let ((low, high), (least, most)) = (int_range(conditions), number_range(conditions));
            low <= high && least <= most
        }
    }
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

    fn admits_int(&self, int: i64) -> bool {
        let (least, most) = int_range(&[self]);
        (least..=most).contains(&int)
            && match (self.operator, &self.operand) {
                (Operator::Equal | Operator::In, Operand::Ints(ints)) => ints.contains(&int),
                (Operator::NotIn, Operand::Ints(ints)) => !ints.contains(&int),
                _ => true,
            }
    }

    fn admits_number(&self, number: f64) -> bool {
        let (least, most) = number_range(&[self]);
        (least..=most).contains(&number)
            && match (self.operator, &self.operand) {
                (Operator::Equal | Operator::In, Operand::Numbers(some)) => some.contains(&number),
                (Operator::NotIn, Operand::Numbers(some)) => !some.contains(&number),
                _ => true,
            }
    }

    fn admits_text(&self, text: &str) -> bool {
        let Operand::Texts(texts) = &self.operand else {
            return true;
        };
        let stands = || texts.iter().any(|one| one == text);
        match self.operator {
            Operator::NotIn => !stands(),
            Operator::Prefix => texts.iter().any(|prefix| text.starts_with(prefix.as_str())),
            _ => stands(),
        }
    }
}
