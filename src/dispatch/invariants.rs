//! Asserts the invariants that are listed at the top of the [module](super), with the same numbers.
//!
//! In debug builds, the assertions run after every public call that changes something. Therefore,
//! every test that uses a dispatcher also tests the invariants, and fails at the call that breaks
//! one of them.

use super::{
    Dispatcher, WebhookKey,
    arena::LaneKey,
    lane::{DeliveryState, Lane},
    ready::readiness,
    webhook::{Lifecycle, RegisteredWebhook},
};

/// The maximum number of webhooks, and also of lanes, in a state that is checked.
// A check visits the whole state. In a test with a hundred thousand webhooks, a check after every
// call would take far too long, and small states reveal broken invariants just as well.
const MOST_LANES: usize = 64;
/// The maximum number of pending notifications in a state that is checked.
const MOST_PENDING: usize = 256;

impl<E> Dispatcher<E> {
    /// Asserts all invariants in debug builds if the state is small. Every public method that
    /// changes something calls this method at its end.
    // It does not allocate, since some tests count allocations.
    #[inline]
    pub(super) fn debug_check(&self) {
        if cfg!(debug_assertions) && self.is_small() {
            self.check_webhooks();
            self.check_lanes();
            self.check_load();
            self.check_schedule();
            self.check_flushes();
        }
    }

    /// Returns whether the state is small enough to be checked after every call.
    fn is_small(&self) -> bool {
        let lanes = self.webhooks.len().max(self.lanes.len());
        lanes <= MOST_LANES && self.load.pending <= MOST_PENDING
    }

    /// Asserts invariants 1 to 7 for each webhook.
    fn check_webhooks(&self) {
        for (id, webhook_key) in &self.webhook_keys {
            let webhook = &self.webhooks[webhook_key.0];
            assert!(webhook.id == *id && webhook.is_live(), "1: {id} names another webhook");
        }
        for webhook_key in self.removing.values().flatten() {
            let lifecycle = self.webhooks[webhook_key.0].lifecycle;
            assert_eq!(
                lifecycle,
                Lifecycle::Removing,
                "1: a registered webhook is listed as removed"
            );
        }
        assert!(
            self.removing.values().all(|webhook_keys| !webhook_keys.is_empty()),
            "1: an id lists no removed webhook"
        );
        let listed = self.webhook_keys.len() + self.removing.values().map(Vec::len).sum::<usize>();
        assert_eq!(listed, self.webhooks.len(), "1: a webhook is not listed");
        let lanes: usize = self.webhooks.values().map(|webhook| webhook.lanes.len()).sum();
        assert_eq!(lanes, self.lanes.len(), "3: a lane without a webhook");
        for webhook_key in self.webhook_keys.values().chain(self.removing.values().flatten()) {
            self.check_webhook(*webhook_key, &self.webhooks[webhook_key.0]);
        }
    }

    /// Asserts invariants 2 to 7 and 10 for one webhook.
    fn check_webhook(&self, webhook_key: WebhookKey, webhook: &RegisteredWebhook<E>) {
        let (mut pending, mut bytes, mut in_flight, mut waiting) = (0, 0, 0, 0);
        for (schema, key) in &webhook.lanes {
            let lane = &self.lanes[key.0];
            assert_eq!(
                (lane.webhook, lane.schema.id()),
                (webhook_key, *schema),
                "3: a lane of another webhook or topic"
            );
            assert_eq!(webhook.lane(*schema), Some(*key), "3: two lanes of one topic");
            let in_flight_count =
                lane.active.iter().filter(|one| one.state == DeliveryState::InFlight).count();
            pending += lane.pending();
            bytes += lane.pending_bytes();
            in_flight += in_flight_count;
            waiting += lane.active.len() - in_flight_count + lane.queued();
            let limit = webhook.policy.retry().attempts();
            assert!(
                lane.exhausted(limit).is_none(),
                "10: a delivery waits for an attempt too many"
            );
        }
        let stats = &webhook.stats;
        let ended = stats.delivered + stats.dead + stats.dropped.total();
        assert_eq!(stats.matched, stats.accepted + stats.rejected, "4: {stats}");
        assert_eq!(stats.accepted, ended + pending as u64, "4: {stats}, {pending} pending");
        assert_eq!(webhook.pending_bytes, bytes, "5: bytes of a webhook");
        assert_eq!(webhook.in_flight, in_flight, "6: requests in flight of a webhook");
        assert!(in_flight <= self.limits.max_webhook_in_flight(), "7: {in_flight} in flight");
        assert!(pending <= self.limits.max_webhook_queue_items(), "7: {pending} pending");
        assert!(bytes <= self.limits.max_webhook_queue_bytes(), "7: {bytes} bytes pending");
        if !webhook.is_live() {
            // `waiting` counts queued notifications and waiting deliveries. A removed webhook has
            // neither.
            assert!(
                pending > 0 && waiting == 0,
                "2: a removed webhook has {pending} pending, {waiting} of them not in flight"
            );
        }
    }

