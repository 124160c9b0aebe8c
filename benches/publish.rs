//! The cost of publishing: the match, one serialization, and an entry in each queue. It is compared
//! with the parts that cannot be avoided.
//!
//! | result | computed from |
//! |---|---|
//! | an event that no webhook matches | `notifier`/0 compared with `match alone`/0; both read the attributes |
//! | an event that one webhook matches, with its entry in the queue | `notifier`/1 minus `match alone`/1, compared with `match and to_vec`/1 minus the same |
//! | the same, if serde_json writes the text in both | as before, with `notifier, text by serde_json` |
//! | the entry in one more queue | `notifier`/1000 minus `notifier`/1, divided by 999 |
//!
//! A notifier gets all webhooks at once, as the bare index gets all filters. If they come one by
//! one while events are published, an index of 100,000 is scattered in memory, and the match itself
//! takes a quarter longer.
//!
//! A text that waits in a queue is in memory that no cache holds. So `match and to_vec` keeps its
//! texts, too. `serialize` drops them at once.
//!
//! Each event matches other webhooks of the whole registry. So if there are many, a queue is seldom
//! in a cache.
//!
//! `RECOHOOK_BENCH_FILTERS` sets the largest number of webhooks, 100,000 by default.

mod hooks;
mod workload;

use std::{
    borrow::Cow,
    hint::black_box,
    ops::Range,
    sync::Barrier,
    thread,
    time::{Duration, Instant, SystemTime},
};

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use recohook::{
    EncodeError, Engine, Filter, FilterIndex, Moment, Notification, Notifier, Rendering, Webhook,
    attribute::{AttributeId, Schema, Values},
    clock::ThreadClock,
    findface::security::{EVENTS, Event, FILTERS},
    http::{HeaderMap, StatusCode},
};
use serde_json::json;

use workload::Random;

criterion_group!(benches, serialize, publish);
criterion_main!(benches);

/// The numbers of webhooks that match an event.
const MATCHES: [usize; 4] = [0, 1, 10, 1_000];

fn serialize(criterion: &mut Criterion) {
    let event = hooks::event(7);
    let mut group = criterion.benchmark_group("serialize");
    group.throughput(Throughput::Bytes(
        serde_json::to_vec(&event).expect("the event is JSON").len() as u64,
    ));
    group.bench_function("serde_json::to_vec", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&event)));
    });
    group.finish();
}

/// Measures the time of one event. The throughput counts the webhooks that it is queued for.
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

/// Measures the match alone, and the match with one serialization of the event.
fn by_index(group: &mut BenchmarkGroup<'_, WallTime>, filters: &[Filter]) {
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, filter);
    }
    for matches in MATCHES {
        let passages = Passages::new(matches, filters.len());
        let (mut values, mut wanted) = (Values::new(), Vec::new());
        let mut find = |turn| {
            let passage = passages.at(turn);
            wanted.clear();
            values.reset(passage.schema());
            black_box(&passage).attributes(&mut values);
            index.matches_into(&values, &mut wanted);
            black_box(&wanted).len()
        };
        assert!((0..passages.sets).all(|turn| find(turn) == matches));
        measured(group, "match alone", matches, |turns| {
            let start = Instant::now();
            for turn in turns {
                find(turn);
            }
            start.elapsed()
        });
        if matches != 1 {
            continue;
        }
        measured(group, "match and to_vec", matches, |turns| {
            let mut kept = Vec::with_capacity((turns.end - turns.start) as usize);
            let start = Instant::now();
            for turn in turns {
                find(turn);
                kept.push(
                    serde_json::to_vec(black_box(&passages.event)).expect("the event is JSON"),
                );
            }
            start.elapsed()
        });
    }
}

fn by_engine(group: &mut BenchmarkGroup<'_, WallTime>, filters: &[Filter]) {
    let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::UNIX_EPOCH);
    for (id, filter) in (0_u32..).zip(filters) {
        engine.insert(id, webhook(filter), now).expect("the webhook is valid");
    }
    for matches in MATCHES {
        let passages = Passages::new(matches, filters.len());
        measured(group, "engine", matches, |turns| {
            let start = Instant::now();
            for turn in turns {
                let passage = passages.at(turn);
                let receipt =
                    engine.publish(black_box(&passage), now).expect("the queues have room");
                assert_eq!(receipt.queued, matches);
            }
            let time = start.elapsed();
            while let Some(request) = engine.poll_request(now, wall) {
                let (id, headers) = (request.attempt_id(), HeaderMap::new());
                engine.handle_response(id, StatusCode::OK, &headers, now, wall);
            }
            time
        });
    }
}

