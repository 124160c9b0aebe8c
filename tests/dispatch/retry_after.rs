//! Responses with `Retry-After`, which block the whole webhook for a time.

use std::time::Duration;

use recohook::{
    policy::{Attempts, Backoff, Jitter, Retry},
    report::ReportEvent,
};

use crate::rig::{EPISODES, EVENTS, Rig, SECOND, response, retries};

#[test]
fn a_failure_of_a_blocked_webhook_reports_the_remaining_block() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    rig.publish(key, &EPISODES);
    let (event, episode) = (rig.take(), rig.take());
    rig.respond_retry_after(&event, 60 * SECOND);
    rig.advance(SECOND);
    rig.effects();
    rig.respond(&episode, 500);
    let reports = rig.effects().take_reports();
    let ReportEvent::Failed { next, .. } = reports[0].event() else {
        panic!("expected a failed attempt, got: {}", reports[0]);
    };
    assert_eq!(*next, 59 * SECOND);
    rig.assert_idle();
    assert_eq!(rig.wait(), Some(59 * SECOND));
}

#[test]
fn all_lanes_of_the_webhook_are_blocked_and_no_other_webhook() {
    let mut rig = Rig::new();
    let (key, other) = (rig.insert("1", retries(3)), rig.insert("2", retries(3)));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.respond_retry_after(&delivery, 30 * SECOND);
    rig.publish(key, &EPISODES);
    rig.publish(other, &EVENTS);
    assert_eq!(rig.take().webhook().as_str(), "2");
    rig.assert_idle();
    let status = rig.dispatcher.status(&"1".into(), rig.now).unwrap();
    assert_eq!((status.blocked_for, rig.wait()), (30 * SECOND, Some(30 * SECOND)));
    rig.advance(30 * SECOND - Duration::from_nanos(1));
    rig.assert_idle();
    rig.advance(Duration::from_nanos(1));
    assert!(rig.poll().is_some() && rig.poll().is_some(), "both lanes must continue");
    assert_eq!(rig.dispatcher.status(&"1".into(), rig.now).unwrap().blocked_for, Duration::ZERO);
}

#[test]
fn the_last_attempt_blocks_the_webhook_too() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(1));
    rig.publish_all(key, &EVENTS, 2);
    let delivery = rig.take();
    rig.respond_retry_after(&delivery, 30 * SECOND);
    assert_eq!(rig.stats("1").dead, 1);
    rig.assert_idle();
    assert_eq!(rig.wait(), Some(30 * SECOND));
}

/// Returns the wait after a first attempt whose response has a `Retry-After` of `asked`. The
/// backoff is 8 s, and the policy allows a `Retry-After` of `longest`.
fn wait(asked: Duration, longest: Duration, jitter: Jitter) -> Duration {
    let backoff = Backoff::constant(8 * SECOND).unwrap().with_jitter(jitter);
    let retry = Retry::new(Attempts::at_most(3).unwrap(), backoff).with_max_retry_after(longest);
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3).with_retry(retry));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    rig.respond_retry_after(&delivery, asked);
    rig.wait().expect("a retry should be scheduled")
}

#[test]
fn retry_after_is_a_minimum_to_which_jitter_only_adds() {
    let hour = 3_600 * SECOND;
    assert_eq!(wait(2 * SECOND, hour, Jitter::None), 8 * SECOND, "the longer backoff must count");
    assert_eq!(wait(20 * SECOND, hour, Jitter::None), 20 * SECOND);
    for jitter in [Jitter::Full, Jitter::Equal] {
        let wait = wait(20 * SECOND, hour, jitter);
        assert!((20 * SECOND..=28 * SECOND).contains(&wait), "{jitter:?}: {wait:?}");
    }
}

#[test]
fn jitter_spreads_webhooks_that_got_the_same_retry_after() {
    let jittery = Backoff::constant(8 * SECOND).unwrap().with_jitter(Jitter::Full);
    let policy = retries(3).with_retry(Retry::new(Attempts::at_most(3).unwrap(), jittery));
    let mut rig = Rig::new();
    let mut waits = Vec::new();
    for id in 0..50 {
        let key = rig.insert(&id.to_string(), policy.clone());
        rig.publish(key, &EVENTS);
        let delivery = rig.take();
        rig.respond_retry_after(&delivery, 20 * SECOND);
        let ReportEvent::Failed { next, .. } = rig.effects().take_reports()[0].event().clone()
        else {
            panic!("expected a failed attempt");
        };
        waits.push(next);
    }
    waits.sort_unstable();
    assert!(waits[0] >= 20 * SECOND && waits[49] <= 28 * SECOND, "{waits:?}");
    assert!(waits[40] - waits[10] > SECOND, "the retries are too close together: {waits:?}");
}

#[test]
fn retry_after_is_bounded_by_the_policy_and_zero_is_ignored() {
    assert_eq!(wait(86_400 * SECOND, 3_600 * SECOND, Jitter::None), 3_600 * SECOND);
    assert_eq!(wait(Duration::MAX, 60 * SECOND, Jitter::None), 60 * SECOND);
    assert_eq!(
        wait(20 * SECOND, Duration::ZERO, Jitter::None),
        8 * SECOND,
        "the policy ignores it"
    );
    assert_eq!(wait(Duration::ZERO, 60 * SECOND, Jitter::None), 8 * SECOND);
}

#[test]
fn a_shorter_retry_after_does_not_undo_a_longer_one() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    rig.publish(key, &EPISODES);
    let (event, episode) = (rig.take(), rig.take());
    rig.respond_retry_after(&event, 60 * SECOND);
    rig.respond_retry_after(&episode, 5 * SECOND);
    assert_eq!(rig.wait(), Some(60 * SECOND));
}

#[test]
fn a_retry_after_of_a_successful_response_is_ignored() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish_all(key, &EVENTS, 2);
    let delivery = rig.take();
    rig.record(&delivery, response(200, Some(60 * SECOND)));
    assert!(rig.poll().is_some());
}
