//! The reports and dead letters that the model expects after a call.

use recohook::{
    FailureKind,
    failure::ErrorText,
    policy::Attempts,
    report::{Batch, DeadLetterReason, FailureCause, Report, ReportEvent},
    unstable::Effects,
};

use crate::{
    hook::{Hook, Piece},
    model::{Model, Resolution, TOPICS},
    plan::Wait,
    receiver::error_text,
};

/// The expected reports and dead letters of one call, as lines.
#[derive(Debug, Default)]
pub(crate) struct Book {
    reports: Vec<String>,
    dead_letters: Vec<String>,
    /// The delivery whose attempt failed and will be repeated.
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Failed {
    delivery: u64,
    wait: Wait,
    jitter: bool,
}

impl Book {
    pub(crate) fn rejected(&mut self, hook: &Hook, lane: usize, number: u64) {
        self.report(hook, lane, format!("rejected {number}"));
    }

    pub(crate) fn failed(&mut self, hook: &Hook, lane: usize, at: usize, wait: Wait, jitter: bool) {
        let sent = &hook.lanes[lane].under_way[at];
        let (attempt, attempts) = (sent.attempts, hook.plan.attempts);
        let cause = sent.cause.expect("the attempt has failed");
        let (why, ids) = (why(cause, expected_error_text(cause)), numbers(&sent.pieces));
        let line = format!("failed {} {attempt}/{attempts} {why} {ids:?}", sent.delivery);
        self.report(hook, lane, line);
        self.failed = Some(Failed { delivery: sent.delivery, wait, jitter });
    }

    pub(crate) fn abandoned(&mut self, hook: &Hook, lane: usize, at: usize) {
        let sent = &hook.lanes[lane].under_way[at];
        let ids = numbers(&sent.pieces);
        self.report(hook, lane, format!("abandoned {} {} {ids:?}", sent.delivery, sent.attempts));
    }

    pub(crate) fn repeated(
        &mut self,
        hook: &Hook,
        lane: usize,
        at: usize,
        kind: FailureKind,
        wait: u64,
    ) {
        let sent = &hook.lanes[lane].under_way[at];
        let (sequence, attempt, ids) = (sent.delivery, sent.attempts, numbers(&sent.pieces));
        self.report(hook, lane, format!("repeated {sequence} {attempt} {kind:?} {wait} {ids:?}"));
    }

    pub(crate) fn settled(
        &mut self,
        hook: &Hook,
        lane: usize,
        delivery: Option<(u64, u32)>,
        pieces: &[Piece],
        resolution: Resolution,
    ) {
        let ids = numbers(pieces);
        let (delivery, attempt) = delivery.unwrap_or_default();
        let (line, dead_letter) = match resolution {
            Resolution::Delivered { status } => {
                (format!("delivered {delivery} {attempt} {status} {ids:?}"), None)
            }
            Resolution::Dead { cause } => {
                let (attempts, why) = (hook.plan.attempts, why(cause, expected_error_text(cause)));
                let line = format!("dead {delivery} {attempt}/{attempts} {why} {ids:?}");
                (line, Some(format!("dead {attempt} {why} {ids:?}")))
            }
            Resolution::Dropped(reason) => {
                let line = format!("dropped {reason:?} {ids:?}");
                (line.clone(), Some(line))
            }
        };
        self.report(hook, lane, line);
        if let Some(dead_letter) = dead_letter {
            self.dead_letters.push(format!("{}/{} {dead_letter}", hook.name, TOPICS[lane]));
        }
    }

    fn report(&mut self, hook: &Hook, lane: usize, what: String) {
        let (topic, queued) = (TOPICS[lane], hook.lanes[lane].queue.len());
        self.reports.push(format!("{}/{topic} <{queued}> {what}", hook.name));
    }
}

impl Model {
    /// Compares the reports and dead letters of a call with the expected ones. If an attempt
    /// failed, checks the wait in the report, and stores it in the model.
    pub(crate) fn compare(&mut self, mut effects: Effects<u64>) {
        let reports = effects.take_reports();
        for report in &reports {
            assert_eq!(report.at().as_nanos(), self.now, "{report}");
            if let ReportEvent::Failed { delivery, next, .. } = report.event() {
                self.check_wait(delivery.sequence(), next.as_nanos() as u64);
            }
        }
        let dead_letters = effects.take_dead_letters().into_iter().map(|dead_letter| {
            let (webhook, topic) = (dead_letter.webhook(), dead_letter.topic());
            let what = match dead_letter.reason() {
                DeadLetterReason::Failed { attempt, cause } => {
                    format!(
                        "dead {attempt} {}",
                        why(cause, dead_letter.error_text().map(ErrorText::as_str))
                    )
                }
                DeadLetterReason::Dropped(reason) => {
                    assert_eq!(dead_letter.error_text(), None);
                    format!("dropped {reason:?}")
                }
                other => panic!("unexpected: {other:?}"),
            };
            format!("{webhook}/{topic} {what} {:?}", ids(dead_letter.batch()))
        });
        assert_same(
            "dead letters",
            dead_letters.collect(),
            std::mem::take(&mut self.book.dead_letters),
        );
        let reports = reports.iter().map(line).collect();
        assert_same("reports", reports, std::mem::take(&mut self.book.reports));
        assert!(self.book.failed.is_none(), "no report was made of {:?}", self.book.failed);
    }

