//! Tests every sequence of calls to a `Dispatcher`, up to a length. There are two webhooks, two
//! topics, small bounds, and both overflow policies. After every call, the dispatcher must agree
//! with a model. After every sequence, all pending notifications must reach their end.
//!
//! A sequence is not continued after a call that changes nothing. Shorter sequences are tested
//! first, so a violation is printed with a shortest sequence that shows it.
//!
//! - `RECOHOOK_EXPLORE_DEPTH` sets the length of the longest sequences. The default is 5. Each
//!   further call takes about ten times as long.
//! - `RECOHOOK_EXPLORE` replays one sequence only, in the form in which a violation is printed.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]
#![allow(clippy::print_stdout, reason = "prints figures if the test is run by hand")]

mod calls;
mod invariants;
mod model;
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

use calls::{ALPHABET, Sequence};
use model::{BOUNDS, Bounds};
use world::World;

const DEPTH: usize = 5;

/// The number of sequences that a thread takes at a time.
const SHARE: usize = 64;

#[test]
fn no_sequence_of_calls_violates_an_invariant() {
    if let Ok(text) = env::var("RECOHOOK_EXPLORE") {
        replay(text.parse().unwrap());
        return;
    }
    let depth = env::var("RECOHOOK_EXPLORE_DEPTH").map_or(DEPTH, |text| text.parse().unwrap());
    let range = 1..=Sequence::LONGEST;
    assert!(range.contains(&depth), "expected a depth in {range:?}, found {depth}");
    let start = Instant::now();
    let explored: usize = BOUNDS.into_iter().map(|bounds| explore(bounds, depth)).sum();
    println!(
        "explored {explored} sequences to depth {depth} of {} calls in {:.1} s",
        ALPHABET.len(),
        start.elapsed().as_secs_f64()
    );
}

/// Explores the sequences of each length up to `depth`, and returns their number.
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
                "an invariant is violated with {bounds:?}; to replay the sequence, run: \
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

/// All sequences of one length: each sequence of `frontier`, with each possible further call.
struct Level<'a> {
    bounds: Bounds,
    frontier: &'a [Sequence],
    /// The number of sequences of `frontier` that threads have taken.
    taken: AtomicUsize,
    explored: AtomicUsize,
    /// Whether longer sequences will be explored, too.
    continues: bool,
    next: Mutex<Vec<Sequence>>,
    violated: AtomicBool,
    violations: Mutex<Vec<Sequence>>,
}

impl<'a> Level<'a> {
    fn new(bounds: Bounds, frontier: &'a [Sequence], continues: bool) -> Self {
        Self {
            bounds,
            frontier,
            taken: AtomicUsize::new(0),
            explored: AtomicUsize::new(0),
            continues,
            next: Mutex::default(),
            violated: AtomicBool::new(false),
            violations: Mutex::default(),
        }
    }

    /// Explores sequences until none is left or one violates an invariant.
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

    /// Explores `sequence` with each possible further call. Adds the longer sequences that are to
    /// be continued to `next`.
    fn extend(&self, sequence: Sequence, next: &mut Vec<Sequence>) {
        let mut world = Some(World::after(self.bounds, sequence));
        let enabled = world.as_ref().map_or(0, World::enabled);
        for at in (0..ALPHABET.len()).filter(|at| enabled & 1 << at != 0) {
            let longer = sequence.with(at);
            let world = world.take().unwrap_or_else(|| World::after(self.bounds, sequence));
            let call = longer.last();
            if catch_unwind(AssertUnwindSafe(|| world.finish(call))).is_err() {
                self.violations.lock().unwrap().push(longer);
                self.violated.store(true, Ordering::Relaxed);
                return;
            }
            self.explored.fetch_add(1, Ordering::Relaxed);
            if self.continues && !call.changes_nothing() {
                next.push(longer);
            }
        }
    }
}

/// Makes the calls of one sequence and prints the state after each call.
fn replay(sequence: Sequence) {
    for bounds in BOUNDS {
        let mut world = World::new(bounds);
        for call in sequence.calls() {
            // The sequence may come from the other bounds.
            if !world.is_enabled(call) {
                println!("{call} is not possible with {bounds:?}");
                break;
            }
            println!("{call}");
            world.make(call);
            println!("{world:?}\n");
        }
        world.drain();
    }
}
