//! Scenes for counting instructions, which do not vary with the load of the machine as times do.
//!
//! `benches/instructions.py` runs each scene under callgrind with two counts of operations and
//! divides the difference of the instructions by the difference of the counts, so the set-up of a
//! scene does not count. Given another checkout, it compares the two.
//!
//! `instructions SCENE COUNT` runs one scene, `instructions --scenes` prints the scenes with their
//! two counts, and anything else (as from `cargo bench`) runs each scene briefly.
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
    /// The operations of the shorter and of the longer run.
    counts: [usize; 2],
    run: fn(usize),
}

const SCENES: [Scene; 10] = [
    Scene::new("publish_unmatched", [2_000, 10_000], |count| publish(0, count)),
    Scene::new("publish_1", [2_400, 9_600], |count| publish(1, count)),
    Scene::new("publish_16", [600, 2_400], |count| publish(16, count)),
    Scene::new("engine_publish_1", [2_400, 9_600], |count| mem::forget(published(count))),
    Scene::new("poll_settle", [1_200, 4_800], poll_settle),
    // One publish and the delivery of it.
    Scene::new("notifier_cycle", [1_200, 4_800], notifier_cycle),
    Scene::new("filter_hit", [10_000, 110_000], |count| filter(HIT, true, count)),
    Scene::new("filter_miss", [10_000, 110_000], |count| filter(MISS, false, count)),
    Scene::new("index_1000", [1_024, 5_120], |count| index(1_000, count)),
    Scene::new("index_10000", [1_024, 5_120], |count| index(10_000, count)),
];

/// The operations of each scene in a smoke run.
const FEW: usize = 32;
/// The webhooks of a registry.
const WEBHOOKS: usize = 1_000;
/// The webhooks that want an event at some camera: each one that no other wants, and one that 15
/// others want too. The rest want none of the events.
const WANTING: usize = 480;
/// The deliveries that wait in the engine whatever the count, so that only those settled differ.
const QUEUED: usize = 4_800;
const SEED: u64 = 7;
const NOW: Moment = Moment::ZERO;
const WALL: SystemTime = SystemTime::UNIX_EPOCH;

const FILTER: &str = r#"{"events": {
    "allowed_bs_types": ["overall", "realtime"], "camera_group_in": [1, 3],
    "camera_in": [5, 8, 13], "matched_lists_in": [-1, 4], "matched_dossier_in": [12, 25],
    "matched": true, "confidence_gte": 0.75}}"#;
/// The camera of an event that [`FILTER`] wants.
const HIT: i64 = 13;
/// The camera of one that it does not want.
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
            (scene.run)(count.parse().expect("the count of operations is a number"));
        }
        // What `cargo bench` passes.
        _ => SCENES.iter().for_each(|scene| (scene.run)(FEW)),
    }
}

impl Scene {
    const fn new(name: &'static str, counts: [usize; 2], run: fn(usize)) -> Self {
        Self { name, counts, run }
    }
}

/// Publishes so many events that `matches` of the webhooks want. All of them stay in the queues.
fn publish(matches: usize, count: usize) {
    let notifier = notifier();
    publish_all(&notifier, matches, count);
    // Freeing the queues does not count as publishing.
    mem::forget(notifier);
}

fn publish_all(notifier: &Notifier, matches: usize, count: usize) {
    for event in events(matches).iter().cycle().take(count) {
        let receipt = notifier.publish(black_box(event)).expect("there is room");
        assert_eq!(receipt.queued, matches);
    }
}

/// Publishes so many events and lets a driver deliver them.
fn notifier_cycle(count: usize) {
    let notifier = notifier();
    publish_all(&notifier, 1, count);
    hooks::drain(&notifier, &mut notifier.driver());
    mem::forget(notifier);
}

/// Takes so many requests from an engine and settles each with success.
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

/// An engine that has so many events queued, each for one webhook.
fn published(count: usize) -> Engine {
    let mut engine = Engine::with_config(Config::default().with_seed(SEED));
    engine.replace_all(webhooks(), NOW).expect("webhooks");
    for event in events(1).iter().cycle().take(count) {
        let receipt = engine.publish(black_box(event), NOW).expect("there is room");
        assert_eq!(receipt.queued, 1);
    }
    engine
}

/// Tests one filter on one notification so many times.
fn filter(camera: i64, wanted: bool, count: usize) {
    let filter = Filter::parse(FILTER, &FILTERS).expect("a filter");
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

/// Finds which of so many filters of the workload *spec* want each of so many events.
fn index(filters: usize, count: usize) {
    const EVENTS: usize = 1_024;
    let mut random = Random(workload::FILTERS);
    let mut index = FilterIndex::new();
    for id in 0..filters as u32 {
        let filter = Filter::parse(random.filter().to_string(), &FILTERS).expect("a filter");
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
    notifier.replace_all(webhooks()).expect("webhooks");
    notifier
}

/// Each wants an event at a camera of its own and at one that 15 others have too, or none of them.
fn webhooks() -> Vec<(WebhookId, Webhook)> {
    let mut random = Random(workload::FILTERS);
    let filter = |place| match place < WANTING {
        true => {
            let cameras = [camera(1, place), camera(16, place / 16)];
            json!({"events": {"camera_in": cameras, "matched": true}})
        }
        false => random.selective(),
    };
    let parse = |text: String| Filter::parse(text, &FILTERS).expect("a filter");
    let filters = (0..WEBHOOKS).map(filter).map(|text| parse(text.to_string()));
    let webhook = |filter| hooks::webhook("http://127.0.0.1:9/hook", 1).with_filter(filter);
    (0_u32..).zip(filters).map(|(id, filter)| (id.into(), webhook(filter))).collect()
}

/// Events that `matches` of the webhooks want; over all of them, each of those that want any has
/// its turn.
fn events(matches: usize) -> Vec<Model> {
    let sets = WANTING / matches.max(1);
    (0..sets).map(|set| hooks::event(camera(matches, set))).collect()
}

/// A camera that no filter of the workload asks for, a different one for each number of matches.
fn camera(matches: usize, set: usize) -> i64 {
    (1_000_000 * (1 + matches) + set) as i64
}

/// A clock that never moves: nothing times out, and no thread wakes anything.
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
