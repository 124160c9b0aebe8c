//! In debug builds, asserts the invariants that are listed at the top of [`index`](super). Each
//! message begins with the number of its invariant. Assertions that concern only one part are in
//! the file of that part.

use super::{
    FilterIndex,
    access::{Access, test_at},
    code::Prologue,
    dense::{BitsSource, WordLayout, bloom_bits},
    entry::{IndexEntry, Remaining, SlowTests},
};
use crate::{
    attribute::Values,
    filter::{Program, Test},
};

/// The maximum size for two exhaustive checks. If an index has at most this many filters, every
/// result is checked by testing each filter. If a result has at most this many ids, all of them are
/// compared with each other.
const SMALL: usize = 64;

impl<Id: Copy + Ord> FilterIndex<Id> {
    /// Checks the whole state, but only if the index has one of certain sizes. As a result, the
    /// checks take little more time in total than the changes themselves, and debug builds of hosts
    /// remain usable.
    pub(super) fn debug_check(&self) {
        let is_due = self.len() <= 4 || self.len().is_power_of_two();
        if cfg!(debug_assertions) && is_due {
            self.debug_check_whole();
        }
    }

    /// Checks the whole state.
    pub(super) fn debug_check_whole(&self) {
        let topics = &self.snapshot.topics;
        let mut rows = vec![0; topics.len()];
        for (id, place) in &self.filters {
            let accesses = place.accesses.as_slice();
            debug_assert_eq!(place.filter.programs().count(), accesses.len(), "1: accesses");
            for ((schema, program), access) in place.filter.programs().zip(accesses) {
                // The topic of this schema, if there is exactly one.
                let mut of_schema = (0..).zip(topics).filter(|(_, (known, _))| known == schema);
                let only: Option<(usize, _)> =
                    of_schema.next().filter(|_| of_schema.next().is_none());
                debug_assert!(only.is_some(), "3: one topic for each schema");
                if let Some((at, (_, topic))) = only {
                    rows[at] += topic.debug_check_program(*id, program, *access);
                }
            }
        }
        for ((schema, topic), rows) in topics.iter().zip(rows) {
            debug_assert!(rows > 0, "3: a topic without rows");
            debug_assert!(topic.debug_check(*schema) == rows, "2: a row is left behind");
        }
    }

    /// Checks that `found` contains the ids of exactly those filters that match when they are
    /// tested one by one.
    pub(super) fn debug_check_matches(&self, values: &Values, found: &[Id]) {
        // This is a closure, so that it is computed only in debug builds and for small indexes.
        let is_right = || {
            let mut filters = self.filters.iter();
            filters.all(|(id, place)| place.filter.matches(values) == found.contains(id))
        };
        debug_assert!(self.len() > SMALL || is_right(), "4 to 6: not what the filters match");
    }
}

/// If few ids were found, checks that none of them was found twice. Comparing all pairs of many ids
/// would take too long.
pub(super) fn debug_check_distinct<Id: Ord>(found: &[Id]) {
    let is_first = |at: usize| !found[..at].contains(&found[at]);
    debug_assert!(found.len() > SMALL || (0..found.len()).all(is_first), "7: an id twice");
}

impl<Id> IndexEntry<Id> {
    /// Checks an entry that [`of`](IndexEntry::of) has created from these arguments, without
    /// repeating the computation.
    pub(super) fn debug_check(&self, program: &Program, access: Access, layout: &WordLayout) {
        if cfg!(debug_assertions) {
            self.debug_check_bits(program, layout);
            self.debug_check_remaining(program, access, layout);
            self.debug_check_repeats(program, access, layout);
        }
    }

