//! Compiles the normal form of a filter into the programs that test notifications.
//!
//! # Invariants
//!
//! The evaluator and the index rely on these invariants. Debug builds assert 1 to 4 when a
//! [`Filter`](super::Filter) is created from a form, and 5 to 9 when a clause is compiled. Most of
//! the assertions are in `invariants.rs`.
//!
//! For a normal form, which is the syntax tree:
//!
//! 1. It has a clause or `None` for each section of its table, in the order of the table.
//! 2. The conditions of a clause are sorted by attribute and operator. No two conditions have the
//!    same attribute and operator, because parsing rejects a key that is already in the clause. All
//!    attributes belong to the schema of the section, as [`Section::new`](super::Section::new) has
//!    checked.
//! 3. The operand of a condition suits the kind of the attribute. The operand's values are sorted
//!    and contain no duplicates. If the key accepts a single value, the operand has exactly one.
//!    Numbers are finite, and none is a negative zero. Therefore equal sets have equal operands,
//!    however they were written.
//! 4. Parsing the text of a form returns an equal form. A filter keeps only the text and parses it
//!    again for everything except matching.
//!
//! For a [`Program`]:
//!
//! 5. `required` is a subset of `constrained`, and `constrained` contains only attributes of the
//!    schema. `forbidden` contains only bits of booleans and choices that are in `required`,
//!    because every condition except `"x_exists": false` requires its attribute to be present.
//! 6. The range, the tests and the text tests apply to attributes in `required` and suit the kinds
//!    of these attributes. Therefore a test reads only values that are present. A matching
//!    notification has at least one of the operands of every `Id` and `List` test, so the index can
//!    find the filter by these operands. All bounds on the same number are merged into one range,
//!    which is not empty because [`conflict`] rejects empty ranges. The bounds on a list are not
//!    merged, and the range of such a bound can be empty.
//! 7. `tests` is a sequence of complete packed tests. Sets are sorted and contain no duplicates, as
//!    the binary search requires. The set of an `Id` or `List` test is not empty. A range has two
//!    bounds.
//! 8. The operands of a text test are sorted and contain no duplicates. No prefix begins with
//!    another prefix, so the only operand that can be a prefix of a string is the last one that
//!    sorts before the string or equals it. Only a negated test may have no operands.
//! 9. A list of alternatives contains at least one program. No alternative and no negated program
//!    matches everything. An alternative that matches everything makes its list redundant, so the
//!    list is left out. A negated program that matches everything means that the clause matches
//!    nothing. All these programs are compiled for the same schema, and each of them satisfies
//!    invariants 5 to 9.
//! 10. A filter has at most one program for each schema, because no two sections of a table share a
//!     schema.
//! 11. A program never changes, and its clones share its tests.

use std::sync::Arc;

use super::{
    ast::{Clause, Condition, Operand},
    conflict::{conflict, int_range, number_range},
    operator::Operator,
    program::{Program, RareTests, TextTest},
    range::NumberRange,
    test::{Test, TestKind},
};
use crate::attribute::{AttributeId, AttributeKind, Schema, bit, number_bits};

impl Program {
    /// Compiles a clause. Returns `None` if the clause contradicts itself and therefore cannot
    /// match any notification.
    ///
    /// The recursion depth is the nesting depth of the clause, which is limited.
    pub(super) fn compile(schema: &Schema, clause: &Clause) -> Option<Self> {
        let mut flat = FlatClause::default();
        flat.gather(clause);
        // `conflict` and the loop below process all conditions on an attribute as one group.
        flat.conditions.sort_by_key(|one| one.attribute);
        // This is checked before anything is built, because the builder relies on non-empty ranges.
        if conflict(schema, &flat.conditions).is_some() {
            return None;
        }
        let mut builder = ProgramBuilder::default();
        for group in flat.conditions.chunk_by(|a, b| a.attribute == b.attribute) {
            builder.attribute(schema, group);
        }
        for clauses in flat.any {
            // An alternative that matches nothing can be left out of an `any`.
            let some: Vec<_> =
                clauses.iter().filter_map(|clause| Self::compile(schema, clause)).collect();
            if some.is_empty() {
                return None;
            }
            // If one alternative matches everything, the `any` always holds.
            if !some.iter().any(Self::matches_everything) {
                builder.any.push(some.into());
            }
        }
        // The negation of a clause that matches nothing always holds, so the negation is left out.
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

    /// Returns whether the program has no tests and therefore matches every notification of its
    /// schema.
    ///
    /// A program with tests can also match everything, for example if an `"any"` contains a test
    /// and its negation. Such a program is not recognised.
    pub(super) fn matches_everything(&self) -> bool {
        // Ranges, tests and forbidden bits belong to required attributes. If `constrained` is
        // empty, no attribute is required, so there are none of these either.
        self.constrained == 0 && self.rare.is_none()
    }
}

/// A clause merged, recursively, with the clauses in its `all`. All merged conditions and
/// combinators must hold.
#[derive(Default)]
struct FlatClause<'a> {
    conditions: Vec<&'a Condition>,
    any: Vec<&'a [Clause]>,
    not: Vec<&'a Clause>,
}

