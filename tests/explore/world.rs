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
    book::{BATCH, Book, Bounds, Hook, TOPICS},
    calls::{ALPHABET, Answer, Call, Sequence, Which},
};

static SCHEMAS: [Schema; TOPICS] = [Schema::new("events", &[]), Schema::new("episodes", &[])];

/// Whatever a world needs and does not change, made once for all of them.
static SHARED: LazyLock<Shared> = LazyLock::new(Shared::new);

const SUCCESS: Outcome = Outcome::Response { status: StatusCode::OK, retry_after: None };

/// Longer than the backoff and the linger, which are a second each.
const RETRY_AFTER: Duration = Duration::from_secs(3);

const UNAVAILABLE: Outcome =
    Outcome::Response { status: StatusCode::SERVICE_UNAVAILABLE, retry_after: Some(RETRY_AFTER) };

struct Shared {
    ids: [WebhookId; 2],
    endpoint: Arc<()>,
    /// Of A: as inserted, with the window widened, narrowed, and both.
    policies: [Arc<Policy>; 4],
    policy_of_b: Arc<Policy>,
    /// By topic and number.
    items: [Vec<Arc<Encoded>>; TOPICS],
}

/// A dispatcher, the attempts that it has handed out, and what should come of them.
#[derive(Debug)]
pub(crate) struct World {
    dispatcher: Dispatcher<()>,
    book: Book,
    now: Moment,
    published: usize,
    /// In the order in which they were handed out.
    out: Vec<Flight>,
    /// The attempt that was settled last.
    settled: Option<AttemptId>,
}

#[derive(Debug)]
struct Flight {
    hook: usize,
    delivery: Delivery<()>,
}

