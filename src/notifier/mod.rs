//! The cheap handle that a host publishes to, and the drivers that it spawns.
//!
//! # State and locks
//!
//! A thread takes these locks from above to below, and holds none while the host's code runs.
//!
//! | lock | guards | taken by | held for |
//! |---|---|---|---|
//! | router | the filters of all webhooks | changes, `webhooks` | a whole change |
//! | thread cache | the routes that one thread has read last | that thread; a change | a match |
//! | thread caches | the list of all thread caches | a thread that reads for the first time; a change | a copy of the list |
//! | routes | the routes that are read from now on | a thread whose cache is empty; a change | a clone |
//! | state | the dispatcher, the drivers ([`driver_set`]), the waits for a flush or the shutdown ([`shutdown`]) | everything that queues, sends, settles, waits or counts | a few steps of the dispatcher |
//! | reports | the reports and the wakers of their readers | the state's changes, readers of reports | a few reports |
//!
//! Beside them there are three atomics, each of which may lag and is only a hint or a count:
//! `NotifierInner::closed`, the number of subscriptions, and the bytes of all payloads.
//!
//! # Invariants
//!
//! Debug builds assert those that are marked with *.
//!
//! 1. `NotifierInner::with_state` is the one way to change the state, apart from
//!    [`DispatcherAccess`](crate::engine::DispatcherAccess): after the change and under the same
//!    lock it takes the wakers of those to wake, and wakes them once the lock is free. A change of
//!    the registry accesses the dispatcher in single steps, and ends with an empty `with_state`.
//! 2. A driver is parked at most once *, and only while it lives *. It parks under the lock under
//!    which the dispatcher had no work for it. It sleeps until the moment that is recorded with it,
//!    or an earlier one.
//! 3. While the state is unlocked and a driver is parked, one of these holds: the dispatcher has no
//!    work, and no timer before the earliest moment of a parked driver; a driver was unparked and
//!    has not looked at the dispatcher since; a thread is about to end its change of the registry.
//! 4. A wait is listed at most once *, and only while it is not over. It is over when its flush is
//!    done, when the shutdown is finished, or when no driver lives.
//! 5. The shutdown finishes once. Then the dispatcher is closed and nothing is pending *, for ever.
//! 6. Every attempt that the dispatcher has handed out has one lease, which reports its outcome or,
//!    if it is dropped first, abandons it: once in all *.
//! 7. A timeout runs only while its attempt is under way *.
//! 8. `NotifierInner::closed` is set under the lock of the state, after the dispatcher was closed.
//! 9. Reports enter the ring in the order in which their events happened.
//! 10. Once a change has returned, no thread reads routes from before it.
//! 11. Locks are taken in the order above *, and none is held where the host's code runs *.
//!
//! # Why no wake-up is lost
//!
//! *Drivers.* Work appears, or a timer comes nearer, by a change of the state alone. The change ends
//! with a look at the parked drivers under the same lock (1). If no driver is parked, all that live
//! are awake and look before they park (2). Otherwise one is unparked and woken.
//! One is enough: its look is a change as well, which wakes the next driver if there is more to do.
//! If it is dropped before it looks, its leaving is such a change. If it was awake already, for an
//! answer or a timeout, the waker makes its executor poll it once more. If time alone brings the
//! work, the driver with the earliest moment wakes by itself (3); and if that one leaves, what it
//! slept for is nearer than what the others sleep for, and one of them is woken.
//!
//! *Waits.* Whether a wait is over depends on the state alone, and a wait is listed under the lock
//! under which it was not over (4). The change that ends it takes it off the list.
//!
//! *Subscriptions.* A reader leaves its waker under the lock under which the ring had nothing for
//! it. Whoever adds a report, or closes the ring, takes all wakers with it.
//!
//! # Why there is no deadlock
//!
//! All threads take locks in one order (11), so none waits in a circle. No lock is held across an
//! `.await` or a call of the host's code, so nobody can hold one for ever, and a host may call the
//! notifier from its own code. That code is: the attributes and the encoding of notifications, the
//! transport, the clock, signers, wakers with their clones and drops, dead letters, and the drop of
//! what the host has handed over.
//!
//! # Why routes are new after a change
//!
//! A change replaces the current routes and then clears every thread cache (`RouteCache::set`). A
//! thread cache is listed before it is filled for the first time, and is filled with the current
//! routes under its own lock. So if a cache holds the old routes, they were read before the change
//! replaced them; then the cache is on the list, and the change waits for its lock and clears it.
//! Hence a read that begins after the change has returned finds an empty cache or new routes (10).
//!
//! A publisher that matched by the old routes may still queue for webhooks that are gone by then.
//! Webhooks are removed from the dispatcher only after all thread caches are clear, so if it misses
//! one, it matches again by the new routes: of two webhooks that replace each other, one gets it.
//!
//! # What the atomics may lag
//!
//! `closed` spares publishers a match after the shutdown. One that does not see it yet asks the
//! dispatcher, which refuses. It is set before `shutdown` returns, so whoever publishes after that
//! is refused at once. A subscription that begins while an event happens may or may not see it; one
//! that began before sees it. The bytes of payloads are taken and given back one by one, and are
//! never over their bound.

