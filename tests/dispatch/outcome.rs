//! Outcomes that come late, twice or not at all, and clocks that jump or step back.

use std::{sync::Arc, time::Duration};

use recohook::{
    AttemptId, FailureKind, Moment,
    policy::{Backoff, Batching},
    report::Report,
    unstable::{Outcome, WebhookKey},
};

use crate::rig::{EVENTS, MILLI, Rig, SECOND, batches, item, response, retries};

#[test]
fn an_abandoned_attempt_does_not_count_and_is_repeated_at_once() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(2));
    rig.publish(key, &EVENTS);
    for _ in 0..50 {
        let delivery = rig.take();
        assert_eq!(delivery.attempt(), 1);
        rig.abandon(&delivery);
    }
    let stats = rig.stats("1");
    assert_eq!((stats.attempts, stats.failures, stats.pending()), (0, 0, 1));
    assert_eq!(rig.dispatcher.status(&"1".into(), rig.now).unwrap().failures, 0);
    let first = rig.take();
    rig.fail(&first);
    rig.advance(SECOND);
    let second = rig.take();
    rig.abandon(&second);
    let second = rig.take();
    assert_eq!(second.attempt(), 2);
    rig.fail(&second);
    assert_eq!(rig.stats("1").dead, 1);
}

#[test]
fn an_outcome_of_an_abandoned_attempt_is_ignored() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let lost = rig.take();
    rig.abandon(&lost);
    rig.respond(&lost, 200);
    assert_eq!(rig.stats("1").delivered, 0, "the abandoned attempt must be repeated");
    let again = rig.take();
    assert_eq!((again.id(), again.attempt()), (lost.id(), lost.attempt()));
    rig.respond(&lost, 200);
    rig.abandon(&lost);
    assert_eq!((rig.stats("1").delivered, rig.dispatcher.in_flight()), (0, 1));
    rig.assert_idle();
    rig.respond(&again, 200);
    assert_eq!(rig.stats("1").delivered, 1);
}

#[test]
fn a_late_outcome_of_attempt_one_does_not_apply_to_attempt_two() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let first = rig.take();
    rig.record(&first, Outcome::Failed(FailureKind::Timeout));
    rig.respond(&first, 200);
    assert_eq!(rig.stats("1").delivered, 0);
    rig.advance(SECOND);
    let second = rig.take();
    rig.respond(&first, 200);
    rig.record(&first, Outcome::Failed(FailureKind::InvalidRequest));
    let stats = rig.stats("1");
    assert_eq!((stats.attempts, stats.pending(), rig.dispatcher.in_flight()), (1, 1, 1));
    rig.respond(&second, 200);
    rig.respond(&second, 200);
    rig.fail(&second);
    let stats = rig.stats("1");
    assert_eq!((stats.attempts, stats.delivered, stats.dead), (2, 1, 0));
    assert_eq!(rig.dispatcher.in_flight(), 0);
}

#[test]
fn early_and_repeated_timeouts_are_harmless() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.fail(&delivery);
    for _ in 0..5 {
        rig.dispatcher.handle_timeout(rig.now);
        rig.assert_idle();
        assert_eq!(rig.wait(), Some(SECOND));
    }
    rig.advance(SECOND);
    for _ in 0..5 {
        rig.dispatcher.handle_timeout(rig.now);
        assert!(rig.dispatcher.is_ready());
        assert_eq!(rig.wait(), None, "a ready lane must not set a timer");
    }
    assert_eq!(rig.take().attempt(), 2);
    rig.assert_idle();
}

#[test]
fn a_call_for_one_webhook_makes_due_lanes_of_others_ready() {
    let mut rig = Rig::new();
    let (key, other) = (rig.insert("1", retries(3)), rig.insert("2", retries(3)));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.fail(&delivery);
    rig.advance(SECOND);
    assert!(!rig.dispatcher.is_ready());
    rig.dispatcher.resume(other, rig.now);
    assert!(rig.dispatcher.is_ready());
}

