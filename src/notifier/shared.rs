use std::{sync::Arc, task::Waker};

use super::{ending::Ending, readers::Readers, seats::Seats};
use crate::{
    Clock, Config, Moment, Notification, PublishError, Receipt, Reports, Transport, Webhook,
    WebhookId,
    budget::Budget,
    dispatch::{Detail, Dispatcher, Effects},
    engine,
    random::fresh_seed,
    registry::{self, Lend, Registry},
    reports::{Called, Ring},
    router::{Payloads, Router, Scratch},
    sync::{
        self, Guarded, Mutex, Order,
        atomic::{AtomicBool, Ordering},
    },
    transport::TransportError,
};

/// What notifiers and drivers share.
///
/// Two locks: that of the router, which is held as long as a change of the registry takes, and the
/// short one around the dispatcher. Where both are held, the router's is taken first. Publishers
/// take the second one alone, and only for what is wanted. Nothing of the host runs under it.
pub(super) struct Shared {
    pub(super) transport: Box<dyn Transport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) config: Config,
    budget: Budget,
    ring: Arc<Ring>,
    router: Mutex<Router>,
    readers: Readers,
    core: Mutex<Core>,
    /// Set once nothing may be published any more; spares a publisher the match.
    closed: AtomicBool,
}

/// What the short lock guards.
pub(super) struct Core {
    pub(super) dispatcher: Dispatcher<Webhook>,
    pub(super) seats: Seats,
    pub(super) ending: Ending,
}

/// What a change leaves to be done after the lock.
struct Aftermath {
    driver: Option<Waker>,
    others: Vec<Waker>,
    subscribers: Called,
    effects: Effects<Webhook>,
}

/// How many queue operations one hold of the lock makes at most.
const CHUNK: usize = 256;

impl Shared {
    pub(super) fn new(
        transport: Box<dyn Transport>,
        clock: Arc<dyn Clock>,
        config: Config,
    ) -> Self {
        let seed = config.seed.unwrap_or_else(fresh_seed);
        let mut dispatcher = Dispatcher::new(config.limits.clone(), seed);
        dispatcher.watch_letters(config.dead_letters.is_some());
        Self {
            transport,
            clock,
            budget: Budget::default(),
            ring: Ring::new(config.report_capacity),
            router: Mutex::default(),
            readers: Readers::new(),
            core: Mutex::new(Core {
                dispatcher,
                seats: Seats::default(),
                ending: Ending::default(),
            }),
            closed: AtomicBool::new(false),
            config,
        }
    }

    pub(super) fn now(&self) -> Moment {
        sync::assert_unlocked();
        self.clock.now()
    }

