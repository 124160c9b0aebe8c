//! When endpoints, webhooks and lanes free their memory.

use std::sync::Arc;

use allocation_counter::measure;
use recohook::{
    FailureKind, Limits, Moment,
    policy::{Batching, Policy},
    unstable::{Dispatcher, Outcome, WebhookKey},
};

use crate::rig::{EPISODES, EVENTS, item, response, retries};

const NOW: Moment = Moment::ZERO;

/// Inserts a webhook and publishes one notification to it in each of two topics.
fn busy(dispatcher: &mut Dispatcher<u64>, id: u64, endpoint: &Arc<u64>) -> WebhookKey {
    let key = dispatcher.insert(id.into(), Arc::clone(endpoint), retries(3));
    for schema in [&EVENTS, &EPISODES] {
        dispatcher.publish(&[key], &item(schema, "1"), NOW);
    }
    key
}

fn dispatcher() -> Dispatcher<u64> {
    Dispatcher::new(Limits::default(), 7)
}

#[test]
fn an_idle_webhook_is_freed_when_it_is_removed() {
    let (mut dispatcher, endpoint) = (dispatcher(), Arc::new(1));
    let key = dispatcher.insert("1".into(), Arc::clone(&endpoint), retries(3));
    dispatcher.remove(key);
    // The effects own the endpoint, so the caller decides when it is dropped.
    assert_eq!(Arc::strong_count(&endpoint), 2, "the dispatcher must not drop the endpoint");
    drop(dispatcher.take_effects());
    assert_eq!(Arc::strong_count(&endpoint), 1);
}

#[test]
fn a_removed_webhook_is_freed_with_the_outcome_of_its_last_request() {
    let (mut dispatcher, endpoint) = (dispatcher(), Arc::new(1));
    let key = busy(&mut dispatcher, 1, &endpoint);
    let ids = [(); 2].map(|()| dispatcher.poll_delivery(NOW).unwrap().attempt_id());
    dispatcher.remove(key);
    dispatcher.handle_failure(ids[0], FailureKind::Connect, None, NOW);
    drop(dispatcher.take_effects());
    assert_eq!(Arc::strong_count(&endpoint), 2, "a request in flight needs the endpoint");
    dispatcher.handle_outcome(ids[1], response(200, None), NOW);
    drop(dispatcher.take_effects());
    assert_eq!(Arc::strong_count(&endpoint), 1);
    assert_eq!(dispatcher.stats(&"1".into()), None);
}

#[test]
fn an_abort_frees_the_removed_webhooks() {
    let (mut dispatcher, endpoint) = (dispatcher(), Arc::new(1));
    let key = busy(&mut dispatcher, 1, &endpoint);
    let delivery = dispatcher.poll_delivery(NOW).unwrap();
    dispatcher.remove(key);
    dispatcher.abort();
    drop((delivery, dispatcher.take_effects()));
    assert_eq!(Arc::strong_count(&endpoint), 1);
    assert_eq!(dispatcher.stats(&"1".into()), None);
}

#[test]
fn an_endpoint_is_freed_when_an_update_or_another_webhook_replaces_it() {
    let (mut dispatcher, endpoint) = (dispatcher(), Arc::new(1));
    let key = dispatcher.insert("1".into(), Arc::clone(&endpoint), retries(3));
    dispatcher.update(key, Arc::new(2), retries(3), NOW);
    drop(dispatcher.take_effects());
    assert_eq!(Arc::strong_count(&endpoint), 1);
    dispatcher.update(key, Arc::clone(&endpoint), retries(3), NOW);
    dispatcher.insert("1".into(), Arc::new(3), retries(3));
    drop(dispatcher.take_effects());
    assert_eq!(Arc::strong_count(&endpoint), 1);
}

