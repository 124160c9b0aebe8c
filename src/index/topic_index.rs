use super::{
    access::{Access, KeyValue, Probe},
    bucket::Bucket,
    dense::{DenseValues, WordLayout},
    entry::IndexEntry,
    invariants::debug_check_distinct,
    value_buckets::ValueBuckets,
};
use crate::{
    attribute::{AttributeId, AttributeKind, Schema, SchemaId, Values, dedup_from},
    filter::Program,
};

/// The programs that look at one kind of notification, each under its access key.
///
/// A copy shares with its original what is the same in both: a change while a copy is read copies
/// the few buckets that it changes, and the way to them.
#[derive(Clone, Debug)]
pub(super) struct TopicIndex<Id> {
    schema: &'static Schema,
    layout: WordLayout,
    /// For each attribute.
    buckets: Vec<ValueBuckets<Id>>,
    /// What is looked at for each notification.
    common: Bucket<Id>,
}

/// Of a longer list, which [has each member once](Values::MAX_UNSORTED), none is compared with
/// those before it: what is found by two of them is found twice, and sorted out afterwards.
const MAX_COMPARED: usize = Values::MAX_UNSORTED;

impl<Id> TopicIndex<Id> {
    pub(super) fn name(&self) -> &'static str {
        self.schema.topic()
    }
}

impl<Id: Copy + Ord> TopicIndex<Id> {
    pub(super) fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            layout: WordLayout::new(schema),
            buckets: schema.attributes().iter().map(|_| ValueBuckets::new()).collect(),
            common: Bucket::default(),
        }
    }

    /// Files a program, and says by what it is found.
    pub(super) fn insert(&mut self, id: Id, program: &Program) -> Access {
        let access = self.choose_access(program);
        let entry = self.change(id, program, access, Bucket::insert);
        entry.debug_check(program, access, &self.layout);
        debug_assert!(self.debug_rows(&entry, program, access).is_ok(), "2: a row is missing");
        access
    }

    /// Removes a program that was filed.
    pub(super) fn remove(&mut self, id: Id, program: &Program, access: Access) {
        let entry = self.change(id, program, access, Bucket::remove);
        let rows = || self.debug_rows(&entry, program, access);
        debug_assert_eq!(rows(), Err(0), "2: a row is left behind");
    }

    pub(super) fn is_empty(&self) -> bool {
        self.common.len() == 0 && self.buckets.iter().all(|buckets| buckets.entries() == 0)
    }

    /// Appends the ids of the programs that a notification passes, each once.
    pub(super) fn matches_into(&self, values: &Values, matched: &mut Vec<Id>) {
        let before = matched.len();
        let dense = DenseValues::of(values, &self.layout);
        let mut search = Search {
            dense: &dense,
            before,
            matched,
            found: [None; PREFETCH],
            len: 0,
            may_repeat: false,
            dedup_at: before + MAX_REPEATS,
        };
        search.push(&self.common, Probe::plain());
        for (at, buckets) in self.buckets.iter().enumerate() {
            let id = AttributeId::at(at as u8);
            if buckets.entries() > 0 && values.is_present(id) {
                search.attribute(id, self.schema.attributes()[at].kind(), buckets);
            }
        }
        search.match_found();
        if search.may_repeat {
            search.dedup_matched();
        }
        debug_check_distinct(&matched[before..]);
    }

    /// Changes all buckets that have the program, or are to have it, and returns its entry.
    fn change(
        &mut self,
        id: Id,
        program: &Program,
        access: Access,
        change: impl Fn(&mut Bucket<Id>, &IndexEntry<Id>),
    ) -> IndexEntry<Id> {
        let entry = IndexEntry::of(id, program, access, &self.layout);
        if access == Access::Common {
            change(&mut self.common, &entry);
        }
        for (attribute, value) in access.keys(program).iter() {
            self.buckets[attribute.index()].change(value, |bucket| change(bucket, &entry));
        }
        entry
    }

    /// The access that the fewest notifications will find in vain, as far as the entries that are
    /// there tell: values with many entries are taken to be common in notifications, too.
    fn choose_access(&self, program: &Program) -> Access {
        let all = Access::of(program).map(|access| (self.cost(access, program), access));
        let least = all.min_by(|(a, _), (b, _)| a.total_cmp(b));
        least.map_or(Access::Common, |(_, access)| access)
    }

    fn cost(&self, access: Access, program: &Program) -> f64 {
        /// As if there were so many more entries: what is not known yet is worth a try.
        const UNKNOWN: f64 = 1024.0;
        /// More of the values are not looked up.
        const SAMPLE: usize = 4;
        let keys = access.keys(program);
        let step = keys.len().div_ceil(SAMPLE).max(1);
        let sampled = keys.iter().step_by(step).map(|(attribute, value)| {
            let buckets = &self.buckets[attribute.index()];
            let here = buckets.get(value).map_or(0, Bucket::len) as f64;
            (here + 1.0) / (buckets.entries() as f64 + UNKNOWN)
        });
        sampled.sum::<f64>() * step as f64
    }
}

/// The asserts of invariants 2 and 3.
impl<Id: Copy + Ord> TopicIndex<Id> {
    /// Checks all buckets, and returns how many rows there are.
    pub(super) fn debug_check(&self, schema: SchemaId) -> usize {
        debug_assert_eq!(self.schema.id(), schema, "3: the topic of a schema");
        debug_assert_eq!(self.schema.attributes().len(), self.buckets.len(), "3: attributes");
        self.common.debug_check();
        self.buckets.iter().for_each(|buckets| buckets.debug_check());
        self.common.len() + self.buckets.iter().map(|buckets| buckets.entries()).sum::<usize>()
    }

