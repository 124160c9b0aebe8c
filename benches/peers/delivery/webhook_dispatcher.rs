//! The crate `webhook-dispatcher`, with its storage in memory.
//!
//! It sends each event by itself, in no order. A worker waits for its request's answer, so there
//! are as many workers as requests at a time; the queues have the sizes of its README's large
//! configuration. For each delivery its storage goes through all that is pending.

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
            // Over its bound it does not wait but drops.
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
