use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::{
    future::{Either, FutureExt, select},
    pin_mut,
};

use super::shared::Shared;
use crate::{
    FailureKind, Webhook,
    dispatch::{AttemptId, Delivery, Outcome},
    request,
    transport::{Context, TransportError},
};

/// The right to tell what came of an attempt. Dropped without it, the attempt is given back.
struct Lease {
    shared: Arc<Shared>,
    id: Option<AttemptId>,
}

/// Makes one attempt.
pub(super) fn attempt(
    shared: Arc<Shared>,
    delivery: Delivery<Webhook>,
) -> impl Future<Output = ()> + Send {
    // Taken before the first poll: a future that is never polled gives its attempt back, too.
    let lease = Lease { shared, id: Some(delivery.attempt_id()) };
    async move {
        let sent = AssertUnwindSafe(send(&lease.shared, delivery)).catch_unwind().await;
        lease.settle(sent.unwrap_or(Outcome::Failed(FailureKind::Panic)));
    }
}

/// Frames, signs and sends, and reads the response, within the delivery's timeout.
async fn send(shared: &Shared, delivery: Delivery<Webhook>) -> Outcome {
    let (clock, timeout) = (&shared.clock, delivery.timeout());
    let deadline = clock.now() + timeout;
    let context = Context::new(delivery.webhook().to_shared(), delivery.attempt(), timeout);
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
        Either::Left((Ok(outcome), _)) => outcome,
        Either::Left((Err(error), _)) => Outcome::Failed(error.kind()),
        Either::Right(_) => Outcome::Failed(FailureKind::Timeout),
    }
}

impl Lease {
    fn settle(mut self, outcome: Outcome) {
        if let Some(id) = self.id.take() {
            self.tell(id, outcome);
        }
    }

    fn tell(&self, id: AttemptId, outcome: Outcome) {
        let now = self.shared.now();
        self.shared.with(|core| core.dispatcher.handle_outcome(id, outcome, now));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            self.tell(id, Outcome::Abandoned);
        }
    }
}
