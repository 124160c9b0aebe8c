use std::time::Duration;

use super::PolicyError;
use crate::base::random::Random;

/// How long to wait after each failed attempt.
///
/// The delay after attempt `n` is `first * factor^(n - 1)`, up to the cap. [`Jitter`] then makes
/// the delay random.
///
/// A receiver's `Retry-After` can make the delay longer. The delay is then at least the time that
/// the receiver asks for. If the backoff has jitter, the receiver's time is first extended by a
/// random duration between zero and the [base delay](Self::base).
/// [`design`](crate::design#how-does-retry-after-work) contains the formula and describes [a retry
/// step by step](crate::design#how-is-a-retry-scheduled-step-by-step).
///
/// ```
/// use recohook::policy::{Backoff, Jitter};
/// use std::time::Duration;
///
/// let backoff = Backoff::exponential(Duration::from_secs(1), 2.0, Duration::from_secs(5))?;
/// let delays: Vec<_> = backoff.delays(0).take(4).map(|delay| delay.as_secs()).collect();
/// assert_eq!(delays, [1, 2, 4, 5]);
///
/// // The default: from 1 second to 5 minutes, with equal jitter.
/// let default = Backoff::default();
/// assert_eq!(default.base(1), Duration::from_secs(1));
/// assert_eq!(default.base(2), Duration::from_secs(2));
/// assert_eq!(default.base(100), Duration::from_secs(300));
/// assert_eq!(default.jitter(), Jitter::Equal);
/// # Ok::<(), recohook::policy::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    factor: f64,
    cap: Duration,
    jitter: Jitter,
}

/// How much of a delay is random.
///
/// Without jitter, webhooks whose receivers failed at the same time would also be retried at the
/// same time. Later releases may add distributions.
///
/// ```
/// use recohook::policy::{Backoff, Jitter};
/// use std::time::Duration;
///
/// let delay = Duration::from_secs(8);
/// let backoff = Backoff::constant(delay)?.with_jitter(Jitter::Equal);
/// assert!(backoff.delays(7).take(100).all(|random| delay / 2 <= random && random <= delay));
/// # Ok::<(), recohook::policy::PolicyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Jitter {
    /// The delay is not random.
    #[default]
    None,
    /// A random duration from zero to the delay. Some retries are made almost at once.
    Full,
    /// A random duration from half the delay to the full delay.
    Equal,
}

impl Backoff {
    /// Creates a backoff whose delay starts at `first` and is multiplied by `factor` after each
    /// attempt, until it reaches `cap`. It has no jitter.
    ///
    /// ```
    /// use recohook::policy::{Backoff, PolicyError};
    /// use std::time::Duration;
    ///
    /// let (first, cap) = (Duration::from_millis(500), Duration::from_secs(60));
    /// let backoff = Backoff::exponential(first, 3.0, cap)?;
    /// assert_eq!(backoff.base(3), Duration::from_millis(4_500));
    /// assert_eq!(backoff.base(1_000), cap);
    ///
    /// assert_eq!(Backoff::exponential(first, 0.5, cap), Err(PolicyError::Factor(0.5)));
    /// # Ok::<(), PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// - Returns [`PolicyError::DelayTooShort`] if `first` is below 1 ms.
    /// - Returns [`PolicyError::DelayOverCap`] if `first` is above `cap`.
    /// - Returns [`PolicyError::Factor`] if `factor` is below 1, infinite or NaN.
    pub fn exponential(first: Duration, factor: f64, cap: Duration) -> Result<Self, PolicyError> {
        if first < Duration::from_millis(1) {
            return Err(PolicyError::DelayTooShort(first));
        }
        if first > cap {
            return Err(PolicyError::DelayOverCap { first, cap });
        }
        if !factor.is_finite() || factor < 1.0 {
            return Err(PolicyError::Factor(factor));
        }
        Ok(Self { first, factor, cap, jitter: Jitter::None })
    }

    /// Creates a backoff whose delay is the same after each attempt. It has no jitter.
    ///
    /// ```
    /// use recohook::policy::Backoff;
    /// use std::time::Duration;
    ///
    /// let backoff = Backoff::constant(Duration::from_secs(2))?;
    /// assert_eq!(backoff.base(1), backoff.base(1_000));
    /// # Ok::<(), recohook::policy::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`PolicyError::DelayTooShort`] if `delay` is below 1 ms.
    pub fn constant(delay: Duration) -> Result<Self, PolicyError> {
        Self::exponential(delay, 1.0, delay)
    }

    /// Sets the jitter.
    ///
    /// [`Backoff::default`] has [`Jitter::Equal`]. The constructors start with [`Jitter::None`].
    #[must_use]
    pub fn with_jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// Returns the jitter.
    pub fn jitter(&self) -> Jitter {
        self.jitter
    }

