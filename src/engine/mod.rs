//! One synchronous core for every host: publish, registry, requests and their outcomes.
//!
//! [`Engine`] owns the parts; a [`Notifier`](crate::Notifier) shares them between threads. Both run
//! the same code, through [`EngineAccess`].

mod config;
mod core;
mod engine_at;
mod outgoing;
mod publish;
mod publish_error;
mod registrar;
mod registry;
mod reports;
mod request;
mod retry_after;
mod router;
mod scratch;

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    time::SystemTime,
};

use http::{HeaderMap, StatusCode};

pub use self::{
    config::{Config, DeadLetterHandler},
    outgoing::Outgoing,
    publish_error::PublishError,
    registrar::EngineRegistrar,
    reports::{Reported, Reports},
};
pub(crate) use self::{
    core::{AttemptResult, DeferredEffects, EngineAccess, EngineCore, record_result},
    publish::publish,
    registry::{DispatcherAccess, Registry, map_webhooks},
    request::{build_request, response_outcome},
    router::{Router, Routes, SharedRoutes},
};

use engine_at::EngineAt;
use outgoing::AbandonedAttempts;

use crate::{
    base::{Moment, WebhookId},
    dispatch::{AttemptId, Dispatcher, FlushId, Outcome, Receipt, Stats, Status},
    failure::{FailureKind, TransportError},
    notification::Notification,
    webhook::{RegistryError, Replaced, Webhook},
};

/// Everything but the sending, as one synchronous value: for hosts without an async runtime, and
/// for those that want to drive each step themselves.
///
/// The host publishes, asks for requests until there are none, sends each with a client of its own
/// and reports the outcome. The engine reads no clock, does no I/O and starts no thread.
///
/// ```
/// use recohook::findface::security::{self, Event};
/// use recohook::http::{HeaderMap, StatusCode};
/// use recohook::{Engine, Filter, Moment, Webhook};
/// use std::time::SystemTime;
///
/// let mut engine = Engine::new();
/// let now = Moment::ZERO; // from the host's monotonic clock
/// let filter = Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &security::FILTERS)?;
/// engine.insert("front", Webhook::new("http://127.0.0.1:8888/", filter)?, now)?;
///
/// let receipt = engine.publish(&Event::new("42").camera(3), now)?;
/// assert_eq!((receipt.matched, receipt.queued), (1, 1));
///
/// while let Some(outgoing) = engine.poll_request(now, SystemTime::now()) {
///     assert_eq!(outgoing.request().uri(), "http://127.0.0.1:8888/");
///     // Send it, then report the outcome: a response, a failure, or that it was abandoned.
///     let (status, headers) = (StatusCode::OK, HeaderMap::new());
///     engine.handle_response(outgoing.attempt_id(), status, &headers, now, SystemTime::now());
/// }
/// assert_eq!(engine.total().delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    core: EngineCore,
    router: Router,
    dispatcher: Dispatcher<Webhook>,
    abandoned: Arc<AbandonedAttempts>,
    /// Empty between calls; kept for its memory.
    abandoned_ids: Vec<AttemptId>,
    /// The polls of the present drain: since the last one that found nothing.
    polls: usize,
}

impl Engine {
    /// Makes an engine with the default [`Config`].
    pub fn new() -> Self {
        Self::with_config(Config::default())
    }

    /// Makes an engine with options.
    pub fn with_config(config: Config) -> Self {
        let core = EngineCore::new(config);
        let (abandoned, abandoned_ids) = AbandonedAttempts::new(core.config.limits.max_in_flight());
        Self {
            router: Router::default(),
            dispatcher: core.dispatcher(),
            abandoned,
            abandoned_ids,
            polls: 0,
            core,
        }
    }

    /// Registers a webhook. See [`Registrar::insert`](crate::Registrar::insert).
    ///
    /// # Errors
    /// Returns [`RegistryError::Taken`] if the id is in use, and
    /// [`HeadersTooLarge`](RegistryError::HeadersTooLarge),
    /// [`DuplicateHeader`](RegistryError::DuplicateHeader) or
    /// [`BatchTooLarge`](RegistryError::BatchTooLarge) if the webhook's parts do not fit together.
    pub fn insert(
        &mut self,
        id: impl Into<WebhookId>,
        webhook: Webhook,
        now: Moment,
    ) -> Result<(), RegistryError> {
        let (id, webhook) = (id.into(), Arc::new(webhook));
        self.change_registry(now, |registry| registry.insert(id, &webhook))
    }

