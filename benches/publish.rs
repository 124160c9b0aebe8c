//! What it costs to publish: the match, one serialization, and a place in each queue. The bare
//! match and the bare serialization stand beside it.
//!
//! `RECOHOOK_BENCH_FILTERS` sets the most webhooks there are; 100,000 by default.

mod hooks;
mod workload;

use std::{
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant, SystemTime},
};

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use recohook::{
    Engine, Filter, FilterIndex, Moment, Notification, Notifier, Webhook,
    attribute::Record,
    clock::ThreadClock,
    findface::security::{Event, FILTERS},
    http::{HeaderMap, StatusCode},
};
use serde_json::json;

use workload::Random;

criterion_group!(benches, serialize, publish);
criterion_main!(benches);

/// How many webhooks want the events.
const MATCHES: [usize; 4] = [0, 1, 10, 1_000];

fn serialize(criterion: &mut Criterion) {
    let event = hooks::event(7);
    let mut group = criterion.benchmark_group("serialize");
    group.throughput(Throughput::Bytes(serde_json::to_vec(&event).expect("JSON").len() as u64));
    group.bench_function("serde_json::to_vec", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&event)));
    });
    group.finish();
}

/// The figure is the time of one event; the throughput counts the webhooks that it is queued for.
fn publish(criterion: &mut Criterion) {
    for many in [1_000, 100_000] {
        if many > hooks::most() {
            break;
        }
        let mut group = criterion.benchmark_group(format!("publish to {many}"));
        group.sample_size(20);
        let filters = filters(many);
        by_index(&mut group, &filters);
        by_engine(&mut group, &filters);
        by_notifier(&mut group, &filters);
        group.finish();
    }
}

/// What finds the webhooks, alone.
fn by_index(group: &mut BenchmarkGroup<'_, WallTime>, filters: &[Filter]) {
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, filter);
    }
    for matches in MATCHES {
        let event = wanted_by(matches);
        let (mut record, mut wanted) = (Record::new(), Vec::new());
        record.reset(event.schema());
        event.attributes(&mut record);
        index.matches_into(&record, &mut wanted);
        assert_eq!(wanted.len(), matches);
        measured(group, "match alone", matches, |events| {
            let start = Instant::now();
            for _ in 0..events {
                wanted.clear();
                record.reset(event.schema());
                black_box(&event).attributes(&mut record);
                index.matches_into(&record, &mut wanted);
                black_box(&wanted);
            }
            start.elapsed()
        });
    }
}

fn by_engine(group: &mut BenchmarkGroup<'_, WallTime>, filters: &[Filter]) {
    let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::UNIX_EPOCH);
    for (id, filter) in (0_u32..).zip(filters) {
        engine.insert(id, webhook(filter), now).expect("a webhook");
    }
    for matches in MATCHES {
        let event = wanted_by(matches);
        measured(group, "engine", matches, |events| {
            let start = Instant::now();
            for _ in 0..events {
                let receipt = engine.publish(black_box(&event), now).expect("there is room");
                assert_eq!(receipt.queued, matches);
            }
            let time = start.elapsed();
            while let Some(request) = engine.poll_request(now, wall) {
                let (id, headers) = (request.attempt_id(), HeaderMap::new());
                engine.handle_response(id, StatusCode::OK, &headers, wall, now);
            }
            time
        });
    }
}

fn by_notifier(group: &mut BenchmarkGroup<'_, WallTime>, filters: &[Filter]) {
    let notifier = Notifier::new(hooks::Accept, ThreadClock::new());
    for (id, filter) in (0_u32..).zip(filters) {
        notifier.insert(id, webhook(filter)).expect("a webhook");
    }
    let mut driver = notifier.driver();
    for threads in [1, 2] {
        for matches in MATCHES {
            let event = wanted_by(matches);
            let publish = |events: u64| {
                for _ in 0..events {
                    let receipt = notifier.publish(black_box(&event)).expect("there is room");
                    assert_eq!(receipt.queued, matches);
                }
            };
            let name = format!("notifier, {threads} at once");
            measured(group, &name, matches, |events| {
                let time = at_once(threads, events, publish);
                hooks::drain(&notifier, &mut driver);
                time
            });
        }
    }
}

/// Measures what publishes so many events and tells how long it took.
fn measured(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    matches: usize,
    mut run: impl FnMut(u64) -> Duration,
) {
    group.throughput(Throughput::Elements(matches.max(1) as u64));
    group.bench_function(BenchmarkId::new(name, matches), |bencher| {
        // A run is long where nothing is queued, so that starting threads does not count.
        bencher.iter_custom(|events| match matches {
            0 => run(events),
            _ => hooks::in_runs(events, (500_000 / matches).min(5_000), &mut run),
        });
    });
}

/// The time in which so many threads do `work`, each its part of it.
fn at_once(threads: u64, work: u64, act: impl Fn(u64) + Copy + Sync + Send) -> Duration {
    if threads == 1 {
        let start = Instant::now();
        act(work);
        return start.elapsed();
    }
    let begin = Barrier::new(threads as usize + 1);
    thread::scope(|scope| {
        let begin = &begin;
        for thread in 0..threads {
            scope.spawn(move || {
                begin.wait();
                act(work / threads + u64::from(thread < work % threads));
            });
        }
        begin.wait();
        let start = Instant::now();
        // The scope ends when they do.
        start
    })
    .elapsed()
}

/// Filters of which the first `n` want an event that is [wanted by](wanted_by) `n`, and the others
/// are of the workload *selective* and want none.
fn filters(many: usize) -> Vec<Filter> {
    let mut random = Random(workload::FILTERS);
    let filter = |at| match MATCHES.iter().filter(|matches| at < **matches) {
        wanted if wanted.clone().next().is_some() => {
            let cameras = Vec::from_iter(wanted.map(|matches| camera(*matches)));
            json!({"events": {"camera_in": cameras, "matched": true}})
        }
        _ => random.selective(),
    };
    let texts = (0..many).map(filter);
    texts.map(|text| Filter::parse(text.to_string(), &FILTERS).expect("a filter")).collect()
}

fn wanted_by(matches: usize) -> Event {
    hooks::event(camera(matches))
}

/// Beyond those of the workload.
fn camera(matches: usize) -> i64 {
    5_000 + matches as i64
}

fn webhook(filter: &Filter) -> Webhook {
    hooks::webhook("http://127.0.0.1:9/hook", 100).with_filter(filter.clone())
}
