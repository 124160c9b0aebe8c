use std::sync::Arc;

use crate::base::sync::{
    self,
    atomic::{AtomicUsize, Ordering},
};

/// The total number of bytes of all payloads. Each payload counts once, however many queues share
/// it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget(Arc<AtomicUsize>);

/// One payload's share of the budget. Dropping it returns the bytes.
#[derive(Debug)]
pub(crate) struct Share {
    bytes: usize,
    of: Budget,
}

impl Budget {
    /// Takes `bytes` from the budget. If the total would exceed `limit`, returns `None` and takes
    /// nothing.
    pub(crate) fn take(&self, bytes: usize, limit: usize) -> Option<Share> {
        let fits = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= limit);
        // `Relaxed` suffices, because the total does not guard other memory. Threads only have to
        // agree on the sum.
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Share { bytes, of: self.clone() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // A share is dropped together with its payload. Freeing the payload takes time, so it must
        // not happen while a lock is held.
        sync::assert_unlocked();
        self.of.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
