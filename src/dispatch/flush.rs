//! Flushes: which lanes each of them waits for, and up to which notification.

use std::collections::BTreeMap;

use super::{Dispatcher, arena::LaneKey, webhook::Lifecycle};
use crate::base::Moment;

/// The flushes that have not ended, and the lanes that each of them waits for.
///
/// A flush covers the notifications that are pending when it starts. A lane numbers its
/// notifications as it accepts them, so a flush keeps one number for each lane, and covers
/// everything up to it. When the lane has settled this, it is removed from the flush. A flush
/// without lanes is done. It never gains a lane, so notifications that are accepted later do not
/// delay it.
// A flush lists only the lanes that held something when it started. Each resolution looks at every
// flush. That is cheap as long as few flushes are active, which is the normal case: a caller waits
// for each of them.
#[derive(Debug, Default)]
pub(super) struct Flushes {
    /// The number of the last flush. Numbers are not used again, so an id that has ended never
    /// names another flush.
    last: u64,
    active: BTreeMap<FlushId, BTreeMap<LaneKey, u64>>,
}

/// The id of a flush, from its start to its end.
///
/// An id is not used again. After the end of its flush it does nothing, and counts as flushed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlushId(u64);

impl<E> Dispatcher<E> {
    /// Starts a flush: everything pending now is sent without waiting for `linger`.
    ///
    /// Only the linger is skipped. Retries keep their delays, and a webhook that is blocked by
    /// `Retry-After` stays blocked. Notifications that are accepted later are not part of the flush.
    ///
    /// [`is_flushed`](Self::is_flushed) returns whether everything that was pending is settled.
    /// Paused webhooks are left out. Their notifications skip the linger, too, when the webhook is
    /// resumed.
    ///
    /// The flush is kept until [`end_flush`](Self::end_flush), whether it is done or not. Until then
    /// it costs memory, and a little time for each resolution. Starting it visits every lane that
    /// holds something.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, http::StatusCode};
    /// # use recohook::{policy::*, unstable::{Dispatcher, Outcome}};
    /// # use std::{sync::Arc, time::Duration};
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let batch = Batching::at_most(100)?.with_linger(Duration::from_secs(60));
    /// let policy = Policy::default().with_batch(batch);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), policy);
    /// dispatcher.publish(&[key], &item, now);
    /// assert!(dispatcher.poll_delivery(now).is_none());
    /// let flush = dispatcher.start_flush(now);
    /// let delivery = dispatcher.poll_delivery(now).expect("it does not linger");
    /// assert!(!dispatcher.is_flushed(flush));
    /// let success = Outcome::Response { status: StatusCode::OK, retry_after: None };
    /// dispatcher.handle_outcome(delivery.attempt_id(), success, now);
    /// assert!(dispatcher.is_flushed(flush));
    /// dispatcher.end_flush(flush);
    /// # Ok::<(), PolicyError>(())
    /// ```
    #[must_use = "a flush is kept until it is ended by its id"]
    pub fn start_flush(&mut self, now: Moment) -> FlushId {
        self.tick(now);
        let mut waiting = BTreeMap::new();
        // A copy of the list, since each lane changes while it is visited.
        for key in self.pending.keys() {
            let lane = &mut self.lanes[key.0];
            let through = lane.flush();
            // Nobody knows when a pause ends, so nobody waits for it.
            if self.webhooks[lane.webhook.0].lifecycle != Lifecycle::Paused {
                waiting.insert(key, through);
            }
            self.reschedule(key);
        }
        let id = self.flushes.start(waiting);
        self.debug_check();
        id
    }

    /// Returns whether everything that was pending at the start of a flush is settled: delivered,
    /// dead or dropped.
    ///
    /// Notifications of webhooks that were paused at the start, or at any time since, do not count.
    /// Returns `true` if nothing was pending, and after the flush has ended.
    pub fn is_flushed(&self, id: FlushId) -> bool {
        self.flushes.is_done(id)
    }

    /// Ends a flush, whether it is done or not. Does nothing if the flush has already ended.
    ///
    /// The notifications that it covers still skip their linger.
    pub fn end_flush(&mut self, id: FlushId) {
        self.flushes.end(id);
        self.debug_check();
    }
}

impl Flushes {
    /// Starts a flush that waits until each lane has settled everything up to its number.
    pub(super) fn start(&mut self, lanes: BTreeMap<LaneKey, u64>) -> FlushId {
        self.last += 1;
        let id = FlushId(self.last);
        self.active.insert(id, lanes);
        id
    }

    /// Removes a flush. Does nothing if there is none with this id.
    pub(super) fn end(&mut self, id: FlushId) {
        self.active.remove(&id);
    }

    /// Returns whether a flush has no lane left to wait for, or has ended.
    pub(super) fn is_done(&self, id: FlushId) -> bool {
        self.active.get(&id).is_none_or(BTreeMap::is_empty)
    }

    /// Returns the lanes that flushes wait for, each with the number up to which it must settle.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (LaneKey, u64)> {
        self.active.values().flatten().map(|(lane, number)| (*lane, *number))
    }

    /// Records that a lane has settled everything up to `settled`.
    pub(super) fn progress(&mut self, lane: LaneKey, settled: u64) {
        for lanes in self.active.values_mut() {
            if lanes.get(&lane).is_some_and(|number| settled >= *number) {
                lanes.remove(&lane);
            }
        }
    }

    /// Removes a lane from all flushes, because its webhook is paused.
    pub(super) fn forget(&mut self, lane: LaneKey) {
        self.progress(lane, u64::MAX);
    }
}
