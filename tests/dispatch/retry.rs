//! Attempts: how many, when, and of what.

use std::time::Duration;

use recohook::{
    FailureKind,
    http::StatusCode,
    policy::{Attempts, Backoff, Jitter, Policy, Retry, RetryOn, Success},
    report::ReportEvent,
    unstable::Outcome,
};

use crate::rig::{EVENTS, Rig, SECOND, findface, retries, retry};

/// How a single notification ends whose first attempt gets this outcome: delivered, dead, pending.
fn resolution(policy: Policy, outcome: Outcome) -> (u64, u64, u64) {
    let mut rig = Rig::new();
    let key = rig.hook("1", policy);
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.record(&delivery, outcome);
    let stats = rig.stats("1");
    assert_eq!(stats.attempts, 1);
    (stats.delivered, stats.dead, stats.pending())
}

const DELIVERED: (u64, u64, u64) = (1, 0, 0);
const DEAD: (u64, u64, u64) = (0, 1, 0);
const AGAIN: (u64, u64, u64) = (0, 0, 1);

fn answered(policy: Policy, status: u16) -> (u64, u64, u64) {
    resolution(policy, crate::rig::response(status, None))
}

#[test]
fn findface_waits_exactly_as_its_journal_says() {
    let mut rig = Rig::new();
    let key = rig.hook("2", findface());
    rig.publish(key, &EVENTS);
    let waits: [u64; 9] = [
        270_000_000,
        729_000_000,
        1_968_300_000,
        5_314_410_000,
        14_348_907_000,
        38_742_048_900,
        100_000_000_000,
        100_000_000_000,
        100_000_000_000,
    ];
    for (attempt, nanos) in (1..).zip(waits) {
        let delivery = rig.take();
        assert_eq!(delivery.attempt(), attempt);
        rig.answer(&delivery, 405);
        rig.assert_idle();
        let wait = Duration::from_nanos(nanos);
        assert_eq!(rig.wait(), Some(wait), "after attempt {attempt}");
        rig.pass(wait - Duration::from_nanos(1));
        rig.assert_idle();
        rig.pass(Duration::from_nanos(1));
    }
    let last = rig.take();
    rig.answer(&last, 405);
    assert_eq!(rig.wait(), None);
    let stats = rig.stats("2");
    assert_eq!((stats.attempts, stats.failures, stats.dead), (10, 10, 1));
}

#[test]
fn the_wait_counts_from_the_failure_and_not_from_the_start() {
    let mut rig = Rig::new();
    let key = rig.hook("1", retries(3));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.pass(30 * SECOND);
    rig.fail(&delivery);
    assert_eq!(rig.wait(), Some(SECOND));
}

#[test]
fn one_attempt_is_send_once_and_forget() {
    assert_eq!(answered(retries(1), 503), DEAD);
    assert_eq!(resolution(retries(1), Outcome::Failed(FailureKind::Connect)), DEAD);
}

#[test]
fn unlimited_attempts_go_on() {
    let mut rig = Rig::new();
    let key = rig.hook("1", retries(0));
    rig.publish(key, &EVENTS);
    for attempt in 1..=1_000 {
        let delivery = rig.take();
        assert_eq!(delivery.attempt(), attempt);
        rig.fail(&delivery);
        rig.pass(SECOND);
    }
    let delivery = rig.take();
    rig.answer(&delivery, 200);
    assert_eq!(rig.stats("1").delivered, 1);
}

#[test]
fn a_refusal_is_final_unless_the_policy_retries_anything() {
    let transient = || retries(3).with_retry(retry(3).with_retry_on(RetryOn::Transient));
    for status in [400, 401, 404, 405, 410, 422, 499] {
        assert_eq!(answered(transient(), status), DEAD, "{status}");
        assert_eq!(answered(retries(3), status), AGAIN, "{status}");
    }
    for status in [100, 301, 304, 408, 425, 429, 500, 503, 599] {
        assert_eq!(answered(transient(), status), AGAIN, "{status}");
    }
    for kind in [FailureKind::Timeout, FailureKind::Tls, FailureKind::Panic, FailureKind::Other] {
        assert_eq!(resolution(transient(), Outcome::Failed(kind)), AGAIN, "{kind}");
    }
}

#[test]
fn what_cannot_be_sent_dies_at_once_and_says_nothing_of_the_receiver() {
    let mut rig = Rig::new();
    let key = rig.hook("1", retries(0));
    rig.publish_all(key, &EVENTS, 2);
    let delivery = rig.take();
    rig.record(&delivery, Outcome::Failed(FailureKind::InvalidRequest));
    let status = rig.dispatcher.status(&"1".into(), rig.now).unwrap();
    assert_eq!((rig.stats("1").dead, status.failures), (1, 0));
    assert!(rig.poll().is_some(), "the next one goes on");
}

#[test]
fn the_success_rule_decides() {
    let rule = |success| retries(3).with_success(success);
    let exactly = || rule(Success::Exactly(StatusCode::OK));
    let set = || rule(Success::one_of([StatusCode::ACCEPTED, StatusCode::GONE]).unwrap());
    for (policy, status, expected) in [
        (exactly(), 200, DELIVERED),
        (exactly(), 201, AGAIN),
        (exactly(), 204, AGAIN),
        (rule(Success::Any2xx), 200, DELIVERED),
        (rule(Success::Any2xx), 299, DELIVERED),
        (rule(Success::Any2xx), 199, AGAIN),
        (rule(Success::Any2xx), 300, AGAIN),
        (rule(Success::Below400), 304, DELIVERED),
        (rule(Success::Below400), 399, DELIVERED),
        (rule(Success::Below400), 400, AGAIN),
        (set(), 202, DELIVERED),
        (set(), 410, DELIVERED),
        (set(), 200, AGAIN),
    ] {
        assert_eq!(answered(policy.clone(), status), expected, "{:?}: {status}", policy.success());
    }
}

#[test]
fn jitter_stays_in_its_range_and_follows_the_seed() {
    let run = |jitter| {
        let backoff = Backoff::constant(8 * SECOND).unwrap().with_jitter(jitter);
        let mut rig = Rig::new();
        let key = rig.hook("1", retries(0).with_retry(Retry::new(Attempts::Unlimited, backoff)));
        rig.publish(key, &EVENTS);
        let waits = (0..200).map(|_| {
            let delivery = rig.take();
            rig.answer(&delivery, 500);
            let reports = rig.effects().take_reports();
            let Some(ReportEvent::Failed { next, .. }) = reports.first().map(|one| one.event())
            else {
                panic!("no failure in {reports:?}");
            };
            rig.pass(*next);
            *next
        });
        waits.collect::<Vec<_>>()
    };
    for (jitter, low) in [(Jitter::Full, Duration::ZERO), (Jitter::Equal, 4 * SECOND)] {
        let waits = run(jitter);
        assert!(waits.iter().all(|wait| (low..=8 * SECOND).contains(wait)), "{jitter:?}");
        assert!(waits.iter().min() < waits.iter().max(), "{jitter:?} is no constant");
        assert_eq!(waits, run(jitter), "the same seed, the same waits");
    }
    assert!(run(Jitter::None).iter().all(|wait| *wait == 8 * SECOND));
}
