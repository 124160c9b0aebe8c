use std::{fmt, sync::Arc};

use crate::{base::Limits, dispatch::DeadLetter};

/// The options of an [`Engine`](crate::Engine) or a [`Notifier`](crate::Notifier).
///
/// ```
/// use recohook::{Config, Engine, Limits};
///
/// let config = Config::default()
///     .with_limits(Limits::default().with_max_queue_items(50_000))
///     .with_dead_letter_handler(|dead_letter: recohook::report::DeadLetter| {
///         eprintln!("{} did not get {}", dead_letter.webhook(), dead_letter.batch().len());
///     });
/// let engine = Engine::with_config(config);
/// # drop(engine);
/// ```
#[derive(Clone)]
pub struct Config {
    pub(crate) limits: Limits,
    pub(crate) seed: Option<u64>,
    pub(crate) max_reports: usize,
    pub(crate) dead_letter_handler: Option<Arc<dyn DeadLetterHandler>>,
}

/// Receives batches that will not be delivered: all attempts failed, or they were dropped.
///
/// It is called outside of all locks, by whichever thread made it so: a publisher's or a driver's.
/// It should be quick and must not panic.
pub trait DeadLetterHandler: Send + Sync {
    /// Handles one batch that will not be delivered.
    fn handle(&self, dead_letter: DeadLetter);
}

impl<F: Fn(DeadLetter) + Send + Sync> DeadLetterHandler for F {
    fn handle(&self, dead_letter: DeadLetter) {
        self(dead_letter);
    }
}

impl Config {
    /// Sets the bounds.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the seed of jitter and delivery ids, for tests. By default it is random, so that no
    /// two runs give out the same ids.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets how many reports are kept for subscriptions that fall behind, across all subscriptions;
    /// at least 1. Default 1,024.
    #[must_use]
    pub fn with_max_reports(mut self, reports: usize) -> Self {
        self.max_reports = reports;
        self
    }

    /// Sets the handler of dead letters. Default: none.
    #[must_use]
    pub fn with_dead_letter_handler(mut self, handler: impl DeadLetterHandler + 'static) -> Self {
        self.dead_letter_handler = Some(Arc::new(handler));
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self { limits: Limits::default(), seed: None, max_reports: 1024, dead_letter_handler: None }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("limits", &self.limits)
            .field("seed", &self.seed)
            .field("max_reports", &self.max_reports)
            .field("dead_letter_handler", &self.dead_letter_handler.is_some())
            .finish()
    }
}
