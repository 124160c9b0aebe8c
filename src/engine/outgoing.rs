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

/// One request to be sent now.
///
/// Report its outcome to the [`Engine`](crate::Engine) by its [`attempt_id`](Self::attempt_id).
/// Dropping it first abandons the attempt: the engine hands the request out again. If it is dropped
/// on another thread, wake the thread that polls: [`Engine::poll_timeout`](crate::Engine::poll_timeout)
/// changes, and nothing announces it.
#[must_use = "an attempt whose outcome is never reported blocks its queue"]
pub struct Outgoing {
    guard: AbandonOnDrop,
    webhook: WebhookId,
    attempt: u32,
    timeout: Duration,
    request: Request<Bytes>,
}

/// Abandons an attempt when it is dropped.
struct AbandonOnDrop {
    id: AttemptId,
    abandoned: Option<Arc<AbandonedAttempts>>,
}

/// The attempts that dropped [`Outgoing`]s have abandoned.
#[derive(Debug)]
pub(super) struct AbandonedAttempts {
    /// The length of `ids`, read without the lock.
    len: AtomicUsize,
    ids: Mutex<AttemptIds>,
}

#[derive(Debug)]
struct AttemptIds(Vec<AttemptId>);

/// The most ids that the lists have capacity for at first, less one.
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

    /// Returns the id by which the outcome is reported.
    pub fn attempt_id(&self) -> AttemptId {
        self.guard.id
    }

    /// Returns the webhook's id.
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// Returns the number of the attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns how long the attempt may take, from connecting to the last byte of the response.
    /// The host enforces it, and reports
    /// [`FailureKind::Timeout`](crate::FailureKind::Timeout).
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns the request.
    pub fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// Takes the request out, for a client that wants to own it.
    ///
    /// Afterwards nothing abandons the attempt for you: its queue waits until you report an outcome
    /// or call [`Engine::abandon`](crate::Engine::abandon).
    pub fn into_request(mut self) -> Request<Bytes> {
        self.guard.abandoned = None;
        self.request
    }
}

impl AbandonedAttempts {
    /// Makes an empty list, and another one to [`take`](Self::take) the ids into. Both have their
    /// capacity from the beginning: lists that grow would leave holes among the host's memory.
    pub(super) fn new(max_in_flight: usize) -> (Arc<Self>, Vec<AttemptId>) {
        // An engine takes the ids after one poll more than there may be requests in flight.
        let list = || Vec::with_capacity(max_in_flight.min(MAX_INITIAL_CAPACITY) + 1);
        let ids = Mutex::new(AttemptIds(list()));
        (Arc::new(Self { len: AtomicUsize::new(0), ids }), list())
    }

    /// Moves the abandoned attempts into `ids`, which is empty.
    pub(super) fn take(&self, ids: &mut Vec<AttemptId>) {
        let mut abandoned = self.ids.lock();
        self.len.store(0, Ordering::Relaxed);
        std::mem::swap(&mut abandoned.0, ids);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Relaxed) == 0
    }

    /// Returns whether `matches` returns true for any abandoned attempt.
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
        if let Some(abandoned) = &self.abandoned {
            abandoned.add(self.id);
        }
    }
}

/// Leaves the request out: its URL and headers may hold credentials.
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
