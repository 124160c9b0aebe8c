use super::{
    key::Key,
    operator::Operator,
    table::{KeySet, Section, Table},
};
use crate::attribute::AttributeId;

/// A filter in normal form: a syntax tree whose sets are sorted and contain no duplicates.
///
/// Clauses keep the nesting that they have in the original text, and lists of clauses keep their
/// order. Therefore a JSON Pointer refers to the same key in the text and in the normal form.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct NormalForm {
    pub(super) table: &'static Table,
    /// The clause for each section, in the order of the table, or `None` if the section is off.
    // Clauses are boxed, because most sections of a large table are off in most filters.
    pub(super) clauses: Vec<Option<Box<Clause>>>,
}

/// The conditions and combinators of one JSON object. The clause holds if all of them hold.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Clause {
    /// One condition for each key, sorted by attribute and operator.
    pub(super) conditions: Vec<Condition>,
    pub(super) all: Option<Vec<Clause>>,
    pub(super) any: Option<Vec<Clause>>,
    pub(super) not: Option<Box<Clause>>,
}

/// The test that one key applies to one attribute.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Condition {
    pub(super) attribute: AttributeId,
    pub(super) operator: Operator,
    pub(super) operand: Operand,
}

/// The values that an attribute is compared with.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Operand {
    /// One boolean.
    Is(bool),
    /// Names of a choice, as a mask with one bit per name. The bit after the last name is set if
    /// names outside the choice also pass.
    Names(u64),
    /// Sorted integers without duplicates. There is exactly one if the operator compares with a
    /// single value.
    Ints(Vec<i64>),
    /// Sorted numbers without duplicates. There is exactly one if the operator compares with a
    /// single value.
    Numbers(Vec<f64>),
    /// Sorted strings without duplicates. There is exactly one if the operator compares with a
    /// single value.
    Texts(Vec<String>),
}

impl NormalForm {
    /// Returns the form in which all sections are on and have no conditions.
    pub(super) fn everything(table: &'static Table) -> Self {
        Self { table, clauses: vec![Some(Box::default()); table.sections().len()] }
    }

    /// Returns the sections that are on, with their clauses.
    pub(super) fn sections(&self) -> impl Iterator<Item = (&'static Section, &Clause)> {
        let clauses = self.table.sections().iter().zip(&self.clauses);
        clauses.filter_map(|(section, clause)| Some((section, clause.as_deref()?)))
    }

    /// Returns whether all sections are on and have no conditions.
    pub(super) fn is_everything(&self) -> bool {
        self.clauses.iter().all(|clause| clause.as_deref().is_some_and(Clause::is_empty))
    }
}

impl Clause {
    /// Returns whether the clause has no conditions and no combinators.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds the condition for a key that is not yet in the clause.
    pub(super) fn add(&mut self, key: &Key, operand: Operand) {
        let (attribute, operator) = (key.attribute(), key.operator());
        // Inserting in order takes linear time. That is cheap, because a clause has few keys: at
        // most 9 operators for each of 64 attributes.
        let at = self.conditions.partition_point(|one| one.sort_key() < (attribute, operator));
        self.conditions.insert(at, Condition { attribute, operator, operand });
    }

    /// Returns the keys of `section` that the clause contains, in the order in which they are
    /// written. A group is returned without its members.
    pub(super) fn keys(&self, section: &Section) -> Vec<Key> {
        match section.key_set() {
            // No two keys share both an attribute and an operator, so a condition identifies its
            // key.
            KeySet::Listed(keys) => {
                keys.iter().filter(|key| self.operand(key).is_some()).copied().collect()
            }
            KeySet::Native => {
                // Native keys are not stored anywhere: there can be hundreds for one schema.
                let conditions = self.conditions.iter();
                conditions.map(|one| Key::native(one.attribute, one.operator)).collect()
            }
        }
    }

    /// Returns the condition for `key`, if the clause contains the key.
    pub(super) fn condition(&self, key: &Key) -> Option<&Condition> {
        let sort_key = (key.attribute(), key.operator());
        let at = self.conditions.binary_search_by_key(&sort_key, Condition::sort_key).ok()?;
        Some(&self.conditions[at])
    }

    /// Returns the operand of `key`, if the clause contains the key.
    pub(super) fn operand(&self, key: &Key) -> Option<&Operand> {
        Some(&self.condition(key)?.operand)
    }

    /// Returns a clause with only the condition for `key`, or an empty clause if the key is not in
    /// `self`.
    pub(super) fn only(&self, key: &Key) -> Self {
        let conditions = self.condition(key).cloned().into_iter().collect();
        Self { conditions, ..Self::default() }
    }
}

impl Condition {
    /// Returns whether the condition is a lower or upper bound.
    pub(super) fn is_bound(&self) -> bool {
        use Operator::{Above, AtLeast, AtMost, Below};
        matches!(self.operator, Above | AtLeast | Below | AtMost)
    }

    fn sort_key(&self) -> (AttributeId, Operator) {
        (self.attribute, self.operator)
    }
}

impl Operand {
    // These three functions establish invariant 3 of `compile`. They also free spare capacity,
    // because most of the values may have been duplicates.

    /// Creates a sorted set of integers.
    pub(super) fn ints(mut ints: Vec<i64>) -> Self {
        ints.sort_unstable();
        ints.dedup();
        ints.shrink_to_fit();
        Self::Ints(ints)
    }

    /// Creates a sorted set of numbers, none of which may be NaN or negative zero.
    pub(super) fn numbers(mut numbers: Vec<f64>) -> Self {
        numbers.sort_unstable_by(f64::total_cmp);
        numbers.dedup();
        numbers.shrink_to_fit();
        Self::Numbers(numbers)
    }

    /// Creates a sorted set of strings.
    pub(super) fn texts(mut texts: Vec<String>) -> Self {
        texts.sort_unstable();
        texts.dedup();
        texts.shrink_to_fit();
        Self::Texts(texts)
    }

    /// Returns whether the operand is an empty set.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Is(_) => false,
            Self::Names(names) => *names == 0,
            Self::Ints(ints) => ints.is_empty(),
            Self::Numbers(numbers) => numbers.is_empty(),
            Self::Texts(texts) => texts.is_empty(),
        }
    }
}
