use super::{
    access::{Access, Probe},
    bucket::Bucket,
    entry::Entry,
    facts::{Facts, Layout},
    trie::{Sought, Trie},
};
use crate::{
    attribute::{AttributeId, Kind, Record, Schema},
    filter::Program,
};

/// The programs that look at one kind of notification, each under its access key.
///
/// A copy shares with its original what is the same in both: a change while a copy is read copies
/// the few buckets that it changes, and the way to them.
#[derive(Clone, Debug)]
pub(super) struct Topic<Id> {
    schema: &'static Schema,
    layout: Layout,
    /// For each attribute: how many entries stand under its values.
    entries: Vec<u32>,
    buckets: Trie<Bucket<Id>>,
    /// What is looked at for each record.
    common: Bucket<Id>,
}

/// Of a longer list, each member is not compared with those before it: what is found by two of them
/// is found twice, and sorted out afterwards.
const MANY: usize = 32;

impl<Id: Copy + Ord> Topic<Id> {
    pub(super) fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            layout: Layout::new(schema),
            entries: vec![0; schema.attributes().len()],
            buckets: Trie::default(),
            common: Bucket::default(),
        }
    }

    /// Files a program, and says by what it is found.
    pub(super) fn insert(&mut self, id: Id, program: &Program) -> Access {
        let access = self.choose(program);
        let entry = Entry::of(id, program, access, &self.layout);
        if access == Access::Common {
            self.common.insert(&entry);
            return access;
        }
        for key in access.keys(program).iter() {
            self.buckets.change(key, |bucket| bucket.insert(&entry));
            self.entries[key.attribute()] += 1;
        }
        access
    }

    /// Removes a program that was filed.
    pub(super) fn remove(&mut self, id: Id, program: &Program, access: Access) {
        let entry = Entry::of(id, program, access, &self.layout);
        if access == Access::Common {
            self.common.remove(&entry);
            return;
        }
        for key in access.keys(program).iter() {
            let mut is_empty = false;
            self.buckets.change(key, |bucket| {
                bucket.remove(&entry);
                is_empty = bucket.len() == 0;
            });
            if is_empty {
                self.buckets.remove(key);
            }
            self.entries[key.attribute()] -= 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.common.len() == 0 && self.entries.iter().all(|entries| *entries == 0)
    }

    /// Appends the ids of the programs that a record passes, each once.
    pub(super) fn matches_into(&self, record: &Record, wanted: &mut Vec<Id>) {
        let before = wanted.len();
        let facts = &Facts::of(record, &self.layout);
        let mut probe = Probe::plain();
        self.common.matches_into(facts, &mut probe, wanted);
        for (at, entries) in self.entries.iter().enumerate() {
            let id = AttributeId::at(at as u8);
            if *entries == 0 || !record.is_present(id) {
                continue;
            }
            match self.schema.attributes()[at].kind() {
                Kind::Int | Kind::Number => {
                    let sought = Sought::Int(at as u8, record.int_at(id));
                    self.probe(sought, facts, &mut probe, wanted);
                }
                Kind::Text => {
                    let sought = Sought::Text(at as u8, record.text_at(id));
                    self.probe(sought, facts, &mut probe, wanted);
                }
                Kind::Bools | Kind::Numbers | Kind::Ints => {
                    self.probe_members(id, facts, &mut probe, wanted);
                }
                Kind::Texts => self.probe_texts(id, facts, &mut probe, wanted),
                Kind::Bool | Kind::Choice(_) => {}
            }
        }
        if probe.repeats {
            wanted[before..].sort_unstable();
            let mut kept = before;
            for at in before..wanted.len() {
                if kept == before || wanted[kept - 1] != wanted[at] {
                    wanted[kept] = wanted[at];
                    kept += 1;
                }
            }
            wanted.truncate(kept);
        }
    }

    fn probe_members(
        &self,
        attribute: AttributeId,
        facts: &Facts<'_>,
        probe: &mut Probe<'_>,
        wanted: &mut Vec<Id>,
    ) {
        let members = facts.record.members_at(attribute);
        let repeats = members.len() > MANY;
        for (at, member) in members.iter().enumerate() {
            let position = if repeats { 0 } else { at };
            let earlier = &members[..position];
            if earlier.contains(member) {
                continue;
            }
            let mut here = Probe { attribute, earlier, position, repeats };
            let sought = Sought::Int(attribute.index() as u8, *member);
            self.probe(sought, facts, &mut here, wanted);
            probe.repeats |= here.repeats;
        }
    }

    fn probe_texts(
        &self,
        attribute: AttributeId,
        facts: &Facts<'_>,
        probe: &mut Probe<'_>,
        wanted: &mut Vec<Id>,
    ) {
        let repeats = facts.record.texts_at(attribute).nth(MANY).is_some();
        for (at, text) in facts.record.texts_at(attribute).enumerate() {
            let position = if repeats { 0 } else { at };
            if facts.record.texts_at(attribute).take(position).any(|earlier| earlier == text) {
                continue;
            }
            let mut here = Probe { attribute, earlier: &[], position, repeats };
            let sought = Sought::Text(attribute.index() as u8, text);
            self.probe(sought, facts, &mut here, wanted);
            probe.repeats |= here.repeats;
        }
    }

    #[inline]
    fn probe(
        &self,
        sought: Sought<'_>,
        facts: &Facts<'_>,
        probe: &mut Probe<'_>,
        wanted: &mut Vec<Id>,
    ) {
        if let Some(bucket) = self.buckets.get(sought) {
            bucket.matches_into(facts, probe, wanted);
        }
    }

    /// The access that the fewest records will find in vain, as far as the entries that are there
    /// tell: values with many entries are taken to be common in records, too.
    fn choose(&self, program: &Program) -> Access {
        let all = Access::of(program).map(|access| (self.cost(access, program), access));
        let least = all.min_by(|(a, _), (b, _)| a.total_cmp(b));
        least.map_or(Access::Common, |(_, access)| access)
    }

    fn cost(&self, access: Access, program: &Program) -> f64 {
        /// As if there were so many more entries: what is not known yet is worth a try.
        const UNKNOWN: f64 = 1024.0;
        /// More of the values are not looked up.
        const SAMPLE: usize = 8;
        let keys = access.keys(program);
        let step = keys.len().div_ceil(SAMPLE).max(1);
        let sampled = keys.iter().step_by(step).map(|key| {
            let here = self.buckets.get(key).map_or(0, Bucket::len) as f64;
            (here + 1.0) / (f64::from(self.entries[key.attribute()]) + UNKNOWN)
        });
        sampled.sum::<f64>() * step as f64
    }
}
