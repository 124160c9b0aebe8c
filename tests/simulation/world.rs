//! A simulated world: a dispatcher, its receivers, and the random steps on them.

use std::{collections::VecDeque, sync::Arc};

use recohook::{
    AttemptId, Encoded, FailureKind, FlushId, Moment,
    attribute::Schema,
    failure::ErrorText,
    unstable::{Dispatcher, Outcome},
};

use crate::{
    dice::Dice,
    hook::Lifecycle,
    model::Model,
    plan::{MILLI, Plan, SECOND, random_limits},
    receiver::{Receiver, answer, error_text},
    trace::Trace,
};

static SCHEMAS: [Schema; 3] =
    [Schema::new("events", &[]), Schema::new("episodes", &[]), Schema::new("counters", &[])];

const NAMES: [&str; 5] = ["gate", "yard", "roof", "dock", "hall"];

/// A dispatcher and its receivers. Everything that happens to them follows from one seed.
#[derive(Debug)]
pub(crate) struct World {
    dice: Dice,
    clock: u64,
    dispatcher: Dispatcher<u64>,
    model: Model,
    receivers: [Receiver; NAMES.len()],
    flights: Vec<Flight>,
    /// Settled attempts, for late and repeated outcomes.
    settled: VecDeque<AttemptId>,
    flushes: Vec<FlushId>,
    published: u64,
    endpoints: u64,
    trace: Trace,
}

/// The result of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ending {
    /// The hash of everything that happened.
    pub(crate) hash: u64,
    pub(crate) steps: u64,
    /// In nanoseconds.
    pub(crate) virtual_time: u64,
    pub(crate) delivered: u64,
}

/// An attempt in flight, and how it will end.
#[derive(Debug)]
struct Flight {
    id: AttemptId,
    ends_at: u64,
    outcome: Outcome,
}

impl World {
    pub(crate) fn new(seed: u64, loud: bool) -> Self {
        let mut dice = Dice::new(seed);
        let limits = random_limits(&mut dice);
        let mut dispatcher = Dispatcher::new(limits.clone(), seed);
        dispatcher.record_reports(true);
        dispatcher.record_dead_letters(true);
        let mut trace = Trace::new(loud);
        trace.note(|| format!("seed {seed}: {limits:?}"));
        Self {
            dice,
            clock: 0,
            dispatcher,
            model: Model::new(limits),
            receivers: [Receiver::Healthy; NAMES.len()],
            flights: Vec::new(),
            settled: VecDeque::new(),
            flushes: Vec::new(),
            published: 0,
            endpoints: 0,
            trace,
        }
    }

    /// Takes random steps, and then checks that everything settles.
    pub(crate) fn run(mut self) -> Ending {
        for _ in 0..self.dice.between(1, 3) {
            self.insert();
        }
        for _ in 0..self.dice.between(20, 250) {
            self.step();
        }
        if self.dice.chance(15) {
            self.abort();
            assert_eq!(
                self.dispatcher.total().pending(),
                0,
                "nothing may be pending after an abort"
            );
        }
        self.settle_everything();
        let stats = self.dispatcher.total();
        self.trace.note(|| format!("the end: {stats}"));
        let (hash, steps) = self.trace.end();
        Ending { hash, steps, virtual_time: self.clock, delivered: stats.delivered }
    }

    fn step(&mut self) {
        match self.dice.between(0, 99) {
            0..25 => self.publish(),
            25..50 => self.poll(),
            50..65 => self.record_outcomes(),
            65..75 => self.pass_time(),
            75..79 => self.stale_outcome(),
            79..82 => self.timeout(),
            82..86 => self.change_receiver(),
            86..88 => self.insert(),
            88..91 => self.update(),
            91 => self.remove(),
            92..95 => self.pause_or_resume(),
            95..97 => self.start_flush(),
            97 => self.end_flush(),
            _ if self.dice.chance(4) => self.close(),
            _ if self.dice.chance(4) => self.abort(),
            _ => self.poll(),
        }
    }

    /// Returns the moment to pass to a call: now, or sometimes an earlier one.
    fn call_moment(&mut self) -> Moment {
        let back = if self.dice.chance(8) { self.dice.between(0, 5 * SECOND) } else { 0 };
        let moment = self.clock.saturating_sub(back);
        self.model.now = self.model.now.max(moment);
        Moment::from_nanos(moment)
    }

    /// Compares the dispatcher with the model. This follows each call.
    fn check(&mut self) {
        let effects = self.dispatcher.take_effects();
        self.model.compare(effects);
        self.model.check(&self.dispatcher);
        let (total, timeout) = (self.dispatcher.total(), self.dispatcher.poll_timeout());
        self.trace.note(|| format!("{total}; {timeout:?}"));
    }

