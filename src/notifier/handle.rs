use std::{fmt, sync::Arc, time::Duration};

use super::{driver::Driver, inner::NotifierInner, wait};
use crate::{
    base::WebhookId,
    clock::Clock,
    dispatch::{Receipt, Stats, Status},
    engine::{self, Config, PublishError, Reports},
    notification::Notification,
    transport::Transport,
};

/// A handle that publishes notifications to webhooks from any thread.
///
/// A notifier is cheap to clone, and clones share the webhooks, the queues and the statistics.
/// [`publish`](Self::publish) is synchronous and never waits for I/O. It queues notifications, and
/// [`Driver`]s send them. The host spawns at least one driver on its own executor.
///
/// To stop a notifier, call [`shutdown`](Self::shutdown), which waits and returns the final
/// statistics. If the last clone is dropped without a shutdown, the notifier closes. Its drivers
/// then send everything that is pending, without a time limit, and end. The notifications of paused
/// webhooks are dropped. If there is no driver, everything that is pending is dropped.
///
/// ```
/// use recohook::clock::ThreadClock;
/// use recohook::findface::security::{self, Event};
/// use recohook::transport::{Body, Context, Transport, TransportError};
/// use recohook::{Filter, Notifier, Webhook, async_trait, bytes::Bytes, http};
/// use std::time::Duration;
///
/// /// A stand-in for the host's own HTTP client. It answers every request with 200.
/// struct Accept;
///
/// #[async_trait]
/// impl Transport for Accept {
///     async fn send(
///         &self,
///         request: http::Request<Bytes>,
///         _context: &Context,
///     ) -> Result<http::Response<Body>, TransportError> {
///         println!("{} <- {}", request.uri(), String::from_utf8_lossy(request.body()));
///         Ok(http::Response::new(Body::empty()))
///     }
/// }
///
/// let notifier = Notifier::new(Accept, ThreadClock::new());
/// let driver = notifier.driver();
/// let thread = std::thread::spawn(move || futures::executor::block_on(driver));
///
/// let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &security::FILTERS)?;
/// let webhook = Webhook::new("http://127.0.0.1:8888/", filter)?.with_policy(security::policy());
/// notifier.insert("front", webhook)?;
/// notifier.publish(&Event::new("42").matched(true))?;
///
/// let stats = futures::executor::block_on(notifier.shutdown(Duration::from_secs(5)));
/// assert_eq!(stats.delivered, 1);
/// thread.join().expect("the driver has ended");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The page [`design`](crate::design) explains how a notifier works internally, including the
/// lanes, the locks, and [how a retry is
/// scheduled](crate::design#how-is-a-retry-scheduled-step-by-step).
///
/// The examples of the methods use the same `Accept` and a function `webhook()`. The function
/// returns a webhook that matches all notifications of one system.
#[derive(Clone)]
pub struct Notifier {
    pub(super) inner: Arc<NotifierInner>,
    // Drivers refer only to `inner`, so this field is dropped with the last notifier.
    _handle: Arc<DrainOnDrop>,
}

/// Begins the shutdown when the last notifier is dropped.
struct DrainOnDrop(Arc<NotifierInner>);

impl Notifier {
    /// Creates a notifier with the default [`Config`].
    ///
    /// This does not start a thread and does not require a runtime.
    ///
    /// ```
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// assert!(notifier.webhooks().is_empty());
    /// ```
    pub fn new(transport: impl Transport + 'static, clock: impl Clock + 'static) -> Self {
        Self::with_config(transport, clock, Config::default())
    }

