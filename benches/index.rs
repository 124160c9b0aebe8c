//! Which of many filters want an event: the index, beside testing every compiled filter, and beside
//! copying the ids that match, which is the least it could cost.
//!
//! `RECOHOOK_BENCH_FILTERS` sets the most filters there are; 100,000 by default.
#![allow(clippy::print_stderr, reason = "criterion has no place for a count of bytes")]

mod workload;

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use recohook::{Filter, FilterIndex, attribute::Record, findface::security::FILTERS};
use serde_json::Value;

use workload::{Event, Random};

criterion_group!(benches, spec, selective, change);
criterion_main!(benches);

const EVENTS: usize = 512;

fn spec(criterion: &mut Criterion) {
    matching(criterion, "spec", Random::filter);
}

fn selective(criterion: &mut Criterion) {
    matching(criterion, "selective", Random::selective);
}

/// The figure is the time of one event.
fn matching(criterion: &mut Criterion, name: &str, draw: impl Fn(&mut Random) -> Value) {
    let most = std::env::var("RECOHOOK_BENCH_FILTERS")
        .map_or(100_000, |most| most.parse().expect("RECOHOOK_BENCH_FILTERS is a number"));
    let mut random = Random(workload::EVENTS_SEED);
    let records =
        Vec::from_iter((0..EVENTS).map(|_| random.event()).map(|event| Event::record(&event)));
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(EVENTS as u64));
    for many in [10, 100, 1_000, 10_000, 100_000, 1_000_000] {
        if many > most {
            break;
        }
        group.sample_size(if many < 100_000 { 20 } else { 10 });
        let filters = filters(many, &draw);
        let mut index = None;
        let memory = allocation_counter::measure(|| index = Some(indexed(&filters)));
        let index = index.expect("it was just made");
        let wanted = Vec::from_iter(records.iter().map(|record| matches(&index, record)));
        for (record, wanted) in records.iter().zip(&wanted).take(64) {
            let ids = filters.iter().enumerate().filter(|(_, filter)| filter.matches(record));
            assert_eq!(Vec::from_iter(ids.map(|(id, _)| id as u32)), *wanted);
        }
        let matching: usize = wanted.iter().map(Vec::len).sum();
        eprintln!(
            "{name}, {many} filters: {:.1} of them match an event; {:.0} bytes a filter",
            matching as f64 / EVENTS as f64,
            memory.bytes_current as f64 / many as f64,
        );
        let mut buffer = Vec::new();
        group.bench_function(BenchmarkId::new("index", many), |bencher| {
            bencher.iter(|| {
                for record in black_box(&records) {
                    buffer.clear();
                    index.matches_into(record, &mut buffer);
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
            group.bench_function(BenchmarkId::new("compiled scan", many), |bencher| {
                bencher.iter(|| {
                    for record in black_box(&records) {
                        black_box(filters.iter().filter(|filter| filter.matches(record)).count());
                    }
                });
            });
        }
    }
    group.finish();
}

/// The figure is the time to insert or remove one filter, where there are 100,000.
fn change(criterion: &mut Criterion) {
    const MANY: usize = 100_000;
    let filters = filters(MANY + 1_000, &Random::filter);
    let mut index = indexed(&filters[..MANY]);
    let mut group = criterion.benchmark_group("change at 100,000");
    group.sample_size(10).throughput(Throughput::Elements(1_000));
    group.bench_function("insert and remove", |bencher| {
        bencher.iter_batched(
            || (),
            |()| {
                let more = (0..).zip(&filters).skip(MANY);
                more.clone().for_each(|(id, filter)| index.insert(id, filter));
                more.for_each(|(id, _)| assert!(index.remove(&id)));
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn filters(many: usize, draw: &impl Fn(&mut Random) -> Value) -> Vec<Filter> {
    let mut random = Random(workload::FILTERS);
    let texts = (0..many).map(|_| draw(&mut random).to_string());
    texts.map(|text| Filter::parse(text, &FILTERS).expect("a filter")).collect()
}

fn indexed(filters: &[Filter]) -> FilterIndex<u32> {
    let mut index = FilterIndex::new();
    for (id, filter) in (0..).zip(filters) {
        index.insert(id, filter);
    }
    index
}

/// The ids in order.
fn matches(index: &FilterIndex<u32>, record: &Record) -> Vec<u32> {
    let mut wanted = Vec::new();
    index.matches_into(record, &mut wanted);
    wanted.sort_unstable();
    wanted
}
