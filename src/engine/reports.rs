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

/// A subscription to the reports of a [`Notifier`](crate::Notifier) or an
/// [`Engine`](crate::Engine).
///
/// It yields a [`Report`] for each attempt that has an outcome, and for notifications that are
/// given up, dropped or rejected. It begins with the first event after the subscription.
/// [`next`](Self::next) waits for a report, and [`try_next`](Self::try_next) does not. It is also a
/// [`Stream`].
///
/// It ends after the shutdown, once all reports are read. If an engine is dropped without a
/// [`shutdown`](crate::Engine::shutdown), its subscriptions never end.
///
/// ```
/// use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
/// use recohook::http::{HeaderMap, StatusCode};
/// use std::time::SystemTime;
/// use recohook::{Reported, report::ReportEvent};
///
/// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
/// engine.insert("front", webhook, now)?;
///
/// let mut reports = engine.reports();
/// engine.publish(&Event::new("42"), now)?;
/// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
/// let (id, headers) = (outgoing.attempt_id(), HeaderMap::new());
/// engine.handle_response(id, StatusCode::OK, &headers, now, wall);
///
/// match reports.try_next() {
///     Some(Reported::Report(report)) => {
///         assert!(matches!(report.event(), ReportEvent::Delivered { attempt: 1, .. }));
///     }
///     Some(Reported::Lagged(missed)) => panic!("{missed} reports are missing"),
///     None => panic!("there is no report yet"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Memory
///
/// All subscriptions read from one ring, whose capacity is
/// [`Config::with_max_reports`](crate::Config::with_max_reports). If a subscription falls further
/// behind, it gets [`Reported::Lagged`] and continues with the oldest report in the ring.
///
/// The ring keeps the payloads of its reports in memory until newer reports overwrite them, whether
/// they were read or not. These bytes count towards
/// [`Limits::max_queue_bytes`](crate::Limits::max_queue_bytes). When the last subscription is
/// dropped, the ring is emptied.
pub struct Reports {
    ring: Arc<ReportRing>,
    /// The number of the report to read next. Reports are numbered from 0, as they enter the ring.
    next: u64,
    waker: WakerId,
}

/// An item of a [`Reports`] subscription.
///
/// It is not `non_exhaustive`: a `match` names both variants, so no reader forgets that reports may
/// be missing.
///
/// ```
/// use recohook::Reported;
///
/// fn line(reported: &Reported) -> String {
///     match reported {
///         Reported::Report(report) => report.to_string(),
///         Reported::Lagged(missed) => format!("{missed} reports are missing"),
///     }
/// }
/// assert_eq!(line(&Reported::Lagged(3)), "3 reports are missing");
/// ```
#[derive(Clone, Debug)]
pub enum Reported {
    /// A report of an event.
    Report(Report),
    /// The number of reports, at least 1, that were overwritten before this subscription read them.
    Lagged(u64),
}

/// A ring of the reports that subscriptions may still read.
///
/// A notifier takes its lock while it holds the dispatcher's lock, so that the reports are in the
/// order of their events on all threads. No code of the host runs under it: [`ReaderWakers`] takes
/// wakers and payloads out of it.
pub(crate) struct ReportRing {
    /// At least 1.
    capacity: usize,
    /// The number of subscriptions. It changes under the lock and is read without it.
    subscriptions: AtomicUsize,
    state: Mutex<ReportRingState>,
}

/// The wakers to call and the reports to free, once no lock is held.
#[must_use]
#[derive(Default)]
pub(crate) struct ReaderWakers {
    wakers: Vec<(WakerId, Waker)>,
    /// Only here to be dropped with this value.
    _freed: Vec<Report>,
}

/// The reports and the readers that wait for more.
#[derive(Default)]
struct ReportRingState {
    reports: VecDeque<Report>,
    /// The number of the first report in the ring.
    first: u64,
    /// Whether the last report is in the ring.
    closed: bool,
    /// At most one for each subscription. A list suits, since subscriptions are few.
    wakers: Vec<(WakerId, Waker)>,
    last_id: u64,
}

/// The number of a subscription, which names its waker. It is never used again.
type WakerId = u64;

