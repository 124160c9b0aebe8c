//! Attempts: how many are made, when, and which outcomes are retried.

use std::time::Duration;

use recohook::{
    FailureKind,
    http::StatusCode,
    policy::{Attempts, Backoff, Jitter, Policy, Retry, RetryOn, Success},
    report::ReportEvent,
    unstable::Outcome,
};

use crate::rig::{EVENTS, Rig, SECOND, findface, retries, retry};

/// Returns how many notifications are delivered, dead and pending after one notification is
/// published and its first attempt has this outcome.
fn after_outcome(policy: Policy, outcome: Outcome) -> (u64, u64, u64) {
    let mut rig = Rig::new();
    let key = rig.insert("1", policy);
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.record(&delivery, outcome);
    let stats = rig.stats("1");
    assert_eq!(stats.attempts, 1);
    (stats.delivered, stats.dead, stats.pending())
}

const DELIVERED: (u64, u64, u64) = (1, 0, 0);
const DEAD: (u64, u64, u64) = (0, 1, 0);
const RETRY: (u64, u64, u64) = (0, 0, 1);

fn after_status(policy: Policy, status: u16) -> (u64, u64, u64) {
    after_outcome(policy, crate::rig::response(status, None))
}

#[test]
fn the_delays_of_findface_are_those_of_its_journal() {
    let mut rig = Rig::new();
    let key = rig.insert("2", findface());
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
        rig.respond(&delivery, 405);
        rig.assert_idle();
        let wait = Duration::from_nanos(nanos);
        assert_eq!(rig.wait(), Some(wait), "after attempt {attempt}");
        rig.advance(wait - Duration::from_nanos(1));
        rig.assert_idle();
        rig.advance(Duration::from_nanos(1));
    }
    let last = rig.take();
    rig.respond(&last, 405);
    assert_eq!(rig.wait(), None);
    let stats = rig.stats("2");
    assert_eq!((stats.attempts, stats.failures, stats.dead), (10, 10, 1));
}

#[test]
fn the_delay_starts_at_the_failure_and_not_at_the_attempt() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.advance(30 * SECOND);
    rig.fail(&delivery);
    assert_eq!(rig.wait(), Some(SECOND));
}

#[test]
fn a_limit_of_one_attempt_means_no_retry() {
    assert_eq!(after_status(retries(1), 503), DEAD);
    assert_eq!(after_outcome(retries(1), Outcome::Failed(FailureKind::Connect)), DEAD);
}

#[test]
fn unlimited_attempts_continue_until_a_success() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(0));
    rig.publish(key, &EVENTS);
    for attempt in 1..=1_000 {
        let delivery = rig.take();
        assert_eq!(delivery.attempt(), attempt);
        rig.fail(&delivery);
        rig.advance(SECOND);
    }
    let delivery = rig.take();
    rig.respond(&delivery, 200);
    assert_eq!(rig.stats("1").delivered, 1);
}

#[test]
fn a_client_error_is_retried_only_if_the_policy_retries_any_failure() {
    let transient = || retries(3).with_retry(retry(3).with_retry_on(RetryOn::Transient));
    for status in [400, 401, 404, 405, 410, 422, 499] {
        assert_eq!(after_status(transient(), status), DEAD, "{status}");
        assert_eq!(after_status(retries(3), status), RETRY, "{status}");
    }
    for status in [100, 301, 304, 408, 425, 429, 500, 503, 599] {
        assert_eq!(after_status(transient(), status), RETRY, "{status}");
    }
    for kind in [FailureKind::Timeout, FailureKind::Tls, FailureKind::Panic, FailureKind::Other] {
        assert_eq!(after_outcome(transient(), Outcome::Failed(kind)), RETRY, "{kind}");
    }
}

#[test]
fn an_invalid_request_is_dead_at_once_and_not_a_failure_of_the_receiver() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(0));
    rig.publish_all(key, &EVENTS, 2);
    let delivery = rig.take();
    rig.record(&delivery, Outcome::Failed(FailureKind::InvalidRequest));
    let status = rig.dispatcher.status(&"1".into(), rig.now).unwrap();
    assert_eq!((rig.stats("1").dead, status.failures), (1, 0));
    assert!(rig.poll().is_some(), "the next notification must be sent");
}

#[test]
fn the_success_rule_decides_which_statuses_are_delivered() {
    let rule = |success| retries(3).with_success(success);
    let exactly = || rule(Success::Exactly(StatusCode::OK));
    let set = || rule(Success::one_of([StatusCode::ACCEPTED, StatusCode::GONE]).unwrap());
    for (policy, status, expected) in [
        (exactly(), 200, DELIVERED),
        (exactly(), 201, RETRY),
        (exactly(), 204, RETRY),
        (rule(Success::Any2xx), 200, DELIVERED),
        (rule(Success::Any2xx), 299, DELIVERED),
        (rule(Success::Any2xx), 199, RETRY),
        (rule(Success::Any2xx), 300, RETRY),
        (rule(Success::Below400), 304, DELIVERED),
        (rule(Success::Below400), 399, DELIVERED),
        (rule(Success::Below400), 101, RETRY),
        (rule(Success::Below400), 400, RETRY),
        (set(), 202, DELIVERED),
        (set(), 410, DELIVERED),
        (set(), 200, RETRY),
    ] {
        assert_eq!(
            after_status(policy.clone(), status),
            expected,
            "{:?}: {status}",
            policy.success()
        );
    }
}

#[test]
fn jitter_stays_in_its_range_and_follows_the_seed() {
    let run = |jitter| {
        let backoff = Backoff::constant(8 * SECOND).unwrap().with_jitter(jitter);
        let mut rig = Rig::new();
        let key = rig.insert("1", retries(0).with_retry(Retry::new(Attempts::Unlimited, backoff)));
        rig.publish(key, &EVENTS);
        let waits = (0..200).map(|_| {
            let delivery = rig.take();
            rig.respond(&delivery, 500);
            let reports = rig.effects().take_reports();
            let Some(ReportEvent::Failed { next, .. }) = reports.first().map(|one| one.event())
            else {
                panic!("expected a failed attempt, got: {reports:?}");
            };
            rig.advance(*next);
            *next
        });
        waits.collect::<Vec<_>>()
    };
    for (jitter, low) in [(Jitter::Full, Duration::ZERO), (Jitter::Equal, 4 * SECOND)] {
        let waits = run(jitter);
        assert!(waits.iter().all(|wait| (low..=8 * SECOND).contains(wait)), "{jitter:?}");
        assert!(waits.iter().min() < waits.iter().max(), "{jitter:?} must vary the delay");
        assert_eq!(waits, run(jitter), "the same seed must give the same delays");
    }
    assert!(run(Jitter::None).iter().all(|wait| *wait == 8 * SECOND));
}
