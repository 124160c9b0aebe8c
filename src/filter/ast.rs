use super::{
    key::{Key, Operator},
    table::{KeySet, Section, Table},
};
use crate::attribute::AttributeId;

/// A filter in normal form: as its text says it, with sets sorted and each value once. What is
/// ANDed and ORed stands as in the text, so that places in it are places in the text.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct NormalForm {
    pub(super) table: &'static Table,
    /// For each section of the table: what it asks for, or `None` where it is off.
    pub(super) clauses: Vec<Option<Box<Clause>>>,
}

/// What one object of the text asks for: all of it.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Clause {
    /// One for each key, sorted.
    pub(super) conditions: Vec<Condition>,
    pub(super) all: Option<Vec<Clause>>,
    pub(super) any: Option<Vec<Clause>>,
    pub(super) not: Option<Box<Clause>>,
}

/// What one key asks of its attribute.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Condition {
    pub(super) attribute: AttributeId,
    pub(super) operator: Operator,
    pub(super) operand: Operand,
}

/// What an attribute is compared with.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Operand {
    /// One boolean.
    Is(bool),
    /// Names of a choice, a bit for each; with the bit after the last, any other value.
    Names(u64),
    /// Sorted, each once. One of them where the operator compares with one.
    Ints(Vec<i64>),
    /// Sorted, each once. One of them where the operator compares with one.
    Numbers(Vec<f64>),
    /// Sorted, each once.
    Texts(Vec<String>),
}

impl NormalForm {
    /// All sections are on and ask for nothing.
    pub(super) fn everything(table: &'static Table) -> Self {
        Self { table, clauses: vec![Some(Box::default()); table.sections().len()] }
    }

    pub(super) fn sections(&self) -> impl Iterator<Item = (&'static Section, &Clause)> {
        let clauses = self.table.sections().iter().zip(&self.clauses);
        clauses.filter_map(|(section, clause)| Some((section, clause.as_deref()?)))
    }

    pub(super) fn is_everything(&self) -> bool {
        self.clauses.iter().all(|clause| clause.as_deref().is_some_and(Clause::is_empty))
    }
}

impl Clause {
    /// Whether it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what one key asks for; a clause has a key once.
    pub(super) fn add(&mut self, key: &Key, operand: Operand) {
        let (attribute, operator) = (key.attribute(), key.operator());
        let at = self.conditions.partition_point(|one| one.sort_key() < (attribute, operator));
        self.conditions.insert(at, Condition { attribute, operator, operand });
    }

    /// The keys of `section` that stand here, in the order in which they are written; a group for
    /// its members.
    pub(super) fn keys(&self, section: &Section) -> Vec<Key> {
        match section.key_set() {
            KeySet::Listed(keys) => {
                keys.iter().filter(|key| self.operand(key).is_some()).copied().collect()
            }
            KeySet::Native => {
                let conditions = self.conditions.iter();
                conditions.map(|one| Key::native(one.attribute, one.operator)).collect()
            }
        }
    }

    /// What `key` asks for, if it stands here.
    pub(super) fn condition(&self, key: &Key) -> Option<&Condition> {
        let sort_key = (key.attribute(), key.operator());
        let at = self.conditions.binary_search_by_key(&sort_key, Condition::sort_key).ok()?;
        Some(&self.conditions[at])
    }

    /// What `key` compares with, if it stands here.
    pub(super) fn operand(&self, key: &Key) -> Option<&Operand> {
        Some(&self.condition(key)?.operand)
    }

    /// A clause that asks only for what `key` does here.
    pub(super) fn only(&self, key: &Key) -> Self {
        let conditions = self.condition(key).cloned().into_iter().collect();
        Self { conditions, ..Self::default() }
    }
}

impl Condition {
    /// Whether it bounds a number.
    pub(super) fn is_bound(&self) -> bool {
        use Operator::{Above, AtLeast, AtMost, Below};
        matches!(self.operator, Above | AtLeast | Below | AtMost)
    }

    fn sort_key(&self) -> (AttributeId, Operator) {
        (self.attribute, self.operator)
    }
}

impl Operand {
    pub(super) fn ints(mut ints: Vec<i64>) -> Self {
        ints.sort_unstable();
        ints.dedup();
        ints.shrink_to_fit();
        Self::Ints(ints)
    }

    pub(super) fn numbers(mut numbers: Vec<f64>) -> Self {
        numbers.sort_unstable_by(f64::total_cmp);
        numbers.dedup();
        numbers.shrink_to_fit();
        Self::Numbers(numbers)
    }

    pub(super) fn texts(mut texts: Vec<String>) -> Self {
        texts.sort_unstable();
        texts.dedup();
        texts.shrink_to_fit();
        Self::Texts(texts)
    }

    /// Whether it is a set of no values.
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
