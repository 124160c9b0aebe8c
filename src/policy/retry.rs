use std::{num::NonZeroU32, time::Duration};

use http::StatusCode;

use super::{Backoff, PolicyError};

/// How many attempts to make, which failures to retry, and when.
///
/// The [`Backoff`] determines the delays between attempts. A receiver's `Retry-After` can make a
/// delay longer and blocks the whole webhook. See
/// [`with_max_retry_after`](Self::with_max_retry_after). [`design`] describes a retry step by step.
///
/// ```
/// use recohook::policy::{Attempts, Backoff, Retry, RetryOn};
/// use std::time::Duration;
///
/// let retry = Retry::new(Attempts::at_most(5)?, Backoff::constant(Duration::from_secs(2))?)
///     .with_retry_on(RetryOn::AnyFailure);
/// assert_eq!(retry.attempts(), Attempts::at_most(5)?);
///
/// let default = Retry::default();
/// assert_eq!(default.attempts(), Attempts::at_most(10)?);
/// assert_eq!(default.retry_on(), RetryOn::Transient);
/// assert_eq!(default.backoff(), &Backoff::default());
/// assert_eq!(default.max_retry_after(), Duration::from_secs(3600));
/// # Ok::<(), recohook::policy::PolicyError>(())
/// ```
///
/// [`design`]: crate::design#how-is-a-retry-scheduled-step-by-step
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    attempts: Attempts,
    on: RetryOn,
    backoff: Backoff,
    max_retry_after: Duration,
    repeats_stale: bool,
}

/// The maximum number of attempts of a delivery. This enum is exhaustive by design.
///
/// The first attempt counts. An attempt that was abandoned, for example because its driver was
/// dropped, does not count. It is due again at once, but a `Retry-After`, a pause or the bounds on
/// requests in flight can hold it back like any other attempt.
///
/// ```
/// use recohook::policy::{Attempts, PolicyError};
///
/// let attempts = Attempts::at_most(3)?;
/// assert!(attempts.allows(3) && !attempts.allows(4));
/// assert!(Attempts::Unlimited.allows(1_000_000));
/// assert_eq!(Attempts::at_most(0), Err(PolicyError::ZeroAttempts));
/// # Ok::<(), PolicyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Attempts {
    /// At most this many attempts.
    Limited(NonZeroU32),
    /// As many attempts as needed. If the receiver never recovers, the queue fills up and the
    /// [`Overflow`](super::Overflow) policy applies.
    Unlimited,
}

/// Which failures are retried. Later releases may add rules.
///
/// An attempt that fails with [`InvalidRequest`](crate::FailureKind::InvalidRequest) is never
/// retried, because the next attempt would also fail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum RetryOn {
    /// Failures that may go away: all failures without a response, the statuses 408, 425
    /// and 429, and all statuses that are not 4xx. Any other 4xx means that the receiver rejects
    /// the request itself.
    #[default]
    Transient,
    /// All failures.
    AnyFailure,
}

impl Retry {
    /// Creates a policy with this number of attempts and these delays between them.
    ///
    /// It retries [transient](RetryOn::Transient) failures and honours a `Retry-After` of up to 1
    /// hour.
    pub fn new(attempts: Attempts, backoff: Backoff) -> Self {
        Self {
            attempts,
            backoff,
            on: RetryOn::default(),
            max_retry_after: Duration::from_secs(3600),
            repeats_stale: true,
        }
    }

    /// Sets the maximum number of attempts of a delivery. Default: 10.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Attempts) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the delays between attempts. Default: [`Backoff::default`].
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Sets which failures are retried. Default: [`RetryOn::Transient`].
    #[must_use]
    pub fn with_retry_on(mut self, on: RetryOn) -> Self {
        self.on = on;
        self
    }