    /// Asserts invariants 8 to 10 for each lane.
    fn check_lanes(&self) {
        for lane in self.lanes.values() {
            assert_eq!(lane.pending_at.is_some(), !lane.is_idle(), "8: {lane:?}");
            lane.check_order(self.sequence, self.now);
        }
        let pending = self.lanes.values().filter(|lane| !lane.is_idle()).count();
        assert_eq!(
            self.pending.iter().len(),
            pending,
            "8: the list of pending lanes has another length"
        );
        for (at, key) in self.pending.iter().enumerate() {
            assert_eq!(self.lanes[key.0].pending_at, Some(at as u32), "8: at another index");
        }
    }

    /// Asserts invariants 4 to 7 across all webhooks.
    fn check_load(&self) {
        let pending: usize = self.lanes.values().map(Lane::pending).sum();
        assert_eq!(self.load.pending, pending, "5: pending in all");
        assert_eq!(self.total.pending(), pending as u64, "4: pending in all");
        assert_eq!(self.total.matched, self.total.accepted + self.total.rejected, "4: in all");
        let in_flight: usize = self.webhooks.values().map(|webhook| webhook.in_flight).sum();
        assert_eq!(self.load.in_flight, in_flight, "6: in flight in all");
        let failing = self.webhooks.values().filter(|webhook| webhook.is_failing());
        let failing: usize = failing.map(|webhook| webhook.in_flight).sum();
        assert_eq!(self.load.failing_in_flight, failing, "6: in flight of failing webhooks");
        assert!(pending <= self.limits.max_queue_items(), "7: {pending} pending in all");
        assert!(in_flight <= self.limits.max_in_flight(), "7: {in_flight} in flight in all");
    }

    /// Asserts invariants 11 to 13.
    fn check_schedule(&self) {
        assert!(self.schedule.due(self.now).is_none(), "11: a timer has expired");
        let mut scheduled = 0;
        for webhook in self.webhooks.values() {
            for (_, key) in &webhook.lanes {
                let lane = &self.lanes[key.0];
                let readiness =
                    readiness(lane, webhook, self.limits.max_webhook_in_flight(), self.now);
                assert!(
                    lane.position.matches(readiness),
                    "12: {:?} with {readiness:?}",
                    lane.position
                );
                assert!(self.schedule.holds(*key, lane.position), "12: not at {:?}", lane.position);
                scheduled += usize::from(lane.position.is_scheduled());
            }
        }
        // Every lane has been found at its position. If the schedule contained any other entries,
        // it would contain a lane twice, or a lane that no longer exists.
        assert_eq!(self.schedule.len(), scheduled, "12, 13: a lane has two positions");
    }

    /// Asserts invariant 14.
    fn check_flushes(&self) {
        for (LaneKey(key), number) in self.flushes.waiting() {
            let lane = &self.lanes[key];
            assert!(lane.waits_for(number), "14: {number} is settled, or was never accepted");
            assert_ne!(
                self.webhooks[lane.webhook.0].lifecycle,
                Lifecycle::Paused,
                "14: a flush waits for a paused webhook"
            );
        }
    }
}
