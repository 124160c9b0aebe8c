//! A model of the dispatcher: a list of notifications, and what has happened to each of them.

use std::time::Duration;

use recohook::{
    DeliveryId, FlushId, Limits, Moment, WebhookId,
    report::{Batch, DropReason, Report, ReportEvent},
    unstable::{Delivery, WebhookKey},
};

/// The number of topics.
pub(crate) const TOPICS: usize = 2;

/// The maximum number of notifications in a batch.
pub(crate) const BATCH: usize = 2;

/// The bounds of a dispatcher. Two to four calls reach them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) webhook_items: usize,
    pub(crate) items: usize,
    pub(crate) webhook_in_flight: usize,
    pub(crate) in_flight: usize,
}

/// With the first bounds, queues are short, and the lanes of a webhook wait for each other. With
/// the second bounds, webhooks wait for each other.
pub(crate) const BOUNDS: [Bounds; 2] = [
    Bounds { webhook_items: 2, items: 3, webhook_in_flight: 1, in_flight: 2 },
    Bounds { webhook_items: 3, items: 4, webhook_in_flight: 2, in_flight: 2 },
];

/// The calls and reports of a dispatcher, recorded for each notification. The state that the
/// dispatcher shows must follow from this.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) bounds: Bounds,
    pub(crate) hooks: Vec<Hook>,
    /// All notifications, in the order of publishing.
    pub(crate) entries: Vec<Entry>,
    pub(crate) flush: Option<Flush>,
    pub(crate) closed: bool,
    pub(crate) aborted: bool,
}

/// A webhook. Inserting an id again makes another webhook.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) id: WebhookId,
    pub(crate) key: WebhookKey,
    pub(crate) live: bool,
    pub(crate) paused: bool,
    pub(crate) drops_oldest: bool,
    pub(crate) attempts_allowed: u32,
    pub(crate) max_batches: usize,
    pub(crate) linger: Duration,
    pub(crate) in_flight: usize,
    /// Whether its last attempt failed.
    pub(crate) failing: bool,
    /// The end of the time for which `Retry-After` blocks the webhook.
    pub(crate) blocked_until: Moment,
    pub(crate) attempts: u64,
    pub(crate) failures: u64,
    pub(crate) lanes: [Lane; TOPICS],
}

#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// The deliveries that the dispatcher has handed out and that have not ended.
    pub(crate) open: Vec<OpenDelivery>,
    /// The number of the notification that was delivered last.
    pub(crate) delivered: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct OpenDelivery {
    pub(crate) id: DeliveryId,
    /// The number of attempts, without those that were abandoned.
    pub(crate) attempts: u32,
    pub(crate) numbers: Vec<usize>,
    pub(crate) in_flight: bool,
}

/// One notification at one webhook.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) hook: usize,
    pub(crate) topic: usize,
    pub(crate) number: usize,
    /// Whether the host rejected it, because of a bound of its own.
    pub(crate) rejected_by_host: bool,
    pub(crate) at: Moment,
    /// Whether a flush has started since, so that it does not linger.
    pub(crate) flushed: bool,
    /// Whether it was part of an attempt.
    pub(crate) sent: bool,
    pub(crate) end: Option<End>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Rejected,
    Delivered,
    Dead,
    Dropped(DropReason),
}

#[derive(Debug)]
pub(crate) struct Flush {
    pub(crate) id: FlushId,
    /// The indexes of the entries that the flush waits for.
    pub(crate) waiting: Vec<usize>,
}

impl Hook {
    pub(crate) fn new(
        id: WebhookId,
        key: WebhookKey,
        drops_oldest: bool,
        linger: Duration,
    ) -> Self {
        Self {
            id,
            key,
            live: true,
            paused: false,
            drops_oldest,
            attempts_allowed: 2,
            max_batches: 1,
            linger,
            in_flight: 0,
            failing: false,
            blocked_until: Moment::ZERO,
            attempts: 0,
            failures: 0,
            lanes: Default::default(),
        }
    }
}

impl Bounds {
    pub(crate) fn limits(self) -> Limits {
        Limits::default()
            .with_max_webhook_queue_items(self.webhook_items)
            .with_max_queue_items(self.items)
            .with_max_webhook_in_flight(self.webhook_in_flight)
            .with_max_in_flight(self.in_flight)
    }

