use std::{sync::Arc, task::Waker};

use super::{driver_set::DriverSet, route_cache::RouteCache, shutdown::Shutdown};
use crate::{
    base::{
        Limits, Moment, WebhookId,
        sync::{
            self, Guarded, LockOrder, Mutex,
            atomic::{AtomicBool, Ordering},
        },
    },
    clock::Clock,
    dispatch::Dispatcher,
    engine::{
        Config, DeferredEffects, DispatcherAccess, EngineAccess, EngineCore, Registry, Router,
        Routes, map_webhooks,
    },
    transport::Transport,
    webhook::Webhook,
};

/// The state that notifiers and drivers share.
///
/// It has two locks. The router's lock is held during a whole change to the registry. The lock of
/// the state, which contains the dispatcher, is held only for short steps. If a thread needs both,
/// it takes the router's lock first. A publisher takes only the lock of the state, and only if a
/// webhook matches the notification. The host's code never runs under either lock.
pub(super) struct NotifierInner {
    pub(super) transport: Box<dyn Transport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) core: EngineCore,
    router: Mutex<Router>,
    route_cache: RouteCache,
    state: Mutex<NotifierState>,
    /// Set after the dispatcher has been closed. It saves publishers from matching notifications
    /// that would be refused.
    closed: AtomicBool,
}

/// The state behind the lock that is held only for short steps.
pub(super) struct NotifierState {
    pub(super) dispatcher: Dispatcher<Webhook>,
    pub(super) drivers: DriverSet,
    pub(super) shutdown: Shutdown,
}

/// The work that has to be done after a change, once the lock is released. All of it runs the
/// host's code.
struct DeferredWork {
    /// The waker of the driver that is to take new work.
    driver: Option<Waker>,
    /// The wakers of the tasks whose wait is over and, after the shutdown, of all parked drivers.
    others: Vec<Waker>,
    effects: DeferredEffects,
}

impl NotifierInner {
    pub(super) fn new(
        transport: Box<dyn Transport>,
        clock: Arc<dyn Clock>,
        config: Config,
    ) -> Self {
        let core = EngineCore::new(config);
        let dispatcher = core.dispatcher();
        let state = NotifierState {
            dispatcher,
            drivers: DriverSet::default(),
            shutdown: Shutdown::default(),
        };
        Self {
            transport,
            clock,
            core,
            router: Mutex::new(Router::default()),
            route_cache: RouteCache::new(),
            state: Mutex::new(state),
            closed: AtomicBool::new(false),
        }
    }

    /// Returns the clock's current moment. The clock is the host's code, so call this before
    /// locking.
    pub(super) fn now(&self) -> Moment {
        sync::assert_unlocked();
        self.clock.now()
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.core.config.limits
    }

    /// Changes the registry. Publishers use the old filters until the change is complete.
    pub(super) fn change_registry<R>(
        &self,
        change: impl FnOnce(&mut Registry<'_, &Self>) -> R,
    ) -> R {
        let now = self.now();
        let mut router = self.router.lock();
        let version = router.version();
        let mut registry = Registry::new(&mut router, self, &self.core.config, now);
        let result = change(&mut registry);
        // The new routes must be set before `finish` removes webhooks from the dispatcher, because
        // a publisher that finds a webhook missing must see the new routes.
        if let Some(routes) = registry.routes_since(version) {
            self.route_cache.set(routes);
        }
        registry.finish();
        drop(router);
        // Applying the effects of the steps runs the host's code, so it must happen after
        // unlocking.
        self.with_state(|_| ());
        result
    }

    /// Returns the registered webhooks.
    pub(super) fn webhooks(&self) -> Vec<(WebhookId, Arc<Webhook>)> {
        // The lock keeps the registry from changing while the dispatcher is read in several steps.
        let _unchanged = self.router.lock();
        map_webhooks(&mut &*self, |id, webhook| (id.clone(), Arc::clone(webhook)))
    }

    /// Reads the dispatcher.
    pub(super) fn read<R>(&self, read: impl FnOnce(&Dispatcher<Webhook>) -> R) -> R {
        read(&self.state.lock().dispatcher)
    }

    /// Begins the shutdown. Pending notifications are sent, and then the drivers end. Does nothing
    /// if the shutdown has already begun.
    pub(super) fn drain(&self) {
        let now = self.now();
        self.with_state(|state| state.shutdown.begin(&mut state.dispatcher, now));
    }

    /// Changes the state, wakes the tasks that the change affects, and applies its effects.
    ///
    /// All changes use this method, except for the steps of [`DispatcherAccess`].
    pub(super) fn with_state<R>(&self, change: impl FnOnce(&mut NotifierState) -> R) -> R {
        let (result, deferred) = self.lock(change);
        if let Some(DeferredWork { driver, others, effects }) = deferred {
            sync::assert_unlocked();
            // Wakers come first, so that a slow dead-letter handler does not delay drivers.
            driver.into_iter().chain(others).for_each(Waker::wake);
            self.core.apply(effects);
        }
        result
    }

    /// Changes the state under the lock, and returns the work to do after unlocking.
    fn lock<R>(&self, change: impl FnOnce(&mut NotifierState) -> R) -> (R, Option<DeferredWork>) {
        let mut state = self.state.lock();
        self.core.prepare(&mut state.dispatcher);
        let result = change(&mut state);
        let deferred = self.deferred_work(&mut state);
        (result, deferred)
    }

    /// Collects the work to do after unlocking. Most changes have none.
    fn deferred_work(&self, state: &mut NotifierState) -> Option<DeferredWork> {
        let NotifierState { dispatcher, drivers, shutdown } = state;
        shutdown.advance(dispatcher, drivers.live());
        let finished = shutdown.is_finished();
        // Publishers read `closed` without the lock. The flag is only a hint, so no ordering is
        // needed. If a publisher does not see it yet, the dispatcher refuses the notification.
        if dispatcher.is_closed() {
            self.closed.store(true, Ordering::Relaxed);
        }
        let nobody_waits = drivers.none_parked() && !shutdown.has_waiters();
        if nobody_waits && !finished && !dispatcher.has_effects() {
            return None;
        }
        let driver =
            drivers.take_one_to_wake(|| (dispatcher.is_ready(), dispatcher.poll_timeout()));
        let mut others = shutdown.take_done(dispatcher, drivers.live());
        if finished {
            others.extend(drivers.take_all_to_wake());
        }
        Some(DeferredWork { driver, others, effects: self.core.collect(dispatcher, finished) })
    }
}

impl Guarded for NotifierState {
    const ORDER: LockOrder = LockOrder::State;
}

/// Each thread matches with the routes that it last read, and locks the state for each change.
impl EngineAccess for &NotifierInner {
    fn core(&self) -> &EngineCore {
        &self.core
    }

    fn now(&self) -> Moment {
        NotifierInner::now(self)
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn routes<R>(&mut self, read: impl FnOnce(Routes<'_>) -> R) -> R {
        self.route_cache.read(|shared| read(shared.routes()))
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R {
        self.with_state(|state| change(&mut state.dispatcher))
    }
}

/// The effects of a step are applied by the next call to `with_state`, on this or another thread.
impl DispatcherAccess for &NotifierInner {
    fn access<R>(&mut self, step: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R {
        let mut state = self.state.lock();
        self.core.prepare(&mut state.dispatcher);
        step(&mut state.dispatcher)
    }
}
