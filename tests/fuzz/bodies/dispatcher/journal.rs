//! Records the reports and deliveries of a dispatcher for each notification.

use std::collections::{BTreeMap, BTreeSet};

use recohook::{
    DeliveryId,
    report::{Batch, Report, ReportEvent},
    unstable::Delivery,
};

use super::super::assert_one_line;

/// The name of a webhook and the number of a notification. The number is also its id. A
/// notification is never published to two webhooks with the same name.
type Offered = (String, u64);

#[derive(Default)]
pub(super) struct Journal {
    settled: BTreeSet<Offered>,
    started: BTreeSet<DeliveryId>,
    /// The last notification that was sent, for each webhook and topic.
    last_sent: BTreeMap<(String, &'static str), u64>,
}

impl Journal {
    /// Returns how many notifications were delivered, dead, dropped or rejected.
    pub(super) fn settled(&self) -> u64 {
        self.settled.len() as u64
    }

    /// Records a report. Asserts that each notification is settled once.
    pub(super) fn report(&mut self, report: &Report) {
        assert_one_line(&report.to_string());
        let webhook = report.webhook().as_str();
        match report.event() {
            ReportEvent::Delivered { batch, .. }
            | ReportEvent::Dead { batch, .. }
            | ReportEvent::Dropped { batch, .. } => {
                numbers(batch).for_each(|number| self.settle(webhook, number));
            }
            ReportEvent::Rejected { item } => self.settle(webhook, number(item.id())),
            _ => {}
        }
    }

    fn settle(&mut self, webhook: &str, number: u64) {
        let first = self.settled.insert((webhook.to_owned(), number));
        assert!(first, "notification {number} of webhook {webhook} is settled twice");
    }

    /// Records an attempt. Asserts that its batch is not empty, that none of its notifications is
    /// settled, and that notifications are sent in the order of publishing.
    pub(super) fn start<E>(&mut self, delivery: &Delivery<E>) {
        assert!(delivery.attempt() >= 1, "attempts count from 1");
        assert!(!delivery.batch().is_empty(), "the batch is empty");
        let webhook = delivery.webhook().as_str();
        for number in numbers(delivery.batch()) {
            let is_settled = self.settled.contains(&(webhook.to_owned(), number));
            assert!(
                !is_settled,
                "notification {number} of webhook {webhook} is sent after its end"
            );
        }
        if self.started.insert(delivery.id()) {
            let lane = (webhook.to_owned(), delivery.topic());
            let last = self.last_sent.entry(lane).or_default();
            for number in numbers(delivery.batch()) {
                assert!(number > *last, "{webhook} sends notification {number} after {last}");
                *last = number;
            }
        }
    }
}

fn numbers(batch: &Batch) -> impl Iterator<Item = u64> {
    batch.ids().map(number)
}

fn number(id: &str) -> u64 {
    id.parse().expect("ids should be numbers")
}
