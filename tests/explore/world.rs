//! A dispatcher and its model, to which the same calls are made.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use recohook::{
    AttemptId, DeliveryId, Encoded, FailureKind, Moment, Receipt, WebhookId,
    attribute::Schema,
    http::StatusCode,
    policy::{Attempts, Backoff, Batching, Overflow, Policy, Retry},
    unstable::{Delivery, Dispatcher, Outcome, WebhookKey},
};

use crate::{
    calls::{ALPHABET, Answer, Call, Sequence, Which},
    model::{BATCH, Bounds, Hook, Model, TOPICS},
};

static SCHEMAS: [Schema; TOPICS] = [Schema::new("events", &[]), Schema::new("episodes", &[])];

/// Constant values that all worlds share, because making them takes long.
static SHARED: LazyLock<Shared> = LazyLock::new(Shared::new);

const SUCCESS: Outcome = Outcome::Response { status: StatusCode::OK, retry_after: None };

/// Longer than the backoff and the linger, which are one second each.
const RETRY_AFTER: Duration = Duration::from_secs(3);

const UNAVAILABLE: Outcome =
    Outcome::Response { status: StatusCode::SERVICE_UNAVAILABLE, retry_after: Some(RETRY_AFTER) };

struct Shared {
    ids: [WebhookId; 2],
    endpoint: Arc<()>,
    /// The policies of A: as inserted, after [`Call::Widen`], after [`Call::Narrow`], after both.
    policies: [Arc<Policy>; 4],
    policy_of_b: Arc<Policy>,
    /// The notifications, by topic and number.
    items: [Vec<Arc<Encoded>>; TOPICS],
}

/// A dispatcher, the attempts that it has handed out, and the model.
#[derive(Debug)]
pub(crate) struct World {
    dispatcher: Dispatcher<()>,
    model: Model,
    now: Moment,
    published: usize,
    /// The attempts in flight, in the order in which they were handed out.
    in_flight: Vec<InFlight>,
    /// The attempt whose outcome was recorded last.
    settled: Option<AttemptId>,
}

#[derive(Debug)]
struct InFlight {
    hook: usize,
    delivery: Delivery<()>,
}

impl Shared {
    fn new() -> Self {
        let second = Duration::from_secs(1);
        let policy = |overflow, max_batches, attempts: u32| {
            let retry = Retry::new(
                Attempts::at_most(attempts).unwrap_or(Attempts::Unlimited),
                Backoff::constant(second).unwrap(),
            );
            Policy::default()
                .with_batch(Batching::at_most(BATCH).unwrap())
                .with_retry(retry)
                .with_overflow(overflow)
                .with_max_in_flight_batches(max_batches)
                .unwrap()
        };
        let lingering = Batching::at_most(BATCH).unwrap().with_linger(second);
        let items = |schema| {
            let item = |number: usize| Encoded::new(schema, number.to_string(), "happened", "{}");
            (0..Sequence::LONGEST).map(|number| Arc::new(item(number))).collect()
        };
        Self {
            ids: ["A".into(), "B".into()],
            endpoint: Arc::new(()),
            policies: [
                policy(Overflow::DropOldest, 1, 2),
                policy(Overflow::DropOldest, 2, 2),
                policy(Overflow::RejectNewest, 1, 1),
                policy(Overflow::RejectNewest, 2, 1),
            ]
            .map(Arc::new),
            policy_of_b: Arc::new(policy(Overflow::RejectNewest, 1, 2).with_batch(lingering)),
            items: SCHEMAS.each_ref().map(items),
        }
    }
}

impl World {
    /// Returns a world with two webhooks. A drops the oldest notification and does not linger. B
    /// rejects the newest and lingers.
    pub(crate) fn new(bounds: Bounds) -> Self {
        let mut dispatcher = Dispatcher::new(bounds.limits(), 7);
        dispatcher.record_reports(true);
        let mut world = Self {
            dispatcher,
            model: Model::new(bounds),
            now: Moment::ZERO,
            published: 0,
            in_flight: Vec::new(),
            settled: None,
        };
        world.insert(0);
        world.insert(1);
        world
    }

    /// Returns the world after a sequence. It checks nothing, because the sequence was explored.
    pub(crate) fn after(bounds: Bounds, sequence: Sequence) -> Self {
        let mut world = Self::new(bounds);
        for call in sequence.calls() {
            world.apply(call);
        }
        world
    }

    /// Makes the last call of a sequence, and then delivers everything.
    pub(crate) fn finish(mut self, call: Call) {
        self.make(call);
        self.drain();
    }

    /// Makes a call and checks the invariants.
    pub(crate) fn make(&mut self, call: Call) {
        self.apply(call);
        self.check();
    }

