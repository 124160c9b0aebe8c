//! A simulation of a `Dispatcher` in virtual time. A seed decides everything that happens: webhooks
//! are inserted, changed and removed; receivers answer, refuse, stall, disconnect and recover;
//! outcomes come late, twice or not at all; the clock stands still, steps back and jumps. After
//! each call the dispatcher is compared with a simple model.
//!
//! `RECOHOOK_SEEDS` sets how many seeds to run and `RECOHOOK_FIRST_SEED` the first of them, 0 by
//! default, so that a long run can be split. `RECOHOOK_SEED` runs one seed and prints everything
//! that happens.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]
#![allow(clippy::print_stdout, reason = "a replayed seed prints what happens")]

mod book;
mod dice;
mod hook;
mod model;
mod plan;
mod promises;
mod receiver;
mod trace;
mod world;

use std::{
    env,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use world::{Ending, World};

const SEEDS: u64 = 1_000;
/// A longer run prints its progress after each 1,000 seeds.
const PROGRESS: u64 = 1_000;
/// The run stops after this many failing seeds.
const ENOUGH: usize = 5;

#[derive(Debug, Default)]
struct Tally {
    seeds: u64,
    steps: u64,
    virtual_time: Duration,
    delivered: u64,
    failing: Vec<u64>,
}

#[test]
fn the_dispatcher_agrees_with_the_model_for_all_seeds() {
    if let Some(seed) = number("RECOHOOK_SEED") {
        println!("{:?}", World::new(seed, true).run());
        return;
    }
    let seeds = number("RECOHOOK_SEEDS").unwrap_or(SEEDS);
    let first = number("RECOHOOK_FIRST_SEED").unwrap_or_default();
    let end = first.checked_add(seeds).expect("seeds are below 2^64");
    let (next, tally) = (AtomicU64::new(first), Mutex::new(Tally::default()));
    let start = Instant::now();
    let workers = thread::available_parallelism().map_or(1, |cores| cores.get());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| work(first..end, &next, &tally, start));
        }
    });
    let mut tally = tally.into_inner().unwrap();
    println!(
        "simulation: {seeds} seeds from {first} on, {:.1} days of virtual time, {} steps, \
         {} delivered, {:.1} s",
        tally.virtual_time.as_secs_f64() / 86_400.0,
        tally.steps,
        tally.delivered,
        start.elapsed().as_secs_f64(),
    );
    tally.failing.sort_unstable();
    if let Some(seed) = tally.failing.first() {
        panic!(
            "seeds {:?} failed; replay one with \
             RECOHOOK_SEED={seed} cargo test --test simulation",
            tally.failing
        );
    }
    let quiet = seeds >= 100 && tally.delivered < seeds;
    assert!(!quiet, "too little was delivered to test anything");
}

fn work(seeds: Range<u64>, next: &AtomicU64, tally: &Mutex<Tally>, start: Instant) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if !seeds.contains(&seed) {
            return;
        }
        let ending = catch_unwind(AssertUnwindSafe(|| run_seed(seed)));
        let mut tally = tally.lock().unwrap();
        tally.seeds += 1;
        if tally.seeds.is_multiple_of(PROGRESS) && tally.seeds < seeds.end - seeds.start {
            let (done, seconds) = (tally.seeds, start.elapsed().as_secs_f64());
            println!("{done} of {} seeds, {seconds:.1} s", seeds.end - seeds.start);
        }
        match ending {
            Ok(ending) => {
                tally.steps += ending.steps;
                tally.virtual_time += Duration::from_nanos(ending.virtual_time);
                tally.delivered += ending.delivered;
            }
            Err(_) => tally.failing.push(seed),
        }
        if tally.failing.len() >= ENOUGH {
            return;
        }
    }
}

/// Runs the world of a seed. Runs every eighth seed twice, to check that a seed always does the
/// same.
fn run_seed(seed: u64) -> Ending {
    let ending = World::new(seed, false).run();
    if seed.is_multiple_of(8) {
        assert_eq!(
            World::new(seed, false).run(),
            ending,
            "seed {seed} must do the same in each run"
        );
    }
    ending
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text:?}")))
}
