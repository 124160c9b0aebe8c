use std::fmt;

/// The reason why an attempt got no complete response, for reports, metrics and the retry policy.
///
/// A response whose body breaks off is not complete, whatever its status.
///
/// Attempts that fail with any kind except [`InvalidRequest`](Self::InvalidRequest) are retried, as
/// often as the webhook's [`Attempts`](crate::policy::Attempts) allow.
///
/// ```
/// use recohook::FailureKind;
///
/// assert_eq!(FailureKind::Connect.as_str(), "connect");
/// assert_eq!(FailureKind::Timeout.to_string(), "no complete response within the timeout");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The response did not arrive in full within the [timeout](crate::policy::Policy::timeout) of
    /// the attempt.
    Timeout,
    /// No connection to the receiver could be made: its name is unknown, it refused the connection,
    /// or the network is down.
    Connect,
    /// A connection was made, but no secure channel, for example because the certificate is not
    /// trusted.
    Tls,
    /// The connection broke before the response was complete. The receiver may have acted on the
    /// request.
    Interrupted,
    /// A connection that had served an earlier request broke before any part of the response
    /// arrived. Most likely the receiver had closed it, so the failure says nothing about the
    /// receiver.
    StaleConnection,
    /// This host has no descriptor left for a connection. The failure says nothing about the
    /// receiver.
    Exhausted,
    /// The response is not valid HTTP.
    Protocol,
    /// The transport or a signer panicked.
    Panic,
    /// No valid request can be built or sent, in this attempt or in any other. The delivery ends.
    InvalidRequest,
    /// The transport failed in another way, which the error describes.
    Other,
}

impl FailureKind {
    /// Returns a short name for metrics and logs, such as `timeout`. The name does not change
    /// between releases.
    ///
    /// ```
    /// use recohook::FailureKind;
    ///
    /// assert_eq!(FailureKind::InvalidRequest.as_str(), "invalid_request");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Interrupted => "interrupted",
            Self::StaleConnection => "stale_connection",
            Self::Exhausted => "exhausted",
            Self::Protocol => "protocol",
            Self::Panic => "panic",
            Self::InvalidRequest => "invalid_request",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "no complete response within the timeout",
            Self::Connect => "no connection to the receiver",
            Self::Tls => "no secure channel to the receiver",
            Self::Interrupted => "the connection broke before the response was complete",
            Self::StaleConnection => "a reused connection broke before a response arrived",
            Self::Exhausted => "this host has no descriptor left for a connection",
            Self::Protocol => "the response is not valid HTTP",
            Self::Panic => "the transport or a signer panicked",
            Self::InvalidRequest => "the request cannot be sent",
            Self::Other => "the transport failed",
        })
    }
}
