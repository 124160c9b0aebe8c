use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Instant, SystemTime},
};

use async_trait::async_trait;

use super::{
    Clock,
    sleep::{Sleep, TimerClock},
    timers::Timers,
};
use crate::base::Moment;

/// A clock that does not need a runtime. It has its own thread, which ends the sleeps.
///
/// The thread is started by the first sleep that has to wait. Dropping the clock ends the thread
/// and waits for it. The thread calls the wakers of the sleeps and catches their panics. If the
/// system cannot start the thread, sleeping tasks are polled repeatedly until it can.
///
/// A sleep occupies an entry in an ordered map until it ends or is dropped. To share a clock, for
/// example with another notifier, put it into an `Arc`. `Arc<ThreadClock>` also implements
/// [`Clock`].
///
/// ```
/// use recohook::clock::{Clock, ThreadClock};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// let clock = Arc::new(ThreadClock::new());
/// let shared = Arc::clone(&clock);
/// let due = clock.now() + Duration::from_millis(2);
/// futures::executor::block_on(shared.sleep_until(due));
/// assert!(clock.now() >= due);
/// ```
#[derive(Debug)]
pub struct ThreadClock {
    inner: Arc<ThreadClockInner>,
}

#[derive(Debug)]
struct ThreadClockInner {
    origin: Instant,
    state: Mutex<ThreadClockState>,
    /// Notified when the thread should check the state, because there is an earlier timer or the
    /// clock has been dropped.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct ThreadClockState {
    timers: Timers,
    /// `None` before the first sleep that waits, and while the system cannot start a thread.
    thread: Option<JoinHandle<()>>,
    /// Set when the clock is dropped.
    closed: bool,
}

