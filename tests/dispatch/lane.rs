//! Lanes: the order of batches, how many are in flight, and when and how large a batch is cut.

use std::{sync::Arc, time::Duration};

use recohook::policy::{Batching, Policy};

use crate::rig::{EPISODES, EVENTS, MILLI, Rig, SECOND, batches, ids, retries};

fn lingering(items: usize, linger: Duration) -> Policy {
    Policy::default().with_batch(Batching::at_most(items).unwrap().with_linger(linger))
}

fn bytes(most: usize) -> Policy {
    Policy::default().with_batch(Batching::at_most(100).unwrap().with_max_bytes(most).unwrap())
}

#[test]
fn the_next_batch_waits_for_the_first_and_other_topics_do_not() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish_all(key, &EVENTS, 2);
    rig.publish(key, &EPISODES);
    let (head, episode) = (rig.take(), rig.take());
    assert_eq!((ids(&head), ids(&episode)), (vec!["1"], vec!["3"]));
    rig.assert_idle();
    rig.fail(&head);
    rig.respond(&episode, 200);
    rig.assert_idle();
    rig.advance(SECOND);
    let again = rig.take();
    assert_eq!((again.id(), again.attempt(), ids(&again)), (head.id(), 2, vec!["1"]));
    assert!(Arc::ptr_eq(again.batch(), head.batch()));
    assert_ne!(again.attempt_id(), head.attempt_id());
    rig.assert_idle();
    rig.respond(&again, 200);
    assert_eq!(ids(&rig.take()), ["2"]);
}

#[test]
fn three_batches_in_flight_are_cut_in_order_and_include_those_that_wait_for_a_retry() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3).with_max_in_flight_batches(3).unwrap());
    rig.publish_all(key, &EVENTS, 5);
    let (first, second, third) = (rig.take(), rig.take(), rig.take());
    assert_eq!((ids(&first), ids(&second), ids(&third)), (vec!["1"], vec!["2"], vec!["3"]));
    assert_eq!(first.id().sequence() + 2, third.id().sequence());
    rig.assert_idle();
    rig.fail(&second);
    rig.assert_idle();
    rig.respond(&first, 200);
    assert_eq!(ids(&rig.take()), ["4"]);
    rig.assert_idle();
    rig.advance(SECOND);
    assert_eq!(ids(&rig.take()), ["2"]);
}

#[test]
fn a_batch_grows_while_the_lane_is_busy() {
    let mut rig = Rig::new();
    let key = rig.insert("1", batches(3));
    rig.publish(key, &EVENTS);
    let head = rig.take();
    rig.publish_all(key, &EVENTS, 4);
    rig.respond(&head, 200);
    let full = rig.take();
    assert_eq!(ids(&full), ["2", "3", "4"]);
    assert_eq!((full.batch().len(), full.batch().bytes()), (3, 30));
    rig.respond(&full, 200);
    assert_eq!(ids(&rig.take()), ["5"]);
}

#[test]
fn a_batch_is_limited_by_bytes_and_a_larger_notification_is_sent_alone() {
    let mut rig = Rig::new();
    let key = rig.insert("1", bytes(25));
    rig.publish_all(key, &EVENTS, 3);
    rig.publish_sized(key, &EVENTS, 400);
    rig.publish(key, &EVENTS);
    for expected in [&["1", "2"][..], &["3"], &["4"], &["5"]] {
        let delivery = rig.take();
        assert_eq!(ids(&delivery), expected);
        rig.respond(&delivery, 200);
    }
    rig.assert_idle();
}

#[test]
fn a_batch_of_exactly_the_maximum_bytes_is_full() {
    let mut rig = Rig::new();
    let key = rig.insert(
        "1",
        bytes(20).with_batch(
            Batching::at_most(9).unwrap().with_max_bytes(20).unwrap().with_linger(SECOND),
        ),
    );
    rig.publish(key, &EVENTS);
    rig.assert_idle();
    rig.publish(key, &EVENTS);
    assert_eq!(ids(&rig.take()), ["1", "2"]);
}

#[test]
fn a_batch_lingers_from_its_oldest_notification_unless_it_is_full() {
    let mut rig = Rig::new();
    let key = rig.insert("1", lingering(3, 20 * MILLI));
    rig.publish(key, &EVENTS);
    rig.advance(15 * MILLI);
    rig.publish(key, &EVENTS);
    rig.assert_idle();
    assert_eq!(rig.wait(), Some(5 * MILLI), "the linger must start at the oldest notification");
    rig.advance(5 * MILLI - Duration::from_nanos(1));
    rig.assert_idle();
    rig.advance(Duration::from_nanos(1));
    let lingered = rig.take();
    assert_eq!(ids(&lingered), ["1", "2"]);
    rig.publish_all(key, &EVENTS, 4);
    rig.respond(&lingered, 200);
    assert_eq!(ids(&rig.take()), ["3", "4", "5"], "a full batch must not linger");
}

#[test]
fn a_batch_that_lingered_behind_the_first_is_sent_as_soon_as_possible() {
    let mut rig = Rig::new();
    let key = rig.insert("1", lingering(2, 20 * MILLI));
    rig.publish_all(key, &EVENTS, 2);
    let head = rig.take();
    rig.publish(key, &EVENTS);
    assert_eq!(rig.wait(), None, "no timer may be set while the first batch is in flight");
    rig.advance(SECOND);
    rig.respond(&head, 200);
    assert_eq!(ids(&rig.take()), ["3"]);
}

#[test]
fn an_endless_linger_waits_for_a_full_batch() {
    let mut rig = Rig::new();
    let key = rig.insert("1", lingering(2, Duration::MAX));
    rig.publish(key, &EVENTS);
    rig.advance(1_000_000 * SECOND);
    rig.assert_idle();
    rig.publish(key, &EVENTS);
    assert_eq!(ids(&rig.take()), ["1", "2"]);
}

#[test]
fn a_delivery_has_its_webhook_topic_timeout_and_endpoint() {
    let mut rig = Rig::new();
    let key = rig.insert("gate", Policy::default().with_timeout(6 * SECOND).unwrap());
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    assert_eq!(delivery.webhook().as_str(), "gate");
    assert_eq!((delivery.topic(), delivery.timeout()), ("events", 6 * SECOND));
    assert_eq!(**delivery.endpoint(), "first");
    assert_eq!(delivery.id().sequence(), 1);
}
