use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::{Batch, arena::LaneKey};
use crate::{
    base::{DeliveryId, WebhookId},
    failure::{ErrorText, FailureKind},
};

/// One attempt to deliver one batch, to be made now.
///
/// Its outcome must be passed to the [`Dispatcher`](super::Dispatcher), under its
/// [`attempt_id`](Self::attempt_id). Dropping a delivery without an outcome blocks its lane: the
/// batch stays in flight, and everything queued behind it waits. An attempt that will not be made
/// has the outcome [`Outcome::Abandoned`].
#[derive(Debug)]
#[must_use = "a delivery without an outcome blocks its lane"]
pub struct Delivery<E> {
    pub(super) attempt_id: AttemptId,
    pub(super) id: DeliveryId,
    pub(super) attempt: u32,
    pub(super) webhook: WebhookId,
    pub(super) topic: &'static str,
    pub(super) endpoint: Arc<E>,
    pub(super) batch: Arc<Batch>,
    pub(super) timeout: Duration,
}

/// Names one attempt of one delivery. A later attempt has another, so that a late outcome settles
/// nothing but its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AttemptId {
    pub(super) lane: LaneKey,
    pub(super) sequence: u64,
    pub(super) lease: u32,
}

/// The outcome of an attempt: a fact, from which the webhook's policy makes a decision. Later
/// releases may add outcomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// A response came.
    Response {
        /// Its status.
        status: StatusCode,
        /// How long the receiver asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// No response came.
    Failed(FailureKind),
    /// The attempt was abandoned, or nobody knows what came of it: it is made again and
    /// does not count. The receiver may see the delivery twice.
    Abandoned,
}

/// Why an attempt failed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum FailureCause {
    /// The response's status is no success.
    Status(StatusCode),
    /// No response came.
    Failure(FailureKind),
}

/// Why an attempt failed, and what was said of it.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) cause: FailureCause,
    pub(super) error_text: Option<ErrorText>,
}

impl<E> Delivery<E> {
    /// Returns the id by which the outcome of this attempt is recorded.
    pub fn attempt_id(&self) -> AttemptId {
        self.attempt_id
    }

    /// The delivery's id, the same in all its attempts.
    pub fn id(&self) -> DeliveryId {
        self.id
    }

    /// The number of the attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The webhook.
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// The topic of all the members.
    pub fn topic(&self) -> &'static str {
        self.topic
    }

    /// Where to send it: what the webhook was registered with, as of now.
    pub fn endpoint(&self) -> &Arc<E> {
        &self.endpoint
    }

    /// What to send.
    pub fn batch(&self) -> &Arc<Batch> {
        &self.batch
    }

    /// How long the attempt may take, to the last byte of the response.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl FailureCause {
    /// A short name that stays the same between releases: a status code's class or a
    /// [`FailureKind`]'s name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status(status) => match status.as_u16() / 100 {
                1 => "1xx",
                2 => "2xx",
                3 => "3xx",
                4 => "4xx",
                5 => "5xx",
                _ => "beyond_5xx",
            },
            Self::Failure(kind) => kind.as_str(),
        }
    }
}

impl fmt::Display for FailureCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(
                f,
                "{}, message='{}'",
                status.as_u16(),
                status.canonical_reason().unwrap_or_default()
            ),
            Self::Failure(kind) => kind.fmt(f),
        }
    }
}
