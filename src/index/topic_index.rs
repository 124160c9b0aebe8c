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

/// The programs of one topic, each filed under its access keys.
///
/// A copy shares all buckets with its original. A later change to either of them copies only the
/// buckets that it changes and the path to them.
#[derive(Clone, Debug)]
pub(super) struct TopicIndex<Id> {
    schema: &'static Schema,
    layout: WordLayout,
    /// The buckets of each attribute, in schema order.
    buckets: Vec<ValueBuckets<Id>>,
    /// The programs without access keys.
    common: Bucket<Id>,
}

/// The maximum length of a list in which each member is compared with the preceding members. Thanks
/// to this comparison, an entry counts only for the first member that finds it.
///
/// Comparing all pairs in a longer list would take too long. A longer list [contains no
/// duplicates](Values::MAX_UNSORTED), so no bucket is found twice. If two of its members find the
/// same entry, that entry's id is in the result twice until the search deduplicates it.
const MAX_COMPARED: usize = Values::MAX_UNSORTED;

impl<Id> TopicIndex<Id> {
    /// Returns the name of the topic.
    pub(super) fn name(&self) -> &'static str {
        self.schema.topic()
    }
}

impl<Id: Copy + Ord> TopicIndex<Id> {
    /// Creates a topic without programs.
    pub(super) fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            layout: WordLayout::new(schema),
            buckets: schema.attributes().iter().map(|_| ValueBuckets::new()).collect(),
            common: Bucket::default(),
        }
    }

    /// Adds a program and returns the access under which it was filed. Removal needs this access.
    pub(super) fn insert(&mut self, id: Id, program: &Program) -> Access {
        let access = self.choose_access(program);
        let entry = self.change(id, program, access, Bucket::insert);
        entry.debug_check(program, access, &self.layout);
        debug_assert!(self.debug_rows(&entry, program, access).is_ok(), "2: a row is missing");
        access
    }

    /// Removes a program. `access` must be the value that the program's insertion returned.
    pub(super) fn remove(&mut self, id: Id, program: &Program, access: Access) {
        let entry = self.change(id, program, access, Bucket::remove);
        // Release builds do not evaluate the arguments of `debug_assert_eq!`. Because this is a
        // closure, they do not count the rows either.
        let rows = || self.debug_rows(&entry, program, access);
        debug_assert_eq!(rows(), Err(0), "2: a row is left behind");
    }

    /// Returns whether there are no programs.
    pub(super) fn is_empty(&self) -> bool {
        self.common.len() == 0 && self.buckets.iter().all(|buckets| buckets.entries() == 0)
    }

    /// Appends the ids of the programs that match the notification to `matched`, without
    /// duplicates.
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
            // The cast cannot truncate, because a schema has at most 64 attributes.
            let id = AttributeId::at(at as u8);
            // Without this check, null would be looked up as 0, and an attribute that no program
            // uses as its access would be looked up needlessly.
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

    /// Calls `change` with each bucket of the program and with the program's entry. Returns the
    /// entry.
    ///
    /// Insertion and removal both use this method, so they cannot change different buckets
    /// (invariant 2).
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

    /// Returns the access through which the fewest notifications are likely to find the program
    /// without matching it.
    ///
    /// The values of future notifications are not known. A value with many entries is assumed to be
    /// common in notifications as well.
    fn choose_access(&self, program: &Program) -> Access {
        let all = Access::of(program).map(|access| (self.cost(access, program), access));
        let least = all.min_by(|(a, _), (b, _)| a.total_cmp(b));
        least.map_or(Access::Common, |(_, access)| access)
    }

    /// Returns the estimated share of notifications that have one of the keys of an access. The
    /// estimate can be greater than 1, because only the comparison with other accesses matters.
    fn cost(&self, access: Access, program: &Program) -> f64 {
        /// The number of additional entries that each attribute is assumed to have. Without them,
        /// an attribute that has no entries would never look selective and so would never be
        /// chosen.
        const UNKNOWN: f64 = 1024.0;
        /// The maximum number of keys that are looked up. Each look-up costs as much as a look-up
        /// in a search.
        const SAMPLE: usize = 4;
        let keys = access.keys(program);
        let step = keys.len().div_ceil(SAMPLE).max(1);
        let sampled = keys.iter().step_by(step).map(|(attribute, value)| {
            let buckets = &self.buckets[attribute.index()];
            let here = buckets.get(value).map_or(0, Bucket::len) as f64;
            (here + 1.0) / (buckets.entries() as f64 + UNKNOWN)
        });
        // Each sampled key represents `step` keys.
        sampled.sum::<f64>() * step as f64
    }
}

/// Assertions for invariants 2 and 3.
impl<Id: Copy + Ord> TopicIndex<Id> {
    /// Checks all buckets and returns the number of rows.
    pub(super) fn debug_check(&self, schema: SchemaId) -> usize {
        debug_assert_eq!(self.schema.id(), schema, "3: the topic of a schema");
        debug_assert_eq!(self.schema.attributes().len(), self.buckets.len(), "3: attributes");
        self.common.debug_check();
        self.buckets.iter().for_each(|buckets| buckets.debug_check());
        self.common.len() + self.buckets.iter().map(|buckets| buckets.entries()).sum::<usize>()
    }

