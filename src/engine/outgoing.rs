use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;

use crate::{
    base::{
        WebhookId,
        sync::{
            Guarded, LockOrder, Mutex,
            atomic::{AtomicUsize, Ordering},
        },
    },
    dispatch::{AttemptId, Delivery},
    webhook::Webhook,
};

/// A request that is ready to be sent now. It is one attempt of a delivery.
///
/// An `Outgoing` is returned by [`Engine::poll_request`](crate::Engine::poll_request). Send the
/// request and report the outcome to the engine with the [`attempt_id`](Self::attempt_id). The
/// request may be sent from any thread.
///
/// If an `Outgoing` is dropped before an outcome is reported, the attempt is abandoned. An
/// abandoned attempt does not count, and the engine hands the request out again. As with any other
/// attempt, the request is held back by a `Retry-After` that blocks the webhook, by a pause and by
/// the limits on requests in flight. Dropping an `Outgoing` after its outcome was reported has no
/// effect. A worker thread that drops an `Outgoing` without reporting an outcome should wake the
/// polling thread, because the drop changes [`Engine::poll_timeout`](crate::Engine::poll_timeout)
/// but does not wake any thread by itself.
///
/// ```
/// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
/// # use std::time::SystemTime;
/// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
/// engine.insert("front", webhook, now)?;
/// engine.publish(&Event::new("42"), now)?;
/// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
/// drop(outgoing); // the host could not send it
/// assert_eq!(engine.poll_timeout(), Some(Moment::ZERO)); // poll again now
///
/// assert!(engine.poll_request(now, wall).is_none()); // ends the drain that handed it out
/// let again = engine.poll_request(now, wall).expect("it is handed out again");
/// assert_eq!(again.attempt(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "if the request is dropped, its attempt is abandoned"]
pub struct Outgoing {
    guard: AbandonOnDrop,
    webhook: WebhookId,
    attempt: u32,
    timeout: Duration,
    request: Request<Bytes>,
}

/// A guard that abandons its attempt when it is dropped.
struct AbandonOnDrop {
    id: AttemptId,
    /// The list to add the id to, or `None` if the host took the request out.
    abandoned: Option<Arc<AbandonedAttempts>>,
}

/// The attempts whose [`Outgoing`]s have been dropped since the engine last took the list.
///
/// It may contain attempts that already have an outcome, because an [`Outgoing`] does not know
/// whether its outcome was reported.
#[derive(Debug)]
pub(super) struct AbandonedAttempts {
    /// The length of `ids`. It is changed under the lock but read without it.
    len: AtomicUsize,
    ids: Mutex<AttemptIds>,
}

#[derive(Debug)]
struct AttemptIds(Vec<AttemptId>);

/// If the limit on requests in flight is at most this number, the lists are allocated in full and
/// never grow. A higher limit, such as `usize::MAX`, may be too large to allocate for.
const MAX_INITIAL_CAPACITY: usize = 1024;

impl Outgoing {
    pub(super) fn new(
        delivery: &Delivery<Webhook>,
        request: Request<Bytes>,
        abandoned: &Arc<AbandonedAttempts>,
    ) -> Self {
        let abandoned = Some(Arc::clone(abandoned));
        Self {
            guard: AbandonOnDrop { id: delivery.attempt_id(), abandoned },
            webhook: delivery.webhook().clone(),
            attempt: delivery.attempt(),
            timeout: delivery.timeout(),
            request,
        }
    }

