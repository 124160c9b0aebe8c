use std::{fmt, sync::Arc};

use crate::{base::Limits, dispatch::DeadLetter, target::TargetPolicy};

/// The options of an [`Engine`](crate::Engine) or a [`Notifier`](crate::Notifier).
///
/// | option | default |
/// |---|---|
/// | [`with_limits`](Self::with_limits) | [`Limits::default`] |
/// | [`with_seed`](Self::with_seed) | random |
/// | [`with_max_reports`](Self::with_max_reports) | 1,024 |
/// | [`with_dead_letter_handler`](Self::with_dead_letter_handler) | none |
/// | [`with_target_policy`](Self::with_target_policy) | [`TargetPolicy::private_network`] |
///
/// ```
/// use recohook::{Config, Engine, Limits, Moment, Registrar};
/// use std::time::SystemTime;
///
/// let config = Config::default()
///     .with_limits(Limits::default().with_max_queue_items(50_000))
///     .with_max_reports(256);
/// let mut engine = Engine::with_config(config);
/// let registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// assert_eq!(registrar.limits().max_queue_items(), 50_000);
/// ```
#[derive(Clone)]
pub struct Config {
    pub(crate) limits: Limits,
    /// The seed, or `None` to generate a new seed for each engine or notifier.
    pub(crate) seed: Option<u64>,
    pub(crate) max_reports: usize,
    /// The handler. All engines and notifiers that are created from clones of the options share it.
    pub(crate) dead_letter_handler: Option<Arc<dyn DeadLetterHandler>>,
    pub(crate) target_policy: TargetPolicy,
}

/// A handler for notifications that were accepted but will not be delivered.
///
/// A [`DeadLetter`] is a batch whose last attempt failed, or a batch that was dropped because of an
/// overflow, the removal of its webhook or a shutdown. A host can store it, count it or publish it
/// elsewhere. Rejected notifications are not dead letters. They are counted in the
/// [receipt](crate::Receipt::rejected).
///
/// Any `Fn(DeadLetter)` closure that is `Send` and `Sync` is a handler. See
/// [`Config::with_dead_letter_handler`]. A host can also implement the trait for its own type:
///
/// ```
/// # use recohook::{Config, Engine, Filter, Moment, Webhook};
/// # use recohook::findface::security::{Event, FILTERS};
/// use recohook::{DeadLetterHandler, report::DeadLetter};
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// static LOST: AtomicUsize = AtomicUsize::new(0);
/// struct Journal;
///
/// impl DeadLetterHandler for Journal {
///     fn handle(&self, dead_letter: DeadLetter) {
///         eprintln!("{dead_letter}");
///         LOST.fetch_add(dead_letter.batch().len(), Ordering::Relaxed);
///     }
/// }
///
/// let mut engine = Engine::with_config(Config::default().with_dead_letter_handler(Journal));
/// # let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
/// # engine.insert("front", webhook, Moment::ZERO)?;
/// engine.publish(&Event::new("42"), Moment::ZERO)?;
/// engine.remove("front", Moment::ZERO)?; // drops what is queued
/// assert_eq!(LOST.load(Ordering::Relaxed), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait DeadLetterHandler: Send + Sync {
    /// Handles one batch that will not be delivered.
    ///
    /// The method is called on the thread that gave up the batch. This happens inside a call to an
    /// engine or a notifier, in a driver, or when the last notifier is dropped. The caller waits
    /// for the handler, so the handler should return quickly. For slow work, send the dead letter
    /// to a channel. None of the crate's locks is held, so the handler may call a notifier.
    ///
    /// The handler must not panic. A panic propagates to the caller, and the remaining dead letters
    /// of the same call are lost.
    fn handle(&self, dead_letter: DeadLetter);
}

impl<F: Fn(DeadLetter) + Send + Sync> DeadLetterHandler for F {
    fn handle(&self, dead_letter: DeadLetter) {
        self(dead_letter);
    }
}