    /// Returns the number of buckets that contain the entry of a program, in `Ok` if these are all
    /// the buckets that its access requires and in `Err` otherwise.
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

    /// Checks that a program is filed under its access and returns the number of its rows.
    pub(super) fn debug_check_program(&self, id: Id, program: &Program, access: Access) -> usize {
        let entry = IndexEntry::of(id, program, access, &self.layout);
        let rows = self.debug_rows(&entry, program, access);
        debug_assert!(rows.is_ok(), "2: a row is missing");
        rows.unwrap_or_default()
    }
}

/// The number of ids above which a search removes duplicates while it is still running.
const MAX_REPEATS: usize = 1024;

/// One search for the programs that match a notification.
struct Search<'a, Id> {
    dense: &'a DenseValues<'a>,
    matched: &'a mut Vec<Id>,
    /// The buckets that have been looked up but not read yet. The first `len` items are `Some`.
    found: [Option<(&'a Bucket<Id>, Probe<'a>)>; PREFETCH],
    len: usize,
    /// The length of `matched` before the search. The ids before this position belong to the caller
    /// and are left unchanged.
    before: usize,
    /// Whether `matched` may contain an id from this search more than once.
    may_repeat: bool,
    /// The length of `matched` beyond which the search next deduplicates.
    dedup_at: usize,
}

/// The number of buckets that are looked up before the first one is read.
///
/// The look-ups do not depend on each other, so the processor can load the memory of several
/// buckets at the same time. If each bucket were read immediately, its branches would delay the
/// next look-up.
const PREFETCH: usize = 8;

impl<'a, Id: Copy + Ord> Search<'a, Id> {
    /// Looks up the value or the members of an attribute, which must be present.
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
            // Booleans and choices have too few values to be an access. The mask of each row tests
            // them.
            AttributeKind::Bool | AttributeKind::Choice(_) => {}
        }
    }

    /// Looks up each member of a list other than a list of strings.
    fn members(&mut self, id: AttributeId, buckets: &'a ValueBuckets<Id>) {
        let members = self.dense.values.members_at(id);
        let may_repeat = members.len() > MAX_COMPARED;
        debug_assert!(
            !may_repeat || members.is_sorted_by(|a, b| a < b),
            "7: a long list has each once"
        );
        for (at, member) in members.iter().enumerate() {
            let preceding = if may_repeat { &[] } else { &members[..at] };
            // A repeated member would lead to its bucket twice.
            if !preceding.contains(member) {
                let probe = Probe { may_repeat, ..Probe::after(id, preceding) };
                self.probe(buckets, KeyValue::Int(*member), probe);
            }
        }
    }

    /// Looks up each string in a list, as `members` does for other lists.
    fn texts(&mut self, id: AttributeId, buckets: &'a ValueBuckets<Id>) {
        let values = self.dense.values;
        // This is true if there are more than MAX_COMPARED strings.
        let may_repeat = values.texts_at(id).nth(MAX_COMPARED).is_some();
        for (at, text) in values.texts_at(id).enumerate() {
            let position = if may_repeat { 0 } else { at };
            if !values.texts_at(id).take(position).any(|preceding| preceding == text) {
                let probe = Probe { position, may_repeat, ..Probe::after(id, &[]) };
                self.probe(buckets, KeyValue::Text(text), probe);
            }
        }
    }

    /// Looks up a value.
    #[inline]
    fn probe(&mut self, buckets: &'a ValueBuckets<Id>, value: KeyValue<'_>, probe: Probe<'a>) {
        if let Some(bucket) = buckets.get(value) {
            self.push(bucket, probe);
        }
    }

    /// Stores a bucket to be read later. If there is no room left, reads the stored buckets first.
    #[inline]
    fn push(&mut self, bucket: &'a Bucket<Id>, probe: Probe<'a>) {
        if self.len == PREFETCH {
            self.match_found();
        }
        self.found[self.len] = Some((bucket, probe));
        self.len += 1;
    }

    /// Reads the buckets in `found` and empties it.
    fn match_found(&mut self) {
        for at in 0..self.len {
            let Some((bucket, mut probe)) = self.found[at] else {
                unreachable!("the first `len` are found")
            };
            bucket.matches_into(self.dense, &mut probe, self.matched);
            self.may_repeat |= probe.may_repeat;
            // If each member of a long list finds the same entries, the duplicates could take many
            // times the memory of the result. The threshold becomes twice the remaining length, so
            // that the search rarely deduplicates.
            if probe.may_repeat && self.matched.len() > self.dedup_at {
                self.dedup_matched();
                self.dedup_at =
                    self.before + 2 * (self.matched.len() - self.before).max(MAX_REPEATS);
            }
        }
        self.len = 0;
    }

    /// Sorts the ids of this search and removes duplicates.
    fn dedup_matched(&mut self) {
        self.matched[self.before..].sort_unstable();
        dedup_from(self.matched, self.before, |a, b| a == b);
    }
}
