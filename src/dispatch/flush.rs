//! Tracks which lanes each flush waits for, and up to which notification.

use std::collections::BTreeMap;

use super::{Dispatcher, arena::LaneKey, webhook::Lifecycle};
use crate::base::Moment;

/// The flushes that have not ended, and the lanes that each of them is waiting for.
///
/// A flush covers the notifications that are pending when it starts. A lane numbers its
/// notifications as it accepts them. A flush therefore stores only one number for each lane: the
/// number of the last notification that it covers. Once everything up to that number is settled,
/// the lane is removed from the flush. A flush is done when it has no lanes left. Lanes are never
/// added to a flush, so notifications that are accepted later do not delay it.
// A flush lists only the lanes that were not idle when it started. Every resolution checks every
// flush. That is cheap as long as few flushes are active, which is the normal case, since a caller
// is waiting for each of them.
#[derive(Debug, Default)]
pub(super) struct Flushes {
    /// The number of the last flush. Numbers are never reused, so the id of a flush that has ended
    /// never refers to another flush.
    last: u64,
    active: BTreeMap<FlushId, BTreeMap<LaneKey, u64>>,
}

/// The id of a flush.
///
/// Ids are never reused. After a flush has ended, ending it again does nothing, and
/// [`is_flushed`](Dispatcher::is_flushed) returns `true` for its id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlushId(u64);

impl<E> Dispatcher<E> {
    /// Starts a flush, which sends everything that is pending now without waiting for `linger`.
    ///
    /// Only the linger is skipped. Retries keep their delays, and a webhook that is blocked by
    /// `Retry-After` stays blocked. Notifications that are accepted later are not part of the
    /// flush.
    ///
    /// [`is_flushed`](Self::is_flushed) returns whether everything that was pending has been
    /// settled. A flush does not wait for a paused webhook. Once the webhook is resumed, the
    /// notifications that were pending at the start of the flush skip their linger, too.
    ///
    /// The flush is kept until [`end_flush`](Self::end_flush) is called, whether it is done or not.
    /// Until then, it uses memory and makes every resolution slightly slower. Starting a flush
    /// visits every lane that has pending notifications.
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
        // The loop uses a copy of the list, since each lane changes while it is visited.
        for key in self.pending.keys() {
            let lane = &mut self.lanes[key.0];
            let through = lane.flush();
            // The flush does not wait for paused webhooks, since nobody knows when a pause will
            // end.
            if self.webhooks[lane.webhook.0].lifecycle != Lifecycle::Paused {
                waiting.insert(key, through);
            }
            self.reschedule(key);
        }
        let id = self.flushes.start(waiting);
        self.debug_check();
        id
    }

    /// Returns whether everything that was pending at the start of a flush has been settled:
    /// delivered, dead or dropped.
    ///
    /// Notifications of webhooks that were paused at the start of the flush, or at any time since
    /// then, do not count. Also returns `true` if nothing was pending or if the flush has ended.
    pub fn is_flushed(&self, id: FlushId) -> bool {
        self.flushes.is_done(id)
    }

    /// Ends a flush, whether it is done or not. Does nothing if the flush has already ended.
    ///
    /// The notifications that the flush covers still skip their linger.
    pub fn end_flush(&mut self, id: FlushId) {
        self.flushes.end(id);
        self.debug_check();
    }
}

impl Flushes {
    /// Starts a flush. `lanes` maps each lane to the number of the last notification in it that the
    /// flush waits for.
    pub(super) fn start(&mut self, lanes: BTreeMap<LaneKey, u64>) -> FlushId {
        self.last += 1;
        let id = FlushId(self.last);
        self.active.insert(id, lanes);
        id
    }

    /// Removes a flush. Does nothing if there is no flush with this id.
    pub(super) fn end(&mut self, id: FlushId) {
        self.active.remove(&id);
    }

    /// Returns whether a flush has no lanes left to wait for or has ended.
    pub(super) fn is_done(&self, id: FlushId) -> bool {
        self.active.get(&id).is_none_or(BTreeMap::is_empty)
    }

    /// Returns the lanes that flushes are waiting for, each with the number up to which its
    /// notifications must be settled.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (LaneKey, u64)> {
        self.active.values().flatten().map(|(lane, number)| (*lane, *number))
    }

    /// Records that everything in a lane is settled up to the number `settled`.
    pub(super) fn progress(&mut self, lane: LaneKey, settled: u64) {
        for lanes in self.active.values_mut() {
            if lanes.get(&lane).is_some_and(|number| settled >= *number) {
                lanes.remove(&lane);
            }
        }
    }

    /// Removes a lane from all flushes because its webhook is paused.
    pub(super) fn forget(&mut self, lane: LaneKey) {
        self.progress(lane, u64::MAX);
    }
}
