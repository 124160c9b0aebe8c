use std::{num::NonZeroUsize, time::Duration};

use super::PolicyError;

/// When a batch is ready, and how large it gets.
///
/// A batch leaves when it is full by count or by bytes, or when its oldest member has waited for
/// the linger. It is cut at the moment it leaves: while a lane is busy, its batch goes on growing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batching {
    max_items: NonZeroUsize,
    max_bytes: NonZeroUsize,
    linger: Duration,
}

impl Batching {
    /// Batches of at most `max_items` notifications.
    ///
    /// # Errors
    /// [`PolicyError::ZeroBatch`] for zero.
    pub fn at_most(max_items: usize) -> Result<Self, PolicyError> {
        let max_items = NonZeroUsize::new(max_items).ok_or(PolicyError::ZeroBatch)?;
        Ok(Self { max_items, ..Self::default() })
    }

    /// Sets the most bytes of a batch, counted over the members' JSON texts. A single larger
    /// notification is sent alone. Default 8 MiB.
    ///
    /// # Errors
    /// [`PolicyError::ZeroBatchBytes`] for zero.
    pub fn with_max_bytes(mut self, max_bytes: usize) -> Result<Self, PolicyError> {
        self.max_bytes = NonZeroUsize::new(max_bytes).ok_or(PolicyError::ZeroBatchBytes)?;
        Ok(self)
    }

    /// Sets how long a notification may wait for others to fill its batch. Default 0: a batch is
    /// what has gathered by the time the lane is free.
    #[must_use]
    pub fn with_linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// The most notifications in a batch.
    pub fn max_items(&self) -> usize {
        self.max_items.get()
    }

    /// The most bytes in a batch.
    pub fn max_bytes(&self) -> usize {
        self.max_bytes.get()
    }

    /// How long a notification may wait for others.
    pub fn linger(&self) -> Duration {
        self.linger
    }
}

impl Default for Batching {
    /// One notification, at once.
    fn default() -> Self {
        Self {
            max_items: NonZeroUsize::MIN,
            max_bytes: const { NonZeroUsize::new(8 * 1024 * 1024).expect("8 MiB is not zero") },
            linger: Duration::ZERO,
        }
    }
}
