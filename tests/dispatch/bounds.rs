//! Bounds on requests in flight, and whose turn it is.

use recohook::Limits;

use crate::rig::{EPISODES, EVENTS, Rig, SECOND, retries};

#[test]
fn lanes_of_one_webhook_take_turns_under_its_bound() {
    let mut rig = Rig::with(Limits::default().with_webhook_in_flight(1));
    let slot = rig.hook("1", retries(3));
    rig.publish_all(slot, &EVENTS, 4);
    rig.publish_all(slot, &EPISODES, 4);
    let mut topics = Vec::new();
    for _ in 0..8 {
        let delivery = rig.take();
        topics.push(delivery.topic());
        rig.assert_idle();
        rig.answer(&delivery, 200);
    }
    assert_eq!(topics, ["events", "episodes"].repeat(4));
}

#[test]
fn lanes_take_turns_when_a_hold_ends() {
    let mut rig = Rig::with(Limits::default().with_webhook_in_flight(1));
    let slot = rig.hook("1", retries(0));
    rig.publish(slot, &EVENTS);
    rig.publish(slot, &EPISODES);
    let mut topics = Vec::new();
    for _ in 0..4 {
        let delivery = rig.take();
        topics.push(delivery.topic());
        rig.send_away(&delivery, 5 * SECOND);
        rig.assert_idle();
        rig.pass(5 * SECOND);
    }
    assert_eq!(topics, ["events", "episodes"].repeat(2));
}

#[test]
fn a_lane_keeps_its_turn_when_its_webhook_starts_to_fail() {
    let mut rig = Rig::with(Limits::default().with_in_flight(1));
    let (one, other) = (rig.hook("1", retries(3)), rig.hook("2", retries(3)));
    rig.publish(one, &EVENTS);
    let head = rig.take();
    rig.publish(one, &EPISODES);
    rig.publish(other, &EVENTS);
    rig.fail(&head);
    let next = rig.take();
    assert_eq!((next.webhook().as_str(), next.topic()), ("1", "episodes"));
}

#[test]
fn publishing_just_when_a_hold_ends_takes_no_turn_away() {
    let mut rig = Rig::with(Limits::default().with_webhook_in_flight(1));
    let slot = rig.hook("1", retries(1));
    rig.publish(slot, &EVENTS);
    rig.publish(slot, &EPISODES);
    let mut topics = Vec::new();
    for _ in 0..2 {
        let delivery = rig.take();
        topics.push(delivery.topic());
        rig.send_away(&delivery, 5 * SECOND);
        rig.publish(slot, &EVENTS);
        rig.assert_idle();
        rig.pass(5 * SECOND);
        rig.publish(slot, &EVENTS);
    }
    assert_eq!(topics, ["events", "episodes"]);
}
