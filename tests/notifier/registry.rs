//! Webhooks that are inserted, changed and removed while notifications are delivered.

use futures::executor::block_on;
use recohook::{
    Config, Notifier, RegistryError, Webhook, WebhookId, clock::ThreadClock, policy::Batching,
};

use super::support::*;

fn idle() -> Notifier {
    Notifier::new(Memory::default(), ThreadClock::new())
}

fn names(notifier: &Notifier) -> Vec<String> {
    let mut names: Vec<_> =
        notifier.webhooks().iter().map(|(id, one)| format!("{id} {}", one.name())).collect();
    names.sort();
    names
}

#[test]
fn webhooks_are_listed_as_they_were_last_changed() {
    let notifier = idle();
    notifier.insert(1, webhook().with_name("one")).unwrap();
    notifier.insert("two", webhook().with_name("two")).unwrap();
    notifier.update(1, webhook().with_name("first")).unwrap();
    assert_eq!(names(&notifier), ["1 first", "two two"]);
    assert_eq!(notifier.webhook(1_u64).unwrap().name(), "first");
    notifier.remove("1").unwrap();
    assert!(notifier.webhook(1).is_none());
    assert_eq!(names(&notifier), ["two two"]);
}

#[test]
fn an_invalid_change_is_refused_and_changes_nothing() {
    let notifier = idle();
    notifier.insert("a", webhook().with_name("first")).unwrap();
    let large = || webhook().with_header("x-large", &"x".repeat(20_000)).unwrap();
    let (a, b) = (WebhookId::from("a"), WebhookId::from("b"));
    let bytes: usize = {
        let one = large();
        one.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
    };
    let too_large = RegistryError::HeadersTooLarge { id: b.clone(), bytes, limit: 16384 };

    assert_eq!(notifier.insert("a", webhook()), Err(RegistryError::Taken { id: a.clone() }));
    assert_eq!(notifier.insert("b", large()), Err(too_large.clone()));
    for unknown in [
        notifier.update("b", webhook()),
        notifier.remove("b"),
        notifier.pause("b"),
        notifier.resume("b"),
    ] {
        assert_eq!(unknown, Err(RegistryError::Unknown { id: b.clone() }));
    }
    let list = [(b.clone(), webhook()), (a.clone(), webhook()), (b.clone(), webhook())];
    assert_eq!(notifier.replace_all(list), Err(RegistryError::DuplicateId { id: b.clone() }));
    let list = [(a.clone(), webhook()), (b, large())];
    assert_eq!(notifier.replace_all(list), Err(too_large));
    assert_eq!(names(&notifier), ["a first"]);
    assert!(notifier.stats("b").is_none());
    assert_eq!(
        RegistryError::Taken { id: a }.to_string(),
        "a webhook with the id \"a\" is registered already; update it instead"
    );
}

#[test]
fn replace_all_keeps_the_queues_of_webhooks_that_stay() {
    let notifier = idle();
    for id in ["goes", "stays"] {
        notifier.insert(id, webhook()).unwrap();
    }
    notifier.publish(&event(1)).unwrap();
    let replaced =
        notifier.replace_all([("stays".into(), webhook()), ("comes".into(), webhook())]).unwrap();
    assert_eq!((replaced.inserted, replaced.updated, replaced.removed), (1, 1, 1));
    assert_eq!(notifier.publish(&event(2)).unwrap().queued, 2);
    assert_eq!(notifier.stats("stays").unwrap().pending(), 2);
    assert_eq!(notifier.stats("comes").unwrap().pending(), 1);
    assert_eq!(notifier.stats("goes"), None);
    let total = notifier.total();
    assert_eq!((total.accepted, total.dropped.removed, total.pending()), (4, 1, 3));
}

#[test]
fn an_inactive_webhook_matches_nothing_and_still_sends_its_queue() {
    everywhere(|world| {
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        let lingering = eager(1).with_batch(Batching::at_most(9).unwrap().with_linger(LONG));
        let one = || webhook().with_policy(lingering.clone());
        notifier.insert("one", one()).unwrap();
        notifier.publish(&event(1)).unwrap();
        notifier.update("one", one().with_active(false)).unwrap();
        assert_eq!(notifier.publish(&event(2)).unwrap().matched, 0);
        assert_eq!(world.block_on(notifier.flush(LONG)).delivered, 1);
        notifier.update("one", one()).unwrap();
        assert_eq!(notifier.publish(&event(3)).unwrap().queued, 1);
        world.block_on(notifier.shutdown(LONG));
        assert_eq!(memory.ids(), ["1", "3"]);
        running.join();
    });
}

