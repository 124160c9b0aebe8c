use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;

use crate::{
    base::Moment,
    clock::{
        Clock,
        sleep::{Sleep, TimerClock},
        timers::Timers,
    },
};

/// A clock that does not move until a test moves it.
///
/// Clones share the time. Moving the clock wakes the sleeps that are due, in the order of their
/// moments. Sleeps that end at the same moment are woken in the order in which they were first
/// polled. The wakers are called on the thread that moves the clock.
///
/// ```
/// use futures::{executor::LocalPool, task::LocalSpawnExt};
/// use recohook::clock::Clock;
/// use recohook::testing::ManualClock;
/// use std::time::Duration;
///
/// let clock = ManualClock::new();
/// let mut pool = LocalPool::new();
/// let sleeper = clock.clone();
/// let due = clock.now() + Duration::from_secs(100);
/// pool.spawner().spawn_local(async move { sleeper.sleep_until(due).await })?;
///
/// pool.run_until_stalled();
/// assert_eq!(clock.next_wake(), Some(due));
/// clock.advance_to(due);
/// pool.run(); // returns, because the sleep has ended
/// # Ok::<(), futures::task::SpawnError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    state: Arc<Mutex<ManualClockState>>,
}

#[derive(Debug)]
struct ManualClockState {
    now: Moment,
    /// The time to which the wall clock was last set, and the moment at which that happened.
    wall: (SystemTime, Moment),
    timers: Timers,
}

impl ManualClock {
    /// Creates a clock at [`Moment::ZERO`], with the wall clock at the start of 1970.
    ///
    /// ```
    /// use recohook::testing::ManualClock;
    /// use recohook::{Clock, Moment};
    /// use std::time::SystemTime;
    ///
    /// let clock = ManualClock::new();
    /// assert_eq!((clock.now(), clock.wall()), (Moment::ZERO, SystemTime::UNIX_EPOCH));
    /// ```
    pub fn new() -> Self {
        Self {
            state: Arc::new(Mutex::new(ManualClockState {
                now: Moment::ZERO,
                wall: (SystemTime::UNIX_EPOCH, Moment::ZERO),
                timers: Timers::default(),
            })),
        }
    }

    /// Moves the clock forward by `duration` and wakes the sleeps that are due.
    ///
    /// The clock stops at [`Moment::MAX`].
    ///
    /// ```
    /// use recohook::testing::ManualClock;
    /// use recohook::{Clock, Moment};
    /// use std::time::Duration;
    ///
    /// let clock = ManualClock::new();
    /// clock.advance(Duration::from_secs(90));
    /// assert_eq!(clock.now() - Moment::ZERO, Duration::from_secs(90));
    /// ```
    pub fn advance(&self, duration: Duration) {
        // Both steps happen under one lock, so that the advances of concurrent threads add up.
        let due = {
            let mut state = self.lock();
            let to = state.now + duration;
            state.move_to(to)
        };
        due.into_iter().for_each(Waker::wake);
    }

    /// Moves the clock forward to `at` and wakes the sleeps that are due.
    ///
    /// Does nothing if `at` has passed, because time does not go back.
    ///
    /// ```
    /// use recohook::testing::ManualClock;
    /// use recohook::{Clock, Moment};
    ///
    /// let clock = ManualClock::new();
    /// let (early, late) = (Moment::from_nanos(1), Moment::from_nanos(5));
    /// clock.advance_to(late);
    /// clock.advance_to(early);
    /// assert_eq!(clock.now(), late);
    /// ```
    pub fn advance_to(&self, at: Moment) {
        let due = self.lock().move_to(at);
        due.into_iter().for_each(Waker::wake);
    }

    /// Returns the earliest moment at which a sleep ends, or `None` if there is no sleep.
    ///
    /// If a test alternately runs its tasks and moves the clock to this moment, every sleep ends
    /// at exactly the moment for which it was created. The [module](super) documentation contains
    /// an example.
    ///
    /// A sleep counts from its first poll until it is dropped or due.
    ///
    /// ```
    /// use futures::FutureExt;
    /// use recohook::testing::ManualClock;
    /// use recohook::{Clock, Moment};
    ///
    /// let clock = ManualClock::new();
    /// let due = Moment::from_nanos(5);
    /// let mut sleep = clock.sleep_until(due);
    /// assert!((&mut sleep).now_or_never().is_none());
    /// assert_eq!(clock.next_wake(), Some(due));
    /// drop(sleep);
    /// assert_eq!(clock.next_wake(), None);
    /// ```
    pub fn next_wake(&self) -> Option<Moment> {
        self.lock().timers.next_at()
    }

    /// Sets the wall clock, forward or back. The monotonic time does not change.
    ///
    /// Afterwards, the wall clock and the monotonic time continue to move together.
    ///
    /// ```
    /// use recohook::Clock;
    /// use recohook::testing::ManualClock;
    /// use std::time::{Duration, SystemTime};
    ///
    /// let clock = ManualClock::new();
    /// let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    /// clock.set_wall(date);
    /// clock.advance(Duration::from_secs(1));
    /// assert_eq!(clock.wall(), date + Duration::from_secs(1));
    /// ```
    pub fn set_wall(&self, wall: SystemTime) {
        let mut state = self.lock();
        state.wall = (wall, state.now);
    }

    fn lock(&self) -> MutexGuard<'_, ManualClockState> {
        // Every change under this lock is complete before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Moment {
        self.lock().now
    }

    /// If the platform cannot represent the current wall-clock time, returns the time that was last
    /// set.
    fn wall(&self) -> SystemTime {
        let state = self.lock();
        let (wall, at) = state.wall;
        wall.checked_add(state.now - at).unwrap_or(wall)
    }

    async fn sleep_until(&self, at: Moment) {
        Sleep::new(self, at).await;
    }
}

impl TimerClock for ManualClock {
    fn with_timers<R>(&self, act: impl FnOnce(&mut Timers) -> R) -> R {
        act(&mut self.lock().timers)
    }

    fn arm(&self) -> bool {
        // The thread that moves the clock checks the timers.
        true
    }
}

impl ManualClockState {
    /// Moves the clock forward and returns the wakers of the sleeps that are due. The caller must
    /// wake them after unlocking.
    #[must_use]
    fn move_to(&mut self, at: Moment) -> Vec<Waker> {
        self.now = self.now.max(at);
        self.timers.take_due(self.now)
    }
}
