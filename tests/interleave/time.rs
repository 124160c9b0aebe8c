//! A clock that moves to the next moment for which a task sleeps, on a thread of its own.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use recohook::{Clock, Moment, async_trait};

/// The clock never moves this far. So a wait of this length hangs and fails the schedule, unless
/// something else ends it.
pub(crate) const FOREVER: Duration = Duration::from_secs(3600);

/// A clock for schedules. Clones share it.
///
/// Its lock is from the standard library, not from `shuttle`: only one thread of a schedule runs at
/// a time, and none is interrupted while it holds the lock.
#[derive(Clone, Default)]
pub(crate) struct TestClock(Arc<Mutex<State>>);

struct State {
    now: Moment,
    sleepers: BTreeMap<(Moment, u64), Waker>,
    last: u64,
    /// The waker of the thread that moves the clock.
    mover: Option<Waker>,
    ended: bool,
}

struct Sleep {
    clock: TestClock,
    at: Moment,
    id: u64,
}

impl TestClock {
    pub(crate) fn now(&self) -> Moment {
        self.state().now
    }

    /// Moves the clock until `end` is called.
    pub(crate) async fn run(self) {
        while poll_fn(|context| self.poll_move(context)).await {
            shuttle::future::yield_now().await;
        }
    }

    pub(crate) fn end(&self) {
        let mover = {
            let mut state = self.state();
            state.ended = true;
            state.mover.take()
        };
        mover.into_iter().for_each(Waker::wake);
    }

    /// Moves to the moment of the first sleeper. Returns `false` after the end.
    fn poll_move(&self, context: &mut Context<'_>) -> Poll<bool> {
        let mut due = Vec::new();
        {
            let mut state = self.state();
            if state.ended {
                return Poll::Ready(false);
            }
            let next = state.sleepers.keys().next().map(|(at, _)| *at);
            let Some(at) = next.filter(|at| *at < Moment::ZERO + FOREVER) else {
                state.mover = Some(context.waker().clone());
                return Poll::Pending;
            };
            let now = state.now.max(at);
            state.now = now;
            let later = state.sleepers.split_off(&(now, u64::MAX));
            due.extend(std::mem::replace(&mut state.sleepers, later).into_values());
        }
        due.into_iter().for_each(Waker::wake);
        Poll::Ready(true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Moment {
        self.state().now
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    async fn sleep_until(&self, at: Moment) {
        let id = {
            let mut state = self.state();
            state.last += 1;
            state.last
        };
        Sleep { clock: self.clone(), at, id }.await;
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mover = {
            let mut state = self.clock.state();
            if state.now >= self.at {
                return Poll::Ready(());
            }
            state.sleepers.insert((self.at, self.id), context.waker().clone());
            state.mover.take()
        };
        mover.into_iter().for_each(Waker::wake);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.state().sleepers.remove(&(self.at, self.id));
    }
}

impl Default for State {
    fn default() -> Self {
        Self { now: Moment::ZERO, sleepers: BTreeMap::new(), last: 0, mover: None, ended: false }
    }
}