    /// Returns the calls that can change something now, as bits in the order of [`ALPHABET`].
    pub(crate) fn enabled(&self) -> u32 {
        let enabled = ALPHABET.iter().map(|(_, call)| u32::from(self.is_enabled(*call)));
        enabled.enumerate().map(|(at, enabled)| enabled << at).sum()
    }

    pub(crate) fn is_enabled(&self, call: Call) -> bool {
        let a = self.hook(0);
        let hook = a.map(|a| &self.model.hooks[a]);
        match call {
            Call::Publish { both: true, .. } | Call::Reject => true,
            Call::Publish { both: false, .. } | Call::Remove => a.is_some(),
            Call::Poll => self.dispatcher.is_ready(),
            Call::Settle(Which::Oldest, _) => !self.in_flight.is_empty(),
            Call::Settle(Which::Newest, _) => self.in_flight.len() > 1,
            Call::Stale => self.settled.is_some(),
            Call::Timeout => self.dispatcher.poll_timeout().is_some(),
            Call::Pause => hook.is_some_and(|hook| !hook.paused),
            Call::Resume => hook.is_some_and(|hook| hook.paused),
            // To replace an unused webhook by another changes nothing.
            Call::Insert => a.is_none_or(|a| self.model.is_used(a)),
            Call::Narrow => hook.is_some_and(|hook| hook.drops_oldest),
            Call::Widen => hook.is_some_and(|hook| hook.max_batches == 1),
            Call::Flush => self.model.pending() > 0,
            Call::Close => !self.model.closed,
            Call::Abort => !self.model.closed || self.model.pending() > 0,
        }
    }

    fn apply(&mut self, call: Call) {
        let (mut succeeded, mut receipt) = (None, None);
        match call {
            Call::Publish { both, topic } => receipt = Some(self.publish(both, topic)),
            Call::Reject => receipt = Some(self.reject()),
            Call::Poll => self.poll(),
            Call::Settle(which, answer) => succeeded = self.settle(which, answer),
            Call::Stale => {
                let id = self.settled.expect("an attempt should have been settled");
                self.dispatcher.handle_outcome(id, SUCCESS, self.now);
            }
            Call::Timeout => self.pass_time(),
            Call::Pause => self.pause(true),
            Call::Resume => self.pause(false),
            Call::Remove => self.remove(),
            Call::Insert => {
                let old = self.hook(0);
                old.into_iter().for_each(|old| self.model.record_removal(old));
                self.insert(0);
            }
            Call::Narrow => self.update(|hook| {
                (hook.drops_oldest, hook.attempts_allowed) = (false, 1);
            }),
            Call::Widen => self.update(|hook| hook.max_batches = 2),
            Call::Flush => {
                let flush = self.dispatcher.start_flush(self.now);
                let old = self.model.record_flush(flush);
                old.into_iter().for_each(|old| self.dispatcher.end_flush(old));
            }
            Call::Close => {
                self.dispatcher.close();
                self.model.closed = true;
            }
            Call::Abort => {
                self.dispatcher.abort();
                self.model.record_abort();
                let oldest = self.in_flight.drain(..).next();
                self.settled = oldest.map(|one| one.delivery.attempt_id());
            }
        }
        let mut effects = self.dispatcher.take_effects();
        self.model.record_reports(&effects.take_reports(), succeeded);
        if let Some(receipt) = receipt {
            let expected = self.model.accepted_and_rejected(self.published);
            assert_eq!((receipt.queued, receipt.rejected), expected, "the receipt is wrong");
            self.published += 1;
        }
    }

    fn check(&mut self) {
        self.model.check(&self.dispatcher);
        if !self.dispatcher.is_ready() {
            assert!(
                !self.model.can_send(self.now),
                "the dispatcher is not ready, but a lane can send"
            );
            let delivery = self.dispatcher.poll_delivery(self.now);
            assert!(delivery.is_none(), "the dispatcher is not ready, but hands out an attempt");
        }
        let timeout = self.dispatcher.poll_timeout();
        assert!(timeout.is_none_or(|at| at > self.now), "the timeout has passed: {timeout:?}");
        assert_eq!(self.dispatcher.in_flight(), self.in_flight.len());
        assert!(!self.dispatcher.has_effects(), "a call that only reads has effects");
    }

    /// Lets all further attempts succeed, and asserts that everything reaches its end.
    pub(crate) fn drain(mut self) -> Self {
        if self.is_enabled(Call::Resume) {
            self.make(Call::Resume);
        }
        let step = [Call::Settle(Which::Oldest, Answer::Success), Call::Poll, Call::Timeout];
        for _ in 0..100 {
            let Some(call) = step.into_iter().find(|call| self.is_enabled(*call)) else { break };
            self.make(call);
        }
        let total = self.dispatcher.total();
        assert_eq!(total.pending(), 0, "some notifications stay pending: {total}");
        assert_eq!((self.dispatcher.in_flight(), self.dispatcher.poll_timeout()), (0, None));
        self
    }

