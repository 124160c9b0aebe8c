use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use futures::future::{AbortRegistration, Abortable, Aborted, FutureExt};

use super::{inner::NotifierInner, timeouts::TimeoutId};
use crate::{
    base::Moment,
    dispatch::{AttemptId, Delivery, Dispatcher, Outcome},
    engine::{self, AttemptResult, EngineAccess},
    failure::{ErrorText, FailureKind, TransportError},
    transport::Context,
    webhook::Webhook,
};

/// An attempt that a driver has to make and finish before `deadline`.
pub(super) struct Attempt {
    delivery: Delivery<Webhook>,
    lease: Lease,
    deadline: Moment,
}

/// A finished attempt whose result has not been recorded yet.
pub(super) struct FinishedAttempt {
    pub(super) timeout: TimeoutId,
    result: AttemptResult,
    lease: Lease,
}

/// The obligation to report the outcome of an attempt. A lease that is dropped without having
/// reported it abandons the attempt.
struct Lease {
    inner: Arc<NotifierInner>,
    id: AttemptId,
    /// Whether the outcome has not been reported yet.
    is_open: bool,
}

impl Attempt {
    /// Creates an attempt for a delivery that the dispatcher handed out at `now`.
    pub(super) fn new(
        inner: &Arc<NotifierInner>,
        delivery: Delivery<Webhook>,
        now: Moment,
    ) -> Self {
        let lease = Lease { inner: Arc::clone(inner), id: delivery.attempt_id(), is_open: true };
        // The timeout starts here, so that it also covers framing and signing.
        Self { deadline: now + delivery.timeout(), delivery, lease }
    }

    pub(super) fn deadline(&self) -> Moment {
        self.deadline
    }

    /// Makes the attempt. A timeout can abort it through `registration`.
    ///
    /// Dropping the future abandons the attempt, even if it was never polled.
    pub(super) fn run(
        self,
        timeout: TimeoutId,
        registration: AbortRegistration,
    ) -> impl Future<Output = FinishedAttempt> + Send + 'static {
        let Self { delivery, lease, .. } = self;
        // The lease stays outside the future that may panic, because the outcome must be reported
        // even after a panic.
        let sending = send(Arc::clone(&lease.inner), delivery, registration);
        // Of the values that `sending` uses, only the transport and the signers are used again
        // after a panic. The docs of `Transport` say that the transport stays in use.
        AssertUnwindSafe(sending).catch_unwind().map(move |result| {
            let result =
                result.unwrap_or_else(|panic| Err((FailureKind::Panic, panic_message(&*panic))));
            FinishedAttempt { timeout, result, lease }
        })
    }
}

impl FinishedAttempt {
    /// Records the outcome of the attempt.
    pub(super) fn record(mut self, dispatcher: &mut Dispatcher<Webhook>, now: Moment) {
        debug_assert!(self.lease.is_open, "an attempt has one outcome");
        // Dropping the lease must not abandon the attempt, because that would take the lock again.
        self.lease.is_open = false;
        engine::record_result(dispatcher, self.lease.id, self.result, now);
    }
}

/// Frames, signs and sends the request and reads the response, unless the timeout aborts it.
async fn send(
    inner: Arc<NotifierInner>,
    delivery: Delivery<Webhook>,
    registration: AbortRegistration,
) -> AttemptResult {
    let (clock, limits) = (&inner.clock, inner.limits());
    let webhook = delivery.webhook().to_shared();
    let context = Context::new(webhook, delivery.id(), delivery.attempt(), delivery.timeout())
        .with_target_policy(inner.core.config.target_policy.clone());
    let request = engine::build_request(&delivery, limits, || clock.wall());
    // The request holds the encoded bytes, so the batch need not stay in memory.
    drop(delivery);
    // A response decides as soon as its head is there. It is kept here, so that nothing that
    // happens to its body can change the outcome.
    let mut answer = None;
    let exchange = async {
        let response = inner.transport.send(request?, &context).await?;
        let (parts, body) = response.into_parts();
        let answer = answer.insert(inner.core.describe_response(&parts, || clock.wall()));
        // The body is read only for the sake of its connection, so its errors and even its panics
        // are only remarks.
        let drained = AssertUnwindSafe(body.drain(limits.max_response_bytes())).catch_unwind();
        match drained.await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => inner.core.remark_on_body(answer, &error),
            Err(_) => inner.core.remark_on_body(answer, &FailureKind::Panic.into()),
        }
        Ok::<_, TransportError>(())
    };
    let result = Abortable::new(exchange, registration).await;
    match (answer, result) {
        (Some(answer), Ok(_)) => Ok(answer),
        (Some(mut answer), Err(Aborted)) => {
            inner.core.remark_on_body(&mut answer, &FailureKind::Timeout.into());
            Ok(answer)
        }
        // The message is formatted here, where a panic in the error's `Display` is caught.
        (None, Ok(Err(error))) => inner.core.describe_failure(&error),
        (None, Ok(Ok(())) | Err(Aborted)) => Err((FailureKind::Timeout, None)),
    }
}

/// Returns the panic message if the payload is a string, as it is after `panic!`.
fn panic_message(panic: &(dyn Any + Send)) -> Option<ErrorText> {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).map(ErrorText::new)
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.is_open {
            let (mut engine, now) = (&*self.inner, self.inner.now());
            engine.change(|dispatcher| {
                engine::record_result(dispatcher, self.id, Ok(Outcome::Abandoned.into()), now);
            });
        }
    }
}