#[test]
fn every_call_that_takes_the_moment_makes_due_lanes_ready() {
    type Call = fn(&mut Rig, WebhookKey, AttemptId);
    let calls: [(&str, Call); 8] = [
        ("publish", |rig, _, _| {
            rig.dispatcher.publish(&[], &item(&EVENTS, "9"), rig.now);
        }),
        ("reject", |rig, _, _| {
            rig.dispatcher.reject(&[], &item(&EVENTS, "9"), rig.now);
        }),
        ("handle_timeout", |rig, _, _| rig.dispatcher.handle_timeout(rig.now)),
        ("handle_outcome", |rig, _, stale| {
            rig.dispatcher.handle_outcome(stale, Outcome::Abandoned, rig.now);
        }),
        ("handle_failure", |rig, _, stale| {
            rig.dispatcher.handle_failure(stale, FailureKind::Connect, None, rig.now);
        }),
        ("update", |rig, other, _| {
            rig.dispatcher.update(other, Arc::new("first"), retries(3), rig.now);
        }),
        ("resume", |rig, other, _| {
            rig.dispatcher.resume(other, rig.now);
        }),
        ("start_flush", |rig, _, _| {
            let flush = rig.dispatcher.start_flush(rig.now);
            rig.dispatcher.end_flush(flush);
        }),
    ];
    for (name, call) in calls {
        let mut rig = Rig::new();
        let (key, other) = (rig.insert("1", retries(3)), rig.insert("2", retries(3)));
        rig.publish(key, &EVENTS);
        let delivery = rig.take();
        rig.fail(&delivery);
        rig.advance(SECOND);
        assert!(!rig.dispatcher.is_ready());
        call(&mut rig, other, delivery.attempt_id());
        assert!(rig.dispatcher.is_ready(), "{name} does not make the due lane ready");
    }
}

#[test]
fn a_report_has_the_moment_of_the_call_that_caused_it() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.advance(30 * SECOND);
    let failed = rig.now;
    let kind = FailureKind::Connect;
    rig.dispatcher.handle_failure(delivery.attempt_id(), kind, None, failed);
    assert_eq!(rig.wait(), Some(SECOND), "the delay must start at the failure");
    rig.advance(SECOND / 2);
    let rejected = rig.now;
    let item = item(&EVENTS, "9");
    assert_eq!(rig.dispatcher.reject(&[key], &item, rejected).rejected, 1);
    let reports = rig.effects().take_reports();
    assert_eq!(reports.iter().map(Report::at).collect::<Vec<_>>(), [failed, rejected]);
}

#[test]
fn a_clock_that_steps_back_is_treated_as_stopped() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.advance(100 * SECOND);
    rig.dispatcher.handle_timeout(rig.now);
    let due = rig.now + SECOND;
    rig.now = Moment::ZERO;
    rig.fail(&delivery);
    rig.assert_idle();
    rig.publish(key, &EVENTS);
    assert_eq!(rig.dispatcher.poll_timeout(), Some(due), "the latest moment must count");
    rig.now = due;
    assert_eq!(rig.take().attempt(), 2);
}

#[test]
fn a_clock_that_jumps_to_the_last_moment_does_not_panic() {
    let mut rig = Rig::new();
    let forever = Backoff::constant(Duration::MAX).unwrap();
    let policy = retries(0)
        .with_retry(recohook::policy::Retry::new(recohook::policy::Attempts::Unlimited, forever));
    let key = rig.insert("1", policy.with_batch(Batching::default().with_linger(Duration::MAX)));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.record(&delivery, response(503, Some(Duration::MAX)));
    assert_eq!(rig.dispatcher.poll_timeout(), Some(Moment::MAX));
    rig.now = Moment::MAX;
    let delivery = rig.take();
    rig.respond(&delivery, 200);
    assert_eq!((rig.stats("1").delivered, rig.wait()), (1, None));
}

#[test]
fn the_same_calls_with_the_same_seed_have_the_same_results() {
    let run = || {
        let mut rig = Rig::new();
        let key = rig.insert("1", batches(2));
        rig.publish_all(key, &EVENTS, 9);
        let mut seen = Vec::new();
        for status in [500, 503, 200, 500, 200, 408, 200, 200, 200] {
            let delivery = rig.take();
            seen.push((delivery.id(), delivery.attempt(), rig.now));
            rig.respond(&delivery, status);
            if let Some(wait) = rig.wait() {
                rig.advance(wait + MILLI);
            }
        }
        seen
    };
    assert_eq!(run(), run());
}
