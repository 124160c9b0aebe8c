use std::time::Duration;

use recohook::{
    DeliveryId, FlushId, Limits, Moment, WebhookId,
    report::{Batch, DropReason, Report, ReportEvent},
    unstable::{Delivery, WebhookKey},
};

/// How many topics there are.
pub(crate) const TOPICS: usize = 2;

/// The most notifications in a batch.
pub(crate) const BATCH: usize = 2;

/// Bounds that two to four calls reach.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) webhook_items: usize,
    pub(crate) items: usize,
    pub(crate) webhook_in_flight: usize,
    pub(crate) in_flight: usize,
}

/// In the first ones the queues are short and the lanes of a webhook wait for each other. In the
/// second ones webhooks wait for each other.
pub(crate) const BOUNDS: [Bounds; 2] = [
    Bounds { webhook_items: 2, items: 3, webhook_in_flight: 1, in_flight: 2 },
    Bounds { webhook_items: 3, items: 4, webhook_in_flight: 2, in_flight: 2 },
];

/// What the dispatcher has been asked to do and has reported, written down notification by
/// notification. Everything it says of itself must follow from this.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) bounds: Bounds,
    pub(crate) hooks: Vec<Hook>,
    /// In the order of publishing.
    pub(crate) entries: Vec<Entry>,
    pub(crate) flush: Option<Flush>,
    pub(crate) closed: bool,
    pub(crate) aborted: bool,
}

/// A webhook that was inserted once; one that is inserted again is another.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) id: WebhookId,
    pub(crate) key: WebhookKey,
    pub(crate) live: bool,
    pub(crate) paused: bool,
    pub(crate) drops_oldest: bool,
    pub(crate) attempts_allowed: u32,
    pub(crate) window: usize,
    pub(crate) linger: Duration,
    pub(crate) in_flight: usize,
    /// Its last attempt failed.
    pub(crate) failing: bool,
    /// The receiver has asked for a pause until then.
    pub(crate) blocked_until: Moment,
    pub(crate) attempts: u64,
    pub(crate) failures: u64,
    pub(crate) lanes: [Lane; TOPICS],
}

#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// The deliveries that have been handed out and have not ended.
    pub(crate) open: Vec<Open>,
    /// The notification that was delivered last.
    pub(crate) delivered: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) id: DeliveryId,
    /// The attempts that were made and not abandoned.
    pub(crate) made: u32,
    pub(crate) numbers: Vec<usize>,
    pub(crate) in_flight: bool,
}

/// One notification at one webhook.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) hook: usize,
    pub(crate) topic: usize,
    pub(crate) number: usize,
    /// The host refuses it, for a bound of its own.
    pub(crate) refused: bool,
    pub(crate) at: Moment,
    /// A flush sends it without waiting for others.
    pub(crate) flushed: bool,
    /// It has been handed out.
    pub(crate) cut: bool,
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
    /// Places of the entries that it waits for.
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
            window: 1,
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

    /// How many requests webhooks may have in flight whose last attempt failed.
    pub(crate) fn of_failing(self) -> usize {
        (self.in_flight / 2).max(1)
    }
}

impl Book {
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

    /// The webhook that is registered under an id now.
    pub(crate) fn live(&self, id: &WebhookId) -> Option<usize> {
        self.hooks.iter().position(|hook| hook.live && hook.id == *id)
    }

    /// Whether anything was ever published to a webhook.
    pub(crate) fn is_used(&self, hook: usize) -> bool {
        self.entries.iter().any(|entry| entry.hook == hook)
    }

    pub(crate) fn pending(&self) -> usize {
        self.entries.iter().filter(|entry| entry.end.is_none()).count()
    }

    pub(crate) fn pending_of(&self, hook: usize) -> usize {
        self.entries.iter().filter(|entry| entry.hook == hook && entry.end.is_none()).count()
    }

