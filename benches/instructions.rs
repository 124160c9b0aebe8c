//! Scenes whose instructions are counted. Unlike times, these counts do not vary with the load of
//! the machine.
//!
//! `benches/instructions.py` runs each scene under callgrind with two counts of operations and
//! divides the difference of the instructions by the difference of the counts, so the set-up of a
//! scene does not count. Given another checkout, it compares the two.
//!
//! `instructions SCENE COUNT` runs one scene. `instructions --scenes` prints the scenes with their
//! two counts. Any other arguments, such as those of `cargo bench`, run each scene briefly.
#![allow(clippy::print_stdout, reason = "the scenes are listed on standard output")]

mod hooks;
mod workload;

use std::{hint::black_box, mem, time::SystemTime};

use futures::future;
use recohook::{
    Clock, Config, Engine, Filter, FilterIndex, Moment, Notifier, Webhook, WebhookId,
    attribute::Values,
    findface::security::{Event as Model, FILTERS},
    http::{HeaderMap, StatusCode},
};
use serde_json::json;

use workload::{Event, Random};

/// A workload whose instructions are counted.
struct Scene {
    name: &'static str,
    /// The numbers of operations of the shorter and the longer run.
    counts: [usize; 2],
    run: fn(usize),
}

const SCENES: [Scene; 10] = [
    Scene::new("publish_unmatched", [2_000, 10_000], |count| publish(0, count)),
    Scene::new("publish_1", [2_400, 9_600], |count| publish(1, count)),
    Scene::new("publish_16", [600, 2_400], |count| publish(16, count)),
    Scene::new("engine_publish_1", [2_400, 9_600], |count| mem::forget(published(count))),
    Scene::new("poll_settle", [1_200, 4_800], poll_settle),
    // Each operation is one publish and its delivery.
    Scene::new("notifier_cycle", [1_200, 4_800], notifier_cycle),
    Scene::new("filter_hit", [10_000, 110_000], |count| filter(HIT, true, count)),
    Scene::new("filter_miss", [10_000, 110_000], |count| filter(MISS, false, count)),
    Scene::new("index_1000", [1_024, 5_120], |count| index(1_000, count)),
    Scene::new("index_10000", [1_024, 5_120], |count| index(10_000, count)),
];

/// The number of operations of each scene in a smoke run.
const FEW: usize = 32;
/// The number of webhooks in a registry.
const WEBHOOKS: usize = 1_000;
/// The number of webhooks that match events. Each of them matches events at a camera of its own,
/// and at a camera that it shares with 15 others. The rest match no event.
const WANTING: usize = 480;
/// The number of deliveries that wait in the engine. It does not depend on the count, so that runs
/// differ only in what they settle.
const QUEUED: usize = 4_800;
const SEED: u64 = 7;
const NOW: Moment = Moment::ZERO;
const WALL: SystemTime = SystemTime::UNIX_EPOCH;

const FILTER: &str = r#"{"events": {
    "allowed_bs_types": ["overall", "realtime"], "camera_group_in": [1, 3],
    "camera_in": [5, 8, 13], "matched_lists_in": [-1, 4], "matched_dossier_in": [12, 25],
    "matched": true, "confidence_gte": 0.75}}"#;
/// The camera of an event that [`FILTER`] matches.
const HIT: i64 = 13;
/// The camera of an event that it does not match.
const MISS: i64 = 14;

fn main() {
    let arguments = Vec::from_iter(std::env::args().skip(1));
    let arguments = Vec::from_iter(arguments.iter().map(String::as_str));
    match arguments[..] {
        ["--scenes"] => {
            for Scene { name, counts: [low, high], .. } in &SCENES {
                println!("{name} {low} {high}");
            }
        }
        [name, count] if !count.starts_with('-') => {
            let scene = SCENES.iter().find(|scene| scene.name == name);
            let scene = scene.unwrap_or_else(|| panic!("there is no scene {name}"));
            (scene.run)(count.parse().expect("the count of operations must be a number"));
        }
        // `cargo bench` passes other arguments.
        _ => SCENES.iter().for_each(|scene| (scene.run)(FEW)),
    }
}

impl Scene {
    const fn new(name: &'static str, counts: [usize; 2], run: fn(usize)) -> Self {
        Self { name, counts, run }
    }
}

/// Publishes `count` events that `matches` webhooks match. All of them stay in the queues.
fn publish(matches: usize, count: usize) {
    let notifier = notifier();
    publish_all(&notifier, matches, count);
    // Freeing the queues must not count as publishing.
    mem::forget(notifier);
}

fn publish_all(notifier: &Notifier, matches: usize, count: usize) {
    for event in events(matches).iter().cycle().take(count) {
        let receipt = notifier.publish(black_box(event)).expect("the queues have room");
        assert_eq!(receipt.queued, matches);
    }
}