    /// Creates a notifier with the given [`Config`].
    ///
    /// ```
    /// use recohook::findface::security::Event;
    /// use recohook::{Config, Limits, Notifier, PublishError, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let limits = Limits::default().with_max_webhook_queue_items(1);
    /// let config = Config::default().with_limits(limits);
    /// let notifier = Notifier::with_config(Accept, ThreadClock::new(), config);
    /// notifier.insert("front", webhook())?;
    ///
    /// // There is no driver, so the queue fills up.
    /// notifier.publish(&Event::new("42"))?;
    /// let second = notifier.publish(&Event::new("43"));
    /// assert!(matches!(second, Err(PublishError::Full { rejected: 1 })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_config(
        transport: impl Transport + 'static,
        clock: impl Clock + 'static,
        config: Config,
    ) -> Self {
        let inner = Arc::new(NotifierInner::new(Box::new(transport), Arc::new(clock), config));
        Self { _handle: Arc::new(DrainOnDrop(Arc::clone(&inner))), inner }
    }

    /// Creates a driver, which is a future that sends queued notifications.
    ///
    /// Spawn it on any executor, or run it on a thread with `block_on`. Without a driver, nothing
    /// is sent. One driver sends many requests at once. Several drivers share the work, so that
    /// signing and the transport's work run on several threads.
    ///
    /// The driver ends after a [`shutdown`](Self::shutdown), or after the last notifier has been
    /// dropped and everything pending has been settled. A driver that is created after that ends at
    /// once.
    ///
    /// A driver counts as live as soon as it is created. If the only driver is never polled,
    /// [`flush`](Self::flush) and `shutdown` wait for it until their time is up.
    ///
    /// ```
    /// use futures::{executor::block_on, future::join};
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, clock::ThreadClock};
    /// use std::time::Duration;
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.publish(&Event::new("42"))?;
    ///
    /// // Both futures run on this thread. The shutdown ends the driver.
    /// let shutdown = notifier.shutdown(Duration::from_secs(5));
    /// let ((), stats) = block_on(join(notifier.driver(), shutdown));
    /// assert_eq!(stats.delivered, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn driver(&self) -> Driver {
        Driver::new(Arc::clone(&self.inner))
    }

    /// Queues a notification for each webhook whose filter matches it.
    ///
    /// It may be called from any thread and does not wait for I/O. It reads the notification's
    /// attributes and finds the matching webhooks in an index of all filters. It then encodes the
    /// notification once for each [`Rendering`](crate::Rendering) that these webhooks use, and adds
    /// it to their queues. If no webhook matches, the notification is not encoded, and the receipt
    /// has `matched: 0`.
    ///
    /// If a webhook's queue is full, its policy's [`Overflow`](crate::policy::Overflow) determines
    /// whether the notification is rejected or the oldest notifications are dropped. Other webhooks
    /// are not affected. The receipt counts both the webhooks that queued the notification and
    /// those that rejected it.
    ///
    /// # Errors
    /// Returns an error only if nothing was queued:
    /// - [`PublishError::Closed`] if the notifier has been shut down.
    /// - [`PublishError::Full`] if all matching webhooks rejected the notification.
    /// - [`PublishError::Attributes`] if the notification's attributes do not fit its schema.
    /// - [`PublishError::Encode`] if the notification could not be encoded.
    ///
    /// ```
    /// use recohook::findface::security::{self, Event};
    /// use recohook::{Filter, Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// let camera_3 = Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &security::FILTERS)?;
    /// notifier.insert("camera 3", webhook().with_filter(camera_3))?;
    /// notifier.insert("everything", webhook())?;
    ///
    /// let receipt = notifier.publish(&Event::new("42").camera(7))?;
    /// assert_eq!((receipt.matched, receipt.queued, receipt.rejected), (1, 1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn publish(&self, notification: &dyn Notification) -> Result<Receipt, PublishError> {
        engine::publish(&mut &*self.inner, notification)
    }

    /// Returns the statistics of a webhook, or `None` if it is unknown.
    ///
    /// The numbers are always exact (see [`Stats`]). The statistics of a removed webhook are
    /// available until its last request in flight has ended, unless its id is reused.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.publish(&Event::new("42"))?;
    /// let stats = notifier.stats("front").expect("it is registered");
    /// assert_eq!((stats.accepted, stats.delivered, stats.pending()), (1, 0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats> {
        let id = id.into();
        self.inner.read(|dispatcher| dispatcher.stats(&id))
    }

    /// Returns the number of notifications that matched no webhook because no registered webhook
    /// has filter keys for their topic. See
    /// [`UnknownNotification`](crate::report::UnknownNotification).
    pub fn unknown_notifications(&self) -> u64 {
        self.inner.core.unknown_notifications()
    }

    /// Returns the current status of a webhook, or `None` if it is not registered.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, clock::ThreadClock};
    /// use std::time::Duration;
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// let status = notifier.status("front").expect("it is registered");
    /// assert_eq!((status.paused, status.in_flight, status.failures), (false, 0, 0));
    /// assert_eq!(status.blocked_for, Duration::ZERO); // no receiver has sent `Retry-After`
    /// # Ok::<(), recohook::RegistryError>(())
    /// ```
    pub fn status(&self, id: impl Into<WebhookId>) -> Option<Status> {
        let (id, now) = (id.into(), self.inner.now());
        self.inner.read(|dispatcher| dispatcher.status(&id, now))
    }

    /// Returns the total statistics of all webhooks, including removed ones.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.insert("back", webhook())?;
    /// notifier.publish(&Event::new("42"))?;
    /// // A notification counts once for each webhook that matches it.
    /// assert_eq!(notifier.total().matched, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn total(&self) -> Stats {
        self.inner.read(|dispatcher| dispatcher.total())
    }

    /// Subscribes to reports of all future attempts, and of all notifications that are dropped or
    /// rejected from now on.
    ///
    /// Without subscriptions, no reports are created. All subscriptions share a buffer, whose size
    /// is set with [`Config::with_max_reports`]. A subscription that falls behind is told how many
    /// reports it has missed.
    ///
    /// ```
    /// use futures::{executor::block_on, future::join};
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, Reported, clock::ThreadClock, report::ReportEvent};
    /// use std::time::Duration;
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// let mut reports = notifier.reports();
    /// notifier.insert("front", webhook())?;
    /// notifier.publish(&Event::new("42"))?;
    /// block_on(join(notifier.driver(), notifier.shutdown(Duration::from_secs(5))));
    ///
    /// let Some(Reported::Report(report)) = reports.try_next() else { panic!("no report") };
    /// assert!(matches!(report.event(), ReportEvent::Delivered { attempt: 1, .. }));
    /// assert!(block_on(reports.next()).is_none()); // the shutdown ends the subscription
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reports(&self) -> Reports {
        self.inner.core.ring.subscribe()
    }

    /// Sends everything that is currently pending and waits until it is settled. A notification is
    /// settled once it is delivered, dead or dropped.
    ///
    /// Batches are sent without waiting for their [linger](crate::policy::Batching::linger).
    /// Notifications that are published later linger as usual. Failed attempts are retried
    /// according to the webhook's policy, so a flush may take as long as all retries.
    ///
    /// The call waits for at most `within`. With [`Duration::ZERO`], it only starts the flush. It
    /// does not wait for paused webhooks, and returns at once if there is no driver.
    ///
    /// Returns the total statistics of all webhooks. [`Stats::pending`] is the number of
    /// notifications that are not settled yet, including any that were published in the meantime.
    ///
    /// # Cancel safety
    /// Nothing happens before the first poll. Dropping the future later only ends the wait.
    /// Everything that was pending at the first poll is still sent without lingering.
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use recohook::findface::security::Event;
    /// use recohook::policy::{Batching, Policy};
    /// use recohook::{Notifier, clock::ThreadClock};
    /// use std::time::Duration;
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// let driver = notifier.driver();
    /// std::thread::spawn(|| block_on(driver));
    /// let hourly = Batching::at_most(100)?.with_linger(Duration::from_secs(3600));
    /// notifier.insert("front", webhook().with_policy(Policy::default().with_batch(hourly)))?;
    /// notifier.publish(&Event::new("42"))?;
    ///
    /// let stats = block_on(notifier.flush(Duration::from_secs(5)));
    /// assert_eq!((stats.delivered, stats.pending()), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn flush(&self, within: Duration) -> Stats {
        wait::flush(&self.inner, within).await
    }

    /// Refuses new notifications, sends everything that is pending, and stops the drivers.
    ///
    /// Batches are sent without waiting for their [linger](crate::policy::Batching::linger). The
    /// call waits for at most `within`. With [`Duration::MAX`], it waits for as long as it takes.
    /// It does not wait for paused webhooks, and does not wait at all if there is no driver.
    ///
    /// Then everything that is left is dropped, including requests in flight, even though they may
    /// already have reached their receivers. The dropped notifications are counted in
    /// [`DropStats::shutdown`](crate::report::DropStats::shutdown) and passed to the
    /// [`DeadLetterHandler`](crate::DeadLetterHandler).
    ///
    /// Returns the final statistics, summed over all webhooks, with nothing pending. `shutdown` may
    /// be called again. If several calls wait at the same time, the shortest `within` applies to
    /// all of them. Webhooks can still be read and changed afterwards.
    ///
    /// # Cancel safety
    /// Nothing happens before the first poll. If the future is dropped later, the notifier stays
    /// closed, and its drivers continue to send without a time limit. Call `shutdown` again to set
    /// a limit.
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, PublishError, clock::ThreadClock};
    /// use std::time::Duration;
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.publish(&Event::new("42"))?;
    ///
    /// // There is no driver, so nothing can be sent.
    /// let stats = block_on(notifier.shutdown(Duration::from_secs(5)));
    /// assert_eq!((stats.dropped.shutdown, stats.pending()), (1, 0));
    /// assert!(matches!(notifier.publish(&Event::new("43")), Err(PublishError::Closed)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn shutdown(&self, within: Duration) -> Stats {
        wait::shutdown(&self.inner, within).await
    }
}

impl Drop for DrainOnDrop {
    fn drop(&mut self) {
        self.0.drain();
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier").field("total", &self.total()).finish_non_exhaustive()
    }
}