impl ThreadClock {
    /// Creates a clock whose origin is the current time. This does not start the thread.
    ///
    /// ```
    /// use recohook::Moment;
    /// use recohook::clock::{Clock, ThreadClock};
    ///
    /// let clock = ThreadClock::new();
    /// let first = clock.now();
    /// // A sleep until a moment in the past ends at once.
    /// futures::executor::block_on(clock.sleep_until(Moment::ZERO));
    /// assert!(clock.now() >= first);
    /// ```
    pub fn new() -> Self {
        Self {
            inner: Arc::new(ThreadClockInner {
                origin: Instant::now(),
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
        }
    }
}

impl Default for ThreadClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for ThreadClock {
    fn now(&self) -> Moment {
        self.inner.now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    async fn sleep_until(&self, at: Moment) {
        Sleep::new(self, at).await;
    }
}

impl TimerClock for ThreadClock {
    fn with_timers<R>(&self, act: impl FnOnce(&mut Timers) -> R) -> R {
        act(&mut self.inner.lock().timers)
    }

    fn arm(&self) -> bool {
        let mut state = self.inner.lock();
        if state.thread.is_none() {
            let inner = Arc::clone(&self.inner);
            let name = "recohook-clock".to_owned();
            // The thread shares only the inner part, so that it does not keep the clock from being
            // dropped.
            state.thread = thread::Builder::new().name(name).spawn(move || inner.run()).ok();
        }
        self.inner.changed.notify_one();
        state.thread.is_some()
    }
}

impl Drop for ThreadClock {
    fn drop(&mut self) {
        let thread = {
            let mut state = self.inner.lock();
            state.closed = true;
            state.thread.take()
        };
        self.inner.changed.notify_one();
        // A waker may drop the last task that owns the clock. Then this code runs on the clock's
        // thread, which cannot join itself. The thread sees `closed` and ends.
        if let Some(thread) = thread
            && thread.thread().id() != thread::current().id()
        {
            // The thread catches the panics of wakers, so there is no panic to propagate.
            let _ = thread.join();
        }
    }
}

impl ThreadClockInner {
    fn now(&self) -> Moment {
        Moment::ZERO + self.origin.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, ThreadClockState> {
        // Every change under this lock is complete before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs on the clock's thread. Repeatedly wakes the sleeps that are due, then waits for the
    /// next timer or a change.
    fn run(&self) {
        let mut state = self.lock();
        while !state.closed {
            let now = self.now();
            let due = state.timers.take_due(now);
            state = if !due.is_empty() {
                // Wakers are the host's code and may sleep on this clock or drop it.
                drop(state);
                for waker in due {
                    // The panic hook has reported the panic. The other sleeps must still end.
                    let _ = panic::catch_unwind(AssertUnwindSafe(|| waker.wake()));
                }
                self.lock()
            } else if let Some(at) = state.timers.next_at() {
                let waited = self.changed.wait_timeout(state, at - now);
                waited.unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        task::{Context, Wake},
        time::Duration,
    };

    use futures::{
        FutureExt,
        executor::block_on,
        future::{BoxFuture, join_all},
        task::{ArcWake, waker},
    };

    use super::*;

    const FAR: Duration = Duration::from_secs(3600);

    #[test]
    fn the_thread_starts_with_the_first_sleep_that_waits() {
        let clock = ThreadClock::new();
        block_on(clock.sleep_until(Moment::ZERO));
        assert!(clock.inner.lock().thread.is_none());
        block_on(clock.sleep_until(clock.now() + Duration::from_millis(1)));
        assert!(clock.inner.lock().thread.is_some());
    }

    #[test]
    fn sleeps_leave_the_timers_when_done_or_dropped() {
        let clock = ThreadClock::new();
        let soon = clock.now() + Duration::from_millis(1);
        let far = clock.now() + FAR;
        {
            let mut sleeps: Vec<_> = (0..1000).map(|_| clock.sleep_until(far)).collect();
            assert!(sleeps.iter_mut().all(|sleep| sleep.now_or_never().is_none()));
            assert_eq!(clock.inner.lock().timers.len(), 1000);
        }
        block_on(join_all((0..1000).map(|_| clock.sleep_until(soon))));
        assert_eq!(clock.inner.lock().timers.len(), 0);
    }

    /// A waker that panics.
    struct Bomb;

    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            panic!("a waker of the host panics");
        }
    }

    #[test]
    fn a_waker_that_panics_costs_the_others_nothing() {
        let clock = ThreadClock::new();
        // This moment must still be in the future at the first poll, even on a busy machine.
        let soon = clock.now() + Duration::from_millis(100);
        let mut bombed = clock.sleep_until(soon);
        let bomb = Arc::new(Bomb).into();
        assert!(bombed.poll_unpin(&mut Context::from_waker(&bomb)).is_pending());
        block_on(clock.sleep_until(soon + Duration::from_millis(1)));
        block_on(clock.sleep_until(clock.now() + Duration::from_millis(2)));
    }

    /// A task that is polled by its own waker, on the thread that wakes it.
    struct InPlace(Mutex<Option<BoxFuture<'static, ()>>>);

    impl ArcWake for InPlace {
        fn wake_by_ref(task: &Arc<Self>) {
            // The lock is held while the task runs, so a concurrent wake-up waits.
            let mut slot = task.0.lock().unwrap();
            if let Some(future) = &mut *slot
                && future.poll_unpin(&mut Context::from_waker(&waker(task.clone()))).is_ready()
            {
                *slot = None;
            }
        }
    }

    #[test]
    fn the_last_handle_may_go_on_the_clocks_own_thread() {
        let clock = ThreadClock::new();
        let (done, dropped) = std::sync::mpsc::channel();
        let task = Arc::new(InPlace(Mutex::new(Some(
            async move {
                // The task stays on the first thread only if that thread stalls for longer than a
                // sleep.
                while thread::current().name() != Some("recohook-clock") {
                    clock.sleep_until(clock.now() + Duration::from_millis(1)).await;
                }
                drop(clock);
                done.send(()).unwrap();
            }
            .boxed(),
        ))));
        ArcWake::wake_by_ref(&task);
        assert_eq!(dropped.recv(), Ok(()));
    }
}
