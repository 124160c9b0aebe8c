//! Reports and their text, dead letters, and the text of statistics.

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
fn reports_have_the_text_of_the_documented_journal() {
    let mut rig = Rig::new();
    let key = rig.insert("2", findface());
    rig.publish(key, &EVENTS);
    let first = rig.take();
    rig.respond(&first, 405);
    rig.publish(key, &EVENTS);
    rig.advance(SECOND);
    let second = rig.take();
    rig.respond(&second, 405);
    rig.advance(SECOND);
    let third = rig.take();
    rig.respond(&third, 200);
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
fn control_characters_in_an_id_are_escaped() {
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
fn abandoned_dead_and_dropped_notifications_have_a_text() {
    let mut rig = Rig::new();
    let key = rig.insert("gate", retries(0).with_batch(batches(2).batch().clone()));
    rig.publish_all(key, &EPISODES, 2);
    let delivery = rig.take();
    rig.fail(&delivery);
    rig.advance(SECOND);
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
fn reports_have_fields_for_what_their_text_contains() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(2));
    rig.publish_all(key, &EVENTS, 3);
    let first = rig.take();
    rig.advance(SECOND);
    rig.respond(&first, 500);
    rig.advance(SECOND);
    let second = rig.take();
    rig.respond(&second, 502);
    let reports = rig.effects().take_reports();
    assert_eq!(reports.len(), 2);
    assert_eq!((reports[0].webhook().as_str(), reports[0].topic()), ("1", "events"));
    assert_eq!((reports[0].queued(), reports[0].at()), (2, Moment::ZERO + 2 * SECOND));
    let ReportEvent::Failed { delivery, attempt, attempts, cause, error_text, next, batch } =
        reports[0].event()
    else {
        panic!("expected a failed attempt, got: {}", reports[0]);
    };
    assert_eq!((*delivery, *attempt, *attempts), (first.id(), 1, Attempts::at_most(2).unwrap()));
    assert_eq!((*cause, *next), (FailureCause::Status(StatusCode::INTERNAL_SERVER_ERROR), SECOND));
    assert_eq!(*error_text, None);
    assert!(Arc::ptr_eq(batch, first.batch()));
    let ReportEvent::Dead { attempt, cause, .. } = reports[1].event() else {
        panic!("expected a dead batch, got: {}", reports[1]);
    };
    assert_eq!((*attempt, *cause), (2, FailureCause::Status(StatusCode::BAD_GATEWAY)));
}

#[test]
fn the_text_of_a_transport_error_follows_the_cause() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(3));
    rig.publish(key, &EVENTS);
    let text = |text| Some(ErrorText::new(text));
    let fail = |rig: &mut Rig, kind, error_text| {
        let delivery = rig.take();
        rig.dispatcher.handle_failure(delivery.attempt_id(), kind, error_text, rig.now);
        // A second failure of the same attempt is ignored, and so is its text.
        rig.dispatcher.handle_failure(delivery.attempt_id(), kind, text("late"), rig.now);
        rig.advance(SECOND);
    };
    fail(&mut rig, FailureKind::Connect, text("refused\r\n(os error 111)"));
    fail(&mut rig, FailureKind::Connect, text(""));
    fail(&mut rig, FailureKind::Tls, text("unknown \"CA\""));
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
                r#"{worker} no secure channel to the receiver: unknown "CA". Attempt 3 out of 3. Giving up batch(len-1, type-"events"): ['1']"#
            ),
        ]
    );
    assert!(matches!(
        reports[2].event(),
        ReportEvent::Dead { error_text: Some(text), .. } if text.as_str() == "unknown \"CA\""
    ));
    let dead_letters = effects.take_dead_letters();
    assert_eq!(dead_letters[0].error_text(), text("unknown \"CA\"").as_ref());
    assert_eq!(
        dead_letters[0].to_string(),
        r#"Webhook worker(id-1, type-"events") gave up after attempt 3, no secure channel to the receiver: unknown "CA"; batch(len-1, type-"events"): ['1']"#
    );
}

/// If an update lowers the limit, a delivery that waits for a retry dies at once.
#[test]
fn a_delivery_that_dies_in_an_update_reports_why_its_last_attempt_failed() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(0));
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
fn a_dead_letter_contains_its_notifications() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(1).with_batch(batches(2).batch().clone()));
    rig.publish_all(key, &EVENTS, 3);
    let delivery = rig.take();
    rig.respond(&delivery, 410);
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
fn reports_and_dead_letters_are_recorded_only_on_request() {
    let mut rig = Rig::new();
    rig.dispatcher = Dispatcher::new(Limits::default().with_max_webhook_queue_items(3), 7);
    let key = rig.insert("1", retries(2));
    rig.publish_all(key, &EVENTS, 3);
    assert!(!rig.publish(key, &EVENTS));
    for status in [500, 500, 200] {
        let delivery = rig.take();
        rig.respond(&delivery, status);
        rig.advance(SECOND);
    }
    let mut effects = rig.effects();
    assert!(effects.take_reports().is_empty() && effects.take_dead_letters().is_empty());
    assert!(!effects.is_empty(), "the effects must contain the batches that are to be freed");
    assert!(rig.effects().is_empty());
    rig.dispatcher.record_dead_letters(true);
    rig.dispatcher.remove(key);
    let mut effects = rig.effects();
    assert_eq!((effects.take_reports().len(), effects.take_dead_letters().len()), (0, 1));
}

#[test]
fn batches_are_freed_with_the_effects_and_not_before() {
    let mut rig = Rig::new();
    let key = rig.insert("1", retries(2));
    rig.publish(key, &EVENTS);
    let delivery = rig.take();
    let batch = Arc::downgrade(delivery.batch());
    rig.record(&delivery, response(200, None));
    drop(delivery);
    // The caller drops the effects after it has released its lock.
    assert!(batch.upgrade().is_some(), "the dispatcher must not free the batch");
    drop(rig.effects());
    assert!(batch.upgrade().is_none());
}

#[test]
fn the_text_of_the_statistics_adds_up_at_every_step() {
    let mut rig = Rig::with(Limits::default().with_max_webhook_queue_items(4));
    let key = rig.insert("1", retries(2).with_batch(batches(2).batch().clone()));
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
    rig.respond(&first, 200);
    for _ in 0..2 {
        let delivery = rig.take();
        rig.respond(&delivery, 500);
        rig.advance(SECOND);
    }
    assert_eq!(
        line(&rig),
        "matched 5 = accepted 4 + rejected 1; accepted = delivered 2 + dead 2 + dropped 0 \
         + pending 0; attempts 3, failed 2"
    );
    assert_eq!(rig.dispatcher.total(), rig.stats("1"));
}
