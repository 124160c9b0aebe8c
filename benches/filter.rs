//! The time to parse a filter of FindFace Security 2020, and to match it on the values of a
//! notification. Each match is compared with a hard-wired check of the same filters on the same
//! events.
//!
//! Also the time to read the values from the bytes of a notification.

mod workload;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use recohook::{
    Filter, FilterIndex, Notification,
    attribute::Values,
    findface::security::{Episode, Event as Model, FILTERS, RAW, parse_delivery},
    raw::Reader,
};
use serde::Deserialize;
use serde_json::{Value, json};

use workload::{Event, Random, hard_wired::HardWired};

criterion_group!(benches, parse, one_filter, many_filters, bytes);
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
    let filter = Filter::parse(FILTER, &FILTERS).expect("the filter is valid");
    let wired = HardWired::new(&serde_json::from_str(FILTER).expect("the text is JSON"));
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
        let values = event.values();
        assert_eq!((filter.matches(&values), wired.matches(&event)), (wanted, wanted));
        group.bench_function(format!("{name}, compiled"), |bencher| {
            bencher.iter(|| black_box(&filter).matches(black_box(&values)));
        });
        group.bench_function(format!("{name}, hard-wired"), |bencher| {
            bencher.iter(|| black_box(&wired).matches(black_box(&event)));
        });
    }
    group.finish();
}

/// Matches 1,000 filters on 1,000 events, and measures the time of one filter on one event.
fn many_filters(criterion: &mut Criterion) {
    const MANY: usize = 1_000;
    let mut random = Random(workload::FILTERS);
    let texts = Vec::from_iter((0..MANY).map(|_| random.filter()));
    let mut random = Random(workload::EVENTS_SEED);
    let events = Vec::from_iter((0..MANY).map(|_| random.event()));

    let parsed =
        |text: &Value| Filter::parse(text.to_string(), &FILTERS).expect("the filter is valid");
    let filters = Vec::from_iter(texts.iter().map(parsed));
    let wired = Vec::from_iter(texts.iter().map(HardWired::new));
    let samples = Vec::from_iter(events.iter().map(Event::values));
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, filter);
    }

    let compiled = || count(&samples, |r| filters.iter().filter(|f| f.matches(r)).count());
    let hard_wired = || count(&events, |e| wired.iter().filter(|w| w.matches(e)).count());
    let sorted = || count(&events, |e| wired.iter().filter(|w| w.searches(e)).count());
    let mut wanted = Vec::new();
    let mut indexed = || {
        count(&samples, |values| {
            wanted.clear();
            index.matches_into(values, &mut wanted);
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

/// Measures the time to read values from the documented bodies: with a reader, through the model,
/// through a model whose kind is not known, and, for comparison, into a tree.
fn bytes(criterion: &mut Criterion) {
    type Fill = fn(&mut Values, &str);
    let bodies: [(&str, &str, Fill); 3] = [
        (
            "event",
            include_str!("../tests/data/findface-security-2020/event.json"),
            through_model::<Model>,
        ),
        (
            "verbose event",
            include_str!("../tests/data/findface-security-2020/event.verbose.json"),
            through_model::<Model>,
        ),
        (
            "episode",
            include_str!("../tests/data/findface-security-2020/episode_closing.json"),
            through_model::<Episode>,
        ),
    ];
    for (name, body, by_model) in bodies {
        // The text as it is on the wire, without the spaces of the documentation.
        let tree = serde_json::from_str::<Value>(body).expect("the text is JSON")[0].take();
        let text = tree.to_string();
        let mut values = Values::new();
        let mut reader = Reader::new(&RAW);
        for fill in [by_model, through_delivery] {
            fill(&mut values, &text);
            let read = reader.read(text.as_bytes()).expect("the text is a notification");
            assert_eq!(read.values(), &values);
        }

        let mut group = criterion.benchmark_group(format!("bytes to values, {name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("reader", |bencher| {
            bencher.iter(|| reader.read(black_box(text.as_bytes())).map(drop).is_ok());
        });
        group.bench_function("model", |bencher| {
            bencher.iter(|| by_model(&mut values, black_box(&text)));
        });
        group.bench_function("model of a kind not known", |bencher| {
            bencher.iter(|| through_delivery(&mut values, black_box(&text)));
        });
        group.bench_function("serde_json::Value", |bencher| {
            bencher.iter(|| serde_json::from_str::<Value>(black_box(&text)));
        });
        group.finish();
    }
}

fn through_model<N: Notification + for<'de> Deserialize<'de>>(values: &mut Values, text: &str) {
    set_values(values, &serde_json::from_str::<N>(text).expect("the text is a notification"));
}

fn through_delivery(values: &mut Values, text: &str) {
    set_values(values, &parse_delivery(text.as_bytes()).expect("the text is a notification")[0]);
}

fn set_values(values: &mut Values, notification: &dyn Notification) {
    values.reset(notification.schema());
    notification.attributes(values);
}

fn count<T>(events: &[T], matching: impl FnMut(&T) -> usize) -> usize {
    black_box(events).iter().map(matching).sum()
}
