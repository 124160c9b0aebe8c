//! Bounds on requests in flight, and the turns of lanes and webhooks at a bound.

use recohook::Limits;

use crate::rig::{EPISODES, EVENTS, Rig, SECOND, retries};

#[test]
fn lanes_of_one_webhook_take_turns_at_its_bound() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_in_flight(1));
    let key = rig.insert("1", retries(3));
    rig.publish_all(key, &EVENTS, 4);
    rig.publish_all(key, &EPISODES, 4);
    let mut topics = Vec::new();
    for _ in 0..8 {
        let delivery = rig.take();
        topics.push(delivery.topic());
        rig.assert_idle();
        rig.respond(&delivery, 200);
    }
    assert_eq!(topics, ["events", "episodes"].repeat(4));
}

#[test]
fn lanes_take_turns_after_a_webhook_was_blocked() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_in_flight(1));
    let key = rig.insert("1", retries(0));
    rig.publish(key, &EVENTS);
    rig.publish(key, &EPISODES);
    let mut topics = Vec::new();
    for _ in 0..4 {
        let delivery = rig.take();
        topics.push(delivery.topic());
        rig.respond_retry_after(&delivery, 5 * SECOND);
        rig.assert_idle();
        rig.advance(5 * SECOND);
    }
    assert_eq!(topics, ["events", "episodes"].repeat(2));
}

#[test]
fn a_lane_keeps_its_turn_when_its_webhook_starts_to_fail() {
    let mut rig = Rig::with(Limits::default().with_max_in_flight(1));
    let (one, other) = (rig.insert("1", retries(3)), rig.insert("2", retries(3)));
    rig.publish(one, &EVENTS);
    let head = rig.take();
    rig.publish(one, &EPISODES);
    rig.publish(other, &EVENTS);
    rig.fail(&head);
    let next = rig.take();
    assert_eq!((next.webhook().as_str(), next.topic()), ("1", "episodes"));
}

#[test]
fn publishing_at_the_end_of_a_block_does_not_overtake_a_lane() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_in_flight(1));
    let key = rig.insert("1", retries(1));
    rig.publish(key, &EVENTS);
    rig.publish(key, &EPISODES);
    let mut topics = Vec::new();
    for _ in 0..2 {
        let delivery = rig.take();
        topics.push(delivery.topic());
        rig.respond_retry_after(&delivery, 5 * SECOND);
        rig.publish(key, &EVENTS);
        rig.assert_idle();
        rig.advance(5 * SECOND);
        rig.publish(key, &EVENTS);
    }
    assert_eq!(topics, ["events", "episodes"]);
}

#[test]
fn in_flight_is_bounded_for_each_webhook_and_in_total() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_in_flight(2).with_max_in_flight(3));
    let window = retries(3).with_max_in_flight_batches(9).unwrap();
    let (one, other) = (rig.insert("1", window.clone()), rig.insert("2", window));
    rig.publish_all(one, &EVENTS, 4);
    let (first, second) = (rig.take(), rig.take());
    rig.assert_idle();
    rig.publish_all(other, &EVENTS, 4);
    let third = rig.take();
    assert_eq!(third.webhook().as_str(), "2");
    rig.assert_idle();
    assert_eq!(rig.dispatcher.in_flight(), 3);
    assert_eq!(rig.dispatcher.status(&"1".into(), rig.now).unwrap().in_flight, 2);
    rig.respond(&third, 200);
    assert_eq!(rig.take().webhook().as_str(), "2", "webhook 1 is at its own bound");
    rig.respond(&first, 200);
    rig.respond(&second, 200);
    assert!(rig.poll().is_some() && rig.poll().is_some());
    rig.assert_idle();
}

#[test]
fn a_delivery_that_waits_for_a_retry_is_not_in_flight() {
    let mut rig = Rig::with(Limits::default().with_max_in_flight(1));
    let (one, other) = (rig.insert("1", retries(3)), rig.insert("2", retries(3)));
    rig.publish(one, &EVENTS);
    rig.publish(other, &EVENTS);
    let delivery = rig.take();
    rig.fail(&delivery);
    assert_eq!((rig.dispatcher.in_flight(), rig.take().webhook().as_str()), (0, "2"));
}

#[test]
fn failing_webhooks_use_at_most_half_of_the_total_bound() {
    let mut rig = Rig::with(Limits::default().with_max_in_flight(4));
    for id in 0..6 {
        let key = rig.insert(&id.to_string(), retries(0));
        rig.publish(key, &EVENTS);
        let delivery = rig.take();
        rig.fail(&delivery);
    }
    rig.advance(SECOND);
    let (first, _second) = (rig.take(), rig.take());
    rig.assert_idle();
    let healthy = rig.insert("healthy", retries(3).with_max_in_flight_batches(9).unwrap());
    rig.publish_all(healthy, &EVENTS, 3);
    for _ in 0..2 {
        assert_eq!(rig.take().webhook().as_str(), "healthy");
    }
    rig.assert_idle();
    rig.fail(&first);
    assert_ne!(rig.take().webhook().as_str(), "healthy", "it must be a failing webhook's turn");
}

#[test]
fn a_webhook_that_succeeds_again_is_not_limited_to_half() {
    let mut rig = Rig::with(Limits::default().with_max_in_flight(2));
    let key = rig.insert("1", retries(0).with_max_in_flight_batches(9).unwrap());
    rig.publish_all(key, &EVENTS, 4);
    let (first, second) = (rig.take(), rig.take());
    rig.fail(&first);
    rig.assert_idle();
    rig.respond(&second, 200);
    assert!(rig.poll().is_some() && rig.poll().is_some());
}

#[test]
fn a_total_bound_of_one_allows_a_failing_webhook_one_request() {
    let mut rig = Rig::with(Limits::default().with_max_in_flight(1));
    let key = rig.insert("1", retries(0));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.fail(&delivery);
    rig.advance(SECOND);
    assert_eq!(rig.take().attempt(), 2);
}

#[test]
fn webhooks_take_turns_at_the_total_bound() {
    let mut rig = Rig::with(Limits::default().with_max_in_flight(1));
    let keys = ["1", "2", "3"].map(|id| rig.insert(id, retries(3)));
    for _ in 0..3 {
        for key in keys {
            rig.publish(key, &EVENTS);
        }
    }
    let mut turns = String::new();
    while let Some(delivery) = rig.poll() {
        turns.push_str(delivery.webhook().as_str());
        rig.respond(&delivery, 200);
    }
    assert_eq!(turns, "123123123");
}