mod attempt;
mod driver;
mod driver_set;
mod inner;
mod next_action;
mod registrar;
mod route_cache;
mod shutdown;
mod timeouts;
mod wait;

use std::{fmt, sync::Arc, time::Duration};

pub use driver::Driver;

use crate::{
    base::WebhookId,
    clock::Clock,
    dispatch::{Receipt, Stats, Status},
    engine::{self, Config, PublishError, Reports},
    notification::Notification,
    transport::Transport,
    webhook::{RegistryError, Replaced, Webhook},
};
use inner::NotifierInner;

/// Publishes notifications to the webhooks that want them, from any thread.
///
/// It is cheap to clone. [`publish`](Self::publish) is synchronous and never waits for I/O: what it
/// queues is sent by the [`Driver`]s, which the host spawns on its own runtime. When the last clone
/// is dropped, the drivers send what is pending and end.
///
/// ```
/// use recohook::clock::ThreadClock;
/// use recohook::findface::security::{self, Event};
/// use recohook::transport::{Body, Context, Transport, TransportError};
/// use recohook::{Filter, Notifier, Webhook, async_trait, bytes::Bytes, http};
/// use std::time::Duration;
///
/// struct Print; // stands for the host's own HTTP client
///
/// #[async_trait]
/// impl Transport for Print {
///     async fn send(
///         &self,
///         request: http::Request<Bytes>,
///         _context: &Context,
///     ) -> Result<http::Response<Body>, TransportError> {
///         println!("{} <- {}", request.uri(), String::from_utf8_lossy(request.body()));
///         Ok(http::Response::new(Body::empty()))
///     }
/// }
///
/// let notifier = Notifier::new(Print, ThreadClock::new());
/// let driver = notifier.driver();
/// let thread = std::thread::spawn(move || futures::executor::block_on(driver));
///
/// let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &security::FILTERS)?;
/// let webhook = Webhook::new("http://127.0.0.1:8888/", filter)?.with_policy(security::policy());
/// notifier.insert("front", webhook)?;
/// notifier.publish(&Event::new("42").matched(true))?;
///
/// let stats = futures::executor::block_on(notifier.shutdown(Duration::from_secs(5)));
/// assert_eq!(stats.delivered, 1);
/// thread.join().expect("drivers don't panic");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Notifier {
    inner: Arc<NotifierInner>,
    _handle: Arc<DrainOnDrop>,
}

/// Lets the drivers end when the last notifier is dropped.
struct DrainOnDrop(Arc<NotifierInner>);

impl Notifier {
    /// Makes a notifier with the default [`Config`].
    pub fn new(transport: impl Transport + 'static, clock: impl Clock + 'static) -> Self {
        Self::with_config(transport, clock, Config::default())
    }

    /// Makes a notifier with options.
    pub fn with_config(
        transport: impl Transport + 'static,
        clock: impl Clock + 'static,
        config: Config,
    ) -> Self {
        let inner = Arc::new(NotifierInner::new(Box::new(transport), Arc::new(clock), config));
        Self { _handle: Arc::new(DrainOnDrop(Arc::clone(&inner))), inner }
    }

    /// Returns a future that sends what is queued. The host spawns it: on tokio, on smol, or on a
    /// thread with `block_on`. Several drivers share the work. Without one, nothing is sent.
    ///
    /// It ends after [`shutdown`](Self::shutdown), or when the last notifier is dropped and all that
    /// was pending is settled. If it is dropped early, nothing is lost: it abandons what it has in
    /// flight, and another driver sends it again.
    pub fn driver(&self) -> Driver {
        Driver::new(Arc::clone(&self.inner))
    }

    /// Queues a notification for the webhooks that want it. If none does, the receipt says so.
    ///
    /// # Errors
    /// Returns an error only if nothing was queued. See [`PublishError`].
    pub fn publish(&self, notification: &dyn Notification) -> Result<Receipt, PublishError> {
        engine::publish(&mut &*self.inner, notification)
    }

