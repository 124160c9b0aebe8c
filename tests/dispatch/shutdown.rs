//! Flushing, closing and aborting.

use recohook::{
    policy::{Batching, Policy},
    report::{DeadLetterReason, DropReason},
};

use crate::rig::{EPISODES, EVENTS, Rig, SECOND, ids, retries};

fn lingering() -> Policy {
    retries(3).with_batch(Batching::at_most(9).unwrap().with_linger(60 * SECOND))
}

#[test]
fn a_flush_ends_the_linger() {
    let mut rig = Rig::new();
    let key = rig.insert("1", lingering());
    rig.publish_all(key, &EVENTS, 2);
    rig.publish(key, &EPISODES);
    rig.assert_idle();
    let flush = rig.dispatcher.start_flush(rig.now);
    let (events, episodes) = (rig.take(), rig.take());
    assert_eq!((ids(&events), ids(&episodes)), (vec!["1", "2"], vec!["3"]));
    rig.respond(&events, 200);
    assert!(!rig.dispatcher.is_flushed(flush));
    rig.publish(key, &EVENTS);
    rig.respond(&episodes, 200);
    assert!(rig.dispatcher.is_flushed(flush), "a flush must not wait for later notifications");
    rig.assert_idle();
    assert_eq!(rig.wait(), Some(60 * SECOND), "a later notification must linger");
    rig.dispatcher.end_flush(flush);
    assert!(rig.dispatcher.is_flushed(flush));
}

#[test]
fn a_flush_waits_for_retries_until_the_notification_is_delivered_or_dead() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(2));
    rig.publish_all(key, &EVENTS, 2);
    let flush = rig.dispatcher.start_flush(rig.now);
    let first = rig.take();
    rig.fail(&first);
    rig.advance(SECOND);
    let again = rig.take();
    rig.fail(&again);
    assert!(!rig.dispatcher.is_flushed(flush), "the second notification is pending");
    let second = rig.take();
    rig.respond(&second, 200);
    assert!(rig.dispatcher.is_flushed(flush));
}

#[test]
fn a_flush_of_several_batches_waits_for_the_slowest() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3).with_max_in_flight_batches(3).unwrap());
    rig.publish_all(key, &EVENTS, 2);
    let flush = rig.dispatcher.start_flush(rig.now);
    rig.publish(key, &EVENTS);
    let (first, second, third) = (rig.take(), rig.take(), rig.take());
    rig.respond(&third, 200);
    rig.respond(&second, 200);
    assert!(!rig.dispatcher.is_flushed(flush));
    rig.respond(&first, 200);
    assert!(rig.dispatcher.is_flushed(flush));
}

#[test]
fn a_flush_of_empty_queues_is_done_at_once() {
    let mut rig = Rig::new();
    rig.insert("1", retries(3));
    let flush = rig.dispatcher.start_flush(rig.now);
    assert!(rig.dispatcher.is_flushed(flush));
}

#[test]
fn a_flush_does_not_wait_for_paused_webhooks() {
    let mut rig = Rig::new();
    let (one, other) = (rig.insert("1", lingering()), rig.insert("2", retries(3)));
    rig.publish(one, &EVENTS);
    rig.publish_all(other, &EVENTS, 2);
    rig.dispatcher.pause(one);
    let flush = rig.dispatcher.start_flush(rig.now);
    let delivery = rig.take();
    assert!(!rig.dispatcher.is_flushed(flush));
    rig.dispatcher.pause(other);
    assert!(rig.dispatcher.is_flushed(flush), "the flush must not wait after the pause");
    rig.respond(&delivery, 200);
    rig.assert_idle();
    assert_eq!(rig.dispatcher.total().pending(), 2);
}

#[test]
fn a_flush_does_not_wait_for_notifications_that_a_removal_drops() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish_all(key, &EVENTS, 2);
    let delivery = rig.take();
    let flush = rig.dispatcher.start_flush(rig.now);
    rig.dispatcher.remove(key);
    assert!(!rig.dispatcher.is_flushed(flush), "one attempt is in flight");
    rig.fail(&delivery);
    assert!(rig.dispatcher.is_flushed(flush));
}

#[test]
fn each_flush_waits_for_its_own_notifications() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let early = rig.dispatcher.start_flush(rig.now);
    rig.publish(key, &EVENTS);
    let late = rig.dispatcher.start_flush(rig.now);
    let first = rig.take();
    rig.respond(&first, 200);
    assert!(rig.dispatcher.is_flushed(early) && !rig.dispatcher.is_flushed(late));
    let second = rig.take();
    rig.respond(&second, 200);
    assert!(rig.dispatcher.is_flushed(late));
}

#[test]
fn a_closed_dispatcher_rejects_new_notifications_and_delivers_pending_ones() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    assert!(!rig.dispatcher.is_closed());
    rig.dispatcher.close();
    assert!(rig.dispatcher.is_closed());
    assert!(!rig.publish(key, &EVENTS));
    let delivery = rig.take();
    rig.respond(&delivery, 200);
    let stats = rig.stats("1");
    assert_eq!((stats.matched, stats.rejected, stats.delivered), (2, 1, 1));
}

#[test]
fn an_abort_drops_everything_and_counts_it() {
    let mut rig = Rig::new();
    let (one, paused, gone) =
        (rig.insert("1", retries(3)), rig.insert("2", retries(3)), rig.insert("3", retries(3)));
    for key in [one, paused, gone] {
        rig.publish_all(key, &EVENTS, 2);
    }
    let deliveries = [rig.take(), rig.take(), rig.take()];
    rig.fail(&deliveries[0]);
    rig.dispatcher.pause(paused);
    rig.dispatcher.remove(gone);
    let flush = rig.dispatcher.start_flush(rig.now);
    rig.effects();
    rig.dispatcher.abort();
    assert!(rig.dispatcher.is_closed() && rig.dispatcher.is_flushed(flush));
    let total = rig.dispatcher.total();
    assert_eq!((total.pending(), total.dropped.shutdown, total.dropped.removed), (0, 5, 1));
    assert_eq!((rig.dispatcher.in_flight(), rig.dispatcher.poll_timeout()), (0, None));
    let dead_letters = rig.effects().take_dead_letters();
    let shutdown = DeadLetterReason::Dropped(DropReason::Shutdown);
    assert!(dead_letters.iter().all(|dead_letter| dead_letter.reason() == shutdown));
    assert_eq!(dead_letters.iter().map(|dead_letter| dead_letter.batch().len()).sum::<usize>(), 5);
    for delivery in &deliveries {
        rig.respond(delivery, 200);
    }
    rig.dispatcher.abort();
    assert_eq!(rig.dispatcher.total(), total, "a late outcome must change nothing");
    rig.assert_idle();
}