#[test]
fn an_update_applies_to_requests_that_follow() {
    everywhere(|world| {
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        let at = |path: &str, text: &str| {
            let lingering = eager(1).with_batch(Batching::at_most(9).unwrap().with_linger(LONG));
            let one = Webhook::new(&format!("http://127.0.0.1:9{path}"), filter(text)).unwrap();
            one.with_policy(lingering).with_header("x-path", path).unwrap()
        };
        notifier.insert("one", at("/old", r#"{"events": {"camera_in": [1]}}"#)).unwrap();
        notifier.publish(&event(1).camera(1)).unwrap();
        notifier.update("one", at("/new", r#"{"events": {"camera_in": [2]}}"#)).unwrap();
        assert_eq!(notifier.publish(&event(2).camera(1)).unwrap().matched, 0);
        assert_eq!(notifier.publish(&event(3).camera(2)).unwrap().queued, 1);
        world.block_on(notifier.shutdown(LONG));
        let [request] = &memory.requests()[..] else { panic!("one batch is expected") };
        assert_eq!(
            (request.uri().path(), &request.headers()["x-path"]),
            ("/new", &"/new".parse().unwrap())
        );
        assert_eq!(ids(request), ["1", "3"]);
        running.join();
    });
}

#[test]
fn a_paused_webhook_queues_and_sends_after_it_is_resumed() {
    everywhere(|world| {
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        notifier.insert("one", webhook()).unwrap();
        notifier.pause("one").unwrap();
        notifier.pause("one").unwrap();
        assert!(notifier.status("one").unwrap().paused);
        assert_eq!(notifier.publish(&event(1)).unwrap().queued, 1);
        assert_eq!(world.block_on(notifier.flush(LONG)).pending(), 1);
        assert!(memory.requests().is_empty());
        notifier.resume("one").unwrap();
        assert_eq!(world.block_on(notifier.flush(LONG)).pending(), 0);
        world.block_on(notifier.shutdown(LONG));
        running.join();
    });
}

#[test]
fn a_flush_does_not_wait_for_a_webhook_that_is_paused_or_removed_meanwhile() {
    everywhere(|world| {
        let (notifier, running) = world.start(instant(|_, _| status(500)), Config::default());
        notifier.insert("paused", webhook()).unwrap();
        notifier.insert("removed", webhook()).unwrap();
        notifier.publish(&event(1)).unwrap();
        let total = world.block_on(async {
            let flush = notifier.flush(LONG);
            futures::pin_mut!(flush);
            assert!(futures::poll!(&mut flush).is_pending());
            notifier.pause("paused").unwrap();
            notifier.remove("removed").unwrap();
            flush.await
        });
        assert_eq!(notifier.stats("paused").unwrap().pending(), 1);
        assert!(total.pending() <= 2, "only the requests in flight may be pending: {total}");
        assert_eq!(world.block_on(notifier.shutdown(LONG)).pending(), 0);
        running.join();
    });
}

#[test]
fn a_request_in_flight_for_a_removed_webhook_settles_once() {
    everywhere(|world| {
        let (started, starts) = std::sync::mpsc::channel();
        let started = std::sync::Mutex::new(started);
        let transport = slow(move |_, _| {
            let (answer, answered) = futures::channel::oneshot::channel();
            started.lock().unwrap().send(answer).unwrap();
            Box::pin(async move { status(answered.await.unwrap()) })
        });
        let (notifier, running) = world.start(transport, Config::default());
        for (code, delivered, removed) in [(200, 1, 1), (500, 0, 2)] {
            notifier.insert("one", webhook()).unwrap();
            notifier.publish(&event(1)).unwrap();
            let answer = starts.recv_timeout(LONG).unwrap();
            notifier.publish(&event(2)).unwrap();
            let before = notifier.total();
            notifier.remove("one").unwrap();
            let stats =
                notifier.stats("one").expect("the statistics remain until the request settles");
            assert_eq!((stats.pending(), stats.dropped.removed), (1, 1));
            // The id is free for another webhook, which has its own statistics.
            notifier.insert("one", webhook()).unwrap();
            assert_eq!(notifier.stats("one").unwrap().accepted, 0);
            notifier.remove("one").unwrap();
            answer.send(code).unwrap();
            while notifier.stats("one").is_some() {
                std::thread::yield_now();
            }
            let total = notifier.total();
            assert_eq!(total.delivered, before.delivered + delivered);
            assert_eq!(total.dropped.removed, before.dropped.removed + removed);
            assert_eq!(total.pending(), 0);
        }
        block_on(notifier.shutdown(LONG));
        running.join();
    });
}