    fn publish(&mut self) {
        for _ in 0..self.dice.pick(&[1, 1, 2, 6]) {
            let topic = self.dice.index(SCHEMAS.len());
            let bytes = self.dice.pick(&[1, 5, 20, 20, 60, 130]);
            let mut to: Vec<_> = (0..self.model.hooks.len()).collect();
            to.retain(|_| self.dice.chance(70));
            let keys: Vec<_> = to.iter().map(|hook| self.model.hooks[*hook].key).collect();
            self.published += 1;
            let (number, now) = (self.published, self.call_moment());
            let body = vec![b'1'; bytes];
            let item = Encoded::new(&SCHEMAS[topic], number.to_string(), "happened", body);
            self.trace.note(|| format!("publish {number} ({topic}, {bytes} B) to {to:?} {now:?}"));
            let receipt = self.dispatcher.publish(&keys, &Arc::new(item), now);
            let expected = self.model.publish(&to, topic, number, bytes);
            assert_eq!((receipt.queued, receipt.rejected), expected, "notification {number}");
            self.check();
        }
    }

    fn poll(&mut self) {
        for _ in 0..self.dice.pick(&[1, 2, 100, 100, 100]) {
            if !self.poll_once() {
                return;
            }
        }
    }

    fn poll_once(&mut self) -> bool {
        let now = self.call_moment();
        let Some(delivery) = self.dispatcher.poll_delivery(now) else {
            self.trace.note(|| format!("poll: nothing {now:?}"));
            self.model.check_idle();
            self.check();
            return false;
        };
        self.trace.note(|| {
            let ids: Vec<_> = delivery.batch().ids().collect();
            let (webhook, topic) = (delivery.webhook(), delivery.topic());
            let (id, attempt) = (delivery.id(), delivery.attempt());
            format!("poll: {id} to {webhook}/{topic}, attempt {attempt}: {ids:?} {now:?}")
        });
        self.model.started(&delivery);
        let hook = self.model.live(delivery.webhook().as_str()).unwrap();
        let name = NAMES.iter().position(|name| *name == self.model.hooks[hook].name).unwrap();
        let plan = &self.model.hooks[hook].plan;
        let (takes, outcome) = self.receivers[name].receive(plan, &mut self.dice);
        self.flights.push(Flight {
            id: delivery.attempt_id(),
            ends_at: self.clock.saturating_add(takes),
            outcome,
        });
        self.check();
        true
    }

    /// Records the outcomes that are there by now, and sometimes one that is early.
    fn record_outcomes(&mut self) {
        while let Some(at) = self.flights.iter().position(|flight| flight.ends_at <= self.clock) {
            self.record_outcome(at);
        }
        if !self.flights.is_empty() && self.dice.chance(30) {
            let at = self.dice.index(self.flights.len());
            self.record_outcome(at);
        }
    }

    fn record_outcome(&mut self, at: usize) {
        let flight = self.flights.swap_remove(at);
        self.settled.push_front(flight.id);
        self.settled.truncate(8);
        self.outcome(flight.id, flight.outcome);
        if self.dice.chance(10) {
            self.outcome(flight.id, flight.outcome);
        }
    }

    fn stale_outcome(&mut self) {
        if self.settled.is_empty() {
            return;
        }
        let id = self.settled[self.dice.index(self.settled.len())];
        let outcome = match self.dice.between(0, 2) {
            0 => Outcome::Abandoned,
            1 => Outcome::Failed(FailureKind::InvalidRequest),
            _ => answer(200, Some(5 * SECOND)),
        };
        self.outcome(id, outcome);
    }

    fn outcome(&mut self, id: AttemptId, outcome: Outcome) {
        let now = self.call_moment();
        self.trace.note(|| format!("outcome {outcome:?} of {id:?} {now:?}"));
        match outcome {
            Outcome::Failed(kind) => {
                let error_text = error_text(kind).map(ErrorText::new);
                self.dispatcher.handle_failure(id, kind, error_text, now);
            }
            _ => self.dispatcher.handle_outcome(id, outcome, now),
        }
        self.model.outcome(id, outcome);
        self.check();
    }

    fn pass_time(&mut self) {
        let due = self.dispatcher.poll_timeout().map(Moment::as_nanos);
        self.clock = match (self.dice.between(0, 9), due) {
            (0..5, Some(due)) => self.clock.max(due),
            (5, Some(due)) => self.clock.max(due.saturating_sub(1)),
            (0..8, _) => self.clock + self.dice.between(0, 60 * MILLI),
            (8, _) => self.clock + self.dice.between(0, 30 * SECOND),
            _ => self.clock + self.dice.between(0, 5_000 * SECOND),
        };
        self.trace.note(|| "time passes".to_owned());
    }

