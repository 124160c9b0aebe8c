use std::{cell::Cell, sync::Arc};

use bytes::Bytes;

use crate::{
    EncodeError, Encoded, FilterIndex, FilterSnapshot, Moment, Notification, Rendering, Webhook,
    attribute::{Record, RecordError},
    budget::Budget,
    dispatch::{Dispatcher, Queued, Slot},
    sync::{self, Guarded, Order, thread_local},
};

/// Which webhooks want a notification, by the rendering that they want it in.
#[derive(Debug, Default)]
pub(crate) struct Router {
    indexes: [FilterIndex<Slot>; Rendering::ALL.len()],
    /// Counts the changes.
    version: u64,
}

/// What a router answers at one moment, for publishers on any thread.
#[derive(Debug, Default)]
pub(crate) struct Routes([FilterSnapshot<Slot>; Rendering::ALL.len()]);

/// What routing a notification needs, kept between notifications so that a warm publish
/// allocates nothing until something matches.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    record: Record,
    wanted: [Vec<Slot>; Rendering::ALL.len()],
    /// Those who have been offered it, in order.
    left_out: Vec<Slot>,
    body: Vec<u8>,
}

/// A notification that is wanted, encoded once for each rendering that is.
#[derive(Debug, Default)]
pub(crate) struct Payloads([Option<Payload>; Rendering::ALL.len()]);

/// A notification, encoded in one rendering.
#[derive(Debug)]
enum Payload {
    /// To be queued.
    Ready(Arc<Encoded>),
    /// The bound on all payload bytes is reached: to be refused.
    Refused(Arc<Encoded>),
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Guarded for Router {
    const ORDER: Order = Order::Router;
}

impl Router {
    /// Takes up a webhook, in place of what stood under its slot.
    pub(crate) fn insert(&mut self, slot: Slot, webhook: &Webhook) {
        self.remove(slot);
        if webhook.is_active() {
            self.indexes[webhook.rendering() as usize].insert(slot, webhook.filter());
        }
    }

    pub(crate) fn remove(&mut self, slot: Slot) {
        self.version += 1;
        for index in &mut self.indexes {
            index.remove(&slot);
        }
    }

    /// Finds the webhooks that want what `scratch` was filled with.
    pub(crate) fn matches(&self, scratch: &mut Scratch) {
        scratch.search(self.indexes.each_ref().map(FilterIndex::snapshot));
    }

    /// The routes, where they are others than those of an earlier version.
    pub(crate) fn changed_since(&self, version: u64) -> Option<Routes> {
        let snapshots = || self.indexes.each_ref().map(|index| index.snapshot().clone());
        (self.version != version).then(|| Routes(snapshots()))
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

impl Routes {
    /// As [`Router::matches`].
    pub(crate) fn matches(&self, scratch: &mut Scratch) {
        scratch.search(self.0.each_ref());
    }
}

impl Payloads {
    /// Queues it for `slots`, which want it in `rendering`, or counts it as refused by them: where
    /// there is no room, or where it could be encoded in another rendering alone.
    pub(crate) fn offer(
        &self,
        rendering: Rendering,
        dispatcher: &mut Dispatcher<Webhook>,
        slots: &[Slot],
        now: Moment,
    ) -> Queued {
        let Self(payloads) = self;
        match &payloads[rendering as usize] {
            Some(Payload::Ready(item)) => dispatcher.publish(slots, item, now),
            Some(Payload::Refused(item)) => dispatcher.reject(slots, item, now),
            None => payloads.iter().flatten().next().map_or(Queued::default(), |other| {
                let (Payload::Ready(item) | Payload::Refused(item)) = other;
                dispatcher.reject(slots, item, now)
            }),
        }
    }
}

impl Scratch {
    /// Runs `f` with this thread's scratch. A notification that publishes another while it is
    /// itself being published gets one of its own, and so does one that the destructor of a
    /// thread-local value publishes after the thread's scratch is gone.
    pub(crate) fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_default();
        let result = f(&mut scratch);
        // One huge notification does not make every thread keep as much for ever.
        if scratch.bytes() > KEPT_BYTES {
            *scratch = Self::default();
        }
        // Where the thread is at its end, nothing is kept.
        let _ = SCRATCH.try_with(|kept| kept.set(Some(scratch)));
        result
    }

    /// The memory that it keeps.
    fn bytes(&self) -> usize {
        let slots = self.wanted.iter().map(Vec::capacity).sum::<usize>() + self.left_out.capacity();
        self.body.capacity() + self.record.bytes() + slots * size_of::<Slot>()
    }

    /// Reads the attributes of a notification.
    pub(crate) fn fill(&mut self, notification: &dyn Notification) -> Result<(), RecordError> {
        sync::assert_unlocked();
        self.left_out.clear();
        self.record.reset(notification.schema());
        notification.attributes(&mut self.record);
        self.record.mistake().cloned().map_or(Ok(()), Err)
    }

    fn search(&mut self, snapshots: [&FilterSnapshot<Slot>; Rendering::ALL.len()]) {
        for (snapshot, wanted) in snapshots.into_iter().zip(&mut self.wanted) {
            wanted.clear();
            snapshot.matches_into(&self.record, wanted);
            if !self.left_out.is_empty() {
                wanted.retain(|slot| self.left_out.binary_search(slot).is_err());
            }
        }
    }

    /// Leaves those who want it out of later searches for the same notification.
    pub(crate) fn leave_out_wanted(&mut self) {
        self.left_out.extend(self.wanted.iter().flatten());
        self.left_out.sort_unstable();
    }

    /// Whether any webhook wants it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.iter().any(|slots| !slots.is_empty())
    }

    /// Who wants it, by the rendering that they want it in.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = (Rendering, &[Slot])> {
        let wanted = Rendering::ALL.into_iter().zip(self.wanted.iter().map(Vec::as_slice));
        wanted.filter(|(_, slots)| !slots.is_empty())
    }

    /// Encodes the notification in each rendering that is wanted and that it is not encoded in
    /// yet.
    pub(crate) fn encode(
        &mut self,
        notification: &dyn Notification,
        budget: &Budget,
        limit: usize,
        Payloads(payloads): &mut Payloads,
    ) -> Result<(), EncodeError> {
        sync::assert_unlocked();
        let Self { wanted, body, record, .. } = self;
        // The one that it was matched by, should it claim another by now.
        let schema = record.schema().unwrap_or_else(|| notification.schema());
        for (rendering, payload) in Rendering::ALL.into_iter().zip(payloads) {
            if wanted[rendering as usize].is_empty() || payload.is_some() {
                continue;
            }
            body.clear();
            notification.encode(rendering, body)?;
            if body.is_empty() {
                return Err(EncodeError::new("it wrote nothing"));
            }
            let share = budget.take(body.len(), limit);
            let fits = share.is_some();
            // Copied, so that what waits in queues owns no spare capacity.
            let text = Bytes::copy_from_slice(body);
            let (id, kind) = (notification.id(), notification.kind());
            let item = Arc::new(Encoded::shared(schema, &id, kind, text, share));
            *payload = Some(if fits { Payload::Ready(item) } else { Payload::Refused(item) });
        }
        Ok(())
    }
}

/// The most bytes of a thread's buffers that outlive a publish.
const KEPT_BYTES: usize = 2 * 1024 * 1024;
