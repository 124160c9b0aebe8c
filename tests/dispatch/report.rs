//! Reports, their lines, dead letters and the statistics.

use std::sync::Arc;

use recohook::{
    Encoded, FailureKind, Limits, Moment,
    failure::ErrorText,
    http::StatusCode,
    policy::Attempts,
    report::{DeadLetterReason, DropReason, FailureCause, ReportEvent},
    unstable::{Dispatcher, Outcome},
};

use crate::rig::{EPISODES, EVENTS, Rig, SECOND, batches, findface, response, retries};

#[test]
fn lines_read_as_the_documented_journal() {
    let mut rig = Rig::new();
    let key = rig.hook("2", findface());
    rig.publish(key, &EVENTS);
    let first = rig.take();
    rig.answer(&first, 405);
    rig.publish(key, &EVENTS);
    rig.pass(SECOND);
    let second = rig.take();
    rig.answer(&second, 405);
    rig.pass(SECOND);
    let third = rig.take();
    rig.answer(&third, 200);
    assert_eq!(
        rig.lines(),
        [
            r#"<queue:  0> Webhook worker(id-2, type-"events") Error sending webhook: 405, message='Method Not Allowed'. Attempt 1 out of 10. Next attempt in 0.270 seconds."#,
            r#"<queue:  1> Webhook worker(id-2, type-"events") Error sending webhook: 405, message='Method Not Allowed'. Attempt 2 out of 10. Next attempt in 0.729 seconds."#,
            r#"<queue:  1> Webhook worker(id-2, type-"events") sent batch(len-1, type-"events"): ['1']"#,
        ]
    );
}

#[test]
fn a_line_stays_one_line_whatever_an_id_holds() {
    let mut dispatcher = Dispatcher::new(Limits::default(), 1);
    dispatcher.record_reports(true);
    let key = dispatcher.insert("2".into(), Arc::new(()), findface());
    let item = Arc::new(Encoded::new(&EVENTS, "1'\n\u{1b}[31m", "event_created", "{}"));
    dispatcher.publish(&[key], &item, Moment::ZERO);
    let delivery = dispatcher.poll_delivery(Moment::ZERO).unwrap();
    dispatcher.handle_outcome(delivery.attempt_id(), response(200, None), Moment::ZERO);
    let reports = dispatcher.take_effects().take_reports();
    assert!(reports[0].to_string().ends_with(r"['1\'\n\u{1b}[31m']"), "{}", reports[0]);
}

#[test]
fn lines_show_every_other_end_too() {
    let mut rig = Rig::new();
    let key = rig.hook("gate", retries(0).with_batch(batches(2).batch().clone()));
    rig.publish_all(key, &EPISODES, 2);
    let delivery = rig.take();
    rig.fail(&delivery);
    rig.pass(SECOND);
    let delivery = rig.take();
    rig.abandon(&delivery);
    let delivery = rig.take();
    rig.record(&delivery, Outcome::Failed(FailureKind::InvalidRequest));
    rig.publish_all(key, &EPISODES, 11);
    rig.dispatcher.remove(key);
    let worker = r#"Webhook worker(id-gate, type-"episodes")"#;
    assert_eq!(
        rig.lines(),
        [
            format!(
                "<queue:  0> {worker} Error sending webhook: no connection to the receiver. Attempt 1 out of unlimited. Next attempt in 1.000 seconds."
            ),
            format!("<queue:  0> {worker} Attempt 2 was abandoned, batch(len-2)"),
            format!(
                "<queue:  0> {worker} Error sending webhook: the request cannot be sent. Attempt 2 out of unlimited. Giving up batch(len-2, type-\"episodes\"): ['1', '2']"
            ),
            format!(
                "<queue:  0> {worker} dropped 11 (removed): ['3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13']"
            ),
        ]
    );
}