impl<'a> FlatClause<'a> {
    /// Adds a clause and, recursively, the clauses in its `all`.
    fn gather(&mut self, clause: &'a Clause) {
        self.conditions.extend(&clause.conditions);
        self.any.extend(clause.any.as_deref());
        self.not.extend(clause.not.as_deref());
        clause.all.iter().flatten().for_each(|clause| self.gather(clause));
    }
}

/// A program under construction. It has the fields of [`Program`] and [`RareTests`], but its tests
/// are not packed yet.
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
    /// Adds all conditions on one attribute. `group` must not be empty.
    fn attribute(&mut self, schema: &Schema, group: &[&Condition]) {
        let id = group[0].attribute;
        let kind = schema.kind(id);
        self.constrained |= bit(id);
        // If the attribute must be absent, `conflict` has excluded any other condition on it.
        let absent = (Operator::Exists, &Operand::Is(false));
        if group.iter().any(|one| (one.operator, &one.operand) != absent) {
            self.required |= bit(id);
        }
        for condition in group {
            self.condition(schema, condition, kind);
        }
        // Different members of a list may satisfy different bounds, so only bounds on a single
        // value are merged. `chunks` requires a length of at least 1, even if there are no bounds.
        let bounds: Vec<_> = group.iter().copied().filter(|one| one.is_bound()).collect();
        let chunk_len = if kind.is_list() { 1 } else { bounds.len().max(1) };
        for bounds in bounds.chunks(chunk_len) {
            self.bounds(id, kind, bounds);
        }
    }

    /// Adds a condition, unless it is a bound.
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
            // `attribute` handles these cases: it records presence in the masks and merges bounds.
            _ if condition.operator == Operator::Exists || condition.is_bound() => {}
            Operand::Is(value) if kind.is_list() => {
                self.tests.push((test, id, vec![i64::from(*value)]));
            }
            // Bit 0 of the field stands for `false` and bit 1 for `true`. All bits except the
            // wanted one are forbidden.
            Operand::Is(value) => {
                self.forbidden |= schema.field(id) & !(1 << (shift + u32::from(*value)));
            }
            Operand::Names(names) if negate => self.forbidden |= names << shift,
            Operand::Names(names) => self.forbidden |= schema.field(id) & !(names << shift),
            Operand::Ints(ints) => self.tests.push((test, id, ints.clone())),
            // A set of numbers is searched by the bits of the numbers, which sort differently from
            // the numbers themselves.
            Operand::Numbers(numbers) => {
                let mut bits: Vec<_> = numbers.iter().copied().map(number_bits).collect();
                bits.sort_unstable();
                self.tests.push((test, id, bits));
            }
            Operand::Texts(texts) => {
                let (mut operands, prefix) =
                    (texts.clone(), condition.operator == Operator::Prefix);
                if prefix {
                    // In sorted order, a prefix is directly followed by the longer prefixes that
                    // begin with it. The longer prefixes are redundant, because every string that
                    // begins with one of them also begins with the shorter prefix.
                    operands.dedup_by(|longer, kept| longer.starts_with(kept.as_str()));
                }
                let (is_list, operands) = (kind.is_list(), operands.into());
                self.texts.push(TextTest { attribute: id, is_list, prefix, negate, operands });
            }
        }
    }

    /// Adds bounds that one value must satisfy. `bounds` must not be empty.
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
            // `Operator::applies_to` allows bounds only on the four kinds above.
            other => unreachable!("bounds on {other}"),
        }
    }

    /// Packs the tests and returns the program.
    fn build(mut self) -> Program {
        // The tests that are cheap and fail most often come first, such as a test for an id in a
        // small set.
        self.tests.sort_by_key(|(kind, _, operands)| (*kind, operands.len()));
        // One range is stored inline, because most filters have at most one. Further ranges come
        // before the other packed tests.
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
