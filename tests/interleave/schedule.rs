//! A scheduler in which a seed decides which thread runs next.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

/// The name of the thread that moves the clock.
pub(crate) const CLOCK: &str = "clock";

/// When the clock thread may run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Time {
    /// At any time, as the seed decides. So attempts and waits may time out.
    Anytime,
    /// Only when no other thread can run. So everything that is due is done at its exact moment.
    WhenIdle,
}

/// Runs one schedule for each seed.
///
/// A third of the seeds pick a random thread at each step. The others give each thread a priority
/// and run the one with the highest, whose priority they lower now and then, as in probabilistic
/// concurrency testing (Burckhardt et al. 2010). This finds faults that need one thread to pause
/// for long.
#[derive(Debug)]
pub(crate) struct Seeded {
    seeds: Range<u64>,
    time: Time,
    dice: Dice,
    strategy: Strategy,
    /// Indexed by the number of the thread.
    threads: Vec<Option<Thread>>,
    /// The lowest priority so far.
    lowest: i64,
    progress: Arc<Progress>,
}

/// The progress of a run.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) seed: AtomicU64,
    pub(crate) steps: AtomicU64,
}

#[derive(Clone, Copy, Debug)]
enum Strategy {
    Random,
    /// The thread with the highest priority. It is lowered at one step in this many, on average.
    Highest(u64),
}

#[derive(Clone, Copy, Debug)]
struct Thread {
    is_clock: bool,
    priority: i64,
}

#[derive(Debug)]
struct Dice(u64);

impl Seeded {
    pub(crate) fn new(seeds: Range<u64>, time: Time, progress: Arc<Progress>) -> Self {
        let strategy = Strategy::Random;
        let (dice, threads) = (Dice(0), Vec::new());
        Self { seeds, time, dice, strategy, threads, lowest: 0, progress }
    }

    fn thread(&mut self, task: &Task) -> Thread {
        let number = usize::from(task.id());
        if self.threads.len() <= number {
            self.threads.resize(number + 1, None);
        }
        let Self { threads, dice, .. } = self;
        *threads[number].get_or_insert_with(|| Thread {
            is_clock: task.name().as_deref() == Some(CLOCK),
            priority: dice.rank(),
        })
    }

    fn lower(&mut self, task: TaskId) {
        self.lowest -= 1;
        if let Some(Some(thread)) = self.threads.get_mut(usize::from(task)) {
            thread.priority = self.lowest;
        }
    }
}

impl Scheduler for Seeded {
    fn new_execution(&mut self) -> Option<Schedule> {
        let seed = self.seeds.next()?;
        self.progress.seed.store(seed, Ordering::Relaxed);
        self.dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        self.strategy = match seed % 3 {
            0 => Strategy::Random,
            1 => Strategy::Highest(10),
            _ => Strategy::Highest(50),
        };
        self.threads.clear();
        self.lowest = 0;
        Some(Schedule::new(seed))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        self.progress.steps.fetch_add(1, Ordering::Relaxed);
        let lowered = match self.strategy {
            Strategy::Highest(one_in) => is_yielding || self.dice.below(one_in) == 0,
            Strategy::Random => false,
        };
        if lowered && let Some(current) = current {
            self.lower(current);
        }
        let mut best: Option<(i64, TaskId)> = None;
        for task in runnable {
            let thread = self.thread(task);
            if thread.is_clock && self.time == Time::WhenIdle && runnable.len() > 1 {
                continue;
            }
            let rank = match self.strategy {
                Strategy::Random => self.dice.rank(),
                Strategy::Highest(_) => thread.priority,
            };
            if best.is_none_or(|(highest, _)| rank > highest) {
                best = Some((rank, task.id()));
            }
        }
        best.map(|(_, id)| id)
    }

    fn next_u64(&mut self) -> u64 {
        self.dice.roll()
    }
}

impl Dice {
    /// Returns the next number of splitmix64.
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a priority. It is not negative, so it is above all priorities that were lowered.
    fn rank(&mut self) -> i64 {
        (self.roll() >> 1) as i64
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }
}