    /// Asserts invariant 5.
    fn debug_check_bits(&self, program: &Program, layout: &WordLayout) {
        let row = &self.row;
        // The bits of booleans and choices in the word.
        let fields = !u64::MAX.checked_shl(layout.width).unwrap_or_default();
        debug_assert_eq!(row.mask & fields, program.forbidden, "5: booleans and choices");
        debug_assert_eq!(self.needed(layout) & !program.required, 0, "5: presence");
        let bound = program.range.filter(|range| range.attribute == row.bounded.attribute());
        let bound = bound.map_or(f64::NEG_INFINITY, |range| range.min);
        // This does not use `==`, which treats 0 and -0 as equal.
        debug_assert!(row.bound.total_cmp(&bound).is_eq(), "5: bound");
        let mut sets = program.tests().map(|(_, test)| test);
        let is_covered = row.value_bits == u64::MAX || sets.any(|test| self.has_bits_of(test));
        debug_assert!(is_covered, "5: value bits that do not have each value of a test");
    }

    /// Asserts invariant 6: every test of the program is covered by the row, the code, the slow
    /// tests or the key.
    fn debug_check_remaining(&self, program: &Program, access: Access, layout: &WordLayout) {
        let (prologue, mut words) = Prologue::split(&self.code);
        let packed = Vec::from_iter(std::iter::from_fn(|| {
            let (test, next) = Test::split_first(words)?;
            words = next;
            Some(test)
        }));
        let presence =
            [program.required & !self.needed(layout), program.constrained & !program.required];
        // Slow tests of the whole program cover everything.
        let is_whole = self.slow.as_ref().is_some_and(|slow| slow.is_whole);
        debug_assert!(is_whole || presence == prologue.presence.unwrap_or_default(), "6: presence");
        // The range is packed as in the code, so that it can be compared with the tests there.
        let mut range = Vec::new();
        program.range.inspect(|one| one.pack(&mut range));
        let range = Test::split_first(&range).map(|(range, _)| range);
        let is_half = program.range.is_none_or(|range| range.max == f64::INFINITY);
        let has_range = is_half || range.is_some_and(|range| packed.contains(&range));
        debug_assert!(is_whole || has_range, "6: upper bound");
        for (words, test) in program.tests() {
            let is_said = access == Access::Test(words.start as u32) || self.is_exact(test);
            debug_assert!(is_whole || is_said || packed.contains(&test), "6: a test");
        }
        let is_found = matches!(access, Access::Text(_)) && program.rare_is_one_text();
        debug_assert!(
            is_found || program.rare.is_none() || self.slow.is_some(),
            "6: the rare tests"
        );
        let is_left = !self.code.is_empty() || self.slow.is_some();
        let is_prologue_alone = prologue.len() == self.code.len() && self.slow.is_none();
        let may_be = match self.row.bounded.remaining() {
            Remaining::Nothing => !is_left,
            Remaining::Preceding | Remaining::AnyPreceding => {
                is_prologue_alone && prologue.presence.is_none()
            }
            Remaining::Tests => is_left,
        };
        debug_assert!(may_be, "6: what is left to test");
    }

    /// Asserts invariant 7: if several keys can find the entry, something decides which one counts.
    fn debug_check_repeats(&self, program: &Program, access: Access, layout: &WordLayout) {
        let first = self.slow.as_ref().map_or(Access::Common, |slow| slow.first);
        let is_once = match access {
            Access::Common => true,
            Access::Test(at) => {
                let (_, Test { attribute, operands: keys, .. }) = test_at(program, at);
                let is_first = first == access || Prologue::split(&self.code).0.dedup_keys == keys;
                let is_covered =
                    keys.iter().all(|one| self.row.value_bits & bloom_bits(&[*one]) != 0);
                let by_bits = matches!(self.row.bounded.remaining(), Remaining::Preceding);
                debug_assert!(!by_bits || is_covered, "7: value bits that do not have each key");
                !layout.is_list(attribute) || keys.len() == 1 || is_first
            }
            Access::Text(at) => {
                let test = &program.texts()[at as usize];
                !layout.is_list(test.attribute) || test.operands.len() == 1 || first == access
            }
            Access::Any(_) => self.slow.as_ref().is_some_and(|slow| slow.may_repeat),
        };
        debug_assert!(is_once, "7: several keys can find it, and nothing says which one counts");
    }

    /// Returns the attributes that the mask requires to be present.
    fn needed(&self, layout: &WordLayout) -> u64 {
        self.row.mask.checked_shr(layout.width).unwrap_or_default()
    }

