use std::sync::Arc;

use super::{
    ast::{Clause, Condition, Operand},
    conflict::{conflict, int_range, number_range},
    key::Operator,
    program::{Program, Range, Rest, TextTest},
    test::{Test, TestKind},
};
use crate::attribute::{AttributeId, Kind, Schema, bit, number_bits};

impl Program {
    /// Compiles `clause`; `None` where nothing can pass it.
    pub(super) fn compile(schema: &Schema, clause: &Clause) -> Option<Self> {
        let mut parts = Parts::default();
        parts.gather(clause);
        parts.conditions.sort_by_key(|one| one.attribute);
        if conflict(schema, &parts.conditions).is_some() {
            return None;
        }
        let mut builder = Builder::default();
        for group in parts.conditions.chunk_by(|a, b| a.attribute == b.attribute) {
            builder.attribute(schema, group);
        }
        for clauses in parts.any {
            let some: Vec<_> =
                clauses.iter().filter_map(|clause| Self::compile(schema, clause)).collect();
            if some.is_empty() {
                return None;
            }
            if !some.iter().any(Self::is_always) {
                builder.any.push(some.into());
            }
        }
        for program in parts.not.into_iter().filter_map(|clause| Self::compile(schema, clause)) {
            if program.is_always() {
                return None;
            }
            builder.not.push(program);
        }
        Some(builder.build())
    }

    /// Whether it passes everything, as far as can be told.
    pub(super) fn is_always(&self) -> bool {
        self.looked_at == 0 && self.rest.is_none()
    }
}

/// A clause and those that are ANDed to it, as one.
#[derive(Default)]
struct Parts<'a> {
    conditions: Vec<&'a Condition>,
    any: Vec<&'a [Clause]>,
    not: Vec<&'a Clause>,
}

impl<'a> Parts<'a> {
    fn gather(&mut self, clause: &'a Clause) {
        self.conditions.extend(&clause.conditions);
        self.any.extend(clause.any.as_deref());
        self.not.extend(clause.not.as_deref());
        clause.all.iter().flatten().for_each(|clause| self.gather(clause));
    }
}

#[derive(Default)]
struct Builder {
    need: u64,
    looked_at: u64,
    forbidden: u64,
    ranges: Vec<Range>,
    tests: Vec<(TestKind, AttributeId, Vec<i64>)>,
    texts: Vec<TextTest>,
    any: Vec<Box<[Program]>>,
    not: Vec<Program>,
}

impl Builder {
    /// Adds what `group` asks of one attribute.
    fn attribute(&mut self, schema: &Schema, group: &[&Condition]) {
        let id = group[0].attribute;
        let Some(kind) = schema.attribute(id).map(|attribute| attribute.kind()) else { return };
        self.looked_at |= bit(id);
        let absent = (Operator::Exists, &Operand::Is(false));
        if group.iter().any(|one| (one.operator, &one.operand) != absent) {
            self.need |= bit(id);
        }
        for condition in group {
            self.condition(schema, condition, kind);
        }
        // Of a list, each bound may find a member of its own.
        let bounds: Vec<_> = group.iter().copied().filter(|one| one.is_bound()).collect();
        let apart = if kind.is_list() { 1 } else { bounds.len().max(1) };
        for bounds in bounds.chunks(apart) {
            self.bounds(id, kind, bounds);
        }
    }

    /// Adds a condition that is no bound.
    fn condition(&mut self, schema: &Schema, condition: &Condition, kind: Kind) {
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
                let (mut values, prefix) = (texts.clone(), condition.operator == Operator::Prefix);
                if prefix {
                    // They are sorted, so that those that begin with one stand right behind it.
                    values.dedup_by(|longer, kept| longer.starts_with(kept.as_str()));
                }
                let (is_list, values) = (kind.is_list(), values.into());
                self.texts.push(TextTest { attribute: id, is_list, prefix, negate, values });
            }
        }
    }

    /// Adds bounds of one value.
    fn bounds(&mut self, attribute: AttributeId, kind: Kind, bounds: &[&Condition]) {
        let (low, high) = int_range(bounds);
        let (least, most) = number_range(bounds);
        let range = Range { attribute, least, most };
        match kind {
            Kind::Number => self.ranges.push(range),
            Kind::Numbers => {
                self.tests.push((TestKind::ListRange, attribute, range.bits().into()));
            }
            Kind::Int => self.tests.push((TestKind::IntRange, attribute, vec![low, high])),
            _ => self.tests.push((TestKind::ListIntRange, attribute, vec![low, high])),
        }
    }

    fn build(mut self) -> Program {
        // The likeliest to fail and cheapest to find out first: one id against few.
        self.tests.sort_by_key(|(kind, _, values)| (*kind, values.len()));
        let mut ranges = self.ranges.into_iter();
        let range = ranges.next();
        let mut tests = Vec::new();
        ranges.for_each(|range| range.pack(&mut tests));
        for (kind, attribute, values) in &self.tests {
            Test { kind: *kind, attribute: *attribute, values }.pack(&mut tests);
        }
        let rest = Rest { texts: self.texts.into(), any: self.any.into(), not: self.not.into() };
        let is_needed = !(rest.texts.is_empty() && rest.any.is_empty() && rest.not.is_empty());
        Program {
            need: self.need,
            looked_at: self.looked_at,
            forbidden: self.forbidden,
            range,
            tests: tests.into(),
            rest: is_needed.then(|| Arc::new(rest)),
        }
    }
}
