//! Webhooks that are paused, updated, replaced or removed while they have work.

use std::sync::Arc;

use recohook::policy::{Batching, RetryOn};

use crate::rig::{EVENTS, Rig, SECOND, batches, ids, retries, retry};

#[test]
fn an_abandoned_attempt_is_not_repeated_beyond_a_lowered_limit() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(10));
    rig.publish(key, &EVENTS);
    for _ in 0..2 {
        let delivery = rig.take();
        rig.respond(&delivery, 500);
        rig.advance(SECOND);
    }
    let third = rig.take();
    assert_eq!(third.attempt(), 3);
    rig.dispatcher.update(key, Arc::new("first"), retries(2), rig.now);
    rig.effects();
    rig.abandon(&third);
    rig.assert_idle();
    let stats = rig.stats("1");
    assert_eq!((stats.dead, stats.attempts, stats.pending()), (1, 2, 0));
    assert_eq!(
        rig.lines(),
        [
            r#"<queue:  0> Webhook worker(id-1, type-"events") Attempt 3 was abandoned, batch(len-1)"#,
            r#"<queue:  0> Webhook worker(id-1, type-"events") Error sending webhook: 500, message='Internal Server Error'. Attempt 2 out of 2. Giving up batch(len-1, type-"events"): ['1']"#,
        ]
    );
}

#[test]
fn a_paused_webhook_queues_but_does_not_send() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish_all(key, &EVENTS, 2);
    let delivery = rig.take();
    assert!(rig.dispatcher.pause(key) && rig.dispatcher.pause(key));
    assert!(rig.dispatcher.status(&"1".into(), rig.now).unwrap().paused);
    rig.respond(&delivery, 200);
    assert_eq!(rig.stats("1").delivered, 1, "an attempt in flight must finish");
    assert!(rig.publish(key, &EVENTS));
    rig.advance(100 * SECOND);
    rig.assert_idle();
    assert_eq!(rig.wait(), None);
    assert!(rig.dispatcher.resume(key, rig.now) && rig.dispatcher.resume(key, rig.now));
    assert_eq!(ids(&rig.take()), ["2"]);
    assert_eq!(rig.stats("1").pending(), 2);
}

#[test]
fn a_retry_that_is_due_during_a_pause_is_made_after_it() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.dispatcher.pause(key);
    rig.fail(&delivery);
    rig.advance(5 * SECOND);
    rig.assert_idle();
    rig.dispatcher.resume(key, rig.now);
    assert_eq!(rig.take().attempt(), 2);
}

#[test]
fn an_update_changes_the_next_attempt_and_the_next_batch() {
    let mut rig = Rig::new();
    let key = rig.insert("1", batches(2));
    rig.publish_all(key, &EVENTS, 5);
    let head = rig.take();
    assert!(rig.dispatcher.update(key, Arc::new("second"), batches(1), rig.now));
    assert_eq!(rig.dispatcher.endpoint(&"1".into()), Some(&Arc::new("second")));
    assert_eq!(**head.endpoint(), "first");
    rig.abandon(&head);
    let again = rig.take();
    assert_eq!((**again.endpoint(), ids(&again)), ("second", vec!["1", "2"]));
    rig.respond(&again, 200);
    let next = rig.take();
    assert_eq!(ids(&next), ["3"]);
    let stats = rig.stats("1");
    assert_eq!((stats.accepted, stats.delivered), (5, 2), "an update must keep the statistics");
}

#[test]
fn an_update_without_linger_sends_a_lingering_batch() {
    let mut rig = Rig::new();
    let linger = Batching::at_most(9).unwrap().with_linger(60 * SECOND);
    let key = rig.insert("1", retries(3).with_batch(linger));
    rig.publish(key, &EVENTS);
    rig.assert_idle();
    rig.dispatcher.update(key, Arc::new("first"), retries(3), rig.now);
    assert_eq!((rig.wait(), ids(&rig.take())), (None, vec!["1"]));
}

#[test]
fn a_lowered_limit_ends_waiting_deliveries_and_applies_to_attempts_in_flight() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(9).with_max_in_flight_batches(2).unwrap());
    rig.publish_all(key, &EVENTS, 3);
    let (first, second) = (rig.take(), rig.take());
    rig.fail(&first);
    rig.dispatcher.update(key, Arc::new("first"), retries(1), rig.now);
    let stats = rig.stats("1");
    assert_eq!((stats.dead, stats.pending()), (1, 2));
    assert_eq!(rig.effects().take_dead_letters().len(), 1);
    rig.fail(&second);
    assert_eq!((rig.stats("1").dead, ids(&rig.take())), (2, vec!["3"]));
}

