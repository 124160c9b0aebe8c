//! A dispatcher, and the state that its host can derive from its calls.

use std::sync::Arc;

use recohook::{
    AttemptId, Encoded, FlushId, Limits, Moment, WebhookId,
    attribute::Schema,
    report::Stats,
    unstable::{Dispatcher, Outcome, WebhookKey},
};

use super::{
    input::{DELIVERED, Input},
    journal::Journal,
};

static TOPICS: [Schema; 3] = [Schema::new("a", &[]), Schema::new("b", &[]), Schema::new("c", &[])];
const NAMES: [&str; 4] = ["x", "y", "z", "v"];

pub(super) struct Run {
    dispatcher: Dispatcher<u64>,
    limits: Limits,
    webhooks: Vec<Webhook>,
    in_flight: Vec<AttemptId>,
    settled: Vec<AttemptId>,
    flushes: Vec<FlushId>,
    journal: Journal,
    /// The number of published notifications, which is also the id of the last one.
    published: u64,
    /// The host's clock, in nanoseconds.
    now: u64,
    /// The latest moment that was passed to the dispatcher.
    latest: Moment,
    closed: bool,
}

/// A webhook that is or was registered.
struct Webhook {
    key: WebhookKey,
    name: &'static str,
    is_registered: bool,
}

impl Run {
    pub(super) fn new(input: &mut Input<'_>) -> Self {
        let limits = input.limits();
        let mut dispatcher = Dispatcher::new(limits.clone(), input.byte().into());
        dispatcher.record_reports(true);
        dispatcher.record_dead_letters(true);
        Self {
            dispatcher,
            limits,
            webhooks: Vec::new(),
            in_flight: Vec::new(),
            settled: Vec::new(),
            flushes: Vec::new(),
            journal: Journal::default(),
            published: 0,
            now: 0,
            latest: Moment::ZERO,
            closed: false,
        }
    }

    /// Makes one call, with a moment that may be earlier than the moments before.
    pub(super) fn call(&mut self, input: &mut Input<'_>) {
        let at = self.moment(input);
        match input.byte() % 16 {
            0 => self.insert(input),
            1 => self.update(input, at),
            2..=4 => self.change_lifecycle(input, at),
            5 => self.start_flush(at),
            6 => self.end_flush(),
            7 => self.pass_time(input),
            8 => {
                let timeout = self.dispatcher.poll_timeout();
                self.now = timeout.map_or(self.now, |timeout| self.now.max(timeout.as_nanos()));
            }
            9 => self.end(input),
            10 => self.settle_again(input, at),
            11 | 12 => self.settle(input, at),
            13 => self.publish(input, at),
            _ => self.poll(at, 8),
        }
    }

    /// Returns the moment of the next call: now, or up to 6.3 s earlier.
    fn moment(&mut self, input: &mut Input<'_>) -> Moment {
        let byte = input.byte();
        let behind = if byte & 0xc0 == 0xc0 { u64::from(byte & 0x3f) * 100_000_000 } else { 0 };
        Moment::from_nanos(self.now.saturating_sub(behind))
    }

    /// Records that a moment is passed to the dispatcher.
    fn seen(&mut self, at: Moment) -> Moment {
        self.latest = self.latest.max(at);
        at
    }

    fn insert(&mut self, input: &mut Input<'_>) {
        let (policy, name) = (input.policy(), input.pick(&NAMES));
        // Inserting a name again removes the webhook that has it.
        for webhook in self.webhooks.iter_mut().filter(|webhook| webhook.name == name) {
            webhook.is_registered = false;
        }
        let key = self.dispatcher.insert(name.into(), Arc::new(self.published), policy);
        self.webhooks.push(Webhook { key, name, is_registered: true });
    }

    fn update(&mut self, input: &mut Input<'_>, at: Moment) {
        let policy = input.policy();
        let Some(index) = self.pick_webhook(input) else { return };
        let (key, at) = (self.webhooks[index].key, self.seen(at));
        let done = self.dispatcher.update(key, Arc::new(self.published), policy, at);
        assert_eq!(
            done, self.webhooks[index].is_registered,
            "the result of updating {key:?} is wrong"
        );
    }

