//! What a FindFace Security 2020 filter costs: to parse, and to match a record at hand. Each match
//! stands beside a hard-wired check of the same filters on the same events.

mod workload;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use recohook::{Filter, FilterIndex, findface::security::FILTERS};
use serde_json::{Value, json};

use workload::{Event, Random, hard_wired::HardWired};

criterion_group!(benches, parse, one_filter, many_filters);
criterion_main!(benches);

const FILTER: &str = r#"{"events": {
    "allowed_bs_types": ["overall", "realtime"], "camera_group_in": [1, 3],
    "camera_in": [5, 8, 13], "matched_lists_in": [-1, 4], "matched_dossier_in": [12, 25],
    "matched": true, "confidence_gte": 0.75}}"#;

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    let long = json!({"events": {"camera_in": Vec::from_iter(0..10_000)}}).to_string();
    for (name, text) in [("seven keys", FILTER), ("10,000 ids", &long)] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| Filter::parse(black_box(text), &FILTERS));
        });
    }
    group.finish();
}

fn one_filter(criterion: &mut Criterion) {
    let filter = Filter::parse(FILTER, &FILTERS).expect("a filter");
    let wired = HardWired::new(&serde_json::from_str(FILTER).expect("JSON"));
    let hit = Event {
        overall: Some(true),
        camera_group: Some(3),
        camera: Some(13),
        lists: vec![7, 4],
        dossier: Some(12),
        matched: Some(true),
        confidence: Some(0.8),
    };
    let miss = Event { camera: Some(14), ..hit.clone() };
    let mut group = criterion.benchmark_group("one filter");
    for (name, event, wanted) in [("hit", hit, true), ("miss", miss, false)] {
        let record = event.record();
        assert_eq!((filter.matches(&record), wired.matches(&event)), (wanted, wanted));
        group.bench_function(format!("{name}, compiled"), |bencher| {
            bencher.iter(|| black_box(&filter).matches(black_box(&record)));
        });
        group.bench_function(format!("{name}, hard-wired"), |bencher| {
            bencher.iter(|| black_box(&wired).matches(black_box(&event)));
        });
    }
    group.finish();
}

/// 1,000 filters on 1,000 events; the figure is the time of one filter on one event.
fn many_filters(criterion: &mut Criterion) {
    const MANY: usize = 1_000;
    let mut random = Random(workload::FILTERS);
    let texts = Vec::from_iter((0..MANY).map(|_| random.filter()));
    let mut random = Random(workload::EVENTS_SEED);
    let events = Vec::from_iter((0..MANY).map(|_| random.event()));

    let parsed = |text: &Value| Filter::parse(text.to_string(), &FILTERS).expect("a filter");
    let filters = Vec::from_iter(texts.iter().map(parsed));
    let wired = Vec::from_iter(texts.iter().map(HardWired::new));
    let records = Vec::from_iter(events.iter().map(Event::record));
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, filter);
    }

    let compiled = || count(&records, |r| filters.iter().filter(|f| f.matches(r)).count());
    let hard_wired = || count(&events, |e| wired.iter().filter(|w| w.matches(e)).count());
    let sorted = || count(&events, |e| wired.iter().filter(|w| w.searches(e)).count());
    let mut wanted = Vec::new();
    let mut indexed = || {
        count(&records, |record| {
            wanted.clear();
            index.matches_into(record, &mut wanted);
            wanted.len()
        })
    };
    let matching = hard_wired();
    assert!(matching > 0);
    assert_eq!([compiled(), sorted(), indexed()], [matching; 3]);

    let mut group = criterion.benchmark_group("1,000 filters x 1,000 events");
    group.sample_size(20).throughput(Throughput::Elements((MANY * MANY) as u64));
    group.bench_function("compiled", |bencher| bencher.iter(compiled));
    group.bench_function("index", |bencher| bencher.iter(&mut indexed));
    group.bench_function("hard-wired, Vec::contains", |bencher| bencher.iter(hard_wired));
    group.bench_function("hard-wired, binary search", |bencher| bencher.iter(sorted));
    group.finish();
}

fn count<T>(events: &[T], matching: impl FnMut(&T) -> usize) -> usize {
    black_box(events).iter().map(matching).sum()
}