    /// Replaces a webhook's settings in place. See [`Registrar::update`](crate::Registrar::update).
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id, and fails as
    /// [`insert`](Self::insert) does if the webhook's parts do not fit together.
    pub fn update(
        &mut self,
        id: impl Into<WebhookId>,
        webhook: Webhook,
        now: Moment,
    ) -> Result<(), RegistryError> {
        let (id, webhook) = (id.into(), Arc::new(webhook));
        self.change_registry(now, |registry| registry.update(id, &webhook))
    }

    /// Removes a webhook. See [`Registrar::remove`](crate::Registrar::remove).
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn remove(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        let id = id.into();
        self.change_registry(now, |registry| registry.remove(&id))
    }

    /// Makes the list the whole registry: inserts, updates and removes webhooks. If any is
    /// invalid, nothing changes.
    ///
    /// # Errors
    /// Returns [`RegistryError::DuplicateId`] if the list names an id twice, and fails as
    /// [`insert`](Self::insert) does if a webhook's parts do not fit together.
    pub fn replace_all(
        &mut self,
        webhooks: impl IntoIterator<Item = (WebhookId, Webhook)>,
        now: Moment,
    ) -> Result<Replaced, RegistryError> {
        let webhooks: Vec<_> =
            webhooks.into_iter().map(|(id, webhook)| (id, Arc::new(webhook))).collect();
        self.change_registry(now, |registry| registry.replace_all(&webhooks))
    }

    /// Stops sending to a webhook. It keeps queueing.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn pause(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        let id = id.into();
        self.change_registry(now, |registry| registry.pause(&id))
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn resume(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        let id = id.into();
        self.change_registry(now, |registry| registry.resume(&id))
    }