    /// Removes, pauses or resumes a webhook.
    fn change_lifecycle(&mut self, input: &mut Input<'_>, at: Moment) {
        let Some(index) = self.pick_webhook(input) else { return };
        let Webhook { key, is_registered, .. } = self.webhooks[index];
        let done = match input.byte() % 3 {
            0 => {
                self.webhooks[index].is_registered = false;
                self.dispatcher.remove(key)
            }
            1 => self.dispatcher.pause(key),
            _ => {
                let at = self.seen(at);
                self.dispatcher.resume(key, at)
            }
        };
        assert_eq!(done, is_registered, "the result of changing {key:?} is wrong");
    }

    fn pick_webhook(&self, input: &mut Input<'_>) -> Option<usize> {
        (!self.webhooks.is_empty()).then(|| input.index(self.webhooks.len()))
    }

    fn start_flush(&mut self, at: Moment) {
        let at = self.seen(at);
        self.flushes.push(self.dispatcher.start_flush(at));
    }

    fn end_flush(&mut self) {
        if let Some(flush) = self.flushes.pop() {
            self.dispatcher.end_flush(flush);
            assert!(self.dispatcher.is_flushed(flush), "the flush waits after its end");
        }
    }

    fn pass_time(&mut self, input: &mut Input<'_>) {
        let nanos = input.pick(&[
            1,
            1_000_000,
            5_000_000,
            1_000_000_000,
            3_600_000_000_000,
            u64::MAX / 2,
            u64::MAX,
        ]);
        self.now = self.now.saturating_add(nanos);
    }

    /// Closes or aborts in few cases, because little can happen afterwards.
    fn end(&mut self, input: &mut Input<'_>) {
        match input.byte() {
            0xfa.. => {
                self.dispatcher.close();
                self.closed = true;
            }
            0xf8..0xfa => self.abort(),
            _ => {}
        }
    }

    /// Records another outcome of a settled attempt, which must have no effect.
    fn settle_again(&mut self, input: &mut Input<'_>, at: Moment) {
        if self.settled.is_empty() {
            return;
        }
        let attempt = self.settled[input.index(self.settled.len())];
        let before = self.dispatcher.total();
        let (outcome, at) = (input.outcome(), self.seen(at));
        self.dispatcher.handle_outcome(attempt, outcome, at);
        assert_eq!(self.dispatcher.total(), before, "a stale outcome has an effect");
    }

    fn settle(&mut self, input: &mut Input<'_>, at: Moment) {
        if self.in_flight.is_empty() {
            return;
        }
        let attempt = self.in_flight.swap_remove(input.index(self.in_flight.len()));
        self.settled.push(attempt);
        let at = self.seen(at);
        match input.outcome() {
            Outcome::Failed(kind) => self.dispatcher.handle_failure(attempt, kind, None, at),
            outcome => self.dispatcher.handle_outcome(attempt, outcome, at),
        }
    }

    fn publish(&mut self, input: &mut Input<'_>, at: Moment) {
        let chosen = Vec::from_iter(self.webhooks.iter().filter(|_| input.coin()));
        let registered = chosen.iter().filter(|webhook| webhook.is_registered).count();
        let keys = Vec::from_iter(chosen.iter().map(|webhook| webhook.key));
        self.published += 1;
        let topic = &TOPICS[input.index(TOPICS.len())];
        let body = vec![b'1'; input.pick(&[0, 1, 30, 600])];
        let item = Arc::new(Encoded::new(topic, self.published.to_string(), "kind", body));
        let at = self.seen(at);
        let receipt = self.dispatcher.publish(&keys, &item, at);
        assert_eq!(receipt.queued + receipt.rejected, registered, "the receipt is wrong");
        assert!(!self.closed || receipt.queued == 0, "a notification is queued after the end");
    }

    /// Polls up to `most` deliveries.
    fn poll(&mut self, at: Moment, most: usize) {
        let at = self.seen(at);
        for _ in 0..most {
            self.dispatcher.handle_timeout(at);
            let is_ready = self.dispatcher.is_ready();
            let delivery = self.dispatcher.poll_delivery(at);
            assert_eq!(delivery.is_some(), is_ready, "`is_ready` and `poll_delivery` disagree");
            let Some(delivery) = delivery else { break };
            self.read_reports();
            self.journal.start(&delivery);
            self.in_flight.push(delivery.attempt_id());
        }
    }