/// If two removed webhooks had the same id, its statistics are those of the webhook that was
/// removed last, until that webhook is freed.
#[test]
fn the_statistics_of_a_reused_id_belong_to_the_last_removed_webhook() {
    for first in [true, false] {
        let mut dispatcher = dispatcher();
        let deliveries = [1, 2].map(|endpoint| {
            let key = busy(&mut dispatcher, 1, &Arc::new(endpoint));
            let delivery = dispatcher.poll_delivery(NOW).unwrap();
            // A third notification distinguishes the second webhook from the first.
            if endpoint == 2 {
                dispatcher.publish(&[key], &item(&EVENTS, "2"), NOW);
            }
            dispatcher.remove(key);
            delivery
        });
        let id = "1".into();
        let matched = |dispatcher: &Dispatcher<u64>| dispatcher.stats(&id).map(|it| it.matched);
        assert_eq!(matched(&dispatcher), Some(3));
        let (settled, other) = if first { (0, 1) } else { (1, 0) };
        let ok = response(200, None);
        dispatcher.handle_outcome(deliveries[settled].attempt_id(), ok, NOW);
        assert_eq!(matched(&dispatcher), Some(if first { 3 } else { 2 }));
        dispatcher.handle_outcome(deliveries[other].attempt_id(), ok, NOW);
        assert_eq!(matched(&dispatcher), None);
    }
}

/// Returns by how many bytes a second call of `run` increases the allocated memory. The first call
/// allocates what is kept for later calls.
fn growth(dispatcher: &mut Dispatcher<u64>, mut run: impl FnMut(&mut Dispatcher<u64>)) -> i64 {
    run(dispatcher);
    measure(|| run(dispatcher)).bytes_current
}

#[test]
fn inserting_and_removing_webhooks_does_not_leak() {
    let (endpoint, mut ids) = (Arc::new(1), 0..);
    let all = growth(&mut dispatcher(), |dispatcher| {
        for outcome in [response(200, None), response(500, None), Outcome::Abandoned] {
            for id in ids.by_ref().take(100) {
                let key = busy(dispatcher, id, &endpoint);
                let id = dispatcher.poll_delivery(NOW).unwrap().attempt_id();
                dispatcher.remove(key);
                dispatcher.handle_outcome(id, outcome, NOW);
                drop(dispatcher.take_effects());
            }
        }
    });
    // One lane is larger than this bound, and the second run has created and freed 600 lanes.
    assert!(all <= 64, "{all} bytes are still allocated");
}

#[test]
fn an_idle_lane_does_not_keep_memory_of_earlier_batches() {
    const WEBHOOKS: usize = 100;
    let mut dispatcher = dispatcher();
    let policy = |batch| {
        let batch = Batching::at_most(batch).unwrap();
        Arc::new(Policy::default().with_batch(batch).with_max_in_flight_batches(4).unwrap())
    };
    let policies = [policy(1), policy(3)];
    let keys: Vec<_> = (0..WEBHOOKS as u64)
        .map(|id| dispatcher.insert(id.into(), Arc::new(1), Arc::clone(&policies[id as usize % 2])))
        .collect();
    let round = |dispatcher: &mut Dispatcher<u64>, items: usize| {
        for _ in 0..items {
            let item = item(&EVENTS, "1");
            assert_eq!(dispatcher.publish(&keys, &item, NOW).queued, WEBHOOKS);
        }
        loop {
            let ids: Vec<_> = std::iter::from_fn(|| dispatcher.poll_delivery(NOW))
                .map(|delivery| delivery.attempt_id())
                .collect();
            if ids.is_empty() {
                break;
            }
            for id in ids {
                dispatcher.handle_outcome(id, response(200, None), NOW);
            }
        }
        drop(dispatcher.take_effects());
        assert_eq!(dispatcher.total().pending(), 0);
    };
    // First let each lane allocate what it needs for one notification at a time.
    for _ in 0..2 {
        round(&mut dispatcher, 1);
    }
    let grown = measure(|| round(&mut dispatcher, 20)).bytes_current;
    let each = grown / WEBHOOKS as i64;
    assert!(each < 32, "each lane keeps {each} bytes");
}
