use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use futures::{
    future::{Either, FutureExt, select},
    pin_mut,
};

use super::shared::Shared;
use crate::{
    FailureKind, Webhook,
    dispatch::{AttemptId, Delivery, Detail, Outcome},
    request,
    transport::{Context, TransportError},
};

/// The right to tell what came of an attempt. Dropped without it, the attempt is given back.
struct Lease {
    shared: Arc<Shared>,
    id: Option<AttemptId>,
}

/// What came of sending, or why nothing did.
type Sent = Result<Outcome, (FailureKind, Option<Detail>)>;

/// Makes one attempt.
pub(super) fn attempt(
    shared: Arc<Shared>,
    delivery: Delivery<Webhook>,
) -> impl Future<Output = ()> + Send {
    // Taken before the first poll: a future that is never polled gives its attempt back, too.
    let lease = Lease { shared, id: Some(delivery.attempt_id()) };
    async move {
        let sent = AssertUnwindSafe(send(&lease.shared, delivery)).catch_unwind().await;
        lease.settle(sent.unwrap_or_else(|panic| Err((FailureKind::Panic, message(&*panic)))));
    }
}

/// Frames, signs and sends, and reads the response, within the delivery's timeout.
async fn send(shared: &Shared, delivery: Delivery<Webhook>) -> Sent {
    let (clock, timeout) = (&shared.clock, delivery.timeout());
    let deadline = clock.now() + timeout;
    let webhook = delivery.webhook().to_shared();
    let context = Context::new(webhook, delivery.id(), delivery.attempt(), timeout);
    let request = request::build(&delivery, &shared.config.limits, clock.wall());
    // The request holds the bytes; the members need not stay for it.
    drop(delivery);
    let exchange = async {
        let response = shared.transport.send(request?, &context).await?;
        let (parts, body) = response.into_parts();
        let outcome = request::outcome(parts.status, &parts.headers, clock.wall());
        body.drain(shared.config.limits.response_bytes()).await?;
        Ok::<_, TransportError>(outcome)
    };
    pin_mut!(exchange);
    match select(exchange, clock.sleep_until(deadline)).await {
        Either::Left((Ok(outcome), _)) => Ok(outcome),
        // Told here, where a panic in the error's own text is caught.
        Either::Left((Err(error), _)) => Err((error.kind(), shared.detail(&error))),
        Either::Right(_) => Err((FailureKind::Timeout, None)),
    }
}

/// What a panic says, where it is a text as `panic!` makes it.
fn message(panic: &(dyn Any + Send)) -> Option<Detail> {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).map(Detail::new)
}

impl Lease {
    fn settle(mut self, sent: Sent) {
        if let Some(id) = self.id.take() {
            self.tell(id, sent);
        }
    }

    fn tell(&self, id: AttemptId, sent: Sent) {
        let now = self.shared.now();
        self.shared.with(|core| match sent {
            Ok(outcome) => core.dispatcher.handle_outcome(id, outcome, now),
            Err((kind, detail)) => core.dispatcher.handle_failure(id, kind, detail, now),
        });
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            self.tell(id, Ok(Outcome::Abandoned));
        }
    }
}
