//! recohook: a `Notifier` on its hyper transport, with a driver for each core.

use std::time::Duration;

use recohook::{
    Filter, Notifier, Webhook,
    clock::TokioClock,
    findface::security::{self, Event},
    policy::Batching,
    signature::{HmacSha256, Secret},
    transport::HyperTransport,
};

use crate::{Engine, SECRET, WEBHOOKS};

pub(crate) struct Recohook(Notifier);

impl Recohook {
    pub(crate) fn new(url: &str, batch: usize) -> Self {
        let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
        let batches = Batching::at_most(batch).expect("the size of a batch is not zero");
        let signer = HmacSha256::new(&Secret::new(SECRET).expect("the secret is not empty"));
        for place in 0..WEBHOOKS {
            let webhook = Webhook::new(url, Filter::everything(&security::FILTERS))
                .expect("the URL is valid")
                .with_policy(security::policy().with_batch(batches.clone()))
                .with_signer(signer.clone());
            notifier.insert(format!("{place}"), webhook).expect("the id is new");
        }
        for _ in 0..2 {
            tokio::spawn(notifier.driver());
        }
        Self(notifier)
    }
}

impl Engine for Recohook {
    const NAME: &'static str = "recohook";

    async fn publish(&self, event: &Event) {
        let receipt = self.0.publish(event).expect("the queues have room");
        assert_eq!(receipt.queued, WEBHOOKS);
    }

    async fn end(self) {
        let stats = self.0.shutdown(Duration::from_secs(5)).await;
        assert_eq!(stats.pending(), 0, "{stats}");
    }
}
