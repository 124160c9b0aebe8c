//! Every sequence of calls to a `Dispatcher`, up to a length: two webhooks, two topics, bounds that
//! are soon met, and both overflow policies. After every call the promises of the dispatcher are
//! checked, and after every sequence everything that is left must come to its end.
//!
//! A sequence is cut off at a call that changes nothing. All shorter sequences come first, so the
//! one that is printed on a violation is as short as any.
//!
//! - `RECOHOOK_EXPLORE_DEPTH` sets the length of the longest sequence. The default is 5, and each
//!   further call takes about ten times as long.
//! - `RECOHOOK_EXPLORE` replays one sequence alone, which is given as a violation prints it.

#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped here fails the test")]
#![allow(clippy::print_stdout, reason = "the figures are for whoever runs it by hand")]

mod book;
mod calls;
mod promises;
mod world;

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use book::{BOUNDS, Bounds};
use calls::{ALPHABET, Sequence};
use world::World;

const DEPTH: usize = 5;

/// How many sequences a thread takes at a time.
const SHARE: usize = 64;

#[test]
fn no_sequence_of_calls_breaks_a_promise() {
    if let Ok(text) = env::var("RECOHOOK_EXPLORE") {
        replay(text.parse().unwrap());
        return;
    }
    let depth = env::var("RECOHOOK_EXPLORE_DEPTH").map_or(DEPTH, |text| text.parse().unwrap());
    assert!((1..=Sequence::LONGEST).contains(&depth), "a depth of {depth}");
    let start = Instant::now();
    let explored: usize = BOUNDS.into_iter().map(|bounds| explore(bounds, depth)).sum();
    println!(
        "explored {explored} sequences to depth {depth} of {} calls in {:.1} s",
        ALPHABET.len(),
        start.elapsed().as_secs_f64()
    );
}

/// Explores the sequences of each length in turn; returns how many there were.
fn explore(bounds: Bounds, depth: usize) -> usize {
    let (mut explored, mut frontier) = (0, vec![Sequence::default()]);
    for length in 1..=depth {
        let level = Level::new(bounds, &frontier, length < depth);
        let workers = thread::available_parallelism().map_or(1, |cores| cores.get());
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| level.work());
            }
        });
        let violations = level.violations.into_inner().unwrap();
        if let Some(sequence) = violations.into_iter().min() {
            panic!(
                "a promise is broken within {bounds:?}; to replay it alone: \
                 RECOHOOK_EXPLORE=\"{sequence}\" cargo test --test explore"
            );
        }
        let count = level.explored.into_inner();
        println!("{count} sequences of length {length}");
        explored += count;
        frontier = level.next.into_inner().unwrap();
    }
    explored
}

/// All sequences of one length: each of the `frontier`, and one call more.
struct Level<'a> {
    bounds: Bounds,
    frontier: &'a [Sequence],
    /// How many of them have been taken.
    taken: AtomicUsize,
    explored: AtomicUsize,
    /// Whether longer sequences will be explored.
    goes_on: bool,
    next: Mutex<Vec<Sequence>>,
    violated: AtomicBool,
    violations: Mutex<Vec<Sequence>>,
}

impl<'a> Level<'a> {
    fn new(bounds: Bounds, frontier: &'a [Sequence], goes_on: bool) -> Self {
        Self {
            bounds,
            frontier,
            taken: AtomicUsize::new(0),
            explored: AtomicUsize::new(0),
            goes_on,
            next: Mutex::default(),
            violated: AtomicBool::new(false),
            violations: Mutex::default(),
        }
    }

    /// Takes sequences until none is left, or one breaks a promise.
    fn work(&self) {
        let mut next = Vec::new();
        loop {
            let from = self.taken.fetch_add(SHARE, Ordering::Relaxed);
            if from >= self.frontier.len() || self.violated.load(Ordering::Relaxed) {
                break;
            }
            let to = self.frontier.len().min(from + SHARE);
            for sequence in &self.frontier[from..to] {
                self.extend(*sequence, &mut next);
            }
        }
        self.next.lock().unwrap().append(&mut next);
    }

    /// Explores all sequences that are `sequence` and one call more.
    fn extend(&self, sequence: Sequence, next: &mut Vec<Sequence>) {
        let mut world = Some(World::after(self.bounds, sequence));
        let enabled = world.as_ref().map_or(0, World::enabled);
        for at in (0..ALPHABET.len()).filter(|at| enabled & 1 << at != 0) {
            let longer = sequence.and(at);
            let world = world.take().unwrap_or_else(|| World::after(self.bounds, sequence));
            let call = longer.last();
            if catch_unwind(AssertUnwindSafe(|| world.finish(call))).is_err() {
                self.violations.lock().unwrap().push(longer);
                self.violated.store(true, Ordering::Relaxed);
                return;
            }
            self.explored.fetch_add(1, Ordering::Relaxed);
            if self.goes_on && !call.changes_nothing() {
                next.push(longer);
            }
        }
    }
}

/// Makes the calls of one sequence and prints the state after each.
fn replay(sequence: Sequence) {
    for bounds in BOUNDS {
        let mut world = World::new(bounds);
        for call in sequence.calls() {
            // Within the other bounds it may be.
            if !world.is_enabled(call) {
                println!("{call} is not possible within {bounds:?}");
                break;
            }
            println!("{call}");
            world.make(call);
            println!("{world:?}\n");
        }
        world.drain();
    }
}
