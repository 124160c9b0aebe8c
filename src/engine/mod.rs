//! The synchronous core of engines and notifiers. It publishes notifications, changes the registry,
//! builds requests and records their outcomes.
//!
//! An [`Engine`] owns the parts of the core. A [`Notifier`](crate::Notifier) shares them between
//! threads. Both run the same code through the [`EngineAccess`] trait.

mod basics;
mod config;
mod core;
mod delivery;
mod engine_at;
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
mod shutdown;

use std::sync::Arc;

pub use self::{
    config::{Config, DeadLetterHandler},
    outgoing::Outgoing,
    publish_error::PublishError,
    registrar::EngineRegistrar,
    reports::{Reported, Reports, UnknownNotification},
};
pub(crate) use self::{
    core::{AttemptResult, DeferredEffects, EngineAccess, EngineCore, record_result},
    publish::publish,
    registry::{DispatcherAccess, Registry, map_webhooks},
    request::build_request,
    router::{Router, Routes, SharedRoutes},
};

use engine_at::EngineAt;
use outgoing::AbandonedAttempts;

use crate::{
    dispatch::{AttemptId, Dispatcher},
    webhook::Webhook,
};

/// A synchronous webhook engine that does everything except send the requests.
///
/// Use it in hosts that have no async runtime or that want to drive every step themselves. The host
/// publishes notifications, polls the engine for requests, sends them with its own client and
/// reports the outcomes. The engine does not read a clock, perform I/O or start threads. A
/// [`Notifier`](crate::Notifier) provides the same core to async hosts.
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
///     // Send the request, then report a response or a failure.
///     let (status, headers) = (StatusCode::OK, HeaderMap::new());
///     engine.handle_response(outgoing.attempt_id(), status, &headers, now, SystemTime::now());
/// }
/// assert_eq!(engine.total().delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # The host's loop
///
/// 1. Call [`poll_request`](Self::poll_request) until it returns `None`, and send each request.
/// 2. Wait for an outcome, for something to publish, or for
///    [`poll_timeout`](Self::poll_timeout), whichever comes first.
/// 3. Report the outcome of each request once, with [`handle_response`](Self::handle_response),
///    [`handle_failure`](Self::handle_failure) or [`abandon`](Self::abandon). Publish notifications
///    and change webhooks as needed. Then continue with step 1.
///
/// The methods may be called in any order. Methods that change the engine take `&mut self`, so a
/// host with several threads either lets one thread own the engine or puts the engine behind a
/// lock. Requests may be sent from any thread.
///
/// # Time
///
/// `now` is a reading of the host's monotonic clock. If `now` is earlier than the latest
/// [`Moment`](crate::Moment) passed to any previous call, that latest moment is used instead.
/// `wall` is the wall-clock time. Signatures may cover it. If a response has no `Date`, the date in
/// its `Retry-After` is compared with `wall`. `wall` does not affect any other timer.
///
/// # How it works inside
///
/// [`design`](crate::design) explains the lanes, the index of filters, and [how a retry is
/// scheduled](crate::design#how-is-a-retry-scheduled-step-by-step).
///
/// # Shutting down
///
/// Nothing is stored outside the process. Call [`shutdown`](Self::shutdown) before dropping the
/// engine, so that everything pending is passed to the [`DeadLetterHandler`]. If an engine is
/// dropped without a shutdown, everything pending is lost without becoming a dead letter, and the
/// engine's [`Reports`] never end.
#[derive(Debug)]
pub struct Engine {
    core: EngineCore,
    router: Router,
    dispatcher: Dispatcher<Webhook>,
    abandoned: Arc<AbandonedAttempts>,
    /// A spare list that is empty between calls. It is kept so that polling does not allocate.
    abandoned_ids: Vec<AttemptId>,
    /// The number of polls since abandoned attempts were last taken back, or 0 if the last poll
    /// returned `None`.
    polls: usize,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}