    /// Returns the webhook A (0) or B (1), if it is registered.
    fn hook(&self, which: usize) -> Option<usize> {
        self.model.live(&SHARED.ids[which])
    }

    fn insert(&mut self, which: usize) {
        let policy = if which == 0 { &SHARED.policies[0] } else { &SHARED.policy_of_b };
        let (id, endpoint) = (SHARED.ids[which].clone(), Arc::clone(&SHARED.endpoint));
        let key = self.dispatcher.insert(id.clone(), endpoint, Arc::clone(policy));
        let linger = policy.batch().linger();
        self.model.hooks.push(Hook::new(id, key, which == 0, linger));
    }

    fn publish(&mut self, both: bool, topic: usize) -> Receipt {
        let (to, keys) = self.receivers(both);
        let item = &SHARED.items[topic][self.published];
        self.model.record_publish(&to, (topic, self.published), self.now, false);
        self.dispatcher.publish(&keys, item, self.now)
    }

    fn reject(&mut self) -> Receipt {
        let (to, keys) = self.receivers(true);
        self.model.record_publish(&to, (0, self.published), self.now, true);
        self.dispatcher.reject(&keys, &SHARED.items[0][self.published], self.now)
    }

    /// Returns A, or A and B, without those that are not registered.
    fn receivers(&self, both: bool) -> (Vec<usize>, Vec<WebhookKey>) {
        let hooks = (0..=usize::from(both)).filter_map(|which| self.hook(which));
        hooks.map(|hook| (hook, self.model.hooks[hook].key)).unzip()
    }

    fn poll(&mut self) {
        let delivery = self.dispatcher.poll_delivery(self.now).expect("an attempt should be due");
        let topic = SCHEMAS.iter().position(|schema| schema.topic() == delivery.topic()).unwrap();
        let hook = self.model.record_delivery(&delivery, topic, self.now);
        self.in_flight.push(InFlight { hook, delivery });
    }

    /// Records the outcome of an attempt. Returns its delivery if it succeeds.
    fn settle(&mut self, which: Which, answer: Answer) -> Option<DeliveryId> {
        let at = if which == Which::Oldest { 0 } else { self.in_flight.len() - 1 };
        let InFlight { hook, delivery } = self.in_flight.remove(at);
        let (id, now) = (delivery.attempt_id(), self.now);
        match answer {
            Answer::Success => self.dispatcher.handle_outcome(id, SUCCESS, now),
            Answer::Failure => self.dispatcher.handle_failure(id, FailureKind::Connect, None, now),
            Answer::RetryAfter => self.dispatcher.handle_outcome(id, UNAVAILABLE, now),
            Answer::Abandoned => self.dispatcher.handle_outcome(id, Outcome::Abandoned, now),
        }
        self.model.record_end_of_request(hook, delivery.id(), answer != Answer::Abandoned);
        match answer {
            Answer::Success => self.model.record_attempt(hook, false, now),
            Answer::Failure => self.model.record_attempt(hook, true, now),
            Answer::RetryAfter => self.model.record_attempt(hook, true, now + RETRY_AFTER),
            Answer::Abandoned => {}
        }
        self.settled = Some(id);
        (answer == Answer::Success).then(|| delivery.id())
    }

    fn pass_time(&mut self) {
        self.now = self.dispatcher.poll_timeout().expect("a timeout should be set");
        self.dispatcher.handle_timeout(self.now);
    }

    fn pause(&mut self, paused: bool) {
        let hook = self.hook(0).expect("A should be registered");
        let key = self.model.hooks[hook].key;
        let done =
            if paused { self.dispatcher.pause(key) } else { self.dispatcher.resume(key, self.now) };
        assert!(done, "the dispatcher does not know A");
        self.model.record_pause(hook, paused);
    }

    fn remove(&mut self) {
        let hook = self.hook(0).expect("A should be registered");
        let key = self.model.hooks[hook].key;
        assert!(self.dispatcher.remove(key), "the dispatcher does not know A");
        assert!(!self.dispatcher.remove(key), "A was removed twice");
        self.model.record_removal(hook);
    }

    fn update(&mut self, change: impl FnOnce(&mut Hook)) {
        let hook = self.hook(0).expect("A should be registered");
        let hook = &mut self.model.hooks[hook];
        change(hook);
        let policy = usize::from(hook.max_batches > 1) + 2 * usize::from(!hook.drops_oldest);
        let (endpoint, policy) = (&SHARED.endpoint, &SHARED.policies[policy]);
        let key = hook.key;
        let done = self.dispatcher.update(key, Arc::clone(endpoint), Arc::clone(policy), self.now);
        assert!(done, "the dispatcher does not know A");
    }
}
