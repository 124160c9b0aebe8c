use std::error::Error;

use http::HeaderName;

/// An error that occurs when a signer cannot sign a request. The delivery then ends and is not
/// retried.
///
/// Its [`source`](Error::source) is the cause.
#[derive(Debug, thiserror::Error)]
#[error("the request could not be signed")]
pub struct SignError(#[source] Box<dyn Error + Send + Sync>);

impl SignError {
    /// Creates an error from its cause, which may be a string.
    ///
    /// Reports and dead letters contain the message of the cause, so it must not contain secrets.
    ///
    /// ```
    /// use recohook::signature::SignError;
    /// use std::error::Error;
    ///
    /// let error = SignError::new("the key store does not respond");
    /// let cause = error.source().expect("it was given one");
    /// assert_eq!(cause.to_string(), "the key store does not respond");
    /// ```
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }

    /// Returns a short name for metrics and logs: `sign_failed`. The name does not change between
    /// releases.
    pub const fn kind(&self) -> &'static str {
        "sign_failed"
    }
}

/// An error that occurs when a received request cannot be verified. The receiver should refuse the
/// request.
///
/// The message is meant for the receiver's log. Do not send it back, because it would help an
/// attacker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The header is missing.
    #[error("the header {0} is missing: check that the sender signs, and uses this header")]
    Missing(HeaderName),
    /// The request contains the header more than once.
    #[error("there are several headers {0}: give each of the sender's schemes its own header")]
    Several(HeaderName),
    /// The value of the header does not have the format of this scheme.
    #[error(
        "the header {0} does not have the form of this scheme: check the sender's scheme and prefix"
    )]
    Malformed(HeaderName),
    /// The signature does not match the body and the secret, or the token is wrong.
    #[error(
        "the signature or token does not match: check the secret, and that the body is the raw one"
    )]
    Mismatch,
    /// The signed time is too far from the time of receipt. Schemes that sign the time return this
    /// error.
    #[error(
        "the time that was signed is too far from the time of receipt: check both clocks; if they \
         are right, the request is a replay"
    )]
    Expired,
}

impl VerifyError {
    /// Returns a short name for metrics and logs, such as `mismatch`. The name does not change
    /// between releases.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Several(_) => "several",
            Self::Malformed(_) => "malformed",
            Self::Mismatch => "mismatch",
            Self::Expired => "expired",
        }
    }
}