    pub(super) fn publish(&self, notification: &dyn Notification) -> Result<Receipt, PublishError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(PublishError::Closed);
        }
        Scratch::with(|scratch| {
            scratch.fill(notification)?;
            self.readers.read(|routes| routes.matches(scratch));
            match scratch.is_wanted() {
                true => self.publish_wanted(scratch, notification),
                false => Ok(Receipt::default()),
            }
        })
    }

    /// Encodes a notification and queues it for those who want it.
    fn publish_wanted(
        &self,
        scratch: &mut Scratch,
        notification: &dyn Notification,
    ) -> Result<Receipt, PublishError> {
        let limit = self.config.limits.queue_bytes();
        let (mut payloads, mut receipt) = (Payloads::default(), Receipt::default());
        // All renderings before any is queued: where one fails, nothing is.
        scratch.encode(notification, &self.budget, limit, &mut payloads)?;
        while self.queue(scratch, &payloads, &mut receipt) > 0 {
            // Removed since the routes were read: another may have taken its place.
            scratch.leave_out_wanted();
            self.readers.read(|routes| routes.matches(scratch));
            // In a rendering that was not wanted before, perhaps. Where it has none such, those
            // who wait for it refuse it; it is an error as long as nothing is queued.
            let encoded = scratch.encode(notification, &self.budget, limit, &mut payloads);
            if receipt.queued == 0 {
                encoded?;
            }
        }
        receipt.check().map_err(|full| match self.closed.load(Ordering::Relaxed) {
            // The end came while it was encoded: to publish it again would not help.
            true => PublishError::Closed,
            false => full,
        })
    }

    /// Queues a notification for those who want it, and tells how many of them are gone.
    fn queue(&self, scratch: &Scratch, payloads: &Payloads, receipt: &mut Receipt) -> usize {
        let (now, before) = (self.now(), receipt.matched);
        let mut wanted = 0;
        for (rendering, slots) in scratch.wanted() {
            wanted += slots.len();
            for slots in slots.chunks(CHUNK) {
                receipt.add(
                    self.with(|core| payloads.offer(rendering, &mut core.dispatcher, slots, now)),
                );
            }
        }
        wanted - (receipt.matched - before)
    }

    /// Changes the registry. Publishers see all of the change or, until its end, nothing.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Registry<'_, &Self>) -> R) -> R {
        let now = self.now();
        let mut router = self.router.lock();
        let version = router.version();
        let mut registry = Registry::new(&mut router, self, &self.config.limits, now);
        let result = change(&mut registry);
        if let Some(routes) = registry.routes_since(version) {
            self.readers.set(routes);
        }
        registry.finish();
        drop(router);
        // What the steps have left to be done is the host's code.
        self.with(|_| ());
        result
    }

    /// What is registered.
    pub(super) fn webhooks(&self) -> Vec<(WebhookId, Arc<Webhook>)> {
        let _unchanged = self.router.lock();
        registry::registered(&mut &*self, |id, webhook| (id.clone(), Arc::clone(webhook)))
    }

    /// Reads the core.
    pub(super) fn read<R>(&self, read: impl FnOnce(&Dispatcher<Webhook>) -> R) -> R {
        read(&self.core.lock().dispatcher)
    }

    /// What an error says, where anybody will hear of it.
    pub(super) fn detail(&self, error: &TransportError) -> Option<Detail> {
        let told = self.ring.has_subscriptions() || self.config.dead_letters.is_some();
        if told { error.detail() } else { None }
    }

    pub(super) fn subscribe(&self) -> Reports {
        self.ring.subscribe()
    }

    /// The last handle is gone: what is pending is sent, then the drivers end.
    pub(super) fn drain(&self) {
        let now = self.now();
        self.with(|core| core.ending.begin(&mut core.dispatcher, now));
    }

    /// The one place where the core changes. Whoever may have work by the change is woken after
    /// the lock.
    pub(super) fn with<R>(&self, change: impl FnOnce(&mut Core) -> R) -> R {
        let (result, aftermath) = self.lock(change);
        if let Some(aftermath) = aftermath {
            self.finish(aftermath);
        }
        result
    }

    fn lock<R>(&self, change: impl FnOnce(&mut Core) -> R) -> (R, Option<Aftermath>) {
        let mut core = self.core.lock();
        core.dispatcher.watch_reports(self.ring.has_subscriptions());
        let result = change(&mut core);
        let aftermath = self.aftermath(&mut core);
        (result, aftermath)
    }

    /// What a change of the core has left to be done: mostly nothing.
    fn aftermath(&self, core: &mut Core) -> Option<Aftermath> {
        let Core { dispatcher, seats, ending } = core;
        ending.advance(dispatcher, seats.drivers());
        let over = ending.is_over();
        if dispatcher.is_closed() {
            self.closed.store(true, Ordering::Relaxed);
        }
        let nobody_waits = seats.are_empty() && !ending.has_waiters();
        if nobody_waits && !over && !dispatcher.has_effects() {
            return None;
        }
        let driver = seats.call(|| (dispatcher.is_ready(), dispatcher.poll_timeout()));
        let mut others = ending.call(dispatcher, seats.drivers());
        if over {
            others.extend(seats.call_all());
        }
        let mut effects = dispatcher.take_effects();
        let subscribers = self.ring.extend(effects.take_reports(), over);
        Some(Aftermath { driver, others, subscribers, effects })
    }

    /// Does what must not be done under a lock. Wakers come first: what the host's own code does
    /// after them keeps nobody asleep.
    fn finish(&self, aftermath: Aftermath) {
        sync::assert_unlocked();
        let Aftermath { driver, others, subscribers, mut effects } = aftermath;
        driver.into_iter().chain(others).for_each(Waker::wake);
        subscribers.wake();
        engine::hand_over_letters(&mut effects, &self.config);
    }
}

impl Guarded for Core {
    const ORDER: Order = Order::Core;
}

/// What a step leaves to be done is done after the last one, or by whoever comes first.
impl Lend for &Shared {
    fn lend<R>(&mut self, step: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R {
        let mut core = self.core.lock();
        core.dispatcher.watch_reports(self.ring.has_subscriptions());
        step(&mut core.dispatcher)
    }
}
