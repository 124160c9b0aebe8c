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
    give_back: GiveBack,
    webhook: WebhookId,
    attempt: u32,
    timeout: Duration,
    request: Request<Bytes>,
}

/// Gives an attempt back when it is dropped.
struct GiveBack {
    id: AttemptId,
    returns: Option<Arc<Returns>>,
}

/// The attempts that dropped [`Outgoing`]s have given back.
#[derive(Debug)]
pub(super) struct Returns {
    /// The length of `ids`, read without the lock.
    len: AtomicUsize,
    ids: Mutex<Ids>,
}

#[derive(Debug)]
struct Ids(Vec<AttemptId>);

/// The most ids that the lists have room for before they grow, less one.
const MOST_ROOM: usize = 1024;

impl Outgoing {
    pub(super) fn new(
        delivery: &Delivery<Webhook>,
        request: Request<Bytes>,
        returns: &Arc<Returns>,
    ) -> Self {
        let returns = Some(Arc::clone(returns));
        Self {
            give_back: GiveBack { id: delivery.attempt_id(), returns },
            webhook: delivery.webhook().clone(),
            attempt: delivery.attempt(),
            timeout: delivery.timeout(),
            request,
        }
    }

    /// Returns the id by which the outcome is reported.
    pub fn attempt_id(&self) -> AttemptId {
        self.give_back.id
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
        self.give_back.returns = None;
        self.request
    }
}

impl Returns {
    /// Makes an empty list, and another one to [`take`](Self::take) the ids into. Both have their
    /// room from the beginning: lists that grow would leave holes among the host's memory.
    pub(super) fn new(max_in_flight: usize) -> (Arc<Self>, Vec<AttemptId>) {
        // An engine takes the ids after one poll more than there may be requests in flight.
        let room = || Vec::with_capacity(max_in_flight.min(MOST_ROOM) + 1);
        let ids = Mutex::new(Ids(room()));
        (Arc::new(Self { len: AtomicUsize::new(0), ids }), room())
    }

    /// Moves the attempts that were given back into `ids`, which is empty.
    pub(super) fn take(&self, ids: &mut Vec<AttemptId>) {
        let mut given_back = self.ids.lock();
        self.len.store(0, Ordering::Relaxed);
        std::mem::swap(&mut given_back.0, ids);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Relaxed) == 0
    }

    /// Returns whether `is` holds for any attempt that was given back.
    pub(super) fn any(&self, is: impl Fn(AttemptId) -> bool) -> bool {
        !self.is_empty() && self.ids.lock().0.iter().any(|id| is(*id))
    }

    fn add(&self, id: AttemptId) {
        let mut ids = self.ids.lock();
        ids.0.push(id);
        self.len.store(ids.0.len(), Ordering::Relaxed);
    }
}

impl Guarded for Ids {
    const ORDER: LockOrder = LockOrder::Abandoned;
}

impl Drop for GiveBack {
    fn drop(&mut self) {
        if let Some(returns) = &self.returns {
            returns.add(self.id);
        }
    }
}

/// Leaves the request out: its URL and headers may hold credentials.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("attempt_id", &self.give_back.id)
            .field("webhook", &self.webhook)
            .field("attempt", &self.attempt)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
