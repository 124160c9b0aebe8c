//! The synchronous core of every host: publishing, the registry, requests and their outcomes.
//!
//! An [`Engine`] owns the parts of the core. A [`Notifier`](crate::Notifier) shares them between
//! threads. Both run the same code, through [`EngineAccess`].

mod attempts;
mod config;
mod core;
mod engine_at;
mod lifecycle;
mod outgoing;
mod publish;
mod publish_error;
mod registrar;
mod registration;
mod registry;
mod reports;
mod request;
mod retry_after;
mod router;
mod scratch;

use std::sync::Arc;

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
    dispatch::{AttemptId, Dispatcher, Receipt, Stats, Status},
    notification::Notification,
    webhook::Webhook,
};

/// A synchronous webhook engine: everything except sending the requests.
///
/// It is for hosts without an async runtime, and for hosts that want to drive each step themselves.
/// The host publishes notifications, takes requests, sends them with its own client and reports the
/// outcomes. The engine reads no clock, does no I/O and starts no thread. A
/// [`Notifier`](crate::Notifier) is the same core for hosts with an async runtime.
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
///     // Send the request, then report the outcome: a response, or why there is none.
///     let (status, headers) = (StatusCode::OK, HeaderMap::new());
///     engine.handle_response(outgoing.attempt_id(), status, &headers, now, SystemTime::now());
/// }
/// assert_eq!(engine.total().delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # The loop of a host
///
/// 1. Call [`poll_request`](Self::poll_request) until it returns `None`, and send each request.
/// 2. Wait for an outcome, for something to publish, or for
///    [`poll_timeout`](Self::poll_timeout), whichever comes first.
/// 3. Report each outcome, once for each request: [`handle_response`](Self::handle_response),
///    [`handle_failure`](Self::handle_failure) or [`abandon`](Self::abandon). Publish, and
///    change webhooks. Then continue at step 1.
///
/// Calls may come in any order. Methods that change something need `&mut self`, so a host with
/// several threads lets one thread own the engine or puts it behind a lock. Requests may be sent on
/// any thread.
///
/// # Time
///
/// `now` is a reading of the host's monotonic clock. If it is earlier than a moment that was passed
/// before, it counts as the latest one. `wall` is the time of the wall clock. It only goes into
/// signatures, and is compared with the dates of `Retry-After` headers.
///
/// # The end of an engine
///
/// Nothing survives the process. Call [`shutdown`](Self::shutdown) in the end: it passes everything
/// pending to the [`DeadLetterHandler`]. If an engine is dropped without a shutdown, everything
/// pending is lost without a dead letter, and its [`Reports`] never end.
#[derive(Debug)]
pub struct Engine {
    core: EngineCore,
    router: Router,
    dispatcher: Dispatcher<Webhook>,
    abandoned: Arc<AbandonedAttempts>,
    /// A spare list, empty between calls. It is kept so that a poll allocates nothing.
    abandoned_ids: Vec<AttemptId>,
    /// The number of polls since the last one that returned `None`.
    polls: usize,
}

impl Engine {
    /// Creates an engine without webhooks, with the default [`Config`].
    ///
    /// ```
    /// use recohook::Engine;
    ///
    /// let engine = Engine::new();
    /// assert_eq!(engine.webhooks().count(), 0);
    /// assert_eq!(engine.poll_timeout(), None); // time alone brings no work
    /// ```
    pub fn new() -> Self {
        Self::with_config(Config::default())
    }

    /// Creates an engine without webhooks, with the given options.
    ///
    /// The options cannot be changed later.
    ///
    /// ```
    /// use recohook::{Config, Engine, Limits};
    ///
    /// let limits = Limits::default().with_max_in_flight(16);
    /// let engine = Engine::with_config(Config::default().with_limits(limits));
    /// # drop(engine);
    /// ```
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

    /// Queues a notification for the webhooks whose filters match it.
    ///
    /// The notification is encoded once for each [`Rendering`](crate::Rendering) that these
    /// webhooks use, and all of them share the result. If no webhook matches, nothing is encoded
    /// and all counts of the receipt are 0. Call [`poll_request`](Self::poll_request) afterwards.
    ///
    /// If some webhooks accept the notification and others have full queues, the call succeeds and
    /// [`Receipt::rejected`] counts the others.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &FILTERS)?;
    /// engine.insert("front", Webhook::new("http://127.0.0.1:8888/", filter)?, now)?;
    ///
    /// let receipt = engine.publish(&Event::new("42").matched(true), now)?;
    /// assert_eq!(receipt.queued, 1);
    /// let receipt = engine.publish(&Event::new("43").matched(false), now)?;
    /// assert_eq!(receipt.matched, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error only if nothing was queued:
    /// - [`PublishError::Closed`] after [`close`](Self::close) or [`shutdown`](Self::shutdown),
    /// - [`PublishError::Full`] if webhooks match, and none has room in its queue,
    /// - [`PublishError::Attributes`] if the notification's attributes do not fit its schema, even
    ///   if no webhook matches,
    /// - [`PublishError::Encode`] if the notification cannot be encoded.
    pub fn publish(
        &mut self,
        notification: &dyn Notification,
        now: Moment,
    ) -> Result<Receipt, PublishError> {
        publish(&mut EngineAt { engine: self, now }, notification)
    }

    /// Subscribes to reports of everything that happens from now on.
    ///
    /// Reports are only recorded while a subscription exists. After [`shutdown`](Self::shutdown) a
    /// new subscription ends at once.
    ///
    /// ```
    /// # use recohook::{Engine, FailureKind, Filter, Moment, Webhook};
    /// # use recohook::{Reported, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// # let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// # let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// # engine.insert("front", webhook, now)?;
    /// # engine.publish(&Event::new("42"), now)?;
    /// let mut reports = engine.reports();
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// engine.handle_failure(outgoing.attempt_id(), FailureKind::Connect, now);
    ///
    /// let Some(Reported::Report(report)) = reports.try_next() else { panic!("one report") };
    /// assert!(report.to_string().contains("no connection to the receiver. Attempt 1 out of 10."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reports(&mut self) -> Reports {
        self.core.ring.subscribe()
    }

    /// Returns the statistics of a webhook, or `None` if the id is unknown.
    ///
    /// The statistics of a removed webhook can be read until its last request in flight has an
    /// outcome. If a webhook with the same id is registered meanwhile, they are the new webhook's.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// # let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// # engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let stats = engine.stats("front").expect("it is registered");
    /// assert_eq!((stats.accepted, stats.delivered, stats.pending()), (1, 0, 1));
    /// assert_eq!(engine.stats("back"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats> {
        self.dispatcher.stats(&id.into())
    }

    /// Returns the state of a webhook at `now`, or `None` if no webhook has this id.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// # let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// # let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// # engine.insert("front", webhook, now)?;
    /// # engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// let status = engine.status("front", now).expect("it is registered");
    /// assert_eq!((status.in_flight, status.failures, status.paused), (1, 0, false));
    /// # drop(outgoing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn status(&self, id: impl Into<WebhookId>, now: Moment) -> Option<Status> {
        self.dispatcher.status(&id.into(), now)
    }

    /// Returns the statistics of all webhooks together, including removed ones.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// # let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// # engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// engine.remove("front", now)?;
    /// let total = engine.total();
    /// assert_eq!((total.accepted, total.dropped.removed), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn total(&self) -> Stats {
        self.dispatcher.total()
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}