    /// Returns the id with which the host reports the outcome. The id is `Copy`, so it can be kept
    /// when the request is moved into a client.
    ///
    /// Every attempt has its own id. Therefore an outcome that arrives after the next attempt has
    /// begun has no effect.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use recohook::http::{HeaderMap, StatusCode};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// let id = outgoing.attempt_id();
    /// engine.handle_response(id, StatusCode::NO_CONTENT, &HeaderMap::new(), now, wall);
    /// engine.handle_response(id, StatusCode::OK, &HeaderMap::new(), now, wall); // does nothing
    /// assert_eq!((engine.total().attempts, engine.total().delivered), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn attempt_id(&self) -> AttemptId {
        self.guard.id
    }

    /// Returns the id of the webhook that the request is for.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// assert_eq!(outgoing.webhook().as_str(), "front");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// Returns the number of this attempt within its delivery, counted from 1. Abandoned attempts
    /// do not count.
    ///
    /// ```
    /// # use recohook::{Engine, FailureKind, Filter, Moment, Webhook};
    /// # use recohook::findface::security::{Event, FILTERS};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let first = engine.poll_request(now, wall).expect("a request is due at once");
    /// engine.handle_failure(first.attempt_id(), FailureKind::Timeout, now);
    /// let retry = engine.poll_timeout().expect("a retry waits for its time");
    /// let second = engine.poll_request(retry, wall).expect("the retry is due");
    /// assert_eq!((first.attempt(), second.attempt()), (1, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns how long the attempt may take, from the moment the request is handed out until the
    /// response body has been read. The timeout is defined by
    /// [`Policy::timeout`](crate::policy::Policy::timeout).
    ///
    /// The engine does not enforce the timeout. The host enforces it and reports
    /// [`FailureKind::Timeout`](crate::FailureKind::Timeout) when the timeout expires. Until an
    /// outcome is reported, the attempt stays in flight, and the webhook's next batch of the same
    /// topic waits.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::{Duration, SystemTime};
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// assert_eq!(outgoing.timeout(), Duration::from_secs(10)); // the default policy's timeout
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns the request, including its headers, signatures and body.
    ///
    /// Its URI is absolute. The client adds the headers that describe the connection and the length
    /// of the body, such as `Content-Length`.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// let request = outgoing.request();
    /// assert_eq!(request.headers()["content-type"], "application/json");
    /// assert!(!request.headers().contains_key("content-length"));
    /// assert!(request.body().starts_with(b"[{"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// Consumes the `Outgoing` and returns the request, for clients that need to own the request.
    ///
    /// Save the [`attempt_id`](Self::attempt_id) first. After this call, the attempt is no longer
    /// abandoned automatically. It stays in flight until the host reports an outcome or calls
    /// [`Engine::abandon`](crate::Engine::abandon).
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// let id = outgoing.attempt_id();
    /// let request = outgoing.into_request();
    /// drop(request);
    /// assert_eq!(engine.poll_timeout(), None); // the attempt is still in flight
    ///
    /// engine.abandon(id, now);
    /// assert!(engine.poll_request(now, wall).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_request(mut self) -> Request<Bytes> {
        self.guard.abandoned = None;
        self.request
    }
}

impl AbandonedAttempts {
    /// Creates the list and the spare list that [`take`](Self::take) swaps it with.
    ///
    /// Both lists are allocated now. If they grew later, between allocations of payloads, they
    /// would leave holes in the host's heap.
    pub(super) fn new(max_in_flight: usize) -> (Arc<Self>, Vec<AttemptId>) {
        // An engine takes the ids after at most `max_in_flight + 1` polls, each of which hands out
        // at most one request.
        let list = || Vec::with_capacity(max_in_flight.min(MAX_INITIAL_CAPACITY) + 1);
        let ids = Mutex::new(AttemptIds(list()));
        (Arc::new(Self { len: AtomicUsize::new(0), ids }), list())
    }

    /// Moves the ids into `ids`, which must be empty.
    pub(super) fn take(&self, ids: &mut Vec<AttemptId>) {
        let mut abandoned = self.ids.lock();
        self.len.store(0, Ordering::Relaxed);
        // The lists are swapped so that both keep their memory.
        std::mem::swap(&mut abandoned.0, ids);
    }

    /// Returns whether the list is empty. Takes no lock, because an engine calls this method in
    /// every drain and usually nothing was abandoned.
    pub(super) fn is_empty(&self) -> bool {
        // `Relaxed` is sufficient. A drop on another thread may become visible late, but waking the
        // polling thread after the drop makes it visible.
        self.len.load(Ordering::Relaxed) == 0
    }

    /// Returns whether `matches` returns `true` for any id.
    pub(super) fn any(&self, matches: impl Fn(AttemptId) -> bool) -> bool {
        !self.is_empty() && self.ids.lock().0.iter().any(|id| matches(*id))
    }

    fn add(&self, id: AttemptId) {
        let mut ids = self.ids.lock();
        ids.0.push(id);
        self.len.store(ids.0.len(), Ordering::Relaxed);
    }
}

impl Guarded for AttemptIds {
    const ORDER: LockOrder = LockOrder::Abandoned;
}

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        // The engine cannot be called here, because the request may be dropped on another thread.
        if let Some(abandoned) = &self.abandoned {
            abandoned.add(self.id);
        }
    }
}

/// Omits the request, because its URL and headers may contain credentials.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("attempt_id", &self.guard.id)
            .field("webhook", &self.webhook)
            .field("attempt", &self.attempt)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
