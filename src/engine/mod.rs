mod config;
mod publish;
pub(crate) mod registry;
pub(crate) mod reports;
pub(crate) mod request;
mod retry_after;
pub(crate) mod router;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};

pub use config::{Config, DeadLetters};
pub use publish::{PublishError, Receipt};
pub use registry::{RegistryError, Replaced};
pub use reports::{Reported, Reports};

use registry::Registry;
use reports::Ring;
use router::{Payloads, Router, Scratch};

use crate::{
    FailureKind, Moment, Notification, Webhook, WebhookId,
    base::{budget::Budget, random::fresh_seed},
    dispatch::{Account, AttemptId, Delivery, Dispatcher, Effects, FlushId, Outcome, Status},
    failure::TransportError,
};

/// Everything but the sending, as one synchronous value: for hosts without an async runtime, and
/// for those that want to drive each step themselves.
///
/// The host publishes, asks for requests until there are none, sends each with a client of its own
/// and tells what came of it. The engine reads no clock, does no I/O and starts no thread.
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
///     // Send it, then tell the outcome: a response, a failure, or that it was abandoned.
///     let (status, headers) = (StatusCode::OK, HeaderMap::new());
///     engine.handle_response(outgoing.attempt_id(), status, &headers, SystemTime::now(), now);
/// }
/// assert_eq!(engine.total().delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    config: Config,
    router: Router,
    dispatcher: Dispatcher<Webhook>,
    budget: Budget,
    ring: Arc<Ring>,
}

/// One request to be sent now.
pub struct Outgoing {
    attempt_id: AttemptId,
    webhook: WebhookId,
    attempt: u32,
    timeout: Duration,
    request: Request<Bytes>,
}

impl Engine {
    /// An engine with the default [`Config`].
    pub fn new() -> Self {
        Self::with_config(Config::default())
    }

    /// An engine with options.
    pub fn with_config(config: Config) -> Self {
        let seed = config.seed.unwrap_or_else(fresh_seed);
        let mut dispatcher = Dispatcher::new(config.limits.clone(), seed);
        dispatcher.watch_letters(config.dead_letters.is_some());
        Self {
            router: Router::default(),
            dispatcher,
            budget: Budget::default(),
            ring: Ring::new(config.report_capacity),
            config,
        }
    }

    /// Registers a webhook.
    ///
    /// # Errors
    /// [`RegistryError::Taken`] if there is one of this id; where the webhook's parts do not fit
    /// together: [`RegistryError::HeadersTooLarge`], [`RegistryError::HeaderTwice`],
    /// [`RegistryError::BatchTooLarge`].
    pub fn insert(
        &mut self,
        id: impl Into<WebhookId>,
        webhook: Webhook,
        now: Moment,
    ) -> Result<(), RegistryError> {
        self.change(now, |registry| registry.insert(id.into(), &Arc::new(webhook)))
    }

    /// Changes a webhook in place: its queue and account stay. See
    /// [`Dispatcher::update`] for what counts from when; the endpoint is all but the filter and
    /// the policy. A batch of several that is under way stays an array, whatever the framing.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] if there is none, and as in [`insert`](Self::insert).
    pub fn update(
        &mut self,
        id: impl Into<WebhookId>,
        webhook: Webhook,
        now: Moment,
    ) -> Result<(), RegistryError> {
        self.change(now, |registry| registry.update(id.into(), &Arc::new(webhook)))
    }

    /// Removes a webhook: what is queued is dropped, what is in flight settles once.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] if there is none.
    pub fn remove(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        self.change(now, |registry| registry.remove(&id.into()))
    }

    /// Makes the list the whole registry: inserts, updates and removes. All of it or, where
    /// something is wrong, nothing.
    ///
    /// # Errors
    /// [`RegistryError::Twice`], and as in [`insert`](Self::insert).
    pub fn replace_all(
        &mut self,
        webhooks: impl IntoIterator<Item = (WebhookId, Webhook)>,
        now: Moment,
    ) -> Result<Replaced, RegistryError> {
        let webhooks: Vec<_> =
            webhooks.into_iter().map(|(id, webhook)| (id, Arc::new(webhook))).collect();
        self.change(now, |registry| registry.replace_all(&webhooks))
    }

    /// Holds back what a webhook has queued and will have.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] if there is none.
    pub fn pause(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        self.change(now, |registry| registry.pause(&id.into()))
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] if there is none.
    pub fn resume(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        self.change(now, |registry| registry.resume(&id.into()))
    }

    /// The registered webhooks.
    pub fn webhooks(&self) -> impl Iterator<Item = (&WebhookId, &Arc<Webhook>)> {
        self.dispatcher.webhooks()
    }

