use std::error::Error;

use http::HeaderName;

/// A signer could not sign a request: the delivery ends, without another attempt.
#[derive(Debug, thiserror::Error)]
#[error("the request could not be signed; the signer's own reason says why")]
pub struct SignError(#[source] Box<dyn Error + Send + Sync>);

impl SignError {
    /// Wraps the scheme's reason. It goes into reports: leave secrets out.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }

    /// A short name that stays the same between releases: for metrics and logs.
    pub const fn kind(&self) -> &'static str {
        "sign_failed"
    }
}

/// Why a received request is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// There is no such header.
    #[error("no header {0}: check that the sender signs, and under this name")]
    Missing(HeaderName),
    /// There are several such headers.
    #[error("several headers {0}: give each of the sender's schemes its own header")]
    Several(HeaderName),
    /// The header has another form than the scheme gives it.
    #[error("the header {0} has not the form of this scheme: check the sender's scheme and prefix")]
    Malformed(HeaderName),
    /// The proof belongs to another body, secret or token.
    #[error("the proof does not match: check the secret, and that the body is the raw one")]
    Mismatch,
    /// The time that is signed is too far from that of receipt. For schemes that sign the time.
    #[error("the time that is signed is too far from now: check both clocks; else it is a replay")]
    Expired,
}

impl VerifyError {
    /// A short name that stays the same between releases: for metrics and logs.
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
