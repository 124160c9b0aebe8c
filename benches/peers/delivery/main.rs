//! Deliveries over loopback: recohook compared with the crates `webhook-dispatcher` and
//! `webhooksmith`.
//!
//! Each event is sent to 16 webhooks, signed, with at most 16 requests at a time. The receiver
//! checks that each request is signed and counts the events in it. The measurement ends when all
//! have arrived. Each engine is given the number of pending events with which it is fastest.
//!
//! `RECOHOOK_BENCH_EVENTS` sets the number of events, 2,000 by default.
#![allow(clippy::print_stdout, reason = "the program prints its results")]

mod notifier;
mod receiver;
mod webhook_dispatcher;
mod webhooksmith;

use std::time::{Duration, Instant};

use recohook::{
    Notification, Rendering,
    findface::security::{self, AnyNotification, Event},
};

use notifier::Recohook;
use receiver::Receiver;
use webhook_dispatcher::WebhookDispatcher;
use webhooksmith::Webhooksmith;

const WEBHOOKS: usize = 16;

const SECRET: &str = "a secret of thirty-two characters";

const ROUNDS: usize = 3;

/// An engine has stalled if nothing arrives for this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine with webhooks that match every event.
trait Engine {
    const NAME: &'static str;

    /// Publishes one event to all webhooks. Waits if the engine requires it.
    async fn publish(&self, event: &Event);

    /// Ends its tasks.
    async fn end(self);
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let many = std::env::var("RECOHOOK_BENCH_EVENTS")
        .map_or(2_000, |many| many.parse().expect("RECOHOOK_BENCH_EVENTS must be a number"));
    let events = events(many);
    let receiver = Receiver::start(encoded(&events[0]).len());
    let url = receiver.url();

    println!("{} deliveries of {} bytes", many * WEBHOOKS, encoded(&events[0]).len());
    let mut best = [0.0_f64; 4];
    // The engines take turns, so that a slow moment of the machine affects all of them.
    for _ in 0..ROUNDS {
        let rates = [
            rate(Recohook::new(url, 100), many, &events, &receiver).await,
            rate(Recohook::new(url, 1), many, &events, &receiver).await,
            rate(WebhookDispatcher::new(url).await, 100, &events, &receiver).await,
            rate(Webhooksmith::new(url).await, 100, &events, &receiver).await,
        ];
        for (best, rate) in best.iter_mut().zip(rates) {
            *best = best.max(rate);
        }
    }
    let [batches, single, ..] = best;
    println!("| engine | notifications/s, best of {ROUNDS} | batches of 100 are | one by one is |");
    println!("|---|---|---|---|");
    let names =
        ["recohook, batches of 100", "recohook, one by one", "webhook-dispatcher", "webhooksmith"];
    for (name, rate) in names.into_iter().zip(best) {
        println!("| {name} | {rate:.0} | {:.1} x | {:.1} x |", batches / rate, single / rate);
    }
}

/// Returns how many notifications arrive per second if at most `pending` events are published and
/// have not arrived.
async fn rate<E: Engine>(engine: E, pending: usize, events: &[Event], receiver: &Receiver) -> f64 {
    let before = receiver.count();
    let arrived = async |events: usize| {
        let arrival = receiver.has(before + events * WEBHOOKS);
        if tokio::time::timeout(PATIENCE, arrival).await.is_err() {
            panic!("{} stalled after {} arrivals", E::NAME, receiver.count() - before);
        }
    };
    let start = Instant::now();
    for (published, event) in events.iter().enumerate() {
        arrived(published.saturating_sub(pending)).await;
        engine.publish(event).await;
    }
    arrived(events.len()).await;
    let took = start.elapsed();
    if tokio::time::timeout(PATIENCE, engine.end()).await.is_err() {
        panic!("{} does not end", E::NAME);
    }
    let all = events.len() * WEBHOOKS;
    assert_eq!(receiver.count() - before, all, "each event must arrive once at each webhook");
    all as f64 / took.as_secs_f64()
}

/// Returns copies of the documented event with other ids of the same length.
fn events(many: usize) -> Vec<Event> {
    let documented = include_bytes!("../../../tests/data/findface-security-2020/event.json");
    let mut notifications =
        security::parse_delivery(documented).expect("the documented body is valid");
    let Some(AnyNotification::Event(event)) = notifications.pop() else {
        panic!("the documented body is an event")
    };
    let numbered = |number: usize| {
        let mut event = (*event).clone();
        event.id = format!("{:019}", number);
        event
    };
    (0..many).map(numbered).collect()
}

fn encoded(event: &Event) -> Vec<u8> {
    let mut body = Vec::new();
    event.encode(Rendering::Full, &mut body).expect("the event can be encoded");
    body
}
