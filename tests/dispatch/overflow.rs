//! What a full queue does.

use recohook::{Limits, policy::Overflow};

use crate::rig::{EPISODES, EVENTS, Rig, ids, retries};

#[test]
fn the_oldest_is_dropped_whatever_its_topic_though_the_clock_stands_still() {
    let mut rig = Rig::with(Limits::default().with_webhook_queue_items(4));
    let slot = rig.hook("1", retries(3).with_overflow(Overflow::DropOldest));
    rig.publish(slot, &EVENTS);
    let head = rig.take();
    rig.publish(slot, &EPISODES);
    let episode = rig.take();
    assert_eq!((ids(&head), ids(&episode)), (vec!["1"], vec!["2"]));
    // Both lanes are busy. The older of the queued ones is in the lane that was made last.
    rig.publish(slot, &EPISODES);
    rig.publish(slot, &EVENTS);
    rig.publish(slot, &EVENTS);
    assert_eq!(
        rig.lines(),
        [r#"<queue:  0> Webhook worker(id-1, type-"episodes") dropped 1 (overflow): ['3']"#]
    );
}

#[test]
fn a_lane_that_overflows_keeps_its_turn() {
    let limits = Limits::default().with_webhook_queue_items(1).with_in_flight(1);
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
