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

/// A clock that stands still until a test moves it. Clones are handles to the same clock.
///
/// ```
/// use recohook::clock::Clock;
/// use recohook::testing::ManualClock;
/// use futures::{executor::LocalPool, task::LocalSpawnExt};
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
/// pool.run();
/// # Ok::<(), futures::task::SpawnError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    state: Arc<Mutex<ManualClockState>>,
}

#[derive(Debug)]
struct ManualClockState {
    now: Moment,
    /// What the wall clock showed at which moment.
    wall: (SystemTime, Moment),
    timers: Timers,
}

impl ManualClock {
    /// A clock at [`Moment::ZERO`], which is the start of 1970 on its wall clock.
    pub fn new() -> Self {
        Self {
            state: Arc::new(Mutex::new(ManualClockState {
                now: Moment::ZERO,
                wall: (SystemTime::UNIX_EPOCH, Moment::ZERO),
                timers: Timers::default(),
            })),
        }
    }

    /// Moves on by `duration`.
    pub fn advance(&self, duration: Duration) {
        let due = {
            let mut state = self.lock();
            let to = state.now + duration;
            state.move_to(to)
        };
        due.into_iter().for_each(Waker::wake);
    }

    /// Moves on to `at` and wakes, in their order, those who sleep until then. Time does not go
    /// back: a moment in the past changes nothing.
    pub fn advance_to(&self, at: Moment) {
        let due = self.lock().move_to(at);
        due.into_iter().for_each(Waker::wake);
    }

    /// The earliest moment somebody sleeps until.
    ///
    /// A test that lets its tasks run, then moves to this moment, and so on, sees each step of
    /// them at its own time.
    pub fn next_wake(&self) -> Option<Moment> {
        self.lock().timers.next_at()
    }

    /// Sets the wall clock, forward or back; the monotonic time stays. From here on both move
    /// together.
    pub fn set_wall(&self, wall: SystemTime) {
        let mut state = self.lock();
        state.wall = (wall, state.now);
    }

    fn lock(&self) -> MutexGuard<'_, ManualClockState> {
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

    /// Stands still where the platform's wall clock can show no later time.
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
        // Whoever moves the clock looks at the timers.
        true
    }
}

impl ManualClockState {
    /// Those to wake, once the lock is free.
    #[must_use]
    fn move_to(&mut self, at: Moment) -> Vec<Waker> {
        self.now = self.now.max(at);
        self.timers.take_due(self.now)
    }
}
