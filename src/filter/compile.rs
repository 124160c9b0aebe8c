//! From a filter's normal form to the programs that test notifications.
//!
//! # Invariants
//!
//! The evaluator and the index rely on these. `invariants.rs` asserts them in debug builds: 1 to 4
//! where a [`Filter`](super::Filter) is made of a form, the others where a clause is compiled.
//!
//! Of a normal form, which is the syntax tree:
//!
//! 1. It has one clause or `None` for each section of its table, in the order of the table.
//! 2. The conditions of a clause are sorted by attribute and operator, and no two have both in
//!    common: parsing rejects a key that is there already. All attributes are of the section's
//!    schema, which [`Section::new`](super::Section::new) has checked.
//! 3. The operand of a condition suits the kind of the attribute. Its values are sorted, each once.
//!    A key that takes one value has exactly one. Numbers are finite and have one form: there is no
//!    negative zero. So equal sets are equal operands, whatever the text was.
//! 4. Its text reads as an equal form. A filter keeps only the text, and reads it again for
//!    everything but matching.
//!
//! Of a [`Program`]:
//!
//! 5. `required` is a subset of `constrained`, which is a subset of the schema. `forbidden` has
//!    only bits of booleans and choices in `required`: every condition except `"x_exists": false`
//!    needs its attribute.
//! 6. The range, the tests and the tests of texts are of attributes in `required`, of a kind that
//!    suits the test. So a test reads values only if they are present, and what a test of "one of"
//!    asks for is what a notification must have: a filter can be found by it. All bounds of one
//!    number are merged into one range, which is not empty: [`conflict`] has refused the others. In
//!    a list each bound is on its own, and may be one that nothing reaches.
//! 7. `tests` is a sequence of whole packed tests. Sets are sorted, with each value once, as the
//!    binary search needs them; a set to be one of has a value. Ranges have two bounds.
//! 8. The values of a test of texts are sorted, each once. No prefix begins with another one: only
//!    so the last prefix that sorts before a text is the one to compare with. Only a set to be none
//!    of can be empty.
//! 9. Alternatives have at least one program, and neither an alternative nor a negation is one that
//!    passes everything: such are left out, or make the whole clause pass nothing. Each of these
//!    programs is compiled for the same schema and holds 5 to 9 by itself.
//! 10. A filter has at most one program for a schema: a table has no two sections of one schema.
//! 11. A program never changes. All that use it share its tests.

use std::sync::Arc;

use super::{
    ast::{Clause, Condition, Operand},
    conflict::{conflict, int_range, number_range},
    key::Operator,
    program::{Program, RareTests, TextTest},
    range::NumberRange,
    test::{Test, TestKind},
};
use crate::attribute::{AttributeId, AttributeKind, Schema, bit, number_bits};

impl Program {
    /// Compiles `clause`; `None` where nothing can pass it.
    pub(super) fn compile(schema: &Schema, clause: &Clause) -> Option<Self> {
        let mut flat = FlatClause::default();
        flat.gather(clause);
        flat.conditions.sort_by_key(|one| one.attribute);
        if conflict(schema, &flat.conditions).is_some() {
            return None;
        }
        let mut builder = ProgramBuilder::default();
        for group in flat.conditions.chunk_by(|a, b| a.attribute == b.attribute) {
            builder.attribute(schema, group);
        }
        for clauses in flat.any {
            let some: Vec<_> =
                clauses.iter().filter_map(|clause| Self::compile(schema, clause)).collect();
            if some.is_empty() {
                return None;
            }
            if !some.iter().any(Self::matches_everything) {
                builder.any.push(some.into());
            }
        }
        for program in flat.not.into_iter().filter_map(|clause| Self::compile(schema, clause)) {
            if program.matches_everything() {
                return None;
            }
            builder.not.push(program);
        }
        let program = builder.build();
        if cfg!(debug_assertions) {
            program.debug_check(schema);
        }
        Some(program)
    }

    /// Whether it passes everything, as far as can be told.
    pub(super) fn matches_everything(&self) -> bool {
        self.constrained == 0 && self.rare.is_none()
    }
}

/// A clause and those that are ANDed to it, as one.
#[derive(Default)]
struct FlatClause<'a> {
    conditions: Vec<&'a Condition>,
    any: Vec<&'a [Clause]>,
    not: Vec<&'a Clause>,
}

impl<'a> FlatClause<'a> {
    fn gather(&mut self, clause: &'a Clause) {
        self.conditions.extend(&clause.conditions);
        self.any.extend(clause.any.as_deref());
        self.not.extend(clause.not.as_deref());
        clause.all.iter().flatten().for_each(|clause| self.gather(clause));
    }
}