    fn timeout(&mut self) {
        let now = self.call_moment();
        self.trace.note(|| format!("timeout {now:?}"));
        self.dispatcher.handle_timeout(now);
        self.check();
    }

    fn change_receiver(&mut self) {
        let which = self.dice.index(NAMES.len());
        self.receivers[which] = Receiver::random(&mut self.dice);
        let receiver = self.receivers[which];
        self.trace.note(|| format!("{} is {receiver:?}", NAMES[which]));
    }

    fn insert(&mut self) {
        let (name, plan) = (self.dice.pick(&NAMES), Plan::random(&mut self.dice));
        self.endpoints += 1;
        let endpoint = self.endpoints;
        self.trace.note(|| format!("insert {name} at {endpoint}: {plan:?}"));
        let key = self.dispatcher.insert(name.into(), Arc::new(endpoint), plan.policy());
        if let Some(old) = self.model.live(name) {
            self.model.remove(old);
        }
        self.model.insert(name, key, endpoint, plan);
        self.check();
    }

    fn update(&mut self) {
        let (hook, plan) = (self.dice.index(self.model.hooks.len()), Plan::random(&mut self.dice));
        self.endpoints += 1;
        let (endpoint, now) = (self.endpoints, self.call_moment());
        let key = self.model.hooks[hook].key;
        self.trace.note(|| format!("update {key:?} to {endpoint}: {plan:?} {now:?}"));
        let done = self.dispatcher.update(key, Arc::new(endpoint), plan.policy(), now);
        assert_eq!(done, self.model.update(hook, endpoint, plan));
        self.check();
    }

    fn remove(&mut self) {
        let hook = self.dice.index(self.model.hooks.len());
        let key = self.model.hooks[hook].key;
        self.trace.note(|| format!("remove {key:?}"));
        assert_eq!(self.dispatcher.remove(key), self.model.remove(hook));
        self.check();
    }

    fn pause_or_resume(&mut self) {
        let hook = self.dice.index(self.model.hooks.len());
        let (key, pause) = (self.model.hooks[hook].key, self.dice.chance(40));
        self.trace.note(|| format!("pause {key:?}: {pause}"));
        let done = if pause {
            self.dispatcher.pause(key)
        } else {
            let now = self.call_moment();
            self.dispatcher.resume(key, now)
        };
        assert_eq!(done, self.model.set_paused(hook, pause));
        self.check();
    }

    fn start_flush(&mut self) {
        let now = self.call_moment();
        let flush = self.dispatcher.start_flush(now);
        self.trace.note(|| format!("{flush:?} starts"));
        self.model.flush(flush);
        self.flushes.push(flush);
        self.check();
    }

    fn end_flush(&mut self) {
        let Some(flush) = self.flushes.pop() else { return };
        self.trace.note(|| format!("{flush:?} ends"));
        self.dispatcher.end_flush(flush);
        self.model.flushes.remove(&flush);
        assert!(self.dispatcher.is_flushed(flush), "a flush that has ended must not wait");
        self.check();
    }

    fn close(&mut self) {
        self.trace.note(|| "close".to_owned());
        self.dispatcher.close();
        self.model.closed = true;
        self.check();
    }

    fn abort(&mut self) {
        self.trace.note(|| "abort".to_owned());
        self.dispatcher.abort();
        self.model.abort();
        self.check();
    }

    /// Lets all receivers recover, and checks that everything settles unless it is paused.
    fn settle_everything(&mut self) {
        self.trace.note(|| "receivers recover".to_owned());
        self.receivers = [Receiver::Healthy; NAMES.len()];
        // Each round delivers something or moves the clock to something that is due, so this is
        // more than enough.
        for _ in 0..2_000 {
            while self.poll_once() {}
            if !self.flights.is_empty() {
                self.clock += MILLI;
                while !self.flights.is_empty() {
                    self.record_outcome(0);
                }
            } else if let Some(due) = self.dispatcher.poll_timeout() {
                assert!(due.as_nanos() > self.model.now, "a timer must make something due");
                self.clock = self.clock.max(due.as_nanos());
            } else {
                break;
            }
        }
        assert_eq!(self.dispatcher.in_flight(), 0);
        assert_eq!(self.dispatcher.poll_timeout(), None);
        for hook in &self.model.hooks {
            let rests = hook.serials().next().is_none() && hook.lifecycle != Lifecycle::Removing;
            assert!(rests || hook.lifecycle == Lifecycle::Paused, "{hook:?} has not settled");
        }
        for flush in &self.flushes {
            assert!(self.dispatcher.is_flushed(*flush), "{flush:?} never ends");
        }
    }
}
