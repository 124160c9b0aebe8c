use super::Engine;
use crate::{
    base::Moment,
    dispatch::{Dispatcher, FlushId, Stats},
};

impl Engine {
    /// Starts a flush. Everything that is pending now is sent without waiting for the linger time.
    ///
    /// The flush does not send anything by itself. Continue to poll and to report outcomes until
    /// [`is_flushed`](Self::is_flushed) returns `true`. Retries keep their delays. Paused webhooks
    /// are skipped. Several flushes may run at the same time.
    ///
    /// Call [`end_flush`](Self::end_flush) when you no longer wait for the flush. A flush that is
    /// never ended stays in memory.
    ///
    /// The cost is proportional to the number of lanes with pending notifications.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use recohook::{http::{HeaderMap, StatusCode}, policy::{Batching, Policy}};
    /// # use std::time::{Duration, SystemTime};
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// let batching = Batching::at_most(100)?.with_linger(Duration::from_secs(60));
    /// engine.insert("front", webhook.with_policy(Policy::default().with_batch(batching)), now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// assert!(engine.poll_request(now, wall).is_none());
    ///
    /// let flush = engine.start_flush(now);
    /// while let Some(outgoing) = engine.poll_request(now, wall) {
    ///     let (id, headers) = (outgoing.attempt_id(), HeaderMap::new());
    ///     engine.handle_response(id, StatusCode::OK, &headers, now, wall);
    /// }
    /// assert!(engine.is_flushed(flush));
    /// engine.end_flush(flush);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a flush is kept until it is ended by its id"]
    pub fn start_flush(&mut self, now: Moment) -> FlushId {
        self.dispatcher.start_flush(now)
    }

    /// Returns whether everything that was pending at the start of a flush is settled, that is,
    /// delivered, dead or dropped.
    ///
    /// Notifications that were published later are ignored. Webhooks that are paused, or that were
    /// paused at any time since the start, are also ignored. Returns `true` for a flush that has
    /// ended.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let flush = engine.start_flush(now);
    /// assert!(!engine.is_flushed(flush));
    /// engine.pause("front", now)?;
    /// assert!(engine.is_flushed(flush));
    /// engine.end_flush(flush);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_flushed(&self, id: FlushId) -> bool {
        self.dispatcher.is_flushed(id)
    }

    /// Ends a flush, so that the engine no longer keeps track of it. Does nothing if the flush has
    /// already ended.
    ///
    /// Notifications that the flush has made due remain due. See [`start_flush`](Self::start_flush)
    /// for an example.
    pub fn end_flush(&mut self, id: FlushId) {
        self.dispatcher.end_flush(id);
    }

    /// Refuses all notifications that are published from now on. This cannot be undone.
    ///
    /// Pending notifications can still be sent. To deliver them before the host exits, call `close`
    /// and [`start_flush`](Self::start_flush). Continue to poll until the flush is done, and then
    /// call [`shutdown`](Self::shutdown).
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// engine.close();
    /// assert!(engine.publish(&Event::new("43"), now).is_err());
    /// assert!(engine.poll_request(now, wall).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&mut self) {
        self.dispatcher.close();
    }

    /// Closes the engine, drops everything that is pending and returns the final statistics of all
    /// webhooks.
    ///
    /// Requests in flight are pending, too, so their outcomes have no effect any more. The dropped
    /// notifications are counted in [`DropStats::shutdown`](crate::report::DropStats::shutdown) and
    /// passed to the dead-letter handler. Subscriptions to reports end. The method does not wait
    /// for anything. To deliver pending notifications first, see [`close`](Self::close). A second
    /// call returns the same statistics.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let stats = engine.shutdown();
    /// assert_eq!((stats.dropped.shutdown, stats.pending()), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shutdown(&mut self) -> Stats {
        // `last` is `true`, because this is the last change. The reports end after it.
        self.core.change(&mut self.dispatcher, true, Dispatcher::abort);
        self.dispatcher.total()
    }
}
