//! The synchronous core of every host: publishing, the registry, requests and their outcomes.
//!
//! An [`Engine`] owns the parts of the core. A [`Notifier`](crate::Notifier) shares them between
//! threads. Both run the same code, through [`EngineAccess`].

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
    dispatch::{AttemptId, Dispatcher},
    webhook::Webhook,
};

/// A synchronous webhook engine: everything except sending the requests.
///
/// It is for hosts without an async runtime, and for hosts that want to drive each step themselves.
/// The host publishes notifications, takes requests, sends them with its own client and reports the
/// outcomes. The engine reads no clock, does no I/O and starts no thread. A
/// [`Notifier`](crate::Notifier) is the same core for hosts that use async.
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
///     // Send the request, then report the outcome: a complete response, or a failure.
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
/// before, it counts as the latest one. `wall` is the time of the wall clock. Signatures may cover
/// it, and dates in `Retry-After` headers are compared with it. It moves no other timer.
///
/// # How it works inside
///
/// [`design`](crate::design) explains the lanes, the index of filters, and [how a retry is
/// scheduled](crate::design#how-is-a-retry-scheduled-step-by-step).
///
/// # The end of an engine
///
/// Nothing is stored outside the process. Call [`shutdown`](Self::shutdown) before the engine is
/// dropped: it passes everything pending to the [`DeadLetterHandler`]. If an engine is dropped
/// without a shutdown, everything pending is lost without a dead letter, and its [`Reports`] never
/// end.
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

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}
