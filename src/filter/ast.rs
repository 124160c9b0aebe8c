use serde::ser::{Serialize, SerializeMap, Serializer};

use super::table::{Domain, Key, Operator, Section, Table};
use crate::attribute::{AttributeId, Kind};

/// A filter in normal form. Two texts that say the same the same way have one form: sets are
/// sorted, a value stands once, a lower and an upper bound are one range.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Form {
    pub(super) table: &'static Table,
    /// For each section of the table: what it asks for, or `None` where it is off.
    pub(super) clauses: Vec<Option<Clause>>,
}

/// What one section asks for: all of its conditions.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Clause {
    /// At most one for each attribute, in their order.
    pub(super) conditions: Vec<Condition>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Condition {
    pub(super) attribute: AttributeId,
    pub(super) test: Test,
}

/// What a present value must be.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Test {
    Is(bool),
    /// Bit n is set for the n-th name of the choice.
    Choices(u64),
    /// Sorted, each once.
    Ids(Vec<i64>),
    Range {
        least: Option<f64>,
        most: Option<f64>,
    },
}

impl Form {
    /// All sections are on and ask for nothing.
    pub(super) fn everything(table: &'static Table) -> Self {
        Self { table, clauses: vec![Some(Clause::default()); table.sections().len()] }
    }

    pub(super) fn sections(&self) -> impl Iterator<Item = (&'static Section, &Clause)> {
        let clauses = self.table.sections().iter().zip(&self.clauses);
        clauses.filter_map(|(section, clause)| Some((section, clause.as_ref()?)))
    }

    fn is_everything(&self) -> bool {
        self.clauses.iter().flatten().filter(|clause| clause.conditions.is_empty()).count()
            == self.clauses.len()
    }
}

impl Clause {
    /// Adds what one key asks for.
    pub(super) fn add(&mut self, attribute: AttributeId, test: Test) {
        match self.conditions.binary_search_by_key(&attribute, |condition| condition.attribute) {
            Ok(at) => self.conditions[at].test.narrow(test),
            Err(at) => self.conditions.insert(at, Condition { attribute, test }),
        }
    }

    fn test(&self, attribute: AttributeId) -> Option<&Test> {
        let at = self.conditions.binary_search_by_key(&attribute, |c| c.attribute).ok()?;
        Some(&self.conditions[at].test)
    }
}

impl Test {
    pub(super) fn ids(mut ids: Vec<i64>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self::Ids(ids)
    }

    /// Whether no value passes.
    pub(super) fn is_never(&self) -> bool {
        match self {
            Self::Is(_) => false,
            Self::Choices(names) => *names == 0,
            Self::Ids(ids) => ids.is_empty(),
            Self::Range { least, most } => {
                least.zip(*most).is_some_and(|(least, most)| least > most)
            }
        }
    }

    /// Puts a lower and an upper bound together. A table has one key for each operator on an
    /// attribute, so nothing else comes twice.
    fn narrow(&mut self, other: Self) {
        if let (Self::Range { least, most }, Self::Range { least: lower, most: upper }) =
            (self, other)
        {
            *least = lower.or(*least);
            *most = upper.or(*most);
        }
    }
}

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sections = serializer.serialize_map(None)?;
        if !self.is_everything() {
            for (section, clause) in self.sections() {
                sections.serialize_entry(section.name(), &Written { section, clause })?;
            }
        }
        sections.end()
    }
}

/// A clause under the names of its section's keys.
struct Written<'a> {
    section: &'static Section,
    clause: &'a Clause,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut keys = serializer.serialize_map(None)?;
        for key in self.section.keys() {
            match (self.clause.test(key.attribute()), key.operator()) {
                (Some(Test::Is(value)), Operator::Is) => keys.serialize_entry(key.name(), value)?,
                (Some(Test::Ids(ids)), Operator::In) => keys.serialize_entry(key.name(), ids)?,
                (Some(Test::Choices(bits)), Operator::In) => {
                    keys.serialize_entry(key.name(), &names(self.section.kind(key), *bits))?;
                }
                (Some(Test::Range { least: Some(bound), .. }), Operator::AtLeast)
                | (Some(Test::Range { most: Some(bound), .. }), Operator::AtMost) => {
                    write_bound(&mut keys, key, *bound)?;
                }
                _ => {}
            }
        }
        keys.end()
    }
}

fn names(kind: Kind, bits: u64) -> Vec<&'static str> {
    let Kind::Choice(names) = kind else {
        return Vec::new();
    };
    names.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, name)| *name).collect()
}

fn write_bound<M: SerializeMap>(keys: &mut M, key: &Key, bound: f64) -> Result<(), M::Error> {
    match key.domain() {
        // Exact: such a bound was read as an integer that an f64 holds.
        Domain::Integers { .. } => keys.serialize_entry(key.name(), &(bound as i64)),
        Domain::Any | Domain::Between { .. } => keys.serialize_entry(key.name(), &bound),
    }
}
