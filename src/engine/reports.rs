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
/// It yields a [`Report`] for every attempt that has an outcome and for notifications that are
/// given up, dropped or rejected. The first report is about the first event after the subscription
/// was created. [`next`](Self::next) waits for a report, but [`try_next`](Self::try_next) does not.
/// A subscription is also a [`Stream`].
///
/// A subscription ends after the shutdown, once all reports have been read. If an engine is dropped
/// without a [`shutdown`](crate::Engine::shutdown), its subscriptions never end.
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
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Memory
///
/// All subscriptions read from the same ring, whose capacity is set with
/// [`Config::with_max_reports`](crate::Config::with_max_reports). If a subscription falls behind by
/// more than this capacity, it yields [`Reported::Lagged`] and continues with the oldest report in
/// the ring.
///
/// The ring keeps the payloads of its reports in memory until newer reports overwrite them, whether
/// or not they have been read. These bytes count towards
/// [`Limits::max_queue_bytes`](crate::Limits::max_queue_bytes). When the last subscription is
/// dropped, the ring is emptied.
pub struct Reports {
    ring: Arc<ReportRing>,
    /// The number of the report to read next. Reports are numbered from 0 in the order in which
    /// they enter the ring.
    next: u64,
    waker: WakerId,
}

/// An item that a [`Reports`] subscription yields.
///
/// The enum is not `non_exhaustive`. A `match` must therefore cover all variants, so no reader
/// forgets that reports may be missing. `Display` writes one line for each of them.
///
/// ```
/// use recohook::Reported;
///
/// fn is_complete(reported: &Reported) -> bool {
///     match reported {
///         Reported::Report(_) | Reported::Unknown(_) => true,
///         Reported::Lagged(_) => false,
///     }
/// }
/// assert!(!is_complete(&Reported::Lagged(3)));
/// assert_eq!(Reported::Lagged(3).to_string(), "3 reports are missing");
/// ```
#[derive(Clone, Debug)]
pub enum Reported {
    /// A report of an event.
    Report(Report),
    /// A notification of a topic that no registered webhook knows.
    Unknown(UnknownNotification),
    /// The number of reports, at least 1, that were overwritten before this subscription read them.
    Lagged(u64),
}

/// A notification that matched no webhook because its topic is in none of their filter tables.
///
/// This happens if a server is upgraded and sends a new kind of notification, which even the filter
/// `{}` does not contain. Update the host, or register a webhook that
/// [accepts such notifications](crate::Webhook::with_unknown_topics).
///
/// Every such notification is counted ([`Engine::unknown_notifications`],
/// [`Notifier::unknown_notifications`]), but only the first, the second, the fourth, the eighth and
/// so on is reported, so that a flood of them does not displace other reports.
///
/// ```
/// use recohook::findface::security::{FILTERS, RAW};
/// use recohook::{Engine, Filter, Moment, Reported, Webhook, raw::Reader};
///
/// let (mut engine, now) = (Engine::new(), Moment::ZERO);
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
/// engine.insert("front", webhook, now)?;
/// let mut reports = engine.reports();
///
/// let mut reader = Reader::new(&RAW);
/// let areas = reader.read(br#"{"id": 7, "webhook_type": "areas"}"#)?;
/// assert!(engine.publish(&areas, now)?.is_unknown);
/// assert_eq!(engine.unknown_notifications(), 1);
///
/// let Some(Reported::Unknown(unknown)) = reports.try_next() else { panic!("no report") };
/// assert_eq!(unknown.topic(), "other");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Engine::unknown_notifications`]: crate::Engine::unknown_notifications
/// [`Notifier::unknown_notifications`]: crate::Notifier::unknown_notifications
#[derive(Clone, Debug)]
pub struct UnknownNotification {
    pub(super) topic: &'static str,
    pub(super) kind: Box<str>,
    pub(super) count: u64,
}

impl UnknownNotification {
    /// Returns the topic of the notification.
    pub fn topic(&self) -> &'static str {
        self.topic
    }

    /// Returns the kind of the notification. It can be empty.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the number of such notifications so far, including this one.
    pub fn count(&self) -> u64 {
        self.count
    }
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Report(report) => report.fmt(f),
            Self::Unknown(unknown) => unknown.fmt(f),
            Self::Lagged(missed) => write!(f, "{missed} reports are missing"),
        }
    }
}

impl fmt::Display for UnknownNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The kind comes from a notification and can contain line breaks.
        let (topic, kind, count) = (self.topic, self.kind.escape_debug(), self.count);
        write!(
            f,
            "no webhook has filter keys for a notification of the topic \"{topic}\" and the kind \
             \"{kind}\" ({count} so far)"
        )
    }
}

