//! The time to find which of many filters match an event: recohook compared with other engines, on
//! the filters and events of `benches/index.rs`. The matches of each engine are compared with those
//! of the linear scan before it is timed.
//!
//! `RECOHOOK_BENCH_FILTERS` sets the largest number of filters, 10,000 by default.
//! `RECOHOOK_BENCH_A_TREE` sets the largest number for a-tree, 10,000 by default: its time to
//! insert filters grows with the square of their number.
#![allow(clippy::print_stderr, reason = "criterion cannot show the time to build an engine")]

mod engine;
#[path = "../workload/mod.rs"]
mod workload;

use std::{hint::black_box, time::Instant};

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group,
    criterion_main, measurement::WallTime,
};
use serde_json::Value;

use engine::{ATree, Cel, Compiled, Engine, Index, Linear, Wirefilter};
use workload::{Event, Random};

criterion_group!(benches, one_filter, spec, selective);
criterion_main!(benches);

/// The numbers of events. If there are many filters, all engines get only the first few events,
/// because an engine that tests every filter would take too long.
const EVENTS: usize = 512;
const FEW_EVENTS: usize = 64;

/// Measures a filter with every key on one event. All conditions hold, or the second to last fails.
fn one_filter(criterion: &mut Criterion) {
    let filter = serde_json::json!({"events": {
        "allowed_bs_types": ["overall"], "camera_group_in": [1, 3], "camera_in": [5, 8, 13],
        "matched_lists_in": [1, 4], "matched_dossier_in": [12, 25], "matched": true,
        "confidence_gte": 0.75}});
    let hit = Event {
        overall: Some(true),
        camera_group: Some(3),
        camera: Some(13),
        lists: vec![7, 4],
        dossier: Some(12),
        matched: Some(true),
        confidence: Some(0.8),
    };
    let miss = Event { dossier: Some(13), ..hit.clone() };
    for (name, event) in [("peers, one filter, hit", hit), ("peers, one filter, miss", miss)] {
        let mut group = criterion.benchmark_group(name);
        let run = Run::new(vec![filter.clone()], vec![event]);
        run.engine::<Index>(&mut group);
        run.engine::<Compiled>(&mut group);
        run.engine::<Linear>(&mut group);
        run.engine::<ATree>(&mut group);
        run.engine::<Wirefilter>(&mut group);
        run.engine::<Cel>(&mut group);
        group.finish();
    }
}

fn spec(criterion: &mut Criterion) {
    matching(criterion, "peers, spec", Random::filter);
}

fn selective(criterion: &mut Criterion) {
    matching(criterion, "peers, selective", Random::selective);
}

fn matching(criterion: &mut Criterion, name: &str, draw: impl Fn(&mut Random) -> Value) {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for many in [100, 1_000, 10_000, 100_000] {
        if many > most("RECOHOOK_BENCH_FILTERS") {
            break;
        }
        let mut random = Random(workload::FILTERS);
        let filters = Vec::from_iter((0..many).map(|_| draw(&mut random)));
        let mut random = Random(workload::EVENTS_SEED);
        let events = if many < 10_000 { EVENTS } else { FEW_EVENTS };
        let events = Vec::from_iter((0..events).map(|_| random.event()));
        let run = Run::new(filters, events);
        run.engine::<Index>(&mut group);
        run.engine::<Compiled>(&mut group);
        run.engine::<Linear>(&mut group);
        run.engine::<Wirefilter>(&mut group);
        run.engine::<Cel>(&mut group);
        if many <= most("RECOHOOK_BENCH_A_TREE") {
            run.engine::<ATree>(&mut group);
        }
    }
    group.finish();
}

fn most(variable: &str) -> usize {
    std::env::var(variable)
        .map_or(10_000, |most| most.parse().expect("the variable must be a number of filters"))
}

/// The filters and events of all engines, and the expected matches.
struct Run {
    filters: Vec<Value>,
    events: Vec<Event>,
    wanted: Vec<Vec<u32>>,
}

impl Run {
    fn new(filters: Vec<Value>, events: Vec<Event>) -> Self {
        let oracle = Linear::new(&filters);
        let wanted = events.iter().map(|event| found(&oracle, event)).collect();
        Self { filters, events, wanted }
    }

    /// Measures the time of one event. Criterion shows it as a throughput.
    fn engine<E: Engine>(&self, group: &mut BenchmarkGroup<'_, WallTime>) {
        let many = self.filters.len();
        let start = Instant::now();
        let engine = E::new(&self.filters);
        eprintln!("{} with {many} filters was built in {:.2?}", E::NAME, start.elapsed());
        let events = Vec::from_iter(self.events.iter().map(|event| engine.event(event)));
        let mut buffer = Vec::new();
        for (place, event) in events.iter().enumerate() {
            self.compare::<E>(place, found(&engine, event));
        }
        group.throughput(Throughput::Elements(events.len() as u64));
        group.bench_function(BenchmarkId::new(E::NAME, many), |bencher| {
            bencher.iter(|| {
                for event in black_box(&events) {
                    buffer.clear();
                    engine.matches_into(event, &mut buffer);
                    black_box(&buffer);
                }
            });
        });
    }

    /// Compares the matches of an event with those of the linear scan.
    ///
    /// # Panics
    /// Panics with a filter and the event if they differ.
    fn compare<E: Engine>(&self, place: usize, found: Vec<u32>) {
        let wanted = &self.wanted[place];
        if found == *wanted {
            return;
        }
        let differs = |id: &&u32| !found.contains(id) || !wanted.contains(id);
        let Some(id) = found.iter().chain(wanted).find(differs) else {
            panic!("{} finds a filter twice: {found:?}", E::NAME);
        };
        panic!(
            "{} {} filter {id} {} for {:?}",
            E::NAME,
            if found.contains(id) { "finds" } else { "does not find" },
            self.filters[*id as usize],
            self.events[place],
        );
    }
}

/// Returns the matching ids in order.
fn found<E: Engine>(engine: &E, event: &E::Event) -> Vec<u32> {
    let mut found = Vec::new();
    engine.matches_into(event, &mut found);
    found.sort_unstable();
    found
}
