use super::{
    AbandonedAttempts, Config, Engine, EngineAt, EngineCore, PublishError, Reports, Router, publish,
};
use crate::{
    base::{Moment, WebhookId},
    dispatch::{Receipt, Stats, Status},
    notification::Notification,
};

impl Engine {
    /// Creates an engine with the default [`Config`] and no webhooks.
    ///
    /// ```
    /// use recohook::Engine;
    ///
    /// let engine = Engine::new();
    /// assert_eq!(engine.webhooks().count(), 0);
    /// assert_eq!(engine.poll_timeout(), None); // no request becomes due by itself
    /// ```
    pub fn new() -> Self {
        Self::with_config(Config::default())
    }

    /// Creates an engine with the given options and no webhooks.
    ///
    /// The options cannot be changed later.
    ///
    /// ```
    /// use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// use std::time::SystemTime;
    /// use recohook::{Config, Limits};
    ///
    /// let limits = Limits::default().with_max_in_flight(1);
    /// let mut engine = Engine::with_config(Config::default().with_limits(limits));
    /// let (now, wall) = (Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook.clone(), now)?;
    /// engine.insert("back", webhook, now)?;
    /// assert_eq!(engine.publish(&Event::new("42"), now)?.queued, 2);
    ///
    /// let first = engine.poll_request(now, wall).expect("a request is due at once");
    /// assert!(engine.poll_request(now, wall).is_none()); // one at a time
    /// # drop(first);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_config(config: Config) -> Self {
        let core = EngineCore::new(config);
        let (abandoned, abandoned_ids) = AbandonedAttempts::new(core.config.limits.max_in_flight());
        Self {
            router: Router::default(),
            dispatcher: core.dispatcher(),
            abandoned,
            abandoned_ids,
            polls: 0,
            core,
        }
    }

    /// Queues a notification for the active webhooks whose filters match it.
    ///
    /// The notification is encoded once for each [`Rendering`](crate::Rendering) that these
    /// webhooks use, and webhooks with the same rendering share the result. If no webhook matches,
    /// nothing is encoded and all counts in the receipt are 0. After publishing, call
    /// [`poll_request`](Self::poll_request).
    ///
    /// If some webhooks accept the notification while the queues of others are full, the call
    /// succeeds and [`Receipt::rejected`] counts the webhooks that rejected it.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &FILTERS)?;
    /// engine.insert("front", Webhook::new("http://127.0.0.1:8888/", filter)?, now)?;
    ///
    /// let receipt = engine.publish(&Event::new("42").matched(true), now)?;
    /// assert_eq!(receipt.queued, 1);
    /// let receipt = engine.publish(&Event::new("43").matched(false), now)?;
    /// assert_eq!(receipt.matched, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error only if nothing was queued:
    /// - [`PublishError::Closed`] if [`close`](Self::close) or [`shutdown`](Self::shutdown) was
    ///   called,
    /// - [`PublishError::Full`] if webhooks match but none of their queues has room,
    /// - [`PublishError::Attributes`] if the notification's attributes do not fit its schema, even
    ///   if no webhook matches,
    /// - [`PublishError::Encode`] if the notification cannot be encoded.
    pub fn publish(
        &mut self,
        notification: &dyn Notification,
        now: Moment,
    ) -> Result<Receipt, PublishError> {
        publish(&mut EngineAt { engine: self, now }, notification)
    }

    /// Subscribes to the reports of all events from now on.
    ///
    /// Reports are recorded only while a subscription exists. A subscription that is created after
    /// [`shutdown`](Self::shutdown) ends immediately.
    ///
    /// ```
    /// # use recohook::{Engine, FailureKind, Filter, Moment, Webhook};
    /// # use recohook::{Reported, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let mut reports = engine.reports();
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// engine.handle_failure(outgoing.attempt_id(), FailureKind::Connect, now);
    ///
    /// let Some(Reported::Report(report)) = reports.try_next() else { panic!("one report") };
    /// assert!(report.to_string().contains("no connection to the receiver. Attempt 1 out of 10."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reports(&mut self) -> Reports {
        self.core.ring.subscribe()
    }

    /// Returns the statistics of a webhook, or `None` if the id is unknown.
    ///
    /// The statistics of a removed webhook remain available until its last request in flight has an
    /// outcome. If another webhook is registered under the same id in the meantime, the statistics
    /// of the new webhook are returned.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let stats = engine.stats("front").expect("it is registered");
    /// assert_eq!((stats.accepted, stats.delivered, stats.pending()), (1, 0, 1));
    /// assert_eq!(engine.stats("back"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats> {
        self.dispatcher.stats(&id.into())
    }

    /// Returns the number of notifications that matched no webhook because no registered webhook
    /// has filter keys for their topic. See
    /// [`UnknownNotification`](crate::report::UnknownNotification).
    pub fn unknown_notifications(&self) -> u64 {
        self.core.unknown_notifications()
    }

    /// Returns the state of a webhook at `now`, or `None` if no webhook has this id.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// let status = engine.status("front", now).expect("it is registered");
    /// assert_eq!((status.in_flight, status.failures, status.paused), (1, 0, false));
    /// # drop(outgoing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn status(&self, id: impl Into<WebhookId>, now: Moment) -> Option<Status> {
        self.dispatcher.status(&id.into(), now)
    }

    /// Returns the combined statistics of all webhooks, including removed ones.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// engine.remove("front", now)?;
    /// let total = engine.total();
    /// assert_eq!((total.accepted, total.dropped.removed), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn total(&self) -> Stats {
        self.dispatcher.total()
    }
}
