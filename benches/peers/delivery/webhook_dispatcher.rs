//! The crate `webhook-dispatcher`, with its storage in memory.
//!
//! It sends each event in a request of its own, in no order. A worker waits for the response to its
//! request, so there are as many workers as requests at a time. The queues have the sizes of the
//! large configuration in its README. For each delivery, its storage goes through everything that
//! is pending.

use recohook::findface::security::Event;
use webhook_dispatcher::{Dispatcher, DispatcherConfig, Endpoint, EndpointId};

use crate::{Engine, SECRET, WEBHOOKS, encoded};

pub(crate) struct WebhookDispatcher {
    dispatcher: Dispatcher,
    endpoints: Vec<EndpointId>,
}

impl WebhookDispatcher {
    pub(crate) async fn new(url: &str) -> Self {
        let config = DispatcherConfig {
            max_in_flight: 5_000,
            shard_queue_size: 10_000,
            shard_count: 128,
            worker_count: WEBHOOKS,
            ..DispatcherConfig::default()
        };
        let dispatcher = Dispatcher::new(config);
        let mut endpoints = Vec::new();
        for place in 0..WEBHOOKS {
            // Above this bound it does not wait but drops events.
            let endpoint = Endpoint::new(format!("{place}"), url)
                .with_secret(SECRET)
                .with_max_concurrent(WEBHOOKS);
            endpoints.push(endpoint.id.clone());
            dispatcher.register_endpoint(endpoint).await;
        }
        Self { dispatcher, endpoints }
    }
}

impl Engine for WebhookDispatcher {
    const NAME: &'static str = "webhook-dispatcher";

    async fn publish(&self, event: &Event) {
        let event = webhook_dispatcher::Event::new(event.id.clone(), encoded(event));
        self.dispatcher
            .dispatch(event, self.endpoints.clone())
            .await
            .expect("the queues have room");
    }

    async fn end(mut self) {
        self.dispatcher.shutdown().await;
    }
}