impl Config {
    /// Sets the limits on queues, requests, headers, responses and filters. Default:
    /// [`Limits::default`].
    ///
    /// ```
    /// # use recohook::{Config, Engine, Filter, Limits, Moment, PublishError, Webhook};
    /// # use recohook::findface::security::{Event, FILTERS};
    /// let limits = Limits::default().with_max_webhook_queue_items(1);
    /// let mut engine = Engine::with_config(Config::default().with_limits(limits));
    /// let now = Moment::ZERO;
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("1"), now)?;
    /// let second = engine.publish(&Event::new("2"), now);
    /// assert!(matches!(second, Err(PublishError::Full { rejected: 1 })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the seed for jitter and delivery ids. Default: a new random seed for each engine or
    /// notifier.
    ///
    /// A fixed seed is intended for tests. With the same seed, the same calls produce the same
    /// delays and the same ids. In production, a fixed seed would repeat delivery ids after a
    /// restart, and receivers that recognise repeated deliveries by their ids would discard new
    /// deliveries.
    ///
    /// ```
    /// # use recohook::{Config, Engine, Filter, Moment, Webhook};
    /// # use recohook::findface::security::{Event, FILTERS};
    /// # use std::time::SystemTime;
    /// let first_id = |config: Config| -> Result<_, Box<dyn std::error::Error>> {
    ///     let mut engine = Engine::with_config(config);
    ///     let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    ///     let webhook = webhook.with_delivery_id_header("x-delivery")?;
    ///     engine.insert("front", webhook, Moment::ZERO)?;
    ///     engine.publish(&Event::new("42"), Moment::ZERO)?;
    ///     let outgoing = engine.poll_request(Moment::ZERO, SystemTime::now());
    ///     Ok(outgoing.expect("it is due").request().headers()["x-delivery"].clone())
    /// };
    /// let seeded = Config::default().with_seed(7);
    /// assert_eq!(first_id(seeded.clone())?, first_id(seeded)?);
    /// assert_ne!(first_id(Config::default())?, first_id(Config::default())?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the maximum number of reports that are kept for subscriptions that fall behind.
    /// Default: 1,024. A value of 0 counts as 1.
    ///
    /// All [`Reports`](crate::Reports) of an engine or notifier read from one ring with this
    /// capacity. The ring fills only while a subscription exists. It keeps the payloads of its
    /// reports in memory, even after the reports have been read.
    ///
    /// ```
    /// # use recohook::{Config, Engine, FailureKind, Filter, Moment, Reported, Webhook};
    /// # use recohook::findface::security::{Event, FILTERS};
    /// # use std::time::SystemTime;
    /// let mut engine = Engine::with_config(Config::default().with_max_reports(1));
    /// let mut reports = engine.reports();
    /// let (now, wall) = (Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// engine.handle_failure(outgoing.attempt_id(), FailureKind::Connect, now);
    /// engine.remove("front", now)?;
    /// // There are two reports, a failure and a drop, but there is room for only one.
    /// assert!(matches!(reports.try_next(), Some(Reported::Lagged(1))));
    /// assert!(matches!(reports.try_next(), Some(Reported::Report(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_max_reports(mut self, reports: usize) -> Self {
        self.max_reports = reports;
        self
    }

    /// Sets the handler for notifications that will not be delivered. It replaces any handler that
    /// was set before. Default: none, so these notifications are only counted and reported.
    ///
    /// ```
    /// # use recohook::{Config, Engine, Filter, Moment, Webhook};
    /// # use recohook::findface::security::{Event, FILTERS};
    /// use recohook::report::{DeadLetter, DeadLetterReason, DropReason};
    /// use std::sync::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let handler = move |dead_letter: DeadLetter| {
    ///     let _ = sender.send(dead_letter); // fails only if the receiver was dropped
    /// };
    /// let mut engine = Engine::with_config(Config::default().with_dead_letter_handler(handler));
    /// # let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// # engine.insert("front", webhook, Moment::ZERO)?;
    /// engine.publish(&Event::new("42"), Moment::ZERO)?;
    /// engine.shutdown();
    ///
    /// let dead_letter = receiver.try_recv()?;
    /// assert_eq!(dead_letter.reason(), DeadLetterReason::Dropped(DropReason::Shutdown));
    /// assert!(dead_letter.batch().ids().eq(["42"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_dead_letter_handler(mut self, handler: impl DeadLetterHandler + 'static) -> Self {
        self.dead_letter_handler = Some(Arc::new(handler));
        self
    }

    /// Sets where requests may go. Default: [`TargetPolicy::private_network`], which suits a server
    /// in the same network as its receivers. Use [`TargetPolicy::public`] if subscribers are not
    /// trusted.
    ///
    /// Registering a webhook checks its URL. A notifier hands the policy to its transport, which
    /// checks the addresses of the host. See [`target`](crate::target) for an example.
    #[must_use]
    pub fn with_target_policy(mut self, policy: TargetPolicy) -> Self {
        self.target_policy = policy;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            seed: None,
            max_reports: 1024,
            dead_letter_handler: None,
            target_policy: TargetPolicy::default(),
        }
    }
}

/// Shows only whether a dead-letter handler is set, because handlers need not implement `Debug`.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("limits", &self.limits)
            .field("seed", &self.seed)
            .field("max_reports", &self.max_reports)
            .field("dead_letter_handler", &self.dead_letter_handler.is_some())
            .field("target_policy", &self.target_policy)
            .finish()
    }
}