    /// Returns whether the value bits include every value of a test, exactly or as a Bloom filter.
    fn has_bits_of(&self, test: Test<'_>) -> bool {
        let has = |value: &i64| self.row.value_bits & bloom_bits(&[*value]) != 0;
        let is_bloom = self.row.bits_source == BitsSource::bloom(test.attribute);
        let values = test.one_of().filter(|_| is_bloom);
        self.is_exact(test) || values.is_some_and(|values| values.iter().all(has))
    }

    /// Returns whether the value bits represent exactly the values of a test.
    fn is_exact(&self, test: Test<'_>) -> bool {
        let has_exact_bits = self.row.bits_source == BitsSource::exact(test.attribute);
        test.one_of().is_some_and(|values| {
            let is_there =
                |value: &i64| (0..64).contains(value) && self.row.value_bits >> value & 1 == 1;
            has_exact_bits
                && values.iter().all(is_there)
                && values.len() == self.row.value_bits.count_ones() as usize
        })
    }
}

/// Two entries are equal if they have the same id and the same tests.
// `Row::end` is not compared, because it depends on the rows around the entry. Bounds are compared
// by their bits, because both entries were computed in the same way.
impl<Id: PartialEq> PartialEq for IndexEntry<Id> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.row, &other.row);
        let slow = |entry: &Self| entry.slow.as_deref().map(SlowTests::parts);
        (a.mask, a.value_bits, a.bound.to_bits()) == (b.mask, b.value_bits, b.bound.to_bits())
            && (&a.id, a.bits_source, a.bounded) == (&b.id, b.bits_source, b.bounded)
            && self.code == other.code
            && slow(self) == slow(other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        attribute::{Attribute, Schema},
        filter::{Filter, Section, Table},
        index::FilterIndex,
    };

    static PASSAGES: Schema = Schema::new(
        "passages",
        &[
            Attribute::int("door"),
            Attribute::ints("zones"),
            Attribute::texts("tags"),
            Attribute::number("weight"),
            Attribute::bool("granted"),
        ],
    );
    static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));

    /// Returns one of many filters. They share a few keys, so that the buckets become large, create
    /// classes and split.
    fn filter(at: u64) -> Filter {
        let weight = (at * 7919 % 101) as f64 / 100.0;
        let text = match at % 9 {
            0..3 => json!({ "weight_gte": weight }),
            3 => json!({"weight_gte": weight, "weight_lte": 1, "granted_exists": false}),
            4 => json!({"zones_in": [1, 2, at % 80], "granted": at.is_multiple_of(2)}),
            5 => json!({"door_in": [at % 3, 70], "weight_gte": weight}),
            6 => json!({"tags_in": ["a", format!("b{}", at % 3)], "door_not_in": [9]}),
            7 => json!({"any": [{"door": at % 2}, {"zones_in": [1, 2]}], "granted": true}),
            _ => json!({"zones": 1, "tags_prefix": ["a", "c"], "not": {"door": 3}}),
        };
        Filter::parse(text.to_string(), &FILTERS).expect("a filter")
    }

    #[test]
    fn a_large_index_is_whole_at_each_stage() {
        const MANY: u64 = 6_000;
        type InsertionOrder = fn(u64) -> u64;
        // Ascending, descending and mixed ids are inserted at the end, at the beginning and
        // anywhere, respectively.
        let orders: [InsertionOrder; 3] = [|at| at, |at| MANY - at, |at| at * 7919 % MANY];
        for order in orders {
            let mut index = FilterIndex::new();
            let mut snapshots = Vec::new();
            for at in 0..MANY {
                index.insert(order(at), &filter(order(at)));
                // The snapshots share parts with the index. Later changes must copy these parts.
                if at % 601 == 0 {
                    index.debug_check_whole();
                    snapshots.push(index.clone());
                }
            }
            for at in 0..MANY {
                assert!(index.remove(&order(at)));
                if at % 601 == 0 {
                    index.debug_check_whole();
                }
            }
            assert!(index.is_empty());
            index.debug_check_whole();
            snapshots.iter().for_each(FilterIndex::debug_check_whole);
        }
    }
}
