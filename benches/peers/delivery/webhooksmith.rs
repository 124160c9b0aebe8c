//! The crate `webhooksmith`, on SQLite in memory: its other storage is a PostgreSQL server.
//!
//! On SQLite it sends one request at a time, each event by itself, and records each attempt.

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
        // Without this it refuses loopback.
        let engine = builder.allow_insecure_urls().build().await.expect("a database in memory");
        engine.migrate().await.expect("its tables are made");
        for _ in 0..WEBHOOKS {
            engine.register(url, SECRET).await.expect("an endpoint");
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
        let payload = serde_json::from_slice(&encoded(event)).expect("JSON");
        self.engine.broadcast("event_created", payload).await.expect("it is stored");
    }

    async fn end(self) {
        self.stop.send(()).expect("the worker runs");
        self.worker.await.expect("it does not panic");
    }
}