    fn check_wait(&mut self, delivery: u64, next: u64) {
        let failed = self.book.failed.take().expect("no retry was expected");
        let Wait { low, high } = failed.wait;
        assert_eq!(failed.delivery, delivery);
        assert!((low..=high).contains(&next), "the wait is {next} ns, not {low} to {high}");
        assert!(failed.jitter || low == high, "without jitter the wait must be exact");
        let due = self.now + next;
        let lanes = self.hooks.iter_mut().flat_map(|hook| &mut hook.lanes);
        let mut sent = lanes.flat_map(|lane| &mut lane.under_way);
        sent.find(|sent| sent.delivery == delivery).expect("the delivery is under way").due = due;
    }
}

fn line(report: &Report) -> String {
    let (webhook, topic, queued) = (report.webhook(), report.topic(), report.queued());
    let what = match report.event() {
        ReportEvent::Delivered { delivery, attempt, status, batch } => {
            let status = status.as_u16();
            format!("delivered {} {attempt} {status} {:?}", delivery.sequence(), ids(batch))
        }
        ReportEvent::Failed { delivery, attempt, attempts, cause, error_text, batch, .. } => {
            let why = why(*cause, error_text.as_ref().map(ErrorText::as_str));
            attempted("failed", delivery.sequence(), *attempt, *attempts, &why, batch)
        }
        ReportEvent::Dead { delivery, attempt, attempts, cause, error_text, batch, .. } => {
            let why = why(*cause, error_text.as_ref().map(ErrorText::as_str));
            attempted("dead", delivery.sequence(), *attempt, *attempts, &why, batch)
        }
        ReportEvent::Abandoned { delivery, attempt, batch } => {
            format!("abandoned {} {attempt} {:?}", delivery.sequence(), ids(batch))
        }
        ReportEvent::Repeated { delivery, attempt, kind, next, batch, .. } => {
            let (sequence, next) = (delivery.sequence(), next.as_nanos());
            format!("repeated {sequence} {attempt} {kind:?} {next} {:?}", ids(batch))
        }
        ReportEvent::Dropped { reason, batch } => format!("dropped {reason:?} {:?}", ids(batch)),
        ReportEvent::Rejected { item } => format!("rejected {}", item.id()),
        other => panic!("unexpected: {other:?}"),
    };
    format!("{webhook}/{topic} <{queued}> {what}")
}

fn attempted(
    what: &str,
    delivery: u64,
    attempt: u32,
    attempts: Attempts,
    why: &str,
    batch: &Batch,
) -> String {
    let attempts = match attempts {
        Attempts::Limited(most) => most.get(),
        Attempts::Unlimited => 0,
    };
    format!("{what} {delivery} {attempt}/{attempts} {why} {:?}", ids(batch))
}

/// Returns the expected error text of an attempt that failed for this cause.
fn expected_error_text(cause: FailureCause) -> Option<&'static str> {
    match cause {
        FailureCause::Failure(kind) => error_text(kind),
        _ => None,
    }
}

fn why(cause: FailureCause, error_text: Option<&str>) -> String {
    format!("{cause:?} {error_text:?}")
}

/// Returns the numbers of the notifications in a batch.
pub(crate) fn ids(batch: &Batch) -> Vec<u64> {
    batch.ids().map(|id| id.parse().expect("the ids are numbers")).collect()
}

fn numbers(pieces: &[Piece]) -> Vec<u64> {
    pieces.iter().map(|piece| piece.number).collect()
}

/// Asserts that both lists have the same lines. One call may settle several lanes, in any order.
fn assert_same(what: &str, mut are: Vec<String>, mut should: Vec<String>) {
    are.sort_unstable();
    should.sort_unstable();
    assert_eq!(are, should, "{what}: left is actual, right is expected");
}