    /// Returns the delays after attempts 1, 2, 3 and so on, for tests or for display. The iterator
    /// has `u32::MAX` items. Jitter is generated from `seed`, so the same seed produces the same
    /// delays.
    ///
    /// ```
    /// use recohook::policy::{Attempts, Retry};
    /// use std::time::Duration;
    ///
    /// // How long does the default policy try? 10 attempts have 9 delays between them.
    /// let retry = Retry::default();
    /// assert_eq!(retry.attempts(), Attempts::at_most(10)?);
    /// let total: Duration = retry.backoff().delays(7).take(9).sum();
    /// assert!(Duration::from_secs(255) <= total && total <= Duration::from_secs(511));
    /// # Ok::<(), recohook::policy::PolicyError>(())
    /// ```
    pub fn delays(&self, seed: u64) -> impl Iterator<Item = Duration> + '_ {
        // The generator is separate, so that looking at delays does not change the delays of
        // deliveries.
        let mut random = Random::new(seed);
        (1..=u32::MAX).map(move |attempt| self.delay(attempt, &mut random))
    }

    /// Returns the delay after an attempt, before jitter. Attempts are counted from 1, and 0 is
    /// treated as 1.
    pub fn base(&self, attempt: u32) -> Duration {
        // The delay is computed as `f64`, because the product would soon overflow a `Duration`. The
        // comparison is also true for infinity, so only delays below the cap are converted.
        let delay = self.first.as_secs_f64() * power(self.factor, attempt.saturating_sub(1));
        if delay >= self.cap.as_secs_f64() { self.cap } else { Duration::from_secs_f64(delay) }
    }

    /// Returns the delay after an attempt, with jitter. Attempts are counted from 1.
    pub(crate) fn delay(&self, attempt: u32, random: &mut Random) -> Duration {
        let base = self.base(attempt);
        match self.jitter {
            Jitter::None => base,
            Jitter::Full => random.up_to(base),
            Jitter::Equal => {
                // If the number of nanoseconds is odd, the other half is the larger one.
                let half = base / 2;
                half + random.up_to(base - half)
            }
        }
    }

    /// Returns the time to add to a `Retry-After`. Without it, webhooks that received the same
    /// `Retry-After` would all be retried at the same time.
    pub(crate) fn spread(&self, attempt: u32, random: &mut Random) -> Duration {
        match self.jitter {
            Jitter::None => Duration::ZERO,
            // Both ranges start from zero, because the `Retry-After` itself is the part that is not
            // random.
            Jitter::Full | Jitter::Equal => random.up_to(self.base(attempt)),
        }
    }
}

impl Default for Backoff {
    /// Returns a backoff of 1 s that doubles after each attempt, up to 5 min, with equal jitter.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            factor: 2.0,
            cap: Duration::from_secs(300),
            jitter: Jitter::Equal,
        }
    }
}

/// Returns `base` to the power of `exponent`.
///
/// It uses repeated squaring, which takes at most 32 steps. `powi` may round differently on each
/// platform, but the same seed must produce the same delays everywhere.
fn power(mut base: f64, mut exponent: u32) -> f64 {
    let mut power = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power *= base;
        }
        base *= base;
        exponent /= 2;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_factors_and_attempts_stop_at_the_cap() {
        let cap = Duration::from_secs(7);
        for factor in [1.0000001, 2.0, 1e300] {
            let backoff = Backoff::exponential(Duration::from_millis(1), factor, cap).unwrap();
            assert_eq!(backoff.base(1), Duration::from_millis(1), "factor {factor}");
            assert!(backoff.base(4_000_000) <= cap, "factor {factor}");
            assert_eq!(backoff.base(u32::MAX), cap, "factor {factor}");
        }
        let longest = Backoff::exponential(Duration::MAX, 9.0, Duration::MAX).unwrap();
        assert_eq!(longest.base(9), Duration::MAX);
        assert_eq!(longest.with_jitter(Jitter::Full).delays(3).take(9).count(), 9);
    }

    #[test]
    fn jitter_stays_in_its_range_and_uses_it() {
        let base = Duration::from_secs(8);
        for (jitter, least) in [(Jitter::Full, 0.0), (Jitter::Equal, 4.0)] {
            let backoff = Backoff::constant(base).unwrap().with_jitter(jitter);
            let delays: Vec<_> =
                backoff.delays(11).take(2_000).map(|delay| delay.as_secs_f64()).collect();
            let low = delays.iter().copied().fold(f64::MAX, f64::min);
            let high = delays.iter().copied().fold(0.0, f64::max);
            assert!(low >= least && low < least + 0.1, "{jitter:?}: lowest {low}");
            assert!(high <= 8.0 && high > 7.9, "{jitter:?}: highest {high}");
            assert_eq!(backoff.delays(5).nth(99), backoff.delays(5).nth(99));
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        let second = Duration::from_secs(1);
        assert_eq!(
            Backoff::constant(Duration::from_micros(999)),
            Err(PolicyError::DelayTooShort(Duration::from_micros(999)))
        );
        assert_eq!(
            Backoff::exponential(second, 2.0, second / 2),
            Err(PolicyError::DelayOverCap { first: second, cap: second / 2 })
        );
        for factor in [0.5, -1.0, f64::NAN, f64::INFINITY] {
            let error = Backoff::exponential(second, factor, second).unwrap_err();
            assert!(matches!(error, PolicyError::Factor(_)), "{factor}: {error}");
        }
    }
}