    /// What a webhook still holds of a topic and has not handed out, oldest first.
    pub(crate) fn queued(&self, hook: usize, topic: usize) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| {
            (entry.hook, entry.topic) == (hook, topic) && !entry.cut && entry.end.is_none()
        })
    }

    /// A notification is published to these webhooks, or `refused` on their behalf.
    pub(crate) fn published(
        &mut self,
        to: &[usize],
        (topic, number): (usize, usize),
        at: Moment,
        refused: bool,
    ) {
        let entries = to.iter().map(|hook| Entry {
            hook: *hook,
            topic,
            number,
            at,
            flushed: false,
            refused,
            cut: false,
            end: None,
        });
        self.entries.extend(entries);
    }

    /// How many webhooks have taken a notification and have not dropped it, and how many have
    /// rejected it.
    pub(crate) fn taken(&self, number: usize) -> (usize, usize) {
        let entries = || self.entries.iter().filter(|entry| entry.number == number);
        let rejected = entries().filter(|entry| entry.end == Some(End::Rejected)).count();
        (entries().count() - rejected, rejected)
    }

    /// An attempt is handed out: the webhook may have it, the lane is in order, and the members
    /// are the right ones.
    pub(crate) fn handed_out(
        &mut self,
        delivery: &Delivery<()>,
        topic: usize,
        now: Moment,
    ) -> usize {
        let at = self.live(delivery.webhook()).expect("only a registered webhook is sent to");
        self.check_turn(at, now);
        let numbers = numbers(delivery.batch());
        let expected: Vec<_> =
            self.queued(at, topic).take(BATCH).map(|entry| entry.number).collect();
        let hook = &mut self.hooks[at];
        assert!(delivery.attempt() <= hook.attempts_allowed, "an attempt too many");
        hook.in_flight += 1;
        let (lane, window) = (&mut hook.lanes[topic], hook.window);
        if let Some(open) = lane.open.iter_mut().find(|open| open.id == delivery.id()) {
            assert!(!open.in_flight, "a delivery is in flight twice");
            assert_eq!(numbers, open.numbers, "another attempt has other members");
            assert_eq!(delivery.attempt(), open.made + 1);
            open.in_flight = true;
            return at;
        }
        assert!(lane.open.len() < window, "more batches than the window allows");
        assert_eq!(numbers, expected, "the members are not the oldest, in order");
        assert_eq!(delivery.attempt(), 1);
        lane.open.push(Open {
            id: delivery.id(),
            made: 0,
            numbers: numbers.clone(),
            in_flight: true,
        });
        for entry in self.entries.iter_mut().filter(|entry| entry.hook == at) {
            entry.cut |= numbers.contains(&entry.number);
        }
        at
    }

    /// An attempt was made. It failed, or not; and the receiver asks for a pause.
    pub(crate) fn attempted(&mut self, hook: usize, failed: bool, blocked_until: Moment) {
        let hook = &mut self.hooks[hook];
        hook.attempts += 1;
        hook.failures += u64::from(failed);
        hook.failing = failed;
        hook.blocked_until = hook.blocked_until.max(blocked_until);
    }

    /// A request is no longer in flight.
    pub(crate) fn landed(&mut self, hook: usize, delivery: DeliveryId, made: bool) {
        let hook = &mut self.hooks[hook];
        hook.in_flight -= 1;
        let mut open = hook.lanes.iter_mut().flat_map(|lane| &mut lane.open);
        let open = open.find(|open| open.id == delivery).expect("the delivery is open");
        open.in_flight = false;
        open.made += u32::from(made);
    }

    /// A webhook is removed, and so is its pause.
    pub(crate) fn removed(&mut self, hook: usize) {
        (self.hooks[hook].live, self.hooks[hook].paused) = (false, false);
    }

    pub(crate) fn paused(&mut self, hook: usize, paused: bool) {
        self.hooks[hook].paused = paused;
        if let Some(flush) = self.flush.as_mut().filter(|_| paused) {
            flush.waiting.retain(|at| self.entries[*at].hook != hook);
        }
    }

    /// A flush starts. It waits for all that is pending at webhooks that are not paused.
    pub(crate) fn flushed(&mut self, id: FlushId) -> Option<FlushId> {
        let waits = |entry: &Entry| entry.end.is_none() && !self.hooks[entry.hook].paused;
        let waiting = (0..self.entries.len()).filter(|at| waits(&self.entries[*at])).collect();
        self.entries.iter_mut().for_each(|entry| entry.flushed = true);
        self.flush.replace(Flush { id, waiting }).map(|old| old.id)
    }

    pub(crate) fn aborted(&mut self) {
        (self.closed, self.aborted) = (true, true);
        for hook in &mut self.hooks {
            hook.in_flight = 0;
        }
    }

    /// Writes down what is reported. `succeeded` is the delivery whose attempt has just succeeded:
    /// it must be delivered, once, and nothing else may be.
    pub(crate) fn record(&mut self, reports: &[Report], mut succeeded: Option<DeliveryId>) {
        for report in reports {
            let id = report.webhook();
            match report.event() {
                ReportEvent::Delivered { delivery, batch, .. } => {
                    assert_eq!(succeeded.take(), Some(*delivery), "delivered without a success");
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
        assert_eq!(succeeded, None, "a success without a delivery");
    }

    /// Notifications come to their end: each of them once.
    fn end(&mut self, id: &WebhookId, numbers: &[usize], end: End) {
        for number in numbers {
            let at = self
                .entries
                .iter()
                .position(|entry| entry.number == *number && self.hooks[entry.hook].id == *id);
            let at = at.expect("nothing ends that was not published");
            self.check_end(at, end);
            let entry = &mut self.entries[at];
            assert_eq!(entry.end, None, "{number} of {id} ends twice");
            entry.end = Some(end);
            let lane = &mut self.hooks[entry.hook].lanes[entry.topic];
            lane.open.retain(|open| !open.numbers.contains(number));
            if end == End::Delivered {
                let before = lane.delivered.replace(*number);
                let in_order = self.hooks[entry.hook].window > 1 || before < Some(*number);
                assert!(in_order, "{before:?} is delivered before {number}");
            }
        }
    }
}

fn numbers(batch: &Batch) -> Vec<usize> {
    batch.ids().map(|id| id.parse().expect("ids are numbers here")).collect()
}