    /// Delivers everything that is pending, and asserts that nothing is stuck.
    pub(super) fn drain(&mut self) {
        self.deliver_all();
        let flushed = self.flushes.iter().all(|flush| self.dispatcher.is_flushed(*flush));
        assert!(flushed, "a flush waits for paused webhooks");
        for webhook in self.webhooks.iter().filter(|webhook| webhook.is_registered) {
            self.dispatcher.resume(webhook.key, self.latest);
        }
        self.deliver_all();
        assert_eq!(self.dispatcher.total().pending(), 0, "a notification is stuck");
    }

    /// Delivers everything that is due, now or later.
    fn deliver_all(&mut self) {
        loop {
            let at = self.latest.max(Moment::from_nanos(self.now));
            self.poll(at, usize::MAX);
            if self.in_flight.is_empty() {
                let Some(timeout) = self.dispatcher.poll_timeout() else { break };
                self.now = timeout.as_nanos();
            }
            for attempt in std::mem::take(&mut self.in_flight) {
                self.dispatcher.handle_outcome(attempt, DELIVERED, at);
                self.settled.push(attempt);
            }
        }
    }

    pub(super) fn abort(&mut self) {
        self.dispatcher.abort();
        self.closed = true;
        self.settled.append(&mut self.in_flight);
        assert_eq!(self.dispatcher.total().pending(), 0, "a notification is pending after the end");
        let delivery = self.dispatcher.poll_delivery(Moment::MAX);
        assert!(delivery.is_none(), "an attempt is handed out after the end");
        self.latest = Moment::MAX;
        assert_eq!(self.dispatcher.poll_timeout(), None, "a timeout is set after the end");
    }

    fn read_reports(&mut self) {
        let mut effects = self.dispatcher.take_effects();
        effects.take_reports().iter().for_each(|report| self.journal.report(report));
    }

    /// Checks the properties that hold after every call.
    pub(super) fn check(&mut self) {
        self.read_reports();
        let total = self.dispatcher.total();
        check_stats(&total);
        let known = self.journal.settled() + total.pending();
        assert_eq!(known, total.matched, "the reports disagree with the statistics: {total}");
        assert!(total.pending() as usize <= self.limits.max_queue_items(), "{total}");
        assert_eq!(self.dispatcher.in_flight(), self.in_flight.len(), "`in_flight` is wrong");
        let max_in_flight = self.limits.max_in_flight();
        assert!(self.in_flight.len() <= max_in_flight, "too many attempts are in flight");
        if let Some(timeout) = self.dispatcher.poll_timeout() {
            assert!(
                timeout > self.latest,
                "the timeout {timeout:?} is not after {:?}",
                self.latest
            );
        }
        let registered = self.webhooks.iter().filter(|webhook| webhook.is_registered).count();
        assert_eq!(self.dispatcher.webhooks().count(), registered, "`webhooks` is wrong");
        NAMES.iter().for_each(|name| self.check_webhook(name));
    }

    fn check_webhook(&self, name: &str) {
        let id = WebhookId::from(name);
        if let Some(stats) = self.dispatcher.stats(&id) {
            check_stats(&stats);
            let most = self.limits.max_webhook_queue_items();
            assert!(stats.pending() as usize <= most, "{name}: {stats}");
        }
        if let Some(status) = self.dispatcher.status(&id, self.latest) {
            assert!(status.in_flight <= self.limits.max_webhook_in_flight(), "{name}: {status:?}");
            assert!(
                status.pending_bytes <= self.limits.max_webhook_queue_bytes(),
                "{name}: {status:?}"
            );
        }
    }
}

/// Asserts that each notification that matched is counted once.
fn check_stats(stats: &Stats) {
    assert_eq!(stats.matched, stats.accepted + stats.rejected, "{stats}");
    let dropped = stats.dropped.total();
    let accepted = stats.delivered + stats.dead + dropped + stats.pending();
    assert_eq!(stats.accepted, accepted, "{stats}");
}