#[test]
fn removal_drops_queued_notifications_and_lets_an_attempt_in_flight_finish() {
    for (status, ended) in [(200, (1, 0, 2)), (500, (0, 0, 3)), (404, (0, 1, 2))] {
        let mut rig = Rig::new();
        let transient = retry(3).with_retry_on(RetryOn::Transient);
        let key = rig.insert("1", retries(3).with_retry(transient));
        rig.publish_all(key, &EVENTS, 3);
        let delivery = rig.take();
        assert!(rig.dispatcher.remove(key));
        let stats = rig.stats("1");
        assert_eq!((stats.dropped.removed, stats.pending()), (2, 1));
        assert!(!rig.dispatcher.remove(key) && !rig.dispatcher.pause(key));
        assert!(!rig.dispatcher.resume(key, rig.now));
        assert!(!rig.dispatcher.update(key, Arc::new("x"), retries(1), rig.now));
        assert!(!rig.publish(key, &EVENTS), "a removed webhook must not match");
        assert_eq!(rig.stats("1").matched, 3);
        rig.respond(&delivery, status);
        rig.assert_idle();
        assert_eq!(rig.wait(), None);
        assert_eq!(rig.dispatcher.stats(&"1".into()), None, "the removed webhook is still there");
        let total = rig.dispatcher.total();
        assert_eq!((total.delivered, total.dead, total.dropped.removed), ended, "{status}");
        assert_eq!((total.pending(), rig.dispatcher.in_flight()), (0, 0));
    }
}

#[test]
fn removal_drops_a_retry_and_an_abandoned_attempt() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3).with_max_in_flight_batches(2).unwrap());
    rig.publish_all(key, &EVENTS, 2);
    let (first, second) = (rig.take(), rig.take());
    rig.fail(&first);
    rig.dispatcher.remove(key);
    assert_eq!(rig.stats("1").dropped.removed, 1);
    rig.abandon(&second);
    assert_eq!(rig.dispatcher.total().dropped.removed, 2);
    rig.advance(SECOND);
    rig.assert_idle();
}

#[test]
fn an_id_can_be_reused_while_the_removed_webhook_finishes() {
    let mut rig = Rig::new();
    let old = rig.insert("1", retries(3));
    rig.publish_all(old, &EVENTS, 2);
    let delivery = rig.take();
    let new = rig.insert("1", retries(3));
    assert_ne!(old, new);
    assert_eq!(rig.dispatcher.webhook_key(&"1".into()), Some(new));
    assert_eq!(rig.stats("1").matched, 0, "the new webhook must start at 0");
    rig.publish(new, &EVENTS);
    let fresh = rig.take();
    assert_eq!(ids(&fresh), ["3"]);
    rig.respond(&delivery, 200);
    assert_eq!((rig.stats("1").delivered, rig.stats("1").pending()), (0, 1));
    rig.respond(&fresh, 200);
    assert_eq!(rig.stats("1").delivered, 1);
    let total = rig.dispatcher.total();
    assert_eq!((total.matched, total.delivered, total.dropped.removed), (3, 2, 1));
    assert_eq!(rig.dispatcher.webhooks().count(), 1);
}

#[test]
fn the_key_of_a_removed_webhook_is_never_reused() {
    let mut rig = Rig::new();
    let old = rig.insert("1", retries(3));
    rig.dispatcher.remove(old);
    let new = rig.insert("1", retries(3));
    assert_ne!(old, new);
    assert!(!rig.publish(old, &EVENTS) && !rig.dispatcher.pause(old));
    assert!(!rig.dispatcher.resume(old, rig.now) && !rig.dispatcher.remove(old));
    assert!(!rig.dispatcher.update(old, Arc::new("second"), retries(1), rig.now));
    assert_eq!(rig.stats("1").matched, 0);
    assert_eq!(rig.dispatcher.endpoint(&"1".into()), Some(&Arc::new("first")));
    assert!(rig.publish(new, &EVENTS));
}
