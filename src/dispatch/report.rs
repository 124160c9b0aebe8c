use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::{Batch, DropReason, FailureCause};
use crate::{
    base::{DeliveryId, Moment, WebhookId},
    failure::ErrorText,
    notification::Encoded,
    policy::Attempts,
};

/// One attempt or one resolution, as it happened.
///
/// `Display` writes a line for the journal, in the form that documented systems use:
///
/// ```text
/// <queue:  0> Webhook worker(id-2, type-"events") sent batch(len-1, type-"events"): ['42']
/// <queue:  1> Webhook worker(id-2, type-"events") Error sending webhook: 405, message='Method Not Allowed'. Attempt 2 out of 10. Next attempt in 0.729 seconds.
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) webhook: WebhookId,
    pub(super) topic: &'static str,
    pub(super) queued: usize,
    pub(super) at: Moment,
    pub(super) event: ReportEvent,
}

/// What a [`Report`] tells.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReportEvent {
    /// An attempt succeeded: its members are delivered.
    Delivered {
        /// The delivery.
        delivery: DeliveryId,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The receiver's answer.
        status: StatusCode,
        /// The members.
        batch: Arc<Batch>,
    },
    /// An attempt failed and another will follow.
    Failed {
        /// The delivery.
        delivery: DeliveryId,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// How many there may be.
        attempts: Attempts,
        /// Why it failed.
        cause: FailureCause,
        /// What the transport's error, or a panic, says of it.
        error_text: Option<ErrorText>,
        /// How long until the next.
        next: Duration,
        /// The members.
        batch: Arc<Batch>,
    },
    /// An attempt failed and none will follow: its members are dead.
    Dead {
        /// The delivery.
        delivery: DeliveryId,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// How many there may be.
        attempts: Attempts,
        /// Why it failed.
        cause: FailureCause,
        /// What the transport's error, or a panic, says of it.
        error_text: Option<ErrorText>,
        /// The members.
        batch: Arc<Batch>,
    },
    /// An attempt was abandoned. It will be made again.
    Abandoned {
        /// The delivery.
        delivery: DeliveryId,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The members.
        batch: Arc<Batch>,
    },
    /// Accepted notifications were dropped.
    Dropped {
        /// Why.
        reason: DropReason,
        /// The notifications.
        batch: Arc<Batch>,
    },
    /// A notification was refused: at a full queue, after the end, or as
    /// [`Receipt::rejected`](crate::Receipt::rejected) says.
    Rejected {
        /// The notification.
        item: Arc<Encoded>,
    },
}

/// Accepted notifications that will not be delivered, for the host to keep or look into.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    pub(super) webhook: WebhookId,
    pub(super) topic: &'static str,
    pub(super) reason: DeadLetterReason,
    pub(super) error_text: Option<ErrorText>,
    pub(super) batch: Arc<Batch>,
}

/// Why notifications will not be delivered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DeadLetterReason {
    /// The last attempt failed, or one whose failure is not tried again.
    Failed {
        /// The number of the attempt, from 1.
        attempt: u32,
        /// Why it failed.
        cause: FailureCause,
    },
    /// They were dropped.
    Dropped(DropReason),
}

impl Report {
    /// The webhook.
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// The topic of the lane.
    pub fn topic(&self) -> &'static str {
        self.topic
    }

    /// How many notifications were queued in the lane, those under way left out.
    pub fn queued(&self) -> usize {
        self.queued
    }

    /// When it happened.
    pub fn at(&self) -> Moment {
        self.at
    }

    /// What happened.
    pub fn event(&self) -> &ReportEvent {
        &self.event
    }
}

impl DeadLetter {
    /// The webhook that did not get them.
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// The topic of all of them.
    pub fn topic(&self) -> &'static str {
        self.topic
    }

    /// Why.
    pub fn reason(&self) -> DeadLetterReason {
        self.reason
    }

    /// What the transport's error, or a panic, says of the last attempt.
    pub fn error_text(&self) -> Option<&ErrorText> {
        self.error_text.as_ref()
    }

    /// The notifications.
    pub fn batch(&self) -> &Arc<Batch> {
        &self.batch
    }
}

/// A line as a [`Report`]'s, for whoever keeps or lists what was not delivered.
impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (webhook, topic) = (self.webhook.as_str().escape_debug(), self.topic);
        write!(f, "Webhook worker(id-{webhook}, type-\"{topic}\") ")?;
        match self.reason {
            DeadLetterReason::Failed { attempt, cause } => {
                write!(f, "gave up after attempt {attempt}, ")?;
                write_cause(f, cause, self.error_text())?;
            }
            DeadLetterReason::Dropped(reason) => write!(f, "dropped ({})", reason.as_str())?,
        }
        write!(f, "; batch(len-{}, type-\"{topic}\"): ", self.batch.len())?;
        write_ids(f, &self.batch)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (webhook, topic) = (self.webhook.as_str().escape_debug(), self.topic);
        write!(f, "<queue: {:>2}> Webhook worker(id-{webhook}, type-\"{topic}\") ", self.queued)?;
        match &self.event {
            ReportEvent::Delivered { batch, .. } => {
                write!(f, "sent batch(len-{}, type-\"{topic}\"): ", batch.len())?;
                write_ids(f, batch)
            }
            ReportEvent::Failed { attempt, attempts, cause, error_text, next, .. } => {
                write_failure(f, *cause, error_text.as_ref(), *attempt, *attempts)?;
                write!(f, " Next attempt in {:.3} seconds.", next.as_secs_f64())
            }
            ReportEvent::Dead { attempt, attempts, cause, error_text, batch, .. } => {
                write_failure(f, *cause, error_text.as_ref(), *attempt, *attempts)?;
                write!(f, " Giving up batch(len-{}, type-\"{topic}\"): ", batch.len())?;
                write_ids(f, batch)
            }
            ReportEvent::Abandoned { attempt, batch, .. } => {
                write!(f, "Attempt {attempt} was abandoned, batch(len-{})", batch.len())
            }
            ReportEvent::Dropped { reason, batch } => {
                write!(f, "dropped {} ({}): ", batch.len(), reason.as_str())?;
                write_ids(f, batch)
            }
            ReportEvent::Rejected { item } => write!(f, "rejected '{}'", item.id().escape_debug()),
        }
    }
}

fn write_failure(
    f: &mut fmt::Formatter<'_>,
    cause: FailureCause,
    error_text: Option<&ErrorText>,
    attempt: u32,
    attempts: Attempts,
) -> fmt::Result {
    f.write_str("Error sending webhook: ")?;
    write_cause(f, cause, error_text)?;
    write!(f, ". Attempt {attempt} out of ")?;
    match attempts {
        Attempts::Limited(most) => write!(f, "{most}."),
        Attempts::Unlimited => f.write_str("unlimited."),
    }
}

fn write_cause(
    f: &mut fmt::Formatter<'_>,
    cause: FailureCause,
    error_text: Option<&ErrorText>,
) -> fmt::Result {
    match error_text {
        Some(error_text) if !error_text.as_str().is_empty() => write!(f, "{cause}: {error_text}"),
        _ => write!(f, "{cause}"),
    }
}

/// Escaped, since an id may come from anywhere and a line of the journal is to stay one.
fn write_ids(f: &mut fmt::Formatter<'_>, batch: &Batch) -> fmt::Result {
    f.write_str("[")?;
    for (at, id) in batch.ids().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        write!(f, "{comma}'{}'", id.escape_debug())?;
    }
    f.write_str("]")
}
