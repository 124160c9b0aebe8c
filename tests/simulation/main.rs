//! A seeded world over `Dispatcher` in virtual time: webhooks come, change and go; receivers
//! answer, refuse, stall, disconnect and recover; outcomes come late, twice or not at all; clocks
//! stand still, step back and jump. After each call a simple model says what should be.
//!
//! `RECOHOOK_SEEDS` sets how many seeds to run and `RECOHOOK_FIRST_SEED` the first of them, 0 by
//! default, so that a long run can be split. `RECOHOOK_SEED` runs one seed alone and prints all
//! that happens in it.

#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped here fails the test")]
#![allow(clippy::print_stdout, reason = "a seed that is replayed tells what happens")]

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
/// A longer run prints a line each time so many seeds are done.
const PROGRESS: u64 = 1_000;
/// So many failing seeds are enough to look at.
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
fn the_dispatcher_keeps_its_promises_in_any_world() {
    if let Some(seed) = number("RECOHOOK_SEED") {
        println!("{:?}", World::new(seed, true).run());
        return;
    }
    let seeds = number("RECOHOOK_SEEDS").unwrap_or(SEEDS);
    let first = number("RECOHOOK_FIRST_SEED").unwrap_or_default();
    let end = first.checked_add(seeds).expect("there are no seeds beyond 2^64");
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
            "seeds {:?} fail; to replay one alone: \
             RECOHOOK_SEED={seed} cargo test --test simulation",
            tally.failing
        );
    }
    let quiet = seeds >= 100 && tally.delivered < seeds;
    assert!(!quiet, "the worlds are too quiet to show anything");
}

fn work(seeds: Range<u64>, next: &AtomicU64, tally: &Mutex<Tally>, start: Instant) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if !seeds.contains(&seed) {
            return;
        }
        let ending = catch_unwind(AssertUnwindSafe(|| twice(seed)));
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

/// Runs a world, every eighth twice: the same seed must do the same things.
fn twice(seed: u64) -> Ending {
    let ending = World::new(seed, false).run();
    if seed.is_multiple_of(8) {
        assert_eq!(World::new(seed, false).run(), ending, "seed {seed} does not repeat itself");
    }
    ending
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text:?}")))
}