    /// In how many rows the entry of a program is; an error unless it is in all that its access
    /// asks for.
    fn debug_rows(
        &self,
        entry: &IndexEntry<Id>,
        program: &Program,
        access: Access,
    ) -> Result<usize, usize> {
        let keys = access.keys(program);
        debug_assert!(keys.iter().is_sorted_by(|a, b| a < b), "2: distinct keys");
        debug_assert_eq!(keys.len() == 0, access == Access::Common, "2: an access has keys");
        let is_there = |(attribute, value): &(AttributeId, KeyValue<'_>)| {
            let bucket = self.buckets[attribute.index()].get(*value);
            bucket.is_some_and(|bucket| bucket.has(entry))
        };
        let is_common = access == Access::Common && self.common.has(entry);
        let rows = keys.iter().filter(is_there).count() + usize::from(is_common);
        if rows == keys.len().max(1) { Ok(rows) } else { Err(rows) }
    }

    /// Checks that a program is found by its access, and returns in how many rows it is.
    pub(super) fn debug_check_program(&self, id: Id, program: &Program, access: Access) -> usize {
        let entry = IndexEntry::of(id, program, access, &self.layout);
        let rows = self.debug_rows(&entry, program, access);
        debug_assert!(rows.is_ok(), "2: a row is missing");
        rows.unwrap_or_default()
    }
}

/// With fewer, ids that are there several times are kept until the end of a search.
const MAX_REPEATS: usize = 1024;

/// One search for what a notification passes.
struct Search<'a, Id> {
    dense: &'a DenseValues<'a>,
    matched: &'a mut Vec<Id>,
    /// Buckets that are found and not looked at yet.
    found: [Option<(&'a Bucket<Id>, Probe<'a>)>; PREFETCH],
    len: usize,
    /// How many were matched before the search.
    before: usize,
    /// Whether an id may be among those matched several times.
    may_repeat: bool,
    /// The number of ids at which they are deduplicated.
    dedup_at: usize,
}

/// So many buckets are found before the first is looked at: the ways to them don't depend on each
/// other, so that the processor waits for the memory of several at a time.
const PREFETCH: usize = 8;

impl<'a, Id: Copy + Ord> Search<'a, Id> {
    fn attribute(&mut self, id: AttributeId, kind: AttributeKind, buckets: &'a ValueBuckets<Id>) {
        let values = self.dense.values;
        match kind {
            AttributeKind::Int | AttributeKind::Number => {
                self.probe(buckets, KeyValue::Int(values.int_at(id)), Probe::plain());
            }
            AttributeKind::Text => {
                self.probe(buckets, KeyValue::Text(values.text_at(id)), Probe::plain())
            }
            AttributeKind::Bools | AttributeKind::Numbers | AttributeKind::Ints => {
                self.members(id, buckets)
            }
            AttributeKind::Texts => self.texts(id, buckets),
            AttributeKind::Bool | AttributeKind::Choice(_) => {}
        }
    }

    fn members(&mut self, id: AttributeId, buckets: &'a ValueBuckets<Id>) {
        let members = self.dense.values.members_at(id);
        let may_repeat = members.len() > MAX_COMPARED;
        debug_assert!(
            !may_repeat || members.is_sorted_by(|a, b| a < b),
            "7: a long list has each once"
        );
        for (at, member) in members.iter().enumerate() {
            let preceding = if may_repeat { &[] } else { &members[..at] };
            if !preceding.contains(member) {
                let probe = Probe { may_repeat, ..Probe::after(id, preceding) };
                self.probe(buckets, KeyValue::Int(*member), probe);
            }
        }
    }

    fn texts(&mut self, id: AttributeId, buckets: &'a ValueBuckets<Id>) {
        let values = self.dense.values;
        let may_repeat = values.texts_at(id).nth(MAX_COMPARED).is_some();
        for (at, text) in values.texts_at(id).enumerate() {
            let position = if may_repeat { 0 } else { at };
            if !values.texts_at(id).take(position).any(|preceding| preceding == text) {
                let probe = Probe { position, may_repeat, ..Probe::after(id, &[]) };
                self.probe(buckets, KeyValue::Text(text), probe);
            }
        }
    }

    #[inline]
    fn probe(&mut self, buckets: &'a ValueBuckets<Id>, value: KeyValue<'_>, probe: Probe<'a>) {
        if let Some(bucket) = buckets.get(value) {
            self.push(bucket, probe);
        }
    }

    #[inline]
    fn push(&mut self, bucket: &'a Bucket<Id>, probe: Probe<'a>) {
        if self.len == PREFETCH {
            self.match_found();
        }
        self.found[self.len] = Some((bucket, probe));
        self.len += 1;
    }

    /// Matches in the buckets that are found.
    fn match_found(&mut self) {
        for at in 0..self.len {
            let Some((bucket, mut probe)) = self.found[at] else {
                unreachable!("the first `len` are found")
            };
            bucket.matches_into(self.dense, &mut probe, self.matched);
            self.may_repeat |= probe.may_repeat;
            // Now and then, so that a notification of very many members takes no more memory than
            // few times that of its answer.
            if probe.may_repeat && self.matched.len() > self.dedup_at {
                self.dedup_matched();
                self.dedup_at =
                    self.before + 2 * (self.matched.len() - self.before).max(MAX_REPEATS);
            }
        }
        self.len = 0;
    }

    /// Keeps each id once.
    fn dedup_matched(&mut self) {
        self.matched[self.before..].sort_unstable();
        dedup_from(self.matched, self.before, |a, b| a == b);
    }
}
