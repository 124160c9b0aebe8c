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

/// Publishes notifications to webhooks, from any thread.
///
/// A notifier is a cheap handle: clones share the webhooks, the queues and the statistics.
/// [`publish`](Self::publish) is synchronous and never waits for I/O. It queues notifications, and
/// the [`Driver`]s send them. The host spawns at least one driver, on its own executor.
///
/// To end, call [`shutdown`](Self::shutdown), which waits and returns the final statistics. When
/// the last clone is dropped without it, the notifier closes: its drivers send everything that is
/// pending, without a limit of time, and end. If there is no driver, what is pending is dropped.
///
/// ```
/// use recohook::clock::ThreadClock;
/// use recohook::findface::security::{self, Event};
/// use recohook::transport::{Body, Context, Transport, TransportError};
/// use recohook::{Filter, Notifier, Webhook, async_trait, bytes::Bytes, http};
/// use std::time::Duration;
///
/// /// Stands for the host's own HTTP client: answers each request with 200.
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
/// [`design`](crate::design) explains how it works inside: the lanes, the locks, and [how a retry
/// is scheduled](crate::design#how-is-a-retry-scheduled-step-by-step).
///
/// The examples of the methods use the same `Accept`, and a function `webhook()`, which returns a
/// webhook that wants all notifications of one system.
#[derive(Clone)]
pub struct Notifier {
    pub(super) inner: Arc<NotifierInner>,
    // Drivers hold `inner` alone, so this is dropped with the last notifier.
    _handle: Arc<DrainOnDrop>,
}

/// Begins the shutdown when the last notifier is dropped.
struct DrainOnDrop(Arc<NotifierInner>);

impl Notifier {
    /// Creates a notifier with the default [`Config`].
    ///
    /// It starts no thread and needs no runtime.
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

    /// Creates a notifier with options.
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
    /// // No driver runs, so the queue fills up.
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

    /// Creates a driver: a future that sends what is queued.
    ///
    /// Spawn it on any executor, or run it on a thread with `block_on`. Without a driver, nothing
    /// is sent. One driver sends many requests at once. Several drivers share the work, so that
    /// signing and the work of the transport use several threads.
    ///
    /// The driver ends after a [`shutdown`](Self::shutdown), or when the last notifier is dropped
    /// and everything that was pending is settled. A driver that is created later ends at once.
    ///
    /// A driver counts from its creation. If the only driver is never polled,
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
    /// It may be called from any thread, and waits for no I/O. It reads the attributes of the
    /// notification, finds the webhooks by an index of all filters, encodes the notification once
    /// for each [`Rendering`](crate::Rendering) that they want, and adds it to their queues. If no
    /// webhook wants the notification, it is not encoded, and the receipt has `matched: 0`.
    ///
    /// A webhook whose queue is full rejects the notification, or drops its oldest ones, as its
    /// policy's [`Overflow`](crate::policy::Overflow) says. The other webhooks are not affected:
    /// the receipt counts both.
    ///
    /// # Errors
    /// Returns an error only if nothing was queued:
    /// - [`PublishError::Closed`] if the notifier has been shut down.
    /// - [`PublishError::Full`] if all webhooks that want the notification rejected it.
    /// - [`PublishError::Attributes`] if the notification contradicts its schema.
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
    /// They are exact at every moment: see [`Stats`]. A removed webhook keeps its statistics until
    /// its last request in flight has ended, unless its id is used again.
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

    /// Returns the present state of a webhook, or `None` if it is not registered.
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

    /// Returns the statistics of all webhooks together, including those of removed ones.
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
    /// // One notification counts once for each webhook that wants it.
    /// assert_eq!(notifier.total().matched, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn total(&self) -> Stats {
        self.inner.read(|dispatcher| dispatcher.total())
    }

    /// Subscribes to reports: of all attempts, and of all notifications that are dropped or
    /// rejected, from now on.
    ///
    /// No report is made while there is no subscription. All subscriptions share a buffer, whose
    /// size [`Config::with_max_reports`] sets. One that falls behind learns how many reports it has
    /// missed.
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

    /// Sends everything that is pending now, and waits until it is settled: delivered, dead or
    /// dropped.
    ///
    /// Batches are sent without waiting for their [linger](crate::policy::Batching::linger). What
    /// is published later lingers as usual. Failed attempts are retried by the webhook's policy, so
    /// a flush may take as long as all retries.
    ///
    /// The call waits for `within` at most. With [`Duration::ZERO`], it only starts the flush. It
    /// does not wait for paused webhooks, and returns at once if there is no driver.
    ///
    /// Returns the statistics of all webhooks. [`Stats::pending`] counts what is not settled,
    /// including what was published meanwhile.
    ///
    /// # Cancel safety
    /// Nothing happens before the first poll. Dropping the future later only ends the wait:
    /// everything that was pending at the first poll is still sent without lingering.
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

    /// Refuses new notifications, sends everything that is pending, and ends the drivers.
    ///
    /// Batches are sent without waiting for their [linger](crate::policy::Batching::linger). The
    /// call waits for `within` at most. With [`Duration::MAX`], it waits for as long as it takes.
    /// It does not wait for paused webhooks, nor for anything if there is no driver.
    ///
    /// Then everything that is left is dropped, including requests in flight, whose receivers may
    /// have got them. It counts as [`DropStats::shutdown`](crate::report::DropStats::shutdown), and
    /// goes to the [`DeadLetterHandler`](crate::DeadLetterHandler).
    ///
    /// Returns the final statistics of all webhooks, with nothing pending. It may be called again.
    /// Of several calls at the same time, the shortest `within` counts for all. Webhooks can still
    /// be read and changed afterwards.
    ///
    /// # Cancel safety
    /// Nothing happens before the first poll. If the future is dropped later, the notifier stays
    /// closed, and its drivers go on sending without a limit of time. Call it again to set a limit.
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
