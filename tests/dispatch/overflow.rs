//! Full queues: which notifications are rejected or dropped.

use recohook::{
    Limits,
    policy::{Batching, Overflow, Policy},
    report::{DeadLetterReason, DropReason, Stats},
};

use crate::rig::{EPISODES, EVENTS, Rig, ids, retries};

#[test]
fn the_oldest_of_all_topics_is_dropped_even_if_all_have_the_same_moment() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(4));
    let key = rig.insert("1", retries(3).with_overflow(Overflow::DropOldest));
    rig.publish(key, &EVENTS);
    let head = rig.take();
    rig.publish(key, &EPISODES);
    let episode = rig.take();
    assert_eq!((ids(&head), ids(&episode)), (vec!["1"], vec!["2"]));
    // Both lanes have an attempt in flight. The oldest queued notification is in the newer lane.
    rig.publish(key, &EPISODES);
    rig.publish(key, &EVENTS);
    rig.publish(key, &EVENTS);
    assert_eq!(
        rig.lines(),
        [r#"<queue:  0> Webhook worker(id-1, type-"episodes") dropped 1 (overflow): ['3']"#]
    );
}

#[test]
fn a_lane_that_overflows_keeps_its_turn() {
    let limits = Limits::default().with_max_webhook_queue_items(1).with_max_in_flight(1);
    let mut rig = Rig::with(limits);
    let overflowing = rig.insert("1", retries(3).with_overflow(Overflow::DropOldest));
    let (steady, busy) = (rig.insert("2", retries(3)), rig.insert("3", retries(3)));
    rig.publish(busy, &EVENTS);
    let head = rig.take();
    rig.publish(overflowing, &EVENTS);
    rig.publish(steady, &EVENTS);
    rig.publish(overflowing, &EVENTS);
    rig.respond(&head, 200);
    let next = rig.take();
    assert_eq!((next.webhook().as_str(), ids(&next)), ("1", vec!["4"]));
}

fn dropping() -> Policy {
    retries(3).with_overflow(Overflow::DropOldest)
}

/// Returns the notifications that were matched, accepted, rejected and dropped because of an
/// overflow, and those that are pending.
fn counts(rig: &Rig, id: &str) -> [u64; 5] {
    let stats = rig.stats(id);
    let Stats { matched, accepted, rejected, .. } = stats;
    [matched, accepted, rejected, stats.dropped.overflow, stats.pending()]
}

#[test]
fn the_newest_is_rejected_by_default_and_reported() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(2));
    let key = rig.insert("1", retries(3));
    rig.publish_all(key, &EVENTS, 2);
    assert!(!rig.publish(key, &EVENTS));
    assert!(!rig.publish(key, &EPISODES), "the bound must hold for the webhook, not for a lane");
    assert_eq!(counts(&rig, "1"), [4, 2, 2, 0, 2]);
    assert_eq!(
        rig.lines(),
        [
            r#"<queue:  2> Webhook worker(id-1, type-"events") rejected '3'"#,
            r#"<queue:  0> Webhook worker(id-1, type-"episodes") rejected '4'"#,
        ]
    );
    let delivery = rig.take();
    rig.respond(&delivery, 200);
    assert!(rig.publish(key, &EVENTS), "there must be room after a delivery");
}

#[test]
fn notifications_in_flight_count_and_are_never_dropped() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(2));
    let key = rig.insert("1", dropping().with_batch(Batching::at_most(2).unwrap()));
    rig.publish_all(key, &EVENTS, 2);
    let delivery = rig.take();
    assert!(!rig.publish(key, &EVENTS), "a batch in flight must not be dropped");
    assert_eq!(counts(&rig, "1"), [3, 2, 1, 0, 2]);
    rig.respond(&delivery, 200);
    assert_eq!(rig.stats("1").delivered, 2);
}

#[test]
fn the_oldest_are_dropped_at_the_bound_of_items() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(3));
    let key = rig.insert("1", dropping());
    rig.publish_all(key, &EVENTS, 5);
    assert_eq!(counts(&rig, "1"), [5, 5, 0, 2, 3]);
    assert_eq!(ids(&rig.take()), ["3"]);
}

#[test]
fn as_many_of_the_oldest_as_needed_are_dropped_at_the_bound_of_bytes() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_bytes(50));
    let key = rig.insert("1", dropping());
    rig.publish_all(key, &EVENTS, 5);
    assert!(rig.publish_sized(key, &EVENTS, 25));
    assert_eq!(counts(&rig, "1"), [6, 6, 0, 3, 3]);
    let status = rig.dispatcher.status(&"1".into(), rig.now).unwrap();
    assert_eq!(status.pending_bytes, 45);
    assert!(rig.publish_sized(key, &EVENTS, 5), "the queue may be exactly full");
    assert_eq!(counts(&rig, "1"), [7, 7, 0, 3, 4]);
}

#[test]
fn a_notification_that_cannot_fit_drops_nothing() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_bytes(50));
    let key = rig.insert("1", dropping());
    rig.publish_all(key, &EVENTS, 5);
    assert!(!rig.publish_sized(key, &EVENTS, 51));
    assert_eq!(counts(&rig, "1"), [6, 5, 1, 0, 5]);
    let head = rig.take();
    assert_eq!(ids(&head), ["1"]);
    assert!(!rig.publish_sized(key, &EVENTS, 41), "10 bytes are in flight");
    assert_eq!(counts(&rig, "1"), [7, 5, 2, 0, 5]);
}

#[test]
fn at_the_total_bound_a_webhook_drops_only_its_own_notifications() {
    let mut rig = Rig::with(Limits::default().with_max_queue_items(3));
    let (one, other) = (rig.insert("1", dropping()), rig.insert("2", dropping()));
    rig.publish_all(one, &EVENTS, 3);
    assert!(!rig.publish(other, &EVENTS), "it has nothing of its own to drop");
    assert!(rig.publish(one, &EVENTS));
    assert_eq!(counts(&rig, "1"), [4, 4, 0, 1, 3]);
    assert_eq!(counts(&rig, "2"), [1, 0, 1, 0, 0]);
    assert_eq!(rig.dispatcher.total().pending(), 3);
}

#[test]
fn dropped_notifications_become_dead_letters() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(1));
    let key = rig.insert("1", dropping());
    rig.publish_all(key, &EVENTS, 2);
    let dead_letters = rig.effects().take_dead_letters();
    assert_eq!(dead_letters.len(), 1);
    assert_eq!(dead_letters[0].reason(), DeadLetterReason::Dropped(DropReason::Overflow));
    assert_eq!(dead_letters[0].batch().ids().collect::<Vec<_>>(), ["1"]);
}
