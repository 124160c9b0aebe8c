//! The crate `webhooksmith`, on SQLite in memory. Its other storage is a PostgreSQL server.
//!
//! On SQLite it sends one request at a time, with one event each, and records each attempt.

use std::sync::Arc;

use recohook::findface::security::Event;
use tokio::{sync::oneshot, task::JoinHandle};
use webhooksmith::SqliteEngine;

use crate::{Engine, SECRET, WEBHOOKS, encoded};

pub(crate) struct Webhooksmith {
    engine: Arc<SqliteEngine>,
    stop: oneshot::Sender<()>,
    worker: JoinHandle<()>,
}

impl Webhooksmith {
    pub(crate) async fn new(url: &str) -> Self {
        let builder = SqliteEngine::builder().database_url("sqlite::memory:");
        // Without this, it refuses URLs on loopback.
        let engine = builder
            .allow_insecure_urls()
            .build()
            .await
            .expect("a database can be opened in memory");
        engine.migrate().await.expect("its tables can be created");
        for _ in 0..WEBHOOKS {
            engine.register(url, SECRET).await.expect("the endpoint is valid");
        }
        let engine = Arc::new(engine);
        let (stop, stopped) = oneshot::channel::<()>();
        let running = Arc::clone(&engine);
        let worker = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            running.run_graceful(stopped).await;
        });
        Self { engine, stop, worker }
    }
}

impl Engine for Webhooksmith {
    const NAME: &'static str = "webhooksmith";

    async fn publish(&self, event: &Event) {
        let payload = serde_json::from_slice(&encoded(event)).expect("the body is JSON");
        self.engine.broadcast("event_created", payload).await.expect("the event can be stored");
    }

    async fn end(self) {
        self.stop.send(()).expect("the worker runs");
        self.worker.await.expect("the worker does not panic");
    }
}