impl ReportRing {
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity: capacity.max(1),
            subscriptions: AtomicUsize::new(0),
            state: Mutex::default(),
        })
    }

    /// Returns whether anybody may read reports, without a lock.
    pub(crate) fn has_subscriptions(&self) -> bool {
        // The count may be stale if a subscription begins at this moment. Nothing orders that
        // subscription and the present event, so either answer is right.
        self.subscriptions.load(Ordering::Relaxed) > 0
    }

    /// Adds a subscription that begins with the next report.
    pub(crate) fn subscribe(self: &Arc<Self>) -> Reports {
        let mut state = self.state();
        self.subscriptions.fetch_add(1, Ordering::Relaxed);
        state.last_id += 1;
        let next = state.first + state.reports.len() as u64;
        Reports { ring: Arc::clone(self), next, waker: state.last_id }
    }

    /// Adds reports. If they are the `last`, all later ones are discarded and the subscriptions
    /// end.
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
    /// Wakes the readers, then frees the reports.
    pub(crate) fn wake(self) {
        // Wakers are the host's code, and payloads take time to free.
        sync::assert_unlocked();
        self.wakers.into_iter().for_each(|(_, waker)| waker.wake());
    }
}

impl Guarded for ReportRingState {
    const ORDER: LockOrder = LockOrder::Reports;
}

impl ReportRingState {
    /// Removes the waker of a subscription, for the caller to drop after unlocking.
    fn remove_waker(&mut self, id: WakerId) -> Option<(WakerId, Waker)> {
        let at = self.wakers.iter().position(|(of, _)| *of == id)?;
        Some(self.wakers.swap_remove(at))
    }
}

impl Reports {
    /// Waits for the next report and returns it.
    ///
    /// Returns `None` after the shutdown, once all reports are read. It returns at once if a report
    /// is there already.
    ///
    /// ```
    /// use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// use recohook::Reported;
    ///
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    ///
    /// let mut reports = engine.reports();
    /// engine.publish(&Event::new("42"), now)?;
    /// engine.shutdown(); // drops the event
    ///
    /// futures::executor::block_on(async {
    ///     assert!(matches!(reports.next().await, Some(Reported::Report(_))));
    ///     assert!(reports.next().await.is_none());
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Cancel safety
    /// This method is cancel safe. If the future is dropped before it completes, no report is lost:
    /// the next call returns it.
    pub async fn next(&mut self) -> Option<Reported> {
        StreamExt::next(self).await
    }

    /// Returns the next report, or `None` if there is none yet or the subscription has ended.
    ///
    /// It never waits for a report. It takes a short lock.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let mut reports = engine.reports();
    /// assert!(reports.try_next().is_none());
    /// engine.remove("front", now)?; // drops what is queued
    /// assert!(reports.try_next().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_next(&mut self) -> Option<Reported> {
        // Cloned, so that the guard does not borrow `self`, which `read` changes.
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
        // `next` is at most one past the last report, so the difference fits.
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
        // Wakers are cloned before the lock and dropped after it: both run the host's code.
        let waker = context.waker().clone();
        let ring = Arc::clone(&self.ring);
        let mut state = ring.state();
        let reported = self.read(&state);
        if reported.is_some() || state.closed {
            drop(state);
            return Poll::Ready(reported);
        }
        // Added under the same lock as the read above. So no report can come in between, and no
        // wake-up is lost.
        let replaced = state.remove_waker(id);
        state.wakers.push((id, waker));
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

/// Empties the ring if this was the last subscription.
impl Drop for Reports {
    fn drop(&mut self) {
        let mut state = self.ring.state();
        let removed_waker = state.remove_waker(self.waker);
        let is_last = self.ring.subscriptions.fetch_sub(1, Ordering::Relaxed) == 1;
        // Nobody reads the reports any more, and they hold payloads.
        let unread = if is_last { std::mem::take(&mut state.reports) } else { VecDeque::new() };
        // They count as overwritten, so that later reports get new numbers.
        state.first += unread.len() as u64;
        drop(state);
        // A waker is the host's code, and payloads take time to free.
        drop((removed_waker, unread));
    }
}

/// Leaves out the ring, which may hold many reports.
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