    /// Returns a [`Registrar`](crate::Registrar), whose changes happen at `now`. Registrations
    /// that it makes carry the wall clock's time `wall`.
    ///
    /// ```
    /// use recohook::findface::security;
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let body = r#"{"name": "front gate", "url": "http://127.0.0.1:8888/", "filters": {}}"#;
    /// let answer = security::webhooks().create(&mut registrar, &serde_json::from_str(body)?)?;
    /// assert!(engine.webhook(answer.id.expect("the registry gives out ids")).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn registrar(&mut self, now: Moment, wall: SystemTime) -> EngineRegistrar<'_> {
        EngineRegistrar::new(self, now, wall)
    }

    /// Returns the registered webhooks.
    pub fn webhooks(&self) -> impl Iterator<Item = (&WebhookId, &Arc<Webhook>)> {
        self.dispatcher.webhooks()
    }

    /// Returns the webhook with this id.
    pub fn webhook(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>> {
        self.dispatcher.endpoint(&id.into()).cloned()
    }

    /// Queues a notification for the webhooks that want it. If none does, the receipt says so.
    ///
    /// # Errors
    /// Returns an error only if nothing was queued. See [`PublishError`].
    pub fn publish(
        &mut self,
        notification: &dyn Notification,
        now: Moment,
    ) -> Result<Receipt, PublishError> {
        publish(&mut EngineAt { engine: self, now }, notification)
    }

    /// Returns the next request that is due. Call it until it returns `None`; then again after
    /// each other call, and at [`poll_timeout`](Self::poll_timeout). An [`Outgoing`] that is
    /// dropped without an outcome is handed out again after that `None`.
    ///
    /// If no request can be built for a delivery, because a signer fails or the notification's
    /// kind is not a valid header value, the delivery ends as
    /// [`FailureKind::InvalidRequest`] and the next one is tried.
    ///
    /// # Panics
    /// Panics if a [`Signer`](crate::signature::Signer) does. The attempt has then failed, and the
    /// engine stays usable.
    #[must_use = "a request that is dropped is handed out again"]
    pub fn poll_request(&mut self, now: Moment, wall: SystemTime) -> Option<Outgoing> {
        // A dropped request is handed out again by the next drain, so a drain ends even if all
        // that it hands out is dropped. A drain of more polls than there may be requests in flight
        // takes dropped requests back, too: otherwise they would wait for as long as it goes on.
        if self.polls == 0 || self.polls > self.core.config.limits.max_in_flight() {
            self.take_abandoned(now);
            self.polls = 0;
        }
        self.polls += 1;
        while let Some(delivery) = self.dispatcher.poll_delivery(now) {
            let attempt_id = delivery.attempt_id();
            let build = || build_request(&delivery, &self.core.config.limits, || wall);
            let built = catch_unwind(AssertUnwindSafe(build)).unwrap_or_else(|panic| {
                self.handle_failure(attempt_id, FailureKind::Panic, now);
                resume_unwind(panic)
            });
            match built {
                Ok(request) => return Some(Outgoing::new(&delivery, request, &self.abandoned)),
                Err(error) => self.handle_failure(attempt_id, error, now),
            }
        }
        self.polls = 0;
        None
    }

    /// Returns when to ask for requests again if nothing else happens, or `None` if time alone
    /// brings none. If a dropped [`Outgoing`] has abandoned its attempt, it is a moment that has
    /// passed.
    #[must_use = "without the timeout nobody knows when to poll again"]
    pub fn poll_timeout(&self) -> Option<Moment> {
        if self.abandoned.any(|id| self.dispatcher.is_in_flight(id)) {
            return Some(Moment::ZERO);
        }
        self.dispatcher.poll_timeout()
    }

    /// Records that a response came, at `now` and at the wall clock's time `wall`. Does nothing if
    /// the attempt has its outcome already.
    pub fn handle_response(
        &mut self,
        id: AttemptId,
        status: StatusCode,
        headers: &HeaderMap,
        now: Moment,
        wall: SystemTime,
    ) {
        self.record_result(id, Ok(response_outcome(status, headers, || wall)), now);
    }

    /// Records that no response came. `error` is a [`FailureKind`] alone, or a [`TransportError`],
    /// whose text then appears in reports and dead letters. Does nothing if the attempt has its
    /// outcome already.
    pub fn handle_failure(&mut self, id: AttemptId, error: impl Into<TransportError>, now: Moment) {
        let result = self.core.describe_failure(&error.into());
        self.record_result(id, result, now);
    }

    /// Abandons an attempt: the request is handed out again, and the attempt does not count.
    pub fn abandon(&mut self, id: AttemptId, now: Moment) {
        self.record_result(id, Ok(Outcome::Abandoned), now);
    }

    /// Subscribes to what happens from now on.
    pub fn reports(&mut self) -> Reports {
        self.core.ring.subscribe()
    }

    /// Returns the statistics of a webhook; of a removed one until nothing of it is pending.
    pub fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats> {
        self.dispatcher.stats(&id.into())
    }

    /// Returns how a webhook is doing at `now`.
    pub fn status(&self, id: impl Into<WebhookId>, now: Moment) -> Option<Status> {
        self.dispatcher.status(&id.into(), now)
    }

    /// Returns the statistics of all webhooks together, removed ones included.
    pub fn total(&self) -> Stats {
        self.dispatcher.total()
    }

    /// Starts a flush: everything pending now is sent without waiting for `linger`. See
    /// [`is_flushed`](Self::is_flushed). Call [`end_flush`](Self::end_flush) in the end, or the flush
    /// is kept.
    #[must_use = "a flush is kept until it is ended by its id"]
    pub fn start_flush(&mut self, now: Moment) -> FlushId {
        self.dispatcher.start_flush(now)
    }

    /// Returns whether all that was pending at the start of a flush is settled, paused webhooks
    /// aside.
    pub fn is_flushed(&self, id: FlushId) -> bool {
        self.dispatcher.is_flushed(id)
    }

    /// Forgets a flush.
    pub fn end_flush(&mut self, id: FlushId) {
        self.dispatcher.end_flush(id);
    }

    /// Refuses whatever is published from now on. What is pending can still be sent.
    pub fn close(&mut self) {
        self.dispatcher.close();
    }

    /// Closes, and drops all that is pending. Returns the final statistics.
    pub fn shutdown(&mut self) -> Stats {
        self.core.change(&mut self.dispatcher, true, Dispatcher::abort);
        self.dispatcher.total()
    }

    fn record_result(&mut self, id: AttemptId, result: AttemptResult, now: Moment) {
        EngineAt { engine: self, now }
            .change(|dispatcher| record_result(dispatcher, id, result, now));
    }

    /// Abandons the attempts of dropped [`Outgoing`]s. Does nothing for those that have their
    /// outcome.
    fn take_abandoned(&mut self, now: Moment) {
        if self.abandoned.is_empty() {
            return;
        }
        let mut ids = std::mem::take(&mut self.abandoned_ids);
        self.abandoned.take(&mut ids);
        EngineAt { engine: self, now }.change(|dispatcher| {
            for id in ids.drain(..) {
                if dispatcher.is_in_flight(id) {
                    record_result(dispatcher, id, Ok(Outcome::Abandoned), now);
                }
            }
        });
        self.abandoned_ids = ids;
    }

    fn change_registry<R>(
        &mut self,
        now: Moment,
        change: impl FnOnce(&mut Registry<'_, &mut Dispatcher<Webhook>>) -> R,
    ) -> R {
        let Self { router, dispatcher, core, .. } = self;
        core.change(dispatcher, false, |dispatcher| {
            let mut registry = Registry::new(router, dispatcher, &core.config.limits, now);
            let result = change(&mut registry);
            registry.finish();
            result
        })
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}
