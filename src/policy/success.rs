use http::StatusCode;

use super::PolicyError;

/// The rule that determines which responses mean that a delivery has arrived.
///
/// If a response is not a success, the attempt is retried or the delivery ends, depending on
/// [`RetryOn`](super::RetryOn). The crate does not follow redirects. A status such as 302 is a
/// success only if the rule includes it.
///
/// ```
/// use recohook::http::StatusCode;
/// use recohook::policy::Success;
///
/// assert!(Success::Any2xx.accepts(StatusCode::NO_CONTENT));
/// assert!(!Success::Any2xx.accepts(StatusCode::FOUND));
/// assert!(Success::Below400.accepts(StatusCode::FOUND));
/// assert!(!Success::Below400.accepts(StatusCode::SWITCHING_PROTOCOLS));
/// assert!(!Success::Exactly(StatusCode::OK).accepts(StatusCode::NO_CONTENT));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Success {
    /// Only this status.
    Exactly(StatusCode),
    /// Any status from 200 to 299.
    #[default]
    Any2xx,
    /// Any status from 200 to 399.
    Below400,
    /// Any status in a set that [`Success::one_of`] created.
    OneOf(StatusSet),
}

/// A non-empty set of statuses.
// Only `Success::one_of` creates a set. With a public constructor, a set could be empty, and every
// delivery would then fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSet(Box<[StatusCode]>);

impl Success {
    /// Creates a rule that accepts any of `statuses`.
    ///
    /// ```
    /// use recohook::http::StatusCode;
    /// use recohook::policy::Success;
    ///
    /// // A receiver that responds with 409 to a delivery that it has already processed.
    /// let success = Success::one_of([StatusCode::OK, StatusCode::CONFLICT])?;
    /// assert!(success.accepts(StatusCode::CONFLICT));
    /// assert!(!success.accepts(StatusCode::ACCEPTED));
    /// # Ok::<(), recohook::policy::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`PolicyError::NoStatus`] if `statuses` is empty.
    pub fn one_of(statuses: impl IntoIterator<Item = StatusCode>) -> Result<Self, PolicyError> {
        let set: Box<[_]> = statuses.into_iter().collect();
        if set.is_empty() {
            return Err(PolicyError::NoStatus);
        }
        Ok(Self::OneOf(StatusSet(set)))
    }

    /// Returns whether a response with this status is a success.
    ///
    /// A status below 200 is never a success, because it is not the final response.
    pub fn accepts(&self, status: StatusCode) -> bool {
        if status.is_informational() {
            return false;
        }
        match self {
            Self::Exactly(one) => status == *one,
            Self::Any2xx => status.is_success(),
            Self::Below400 => status.as_u16() < 400,
            // A slice rather than a hash set, because rules contain few statuses.
            Self::OneOf(set) => set.0.contains(&status),
        }
    }
}