    /// Returns how many requests all webhooks whose last attempt failed may have in flight.
    pub(crate) fn max_in_flight_failing(self) -> usize {
        (self.in_flight / 2).max(1)
    }
}

impl Model {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            hooks: Vec::new(),
            entries: Vec::new(),
            flush: None,
            closed: false,
            aborted: false,
        }
    }

    /// Returns the webhook that is registered with an id now.
    pub(crate) fn live(&self, id: &WebhookId) -> Option<usize> {
        self.hooks.iter().position(|hook| hook.live && hook.id == *id)
    }

    /// Returns `true` if anything was ever published to a webhook.
    pub(crate) fn is_used(&self, hook: usize) -> bool {
        self.entries.iter().any(|entry| entry.hook == hook)
    }

    pub(crate) fn pending(&self) -> usize {
        self.entries.iter().filter(|entry| entry.end.is_none()).count()
    }

    pub(crate) fn pending_of(&self, hook: usize) -> usize {
        self.entries.iter().filter(|entry| entry.hook == hook && entry.end.is_none()).count()
    }

    /// Returns the notifications in a lane that were not sent yet, oldest first.
    pub(crate) fn queued(&self, hook: usize, topic: usize) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| {
            (entry.hook, entry.topic) == (hook, topic) && !entry.sent && entry.end.is_none()
        })
    }

    /// Records that a notification is published to webhooks, or rejected by the host.
    pub(crate) fn record_publish(
        &mut self,
        to: &[usize],
        (topic, number): (usize, usize),
        at: Moment,
        rejected_by_host: bool,
    ) {
        let entries = to.iter().map(|hook| Entry {
            hook: *hook,
            topic,
            number,
            at,
            flushed: false,
            rejected_by_host,
            sent: false,
            end: None,
        });
        self.entries.extend(entries);
    }

    /// Returns how many webhooks have accepted a notification, and how many have rejected it.
    pub(crate) fn accepted_and_rejected(&self, number: usize) -> (usize, usize) {
        let entries = || self.entries.iter().filter(|entry| entry.number == number);
        let rejected = entries().filter(|entry| entry.end == Some(End::Rejected)).count();
        (entries().count() - rejected, rejected)
    }

    /// Records an attempt. Asserts that the webhook may have one, that the lane keeps its order,
    /// and that the batch contains the right notifications.
    pub(crate) fn record_delivery(
        &mut self,
        delivery: &Delivery<()>,
        topic: usize,
        now: Moment,
    ) -> usize {
        let at = self.live(delivery.webhook()).expect("the webhook should be registered");
        self.check_may_send(at, now);
        let numbers = numbers(delivery.batch());
        let expected: Vec<_> =
            self.queued(at, topic).take(BATCH).map(|entry| entry.number).collect();
        let hook = &mut self.hooks[at];
        assert!(
            delivery.attempt() <= hook.attempts_allowed,
            "more attempts than the policy allows"
        );
        hook.in_flight += 1;
        let (lane, max_batches) = (&mut hook.lanes[topic], hook.max_batches);
        if let Some(open) = lane.open.iter_mut().find(|open| open.id == delivery.id()) {
            assert!(!open.in_flight, "the delivery is in flight already");
            assert_eq!(numbers, open.numbers, "the notifications of an attempt have changed");
            assert_eq!(delivery.attempt(), open.attempts + 1);
            open.in_flight = true;
            return at;
        }
        assert!(lane.open.len() < max_batches, "more batches in flight than the policy allows");
        assert_eq!(numbers, expected, "the notifications are not the oldest, in order");
        assert_eq!(delivery.attempt(), 1);
        lane.open.push(OpenDelivery {
            id: delivery.id(),
            attempts: 0,
            numbers: numbers.clone(),
            in_flight: true,
        });
        for entry in self.entries.iter_mut().filter(|entry| entry.hook == at) {
            entry.sent |= numbers.contains(&entry.number);
        }
        at
    }

    /// Records the result of an attempt, and until when the response blocks the webhook.
    pub(crate) fn record_attempt(&mut self, hook: usize, failed: bool, blocked_until: Moment) {
        let hook = &mut self.hooks[hook];
        hook.attempts += 1;
        hook.failures += u64::from(failed);
        hook.failing = failed;
        hook.blocked_until = hook.blocked_until.max(blocked_until);
    }

    /// Records that a request is no longer in flight. An abandoned attempt does not count.
    pub(crate) fn record_end_of_request(
        &mut self,
        hook: usize,
        delivery: DeliveryId,
        counts: bool,
    ) {
        let hook = &mut self.hooks[hook];
        hook.in_flight -= 1;
        let mut open = hook.lanes.iter_mut().flat_map(|lane| &mut lane.open);
        let open = open.find(|open| open.id == delivery).expect("the delivery should be open");
        open.in_flight = false;
        open.attempts += u32::from(counts);
    }

    /// Records that a webhook is removed, which also ends its pause.
    pub(crate) fn record_removal(&mut self, hook: usize) {
        (self.hooks[hook].live, self.hooks[hook].paused) = (false, false);
    }

    pub(crate) fn record_pause(&mut self, hook: usize, paused: bool) {
        self.hooks[hook].paused = paused;
        if let Some(flush) = self.flush.as_mut().filter(|_| paused) {
            flush.waiting.retain(|at| self.entries[*at].hook != hook);
        }
    }

    /// Records a flush, which waits for everything that is pending at webhooks that are not paused.
    /// Returns the flush before it.
    pub(crate) fn record_flush(&mut self, id: FlushId) -> Option<FlushId> {
        let waits = |entry: &Entry| entry.end.is_none() && !self.hooks[entry.hook].paused;
        let waiting = (0..self.entries.len()).filter(|at| waits(&self.entries[*at])).collect();
        self.entries.iter_mut().for_each(|entry| entry.flushed = true);
        self.flush.replace(Flush { id, waiting }).map(|old| old.id)
    }

    pub(crate) fn record_abort(&mut self) {
        (self.closed, self.aborted) = (true, true);
        for hook in &mut self.hooks {
            hook.in_flight = 0;
        }
    }

    /// Records the reports of a call. `succeeded` is the delivery whose attempt has just succeeded:
    /// it must be reported as delivered once, and no other delivery may be.
    pub(crate) fn record_reports(&mut self, reports: &[Report], mut succeeded: Option<DeliveryId>) {
        for report in reports {
            let id = report.webhook();
            match report.event() {
                ReportEvent::Delivered { delivery, batch, .. } => {
                    assert_eq!(
                        succeeded.take(),
                        Some(*delivery),
                        "a delivery without a successful attempt"
                    );
                    self.end(id, &numbers(batch), End::Delivered);
                }
                ReportEvent::Dead { batch, .. } => self.end(id, &numbers(batch), End::Dead),
                ReportEvent::Dropped { reason, batch } => {
                    self.end(id, &numbers(batch), End::Dropped(*reason));
                }
                ReportEvent::Rejected { item } => {
                    self.end(id, &[item.id().parse().unwrap()], End::Rejected);
                }
                _ => {}
            }
        }
        assert_eq!(succeeded, None, "a successful attempt without a delivery");
    }

    /// Records the end of notifications. Asserts that each has only one.
    fn end(&mut self, id: &WebhookId, numbers: &[usize], end: End) {
        for number in numbers {
            let at = self
                .entries
                .iter()
                .position(|entry| entry.number == *number && self.hooks[entry.hook].id == *id);
            let at = at.expect("the notification should have been published");
            self.check_end(at, end);
            let entry = &mut self.entries[at];
            assert_eq!(entry.end, None, "notification {number} of webhook {id} ends twice");
            entry.end = Some(end);
            let lane = &mut self.hooks[entry.hook].lanes[entry.topic];
            lane.open.retain(|open| !open.numbers.contains(number));
            if end == End::Delivered {
                let before = lane.delivered.replace(*number);
                let in_order = self.hooks[entry.hook].max_batches > 1 || before < Some(*number);
                assert!(in_order, "{before:?} was delivered before {number}");
            }
        }
    }
}

fn numbers(batch: &Batch) -> Vec<usize> {
    batch.ids().map(|id| id.parse().expect("ids should be numbers")).collect()
}