    /// The webhook that is registered under an id.
    pub fn webhook(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>> {
        self.dispatcher.endpoint(&id.into()).cloned()
    }

    /// Queues a notification for the webhooks that want it.
    ///
    /// # Errors
    /// Only if nothing was queued, see [`PublishError`]. That no webhook wants it is no error.
    pub fn publish(
        &mut self,
        notification: &dyn Notification,
        now: Moment,
    ) -> Result<Receipt, PublishError> {
        if self.dispatcher.is_closed() {
            return Err(PublishError::Closed);
        }
        let receipt = Scratch::with(|scratch| {
            scratch.fill(notification)?;
            self.router.matches(scratch);
            let mut receipt = Receipt::default();
            let limit = self.config.limits.queue_bytes();
            let mut payloads = Payloads::default();
            scratch.encode(notification, &self.budget, limit, &mut payloads)?;
            for (rendering, slots) in scratch.wanted() {
                receipt.add(payloads.offer(rendering, &mut self.dispatcher, slots, now));
            }
            receipt.check()
        });
        self.settle();
        receipt
    }

    /// The next request that is due. Call it until it gives none; then again after each other
    /// call, and at [`poll_timeout`](Self::poll_timeout).
    ///
    /// A delivery that no request can be made of, for a signer that fails or a kind that is no
    /// header's value, ends here as [unsendable](FailureKind::Unsendable), and the next is looked
    /// at.
    ///
    /// # Panics
    /// Where a [`Signer`](crate::signature::Signer) panics: the attempt has then failed, and the
    /// engine can be used on.
    pub fn poll_request(&mut self, now: Moment, wall: SystemTime) -> Option<Outgoing> {
        while let Some(delivery) = self.dispatcher.poll_delivery(now) {
            let attempt_id = delivery.attempt_id();
            let build = || request::build(&delivery, &self.config.limits, || wall);
            let built = catch_unwind(AssertUnwindSafe(build)).unwrap_or_else(|panic| {
                self.handle_failure(attempt_id, FailureKind::Panic, now);
                resume_unwind(panic)
            });
            match built {
                Ok(request) => return Some(Outgoing::new(&delivery, request)),
                Err(error) => self.handle_failure(attempt_id, error, now),
            }
        }
        None
    }

    /// When to ask for requests again if nothing else happens; none if time alone brings none.
    pub fn poll_timeout(&self) -> Option<Moment> {
        self.dispatcher.poll_timeout()
    }

    /// Tells that a response came, at the wall clock's time `wall`.
    pub fn handle_response(
        &mut self,
        id: AttemptId,
        status: StatusCode,
        headers: &HeaderMap,
        wall: SystemTime,
        now: Moment,
    ) {
        self.handle_outcome(id, request::outcome(status, headers, || wall), now);
    }

    /// Tells that no response came, by a [`FailureKind`] alone or a [`TransportError`], whose
    /// sources then stand in reports and dead letters.
    pub fn handle_failure(&mut self, id: AttemptId, error: impl Into<TransportError>, now: Moment) {
        let error = error.into();
        let told = self.ring.has_subscriptions() || self.config.dead_letters.is_some();
        let detail = if told { error.detail() } else { None };
        self.dispatcher.handle_failure(id, error.kind(), detail, now);
        self.settle();
    }

    /// Gives a request back: it will be handed out again and the attempt does not count.
    pub fn abandon(&mut self, id: AttemptId, now: Moment) {
        self.handle_outcome(id, Outcome::Abandoned, now);
    }

    /// Subscribes to what happens from now on.
    pub fn reports(&mut self) -> Reports {
        self.dispatcher.watch_reports(true);
        self.ring.subscribe()
    }

    /// The account of a webhook; of a removed one until nothing of it is pending.
    pub fn account(&self, id: impl Into<WebhookId>) -> Option<Account> {
        self.dispatcher.account(&id.into())
    }

    /// How a webhook is doing at `now`.
    pub fn status(&self, id: impl Into<WebhookId>, now: Moment) -> Option<Status> {
        self.dispatcher.status(&id.into(), now)
    }

    /// The account of all webhooks together, those that are gone included.
    pub fn total(&self) -> Account {
        self.dispatcher.total()
    }

    /// Lets nothing that is pending now linger; see [`is_flushed`](Self::is_flushed).
    pub fn start_flush(&mut self, now: Moment) -> FlushId {
        self.dispatcher.start_flush(now)
    }

    /// Whether all that was pending at the start of a flush is settled, paused webhooks aside.
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

    /// Closes, and drops all that is pending. Returns the closing account.
    pub fn shutdown(&mut self) -> Account {
        self.dispatcher.abort();
        self.settle();
        self.ring.extend(Vec::new(), true).wake();
        self.dispatcher.total()
    }

    fn handle_outcome(&mut self, id: AttemptId, outcome: Outcome, now: Moment) {
        self.dispatcher.handle_outcome(id, outcome, now);
        self.settle();
    }

    fn change<R>(
        &mut self,
        now: Moment,
        change: impl FnOnce(&mut Registry<'_, &mut Dispatcher<Webhook>>) -> R,
    ) -> R {
        let Self { router, dispatcher, config, .. } = self;
        let mut registry = Registry::new(router, dispatcher, &config.limits, now);
        let result = change(&mut registry);
        registry.finish();
        self.settle();
        result
    }

    /// Passes on what a call has left to be done.
    fn settle(&mut self) {
        let mut effects = self.dispatcher.take_effects();
        self.ring.extend(effects.take_reports(), false).wake();
        hand_over_letters(&mut effects, &self.config);
        self.dispatcher.watch_reports(self.ring.has_subscriptions());
    }
}

/// Passes dead letters on.
pub(crate) fn hand_over_letters(effects: &mut Effects<Webhook>, config: &Config) {
    if let Some(letters) = &config.dead_letters {
        effects.take_letters().into_iter().for_each(|letter| letters.take(letter));
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Outgoing {
    fn new(delivery: &Delivery<Webhook>, request: Request<Bytes>) -> Self {
        Self {
            attempt_id: delivery.attempt_id(),
            webhook: delivery.webhook().clone(),
            attempt: delivery.attempt(),
            timeout: delivery.timeout(),
            request,
        }
    }

    /// What names the attempt when its outcome is told.
    pub fn attempt_id(&self) -> AttemptId {
        self.attempt_id
    }

    /// The webhook.
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// The number of the attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How long it may take, from connecting to the last byte of the response. The host enforces
    /// it and tells [`FailureKind::Timeout`].
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The request.
    pub fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// The request, to be sent by a client that wants it whole.
    pub fn into_request(self) -> Request<Bytes> {
        self.request
    }
}

/// The request's URL and headers may hold credentials: they are not shown.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("attempt_id", &self.attempt_id)
            .field("webhook", &self.webhook)
            .field("attempt", &self.attempt)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
