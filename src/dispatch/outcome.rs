//! Deliveries, which are handed out to callers, and outcomes, which callers pass back.

use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::{Batch, arena::LaneKey};
use crate::{
    base::{DeliveryId, WebhookId},
    failure::{ErrorText, FailureKind},
};

/// An attempt to deliver a batch, which the caller must make now.
///
/// Pass the outcome of the attempt to the [`Dispatcher`](super::Dispatcher), together with the
/// [`attempt_id`](Self::attempt_id). If the attempt will not be made, the outcome is
/// [`Outcome::Abandoned`]. Dropping a delivery does not record an outcome. The lane is then
/// blocked, because the batch stays in flight and everything that is queued behind it has to wait.
///
/// A delivery is a snapshot. If the webhook is updated or removed afterwards, the attempt still
/// uses the old settings.
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

/// The id of one attempt of one delivery.
///
/// Every attempt has its own id, even if it repeats an abandoned attempt. Therefore, a late outcome
/// can only settle the attempt to which it belongs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AttemptId {
    /// The lane in which the delivery is looked up. The key is stale once the webhook no longer
    /// exists.
    pub(super) lane: LaneKey,
    /// The number of the delivery.
    pub(super) sequence: u64,
    /// How many times the delivery had been handed out, including this time.
    pub(super) lease: u32,
}

/// The outcome of an attempt.
///
/// An outcome is a fact. The webhook's policy decides whether a status is a success, and whether
/// and when a failure is retried. Later releases may add outcomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The receiver sent a response, whatever its status.
    Response {
        /// The status of the response.
        status: StatusCode,
        /// The delay that the receiver requests in the `Retry-After` header.
        ///
        /// The delay is ignored if the status is a success. Otherwise, it blocks the whole webhook,
        /// but for no longer than the policy's `max_retry_after`. `None` and zero have no effect.
        retry_after: Option<Duration>,
    },
    /// There was no response. The attempt is
    /// retried as long as the policy allows another one. After [`FailureKind::InvalidRequest`], it
    /// is never retried.
    Failed(FailureKind),
    /// The attempt was not made, or its outcome is unknown. The attempt does not count and is due
    /// again immediately. A `Retry-After`, a pause or a limit on requests in flight can still hold
    /// it back. The delivery may reach the receiver twice.
    Abandoned,
}

/// The reason why an attempt failed.
///
/// Its `Display` text is a part of the journal line of a [`Report`](super::Report). Later releases
/// may add causes.
///
/// ```
/// use recohook::{FailureKind, http::StatusCode, report::FailureCause};
///
/// let cause = FailureCause::Status(StatusCode::METHOD_NOT_ALLOWED);
/// assert_eq!(cause.to_string(), "405, message='Method Not Allowed'");
/// let cause = FailureCause::Failure(FailureKind::Connect);
/// assert_eq!(cause.to_string(), "no connection to the receiver");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum FailureCause {
    /// There was a response, and the policy does not accept its status as a success.
    Status(StatusCode),
    /// There was no response.
    Failure(FailureKind),
}

/// The reason why an attempt failed, with the error message.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) cause: FailureCause,
    /// The message of the transport error or panic that made the attempt fail. It does not affect
    /// any decision.
    pub(super) error_text: Option<ErrorText>,
}

impl<E> Delivery<E> {
    /// Returns the id that is used to record the outcome of this attempt.
    ///
    /// The next attempt of the same delivery has a different id.
    pub fn attempt_id(&self) -> AttemptId {
        self.attempt_id
    }

    /// Returns the id of the delivery, which is the same for all of its attempts.
    ///
    /// Receivers can use it to recognise a repeated delivery.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::{Dispatcher, Outcome};
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// let now = Moment::ZERO;
    /// dispatcher.publish(&[key], &item, now);
    /// let first = dispatcher.poll_delivery(now).expect("it is due");
    /// dispatcher.handle_outcome(first.attempt_id(), Outcome::Abandoned, now);
    /// let second = dispatcher.poll_delivery(now).expect("it is due again");
    /// assert_eq!(first.id(), second.id());
    /// assert_ne!(first.attempt_id(), second.attempt_id());
    /// ```
    pub fn id(&self) -> DeliveryId {
        self.id
    }

    /// Returns the number of the attempt, starting at 1.
    ///
    /// An abandoned attempt does not count, so the next attempt has the same number.
    ///
    /// ```
    /// # use recohook::{Encoded, FailureKind, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::{Dispatcher, Outcome};
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, Moment::ZERO);
    /// let first = dispatcher.poll_delivery(Moment::ZERO).expect("it is due");
    /// let failed = Outcome::Failed(FailureKind::Timeout);
    /// dispatcher.handle_outcome(first.attempt_id(), failed, Moment::ZERO);
    /// let retry_at = dispatcher.poll_timeout().expect("by default, a timeout is retried");
    /// let second = dispatcher.poll_delivery(retry_at).expect("it is due");
    /// assert_eq!((first.attempt(), second.attempt()), (1, 2));
    /// ```
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns the id of the webhook.
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// Returns the topic, which is the same for all members of the batch.
    pub fn topic(&self) -> &'static str {
        self.topic
    }

    /// Returns the webhook's endpoint at the time when this attempt was handed out.
    ///
    /// After an [`update`](super::Dispatcher::update), the next attempt uses the new endpoint.
    pub fn endpoint(&self) -> &Arc<E> {
        &self.endpoint
    }

    /// Returns the notifications to send. They are the same for all attempts.
    pub fn batch(&self) -> &Arc<Batch> {
        &self.batch
    }

    /// Returns how long the attempt may take: the [timeout](crate::policy::Policy::timeout) of the
    /// webhook's policy.
    ///
    /// The dispatcher does not enforce this limit. If the attempt takes longer, the caller ends it
    /// and records [`FailureKind::Timeout`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, Moment::ZERO);
    /// let delivery = dispatcher.poll_delivery(Moment::ZERO).expect("it is due");
    /// assert_eq!(delivery.timeout(), Duration::from_secs(10), "the default");
    /// ```
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl FailureCause {
    /// Returns a short name for metrics and logs: the class of the status, or the name of the
    /// [`FailureKind`].
    ///
    /// Names stay the same between releases. A status of 600 or above is `beyond_5xx`.
    ///
    /// ```
    /// use recohook::{FailureKind, http::StatusCode, report::FailureCause};
    ///
    /// assert_eq!(FailureCause::Status(StatusCode::BAD_GATEWAY).as_str(), "5xx");
    /// assert_eq!(FailureCause::Failure(FailureKind::Tls).as_str(), "tls");
    /// ```
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

// A status is written as in the journal lines of documented systems.
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
