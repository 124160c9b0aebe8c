use std::time::Duration;

use super::PolicyError;
use crate::base::random::Random;

/// How long to wait after each failed attempt: `first * factor^(n - 1)` after attempt n, at most
/// the cap, with or without jitter.
///
/// ```
/// use recohook::policy::Backoff;
/// use std::time::Duration;
///
/// # fn main() -> Result<(), recohook::policy::PolicyError> {
/// let backoff = Backoff::exponential(Duration::from_secs(1), 2.0, Duration::from_secs(5))?;
/// let delays: Vec<_> = backoff.delays(0).take(4).map(|delay| delay.as_secs()).collect();
/// assert_eq!(delays, [1, 2, 4, 5]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    factor: f64,
    cap: Duration,
    jitter: Jitter,
}

/// How much chance there is in a delay, so that webhooks that failed together don't come back
/// together. Other distributions may come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Jitter {
    /// None: the delay as computed.
    #[default]
    None,
    /// Anything from nothing to the whole delay.
    Full,
    /// Half the delay, and anything up to the other half.
    Equal,
}

impl Backoff {
    /// A delay that grows by `factor` from `first` up to `cap`.
    ///
    /// # Errors
    /// [`PolicyError::DelayTooShort`] where `first` is under 1 ms, [`PolicyError::DelayOverCap`]
    /// where it is over `cap`, [`PolicyError::Factor`] where `factor` is no number from 1.
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

    /// The same delay after each attempt.
    ///
    /// # Errors
    /// [`PolicyError::DelayTooShort`] where it is under 1 ms.
    pub fn constant(delay: Duration) -> Result<Self, PolicyError> {
        Self::exponential(delay, 1.0, delay)
    }

    /// Sets the jitter. Default: none.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// The jitter.
    pub fn jitter(&self) -> Jitter {
        self.jitter
    }

    /// The delays after attempts 1, 2, 3 and so on without end, with jitter drawn from `seed`.
    pub fn delays(&self, seed: u64) -> impl Iterator<Item = Duration> + '_ {
        let mut random = Random::new(seed);
        (1..=u32::MAX).map(move |attempt| self.delay(attempt, &mut random))
    }

    /// The delay after `attempt`, counted from 1, before jitter.
    pub fn base(&self, attempt: u32) -> Duration {
        let delay = self.first.as_secs_f64() * power(self.factor, attempt.saturating_sub(1));
        if delay >= self.cap.as_secs_f64() { self.cap } else { Duration::from_secs_f64(delay) }
    }

    /// The delay after `attempt`, counted from 1, with jitter.
    pub(crate) fn delay(&self, attempt: u32, random: &mut Random) -> Duration {
        let base = self.base(attempt);
        match self.jitter {
            Jitter::None => base,
            Jitter::Full => random.up_to(base),
            Jitter::Equal => {
                let half = base / 2;
                half + random.up_to(base - half)
            }
        }
    }

    /// What jitter adds to a wait the receiver has asked for.
    pub(crate) fn spread(&self, attempt: u32, random: &mut Random) -> Duration {
        match self.jitter {
            Jitter::None => Duration::ZERO,
            Jitter::Full | Jitter::Equal => random.up_to(self.base(attempt)),
        }
    }
}

impl Default for Backoff {
    /// From 1 s, doubled each time, up to 5 min, with equal jitter.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            factor: 2.0,
            cap: Duration::from_secs(300),
            jitter: Jitter::Equal,
        }
    }
}

/// By squaring, in multiplications alone: the same on every machine, which `powi` does not
/// promise, and quick for the billionth attempt.
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