impl Shared {
    fn new() -> Self {
        let second = Duration::from_secs(1);
        let policy = |overflow, window, attempts: u32| {
            let retry = Retry::new(
                Attempts::at_most(attempts).unwrap_or(Attempts::Unlimited),
                Backoff::constant(second).unwrap(),
            );
            Policy::default()
                .with_batch(Batching::at_most(BATCH).unwrap())
                .with_retry(retry)
                .with_overflow(overflow)
                .with_max_in_flight_batches(window)
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
    /// A drops its oldest and never lingers; B rejects the newest and lingers.
    pub(crate) fn new(bounds: Bounds) -> Self {
        let mut dispatcher = Dispatcher::new(bounds.limits(), 7);
        dispatcher.record_reports(true);
        let mut world = Self {
            dispatcher,
            book: Book::new(bounds),
            now: Moment::ZERO,
            published: 0,
            out: Vec::new(),
            settled: None,
        };
        world.insert(0);
        world.insert(1);
        world
    }

    /// The world after a sequence that has been explored, and so needs no check.
    pub(crate) fn after(bounds: Bounds, sequence: Sequence) -> Self {
        let mut world = Self::new(bounds);
        for call in sequence.calls() {
            world.apply(call);
        }
        world
    }

    /// Makes the last call of a sequence, and then lets everything come to its end.
    pub(crate) fn finish(mut self, call: Call) {
        self.make(call);
        self.drain();
    }

    /// Makes a call and checks what must be true afterwards.
    pub(crate) fn make(&mut self, call: Call) {
        self.apply(call);
        self.check();
    }

    /// The calls that can change something now, as bits in the order of the alphabet.
    pub(crate) fn enabled(&self) -> u32 {
        let enabled = ALPHABET.iter().map(|(_, call)| u32::from(self.is_enabled(*call)));
        enabled.enumerate().map(|(at, enabled)| enabled << at).sum()
    }

    pub(crate) fn is_enabled(&self, call: Call) -> bool {
        let a = self.hook(0);
        let hook = a.map(|a| &self.book.hooks[a]);
        match call {
            Call::Publish { both: true, .. } | Call::Reject => true,
            Call::Publish { both: false, .. } | Call::Remove => a.is_some(),
            Call::Poll => self.dispatcher.is_ready(),
            Call::Settle(Which::Oldest, _) => !self.out.is_empty(),
            Call::Settle(Which::Newest, _) => self.out.len() > 1,
            Call::Stale => self.settled.is_some(),
            Call::Timeout => self.dispatcher.poll_timeout().is_some(),
            Call::Pause => hook.is_some_and(|hook| !hook.paused),
            Call::Resume => hook.is_some_and(|hook| hook.paused),
            // A new one in place of a new one is no change.
            Call::Insert => a.is_none_or(|a| self.book.is_used(a)),
            Call::Narrow => hook.is_some_and(|hook| hook.drops_oldest),
            Call::Widen => hook.is_some_and(|hook| hook.window == 1),
            Call::Flush => self.book.pending() > 0,
            Call::Close => !self.book.closed,
            Call::Abort => !self.book.closed || self.book.pending() > 0,
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
                let id = self.settled.expect("an attempt was settled");
                self.dispatcher.handle_outcome(id, SUCCESS, self.now);
            }
            Call::Timeout => self.pass_time(),
            Call::Pause => self.pause(true),
            Call::Resume => self.pause(false),
            Call::Remove => self.remove(),
            Call::Insert => {
                let old = self.hook(0);
                old.into_iter().for_each(|old| self.book.removed(old));
                self.insert(0);
            }
            Call::Narrow => self.update(|hook| {
                (hook.drops_oldest, hook.attempts_allowed) = (false, 1);
            }),
            Call::Widen => self.update(|hook| hook.window = 2),
            Call::Flush => {
                let flush = self.dispatcher.start_flush(self.now);
                let old = self.book.flushed(flush);
                old.into_iter().for_each(|old| self.dispatcher.end_flush(old));
            }
            Call::Close => {
                self.dispatcher.close();
                self.book.closed = true;
            }
            Call::Abort => {
                self.dispatcher.abort();
                self.book.aborted();
                self.settled = self.out.drain(..).next().map(|flight| flight.delivery.attempt_id());
            }
        }
        let mut effects = self.dispatcher.take_effects();
        self.book.record(&effects.take_reports(), succeeded);
        if let Some(receipt) = receipt {
            let expected = self.book.taken(self.published);
            assert_eq!((receipt.queued, receipt.rejected), expected, "what publishing returns");
            self.published += 1;
        }
    }

    fn check(&mut self) {
        self.book.check(&self.dispatcher);
        if !self.dispatcher.is_ready() {
            assert!(!self.book.can_send(self.now), "a lane that can send is forgotten");
            assert!(self.dispatcher.poll_delivery(self.now).is_none(), "work without being ready");
        }
        let timeout = self.dispatcher.poll_timeout();
        assert!(timeout.is_none_or(|at| at > self.now), "a timer has run out: {timeout:?}");
        assert_eq!(self.dispatcher.in_flight(), self.out.len());
        assert!(!self.dispatcher.has_effects(), "a call that only asks has effects");
    }

    /// From any state: once nothing fails any more, everything comes to its end.
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
        assert_eq!(total.pending(), 0, "something is left for ever: {total}");
        assert_eq!((self.dispatcher.in_flight(), self.dispatcher.poll_timeout()), (0, None));
        self
    }

    /// The webhook A or B, if it is registered.
    fn hook(&self, which: usize) -> Option<usize> {
        self.book.live(&SHARED.ids[which])
    }

    fn insert(&mut self, which: usize) {
        let policy = if which == 0 { &SHARED.policies[0] } else { &SHARED.policy_of_b };
        let (id, endpoint) = (SHARED.ids[which].clone(), Arc::clone(&SHARED.endpoint));
        let key = self.dispatcher.insert(id.clone(), endpoint, Arc::clone(policy));
        let linger = policy.batch().linger();
        self.book.hooks.push(Hook::new(id, key, which == 0, linger));
    }