    /// Registers a webhook. See [`Registrar::insert`](crate::Registrar::insert).
    ///
    /// # Errors
    /// Returns [`RegistryError::Taken`] if the id is in use, and
    /// [`HeadersTooLarge`](RegistryError::HeadersTooLarge),
    /// [`DuplicateHeader`](RegistryError::DuplicateHeader) or
    /// [`BatchTooLarge`](RegistryError::BatchTooLarge) if the webhook's parts do not fit together.
    pub fn insert(&self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError> {
        let (id, webhook) = (id.into(), Arc::new(webhook));
        self.inner.change_registry(|registry| registry.insert(id, &webhook))
    }

    /// Replaces a webhook's settings in place. See [`Registrar::update`](crate::Registrar::update).
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id, and fails as
    /// [`insert`](Self::insert) does if the webhook's parts do not fit together.
    pub fn update(&self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError> {
        let (id, webhook) = (id.into(), Arc::new(webhook));
        self.inner.change_registry(|registry| registry.update(id, &webhook))
    }

    /// Removes a webhook. See [`Registrar::remove`](crate::Registrar::remove).
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn remove(&self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        let id = id.into();
        self.inner.change_registry(|registry| registry.remove(&id))
    }

    /// Makes the list the whole registry: inserts, updates and removes webhooks. If any is
    /// invalid, nothing changes.
    ///
    /// Others publish meanwhile, and match by what was registered before until all is done.
    ///
    /// # Errors
    /// Returns [`RegistryError::DuplicateId`] if the list names an id twice, and fails as
    /// [`insert`](Self::insert) does if a webhook's parts do not fit together.
    pub fn replace_all(
        &self,
        webhooks: impl IntoIterator<Item = (WebhookId, Webhook)>,
    ) -> Result<Replaced, RegistryError> {
        let webhooks: Vec<_> =
            webhooks.into_iter().map(|(id, webhook)| (id, Arc::new(webhook))).collect();
        self.inner.change_registry(|registry| registry.replace_all(&webhooks))
    }

    /// Stops sending to a webhook. It keeps queueing.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn pause(&self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        let id = id.into();
        self.inner.change_registry(|registry| registry.pause(&id))
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn resume(&self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        let id = id.into();
        self.inner.change_registry(|registry| registry.resume(&id))
    }

    /// Returns the registered webhooks.
    pub fn webhooks(&self) -> Vec<(WebhookId, Arc<Webhook>)> {
        self.inner.webhooks()
    }

    /// Returns the webhook with this id.
    pub fn webhook(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>> {
        let id = id.into();
        self.inner.read(|dispatcher| dispatcher.endpoint(&id).cloned())
    }

    /// Returns the statistics of a webhook; of a removed one until nothing of it is pending.
    pub fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats> {
        let id = id.into();
        self.inner.read(|dispatcher| dispatcher.stats(&id))
    }

    /// Returns how a webhook is doing.
    pub fn status(&self, id: impl Into<WebhookId>) -> Option<Status> {
        let (id, now) = (id.into(), self.inner.now());
        self.inner.read(|dispatcher| dispatcher.status(&id, now))
    }

    /// Returns the statistics of all webhooks together, removed ones included.
    pub fn total(&self) -> Stats {
        self.inner.read(|dispatcher| dispatcher.total())
    }

    /// Subscribes to what happens from now on. Nothing is recorded while nobody subscribes.
    pub fn reports(&self) -> Reports {
        self.inner.core.ring.subscribe()
    }

    /// Sends everything pending now without waiting for `linger`, and waits until all of it is
    /// settled: delivered, dead or dropped. It leaves out paused webhooks. It waits for `within` at
    /// most, and not at all if there is no driver.
    ///
    /// Returns the statistics of all webhooks. [`Stats::pending`] counts what is left.
    pub async fn flush(&self, within: Duration) -> Stats {
        wait::flush(&self.inner, within).await
    }

    /// Refuses whatever is published from now on, sends everything pending without waiting for
    /// `linger`, and ends the drivers. It does not wait for paused webhooks. It waits for `within`
    /// at most, and not at all if there is no driver. Then it drops what is left,
    /// [counts](crate::report::DropStats::shutdown) it, and passes it to the
    /// [`DeadLetterHandler`](crate::DeadLetterHandler).
    ///
    /// Returns the final statistics of all webhooks.
    pub async fn shutdown(&self, within: Duration) -> Stats {
        wait::shutdown(&self.inner, within).await
    }
}

impl Drop for DrainOnDrop {
    fn drop(&mut self) {
        self.0.drain();
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier").field("total", &self.total()).finish_non_exhaustive()
    }
}
