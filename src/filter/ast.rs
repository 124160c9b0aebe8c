use super::{
    key::Key,
    operator::Operator,
    table::{KeySet, Section, Table},
};
use crate::attribute::AttributeId;

/// A filter in normal form: a syntax tree in which sets are sorted and have each value once.
///
/// The clauses have the structure and the order of the text, so a JSON Pointer to a key means the
/// same key in both.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct NormalForm {
    pub(super) table: &'static Table,
    /// The clause of each section of the table, in its order; `None` if the section is off.
    // Clauses are boxed, because most sections of a large table are off in most filters.
    pub(super) clauses: Vec<Option<Box<Clause>>>,
}

/// The conditions of one JSON object. The clause holds if all of them hold.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Clause {
    /// One condition for each key, sorted by attribute and operator.
    pub(super) conditions: Vec<Condition>,
    pub(super) all: Option<Vec<Clause>>,
    pub(super) any: Option<Vec<Clause>>,
    pub(super) not: Option<Box<Clause>>,
}

/// A test of one attribute, as one key requires it.
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
    /// Names of a choice, with a bit for each. The bit after the last name is set if any other name
    /// passes, too.
    Names(u64),
    /// Integers, sorted, each once. There is exactly one if the operator compares with one value.
    Ints(Vec<i64>),
    /// Numbers, sorted, each once. There is exactly one if the operator compares with one value.
    Numbers(Vec<f64>),
    /// Texts, sorted, each once. There is exactly one if the operator compares with one value.
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

    /// Adds the condition of a key that the clause does not have yet.
    pub(super) fn add(&mut self, key: &Key, operand: Operand) {
        let (attribute, operator) = (key.attribute(), key.operator());
        // Inserting in order is linear. That is cheap, because a clause has few keys: 64 attributes
        // with 9 operators are the most.
        let at = self.conditions.partition_point(|one| one.sort_key() < (attribute, operator));
        self.conditions.insert(at, Condition { attribute, operator, operand });
    }

    /// Returns the keys of `section` that the clause has, in the order in which they are written.
    /// Does not return the members of a group, only the group.
    pub(super) fn keys(&self, section: &Section) -> Vec<Key> {
        match section.key_set() {
            // No key shares its attribute and operator with another, so conditions identify keys.
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

    /// Returns the condition of `key`, if the clause has the key.
    pub(super) fn condition(&self, key: &Key) -> Option<&Condition> {
        let sort_key = (key.attribute(), key.operator());
        let at = self.conditions.binary_search_by_key(&sort_key, Condition::sort_key).ok()?;
        Some(&self.conditions[at])
    }

    /// Returns the operand of `key`, if the clause has the key.
    pub(super) fn operand(&self, key: &Key) -> Option<&Operand> {
        Some(&self.condition(key)?.operand)
    }

    /// Returns a clause that has only the condition of `key`, or an empty clause if `self` does not
    /// have the key.
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
    // These three establish invariant 3 of `compile`. Duplicates may have been most of the list.

    /// Makes a sorted set of integers.
    pub(super) fn ints(mut ints: Vec<i64>) -> Self {
        ints.sort_unstable();
        ints.dedup();
        ints.shrink_to_fit();
        Self::Ints(ints)
    }

    /// Makes a sorted set of numbers. None of them is NaN or a negative zero.
    pub(super) fn numbers(mut numbers: Vec<f64>) -> Self {
        numbers.sort_unstable_by(f64::total_cmp);
        numbers.dedup();
        numbers.shrink_to_fit();
        Self::Numbers(numbers)
    }

    /// Makes a sorted set of texts.
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
