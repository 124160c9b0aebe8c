use std::sync::Arc;

use crate::base::sync::{
    self,
    atomic::{AtomicUsize, Ordering},
};

/// The number of bytes that all payloads hold together. Each payload counts once, however many
/// queues share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget(Arc<AtomicUsize>);

/// One payload's part of the budget. Dropping it gives the bytes back.
#[derive(Debug)]
pub(crate) struct Share {
    bytes: usize,
    of: Budget,
}

impl Budget {
    /// Takes `bytes` from the budget. Returns `None`, and takes nothing, if the total would then
    /// exceed `limit`.
    pub(crate) fn take(&self, bytes: usize, limit: usize) -> Option<Share> {
        let fits = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= limit);
        // Relaxed: the total guards no other memory. Threads only have to agree on the sum.
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Share { bytes, of: self.clone() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // A share is dropped with its payload. Freeing that takes time, so it must not happen
        // under a lock either.
        sync::assert_unlocked();
        self.of.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