    fn publish(&mut self, both: bool, topic: usize) -> Receipt {
        let (to, keys) = self.receivers(both);
        let item = &SHARED.items[topic][self.published];
        self.book.published(&to, (topic, self.published), self.now, false);
        self.dispatcher.publish(&keys, item, self.now)
    }

    fn reject(&mut self) -> Receipt {
        let (to, keys) = self.receivers(true);
        self.book.published(&to, (0, self.published), self.now, true);
        self.dispatcher.reject(&keys, &SHARED.items[0][self.published], self.now)
    }

    /// A, or A and B, as far as they are registered.
    fn receivers(&self, both: bool) -> (Vec<usize>, Vec<WebhookKey>) {
        let hooks = (0..=usize::from(both)).filter_map(|which| self.hook(which));
        hooks.map(|hook| (hook, self.book.hooks[hook].key)).unzip()
    }

    fn poll(&mut self) {
        let delivery = self.dispatcher.poll_delivery(self.now).expect("it is ready");
        let topic = SCHEMAS.iter().position(|schema| schema.topic() == delivery.topic()).unwrap();
        let hook = self.book.handed_out(&delivery, topic, self.now);
        self.out.push(Flight { hook, delivery });
    }

    /// Settles an attempt; if it succeeds, this is the delivery.
    fn settle(&mut self, which: Which, answer: Answer) -> Option<DeliveryId> {
        let at = if which == Which::Oldest { 0 } else { self.out.len() - 1 };
        let Flight { hook, delivery } = self.out.remove(at);
        let (id, now) = (delivery.attempt_id(), self.now);
        match answer {
            Answer::Success => self.dispatcher.handle_outcome(id, SUCCESS, now),
            Answer::Failure => self.dispatcher.handle_failure(id, FailureKind::Connect, None, now),
            Answer::RetryAfter => self.dispatcher.handle_outcome(id, UNAVAILABLE, now),
            Answer::Abandoned => self.dispatcher.handle_outcome(id, Outcome::Abandoned, now),
        }
        self.book.landed(hook, delivery.id(), answer != Answer::Abandoned);
        match answer {
            Answer::Success => self.book.attempted(hook, false, now),
            Answer::Failure => self.book.attempted(hook, true, now),
            Answer::RetryAfter => self.book.attempted(hook, true, now + RETRY_AFTER),
            Answer::Abandoned => {}
        }
        self.settled = Some(id);
        (answer == Answer::Success).then(|| delivery.id())
    }

    fn pass_time(&mut self) {
        self.now = self.dispatcher.poll_timeout().expect("there is a timer");
        self.dispatcher.handle_timeout(self.now);
    }

    fn pause(&mut self, paused: bool) {
        let hook = self.hook(0).expect("A is registered");
        let key = self.book.hooks[hook].key;
        let done =
            if paused { self.dispatcher.pause(key) } else { self.dispatcher.resume(key, self.now) };
        assert!(done, "A is gone");
        self.book.paused(hook, paused);
    }

    fn remove(&mut self) {
        let hook = self.hook(0).expect("A is registered");
        let key = self.book.hooks[hook].key;
        assert!(self.dispatcher.remove(key), "A is gone");
        assert!(!self.dispatcher.remove(key), "A is removed twice");
        self.book.removed(hook);
    }

    fn update(&mut self, change: impl FnOnce(&mut Hook)) {
        let hook = self.hook(0).expect("A is registered");
        let hook = &mut self.book.hooks[hook];
        change(hook);
        let policy = usize::from(hook.window > 1) + 2 * usize::from(!hook.drops_oldest);
        let (endpoint, policy) = (&SHARED.endpoint, &SHARED.policies[policy]);
        let key = hook.key;
        let done = self.dispatcher.update(key, Arc::clone(endpoint), Arc::clone(policy), self.now);
        assert!(done, "A is gone");
    }
}
