//! What a full queue does.

use recohook::{
    Limits,
    policy::{Batching, Overflow, Policy},
    report::{DeadLetterReason, DropReason, Stats},
};

use crate::rig::{EPISODES, EVENTS, Rig, ids, retries};

#[test]
fn the_oldest_is_dropped_whatever_its_topic_though_the_clock_stands_still() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(4));
    let key = rig.hook("1", retries(3).with_overflow(Overflow::DropOldest));
    rig.publish(key, &EVENTS);
    let head = rig.take();
    rig.publish(key, &EPISODES);
    let episode = rig.take();
    assert_eq!((ids(&head), ids(&episode)), (vec!["1"], vec!["2"]));
    // Both lanes are busy. The older of the queued ones is in the lane that was made last.
    rig.publish(key, &EPISODES);
    rig.publish(key, &EVENTS);
    rig.publish(key, &EVENTS);
    assert_eq!(
        rig.lines(),
        [r#"<queue:  0> Webhook worker(id-1, type-"episodes") dropped 1 (overflow): ['3']"#]
    );
}

#[test]
fn a_lane_that_overflows_keeps_its_position() {
    let limits = Limits::default().with_max_webhook_queue_items(1).with_max_in_flight(1);
    let mut rig = Rig::with(limits);
    let overflowing = rig.hook("1", retries(3).with_overflow(Overflow::DropOldest));
    let (steady, busy) = (rig.hook("2", retries(3)), rig.hook("3", retries(3)));
    rig.publish(busy, &EVENTS);
    let head = rig.take();
    rig.publish(overflowing, &EVENTS);
    rig.publish(steady, &EVENTS);
    rig.publish(overflowing, &EVENTS);
    rig.answer(&head, 200);
    let next = rig.take();
    assert_eq!((next.webhook().as_str(), ids(&next)), ("1", vec!["4"]));
}

fn dropping() -> Policy {
    retries(3).with_overflow(Overflow::DropOldest)
}

/// Matched, accepted, rejected, dropped for room, pending.
fn counts(rig: &Rig, id: &str) -> [u64; 5] {
    let stats = rig.stats(id);
    let Stats { matched, accepted, rejected, .. } = stats;
    [matched, accepted, rejected, stats.dropped.overflow, stats.pending()]
}

#[test]
fn the_newest_is_refused_by_default_and_said_so() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(2));
    let key = rig.hook("1", retries(3));
    rig.publish_all(key, &EVENTS, 2);
    assert!(!rig.publish(key, &EVENTS));
    assert!(!rig.publish(key, &EPISODES), "the bound is that of the webhook, not of a lane");
    assert_eq!(counts(&rig, "1"), [4, 2, 2, 0, 2]);
    assert_eq!(
        rig.lines(),
        [
            r#"<queue:  2> Webhook worker(id-1, type-"events") rejected '3'"#,
            r#"<queue:  0> Webhook worker(id-1, type-"episodes") rejected '4'"#,
        ]
    );
    let delivery = rig.take();
    rig.answer(&delivery, 200);
    assert!(rig.publish(key, &EVENTS), "there is room again");
}

#[test]
fn what_is_under_way_counts_and_is_never_dropped() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(2));
    let key = rig.hook("1", dropping().with_batch(Batching::at_most(2).unwrap()));
    rig.publish_all(key, &EVENTS, 2);
    let delivery = rig.take();
    assert!(!rig.publish(key, &EVENTS), "nothing of it may be dropped");
    assert_eq!(counts(&rig, "1"), [3, 2, 1, 0, 2]);
    rig.answer(&delivery, 200);
    assert_eq!(rig.stats("1").delivered, 2);
}

#[test]
fn the_oldest_make_room_by_count() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(3));
    let key = rig.hook("1", dropping());
    rig.publish_all(key, &EVENTS, 5);
    assert_eq!(counts(&rig, "1"), [5, 5, 0, 2, 3]);
    assert_eq!(ids(&rig.take()), ["3"]);
}

#[test]
fn as_many_of_the_oldest_as_needed_make_room_by_bytes() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_bytes(50));
    let key = rig.hook("1", dropping());
    rig.publish_all(key, &EVENTS, 5);
    assert!(rig.publish_sized(key, &EVENTS, 25));
    assert_eq!(counts(&rig, "1"), [6, 6, 0, 3, 3]);
    let status = rig.dispatcher.status(&"1".into(), rig.now).unwrap();
    assert_eq!(status.pending_bytes, 45);
    assert!(rig.publish_sized(key, &EVENTS, 5), "exactly full is not too full");
    assert_eq!(counts(&rig, "1"), [7, 7, 0, 3, 4]);
}

#[test]
fn what_never_fits_drops_nothing() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_bytes(50));
    let key = rig.hook("1", dropping());
    rig.publish_all(key, &EVENTS, 5);
    assert!(!rig.publish_sized(key, &EVENTS, 51));
    assert_eq!(counts(&rig, "1"), [6, 5, 1, 0, 5]);
    let head = rig.take();
    assert_eq!(ids(&head), ["1"]);
    assert!(!rig.publish_sized(key, &EVENTS, 41), "10 bytes are under way");
    assert_eq!(counts(&rig, "1"), [7, 5, 2, 0, 5]);
}

#[test]
fn the_bound_in_all_takes_from_the_publishing_webhook_alone() {
    let mut rig = Rig::with(Limits::default().with_max_queue_items(3));
    let (one, other) = (rig.hook("1", dropping()), rig.hook("2", dropping()));
    rig.publish_all(one, &EVENTS, 3);
    assert!(!rig.publish(other, &EVENTS), "it has none of its own to drop");
    assert!(rig.publish(one, &EVENTS));
    assert_eq!(counts(&rig, "1"), [4, 4, 0, 1, 3]);
    assert_eq!(counts(&rig, "2"), [1, 0, 1, 0, 0]);
    assert_eq!(rig.dispatcher.total().pending(), 3);
}

#[test]
fn what_is_dropped_goes_to_the_dead_letters() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(1));
    let key = rig.hook("1", dropping());
    rig.publish_all(key, &EVENTS, 2);
    let dead_letters = rig.effects().take_dead_letters();
    assert_eq!(dead_letters.len(), 1);
    assert_eq!(dead_letters[0].reason(), DeadLetterReason::Dropped(DropReason::Overflow));
    assert_eq!(dead_letters[0].batch().ids().collect::<Vec<_>>(), ["1"]);
}
