use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use futures::Stream;

use crate::dispatch::Report;

/// A subscription to what happens: a [`Report`] for each attempt and each fate, from the moment of
/// subscribing on.
///
/// It is a `Stream`, and [`try_next`](Self::try_next) asks without waiting. Reports stand in one
/// bounded ring for all subscriptions; one that falls behind is told how many it has missed. A
/// report keeps its batch alive, and the payloads' bytes count while the ring holds it.
pub struct Reports {
    ring: Arc<Ring>,
    /// The number of the report to read next.
    next: u64,
    waker: WakerId,
}

/// What a subscription yields.
#[derive(Clone, Debug)]
pub enum Reported {
    /// Something happened.
    Report(Report),
    /// So many reports were overwritten before they were read.
    Lagged(u64),
}

/// The reports that subscriptions may still read.
pub(crate) struct Ring {
    capacity: usize,
    subscriptions: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reports: VecDeque<Report>,
    /// The number of the first report in the ring.
    first: u64,
    closed: bool,
    wakers: Vec<(WakerId, Waker)>,
    last_id: u64,
}

type WakerId = u64;

impl Ring {
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
        self.subscriptions.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state();
        state.last_id += 1;
        let next = state.first + state.reports.len() as u64;
        Reports { ring: Arc::clone(self), next, waker: state.last_id }
    }

    /// Adds reports and wakes the subscriptions.
    pub(crate) fn extend(&self, reports: Vec<Report>) {
        if reports.is_empty() {
            return;
        }
        let mut state = self.state();
        let mut pushed_out = Vec::new();
        for report in reports {
            if state.reports.len() == self.capacity {
                pushed_out.extend(state.reports.pop_front());
                state.first += 1;
            }
            state.reports.push_back(report);
        }
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// No report will follow.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(|(_, waker)| waker.wake());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reports {
    /// The next report, if one is there.
    pub fn try_next(&mut self) -> Option<Reported> {
        let ring = Arc::clone(&self.ring);
        let state = ring.state();
        self.read(&state)
    }

    fn read(&mut self, state: &State) -> Option<Reported> {
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

/// Ends when the notifier has ended and all is read.
impl Stream for Reports {
    type Item = Reported;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Reported>> {
        let waker = context.waker().clone();
        let ring = Arc::clone(&self.ring);
        let mut state = ring.state();
        if let Some(reported) = self.read(&state) {
            return Poll::Ready(Some(reported));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        let id = self.waker;
        state.wakers.retain(|(of, _)| *of != id);
        state.wakers.push((id, waker));
        Poll::Pending
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        let last = self.ring.subscriptions.fetch_sub(1, Ordering::Relaxed) == 1;
        let id = self.waker;
        let mut state = self.ring.state();
        state.wakers.retain(|(of, _)| *of != id);
        if last {
            // Nobody reads them, and they hold payloads. Freed after the lock.
            let unread = std::mem::take(&mut state.reports);
            state.first += unread.len() as u64;
            drop(state);
        }
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports").field("next", &self.next).finish_non_exhaustive()
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