/// A ring of reports that subscriptions may still read.
///
/// A notifier locks the ring while it holds the dispatcher's lock, so that reports from all threads
/// are in the order of their events. The host's code never runs under the ring's lock, because
/// wakers and payloads are first moved into [`ReaderWakers`].
pub(crate) struct ReportRing {
    /// The maximum number of reports in the ring, at least 1.
    capacity: usize,
    /// The number of subscriptions. It is changed under the lock but read without it.
    subscriptions: AtomicUsize,
    state: Mutex<ReportRingState>,
}

/// The wakers to call and the reports to free once no lock is held.
#[must_use]
#[derive(Default)]
pub(crate) struct ReaderWakers {
    wakers: Vec<(WakerId, Waker)>,
    /// These reports are kept only to be dropped with this value.
    _freed: Vec<Reported>,
}

/// The reports in the ring and the readers that are waiting for more.
#[derive(Default)]
struct ReportRingState {
    /// Reports and unknown notifications.
    reports: VecDeque<Reported>,
    /// The sequence number of the first report in the ring.
    first: u64,
    /// Whether the last report has been added.
    closed: bool,
    /// The wakers of the waiting readers, at most one for each subscription. A list is sufficient,
    /// because there are only a few subscriptions.
    wakers: Vec<(WakerId, Waker)>,
    last_id: u64,
}

/// The number of a subscription, which identifies its waker. Numbers are never reused.
type WakerId = u64;

impl ReportRing {
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity: capacity.max(1),
            subscriptions: AtomicUsize::new(0),
            state: Mutex::default(),
        })
    }

    /// Returns whether anybody may read reports. Takes no lock.
    pub(crate) fn has_subscriptions(&self) -> bool {
        // The count may be stale if a subscription is being created at this moment. That
        // subscription and the current event have no defined order, so either result is correct.
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

    /// Adds reports. If `last` is `true`, all later reports are discarded and the subscriptions
    /// end.
    pub(crate) fn extend(&self, reports: Vec<Report>, last: bool) -> ReaderWakers {
        self.add(reports.into_iter().map(Reported::Report), last)
    }

    /// Adds the report of a notification whose topic no registered webhook knows.
    pub(super) fn push(&self, unknown: UnknownNotification) -> ReaderWakers {
        self.add(std::iter::once(Reported::Unknown(unknown)), false)
    }

    fn add(&self, reports: impl Iterator<Item = Reported>, last: bool) -> ReaderWakers {
        let mut state = self.state();
        if state.closed || !self.has_subscriptions() {
            // Nobody would read the reports, and they keep payloads in memory.
            state.closed |= last;
            return ReaderWakers { wakers: Vec::new(), _freed: reports.collect() };
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
    /// Wakes the readers and then frees the reports.
    pub(crate) fn wake(self) {
        // Wakers run the host's code, and freeing payloads takes time.
        sync::assert_unlocked();
        self.wakers.into_iter().for_each(|(_, waker)| waker.wake());
    }
}

impl Guarded for ReportRingState {
    const ORDER: LockOrder = LockOrder::Reports;
}

impl ReportRingState {
    /// Removes the waker of a subscription and returns it, so that the caller can drop it after
    /// unlocking.
    fn remove_waker(&mut self, id: WakerId) -> Option<(WakerId, Waker)> {
        let at = self.wakers.iter().position(|(of, _)| *of == id)?;
        Some(self.wakers.swap_remove(at))
    }
}

impl Reports {
    /// Waits for the next report and returns it.
    ///
    /// Returns `None` after the shutdown, once all reports have been read. If a report is already
    /// available, the method returns it immediately.
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
    /// This method is cancel safe. If the future is dropped before it completes, no report is lost,
    /// and the next call continues with the same report.
    pub async fn next(&mut self) -> Option<Reported> {
        StreamExt::next(self).await
    }

    /// Returns the next report, or `None` if there is none yet or the subscription has ended.
    ///
    /// The method never waits for a report, but it briefly takes a lock.
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
        // The ring is cloned so that the guard does not borrow `self`, which `read` changes.
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
        Some(report.clone())
    }
}

/// The stream ends after the shutdown of the notifier or engine, once all reports have been read.
impl Stream for Reports {
    type Item = Reported;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Reported>> {
        let id = self.waker;
        // Wakers are cloned before locking and dropped after unlocking, because both run the host's
        // code.
        let waker = context.waker().clone();
        let ring = Arc::clone(&self.ring);
        let mut state = ring.state();
        let reported = self.read(&state);
        if reported.is_some() || state.closed {
            drop(state);
            return Poll::Ready(reported);
        }
        // The waker is added under the same lock as the read above. Therefore no report can be
        // added in between, and no wake-up is lost.
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
        // Nobody reads the reports any more, and they keep payloads in memory.
        let unread = if is_last { std::mem::take(&mut state.reports) } else { VecDeque::new() };
        // The removed reports count as overwritten, so that later reports get new numbers.
        state.first += unread.len() as u64;
        drop(state);
        // Dropping a waker runs the host's code, and freeing payloads takes time.
        drop((removed_waker, unread));
    }
}

/// Omits the ring, which may contain many reports.
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