/// Publishes `count` events and lets a driver deliver them.
fn notifier_cycle(count: usize) {
    let notifier = notifier();
    publish_all(&notifier, 1, count);
    hooks::drain(&notifier, &mut notifier.driver());
    mem::forget(notifier);
}

/// Takes `count` requests from an engine and settles each with success.
fn poll_settle(count: usize) {
    let mut engine = published(QUEUED);
    let headers = HeaderMap::new();
    for _ in 0..count {
        let request = black_box(engine.poll_request(NOW, WALL)).expect("a delivery waits");
        let id = request.attempt_id();
        engine.handle_response(id, StatusCode::OK, &headers, NOW, WALL);
    }
    assert_eq!(engine.total().delivered, count as u64);
    mem::forget(engine);
}

/// Returns an engine with `count` events in its queues, each for one webhook.
fn published(count: usize) -> Engine {
    let mut engine = Engine::with_config(Config::default().with_seed(SEED));
    engine.replace_all(webhooks(), NOW).expect("the webhooks are valid");
    for event in events(1).iter().cycle().take(count) {
        let receipt = engine.publish(black_box(event), NOW).expect("the queues have room");
        assert_eq!(receipt.queued, 1);
    }
    engine
}

/// Tests one filter `count` times on one notification.
fn filter(camera: i64, wanted: bool, count: usize) {
    let filter = Filter::parse(FILTER, &FILTERS).expect("the filter is valid");
    let event = Event {
        overall: Some(true),
        camera_group: Some(3),
        camera: Some(camera),
        lists: vec![7, 4],
        dossier: Some(12),
        matched: Some(true),
        confidence: Some(0.8),
    };
    let values = event.values();
    for _ in 0..count {
        assert_eq!(black_box(&filter).matches(black_box(&values)), wanted);
    }
}

/// Finds which of the filters match each of `count` events. The workload is *spec*.
fn index(filters: usize, count: usize) {
    const EVENTS: usize = 1_024;
    let mut random = Random(workload::FILTERS);
    let mut index = FilterIndex::new();
    for id in 0..filters as u32 {
        let filter =
            Filter::parse(random.filter().to_string(), &FILTERS).expect("the filter is valid");
        index.insert(id, &filter);
    }
    let mut random = Random(workload::EVENTS_SEED);
    let samples: Vec<Values> = (0..EVENTS).map(|_| random.event().values()).collect();
    let mut wanted = Vec::new();
    for values in samples.iter().cycle().take(count) {
        wanted.clear();
        index.matches_into(black_box(values), &mut wanted);
        black_box(&wanted);
    }
}

fn notifier() -> Notifier {
    let config = Config::default().with_seed(SEED);
    let notifier = Notifier::with_config(hooks::Accept, Frozen, config);
    notifier.replace_all(webhooks()).expect("the webhooks are valid");
    notifier
}

/// Returns the webhooks. The first [`WANTING`] match events, each at a camera of its own and at one
/// that it shares with 15 others.
fn webhooks() -> Vec<(WebhookId, Webhook)> {
    let mut random = Random(workload::FILTERS);
    let filter = |place| match place < WANTING {
        true => {
            let cameras = [camera(1, place), camera(16, place / 16)];
            json!({"events": {"camera_in": cameras, "matched": true}})
        }
        false => random.selective(),
    };
    let parse = |text: String| Filter::parse(text, &FILTERS).expect("the filter is valid");
    let filters = (0..WEBHOOKS).map(filter).map(|text| parse(text.to_string()));
    let webhook = |filter| hooks::webhook("http://127.0.0.1:9/hook", 1).with_filter(filter);
    (0_u32..).zip(filters).map(|(id, filter)| (id.into(), webhook(filter))).collect()
}

/// Returns events that `matches` webhooks match. Together they match each webhook that matches any
/// event.
fn events(matches: usize) -> Vec<Model> {
    let sets = WANTING / matches.max(1);
    (0..sets).map(|set| hooks::event(camera(matches, set))).collect()
}

/// Returns a camera that no filter of the workload asks for. It differs for each number of matches.
fn camera(matches: usize, set: usize) -> i64 {
    (1_000_000 * (1 + matches) + set) as i64
}

/// A clock that never moves, so that nothing times out and no timer wakes anything.
struct Frozen;

#[recohook::async_trait]
impl Clock for Frozen {
    fn now(&self) -> Moment {
        NOW
    }

    fn wall(&self) -> SystemTime {
        WALL
    }

    async fn sleep_until(&self, at: Moment) {
        if at > NOW {
            future::pending::<()>().await;
        }
    }
}
