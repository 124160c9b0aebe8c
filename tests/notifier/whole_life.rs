//! Whole programs, which do the same on every runtime and with any number of drivers.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use recohook::{
    Config, FailureKind, PublishError,
    findface::security::Event,
    policy::{Batching, Policy},
};

use super::support::*;

/// The number of publishers, and of the events of each.
const PUBLISHERS: usize = 4;
const EACH: usize = 100;

#[test]
fn everything_arrives_in_order_and_is_counted() {
    everywhere(|world| {
        let memory = Memory::default();
        let (receiver, attempts) = (memory.clone(), Arc::new(AtomicUsize::new(0)));
        let transport = instant(move |request, _| {
            // Every third attempt to send to the webhook "shaky" fails.
            let shaky = request.uri().path() == "/shaky";
            let fails = shaky && attempts.fetch_add(1, Ordering::Relaxed) % 3 == 0;
            if fails {
                return failure(FailureKind::Connect);
            }
            receiver.keep(request);
            status(200)
        });
        let (notifier, running) = world.start(transport, Config::default());
        let at = |path: &str, text: &str, policy: Policy| {
            let url = format!("http://127.0.0.1:9{path}");
            recohook::Webhook::new(&url, filter(text)).unwrap().with_policy(policy)
        };
        let batches = eager(0).with_batch(Batching::at_most(7).unwrap());
        notifier.insert("shaky", at("/shaky", "{}", batches)).unwrap();
        notifier
            .insert("picky", at("/picky", r#"{"events": {"camera_in": [3]}}"#, eager(1)))
            .unwrap();
        notifier.insert("idle", at("/idle", "{}", eager(1)).with_active(false)).unwrap();

        thread::scope(|scope| {
            for publisher in 0..PUBLISHERS {
                let notifier = notifier.clone();
                scope.spawn(move || {
                    for number in 0..EACH {
                        let camera = if number % 2 == 0 { 3 } else { 4 };
                        let event = Event::new(format!("{publisher}-{number}")).camera(camera);
                        let receipt = notifier.publish(&event).unwrap();
                        let wanted = if camera == 3 { 2 } else { 1 };
                        assert_eq!((receipt.matched, receipt.queued), (wanted, wanted));
                    }
                });
            }
        });
        let total = world.block_on(notifier.flush(LONG));
        let all = (PUBLISHERS * EACH) as u64;
        assert_eq!(total.pending(), 0);
        let (shaky, picky) = (notifier.stats("shaky").unwrap(), notifier.stats("picky").unwrap());
        assert_eq!((shaky.matched, shaky.accepted, shaky.delivered), (all, all, all));
        assert!(shaky.failures > 0);
        assert_eq!((picky.matched, picky.delivered, picky.failures), (all / 2, all / 2, 0));
        assert_eq!(notifier.stats("idle").unwrap().matched, 0);

        let mut seen: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for request in memory.requests() {
            for id in ids(&request) {
                let (publisher, number) = id.split_once('-').unwrap();
                let lane = (request.uri().path().to_owned(), publisher.to_owned());
                seen.entry(lane).or_default().push(number.parse().unwrap());
            }
        }
        assert_eq!(seen.len(), 2 * PUBLISHERS);
        for ((path, _), numbers) in seen {
            let step = if path == "/picky" { 2 } else { 1 };
            assert!(numbers.into_iter().eq((0..EACH).step_by(step)), "{path}");
        }

        assert_eq!(world.block_on(notifier.shutdown(LONG)), total);
        running.join();
        assert!(matches!(notifier.publish(&event(1)), Err(PublishError::Closed)));
        assert_eq!(notifier.total(), total);
    });
}

#[test]
fn when_the_last_handle_is_dropped_the_drivers_send_what_is_pending_and_end() {
    everywhere(|world| {
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        let lingering = eager(1).with_batch(Batching::at_most(1000).unwrap().with_linger(LONG));
        notifier.insert("all", webhook().with_policy(lingering)).unwrap();
        notifier.insert("paused", webhook()).unwrap();
        notifier.pause("paused").unwrap();
        let other = notifier.clone();
        for id in 0..10 {
            notifier.publish(&event(id)).unwrap();
        }
        drop(notifier);
        other.publish(&event(10)).unwrap();
        drop(other);
        running.join();
        assert!(memory.ids().into_iter().eq((0..=10).map(|id| id.to_string())));
    });
}
