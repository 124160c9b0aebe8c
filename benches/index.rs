//! The time to find which of many filters match an event: with the index, by testing every compiled
//! filter, and, as the least possible cost, by copying the ids that match.
//!
//! There are so many events that neither the entries that they find nor the ids to copy stay in the
//! cache from one round to the next, as in a real stream.
//!
//! `RECOHOOK_BENCH_FILTERS` sets the largest number of filters, 100,000 by default.
//! `RECOHOOK_BENCH_EVENTS` sets the number of events, 2,048 by default.
#![allow(clippy::print_stderr, reason = "criterion cannot show a count of bytes")]

mod workload;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use recohook::{Filter, FilterIndex, attribute::Values, findface::security::FILTERS};
use serde_json::Value;

use workload::{Event, Random};

criterion_group!(benches, spec, selective, tenants, change);
criterion_main!(benches);

/// The number of events if all of many filters are tested for each.
const SCANNED: usize = 64;

fn spec(criterion: &mut Criterion) {
    matching(criterion, "spec", |_, random| random.filter(), |_, random| random.event());
}

fn selective(criterion: &mut Criterion) {
    matching(criterion, "selective", |_, random| random.selective(), |_, random| random.event());
}

/// Each tenant has the same number of filters, however many tenants there are. So the cost of an
/// event should depend on its matches and not on the number of filters.
fn tenants(criterion: &mut Criterion) {
    let tenants = |many: usize| many.div_ceil(10_000) as u64;
    matching(
        criterion,
        "tenants",
        |many, random| random.tenants_filter(tenants(many)),
        |many, random| random.tenants_event(tenants(many)),
    );
}

/// Measures the time of one event. `draw` and `draw_event` are given the number of filters.
fn matching(
    criterion: &mut Criterion,
    name: &str,
    draw: impl Fn(usize, &mut Random) -> Value,
    draw_event: impl Fn(usize, &mut Random) -> Event,
) {
    let most = setting("RECOHOOK_BENCH_FILTERS", 100_000);
    let events = setting("RECOHOOK_BENCH_EVENTS", 2048);
    let mut group = criterion.benchmark_group(name);
    for many in [10, 100, 1_000, 10_000, 100_000, 1_000_000] {
        if many > most {
            break;
        }
        let mut random = Random(workload::EVENTS_SEED);
        let drawn = (0..events).map(|_| draw_event(many, &mut random));
        let samples = Vec::from_iter(drawn.map(|event| event.values()));
        group.sample_size(if many < 100_000 { 20 } else { 10 });
        group.throughput(Throughput::Elements(events as u64));
        let filters = filters(many, |random| draw(many, random));
        let mut index = None;
        let memory = allocation_counter::measure(|| index = Some(indexed(&filters)));
        let index = index.expect("the index was just built");
        let wanted = Vec::from_iter(samples.iter().map(|values| matches(&index, values)));
        for (values, wanted) in samples.iter().zip(&wanted).take(SCANNED) {
            let ids = filters.iter().enumerate().filter(|(_, filter)| filter.matches(values));
            assert_eq!(Vec::from_iter(ids.map(|(id, _)| id as u32)), *wanted);
        }
        let matching: usize = wanted.iter().map(Vec::len).sum();
        eprintln!(
            "{name}, {many} filters: {:.1} of them match an event; {:.0} bytes per filter",
            matching as f64 / events as f64,
            memory.bytes_current as f64 / many as f64,
        );
        let mut buffer = Vec::new();
        group.bench_function(BenchmarkId::new("index", many), |bencher| {
            bencher.iter(|| {
                for values in black_box(&samples) {
                    buffer.clear();
                    index.matches_into(values, &mut buffer);
                    black_box(&buffer);
                }
            });
        });
        group.bench_function(BenchmarkId::new("copying the ids", many), |bencher| {
            bencher.iter(|| {
                for ids in black_box(&wanted) {
                    buffer.clear();
                    buffer.extend_from_slice(ids);
                    black_box(&buffer);
                }
            });
        });
        if many <= 100_000 {
            let scanned = if many < 10_000 { events } else { SCANNED.min(events) };
            group.throughput(Throughput::Elements(scanned as u64));
            group.bench_function(BenchmarkId::new("compiled scan", many), |bencher| {
                bencher.iter(|| {
                    for values in black_box(&samples[..scanned]) {
                        black_box(filters.iter().filter(|filter| filter.matches(values)).count());
                    }
                });
            });
        }
    }
    group.finish();
}

/// Measures the time to insert or remove one filter if there are 100,000. Also measures it while a
/// snapshot is held, of which each change copies a part.
fn change(criterion: &mut Criterion) {
    const MANY: usize = 100_000;
    const MORE: usize = 1_000;
    let filters = filters(MANY + MORE, Random::filter);
    let more = || (0_u32..).zip(&filters).skip(MANY);
    let mut index = indexed(&filters[..MANY]);
    let mut group = criterion.benchmark_group("change at 100,000");
    group.sample_size(10).throughput(Throughput::Elements(1));
    for (name, inserts, is_read) in [
        ("insert", true, false),
        ("remove", false, false),
        ("insert, while it is read", true, true),
        ("remove, while it is read", false, true),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let mut time = Duration::ZERO;
                for _ in 0..times.div_ceil(MORE as u64) {
                    let mut read = None;
                    let mut keep = |index: &FilterIndex<u32>| {
                        read = is_read.then(|| index.snapshot().clone());
                    };
                    let start = Instant::now();
                    for (id, filter) in more() {
                        index.insert(id, filter);
                        keep(&index);
                    }
                    let inserted = start.elapsed();
                    let start = Instant::now();
                    for (id, _) in more() {
                        assert!(index.remove(&id));
                        keep(&index);
                    }
                    time += if inserts { inserted } else { start.elapsed() };
                    drop(read);
                }
                time.mul_f64(times as f64 / times.next_multiple_of(MORE as u64) as f64)
            });
        });
    }
    group.finish();
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

fn filters(many: usize, draw: impl Fn(&mut Random) -> Value) -> Vec<Filter> {
    let mut random = Random(workload::FILTERS);
    let texts = (0..many).map(|_| draw(&mut random).to_string());
    texts.map(|text| Filter::parse(text, &FILTERS).expect("the filter is valid")).collect()
}

fn indexed(filters: &[Filter]) -> FilterIndex<u32> {
    let mut index = FilterIndex::new();
    for (id, filter) in (0..).zip(filters) {
        index.insert(id, filter);
    }
    index
}

/// Returns the matching ids in order.
fn matches(index: &FilterIndex<u32>, values: &Values) -> Vec<u32> {
    let mut wanted = Vec::new();
    index.matches_into(values, &mut wanted);
    wanted.sort_unstable();
    wanted
}