#[derive(Default)]
struct ProgramBuilder {
    required: u64,
    constrained: u64,
    forbidden: u64,
    ranges: Vec<NumberRange>,
    tests: Vec<(TestKind, AttributeId, Vec<i64>)>,
    texts: Vec<TextTest>,
    any: Vec<Box<[Program]>>,
    not: Vec<Program>,
}

impl ProgramBuilder {
    /// Adds what `group` asks of one attribute.
    fn attribute(&mut self, schema: &Schema, group: &[&Condition]) {
        let id = group[0].attribute;
        let kind = schema.kind(id);
        self.constrained |= bit(id);
        let absent = (Operator::Exists, &Operand::Is(false));
        if group.iter().any(|one| (one.operator, &one.operand) != absent) {
            self.required |= bit(id);
        }
        for condition in group {
            self.condition(schema, condition, kind);
        }
        // Of a list, each bound may find a member of its own.
        let bounds: Vec<_> = group.iter().copied().filter(|one| one.is_bound()).collect();
        let chunk_len = if kind.is_list() { 1 } else { bounds.len().max(1) };
        for bounds in bounds.chunks(chunk_len) {
            self.bounds(id, kind, bounds);
        }
    }

    /// Adds a condition that is no bound.
    fn condition(&mut self, schema: &Schema, condition: &Condition, kind: AttributeKind) {
        let (id, shift) = (condition.attribute, schema.shift(condition.attribute));
        let negate = condition.operator == Operator::NotIn;
        let test = match (kind.is_list(), negate) {
            (false, false) => TestKind::Id,
            (false, true) => TestKind::NotId,
            (true, false) => TestKind::List,
            (true, true) => TestKind::NotList,
        };
        match &condition.operand {
            _ if condition.operator == Operator::Exists || condition.is_bound() => {}
            Operand::Is(value) if kind.is_list() => {
                self.tests.push((test, id, vec![i64::from(*value)]));
            }
            Operand::Is(value) => {
                self.forbidden |= schema.field(id) & !(1 << (shift + u32::from(*value)));
            }
            Operand::Names(names) if negate => self.forbidden |= names << shift,
            Operand::Names(names) => self.forbidden |= schema.field(id) & !(names << shift),
            Operand::Ints(ints) => self.tests.push((test, id, ints.clone())),
            Operand::Numbers(numbers) => {
                let mut bits: Vec<_> = numbers.iter().copied().map(number_bits).collect();
                bits.sort_unstable();
                self.tests.push((test, id, bits));
            }
            Operand::Texts(texts) => {
                let (mut operands, prefix) =
                    (texts.clone(), condition.operator == Operator::Prefix);
                if prefix {
                    // They are sorted, so that those that begin with one stand right behind it.
                    operands.dedup_by(|longer, kept| longer.starts_with(kept.as_str()));
                }
                let (is_list, operands) = (kind.is_list(), operands.into());
                self.texts.push(TextTest { attribute: id, is_list, prefix, negate, operands });
            }
        }
    }

    /// Adds bounds of one value.
    fn bounds(&mut self, attribute: AttributeId, kind: AttributeKind, bounds: &[&Condition]) {
        let (low, high) = int_range(bounds);
        let (min, max) = number_range(bounds);
        let range = NumberRange { attribute, min, max };
        match kind {
            AttributeKind::Number => self.ranges.push(range),
            AttributeKind::Numbers => {
                self.tests.push((TestKind::ListRange, attribute, range.bits().into()));
            }
            AttributeKind::Int => self.tests.push((TestKind::IntRange, attribute, vec![low, high])),
            AttributeKind::Ints => {
                self.tests.push((TestKind::ListIntRange, attribute, vec![low, high]))
            }
            other => unreachable!("bounds of {other}"),
        }
    }

    fn build(mut self) -> Program {
        // The likeliest to fail and cheapest to find out first: one id against few.
        self.tests.sort_by_key(|(kind, _, operands)| (*kind, operands.len()));
        let mut ranges = self.ranges.into_iter();
        let range = ranges.next();
        let mut tests = Vec::new();
        ranges.for_each(|range| range.pack(&mut tests));
        for (kind, attribute, operands) in &self.tests {
            Test { kind: *kind, attribute: *attribute, operands }.pack(&mut tests);
        }
        let rare =
            RareTests { texts: self.texts.into(), any: self.any.into(), not: self.not.into() };
        let is_needed = !(rare.texts.is_empty() && rare.any.is_empty() && rare.not.is_empty());
        Program {
            required: self.required,
            constrained: self.constrained,
            forbidden: self.forbidden,
            range,
            tests: tests.into(),
            rare: is_needed.then(|| Arc::new(rare)),
        }
    }
}
