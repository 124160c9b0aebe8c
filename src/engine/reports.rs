use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use futures::{Stream, StreamExt};

use crate::{
    base::sync::{
        self, Guarded, LockOrder, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    dispatch::Report,
};

/// A subscription to what happens from its beginning on: a [`Report`] of each attempt, and of each
/// notification that is dropped or rejected.
///
/// [`next`](Self::next) waits for the next report and [`try_next`](Self::try_next) does not wait.
/// A subscription is a `Stream`, too, which ends after the shutdown of the
/// [`Notifier`](crate::Notifier) or [`Engine`](crate::Engine).
///
/// All subscriptions read from one bounded ring. One that falls behind learns how many reports it
/// has missed. A report keeps its batch alive, and the bytes of the payloads count as long as the
/// ring holds it.
pub struct Reports {
    ring: Arc<ReportRing>,
    /// The number of the report to read next.
    next: u64,
    waker: WakerId,
}

/// What a subscription yields.
///
/// It is not `non_exhaustive`: a `match` names both variants, so no reader forgets that reports may
/// be missing.
#[derive(Clone, Debug)]
pub enum Reported {
    /// Something happened.
    Report(Report),
    /// This many reports were overwritten before they were read.
    Lagged(u64),
}

/// The reports that subscriptions may still read.
///
/// Its lock may be taken under the dispatcher's, so that the reports are in the order in which
/// things happened, on whichever thread. No code of the host runs under it: [`ReaderWakers`]
/// carries wakers and payloads out of it.
pub(crate) struct ReportRing {
    capacity: usize,
    /// Changes under the lock; read without it.
    subscriptions: AtomicUsize,
    state: Mutex<ReportRingState>,
}

/// What to wake and what to free, once no lock is held.
#[must_use]
#[derive(Default)]
pub(crate) struct ReaderWakers {
    wakers: Vec<(WakerId, Waker)>,
    /// Kept only to be dropped with this value.
    _freed: Vec<Report>,
}

#[derive(Default)]
struct ReportRingState {
    reports: VecDeque<Report>,
    /// The number of the first report in the ring.
    first: u64,
    closed: bool,
    wakers: Vec<(WakerId, Waker)>,
    last_id: u64,
}

type WakerId = u64;

impl ReportRing {
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity: capacity.max(1),
            subscriptions: AtomicUsize::new(0),
            state: Mutex::default(),
        })
    }

    pub(crate) fn has_subscriptions(&self) -> bool {
        self.subscriptions.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn subscribe(self: &Arc<Self>) -> Reports {
        let mut state = self.state();
        self.subscriptions.fetch_add(1, Ordering::Relaxed);
        state.last_id += 1;
        let next = state.first + state.reports.len() as u64;
        Reports { ring: Arc::clone(self), next, waker: state.last_id }
    }

    /// Adds reports. If they are the `last`, no others follow and the subscriptions end.
    pub(crate) fn extend(&self, reports: Vec<Report>, last: bool) -> ReaderWakers {
        let mut state = self.state();
        if state.closed || !self.has_subscriptions() {
            // Nobody would read the reports, and they hold payloads.
            state.closed |= last;
            return ReaderWakers { wakers: Vec::new(), _freed: reports };
        }
        state.closed = last;
        let mut freed = Vec::new();
        for report in reports {
            if state.reports.len() == self.capacity {
                freed.extend(state.reports.pop_front());
                state.first += 1;
            }
            state.reports.push_back(report);
        }
        ReaderWakers { wakers: std::mem::take(&mut state.wakers), _freed: freed }
    }

    fn state(&self) -> MutexGuard<'_, ReportRingState> {
        self.state.lock()
    }
}

impl ReaderWakers {
    pub(crate) fn wake(self) {
        sync::assert_unlocked();
        self.wakers.into_iter().for_each(|(_, waker)| waker.wake());
    }
}

impl Guarded for ReportRingState {
    const ORDER: LockOrder = LockOrder::Reports;
}

impl ReportRingState {
    fn remove_waker(&mut self, id: WakerId) -> Option<(WakerId, Waker)> {
        let at = self.wakers.iter().position(|(of, _)| *of == id)?;
        Some(self.wakers.swap_remove(at))
    }
}

impl Reports {
    /// Waits for the next report and returns it. Returns `None` after the shutdown, once all
    /// reports are read. If the wait is dropped, no report is missed.
    pub async fn next(&mut self) -> Option<Reported> {
        StreamExt::next(self).await
    }

    /// Returns the next report, or `None` if there is none yet.
    pub fn try_next(&mut self) -> Option<Reported> {
        let ring = Arc::clone(&self.ring);
        let state = ring.state();
        self.read(&state)
    }

    fn read(&mut self, state: &ReportRingState) -> Option<Reported> {
        if self.next < state.first {
            let missed = state.first - self.next;
            self.next = state.first;
            return Some(Reported::Lagged(missed));
        }
        let report = state.reports.get(usize::try_from(self.next - state.first).ok()?)?;
        self.next += 1;
        Some(Reported::Report(report.clone()))
    }
}

/// Ends after the shutdown of the notifier or engine, once all reports are read.
impl Stream for Reports {
    type Item = Reported;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Reported>> {
        let id = self.waker;
        // Wakers are cloned and dropped outside of the lock: both are the host's code.
        let waker = context.waker().clone();
        let ring = Arc::clone(&self.ring);
        let mut state = ring.state();
        let reported = self.read(&state);
        if reported.is_some() || state.closed {
            drop(state);
            return Poll::Ready(reported);
        }
        let replaced = state.remove_waker(id);
        state.wakers.push((id, waker));
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        let mut state = self.ring.state();
        let removed_waker = state.remove_waker(self.waker);
        let is_last = self.ring.subscriptions.fetch_sub(1, Ordering::Relaxed) == 1;
        // Nobody reads them, and they hold payloads.
        let unread = if is_last { std::mem::take(&mut state.reports) } else { VecDeque::new() };
        state.first += unread.len() as u64;
        drop(state);
        drop((removed_waker, unread));
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports").field("next", &self.next).finish_non_exhaustive()
    }
}

impl fmt::Debug for ReportRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportRing").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