#[test]
fn reports_carry_what_their_lines_say() {
    let mut rig = Rig::new();
    let key = rig.hook("1", retries(2));
    rig.publish_all(key, &EVENTS, 3);
    let first = rig.take();
    rig.pass(SECOND);
    rig.answer(&first, 500);
    rig.pass(SECOND);
    let second = rig.take();
    rig.answer(&second, 502);
    let reports = rig.effects().take_reports();
    assert_eq!(reports.len(), 2);
    assert_eq!((reports[0].webhook().as_str(), reports[0].topic()), ("1", "events"));
    assert_eq!((reports[0].queued(), reports[0].at()), (2, Moment::ZERO + 2 * SECOND));
    let ReportEvent::Failed { delivery, attempt, attempts, cause, error_text, next, batch } =
        reports[0].event()
    else {
        panic!("not a failure: {}", reports[0]);
    };
    assert_eq!((*delivery, *attempt, *attempts), (first.id(), 1, Attempts::at_most(2).unwrap()));
    assert_eq!((*cause, *next), (FailureCause::Status(StatusCode::INTERNAL_SERVER_ERROR), SECOND));
    assert_eq!(*error_text, None);
    assert!(Arc::ptr_eq(batch, first.batch()));
    let ReportEvent::Dead { attempt, cause, .. } = reports[1].event() else {
        panic!("not a death: {}", reports[1]);
    };
    assert_eq!((*attempt, *cause), (2, FailureCause::Status(StatusCode::BAD_GATEWAY)));
}

#[test]
fn what_an_error_says_follows_the_cause() {
    let mut rig = Rig::new();
    let key = rig.hook("1", retries(3));
    rig.publish(key, &EVENTS);
    let says = |text| Some(ErrorText::new(text));
    let fail = |rig: &mut Rig, kind, error_text| {
        let delivery = rig.take();
        rig.dispatcher.handle_failure(delivery.attempt_id(), kind, error_text, rig.now);
        // A late one settles nothing more, whatever it says.
        rig.dispatcher.handle_failure(delivery.attempt_id(), kind, says("late"), rig.now);
        rig.pass(SECOND);
    };
    fail(&mut rig, FailureKind::Connect, says("refused\r\n(os error 111)"));
    fail(&mut rig, FailureKind::Connect, says(""));
    fail(&mut rig, FailureKind::Tls, says("no \"CA\" of ours"));
    let mut effects = rig.effects();
    let reports = effects.take_reports();
    let worker = r#"<queue:  0> Webhook worker(id-1, type-"events") Error sending webhook:"#;
    let lines: Vec<_> = reports.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            format!(
                r"{worker} no connection to the receiver: refused\r\n(os error 111). Attempt 1 out of 3. Next attempt in 1.000 seconds."
            ),
            format!(
                "{worker} no connection to the receiver. Attempt 2 out of 3. Next attempt in 1.000 seconds."
            ),
            format!(
                r#"{worker} no secure channel to the receiver: no "CA" of ours. Attempt 3 out of 3. Giving up batch(len-1, type-"events"): ['1']"#
            ),
        ]
    );
    assert!(matches!(
        reports[2].event(),
        ReportEvent::Dead { error_text: Some(text), .. } if text.as_str() == "no \"CA\" of ours"
    ));
    let dead_letters = effects.take_dead_letters();
    assert_eq!(dead_letters[0].error_text(), says("no \"CA\" of ours").as_ref());
    assert_eq!(
        dead_letters[0].to_string(),
        r#"Webhook worker(id-1, type-"events") gave up after attempt 3, no secure channel to the receiver: no "CA" of ours; batch(len-1, type-"events"): ['1']"#
    );
}

/// An update that lowers the limit ends a delivery by an earlier attempt's failure.
#[test]
fn a_delivery_that_an_update_ends_reports_why_its_last_attempt_failed() {
    let mut rig = Rig::new();
    let key = rig.hook("1", retries(0));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    let refused = Some(ErrorText::new("refused"));
    let (id, now) = (delivery.attempt_id(), rig.now);
    rig.dispatcher.handle_failure(id, FailureKind::Connect, refused.clone(), now);
    rig.dispatcher.update(key, Arc::new("second"), retries(1), now);
    let dead_letters = rig.effects().take_dead_letters();
    assert_eq!(dead_letters[0].error_text(), refused.as_ref());
}

