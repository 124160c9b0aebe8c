use std::error::Error;

use http::HeaderName;

/// The error of a signer that could not sign a request. The delivery then ends: it is not retried.
///
/// Its [`source`](Error::source) is the cause.
#[derive(Debug, thiserror::Error)]
#[error("the request could not be signed")]
pub struct SignError(#[source] Box<dyn Error + Send + Sync>);

impl SignError {
    /// Creates an error from its cause, which may be a text.
    ///
    /// Reports and dead letters contain its text, so it must not contain secrets.
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

    /// Returns a short name for metrics and logs: `sign_failed`. It does not change between
    /// releases.
    pub const fn kind(&self) -> &'static str {
        "sign_failed"
    }
}

/// The error of a received request whose sender is not proven. Refuse the request.
///
/// The text is meant for the receiver's log. Do not send it back: it would help an attacker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The request does not have the header.
    #[error("the header {0} is missing: check that the sender signs, and uses this header")]
    Missing(HeaderName),
    /// The request has the header more than once.
    #[error("there are several headers {0}: give each of the sender's schemes its own header")]
    Several(HeaderName),
    /// The value of the header does not have the form of this scheme.
    #[error(
        "the header {0} does not have the form of this scheme: check the sender's scheme and prefix"
    )]
    Malformed(HeaderName),
    /// The signature or token belongs to another body, secret or token.
    #[error(
        "the signature or token does not match: check the secret, and that the body is the raw one"
    )]
    Mismatch,
    /// The time that was signed is too far from the time of receipt. Schemes that sign the time
    /// return it.
    #[error(
        "the time that was signed is too far from the time of receipt: check both clocks; if they \
         are right, the request is a replay"
    )]
    Expired,
}

impl VerifyError {
    /// Returns a short name for metrics and logs, such as `mismatch`. It does not change between
    /// releases.
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
