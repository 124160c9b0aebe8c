//! In debug builds, asserts the invariants of a normal form and of a program. The documentation of
//! [`compile`](super::compile) lists the invariants and their numbers.

use super::{
    ast::{Clause, Condition, NormalForm, Operand},
    operator::Operator,
    program::{Program, TextTest},
    test::{Test, TestKind},
};
use crate::attribute::{AttributeId, AttributeKind, Schema, bit};

impl NormalForm {
    /// Asserts invariants 1 to 3.
    pub(super) fn debug_check(&self) {
        debug_assert_eq!(self.clauses.len(), self.table.sections().len(), "1");
        for (section, clause) in self.sections() {
            clause.debug_check(section.schema());
        }
    }
}

impl Clause {
    /// Asserts invariants 2 and 3 for a clause and the clauses in it.
    fn debug_check(&self, schema: &Schema) {
        let sort_keys = self.conditions.iter().map(|one| (one.attribute, one.operator));
        debug_assert!(sort_keys.is_sorted_by(|a, b| a < b), "2: sorted, and no key twice");
        for condition in &self.conditions {
            condition.debug_check(schema);
        }
        let clauses = self.all.iter().flatten().chain(self.any.iter().flatten());
        for clause in clauses.chain(self.not.as_deref()) {
            clause.debug_check(schema);
        }
    }
}

impl Condition {
    /// Asserts invariant 3.
    fn debug_check(&self, schema: &Schema) {
        let len = match (&self.operand, schema.kind(self.attribute)) {
            (Operand::Is(_), kind) => {
                let is_boolean = matches!(kind, AttributeKind::Bool | AttributeKind::Bools);
                debug_assert!(is_boolean || self.operator == Operator::Exists, "3");
                1
            }
            (Operand::Names(bits), AttributeKind::Choice(names)) => {
                // The bit after the last name is allowed. It stands for names outside the choice.
                debug_assert!(bits >> names.len() <= 1, "3: at most one bit more than names");
                bits.count_ones() as usize
            }
            (Operand::Ints(ints), AttributeKind::Int | AttributeKind::Ints) => {
                debug_assert!(ints.is_sorted_by(|a, b| a < b), "3: sorted, each once");
                ints.len()
            }
            (Operand::Numbers(numbers), AttributeKind::Number | AttributeKind::Numbers) => {
                debug_assert!(numbers.is_sorted_by(|a, b| a < b), "3: sorted, each once");
                let is_exact = |one: &f64| one.is_finite() && one.to_bits() != (-0.0_f64).to_bits();
                debug_assert!(numbers.iter().all(is_exact), "3: one form of each number");
                numbers.len()
            }
            (Operand::Texts(texts), AttributeKind::Text | AttributeKind::Texts) => {
                debug_assert!(texts.is_sorted_by(|a, b| a < b), "3: sorted, each once");
                texts.len()
            }
            (operand, kind) => {
                debug_assert!(false, "3: {operand:?} does not suit {kind}");
                0
            }
        };
        // Only these operators can have several values or none.
        let is_list = matches!(self.operator, Operator::In | Operator::NotIn | Operator::Prefix);
        debug_assert!(is_list || len == 1, "3: a key that takes one value has one");
    }
}

impl Program {
    /// Asserts invariants 5 to 9, except for the nested programs, which are checked when they are
    /// compiled.
    pub(super) fn debug_check(&self, schema: &Schema) {
        let all = (0..schema.attributes().len()).map(|at| AttributeId::at(at as u8));
        debug_assert_eq!(self.required & !self.constrained, 0, "5");
        debug_assert_eq!(self.constrained & !all.clone().map(bit).fold(0, |a, b| a | b), 0, "5");
        let needed = all.filter(|id| self.required & bit(*id) != 0);
        let fields = needed.map(|id| schema.field(id)).fold(0, |a, b| a | b);
        debug_assert_eq!(self.forbidden & !fields, 0, "5");
        if let Some(range) = self.range {
            // The comparison also fails for NaN, which is never a valid bound.
            debug_assert!(range.min <= range.max, "6: an empty range");
            self.debug_check_attribute(schema, range.attribute, &[AttributeKind::Number]);
        }
        let mut words = 0;
        for (range, test) in self.tests() {
            debug_assert_eq!(range.start, words, "7: a gap between tests");
            words = range.end;
            let kinds = test.debug_check();
            self.debug_check_attribute(schema, test.attribute, kinds);
        }
        debug_assert_eq!(words, self.words().len(), "7: words after the last test");
        for test in self.texts() {
            test.debug_check();
            let kind = if test.is_list { AttributeKind::Texts } else { AttributeKind::Text };
            self.debug_check_attribute(schema, test.attribute, &[kind]);
        }
        debug_assert!(self.any().iter().all(|some| !some.is_empty()), "9");
        let mut clauses = self.any().iter().flatten().chain(self.not());
        debug_assert!(!clauses.any(Self::matches_everything), "9");
    }

    /// Asserts that the attribute `id` is required and is of one of the given kinds. A test of it
    /// then reads only values that are present.
    fn debug_check_attribute(&self, schema: &Schema, id: AttributeId, kinds: &[AttributeKind]) {
        debug_assert_ne!(
            self.required & bit(id),
            0,
            "6: a test of an attribute that may be missing"
        );
        let kind = schema.kind(id);
        debug_assert!(kinds.contains(&kind), "6: a test for {kinds:?} on {kind}");
    }
}

impl Test<'_> {
    /// Asserts invariant 7 for one test and returns the kinds of attributes that it can test.
    fn debug_check(self) -> &'static [AttributeKind] {
        use AttributeKind::{Bools, Int, Ints, Number, Numbers};
        // Packed tests can test lists of booleans, but not single booleans or choices, which are
        // tested by the masks.
        let (is_set, kinds): (_, &[_]) = match self.kind {
            TestKind::Id | TestKind::NotId => (true, &[Int, Number]),
            TestKind::List | TestKind::NotList => (true, &[Bools, Ints, Numbers]),
            TestKind::Range => (false, &[Number]),
            TestKind::ListRange => (false, &[Numbers]),
            TestKind::IntRange => (false, &[Int]),
            TestKind::ListIntRange => (false, &[Ints]),
        };
        debug_assert!(!is_set || self.operands.is_sorted_by(|a, b| a < b), "7: sorted, each once");
        debug_assert!(is_set || self.operands.len() == 2, "7: a range has two bounds");
        debug_assert!(self.one_of().is_none_or(|values| !values.is_empty()), "7: an empty set");
        kinds
    }
}

impl TextTest {
    /// Asserts invariant 8.
    fn debug_check(&self) {
        debug_assert!(self.operands.is_sorted_by(|a, b| a < b), "8: sorted, each once");
        debug_assert!(!(self.prefix && self.negate), "8: no key excludes prefixes");
        debug_assert!(self.negate || !self.operands.is_empty(), "8: an empty set");
        // Comparing neighbours is enough: in sorted order, a prefix is directly followed by the
        // strings that begin with it.
        let begins = |two: &[String]| two[1].starts_with(two[0].as_str());
        debug_assert!(
            !self.prefix || !self.operands.windows(2).any(begins),
            "8: a prefix of another prefix"
        );
    }
}