#[test]
fn a_dead_letter_carries_its_items() {
    let mut rig = Rig::new();
    let key = rig.hook("1", retries(1).with_batch(batches(2).batch().clone()));
    rig.publish_all(key, &EVENTS, 3);
    let delivery = rig.take();
    rig.answer(&delivery, 410);
    rig.dispatcher.remove(key);
    let mut effects = rig.effects();
    let dead_letters = effects.take_dead_letters();
    assert_eq!(dead_letters.len(), 2);
    let cause = FailureCause::Status(StatusCode::GONE);
    assert_eq!(dead_letters[0].reason(), DeadLetterReason::Failed { attempt: 1, cause });
    assert_eq!((dead_letters[0].webhook().as_str(), dead_letters[0].topic()), ("1", "events"));
    let bodies: Vec<_> = dead_letters[0].batch().items().iter().map(|item| item.body()).collect();
    assert_eq!(bodies, ["1111111111", "1111111111"]);
    assert_eq!(dead_letters[1].reason(), DeadLetterReason::Dropped(DropReason::Removed));
    assert_eq!((dead_letters[0].error_text(), dead_letters[1].error_text()), (None, None));
    assert_eq!(
        dead_letters[1].to_string(),
        r#"Webhook worker(id-1, type-"events") dropped (removed); batch(len-1, type-"events"): ['3']"#
    );
    assert_eq!(dead_letters[1].batch().ids().collect::<Vec<_>>(), ["3"]);
}

#[test]
fn nothing_is_recorded_that_nobody_asks_for() {
    let mut rig = Rig::new();
    rig.dispatcher = Dispatcher::new(Limits::default().with_max_webhook_queue_items(3), 7);
    let key = rig.hook("1", retries(2));
    rig.publish_all(key, &EVENTS, 3);
    assert!(!rig.publish(key, &EVENTS));
    for status in [500, 500, 200] {
        let delivery = rig.take();
        rig.answer(&delivery, status);
        rig.pass(SECOND);
    }
    let mut effects = rig.effects();
    assert!(effects.take_reports().is_empty() && effects.take_dead_letters().is_empty());
    assert!(!effects.is_empty(), "what is to be freed");
    assert!(rig.effects().is_empty());
    rig.dispatcher.record_dead_letters(true);
    rig.dispatcher.remove(key);
    let mut effects = rig.effects();
    assert_eq!((effects.take_reports().len(), effects.take_dead_letters().len()), (0, 1));
}

#[test]
fn payloads_are_freed_with_the_effects_and_not_before() {
    let mut rig = Rig::new();
    let key = rig.hook("1", retries(2));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    let batch = Arc::downgrade(delivery.batch());
    rig.record(&delivery, response(200, None));
    drop(delivery);
    assert!(batch.upgrade().is_some(), "freeing is for the caller, outside of its lock");
    drop(rig.effects());
    assert!(batch.upgrade().is_none());
}

#[test]
fn the_stats_add_up_at_every_step() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(4));
    let key = rig.hook("1", retries(2).with_batch(batches(2).batch().clone()));
    let line = |rig: &Rig| rig.stats("1").to_string();
    for _ in 0..5 {
        rig.publish(key, &EVENTS);
    }
    assert_eq!(
        line(&rig),
        "matched 5 = accepted 4 + rejected 1; accepted = delivered 0 + dead 0 + dropped 0 \
         + pending 4; attempts 0, failed 0"
    );
    let first = rig.take();
    rig.answer(&first, 200);
    for _ in 0..2 {
        let delivery = rig.take();
        rig.answer(&delivery, 500);
        rig.pass(SECOND);
    }
    assert_eq!(
        line(&rig),
        "matched 5 = accepted 4 + rejected 1; accepted = delivered 2 + dead 2 + dropped 0 \
         + pending 0; attempts 3, failed 2"
    );
    assert_eq!(rig.dispatcher.total(), rig.stats("1"));
}
