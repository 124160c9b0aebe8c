use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::Request;

use crate::{
    Webhook, WebhookId,
    dispatch::{AttemptId, Delivery},
};

/// One request to be sent now.
///
/// Report its outcome to the [`Engine`](crate::Engine) by its [`attempt_id`](Self::attempt_id).
/// If it is dropped before, it gives its attempt back, as
/// [`Engine::abandon`](crate::Engine::abandon) does: the engine hands the request out again. After
/// [`into_request`](Self::into_request), nothing does that for the host.
#[must_use = "an attempt whose outcome is never reported blocks its queue"]
pub struct Outgoing {
    lease: Lease,
    webhook: WebhookId,
    attempt: u32,
    timeout: Duration,
    request: Request<Bytes>,
}

/// The right to report the outcome of an attempt. It gives the attempt back when it is dropped.
struct Lease {
    id: AttemptId,
    returns: Option<Arc<Returns>>,
}

/// The attempts that dropped [`Outgoing`]s have given back.
#[derive(Debug, Default)]
pub(super) struct Returns {
    /// Set while there are any, so that an engine looks without a lock.
    any: AtomicBool,
    ids: Mutex<Vec<AttemptId>>,
}

impl Outgoing {
    pub(super) fn new(
        delivery: &Delivery<Webhook>,
        request: Request<Bytes>,
        returns: &Arc<Returns>,
    ) -> Self {
        let returns = Some(Arc::clone(returns));
        Self {
            lease: Lease { id: delivery.attempt_id(), returns },
            webhook: delivery.webhook().clone(),
            attempt: delivery.attempt(),
            timeout: delivery.timeout(),
            request,
        }
    }

    /// Returns the id by which the outcome is reported.
    pub fn attempt_id(&self) -> AttemptId {
        self.lease.id
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
    /// From here on the host answers for the attempt: its queue waits until the host reports an
    /// outcome or [abandons](crate::Engine::abandon) it.
    pub fn into_request(mut self) -> Request<Bytes> {
        self.lease.returns = None;
        self.request
    }
}

impl Returns {
    /// Takes out the attempts that were given back.
    pub(super) fn take(&self) -> Vec<AttemptId> {
        if !self.any() {
            return Vec::new();
        }
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        self.any.store(false, Ordering::Relaxed);
        std::mem::take(&mut ids)
    }

    pub(super) fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    fn add(&self, id: AttemptId) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.push(id);
        self.any.store(true, Ordering::Relaxed);
    }
}

impl Drop for Lease {
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
            .field("attempt_id", &self.lease.id)
            .field("webhook", &self.webhook)
            .field("attempt", &self.attempt)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