    /// Sets the longest `Retry-After` that is honoured. Default: 1 hour.
    ///
    /// A longer value is reduced to this maximum. If the maximum is zero, the header is ignored.
    ///
    /// A receiver can send the header with any response that is not a success, as a number of
    /// seconds or as a date ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)). A
    /// fraction of a second is rounded up. Other forms, such as `30s`, `+30` or `30, 60`, are
    /// ignored. The header blocks the whole webhook: none of the webhook's lanes
    /// starts an attempt until the time is over. The delivery that received the response waits at
    /// least as long. It waits longer if the backoff's delay is longer or the backoff has
    /// [jitter](super::Backoff). The formula is in
    /// [`design`](crate::design#how-does-retry-after-work).
    ///
    /// ```
    /// use recohook::http::{HeaderMap, StatusCode, header::RETRY_AFTER};
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::policy::{Backoff, Policy, Retry};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::{Duration, SystemTime};
    ///
    /// let backoff = Backoff::constant(Duration::from_secs(1))?;
    /// let retry = Retry::default().with_backoff(backoff);
    /// let retry = retry.with_max_retry_after(Duration::from_secs(60));
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
    ///     .with_policy(Policy::default().with_retry(retry));
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// engine.insert(1, webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due");
    ///
    /// let headers = HeaderMap::from_iter([(RETRY_AFTER, "3600".parse()?)]);
    /// let id = outgoing.attempt_id();
    /// engine.handle_response(id, StatusCode::SERVICE_UNAVAILABLE, &headers, now, wall);
    /// assert_eq!(engine.poll_timeout(), Some(now + Duration::from_secs(60)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_max_retry_after(mut self, longest: Duration) -> Self {
        self.max_retry_after = longest;
        self
    }

    /// Sets whether an attempt is repeated at once if it fails with
    /// [`StaleConnection`](crate::FailureKind::StaleConnection). Default: `true`.
    ///
    /// Such a repeat does not count as an attempt, and each attempt is repeated at most once. The
    /// receiver has most likely not seen the request. Set it to `false` if a request must never be
    /// sent twice without being counted. The attempt then fails as if the connection had been
    /// interrupted.
    ///
    /// ```
    /// use recohook::{Engine, FailureKind, Filter, Moment, Webhook};
    /// use recohook::findface::security::{Event, FILTERS};
    /// use std::time::SystemTime;
    ///
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// engine.insert(1, Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let stale = engine.poll_request(now, wall).expect("a request is due");
    /// engine.handle_failure(stale.attempt_id(), FailureKind::StaleConnection, now);
    ///
    /// let repeated = engine.poll_request(now, wall).expect("it is repeated at once");
    /// assert_eq!((repeated.attempt(), engine.total().attempts), (1, 0));
    /// engine.handle_failure(repeated.attempt_id(), FailureKind::StaleConnection, now);
    /// assert_eq!((engine.total().attempts, engine.total().failures), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_repeats_stale(mut self, repeats: bool) -> Self {
        self.repeats_stale = repeats;
        self
    }

    /// Returns whether an attempt is repeated at once if it fails with
    /// [`StaleConnection`](crate::FailureKind::StaleConnection).
    pub fn repeats_stale(&self) -> bool {
        self.repeats_stale
    }

    /// Returns the maximum number of attempts of a delivery.
    pub fn attempts(&self) -> Attempts {
        self.attempts
    }

    /// Returns which failures are retried.
    pub fn retry_on(&self) -> RetryOn {
        self.on
    }

    /// Returns the delays between attempts.
    pub fn backoff(&self) -> &Backoff {
        &self.backoff
    }

    /// Returns the longest `Retry-After` that is honoured.
    pub fn max_retry_after(&self) -> Duration {
        self.max_retry_after
    }
}

impl Default for Retry {
    /// Returns a policy with 10 attempts and the default [`Backoff`].
    fn default() -> Self {
        // In a `const`, a wrong value would be a compile error rather than a panic.
        const TEN: NonZeroU32 = NonZeroU32::new(10).expect("10 is not zero");
        Self::new(Attempts::Limited(TEN), Backoff::default())
    }
}

impl Attempts {
    /// Allows at most `attempts` attempts, including the first.
    ///
    /// # Errors
    /// Returns [`PolicyError::ZeroAttempts`] if `attempts` is 0. Some systems use 0 to mean that
    /// there is no limit. Use [`Attempts::Unlimited`] instead.
    pub fn at_most(attempts: u32) -> Result<Self, PolicyError> {
        NonZeroU32::new(attempts).map(Self::Limited).ok_or(PolicyError::ZeroAttempts)
    }

    /// Returns whether attempt number `attempt` is allowed. Attempts are counted from 1.
    pub fn allows(self, attempt: u32) -> bool {
        match self {
            Self::Limited(most) => attempt <= most.get(),
            Self::Unlimited => true,
        }
    }
}

impl RetryOn {
    /// Returns whether an attempt is retried after a response with this status.
    ///
    /// The [`Success`](super::Success) rule is checked first, so `status` must not be a success.
    ///
    /// ```
    /// use recohook::http::StatusCode;
    /// use recohook::policy::RetryOn;
    ///
    /// assert!(RetryOn::Transient.retries(StatusCode::SERVICE_UNAVAILABLE));
    /// assert!(RetryOn::Transient.retries(StatusCode::TOO_MANY_REQUESTS));
    /// assert!(!RetryOn::Transient.retries(StatusCode::NOT_FOUND));
    /// assert!(RetryOn::AnyFailure.retries(StatusCode::NOT_FOUND));
    /// ```
    pub fn retries(self, status: StatusCode) -> bool {
        match self {
            Self::AnyFailure => true,
            Self::Transient => {
                // These three are the only client errors that may go away with time.
                !status.is_client_error()
                    || matches!(
                        status,
                        StatusCode::REQUEST_TIMEOUT
                            | StatusCode::TOO_EARLY
                            | StatusCode::TOO_MANY_REQUESTS
                    )
            }
        }
    }
}
