//! Runs scenarios on all cores and reports the seeds that fail.

use std::{
    env,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use crate::schedule::{Progress, Seeded, Time};

/// A scenario of threads that do something at the same time.
pub(crate) struct Scenario {
    name: &'static str,
    time: Time,
    act: fn(),
}

const SCHEDULES: u64 = 300;
/// The schedules that a core takes at once: few, so that all cores finish at about the same time.
const PART: usize = 200;
/// The most steps of a schedule. A schedule that does not hang takes fewer.
const STEPS: usize = 50_000;

impl Scenario {
    pub(crate) const fn new(name: &'static str, time: Time, act: fn()) -> Self {
        Self { name, time, act }
    }

    /// Runs a schedule for each seed. Returns the number of steps, or the first seed that fails.
    fn run(&self, seeds: Range<u64>) -> Result<u64, u64> {
        let mut config = Config::new();
        config.stack_size = 0x8_0000;
        config.max_steps = MaxSteps::FailAfter(STEPS);
        // The seed is enough to repeat a schedule, so nothing needs to be saved.
        config.failure_persistence = FailurePersistence::None;
        config.silence_warnings = true;
        let progress = Arc::new(Progress::default());
        let schedules = Seeded::new(seeds, self.time, Arc::clone(&progress));
        let act = self.act;
        let run = || Runner::new(schedules, config).run(act);
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(_) => Ok(progress.steps.load(Ordering::Relaxed)),
            Err(_) => Err(progress.seed.load(Ordering::Relaxed)),
        }
    }
}

pub(crate) fn run(scenarios: &[Scenario]) {
    let (start, alone) = (Instant::now(), env::var("RECOHOOK_SCENARIO").ok());
    let chosen =
        scenarios.iter().filter(|one| alone.as_deref().is_none_or(|name| name == one.name));
    let chosen: Vec<_> = chosen.collect();
    assert!(!chosen.is_empty(), "RECOHOOK_SCENARIO is not the name of a scenario");
    let seeds = match number("RECOHOOK_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("RECOHOOK_SCHEDULES").unwrap_or(SCHEDULES),
    };
    let parts: Vec<_> = seeds
        .clone()
        .step_by(PART)
        .map(|first| first..seeds.end.min(first + PART as u64))
        .flat_map(|part| chosen.iter().map(move |scenario| (*scenario, part.clone())))
        .collect();
    let (next, steps, failed) = (AtomicUsize::new(0), Mutex::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((scenario, seeds)) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            match scenario.run(seeds.clone()) {
                Ok(taken) => *steps.lock().unwrap() += taken,
                Err(seed) => {
                    failed.lock().unwrap().push((scenario.name, seed));
                    return;
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, |cores| cores.get()) {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap();
    if let Some((name, seed)) = failed.first() {
        panic!(
            "these scenarios and seeds failed: {failed:?}; to repeat one, set RECOHOOK_SCENARIO={name} and \
             RECOHOOK_SEED={seed}"
        );
    }
    println!(
        "interleave: {} schedules of {} scenarios, {} steps, {:.1} s",
        chosen.len() as u64 * (seeds.end - seeds.start),
        chosen.len(),
        steps.into_inner().unwrap(),
        start.elapsed().as_secs_f64(),
    );
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text:?}")))
}