fn by_notifier(group: &mut BenchmarkGroup<'_, WallTime>, filters: &[Filter]) {
    let notifier = Notifier::new(hooks::Accept, ThreadClock::new());
    let webhooks = (0_u32..).zip(filters).map(|(id, filter)| (id.into(), webhook(filter)));
    notifier.replace_all(webhooks).expect("the webhooks are valid");
    let mut driver = notifier.driver();
    let each = [1, 2].into_iter().flat_map(|threads| MATCHES.map(|matches| (threads, matches)));
    for text in [Text::Model, Text::Serde] {
        for (threads, matches) in each.clone() {
            if text == Text::Serde && (threads, matches) != (1, 1) {
                continue;
            }
            let passages = Passages { text, ..Passages::new(matches, filters.len()) };
            let publish = |turns: Range<u64>| {
                for turn in turns {
                    let passage = passages.at(turn);
                    let receipt =
                        notifier.publish(black_box(&passage)).expect("the queues have room");
                    assert_eq!(receipt.queued, matches);
                }
            };
            let name = match text {
                Text::Model => format!("notifier, {threads} at once"),
                Text::Serde => "notifier, text by serde_json".to_owned(),
            };
            measured(group, &name, matches, |turns| {
                let time = time_of_threads(threads, turns, publish);
                hooks::drain(&notifier, &mut driver);
                time
            });
        }
    }
}

/// Measures `run`, which publishes the events of some turns and returns how long it took.
fn measured(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    matches: usize,
    mut run: impl FnMut(Range<u64>) -> Duration,
) {
    let mut next = 0;
    let mut run = |events| {
        let first = next;
        next += events;
        run(first..next)
    };
    group.throughput(Throughput::Elements(matches.max(1) as u64));
    group.bench_function(BenchmarkId::new(name, matches), |bencher| {
        // If nothing is queued, a run is long, so that starting threads does not count.
        bencher.iter_custom(|events| match matches {
            0 => run(events),
            _ => hooks::in_runs(events, (500_000 / matches).min(5_000), &mut run),
        });
    });
}

/// Returns the time in which `threads` threads do `turns`, each a part of them.
fn time_of_threads(
    threads: u64,
    turns: Range<u64>,
    act: impl Fn(Range<u64>) + Copy + Sync + Send,
) -> Duration {
    if threads == 1 {
        let start = Instant::now();
        act(turns);
        return start.elapsed();
    }
    let begin = Barrier::new(threads as usize + 1);
    let of_thread = |thread| turns.start + (turns.end - turns.start) * thread / threads;
    thread::scope(|scope| {
        let begin = &begin;
        for thread in 0..threads {
            let turns = of_thread(thread)..of_thread(thread + 1);
            scope.spawn(move || {
                begin.wait();
                act(turns);
            });
        }
        begin.wait();
        let start = Instant::now();
        // The scope ends when the threads end.
        start
    })
    .elapsed()
}

/// Returns filters in random order. Some match events of [`Passages`]. The others are from the
/// workload *selective* and match none of them.
fn filters(many: usize) -> Vec<Filter> {
    let mut random = Random(workload::FILTERS);
    let wanted = wanted(many);
    let mut places = Vec::from_iter(0..many);
    for last in (1..many).rev() {
        places.swap(last, random.below(last as u64 + 1) as usize);
    }
    let filter = |place| match place < wanted {
        true => {
            let sets = MATCHES.iter().filter(|matches| **matches > 0);
            let cameras = sets.map(|matches| camera(*matches, (place / matches) as u64));
            json!({"events": {"camera_in": Vec::from_iter(cameras), "matched": true}})
        }
        false => random.selective(),
    };
    let texts = places.into_iter().map(filter);
    texts
        .map(|text| Filter::parse(text.to_string(), &FILTERS).expect("the filter is valid"))
        .collect()
}

/// Returns how many of `many` filters match any event: half of them, and enough for each of
/// [`MATCHES`].
fn wanted(many: usize) -> usize {
    (many / 2).max(1_000)
}

/// The writer of an event's text.
#[derive(Clone, Copy, PartialEq)]
enum Text {
    /// The model itself.
    Model,
    /// serde_json, as for a notification that a host defines.
    Serde,
}

/// An event at another camera in each turn. At each camera, `matches` webhooks match it, and other
/// cameras have other webhooks.
struct Passages {
    event: Event,
    text: Text,
    camera: AttributeId,
    matches: usize,
    sets: u64,
}

impl Passages {
    fn new(matches: usize, many: usize) -> Self {
        let sets = (wanted(many) / matches.max(1)) as u64;
        let (event, camera) = (hooks::event(7), EVENTS.expect("camera"));
        Self { event, text: Text::Model, camera, matches, sets }
    }

    fn at(&self, turn: u64) -> Passage<'_> {
        Passage { of: self, camera: camera(self.matches, turn % self.sets) }
    }
}

/// The event at a camera, as filters see it. Its text is always the same.
struct Passage<'a> {
    of: &'a Passages,
    camera: i64,
}

impl Notification for Passage<'_> {
    fn schema(&self) -> &'static Schema {
        self.of.event.schema()
    }

    fn id(&self) -> Cow<'_, str> {
        self.of.event.id()
    }

    fn kind(&self) -> &str {
        self.of.event.kind()
    }

    fn attributes(&self, values: &mut Values) {
        self.of.event.attributes(values);
        values.int(self.of.camera, self.camera);
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self.of.text {
            Text::Model => self.of.event.encode(rendering, out),
            Text::Serde => Ok(serde_json::to_writer(out, &self.of.event)?),
        }
    }
}

/// Returns a camera that no filter of the workload asks for. It differs for each number of matches.
fn camera(matches: usize, set: u64) -> i64 {
    1_000_000 * (1 + matches as i64) + set as i64
}

fn webhook(filter: &Filter) -> Webhook {
    hooks::webhook("http://127.0.0.1:9/hook", 100).with_filter(filter.clone())
}
